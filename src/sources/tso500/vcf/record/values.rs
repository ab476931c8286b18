//! Values of the sample that describe an allele: counts, fractions, ratios.

use super::Refusal;
use crate::domain::decimal::Decimal;
use crate::domain::issue::IssueCode;
use crate::redact::quote;
use crate::sources::tso500::cells::number::parse_count;
use crate::sources::tso500::cells::quantity::{Quantity, parse_quantity};
use crate::sources::tso500::vcf::wire::Number;

/// Which of the values of a key belongs to an allele.
#[derive(Debug, Clone, Copy)]
pub(in crate::sources::tso500::vcf) struct Place {
    /// Number of the alternative allele, from 1.
    pub(in crate::sources::tso500::vcf) number: usize,
    /// How many alternative alleles the line has.
    pub(in crate::sources::tso500::vcf) alternates: usize,
    /// The same, without those that only hold a place.
    pub(in crate::sources::tso500::vcf) named: (usize, usize),
}

/// The one of the comma-separated values that belongs to the allele; `Ok(None)` where it is missing.
///
/// `Number` is what the header declares. Where it declares nothing (Pisces: `.`) the count decides: one value more than
/// alleles begins with the reference, as many as alleles (of several) are those of the alternatives alone.
pub(in crate::sources::tso500::vcf) fn of_allele<'a>(
    key: &'static str,
    text: &'a str,
    number: Number,
    place: Place,
) -> Result<Option<&'a str>, Refusal> {
    let count = text.split(',').count();
    let (named, all_named) = place.named;
    let index = match number {
        Number::EachAllele | Number::Unknown if count == place.alternates + 1 => place.number,
        Number::EachAllele | Number::Unknown if count == all_named + 1 => named,
        Number::Unknown if count == place.alternates && count > 1 => place.number - 1,
        Number::EachAlternate if count == place.alternates => place.number - 1,
        Number::EachAlternate if count == all_named => named - 1,
        _ => {
            let text = format!("{} values for {} alternative alleles: {}", count, place.alternates, quote(text));
            return Err(Refusal::new(IssueCode::VcfValueCount, key, text));
        }
    };
    Ok(text.split(',').nth(index).filter(|value| !matches!(*value, "" | ".")))
}

/// The text of a value that no field holds, long ones cut.
pub(in crate::sources::tso500::vcf) fn kept(key: &str, text: &str) -> (String, String) {
    let mut value: String = text.chars().take(MAX_KEPT).collect();
    if value.len() < text.len() {
        value.push('…');
    }
    (key.to_owned(), value)
}

/// Longest text that is kept, in characters.
const MAX_KEPT: usize = 200;

/// Reads a count.
pub(in crate::sources::tso500::vcf) fn count(key: &'static str, text: &str) -> Result<u64, Refusal> {
    parse_count(text).map_err(|error| invalid(key, text, &error.to_string()))
}

/// Reads a fraction of 1, with its digits.
pub(in crate::sources::tso500::vcf) fn fraction(key: &'static str, text: &str) -> Result<Decimal, Refusal> {
    decimal(key, text, Quantity::Fraction)
}

/// Reads a ratio of 0 or more, with its digits.
pub(in crate::sources::tso500::vcf) fn ratio(key: &'static str, text: &str) -> Result<Decimal, Refusal> {
    decimal(key, text, Quantity::Ratio)
}

fn decimal(key: &'static str, text: &str, quantity: Quantity) -> Result<Decimal, Refusal> {
    match parse_quantity(text, quantity) {
        // A VCF has no percentages and no decimal commas: such a value was rewritten by another program.
        Ok(number) if number.percent || number.decimal_comma => Err(invalid(key, text, "not a number")),
        Ok(number) => Ok(number.value),
        Err(error) => Err(invalid(key, text, &error.to_string())),
    }
}

