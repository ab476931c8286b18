//! Times of day, and the instant that a date and a time make in Norway.

use jiff::civil;
use jiff::tz::{AmbiguousOffset, Offset, TimeZoneDatabase};

use super::date::Date;

/// A time of day, without zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    time: civil::Time,
}

impl Time {
    /// `HH:MM:SS`, with the fraction of a second where there is one.
    pub fn iso(&self) -> String {
        self.time.to_string()
    }
}

/// Why a cell is not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
    /// Not `HH:MM:SS`.
    #[error("not a time of the form HH:MM:SS")]
    Invalid,
    /// No such time of day.
    #[error("no such time of day")]
    Impossible,
}

/// Reads `HH:MM:SS`, with a fraction of up to nine digits or followed by AM or PM.
pub fn parse_time(cell: &str) -> Result<Time, TimeError> {
    if cell.is_empty() {
        return Err(TimeError::Empty);
    }
    let (clock, half) = split_half(cell);
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let parts: Vec<&str> = clock.split(':').collect();
    let [hour, minute, second] = parts.as_slice() else { return Err(TimeError::Invalid) };
    let hour = match (digits(hour, 1)?, half) {
        (hour, None) => hour,
        (hour @ 1..=11, Some(Half::Afternoon)) => hour + 12,
        (12, Some(Half::Morning)) => 0,
        (hour @ 1..=12, Some(_)) => hour,
        _ => return Err(TimeError::Impossible),
    };
    let nanosecond = match fraction {
        None => 0,
        Some(text) if (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{text:0<9}").parse().map_err(|_| TimeError::Invalid)?
        }
        Some(_) => return Err(TimeError::Invalid),
    };
    let time = civil::Time::new(hour, digits(minute, 2)?, digits(second, 2)?, nanosecond);
    Ok(Time { time: time.map_err(|_| TimeError::Impossible)? })
}

/// The instant as RFC 3339, with the offset that Europe/Oslo had then. The files give no zone; the laboratories are all
/// in Norway. In the hour that occurs twice in autumn the first one is meant; none for a time that spring skips.
pub fn instant(date: &Date, time: &Time) -> Option<String> {
    let zone = TimeZoneDatabase::bundled().get("Europe/Oslo").ok()?;
    let local = date.date.to_datetime(time.time);
    let offset = match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Fold { before, .. } => before,
        AmbiguousOffset::Gap { .. } => return None,
    };
    Some(format!("{}T{}{}", date.iso(), time.iso(), rfc3339_offset(offset)?))
}

enum Half {
    Morning,
    Afternoon,
}

fn split_half(cell: &str) -> (&str, Option<Half>) {
    let split = cell.len().checked_sub(2).and_then(|at| cell.split_at_checked(at));
    match split {
        Some((clock, half)) if half.eq_ignore_ascii_case("am") => (clock.trim_end(), Some(Half::Morning)),
        Some((clock, half)) if half.eq_ignore_ascii_case("pm") => (clock.trim_end(), Some(Half::Afternoon)),
        _ => (cell, None),
    }
}

fn digits(text: &str, least: usize) -> Result<i8, TimeError> {
    if !(least..=2).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(TimeError::Invalid);
    }
    text.parse().map_err(|_| TimeError::Invalid)
}

/// `+HH:MM`; none for the local mean time of the nineteenth century, which RFC 3339 cannot write.
fn rfc3339_offset(offset: Offset) -> Option<String> {
    let seconds = offset.seconds();
    if seconds % 60 != 0 {
        return None;
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    Some(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60))
}

#[cfg(test)]
mod tests {
    use super::super::date::parse_date;
    use super::*;

    #[test]
    fn the_known_forms_are_read() {
        for (cell, iso) in [
            ("18:33:23", "18:33:23"),
            ("00:00:00", "00:00:00"),
            ("9:05:00", "09:05:00"),
            ("01:00:00 PM", "13:00:00"),
            ("1:00:00 am", "01:00:00"),
            ("12:00:00AM", "00:00:00"),
            ("12:00:00 PM", "12:00:00"),
            ("18:33:23.5", "18:33:23.5"),
            ("18:33:23.123456789", "18:33:23.123456789"),
        ] {
            assert_eq!(parse_time(cell).map(|time| time.iso()).as_deref(), Ok(iso), "{cell}");
        }
    }

    #[test]
    fn other_text_is_no_time() {
        for (cell, error) in [
            ("", TimeError::Empty),
            ("24:00:00", TimeError::Impossible),
            ("18:60:00", TimeError::Impossible),
            ("18:00:61", TimeError::Impossible),
            ("13:00:00 PM", TimeError::Impossible),
            ("00:10:00 AM", TimeError::Impossible),
            ("18:33", TimeError::Invalid),
            ("18.33.23", TimeError::Invalid),
            ("18:3:23", TimeError::Invalid),
            ("18:33:23.", TimeError::Invalid),
            ("18:33:23.1234567890", TimeError::Invalid),
            ("18:33:23+02:00", TimeError::Invalid),
            ("NA", TimeError::Invalid),
            ("æ", TimeError::Invalid),
        ] {
            assert_eq!(parse_time(cell), Err(error), "{cell}");
        }
    }

    #[test]
    fn instants_have_the_offset_of_norway() {
        // Summer time in Norway: last Sunday of March 02:00 to last Sunday of October 03:00 (EU directive 2000/84/EC).
        for (date, time, expected) in [
            ("2026-01-15", "18:33:23", Some("2026-01-15T18:33:23+01:00")),
            ("2026-06-14", "01:00:00", Some("2026-06-14T01:00:00+02:00")),
            ("2026-06-14", "01:00:00.25", Some("2026-06-14T01:00:00.25+02:00")),
            ("2026-03-29", "01:59:59", Some("2026-03-29T01:59:59+01:00")),
            ("2026-03-29", "02:30:00", None),
            ("2026-03-29", "03:00:00", Some("2026-03-29T03:00:00+02:00")),
            ("2026-10-25", "02:30:00", Some("2026-10-25T02:30:00+02:00")),
            ("2026-10-25", "03:00:00", Some("2026-10-25T03:00:00+01:00")),
        ] {
            let found = instant(&parse_date(date).unwrap(), &parse_time(time).unwrap());
            assert_eq!(found.as_deref(), expected, "{date} {time}");
        }
    }
}
