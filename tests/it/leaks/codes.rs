//! Names, numbers and telephone numbers in elements of codes.

use serde_json::{Value, json};

use super::{HOSTILE, assert_hidden, one_patient, with};

const DIAGNOSIS: &str = "<Diagnosis>";
const CONCEPT: &str = "V=\"C61\" S=\"2.16.578.1.12.4.1.1.7110\" DN=\"Ondartet svulst i prostata\"";

/// Places of the national XML where a code stands that the trial sees.
fn henvisning(value: &str) -> Vec<(&'static str, String)> {
    let message = one_patient("henvisning.xml");
    let pathway = |code: &str| {
        let code = format!(
            "<Pakkeforlop><Pakkeforlopskode V=\"{code}\" S=\"2.16.578.1.12.4.1.1.8480\" DN=\"x\"/></Pakkeforlop>"
        );
        with(&message, DIAGNOSIS, &format!("{code}{DIAGNOSIS}"))
    };
    let item = format!(
        "<InfItem><Medication><DrugId V=\"{value}\" S=\"2.16.578.1.12.4.1.1.7180\" DN=\"x\"/></Medication>\
         <Type V=\"MEDB\" S=\"2.16.578.1.12.4.1.1.8233\" DN=\"x\"/></InfItem>"
    );
    vec![
        ("Concept/@V", with(&message, CONCEPT, &format!("V=\"{value}\" S=\"2.16.578.1.12.4.1.1.7110\" DN=\"x\""))),
        ("Concept/@DN", with(&message, CONCEPT, &format!("V=\"C61\" S=\"2.16.578.1.12.4.1.1.7110\" DN=\"{value}\""))),
        (
            "Concept/@V, ICPC-2",
            with(&message, CONCEPT, &format!("V=\"{value}\" S=\"2.16.578.1.12.4.1.1.7170\" DN=\"x\"")),
        ),
        ("DrugId/@V", with(&message, DIAGNOSIS, &format!("{item}{DIAGNOSIS}"))),
        ("Pakkeforlopskode/@V", pathway(value)),
    ]
}

/// Places of HL7 v2 where a code stands that the trial sees.
fn hl7v2(value: &str) -> Vec<(&'static str, String)> {
    let message = one_patient("hl7v2.hl7");
    let part = "C61^Ondartet svulst i prostata^I10";
    vec![
        ("DG1-3.1", with(&message, part, &format!("{value}^x^I10"))),
        ("DG1-3.2", with(&message, part, &format!("C61^{value}^I10"))),
        ("DG1-3.1, SNOMED CT", with(&message, part, &format!("{value}^x^SCT"))),
        ("PR1-3.1", with(&message, "OBR|1|", &format!("PR1|1||{value}^x^SCT\rOBR|1|"))),
        ("PR1-3.1, ATC", with(&message, "OBR|1|", &format!("PR1|1||{value}^x^WC\rOBR|1|"))),
    ]
}

/// The FHIR message with resources about the patient added.
pub(crate) fn fhir_with(resources: &[Value]) -> String {
    let mut bundle: Value = serde_json::from_str(&one_patient("ehr-fhir.json")).unwrap();
    let entries = bundle["entry"].as_array_mut().unwrap();
    let patient = json!({"reference": entries[1]["fullUrl"]});
    for (number, resource) in resources.iter().enumerate() {
        let mut resource = resource.clone();
        let subject = if resource["resourceType"] == "Consent" { "patient" } else { "subject" };
        resource[subject] = patient.clone();
        let kind = resource["resourceType"].clone();
        entries.push(json!({
            "fullUrl": format!("urn:uuid:0f1e0000-0000-4000-8000-0000000010{number:02}"),
            "resource": resource,
            "request": {"method": "POST", "url": kind},
        }));
    }
    bundle.to_string()
}

fn condition(codings: Value) -> Value {
    json!({"resourceType": "Condition", "code": {"coding": codings, "text": "x"}})
}

