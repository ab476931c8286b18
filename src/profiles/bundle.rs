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

use crate::domain::issue::{Issue, IssueCode, Location};
use crate::fhir::value::Value;
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
pub fn check(bundle: &Value<'_>, closure: Closure) -> Vec<Issue> {
    let mut issues = Vec::new();
    let entries = bundle.get("entry").and_then(Value::as_array).unwrap_or_default();
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
    let index = BundleIndex::new(bundle);
    for (number, entry) in entries.iter().enumerate() {
        let base = entry.get("fullUrl").and_then(Value::as_str);
        let resolves = |reference: &str| index.resolve(reference, base).is_some();
        let mut walk = ReferenceWalk { resolves: &resolves, closure, issues: &mut issues };
        if let Some(resource) = entry.get("resource") {
            walk.check_resource(resource, &format!("Bundle.entry[{number}].resource"));
        }
    }
    issues.truncate(MAX_ISSUES);
    issues
}

/// Checks one entry of a transaction at `path`, with [`Closure::Open`]; `earlier` is an entry with the same full URL,
/// `resolves` says whether a `urn:` is the full URL of an entry.
pub fn check_entry(
    path: &str,
    entry: &Value<'_>,
    earlier: Option<usize>,
    resolves: &dyn Fn(&str) -> bool,
) -> Vec<Issue> {
    let mut issues = Vec::new();
    if let Some(first) = earlier {
        issues.push(rule(&format!("{path}.fullUrl"), format!("the full url is that of entry {first} too")));
    }
    entry::check(entry, "transaction", path, &mut issues);
    if let Some(resource) = entry.get("resource") {
        let mut walk = ReferenceWalk { resolves, closure: Closure::Open, issues: &mut issues };
        walk.check_resource(resource, &format!("{path}.resource"));
    }
    issues.truncate(MAX_ISSUES);
    issues
}

/// No full URL twice, unless for different versions (bdl-7), and no resource twice under the same base.
fn check_unique(entries: &[Value<'_>], issues: &mut Vec<Issue>) {
    let mut urls: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut ids: BTreeMap<(&str, &str, &str, &str), usize> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let text = |path: &[&str]| entry.at(path).and_then(Value::as_str);
        let version = text(&["resource", "meta", "versionId"]).unwrap_or_default();
        let url = text(&["fullUrl"]);
        if let Some(url) = url {
            if let Some(first) = urls.get(&(url, version)) {
                let text = format!("the full url is that of entry {first} too");
                issues.push(rule(&format!("Bundle.entry[{index}].fullUrl"), text));
                continue;
            }
            urls.insert((url, version), index);
        }
        if let (Some(kind), Some(id)) = (text(&["resource", "resourceType"]), text(&["resource", "id"])) {
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
    resolves: &'a dyn Fn(&str) -> bool,
    closure: Closure,
    issues: &'a mut Vec<Issue>,
}

/// A step of a path, linked to the step before it. The path is written out only for an issue.
struct Step<'a> {
    before: Option<&'a Step<'a>>,
    name: StepName<'a>,
}

enum StepName<'a> {
    Root(&'a str),
    Member(&'a str),
    Item(usize),
}

impl ReferenceWalk<'_> {
    fn check_resource(&mut self, resource: &Value<'_>, path: &str) {
        self.check(resource, &Step { before: None, name: StepName::Root(path) }, 0);
    }

    fn check(&mut self, value: &Value<'_>, path: &Step<'_>, depth: usize) {
        if depth > MAX_DEPTH || self.issues.len() >= MAX_ISSUES {
            return;
        }
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.check(item, &path.then(StepName::Item(index)), depth + 1);
                }
            }
            Value::Object(object) => {
                for (key, child) in object.iter() {
                    match child {
                        Value::String(reference) if key == "reference" => {
                            self.check_reference(reference, &path.then(StepName::Member(key)));
                        }
                        Value::Array(_) | Value::Object(_) => {
                            self.check(child, &path.then(StepName::Member(key)), depth + 1);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn check_reference(&mut self, text: &str, path: &Step<'_>) {
        let must_resolve = match Reference::parse(text) {
            Some(Reference::Urn(_)) => true,
            Some(Reference::Relative { .. } | Reference::Absolute { .. }) => self.closure == Closure::Closed,
            Some(Reference::Fragment(_) | Reference::Conditional { .. } | Reference::Url(_)) | None => false,
        };
        if must_resolve && !(self.resolves)(text) {
            let text = format!("no entry of the bundle is {}", quote(text));
            self.issues.push(Issue::new(IssueCode::ReferenceUnresolved, Location::path(&path.written()), text));
        }
    }
}

impl<'a> Step<'a> {
    fn then(&'a self, name: StepName<'a>) -> Self {
        Self { before: Some(self), name }
    }

    fn written(&self) -> String {
        let mut path = self.before.map(Step::written).unwrap_or_default();
        match self.name {
            StepName::Root(root) => path.push_str(root),
            StepName::Member(name) => {
                path.push('.');
                path.push_str(name);
            }
            StepName::Item(index) => path.push_str(&format!("[{index}]")),
        }
        path
    }
}

/// A broken rule.
fn rule(path: &str, text: impl Into<String>) -> Issue {
    Issue::new(IssueCode::BundleRule, Location::path(path), text)
}
