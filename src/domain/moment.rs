//! When something was: the span of time that a date or instant of FHIR can mean.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Span as Duration, Timestamp};

/// The zone of times of day in Norway.
pub const ZONE: &str = "Europe/Oslo";

/// The day that it is in Norway at an instant.
pub fn norwegian_day(at: Timestamp) -> Date {
    at.to_zoned(TimeZoneDatabase::bundled().get(ZONE).unwrap_or(TimeZone::UTC)).date()
}

/// From the first to the last instant that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The earliest one.
    pub first: Timestamp,
    /// The latest one.
    pub last: Timestamp,
}

impl Moment {
    /// Reads `yyyy`, `yyyy-mm`, `yyyy-mm-dd` (the whole day in Norway) or an instant with offset.
    ///
    /// An instant in the hour that the end of summer time repeats can be either of the two: who wrote the offset may have had to guess it.
    pub fn parse(text: &str) -> Option<Self> {
        let zone = TimeZoneDatabase::bundled().get(ZONE).ok()?;
        if text.contains('T') {
            let instant: Timestamp = text.parse().ok()?;
            return Some(Self::of_instant(instant, &zone));
        }
        let is_digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let (from, length) = match text.len() {
            4 if is_digits => (format!("{text}-01-01"), Duration::new().years(1)),
            7 if is_digits => (format!("{text}-01"), Duration::new().months(1)),
            10 if is_digits => (text.to_owned(), Duration::new().days(1)),
            _ => return None,
        };
        let from: Date = from.parse().ok()?;
        let until = from.checked_add(length).ok()?;
        let start = |day: Date| Some(day.to_zoned(zone.clone()).ok()?.timestamp());
        let last = Timestamp::from_millisecond(start(until)?.as_millisecond().checked_sub(1)?).ok()?;
        Some(Self { first: start(from)?, last })
    }

    fn of_instant(instant: Timestamp, zone: &TimeZone) -> Self {
        let local: DateTime = zone.to_datetime(instant);
        let either = |offset: jiff::tz::Offset| offset.to_timestamp(local).unwrap_or(instant);
        match zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Fold { before, after } => Self { first: either(before), last: either(after) },
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => Self { first: instant, last: instant },
        }
    }

    /// Whether all of it is earlier than all of the other; where neither is earlier, nothing says which was first.
    pub fn is_before(self, other: Self) -> bool {
        self.last < other.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        Moment::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    /// Expected: the calendar of Norway, UTC+1, and UTC+2 from 29 March to 25 October 2026 (01:00 UTC).
    #[test]
    fn a_date_is_the_whole_day_in_norway() {
        for (text, first, last) in [
            ("2026-03-02", "2026-03-01T23:00:00Z", "2026-03-02T22:59:59.999Z"),
            ("2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999Z"),
            ("2026-02", "2026-01-31T23:00:00Z", "2026-02-28T22:59:59.999Z"),
            ("2026", "2025-12-31T23:00:00Z", "2026-12-31T22:59:59.999Z"),
            ("2026-03-02T10:00:00+01:00", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z"),
            ("2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
            ("2026-10-25T01:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        ] {
            let expected = Moment { first: first.parse().unwrap(), last: last.parse().unwrap() };
            assert_eq!(moment(text), expected, "{text}");
        }
        for text in ["", "2026-13-01", "2026-02-30", "20260302", "2026-03-02T10:00:00", "+2026-3-02", "æææææ"] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn one_is_before_another_only_as_a_whole() {
        let is_before = |left, right| moment(left).is_before(moment(right));
        assert!(is_before("2026-03-01", "2026-03-02"));
        assert!(is_before("2026-03-01", "2026-03-02T00:00:00+01:00"));
        assert!(
            !is_before("2026-03-02", "2026-03-02T23:59:00+01:00")
                && !is_before("2026-03-02T00:00:01+01:00", "2026-03-02")
        );
        assert!(!is_before("2026-03-02", "2026-03-02") && !is_before("2026-03", "2026-03-31"));
    }
}
