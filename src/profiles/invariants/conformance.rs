//! CapabilityStatement.

use crate::fhir::value::Value;

use super::tree::{all, exists, is, is_distinct, text};
use super::{Context, Rule};

pub(super) const RULES: &[(&str, Rule)] = &[
    ("cpb-1", cpb_1),
    ("cpb-2", cpb_2),
    ("cpb-3", cpb_3),
    ("cpb-7", cpb_7),
    ("cpb-9", cpb_9),
    ("cpb-12", cpb_12),
    ("cpb-14", cpb_14),
    ("cpb-15", cpb_15),
    ("cpb-16", cpb_16),
];

/// cpb-1: `rest.exists() or messaging.exists() or document.exists()`
fn cpb_1(statement: &Value, _: &Context<'_>) -> bool {
    ["rest", "messaging", "document"].iter().any(|name| exists(statement, name))
}

/// cpb-2: `(description.count() + software.count() + implementation.count()) > 0`
fn cpb_2(statement: &Value, _: &Context<'_>) -> bool {
    ["description", "software", "implementation"].iter().any(|name| exists(statement, name))
}

/// cpb-3: `messaging.endpoint.empty() or kind = 'instance'`
fn cpb_3(statement: &Value, _: &Context<'_>) -> bool {
    !all(statement, "messaging").iter().any(|messaging| exists(messaging, "endpoint"))
        || is(statement, "kind", "instance")
}

/// cpb-7: `document.select(profile&mode).isDistinct()`
fn cpb_7(statement: &Value, _: &Context<'_>) -> bool {
    is_distinct(all(statement, "document").iter().map(|document| {
        format!("{}{}", text(document, "profile").unwrap_or_default(), text(document, "mode").unwrap_or_default())
    }))
}

/// cpb-9, on CapabilityStatement.rest: `resource.select(type).isDistinct()`
fn cpb_9(rest: &Value, _: &Context<'_>) -> bool {
    is_distinct(all(rest, "resource").iter().filter_map(|resource| text(resource, "type")))
}

/// cpb-12, on CapabilityStatement.rest.resource: `searchParam.select(name).isDistinct()`
fn cpb_12(resource: &Value, _: &Context<'_>) -> bool {
    is_distinct(all(resource, "searchParam").iter().filter_map(|parameter| text(parameter, "name")))
}

/// cpb-14: `(kind != 'instance') or implementation.exists()`
fn cpb_14(statement: &Value, _: &Context<'_>) -> bool {
    !is(statement, "kind", "instance") || exists(statement, "implementation")
}

/// cpb-15: `(kind != 'capability') or (implementation.exists().not() and software.exists())`
fn cpb_15(statement: &Value, _: &Context<'_>) -> bool {
    !is(statement, "kind", "capability") || (!exists(statement, "implementation") && exists(statement, "software"))
}

/// cpb-16: `(kind!='requirements') or (implementation.exists().not() and software.exists().not())`
fn cpb_16(statement: &Value, _: &Context<'_>) -> bool {
    !is(statement, "kind", "requirements") || (!exists(statement, "implementation") && !exists(statement, "software"))
}
