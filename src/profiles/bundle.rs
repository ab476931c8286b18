//! Rules on the entries of a Bundle (FHIR R4, sections 2.36.4 "resolving references" and 3.1.0.11 "transaction").
//!
//! The invariants bdl-1 to bdl-12 stand with the other invariants; here stands what an expression does not say, and what
//! it says without naming the entry.

mod entry;
mod index;
mod reference;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::issue::{Issue, IssueCode, Location};
use crate::redact::quote;
pub use index::BundleIndex;
pub use reference::Reference;

/// Most issues of one Bundle.
const MAX_ISSUES: usize = 100;

/// Levels of a resource that are searched for references; the JSON reader lets no deeper one in.
const MAX_DEPTH: usize = 512;

/// Where the references of a Bundle may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closure {
    /// To its own entries only: what the gateway emits.
    Closed,
    /// Also to resources that the receiver has; `urn:` references must lead to an entry all the same.
    Open,
}

/// Checks the entries of a Bundle; 100 issues at most.
///
/// - `profile.bundle-rule`: full URLs are absolute, unique, in the form of their scheme, and agree with the resource; no two
///   entries hold the same resource; an entry of a batch or transaction has a request whose URL fits its resource.
/// - `profile.reference-unresolved`: a reference does not lead where [`Closure`] lets it.
pub fn check(bundle: &Value, closure: Closure) -> Vec<Issue> {
    let mut issues = Vec::new();
    let entries = bundle.get("entry").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let bundle_type = bundle.get("type").and_then(Value::as_str).unwrap_or_default();
    if bundle_type != "history" {
        check_unique(entries, &mut issues);
    }
    for (index, entry) in entries.iter().enumerate() {
        entry::check(entry, bundle_type, &format!("Bundle.entry[{index}]"), &mut issues);
        if issues.len() >= MAX_ISSUES {
            break;
        }
    }
    let mut walk = ReferenceWalk { index: &BundleIndex::new(bundle), closure, base: None, issues: &mut issues };
    for (index, entry) in entries.iter().enumerate() {
        walk.base = entry.get("fullUrl").and_then(Value::as_str);
        if let Some(resource) = entry.get("resource") {
            walk.check(resource, &mut format!("Bundle.entry[{index}].resource"), 0);
        }
    }
    issues.truncate(MAX_ISSUES);
    issues
}

/// No full URL twice, unless for different versions (bdl-7), and no resource twice under the same base.
fn check_unique(entries: &[Value], issues: &mut Vec<Issue>) {
    let mut urls: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut ids: BTreeMap<(&str, &str, &str, &str), usize> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let pointer = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str);
        let version = pointer("/resource/meta/versionId").unwrap_or_default();
        let url = pointer("/fullUrl");
        if let Some(url) = url {
            if let Some(first) = urls.get(&(url, version)) {
                let text = format!("the full url is that of entry {first} too");
                issues.push(rule(&format!("Bundle.entry[{index}].fullUrl"), text));
                continue;
            }
            urls.insert((url, version), index);
        }
        if let (Some(kind), Some(id)) = (pointer("/resource/resourceType"), pointer("/resource/id")) {
            let base = url.and_then(Reference::base_of).unwrap_or_default();
            if let Some(first) = ids.get(&(base, kind, id, version)) {
                let text = format!("entry {first} holds the same resource {}", quote(&format!("{kind}/{id}")));
                issues.push(rule(&format!("Bundle.entry[{index}].resource.id"), text));
            } else {
                ids.insert((base, kind, id, version), index);
            }
        }
    }
}

struct ReferenceWalk<'a> {
    index: &'a BundleIndex<'a>,
    closure: Closure,
    /// Full URL of the entry.
    base: Option<&'a str>,
    issues: &'a mut Vec<Issue>,
}

impl ReferenceWalk<'_> {
    fn check(&mut self, value: &Value, path: &mut String, depth: usize) {
        if depth > MAX_DEPTH || self.issues.len() >= MAX_ISSUES {
            return;
        }
        let length = path.len();
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push_str(&format!("[{index}]"));
                    self.check(item, path, depth + 1);
                    path.truncate(length);
                }
            }
            Value::Object(object) => {
                for (key, child) in object {
                    path.push('.');
                    path.push_str(key);
                    match child.as_str() {
                        Some(reference) if key == "reference" => self.check_reference(reference, path),
                        _ => self.check(child, path, depth + 1),
                    }
                    path.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn check_reference(&mut self, text: &str, path: &str) {
        let must_resolve = match Reference::parse(text) {
            Some(Reference::Urn(_)) => true,
            Some(Reference::Relative { .. } | Reference::Absolute { .. }) => self.closure == Closure::Closed,
            Some(Reference::Fragment(_) | Reference::Conditional { .. } | Reference::Url(_)) | None => false,
        };
        if must_resolve && self.index.resolve(text, self.base).is_none() {
            let text = format!("no entry of the bundle is {}", quote(text));
            self.issues.push(Issue::new(IssueCode::ReferenceUnresolved, Location::path(path), text));
        }
    }
}

/// A broken rule.
fn rule(path: &str, text: impl Into<String>) -> Issue {
    Issue::new(IssueCode::BundleRule, Location::path(path), text)
}
