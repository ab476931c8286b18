//! Nothing of a person and no secret in what the gateway writes for others than the sender: every gateway of the service tests
//! runs with its most talkative log, and what it wrote is searched when it ends; so is every refusal and every metric.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use impress_gateway::domain::national_id::{NationalId, SyntheticNumbers};

use super::referral::national_number;
use super::setting::{Gateway, LABORATORY, OPERATOR, OTHER, TRUST, golden};

/// Numbers and names of the persons in the messages that the tests send, and the secrets of those who send them.
const NEVER: [&str; 15] = [
    "05898597468",
    "05898597469",
    "16858399649",
    "53898597454",
    "13909246871",
    "Ås",
    "Line Ærlig",
    "Ærlig",
    "Øyen",
    "Danser",
    "Prøve",
    TRUST,
    OTHER,
    LABORATORY,
    OPERATOR,
];

/// The forms in which a text can be written.
fn forms(text: &str) -> Vec<String> {
    let hexadecimal: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let encoded: String = text
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let escaped: String =
        text.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) }).collect();
    let mut forms =
        vec![text.to_owned(), hexadecimal.to_uppercase(), hexadecimal, encoded.to_lowercase(), encoded, escaped];
    if text.len() == 11 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        for blank in [" ", "%20", "+", "-"] {
            forms.push(format!("{}{blank}{}", &text[..6], &text[6..]));
        }
    }
    // Base64 in the middle of something else: of what its place there does not change, where that is long enough to tell.
    for shift in 0..3 {
        let padded = [vec![b'x'; shift], text.as_bytes().to_vec()].concat();
        let whole = padded.len() / 3 * 4;
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let coded = engine.encode(&padded);
            let own = coded.get((shift * 8).div_ceil(6)..whole).unwrap_or_default();
            if own.len() >= 6 {
                forms.push(own.to_owned());
            }
        }
    }
    forms
}

/// Panics where a refusal says something of a person. The receipt of the national standard repeats who sent the message, the
/// professional included; it goes to nobody else.
pub(super) fn search_answer(body: &[u8]) {
    let text = String::from_utf8_lossy(body);
    let (before, sender) = text.split_once("<Receiver>").unwrap_or((&text, ""));
    let after = sender.split_once("</Receiver>").map_or(sender, |(_, after)| after);
    search("an answer", before);
    search("an answer", after);
}

/// A number of a synthetic person (month + 80) with right check digits: whoever it is, it is a patient of a test.
fn is_synthetic(digits: &str) -> bool {
    let month = digits.get(2..4).and_then(|month| month.parse::<u32>().ok()).unwrap_or(0);
    (81..=92).contains(&month) && NationalId::parse(digits, None, SyntheticNumbers::Accepted).is_ok()
}

/// Panics where a text says something of a person, or a secret.
pub(super) fn search(what: &str, text: &str) {
    for digits in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() == 11) {
        assert!(!is_synthetic(digits), "{what} has the number {digits}");
    }
    // The head of every signed token: `{"`, in base64url.
    for token in text.split(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)) {
        let is_token = token.starts_with("eyJ") && token.matches('.').count() == 2;
        assert!(!is_token, "{what} has a token");
    }
    for word in NEVER {
        for form in forms(word) {
            if let Some(at) = text.find(&form) {
                let line = text[..at].rsplit('\n').next().unwrap_or_default();
                panic!("{what} has {word} as {form:?}, after {line}");
            }
        }
    }
}

#[test]
fn every_form_is_found() {
    let number = "05898597468";
    let coded = |before: &str| STANDARD_NO_PAD.encode(format!("{before}{number} and more"));
    for text in [
        number.to_owned(),
        "058985 97468".to_owned(),
        "3035383938353937343638".to_owned(),
        coded(""),
        coded("x"),
        coded("xy"),
        "/fhir/Patient?family=%C3%98yen".to_owned(),
        "\\u00d8yen".to_owned(),
        format!("patient {} is routed", national_number(7)),
        "token eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln".to_owned(),
    ] {
        let found = std::panic::catch_unwind(|| search("the control", &text));
        assert!(found.is_err(), "{text}");
    }
    search("the control", "05898597467, message 4f8e is routed");
}

/// Libraries print requests as they are, with their tokens, where they are let.
#[test]
fn with_everything_asked_for_libraries_say_no_details() {
    let mut gateway = Gateway::start("talkative", &[]);
    gateway.send(&golden("henvisning/videre-new/input.xml"));
    gateway.terminate();
    let log = gateway.log();
    assert!(log.contains("a message was answered"), "{log}");
    let is_foreign_detail = |line: &&str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let is_own = line["target"].as_str().unwrap().starts_with("impress_gateway");
        !is_own && ["DEBUG", "TRACE"].contains(&line["level"].as_str().unwrap())
    };
    assert_eq!(log.lines().find(is_foreign_detail), None);
}
