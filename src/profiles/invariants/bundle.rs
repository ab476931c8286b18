//! Bundle.

use crate::fhir::value::Value;

use super::tree::{all, exists, is, is_distinct, text};
use super::{Context, Rule};

pub(super) const RULES: &[(&str, Rule)] = &[
    ("bdl-1", bdl_1),
    ("bdl-2", bdl_2),
    ("bdl-3", bdl_3),
    ("bdl-4", bdl_4),
    ("bdl-5", bdl_5),
    ("bdl-7", bdl_7),
    ("bdl-8", bdl_8),
    ("bdl-9", bdl_9),
    ("bdl-10", bdl_10),
    ("bdl-11", bdl_11),
    ("bdl-12", bdl_12),
    ("backport-notification-bundle-r4-1", backport_notification_bundle_r4_1),
];

/// bdl-1: `total.empty() or (type = 'searchset') or (type = 'history')`
fn bdl_1(bundle: &Value, _: &Context<'_>) -> bool {
    !exists(bundle, "total") || is_one_of(bundle, &["searchset", "history"])
}

/// bdl-2: `entry.search.empty() or (type = 'searchset')`
fn bdl_2(bundle: &Value, _: &Context<'_>) -> bool {
    !all(bundle, "entry").iter().any(|entry| exists(entry, "search")) || is_one_of(bundle, &["searchset"])
}

/// bdl-3: `entry.all(request.exists() = (%resource.type = 'batch' or %resource.type = 'transaction' or %resource.type =
/// 'history'))`
fn bdl_3(bundle: &Value, _: &Context<'_>) -> bool {
    let needs_request = is_one_of(bundle, &["batch", "transaction", "history"]);
    all(bundle, "entry").iter().all(|entry| exists(entry, "request") == needs_request)
}

/// bdl-4: `entry.all(response.exists() = (%resource.type = 'batch-response' or %resource.type = 'transaction-response' or
/// %resource.type = 'history'))`
fn bdl_4(bundle: &Value, _: &Context<'_>) -> bool {
    let needs_response = is_one_of(bundle, &["batch-response", "transaction-response", "history"]);
    all(bundle, "entry").iter().all(|entry| exists(entry, "response") == needs_response)
}

/// bdl-5, on Bundle.entry: `resource.exists() or request.exists() or response.exists()`
fn bdl_5(entry: &Value, _: &Context<'_>) -> bool {
    exists(entry, "resource") || exists(entry, "request") || exists(entry, "response")
}

/// bdl-7: `(type = 'history') or entry.where(fullUrl.exists()).select(fullUrl&resource.meta.versionId).isDistinct()`
fn bdl_7(bundle: &Value, _: &Context<'_>) -> bool {
    let version =
        |entry: &Value| entry.at(&["resource", "meta", "versionId"]).and_then(Value::as_str).map(str::to_owned);
    is_one_of(bundle, &["history"])
        || is_distinct(
            all(bundle, "entry")
                .iter()
                .filter_map(|entry| Some(format!("{}{}", text(entry, "fullUrl")?, version(entry).unwrap_or_default()))),
        )
}

/// bdl-8, on Bundle.entry: `fullUrl.contains('/_history/').not()`
fn bdl_8(entry: &Value, _: &Context<'_>) -> bool {
    !text(entry, "fullUrl").is_some_and(|url| url.contains("/_history/"))
}

/// bdl-9: `type = 'document' implies (identifier.system.exists() and identifier.value.exists())`
fn bdl_9(bundle: &Value, _: &Context<'_>) -> bool {
    let has = |name: &str| bundle.get("identifier").is_some_and(|identifier| exists(identifier, name));
    !is_one_of(bundle, &["document"]) || (has("system") && has("value"))
}

/// bdl-10: `type = 'document' implies (timestamp.hasValue())`
fn bdl_10(bundle: &Value, _: &Context<'_>) -> bool {
    !is_one_of(bundle, &["document"]) || text(bundle, "timestamp").is_some()
}

/// bdl-11: `type = 'document' implies entry.first().resource.is(Composition)`
fn bdl_11(bundle: &Value, _: &Context<'_>) -> bool {
    !is_one_of(bundle, &["document"]) || starts_with(bundle, "Composition")
}

/// bdl-12: `type = 'message' implies entry.first().resource.is(MessageHeader)`
fn bdl_12(bundle: &Value, _: &Context<'_>) -> bool {
    !is_one_of(bundle, &["message"]) || starts_with(bundle, "MessageHeader")
}

/// backport-notification-bundle-r4-1 (Subscriptions R5 Backport 1.1.0): `(entry.first().resource.is(Parameters))`
fn backport_notification_bundle_r4_1(bundle: &Value, _: &Context<'_>) -> bool {
    starts_with(bundle, "Parameters")
}

fn is_one_of(bundle: &Value, types: &[&str]) -> bool {
    types.iter().any(|name| is(bundle, "type", name))
}

fn starts_with(bundle: &Value, resource_type: &str) -> bool {
    all(bundle, "entry")
        .first()
        .and_then(|entry| entry.get("resource"))
        .is_some_and(|resource| is(resource, "resourceType", resource_type))
}
