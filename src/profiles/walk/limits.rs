//! Limits on values: least, greatest, longest (R4, ElementDefinition.minValue, maxValue, maxLength).

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::Walk;
use crate::domain::issue::IssueCode;
use crate::fhir::value::{Arena, Value};
use crate::profiles::form::Limits;
use crate::profiles::invariants::order::{compare_numbers, compare_quantities, compare_times};
use crate::redact::quote;

impl Walk<'_, '_> {
    /// Values that cannot be compared (other units, a year with a day) are within the limits.
    pub(super) fn limits(&mut self, limits: &Limits, value: &Value<'_>) {
        let is_beyond = |limit: &&Json, beyond: Ordering| compare(value, limit) == Some(beyond);
        if let Some(min) = limits.min.as_ref().filter(|min| is_beyond(min, Ordering::Less)) {
            self.report.add(IssueCode::ValueOutOfRange, format!("less than {}", show(min)));
        }
        if let Some(max) = limits.max.as_ref().filter(|max| is_beyond(max, Ordering::Greater)) {
            self.report.add(IssueCode::ValueOutOfRange, format!("more than {}", show(max)));
        }
        let Some(limit) = limits.length else { return };
        let length = value.as_str().map_or(0, |text| text.chars().count());
        if u64::try_from(length).is_ok_and(|length| length > limit) {
            self.report.add(IssueCode::ValueTooLong, format!("{length} characters, at most {limit} are allowed"));
        }
    }
}

fn compare(value: &Value<'_>, limit: &Json) -> Option<Ordering> {
    match (value, limit) {
        (Value::Number(value), Json::Number(limit)) => compare_numbers(value.as_str(), limit.as_str()),
        (Value::String(value), Json::String(limit)) => compare_times(value, limit),
        (Value::Object(_), Json::Object(_)) => compare_quantities(value, &Value::of(limit, &Arena::new())),
        _ => None,
    }
}

fn show(limit: &Json) -> String {
    quote(&limit.as_str().map_or_else(|| limit.to_string(), str::to_owned))
}
