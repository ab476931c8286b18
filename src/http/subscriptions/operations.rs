//! `$status` and `$events` (Subscriptions R5 Backport), by GET and by POST of Parameters.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;
use std::sync::atomic::Ordering;

use super::super::State;
use super::super::body::body;
use super::super::deny::{route, who};
use super::super::error::Problem;
use super::super::fhir::{Form, of_address};
use super::super::prefer;
use super::{BODY, look, own};
use crate::authz::{Permit, ReadSubscriptions};
use crate::domain::issue::IssueCode;
use crate::domain::subscription::Status;
use crate::journal::{EventRow, Scope, SubscriptionRow};
use crate::subscriptions::bundle::{Occasion, Telling, notification, statuses};
use crate::subscriptions::definition::{Content, Definition};
use crate::subscriptions::look::{self, patients};

/// Events of one answer; whoever wants more asks again from the next number.
const EVENTS: i64 = 500;

/// `GET|POST /fhir/Subscription/{id}/$status`.
pub(in crate::http) async fn status(
    request: HttpRequest,
    permit: Permit<ReadSubscriptions>,
    state: web::Data<State>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let form = Form::of(&request, &of_address(&request)?)?;
    let row = own(&request, &permit, &state, &id).await?;
    look(&request, &permit, &state, ("read", "")).await?;
    Ok(form.answer(StatusCode::OK, &statuses(&[row], &state.subscriptions.settings, new_id), &[]))
}

/// `GET /fhir/Subscription/$status`.
pub(in crate::http) async fn status_of_all(
    request: HttpRequest,
    permit: Permit<ReadSubscriptions>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let asked = of_address(&request)?;
    answer_status(&request, &permit, &state, &asked).await
}

/// `POST /fhir/Subscription/$status`.
pub(in crate::http) async fn status_of_all_posted(
    request: HttpRequest,
    permit: Permit<ReadSubscriptions>,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let asked = posted(&request, &state, payload).await?;
    answer_status(&request, &permit, &state, &asked).await
}

async fn answer_status(
    request: &HttpRequest,
    permit: &Permit<ReadSubscriptions>,
    state: &State,
    asked: &[(String, String)],
) -> Result<HttpResponse, Problem> {
    let values = |wanted: &str| -> Vec<&str> {
        let of = asked.iter().filter(|(name, _)| name == wanted);
        of.flat_map(|(_, value)| value.split(',')).collect()
    };
    let form = Form::of(request, asked)?;
    if asked.iter().any(|(name, _)| !["id", "status", "_format", "_pretty"].contains(&name.as_str())) {
        return Err(Problem::invalid("the parameters of $status are id and status"));
    }
    let (ids, words) = (values("id"), values("status"));
    if words.iter().any(|word| Status::parse(word).is_none()) {
        return Err(Problem::invalid("status is none of a Subscription"));
    }
    let mut rows = state.journal.subscriptions(permit.caller().organisation().to_owned()).await?;
    rows.retain(|row| ids.is_empty() || ids.contains(&row.id.as_str()));
    rows.retain(|row| words.is_empty() || words.contains(&row.status.as_str()));
    look(request, permit, state, ("read", "")).await?;
    Ok(form.answer(StatusCode::OK, &statuses(&rows, &state.subscriptions.settings, new_id), &[]))
}

/// `GET /fhir/Subscription/{id}/$events`.
pub(in crate::http) async fn events(
    request: HttpRequest,
    permit: Permit<ReadSubscriptions>,
    state: web::Data<State>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let asked = of_address(&request)?;
    answer_events(&request, &permit, &state, (&id, &asked)).await
}

/// `POST /fhir/Subscription/{id}/$events`.
pub(in crate::http) async fn events_posted(
    request: HttpRequest,
    permit: Permit<ReadSubscriptions>,
    state: web::Data<State>,
    id: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let asked = posted(&request, &state, payload).await?;
    answer_events(&request, &permit, &state, (&id, &asked)).await
}

/// What is asked of the events.
struct Asked {
    since: Option<i64>,
    until: i64,
    content: Option<Content>,
}

impl Asked {
    fn read(asked: &[(String, String)]) -> Result<Self, Problem> {
        let mut read = Self { since: None, until: i64::MAX, content: None };
        for (name, value) in asked {
            let number = || {
                let number = value.parse::<i64>().ok().filter(|number| *number >= 0);
                number.ok_or_else(|| Problem::invalid("the number of an event is none"))
            };
            match name.as_str() {
                "eventsSinceNumber" => read.since = Some(number()?.max(1)),
                "eventsUntilNumber" => read.until = number()?,
                "content" => {
                    let content = Content::parse(value);
                    read.content =
                        Some(content.ok_or_else(|| Problem::invalid("content is no code of its value set"))?);
                }
                "_format" | "_pretty" => {}
                _ => {
                    let text = "the parameters of $events are eventsSinceNumber, eventsUntilNumber and content";
                    return Err(Problem::invalid(text));
                }
            }
        }
        Ok(read)
    }
}

