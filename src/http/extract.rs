//! Who calls, and the body within its limits.

use std::any::Any;
use std::time::Duration;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::{Extensions, Payload};
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::rt::net::TcpStream;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;

use super::State;
use super::deny::{self, Denial};
use super::error::Problem;
use crate::authz::{Action, Permit};
use crate::domain::issue::IssueCode;
use crate::identity::Caller;

/// The client certificate of a connection, DER, which TLS has checked.
struct PeerCertificate(Vec<u8>);

/// Keeps the certificate of a new connection.
pub(super) fn keep_certificate(connection: &dyn Any, data: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>()
        && let Some(leaf) = stream.get_ref().1.peer_certificates().and_then(<[_]>::first)
    {
        data.insert(PeerCertificate(leaf.to_vec()));
    }
}

/// A permit, before anything of the body is read.
impl<A: Action> FromRequest for Permit<A> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let found = caller(&request);
            let permit = found.as_ref().ok().and_then(Self::of);
            if let (None, Some(state)) = (&permit, request.app_data::<web::Data<State>>()) {
                let denial = if found.is_ok() { Denial::Forbidden } else { Denial::Unauthenticated };
                deny::note(&request, state, found.as_ref().ok(), denial).await;
            }
            found.and_then(|_| {
                permit.ok_or_else(|| {
                    let text = "the caller's role does not allow this";
                    Problem::new(StatusCode::FORBIDDEN, IssueCode::RequestForbidden, text)
                })
            })
        })
    }
}

/// The caller. A secret that is sent must be right: a certificate beside it does not stand in for it.
fn caller(request: &HttpRequest) -> Result<Caller, Problem> {
    let unknown = || {
        let text = "no secret or certificate, or one that is not known";
        Problem::new(StatusCode::UNAUTHORIZED, IssueCode::RequestUnauthenticated, text)
    };
    let state = request.app_data::<web::Data<State>>().ok_or_else(unknown)?;
    let found = match request.headers().get(AUTHORIZATION) {
        Some(value) => {
            let secret = value.to_str().ok().and_then(|value| value.split_once(' '));
            let secret = secret.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, secret)| secret);
            secret.and_then(|secret| state.callers.by_secret(secret.trim()))
        }
        None => request.conn_data::<PeerCertificate>().and_then(|peer| state.callers.by_certificate(&peer.0)),
    };
    found.cloned().ok_or_else(unknown)
}

/// Reads the body: at most `most` bytes, in at most so long.
pub(super) async fn body(
    request: &HttpRequest,
    (most, time): (usize, Duration),
    mut payload: web::Payload,
) -> Result<Vec<u8>, Problem> {
    let too_large = || {
        let text = format!("the body is longer than {most} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, IssueCode::RequestTooLarge, &text)
    };
    let length = request.headers().get(actix_web::http::header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()).and_then(|value| value.parse::<usize>().ok());
    if length.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let read = async {
        let mut body = Vec::with_capacity(length.unwrap_or(0).min(1 << 20));
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Problem::invalid("the body was cut off"))?;
            if body.len() + chunk.len() > most {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    tokio::time::timeout(time, read).await.unwrap_or_else(|_| {
        let text = "the body did not come in time";
        Err(Problem::new(StatusCode::REQUEST_TIMEOUT, IssueCode::RequestTooSlow, text))
    })
}

/// Address that a request came from.
pub(super) fn network(request: &HttpRequest) -> Option<String> {
    request.peer_addr().map(|address| address.ip().to_string())
}

/// The trace id of a request: that of a W3C `traceparent`, or a new one; 32 hexadecimal digits.
pub(super) fn trace(request: &HttpRequest) -> String {
    let given = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.split('-').nth(1)).filter(|trace| {
        trace.len() == 32
            && trace.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
            && trace.bytes().any(|byte| byte != b'0')
    });
    given.map_or_else(|| uuid::Uuid::new_v4().simple().to_string(), str::to_owned)
}
