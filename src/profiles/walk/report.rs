//! The issues of one validation, and the path at which the walker stands.

use std::fmt::Write;

use crate::domain::issue::{Issue, IssueCode, Location, Severity};

/// Most issues per resource.
const MAX_ISSUES: usize = 100;
/// Most issues of a resource and all that is inside it, e.g. of a Bundle.
const MAX_ALL: usize = 5_000;

/// Collects issues. The path is written out only for an issue.
pub(super) struct Report<'v> {
    root: &'v str,
    path: Vec<Step<'v>>,
    profile: Option<&'v str>,
    slice: Option<&'v str>,
    issues: Vec<Issue>,
    /// Where the issues of the resource at hand begin.
    start: usize,
    is_truncated: bool,
    /// Issues that are not kept because there are too many in all.
    beyond: usize,
    /// Whether an error is kept although there are too many issues in all.
    has_late_error: bool,
    /// Whether issues are only counted: for "does this meet the profile?".
    muted: usize,
    failed: bool,
}

#[derive(Clone, Copy)]
enum Step<'v> {
    Element(&'v str),
    Item(usize),
}

impl<'v> Report<'v> {
    pub(super) fn new(root: &'v str) -> Self {
        Self {
            root,
            path: Vec::with_capacity(16),
            profile: None,
            slice: None,
            issues: Vec::new(),
            start: 0,
            is_truncated: false,
            beyond: 0,
            has_late_error: false,
            muted: 0,
            failed: false,
        }
    }

    /// A report that only answers whether there is an error, as deep in probes as `probes`.
    pub(super) fn probe(root: &'v str, probes: usize) -> Self {
        Self { muted: probes, ..Self::new(root) }
    }

    /// Steps into an element.
    pub(super) fn enter(&mut self, name: &'v str) {
        self.path.push(Step::Element(name));
    }

    /// Steps to an item of an array, where it is one.
    pub(super) fn index(&mut self, index: Option<usize>) {
        self.path.extend(index.map(Step::Item));
    }

    /// Back from where [`Report::enter`] went.
    pub(super) fn leave(&mut self) {
        self.path.pop();
    }

    /// Back from where [`Report::index`] went.
    pub(super) fn leave_index(&mut self, index: Option<usize>) {
        if index.is_some() {
            self.path.pop();
        }
    }

    /// The rules that follow are those of this profile; returns the former one.
    pub(super) fn set_profile(&mut self, profile: Option<&'v str>) -> Option<&'v str> {
        std::mem::replace(&mut self.profile, profile)
    }

    pub(super) fn set_slice(&mut self, slice: Option<&'v str>) -> Option<&'v str> {
        std::mem::replace(&mut self.slice, slice)
    }

    /// An issue at the place where the walker stands.
    pub(super) fn add(&mut self, code: IssueCode, text: impl Into<String>) {
        self.add_inside(None, code, text);
    }

    /// An issue at an element inside.
    pub(super) fn add_at(&mut self, name: &str, code: IssueCode, text: impl Into<String>) {
        self.add_inside(Some(name), code, text);
    }

    fn add_inside(&mut self, name: Option<&str>, code: IssueCode, text: impl Into<String>) {
        if self.muted > 0 {
            self.failed |= code.severity() >= Severity::Error;
            return;
        }
        if self.issues.len() - self.start >= MAX_ISSUES || self.issues.len() >= MAX_ALL {
            self.is_truncated |= self.issues.len() < MAX_ALL;
            self.beyond += usize::from(self.issues.len() >= MAX_ALL);
            // The first error is the verdict, however many warnings come before it.
            let since = self.issues.get(self.start..).unwrap_or_default();
            let is_error = |code: IssueCode| code.severity() >= Severity::Error;
            if !is_error(code) || since.iter().any(|issue| is_error(issue.code)) || self.has_late_error {
                return;
            }
            self.has_late_error = self.issues.len() >= MAX_ALL;
        }
        let mut location = Location::path(&self.path(name));
        location.profile = self.profile.map(Into::into);
        location.slice = self.slice.map(Into::into);
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

    fn path(&self, inside: Option<&str>) -> String {
        let mut path = self.root.to_owned();
        for step in &self.path {
            // Writing to a String cannot fail.
            let _ = match step {
                Step::Element(name) => write!(path, ".{name}"),
                Step::Item(index) => write!(path, "[{index}]"),
            };
        }
        if let Some(name) = inside {
            path.push('.');
            path.push_str(name);
        }
        path
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
        if self.beyond > 0 {
            let text = format!("{} further issues are not shown", self.beyond);
            self.issues.push(Issue::new(IssueCode::ProfileIssuesTruncated, Location::path(self.root), text));
        }
        self.issues
    }

    fn close(&mut self) {
        if self.is_truncated {
            let text = format!("more than {MAX_ISSUES} issues; the rest is not shown");
            self.issues.push(Issue::new(IssueCode::ProfileIssuesTruncated, Location::path(&self.path(None)), text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(report: Report<'_>) -> Vec<String> {
        let path = |issue: Issue| issue.location.path.map(|path| path.to_string()).unwrap_or_default();
        report.finish().into_iter().map(path).collect()
    }

    #[test]
    fn a_path_says_how_the_walker_came_there() {
        let mut report = Report::new("Observation");
        report.add(IssueCode::TypeWrong, "root");
        report.enter("component");
        report.index(Some(2));
        report.add_at("code", IssueCode::TypeWrong, "inside");
        report.enter("value");
        report.index(None);
        report.add(IssueCode::TypeWrong, "value");
        report.leave_index(None);
        report.leave();
        report.leave_index(Some(2));
        report.add(IssueCode::TypeWrong, "list");
        report.add(IssueCode::TypeWrong, "list");
        assert_eq!(
            places(report),
            ["Observation", "Observation.component[2].code", "Observation.component[2].value", "Observation.component"]
        );
    }

    #[test]
    fn the_issues_of_each_resource_are_counted_apart() {
        let mut report = Report::new("Bundle");
        for number in 0..MAX_ISSUES + 5 {
            report.add(IssueCode::TypeWrong, number.to_string());
        }
        let before = report.begin_resource();
        for number in 0..MAX_ISSUES + 5 {
            report.add(IssueCode::TypeWrong, number.to_string());
        }
        report.end_resource(before);
        let issues = report.finish();
        let truncated = issues.iter().filter(|issue| issue.code == IssueCode::ProfileIssuesTruncated).count();
        assert_eq!((issues.len(), truncated), (2 * (MAX_ISSUES + 1), 2));
    }

    #[test]
    fn a_probe_answers_and_keeps_nothing() {
        let mut report = Report::new("Observation");
        let before = report.begin_probe();
        report.add(IssueCode::CodeNotPreferred, "a warning");
        assert!(!report.is_decided());
        assert!(report.end_probe(before));
        let outer = report.begin_probe();
        let inner = report.begin_probe();
        report.add(IssueCode::TypeWrong, "an error");
        assert!(report.is_decided());
        assert!(!report.end_probe(inner));
        assert!(report.end_probe(outer), "what was tried inside is no error of what tries it");
        assert_eq!(report.finish(), []);
    }
}
