//! One event: an event never changes, so that it has one version.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::query::event_id;
use super::{KIND, kept};
use crate::authz::{Permit, ReadAudit};
use crate::fhir_store::{bundle, shown};
use crate::http::State;
use crate::http::deny::{self, Whose, who};
use crate::http::error::Problem;
use crate::http::fhir::{Form, history_asked, history_at_hand, of_address, version_number, versioned};
use crate::http::tenancy;
use crate::journal::{AuditFilter, AuditRow, JournalError, Scope};

/// `GET /fhir/AuditEvent/{id}`.
pub(in crate::http) async fn one(
    request: HttpRequest,
    permit: Permit<ReadAudit>,
    state: web::Data<State>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    show(&request, &permit, &state, &id).await
}

/// `GET /fhir/AuditEvent/{id}/_history/{version}`.
pub(in crate::http) async fn version(
    request: HttpRequest,
    permit: Permit<ReadAudit>,
    state: web::Data<State>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, version) = path.into_inner();
    // Of another version there is none, whoever asks.
    let id = if version_number(&version) == Some(1) { id.as_str() } else { "" };
    show(&request, &permit, &state, id).await
}

async fn show(
    request: &HttpRequest,
    permit: &Permit<ReadAudit>,
    state: &State,
    id: &str,
) -> Result<HttpResponse, Problem> {
    let form = Form::of(request, &of_address(request)?)?;
    let row = own(request, permit, state, id).await?;
    saw(request, permit, state, (&row, "")).await?;
    let resource = shown(&kept(&row))?.unwrap_or_default();
    Ok(versioned(request, form, &resource, (1, row.at)))
}

/// `GET /fhir/AuditEvent/{id}/_history`.
pub(in crate::http) async fn history(
    request: HttpRequest,
    permit: Permit<ReadAudit>,
    state: web::Data<State>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let pairs = of_address(&request)?;
    let form = Form::of(&request, &pairs)?;
    let asked = history_asked(&request, (KIND, Some(&id)), &pairs)?;
    let row = own(&request, &permit, &state, &id).await?;
    let found = history_at_hand(&request, (permit.caller(), &state), vec![kept(&row)], &asked)?;
    saw(&request, &permit, &state, (&row, asked.detail())).await?;
    Ok(form.answer(StatusCode::OK, &bundle::history(&found, &asked, &state.base)?, &[]))
}

/// The event, where the caller may see it; another's is as one that does not exist, but for its owner, who can see who tried.
async fn own(request: &HttpRequest, permit: &Permit<ReadAudit>, state: &State, id: &str) -> Result<AuditRow, Problem> {
    let id = event_id(id);
    if let Some(row) = find(state, id, tenancy::scope(permit, state)).await? {
        return Ok(row);
    }
    let foreign = find(state, id, None).await.ok().flatten();
    let whose = foreign.map(|AuditRow { patient, tenant, message, .. }| Whose { patient, tenant, message });
    deny::note_absent(request, state, permit.caller(), whose.unwrap_or_default()).await;
    Err(Problem::not_found())
}

/// The event with a chain and number, where the scope sees it.
pub(super) async fn find(
    state: &State,
    id: Option<(i64, i64)>,
    scope: Option<Scope>,
) -> Result<Option<AuditRow>, JournalError> {
    // What cannot be the id of an event is asked for as one that is not there.
    let ids = vec![id.unwrap_or_default()];
    Ok(state.journal.search_audits(AuditFilter { ids, scope, limit: 1, ..AuditFilter::default() }).await?.pop())
}

/// Leaves a row that the event was looked at, for the patient that it is about.
async fn saw(
    request: &HttpRequest,
    permit: &Permit<ReadAudit>,
    state: &State,
    (row, parameters): (&AuditRow, &str),
) -> Result<(), Problem> {
    let detail = deny::detail(request, parameters);
    let forms = BTreeSet::from([(row.patient.clone(), row.tenant.clone())]);
    Ok(state.intake.saw_forms(&who(request, permit.caller()), ("read", &detail), None, forms).await?)
}
