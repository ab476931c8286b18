//! Dates and times of XML Schema; Norwegian time where the zone is left out.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZoneDatabase};

use super::Reader;
use crate::domain::issue::IssueCode;
use crate::sources::henvisning::tree::Node;

/// What a text says about a time.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Moment {
    /// `yyyy`, `yyyy-mm` or `yyyy-mm-dd`.
    Date(String),
    /// With its offset.
    Instant(String),
    /// Without zone; the offset is that of Norway.
    Local(String),
    /// Twice or never: the instant of the first, or the date.
    Ambiguous(String),
}

impl Reader<'_> {
    /// A date, or an instant with offset; an issue where the value is neither.
    pub(in crate::sources::henvisning) fn moment(&self, node: Node<'_>) -> Option<String> {
        let text = node.value()?;
        match read(text) {
            Some(Moment::Date(text) | Moment::Instant(text)) => Some(text),
            Some(Moment::Local(text)) => {
                self.issue(IssueCode::HenvisningZoneMissing, node, "no zone: read as Norwegian time");
                Some(text)
            }
            Some(Moment::Ambiguous(moment)) => {
                let text = "the time occurs twice or never in Norway";
                self.issue(IssueCode::HenvisningTimeAmbiguous, node, text);
                Some(moment)
            }
            None => {
                self.refuse(IssueCode::HenvisningDateInvalid, node, "no date or time of XML Schema");
                None
            }
        }
    }

    /// The same for an element inside.
    pub(in crate::sources::henvisning) fn child_moment(&self, node: Node<'_>, name: &'static str) -> Option<String> {
        self.moment(node.child(name)?)
    }

    /// The date of an element inside; a time of day is left out.
    pub(in crate::sources::henvisning) fn child_date(&self, node: Node<'_>, name: &'static str) -> Option<String> {
        let node = node.child(name)?;
        let text = node.value()?;
        match read(text) {
            // The day that was written; the offset has no part in a day of birth.
            Some(_) => Some(text.split('T').next().unwrap_or_default().get(..10).unwrap_or(text).to_owned()),
            None => {
                self.refuse(IssueCode::HenvisningDateInvalid, node, "no date of XML Schema");
                None
            }
        }
    }
}

fn read(text: &str) -> Option<Moment> {
    let Some((date, time)) = text.split_once('T') else { return read_date(text).map(Moment::Date) };
    let date: Date = exact_date(date)?;
    let (clock, offset) = split_offset(time);
    let is_clock = clock.len() >= 8 && clock.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
    let time: jiff::civil::Time = clock.parse().ok().filter(|_| is_clock)?;
    let local = date.to_datetime(time);
    match offset {
        Some(offset) => with_offset(local, parse_offset(offset)?).map(Moment::Instant),
        None => norwegian(local),
    }
}

/// `yyyy`, `yyyy-mm`, `yyyy-mm-dd`, the last with the zone that XML Schema allows and that says nothing here.
fn read_date(text: &str) -> Option<String> {
    let day = text.strip_suffix('Z').unwrap_or(text);
    let day = match day.get(..10) {
        Some(date) if day.get(10..).is_some_and(|rest| rest.is_empty() || parse_offset(rest).is_some()) => date,
        _ => day,
    };
    let is_known = match day.len() {
        4 => day.bytes().all(|byte| byte.is_ascii_digit()) && day != "0000",
        7 => exact_date(&format!("{day}-01")).is_some(),
        _ => exact_date(day).is_some(),
    };
    is_known.then(|| day.to_owned())
}

fn exact_date(text: &str) -> Option<Date> {
    let is_form = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    text.parse().ok().filter(|date: &Date| is_form && date.year() > 0)
}

fn split_offset(time: &str) -> (&str, Option<&str>) {
    match time.find(['Z', '+', '-']) {
        Some(at) => {
            let (clock, offset) = time.split_at(at);
            (clock, Some(offset))
        }
        None => (time, None),
    }
}

/// `Z`, `+hh:mm` or `-hh:mm`.
fn parse_offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let (sign, rest) = text.strip_prefix('+').map(|rest| (1, rest)).or_else(|| Some((-1, text.strip_prefix('-')?)))?;
    let (hours, minutes) = rest.split_once(':').filter(|(hours, minutes)| hours.len() == 2 && minutes.len() == 2)?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()
}

fn with_offset(local: DateTime, offset: Offset) -> Option<String> {
    let seconds = offset.seconds();
    let suffix = match seconds {
        0 => "Z".to_owned(),
        _ => {
            let sign = if seconds < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", seconds.abs() / 3600, seconds.abs() / 60 % 60)
        }
    };
    Some(format!("{local}{suffix}"))
}

fn norwegian(local: DateTime) -> Option<Moment> {
    let zone = TimeZoneDatabase::bundled().get("Europe/Oslo").ok()?;
    match zone.to_ambiguous_timestamp(local).offset() {
        // Before 1895 local time differed by seconds, which no message format can write.
        AmbiguousOffset::Unambiguous { offset } if offset.seconds() % 60 != 0 => {
            Some(Moment::Ambiguous(local.date().to_string()))
        }
        AmbiguousOffset::Unambiguous { offset } => with_offset(local, offset).map(Moment::Local),
        AmbiguousOffset::Fold { before, .. } => with_offset(local, before).map(Moment::Ambiguous),
        AmbiguousOffset::Gap { .. } => Some(Moment::Ambiguous(local.date().to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::Moment::{Ambiguous, Date, Instant, Local};
    use super::*;

    /// XML Schema 1.0 part 2, sections 3.2.7 to 3.2.11; offsets of Norway: +01:00, summer +02:00, changes on the last
    /// Sundays of March and October at 01:00 UTC.
    #[test]
    fn times_have_the_offset_of_norway() {
        let text = str::to_owned;
        for (value, expected) in [
            ("2017-12-20T08:39:12", Local(text("2017-12-20T08:39:12+01:00"))),
            ("2017-06-20T08:39:12.5", Local(text("2017-06-20T08:39:12.5+02:00"))),
            ("2017-06-20T08:39:12+02:00", Instant(text("2017-06-20T08:39:12+02:00"))),
            ("2017-06-20T08:39:12Z", Instant(text("2017-06-20T08:39:12Z"))),
            ("2017-06-20T08:39:12-03:30", Instant(text("2017-06-20T08:39:12-03:30"))),
            ("2025-10-26T02:30:00", Ambiguous(text("2025-10-26T02:30:00+02:00"))),
            ("2025-03-30T02:30:00", Ambiguous(text("2025-03-30"))),
            ("1964-01-21", Date(text("1964-01-21"))),
            ("1964-01-21+01:00", Date(text("1964-01-21"))),
            ("1964-01-21Z", Date(text("1964-01-21"))),
            ("1964-01", Date(text("1964-01"))),
            ("1964", Date(text("1964"))),
        ] {
            assert_eq!(read(value), Some(expected), "{value}");
        }
        for value in [
            "",
            "20171220",
            "20.12.2017",
            "2017-13-01",
            "2017-02-29",
            "2017-12-20T",
            "2017-12-20T08:39",
            "2017-12-20T25:00:00",
            "2017-12-20 08:39:12",
            "2017-12-20T08:39:12+0100",
            "2017-12-20T08:39:12+15:00",
            "0000",
            "in March",
            "æææææææææææ",
        ] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}
