//! Every value of a message replaced by a patient, one after the other: nothing of it reaches the trial, an issue, a row of
//! the accounting or the reasons of a receipt. The care chain is asked for nothing here: many a message is refused.

use serde_json::{Value, json};

use super::codes::fhir_with;
use super::{one_patient, see};

/// A name with a telephone number, a name alone, a national number (synthetic), a date of birth. In the messages nothing is
/// like them.
const PERSONS: [&str; 4] = ["Ola Danser, 90000001", "OlaDanser", "05838997468", "1983-09-05"];
const SHOWN_DATES: [&str; 4] = ["2026-02-27", "2026-02-28", "2026-03-01", "2025-11-01"];
const SOUGHT: [&str; 6] = ["danser", "90000001", "05838997468", "1983-09-05", "19830905", "olad"];

fn assert_silent(what: &str, message: &str) {
    let seen = see(message);
    for (where_, text) in [("trial", &seen.pseudonymous), ("told", &seen.told)] {
        let text = text.to_lowercase();
        for sought in SOUGHT {
            let at = text.find(sought);
            assert!(
                at.is_none(),
                "{what}: {sought} in {where_}: {:?}",
                at.and_then(|at| text.get(at.saturating_sub(200)..at + 60))
            );
        }
    }
}

/// The message with everything that the trial sees of one: drug, procedure, performance status, consent, a genomic result.
pub(crate) fn full_fhir() -> String {
    let loinc = "http://loinc.org";
    let coded =
        |system: &str, code: &str| json!({"coding": [{"system": system, "code": code, "display": "x"}], "text": "x"});
    fhir_with(&[
        json!({"resourceType": "MedicationStatement", "status": "active", "effectivePeriod": {"start": "2025-11-01"},
            "medicationCodeableConcept": coded("http://www.whocc.no/atc", "L02AE03"), "dosage": [{"text": "x"}]}),
        json!({"resourceType": "Procedure", "status": "completed", "performedDateTime": "2024-05-10",
            "code": coded("http://snomed.info/sct", "90470006"), "note": [{"text": "x"}]}),
        json!({"resourceType": "Observation", "status": "final", "code": coded(loinc, "89247-1"),
            "effectiveDateTime": "2026-02-27", "valueCodeableConcept": coded(loinc, "LA9623-5")}),
        json!({"resourceType": "Consent", "status": "active", "category": [coded(loinc, "59284-0")],
            "scope": coded("http://terminology.hl7.org/CodeSystem/consentscope", "research"),
            "dateTime": "2026-02-28", "policyRule": {"text": "x"}}),
        json!({"resourceType": "Observation", "status": "final", "code": coded(loinc, "94076-7"),
            "meta": {"profile": ["http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/molecular-biomarker"]},
            "category": [coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory"),
                coded("http://terminology.hl7.org/CodeSystem/v2-0074", "GE"),
                coded("http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs", "biomarker-category")],
            "valueQuantity": {"value": 6, "unit": "x", "system": "http://unitsofmeasure.org", "code": "1/1000000{Base}"}}),
    ])
}

/// The strings of a JSON value.
fn strings<'v>(value: &'v mut Value, found: &mut Vec<&'v mut Value>) {
    match value {
        Value::String(_) => found.push(value),
        Value::Array(list) => list.iter_mut().for_each(|inner| strings(inner, found)),
        Value::Object(object) => object.values_mut().for_each(|inner| strings(inner, found)),
        _ => {}
    }
}

#[test]
fn no_string_of_fhir_is_told() {
    let message = full_fhir();
    assert!(!see(&message).pseudonymous.is_empty(), "{}", see(&message).told);
    let mut bundle: Value = serde_json::from_str(&message).unwrap();
    let mut count = Vec::new();
    strings(&mut bundle, &mut count);
    let count = count.len();
    assert!(count > 150, "{count}");
    for number in 0..count {
        let mut changed: Value = serde_json::from_str(&message).unwrap();
        let mut found = Vec::new();
        strings(&mut changed, &mut found);
        let before = found[number].to_string();
        // A date of what the trial sees is shown, whatever day it is.
        let is_date = SHOWN_DATES.iter().any(|date| before.contains(date));
        *found[number] = json!(PERSONS[number % if is_date { 3 } else { PERSONS.len() }]);
        assert_silent(&format!("string {number}, {before}"), &changed.to_string());
    }
}

