//! What is not taken: all of a transaction or nothing, and nobody but the trial.

use serde_json::json;

use super::setting::{FORDE, Trial, cohort, enrolment, screening, with_history};
use crate::service::setting::{LABORATORY, OPERATOR, TRUST};

#[test]
fn a_transaction_is_taken_as_a_whole_or_not_at_all() {
    let trial = Trial::start("trial-transaction");
    let referred = trial.referred(1);
    let answer = trial.transaction(&[
        cohort("c1", "open-stage1", 1, true),
        enrolment("e1", "matched", 1, &referred.patient, "c1"),
        // May not be the first.
        enrolment("e2", "follow-up", 1, &referred.patient, "c2"),
    ]);
    assert_eq!((answer.status, answer.code().as_str()), (409, "trial.transition-illegal"));
    assert!(trial.versions("ResearchStudy", "public").is_empty());
    assert!(
        trial.versions("ResearchSubject", FORDE).is_empty() && trial.versions("ResearchSubject", "trial").is_empty()
    );
    assert_eq!(trial.stand(&referred, FORDE), "referred");
    let answer = trial.transaction(&[
        cohort("c1", "open-stage1", 1, true),
        screening("p1", "screening", 1, &referred.patient),
        enrolment("e1", "matched", 2, &referred.patient, "c1"),
    ]);
    assert_eq!(answer.status, 200);
    let entries = answer.json()["entry"].as_array().unwrap().clone();
    let statuses: Vec<&str> = entries.iter().map(|entry| entry["response"]["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201 Created"; 3]);
    assert_eq!(trial.stand(&referred, FORDE), "matched");
    assert_eq!(trial.gateway.message(answer.header("x-message-id"))["disposition"], "routed");
}

#[test]
fn every_illegal_step_of_a_patient_is_answered_and_kept_for_a_person() {
    let trial = Trial::start("trial-illegal");
    let referred = trial.referred(1);
    for (number, from, to) in [
        (1, "matched", "on-treatment"),
        (2, "matched", "accepted"),
        (3, "accepted", "offered"),
        (4, "on-treatment", "matched"),
        (5, "on-treatment", "accepted"),
        (6, "follow-up", "on-treatment"),
        (7, "off-study", "on-treatment"),
        (8, "off-study", "matched"),
        (9, "on-treatment", "withdrawn"),
        (10, "withdrawn", "offered"),
    ] {
        let id = format!("e{number}");
        trial.tell(&with_history(enrolment(&id, from, 1, &referred.patient, "c1")));
        let answer = trial.put(&enrolment(&id, to, 2, &referred.patient, "c1"));
        assert_eq!((answer.status, answer.code().as_str()), (409, "trial.transition-illegal"), "{from} -> {to}");
        assert_eq!(answer.header("x-disposition"), "quarantined");
        let known = trial.newest("ResearchSubject", FORDE);
        assert_eq!(known["extension"][0]["valueCode"], from);
    }
}

#[test]
fn a_patient_that_the_trial_was_not_given_is_refused() {
    let trial = Trial::start("trial-unknown");
    let referred = trial.referred(1);
    // Also one that it could have found out: ids of the identified face lead nowhere.
    for patient in ["nobody", referred.own_patient.as_str()] {
        let answer = trial.put(&enrolment("e1", "matched", 1, patient, "c1"));
        assert_eq!((answer.status, answer.code().as_str()), (409, "trial.patient-unknown"), "{patient}");
    }
    trial.tell(&enrolment("e1", "matched", 1, &referred.patient, "c1"));
    let other = trial.referred(2);
    let moved = trial.put(&enrolment("e1", "offered", 2, &other.patient, "c1"));
    assert_eq!((moved.status, moved.code().as_str()), (409, "link.patient-changed"));
}

#[test]
fn what_does_not_meet_its_profile_is_refused() {
    let trial = Trial::start("trial-profile");
    let referred = trial.referred(1);
    let mut wrong = enrolment("e1", "matched", 1, &referred.patient, "c1");
    wrong["status"] = json!("off-study");
    assert_eq!(trial.put(&wrong).status, 422);
    let mut unclaimed = enrolment("e1", "matched", 1, &referred.patient, "c1");
    unclaimed["meta"] = json!({"versionId": "1"});
    let answer = trial.put(&unclaimed);
    assert_eq!((answer.status, answer.code().as_str()), (422, "trial.profile-missing"));
    let mut counted = cohort("c1", "open-stage1", 1, true);
    counted["status"] = json!("completed");
    assert_eq!(trial.put(&counted).status, 422);
    for body in ["", "{", "[]", "{\"resourceType\":\"Bundle\",\"type\":\"collection\"}"] {
        let answer = trial.gateway.request("POST", "/fhir", crate::service::setting::TRIAL, "", body.as_bytes());
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.json().to_string().contains("trial.unreadable"), "{body}");
    }
    assert!(trial.versions("ResearchSubject", "trial").is_empty());
}

#[test]
fn a_profile_of_another_installation_is_none_of_this_one() {
    let trial = Trial::start("trial-foreign-profile");
    let mut foreign = cohort("c1", "open-stage1", 1, true);
    foreign["meta"]["profile"] = json!(["https://other.example/fhir/StructureDefinition/ImpressCohort"]);
    // It would not have been checked.
    foreign["status"] = json!("completed");
    let answer = trial.put(&foreign);
    assert_eq!((answer.status, answer.code().as_str()), (422, "trial.profile-missing"));
}

