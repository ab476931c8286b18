//! Errors of requests: an OperationOutcome with a stable code.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError};

use super::routes::methods;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::fhir::operation_outcome::operation_outcome;
use crate::journal::JournalError;
use crate::pipeline::intake::{Answer, FHIR_JSON};

/// Why a request was not answered as asked.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    issue: Issue,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: IssueCode, text: &str) -> Self {
        Self { status, issue: Issue::new(code, Location::default(), text), headers: Vec::new() }
    }

    pub(super) fn of(status: StatusCode, issue: Issue) -> Self {
        Self { status, issue, headers: Vec::new() }
    }

    /// Says in how many seconds to come again.
    pub(super) fn after(self, seconds: u64) -> Self {
        self.with(RETRY_AFTER, &seconds.to_string())
    }

    /// With a header; one that cannot stand in one is left out.
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    pub(super) fn not_found() -> Self {
        let text = "there is no such thing, or it is not the caller's";
        Self::new(StatusCode::NOT_FOUND, IssueCode::RequestNotFound, text)
    }

    pub(super) fn personal_in_url() -> Self {
        let text = "a national number stands in the address; search with POST, and the number in the body";
        Self::new(StatusCode::BAD_REQUEST, IssueCode::RequestPersonalInUrl, text)
    }

    pub(super) fn invalid(text: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, IssueCode::RequestInvalid, text)
    }
}

impl From<JournalError> for Problem {
    fn from(error: JournalError) -> Self {
        let status = StatusCode::from_u16(Answer::failed(&error).status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        Self { status, issue: error.issue(), headers: Vec::new() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.issue.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        retry_after(&mut response, self.status);
        // What encodings are taken: none (RFC 9110, section 15.5.16).
        if self.status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            response.insert_header((ACCEPT_ENCODING, "identity"));
        }
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response
            .insert_header((CONTENT_TYPE, FHIR_JSON))
            .body(operation_outcome(std::slice::from_ref(&self.issue)).to_string())
    }
}

/// Says when to come again, where that helps.
pub(super) fn retry_after(response: &mut HttpResponseBuilder, status: StatusCode) {
    if matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE
    ) {
        response.insert_header((RETRY_AFTER, "5"));
    }
}

/// No route: another method of a known address is told as such.
pub(super) async fn no_route(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let methods = methods(request.path()).ok_or_else(Problem::not_found)?;
    let text = "the address does not take this method";
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, IssueCode::RequestUnsupported, text);
    let mut response = problem.error_response();
    // RFC 9110, section 15.5.6: the answer names what is taken.
    if let Ok(methods) = HeaderValue::from_str(&methods) {
        response.headers_mut().insert(ALLOW, methods);
    }
    Ok(response)
}
