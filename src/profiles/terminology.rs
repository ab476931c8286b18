//! What can be said about a code without a terminology server.
//!
//! - LOINC answer lists, from `profiles/terminology/answer-lists.tsv`: a complete list decides, a partial one confirms.
//! - Branches of the Sequence Ontology that value sets name, from `profiles/terminology/sequence-ontology.tsv`.
//! - The shape of LOINC, HGVS, HGNC and Sequence Ontology codes, and UCUM units.
//!
//! Not checked: whether a code of the right shape exists.

mod hgvs;
mod ucum;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::domain::issue::{Issue, IssueCode, Location};
use crate::fhir::public_code::loinc_check_digit;
use crate::fhir::systems::{
    HGNC, HGNC_PREFIX, HGVS, LOINC, LOINC_ANSWER_LIST, SEQUENCE_ONTOLOGY, SEQUENCE_ONTOLOGY_PREFIX, UCUM,
};
use crate::redact::quote;

/// Whether a code is in a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// It is.
    Member,
    /// It is not.
    NotMember,
    /// The set is not known, or only in part.
    Unknown,
}

/// Checks the shape of a code of a system; nothing is said about a system that is not listed above.
pub fn code_issue(system: &str, code: &str, location: Location) -> Option<Issue> {
    let (is_valid, expected) = match system {
        LOINC => (is_loinc(code), "a LOINC code with its check digit"),
        HGVS => (hgvs::is_description(code), "an HGVS description with versioned reference sequence"),
        HGNC => (has_number(code, HGNC_PREFIX, 1..=6), "`HGNC:` and a number"),
        SEQUENCE_ONTOLOGY => (has_number(code, SEQUENCE_ONTOLOGY_PREFIX, 7..=7), "`SO:` and seven digits"),
        UCUM => (ucum::is_unit(code), "a UCUM unit"),
        _ => return None,
    };
    if is_valid {
        return None;
    }
    Some(Issue::new(IssueCode::CodeUnknown, location, format!("{} is not {expected}", quote(code))))
}

/// Whether a LOINC answer list holds a code; `value_set` is its canonical URL, with or without version.
pub fn answer_list(value_set: &str, system: &str, code: &str) -> Membership {
    let url = value_set.split('|').next().unwrap_or(value_set);
    let Some(list) = url.strip_prefix(LOINC_ANSWER_LIST).and_then(|list| ANSWER_LISTS.get(list)) else {
        return Membership::Unknown;
    };
    match (system == LOINC && list.codes.contains(&code), list.is_complete) {
        (true, _) => Membership::Member,
        (false, true) => Membership::NotMember,
        (false, false) => Membership::Unknown,
    }
}

/// The codes known of an answer list, and whether they are all; `None` for any other value set.
pub fn answer_list_codes(value_set: &str) -> Option<(&'static [&'static str], bool)> {
    let url = value_set.split('|').next().unwrap_or(value_set);
    let list = ANSWER_LISTS.get(url.strip_prefix(LOINC_ANSWER_LIST)?);
    Some(list.map_or((&[], false), |list| (list.codes.as_slice(), list.is_complete)))
}

/// The terms of an is-a branch of the Sequence Ontology, its root included; `None` where the branch is not known.
pub fn ontology_branch(system: &str, root: &str) -> Option<&'static [&'static str]> {
    SEQUENCE_ONTOLOGY_TERMS.branches.get(root).filter(|_| system == SEQUENCE_ONTOLOGY).map(Vec::as_slice)
}

/// Whether a code of the Sequence Ontology may have been added after the terms that are known, so that nothing can be said
/// about its place.
pub fn may_be_newer(system: &str, code: &str) -> bool {
    let terms = &SEQUENCE_ONTOLOGY_TERMS;
    system == SEQUENCE_ONTOLOGY && code > terms.newest && code <= terms.end_of_block
}

#[derive(Debug, Default)]
struct OntologyTerms {
    /// Root -> its terms.
    branches: BTreeMap<&'static str, Vec<&'static str>>,
    /// Term with the highest number that is known, of the block of numbers that is still being filled.
    newest: &'static str,
    end_of_block: &'static str,
}

static SEQUENCE_ONTOLOGY_TERMS: LazyLock<OntologyTerms> = LazyLock::new(|| {
    let mut terms = OntologyTerms::default();
    let table = include_str!("../../profiles/terminology/sequence-ontology.tsv");
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut cells = line.split('\t');
        match (cells.next(), cells.next(), cells.next()) {
            (Some("newest"), Some(newest), Some(end)) => (terms.newest, terms.end_of_block) = (newest, end),
            (Some(root), Some(ids), None) => drop(terms.branches.insert(root, ids.split(' ').collect())),
            _ => {}
        }
    }
    terms
});

#[derive(Debug, Default)]
struct AnswerList {
    is_complete: bool,
    codes: Vec<&'static str>,
}

static ANSWER_LISTS: LazyLock<BTreeMap<&'static str, AnswerList>> = LazyLock::new(|| {
    let mut lists: BTreeMap<&str, AnswerList> = BTreeMap::new();
    let table = include_str!("../../profiles/terminology/answer-lists.tsv");
    for line in table.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let mut cells = line.split('\t');
        if let (Some(list), Some(code), Some(_), Some(complete)) =
            (cells.next(), cells.next(), cells.next(), cells.next())
        {
            let list = lists.entry(list).or_default();
            list.is_complete = complete == "yes";
            list.codes.push(code);
        }
    }
    lists
});

