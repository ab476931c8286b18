//! Patients on the parent study and in cohorts, and what each trust sees of its own.

use serde_json::{Value, json};

use super::setting::{
    FORDE, OSLO, Trial, cohort, enrolment, evaluation, named, occurred, screening, task, with_history,
};
use crate::service::referral::Referral;
use crate::service::setting::{OTHER, Response, TRIAL, TRUST};

fn state(subject: &Value) -> &str {
    subject["extension"][0]["valueCode"].as_str().unwrap()
}

#[test]
fn workflow_16_each_state_becomes_what_the_trust_sees() {
    let trial = Trial::start("trial-states");
    let referred = trial.referred(1);
    assert_eq!(trial.stand(&referred, FORDE), "referred");
    let p = |state: &str, sequence| screening("p1", state, sequence, &referred.patient);
    let c = |state: &str, sequence| enrolment("e1", state, sequence, &referred.patient, "c1");
    let steps = [
        (p("not-consented", 1), "not-consented", "completed"),
        (p("screening", 2), "screening", "in-progress"),
        (p("no-match", 3), "no-match", "completed"),
        // A new sample.
        (p("screening", 4), "screening", "in-progress"),
        (p("not-prioritised", 5), "not-prioritised", "completed"),
        (p("screening", 6), "screening", "in-progress"),
        (c("matched", 7), "matched", "in-progress"),
        (c("offered", 8), "offered", "in-progress"),
        (c("offer-expired", 9), "offer-expired", "completed"),
        (c("offered", 10), "offered", "in-progress"),
        (c("offer-declined", 11), "offer-declined", "completed"),
        (c("offered", 12), "offered", "in-progress"),
        (c("accepted", 13), "accepted", "in-progress"),
        (c("on-treatment", 14), "on-treatment", "completed"),
        (c("follow-up", 15), "follow-up", "completed"),
        (c("off-study", 16), "off-study", "completed"),
    ];
    for (sequence, (resource, expected, status)) in (1..).zip(steps) {
        trial.tell(&resource);
        let subject = trial.newest("ResearchSubject", FORDE);
        assert_eq!((state(&subject), &subject["status"]), (expected, &resource["status"]));
        assert_eq!(subject["individual"]["reference"], format!("Patient/{}", referred.own_patient));
        let task = trial.newest("Task", FORDE);
        assert_eq!((trial.stand(&referred, FORDE).as_str(), task["status"].as_str()), (expected, Some(status)));
        assert_eq!(task["lastModified"], occurred(sequence));
        assert_eq!(
            task["output"][0]["valueReference"]["reference"],
            format!("ResearchSubject/{}", subject["id"].as_str().unwrap())
        );
    }
    assert_eq!(trial.newest("Task", FORDE)["statusReason"]["text"], "progression");
    let told = trial.newest("ResearchSubject", FORDE).to_string();
    assert!(!told.contains(&referred.patient) && !told.contains("\"e1\"") && !told.contains("\"c1\""), "{told}");
    // The patient is or was treated.
    assert_eq!(trial.state(&referred.case)["progress"], 2);
}

/// The cancellation of a referral of Førde.
fn cancel(trial: &Trial, referral: Referral, message: usize) -> Response {
    let bytes = referral.changed(message, "2026-06-01T10:00:00+02:00").fhir();
    let mut bundle: Value = serde_json::from_slice(&bytes).unwrap();
    for entry in bundle["entry"].as_array_mut().unwrap() {
        if entry["resource"]["resourceType"] == "ServiceRequest" {
            entry["resource"]["status"] = json!("revoked");
        }
    }
    let answer = trial.gateway.request("POST", "/fhir", TRUST, "", bundle.to_string().as_bytes());
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer
}

#[test]
fn workflow_4_a_cancel_of_a_patient_on_treatment_is_for_a_person() {
    let trial = Trial::start("trial-cancel");
    let referral = Referral::consented(1);
    let referred = trial.refer(TRUST, &referral.fhir());
    trial.tell(&with_history(enrolment("e1", "on-treatment", 1, &referred.patient, "c1")));
    assert_eq!(cancel(&trial, referral, 2).header("x-disposition"), "quarantined");
    assert_eq!(trial.stand(&referred, FORDE), "on-treatment");
    // Of a referral that came later, too.
    let later = Referral::consented(3).of_patient(1);
    let second = trial.refer(TRUST, &later.fhir());
    assert_eq!(second.patient, referred.patient);
    assert_eq!(cancel(&trial, later, 4).header("x-disposition"), "quarantined");
}

