//! The invariants of the gateway's own profiles (`profiles/fsh/input/fsh/invariants.fsh`).
//!
//! A component whose value is compared stands at most once in its profile. Where there are more, there is no single value
//! to compare and the invariant counts as met; the profile reports the number.

mod cohort;
mod exchange;
mod patients;
mod subject;
mod values;

use std::cmp::Ordering;

use crate::fhir::value::{Number, Value};

use super::order::{compare_numbers, sign};
use super::tree::{all, exists, has_choice, is, text};
use super::{Context, Rule};
use crate::fhir::systems::{
    ALLELE_FREQUENCY, ALLELE_READS, ALTERNATIVE_ALLELE, CANONICAL_BASE, CHANGE_TYPE, CODING_HGVS, COORDINATE_SYSTEM,
    COPY_NUMBER, EXACT_START_END, FUSION_DESIGNATION, GATEWAY_BIOMARKER, GATEWAY_COMPONENT, GENOMIC_HGVS,
    INNER_START_END, MICROSATELLITE_INSTABILITY, OUTER_START_END, PROTEIN_HGVS, REFERENCE_ALLELE, SO_GENE_FUSION,
    TUMOUR_MUTATIONAL_BURDEN, UCUM,
};

/// A system and a code of it.
type Code = (&'static str, &'static str);

const TOTAL_READS: Code = (GATEWAY_COMPONENT, "total-read-depth");
const FOLD_CHANGE: Code = (GATEWAY_COMPONENT, "fold-change");
const MINOR_COPY_NUMBER: Code = (GATEWAY_COMPONENT, "minor-copy-number");
const DIRECTION_KNOWN: Code = (GATEWAY_COMPONENT, "direction-known");
const FIVE_PRIME_PARTNER: Code = (GATEWAY_COMPONENT, "five-prime-partner");
const THREE_PRIME_PARTNER: Code = (GATEWAY_COMPONENT, "three-prime-partner");
const USABLE_SITES: Code = (GATEWAY_COMPONENT, "usable-msi-sites");
const UNSTABLE_SITES: Code = (GATEWAY_COMPONENT, "unstable-msi-sites");
const GENOMIC_INSTABILITY: Code = (GATEWAY_BIOMARKER, "genomic-instability-score");
const PER_MILLION_BASES: Code = (UCUM, "1/1000000{Base}");
const SCORE: Code = (UCUM, "{score}");

pub(super) const RULES: &[(&str, Rule)] = &[
    ("impress-patient-identified", patients::patient_identified),
    ("impress-national-number-form", patients::national_number_form),
    ("impress-no-national-number", patients::no_national_number),
    ("impress-year-only", patients::year_only),
    ("impress-no-extension", patients::no_extension),
    ("impress-requester-uuid", requester_uuid),
    ("impress-diagnosis-stated", diagnosis_stated),
    ("impress-attachment-content", attachment_content),
    ("impress-cancelled-report", cancelled_report),
    ("impress-vaf-range", vaf_range),
    ("impress-percent-range", percent_range),
    ("impress-count", values::count),
    ("impress-not-negative", values::not_negative),
    ("impress-position", values::position),
    ("impress-one-gene", values::one_gene),
    ("impress-one-answer", values::one_answer),
    ("impress-variant-defined", variant_defined),
    ("impress-coordinate-system", coordinate_system),
    ("impress-allele-depth", allele_depth),
    ("impress-not-total-depth", not_total_depth),
    ("impress-copy-number-stated", copy_number_stated),
    ("impress-fold-change", fold_change),
    ("impress-minor-copy-number", minor_copy_number),
    ("impress-fusion-direction", fusion_direction),
    ("impress-fusion-no-direction", fusion_no_direction),
    ("impress-fusion-designation", fusion_designation),
    ("impress-fusion-change-type", fusion_change_type),
    ("impress-tmb-value", tmb_value),
    ("impress-msi-value", msi_value),
    ("impress-gis-value", gis_value),
    ("impress-msi-sites", msi_sites),
    ("impress-cohort-stage", cohort::stage),
    ("impress-cohort-reason", cohort::reason),
    ("impress-slots-status", cohort::slots),
    ("impress-two-stage-design", cohort::design),
    ("impress-two-stage-counts", cohort::counts),
    ("impress-no-interim-counts", cohort::no_interim_counts),
    ("impress-subject-status", subject::status),
    ("impress-off-study-reason", subject::off_study_reason),
    ("impress-withdrawn-before-registration", subject::withdrawn_before_registration),
    ("impress-task-reason", subject::task_reason),
    ("impress-task-closed", subject::task_closed),
    ("impress-evaluation-stated", exchange::evaluation_stated),
    ("impress-control-response", exchange::control_response),
    ("impress-no-control-response", exchange::no_control_response),
    ("impress-disagreement", exchange::disagreement),
    ("impress-has-value", exchange::has_value),
    ("impress-topic", exchange::topic),
    ("impress-parameter-topic", exchange::parameter_topic),
    ("impress-event-number", exchange::event_number),
];

