//! Values whose loss or change would say something else of the patient.

use impress_gateway::domain::referral::{Action, Referral};
use serde_json::{Value, json};

use super::{golden, issues, translate};
use crate::translate_referral;

fn value(case: &str) -> Value {
    serde_json::from_slice(&golden(case)).unwrap()
}

/// The resource of a type, and among several the one at a place.
fn resource<'v>(bundle: &'v mut Value, kind: &str, nth: usize) -> &'v mut Value {
    let entries = bundle["entry"].as_array_mut().unwrap();
    let mut found = entries.iter_mut().map(|entry| &mut entry["resource"]).filter(|it| it["resourceType"] == kind);
    found.nth(nth).unwrap()
}

fn changed(change: impl FnOnce(&mut Value)) -> (Referral, Vec<String>) {
    let mut bundle = value("same-patient");
    change(&mut bundle);
    let (result, account) = translate(bundle.to_string().as_bytes());
    let reading = result.unwrap_or_else(|_| panic!("{:?}", account.issues));
    (reading.referral, issues(&account))
}

/// The resources of a kind that the changed message becomes.
fn printed(face: &str, kind: &str, change: impl FnOnce(&mut Value)) -> Vec<Value> {
    let mut bundle = value("same-patient");
    change(&mut bundle);
    let mut printed = translate_referral::translate(bundle.to_string().as_bytes(), face).bundle();
    let entries = printed["entry"].as_array_mut().unwrap().iter_mut().map(|entry| entry["resource"].take());
    entries.filter(|resource| resource["resourceType"] == kind).collect()
}

/// FHIR R4, condition-ver-status.
#[test]
fn a_verification_status_is_kept_and_what_it_refutes_is_no_diagnosis() {
    let with = |code: &str| {
        let change = |it: &mut Value| {
            let condition = resource(it, "Condition", 0);
            condition["verificationStatus"]["coding"][0]["code"] = json!(code);
            if code == "entered-in-error" {
                // Invariant con-5.
                condition.as_object_mut().unwrap().remove("clinicalStatus");
            }
        };
        changed(change).0.diagnoses
    };
    for (code, clinical) in
        [("confirmed", Some("active")), ("provisional", None), ("unconfirmed", None), ("differential", None)]
    {
        let diagnoses = with(code);
        assert_eq!(diagnoses[0].verification_status.as_deref(), Some(code));
        assert_eq!(diagnoses[0].clinical_status.as_deref(), clinical, "{code}");
    }
    for code in ["refuted", "entered-in-error"] {
        let cancers = with(code).into_iter().flat_map(|diagnosis| diagnosis.codes).filter(|code| code.code == "C61");
        assert_eq!(cancers.count(), 0, "{code}");
    }
}

/// A change repeats when the referral was written; only the message says when the change was made.
#[test]
fn when_a_referral_was_written_is_no_time_of_a_change() {
    let with = |version: &str| {
        let change = |it: &mut Value| {
            it.as_object_mut().unwrap().remove("timestamp");
            resource(it, "ServiceRequest", 0)["meta"] = json!({"versionId": version});
        };
        changed(change).0.message
    };
    let (new, change) = (with("1"), with("2"));
    assert_eq!((new.action, new.generated.as_deref()), (Action::New, Some("2026-03-01T09:30:00+01:00")));
    assert_eq!((change.action, change.generated), (Action::Change, None));
}

