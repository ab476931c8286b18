//! What every part of the reading uses: issues with their place, dates, codes.

mod codes;
mod time;

use std::cell::RefCell;

use super::Context;
use super::tree::{Document, Fate, Node, Part};
use crate::domain::ids::Identity;
use crate::domain::issue::{Issue, IssueCode, Location};

pub(super) use codes::{Coded, List};

/// Reads one message.
pub(super) struct Reader<'d> {
    pub(super) document: &'d Document,
    pub(super) context: Context<'d>,
    issues: RefCell<Vec<Issue>>,
}

impl<'d> Reader<'d> {
    pub(super) fn new(document: &'d Document, context: Context<'d>) -> Self {
        Self { document, context, issues: RefCell::default() }
    }

    /// The issues in the order in which they were raised.
    pub(super) fn into_issues(self) -> Vec<Issue> {
        self.issues.into_inner()
    }

    pub(super) fn place(&self, node: Node<'_>) -> Location {
        Location { path: Some(node.path().into()), ..Location::file(self.context.file).line(node.line()) }
    }

    pub(super) fn issue(&self, code: IssueCode, node: Node<'_>, text: impl Into<String>) {
        self.raise(Issue::new(code, self.place(node), text));
    }

    pub(super) fn raise(&self, issue: Issue) {
        // A message cannot raise more issues than it has values; those beyond the limit are counted by the account.
        self.issues.borrow_mut().push(issue);
    }

    /// A value that is not used: the issue says why, and the element is listed with it.
    pub(super) fn refuse(&self, code: IssueCode, node: Node<'_>, text: impl Into<String>) {
        self.issue(code, node, text);
        node.assign(Part::REFUSED);
    }

    /// Reads a part whose identity is known beforehand.
    pub(super) fn held<T>(&self, identity: &Identity, read: impl FnOnce() -> T) -> T {
        let part = self.document.part();
        self.document.decide(part, Fate::Held(identity.clone()));
        self.document.within(part, read)
    }

    /// Reads a part that tells its identity.
    pub(super) fn holding<T>(&self, read: impl FnOnce() -> T, identity: impl FnOnce(&T) -> Identity) -> T {
        let part = self.document.part();
        let result = self.document.within(part, read);
        self.document.decide(part, Fate::Held(identity(&result)));
        result
    }

    /// Reads what becomes a note of the referral.
    pub(super) fn kept<T>(&self, read: impl FnOnce() -> T) -> T {
        self.document.within(Part::KEPT, read)
    }
}
