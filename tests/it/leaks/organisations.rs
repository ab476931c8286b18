//! Which organisations the trial sees.

use serde_json::{Value, json};

use super::{Seen, assert_hidden, one_patient, with};

/// The organisations of the pseudonymous face: name, and identifiers.
fn organisations(seen: &Seen) -> Vec<(String, Vec<String>)> {
    let bundle = seen.bundle();
    let resources = bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let identifiers =
        |it: &Value| it["identifier"].as_array().into_iter().flatten().map(|it| text(&it["value"])).collect();
    let organisations = resources.filter(|it| it["resourceType"] == "Organization");
    organisations.map(|it| (text(&it["name"]), identifiers(it))).collect()
}

/// The practice of a single doctor has the doctor's name, and its number leads to it in a public register.
#[test]
fn who_is_no_trust_is_not_named() {
    let name = "Lege Kari Danser";
    // 974760673: an organisation number with its check digit, of no trust of the table; so is the HER-id of no trust.
    let number = "974760673";
    let henvisning = one_patient("henvisning.xml").replace("Helse Førde HF", name).replace("983974732", number);
    let of_her_id =
        henvisning.replace("V=\"ENH\"", "V=\"HER\"").replace(number, "123456").replace("993467049", "654321");
    let hl7v2 = one_patient("hl7v2.hl7").replace("Helse Førde HF", name).replace("983974732", number);
    let unnumbered = one_patient("hl7v2.hl7").replace("Helse Førde HF^983974732^ENH", name);
    let fhir = one_patient("ehr-fhir.json").replace("Helse Førde HF", name).replace("983974732", number);
    for (what, message) in
        [("XML", &henvisning), ("HER-id", &of_her_id), ("HL7 v2", &hl7v2), ("no number", &unnumbered), ("FHIR", &fhir)]
    {
        let seen = assert_hidden(what, message, &[name, "Danser", number, "123456"]);
        seen.assert_kept(what, name);
        assert_eq!(organisations(&seen), [("Not shown: none of the health trusts of the trial".to_owned(), vec![])]);
    }
}

/// A trust is shown by its name in the table, whatever it calls itself; a unit of it as the trust.
#[test]
fn a_trust_is_named_by_the_table() {
    let message = one_patient("ehr-fhir.json");
    let named = with(&message, "Helse Førde HF", "Avdeling Danser");
    let seen = assert_hidden("name", &named, &["Danser"]);
    assert_eq!(organisations(&seen), [("Helse Førde HF".to_owned(), vec!["983974732".to_owned()])]);
    // mappings/trusts.toml: Rikshospitalet is a unit of Oslo universitetssykehus.
    let unit = with(&named, "983974732", "874716782");
    let seen = assert_hidden("unit", &unit, &["Danser", "874716782", "Rikshospitalet"]);
    assert_eq!(organisations(&seen), [("Oslo universitetssykehus HF".to_owned(), vec!["993467049".to_owned()])]);
}

/// The service and the receiver are for the care chain.
#[test]
fn no_service_is_shown() {
    let mut bundle: Value = serde_json::from_str(&one_patient("ehr-fhir.json")).unwrap();
    let entries = bundle["entry"].as_array_mut().unwrap();
    let trust = entries.iter().find(|it| it["resource"]["name"] == "Helse Førde HF").unwrap()["fullUrl"].clone();
    let service = "urn:uuid:0f1e0000-0000-4000-8000-000000001001";
    let role = entries.iter_mut().find(|it| it["resource"]["resourceType"] == "PractitionerRole").unwrap();
    role["resource"]["organization"]["reference"] = json!(service);
    entries.push(json!({"fullUrl": service, "request": {"method": "POST", "url": "Organization"}, "resource":
        {"resourceType": "Organization", "name": "Legekontoret Danser", "partOf": {"reference": trust}}}));
    let seen = assert_hidden("service", &bundle.to_string(), &["Danser", "Oslo universitetssykehus"]);
    seen.assert_kept("service", "Legekontoret Danser");
    assert_eq!(organisations(&seen), [("Helse Førde HF".to_owned(), vec!["983974732".to_owned()])]);
}