/// FHIR R4: Observation.effective[x] has four types, and one that is registered, cancelled or entered in error has no result.
#[test]
fn the_newest_performance_status_counts() {
    let status = |observations: &[(&str, u64, Value)]| {
        let change = |it: &mut Value| {
            let subject = resource(it, "Observation", 0)["subject"].clone();
            for (status, grade, effective) in observations {
                let mut one = json!({
                    "resourceType": "Observation", "status": status, "subject": subject, "valueInteger": grade,
                    "code": {"coding": [{"system": "http://loinc.org", "code": "89247-1"}]},
                });
                one.as_object_mut().unwrap().extend(effective.as_object().unwrap().clone());
                let url = format!("urn:uuid:0f1e0000-0000-4000-8000-0000000009{grade:02}");
                let entry =
                    json!({"fullUrl": url, "resource": one, "request": {"method": "POST", "url": "Observation"}});
                it["entry"].as_array_mut().unwrap().push(entry);
            }
        };
        let status = changed(change).0.performance_status;
        status.map(|status| (status.grade, status.assessed))
    };
    let at = |name: &str, value: &str| json!({name: value});
    let period = |end: &str| json!({"effectivePeriod": {"start": "2026-01-01", "end": end}});
    let (old, same_day) =
        (at("effectiveDateTime", "2026-02-10T08:00:00+01:00"), at("effectiveDateTime", "2026-02-20T08:00:00+01:00"));
    for newest in [
        at("effectiveDateTime", "2026-02-20T15:00:00+01:00"),
        at("effectiveInstant", "2026-02-20T15:00:00+01:00"),
        period("2026-02-20T15:00:00+01:00"),
    ] {
        for first in [&old, &same_day] {
            let found = status(&[("final", 1, first.clone()), ("final", 3, newest.clone()), ("final", 2, json!({}))]);
            assert_eq!(found, Some((3, Some("2026-02-20T15:00:00+01:00".to_owned()))), "{newest}");
        }
    }
    let newer = at("effectiveDateTime", "2026-02-28");
    for of_no_result in ["registered", "cancelled", "entered-in-error"] {
        let found = status(&[("final", 1, old.clone()), (of_no_result, 4, newer.clone())]);
        assert_eq!(found.map(|(grade, _)| grade), Some(1), "{of_no_result}");
    }
}

/// FHIR R4, event-status: only one of them says that the procedure was done.
#[test]
fn a_procedure_that_was_not_completed_is_never_completed() {
    let with = |status: &str| changed(|it| resource(it, "Procedure", 0)["status"] = json!(status)).0.treatments;
    for status in ["completed", "preparation", "in-progress", "on-hold", "stopped", "unknown"] {
        assert_eq!(with(status)[0].status, status);
    }
    for status in ["not-done", "entered-in-error"] {
        assert_eq!(with(status), [], "{status}");
    }
}

#[test]
fn both_faces_tell_what_holds() {
    for face in ["identified", "pseudonymous"] {
        let change = |it: &mut Value| {
            resource(it, "Condition", 0)["verificationStatus"]["coding"][0]["code"] = json!("provisional");
        };
        let condition = &printed(face, "Condition", change)[0];
        assert_eq!(condition["verificationStatus"]["coding"][0]["code"], "provisional", "{face}");
        assert_eq!(condition["clinicalStatus"], Value::Null, "{face}");
        let change = |it: &mut Value| {
            let procedure = resource(it, "Procedure", 0);
            procedure["status"] = json!("stopped");
            procedure["code"] = json!({"coding": [{"system": "http://snomed.info/sct", "code": "90470006"}]});
        };
        assert_eq!(printed(face, "Procedure", change)[0]["status"], "stopped", "{face}");
    }
}

#[test]
fn a_death_is_told_in_both_faces() {
    for (name, sent, identified, pseudonymous) in [
        ("deceasedDateTime", json!("2026-02-15"), ("deceasedDateTime", json!("2026-02-15")), json!(true)),
        ("deceasedBoolean", json!(true), ("deceasedBoolean", json!(true)), json!(true)),
        ("deceasedBoolean", json!(false), ("deceasedBoolean", json!(false)), json!(false)),
    ] {
        let change = |it: &mut Value| resource(it, "Patient", 0)[name] = sent.clone();
        let patient = &printed("identified", "Patient", change)[0];
        let told: Vec<_> =
            patient.as_object().unwrap().iter().filter(|(name, _)| name.starts_with("deceased")).collect();
        assert_eq!(told, [(&identified.0.to_owned(), &identified.1)]);
        let patient = &printed("pseudonymous", "Patient", change)[0];
        let told: Vec<_> =
            patient.as_object().unwrap().iter().filter(|(name, _)| name.starts_with("deceased")).collect();
        assert_eq!(told, [(&"deceasedBoolean".to_owned(), &pseudonymous)], "no date");
    }
}