/// The examples of the profiles say which rule each of them breaks.
#[test]
fn every_invalid_example_of_the_profiles_is_refused_for_its_reason() {
    let trial = Trial::start("trial-examples");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/examples");
    let mut tried = 0;
    for profile in [
        "ImpressCohort",
        "ImpressScreening",
        "ImpressEnrolment",
        "ImpressReferralTask",
        "ImpressEvaluation",
        "ImpressTrialPatient",
    ] {
        let expected = std::fs::read_to_string(folder.join(profile).join("expected.tsv")).unwrap();
        for line in expected.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').collect();
            let text = std::fs::read_to_string(folder.join(profile).join(cells[0])).unwrap();
            // In a body: an address with a number of a person is refused before.
            let answer = trial.transaction(&[serde_json::from_str(&text).unwrap()]);
            assert_eq!(answer.status, 422, "{profile}/{}", cells[0]);
            let codes = answer.json().to_string();
            assert!(codes.contains(cells[1]) || codes.contains("trial.profile-missing"), "{profile}/{line}: {codes}");
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried}");
    for kind in ["ResearchStudy", "ResearchSubject", "Observation"] {
        assert!(trial.versions(kind, "trial").is_empty(), "{kind}");
    }
}

#[test]
fn nobody_but_the_trial_writes_what_it_writes() {
    let trial = Trial::start("trial-role");
    let body = cohort("c1", "open-stage1", 1, true).to_string();
    for secret in [TRUST, LABORATORY, OPERATOR] {
        let answer = trial.gateway.request("PUT", "/fhir/ResearchStudy/c1", secret, "", body.as_bytes());
        assert_eq!((answer.status, answer.code().as_str()), (403, "request.forbidden"));
    }
    // A transaction of the trial's kind is no referral.
    let bundle = json!({"resourceType": "Bundle", "type": "transaction",
        "entry": [{"resource": cohort("c1", "open-stage1", 1, true), "request": {"method": "PUT", "url": "ResearchStudy/c1"}}]});
    let answer = trial.gateway.request("POST", "/fhir", TRUST, "", bundle.to_string().as_bytes());
    assert_eq!(answer.status, 422);
    assert!(trial.versions("ResearchStudy", "public").is_empty());
}

#[test]
fn who_was_treated_does_not_withdraw_before_registration() {
    let trial = Trial::start("trial-treated-withdraws");
    let referred = trial.referred(1);
    trial.tell(&cohort("c1", "open-stage1", 1, true));
    trial.tell(&with_history(enrolment("e1", "on-treatment", 1, &referred.patient, "c1")));
    for state in ["withdrawn", "not-consented"] {
        let refused = trial.put(&with_history(screening("p1", state, 1, &referred.patient)));
        assert_eq!(
            (refused.status, refused.code().as_str(), refused.header("x-disposition")),
            (409, "trial.transition-illegal", "quarantined"),
            "{state}"
        );
    }
    assert_eq!(trial.stand(&referred, "983974732"), "on-treatment");
    // Nothing was told of this one but the end.
    let other = trial.referred(2);
    trial.tell(&with_history(enrolment("e2", "off-study", 1, &other.patient, "c1")));
    let refused = trial.put(&with_history(screening("p2", "withdrawn", 1, &other.patient)));
    assert_eq!((refused.status, refused.code().as_str()), (409, "trial.transition-illegal"));
    assert_eq!(trial.stand(&other, "983974732"), "off-study");
}

#[test]
fn a_parent_study_does_not_take_the_place_of_a_cohort() {
    let trial = Trial::start("trial-study-for-cohort");
    trial.tell(&cohort("c1", "open-stage1", 1, true));
    let study = json!({"resourceType": "ResearchStudy", "id": "c1", "status": "active"});
    let refused = trial.put(&study);
    assert_eq!((refused.status, refused.code().as_str()), (409, "trial.transition-illegal"));
    assert_eq!(trial.tell(&cohort("c1", "interim-hold", 2, false)).status, 200);
}

#[test]
fn a_cohort_does_not_take_the_place_of_a_parent_study() {
    let trial = Trial::start("trial-cohort-for-study");
    trial.tell(
        &json!({"resourceType": "ResearchStudy", "id": "impress", "status": "active", "title": "IMPRESS-Norway"}),
    );
    for stage in ["planned", "open-stage1", "closed"] {
        let refused = trial.put(&cohort("impress", stage, 1, stage == "open-stage1"));
        assert_eq!((refused.status, refused.code().as_str()), (409, "trial.transition-illegal"), "{stage}");
    }
    for owner in ["public", "trial"] {
        assert_eq!(trial.versions("ResearchStudy", owner).len(), 1);
        assert_eq!(trial.newest("ResearchStudy", owner)["title"], "IMPRESS-Norway");
    }
}

#[test]
fn what_no_event_numbers_is_as_it_was_told_last() {
    let trial = Trial::start("trial-unnumbered");
    let study = |status: &str| {
        let mut study = json!({"resourceType": "ResearchStudy", "id": "impress", "status": status});
        if status.contains("closed") {
            study["reasonStopped"] = json!({"text": "by decision"});
        }
        study
    };
    for status in ["active", "closed-to-accrual", "active"] {
        trial.tell(&study(status));
        assert_eq!(trial.newest("ResearchStudy", "trial")["status"], status);
        assert_eq!(trial.newest("ResearchStudy", "public")["status"], status);
    }
}
