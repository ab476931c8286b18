//! Patients in the trial, and the tasks of their referrals.

use crate::fhir::systems::CANONICAL_BASE;
use crate::fhir::value::Value;

use super::super::Context;
use super::super::tree::{all, exists, is, text};
use super::cohort::{agrees, named, own};
use super::is_system;

const STATE: &str = "/StructureDefinition/gateway-subject-state";
const PROGRESS: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchSubject.progress";
const REFERRAL_STATUS: &str = "/CodeSystem/gateway-referral-status";

/// States after registration; a withdrawal from them is off study.
const REGISTERED: [&str; 5] = ["on-study", "on-study-intervention", "on-study-observation", "follow-up", "off-study"];

/// The statuses that a state may have.
const STATES: &[(&str, &[&str])] = &[
    ("referred", &["potential-candidate"]),
    ("screening", &["screening"]),
    ("no-match", &["ineligible"]),
    ("matched", &["candidate"]),
    ("offered", &["eligible"]),
    ("accepted", &["pending-on-study"]),
    ("on-treatment", &["on-study-intervention"]),
    ("follow-up", &["follow-up"]),
    ("off-study", &["off-study"]),
    ("withdrawn", &["withdrawn"]),
    ("offer-declined", &["withdrawn"]),
    ("not-consented", &["not-registered"]),
    ("not-prioritised", &["not-registered"]),
    ("offer-expired", &["not-registered"]),
];

/// impress-subject-status: `extension.where(url =
/// 'https://impress-gateway.example/fhir/StructureDefinition/gateway-subject-state').value.all(($this = 'referred' and
/// %resource.status = 'potential-candidate') or ($this = 'screening' and %resource.status = 'screening') or ($this =
/// 'no-match' and %resource.status = 'ineligible') or ($this = 'matched' and %resource.status = 'candidate') or ($this
/// = 'offered' and %resource.status = 'eligible') or ($this = 'accepted' and %resource.status = 'pending-on-study') or
/// ($this = 'on-treatment' and %resource.status = 'on-study-intervention') or ($this = 'follow-up' and %resource.status
/// = 'follow-up') or ($this = 'off-study' and %resource.status = 'off-study') or (($this = 'withdrawn' or $this =
/// 'offer-declined') and %resource.status = 'withdrawn') or (($this = 'not-consented' or $this = 'not-prioritised' or
/// $this = 'offer-expired') and %resource.status = 'not-registered'))`
pub(super) fn status(subject: &Value, context: &Context<'_>) -> bool {
    own(subject, STATE).all(|state| agrees(STATES, text(state, "valueCode"), text(context.resource, "status")))
}

/// impress-off-study-reason: `status != 'off-study' or extension.where(url =
/// 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchSubject.progress').where(extension.where(url =
/// 'subjectState').value.ofType(CodeableConcept).coding.where(code = 'off-study').exists() and extension.where(url =
/// 'reason').exists()).exists()`
pub(super) fn off_study_reason(subject: &Value, _: &Context<'_>) -> bool {
    !is(subject, "status", "off-study")
        || named(subject, PROGRESS)
            .any(|entry| has_state(entry, &["off-study"]) && named(entry, "reason").next().is_some())
}

/// impress-withdrawn-before-registration: `status != 'withdrawn' or extension.where(url =
/// 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchSubject.progress').extension.where(url =
/// 'subjectState').value.ofType(CodeableConcept).coding.where(code = 'on-study' or code = 'on-study-intervention' or
/// code = 'on-study-observation' or code = 'follow-up' or code = 'off-study').empty()`
pub(super) fn withdrawn_before_registration(subject: &Value, _: &Context<'_>) -> bool {
    !is(subject, "status", "withdrawn") || !named(subject, PROGRESS).any(|entry| has_state(entry, &REGISTERED))
}

/// impress-task-reason: `statusReason.exists() or (status != 'rejected' and status != 'cancelled' and status !=
/// 'failed' and status != 'on-hold')`
pub(super) fn task_reason(task: &Value, _: &Context<'_>) -> bool {
    exists(task, "statusReason")
        || !["rejected", "cancelled", "failed", "on-hold"].iter().any(|status| is(task, "status", status))
}

/// impress-task-closed: `businessStatus.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-referral-status' and (code = 'rejected' or code =
/// 'cancelled')).code.all($this = %resource.status)`
pub(super) fn task_closed(task: &Value, context: &Context<'_>) -> bool {
    let system = format!("{CANONICAL_BASE}{REFERRAL_STATUS}");
    all(task, "businessStatus")
        .iter()
        .flat_map(|concept| all(concept, "coding"))
        .filter(|coding| text(coding, "system").is_some_and(|found| is_system(found, &system)))
        .filter_map(|coding| text(coding, "code").filter(|code| ["rejected", "cancelled"].contains(code)))
        .all(|code| text(context.resource, "status").is_none_or(|status| status == code))
}

fn has_state(entry: &Value, codes: &[&str]) -> bool {
    named(entry, "subjectState")
        .flat_map(|state| all(state, "valueCodeableConcept"))
        .flat_map(|concept| all(concept, "coding"))
        .any(|coding| codes.iter().any(|code| is(coding, "code", code)))
}
