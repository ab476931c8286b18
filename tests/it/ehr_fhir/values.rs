//! Values whose loss or change would say something else of the patient.

use impress_gateway::domain::referral::{Action, Referral};
use serde_json::{Value, json};

use super::{golden, issues, translate};

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
