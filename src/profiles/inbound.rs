//! The check of a body that a stranger sent: the gate first, then the walker (ADR 6).
//!
//! What the walker quotes can be a name or a date of birth. Here only names of the specification stay in its issues.

use serde_json::Value;

use super::form::{ElementDef, Form};
use super::gate::{Gate, unexplained};
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
    let form = validator.form();
    issues.into_iter().map(|issue| told(form, issue)).collect()
}

/// The issue without what the stranger wrote.
fn told(form: &Form, mut issue: Issue) -> Issue {
    issue.text = without_quotations(&issue.text, &|text| is_name(form, text));
    let location = &mut issue.location;
    location.path = location.path.as_deref().map(|path| named(form, path).into());
    location.profile = location.profile.take().filter(|url| form.profiles.contains_key(url.as_ref()));
    issue
}

/// A path whose steps are elements of the specification; others are `?`.
fn named(form: &Form, path: &str) -> String {
    let step = |step: &str| {
        let (name, index) = step.split_at(step.find('[').unwrap_or(step.len()));
        let is_index = index.bytes().all(|byte| byte.is_ascii_digit() || b"[]x".contains(&byte));
        if is_name(form, name) && is_index { step.to_owned() } else { "?".to_owned() }
    };
    path.split('.').map(step).collect::<Vec<_>>().join(".")
}

/// Whether a word is the name of a type, an element, or a profile, value set or code system that is loaded.
fn is_name(form: &Form, word: &str) -> bool {
    let is_tail = |url: &String| url == word || url.rsplit('/').next() == Some(word);
    form.types.contains_key(word)
        || word == "resourceType"
        || form.types.values().any(|found| has_element(&found.children, word))
        || form.profiles.keys().chain(form.value_sets.keys()).chain(form.code_systems.keys()).any(is_tail)
}

/// An element of a name; of a choice with or without its type.
fn has_element(elements: &[ElementDef], word: &str) -> bool {
    elements.iter().any(|element| {
        let name = element.name.trim_end_matches("[x]");
        let of_choice = || {
            let mut types = element.types.iter().map(|of_type| of_type.code.as_str());
            let rest = word.strip_prefix(name).unwrap_or_default();
            element.types.len() > 1 && types.any(|code| code.eq_ignore_ascii_case(rest))
        };
        name == word || of_choice() || has_element(&element.children, word)
    })
}
