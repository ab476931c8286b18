//! Numbers as the files write them.

use crate::domain::decimal::{Decimal, DecimalError};

/// Why a cell is not a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
    /// Not a number.
    #[error("not a number")]
    Invalid,
    /// `1,234` is a thousand and more or one and a bit.
    #[error("the comma may separate thousands or decimals")]
    Ambiguous,
    /// Too large, or negative where it cannot be.
    #[error("out of range")]
    OutOfRange,
}

/// A number, with what had to be assumed to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The value.
    pub value: Decimal,
    /// A decimal comma was read as a point.
    pub decimal_comma: bool,
    /// The cell ended in `%`.
    pub percent: bool,
}

/// Reads a decimal: point or comma, exponent, optional percent sign.
///
/// A comma is a decimal comma unless three digits follow a whole part other than zero: Norwegian spreadsheets write both
/// `4,464` for 4.464 and `4,464` for 4464.
pub fn parse_number(cell: &str) -> Result<Number, NumberError> {
    if cell.is_empty() {
        return Err(NumberError::Empty);
    }
    let (text, percent) = match cell.strip_suffix('%') {
        Some(rest) => (rest.trim_end(), true),
        None => (cell, false),
    };
    let decimal = |text: &str| match Decimal::parse(text) {
        Ok(value) => Ok(value),
        Err(DecimalError::Empty | DecimalError::Invalid) => Err(NumberError::Invalid),
    };
    let Some((whole, fraction)) = text.split_once(',') else {
        return Ok(Number { value: decimal(text)?, decimal_comma: false, percent });
    };
    let mantissa = fraction.split(['e', 'E']).next().unwrap_or_default();
    if fraction.contains(['.', ',']) || whole.contains('.') {
        return Err(NumberError::Invalid);
    }
    let value = decimal(&format!("{whole}.{fraction}"))?;
    let whole_is_zero = whole.trim_start_matches(['-', '+']).bytes().all(|digit| digit == b'0');
    if mantissa.len() == 3 && mantissa.len() == fraction.len() && !whole_is_zero {
        return Err(NumberError::Ambiguous);
    }
    Ok(Number { value, decimal_comma: true, percent })
}

/// Reads a count: digits, or a decimal whose fraction is zero (`12.0`, as spreadsheets and some versions write).
pub fn parse_count(cell: &str) -> Result<u64, NumberError> {
    if cell.is_empty() {
        return Err(NumberError::Empty);
    }
    let whole = match cell.split_once('.') {
        Some((whole, fraction)) if !whole.is_empty() && fraction.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return Err(NumberError::Invalid),
        None => cell,
    };
    if whole.contains(',') {
        return Err(NumberError::Ambiguous);
    }
    if let Some(rest) = whole.strip_prefix('-') {
        let number = !rest.is_empty() && rest.bytes().all(|digit| digit.is_ascii_digit());
        return Err(if number { NumberError::OutOfRange } else { NumberError::Invalid });
    }
    if !whole.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(NumberError::Invalid);
    }
    whole.parse().map_err(|_| NumberError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for (cell, value, decimal_comma, percent) in [
            ("0.0467", "0.0467", false, false),
            ("1", "1", false, false),
            ("1.0", "1.0", false, false),
            ("0,002044", "0.002044", true, false),
            ("4,00E-04", "4.00e-04", true, false),
            ("0,396", "0.396", true, false),
            ("64,8", "64.8", true, false),
            ("64.8%", "64.8", false, true),
            ("64.8 %", "64.8", false, true),
        ] {
            let expected = Number { value: Decimal::parse(value).unwrap(), decimal_comma, percent };
            assert_eq!(parse_number(cell), Ok(expected), "{cell}");
        }
    }

    #[test]
    fn what_is_not_one_number_is_refused() {
        for (cell, error) in [
            ("", NumberError::Empty),
            ("NA", NumberError::Invalid),
            ("%", NumberError::Invalid),
            ("4,464", NumberError::Ambiguous),
            ("-4,464", NumberError::Ambiguous),
            ("1,234,567", NumberError::Invalid),
            ("1.234,5", NumberError::Invalid),
            ("1,2.3", NumberError::Invalid),
            ("3 4", NumberError::Invalid),
            ("NaN", NumberError::Invalid),
        ] {
            assert_eq!(parse_number(cell), Err(error), "{cell}");
        }
    }

    #[test]
    fn counts_are_whole() {
        assert_eq!(parse_count("0"), Ok(0));
        assert_eq!(parse_count("1390"), Ok(1390));
        assert_eq!(parse_count("12.0"), Ok(12));
        for (cell, error) in [
            ("", NumberError::Empty),
            ("12.5", NumberError::Invalid),
            (".0", NumberError::Invalid),
            ("-1", NumberError::OutOfRange),
            ("1,390", NumberError::Ambiguous),
            ("99999999999999999999", NumberError::OutOfRange),
            ("12a", NumberError::Invalid),
            ("-", NumberError::Invalid),
        ] {
            assert_eq!(parse_count(cell), Err(error), "{cell}");
        }
    }
}
