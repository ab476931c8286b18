//! One synthetic patient through every format of referrals: the same resources come out.

use std::path::Path;

use serde_json::{Value, json};

use super::leaks::codes::fhir_with;
use super::leaks::{one_patient, see, with};
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

/// What the message gives of a type, in the identified and in the pseudonymous face.
fn of_kind(message: &str, kind: &str) -> [Vec<Value>; 2] {
    let seen = see(message);
    assert!(!seen.pseudonymous.is_empty() && !seen.identified.is_empty(), "{}", seen.told);
    [&seen.identified, &seen.pseudonymous].map(|bundle| {
        let mut bundle: Value = serde_json::from_str(bundle).unwrap();
        let resources = bundle["entry"].as_array_mut().unwrap().iter_mut().map(|entry| entry["resource"].take());
        resources.filter(|resource| resource["resourceType"] == kind).collect()
    })
}

fn fhir(resource: Value) -> String {
    fhir_with(&[resource])
}

fn xml(item: &str) -> String {
    let item = format!("<InfItem>{item}</InfItem><Diagnosis>");
    with(&one_patient("henvisning.xml"), "<Diagnosis>", &item)
}

/// LOINC 89247-1 with answer LA9623-5: grade 1.
#[test]
fn a_performance_status_is_the_same_from_hl7_and_fhir() {
    let result = "OBX|2|CE|89247-1^ECOG^LN||LA9623-5^x^LN||||||F|||20260227\rPV1|";
    let hl7 = of_kind(&with(&one_patient("hl7v2.hl7"), "PV1|", result), "Observation");
    let fhir = of_kind(
        &fhir(json!({"resourceType": "Observation", "status": "final", "effectiveDateTime": "2026-02-27",
            "code": {"coding": [{"system": "http://loinc.org", "code": "89247-1"}]},
            "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA9623-5"}]}})),
        "Observation",
    );
    assert_eq!(hl7, fhir);
    for [status] in hl7.map(|found| <[Value; 1]>::try_from(found).unwrap()) {
        assert_eq!(status["valueCodeableConcept"]["coding"][0]["code"], "LA9623-5");
        assert_eq!(status["effectiveDateTime"], "2026-02-27");
    }
}

#[test]
fn a_drug_is_the_same_from_xml_and_fhir() {
    let xml = xml("<Medication><DrugId V=\"L02AE03\" S=\"2.16.578.1.12.4.1.1.7180\" DN=\"Goserelin\"/>\
         <DosageText>Hver tredje måned</DosageText></Medication>\
         <Type V=\"MEDB\" S=\"2.16.578.1.12.4.1.1.8233\" DN=\"x\"/>\
         <StartDateTime>2025-11-01T00:00:00+01:00</StartDateTime>");
    let fhir = fhir(json!({"resourceType": "MedicationStatement", "status": "unknown",
        "medicationCodeableConcept": {"text": "Goserelin",
            "coding": [{"system": "http://www.whocc.no/atc", "code": "L02AE03", "display": "Goserelin"}]},
        "effectivePeriod": {"start": "2025-11-01T00:00:00+01:00"}, "dosage": [{"text": "Hver tredje måned"}]}));
    let [identified, pseudonymous] = of_kind(&xml, "MedicationStatement");
    assert_eq!([&identified, &pseudonymous], of_kind(&fhir, "MedicationStatement").each_ref());
    assert_eq!((identified.len(), pseudonymous.len()), (1, 1));
    assert_eq!(identified[0]["dosage"][0]["text"], "Hver tredje måned");
    assert_eq!(pseudonymous[0]["medicationCodeableConcept"]["coding"][0]["code"], "L02AE03");
    assert!(!pseudonymous[0].to_string().contains("Goserelin"));
    assert_eq!(pseudonymous[0].get("dosage"), None);
}

#[test]
fn a_procedure_is_the_same_from_hl7_and_fhir_and_one_in_words_is_for_the_care_chain() {
    let procedure = "PR1|1||90470006^Prostatektomi^SCT||20240510\rOBR|1|";
    let hl7 = of_kind(&with(&one_patient("hl7v2.hl7"), "OBR|1|", procedure), "Procedure");
    let fhir = of_kind(
        &fhir(json!({"resourceType": "Procedure", "status": "completed", "performedDateTime": "2024-05-10",
            "code": {"text": "Prostatektomi", "coding": [
                {"system": "http://snomed.info/sct", "code": "90470006", "display": "Prostatektomi"}]}})),
        "Procedure",
    );
    assert_eq!(hl7, fhir);
    let [identified, pseudonymous] = hl7;
    assert_eq!((identified.len(), pseudonymous.len()), (1, 1));
    assert_eq!(pseudonymous[0]["code"], json!({"coding": [{"system": "http://snomed.info/sct", "code": "90470006"}]}));
    // The XML has no code of a procedure: it has the id of the others, and the trial sees nothing of it.
    let words = xml("<Observation><Description>Operert av Danser</Description></Observation>\
        <Type V=\"OPIN\" S=\"2.16.578.1.12.4.1.1.8233\" DN=\"Operasjon/inngrep\"/>\
        <StartDateTime>2024-05-10</StartDateTime>");
    let [in_words, hidden] = of_kind(&words, "Procedure");
    assert_eq!(in_words.len(), 1);
    assert_eq!((&in_words[0]["id"], &in_words[0]["performedDateTime"]), (&identified[0]["id"], &json!("2024-05-10")));
    assert!(in_words[0].to_string().contains("Operert av Danser"));
    assert_eq!(hidden, Vec::<Value>::new());
}

/// Only FHIR can say it: the other formats leave it unknown, which is no resource.
#[test]
fn a_consent_to_research_is_of_fhir_alone() {
    let consent = json!({"resourceType": "Consent", "status": "active", "dateTime": "2026-02-28",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "research"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "policyRule": {"text": "Samtykke"}});
    for found in of_kind(&fhir(consent), "Consent") {
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0]["status"], &found[0]["dateTime"]), (&json!("active"), &json!("2026-02-28")));
    }
    for (name, _) in MESSAGES {
        assert_eq!(of_kind(&one_patient(name), "Consent"), [Vec::<Value>::new(), Vec::new()], "{name}");
    }
}
