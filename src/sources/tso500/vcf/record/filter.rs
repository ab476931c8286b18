//! FILTER.

use super::Refusal;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

/// What the caller's filters say about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources::tso500::vcf) enum Filter<'a> {
    /// It passed all of them.
    Pass,
    /// They were not applied (`.`).
    NotApplied,
    /// It did not pass these, joined by `;`.
    Failed(&'a str),
}

/// Reads FILTER. Only the one word `PASS` is a pass: among other filters it says nothing.
pub(in crate::sources::tso500::vcf) fn parse(cell: &str) -> Result<Filter<'_>, Refusal> {
    match cell {
        "PASS" => Ok(Filter::Pass),
        "." => Ok(Filter::NotApplied),
        _ if cell.split(';').all(is_name) => Ok(Filter::Failed(cell)),
        _ => Err(Refusal::new(
            IssueCode::VcfFilterInvalid,
            "FILTER",
            format!("{} is not a list of filters", quote(cell)),
        )),
    }
}

/// An id of a filter: no blanks, and not the word for no filter.
fn is_name(name: &str) -> bool {
    !matches!(name, "" | ".") && !name.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_word_is_a_pass() {
        for (cell, expected) in [
            ("PASS", Filter::Pass),
            (".", Filter::NotApplied),
            ("LowDP", Filter::Failed("LowDP")),
            ("q0;SB", Filter::Failed("q0;SB")),
            ("weak_evidence;PASS", Filter::Failed("weak_evidence;PASS")),
            ("pass", Filter::Failed("pass")),
            ("PASS;PASS", Filter::Failed("PASS;PASS")),
            ("0", Filter::Failed("0")),
        ] {
            assert_eq!(parse(cell), Ok(expected), "{cell}");
        }
        for cell in ["", "a b", "a;;b", ";", "a;", "a;.", "PASS ", "a;\u{a0}"] {
            let refusal = parse(cell).unwrap_err();
            assert_eq!((refusal.code, refusal.column), (IssueCode::VcfFilterInvalid, "FILTER"), "{cell}");
        }
    }
}
