//! A patient is referred again: nothing that the trial has said reaches a referral whose consent was never given, and it takes
//! over what goes on when its consent comes.

use serde_json::{Value, json};

use super::later::{PAST, at, later};
use super::setting::{FORDE, OSLO, Referred, Trial, enrolment, evaluation, named, screening, task, with_history};
use super::statuses::{STATUS, told};
use crate::service::referral::Referral;
use crate::service::setting::{OTHER, TRUST, golden};

/// What a trust can find that says where a patient is.
const TELLING: [&str; 2] = ["ResearchSubject", "Observation"];

/// A referral of Oslo.
fn of_oslo(referral: &Referral) -> Vec<u8> {
    String::from_utf8(referral.fhir()).unwrap().replace(FORDE, OSLO).into_bytes()
}

/// Oslo refers the patient of a referral of Førde, and nothing says that the patient consents.
fn without_consent(trial: &Trial, number: usize, patient: usize) -> Referred {
    trial.refer(OTHER, &of_oslo(&Referral::new(number).of_patient(patient)))
}

/// A trial in which Førde's patient has an offer, at Haukeland in Bergen (H).
fn offered(name: &str) -> (Trial, Referred) {
    let trial = Trial::start(name);
    let first = trial.referred(1);
    trial.tell(&at(screening("p1", "screening", 1, &first.patient), "2019-01-01T10:00:00Z"));
    trial.tell(&at(enrolment("e1", "offered", 2, &first.patient, "c1"), "2019-02-01T10:00:00Z"));
    trial.tell(&named(&first.patient, "IMPR.H-0999"));
    (trial, first)
}

fn entries(trial: &Trial, secret: &str, search: &str) -> Vec<Value> {
    let answer = trial.gateway.get(&format!("/fhir/{search}"), secret);
    assert_eq!(answer.status, 200, "{search}");
    answer.json()["entry"].as_array().cloned().unwrap_or_default()
}

/// Grants of a referral that hold.
fn grants(trial: &Trial, referred: &Referred) -> usize {
    trial.gateway.printed(&["grants", "list", &referred.case]).matches("\tholds").count()
}

/// Rows of the audit trail that say to Oslo that the trial wrote.
fn audited(trial: &Trial) -> i64 {
    let query = "SELECT count(*) FROM audit WHERE role = 'trial' AND tenant = ?1";
    trial.gateway.open_journal().query_row(query, [OSLO], |row| row.get(0)).unwrap()
}

/// Oslo learns nothing: neither from its Task nor by any other way.
fn assert_silent(trial: &Trial, second: &Referred) {
    assert_eq!(trial.stand(second, OSLO), "referred");
    let refers = "Patient?_revinclude=ResearchSubject:patient&_revinclude=Observation:patient";
    let found = entries(trial, OTHER, refers);
    assert!(!found.is_empty() && found.iter().all(|entry| entry["resource"]["resourceType"] == "Patient"), "{found:?}");
    assert!(!found.iter().any(|entry| entry.to_string().contains("IMPR.")));
    let task = trial.newest("Task", OSLO);
    assert!(task.get("output").is_none() && task.get("statusReason").is_none(), "{task}");
    for kind in TELLING {
        assert!(entries(trial, OTHER, kind).is_empty(), "{kind}");
        for known in trial.versions(kind, FORDE) {
            let path = format!("/fhir/{kind}/{}", known["id"].as_str().unwrap());
            assert_eq!(trial.gateway.get(&path, OTHER).status, 404);
            assert_eq!(trial.gateway.get(&format!("{path}/_history"), OTHER).status, 404);
        }
    }
    assert_eq!((grants(trial, second), audited(trial)), (0, 0));
    let state = trial.state(&second.case);
    assert_eq!((&state["progress"], &state["trial"]["standings"]), (&json!(0), &json!({})));
}

