//! Element, Extension and the other datatypes.

use std::cmp::Ordering;

use crate::fhir::value::Value;

use super::order::compare_times;
use super::tree::{exists, has_choice, is_present, text};
use super::{Context, Rule};

pub(super) const RULES: &[(&str, Rule)] = &[
    ("ele-1", ele_1),
    ("ext-1", ext_1),
    ("att-1", att_1),
    ("cpt-2", cpt_2),
    ("exp-1", exp_1),
    ("per-1", per_1),
    ("ref-1", ref_1),
];

/// ele-1: `hasValue() or (children().count() > id.count())`
fn ele_1(element: &Value, context: &Context<'_>) -> bool {
    let has_children = |value: &Value| {
        value.as_object().is_some_and(|object| {
            object.iter().any(|(key, child)| !matches!(key, "id" | "resourceType") && is_present(child))
        })
    };
    match element {
        Value::Null => context.sibling.is_some_and(has_children),
        Value::Object(_) => has_children(element),
        Value::Array(items) => items.iter().any(is_present),
        _ => true,
    }
}

/// ext-1: `extension.exists() != value.exists()`
fn ext_1(extension: &Value, _: &Context<'_>) -> bool {
    exists(extension, "extension") != has_choice(extension, "value")
}

/// att-1: `data.empty() or contentType.exists()`
fn att_1(attachment: &Value, _: &Context<'_>) -> bool {
    !exists(attachment, "data") || exists(attachment, "contentType")
}

/// cpt-2: `value.empty() or system.exists()`
fn cpt_2(contact: &Value, _: &Context<'_>) -> bool {
    !exists(contact, "value") || exists(contact, "system")
}

/// exp-1: `expression.exists() or reference.exists()`
fn exp_1(expression: &Value, _: &Context<'_>) -> bool {
    exists(expression, "expression") || exists(expression, "reference")
}

/// per-1: `start.hasValue().not() or end.hasValue().not() or (start <= end)`
fn per_1(period: &Value, _: &Context<'_>) -> bool {
    match (text(period, "start"), text(period, "end")) {
        (Some(start), Some(end)) => compare_times(start, end) != Some(Ordering::Greater),
        _ => true,
    }
}

/// ref-1: `reference.startsWith('#').not() or (reference.substring(1).trace('url') in
/// %rootResource.contained.id.trace('ids'))`
///
/// A contained resource may say `#` for its container (FHIR R4 references, section 2.3.0.4.1; dom-3 counts on it).
fn ref_1(reference: &Value, context: &Context<'_>) -> bool {
    match text(reference, "reference").and_then(|reference| reference.strip_prefix('#')) {
        None => true,
        Some("") => !std::ptr::eq(context.root, context.resource),
        Some(id) => context.contained.contains(id),
    }
}
