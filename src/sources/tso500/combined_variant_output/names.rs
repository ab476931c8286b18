//! Names of sections, keys and columns.

use crate::redact::quote;

/// Whether two names are the same but for case, blanks and underscores, in which the pipeline versions differ.
pub(in crate::sources::tso500) fn same_name(left: &str, right: &str) -> bool {
    folded(left).eq(folded(right))
}

/// The letters of a name that tell it from another.
pub(in crate::sources::tso500) fn folded(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| !c.is_whitespace() && *c != '_').map(|c| c.to_ascii_lowercase())
}

/// A name that is none of ours, short and masked enough to stand in a place or as the name of a note.
pub(in crate::sources::tso500) fn label(name: &str) -> String {
    quote(name).trim_matches('`').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_blanks_do_not_tell_names_apart() {
        for (left, right) in [("Alt_Depth", "alt depth"), ("Gene1", "Gene 1"), ("SUM_JSD", "SumJsd"), ("TMB", "tmb")] {
            assert!(same_name(left, right), "{left} {right}");
        }
        for (left, right) in [("Gene", "Gene Pair"), ("Breakpoint 1", "Breakpoint 2"), ("Affected Exon", "")] {
            assert!(!same_name(left, right), "{left} {right}");
        }
    }

    #[test]
    fn a_label_is_short_and_masked() {
        assert_eq!(label("My Column"), "My Column");
        assert_eq!(label(&"x".repeat(50)), format!("{}…", "x".repeat(40)));
        assert_eq!(label("13897512345"), "***********");
    }
}