/// A LOINC term (number and check digit modulo 10), or the part, answer or list number that stands where a code does.
fn is_loinc(code: &str) -> bool {
    let part = ["LA", "LG", "LL", "LP"].iter().find_map(|prefix| code.strip_prefix(prefix));
    let Some((number, check)) = part.unwrap_or(code).rsplit_once('-') else { return false };
    let is_number = |text: &str| !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    // The check digit of parts and answers counts otherwise.
    is_number(number) && check.len() == 1 && is_number(check) && (part.is_some() || check == loinc_check_digit(number))
}

fn has_number(code: &str, prefix: &str, digits: std::ops::RangeInclusive<usize>) -> bool {
    code.strip_prefix(prefix).is_some_and(|number| {
        digits.contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && (digits.start() == digits.end() || !number.starts_with('0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_lists_decide_when_they_are_complete() {
        use Membership::{Member, NotMember, Unknown};
        for (list, system, code, expected) in [
            ("LL1971-2", LOINC, "LA9633-4", Member),
            ("LL1971-2|2.77", LOINC, "LA9633-4", Member),
            ("LL1971-2", LOINC, "LA6576-8", NotMember),
            ("LL1971-2", "http://example.org", "LA9633-4", NotMember),
            ("LL2938-0", LOINC, "LA21277-1", Member),
            ("LL2938-0", LOINC, "LA9633-4", NotMember),
            ("LL378-1", LOINC, "LA6684-0", Member),
            ("LL378-1", LOINC, "LA9633-4", Unknown),
            ("LL1-0", LOINC, "LA9633-4", Unknown),
        ] {
            assert_eq!(answer_list(&format!("{LOINC_ANSWER_LIST}{list}"), system, code), expected, "{list} {code}");
        }
        assert_eq!(answer_list("LL1971-2", LOINC, "LA9633-4"), Unknown);
        let known = |list: &str| answer_list_codes(list).map(|(codes, is_complete)| (codes.len(), is_complete));
        assert_eq!(known("http://loinc.org/vs/LL2938-0"), Some((24, true)));
        assert_eq!(known("http://loinc.org/vs/LL1971-2"), Some((4, true)));
        assert_eq!(known("http://loinc.org/vs/LL378-1"), Some((2, false)));
        assert_eq!(known("http://loinc.org/vs/LL1-0"), Some((0, false)));
        assert_eq!(known("http://hl7.org/fhir/ValueSet/link-type"), None);
    }

    /// GR 3.0.0 traps: a gene fusion is a consequence, not a change of DNA; a change of function is no change of structure.
    #[test]
    fn terms_are_in_their_branch() {
        let (function, structure, change) = ("SO:0001536", "SO:0001537", "SO:0002072");
        for (code, expected) in [
            ("SO:0001565", &[structure][..]),
            ("SO:0001583", &[structure]),
            ("SO:0001572", &[structure]),
            ("SO:0002161", &[structure]),
            ("SO:0002053", &[function]),
            ("SO:0002054", &[function]),
            ("SO:0002218", &[function]),
            ("SO:0002321", &[function, structure]),
            ("SO:0001483", &[change]),
            ("SO:0001742", &[change]),
            ("SO:0000199", &[change]),
            ("SO:1000032", &[change]),
            ("SO:0000704", &[]),
            ("SO:0001060", &[]),
        ] {
            let is_in = |root: &&str| ontology_branch(SEQUENCE_ONTOLOGY, root).unwrap().contains(&code);
            let found: Vec<&str> = [function, structure, change].into_iter().filter(|root| is_in(root)).collect();
            assert_eq!(found, expected, "{code}");
        }
        assert_eq!(ontology_branch(SEQUENCE_ONTOLOGY, "SO:0000110"), None);
        assert_eq!(ontology_branch(LOINC, function), None);
        for (code, expected) in
            [("SO:0002380", false), ("SO:0002381", true), ("SO:0005836", false), ("SO:0000001", false)]
        {
            assert_eq!(may_be_newer(SEQUENCE_ONTOLOGY, code), expected, "{code}");
            assert!(!may_be_newer(LOINC, code), "{code}");
        }
    }

    #[test]
    fn codes_have_the_shape_of_their_system() {
        for (system, valid, invalid) in [
            (
                LOINC,
                &["69548-6", "51969-4", "8480-6", "94076-7", "LA9633-4", "LL1971-2"][..],
                &["69548-5", "69548", "69548-", "-6", "", "LA9633", "LA-4", "XX9633-4", "6954a-6", " 69548-6"][..],
            ),
            (
                HGNC,
                &["HGNC:1097", "HGNC:5", "HGNC:55216"],
                &["BRAF", "1097", "HGNC:", "HGNC:01", "hgnc:1097", "HGNC:1097 "],
            ),
            (
                SEQUENCE_ONTOLOGY,
                &["SO:0001583", "SO:1000002"],
                &["SO_0002054", "SO:1583", "SO:00015830", "0001583", "missense_variant"],
            ),
        ] {
            for code in valid {
                assert_eq!(code_issue(system, code, Location::default()), None, "{code}");
            }
            for code in invalid {
                let issue = code_issue(system, code, Location::path("Observation.code.coding[0].code")).unwrap();
                assert_eq!(issue.code, IssueCode::CodeUnknown, "{code}");
                assert_eq!(issue.location.path.as_deref(), Some("Observation.code.coding[0].code"));
            }
        }
        assert_eq!(code_issue("http://example.org", "anything", Location::default()), None);
    }

    #[test]
    fn descriptions_and_units_are_checked() {
        for (system, code, is_valid) in [
            (HGVS, "NM_005228.4:c.2573T>G", true),
            (HGVS, "BRAF V600E", false),
            (UCUM, "1/1000000{Base}", true),
            (UCUM, "Mutations/Megabase", false),
        ] {
            assert_eq!(code_issue(system, code, Location::default()).is_none(), is_valid, "{code}");
        }
    }
}