/// impress-requester-uuid:
/// `value.matches('^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$')`
fn requester_uuid(identifier: &Value, _: &Context<'_>) -> bool {
    text(identifier, "value").is_none_or(|value| {
        let groups =
            value.split('-').map(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(group.len()));
        groups.eq([8, 4, 4, 4, 12].map(Some))
    })
}

/// impress-diagnosis-stated: `coding.exists() or text.exists()`
fn diagnosis_stated(code: &Value, _: &Context<'_>) -> bool {
    exists(code, "coding") || exists(code, "text")
}

/// impress-attachment-content: `data.exists() or url.exists()`
fn attachment_content(attachment: &Value, _: &Context<'_>) -> bool {
    exists(attachment, "data") || exists(attachment, "url")
}

/// impress-cancelled-report: `status != 'cancelled' or result.empty()`
fn cancelled_report(report: &Value, _: &Context<'_>) -> bool {
    !is(report, "status", "cancelled") || !exists(report, "result")
}

/// impress-vaf-range: `value.empty() or (value.ofType(Quantity).value >= 0 and value.ofType(Quantity).value <= 1)`
fn vaf_range(component: &Value, _: &Context<'_>) -> bool {
    is_within(component, "1")
}

/// impress-percent-range: `value.empty() or (value.ofType(Quantity).value >= 0 and value.ofType(Quantity).value <=
/// 100)`
fn percent_range(component: &Value, _: &Context<'_>) -> bool {
    is_within(component, "100")
}

/// impress-variant-defined: `component.where(code.coding.where(system = 'http://loinc.org' and (code = '48004-6' or
/// code = '81290-9' or code = '48005-3')).exists()).exists() or (component.where(code.coding.where(system =
/// 'http://loinc.org' and code = '81254-5').exists()).exists() and component.where(code.coding.where(system =
/// 'http://loinc.org' and code = '69547-8').exists()).exists() and component.where(code.coding.where(system =
/// 'http://loinc.org' and code = '69551-0').exists()).exists())`
fn variant_defined(observation: &Value, _: &Context<'_>) -> bool {
    [CODING_HGVS, GENOMIC_HGVS, PROTEIN_HGVS].iter().any(|code| has(observation, *code))
        || [EXACT_START_END, REFERENCE_ALLELE, ALTERNATIVE_ALLELE].iter().all(|code| has(observation, *code))
}

/// impress-coordinate-system: `component.where(code.coding.where(system = 'http://loinc.org' and (code = '81254-5' or
/// code = '81301-4' or code = '81302-2')).exists()).empty() or component.where(code.coding.where(system =
/// 'http://loinc.org' and code = '92822-6').exists()).exists()`
fn coordinate_system(observation: &Value, _: &Context<'_>) -> bool {
    ![EXACT_START_END, OUTER_START_END, INNER_START_END].iter().any(|code| has(observation, *code))
        || has(observation, COORDINATE_SYSTEM)
}

/// impress-allele-depth: `component.where(code.coding.where(system = 'http://loinc.org' and code =
/// '82121-5').exists()).empty() or component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'total-read-depth').exists()).empty()
/// or component.where(code.coding.where(system = 'http://loinc.org' and code =
/// '82121-5').exists()).value.ofType(Quantity).value <= component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code =
/// 'total-read-depth').exists()).value.ofType(Quantity).value`
fn allele_depth(observation: &Value, _: &Context<'_>) -> bool {
    compare(observation, ALLELE_READS, TOTAL_READS) != Some(Ordering::Greater)
}

/// impress-not-total-depth: `component.where(code.coding.where(system = 'http://loinc.org' and code =
/// '82121-5').exists()).empty() or component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'total-read-depth').exists()).empty()
/// or component.where(code.coding.where(system = 'http://loinc.org' and code = '81258-6').exists()).empty() or
/// component.where(code.coding.where(system = 'http://loinc.org' and code =
/// '81258-6').exists()).value.ofType(Quantity).value >= 0.5 or component.where(code.coding.where(system =
/// 'http://loinc.org' and code = '82121-5').exists()).value.ofType(Quantity).value <
/// component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and
/// code = 'total-read-depth').exists()).value.ofType(Quantity).value`
fn not_total_depth(observation: &Value, _: &Context<'_>) -> bool {
    let half = number(observation, ALLELE_FREQUENCY).and_then(|frequency| compare_numbers(frequency.as_str(), "0.5"));
    half != Some(Ordering::Less)
        || matches!(compare(observation, ALLELE_READS, TOTAL_READS), None | Some(Ordering::Less))
}

