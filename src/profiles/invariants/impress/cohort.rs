//! Cohorts: stage, status, design, counts.

use std::cmp::Ordering;

use crate::fhir::systems::CANONICAL_BASE;
use crate::fhir::value::{Number, Value};

use super::super::Context;
use super::super::order::compare_numbers;
use super::super::tree::{all, exists, is, text};
use super::is_system;

const TWO_STAGE: &str = "/StructureDefinition/gateway-two-stage";
const SLOTS_OPEN: &str = "/StructureDefinition/gateway-slots-open";

/// The statuses that a stage may have.
const STAGES: &[(&str, &[&str])] = &[
    ("planned", &["approved"]),
    ("open-stage1", &["active"]),
    ("open-stage2", &["active"]),
    ("expansion", &["active"]),
    ("interim-hold", &["temporarily-closed-to-accrual"]),
    ("suspended", &["temporarily-closed-to-accrual", "temporarily-closed-to-accrual-and-intervention"]),
    ("closed-futility", &["closed-to-accrual", "completed"]),
    ("complete", &["closed-to-accrual", "completed"]),
    ("closed-no-signal", &["closed-to-accrual", "completed"]),
    ("closed", &["closed-to-accrual", "closed-to-accrual-and-intervention", "completed", "withdrawn"]),
];

/// impress-cohort-stage: `extension.where(url =
/// 'https://impress-gateway.example/fhir/StructureDefinition/gateway-two-stage').extension.where(url =
/// 'stage').value.all(($this = 'planned' and %resource.status = 'approved') or (($this = 'open-stage1' or $this =
/// 'open-stage2' or $this = 'expansion') and %resource.status = 'active') or ($this = 'interim-hold' and
/// %resource.status = 'temporarily-closed-to-accrual') or ($this = 'suspended' and (%resource.status =
/// 'temporarily-closed-to-accrual' or %resource.status = 'temporarily-closed-to-accrual-and-intervention')) or (($this
/// = 'closed-futility' or $this = 'complete' or $this = 'closed-no-signal') and (%resource.status = 'closed-to-accrual'
/// or %resource.status = 'completed')) or ($this = 'closed' and (%resource.status = 'closed-to-accrual' or
/// %resource.status = 'closed-to-accrual-and-intervention' or %resource.status = 'completed' or %resource.status =
/// 'withdrawn')))`
pub(super) fn stage(study: &Value, context: &Context<'_>) -> bool {
    own(study, TWO_STAGE)
        .flat_map(|design| named(design, "stage"))
        .all(|stage| agrees(STAGES, text(stage, "valueCode"), text(context.resource, "status")))
}

/// impress-cohort-reason: `reasonStopped.exists() or (status != 'closed-to-accrual' and status !=
/// 'closed-to-accrual-and-intervention' and status != 'temporarily-closed-to-accrual' and status !=
/// 'temporarily-closed-to-accrual-and-intervention')`
pub(super) fn reason(study: &Value, _: &Context<'_>) -> bool {
    exists(study, "reasonStopped")
        || text(study, "status").is_none_or(|status| {
            let status = status.strip_prefix("temporarily-").unwrap_or(status);
            !["closed-to-accrual", "closed-to-accrual-and-intervention"].contains(&status)
        })
}

/// impress-slots-status: `extension.where(url =
/// 'https://impress-gateway.example/fhir/StructureDefinition/gateway-slots-open').value.where($this = true).empty() or
/// status = 'active'`
pub(super) fn slots(study: &Value, _: &Context<'_>) -> bool {
    let mut slots = own(study, SLOTS_OPEN);
    is(study, "status", "active")
        || !slots.any(|slots| slots.get("valueBoolean").and_then(Value::as_bool) == Some(true))
}

/// impress-two-stage-design: `extension.where(url = 'r1').value.toString().toInteger() < extension.where(url =
/// 'n1').value.toString().toInteger() and extension.where(url = 'n1').value.toString().toInteger() <=
/// extension.where(url = 'n').value.toString().toInteger() and extension.where(url = 'r1').value.toString().toInteger()
/// <= extension.where(url = 'r').value.toString().toInteger() and extension.where(url =
/// 'r').value.toString().toInteger() < extension.where(url = 'n').value.toString().toInteger()`
pub(super) fn design(design: &Value, _: &Context<'_>) -> bool {
    use Ordering::{Equal, Less};
    [("r1", "n1", &[Less][..]), ("n1", "n", &[Less, Equal]), ("r1", "r", &[Less, Equal]), ("r", "n", &[Less])]
        .iter()
        .all(|(left, right, allowed)| compare(design, left, right).is_none_or(|order| allowed.contains(&order)))
}

/// impress-two-stage-counts: `extension.where(url = 'benefit').empty() or (extension.where(url = 'evaluable').exists()
/// and extension.where(url = 'benefit').value.toString().toInteger() <= extension.where(url =
/// 'evaluable').value.toString().toInteger())`
pub(super) fn counts(design: &Value, _: &Context<'_>) -> bool {
    named(design, "benefit").next().is_none()
        || (named(design, "evaluable").next().is_some()
            && compare(design, "benefit", "evaluable") != Some(Ordering::Greater))
}

/// impress-no-interim-counts: `extension.where(url =
/// 'https://impress-gateway.example/fhir/StructureDefinition/gateway-two-stage').extension.where(url = 'evaluable' or
/// url = 'benefit').empty()`
pub(super) fn no_interim_counts(study: &Value, _: &Context<'_>) -> bool {
    !own(study, TWO_STAGE)
        .flat_map(|design| all(design, "extension"))
        .any(|part| is(part, "url", "evaluable") || is(part, "url", "benefit"))
}

/// Whether the table has the status for the state.
pub(super) fn agrees(table: &[(&str, &[&str])], state: Option<&str>, status: Option<&str>) -> bool {
    let Some(state) = state else { return true };
    let row = table.iter().find(|(name, _)| *name == state);
    row.is_some_and(|(_, statuses)| status.is_none_or(|status| statuses.contains(&status)))
}

/// The extensions of ours with this path, under whatever base.
pub(super) fn own<'a>(element: &'a Value<'a>, path: &'static str) -> impl Iterator<Item = &'a Value<'a>> {
    let url = format!("{CANONICAL_BASE}{path}");
    all(element, "extension").iter().filter(move |part| text(part, "url").is_some_and(|found| is_system(found, &url)))
}

/// The extensions with this URL.
pub(super) fn named<'a>(element: &'a Value<'a>, url: &'static str) -> impl Iterator<Item = &'a Value<'a>> {
    all(element, "extension").iter().filter(move |part| is(part, "url", url))
}

fn number<'a>(design: &'a Value<'a>, url: &'static str) -> Option<&'a Number<'a>> {
    let part = named(design, url).next()?;
    part.get("valuePositiveInt").or_else(|| part.get("valueUnsignedInt"))?.as_number()
}

fn compare(design: &Value, left: &'static str, right: &'static str) -> Option<Ordering> {
    compare_numbers(number(design, left)?.as_str(), number(design, right)?.as_str())
}
