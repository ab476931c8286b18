//! Why the journal did not do what it was asked.

use crate::domain::issue::{Issue, IssueCode, Location};

/// A failure of the store. No text of it holds a value of a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// No space; the change was not written, what was there stays.
    #[error("the disk of the journal is full")]
    Full,
    /// Not reachable, or not writable now; the change was not written.
    #[error("the journal cannot be written: {0}")]
    Unavailable(String),
    /// More work waits for the journal than its limit.
    #[error("the journal is busy")]
    Busy,
    /// The store is another one than this program can use.
    #[error("the journal cannot be used: {0}")]
    Unusable(String),
    /// A row does not have the form in which it was written.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
}

impl JournalError {
    /// The stable code.
    pub fn code(&self) -> IssueCode {
        match self {
            Self::Full => IssueCode::JournalFull,
            Self::Unavailable(_) => IssueCode::JournalUnavailable,
            Self::Busy => IssueCode::JournalBusy,
            Self::Unusable(_) => IssueCode::JournalUnusable,
            Self::Damaged(_) => IssueCode::JournalDamaged,
        }
    }

    /// As an issue.
    pub fn issue(&self) -> Issue {
        Issue::new(self.code(), Location::default(), self.to_string())
    }
}
