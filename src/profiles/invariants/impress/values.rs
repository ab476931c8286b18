//! Values of findings that no measurement gives.

use std::cmp::Ordering;

use crate::fhir::systems::{HGNC, LOINC};
use crate::fhir::value::{Number, Value};

use super::super::Context;
use super::super::order::sign;
use super::super::tree::{all, is, text};
use super::quantity_value;

/// impress-count: `value.ofType(Quantity).value.where($this < 0 or $this mod 1 > 0).empty()`
pub(super) fn count(element: &Value, _: &Context<'_>) -> bool {
    quantity_value(element).is_none_or(is_count)
}

/// impress-not-negative: `value.ofType(Quantity).value.where($this < 0).empty()`
pub(super) fn not_negative(element: &Value, _: &Context<'_>) -> bool {
    quantity_value(element).is_none_or(|value| sign(value) != Some(Ordering::Less))
}

/// impress-position: `value.ofType(Range).low.value.where($this < 0 or $this mod 1 > 0).empty() and
/// value.ofType(Range).high.value.where($this < 0 or $this mod 1 > 0).empty()`
pub(super) fn position(component: &Value, _: &Context<'_>) -> bool {
    ["low", "high"].iter().all(|end| {
        let quantity = component.get("valueRange").and_then(|range| range.get(end));
        quantity.and_then(|quantity| quantity.get("value")?.as_number()).is_none_or(is_count)
    })
}

/// impress-one-gene: `value.ofType(CodeableConcept).coding.where(system =
/// 'http://www.genenames.org').code.distinct().count() <= 1`
pub(super) fn one_gene(component: &Value, _: &Context<'_>) -> bool {
    has_at_most_one_code(component, HGNC)
}

/// impress-one-answer: `value.ofType(CodeableConcept).coding.where(system =
/// 'http://loinc.org').code.distinct().count() <= 1`
pub(super) fn one_answer(observation: &Value, _: &Context<'_>) -> bool {
    has_at_most_one_code(observation, LOINC)
}

fn has_at_most_one_code(element: &Value, system: &str) -> bool {
    let codings = all(element, "valueCodeableConcept").iter().flat_map(|concept| all(concept, "coding"));
    let mut codes = codings.filter(|coding| is(coding, "system", system)).filter_map(|coding| text(coding, "code"));
    codes.next().is_none_or(|first| codes.all(|code| code == first))
}

fn is_count(number: &Number) -> bool {
    sign(number) != Some(Ordering::Less) && is_whole(number)
}

/// Whether a number is whole, exactly; it counts as whole where its exponent is too long to tell.
fn is_whole(number: &Number) -> bool {
    let text = number.as_str();
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let Ok(exponent) = exponent.parse::<i32>() else { return true };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        return usize::try_from(exponent).is_ok_and(|exponent| exponent >= fraction.len());
    }
    let digits = whole.trim_start_matches('-').trim_end_matches('0');
    let zeros = whole.len() - whole.trim_end_matches('0').len();
    digits.is_empty() || exponent >= 0 || usize::try_from(exponent.unsigned_abs()).is_ok_and(|places| places <= zeros)
}
