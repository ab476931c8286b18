//! Patients: identified in referrals, pseudonymous everywhere else.

use crate::fhir::systems::NATIONAL_NUMBER_PREFIX;
use crate::fhir::value::Value;

use super::super::Context;
use super::super::tree::{all, exists, text, visit_descendants};

/// impress-patient-identified: `identifier.exists() or (name.exists() and birthDate.exists() and gender.exists())`
pub(super) fn patient_identified(patient: &Value, _: &Context<'_>) -> bool {
    exists(patient, "identifier") || ["name", "birthDate", "gender"].iter().all(|name| exists(patient, name))
}

/// impress-national-number-form: `value.matches('^[0-9]{11}$')`
pub(super) fn national_number_form(identifier: &Value, _: &Context<'_>) -> bool {
    text(identifier, "value").is_none_or(|value| is_digits(value, 11))
}

/// impress-no-national-number: `identifier.where(system.startsWith('urn:oid:2.16.578.1.12.4.1.4.') or
/// value.replaceMatches('[^0-9A-Za-z]', '').matches('^[0-9]{11}$')).empty() and id.replaceMatches('[^0-9A-Za-z]',
/// '').matches('^[0-9]{11}$').allFalse()`
pub(super) fn no_national_number(patient: &Value, _: &Context<'_>) -> bool {
    let is_national = |identifier: &Value| {
        text(identifier, "system").is_some_and(|system| system.starts_with(NATIONAL_NUMBER_PREFIX))
            || text(identifier, "value").is_some_and(is_national_number)
    };
    !all(patient, "identifier").iter().any(is_national) && !text(patient, "id").is_some_and(is_national_number)
}

/// impress-year-only: `birthDate.empty() or birthDate.toString().matches('^[0-9]{4}$')`
pub(super) fn year_only(patient: &Value, _: &Context<'_>) -> bool {
    text(patient, "birthDate").is_none_or(|date| is_digits(date, 4))
}

/// impress-no-extension: `extension.empty() and descendants().extension.empty()`
pub(super) fn no_extension(patient: &Value, _: &Context<'_>) -> bool {
    let mut is_free = true;
    visit_descendants(patient, &mut |element| is_free &= !exists(element, "extension"));
    is_free
}

/// Whether the letters and digits of a text are 11 digits; signs and blanks between them do not count.
fn is_national_number(text: &str) -> bool {
    let kept: String = text.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
    is_digits(&kept, 11)
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}
