//! Rows -> Bundles of the types searchset and history.

use serde_json::{Map, Value, json};

use super::history::{HistoryAsked, Versions};
use super::query::Asked;
use super::resource::shown;
use super::run::Page;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::fhir::etag::etag;
use crate::fhir::operation_outcome::operation_outcome;
use crate::journal::{JournalError, ResourceRow};

/// The answer to a search.
///
/// # Errors
/// A row holds no resource.
pub fn searchset(page: &Page, asked: &Asked, base: &str) -> Result<Value, JournalError> {
    let address = format!("{base}/{}", asked.search.kind);
    let mut bundle = bundle("searchset", page.total);
    let links = links(&address, &asked.text, (asked.cursor.as_deref(), page.next.as_deref()));
    bundle.insert("link".to_owned(), links);
    let mut entries = Vec::new();
    for (rows, mode) in [(&page.matches, "match"), (&page.included, "include")] {
        for row in rows {
            let Some(resource) = shown(row)? else { continue };
            entries.push(json!({"fullUrl": full_url(base, row), "resource": resource, "search": {"mode": mode}}));
        }
    }
    if let Some(outcome) = outcome(&asked.ignored) {
        entries.push(json!({"resource": outcome, "search": {"mode": "outcome"}}));
    }
    Ok(finish(bundle, entries))
}

/// The versions of a history.
///
/// # Errors
/// A row holds no resource.
pub fn history(versions: &Versions, asked: &HistoryAsked, base: &str) -> Result<Value, JournalError> {
    let address = format!("{base}/{}", asked.path());
    let mut bundle = bundle("history", None);
    let links = links(&address, &asked.text, (asked.cursor.as_deref(), versions.next.as_deref()));
    bundle.insert("link".to_owned(), links);
    let mut entries = Vec::new();
    for row in &versions.rows {
        entries.push(version(row, base)?);
    }
    Ok(finish(bundle, entries))
}

/// A version, with the request that would have made it and what would have been answered (R4 http, section 3.1.0.9).
fn version(row: &ResourceRow, base: &str) -> Result<Value, JournalError> {
    let resource = shown(row)?;
    let (method, status) = match (&resource, row.version) {
        (None, _) => ("DELETE", "204"),
        (Some(_), 1) => ("PUT", "201"),
        (Some(_), _) => ("PUT", "200"),
    };
    let mut entry = Map::new();
    entry.insert("fullUrl".to_owned(), json!(full_url(base, row)));
    entry.extend(resource.map(|resource| ("resource".to_owned(), resource)));
    entry.insert("request".to_owned(), json!({"method": method, "url": format!("{}/{}", row.kind, row.id)}));
    let response = json!({"status": status, "etag": etag(row.version), "lastModified": row.updated.to_string()});
    entry.insert("response".to_owned(), response);
    Ok(Value::Object(entry))
}

fn full_url(base: &str, row: &ResourceRow) -> String {
    format!("{base}/{}/{}", row.kind, row.id)
}

fn bundle(kind: &str, total: Option<i64>) -> Map<String, Value> {
    let mut bundle = Map::new();
    bundle.insert("resourceType".to_owned(), json!("Bundle"));
    bundle.insert("type".to_owned(), json!(kind));
    bundle.extend(total.map(|total| ("total".to_owned(), json!(total))));
    bundle
}

/// An empty list is none in FHIR.
fn finish(mut bundle: Map<String, Value>, entries: Vec<Value>) -> Value {
    if !entries.is_empty() {
        bundle.insert("entry".to_owned(), Value::Array(entries));
    }
    Value::Object(bundle)
}

fn links(address: &str, text: &str, (here, next): (Option<&str>, Option<&str>)) -> Value {
    let link = |relation: &str, cursor: Option<&str>| {
        let cursor = cursor.map(|cursor| format!("_cursor={cursor}")).unwrap_or_default();
        let parameters = format!("{text}{cursor}");
        let parameters = parameters.trim_end_matches('&');
        let mark = if parameters.is_empty() { "" } else { "?" };
        json!({"relation": relation, "url": format!("{address}{mark}{parameters}")})
    };
    let mut links = vec![link("self", here)];
    links.extend(next.map(|next| link("next", Some(next))));
    Value::Array(links)
}

fn outcome(ignored: &[String]) -> Option<Value> {
    let issue = |text: &String| Issue::new(IssueCode::RequestParameterIgnored, Location::default(), text.clone());
    let issues: Vec<Issue> = ignored.iter().map(issue).collect();
    (!issues.is_empty()).then(|| operation_outcome(&issues))
}
