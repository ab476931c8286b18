//! Patient, Organization, Condition, Consent, Observation and the other clinical resources.

use std::cmp::Ordering;

use crate::fhir::value::Value;

use super::order::compare_times;
use super::tree::{all, exists, has_choice, has_coding, is, text};
use super::{Context, Rule};
use crate::fhir::systems::{CONDITION_CLINICAL, CONDITION_VERIFICATION};

pub(super) const RULES: &[(&str, Rule)] = &[
    ("con-1", con_1),
    ("con-2", con_2),
    ("con-4", con_4),
    ("con-5", con_5),
    ("cpl-3", cpl_3),
    ("mad-1", mad_1),
    ("obs-3", obs_3),
    ("obs-6", obs_6),
    ("obs-7", obs_7),
    ("org-1", org_1),
    ("org-2", org_2),
    ("org-3", org_3),
    ("pat-1", pat_1),
    ("ppc-1", ppc_1),
    ("ppc-2", ppc_2),
    ("ppc-3", ppc_3),
    ("ppc-4", ppc_4),
    ("ppc-5", ppc_5),
    ("prr-1", prr_1),
];

/// con-1: `summary.exists() or assessment.exists()`
fn con_1(stage: &Value, _: &Context<'_>) -> bool {
    exists(stage, "summary") || exists(stage, "assessment")
}

/// con-2: `code.exists() or detail.exists()`
fn con_2(evidence: &Value, _: &Context<'_>) -> bool {
    exists(evidence, "code") || exists(evidence, "detail")
}

/// con-4: `abatement.empty() or clinicalStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-clinical'
/// and (code='resolved' or code='remission' or code='inactive')).exists()`
fn con_4(condition: &Value, _: &Context<'_>) -> bool {
    !has_choice(condition, "abatement")
        || has_coding(condition, "clinicalStatus", CONDITION_CLINICAL, &["resolved", "remission", "inactive"])
}

/// con-5: `verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-ver-status' and
/// code='entered-in-error').empty() or clinicalStatus.empty()`
fn con_5(condition: &Value, _: &Context<'_>) -> bool {
    !has_coding(condition, "verificationStatus", CONDITION_VERIFICATION, &["entered-in-error"])
        || !exists(condition, "clinicalStatus")
}

/// cpl-3: `detail.empty() or reference.empty()`
fn cpl_3(activity: &Value, _: &Context<'_>) -> bool {
    !exists(activity, "detail") || !exists(activity, "reference")
}

/// mad-1: `dose.exists() or rate.exists()`
fn mad_1(dosage: &Value, _: &Context<'_>) -> bool {
    exists(dosage, "dose") || has_choice(dosage, "rate")
}

/// obs-3: `low.exists() or high.exists() or text.exists()`
fn obs_3(range: &Value, _: &Context<'_>) -> bool {
    exists(range, "low") || exists(range, "high") || exists(range, "text")
}

/// obs-6: `dataAbsentReason.empty() or value.empty()`
fn obs_6(observation: &Value, _: &Context<'_>) -> bool {
    !exists(observation, "dataAbsentReason") || !has_choice(observation, "value")
}

/// obs-7: `value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()`
///
/// The first 100 codings of the code are compared, which bounds the time.
fn obs_7(observation: &Value, context: &Context<'_>) -> bool {
    let own: Vec<&Value> =
        all(context.resource, "code").iter().flat_map(|code| all(code, "coding")).take(100).collect();
    let is_own = |coding: &Value| own.contains(&coding);
    !has_choice(observation, "value")
        || !all(observation, "component")
            .iter()
            .flat_map(|component| all(component, "code"))
            .flat_map(|code| all(code, "coding"))
            .any(is_own)
}

/// org-1: `(identifier.count() + name.count()) > 0`
fn org_1(organization: &Value, _: &Context<'_>) -> bool {
    exists(organization, "identifier") || exists(organization, "name")
}

/// org-2, on Organization.address: `where(use = 'home').empty()`
fn org_2(address: &Value, _: &Context<'_>) -> bool {
    !is(address, "use", "home")
}

/// org-3, on Organization.telecom: `where(use = 'home').empty()`
fn org_3(telecom: &Value, _: &Context<'_>) -> bool {
    !is(telecom, "use", "home")
}

/// pat-1: `name.exists() or telecom.exists() or address.exists() or organization.exists()`
fn pat_1(contact: &Value, _: &Context<'_>) -> bool {
    ["name", "telecom", "address", "organization"].iter().any(|name| exists(contact, name))
}

/// ppc-1: `policy.exists() or policyRule.exists()`
fn ppc_1(consent: &Value, _: &Context<'_>) -> bool {
    exists(consent, "policy") || exists(consent, "policyRule")
}

/// ppc-2: `patient.exists() or scope.coding.where(system='something' and code='patient-privacy').exists().not()`
fn ppc_2(consent: &Value, _: &Context<'_>) -> bool {
    has_patient_unless(consent, "patient-privacy")
}

/// ppc-3: `patient.exists() or scope.coding.where(system='something' and code='research').exists().not()`
fn ppc_3(consent: &Value, _: &Context<'_>) -> bool {
    has_patient_unless(consent, "research")
}

/// ppc-4: `patient.exists() or scope.coding.where(system='something' and code='adr').exists().not()`
fn ppc_4(consent: &Value, _: &Context<'_>) -> bool {
    has_patient_unless(consent, "adr")
}

/// ppc-5: `patient.exists() or scope.coding.where(system='something' and code='treatment').exists().not()`
fn ppc_5(consent: &Value, _: &Context<'_>) -> bool {
    has_patient_unless(consent, "treatment")
}

/// prr-1: `orderDetail.empty() or code.exists()`
fn prr_1(request: &Value, _: &Context<'_>) -> bool {
    !exists(request, "orderDetail") || exists(request, "code")
}

/// inv-1 of Task: `lastModified.exists().not() or authoredOn.exists().not() or lastModified >= authoredOn`
pub(super) fn task_inv_1(task: &Value, _: &Context<'_>) -> bool {
    match (text(task, "lastModified"), text(task, "authoredOn")) {
        (Some(modified), Some(authored)) => compare_times(modified, authored) != Some(Ordering::Less),
        _ => true,
    }
}

/// The published expressions really say `something`: they hold for every real coding.
fn has_patient_unless(consent: &Value, scope: &str) -> bool {
    exists(consent, "patient") || !has_coding(consent, "scope", "something", &[scope])
}
