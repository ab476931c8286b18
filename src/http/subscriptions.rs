//! Subscriptions of the caller's organisation: create, change and delete; what is read of them, `$status` and `$events`.
//!
//! Another's subscription is as one that does not exist. What is shown never holds the value of a header.

mod operations;
mod reading;

use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderValue, IF_MATCH, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Notify;

use super::State;
use super::body::body;
use super::deny::{self, Denial};
use super::error::Problem;
use super::fhir::{Form, of_address};
use super::personal::has_number;
use super::{prefer, tenancy};
use crate::authz::{Action, Permit, ReadSubscriptions, Subscribe};
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::subscription::Status;
use crate::fhir_store::{Named, etag};
use crate::identity::Caller;
use crate::journal::{Audit, Changed, JournalError, NewSubscription, SubscriptionRow};
use crate::subscriptions::Settings;
use crate::subscriptions::definition::{Asked, Asker, Definition, known_headers, read};
use crate::subscriptions::waiting::Waiting;

/// What subscriptions are searched by beside what every type has: name and kind, as the CapabilityStatement lists them.
pub(super) const PARAMETERS: [(&str, &str); 2] = [("status", "token"), ("criteria", "string")];

pub(super) use self::operations::{events, events_posted, status, status_of_all, status_of_all_posted};
pub(super) use self::reading::{history, one, search_get, search_post, version};

/// Longest Subscription or Parameters, in bytes.
const BODY: usize = 64 << 10;

/// Seconds of a lease beyond the time that the endpoint is given.
const MARGIN: i64 = 2;

/// What handlers use beside the state of every request.
pub struct Subscribing {
    /// What subscriptions may be.
    pub settings: Arc<Settings>,
    /// Wakes what calls endpoints.
    pub wake: Arc<Notify>,
    /// Requests that wait for events.
    pub waiting: Arc<Waiting>,
}

/// `POST /fhir/Subscription`.
pub(super) async fn create(
    request: HttpRequest,
    permit: Permit<Subscribe>,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = Form::of(&request, &of_address(&request)?)?;
    let id = uuid::Uuid::new_v4().to_string();
    let asked = asked(&request, permit.caller(), &state, (payload, &[])).await?;
    let new = new(&state, permit.caller(), &id, asked)?;
    let audits = vec![deny::row(&request, &state, permit.caller(), "create")];
    let most = state.subscriptions.settings.most;
    if !state.journal.subscribe(new, most, audits).await? {
        let text = format!("an organisation has at most {most} subscriptions");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::SubscriptionTooMany, &text));
    }
    state.subscriptions.wake.notify_one();
    let row = own(&request, &permit, &state, &id).await?;
    let location = format!("{}/Subscription/{id}", state.subscriptions.settings.base);
    shown((&request, form), &state, &row, (StatusCode::CREATED, Some(location)))
}

/// `PUT /fhir/Subscription/{id}`: also how one that is in error is asked to go on. `If-Match` is honoured in the statement.
pub(super) async fn update(
    request: HttpRequest,
    permit: Permit<Subscribe>,
    state: web::Data<State>,
    id: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = Form::of(&request, &of_address(&request)?)?;
    let before = own(&request, &permit, &state, &id).await?;
    let known = known_headers(&state.intake.open(&before.id, &before.secrets)?)?;
    let asked = asked(&request, permit.caller(), &state, (payload, &known)).await?;
    let new = new(&state, permit.caller(), &before.id, asked)?;
    let version = condition(&request, &before)?;
    let audits = vec![deny::row(&request, &state, permit.caller(), "update")];
    match state.journal.resubscribe(new, version, audits).await? {
        Changed::Done => {}
        Changed::Absent => return Err(absent(&request, &permit, &state).await),
        Changed::OtherVersion => return Err(other_version()),
    }
    state.subscriptions.wake.notify_one();
    let row = own(&request, &permit, &state, &before.id).await?;
    shown((&request, form), &state, &row, (StatusCode::OK, None))
}

/// `DELETE /fhir/Subscription/{id}`: with its events and versions. `If-Match` is honoured in the statement.
pub(super) async fn delete(
    request: HttpRequest,
    permit: Permit<Subscribe>,
    state: web::Data<State>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let row = own(&request, &permit, &state, &id).await?;
    let version = condition(&request, &row)?;
    let audits = vec![deny::row(&request, &state, permit.caller(), "delete")];
    match state.journal.unsubscribe(row.owner, row.id, version, audits).await? {
        Changed::Done => Ok(HttpResponse::NoContent().finish()),
        Changed::Absent => Err(absent(&request, &permit, &state).await),
        Changed::OtherVersion => Err(other_version()),
    }
}

/// The version that `If-Match` lets change; none where it may be any.
fn condition(request: &HttpRequest, row: &SubscriptionRow) -> Result<Option<i64>, Problem> {
    match Named::read(request.headers().get_all(IF_MATCH).map(HeaderValue::as_bytes)) {
        None | Some(Named::Every) => Ok(None),
        Some(named) if named.names(row.version) => Ok(Some(row.version)),
        Some(_) => Err(other_version()),
    }
}

