//! One resource, one version of it, and what it was before.

use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, LAST_MODIFIED};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::form::Form;
use super::parameters::{Pairs, of_address};
use super::{Interaction, Reading, failed, invalid_of, sealed_for, segment};
use crate::authz::{Permit, ReadResources};
use crate::domain::issue::IssueCode;
use crate::fhir_store::{HistoryAsked, Named, Seal, Versions, bundle, etag, history_of, shown};
use crate::http::State;
use crate::http::error::Problem;
use crate::http::prefer::handling;
use crate::identity::Caller;
use crate::journal::ResourceRow;

/// `GET /fhir/{type}/{id}`.
pub(in crate::http) async fn read(
    request: HttpRequest,
    permit: Permit<ReadResources>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let reading = Reading::of(&request, &permit, &state, Interaction::Read).await?;
    let form = Form::of(&request, &of_address(&request)?)?;
    let id = segment(&request, "id");
    let found = state.journal.read(reading.scope.clone(), reading.kind.to_owned(), id.to_owned()).await?;
    show(&reading, form, (id, found)).await
}

/// `GET /fhir/{type}/{id}/_history/{version}`.
pub(in crate::http) async fn vread(
    request: HttpRequest,
    permit: Permit<ReadResources>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let reading = Reading::of(&request, &permit, &state, Interaction::Read).await?;
    let form = Form::of(&request, &of_address(&request)?)?;
    let id = segment(&request, "id");
    let found = match version_number(segment(&request, "version")) {
        Some(version) => {
            let (kind, id) = (reading.kind.to_owned(), id.to_owned());
            state.journal.version(reading.scope.clone(), kind, id, version).await?
        }
        None => None,
    };
    show(&reading, form, (id, found)).await
}

async fn show(
    reading: &Reading<'_>,
    form: Form,
    (id, found): (&str, Option<ResourceRow>),
) -> Result<HttpResponse, Problem> {
    let Some(row) = found else { return Err(reading.absent(id).await) };
    reading.saw("read", std::iter::once(&row), "").await?;
    let Some(resource) = shown(&row)? else {
        let text = "the resource was deleted";
        return Err(Problem::new(StatusCode::GONE, IssueCode::RequestGone, text).with(ETAG, &etag(row.version)));
    };
    Ok(versioned(reading.request, form, &resource, (row.version, row.updated)))
}

/// What a request for versions asks for.
pub(in crate::http) fn history_asked(
    request: &HttpRequest,
    of: (&'static str, Option<&str>),
    pairs: &Pairs,
) -> Result<HistoryAsked, Problem> {
    HistoryAsked::read(of, pairs, handling(request)).map_err(|invalid| invalid_of(request, &invalid))
}

/// A page of versions that are all at hand.
pub(in crate::http) fn history_at_hand(
    request: &HttpRequest,
    (caller, state): (&Caller, &State),
    rows: Vec<ResourceRow>,
    asked: &HistoryAsked,
) -> Result<Versions, Problem> {
    let caller = sealed_for(caller);
    let seal = Seal { ids: &state.intake.referrals.identified, caller: &caller };
    history_of(rows, asked, &seal).map_err(|failure| failed(request, failure))
}

/// A version as an address names it.
pub(in crate::http) fn version_number(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A version of a resource; only that it is still the same where the caller has it.
pub(in crate::http) fn versioned(
    request: &HttpRequest,
    form: Form,
    resource: &Value,
    (version, updated): (i64, jiff::Timestamp),
) -> HttpResponse {
    let headers = [(ETAG, etag(version)), (LAST_MODIFIED, http_date(updated))];
    if is_known(request, version) {
        return not_modified(&headers);
    }
    form.answer(StatusCode::OK, resource, &headers)
}

/// Whether the caller has this version already.
fn is_known(request: &HttpRequest, version: i64) -> bool {
    let fields = request.headers().get_all(IF_NONE_MATCH).map(HeaderValue::as_bytes);
    Named::read(fields).is_some_and(|named| named.names(version))
}

/// RFC 9110, section 15.4.5: what would have been sent with 200.
fn not_modified(headers: &[(HeaderName, String)]) -> HttpResponse {
    let mut response = HttpResponse::NotModified();
    for (name, value) in headers {
        response.insert_header((name.clone(), value.as_str()));
    }
    response.finish()
}

/// `Thu, 28 May 2026 10:00:00 GMT`
fn http_date(at: jiff::Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// `GET /fhir/{type}/{id}/_history`.
pub(in crate::http) async fn history(
    request: HttpRequest,
    permit: Permit<ReadResources>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let reading = Reading::of(&request, &permit, &state, Interaction::Read).await?;
    versions(&reading, Some(segment(&request, "id"))).await
}

/// `GET /fhir/{type}/_history`.
pub(in crate::http) async fn history_of_type(
    request: HttpRequest,
    permit: Permit<ReadResources>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let reading = Reading::of(&request, &permit, &state, Interaction::Read).await?;
    versions(&reading, None).await
}

async fn versions(reading: &Reading<'_>, id: Option<&str>) -> Result<HttpResponse, Problem> {
    let Reading { request, state, kind, scope, .. } = reading;
    let pairs = of_address(request)?;
    let form = Form::of(request, &pairs)?;
    let asked = history_asked(request, (kind, id), &pairs)?;
    if let Some(id) = id {
        // A page may be empty; whether there is such a resource is another question.
        let found = state.journal.read(scope.clone(), (*kind).to_owned(), id.to_owned()).await?;
        if found.is_none() {
            return Err(reading.absent(id).await);
        }
    }
    let found = crate::fhir_store::history(&*state.journal, scope, &asked, &reading.seal()).await;
    let found = found.map_err(|failure| reading.problem(failure))?;
    let action = if id.is_some() { "read" } else { "search" };
    reading.saw(action, found.rows.iter(), asked.detail()).await?;
    let bundle = bundle::history(&found, &asked, &state.base)?;
    Ok(form.answer(StatusCode::OK, &bundle, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9110, section 5.6.7.
    #[test]
    fn a_date_of_http_is_of_its_form() {
        assert_eq!(http_date("1994-11-06T08:49:37.9Z".parse().unwrap()), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
