//! Messages in.

use std::sync::atomic::Ordering;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};

use super::State;
use super::error::{Problem, retry_after};
use super::extract::{body, trace};
use crate::authz::{Permit, SendReferral};
use crate::domain::issue::IssueCode;
use crate::identity::Caller;
use crate::pipeline::intake::{Answer, Arrival};

/// `POST /intake/referrals`, `POST /fhir`, `POST /fhir/$process-message`: a referral in XML, HL7 v2 or FHIR, told apart by
/// looking.
pub(super) async fn referral(
    request: HttpRequest,
    permit: Permit<SendReferral>,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let arrival = arrival(&request, permit.caller(), &state, payload).await?;
    let started = tokio::time::Instant::now();
    let trace = arrival.trace.clone();
    let answer = state.intake.receive_referral(arrival).await;
    note("referral", &answer, &trace, started.elapsed().as_secs_f64());
    Ok(respond(&answer, &trace))
}

async fn arrival(
    request: &HttpRequest,
    caller: &Caller,
    state: &State,
    payload: web::Payload,
) -> Result<Arrival, Problem> {
    if state.is_stopping.load(Ordering::SeqCst) {
        let text = "the gateway is being stopped";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, IssueCode::ServiceStopping, text));
    }
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    Ok(Arrival {
        channel: "http",
        organisation: caller.organisation().to_owned(),
        role: caller.role().as_str(),
        bytes: body(request, state, payload).await?,
        content_type: content_type.unwrap_or_default().to_owned(),
        trace: trace(request),
    })
}

/// Counts the message and says in a log what became of it.
fn note(kind: &'static str, answer: &Answer, trace: &str, seconds: f64) {
    let disposition = match (answer.disposition, answer.is_repeat) {
        (_, true) => "repeat",
        (Some(disposition), false) => disposition.as_str(),
        (None, false) => "not-taken",
    };
    let labels = [("kind", kind), ("channel", "http"), ("disposition", disposition)];
    metrics::counter!("impress_messages_total", &labels).increment(1);
    metrics::histogram!("impress_intake_seconds", "kind" => kind).record(seconds);
    let id = answer.message.as_deref().unwrap_or("none");
    tracing::info!(message.id = id, message.disposition = disposition, trace.id = trace, "a message was answered");
}

fn respond(answer: &Answer, trace: &str) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    retry_after(&mut response, status);
    response.insert_header(("X-Trace-Id", trace));
    if let Some(message) = &answer.message {
        response.insert_header(("X-Message-Id", message.as_str()));
    }
    if let Some(disposition) = answer.disposition {
        response.insert_header(("X-Disposition", disposition.as_str()));
    }
    if answer.is_repeat {
        response.insert_header(("X-Repeat", "true"));
    }
    response.insert_header((CONTENT_TYPE, answer.content_type.as_str())).body(answer.body.clone())
}