#[test]
fn an_unknown_gender_identifies_nobody() {
    let change = |it: &mut Value| {
        let patient = resource(it, "Patient", 0).as_object_mut().unwrap();
        patient.remove("identifier");
        patient.insert("gender".to_owned(), json!("unknown"));
    };
    let mut bundle = value("same-patient");
    change(&mut bundle);
    let (result, account) = translate(bundle.to_string().as_bytes());
    assert!(result.is_err());
    assert!(issues(&account).contains(&"referral.patient-unidentifiable Bundle.entry[1].resource".to_owned()));
}

/// FHIR R4, name-use and address-use.
#[test]
fn the_official_name_and_the_address_at_home_are_taken() {
    let name = |names: Value| changed(|it| resource(it, "Patient", 0)["name"] = names).0.patient.family_name;
    for (names, expected) in [
        (json!([{"use": "maiden", "family": "Pike", "given": ["L"]}, {"family": "Danser", "given": ["L"]}]), "Danser"),
        (json!([{"family": "Danser", "given": ["L"]}, {"use": "official", "family": "Lov", "given": ["L"]}]), "Lov"),
        (
            json!([{"use": "temp", "family": "T", "given": ["L"]}, {"use": "usual", "family": "Danser", "given": ["L"]}]),
            "Danser",
        ),
        (
            json!([
                {"use": "official", "family": "Pike", "given": ["L"], "period": {"end": "2020-01-01"}},
                {"use": "official", "family": "Danser", "given": ["L"]},
            ]),
            "Danser",
        ),
        (json!([{"use": "maiden", "family": "Pike", "given": ["L"]}]), "Pike"),
    ] {
        assert_eq!(name(names.clone()).expose(), expected, "{names}");
    }
    let city = |addresses: Value| changed(|it| resource(it, "Patient", 0)["address"] = addresses).0.patient.city;
    for (addresses, expected) in [
        (json!([{"use": "temp", "city": "Oslo"}, {"use": "home", "city": "Bergen"}]), Some("Bergen")),
        (json!([{"use": "temp", "city": "Oslo"}, {"city": "Bergen"}]), Some("Bergen")),
        (json!([{"use": "old", "city": "Oslo"}]), None),
    ] {
        assert_eq!(city(addresses.clone()).as_ref().map(|city| city.expose()), expected, "{addresses}");
    }
}

#[test]
fn a_comparator_stays_with_its_value() {
    // The golden message has a CRP below 5 mg/L.
    let items = printed("identified", "Observation", |_| {});
    let quantity =
        items.iter().map(|item| &item["valueQuantity"]).find(|quantity| quantity["value"] == json!(5)).unwrap();
    assert_eq!((&quantity["comparator"], &quantity["unit"]), (&json!("<"), &json!("mg/L")));
}

#[test]
fn no_known_allergy_is_no_warning() {
    let with = |code: Value| {
        let change = |it: &mut Value| {
            let subject = resource(it, "Observation", 0)["subject"].clone();
            let allergy = json!({
                "resourceType": "AllergyIntolerance", "patient": subject, "code": code,
                "clinicalStatus": {"coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"
                }]},
            });
            let entry = json!({
                "fullUrl": "urn:uuid:0f1e0000-0000-4000-8000-000000000901", "resource": allergy,
                "request": {"method": "POST", "url": "AllergyIntolerance"},
            });
            it["entry"].as_array_mut().unwrap().push(entry);
        };
        let referral = changed(change).0;
        (referral.precautions.len(), referral.clinical_items.len())
    };
    let (precautions, items) = with(json!({"coding": [{"system": "http://snomed.info/sct", "code": "91936005"}]}));
    for code in ["716186003", "409137002", "429625007"] {
        let found = with(json!({"coding": [{"system": "http://snomed.info/sct", "code": code}]}));
        assert_eq!(found, (precautions - 1, items + 1), "{code}");
    }
    assert_eq!(with(json!({"text": "Ingen kjente allergier"})), (precautions - 1, items + 1));
    assert_eq!(with(json!({"text": "Penicillin"})), (precautions, items));
}
