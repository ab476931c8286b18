//! What is read of subscriptions: one, its versions, those that are searched for.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::super::State;
use super::super::error::Problem;
use super::super::fhir::{
    Form, Pairs, failed, history_asked, history_at_hand, invalid_of, of_address, of_body, sealed_for, version_number,
    versioned,
};
use super::super::personal::has_number;
use super::super::prefer::handling;
use super::{PARAMETERS, absent, look, own};
use crate::authz::{Permit, ReadSubscriptions};
use crate::domain::subscription::Status;
use crate::fhir_store::{Asked, Context, Own, Seal, at_hand, bundle, run, shown};
use crate::journal::{JournalError, ResourceRow, SubscriptionRow};
use crate::subscriptions::definition::Definition;

const KIND: &str = "Subscription";

/// The system of the codes of `Subscription.status`.
const STATUS: &str = "http://hl7.org/fhir/subscription-status";

/// `GET /fhir/Subscription/{id}`.
pub(in crate::http) async fn one(
    request: HttpRequest,
    permit: Permit<ReadSubscriptions>,
    state: web::Data<State>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let form = Form::of(&request, &of_address(&request)?)?;
    let row = own(&request, &permit, &state, &id).await?;
    show(&request, &permit, &state, (form, &row)).await
}

/// `GET /fhir/Subscription/{id}/_history/{version}`.
pub(in crate::http) async fn version(
    request: HttpRequest,
    permit: Permit<ReadSubscriptions>,
    state: web::Data<State>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let form = Form::of(&request, &of_address(&request)?)?;
    let (id, version) = path.into_inner();
    let wanted = version_number(&version);
    let versions = versions(&permit, &state, id).await?;
    match versions.iter().find(|row| Some(row.version) == wanted) {
        Some(row) => show(&request, &permit, &state, (form, row)).await,
        None => Err(absent(&request, &permit, &state).await),
    }
}

async fn show(
    request: &HttpRequest,
    permit: &Permit<ReadSubscriptions>,
    state: &State,
    (form, row): (Form, &SubscriptionRow),
) -> Result<HttpResponse, Problem> {
    look(request, permit, state, ("read", "")).await?;
    let resource = shown(&kept(row, state)?)?.unwrap_or_default();
    Ok(versioned(request, form, &resource, (row.version, row.updated)))
}

/// `GET /fhir/Subscription/{id}/_history`.
pub(in crate::http) async fn history(
    request: HttpRequest,
    permit: Permit<ReadSubscriptions>,
    state: web::Data<State>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let pairs = of_address(&request)?;
    let form = Form::of(&request, &pairs)?;
    let asked = history_asked(&request, (KIND, Some(&id)), &pairs)?;
    let versions = versions(&permit, &state, id.into_inner()).await?;
    if versions.is_empty() {
        return Err(absent(&request, &permit, &state).await);
    }
    let rows = versions.iter().map(|row| kept(row, &state)).collect::<Result<_, _>>()?;
    let found = history_at_hand(&request, (permit.caller(), &state), rows, &asked)?;
    look(&request, &permit, &state, ("read", asked.detail())).await?;
    let bundle = bundle::history(&found, &asked, &state.subscriptions.settings.base)?;
    Ok(form.answer(StatusCode::OK, &bundle, &[]))
}

/// `GET /fhir/Subscription`.
pub(in crate::http) async fn search_get(
    request: HttpRequest,
    permit: Permit<ReadSubscriptions>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let pairs = of_address(&request)?;
    search(&request, &permit, &state, &pairs).await
}

/// `POST /fhir/Subscription/_search`.
pub(in crate::http) async fn search_post(
    request: HttpRequest,
    permit: Permit<ReadSubscriptions>,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let pairs = of_body(&request, &state, payload).await?;
    search(&request, &permit, &state, &pairs).await
}

/// Those of the caller are few: what is asked for is picked from all of them.
async fn search(
    request: &HttpRequest,
    permit: &Permit<ReadSubscriptions>,
    state: &State,
    pairs: &Pairs,
) -> Result<HttpResponse, Problem> {
    let form = Form::of(request, pairs)?;
    let settings = &state.subscriptions.settings;
    let asked = asked(request, state, pairs)?;
    let own = asked.own().map_err(|invalid| invalid_of(request, &invalid))?;
    let mut rows = state.journal.subscriptions(permit.caller().organisation().to_owned()).await?;
    rows.retain(|row| {
        let topic = row.topic.canonical(&settings.canonical);
        own.iter().all(|(name, values)| match *name {
            "status" => values.iter().any(|value| is_status(row.status, value)),
            _ => values.iter().any(|value| topic.starts_with(value)),
        })
    });
    let rows = rows.iter().map(|row| kept(row, state)).collect::<Result<_, _>>()?;
    let caller = sealed_for(permit.caller());
    let seal = Seal { ids: &state.intake.referrals.identified, caller: &caller };
    let page = run::search_of(rows, &asked, &seal).map_err(|failure| failed(request, failure))?;
    look(request, permit, state, ("search", asked.detail())).await?;
    let bundle = bundle::searchset(&page, &asked, &settings.base)?;
    Ok(form.answer(StatusCode::OK, &bundle, &[]))
}

fn asked(request: &HttpRequest, state: &State, pairs: &Pairs) -> Result<Asked, Problem> {
    let sealed = |value: &str| state.intake.referrals.identified.seal(value);
    let context = Context {
        base: &state.subscriptions.settings.base,
        handling: handling(request),
        patient_id: None,
        sealed: &sealed,
        is_personal: &has_number,
    };
    let own = PARAMETERS.map(|(name, kind)| Own { name, is_value: (kind == "token").then_some(is_wanted) });
    Asked::read_with(KIND, &own, pairs, &context).map_err(|invalid| invalid_of(request, &invalid))
}

/// Whether a subscription can have the status that is asked for.
fn is_wanted(wanted: &str) -> bool {
    Status::ALL.into_iter().any(|status| is_status(status, wanted))
}

/// `active`, or `http://hl7.org/fhir/subscription-status|active`.
fn is_status(status: Status, wanted: &str) -> bool {
    let (system, code) = wanted.split_once('|').unwrap_or((STATUS, wanted));
    system == STATUS && (code.is_empty() && wanted != code || code == status.as_str())
}

/// The versions of the caller's subscription; none where there is none, and of another's.
async fn versions(
    permit: &Permit<ReadSubscriptions>,
    state: &State,
    id: String,
) -> Result<Vec<SubscriptionRow>, JournalError> {
    state.journal.subscription_versions(permit.caller().organisation().to_owned(), id).await
}

/// As a resource of the store, which a subscription is not.
fn kept(row: &SubscriptionRow, state: &State) -> Result<ResourceRow, JournalError> {
    let resource = Definition::of(row)?.resource(row, &state.subscriptions.settings);
    Ok(at_hand(KIND, row.id.clone(), (row.version, row.updated), &resource))
}
