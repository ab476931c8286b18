//! `GET /fhir/{type}` and `POST /fhir/{type}/_search`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::form::Form;
use super::parameters::{Pairs, of_address, of_body};
use super::{Interaction, Reading, invalid_of};
use crate::authz::{Permit, ReadResources};
use crate::domain::national_id::NationalId;
use crate::domain::referral::identity;
use crate::fhir_store::{Asked, Context, bundle, run};
use crate::http::State;
use crate::http::error::Problem;
use crate::http::personal::has_number;
use crate::http::prefer::handling;

/// `GET /fhir/{type}`.
pub(in crate::http) async fn get(
    request: HttpRequest,
    permit: Permit<ReadResources>,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let reading = Reading::of(&request, &permit, &state, Interaction::Search).await?;
    let pairs = of_address(&request)?;
    search(&reading, &pairs, false).await
}

/// `POST /fhir/{type}/_search`: with national numbers, too.
pub(in crate::http) async fn post(
    request: HttpRequest,
    permit: Permit<ReadResources>,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let reading = Reading::of(&request, &permit, &state, Interaction::Search).await?;
    let pairs = of_body(&request, &state, payload).await?;
    search(&reading, &pairs, true).await
}

async fn search(reading: &Reading<'_>, pairs: &Pairs, is_body: bool) -> Result<HttpResponse, Problem> {
    let Reading { request, state, kind, scope, .. } = reading;
    let form = Form::of(request, pairs)?;
    let asked = {
        let ids = &state.intake.referrals.identified;
        let patient_id = |number: &NationalId| ids.id("Patient", &identity::patient(number.expose()), "").to_string();
        let sealed = |value: &str| ids.seal(value);
        let context = Context {
            sealed: &sealed,
            base: &state.base,
            handling: handling(request),
            patient_id: if is_body { Some(&patient_id) } else { None },
            is_personal: &has_number,
        };
        Asked::read(kind, pairs, &context).map_err(|invalid| invalid_of(request, &invalid))?
    };
    // Whoever may not read a type learns nothing of it by what is shown with another.
    for other in asked.other_types() {
        reading.reach(other, Interaction::Search).await?;
    }
    let found = run::search(&*state.journal, scope, &asked, &reading.seal()).await;
    let page = found.map_err(|failure| reading.problem(failure))?;
    reading.saw("search", page.rows(), asked.detail()).await?;
    let bundle = bundle::searchset(&page, &asked, &state.base)?;
    Ok(form.answer(StatusCode::OK, &bundle, &[]))
}
