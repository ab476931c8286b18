//! What a hostile or careless sender writes where it does not belong never reaches the trial, nor any text on the way.

mod codes;
mod everywhere;
mod genomics;
mod identity;
mod names;
mod organisations;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use impress_gateway::config::Config;
use impress_gateway::domain::ids::Face;
use impress_gateway::fhir::operation_outcome::operation_outcome;
use impress_gateway::pipeline::referral::{Asked, Receipt, ReferralGateway, Stamp, translate_as};
use impress_gateway::startup;
use serde_json::Value;

/// A patient, in every form in which one is written where a code belongs.
pub(crate) const HOSTILE: [&str; 8] =
    ["Danser", "Gunn", "OlaDanser", "Ola Danser", "05898597468", "058985 97468", "+4790000001", "1985-09-05"];

/// The message of one patient in a format.
pub(crate) fn one_patient(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/golden/one-patient/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The text with one of its parts replaced.
pub(crate) fn with(message: &str, part: &str, replacement: &str) -> String {
    assert!(message.contains(part), "no {part}");
    message.replacen(part, replacement, 1)
}

/// A text without blanks and hyphens, in lower case: a source may take them out.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect()
}

static GATEWAY: LazyLock<ReferralGateway> = LazyLock::new(|| {
    let mut config = Config::default();
    config.identity.accept_synthetic = true;
    startup::load_referrals(&config).unwrap()
});

/// What the gateway makes of a message.
pub(crate) struct Seen {
    /// The Bundle of the care chain.
    pub(crate) identified: String,
    /// The Bundle of the trial.
    pub(crate) pseudonymous: String,
    /// Issues, accounting and the receipt: what people on the way read.
    pub(crate) told: String,
    pub(crate) codes: BTreeSet<&'static str>,
}

/// What a receipt says of the message beside what its standard lets it repeat of the header: who sent what to whom.
fn reasons(receipt: &Receipt) -> String {
    let text = String::from_utf8_lossy(&receipt.bytes()).into_owned();
    match receipt {
        Receipt::OperationOutcome(_) => text,
        Receipt::AppRec(_) => text.split("<Error").skip(1).filter_map(|rest| rest.split("/>").next()).collect(),
        Receipt::Acknowledgements(_) => text.split('\r').filter(|segment| segment.starts_with("ERR")).collect(),
    }
}

/// Translates into both faces.
pub(crate) fn see(message: &str) -> Seen {
    let stamp =
        Stamp { id: "0f000001-0000-4000-8000-0000000000ff", generated: "2026-03-01T09:00:00Z".parse().unwrap() };
    let asked = Asked { face: Face::Pseudonymous, other: Some(Face::Identified), amend: &|_| {} };
    let translation = translate_as(&GATEWAY, message.as_bytes(), "message", stamp, asked);
    let mut told = format!("{:?}", translation.account.ledger);
    told.push_str(&operation_outcome(&translation.account.issues).to_string());
    told.extend(translation.receipt.iter().map(reasons));
    Seen {
        identified: translation.other_bundle.unwrap_or_default(),
        pseudonymous: translation.bundle.unwrap_or_default(),
        told,
        codes: translation.account.issues.iter().map(|issue| issue.code.as_str()).collect(),
    }
}

/// Asserts that the trial sees the referral, and nothing of the values.
pub(crate) fn assert_hidden(what: &str, message: &str, values: &[&str]) -> Seen {
    let seen = see(message);
    assert!(!seen.pseudonymous.is_empty(), "{what}: {}", seen.told);
    let printed = squeezed(&seen.pseudonymous);
    for value in values {
        assert!(!printed.contains(&squeezed(value)), "{what}: {value}");
    }
    seen
}

impl Seen {
    pub(crate) fn bundle(&self) -> Value {
        serde_json::from_str(&self.pseudonymous).unwrap()
    }

    /// Asserts that the care chain sees the value.
    pub(crate) fn assert_kept(&self, what: &str, value: &str) {
        assert!(squeezed(&self.identified).contains(&squeezed(value)), "{what}: {value}");
    }
}
