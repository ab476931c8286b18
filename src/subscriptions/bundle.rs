//! Notifications and answers of `$status` and `$events`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Settings;
use super::look::{Focus, Told};
use crate::domain::subscription::Status;
use crate::fhir::systems::ISSUE_CODE_SYSTEM;
use crate::journal::SubscriptionRow;

/// Why a status is told (code system subscription-notification-type of R5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The endpoint is asked whether it listens.
    Handshake,
    /// Nothing has happened for a while.
    Heartbeat,
    /// Something has happened.
    EventNotification,
    /// Somebody asked how far it is.
    QueryStatus,
    /// Somebody asked for events.
    QueryEvent,
}

impl Occasion {
    /// Its code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Heartbeat => "heartbeat",
            Self::EventNotification => "event-notification",
            Self::QueryStatus => "query-status",
            Self::QueryEvent => "query-event",
        }
    }
}

/// What is told of a subscription.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    /// The subscription.
    pub row: &'a SubscriptionRow,
    /// How far it is, in the view of who is told.
    pub status: Status,
    /// Why.
    pub occasion: Occasion,
    /// Events.
    pub told: &'a [Told],
}

/// A Bundle of type history: the status, and the resources of the events where the content has them.
pub fn notification(telling: Telling<'_>, settings: &Settings, at: Timestamp, new_id: fn() -> String) -> Value {
    let mut entries = vec![json!({
        "fullUrl": format!("urn:uuid:{}", new_id()),
        "resource": status(telling, settings),
        "request": {"method": "GET", "url": format!("{}/Subscription/{}/$status", settings.base, telling.row.id)},
        "response": {"status": "200"},
    })];
    let mut seen = BTreeSet::new();
    for focus in telling.told.iter().filter_map(|one| one.focus.as_ref()) {
        if seen.insert((&focus.kind, &focus.id)) {
            entries.push(entry(focus, settings));
        }
    }
    json!({
        "resourceType": "Bundle",
        "id": new_id(),
        "meta": {"profile": [format!("{}/StructureDefinition/ImpressNotification", settings.canonical)]},
        "type": "history",
        "timestamp": at.to_string(),
        "entry": entries,
    })
}

fn entry(focus: &Focus, settings: &Settings) -> Value {
    let method = if focus.is_deleted { "DELETE" } else { "PUT" };
    let mut entry = json!({
        "fullUrl": format!("{}/{}/{}", settings.base, focus.kind, focus.id),
        "request": {"method": method, "url": format!("{}/{}", focus.kind, focus.id)},
        "response": {"status": if focus.is_deleted { "204" } else { "200" }},
    });
    if let (Some(resource), Some(members)) = (&focus.resource, entry.as_object_mut()) {
        members.insert("resource".to_owned(), resource.clone());
    }
    entry
}

/// The Parameters that say how far a subscription is.
pub fn status(telling: Telling<'_>, settings: &Settings) -> Value {
    let Telling { row, status, occasion, told } = telling;
    let mut parameters = vec![
        json!({"name": "subscription",
            "valueReference": {"reference": format!("{}/Subscription/{}", settings.base, row.id)}}),
        json!({"name": "topic", "valueCanonical": row.topic.canonical(&settings.canonical)}),
        json!({"name": "status", "valueCode": status.as_str()}),
        json!({"name": "type", "valueCode": occasion.as_str()}),
        json!({"name": "events-since-subscription-start", "valueString": row.events.to_string()}),
    ];
    for one in told {
        let mut parts = vec![
            json!({"name": "event-number", "valueString": one.number.to_string()}),
            json!({"name": "timestamp", "valueInstant": one.at.to_string()}),
        ];
        if let Some(Focus { kind, id, .. }) = &one.focus {
            let reference = format!("{}/{kind}/{id}", settings.base);
            parts.push(json!({"name": "focus", "valueReference": {"reference": reference}}));
        }
        parameters.push(json!({"name": "notification-event", "part": parts}));
    }
    if !row.error.is_empty() {
        let system = format!("{}/{ISSUE_CODE_SYSTEM}", settings.canonical);
        let error = json!({"coding": [{"system": system, "code": row.error}]});
        parameters.push(json!({"name": "error", "valueCodeableConcept": error}));
    }
    json!({
        "resourceType": "Parameters",
        "meta": {"profile": [format!("{}/StructureDefinition/ImpressSubscriptionStatus", settings.canonical)]},
        "parameter": parameters,
    })
}

/// A Bundle of type searchset with the status of each.
pub fn statuses(rows: &[SubscriptionRow], settings: &Settings, new_id: fn() -> String) -> Value {
    let of = |row: &SubscriptionRow| {
        let telling = Telling { row, status: row.status, occasion: Occasion::QueryStatus, told: &[] };
        json!({
            "fullUrl": format!("urn:uuid:{}", new_id()),
            "resource": status(telling, settings),
            "search": {"mode": "match"},
        })
    };
    searchset(rows.iter().map(of).collect())
}

/// A Bundle of type searchset.
pub fn searchset(entries: Vec<Value>) -> Value {
    let mut bundle = json!({"resourceType": "Bundle", "type": "searchset", "total": entries.len()});
    if let (false, Some(members)) = (entries.is_empty(), bundle.as_object_mut()) {
        members.insert("entry".to_owned(), Value::Array(entries));
    }
    bundle
}