#[test]
fn a_later_referral_without_consent_learns_nothing_of_its_patient() {
    let (trial, first) = offered("trial-consent-none");
    let second = without_consent(&trial, 2, 1);
    assert_eq!(second.patient, first.patient);
    assert_silent(&trial, &second);
    // Nor by the next words; the trial is warned of no consent of a patient whom it was shown with one.
    let told = trial.tell(&enrolment("e1", "accepted", 3, &first.patient, "c1"));
    assert_eq!(told.code(), "trial.taken");
    trial.tell(&enrolment("e1", "on-treatment", 4, &first.patient, "c1"));
    trial.tell(&evaluation("w16", Some(true), "partial-response", "2026-07-28T10:00:00Z", &first.patient));
    trial.tell(&screening("p2", "screening", 5, &first.patient));
    // Nor by a newer version of it: a cancel that is refused, since the patient is treated, would say so.
    let changed = Referral::new(2).of_patient(1).changed(4, "2026-03-02T10:00:00+01:00");
    trial.refer(OTHER, &of_oslo(&changed));
    let mut again = named(&first.patient, "IMPR.H-0999");
    again["birthDate"] = json!("1958");
    trial.tell(&again);
    assert_silent(&trial, &second);
    assert_eq!((trial.stand(&first, FORDE).as_str(), grants(&trial, &first)), ("on-treatment", 1));
    // The trial has no Task of it.
    let focus = format!("ServiceRequest/{}", second.request);
    assert!(trial.versions("Task", "trial").iter().all(|task| task["focus"]["reference"] != focus.as_str()));
    // A refusal is no consent, and what the trial writes of the referral itself does not stand for one.
    trial.gateway.printed(&["consent", "withdraw", &second.case]);
    trial.tell(&task("t2", "referred", "2099-01-01T10:00:00Z", &second));
    trial.tell(&enrolment("e1", "follow-up", 6, &first.patient, "c1"));
    assert_eq!(trial.stand(&second, OSLO), "referred");
    assert!(entries(&trial, OTHER, "ResearchSubject").is_empty());
}

/// Referrals that a study subject id leads to.
fn led_to(trial: &Trial, patient: &str) -> Vec<String> {
    let subject = trial.state(&format!("trial/Patient/{patient}"))["subject"].as_str().unwrap().to_owned();
    let referrals = trial.state(&subject)["referrals"].clone();
    serde_json::from_value(referrals).unwrap()
}

#[test]
fn the_study_subject_id_leads_to_a_later_referral_from_its_consent_on() {
    let (trial, first) = offered("trial-consent-subject");
    let second = without_consent(&trial, 2, 1);
    assert_eq!(led_to(&trial, &first.patient), std::slice::from_ref(&first.case));
    trial.gateway.printed(&["consent", "record", &second.case]);
    assert_eq!(led_to(&trial, &first.patient), [first.case, second.case]);
}

