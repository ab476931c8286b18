//! Quantity and its specialisations.

use std::cmp::Ordering;

use crate::fhir::value::Value;

use super::order::{compare_quantities, sign};
use super::tree::{exists, is};
use super::{Context, Rule};
use crate::fhir::systems::{CURRENCY, UCUM};

pub(super) const RULES: &[(&str, Rule)] = &[
    ("qty-3", qty_3),
    ("sqty-1", sqty_1),
    ("mqty-1", mqty_1),
    ("age-1", age_1),
    ("cnt-3", cnt_3),
    ("dis-1", dis_1),
    ("drt-1", drt_1),
    ("rng-2", rng_2),
    ("rat-1", rat_1),
];

/// qty-3: `code.empty() or system.exists()`
fn qty_3(quantity: &Value, _: &Context<'_>) -> bool {
    !exists(quantity, "code") || exists(quantity, "system")
}

/// sqty-1: `comparator.empty()`
fn sqty_1(quantity: &Value, _: &Context<'_>) -> bool {
    !exists(quantity, "comparator")
}

/// mqty-1: `(code.exists() or value.empty()) and (system.empty() or system = 'urn:iso:std:iso:4217')`
fn mqty_1(quantity: &Value, _: &Context<'_>) -> bool {
    has_code_of(quantity, CURRENCY)
}

/// age-1: `(code.exists() or value.empty()) and (system.empty() or system = %ucum) and (value.empty() or
/// value.hasValue().not() or value > 0)`
fn age_1(quantity: &Value, _: &Context<'_>) -> bool {
    let value = quantity.get("value").and_then(Value::as_number);
    has_code_of(quantity, UCUM) && value.is_none_or(|value| sign(value) == Some(Ordering::Greater))
}

/// cnt-3: `(code.exists() or value.empty()) and (system.empty() or system = %ucum) and (code.empty() or code = '1') and
/// (value.empty() or value.hasValue().not() or value.toString().contains('.').not())`
fn cnt_3(quantity: &Value, _: &Context<'_>) -> bool {
    let value = quantity.get("value").and_then(Value::as_number);
    has_code_of(quantity, UCUM)
        && (!exists(quantity, "code") || is(quantity, "code", "1"))
        && value.is_none_or(|value| !value.as_str().contains('.'))
}

/// dis-1: `(code.exists() or value.empty()) and (system.empty() or system = %ucum)`
fn dis_1(quantity: &Value, _: &Context<'_>) -> bool {
    has_code_of(quantity, UCUM)
}

/// drt-1: `code.exists() implies ((system = %ucum) and value.exists())`
fn drt_1(quantity: &Value, _: &Context<'_>) -> bool {
    !exists(quantity, "code") || (is(quantity, "system", UCUM) && exists(quantity, "value"))
}

/// rng-2: `low.empty() or high.empty() or (low <= high)`
fn rng_2(range: &Value, _: &Context<'_>) -> bool {
    match (range.get("low"), range.get("high")) {
        (Some(low), Some(high)) => compare_quantities(low, high) != Some(Ordering::Greater),
        _ => true,
    }
}

/// rat-1: `(numerator.empty() xor denominator.exists()) and (numerator.exists() or extension.exists())`
fn rat_1(ratio: &Value, _: &Context<'_>) -> bool {
    let has_numerator = exists(ratio, "numerator");
    has_numerator == exists(ratio, "denominator") && (has_numerator || exists(ratio, "extension"))
}

fn has_code_of(quantity: &Value, system: &str) -> bool {
    (exists(quantity, "code") || !exists(quantity, "value"))
        && (!exists(quantity, "system") || is(quantity, "system", system))
}
