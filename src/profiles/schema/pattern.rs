//! Patterns (R4, ElementDefinition.pattern): objects by property, each item of an array by some item, the rest by equality.

use serde_json::{Value, json};

use super::json::{all_of, contains as some_item, has_all};

/// Holds of a value that contains the pattern.
pub(super) fn contains(pattern: &Value) -> Value {
    match pattern {
        Value::Object(object) => has_all(object.iter().map(|(name, inner)| (name.clone(), contains(inner)))),
        Value::Array(items) if items.is_empty() => json!({ "type": "array" }),
        Value::Array(items) => all_of(items.iter().map(|item| some_item(contains(item)))),
        scalar => json!({ "const": scalar }),
    }
}

/// Whether a number is in it: JSON Schema compares its size, the validator its digits.
pub(super) fn has_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Array(items) => items.iter().any(has_number),
        Value::Object(object) => object.values().any(has_number),
        _ => false,
    }
}

/// Whether no value can contain both patterns.
pub(super) fn exclude(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.iter().any(|(name, inner)| other.get(name).is_some_and(|other| exclude(inner, other)))
        }
        (Value::String(one), Value::String(other)) => one != other,
        _ => false,
    }
}
