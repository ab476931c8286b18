//! Who calls.

use std::any::Any;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::{Extensions, Payload};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderName, WWW_AUTHENTICATE};
use actix_web::rt::net::TcpStream;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::future::LocalBoxFuture;

use super::deny::{self, Admitted, Denial};
use super::error::Problem;
use super::personal::has_number;
use super::{State, limit, operators};
use crate::authz::{self, Action, Permit};
use crate::domain::issue::IssueCode;
use crate::identity::Caller;
use crate::tokens::dpop::Target;
use crate::tokens::{Refusal, ResourceServer};

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
        Box::pin(async move { permitted(&request, Self::of).await })
    }
}

/// What a caller may, by `of`.
pub(super) async fn permitted<T>(
    request: &HttpRequest,
    of: impl FnOnce(&Caller) -> Result<T, authz::Refusal>,
) -> Result<T, Problem> {
    let Some(state) = request.app_data::<web::Data<State>>() else { return Err(unauthenticated()) };
    let caller = match caller(request, state).await {
        Ok(caller) => {
            state.limits.admit(request, &caller)?;
            request.extensions_mut().insert(Admitted(caller.clone()));
            caller
        }
        Err(refusal) => {
            state.limits.over(request)?;
            tracing::debug!(refusal.text = %refusal, "a caller was not recognised");
            match refusal {
                Refusal::Client | Refusal::Organisation | Refusal::Supplier => {
                    limit::note(request, &state.limits);
                    deny::note(request, state, None, Denial::Forbidden).await;
                }
                Refusal::Unavailable => {}
                _ => deny::note(request, state, None, Denial::Unauthenticated).await,
            }
            return Err(refused(refusal, &state.access));
        }
    };
    match of(&caller) {
        Ok(permit) => Ok(permit),
        Err(refusal) => {
            deny::note(request, state, Some(&caller), Denial::Forbidden).await;
            Err(forbidden(refusal, &state.access))
        }
    }
}

/// The caller. A secret or token that is sent must be right: a certificate beside it does not stand in for it.
async fn caller(request: &HttpRequest, state: &State) -> Result<Caller, Refusal> {
    let mut sent = request.headers().get_all(AUTHORIZATION);
    let (first, second) = (sent.next(), sent.next());
    let Some(value) = first else {
        let found = request.conn_data::<PeerCertificate>().and_then(|peer| state.callers.by_certificate(&peer.0));
        return found.cloned().or_else(|| operators::session(request)).ok_or(Refusal::Scheme);
    };
    let value = value.to_str().ok().filter(|_| second.is_none()).and_then(|value| value.split_once(' '));
    let (scheme, credential) = value.ok_or(Refusal::Scheme)?;
    let credential = credential.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !state.access.is_dpop() {
        return match state.callers.by_secret(credential) {
            Some(caller) => Ok(caller.clone()),
            None => state.access.bearer(credential).await,
        };
    }
    if scheme.eq_ignore_ascii_case("dpop") {
        // A proof that is no text is as one that is none.
        let proofs = request.headers().get_all("dpop").map(|proof| proof.to_str().unwrap_or_default());
        let proofs: Vec<&str> = proofs.collect();
        let target = Target { method: request.method().as_str(), path: request.uri().path(), token: credential };
        return state.access.dpop(&proofs, target).await;
    }
    Err(Refusal::Scheme)
}

fn unauthenticated() -> Problem {
    let text = "no secret, certificate or access token, or one that is not valid here";
    Problem::new(StatusCode::UNAUTHORIZED, IssueCode::RequestUnauthenticated, text)
}

/// No more than the words of the standards is told.
fn refused(refusal: Refusal, access: &ResourceServer) -> Problem {
    match refusal {
        Refusal::Unavailable => {
            let text = "who calls cannot be verified now";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, IssueCode::ServiceIdentityUnavailable, text)
        }
        Refusal::Client | Refusal::Organisation | Refusal::Supplier => {
            let text = "the client or its organisation may not call";
            Problem::new(StatusCode::FORBIDDEN, IssueCode::RequestForbidden, text)
        }
        refusal => {
            let word = refusal.word();
            let problem = unauthenticated().with(WWW_AUTHENTICATE, &access.challenge(word));
            match access.nonce().filter(|_| word == Some("use_dpop_nonce")) {
                Some(nonce) => problem.with(HeaderName::from_static("dpop-nonce"), &nonce),
                None => problem,
            }
        }
    }
}

pub(super) fn forbidden(refusal: authz::Refusal, access: &ResourceServer) -> Problem {
    match refusal {
        authz::Refusal::Forbidden => {
            let text = "the caller's role does not allow this";
            Problem::new(StatusCode::FORBIDDEN, IssueCode::RequestForbidden, text)
        }
        authz::Refusal::InsufficientScope => {
            let text = "the access token does not allow this";
            Problem::new(StatusCode::FORBIDDEN, IssueCode::RequestForbidden, text)
                .with(WWW_AUTHENTICATE, &access.challenge(Some("insufficient_scope")))
        }
    }
}

/// Address that a request came from.
pub(super) fn network(request: &HttpRequest) -> Option<String> {
    let state = request.app_data::<web::Data<State>>()?;
    state.limits.sender(request).map(|address| address.to_canonical().to_string())
}

/// The trace id of a request: that of a W3C `traceparent`, or a new one; 32 hexadecimal digits.
pub(super) fn trace(request: &HttpRequest) -> String {
    let given = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.split('-').nth(1)).filter(|trace| {
        trace.len() == 32
            && trace.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
            && trace.bytes().any(|byte| byte != b'0')
            && !has_number(trace)
    });
    given.map_or_else(|| uuid::Uuid::new_v4().simple().to_string(), str::to_owned)
}
