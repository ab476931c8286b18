//! Messages in.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};

use super::State;
use super::body::{Room, body};
use super::error::{Problem, retry_after};
use super::extract::{network, trace};
use crate::authz::{Permit, SendReferral, SendReport};
use crate::domain::issue::IssueCode;
use crate::identity::Caller;
use crate::journal::JournalError;
use crate::pipeline::intake::{Answer, Arrival};
use crate::telemetry::note;

/// `POST /intake/referrals`, `POST /fhir/$process-message`: a referral in XML, HL7 v2 or FHIR, told apart by
/// looking.
pub(super) async fn referral(
    request: HttpRequest,
    permit: Permit<SendReferral>,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    refer(&request, &permit, &state, payload).await
}

/// Takes a referral.
pub(super) async fn refer(
    request: &HttpRequest,
    permit: &Permit<SendReferral>,
    state: &State,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let most = (state.body_bytes, state.body_time);
    let (arrival, _room) = arrival(request, permit.caller(), state, most, payload).await?;
    Ok(answered("referral", arrival, |arrival| state.intake.receive_referral(arrival)).await)
}

/// `POST /intake/receipts`: an AppRec for the status of a referral.
pub(super) async fn receipt(
    request: HttpRequest,
    permit: Permit<SendReferral>,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let most = (state.body_bytes, state.body_time);
    let (arrival, _room) = arrival(&request, permit.caller(), &state, most, payload).await?;
    Ok(answered("receipt", arrival, |arrival| state.intake.receive_receipt(arrival)).await)
}

/// `POST /intake/reports`: a run folder as tar, tar.gz, zip or as a multipart form with its files.
pub(super) async fn report(
    request: HttpRequest,
    permit: Permit<SendReport>,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    // Archives are large: so many bodies are held in memory at once, and the next one waits before it is read.
    let wait = state.report_bodies.acquire();
    let busy = || Problem::from(JournalError::Busy);
    let slot = tokio::time::timeout(state.report_time, wait).await.map_err(|_| busy())?.map_err(|_| busy())?;
    let most = (state.report_bytes, state.report_time);
    let (mut arrival, _room) = arrival(&request, permit.caller(), &state, most, payload).await?;
    if let Ok(boundary) = multer::parse_boundary(&arrival.content_type) {
        arrival.bytes = archive_of(arrival.bytes, boundary).await?;
        arrival.content_type = "application/x-tar".to_owned();
    }
    let response = answered("report", arrival, |arrival| state.intake.receive_report(arrival)).await;
    drop(slot);
    Ok(response)
}

/// `POST /fhir/Specimen`: the laboratory links its sample to the request.
pub(super) async fn specimen(
    request: HttpRequest,
    permit: Permit<SendReport>,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let most = (state.body_bytes, state.body_time);
    let (arrival, _room) = arrival(&request, permit.caller(), &state, most, payload).await?;
    Ok(answered("specimen", arrival, |arrival| state.intake.receive_specimen(arrival)).await)
}

/// Hands a message over, notes what became of it and how long that took, and makes the response of the answer.
pub(super) async fn answered<F: Future<Output = Answer>>(
    kind: &'static str,
    arrival: Arrival,
    receive: impl FnOnce(Arrival) -> F,
) -> HttpResponse {
    let started = tokio::time::Instant::now();
    let trace = arrival.trace.clone();
    let answer = receive(arrival).await;
    note(("http", kind), &answer, &trace, started.elapsed().as_secs_f64());
    respond(&answer, &trace)
}

/// The files of a multipart form as a tar archive; the same files give the same bytes, whatever the boundary is.
async fn archive_of(body: Vec<u8>, boundary: String) -> Result<Vec<u8>, Problem> {
    let wrong = || Problem::invalid("the multipart form is damaged, or a part is no file");
    let stream = futures_util::stream::once(std::future::ready(Ok::<_, std::io::Error>(body)));
    let mut form = multer::Multipart::new(stream, boundary);
    let mut archive = tar::Builder::new(Vec::new());
    while let Some(part) = form.next_field().await.map_err(|_| wrong())? {
        let name = part.file_name().map(str::to_owned).ok_or_else(wrong)?;
        let content = part.bytes().await.map_err(|_| wrong())?;
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        archive.append_data(&mut header, &name, content.as_ref()).map_err(|_| wrong())?;
    }
    archive.into_inner().map_err(|_| wrong())
}

/// A message, and its place in memory, which is kept until it is answered.
pub(super) async fn arrival(
    request: &HttpRequest,
    caller: &Caller,
    state: &State,
    most: (usize, Duration),
    payload: web::Payload,
) -> Result<(Arrival, Room), Problem> {
    if state.is_stopping.load(Ordering::SeqCst) {
        let text = "the gateway is being stopped";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, IssueCode::ServiceStopping, text));
    }
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let body = body(request, &state.limits, most, payload).await?;
    let arrival = Arrival {
        channel: "http",
        organisation: caller.organisation().to_owned(),
        role: caller.role().as_str(),
        client: caller.name().to_owned(),
        network: network(request),
        bytes: body.bytes,
        content_type: content_type.unwrap_or_default().to_owned(),
        trace: trace(request),
    };
    Ok((arrival, body.room))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn form(boundary: &str, disposition: &str) -> Vec<u8> {
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n1,2\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"b.tsv\"\r\n\r\nx\ty\r\n--{boundary}--\r\n"
        )
        .into_bytes()
    }

    #[tokio::test]
    async fn a_form_becomes_the_same_archive_whatever_its_boundary_is() {
        let file = "name=\"files\"; filename=\"Results/a.csv\"";
        let one = archive_of(form("one", file), "one".to_owned()).await.unwrap();
        let other = archive_of(form("other", file), "other".to_owned()).await.unwrap();
        assert_eq!(one, other);
        let mut archive = tar::Archive::new(one.as_slice());
        let names: Vec<String> =
            archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect();
        assert_eq!(names, ["Results/a.csv", "b.tsv"]);
    }

    #[tokio::test]
    async fn a_form_that_is_damaged_or_has_a_part_that_is_no_file_is_refused() {
        let no_file = archive_of(form("one", "name=\"comment\""), "one".to_owned()).await.unwrap_err();
        assert_eq!(no_file.to_string(), "request.invalid");
        let mut cut = form("one", "name=\"files\"; filename=\"a.csv\"");
        cut.truncate(cut.len() - 12);
        assert_eq!(archive_of(cut, "one".to_owned()).await.unwrap_err().to_string(), "request.invalid");
        // A name that leads out of the folder is no name in an archive.
        let out = archive_of(form("one", "name=\"files\"; filename=\"../a.csv\""), "one".to_owned()).await;
        assert_eq!(out.unwrap_err().to_string(), "request.invalid");
    }
}
