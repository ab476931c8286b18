//! The patient has one id, in whatever order the numbers stand.

use serde_json::Value;

use super::{one_patient, see, with};

/// Ids of the patient in both faces.
fn ids(message: &str) -> [String; 2] {
    let seen = see(message);
    [&seen.identified, &seen.pseudonymous].map(|bundle| {
        let bundle: Value = serde_json::from_str(bundle).unwrap_or_else(|_| panic!("{}", seen.told));
        let mut resources = bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
        resources.find(|it| it["resourceType"] == "Patient").unwrap()["id"].as_str().unwrap().to_owned()
    })
}

/// A number of the patient as each format writes it: the number, the code of its kind.
type Written = fn(&str, &str) -> String;

fn xml(number: &str, kind: &str) -> String {
    format!("<Ident><Id>{number}</Id><TypeId V=\"{kind}\" S=\"2.16.578.1.12.4.1.1.8116\" DN=\"x\"/></Ident>")
}

fn hl7v2(number: &str, kind: &str) -> String {
    format!("{number}^^^{kind}^{kind}")
}

fn fhir(number: &str, kind: &str) -> String {
    let system = match kind {
        "FNR" => "urn:oid:2.16.578.1.12.4.1.4.1",
        _ => "urn:oid:2.16.578.1.12.4.1.4.2",
    };
    format!("{{\"system\":\"{system}\",\"value\":\"{number}\"}}")
}

/// Somebody who had a D-number and was given a birth number has both for a while.
#[test]
fn a_birth_number_comes_before_a_d_number_in_every_order() {
    // Synthetic numbers (month + 80).
    let (birth, d_number) = ("05898597468", "53898597454");
    let compact: Value = serde_json::from_str(&one_patient("ehr-fhir.json")).unwrap();
    let own =
        "<Ident><Id>05898597468</Id><TypeId V=\"FNR\" S=\"2.16.578.1.12.4.1.1.8116\" DN=\"Fødselsnummer\"/></Ident>";
    let cases: [(String, &str, &str, Written); 3] = [
        (one_patient("henvisning.xml"), own, "", xml),
        (one_patient("hl7v2.hl7"), "05898597468^^^FNR&2.16.578.1.12.4.1.4.1&ISO^FNR", "~", hl7v2),
        (compact.to_string(), &fhir(birth, "FNR"), ",", fhir),
    ];
    for (message, own, between, written) in cases {
        let of = |numbers: &[(&str, &str)]| {
            let numbers: Vec<String> = numbers.iter().map(|(number, kind)| written(number, kind)).collect();
            ids(&with(&message, own, &numbers.join(between)))
        };
        let expected = of(&[(birth, "FNR")]);
        assert_eq!(of(&[(birth, "FNR"), (d_number, "DNR")]), expected, "{own}");
        assert_eq!(of(&[(d_number, "DNR"), (birth, "FNR")]), expected, "{own}");
        assert_ne!(of(&[(d_number, "DNR")]), expected, "{own}");
    }
}

#[test]
fn local_numbers_give_one_id_in_every_order() {
    let message = one_patient("hl7v2.hl7");
    let of = |numbers: &str| ids(&with(&message, "05898597468^^^FNR&2.16.578.1.12.4.1.4.1&ISO^FNR", numbers));
    assert_eq!(of("P1^^^DIPS^PI~P2^^^DIPS^PI"), of("P2^^^DIPS^PI~P1^^^DIPS^PI"));
    assert_eq!(of("P1^^^DIPS^PI~P1^^^ARIA^PI"), of("P1^^^ARIA^PI~P1^^^DIPS^PI"));
    assert_ne!(of("P1^^^DIPS^PI"), of("P2^^^DIPS^PI"));
}