fn other_version() -> Problem {
    let text = "`If-Match` does not name the version that there is; nothing was changed";
    Problem::new(StatusCode::PRECONDITION_FAILED, IssueCode::RequestVersionConflict, text)
}

/// The caller's subscription; another's is as one that does not exist.
async fn own<A: Action>(
    request: &HttpRequest,
    permit: &Permit<A>,
    state: &State,
    id: &str,
) -> Result<SubscriptionRow, Problem> {
    let owner = permit.caller().organisation().to_owned();
    match state.journal.subscription(owner, id.to_owned()).await? {
        Some(row) => Ok(row),
        None => Err(absent(request, permit, state).await),
    }
}

/// The one answer for what is not there and what is another's.
async fn absent<A: Action>(request: &HttpRequest, permit: &Permit<A>, state: &State) -> Problem {
    deny::note(request, state, Some(permit.caller()), Denial::NotFound).await;
    Problem::not_found()
}

/// Reads the body. `known` are the headers of the subscription that is changed.
async fn asked(
    request: &HttpRequest,
    caller: &Caller,
    state: &State,
    (payload, known): (web::Payload, &[(String, String)]),
) -> Result<Asked, Problem> {
    let body = body(request, &state.limits, (BODY, state.body_time), payload).await?;
    let resource: Value = serde_json::from_slice(&body.bytes).map_err(|_| Problem::invalid("the body is no JSON"))?;
    let asker = Asker { organisation: caller.organisation(), known, now: state.clock.now() };
    let refused = |issue| Problem::of(StatusCode::UNPROCESSABLE_ENTITY, issue);
    let asked = read(&resource, asker, &state.subscriptions.settings).map_err(|issue| refused(*issue))?;
    let id = resource.get("id").and_then(Value::as_str);
    if request.match_info().get("id").is_some_and(|path| id.is_some_and(|id| id != path)) {
        let location = Location { path: Some("Subscription.id".into()), ..Location::default() };
        return Err(refused(Issue::new(IssueCode::SubscriptionInvalid, location, "is not the id of the address")));
    }
    // Of an address what follows the host.
    let path = asked.definition.endpoint.as_deref().and_then(|url| url.splitn(4, '/').nth(3));
    let texts = [Some(asked.definition.reason.as_str()), path];
    if texts.into_iter().flatten().any(has_number) {
        let text = "the reason or the endpoint may hold a national number";
        return Err(refused(Issue::new(IssueCode::SubscriptionInvalid, Location::default(), text)));
    }
    Ok(asked)
}

fn new(state: &State, caller: &Caller, id: &str, asked: Asked) -> Result<NewSubscription, Problem> {
    let damaged = |_| Problem::from(JournalError::Damaged("a subscription cannot be written".to_owned()));
    let secrets = serde_json::to_vec(&asked.headers).map_err(damaged)?;
    let is_pushed = asked.definition.endpoint.is_some();
    let status = match asked.status {
        // There is nobody to ask.
        Status::Requested if !is_pushed => Status::Active,
        status => status,
    };
    Ok(NewSubscription {
        id: id.to_owned(),
        owner: caller.organisation().to_owned(),
        scope: tenancy::of_trust(caller, state),
        topic: asked.topic,
        filters: asked.filters,
        status,
        is_pushed,
        secrets: state.intake.seal(id, &secrets)?,
        ends: asked.ends,
        batch: asked.definition.batch().into(),
        heartbeat: i64::from(asked.definition.heartbeat.unwrap_or_default()) * 1_000,
        patience: (i64::from(asked.definition.seconds()) + MARGIN) * 1_000,
        definition: serde_json::to_string(&asked.definition).map_err(damaged)?,
        at: state.clock.now(),
    })
}

/// Leaves a row that the caller looked, with what was asked for; a subscription itself is about no patient.
async fn look(
    request: &HttpRequest,
    permit: &Permit<ReadSubscriptions>,
    state: &State,
    (action, parameters): (&'static str, &str),
) -> Result<(), Problem> {
    let detail = Some(deny::detail(request, parameters));
    let row = Audit { detail, ..deny::row(request, state, permit.caller(), action) };
    Ok(state.intake.record(vec![row]).await?)
}

/// What was made or changed; without it where the caller prefers so.
fn shown(
    (request, form): (&HttpRequest, Form),
    state: &State,
    row: &SubscriptionRow,
    (status, location): (StatusCode, Option<String>),
) -> Result<HttpResponse, Problem> {
    let mut headers = vec![(ETAG, etag(row.version))];
    headers.extend(location.map(|location| (LOCATION, location)));
    if prefer::is_minimal(request) {
        headers.push((prefer::APPLIED, "return=minimal".to_owned()));
        let mut response = HttpResponse::build(status);
        for header in headers {
            response.insert_header(header);
        }
        return Ok(response.finish());
    }
    Ok(form.answer(status, &Definition::of(row)?.resource(row, &state.subscriptions.settings), &headers))
}
