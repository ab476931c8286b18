//! What the trial writes.

use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, HeaderValue, IF_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use futures_util::future::LocalBoxFuture;

use super::State;
use super::error::Problem;
use super::extract::permitted;
use super::intake::{answered, arrival, refer};
use crate::authz::{Permit, Submission, WriteObservation, WritePatient, WriteStudy, WriteSubject, WriteTask};
use crate::fhir::etag::{Named, etag};
use crate::identity::Caller;
use crate::pipeline::intake::Address;

impl FromRequest for Submission {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { permitted(&request, Self::of).await })
    }
}

/// `POST /fhir`: of a trust a referral, of the trial a transaction.
pub(super) async fn submit(
    request: HttpRequest,
    submission: Submission,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    match submission {
        Submission::Referral(permit) => refer(&request, &permit, &state, payload).await,
        Submission::Trial(caller) => {
            let most = (state.body_bytes, state.body_time);
            let (arrival, _room) = arrival(&request, &caller, &state, most, payload).await?;
            Ok(answered("trial", arrival, |arrival| state.intake.receive_trial(arrival, None)).await)
        }
    }
}

macro_rules! put {
    ($($name:ident, $action:ty, $kind:literal;)*) => {
        $(
            #[doc = concat!("`PUT /fhir/", $kind, "/{id}`")]
            pub(super) async fn $name(
                request: HttpRequest,
                permit: Permit<$action>,
                id: web::Path<String>,
                state: web::Data<State>,
                payload: web::Payload,
            ) -> Result<HttpResponse, Problem> {
                put(&request, permit.caller(), ($kind, id.into_inner()), &state, payload).await
            }
        )*
    };
}

put! {
    study, WriteStudy, "ResearchStudy";
    subject, WriteSubject, "ResearchSubject";
    task, WriteTask, "Task";
    observation, WriteObservation, "Observation";
    patient, WritePatient, "Patient";
}

/// Takes one resource. `If-Match` is honoured, and the answer names the version that there is now.
async fn put(
    request: &HttpRequest,
    caller: &Caller,
    (kind, id): (&'static str, String),
    state: &State,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let most = (state.body_bytes, state.body_time);
    let (arrival, _room) = arrival(request, caller, state, most, payload).await?;
    let if_match = Named::read(request.headers().get_all(IF_MATCH).map(HeaderValue::as_bytes));
    let address = Address { kind, id: id.clone(), if_match };
    let mut response = answered("trial", arrival, |arrival| state.intake.receive_trial(arrival, Some(address))).await;
    if response.status().is_success()
        && let Ok(Some(version)) = state.intake.trial_version(kind, &id).await
        && let Ok(tag) = HeaderValue::from_str(&etag(version))
    {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}
