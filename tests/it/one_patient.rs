//! One synthetic patient through every format of referrals: the same resources come out.

use std::path::Path;

use serde_json::Value;

use super::translate_referral::translate;

/// Messages, and the notes that only they have: the priority in the sender's own words, and what the message says beyond the
/// others.
const MESSAGES: &[(&str, &[&str])] = &[
    ("ehr-fhir.json", &[]),
    ("henvisning.xml", &["Priority as sent: Elektiv/Ordinær (elektiv)"]),
    ("hl7v2.hl7", &["Priority as sent: Routine", "OBR[1]-4: PAT; Patologi; L", "PV1[1]-2: O", "NTE[1]-4: 8231"]),
];

/// The resources of a message, the notes of its own taken out of the referral.
fn resources(name: &str, own_notes: &[&str], face: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/one-patient").join(name);
    let translated = translate(&std::fs::read(path).unwrap(), face);
    assert_eq!(translated.status, 0, "{name}: {}", translated.stderr);
    let mut bundle = translated.bundle();
    let mut resources = Vec::new();
    for entry in bundle["entry"].as_array_mut().unwrap() {
        let mut resource = entry["resource"].take();
        if let Some(notes) = resource.get_mut("note").and_then(Value::as_array_mut) {
            notes.retain(|note| !own_notes.contains(&note["text"].as_str().unwrap()));
        }
        resources.push(resource);
    }
    resources
}

#[test]
fn every_format_gives_the_same_resources_with_the_same_ids() {
    for (face, expected) in [
        (
            "identified",
            &["Binary", "Condition", "DocumentReference", "Organization", "Organization", "Patient", "Practitioner"][..],
        ),
        ("pseudonymous", &["Condition", "Organization", "Patient", "ServiceRequest"][..]),
    ] {
        let (first, others) = MESSAGES.split_first().unwrap();
        let first = resources(first.0, first.1, face);
        let kinds: Vec<&str> = first.iter().map(|resource| resource["resourceType"].as_str().unwrap()).collect();
        assert!(kinds.starts_with(expected), "{face}: {kinds:?}");
        for (name, own_notes) in others {
            let other = resources(name, own_notes, face);
            assert_eq!(first.len(), other.len(), "{face}: {name}");
            for (left, right) in first.iter().zip(&other) {
                assert_eq!(left, right, "{face}: {name}");
            }
        }
    }
}
