//! The accounting of one file: every data line is opened or counted exactly once.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::input::Stop;
use super::record::Refusal;
use crate::domain::accounting::{Account, RowId};
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::VcfLimits;
use crate::redact;

/// Where the lines of a file are accounted for.
pub(super) struct Book<'a> {
    file: &'a Arc<str>,
    account: &'a mut Account,
    limits: &'a VcfLimits,
    findings: usize,
    kept_bytes: usize,
    refused: usize,
    /// Reasons by which lines were counted so far.
    reasons: HashSet<String>,
}

/// Longest reason that is shown.
const MAX_REASON: usize = 120;

impl<'a> Book<'a> {
    pub(super) fn new(file: &'a Arc<str>, limits: &'a VcfLimits, account: &'a mut Account) -> Self {
        Self { file, account, limits, findings: 0, kept_bytes: 0, refused: 0, reasons: HashSet::new() }
    }

    /// Opens the row of a line that can be a finding.
    pub(super) fn open(&mut self, line: u32) -> Result<RowId, Stop> {
        self.findings += 1;
        if self.findings > self.limits.findings {
            let text = format!("the file has more than {} calls", self.limits.findings);
            return Err(Stop::at(IssueCode::FileTooManyLines, line, text));
        }
        Ok(self.account.ledger.open(self.file, None, line))
    }

    /// Takes note of how much text a finding keeps beside its numbers.
    pub(super) fn keep<'t>(&mut self, line: u32, texts: impl IntoIterator<Item = &'t str>) -> Result<(), Stop> {
        self.kept_bytes += texts.into_iter().map(str::len).sum::<usize>();
        if self.kept_bytes > self.limits.kept_bytes {
            let text = format!("the calls of the file have more than {} bytes of text", self.limits.kept_bytes);
            return Err(Stop::at(IssueCode::FileTooLarge, line, text));
        }
        Ok(())
    }

    /// Counts a line that is no finding, by the reason that its code gives.
    pub(super) fn count(&mut self, line: u32, code: IssueCode) {
        self.account.ledger.tally(self.file, line, code, code.meaning());
    }

    /// Counts a line that is no finding, by a reason with words of the file.
    pub(super) fn count_by(&mut self, line: u32, code: IssueCode, before: &str, words: &str) {
        let mut reason: String = words.chars().take(MAX_REASON).collect();
        if reason.len() < words.len() {
            reason.push('…');
        }
        let reason = format!("{before} {}", redact::name(&reason));
        let is_known = self.reasons.contains(&reason);
        let text: Cow<'static, str> = if is_known || self.reasons.len() < self.limits.reasons {
            if !is_known {
                self.reasons.insert(reason.clone());
            }
            reason.into()
        } else {
            code.meaning().into()
        };
        self.account.ledger.tally(self.file, line, code, text);
    }

    /// Lists a line that cannot be used, with an issue; those after the limit are counted by code.
    pub(super) fn refuse(&mut self, line: u32, refusal: Refusal) {
        self.refused += 1;
        let place = self.place(line, refusal.column);
        if self.refused > self.limits.refused_lines {
            self.account.issue(refusal.code, place, refusal.text);
            self.count(line, refusal.code);
            return;
        }
        let row = self.account.ledger.open(self.file, None, line);
        self.account.reject(row, refusal.code, place, refusal.text);
    }

    /// Lists the opened row of a line.
    pub(super) fn list(&mut self, row: RowId, code: IssueCode, text: String) {
        self.account.ledger.list(row, code, text);
    }

    /// Raises an issue about a value; the line is used.
    pub(super) fn issue(&mut self, line: u32, refusal: &Refusal) {
        self.account.issue(refusal.code, self.place(line, refusal.column), refusal.text.clone());
    }

    /// Raises the issues about the values of a line, each once although its alleles share them.
    pub(super) fn issues(&mut self, line: u32, mut problems: Vec<Refusal>) {
        problems.dedup();
        for problem in &problems {
            self.issue(line, problem);
        }
    }

    /// Raises an issue about the file.
    pub(super) fn file_issue(&mut self, code: IssueCode, line: Option<u32>, text: impl Into<String>) {
        let place = Location::file(self.file);
        self.account.issue(code, line.map_or(place.clone(), |line| place.line(line)), text);
    }

    /// Lists every row that is open: the file is not used.
    pub(super) fn list_all(&mut self, code: IssueCode) {
        self.account.ledger.list_file(self.file, code, code.meaning());
    }

    fn place(&self, line: u32, column: &str) -> Location {
        let place = Location::file(self.file).line(line);
        if column.is_empty() { place } else { place.column(column) }
    }
}
