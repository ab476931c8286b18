//! `Timing.repeat`.

use std::cmp::Ordering;

use crate::fhir::value::Value;

use super::order::sign;
use super::tree::{all, exists};
use super::{Context, Rule};

pub(super) const RULES: &[(&str, Rule)] = &[
    ("tim-1", tim_1),
    ("tim-2", tim_2),
    ("tim-4", tim_4),
    ("tim-5", tim_5),
    ("tim-6", tim_6),
    ("tim-7", tim_7),
    ("tim-8", tim_8),
    ("tim-9", tim_9),
    ("tim-10", tim_10),
];

/// tim-1: `duration.empty() or durationUnit.exists()`
fn tim_1(repeat: &Value, _: &Context<'_>) -> bool {
    needs(repeat, "duration", "durationUnit")
}

/// tim-2: `period.empty() or periodUnit.exists()`
fn tim_2(repeat: &Value, _: &Context<'_>) -> bool {
    needs(repeat, "period", "periodUnit")
}

/// tim-4: `duration.exists() implies duration >= 0`
fn tim_4(repeat: &Value, _: &Context<'_>) -> bool {
    is_not_negative(repeat, "duration")
}

/// tim-5: `period.exists() implies period >= 0`
fn tim_5(repeat: &Value, _: &Context<'_>) -> bool {
    is_not_negative(repeat, "period")
}

/// tim-6: `periodMax.empty() or period.exists()`
fn tim_6(repeat: &Value, _: &Context<'_>) -> bool {
    needs(repeat, "periodMax", "period")
}

/// tim-7: `durationMax.empty() or duration.exists()`
fn tim_7(repeat: &Value, _: &Context<'_>) -> bool {
    needs(repeat, "durationMax", "duration")
}

/// tim-8: `countMax.empty() or count.exists()`
fn tim_8(repeat: &Value, _: &Context<'_>) -> bool {
    needs(repeat, "countMax", "count")
}

/// tim-9: `offset.empty() or (when.exists() and ((when in ('C' | 'CM' | 'CD' | 'CV')).not()))`
///
/// `when` repeats, and `in` takes one item: no item may be one of the four.
fn tim_9(repeat: &Value, _: &Context<'_>) -> bool {
    let is_meal = |when: &Value| matches!(when.as_str(), Some("C" | "CM" | "CD" | "CV"));
    !exists(repeat, "offset") || (exists(repeat, "when") && !all(repeat, "when").iter().any(is_meal))
}

/// tim-10: `timeOfDay.empty() or when.empty()`
fn tim_10(repeat: &Value, _: &Context<'_>) -> bool {
    !exists(repeat, "timeOfDay") || !exists(repeat, "when")
}

fn needs(repeat: &Value, name: &str, needed: &str) -> bool {
    !exists(repeat, name) || exists(repeat, needed)
}

fn is_not_negative(repeat: &Value, name: &str) -> bool {
    repeat.get(name).and_then(Value::as_number).is_none_or(|number| sign(number) != Some(Ordering::Less))
}