/// impress-copy-number-stated: `component.where(code.coding.where(system = 'http://loinc.org' and (code = '48019-4' or
/// code = '82155-3')).exists()).exists() or component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'fold-change').exists()).exists()`
fn copy_number_stated(observation: &Value, _: &Context<'_>) -> bool {
    [CHANGE_TYPE, COPY_NUMBER, FOLD_CHANGE].iter().any(|code| has(observation, *code))
}

/// impress-fold-change: `component.where(code.coding.where(system = 'http://loinc.org' and code =
/// '82155-3').exists()).value.ofType(Quantity).empty() or component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'fold-change').exists()).empty() or
/// component.where(code.coding.where(system = 'http://loinc.org' and code =
/// '82155-3').exists()).value.ofType(Quantity).value = 0 or component.where(code.coding.where(system =
/// 'http://loinc.org' and code = '82155-3').exists()).value.ofType(Quantity).value !=
/// component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and
/// code = 'fold-change').exists()).value.ofType(Quantity).value`
fn fold_change(observation: &Value, _: &Context<'_>) -> bool {
    let is_zero = number(observation, COPY_NUMBER).and_then(sign) == Some(Ordering::Equal);
    is_zero || compare(observation, COPY_NUMBER, FOLD_CHANGE) != Some(Ordering::Equal)
}

/// impress-minor-copy-number: `component.where(code.coding.where(system = 'http://loinc.org' and code =
/// '82155-3').exists()).value.ofType(Quantity).empty() or component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code =
/// 'minor-copy-number').exists()).empty() or component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code =
/// 'minor-copy-number').exists()).value.ofType(Quantity).value <= component.where(code.coding.where(system =
/// 'http://loinc.org' and code = '82155-3').exists()).value.ofType(Quantity).value`
fn minor_copy_number(observation: &Value, _: &Context<'_>) -> bool {
    compare(observation, MINOR_COPY_NUMBER, COPY_NUMBER) != Some(Ordering::Greater)
}

/// impress-fusion-direction: `component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code =
/// 'direction-known').exists()).value.ofType(boolean).where($this = true).empty() or
/// component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and
/// code = 'five-prime-partner').exists()).empty() or component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code =
/// 'three-prime-partner').exists()).empty() or component.where(code.coding.where(system = 'http://loinc.org' and code =
/// '95123-6').exists()).exists()`
fn fusion_direction(observation: &Value, _: &Context<'_>) -> bool {
    !knows_direction(observation)
        || !has(observation, FIVE_PRIME_PARTNER)
        || !has(observation, THREE_PRIME_PARTNER)
        || has(observation, FUSION_DESIGNATION)
}

/// impress-fusion-no-direction: `component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code =
/// 'direction-known').exists()).value.ofType(boolean).where($this = true).exists() or
/// (component.where(code.coding.where(system = 'http://loinc.org' and code = '95123-6').exists()).empty() and
/// component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and
/// (code = 'five-prime-partner' or code = 'three-prime-partner')).exists()).empty())`
fn fusion_no_direction(observation: &Value, _: &Context<'_>) -> bool {
    knows_direction(observation)
        || ![FUSION_DESIGNATION, FIVE_PRIME_PARTNER, THREE_PRIME_PARTNER].iter().any(|code| has(observation, *code))
}

/// impress-fusion-designation: `value.empty() or value.ofType(CodeableConcept).text.matches('^[^:]+::[^:]+$')`
fn fusion_designation(component: &Value, _: &Context<'_>) -> bool {
    let designation = component.get("valueCodeableConcept").and_then(|concept| text(concept, "text"));
    let is_partner = |partner: &str| !partner.is_empty() && !partner.contains(':');
    designation
        .is_none_or(|text| text.split_once("::").is_some_and(|(five, three)| is_partner(five) && is_partner(three)))
}

/// impress-fusion-change-type: `component.where(code.coding.where(system = 'http://loinc.org' and code =
/// '48019-4').exists()).value.ofType(CodeableConcept).coding.where(code = 'SO:0001565').empty()`
fn fusion_change_type(observation: &Value, _: &Context<'_>) -> bool {
    !components(observation, CHANGE_TYPE)
        .flat_map(|component| all(component, "valueCodeableConcept"))
        .flat_map(|concept| all(concept, "coding"))
        .any(|coding| is(coding, "code", SO_GENE_FUSION))
}

