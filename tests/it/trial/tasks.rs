//! The Task of a referral: it exists from the accept on, and follows its patient.

use super::setting::{FORDE, Trial, enrolment, screening, task};
use serde_json::json;

#[test]
fn a_referral_has_a_task_in_both_faces_from_the_accept_on() {
    let trial = Trial::start("trial-task");
    let referred = trial.referred(1);
    let own = trial.newest("Task", FORDE);
    let shown = trial.newest("Task", "trial");
    let id = referred.case.strip_prefix("referral/").unwrap();
    assert_eq!((own["status"].as_str(), trial.stand(&referred, FORDE).as_str()), (Some("requested"), "referred"));
    assert_eq!(own["focus"]["reference"], format!("ServiceRequest/{id}"));
    assert_eq!(own["for"]["reference"], format!("Patient/{}", referred.own_patient));
    assert_eq!(shown["focus"]["reference"], format!("ServiceRequest/{}", referred.request));
    assert_eq!(shown["for"]["reference"], format!("Patient/{}", referred.patient));
    assert!(!shown.to_string().contains(id) && !shown.to_string().contains(&referred.own_patient));
    assert_ne!(own["id"], shown["id"]);
}

#[test]
fn the_trial_rejects_a_referral_with_its_reason() {
    let trial = Trial::start("trial-reject");
    let referred = trial.referred(1);
    trial.tell(&task("t1", "rejected", "2099-01-01T10:00:00Z", &referred));
    let own = trial.newest("Task", FORDE);
    assert_eq!((own["status"].as_str(), trial.stand(&referred, FORDE).as_str()), (Some("rejected"), "rejected"));
    assert_eq!(own["statusReason"]["text"], "Not an advanced cancer");
    // Under the trial's own id, and under no other.
    let journal = trial.gateway.open_journal();
    let ids: Vec<String> = journal
        .prepare("SELECT id FROM newest WHERE kind = 'Task' AND owner = 'trial' AND is_deleted = 0")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(ids, ["t1"]);
}

#[test]
fn a_task_does_not_say_what_its_patient_does_not() {
    let trial = Trial::start("trial-task-disagrees");
    let referred = trial.referred(1);
    let ahead = trial.put(&task("t1", "on-treatment", "2099-01-01T10:00:00Z", &referred));
    assert_eq!((ahead.status, ahead.code().as_str()), (409, "trial.task-disagrees"));
    trial.tell(&screening("p1", "screening", 1, &referred.patient));
    trial.tell(&task("t1", "screening", "2099-01-01T10:00:00Z", &referred));
    let late = trial.put(&task("t1", "rejected", "2098-01-01T10:00:00Z", &referred));
    assert_eq!((late.status, late.code().as_str()), (200, "trial.event-outdated"));
    // In one transaction what the Task follows takes effect first.
    let answer = trial.transaction(&[
        task("t1", "matched", "2099-01-02T10:00:00Z", &referred),
        enrolment("e1", "matched", 2, &referred.patient, "c1"),
    ]);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(trial.stand(&referred, FORDE), "matched");
    let rejected = trial.put(&task("t1", "rejected", "2099-01-03T10:00:00Z", &referred));
    assert_eq!((rejected.status, rejected.code().as_str()), (409, "trial.task-disagrees"));
}

#[test]
fn a_task_of_another_patient_is_for_a_person() {
    let trial = Trial::start("trial-task-other");
    let (one, other) = (trial.referred(1), trial.referred(2));
    let mut wrong = task("t1", "rejected", "2099-01-01T10:00:00Z", &one);
    wrong["for"]["reference"] = json!(format!("Patient/{}", other.patient));
    let answer = trial.put(&wrong);
    assert_eq!((answer.status, answer.code().as_str()), (409, "trial.patient-unknown"));
    assert_eq!(trial.stand(&one, FORDE), "referred");
}
