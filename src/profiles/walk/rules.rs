//! Invariants: each key is a function of [`crate::profiles::invariants`], looked up once for the types.

use super::Walk;
use crate::domain::issue::IssueCode;
use crate::fhir::value::Value;
use crate::profiles::invariants::{self, Rule};

/// A key with its function.
#[derive(Clone)]
pub(super) struct KeyedRule {
    key: String,
    rule: Rule,
}

impl std::fmt::Debug for KeyedRule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.key)
    }
}

/// The functions of keys; a key without function is left out.
pub(super) fn rules(keys: &[String]) -> Vec<KeyedRule> {
    let rule = |key: &String| invariants::rule(key).map(|rule| KeyedRule { key: key.clone(), rule });
    keys.iter().filter_map(rule).collect()
}

impl<'r> Walk<'_, 'r> {
    /// Rules of a type, of an element or of a profile.
    pub(super) fn rules(&mut self, rules: &[KeyedRule], value: &'r Value<'r>, sibling: Option<&'r Value<'r>>) {
        for KeyedRule { key, rule } in rules {
            if !rule(value, &self.scope.context(sibling)) {
                self.report.add(IssueCode::InvariantFailed, format!("{key} does not hold"));
            }
        }
    }
}
