//! The audit trail as FHIR: `GET /fhir/AuditEvent` and `POST /fhir/AuditEvent/_search`. A trust sees the events of its own
//! patients; looking leaves an event too.

mod query;

use std::collections::BTreeSet;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use self::query::Asked;
use super::State;
use super::body::body;
use super::deny::{route, who};
use super::error::Problem;
use super::tenancy;
use crate::audit::event::event;
use crate::authz::{Permit, ReadAudit};
use crate::domain::ids::Identity;
use crate::pipeline::intake::FHIR_JSON;

/// What events are searched by: name and kind, as the CapabilityStatement lists them.
pub(super) const PARAMETERS: [(&str, &str); 6] = [
    ("patient", "reference"),
    ("entity", "reference"),
    ("agent", "reference"),
    ("action", "token"),
    ("outcome", "token"),
    ("date", "date"),
];

/// Longest body of a search, in bytes.
const BODY: usize = 16 << 10;

/// `GET /fhir/AuditEvent`.
pub(super) async fn get(
    request: HttpRequest,
    permit: Permit<ReadAudit>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let asked = Asked::read(request.query_string(), None, &|name| is_agent(&state, name))?;
    search(&request, &permit, &state, asked).await
}

/// `POST /fhir/AuditEvent/_search`: with a national number, too.
pub(super) async fn post(
    request: HttpRequest,
    permit: Permit<ReadAudit>,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    if !request.query_string().is_empty() {
        return Err(Problem::invalid("the parameters of a POST stand in its body"));
    }
    let body = body(&request, &state.limits, (BODY, state.body_time), payload).await?;
    let text = std::str::from_utf8(&body.bytes).map_err(|_| Problem::invalid("the body is not UTF-8"))?;
    let ids = &state.intake.referrals.identified;
    let patient = |identity: &Identity| ids.id("Patient", identity, "").to_string();
    let asked = Asked::read(text, Some(&patient), &|name| is_agent(&state, name))?;
    search(&request, &permit, &state, asked).await
}

/// Whether rows can have the name as that of who acted: a caller, its organisation, a destination, a person who logged in, or one
/// of the gateway's own words.
fn is_agent(state: &State, name: &str) -> bool {
    let is_person = |hash: &str| hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    matches!(name, "command-line" | "gateway" | "operator" | "unknown")
        || state.callers.know(name)
        || state.access.knows(name)
        || state.intake.destinations.iter().any(|destination| destination == name)
        || name.strip_prefix("person-").is_some_and(is_person)
}

async fn search(
    request: &HttpRequest,
    permit: &Permit<ReadAudit>,
    state: &State,
    asked: Asked,
) -> Result<HttpResponse, Problem> {
    let of = permit.caller().organisation();
    // A cursor belongs to the caller and the search that it was given for.
    let sealed = |place: i64| {
        let identity = Identity::new(of, "audit-cursor", &[&place.to_string(), &asked.text]);
        state.intake.referrals.identified.id("AuditEvent", &identity, "").to_string()
    };
    let mut filter = asked.filter.clone();
    filter.scope = tenancy::scope(permit, state);
    if let Some(cursor) = &asked.cursor {
        let wrong = || Problem::invalid("_cursor is none that was given for this search");
        let (place, seal) = cursor.split_once('.').ok_or_else(wrong)?;
        let place = i64::from_str_radix(place, 16).map_err(|_| wrong())?;
        if sealed(place) != seal {
            return Err(wrong());
        }
        filter.before = Some(place);
    }
    let limit = filter.limit;
    // One more than a page has: whether there is a next one.
    filter.limit = limit.saturating_add(1);
    let mut rows = if asked.is_nothing { Vec::new() } else { state.journal.search_audits(filter.clone()).await? };
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_next = rows.len() > most;
    rows.truncate(most);
    let mut patients: BTreeSet<(Option<String>, Option<String>)> =
        rows.iter().map(|row| (row.patient.clone(), row.tenant.clone())).collect();
    // An event that does not say whose form of a patient it is about is told with those that do.
    let told: BTreeSet<Option<String>> =
        patients.iter().filter(|(_, tenant)| tenant.is_some()).map(|(patient, _)| patient.clone()).collect();
    patients.retain(|(patient, tenant)| tenant.is_some() || !told.contains(patient));
    if let (Some(patient), true) = (&filter.patient, patients.is_empty()) {
        patients.insert((Some(patient.clone()), None));
    }
    let detail = format!("{}?{}", route(request), asked.text);
    state.intake.saw_forms(&who(request, permit.caller()), ("search", &detail), None, patients).await?;
    let address = |cursor: Option<String>| {
        let cursor = cursor.map(|cursor| format!("&_cursor={cursor}")).unwrap_or_default();
        format!("AuditEvent?{}_count={limit}{cursor}", asked.text)
    };
    let mut links = vec![json!({"relation": "self", "url": address(asked.cursor.clone())})];
    if let Some(last) = rows.last().filter(|_| has_next) {
        let cursor = format!("{:x}.{}", last.sequence, sealed(last.sequence));
        links.push(json!({"relation": "next", "url": address(Some(cursor))}));
    }
    let entries: Vec<Value> =
        rows.iter().map(|row| json!({"resource": event(row), "search": {"mode": "match"}})).collect();
    let mut bundle = json!({"resourceType": "Bundle", "type": "searchset", "link": links});
    if let (false, Some(members)) = (entries.is_empty(), bundle.as_object_mut()) {
        members.insert("entry".to_owned(), Value::Array(entries));
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, FHIR_JSON))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(bundle.to_string()))
}
