//! Who calls.

use std::any::Any;
use std::future::{Ready, ready};

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::{Extensions, Payload};
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::rt::net::TcpStream;
use actix_web::{FromRequest, HttpRequest, web};

use super::error::Problem;
use super::{State, operators};
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
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(caller(request).and_then(|caller| {
            Self::of(&caller).ok_or_else(|| {
                let text = "the caller's role does not allow this";
                Problem::new(StatusCode::FORBIDDEN, IssueCode::RequestForbidden, text)
            })
        }))
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
    let is_named = request.headers().contains_key(AUTHORIZATION);
    let session = || if is_named { None } else { operators::session(request) };
    let caller = found.cloned().or_else(session).ok_or_else(unknown)?;
    state.limits.admit(request, &caller)?;
    Ok(caller)
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
