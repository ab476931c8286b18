//! Decimals of a known kind: what range they have, and what a percent sign does to them.

use crate::domain::decimal::Decimal;

use super::number::{Number, NumberError, parse_number};

/// What a decimal measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// 0 or more, without percent sign.
    Ratio,
    /// 0 to 1; a percentage is turned into a fraction.
    Fraction,
    /// 0 to 100; a percent sign says nothing new.
    Percent,
    /// 0 to 1 or 0 to 100, as the pipeline version has it; a percentage is turned into a fraction.
    FractionOrPercent,
}

/// Reads a decimal of a kind. Errors: those of [`parse_number`]; `OutOfRange` outside the kind's range; `Invalid` for a
/// percent sign where the kind has none.
pub fn parse_quantity(cell: &str, quantity: Quantity) -> Result<Number, NumberError> {
    let mut number = parse_number(cell)?;
    let maximum = match quantity {
        Quantity::Ratio if number.percent => return Err(NumberError::Invalid),
        Quantity::Ratio => f64::INFINITY,
        Quantity::Fraction => 1.0,
        Quantity::FractionOrPercent if number.percent => 1.0,
        Quantity::Percent | Quantity::FractionOrPercent => 100.0,
    };
    if number.percent && quantity != Quantity::Percent {
        number.value = hundredth(&number.value).ok_or(NumberError::Invalid)?;
    }
    let negative = number.value.as_str().starts_with('-');
    if negative || number.value.to_f64() > maximum { Err(NumberError::OutOfRange) } else { Ok(number) }
}

/// Divides by 100 by moving the point, so that no digit changes.
fn hundredth(value: &Decimal) -> Option<Decimal> {
    let (mantissa, exponent) = match value.as_str().split_once('e') {
        Some((mantissa, exponent)) => (mantissa, format!("e{exponent}")),
        None => (value.as_str(), String::new()),
    };
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = format!("{whole:0>3}");
    let (whole, moved) = whole.split_at_checked(whole.len().saturating_sub(2))?;
    Decimal::parse(&format!("{sign}{whole}.{moved}{fraction}{exponent}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_becomes_a_fraction_digit_by_digit() {
        for (cell, fraction) in [
            ("46.7%", "0.467"),
            ("64,8 %", "0.648"),
            ("5%", "0.05"),
            ("0.50%", "0.0050"),
            ("100%", "1.00"),
            ("100.0%", "1.000"),
            ("0%", "0.00"),
            ("12.3456789012345678901%", "0.123456789012345678901"),
            ("4.00E-01%", "0.0400e-01"),
            ("0.2870", "0.2870"),
            ("1", "1"),
            ("1.0", "1.0"),
        ] {
            let number = parse_quantity(cell, Quantity::Fraction).unwrap();
            assert_eq!(number.value.as_str(), fraction, "{cell}");
        }
    }

    #[test]
    fn a_percentage_stays_one_where_percent_is_the_unit() {
        for (cell, quantity, expected) in [
            ("64.8%", Quantity::Percent, "64.8"),
            ("64.8", Quantity::Percent, "64.8"),
            ("55", Quantity::FractionOrPercent, "55"),
            ("0.62", Quantity::FractionOrPercent, "0.62"),
            ("55%", Quantity::FractionOrPercent, "0.55"),
            ("236.886", Quantity::Ratio, "236.886"),
        ] {
            assert_eq!(parse_quantity(cell, quantity).unwrap().value.as_str(), expected, "{cell}");
        }
    }

    #[test]
    fn what_the_kind_does_not_allow_is_refused() {
        for (cell, quantity, error) in [
            ("46.7", Quantity::Fraction, NumberError::OutOfRange),
            ("101%", Quantity::Fraction, NumberError::OutOfRange),
            ("-0.1", Quantity::Fraction, NumberError::OutOfRange),
            ("-0.1%", Quantity::Fraction, NumberError::OutOfRange),
            ("100.5", Quantity::Percent, NumberError::OutOfRange),
            ("-1", Quantity::Ratio, NumberError::OutOfRange),
            ("5%", Quantity::Ratio, NumberError::Invalid),
            ("", Quantity::Ratio, NumberError::Empty),
            ("%", Quantity::Fraction, NumberError::Invalid),
            ("4,464", Quantity::Ratio, NumberError::Ambiguous),
        ] {
            assert_eq!(parse_quantity(cell, quantity), Err(error), "{cell}");
        }
    }
}
