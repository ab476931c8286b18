//! Full URL and request of one entry.

use super::reference::{is_id, is_kind, is_urn};
use super::{Reference, rule};
use crate::domain::issue::Issue;
use crate::fhir::value::Value;
use crate::redact::quote;

/// Checks one entry of a Bundle of `bundle_type`.
pub(super) fn check(entry: &Value, bundle_type: &str, path: &str, issues: &mut Vec<Issue>) {
    let resource = entry.get("resource").map(Resource::of);
    if let Some(url) = entry.get("fullUrl").and_then(Value::as_str)
        && let Some(text) = full_url_fault(url, resource)
    {
        issues.push(rule(&format!("{path}.fullUrl"), text));
    }
    if entry.get("fullUrl").is_none() && resource.is_some() && needs_full_url(entry, bundle_type) {
        issues.push(rule(&format!("{path}.fullUrl"), "the entry needs a full url"));
    }
    if !matches!(bundle_type, "transaction" | "batch") {
        return;
    }
    match entry.get("request") {
        None => issues.push(rule(&format!("{path}.request"), format!("an entry of a {bundle_type} needs a request"))),
        Some(request) => check_request(request, resource, path, issues),
    }
}

/// FHIR R4, Bundle.entry.fullUrl: it has a value except in a create, an operation, a search or a history.
fn needs_full_url(entry: &Value, bundle_type: &str) -> bool {
    match bundle_type {
        "document" | "message" | "collection" => true,
        "transaction" | "batch" => entry.at(&["request", "method"]).and_then(Value::as_str) == Some("PUT"),
        _ => false,
    }
}

#[derive(Clone, Copy)]
struct Resource<'a> {
    kind: &'a str,
    id: Option<&'a str>,
}

impl<'a> Resource<'a> {
    fn of(resource: &'a Value<'a>) -> Self {
        let text = |name: &str| resource.get(name).and_then(Value::as_str);
        Self { kind: text("resourceType").unwrap_or_default(), id: text("id") }
    }
}

/// FHIR R4, Bundle.entry.fullUrl: absolute, and not in disagreement with the id of the resource.
fn full_url_fault(url: &str, resource: Option<Resource<'_>>) -> Option<String> {
    if url.starts_with("urn:uuid:") && !is_urn(url) {
        return Some("`urn:uuid:` needs a lower-case uuid".to_owned());
    }
    match Reference::parse(url) {
        Some(Reference::Urn(_) | Reference::Url(_)) => None,
        Some(Reference::Absolute { kind, id, .. }) => {
            let resource = resource?;
            let differs = kind != resource.kind || resource.id.is_some_and(|own| own != id);
            differs.then(|| format!("the full url ends in {}, the resource is another", quote(&format!("{kind}/{id}"))))
        }
        _ => Some(format!("{} is not an absolute url", quote(url))),
    }
}

/// FHIR R4, section 3.1.0.11: what each method does to its URL.
fn check_request(request: &Value, resource: Option<Resource<'_>>, path: &str, issues: &mut Vec<Issue>) {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    // Absent and unknown values of these required elements are issues of their own.
    let (Some(method), Some(url)) = (text("method"), text("url")) else { return };
    let url_path = format!("{path}.request.url");
    match (method, resource) {
        ("PUT" | "POST", None) => {
            issues.push(rule(&format!("{path}.resource"), format!("a {method} needs a resource")));
        }
        ("DELETE" | "GET" | "HEAD", Some(_)) => {
            issues.push(rule(&format!("{path}.resource"), format!("a {method} has no resource")));
        }
        ("POST", Some(resource)) if url != resource.kind && !url.contains('$') => {
            issues.push(rule(&url_path, format!("a POST of this resource goes to {}", quote(resource.kind))));
        }
        ("PUT", Some(resource)) => {
            if let Some(text) = put_fault(url, resource) {
                issues.push(rule(&url_path, text));
            }
        }
        ("DELETE", None) if !is_instance_or_search(url) => {
            issues.push(rule(&url_path, format!("{} names no resource to delete", quote(url))));
        }
        _ => {}
    }
}

fn put_fault(url: &str, resource: Resource<'_>) -> Option<String> {
    if let Some((kind, query)) = url.split_once('?') {
        let fits = kind == resource.kind && !query.is_empty();
        return (!fits).then(|| format!("a conditional PUT of this resource goes to `{}?...`", resource.kind));
    }
    let Some(id) = resource.id else {
        return Some("a PUT needs a resource with an id".to_owned());
    };
    let expected = format!("{}/{id}", resource.kind);
    (url != expected).then(|| format!("a PUT of this resource goes to {}, not {}", quote(&expected), quote(url)))
}

fn is_instance_or_search(url: &str) -> bool {
    match url.split_once('?') {
        Some((kind, query)) => is_kind(kind) && !query.is_empty(),
        None => url.split_once('/').is_some_and(|(kind, id)| is_kind(kind) && is_id(id)),
    }
}
