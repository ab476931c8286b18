//! From a fault of the JSON Schema engine to an issue. The engine's own texts quote values, so none of them is used.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;

use super::place::Place;
use crate::domain::issue::{Issue, IssueCode};
use crate::profiles::form::Form;
use crate::redact::quote;

/// The issues of one fault: one for each unknown property, else one.
pub(super) fn issues<'f>(form: &'f Form, error: &ValidationError<'_>, place: &Place<'f>) -> Vec<Issue> {
    use ValidationErrorKind as Kind;
    let at = place.at(form, error.instance_path().as_str());
    let value = error.instance();
    let one = |code, text: String| vec![at.issue(code, text)];
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let unknown = |name: &String| {
                let at = place.at(form, error.instance_path().as_str()).inside(form, name);
                at.issue(IssueCode::ElementUnknown, format!("no element {}", quote(name)))
            };
            unexpected.iter().map(unknown).collect()
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let code = if name == "resourceType" { IssueCode::ResourceTypeUnknown } else { IssueCode::CardinalityMin };
            let at = place.at(form, error.instance_path().as_str()).inside(form, name);
            vec![at.issue(code, format!("{} is required", quote(name)))]
        }
        _ if value.is_null() || value.as_str() == Some("") => one(IssueCode::ElementEmpty, "no content".to_owned()),
        Kind::Type { kind } => one(IssueCode::TypeWrong, format!("expected {}", expected(kind))),
        Kind::Enum { .. } if error.instance_path().as_str().ends_with("/resourceType") => {
            one(IssueCode::ResourceTypeUnknown, "no resource type of FHIR R4".to_owned())
        }
        Kind::Enum { .. } | Kind::Contains | Kind::AnyOf { .. } if !is_extension(value) => {
            one(IssueCode::CodeNotInValueSet, "not in the value set of the element".to_owned())
        }
        Kind::MinItems { .. } | Kind::MinProperties { .. } => one(IssueCode::ElementEmpty, "no content".to_owned()),
        Kind::MaxItems { limit } => one(IssueCode::CardinalityMax, format!("at most {limit} are allowed")),
        Kind::FalseSchema => one(IssueCode::CardinalityMax, "not allowed".to_owned()),
        Kind::OneOfMultipleValid { .. } => one(IssueCode::ChoiceRepeated, "a choice has two types".to_owned()),
        Kind::OneOfNotValid { .. } => one(IssueCode::CardinalityMin, "a choice has no value".to_owned()),
        Kind::AnyOf { .. } | Kind::PropertyNames { .. } => {
            one(IssueCode::ExtensionInvalid, "an extension has either a value or extensions".to_owned())
        }
        _ => one(IssueCode::PrimitiveInvalid, format!("{} does not have the format of its type", shown(value))),
    }
}

fn is_extension(value: &Value) -> bool {
    value.get("url").is_some() && value.get("coding").is_none()
}

fn expected(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => kind.to_string(),
        TypeKind::Multiple(kinds) => kinds.iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(" or "),
    }
}

fn shown(value: &Value) -> String {
    quote(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
