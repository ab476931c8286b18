//! How sure a diagnosis is (FHIR condition-ver-status), where a message says it in words.
//!
//! A suspicion must never become a disease, so that words decide in one direction only: what is in doubt is not stated.

/// What the message states.
pub const CONFIRMED: &str = "confirmed";
/// What the message denies.
pub const REFUTED: &str = "refuted";
const DIFFERENTIAL: &str = "differential";
const PROVISIONAL: &str = "provisional";
pub(super) const UNCONFIRMED: &str = "unconfirmed";

/// Whether a status says that there is no such diagnosis.
pub fn is_withdrawn(status: &str) -> bool {
    matches!(status, REFUTED | "entered-in-error")
}

/// The status that the words of a code "Diagnosestatus" (Volven 7305 `DI`) give. The values of that code (list 7541) are not
/// published with the standard; words that are not understood leave the diagnosis unconfirmed.
pub fn of_diagnosis_status(words: &str) -> &'static str {
    let words = words.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    let is_denied = words.split(|c: char| !c.is_alphabetic()).any(|word| matches!(word, "ikke" | "ingen" | "not"));
    if is_denied || has(&["ubekreftet", "unconfirmed"]) {
        return UNCONFIRMED;
    }
    if has(&["utelukk", "avkreft", "refuted", "excluded", "ruled out"]) {
        REFUTED
    } else if has(&["differensial", "differential"]) {
        DIFFERENTIAL
    } else if has(&[
        "mistanke",
        "mistenkt",
        "suspekt",
        "suspect",
        "foreløpig",
        "tentativ",
        "usikker",
        "arbeidsdiagnose",
        "provisional",
    ]) {
        PROVISIONAL
    } else if has(&["bekreftet", "sikker", "påvist", "endelig", "verifisert", "confirmed"]) {
        CONFIRMED
    } else {
        UNCONFIRMED
    }
}

/// Whether the name of a diagnosis begins as that of a suspicion or of a denial; what is said further on can be about a part
/// of it, such as metastases.
pub(super) fn doubts(text: &str) -> Option<&'static str> {
    let text = text.trim_start().to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    let is_question = text.trim_end().ends_with('?');
    if is_question || begins(&["mistanke", "mistenk", "suspekt", "suspect", "suspicion", "obs ", "obs.", "susp."]) {
        Some(PROVISIONAL)
    } else if begins(&["utelukk", "avkreft", "ingen ", "ikke ", "ruled out", "excluded", "no evidence"]) {
        Some(UNCONFIRMED)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_status() {
        for (words, status) in [
            ("Mistanke om", "provisional"),
            ("Usikker diagnose", "provisional"),
            ("Differensialdiagnose", "differential"),
            ("Avkreftet", "refuted"),
            ("Utelukket", "refuted"),
            ("Bekreftet", "confirmed"),
            ("Sikker", "confirmed"),
            ("Ikke bekreftet", "unconfirmed"),
            ("Ikke utelukket", "unconfirmed"),
            ("3", "unconfirmed"),
        ] {
            assert_eq!(of_diagnosis_status(words), status, "{words}");
        }
    }

    #[test]
    fn the_beginning_of_a_name_tells_a_doubt() {
        for (text, status) in [
            ("Mistanke om kreft i prostata", Some("provisional")),
            ("MISTENKT lungekreft", Some("provisional")),
            ("Obs. kreft", Some("provisional")),
            ("Lungekreft?", Some("provisional")),
            ("Ikke kreft", Some("unconfirmed")),
            ("Observasjon ved mistanke om ondartet svulst", None),
            ("Prostatakreft, mistanke om metastaser", None),
            ("Prostatakreft; metastaser utelukket", None),
            ("", None),
        ] {
            assert_eq!(doubts(text), status, "{text}");
        }
    }
}
