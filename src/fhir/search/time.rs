//! The span that a date or time of FHIR means in a search: as precise as it is written (R4 search, section 3.1.1.4.7).
//!
//! What has no zone is of the server's, which is Norway: so R4 says, and so a date of a referral is meant. A time to the second
//! is the whole second.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZoneDatabase;

use crate::domain::moment::{Moment, ZONE};

/// First and last millisecond that are meant; none where it is no date or time.
pub fn period(text: &str) -> Option<(i64, i64)> {
    let Some((_, time)) = text.split_once('T') else {
        let moment = Moment::parse(text)?;
        return Some((moment.first.as_millisecond(), moment.last.as_millisecond()));
    };
    let first = match text.parse::<Timestamp>() {
        Ok(instant) => instant,
        Err(_) => {
            let zone = TimeZoneDatabase::bundled().get(ZONE).ok()?;
            text.parse::<DateTime>().ok()?.to_zoned(zone).ok()?.timestamp()
        }
    };
    let first = first.as_millisecond();
    Some((first, first.checked_add(width(time) - 1)?))
}

/// Milliseconds that a time of day as it is written stands for.
fn width(time: &str) -> i64 {
    let clock = time.split(['Z', 'z', '+', '-']).next().unwrap_or_default();
    if clock.matches(':').count() < 2 {
        return 60_000;
    }
    match clock.split_once('.').map(|(_, fraction)| fraction.len()) {
        None | Some(0) => 1_000,
        Some(1) => 100,
        Some(2) => 10,
        Some(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: R4 search, section 3.1.1.4.7; Norway is at UTC+1 in March, and at UTC+2 in July.
    #[test]
    fn a_time_is_as_precise_as_it_is_written() {
        for (text, first, last) in [
            ("2026", "2025-12-31T23:00:00Z", "2026-12-31T22:59:59.999Z"),
            ("2026-07", "2026-06-30T22:00:00Z", "2026-07-31T21:59:59.999Z"),
            ("2026-03-02", "2026-03-01T23:00:00Z", "2026-03-02T22:59:59.999Z"),
            ("2026-03-02T10:30Z", "2026-03-02T10:30:00Z", "2026-03-02T10:30:59.999Z"),
            ("2026-03-02T10:30:05+01:00", "2026-03-02T09:30:05Z", "2026-03-02T09:30:05.999Z"),
            ("2026-03-02T10:30:05", "2026-03-02T09:30:05Z", "2026-03-02T09:30:05.999Z"),
            ("2026-07-02T10:30:05.12Z", "2026-07-02T10:30:05.120Z", "2026-07-02T10:30:05.129Z"),
            ("2026-07-02T10:30:05.123-02:00", "2026-07-02T12:30:05.123Z", "2026-07-02T12:30:05.123Z"),
        ] {
            let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
            assert_eq!(period(text), Some((at(first), at(last))), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_has_no_span() {
        for text in [
            "",
            "T",
            "2026-13",
            "2026-02-30",
            "2026-3-2",
            "26",
            "today",
            "2026-03-02T25:00:00Z",
            "-262143",
            "9999-99-99T",
        ] {
            assert_eq!(period(text), None, "{text}");
        }
    }
}
