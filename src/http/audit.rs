//! The audit trail as FHIR: searched, and read event by event. A trust sees the events of its own patients; looking leaves an
//! event too.

mod query;
mod read;

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use self::query::Asked;
use super::State;
use super::body::body;
use super::deny::{route, who};
use super::error::Problem;
use super::fhir::Form;
use super::tenancy;
use crate::audit::event::{event, id as event_id};
use crate::authz::{Permit, ReadAudit};
use crate::domain::ids::Identity;
use crate::fhir_store::at_hand;
use crate::journal::{AuditFilter, AuditRow, JournalError, ResourceRow};

pub(super) use self::read::{history, one, version};

const KIND: &str = "AuditEvent";

/// What events are searched by beside what every type has: name and kind, as the CapabilityStatement lists them.
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

/// Most events that are counted.
const COUNTED: i64 = 100_000;

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
    let form = Form::of(request, &asked.form)?;
    let of = permit.caller().organisation();
    // A cursor belongs to the caller and the search that it was given for. It names the last event of a page, which was shown: the
    // place of the event among those of everybody is not told.
    let sealed = |last: &str| {
        let identity = Identity::new(of, "audit-cursor", &[last, &asked.text]);
        state.intake.referrals.identified.id("AuditEvent", &identity, "").to_string()
    };
    let mut filter = asked.filter.clone();
    filter.scope = tenancy::scope(permit, state);
    if let Some(cursor) = &asked.cursor {
        let wrong = || Problem::invalid("_cursor is none that was given for this search");
        let (last, _) = cursor.split_once('.').filter(|(last, seal)| sealed(last) == *seal).ok_or_else(wrong)?;
        let last = read::find(state, query::event_id(last), None).await?.ok_or_else(wrong)?;
        filter.before = Some(last.sequence);
    }
    let limit = filter.limit;
    // One more than a page has: whether there is a next one.
    filter.limit = limit.saturating_add(1);
    let is_empty = asked.is_nothing || asked.is_count;
    let mut rows = if is_empty { Vec::new() } else { state.journal.search_audits(filter.clone()).await? };
    let total = match asked.is_count || asked.has_total {
        true if asked.is_nothing => Some(0),
        true => count(state, &filter).await?,
        false => None,
    };
    if asked.is_count && total.is_none() {
        return Err(Problem::invalid(&format!("there are more than {COUNTED} events: name a shorter time")));
    }
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
        let count = if asked.is_count { 0 } else { limit };
        format!("AuditEvent?{}_count={count}{cursor}", asked.text)
    };
    let mut links = vec![json!({"relation": "self", "url": address(asked.cursor.clone())})];
    if let Some(last) = rows.last().filter(|_| has_next) {
        let last = event_id(last);
        let cursor = format!("{last}.{}", sealed(&last));
        links.push(json!({"relation": "next", "url": address(Some(cursor))}));
    }
    let mut bundle = json!({"resourceType": "Bundle", "type": "searchset"});
    if let Some(members) = bundle.as_object_mut() {
        members.extend(total.map(|total| ("total".to_owned(), json!(total))));
        members.insert("link".to_owned(), Value::Array(links));
        let entry = |row: &AuditRow| {
            let event = event(row);
            let address = format!("{}/{KIND}/{}", state.base, event_id(row));
            json!({"fullUrl": address, "resource": event, "search": {"mode": "match"}})
        };
        if !rows.is_empty() {
            members.insert("entry".to_owned(), rows.iter().map(entry).collect());
        }
    }
    Ok(form.answer(StatusCode::OK, &bundle, &[]))
}

/// How many events there are on all pages together; none where there are too many to be counted.
async fn count(state: &State, filter: &AuditFilter) -> Result<Option<i64>, JournalError> {
    let limit = COUNTED.saturating_add(1);
    let total = state.journal.count_audits(AuditFilter { before: None, limit, ..filter.clone() }).await?;
    Ok(Some(total).filter(|total| *total <= COUNTED))
}

/// An event as a resource of the store, which it is not.
fn kept(row: &AuditRow) -> ResourceRow {
    at_hand(KIND, event_id(row), (1, row.at), &event(row))
}
