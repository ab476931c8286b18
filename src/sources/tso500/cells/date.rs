//! Dates.

use jiff::civil;

/// A date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    pub(super) date: civil::Date,
    /// Day and month could be exchanged and still be a date; it was read day first.
    pub ambiguous: bool,
}

impl Date {
    /// `YYYY-MM-DD`.
    pub fn iso(&self) -> String {
        self.date.to_string()
    }
}

/// Why a cell is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
    /// None of the known forms.
    #[error("not a date of the form YYYY-MM-DD, DD/MM/YYYY or DD.MM.YYYY")]
    Invalid,
    /// No such day.
    #[error("no such day in the calendar")]
    Impossible,
}

/// Reads `YYYY-MM-DD`, `DD/MM/YYYY` or `DD.MM.YYYY`. Slashes are day first, and flagged where month first would also be
/// a date; dots are never month first.
pub fn parse_date(cell: &str) -> Result<Date, DateError> {
    if cell.is_empty() {
        return Err(DateError::Empty);
    }
    let separator = ['-', '/', '.'].into_iter().find(|&mark| cell.contains(mark)).ok_or(DateError::Invalid)?;
    let parts: Vec<&str> = cell.split(separator).collect();
    let [first, second, third] = parts.as_slice() else { return Err(DateError::Invalid) };
    let (year, month, day) = if separator == '-' { (first, second, third) } else { (third, second, first) };
    let year: i16 = digits(year, 4)?;
    let month: i8 = digits(month, 2)?;
    let day: i8 = digits(day, 2)?;
    let date = civil::Date::new(year, month, day).map_err(|_| DateError::Impossible)?;
    if year == 0 {
        return Err(DateError::Impossible);
    }
    Ok(Date { date, ambiguous: separator == '/' && day <= 12 && day != month })
}

fn digits<T: std::str::FromStr>(text: &str, length: usize) -> Result<T, DateError> {
    if text.len() != length || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DateError::Invalid);
    }
    text.parse().map_err(|_| DateError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_forms_are_read_day_first() {
        for (cell, iso, ambiguous) in [
            ("2026-06-14", "2026-06-14", false),
            ("20/03/2026", "2026-03-20", false),
            ("03/04/2026", "2026-04-03", true),
            ("04/04/2026", "2026-04-04", false),
            ("03.04.2026", "2026-04-03", false),
            ("01.01.2000", "2000-01-01", false),
            ("2024-02-29", "2024-02-29", false),
        ] {
            let date = parse_date(cell).unwrap();
            assert_eq!((date.iso().as_str(), date.ambiguous), (iso, ambiguous), "{cell}");
        }
    }

    #[test]
    fn other_text_is_no_date() {
        for (cell, error) in [
            ("", DateError::Empty),
            ("2099-99-99", DateError::Impossible),
            ("2025-02-29", DateError::Impossible),
            ("03/20/2026", DateError::Impossible),
            ("0000-01-01", DateError::Impossible),
            ("2026", DateError::Invalid),
            ("2026-6-4", DateError::Invalid),
            ("14-06-2026", DateError::Invalid),
            ("2026/06/14", DateError::Invalid),
            ("14.06.26", DateError::Invalid),
            ("14.06-2026", DateError::Invalid),
            ("2026-06-14T10:00:00", DateError::Invalid),
            ("+026-06-14", DateError::Invalid),
            ("NA", DateError::Invalid),
        ] {
            assert_eq!(parse_date(cell), Err(error), "{cell}");
        }
    }
}
