//! The issues of one validation, and the path at which the walker stands.

use crate::domain::issue::{Issue, IssueCode, Location};

/// Most issues per resource.
const MAX_ISSUES: usize = 100;

/// Collects issues.
pub(super) struct Report {
    path: String,
    profile: Option<String>,
    slice: Option<String>,
    issues: Vec<Issue>,
    /// Where the issues of the resource at hand begin.
    start: usize,
    is_truncated: bool,
    /// Whether issues are only counted: for "does this meet the profile?".
    muted: usize,
    failed: bool,
}

/// A place to come back to.
pub(super) struct Mark(usize);

impl Report {
    pub(super) fn new(root: &str) -> Self {
        Self {
            path: root.to_owned(),
            profile: None,
            slice: None,
            issues: Vec::new(),
            start: 0,
            is_truncated: false,
            muted: 0,
            failed: false,
        }
    }

    /// Steps into an element.
    pub(super) fn enter(&mut self, name: &str) -> Mark {
        let mark = Mark(self.path.len());
        self.path.push('.');
        self.path.push_str(name);
        mark
    }

    /// Steps to an item of an array.
    pub(super) fn index(&mut self, index: usize) -> Mark {
        let mark = Mark(self.path.len());
        self.path.push('[');
        self.path.push_str(&index.to_string());
        self.path.push(']');
        mark
    }

    pub(super) fn leave(&mut self, mark: Mark) {
        self.path.truncate(mark.0);
    }

    /// The rules that follow are those of this profile; returns the former one.
    pub(super) fn set_profile(&mut self, profile: Option<String>) -> Option<String> {
        std::mem::replace(&mut self.profile, profile)
    }

    pub(super) fn set_slice(&mut self, slice: Option<String>) -> Option<String> {
        std::mem::replace(&mut self.slice, slice)
    }

    /// An issue at the place where the walker stands.
    pub(super) fn add(&mut self, code: IssueCode, text: impl Into<String>) {
        if self.muted > 0 {
            self.failed |= code.severity() >= crate::domain::issue::Severity::Error;
            return;
        }
        if self.issues.len() - self.start >= MAX_ISSUES {
            self.is_truncated = true;
            return;
        }
        let mut location = Location::path(&self.path);
        location.profile = self.profile.as_deref().map(Into::into);
        location.slice = self.slice.as_deref().map(Into::into);
        let is_known = |known: &Issue| {
            let place = &known.location;
            known.code == code && place.path == location.path && place.slice == location.slice
        };
        let text = text.into();
        let since = self.issues.get(self.start..).unwrap_or_default();
        if !since.iter().any(|known| is_known(known) && known.text == text) {
            self.issues.push(Issue::new(code, location, text));
        }
    }

    /// Adds an issue at an element inside.
    pub(super) fn add_at(&mut self, name: &str, code: IssueCode, text: impl Into<String>) {
        let mark = self.enter(name);
        self.add(code, text);
        self.leave(mark);
    }

    /// Whether `check` finds no error; its issues are not kept.
    pub(super) fn begin_probe(&mut self) -> bool {
        self.muted += 1;
        std::mem::replace(&mut self.failed, false)
    }

    pub(super) fn end_probe(&mut self, before: bool) -> bool {
        self.muted -= 1;
        !std::mem::replace(&mut self.failed, before)
    }

    /// How many probes are under way.
    pub(super) fn probes(&self) -> usize {
        self.muted
    }

    /// Whether a probe has failed already, so that looking on is of no use.
    pub(super) fn is_decided(&self) -> bool {
        self.muted > 0 && self.failed
    }

    /// Begins the count of a resource inside the resource; returns what [`Report::end_resource`] needs.
    pub(super) fn begin_resource(&mut self) -> (usize, bool) {
        let before = (self.start, self.is_truncated);
        self.start = self.issues.len();
        self.is_truncated = false;
        before
    }

    pub(super) fn end_resource(&mut self, before: (usize, bool)) {
        self.close();
        // What was found inside does not count against the resource around it.
        let inside = self.issues.len() - self.start;
        self.start = before.0 + inside;
        self.is_truncated = before.1;
    }

    pub(super) fn finish(mut self) -> Vec<Issue> {
        self.close();
        self.issues
    }

    fn close(&mut self) {
        if self.is_truncated {
            let text = format!("more than {MAX_ISSUES} issues; the rest is not shown");
            self.issues.push(Issue::new(IssueCode::ProfileIssuesTruncated, Location::path(&self.path), text));
        }
    }
}