#[test]
fn a_cancelled_referral_is_told_by_its_task() {
    let trial = Trial::start("trial-cancelled");
    let referral = Referral::consented(1);
    let referred = trial.refer(TRUST, &referral.fhir());
    cancel(&trial, referral, 2);
    let task = trial.newest("Task", FORDE);
    assert_eq!((task["status"].as_str(), trial.stand(&referred, FORDE).as_str()), (Some("cancelled"), "cancelled"));
}

/// Two trusts ask for the last place. The trial decides; the gateway carries what it decided, in order.
#[test]
fn workflow_15_two_trusts_and_the_last_slot() {
    let trial = Trial::start("trial-last-slot");
    let (forde, oslo) = (trial.referred(1), trial.referred_by_oslo(2));
    trial.tell(&cohort("c1", "open-stage1", 1, true));
    trial.tell(&enrolment("e1", "matched", 2, &forde.patient, "c1"));
    trial.tell(&enrolment("e2", "matched", 3, &oslo.patient, "c1"));
    // One transaction: the place is offered to Førde, and none is left.
    let answer = trial
        .transaction(&[enrolment("e1", "offered", 4, &forde.patient, "c1"), cohort("c1", "open-stage1", 4, false)]);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["entry"][0]["response"]["location"], "ResearchSubject/e1");
    assert_eq!((trial.stand(&forde, FORDE).as_str(), trial.stand(&oslo, OSLO).as_str()), ("offered", "matched"));
    assert_eq!(trial.newest("ResearchStudy", "public")["extension"][1]["valueBoolean"], false);
    // The expiry races the acceptance: the higher number of the trial wins, whichever comes first.
    trial.tell(&enrolment("e1", "accepted", 6, &forde.patient, "c1"));
    let late = trial.put(&enrolment("e1", "offer-expired", 5, &forde.patient, "c1"));
    assert_eq!((late.status, late.code().as_str()), (200, "trial.event-outdated"));
    assert_eq!((trial.stand(&forde, FORDE).as_str(), trial.stand(&oslo, OSLO).as_str()), ("accepted", "matched"));
}

#[test]
fn workflow_15_a_cohort_is_put_on_hold_in_mid_offer() {
    let trial = Trial::start("trial-hold");
    let referred = trial.referred(1);
    trial.tell(&cohort("c1", "open-stage1", 1, true));
    trial.tell(&enrolment("e1", "matched", 2, &referred.patient, "c1"));
    trial.tell(&enrolment("e1", "offered", 3, &referred.patient, "c1"));
    trial.tell(&cohort("c1", "interim-hold", 4, false));
    // The gateway takes no offer back: the trial does.
    assert_eq!(trial.stand(&referred, FORDE), "offered");
    assert_eq!(trial.newest("ResearchStudy", "public")["status"], "temporarily-closed-to-accrual");
    trial.tell(&enrolment("e1", "matched", 5, &referred.patient, "c1"));
    assert_eq!(trial.stand(&referred, FORDE), "matched");
}

#[test]
fn out_of_order_events_never_take_a_patient_back() {
    let trial = Trial::start("trial-rewind");
    let referred = trial.referred(1);
    trial.tell(&with_history(enrolment("e1", "on-treatment", 9, &referred.patient, "c1")));
    for (sequence, state) in [(7, "offered"), (8, "accepted"), (9, "follow-up")] {
        let late = trial.put(&enrolment("e1", state, sequence, &referred.patient, "c1"));
        assert_eq!((late.status, late.code().as_str()), (200, "trial.event-outdated"), "{state}");
    }
    // News of the parent study that happened before do not hide the cohort.
    trial.tell(&screening("p1", "screening", 3, &referred.patient));
    assert_eq!(trial.stand(&referred, FORDE), "on-treatment");
    assert_eq!(trial.versions("Task", FORDE).len(), 2, "the Task was written by the accept and by the treatment");
}

