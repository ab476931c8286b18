//! Limits on values: least, greatest, longest (R4, ElementDefinition.minValue, maxValue, maxLength).

use std::cmp::Ordering;

use serde_json::Value;

use super::Walk;
use crate::domain::issue::IssueCode;
use crate::profiles::form::Limits;
use crate::profiles::invariants::order::{compare_numbers, compare_quantities, compare_times};
use crate::redact::quote;

impl Walk<'_, '_> {
    /// Values that cannot be compared (other units, a year with a day) are within the limits.
    pub(super) fn limits(&mut self, limits: &Limits, value: &Value) {
        let is_beyond = |limit: &&Value, beyond: Ordering| compare(value, limit) == Some(beyond);
        if let Some(min) = limits.min.as_ref().filter(|min| is_beyond(min, Ordering::Less)) {
            self.report.add(IssueCode::ValueOutOfRange, format!("less than {}", show(min)));
        }
        if let Some(max) = limits.max.as_ref().filter(|max| is_beyond(max, Ordering::Greater)) {
            self.report.add(IssueCode::ValueOutOfRange, format!("more than {}", show(max)));
        }
        let length = value.as_str().map_or(0, |text| text.chars().count());
        let is_longer = |limit: &u64| u64::try_from(length).is_ok_and(|length| length > *limit);
        if let Some(limit) = limits.length.filter(is_longer) {
            self.report.add(IssueCode::ValueTooLong, format!("{length} characters, at most {limit} are allowed"));
        }
    }
}

fn compare(value: &Value, limit: &Value) -> Option<Ordering> {
    match (value, limit) {
        (Value::Number(value), Value::Number(limit)) => compare_numbers(value, limit),
        (Value::String(value), Value::String(limit)) => compare_times(value, limit),
        (Value::Object(_), Value::Object(_)) => compare_quantities(value, limit),
        _ => None,
    }
}

fn show(limit: &Value) -> String {
    quote(&limit.as_str().map_or_else(|| limit.to_string(), str::to_owned))
}
