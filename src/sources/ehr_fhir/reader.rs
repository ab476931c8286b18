//! What every part of the reading uses: issues with their place, codes, texts.

mod codes;

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use super::Context;
use super::bundle::Entries;
use super::tree::{Document, Fate, Node, Part};
use crate::domain::ids::Identity;
use crate::domain::issue::{Issue, IssueCode, Location};

pub(super) use codes::Coded;

/// Code, path and text of an issue.
type Raised = (IssueCode, Option<Arc<str>>, String);

/// Reads one Bundle.
pub(super) struct Reader<'d> {
    pub(super) document: &'d Document<'d>,
    pub(super) context: Context<'d>,
    pub(super) entries: Entries<'d>,
    issues: RefCell<Vec<Issue>>,
    raised: RefCell<HashSet<Raised>>,
}

impl<'d> Reader<'d> {
    pub(super) fn new(document: &'d Document<'d>, context: Context<'d>, entries: Entries<'d>) -> Self {
        Self { document, context, entries, issues: RefCell::default(), raised: RefCell::default() }
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

    /// An element that two parts of the reading look at has one issue.
    pub(super) fn raise(&self, issue: Issue) {
        let key = (issue.code, issue.location.path.clone(), issue.text.clone());
        if self.raised.borrow_mut().insert(key) {
            self.issues.borrow_mut().push(issue);
        }
    }

    /// A value that is not used: the issue says why, and it is listed.
    pub(super) fn refuse(&self, code: IssueCode, node: Node<'d>, text: impl Into<String>) {
        self.issue(code, node, text);
        self.document.within(Part::REFUSED, || node.take());
    }

    /// A resource that is not used at all: every value of it is listed with the code.
    pub(super) fn leave_out(&self, code: IssueCode, resource: Node<'d>, text: impl Into<String>) {
        self.issue(code, resource, text);
        let part = self.document.part();
        self.document.decide(part, Fate::Listed(code));
        self.document.within(part, || resource.take());
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

    /// What an element says in words, for elements that no field has room for: texts, codes, quantities, annotations,
    /// periods, everything inside one another.
    pub(super) fn words(&self, node: Node<'d>) -> Option<String> {
        if node.value().is_object() || node.value().is_array() {
            let parts = |names: &[&str]| -> Vec<String> {
                names.iter().flat_map(|name| node.all(name)).filter_map(|child| self.words(child)).collect()
            };
            let own = parts(&["text", "display", "description"]);
            let own = if own.is_empty() { parts(&["coding", "code"]) } else { own };
            let more = parts(&["comparator", "value", "unit", "low", "high", "start", "end", "time", "concept"]);
            let text = own.into_iter().chain(more).collect::<Vec<_>>().join(" ");
            return (!text.is_empty()).then_some(text);
        }
        node.text()
    }

    /// The words of some elements of a resource, each with its label where it has one.
    pub(super) fn labelled(&self, resource: Node<'d>, names: &[(&str, &str)]) -> Vec<String> {
        let mut texts = Vec::new();
        for (name, label) in names {
            for text in resource.all(name).into_iter().filter_map(|node| self.words(node)) {
                texts.push(if label.is_empty() { text } else { format!("{label}: {text}") });
            }
        }
        texts
    }
}