/// Elements that no definition knows, and values of another kind.
#[test]
fn no_name_and_no_number_of_fhir_is_told() {
    let message = full_fhir();
    for (part, replacement) in [
        ("\"gender\":", "\"Ola Danser\":"),
        ("\"gender\":", "\"OlaDanser\":{},\"gender\":"),
        ("\"resourceType\":\"Patient\"", "\"resourceType\":\"OlaDanser\""),
        ("\"birthDate\":\"1985-09-05\"", "\"birthDate\":19830905"),
        ("\"birthDate\":\"1985-09-05\"", "\"birthDate\":\"1985-09-05\",\"birthDate\":\"1983-09-05\""),
        ("{", "{\"OlaDanser\":1,\"OlaDanser\":2,"),
        ("\"value\":6", "\"value\":58389974689"),
        ("}", "} Ola Danser"),
    ] {
        assert_silent(replacement, &super::with(&message, part, replacement));
    }
}

#[test]
fn no_value_of_xml_is_told() {
    let item = "<InfItem><Medication><DrugId V=\"L02AE03\" S=\"2.16.578.1.12.4.1.1.7180\" DN=\"Goserelin\"/>\
        <Status V=\"6\" DN=\"x\"/><DosageText>x</DosageText></Medication><Type V=\"MEDB\" \
        S=\"2.16.578.1.12.4.1.1.8233\" DN=\"x\"/><StartDateTime>2025-11-01T00:00:00+01:00</StartDateTime></InfItem>\
        <InfItem><ResultItem><NumResult><NumResultValue V=\"5.6\" U=\"g\"/></NumResult></ResultItem>\
        <Type V=\"FUNN\" S=\"2.16.578.1.12.4.1.1.8233\" DN=\"x\"/></InfItem>\
        <Pakkeforlop><Pakkeforlopskode V=\"A16CK\" S=\"2.16.578.1.12.4.1.1.8480\" DN=\"x\"/></Pakkeforlop><Diagnosis>";
    let message = super::with(&one_patient("henvisning.xml"), "<Diagnosis>", item);
    assert!(!see(&message).pseudonymous.is_empty(), "{}", see(&message).told);
    // Attributes, without namespaces, and texts.
    let mut places: Vec<(usize, usize)> = Vec::new();
    for (start, _) in message.match_indices("=\"") {
        let end = start + 2 + message[start + 2..].find('"').unwrap();
        let is_of_xml =
            message[..start].ends_with("xmlns") || message[..start].rsplit(' ').next().unwrap().contains(':');
        places.extend(Some((start + 2, end)).filter(|_| !is_of_xml && !message[..start].ends_with("version")));
    }
    for (start, _) in message.match_indices('>') {
        let end = start + 1 + message[start + 1..].find('<').unwrap_or_default();
        places.extend(Some((start + 1, end)).filter(|(start, end)| !message[*start..*end].trim().is_empty()));
    }
    assert!(places.len() > 60, "{}", places.len());
    for (number, (start, end)) in places.into_iter().enumerate() {
        let is_date = SHOWN_DATES.iter().any(|date| message[start..end].contains(date));
        let person = PERSONS[number % if is_date { 3 } else { PERSONS.len() }];
        let changed = format!("{}{person}{}", &message[..start], &message[end..]);
        assert_silent(&message[start.saturating_sub(40)..end].replace('\n', " "), &changed);
    }
}

#[test]
fn no_value_of_hl7_is_told() {
    let added =
        "PR1|1||90470006^Prostatectomy^SCT||20240510\rAL1|1|DA^Drug^HL70127|J01CE02^x^WC|SV^Severe^HL70128\rOBR|1|";
    let message = super::with(&one_patient("hl7v2.hl7"), "OBR|1|", added);
    let result = "OBX|2|CE|89247-1^ECOG^LN||LA9623-5^x^LN||||||F|||20260227\rOBX|3|NM|718-7^Hemoglobin^LN||12.5|g/dL|||||F\rPV1|";
    let message = super::with(&message, "PV1|", result);
    assert!(!see(&message).pseudonymous.is_empty(), "{}", see(&message).told);
    let is_delimiter = |c: char| "|^~&\r\n".contains(c);
    let mut start = "MSH|^~\\&|".len();
    let mut number = 0;
    while start < message.len() {
        let end = start + message[start..].find(is_delimiter).unwrap_or(message.len() - start);
        let is_name = message[..start].is_empty() || message[..start].ends_with('\r');
        if end > start && !is_name {
            let person = PERSONS[number % PERSONS.len()];
            let changed = format!("{}{person}{}", &message[..start], &message[end..]);
            assert_silent(&message[start.saturating_sub(40)..end], &changed);
            number += 1;
        }
        start = end + 1;
    }
    assert!(number > 60, "{number}");
}
