//! The resources of a body, each with the address that it is to have.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::element::{is_id, items, text};
use super::{TYPES, issue};
use crate::domain::issue::{Issue, IssueCode};
use crate::fhir::etag::Named;

/// A resource and where it is to stand.
pub(super) struct Entry {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) number: usize,
    pub(super) if_match: Option<Named>,
    pub(super) resource: Value,
}

impl Entry {
    /// The only resource of a body; the address names its type and id.
    pub(super) fn of_address(resource: Value, kind: &str, id: &str) -> Result<Self, Vec<Issue>> {
        let one = |text: &str, path: &str| vec![issue(IssueCode::TrialUnreadable, path, text)];
        let Some(kind) = TYPES.into_iter().find(|known| *known == kind) else {
            return Err(one("a type that the trial does not write", ""));
        };
        if text(&resource, "resourceType") != Some(kind) {
            return Err(one("the resource is of another type than its address", "resourceType"));
        }
        if !is_id(id) || text(&resource, "id") != Some(id) {
            return Err(one("the resource has another id than its address", &format!("{kind}.id")));
        }
        Ok(Self { kind, id: id.to_owned(), number: 0, if_match: None, resource })
    }
}

/// The entries of a transaction. References by `fullUrl` become `Type/id`.
pub(super) fn of_bundle(mut bundle: Value, most: usize) -> Result<Vec<Entry>, Vec<Issue>> {
    let one = |text: &str, path: &str| vec![issue(IssueCode::TrialUnreadable, path, text)];
    if text(&bundle, "resourceType") != Some("Bundle") || text(&bundle, "type") != Some("transaction") {
        return Err(one("the trial writes a Bundle of type transaction", "Bundle.type"));
    }
    let Some(Value::Array(entries)) = bundle.get_mut("entry").map(Value::take) else {
        return Err(one("the Bundle has no entry", "Bundle.entry"));
    };
    if entries.is_empty() || entries.len() > most {
        return Err(one("the Bundle has no entry, or too many", "Bundle.entry"));
    }
    let mut urls = HashMap::new();
    let mut read = Vec::with_capacity(entries.len());
    let mut seen = BTreeSet::new();
    for (number, entry) in entries.into_iter().enumerate() {
        let path = format!("Bundle.entry[{number}].request");
        let (kind, id) =
            address(&entry).ok_or_else(|| one("an entry is no PUT of a type that the trial writes", &path))?;
        if !seen.insert((kind, id.clone())) {
            return Err(one("two entries have one address", &path));
        }
        if let Some(url) = text(&entry, "fullUrl") {
            urls.insert(url.to_owned(), format!("{kind}/{id}"));
        }
        let if_match = entry.get("request").and_then(|request| text(request, "ifMatch"));
        let if_match = if_match.and_then(|list| Named::read([list.as_bytes()]));
        let mut entry = entry;
        let resource = entry.get_mut("resource").map(Value::take).unwrap_or_default();
        let mut entry = Entry::of_address(resource, kind, &id)?;
        entry.number = number;
        entry.if_match = if_match;
        read.push(entry);
    }
    for entry in &mut read {
        rewrite(&mut entry.resource, &urls);
    }
    Ok(read)
}

fn address(entry: &Value) -> Option<(&'static str, String)> {
    let request = entry.get("request")?;
    if text(request, "method") != Some("PUT") || !items(entry, "link").is_empty() {
        return None;
    }
    let (kind, id) = text(request, "url")?.split_once('/')?;
    let kind = TYPES.into_iter().find(|known| *known == kind)?;
    is_id(id).then(|| (kind, id.to_owned()))
}

fn rewrite(value: &mut Value, urls: &HashMap<String, String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("reference")
                && let Some(address) = urls.get(reference.as_str())
            {
                reference.clone_from(address);
            }
            members.values_mut().for_each(|member| rewrite(member, urls));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, urls)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