#[test]
fn a_later_referral_takes_over_when_its_consent_comes() {
    for by in ["operator", "message"] {
        let (trial, first) = offered(&format!("trial-consent-{by}"));
        let second = without_consent(&trial, 2, 1);
        let before = jiff::Timestamp::now();
        match by {
            "operator" => _ = trial.gateway.printed(&["consent", "record", &second.case]),
            _ => {
                let changed = Referral::consented(2).of_patient(1).changed(3, "2026-03-02T10:00:00+01:00");
                trial.refer(OTHER, &of_oslo(&changed));
            }
        }
        assert_eq!(trial.stand(&second, OSLO), "offered", "{by}");
        let task = trial.newest("Task", OSLO);
        let subject = task["output"][0]["valueReference"]["reference"].as_str().unwrap();
        assert_eq!(trial.gateway.get(&format!("/fhir/{subject}"), OTHER).status, 200);
        // It is news of the moment of the consent.
        assert!(task["lastModified"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap() >= before, "{task}");
        assert_eq!(entries(&trial, OTHER, "ResearchSubject").len(), 2);
        assert_eq!(trial.newest("Task", "trial")["focus"]["reference"], format!("ServiceRequest/{}", second.request));
        // The including site sees it from then on, and the trail says so.
        assert_eq!((grants(&trial, &first), grants(&trial, &second)), (1, 1));
        let query =
            "SELECT count(*) FROM audit WHERE action = 'grant' AND detail = 'bergen: including-site' AND message = ?1";
        let message = trial.state(&second.case)["message"].as_str().unwrap().to_owned();
        let rows: i64 = trial.gateway.open_journal().query_row(query, [message], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1, "{by}");
        // It follows the patient from there.
        trial.tell(&enrolment("e1", "accepted", 3, &first.patient, "c1"));
        assert_eq!(trial.stand(&second, OSLO), "accepted");
    }
}

#[test]
fn a_later_referral_takes_over_once() {
    let (trial, first) = offered("trial-consent-once");
    let ended = with_history(enrolment("e0", "offer-declined", 1, &first.patient, "c0"));
    trial.tell(&at(ended, "2019-01-15T10:00:00Z"));
    let second = without_consent(&trial, 2, 1);
    trial.gateway.printed(&["consent", "record", &second.case]);
    trial.gateway.printed(&["grants", "end", &second.case, "bergen"]);
    let since = trial.state(&second.case)["trial"]["since"].clone();
    assert!(since.as_i64().is_some());
    // A withdrawal has to reach its trust, by the words of the trial, too.
    trial.gateway.printed(&["consent", "withdraw", &second.case]);
    trial.tell(&at(enrolment("e1", "offer-declined", 3, &first.patient, "c1"), PAST));
    assert_eq!(trial.stand(&second, OSLO), "offer-declined");
    // What it has heard stays its own, and what an operator ended stays ended.
    for _ in 0..2 {
        trial.gateway.printed(&["consent", "record", &second.case]);
        assert_eq!((trial.stand(&second, OSLO).as_str(), grants(&trial, &second)), ("offer-declined", 0));
    }
    let mut again = named(&first.patient, "IMPR.H-0999");
    again["birthDate"] = json!("1958");
    trial.tell(&again);
    assert_eq!((grants(&trial, &second), &trial.state(&second.case)["trial"]["since"]), (0, &since));
}

#[test]
fn what_has_ended_when_the_consent_comes_is_not_of_the_later_referral() {
    let (trial, first) = offered("trial-consent-ended");
    let second = without_consent(&trial, 2, 1);
    // After it was taken, and before its consent came.
    let now = jiff::Timestamp::now().to_string();
    trial.tell(&at(enrolment("e1", "offer-declined", 3, &first.patient, "c1"), &now));
    trial.gateway.printed(&["consent", "record", &second.case]);
    assert_eq!(
        (trial.stand(&first, FORDE).as_str(), trial.stand(&second, OSLO).as_str()),
        ("offer-declined", "referred")
    );
    assert!(entries(&trial, OTHER, "ResearchSubject").is_empty());
    trial.tell(&at(with_history(enrolment("e2", "offer-declined", 4, &first.patient, "c2")), &now));
    assert_eq!(trial.stand(&second, OSLO), "referred");
    trial.tell(&enrolment("e3", "matched", 5, &first.patient, "c3"));
    assert_eq!(trial.stand(&second, OSLO), "matched");
    // Of what it does not stand on, it has no resource either.
    assert_eq!(entries(&trial, OTHER, "ResearchSubject").len(), 1);
}

#[test]
fn the_first_referral_hears_nothing_without_consent_once_another_was_shown() {
    let trial = Trial::start("trial-consent-first");
    let first = trial.refer(TRUST, &Referral::new(1).fhir());
    let second = later(&trial, 2, 1);
    trial.tell(&screening("p1", "screening", 1, &first.patient));
    trial.tell(&enrolment("e1", "matched", 2, &first.patient, "c1"));
    assert_eq!((trial.stand(&first, FORDE).as_str(), trial.stand(&second, OSLO).as_str()), ("referred", "matched"));
    assert!(entries(&trial, TRUST, "ResearchSubject").is_empty());
    trial.gateway.printed(&["consent", "record", &first.case]);
    assert_eq!(trial.stand(&first, FORDE), "matched");
    assert_eq!(entries(&trial, TRUST, "ResearchSubject").len(), 2);
}

#[test]
fn of_a_patient_without_any_consent_a_later_referral_hears_nothing() {
    let trial = Trial::start("trial-consent-of-none");
    let first = trial.refer(TRUST, &Referral::new(1).fhir());
    trial.tell(&enrolment("e1", "matched", 1, &first.patient, "c1"));
    let second = without_consent(&trial, 2, 1);
    trial.tell(&named(&first.patient, "IMPR.H-0999"));
    trial.tell(&enrolment("e1", "offered", 2, &first.patient, "c1"));
    assert_eq!(trial.stand(&first, FORDE), "offered");
    assert_silent(&trial, &second);
    // The including site was let see the first one before its consent came: what an operator ended of that stays ended.
    assert_eq!(grants(&trial, &first), 1);
    trial.gateway.printed(&["grants", "end", &first.case, "bergen"]);
    trial.gateway.printed(&["consent", "record", &first.case]);
    assert_eq!((trial.stand(&first, FORDE).as_str(), grants(&trial, &first)), ("offered", 0));
}

#[test]
fn a_trust_without_fhir_is_told_when_the_consent_comes_and_not_before() {
    let trial = Trial::start_with("trial-consent-told", |_| STATUS.to_owned());
    let text = String::from_utf8(golden("one-patient/ehr-fhir.json")).unwrap();
    let first = trial.refer(OTHER, text.replace(FORDE, OSLO).as_bytes());
    trial.gateway.printed(&["consent", "record", &first.case]);
    trial.tell(&enrolment("e1", "matched", 1, &first.patient, "c1"));
    trial.tell(&enrolment("e1", "offered", 2, &first.patient, "c1"));
    let second = trial.refer_to("/intake/referrals", TRUST, &golden("one-patient/henvisning.xml"));
    assert_eq!(second.patient, first.patient);
    trial.tell(&enrolment("e1", "accepted", 3, &first.patient, "c1"));
    assert!(told(&trial).is_empty() && trial.stand(&second, FORDE) == "referred");
    trial.gateway.printed(&["consent", "record", &second.case]);
    assert_eq!((told(&trial), trial.stand(&second, FORDE).as_str()), (vec!["1".to_owned()], "accepted"));
}
