//! Codes: in the value set of the element, and in their own code system.

use super::Walk;
use super::model::BoundSet;
use crate::domain::issue::{IssueCode, Location};
use crate::fhir::value::{Map, Value};
use crate::profiles::form::{Codes, Strength, ValueSetDef};
use crate::profiles::terminology;
use crate::redact::quote;

/// Whether a code is in a value set.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    In,
    Out,
    /// The set cannot be enumerated in full.
    Unknown,
}

impl Walk<'_, '_> {
    pub(super) fn binding(&mut self, binding: &BoundSet, value: &Value) {
        let Some(set) = binding.set.and_then(|set| self.validator.model.value_set(set)) else { return };
        let verdict = self.verdict(set, value);
        if verdict != Verdict::Out {
            return;
        }
        let name = &binding.name;
        match binding.strength {
            Strength::Required => {
                let text = format!("{} is not in the value set {name}", codes(value));
                self.report.add(IssueCode::CodeNotInValueSet, text);
            }
            Strength::Extensible if has_code(value) => {
                let text = format!(
                    "{} is not in the value set {name}, which is to be used where it has the concept",
                    codes(value)
                );
                self.report.add(IssueCode::CodeNotPreferred, text);
            }
            Strength::Extensible => {}
        }
    }

    /// `set` is the index of a value set; absent where the form does not have it.
    pub(super) fn is_in_value_set(&self, set: Option<usize>, value: &Value) -> bool {
        let set = set.and_then(|set| self.validator.model.value_set(set));
        set.is_some_and(|set| self.verdict(set, value) == Verdict::In)
    }

    /// A Coding or Quantity whose system is known must have one of its codes, or a code of their form.
    pub(super) fn coding(&mut self, coding: &Map<'_>) {
        let text = |key: &str| coding.get(key).and_then(Value::as_str);
        let (Some(system), Some(code)) = (text("system"), text("code")) else { return };
        if let Some(issue) = terminology::code_issue(system, code, Location::default()) {
            self.report.add_at("code", issue.code, issue.text);
        } else if self.validator.model.code_system(system).is_some_and(|known| !known.codes.contains(code)) {
            self.report.add_at(
                "code",
                IssueCode::CodeUnknown,
                format!("{} is no code of {}", quote(code), quote(system)),
            );
        }
    }

    fn verdict(&self, set: &ValueSetDef, value: &Value) -> Verdict {
        match value {
            Value::String(code) => self.code(set, None, code),
            Value::Object(object) => match object.get("coding") {
                Some(codings) => {
                    let mut verdict = Verdict::Out;
                    for coding in codings.as_array().into_iter().flatten().filter_map(Value::as_object) {
                        match self.object_code(set, coding) {
                            Verdict::In => return Verdict::In,
                            Verdict::Unknown => verdict = Verdict::Unknown,
                            Verdict::Out => {}
                        }
                    }
                    verdict
                }
                None => self.object_code(set, object),
            },
            _ => Verdict::Out,
        }
    }

    fn object_code(&self, set: &ValueSetDef, object: &Map<'_>) -> Verdict {
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        match text("code") {
            Some(code) => self.code(set, Some(text("system").unwrap_or_default()), code),
            None => Verdict::Out,
        }
    }

    /// `system` is absent where the element has only a code.
    fn code(&self, set: &ValueSetDef, system: Option<&str>, code: &str) -> Verdict {
        let is_in = |system: &String, codes: &Codes| match codes {
            Codes::These(codes) => codes.contains(code),
            Codes::Any => self.validator.model.code_system(system).is_none_or(|known| known.codes.contains(code)),
        };
        let found = match system {
            Some(system) => set.systems.get_key_value(system).is_some_and(|(system, codes)| is_in(system, codes)),
            None => set.systems.iter().any(|(system, codes)| is_in(system, codes)),
        };
        let may_belong = || set.open.is_empty() || system.is_none_or(|system| set.open.contains(system));
        match found {
            true => Verdict::In,
            false if set.partial && may_belong() => Verdict::Unknown,
            false if system.is_some_and(|system| terminology::may_be_newer(system, code)) => Verdict::Unknown,
            false => Verdict::Out,
        }
    }
}

fn has_code(value: &Value) -> bool {
    value.is_string() || value.get("code").is_some() || value.get("coding").is_some()
}

/// The codes of a value, for a report.
pub(super) fn codes(value: &Value) -> String {
    let one = |coding: &Value| {
        let text = |key: &str| coding.get(key).and_then(Value::as_str).unwrap_or_default();
        quote(&format!("{}#{}", text("system").rsplit('/').next().unwrap_or_default(), text("code")))
    };
    match (value, value.get("coding").and_then(Value::as_array)) {
        (Value::String(code), _) => quote(code),
        (_, Some(codings)) => codings.iter().take(3).map(one).collect::<Vec<_>>().join(", "),
        (object, None) if object.get("code").is_some() => one(object),
        _ => "a concept without code".to_owned(),
    }
}
