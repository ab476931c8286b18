//! `translate`: what both of its commands do with their issues.

mod referral;
mod report;

use std::borrow::Cow;
use std::io::Write;

use serde_json::Value;

use super::End;
use crate::domain::issue::{Issue, Severity};

pub(super) use referral::referral;
pub(super) use report::report;

/// How many issues standard error shows; `--issues` has all of them.
const SHOWN_ISSUES: usize = 20;

/// The Bundle as it is, or indented, in both cases with a line break at the end.
fn formatted(bundle: &str, pretty: bool) -> Cow<'_, str> {
    if !pretty {
        return Cow::Borrowed(bundle);
    }
    let value = serde_json::from_str::<Value>(bundle).ok();
    match value.and_then(|value| serde_json::to_string_pretty(&value).ok()) {
        Some(indented) => Cow::Owned(indented + "\n"),
        None => Cow::Borrowed(bundle),
    }
}

/// Says on standard error what a person must know, the gravest first.
fn tell(issues: &[Issue]) -> End {
    let mut stderr = std::io::stderr().lock();
    let grave: Vec<Issue> =
        gravest_first(issues).into_iter().filter(|issue| issue.code.severity() >= Severity::Warning).collect();
    for issue in grave.iter().take(SHOWN_ISSUES) {
        let _ = writeln!(stderr, "{}: {issue}", issue.code.severity().as_str());
    }
    if grave.len() > SHOWN_ISSUES {
        let _ = writeln!(stderr, "{} further issues; --issues FILE writes them all", grave.len() - SHOWN_ISSUES);
    }
    let errors = grave.iter().any(|issue| issue.code.severity() >= Severity::Error);
    if errors { End::WithErrors } else { End::Done }
}

fn gravest_first(issues: &[Issue]) -> Vec<Issue> {
    let mut issues = issues.to_vec();
    issues.sort_by_key(|issue| std::cmp::Reverse(issue.code.severity()));
    issues
}
