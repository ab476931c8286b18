//! Dates and times (HL7 v2.5.1, 2.A.21 DT, 2.A.22 DTM, 2.A.77 TS): `YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]`.

use jiff::civil;
use jiff::tz::{AmbiguousOffset, TimeZoneDatabase};

/// A date or time as FHIR writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateTime {
    /// `yyyy`, `yyyy-mm`, `yyyy-mm-dd`, or an instant with offset.
    pub text: String,
    /// What a reader should know about it.
    pub remark: Option<Remark>,
}

/// What a reader should know about a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// It occurs twice, at the end of summer time; the first one was taken.
    Ambiguous,
    /// It has an hour without minutes, which FHIR cannot say: only the date was taken.
    HourOnly,
}

/// Why a text is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateTimeError {
    /// Another form.
    #[error("not a date or time of the form YYYYMMDD[HHMM[SS[.SSSS]]][+ZZZZ]")]
    Form,
    /// No such day or time of day.
    #[error("no such day or time of day")]
    Impossible,
    /// The hour that is left out when summer time begins.
    #[error("no such time in Norway: summer time begins in that hour")]
    Skipped,
}

/// Reads a date or time. One without offset is in Norway (Europe/Oslo).
pub fn read_date_time(text: &str) -> Result<DateTime, DateTimeError> {
    let (local, offset) = match text.find(['+', '-']).and_then(|at| text.split_at_checked(at)) {
        Some((local, offset)) => (local, Some(offset)),
        None => (text, None),
    };
    let (whole, fraction) = match local.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (local, None),
    };
    let is_form = matches!(whole.len(), 4 | 6 | 8 | 10 | 12 | 14) && is_digits(whole);
    let is_fraction = |digits: &str| (1..=4).contains(&digits.len()) && is_digits(digits) && whole.len() == 14;
    if !is_form || !fraction.is_none_or(is_fraction) {
        return Err(DateTimeError::Form);
    }
    let offset = offset.map(iso_offset).transpose()?;
    let date = iso_date(whole)?;
    let plain = |remark| Ok(DateTime { text: date.clone(), remark });
    match whole.len() {
        4 | 6 | 8 => plain(None),
        10 => {
            time(whole)?;
            plain(Some(Remark::HourOnly))
        }
        _ => {
            let time = time(whole)?;
            let (offset, remark) = match offset {
                Some(offset) => (offset, None),
                None => offset_in_norway(whole, time)?,
            };
            let fraction = fraction.map_or_else(String::new, |digits| format!(".{digits}"));
            let clock = format!("{:02}:{:02}:{:02}{fraction}", time.hour(), time.minute(), time.second());
            Ok(DateTime { text: format!("{date}T{clock}{offset}"), remark })
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number<T: std::str::FromStr>(text: &str, from: usize, to: usize) -> Result<T, DateTimeError> {
    text.get(from..to).and_then(|digits| digits.parse().ok()).ok_or(DateTimeError::Form)
}

fn iso_date(text: &str) -> Result<String, DateTimeError> {
    let year: i16 = number(text, 0, 4)?;
    let month: i8 = if text.len() >= 6 { number(text, 4, 6)? } else { 1 };
    let day: i8 = if text.len() >= 8 { number(text, 6, 8)? } else { 1 };
    let date = civil::Date::new(year, month, day).map_err(|_| DateTimeError::Impossible)?;
    if year == 0 {
        return Err(DateTimeError::Impossible);
    }
    let iso = date.to_string();
    let length = match text.len() {
        4 => 4,
        6 => 7,
        _ => 10,
    };
    Ok(iso.get(..length).unwrap_or(&iso).to_owned())
}

fn time(text: &str) -> Result<civil::Time, DateTimeError> {
    let hour = number(text, 8, 10)?;
    let minute = if text.len() >= 12 { number(text, 10, 12)? } else { 0 };
    let second = if text.len() >= 14 { number(text, 12, 14)? } else { 0 };
    civil::Time::new(hour, minute, second, 0).map_err(|_| DateTimeError::Impossible)
}

/// `+0100` as `+01:00`.
fn iso_offset(text: &str) -> Result<String, DateTimeError> {
    let digits = text.get(1..).filter(|digits| digits.len() == 4 && is_digits(digits)).ok_or(DateTimeError::Form)?;
    let (hours, minutes): (u8, u8) = (number(digits, 0, 2)?, number(digits, 2, 4)?);
    if hours > 14 || minutes > 59 || (hours == 14 && minutes > 0) {
        return Err(DateTimeError::Impossible);
    }
    let sign = text.get(..1).unwrap_or("+");
    Ok(format!("{sign}{hours:02}:{minutes:02}"))
}

fn offset_in_norway(text: &str, time: civil::Time) -> Result<(String, Option<Remark>), DateTimeError> {
    let date = civil::Date::new(number(text, 0, 4)?, number(text, 4, 6)?, number(text, 6, 8)?);
    let local = date.map_err(|_| DateTimeError::Impossible)?.to_datetime(time);
    let zone = TimeZoneDatabase::bundled().get("Europe/Oslo").map_err(|_| DateTimeError::Impossible)?;
    let (offset, remark) = match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => (offset, None),
        AmbiguousOffset::Fold { before, .. } => (before, Some(Remark::Ambiguous)),
        AmbiguousOffset::Gap { .. } => return Err(DateTimeError::Skipped),
    };
    let seconds = offset.seconds();
    if seconds % 60 != 0 {
        // Local mean time of the nineteenth century, which FHIR cannot write.
        return Err(DateTimeError::Impossible);
    }
    let minutes = seconds.abs() / 60;
    let sign = if seconds < 0 { '-' } else { '+' };
    Ok((format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60), remark))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_and_times() {
        for (text, iso, remark) in [
            ("2026", "2026", None),
            ("202603", "2026-03", None),
            ("20260301", "2026-03-01", None),
            ("20240229", "2024-02-29", None),
            ("202603011005", "2026-03-01T10:05:00+01:00", None),
            ("20260701100502", "2026-07-01T10:05:02+02:00", None),
            ("20260701100502.1230", "2026-07-01T10:05:02.1230+02:00", None),
            ("20260701100502+0000", "2026-07-01T10:05:02+00:00", None),
            ("202607011005-0530", "2026-07-01T10:05:00-05:30", None),
            ("2026070110", "2026-07-01", Some(Remark::HourOnly)),
            ("20260301+0100", "2026-03-01", None),
            // The clocks go back on 25 October 2026 at 03:00.
            ("202610250230", "2026-10-25T02:30:00+02:00", Some(Remark::Ambiguous)),
            ("202610250230+0100", "2026-10-25T02:30:00+01:00", None),
        ] {
            assert_eq!(read_date_time(text), Ok(DateTime { text: iso.to_owned(), remark }), "{text}");
        }
    }

    #[test]
    fn other_texts() {
        for (text, error) in [
            ("", DateTimeError::Form),
            ("26", DateTimeError::Form),
            ("2026-03-01", DateTimeError::Form),
            ("01.03.2026", DateTimeError::Form),
            ("2026030", DateTimeError::Form),
            ("20260301T10", DateTimeError::Form),
            ("202603011005.1", DateTimeError::Form),
            ("20260301100502.12345", DateTimeError::Form),
            ("20260301100502+1", DateTimeError::Form),
            ("20260301100502+01:00", DateTimeError::Form),
            ("0000", DateTimeError::Impossible),
            ("20261301", DateTimeError::Impossible),
            ("20260230", DateTimeError::Impossible),
            ("202603012400", DateTimeError::Impossible),
            ("202603011060", DateTimeError::Impossible),
            ("20260301100560", DateTimeError::Impossible),
            ("202603011005+1500", DateTimeError::Impossible),
            // The clocks go forward on 29 March 2026 at 02:00.
            ("202603290230", DateTimeError::Skipped),
        ] {
            assert_eq!(read_date_time(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[0-9.+-]{0,24}|\\PC{0,20}") {
            let _ = read_date_time(&text);
        }
    }
}
