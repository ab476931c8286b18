//! Where is my message, and why.

use actix_web::http::header::{ACCEPT, CONTENT_DISPOSITION};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::State;
use super::deny::{self, Denial, route, who};
use super::error::Problem;
use super::tenancy::{self, Sight};
use super::{operators, page};
use crate::authz::{Action, Operate, Permit, ReadMessages, ReadOriginals};
use crate::domain::disposition::Disposition;
use crate::identity::Role;
use crate::journal::{DeliveryState, Filter, MessageRow};

/// Messages of a page where none is asked for, and at most.
const COUNT: (i64, i64) = (50, 500);

/// Parameters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    sender: Option<String>,
    disposition: Option<String>,
    kind: Option<String>,
    /// Place after which the page begins: `next` of the page before.
    after: Option<i64>,
    #[serde(rename = "_count")]
    count: Option<i64>,
}

/// `GET /messages`: the caller's messages, newest first.
pub(super) async fn list(
    request: HttpRequest,
    permit: Permit<ReadMessages>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let query = web::Query::<Query>::from_query(request.query_string())
        .map_err(|_| Problem::invalid("a parameter is not known or not of its form"))?
        .into_inner();
    if query.disposition.as_deref().is_some_and(|word| Disposition::parse(word).is_none()) {
        return Err(Problem::invalid("no such disposition"));
    }
    let limit = query.count.unwrap_or(COUNT.0).clamp(1, COUNT.1);
    // Whoever asks for another sender's messages sees what is there of it for the caller.
    let filter = Filter {
        scope: tenancy::scope(&permit, &state),
        sender: query.sender,
        disposition: query.disposition,
        kind: query.kind,
        before: query.after,
        limit,
        ..Filter::default()
    };
    let rows = state.journal.messages(filter).await?;
    state.intake.saw(&who(&request, permit.caller()), "search", &rows, &route(&request)).await?;
    let is_full = usize::try_from(limit).is_ok_and(|limit| rows.len() == limit);
    let next = rows.last().filter(|_| is_full).map(|row| row.sequence);
    let list: Vec<Value> = rows.iter().map(summary).collect();
    if wants_html(&request) {
        return Ok(page::list(&rows, next));
    }
    Ok(HttpResponse::Ok().json(json!({"messages": list, "next": next})))
}

/// `GET /messages/{id}`: everything that is known of a message; looking is audited.
pub(super) async fn one(
    request: HttpRequest,
    permit: Permit<ReadMessages>,
    state: web::Data<State>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let row = look(&request, &permit, &state, id.into_inner()).await?;
    let mut deliveries = Vec::new();
    let mut may_replay = false;
    for delivery in state.journal.deliveries(row.id.clone()).await? {
        may_replay |= delivery.state == DeliveryState::Dead && Permit::<Operate>::of(permit.caller()).is_ok();
        let attempts = state.journal.attempts(delivery.sequence).await?;
        let attempts: Vec<Value> = attempts
            .into_iter()
            .map(|attempt| {
                json!({"at": attempt.at.to_string(), "status": attempt.status, "code": attempt.code,
                    "answer": (permit.caller().role() == Role::Operator).then_some(attempt.detail)})
            })
            .collect();
        deliveries.push(json!({
            "number": delivery.sequence,
            "destination": delivery.destination,
            "kind": delivery.kind,
            "state": delivery.state.as_str(),
            "decided": delivery.created.to_string(),
            "due": delivery.due.to_string(),
            "settled": delivery.settled.map(|at| at.to_string()),
            "attempts": attempts,
        }));
    }
    let audits = state.journal.audits(row.id.clone()).await?;
    let audits: Vec<Value> = audits
        .into_iter()
        .map(|audit| {
            json!({"at": audit.at.to_string(), "action": audit.action, "outcome": audit.outcome,
                "organisation": audit.organisation, "role": audit.role})
        })
        .collect();
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    let mut whole = summary(&row);
    if let Some(members) = whole.as_object_mut() {
        members.insert("explanation".to_owned(), parsed(&row.explanation));
        members.insert("deliveries".to_owned(), Value::Array(deliveries));
        members.insert("issues".to_owned(), parsed(&row.issues));
        members.insert(
            "receipt".to_owned(),
            json!({"status": row.answer_status, "contentType": row.answer_type,
                "body": String::from_utf8_lossy(&row.answer)}),
        );
        members.insert("audit".to_owned(), Value::Array(audits));
    }
    if !wants_html(&request) {
        return Ok(HttpResponse::Ok().json(whole));
    }
    let form = may_replay.then(|| operators::csrf(&request)).flatten();
    Ok(page::one(&whole, form.as_deref().map(|csrf| (row.id.as_str(), csrf))))
}

/// `GET /messages/{id}/original`: the bytes as they came, for their sender and for an operator who has to decide.
pub(super) async fn original(
    request: HttpRequest,
    permit: Permit<ReadOriginals>,
    state: web::Data<State>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let row = look(&request, &permit, &state, id.into_inner()).await?;
    let bytes = state.intake.original(&row.id).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        // Never shown by a browser as a page of the gateway.
        .content_type("application/octet-stream")
        .insert_header((CONTENT_DISPOSITION, "attachment"))
        .body(bytes))
}

/// The message, where the caller may see it, and why; another's is as one that does not exist.
pub(super) async fn visible<A: Action>(
    request: &HttpRequest,
    permit: &Permit<A>,
    state: &State,
    id: String,
) -> Result<(MessageRow, Sight), Problem> {
    let row = state.journal.message(id).await?;
    let scope = tenancy::scope(permit, state);
    let sight = tenancy::sight(state, scope.as_ref(), row.as_ref()).await?;
    match (row, sight) {
        (Some(row), Some(sight)) => Ok((row, sight)),
        _ => {
            deny::note(request, state, Some(permit.caller()), Denial::NotFound).await;
            Err(Problem::not_found())
        }
    }
}

/// The message, after a row that the caller looked is left; without it nothing is shown.
async fn look<A: Action>(
    request: &HttpRequest,
    permit: &Permit<A>,
    state: &State,
    id: String,
) -> Result<MessageRow, Problem> {
    let (row, sight) = visible(request, permit, state, id).await?;
    let who = who(request, permit.caller());
    let by = match sight {
        Sight::Own => "",
        Sight::Granted => " by grant",
    };
    let detail = format!("{}{by}", route(request));
    state.intake.saw(&who, "read", std::slice::from_ref(&row), &detail).await?;
    Ok(row)
}

fn summary(row: &MessageRow) -> Value {
    let meaning = Disposition::parse(&row.disposition).map(Disposition::meaning);
    json!({
        "id": row.id,
        "kind": row.kind,
        "format": row.format,
        "channel": row.channel,
        "sender": row.sender,
        "received": row.received.to_string(),
        "updated": row.updated.to_string(),
        "disposition": row.disposition,
        "meaning": meaning,
        "reason": row.reason,
        "case": row.case,
        "trace": row.trace,
        "contentHash": row.content_hash,
    })
}

pub(super) fn wants_html(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.split(',').next().is_some_and(|first| first.trim().starts_with("text/html")))
}