#[test]
fn two_trusts_see_their_own_patients_only() {
    let trial = Trial::start("trial-own");
    let (forde, oslo) = (trial.referred(1), trial.referred_by_oslo(2));
    trial.tell(&enrolment("e1", "matched", 1, &forde.patient, "c1"));
    trial.tell(&enrolment("e2", "offered", 1, &oslo.patient, "c1"));
    trial.tell(&evaluation("o1", Some(true), "stable-disease", "2026-07-28T10:00:00Z", &forde.patient));
    for (owner, own, others) in [(FORDE, &forde, &oslo), (OSLO, &oslo, &forde)] {
        for kind in ["ResearchSubject", "Task", "Observation", "ServiceRequest", "Patient"] {
            let rows = trial.versions(kind, owner).iter().map(Value::to_string).collect::<String>();
            assert!(!rows.contains(&others.own_patient) && !rows.contains(&others.patient), "{owner} {kind}");
            let is_told = !(kind == "Observation" && owner == OSLO);
            assert_eq!(rows.contains(&own.own_patient), is_told, "{owner} {kind}");
        }
    }
}

/// Ids of what a caller finds of a type.
fn found(trial: &Trial, kind: &str, secret: &str) -> Vec<String> {
    let answer = trial.gateway.get(&format!("/fhir/{kind}"), secret);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let bundle = answer.json();
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_the_trial_writes_is_read_by_the_trust_by_the_trial_and_by_nobody_else() {
    let trial = Trial::start("trial-read");
    let referred = trial.referred(1);
    trial.tell(&cohort("c1", "open-stage2", 1, true));
    trial.tell(&enrolment("e1", "matched", 2, &referred.patient, "c1"));
    let own = found(&trial, "ResearchSubject", TRUST);
    assert_eq!(own.len(), 1);
    assert_eq!(found(&trial, "ResearchSubject", TRIAL), ["e1"]);
    assert!(found(&trial, "ResearchSubject", OTHER).is_empty());
    let address = format!("/fhir/ResearchSubject/{}", own[0]);
    assert_eq!(trial.gateway.get(&address, TRUST).status, 200);
    for secret in [OTHER, TRIAL] {
        assert_eq!(trial.gateway.get(&address, secret).status, 404);
    }
    // The cohort is everybody's, its counts are the trial's.
    for secret in [TRUST, OTHER] {
        let cohorts = found(&trial, "ResearchStudy", secret);
        let answer = trial.gateway.get(&format!("/fhir/ResearchStudy/{}", cohorts[0]), secret);
        assert!(cohorts.len() == 1 && !String::from_utf8_lossy(&answer.body).contains("benefit"));
    }
    let answer = trial.gateway.get("/fhir/ResearchStudy/c1", TRIAL);
    assert!(String::from_utf8_lossy(&answer.body).contains("benefit"));
    assert_eq!(answer.header("etag"), "W/\"1\"");
    // R is a site of Oslo: from now on Oslo sees the referral, and the trial's words about it.
    trial.tell(&named(&referred.patient, "IMPR.R-0999"));
    assert_eq!(found(&trial, "ResearchSubject", OTHER), own);
    assert_eq!(found(&trial, "Task", OTHER), found(&trial, "Task", TRUST));
}

#[test]
fn one_patient_of_two_trusts_is_told_to_both() {
    let trial = Trial::start("trial-both");
    let first = trial.referred(1);
    let text = String::from_utf8(Referral::consented(2).of_patient(1).fhir()).unwrap();
    let second = trial.refer(OTHER, text.replace(FORDE, OSLO).as_bytes());
    assert_eq!(first.patient, second.patient, "the trial has one patient");
    trial.tell(&enrolment("e1", "matched", 1, &first.patient, "c1"));
    assert_eq!((trial.stand(&first, FORDE).as_str(), trial.stand(&second, OSLO).as_str()), ("matched", "matched"));
    assert_eq!(trial.versions("ResearchSubject", FORDE).len(), 1);
    assert_eq!(trial.versions("ResearchSubject", OSLO).len(), 1);
    assert_eq!(trial.versions("ResearchSubject", "trial").len(), 1);
}

#[test]
fn both_trusts_that_referred_a_patient_see_the_act_of_the_trial_in_their_trail() {
    let trial = Trial::start("trial-both-audit");
    let first = trial.referred(1);
    let text = String::from_utf8(Referral::consented(2).of_patient(1).fhir()).unwrap();
    trial.refer(OTHER, text.replace(FORDE, OSLO).as_bytes());
    let own = trial.referred(3);
    let about = |act: &Response, secret: &str| {
        let answer = trial.gateway.get("/fhir/AuditEvent?_count=100", secret);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let reference = format!("MessageHeader/{}", act.header("x-message-id"));
        let bundle = answer.json();
        let entries = bundle["entry"].as_array().unwrap().iter();
        let events = entries.filter(|one| one["resource"]["entity"][0]["what"]["reference"] == reference.as_str());
        events.map(|one| one["resource"]["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for act in [
        trial.tell(&enrolment("e1", "matched", 1, &first.patient, "c1")),
        trial.tell(&evaluation("o1", None, "not-evaluable", "2026-07-28T10:00:00Z", &first.patient)),
        trial.tell(&named(&first.patient, "IMPR.F-0999")),
    ] {
        assert_eq!((about(&act, TRUST).pop().as_deref(), about(&act, OTHER)), (Some("U"), vec!["U".to_owned()]));
    }
    // Of a patient whom one trust referred, the other is told nothing.
    let act = trial.tell(&enrolment("e3", "matched", 1, &own.patient, "c1"));
    assert_eq!((about(&act, TRUST), about(&act, OTHER)), (vec!["U".to_owned()], Vec::new()));
}

#[test]
fn workflow_18_an_evaluation_that_is_missing_is_not_no() {
    let trial = Trial::start("trial-evaluation");
    let referred = trial.referred(1);
    let at = "2026-07-28T10:00:00Z";
    trial.tell(&evaluation("o1", None, "not-evaluable", at, &referred.patient));
    let missing = trial.newest("Observation", FORDE);
    assert!(missing.get("valueBoolean").is_none() && missing["dataAbsentReason"]["text"] == "not evaluated");
    assert_eq!(missing["component"][0]["valueBoolean"], false);
    trial.tell(&evaluation("o2", Some(true), "stable-disease", at, &referred.patient));
    assert_eq!(trial.newest("Observation", FORDE)["valueBoolean"], true);
    trial.tell(&evaluation("o3", Some(false), "progressive-disease", at, &referred.patient));
    let no = trial.newest("Observation", FORDE);
    assert_eq!(no["valueBoolean"], false);
    assert_eq!(no["subject"]["reference"], format!("Patient/{}", referred.own_patient));
    // An older version, and one that says nothing of its time.
    let older = trial.put(&evaluation("o3", None, "not-evaluable", "2026-07-28T09:00:00Z", &referred.patient));
    assert_eq!((older.status, older.code().as_str()), (200, "trial.event-outdated"));
    let mut timeless = evaluation("o3", None, "not-evaluable", at, &referred.patient);
    timeless.as_object_mut().unwrap().remove("issued");
    let timeless = trial.put(&timeless);
    assert_eq!((timeless.status, timeless.code().as_str()), (409, "trial.order-unknown"));
    assert_eq!(trial.newest("Observation", FORDE)["valueBoolean"], false);
}

#[test]
fn a_study_subject_id_leads_reports_to_the_referral_and_its_site_sees_it() {
    let trial = Trial::start("trial-subject-id");
    let referred = trial.referred(1);
    // F is Førde; H is Haukeland in Bergen.
    let answer = trial.tell(&named(&referred.patient, "IMPR.H-0999"));
    assert_eq!(answer.header("etag"), "W/\"1\"");
    let journal = trial.gateway.open_journal();
    let grants: Vec<(String, String, String)> = journal
        .prepare("SELECT case_key, trust, reason FROM grants WHERE until IS NULL")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(grants, [(referred.case.clone(), "bergen".to_owned(), "including-site".to_owned())]);
    let linked: Vec<String> = journal
        .prepare("SELECT state FROM cases WHERE case_key LIKE 'subject/%'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(linked.len(), 1);
    assert!(linked[0].contains(&referred.case) && !linked[0].contains("0999"), "{}", linked[0]);
    // Another id for the patient, the id of another patient, a letter of no site.
    let other = trial.put(&named(&referred.patient, "IMPR.H-0998"));
    assert_eq!((other.status, other.code().as_str()), (409, "trial.subject-id-taken"));
    let second = trial.referred(2);
    let taken = trial.put(&named(&second.patient, "IMPR.H-0999"));
    assert_eq!((taken.status, taken.code().as_str()), (409, "trial.subject-id-taken"));
    let nowhere = trial.put(&named(&second.patient, "IMPR.X-0997"));
    assert_eq!((nowhere.status, nowhere.code().as_str()), (409, "link.site-unknown"));
    // The own site needs no grant.
    trial.tell(&named(&second.patient, "IMPR.F-0996"));
    let count: i64 = journal.query_row("SELECT count(*) FROM grants", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}

#[test]
fn of_writes_of_a_patient_at_the_same_moment_one_finds_the_version_that_it_names() {
    let trial = Trial::start("trial-patient-race");
    let referred = trial.referred(1);
    let patient = |year: &str| {
        let mut patient = named(&referred.patient, "IMPR.F-0999");
        patient["birthDate"] = json!(year);
        patient
    };
    trial.tell(&patient("1950"));
    let revision = || -> i64 {
        let key = format!("trial/Patient/{}", referred.patient);
        let sql = "SELECT revision FROM cases WHERE case_key = ?1";
        trial.gateway.open_journal().query_row(sql, [key], |row| row.get(0)).unwrap()
    };
    let before = revision();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let write = |year: usize| {
            let (trial, patient) = (&trial, patient(&year.to_string()));
            scope.spawn(move || trial.put_with(&patient, "If-Match: W/\"1\"\r\n").status)
        };
        let writes: Vec<_> = (1951..1959).map(write).collect();
        writes.into_iter().map(|write| write.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 7, "{statuses:?}");
    // The commit rests on the case that was read, which it moves.
    assert_eq!((revision(), trial.versions("Patient", "trial").len()), (before + 1, 2));
}

#[test]
fn what_the_trial_tells_without_a_consent_is_taken_and_noted() {
    let trial = Trial::start("trial-consent");
    let referred = trial.refer(TRUST, &Referral::new(1).fhir());
    assert!(trial.versions("Task", "trial").is_empty(), "the trial was shown nothing");
    let answer = trial.put(&enrolment("e1", "matched", 1, &referred.patient, "c1"));
    assert_eq!((answer.status, answer.code().as_str()), (201, "trial.consent-missing"));
    assert_eq!(trial.stand(&referred, FORDE), "matched");
    let own = trial.put(&task("t1", "matched", &occurred(2), &referred));
    assert_eq!(own.code(), "trial.consent-missing");
}

#[test]
fn a_grant_of_the_including_site_that_was_ended_stays_ended_and_is_told_to_the_trust_that_referred() {
    let trial = Trial::start("trial-grant-ended");
    let referred = trial.referred(1);
    let holds = || trial.gateway.printed(&["grants", "list", &referred.case]).matches("\tholds").count();
    trial.tell(&named(&referred.patient, "IMPR.H-0999"));
    assert_eq!(holds(), 1);
    trial.gateway.printed(&["grants", "end", &referred.case, "bergen"]);
    let mut again = named(&referred.patient, "IMPR.H-0999");
    again["birthDate"] = json!("1958");
    trial.tell(&again);
    assert_eq!(holds(), 0);
    let rows: Vec<(String, Option<String>, Option<String>)> = trial
        .gateway
        .open_journal()
        .prepare("SELECT action, detail, tenant FROM audit WHERE role = 'trial' AND action IN ('grant', 'update') ORDER BY sequence")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let tenant = Some("983974732".to_owned());
    let update = || ("update".to_owned(), None, tenant.clone());
    let grant = ("grant".to_owned(), Some("bergen: including-site".to_owned()), tenant.clone());
    assert_eq!(rows, [grant, update(), update()]);
}
