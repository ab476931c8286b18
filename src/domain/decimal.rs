//! Decimals that keep their digits.

use std::fmt;

/// A decimal number as written by the sender, in JSON number grammar.
///
/// FHIR decimals carry precision (R4 datatypes, decimal): `0.2870` and `0.287` are different statements, so the text is
/// kept and only compared as a number where a rule asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Decimal(String);

/// Why a text is not a decimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
    /// Not a number.
    #[error("not a decimal number")]
    Invalid,
}

impl Decimal {
    /// Parses `[+-]digits[.digits][(e|E)[+-]digits]`; leading zeros and a plus sign are dropped, a missing digit beside
    /// the point becomes `0`, every digit that carries precision is kept.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        if text.is_empty() {
            return Err(DecimalError::Empty);
        }
        let (negative, rest) = match text.as_bytes().first() {
            Some(b'-') => (true, text.get(1..).unwrap_or_default()),
            Some(b'+') => (false, text.get(1..).unwrap_or_default()),
            _ => (false, text),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (rest, None),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let fraction_digits = fraction.unwrap_or_default();
        if !digits(whole) || !digits(fraction_digits) || (whole.is_empty() && fraction_digits.is_empty()) {
            return Err(DecimalError::Invalid);
        }
        let mut lexeme = String::with_capacity(text.len() + 2);
        if negative {
            lexeme.push('-');
        }
        let significant = whole.trim_start_matches('0');
        lexeme.push_str(if significant.is_empty() { "0" } else { significant });
        if !fraction_digits.is_empty() {
            lexeme.push('.');
            lexeme.push_str(fraction_digits);
        }
        if let Some(exponent) = exponent {
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            // R4 decimals are bounded; an exponent of more than two digits is no measurement.
            if unsigned.is_empty() || unsigned.len() > 2 || !digits(unsigned) {
                return Err(DecimalError::Invalid);
            }
            lexeme.push('e');
            lexeme.push_str(exponent);
        }
        Ok(Self(lexeme))
    }

    /// The number in JSON grammar.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether two statements of one quantity can both be true: they differ by no more than the rounding of the coarser one
    /// (half a unit of its last digit).
    pub fn agrees(&self, other: &Self) -> bool {
        let coarser = self.unit().max(other.unit());
        let difference = (self.to_f64() - other.to_f64()).abs();
        // Half a unit is not a binary number; a thousandth of it covers the error of the conversion.
        self == other || difference <= coarser * 0.5005
    }

    /// Value of one unit of the last digit.
    fn unit(&self) -> f64 {
        let (mantissa, exponent) = self.0.split_once('e').unwrap_or((&self.0, "0"));
        let decimals = mantissa.split_once('.').map_or(0, |(_, fraction)| i32::try_from(fraction.len()).unwrap_or(0));
        10_f64.powi(exponent.parse::<i32>().unwrap_or(0) - decimals)
    }

    /// The nearest binary number, for comparison with a threshold only.
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_no_disagreement() {
        let agree = |a: &str, b: &str| Decimal::parse(a).unwrap().agrees(&Decimal::parse(b).unwrap());
        for (a, b) in
            [("0.0467", "0.046683"), ("0.05", "0.0467"), ("1", "1.0"), ("0.287", "0.2870"), ("4e-4", "0.00042")]
        {
            assert!(agree(a, b) && agree(b, a), "{a} {b}");
        }
        for (a, b) in [("0.0467", "0.0469"), ("0.0467", "0.04676"), ("1", "0.4"), ("0.001", "1")] {
            // `1` and `0.4` differ by more than half a unit; `0.001` and `1` are the damage of a lost decimal point.
            assert!(!agree(a, b) && !agree(b, a), "{a} {b}");
        }
    }

    #[test]
    fn digits_are_kept() {
        for (text, expected) in [
            ("0.0467", "0.0467"),
            ("1", "1"),
            ("1.0", "1.0"),
            ("0.2870", "0.2870"),
            ("4.00E-04", "4.00e-04"),
            (".5", "0.5"),
            ("5.", "5"),
            ("007.10", "7.10"),
            ("+3", "3"),
            ("-0.50", "-0.50"),
            ("236.886", "236.886"),
        ] {
            assert_eq!(Decimal::parse(text).as_ref().map(Decimal::as_str), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_text_is_refused() {
        assert_eq!(Decimal::parse(""), Err(DecimalError::Empty));
        for text in ["NA", ".", "-", "1,5", "1.2.3", "1e", "1e+", "1e999", "0x1", "NaN", "inf", "1 2", "٣"] {
            assert_eq!(Decimal::parse(text), Err(DecimalError::Invalid), "{text}");
        }
    }
}
