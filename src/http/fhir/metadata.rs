//! `GET /fhir/metadata`: open to everybody, as FHIR asks; it says nothing of messages or persons.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::form::Form;
use super::parameters::of_address;
use crate::fhir_store::capability::{About, canonical_base, statement};
use crate::http::error::Problem;
use crate::http::routes::ROUTES;
use crate::http::{State, audit, subscriptions};

/// Profiles of the gateway's own, by their canonical URLs.
const OWN: &str = "/StructureDefinition/Impress";

/// The CapabilityStatement.
pub(in crate::http) async fn metadata(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let form = Form::of(&request, &of_address(&request)?)?;
    let profiles = state.intake.referrals.validator.form().profiles.iter();
    let profiles: Vec<(&str, &str)> = profiles
        .filter(|(url, profile)| url.contains(OWN) && !profile.is_abstract)
        .map(|(url, profile)| (profile.type_name.as_str(), url.as_str()))
        .collect();
    let routes: Vec<(&str, &str)> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
    let audit = audit::PARAMETERS.iter().map(|(name, kind)| ("AuditEvent", *name, *kind));
    let subscriptions = subscriptions::PARAMETERS.iter().map(|(name, kind)| ("Subscription", *name, *kind));
    let others: Vec<(&str, &str, &str)> = audit.chain(subscriptions).collect();
    let about = About {
        routes: &routes,
        base: &state.base,
        version: env!("CARGO_PKG_VERSION"),
        canonical_base: canonical_base(&profiles),
        profiles: &profiles,
        others: &others,
    };
    Ok(form.answer(StatusCode::OK, &statement(&about), &[]))
}
