//! Evaluations after 16 weeks, and subscriptions.

use crate::fhir::systems::CANONICAL_BASE;
use crate::fhir::value::Value;

use super::super::Context;
use super::super::tree::{all, exists, has_choice, is, text};
use super::is_system;

const RESPONSE: &str = "/CodeSystem/gateway-response";
const EVALUATION: &str = "/CodeSystem/gateway-evaluation";
const CONTROL: [&str; 3] = ["complete-response", "partial-response", "stable-disease"];
const PROGRESSION: [&str; 2] = ["progressive-disease", "confirmed-progression"];
const TOPICS: [&str; 4] = ["enrolment-changed", "cohort-status-changed", "report-available", "referral-status-changed"];

/// impress-evaluation-stated: `value.exists() or dataAbsentReason.exists()`
pub(super) fn evaluation_stated(observation: &Value, _: &Context<'_>) -> bool {
    has_choice(observation, "value") || exists(observation, "dataAbsentReason")
}

/// impress-control-response: `value.ofType(boolean).where($this = true).empty() or
/// component.value.ofType(CodeableConcept).coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-response' and (code = 'complete-response' or code =
/// 'partial-response' or code = 'stable-disease')).exists()`
pub(super) fn control_response(observation: &Value, _: &Context<'_>) -> bool {
    !says(observation, true) || has_response(observation, &CONTROL)
}

/// impress-no-control-response: `value.ofType(boolean).where($this = false).empty() or
/// component.value.ofType(CodeableConcept).coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-response' and (code = 'progressive-disease' or code =
/// 'confirmed-progression')).exists()`
pub(super) fn no_control_response(observation: &Value, _: &Context<'_>) -> bool {
    !says(observation, false) || has_response(observation, &PROGRESSION)
}

/// impress-disagreement: `component.value.ofType(CodeableConcept).coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-response' and (code = 'complete-response' or code =
/// 'partial-response' or code = 'stable-disease')).empty() or
/// component.value.ofType(CodeableConcept).coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-response' and (code = 'progressive-disease' or code =
/// 'confirmed-progression')).empty() or component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-evaluation' and code =
/// 'criteria-disagree').exists()).value.ofType(boolean).where($this = true).exists()`
pub(super) fn disagreement(observation: &Value, _: &Context<'_>) -> bool {
    !has_response(observation, &CONTROL)
        || !has_response(observation, &PROGRESSION)
        || all(observation, "component").iter().any(|component| {
            says(component, true)
                && all(component, "code").iter().any(|code| has_code(code, EVALUATION, &["criteria-disagree"]))
        })
}

/// impress-has-value: `hasValue()`
pub(super) fn has_value(element: &Value, _: &Context<'_>) -> bool {
    !matches!(element, Value::Null)
}

/// impress-topic: `$this = 'https://impress-gateway.example/fhir/SubscriptionTopic/enrolment-changed' or $this =
/// 'https://impress-gateway.example/fhir/SubscriptionTopic/cohort-status-changed' or $this =
/// 'https://impress-gateway.example/fhir/SubscriptionTopic/report-available' or $this =
/// 'https://impress-gateway.example/fhir/SubscriptionTopic/referral-status-changed'`
pub(super) fn topic(criteria: &Value, _: &Context<'_>) -> bool {
    criteria.as_str().is_none_or(is_topic)
}

/// impress-parameter-topic: `value.all($this =
/// 'https://impress-gateway.example/fhir/SubscriptionTopic/enrolment-changed' or $this =
/// 'https://impress-gateway.example/fhir/SubscriptionTopic/cohort-status-changed' or $this =
/// 'https://impress-gateway.example/fhir/SubscriptionTopic/report-available' or $this =
/// 'https://impress-gateway.example/fhir/SubscriptionTopic/referral-status-changed')`
pub(super) fn parameter_topic(parameter: &Value, _: &Context<'_>) -> bool {
    text(parameter, "valueCanonical").is_none_or(is_topic)
}

/// impress-event-number: `value.all($this.matches('^[0-9]+$'))`
pub(super) fn event_number(parameter: &Value, _: &Context<'_>) -> bool {
    text(parameter, "valueString")
        .is_none_or(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_topic(canonical: &str) -> bool {
    TOPICS.iter().any(|topic| is_system(canonical, &format!("{CANONICAL_BASE}/SubscriptionTopic/{topic}")))
}

fn says(element: &Value, answer: bool) -> bool {
    element.get("valueBoolean").and_then(Value::as_bool) == Some(answer)
}

fn has_response(observation: &Value, codes: &[&str]) -> bool {
    all(observation, "component")
        .iter()
        .flat_map(|component| all(component, "valueCodeableConcept"))
        .any(|concept| has_code(concept, RESPONSE, codes))
}

/// Whether a concept has one of these codes of a system of ours.
fn has_code(concept: &Value, path: &str, codes: &[&str]) -> bool {
    let system = format!("{CANONICAL_BASE}{path}");
    all(concept, "coding").iter().any(|coding| {
        codes.iter().any(|code| is(coding, "code", code))
            && text(coding, "system").is_some_and(|found| is_system(found, &system))
    })
}
