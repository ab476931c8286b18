//! The accounting: every input row ends represented in a resource or listed with a reason.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::issue::{Issue, IssueCode, Location, Severity};
use super::limits::Limits;

/// A row of an input file: a non-blank line that is no banner, section head or column head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// Section without brackets; `None` in files without sections.
    pub section: Option<Arc<str>>,
    /// Line, from 1.
    pub line: u32,
    /// How many lines this entry stands for (reference and neutral rows are counted per file and code).
    pub count: u32,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Not decided yet; never in a finished accounting.
    Open,
    /// `Type/id` of the resource of the Bundle that holds it.
    Represented(String),
    /// Not in the Bundle.
    Listed {
        /// Why, as a stable code.
        code: IssueCode,
        /// Why, in words.
        text: Cow<'static, str>,
    },
}

/// Handle of a row in a [`Ledger`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(usize);

/// All rows of one translation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    rows: Vec<Row>,
    /// The entry that stands for all counted rows of a file and code.
    counted: HashMap<(Arc<str>, IssueCode), usize>,
    /// The entry that stands for all tallied lines of a file, code and text.
    tallied: HashMap<(Arc<str>, IssueCode, Cow<'static, str>), usize>,
}

impl Ledger {
    /// Registers a row as it is read.
    pub fn open(&mut self, file: &Arc<str>, section: Option<&Arc<str>>, line: u32) -> RowId {
        self.rows.push(Row {
            file: Arc::clone(file),
            section: section.map(Arc::clone),
            line,
            count: 1,
            outcome: Outcome::Open,
        });
        RowId(self.rows.len() - 1)
    }

    /// Lists a row with the reason why no resource holds it; a row already decided keeps its outcome.
    pub fn list(&mut self, row: RowId, code: IssueCode, text: impl Into<Cow<'static, str>>) {
        if let Some(row) = self.rows.get_mut(row.0)
            && row.outcome == Outcome::Open
        {
            row.outcome = Outcome::Listed { code, text: text.into() };
        }
    }

    /// Lists a row that is counted, not shown one by one: rows of the same file and code become one entry.
    pub fn count(&mut self, row: RowId, code: IssueCode) {
        let Some(file) = self.rows.get(row.0).map(|row| Arc::clone(&row.file)) else { return };
        match self.counted.get(&(file.clone(), code)) {
            Some(&first) => {
                if let Some(entry) = self.rows.get_mut(first) {
                    entry.count = entry.count.saturating_add(1);
                }
                if let Some(entry) = self.rows.get_mut(row.0) {
                    entry.count = 0;
                    entry.outcome = Outcome::Listed { code, text: Cow::Borrowed("") };
                }
            }
            None => {
                self.counted.insert((file, code), row.0);
                self.list(row, code, code.meaning());
            }
        }
    }

    /// Counts a line that is no finding without registering a row of its own: a genome VCF has millions of reference
    /// lines. Lines of the same file, code and text (the reason, e.g. the value of FILTER) become one entry, at the first.
    pub fn tally(&mut self, file: &Arc<str>, line: u32, code: IssueCode, text: impl Into<Cow<'static, str>>) {
        let text = text.into();
        let key = (Arc::clone(file), code, text);
        if let Some(entry) = self.tallied.get(&key).and_then(|&index| self.rows.get_mut(index)) {
            entry.count = entry.count.saturating_add(1);
            return;
        }
        self.tallied.insert(key.clone(), self.rows.len());
        let outcome = Outcome::Listed { code, text: key.2 };
        self.rows.push(Row { file: key.0, section: None, line, count: 1, outcome });
    }

    /// Names the resource that holds a row; a row already decided keeps its outcome.
    pub fn represent(&mut self, row: RowId, resource: impl Into<String>) {
        if let Some(row) = self.rows.get_mut(row.0)
            && row.outcome == Outcome::Open
        {
            row.outcome = Outcome::Represented(resource.into());
        }
    }

    /// Lists every open row of a file that is not used.
    pub fn list_file(&mut self, file: &Arc<str>, code: IssueCode, text: &str) {
        for row in self.rows.iter_mut().filter(|row| row.file == *file && row.outcome == Outcome::Open) {
            row.outcome = Outcome::Listed { code, text: text.to_owned().into() };
        }
    }

