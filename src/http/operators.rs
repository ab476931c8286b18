//! The log-in of operators in a browser, and what they do there.

mod cookie;
mod forms;

use actix_web::dev::ServiceResponse;
use actix_web::http::header::{AUTHORIZATION, LOCATION, SET_COOKIE};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::deny::{self, Denial, row};
use super::error::Problem;
use super::messages::{visible, wants_html};
use super::{State, limit, page};
use crate::authz::{Operate, Permit};
use crate::domain::issue::IssueCode;
use crate::identity::Caller;
use crate::journal::{Change, DeliveryState};
use crate::operators::{Answer, LoginError, Operators, Session};

pub(super) use self::forms::check_origin;

/// Parameters of a log-in.
#[derive(Debug, Deserialize)]
pub(super) struct Login {
    return_to: Option<String>,
}

/// The caller of a session. A request that changes something is one of a session only after [`check_origin`].
pub(super) fn session(request: &HttpRequest) -> Option<Caller> {
    let is_own = request.method().is_safe() || request.extensions().contains::<forms::Own>();
    found(request).filter(|_| is_own).map(|session| Caller::person(session.person()))
}

/// What a form of the session carries.
pub(super) fn csrf(request: &HttpRequest) -> Option<String> {
    found(request).map(|session| session.csrf().to_owned())
}

fn found(request: &HttpRequest) -> Option<Session> {
    let operators = request.app_data::<web::Data<State>>()?.operators.as_ref()?;
    operators.session(&cookie::session(request.headers(), operators.is_secure())?)
}

fn configured(state: &State) -> Result<&Operators, Problem> {
    state.operators.as_deref().ok_or_else(Problem::not_found)
}

/// `GET /operator`: where a person begins.
pub(super) async fn start(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    configured(&state)?;
    Ok(match found(&request) {
        Some(session) => page::start(session.person().role().as_str(), session.csrf()),
        None => page::welcome(),
    })
}

fn parameters<T: serde::de::DeserializeOwned>(request: &HttpRequest) -> Result<web::Query<T>, Problem> {
    web::Query::from_query(request.query_string())
        .map_err(|_| Problem::invalid("a parameter is not of its form, or stands twice"))
}

/// `GET /operator/login`: sends the browser to the provider.
pub(super) async fn login(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let operators = configured(&state)?;
    state.limits.over(&request)?;
    let query: web::Query<Login> = parameters(&request)?;
    // A log-in that is begun costs memory, and anybody may begin one.
    limit::note(&request, &state.limits);
    Ok(match operators.begin(query.return_to.as_deref()).await {
        Ok(begun) => HttpResponse::SeeOther()
            .insert_header((LOCATION, begun.url))
            .insert_header((SET_COOKIE, cookie::login_set(&begun.browser, operators.is_secure())))
            .finish(),
        Err(error) => refused(error, operators),
    })
}

/// `GET /operator/callback`: the browser comes back from the provider.
pub(super) async fn callback(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let operators = configured(&state)?;
    state.limits.over(&request)?;
    let answer: web::Query<Answer> = parameters(&request)?;
    let is_secure = operators.is_secure();
    let browser = cookie::login(request.headers(), is_secure);
    let former = cookie::session(request.headers(), is_secure);
    let finished = match operators.finish(answer.into_inner(), browser.as_deref(), former.as_deref()).await {
        Ok(finished) => finished,
        Err(error) => {
            limit::note(&request, &state.limits);
            deny::note(&request, &state, None, Denial::Unauthenticated).await;
            return Ok(refused(error, operators));
        }
    };
    if let Err(error) = record(&request, &state, "login", &Caller::person(&finished.person)).await {
        operators.end(&finished.session);
        return Err(error);
    }
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, finished.location))
        .append_header((SET_COOKIE, cookie::session_set(&finished.session, is_secure)))
        .append_header((SET_COOKIE, cookie::login_cleared(is_secure)))
        .finish())
}

/// `POST /operator/logout`: ends the session.
pub(super) async fn logout(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let operators = configured(&state)?;
    let is_secure = operators.is_secure();
    if let (Some(caller), Some(id)) = (session(&request), cookie::session(request.headers(), is_secure)) {
        operators.end(&id);
        record(&request, &state, "logout", &caller).await?;
    }
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, format!("{}/operator", operators.base())))
        .insert_header((SET_COOKIE, cookie::session_cleared(is_secure)))
        .finish())
}

/// `POST /messages/{id}/replay`: dead letters of a message are due again.
pub(super) async fn replay(
    request: HttpRequest,
    permit: Permit<Operate>,
    state: web::Data<State>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (message, _) = visible(&request, &permit, &state, id.into_inner()).await?;
    let deliveries = state.journal.deliveries(message.id.clone()).await?;
    let dead = deliveries.into_iter().filter(|delivery| delivery.state == DeliveryState::Dead);
    let revive: Vec<i64> = dead.map(|delivery| delivery.sequence).collect();
    let count = revive.len();
    let mut audit = row(&request, &state, permit.caller(), "replay");
    audit.message = Some(message.id.clone());
    audit.patient = message.patient;
    state.journal.commit(Change { revive, audits: vec![audit], ..Change::default() }).await?;
    state.intake.wake.notify_one();
    if wants_html(&request) {
        let base = state.operators.as_ref().map_or("", |operators| operators.base());
        return Ok(HttpResponse::SeeOther()
            .insert_header((LOCATION, format!("{base}/messages/{}", message.id)))
            .finish());
    }
    Ok(HttpResponse::Ok().json(json!({"replayed": count})))
}

/// Leaves a row about a person who comes or goes.
async fn record(request: &HttpRequest, state: &State, action: &'static str, caller: &Caller) -> Result<(), Problem> {
    let audit = row(request, state, caller, action);
    state.journal.commit(Change { audits: vec![audit], ..Change::default() }).await?;
    Ok(())
}

/// A person whose session has ended gets a page that leads to the log-in; a system gets the answer as it is.
fn invite(response: ServiceResponse) -> ServiceResponse {
    let request = response.request();
    let is_person = response.status() == StatusCode::UNAUTHORIZED
        && request.method() == Method::GET
        && wants_html(request)
        && !request.headers().contains_key(AUTHORIZATION);
    let base = request.app_data::<web::Data<State>>().and_then(|state| state.operators.as_ref());
    let Some(base) = base.filter(|_| is_person).map(|operators| operators.base().to_owned()) else { return response };
    let login = format!("{base}/operator/login?return_to={}", request.path());
    let page = page::failed(StatusCode::UNAUTHORIZED, IssueCode::RequestUnauthenticated, &login);
    response.into_response(page)
}

/// A page that says why, in our words.
fn refused(error: LoginError, operators: &Operators) -> HttpResponse {
    tracing::warn!(error.code = %error.code(), error.reason = %error, "a person was not logged in");
    let status = match error {
        LoginError::Unknown => StatusCode::BAD_REQUEST,
        LoginError::Refused | LoginError::Token(_) | LoginError::Role => StatusCode::FORBIDDEN,
        LoginError::Unavailable | LoginError::Random => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = page::failed(status, error.code(), &format!("{}/operator", operators.base()));
    let cleared = cookie::login_cleared(operators.is_secure());
    if let Ok(cleared) = cleared.parse() {
        response.headers_mut().append(SET_COOKIE, cleared);
    }
    response
}
