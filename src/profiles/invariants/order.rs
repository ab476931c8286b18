//! Which of two values comes first, where that can be said.

use std::cmp::Ordering;

use crate::fhir::value::{Number, Value};

/// Order of two dates or date-times; `None` where they differ in precision only, or are none.
///
/// Instants are compared as such; a date and an instant by the date as it is written.
pub(in crate::profiles) fn compare_times(left: &str, right: &str) -> Option<Ordering> {
    if let (Ok(left), Ok(right)) = (left.parse::<jiff::Timestamp>(), right.parse::<jiff::Timestamp>()) {
        return Some(left.cmp(&right));
    }
    // The same date does not order an instant and a date.
    let has_time = left.contains('T') || right.contains('T');
    let (left, right) = (date_parts(left)?, date_parts(right)?);
    for (left, right) in left.iter().zip(&right) {
        match left.cmp(right) {
            Ordering::Equal => {}
            order => return Some(order),
        }
    }
    (left == right && !has_time).then_some(Ordering::Equal)
}

/// Order of two Quantities of the same unit; `None` where a value is missing or the units differ.
pub(in crate::profiles) fn compare_quantities(left: &Value, right: &Value) -> Option<Ordering> {
    let same = |name: &str| left.get(name) == right.get(name);
    let has_code = left.get("code").is_some() || right.get("code").is_some();
    let same_unit = if has_code { same("system") && same("code") } else { same("unit") };
    if !same_unit {
        return None;
    }
    compare_numbers(left.get("value")?.as_number()?.as_str(), right.get("value")?.as_number()?.as_str())
}

/// Order of two JSON numbers, exactly.
pub(in crate::profiles) fn compare_numbers(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (Parts::of(left)?, Parts::of(right)?);
    Some(match (left.is_negative, right.is_negative) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => left.compare_size(&right),
        (true, true) => right.compare_size(&left),
    })
}

/// Whether a number is greater than zero, zero or less.
pub(super) fn sign(number: &Number) -> Option<Ordering> {
    compare_numbers(number.as_str(), "0")
}

/// Year, month and day as far as they are given.
fn date_parts(text: &str) -> Option<Vec<u16>> {
    let date = text.split('T').next()?;
    let parts: Option<Vec<u16>> = date.split('-').map(|part| part.parse().ok()).collect();
    parts.filter(|parts| parts.len() <= 3)
}

/// A decimal as `0.DIGITS * 10^exponent`, without leading zeros; zero has no digits and is not negative.
struct Parts<'a> {
    is_negative: bool,
    /// The digits, in two pieces, whose trailing zeros do not count.
    digits: [&'a str; 2],
    exponent: i64,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().ok()?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let significant = whole.trim_start_matches('0');
        let (digits, shift) = if significant.is_empty() {
            let behind = fraction.trim_start_matches('0');
            (["", behind], -i64::try_from(fraction.len() - behind.len()).ok()?)
        } else {
            ([significant, fraction], i64::try_from(significant.len()).ok()?)
        };
        if digits.iter().all(|piece| piece.bytes().all(|byte| byte == b'0')) {
            return Some(Self { is_negative: false, digits: ["", ""], exponent: i64::MIN });
        }
        Some(Self { is_negative, digits, exponent: i64::from(exponent) + shift })
    }

    fn compare_size(&self, other: &Self) -> Ordering {
        let length = |parts: &Self| parts.digits.iter().map(|piece| piece.len()).sum::<usize>();
        let count = length(self).max(length(other));
        self.exponent.cmp(&other.exponent).then_with(|| self.padded().take(count).cmp(other.padded().take(count)))
    }

    /// The digits, then zeros without end.
    fn padded(&self) -> impl Iterator<Item = u8> {
        let [first, second] = self.digits;
        first.bytes().chain(second.bytes()).chain(std::iter::repeat(b'0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_exactly() {
        use Ordering::{Equal, Greater, Less};
        for (left, right, expected) in [
            ("1", "2", Less),
            ("10", "9", Greater),
            ("1.0", "1.00", Equal),
            ("0", "-0.0", Equal),
            ("-1", "1", Less),
            ("-2", "-1", Less),
            ("0.01", "0.1", Less),
            ("1e2", "100", Equal),
            ("1E-2", "0.02", Less),
            ("0", "0.0001", Less),
            ("-0.0001", "0", Less),
            ("9007199254740993", "9007199254740992", Greater),
            ("100", "1e2", Equal),
            ("0.5", "0.287", Greater),
            ("00.5", "5e-1", Equal),
            ("1200", "1200.0001", Less),
            ("0.0120", "0.012", Equal),
            ("0.09", "0.1", Less),
            ("0e5", "0", Equal),
        ] {
            let order = compare_numbers(left, right);
            assert_eq!(order, Some(expected), "{left} {right}");
        }
    }

    #[test]
    fn times_are_compared_as_far_as_they_go() {
        use Ordering::{Equal, Greater, Less};
        for (left, right, expected) in [
            ("2026", "2027", Some(Less)),
            ("2026-02", "2026-02", Some(Equal)),
            ("2026-03", "2026-02-28", Some(Greater)),
            ("2026-02", "2026-02-28", None),
            ("2026-02-28", "2026-02-28T10:00:00Z", None),
            ("2026-02-28", "2026-03-01T10:00:00+01:00", Some(Less)),
            ("2026-02-28T10:00:00Z", "2026-02-28T11:00:00+01:00", Some(Equal)),
            ("2026-02-28T10:00:00.5Z", "2026-02-28T10:00:00Z", Some(Greater)),
            ("soon", "2026", None),
        ] {
            assert_eq!(compare_times(left, right), expected, "{left} {right}");
        }
    }
}
