//! Times as they are asked for (FHIR R4 search, section 3.1.1.4.7): a prefix, and a time of any precision.

use crate::domain::search::Comparison;
use crate::fhir::search::period;

/// A comparison, and the first and last millisecond since 1970 of the time that is compared with.
pub(super) type Wanted = (Comparison, (i64, i64));

/// Reads a time with its prefix; none where it is of no form of FHIR.
pub(super) fn wanted(text: &str) -> Option<Wanted> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (prefix, time) = text.split_at_checked(digits)?;
    // A `+` that was not encoded has come as a blank.
    Some((comparison(prefix)?, period(&time.replace(' ', "+"))?))
}

fn comparison(prefix: &str) -> Option<Comparison> {
    Some(match prefix {
        "" | "eq" => Comparison::Equal,
        "ne" => Comparison::NotEqual,
        "gt" => Comparison::Greater,
        "lt" => Comparison::Less,
        "ge" => Comparison::GreaterOrEqual,
        "le" => Comparison::LessOrEqual,
        "sa" => Comparison::StartsAfter,
        "eb" => Comparison::EndsBefore,
        "ap" => Comparison::Overlaps,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefixes_are_those_of_fhir() {
        for (prefix, comparison) in [
            ("", Comparison::Equal),
            ("eq", Comparison::Equal),
            ("ne", Comparison::NotEqual),
            ("gt", Comparison::Greater),
            ("lt", Comparison::Less),
            ("ge", Comparison::GreaterOrEqual),
            ("le", Comparison::LessOrEqual),
            ("sa", Comparison::StartsAfter),
            ("eb", Comparison::EndsBefore),
            ("ap", Comparison::Overlaps),
        ] {
            assert_eq!(wanted(&format!("{prefix}2026")).map(|(found, _)| found), Some(comparison), "{prefix}");
        }
        for wrong in ["", "ge", "xx2026", "GE2026", "26", "2026-13", "2026-02-30", "2026-05-28T"] {
            assert_eq!(wanted(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_zone_may_come_with_a_blank_for_its_sign() {
        let encoded = wanted("ge2026-05-28T10:30:15+02:00");
        assert!(encoded.is_some());
        assert_eq!(wanted("ge2026-05-28T10:30:15 02:00"), encoded);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_time_or_not(text in "(eq|ne|ge|x)?[0-9T:.Z+-]{0,30}|\\PC{0,20}") {
            if let Some((_, (first, last))) = wanted(&text) {
                proptest::prop_assert!(first <= last);
            }
        }
    }
}