async fn answer_events(
    request: &HttpRequest,
    permit: &Permit<ReadSubscriptions>,
    state: &State,
    (id, asked): (&str, &[(String, String)]),
) -> Result<HttpResponse, Problem> {
    let form = Form::of(request, asked)?;
    let asked = Asked::read(asked)?;
    let owner = permit.caller().organisation();
    let wanted = prefer::wait(request).map(|wanted| wanted.min(state.subscriptions.settings.longest_wait));
    // Who finds no place does not wait: that a request waits is a wish, which an answer may leave aside.
    let place = wanted.and_then(|wanted| Some((wanted, state.subscriptions.waiting.enter(owner)?)));
    let waited = place.as_ref().map(|(wanted, _)| *wanted);
    let (row, rows) = wait(request, permit, state, (id, &asked, waited.unwrap_or_default())).await?;
    drop(place);
    let definition = Definition::of(&row)?;
    let settings = &state.subscriptions.settings;
    // What is asked for is a hint; resources only where they are configured.
    let content = match asked.content.unwrap_or(definition.content) {
        Content::FullResource if !settings.may_have_resources(&row.owner) => Content::IdOnly,
        content => content,
    };
    let scope = Scope::of_organisation(&state.intake.referrals.trusts, &row.owner, state.clock.now());
    let told = look::look(&*state.journal, &scope, content, &rows).await?;
    let who = who(request, permit.caller());
    state.intake.saw_forms(&who, ("read", &route(request)), None, patients(&told)).await?;
    let telling = Telling { row: &row, status: row.status, occasion: Occasion::QueryEvent, told: &told };
    let bundle = notification(telling, settings, state.clock.now(), new_id);
    let applied = waited.map(|waited| (prefer::APPLIED, format!("wait={}", waited.as_secs())));
    Ok(form.answer(StatusCode::OK, &bundle, applied.as_slice()))
}

/// The events that are asked for; where there is none yet, those that come while the caller waits.
async fn wait(
    request: &HttpRequest,
    permit: &Permit<ReadSubscriptions>,
    state: &State,
    (id, asked, time): (&str, &Asked, Duration),
) -> Result<(SubscriptionRow, Vec<EventRow>), Problem> {
    let is_enough =
        |(_, rows): &(SubscriptionRow, Vec<EventRow>)| !rows.is_empty() || state.is_stopping.load(Ordering::SeqCst);
    let look = async || look_up(request, permit, state, (id, asked)).await;
    state.subscriptions.waiting.until(tokio::time::Instant::now() + time, is_enough, look).await
}

/// The events that are there.
async fn look_up(
    request: &HttpRequest,
    permit: &Permit<ReadSubscriptions>,
    state: &State,
    (id, asked): (&str, &Asked),
) -> Result<(SubscriptionRow, Vec<EventRow>), Problem> {
    let row = own(request, permit, state, id).await?;
    let first = row.purged + 1;
    if asked.since.is_some_and(|since| since < first) {
        let text = format!("the first event that is kept is {first}");
        return Err(Problem::new(StatusCode::GONE, IssueCode::SubscriptionEventsPurged, &text));
    }
    let numbers = (asked.since.unwrap_or(first), asked.until);
    let mut rows = state.journal.events(row.id.clone(), numbers, EVENTS).await?;
    // What was committed since the row was read is not in its count: it is for the next request, or the next look.
    rows.retain(|event| event.number <= row.events);
    Ok((row, rows))
}

/// Names and values of posted Parameters.
async fn posted(request: &HttpRequest, state: &State, payload: web::Payload) -> Result<Vec<(String, String)>, Problem> {
    let body = body(request, &state.limits, (BODY, state.body_time), payload).await?;
    if body.bytes.is_empty() {
        return Ok(Vec::new());
    }
    let wrong = || Problem::invalid("the body is no Parameters");
    let resource: Value = serde_json::from_slice(&body.bytes).map_err(|_| wrong())?;
    if resource.get("resourceType").and_then(Value::as_str) != Some("Parameters") {
        return Err(wrong());
    }
    let list = resource.get("parameter").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let read = |parameter: &Value| {
        let name = parameter.get("name").and_then(Value::as_str)?;
        let values = ["valueString", "valueCode", "valueId"].map(|kind| parameter.get(kind).and_then(Value::as_str));
        Some((name.to_owned(), values.into_iter().flatten().next()?.to_owned()))
    };
    list.iter().map(|parameter| read(parameter).ok_or_else(wrong)).collect()
}

fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
