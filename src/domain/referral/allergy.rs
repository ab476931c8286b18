//! Statements that there is no allergy: senders put them where allergies stand.

use super::clinical::ClinicalItem;

/// Name of the table of codes that say so.
pub const NO_KNOWN_ALLERGIES: &str = "no-known-allergies";

/// How the words begin that say so.
const DENIALS: [&str; 7] =
    ["ingen kjent", "ingen allergi", "ingen cave", "ikke kjent allergi", "no known", "no allerg", "nil known"];
/// Words that are all there is to say.
const NOTHING: [&str; 8] = ["ingen", "none", "nei", "no", "nil", "nka", "nkda", "ingen kjente"];
/// Words after which something is said all the same.
const EXCEPTIONS: [&str; 12] = [
    "unntatt", "unntak", "bortsett", "utenom", "foruten", "men", "except", "but", "other", "severity", "reaction",
    "reaksjon",
];

impl ClinicalItem {
    /// Whether the item says that no allergy is known, by a code of the table or in words; `is_code` looks a code up.
    ///
    /// A warning that is lost can harm the patient, so that anything said beside it keeps it a warning.
    pub fn denies_allergies(&self, is_code: impl Fn(&str) -> bool) -> bool {
        let text = self.text.as_ref().map(|text| text.expose().to_lowercase()).unwrap_or_default();
        let has_exception = text.split(|c: char| !c.is_alphabetic()).any(|word| EXCEPTIONS.contains(&word));
        let first = text.split([';', '\n', '(']).next().unwrap_or_default().trim().trim_end_matches('.');
        let in_words = NOTHING.contains(&first) || DENIALS.iter().any(|words| first.starts_with(words));
        let in_codes = !self.codes.is_empty() && self.codes.iter().all(|code| is_code(&code.code));
        let is_coded_otherwise = self.codes.iter().any(|code| code.system.is_some()) && !in_codes;
        (in_codes || in_words) && !has_exception && !is_coded_otherwise
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::personal::Personal;
    use crate::domain::referral::Code;

    fn item(system: &str, code: &str, text: &str) -> ClinicalItem {
        let system = Some(system.to_owned()).filter(|system| !system.is_empty());
        let codes = [Code { system, code: code.to_owned(), ..Code::default() }];
        let codes = codes.into_iter().filter(|code| !code.code.is_empty()).collect();
        ClinicalItem { codes, text: Some(Personal::new(text)), ..ClinicalItem::default() }
    }

    #[test]
    fn what_says_that_there_is_no_allergy() {
        let is_code = |code: &str| code == "none-known";
        for (system, code, text, denies) in [
            ("urn:x", "none-known", "", true),
            ("", "", "Ingen kjente allergier", true),
            ("", "", "No known allergies; Type - Drug allergy", true),
            ("", "", "NKDA", true),
            ("", "", "Ingen", true),
            ("", "", "Ingen kjente allergier bortsett fra penicillin", false),
            ("", "", "Ingen kjente matallergier, men reagerer på penicillin", false),
            ("", "", "No known cause; Reaction - rash", false),
            ("", "", "Tåler ikke kontrastmiddel", false),
            ("", "", "Penicillin", false),
            ("urn:x", "penicillin", "Ingen kjente allergier", false),
            ("", "", "", false),
        ] {
            assert_eq!(item(system, code, text).denies_allergies(is_code), denies, "{code} {text}");
        }
    }
}
