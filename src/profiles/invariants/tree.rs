//! The FHIRPath functions that invariants use, over JSON.

use crate::fhir::value::Value;

/// The elements `name` of an element: those of a list one by one, none where there is none.
pub(super) fn all<'a>(element: &'a Value<'a>, name: &str) -> &'a [Value<'a>] {
    match element.get(name) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(items)) => items,
        Some(item) => std::slice::from_ref(item),
    }
}

/// `name.exists()`: a value, or extensions without value.
pub(super) fn exists(element: &Value, name: &str) -> bool {
    element.as_object().is_some_and(|object| {
        object.iter().any(|(key, value)| key.strip_prefix('_').unwrap_or(key) == name && is_present(value))
    })
}

/// `value.exists()` of a choice element `value[x]`.
pub(super) fn has_choice(element: &Value, name: &str) -> bool {
    element.as_object().is_some_and(|object| {
        object.iter().any(|(key, value)| {
            let key = key.strip_prefix('_').unwrap_or(key);
            let is_type = key.strip_prefix(name).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
            is_type && is_present(value)
        })
    })
}

/// The text of a primitive element.
pub(super) fn text<'a>(element: &'a Value<'a>, name: &str) -> Option<&'a str> {
    element.get(name)?.as_str()
}

/// Whether a primitive element has this text.
pub(super) fn is(element: &Value, name: &str, expected: &str) -> bool {
    text(element, name) == Some(expected)
}

/// Whether a CodeableConcept `name` has a coding of `system` with one of `codes`.
pub(super) fn has_coding(element: &Value, name: &str, system: &str, codes: &[&str]) -> bool {
    all(element, name)
        .iter()
        .flat_map(|concept| all(concept, "coding"))
        .any(|coding| codes.iter().any(|code| is(coding, "code", code)) && is(coding, "system", system))
}

/// `isDistinct()`.
pub(super) fn is_distinct<T: Ord>(items: impl Iterator<Item = T>) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    let mut items = items;
    items.all(|item| seen.insert(item))
}

/// Visits an element and every value below it.
pub(super) fn visit_descendants<'a>(element: &'a Value<'a>, visit: &mut dyn FnMut(&'a Value<'a>)) {
    let mut open = vec![element];
    while let Some(value) = open.pop() {
        visit(value);
        match value {
            Value::Array(items) => open.extend(*items),
            Value::Object(object) => open.extend(object.values()),
            _ => {}
        }
    }
}

/// Whether a JSON value is an element: FHIR has no empty ones.
pub(super) fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => items.iter().any(is_present),
        Value::Object(object) => !object.is_empty(),
        _ => true,
    }
}