/// impress-tmb-value: `code.coding.where(system = 'http://loinc.org' and code = '94076-7').empty() or
/// value.ofType(Quantity).where(system = 'http://unitsofmeasure.org' and code = '1/1000000{Base}' and value >=
/// 0).exists() or (value.empty() and dataAbsentReason.exists())`
fn tmb_value(observation: &Value, _: &Context<'_>) -> bool {
    !is_coded(observation, TUMOUR_MUTATIONAL_BURDEN)
        || quantity_of(observation, PER_MILLION_BASES).is_some_and(|quantity| {
            let value = quantity.get("value").and_then(Value::as_number);
            value.and_then(sign).is_some_and(Ordering::is_ge)
        })
        || is_absent_with_reason(observation)
}

/// impress-msi-value: `code.coding.where(system = 'http://loinc.org' and code = '81695-9').empty() or value.empty() or
/// value.ofType(CodeableConcept).exists()`
fn msi_value(observation: &Value, _: &Context<'_>) -> bool {
    !is_coded(observation, MICROSATELLITE_INSTABILITY)
        || !has_choice(observation, "value")
        || exists(observation, "valueCodeableConcept")
}

/// impress-gis-value: `code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-biomarker'
/// and code = 'genomic-instability-score').empty() or value.ofType(Quantity).where(system = 'http://unitsofmeasure.org'
/// and code = '{score}').exists() or (value.empty() and dataAbsentReason.exists())`
fn gis_value(observation: &Value, _: &Context<'_>) -> bool {
    !is_coded(observation, GENOMIC_INSTABILITY)
        || quantity_of(observation, SCORE).is_some()
        || is_absent_with_reason(observation)
}

/// impress-msi-sites: `component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code = 'usable-msi-sites').exists()).empty()
/// or component.where(code.coding.where(system = 'https://impress-gateway.example/fhir/CodeSystem/gateway-component'
/// and code = 'unstable-msi-sites').exists()).empty() or component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code =
/// 'unstable-msi-sites').exists()).value.ofType(Quantity).value <= component.where(code.coding.where(system =
/// 'https://impress-gateway.example/fhir/CodeSystem/gateway-component' and code =
/// 'usable-msi-sites').exists()).value.ofType(Quantity).value`
fn msi_sites(observation: &Value, _: &Context<'_>) -> bool {
    compare(observation, UNSTABLE_SITES, USABLE_SITES) != Some(Ordering::Greater)
}

/// The components with a code.
fn components<'a>(observation: &'a Value<'a>, code: Code) -> impl Iterator<Item = &'a Value<'a>> {
    all(observation, "component").iter().filter(move |component| is_coded(component, code))
}

fn has(observation: &Value, code: Code) -> bool {
    components(observation, code).next().is_some()
}

/// The number of the only component with a code.
fn number<'a>(observation: &'a Value<'a>, code: Code) -> Option<&'a Number<'a>> {
    let mut found = components(observation, code);
    let component = found.next()?;
    if found.next().is_some() { None } else { quantity_value(component) }
}

fn compare(observation: &Value, left: Code, right: Code) -> Option<Ordering> {
    compare_numbers(number(observation, left)?.as_str(), number(observation, right)?.as_str())
}

fn quantity_value<'a>(element: &'a Value<'a>) -> Option<&'a Number<'a>> {
    element.get("valueQuantity")?.get("value")?.as_number()
}

fn is_within(component: &Value, most: &str) -> bool {
    quantity_value(component).is_none_or(|value| {
        sign(value) != Some(Ordering::Less) && compare_numbers(value.as_str(), most) != Some(Ordering::Greater)
    })
}

fn knows_direction(observation: &Value) -> bool {
    components(observation, DIRECTION_KNOWN)
        .any(|component| component.get("valueBoolean").and_then(Value::as_bool) == Some(true))
}

fn is_coded(element: &Value, (system, code): Code) -> bool {
    let codings = all(element, "code").iter().flat_map(|concept| all(concept, "coding"));
    codings
        .into_iter()
        .any(|coding| is(coding, "code", code) && text(coding, "system").is_some_and(|found| is_system(found, system)))
}

/// A code system of ours is known by its path: a deployment has a canonical base of its own (ADR 4), and that it is the right
/// one is a matter of the patterns in the profile.
fn is_system(found: &str, system: &str) -> bool {
    found == system || system.strip_prefix(CANONICAL_BASE).is_some_and(|path| found.ends_with(path))
}

/// The value, where it is a quantity in this unit.
fn quantity_of<'a>(observation: &'a Value<'a>, (system, code): Code) -> Option<&'a Value<'a>> {
    observation.get("valueQuantity").filter(|quantity| is(quantity, "system", system) && is(quantity, "code", code))
}

fn is_absent_with_reason(observation: &Value) -> bool {
    !has_choice(observation, "value") && exists(observation, "dataAbsentReason")
}
