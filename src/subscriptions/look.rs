//! What a subscriber may see of events now.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::definition::Content;
use crate::journal::{EventRow, Journal, JournalError, PUBLIC, ResourceRow, Scope};

/// An event as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Number.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// The resource; none where nothing of it is told, or it is no longer visible.
    pub focus: Option<Focus>,
    /// Whose it is.
    pub patient: Option<String>,
}

/// A resource that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focus {
    /// Type.
    pub kind: String,
    /// Id.
    pub id: String,
    /// Whether it is deleted now.
    pub is_deleted: bool,
    /// Organisation number of the trust whose it is; none: everybody's.
    pub tenant: Option<String>,
    /// The newest version, where it is told in full.
    pub resource: Option<Value>,
}

/// Looks at each with the scope of the subscriber.
///
/// Errors: the journal.
pub async fn look(
    journal: &dyn Journal,
    scope: &Scope,
    content: Content,
    events: &[EventRow],
) -> Result<Vec<Told>, JournalError> {
    // Of one resource the newest version is told, however often it changed.
    let mut known: BTreeMap<(&str, &str), Option<Focus>> = BTreeMap::new();
    let mut told = Vec::with_capacity(events.len());
    for event in events {
        let key = (event.kind.as_str(), event.id.as_str());
        if content != Content::Empty && !known.contains_key(&key) {
            let row = journal.read(scope.clone(), event.kind.clone(), event.id.clone()).await?;
            known.insert(key, row.map(|row| focus(row, content)).transpose()?);
        }
        let focus = known.get(&key).cloned().flatten();
        let patient = focus.as_ref().and_then(|_| event.patient.clone());
        told.push(Told { number: event.number, at: event.at, focus, patient });
    }
    Ok(told)
}

/// The patients of whom something is told, each with the trust whose form of it that is; nobody where there is none.
pub fn patients(told: &[Told]) -> BTreeSet<(Option<String>, Option<String>)> {
    let form = |one: &Told| Some((Some(one.patient.clone()?), one.focus.as_ref()?.tenant.clone()));
    let mut patients: BTreeSet<(Option<String>, Option<String>)> = told.iter().filter_map(form).collect();
    if patients.is_empty() {
        patients.insert((None, None));
    }
    patients
}

fn focus(row: ResourceRow, content: Content) -> Result<Focus, JournalError> {
    let resource = match (&row.json, content) {
        (Some(json), Content::FullResource) => Some(whole(json, &row)?),
        _ => None,
    };
    let tenant = (row.owner != PUBLIC).then_some(row.owner);
    Ok(Focus { is_deleted: row.json.is_none(), kind: row.kind, id: row.id, tenant, resource })
}

/// With its version, as the FHIR API shows it.
fn whole(json: &str, row: &ResourceRow) -> Result<Value, JournalError> {
    let damaged = || JournalError::Damaged("a resource is no JSON object".to_owned());
    let mut resource: Value = serde_json::from_str(json).map_err(|_| damaged())?;
    let members = resource.as_object_mut().ok_or_else(damaged)?;
    let meta = members.entry("meta").or_insert_with(|| json!({})).as_object_mut().ok_or_else(damaged)?;
    meta.insert("versionId".to_owned(), json!(row.version.to_string()));
    meta.insert("lastUpdated".to_owned(), json!(row.updated.to_string()));
    Ok(resource)
}