    /// How many rows of each section of `file` could not be read.
    pub fn unreadable(&self, file: &Arc<str>) -> BTreeMap<Arc<str>, u32> {
        let mut counts = BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.file == *file) {
            let is_error = matches!(&row.outcome, Outcome::Listed { code, .. } if code.severity() == Severity::Error);
            if let Some(section) = row.section.as_ref().filter(|_| is_error) {
                *counts.entry(Arc::clone(section)).or_default() += 1;
            }
        }
        counts
    }

    /// Gives the rows of `file` that are listed with `from` in one of `sections` another reason.
    pub fn relist(&mut self, file: &Arc<str>, sections: &[&str], from: IssueCode, code: IssueCode, text: &str) {
        for row in self.rows.iter_mut().filter(|row| row.file == *file) {
            let is_in = row.section.as_deref().is_some_and(|section| sections.contains(&section));
            if is_in && matches!(&row.outcome, Outcome::Listed { code, .. } if *code == from) {
                row.outcome = Outcome::Listed { code, text: text.to_owned().into() };
            }
        }
    }

    /// Lists every represented row instead: the resources they name are not given out.
    pub fn withdraw(&mut self, code: IssueCode, text: &str) {
        for row in &mut self.rows {
            if matches!(row.outcome, Outcome::Represented(_)) {
                row.outcome = Outcome::Listed { code, text: text.to_owned().into() };
            }
        }
    }

    /// Number of rows registered.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row is registered.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row behind a handle.
    pub fn row(&self, row: RowId) -> Option<&Row> {
        self.rows.get(row.0)
    }

    /// Every row still without an outcome.
    pub fn open_rows(&self) -> Vec<RowId> {
        (0..self.rows.len())
            .filter(|&index| self.rows.get(index).is_some_and(|row| row.outcome == Outcome::Open))
            .map(RowId)
            .collect()
    }

    /// The entries, in reading order, without those merged into a counted entry.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.count > 0)
    }
}

/// The ledger and the issues of one translation, handed down to whatever reads or decides.
#[derive(Debug)]
pub struct Account {
    /// What became of each row.
    pub ledger: Ledger,
    /// What a reader must know.
    pub issues: Vec<Issue>,
    /// Issues that were raised beyond the limit and are not kept.
    pub issues_dropped: usize,
    max_issues: usize,
}

impl Default for Account {
    fn default() -> Self {
        Self::new(Limits::default().issues)
    }
}

impl Account {
    /// An account that keeps at most `max_issues` issues; fatal ones are always kept.
    pub fn new(max_issues: usize) -> Self {
        Self { ledger: Ledger::default(), issues: Vec::new(), issues_dropped: 0, max_issues }
    }

    /// Raises an issue.
    pub fn issue(&mut self, code: IssueCode, location: Location, text: impl Into<String>) {
        if self.issues.len() < self.max_issues || code.severity() == Severity::Fatal {
            self.issues.push(Issue::new(code, location, text));
        } else {
            self.issues_dropped += 1;
        }
    }

    /// Raises an issue at a row and lists the row with it.
    pub fn reject(&mut self, row: RowId, code: IssueCode, location: Location, text: impl Into<String>) {
        let text = text.into();
        self.issue(code, location, text.clone());
        self.ledger.list(row, code, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallied_lines_are_one_entry_per_file_code_and_text() {
        let mut ledger = Ledger::default();
        let (a, b): (Arc<str>, Arc<str>) = (Arc::from("a.vcf"), Arc::from("b.vcf"));
        ledger.tally(&a, 7, IssueCode::RowFiltered, "FILTER LowDP");
        ledger.tally(&a, 8, IssueCode::RowFiltered, "FILTER LowDP".to_owned());
        ledger.tally(&a, 9, IssueCode::RowFiltered, "FILTER q0");
        ledger.tally(&b, 3, IssueCode::RowReference, "");
        let entries: Vec<_> = ledger.rows().map(|row| (&*row.file, row.line, row.count)).collect();
        assert_eq!(entries, [("a.vcf", 7, 2), ("a.vcf", 9, 1), ("b.vcf", 3, 1)]);
        assert!(ledger.open_rows().is_empty());
    }
}
