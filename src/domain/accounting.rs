//! The accounting: every input row ends represented in a resource or listed with a reason.

mod ledger;

use std::borrow::Cow;
use std::sync::Arc;

use super::issue::{Issue, IssueCode, Location, Severity};
use super::limits::Limits;

pub use ledger::{Ledger, RowId};

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

    /// An account for a part of the work that another thread does, beside the rows that `base` already has.
    pub fn part(base: &Arc<Ledger>, number: u32, max_issues: usize) -> Self {
        Self { ledger: Ledger::part(base, number), ..Self::new(max_issues) }
    }

    /// Takes over what a part found. Parts are absorbed in the order of their numbers, whatever order they finished in.
    pub fn absorb(&mut self, part: Self) {
        self.ledger.absorb(part.ledger);
        self.issues_dropped += part.issues_dropped;
        for issue in part.issues {
            self.keep(issue);
        }
    }

    /// Raises an issue.
    pub fn issue(&mut self, code: IssueCode, location: Location, text: impl Into<String>) {
        self.keep(Issue::new(code, location, text));
    }

    fn keep(&mut self, issue: Issue) {
        if self.issues.len() < self.max_issues || issue.code.severity() == Severity::Fatal {
            self.issues.push(issue);
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