/// Places of FHIR where a code stands that the trial sees.
fn fhir(value: &str) -> Vec<(&'static str, String)> {
    let coding = |system: &str| json!([{"system": system, "code": value, "display": "x"}]);
    let (icd_10, atc, snomed_ct) =
        ("http://hl7.org/fhir/sid/icd-10-no", "http://www.whocc.no/atc", "http://snomed.info/sct");
    let drug = json!({"resourceType": "MedicationStatement", "status": "active",
        "medicationCodeableConcept": {"coding": coding(atc)}});
    let procedure = json!({"resourceType": "Procedure", "status": "completed", "code": {"coding": coding(snomed_ct)}});
    let pathway = coding("http://helsedir.no/fhir/CodeSystem/no-kodeverk-8480");
    let display = json!([{"system": icd_10, "code": "C61", "display": value}]);
    vec![
        ("Condition.code.coding.code", fhir_with(&[condition(coding(icd_10))])),
        ("Condition.code.coding.code, SNOMED CT", fhir_with(&[condition(coding(snomed_ct))])),
        ("Condition.code.coding.code, pathway", fhir_with(&[condition(pathway)])),
        ("Condition.code.coding.display", fhir_with(&[condition(display)])),
        ("MedicationStatement.medicationCodeableConcept.coding.code", fhir_with(&[drug])),
        ("Procedure.code.coding.code", fhir_with(&[procedure])),
    ]
}

#[test]
fn what_has_not_the_form_of_its_system_is_for_the_care_chain_alone() {
    for value in HOSTILE {
        for (what, message) in henvisning(value).into_iter().chain(hl7v2(value)).chain(fhir(value)) {
            let seen = assert_hidden(&format!("{what} {value}"), &message, &[value]);
            seen.assert_kept(&format!("{what} {value}"), value);
            let is_code = !what.contains("@DN") && !what.contains("3.2") && !what.contains("display");
            assert!(!is_code || seen.codes.contains("code.unmapped"), "{what} {value}");
        }
    }
}

/// The other way round: a code with the form of its system is shown, in the Condition, the drug and the procedure.
#[test]
fn what_has_the_form_of_its_system_is_shown() {
    let codes = |message: &str, kind: &str| -> Vec<String> {
        let bundle = assert_hidden(kind, message, &[]).bundle();
        let resources = bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
        let concepts = resources.filter(|it| it["resourceType"] == kind);
        let concepts = concepts.map(|it| it.get("code").unwrap_or(&it["medicationCodeableConcept"]));
        let codings = concepts.flat_map(|concept| concept["coding"].as_array().unwrap().clone());
        let mut codes: Vec<String> = codings.map(|coding| coding["code"].as_str().unwrap().to_owned()).collect();
        codes.sort();
        codes
    };
    assert_eq!(codes(&henvisning("C50.9")[0].1, "Condition"), ["C50.9"]);
    assert_eq!(codes(&henvisning("Y77")[2].1, "Condition"), ["Y77"]);
    assert_eq!(codes(&henvisning("L02AE03")[3].1, "MedicationStatement"), ["L02AE03"]);
    assert_eq!(codes(&henvisning("A16CK")[4].1, "Condition"), ["A16CK", "C61"]);
    assert_eq!(codes(&hl7v2("C509")[0].1, "Condition"), ["C509"]);
    assert_eq!(codes(&hl7v2("399068003")[3].1, "Procedure"), ["399068003"]);
    assert_eq!(codes(&fhir("254637007")[1].1, "Condition"), ["254637007", "C61"]);
    assert_eq!(codes(&fhir("L02AE03")[4].1, "MedicationStatement"), ["L02AE03"]);
    // Withheld, and said to be.
    assert_eq!(codes(&hl7v2("Danser")[0].1, "Condition"), ["masked"]);
}

/// One known coding lets nothing else through, and no system of somebody's own is printed.
#[test]
fn each_coding_is_judged_alone() {
    let icd_10 = json!({"system": "http://hl7.org/fhir/sid/icd-10-no", "code": "C509"});
    for (system, code) in [
        ("https://danser.example/kode", "C50"),
        ("http://hl7.org/fhir/sid/icd-10-no/danser", "C50"),
        ("http://loinc.org/danser", "89247-1"),
        ("urn:oid:1.2.578.05898597468", "C50"),
        ("http://danser.example/no-kodeverk-8480", "A16CK"),
        ("http://danser.example/no-kodeverk-7110", "C50"),
    ] {
        let own = json!({"system": system, "code": code});
        let all = json!([own, icd_10]);
        let drug = json!({"resourceType": "MedicationStatement", "status": "active", "medicationCodeableConcept":
            {"coding": [{"system": "http://www.whocc.no/atc", "code": "L02AE03"}, own]}});
        let procedure = json!({"resourceType": "Procedure", "status": "completed", "code":
            {"coding": [{"system": "http://snomed.info/sct", "code": "3457005"}, own]}});
        let message = fhir_with(&[condition(all), drug, procedure]);
        let values = ["danser", "05898597468", system];
        let seen = assert_hidden(system, &message, &values);
        let shown = &seen.pseudonymous;
        assert!(shown.contains("C509") && shown.contains("L02AE03"), "{shown}");
        seen.assert_kept(system, system);
    }
}
