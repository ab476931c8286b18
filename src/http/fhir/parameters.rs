//! The parameters of a request, from its address and its body.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};

use super::super::State;
use super::super::body::body;
use super::super::error::Problem;
use crate::domain::issue::IssueCode;

/// Longest body of a search, in bytes.
const BODY: usize = 64 << 10;

const FORM: &str = "application/x-www-form-urlencoded";

/// Parameters in their order.
pub(in crate::http) type Pairs = Vec<(String, String)>;

/// Those of the address.
pub(in crate::http) fn of_address(request: &HttpRequest) -> Result<Pairs, Problem> {
    pairs(request.query_string())
}

/// Those of the address, and those of the body of a `_search`.
pub(in crate::http) async fn of_body(
    request: &HttpRequest,
    state: &State,
    payload: web::Payload,
) -> Result<Pairs, Problem> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.is_empty() && !kind.eq_ignore_ascii_case(FORM) {
        let text = "the parameters of a search are sent as application/x-www-form-urlencoded";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, IssueCode::RequestUnsupported, text));
    }
    let body = body(request, &state.limits, (BODY, state.body_time), payload).await?;
    let text = std::str::from_utf8(&body.bytes).map_err(|_| Problem::invalid("the body is not UTF-8"))?;
    let mut pairs = of_address(request)?;
    pairs.extend(self::pairs(text)?);
    Ok(pairs)
}

fn pairs(text: &str) -> Result<Pairs, Problem> {
    let pairs = web::Query::<Pairs>::from_query(text);
    Ok(pairs.map_err(|_| Problem::invalid("the parameters cannot be read"))?.into_inner())
}