fn invalid(key: &'static str, text: &str, error: &str) -> Refusal {
    Refusal::new(IssueCode::VcfValueInvalid, key, format!("{}: {error}", quote(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(number: usize, alternates: usize, named: usize, all_named: usize) -> Place {
        Place { number, alternates, named: (named, all_named) }
    }

    #[test]
    fn each_allele_has_its_own_value() {
        use Number::{EachAllele, EachAlternate, Unknown};
        for (text, number, place, expected) in [
            ("282,275", EachAllele, place(1, 1, 1, 1), Ok(Some("275"))),
            ("10,5,3", EachAllele, place(1, 2, 1, 2), Ok(Some("5"))),
            ("10,5,3", EachAllele, place(2, 2, 2, 2), Ok(Some("3"))),
            ("0.5,0.3", EachAlternate, place(2, 2, 2, 2), Ok(Some("0.3"))),
            // DRAGEN genome VCF: `T,<NON_REF>`, with or without a value for the place.
            ("20,18,0", EachAllele, place(1, 2, 1, 1), Ok(Some("18"))),
            ("20,18", EachAllele, place(1, 2, 1, 1), Ok(Some("18"))),
            ("0.474,0.000", EachAlternate, place(1, 2, 1, 1), Ok(Some("0.474"))),
            ("0.474", EachAlternate, place(1, 2, 1, 1), Ok(Some("0.474"))),
            // Pisces declares `.`: `X,<M>` and `<M>,X` have reference, first and second; two real alleles have no reference.
            ("34,6,2", Unknown, place(1, 2, 1, 1), Ok(Some("6"))),
            ("34,2,6", Unknown, place(2, 2, 1, 1), Ok(Some("6"))),
            ("12,9", Unknown, place(1, 2, 1, 2), Ok(Some("12"))),
            ("12,9", Unknown, place(2, 2, 2, 2), Ok(Some("9"))),
            ("25,46", Unknown, place(1, 1, 1, 1), Ok(Some("46"))),
            ("10,.", EachAllele, place(1, 1, 1, 1), Ok(None)),
            ("10,", EachAllele, place(1, 1, 1, 1), Ok(None)),
            ("46", Unknown, place(1, 1, 1, 1), Err(())),
            ("46", EachAllele, place(1, 1, 1, 1), Err(())),
            ("12,9", EachAllele, place(1, 2, 1, 2), Err(())),
            ("0.9", EachAlternate, place(1, 2, 1, 2), Err(())),
            ("1,2,3,4", Unknown, place(1, 2, 1, 2), Err(())),
            ("1,2", EachAlternate, place(1, 1, 1, 1), Err(())),
        ] {
            let found = of_allele("AD", text, number, place);
            assert_eq!(found.clone().map_err(|_| ()), expected, "{text} {number:?} {place:?}");
            if let Err(refusal) = found {
                assert_eq!((refusal.code, refusal.column), (IssueCode::VcfValueCount, "AD"));
            }
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(kept("AD", "1,x"), ("AD".to_owned(), "1,x".to_owned()));
        assert_eq!(kept("AD", &"é".repeat(201)).1, format!("{}…", "é".repeat(200)));
    }

    #[test]
    fn numbers_keep_their_digits() {
        assert_eq!(count("DP", "557"), Ok(557));
        assert_eq!(fraction("AF", "0.4930").unwrap().as_str(), "0.4930");
        assert_eq!(fraction("AF", "1.0000").unwrap().as_str(), "1.0000");
        assert_eq!(ratio("SM", "1.49428").unwrap().as_str(), "1.49428");
        for text in ["-1", "1,2", "x", "", "12O"] {
            assert_eq!(count("DP", text).unwrap_err().code, IssueCode::VcfValueInvalid, "{text}");
        }
        for text in ["1.1", "-0.1", "50%", "0,5", "NaN", "inf", "", "1e999"] {
            let refusal = fraction("AF", text).unwrap_err();
            assert_eq!((refusal.code, refusal.column), (IssueCode::VcfValueInvalid, "AF"), "{text}");
        }
        for text in ["-1", "1%", "1,5"] {
            assert_eq!(ratio("SM", text).unwrap_err().code, IssueCode::VcfValueInvalid, "{text}");
        }
    }
}
