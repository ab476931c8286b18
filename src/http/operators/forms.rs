//! Whether a request that changes something comes from a page of ours (cross-site request forgery).
//!
//! Browsers send cookies and client certificates by themselves. So no request that changes something is taken from a page of
//! another site, and one of a session has to bring the secret of the session as well, as a header or as a field of its form. A
//! session that was not checked here is none: see [`super::session`].

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, ORIGIN};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{Error, HttpMessage, ResponseError, web};
use futures_util::StreamExt;
use serde::Deserialize;

use super::super::State;
use super::super::error::Problem;
use super::cookie;
use crate::domain::issue::IssueCode;
use crate::operators::Operators;

const SITE: &str = "sec-fetch-site";
const TOKEN: &str = "x-csrf-token";
const FORM: &str = "application/x-www-form-urlencoded";

/// Longest form, in bytes.
const LONGEST: usize = 4_096;

/// Marks a request that a page of ours sent.
pub(super) struct Own;

#[derive(Deserialize)]
struct Form {
    csrf: String,
}

/// Refuses what a page of another site sends, and marks what a page of ours sends.
pub(in crate::http) async fn check_origin<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match check(&mut request).await {
        Ok(()) => Ok(super::invite(next.call(request).await?.map_into_boxed_body())),
        Err(problem) => Ok(request.into_response(problem.error_response())),
    }
}

async fn check(request: &mut ServiceRequest) -> Result<(), Problem> {
    let foreign = || {
        let text = "a page of another site, or one that is too old, sent this";
        Problem::new(StatusCode::FORBIDDEN, IssueCode::RequestCrossSite, text)
    };
    if request.method().is_safe() {
        return Ok(());
    }
    let site = header(request.headers(), SITE);
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return Err(foreign());
    }
    let state = request.app_data::<web::Data<State>>().cloned();
    let Some(operators) = state.as_ref().and_then(|state| state.operators.as_ref()) else { return Ok(()) };
    let id = cookie::session(request.headers(), operators.is_secure());
    // Whoever names itself is not known by a cookie.
    if request.headers().contains_key(AUTHORIZATION) {
        return Ok(());
    }
    let Some(session) = id.and_then(|id| operators.session(&id)) else { return Ok(()) };
    if !is_same_origin(request.headers(), operators) {
        return Err(foreign());
    }
    let token = match header(request.headers(), TOKEN) {
        Some(token) => Some(token.to_owned()),
        None => field(request).await,
    };
    if !token.is_some_and(|token| session.is_csrf(&token)) {
        return Err(foreign());
    }
    request.extensions_mut().insert(Own);
    Ok(())
}

/// Whether the browser says that a page of ours sends this. One that says nothing is not believed.
fn is_same_origin(headers: &HeaderMap, operators: &Operators) -> bool {
    match (header(headers, SITE), header(headers, ORIGIN.as_str())) {
        (Some(site), Some(origin)) => site == "same-origin" && origin == operators.origin(),
        (Some(site), None) => site == "same-origin",
        (None, Some(origin)) => origin == operators.origin(),
        (None, None) => false,
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The field of a form, which is read for it and given back.
async fn field(request: &mut ServiceRequest) -> Option<String> {
    let kind = header(request.headers(), CONTENT_TYPE.as_str())?.split(';').next()?.trim();
    if !kind.eq_ignore_ascii_case(FORM) {
        return None;
    }
    let time = request.app_data::<web::Data<State>>()?.body_time;
    let mut payload = request.take_payload();
    let read = async {
        let mut form = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.ok()?;
            if form.len() + chunk.len() > LONGEST {
                return None;
            }
            form.extend_from_slice(&chunk);
        }
        Some(form.freeze())
    };
    let form: Bytes = tokio::time::timeout(time, read).await.ok()??;
    let given = std::str::from_utf8(&form).ok().and_then(|text| web::Query::<Form>::from_query(text).ok());
    let stream = futures_util::stream::once(std::future::ready(Ok(form)));
    request.set_payload(Payload::Stream { payload: Box::pin(stream) });
    given.map(|form| form.into_inner().csrf)
}
