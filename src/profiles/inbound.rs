//! The check of a body that a stranger sent: the gate first, then the walker (ADR 6).
//!
//! What the walker quotes can be a name or a date of birth. Here only names of the specification stay in its issues.

use serde_json::Value;

use super::form::Form;
use super::gate::{Gate, unexplained};
use super::names::Names;
use super::walk::Validator;
use crate::domain::issue::Issue;
use crate::redact::without_quotations;

/// What is wrong with a resource: the walker's issues, which name profile and slice, and those of the gate that the walker
/// does not explain.
pub fn check(gate: &Gate<'_>, validator: &Validator, resource: &Value) -> Vec<Issue> {
    let is_admitted = gate.admits(resource);
    let mut issues = validator.validate(resource, &[]);
    if !is_admitted {
        let unexplained = unexplained(&issues, gate.check(resource));
        issues.extend(unexplained);
    }
    issues.into_iter().map(|issue| told(gate, validator.form(), issue)).collect()
}

/// The issue without what the stranger wrote.
fn told(gate: &Gate<'_>, form: &Form, mut issue: Issue) -> Issue {
    let names = gate.names();
    issue.text = without_quotations(&issue.text, &|text| names.hold(text));
    let location = &mut issue.location;
    location.path = location.path.as_deref().map(|path| named(names, path).into());
    location.profile = location.profile.take().filter(|url| form.profiles.contains_key(url.as_ref()));
    issue
}

/// A path whose steps are elements of the specification; others are `?`.
fn named(names: &Names, path: &str) -> String {
    let step = |step: &str| {
        let (name, index) = step.split_at(step.find('[').unwrap_or(step.len()));
        let is_index = index.bytes().all(|byte| byte.is_ascii_digit() || b"[]x".contains(&byte));
        if names.hold(name) && is_index { step.to_owned() } else { "?".to_owned() }
    };
    path.split('.').map(step).collect::<Vec<_>>().join(".")
}
