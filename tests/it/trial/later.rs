//! A patient is referred again: what the later referral takes over from before, and what it does not.

use impress_gateway::domain::moment::norwegian_day;
use serde_json::{Value, json};

use super::setting::{FORDE, OSLO, Referred, Trial, enrolment, evaluation, named, screening, task, with_history};
use super::statuses::{STATUS, told};
use crate::service::referral::Referral;
use crate::service::setting::{OTHER, TRUST, golden};

/// Before every referral of these tests.
pub(super) const PAST: &str = "2020-01-01T10:00:00Z";

pub(super) fn at(mut subject: Value, occurred: &str) -> Value {
    subject["extension"][1]["extension"][1]["valueInstant"] = json!(occurred);
    subject
}

/// Oslo refers the patient of a referral of Førde, with a consent.
pub(super) fn later(trial: &Trial, number: usize, patient: usize) -> Referred {
    let text = String::from_utf8(Referral::consented(number).of_patient(patient).fhir()).unwrap();
    trial.refer(OTHER, text.replace(FORDE, OSLO).as_bytes())
}

#[test]
fn a_later_referral_stands_at_once_where_its_patient_does() {
    let trial = Trial::start("trial-later");
    let first = trial.referred(1);
    trial.tell(&at(screening("p1", "screening", 1, &first.patient), "2019-01-01T10:00:00Z"));
    trial.tell(&at(enrolment("e1", "offered", 2, &first.patient, "c1"), "2019-02-01T10:00:00Z"));
    let second = later(&trial, 2, 1);
    assert_eq!(second.patient, first.patient);
    assert_eq!(trial.stand(&second, OSLO), "offered");
    // The Task leads to what the trust can read.
    let task = trial.newest("Task", OSLO);
    let subject = task["output"][0]["valueReference"]["reference"].as_str().unwrap();
    assert_eq!(trial.gateway.get(&format!("/fhir/{subject}"), OTHER).status, 200);
    assert_eq!(trial.versions("ResearchSubject", OSLO).len(), 2);
    assert!(
        trial
            .versions("ResearchSubject", OSLO)
            .iter()
            .all(|row| trial.versions("ResearchSubject", FORDE).contains(row))
    );
    // The trial sees the same of it, and nothing is written twice.
    let shown = trial.newest("Task", "trial");
    assert_eq!(shown["focus"]["reference"], format!("ServiceRequest/{}", second.request));
    assert_eq!(shown["businessStatus"]["coding"][0]["code"], "offered");
    assert_eq!(trial.versions("ResearchSubject", "trial").len(), 2);
    // It follows the patient from there.
    trial.tell(&at(enrolment("e1", "accepted", 3, &first.patient, "c1"), "2019-03-01T10:00:00Z"));
    assert_eq!((trial.stand(&first, FORDE).as_str(), trial.stand(&second, OSLO).as_str()), ("accepted", "accepted"));
    // What it took over comes to its end, whenever that was.
    trial.tell(&at(enrolment("e1", "off-study", 4, &first.patient, "c1"), PAST));
    assert_eq!(trial.stand(&second, OSLO), "off-study");
}

#[test]
fn a_later_referral_is_not_told_how_an_earlier_one_ended() {
    let trial = Trial::start("trial-later-ended");
    let first = trial.referred(1);
    trial.tell(&at(with_history(enrolment("e1", "off-study", 1, &first.patient, "c1")), PAST));
    let second = later(&trial, 2, 1);
    assert_eq!((trial.stand(&first, FORDE).as_str(), trial.stand(&second, OSLO).as_str()), ("off-study", "referred"));
    assert!(trial.versions("ResearchSubject", OSLO).is_empty());
    // The same end told again, with another reason and a later time, is no news of the later referral.
    let mut again = with_history(enrolment("e1", "off-study", 2, &first.patient, "c1"));
    let last = again["extension"].as_array().unwrap().len() - 1;
    again["extension"][last]["extension"][1]["valueCodeableConcept"]["text"] = json!("toxicity");
    trial.tell(&again);
    assert_eq!(trial.newest("Task", FORDE)["statusReason"]["text"], "toxicity");
    assert_eq!(trial.stand(&second, OSLO), "referred");
    // What goes on is.
    trial.tell(&enrolment("e2", "matched", 3, &first.patient, "c2"));
    assert_eq!((trial.stand(&first, FORDE).as_str(), trial.stand(&second, OSLO).as_str()), ("matched", "matched"));
}

#[test]
fn an_old_end_that_is_told_late_is_not_of_a_later_referral() {
    let trial = Trial::start("trial-later-late");
    let first = trial.referred(1);
    trial.tell(&at(screening("p1", "not-prioritised", 1, &first.patient), PAST));
    let second = later(&trial, 2, 1);
    trial.tell(&at(screening("p1", "withdrawn", 2, &first.patient), "2021-01-01T10:00:00Z"));
    assert_eq!((trial.stand(&first, FORDE).as_str(), trial.stand(&second, OSLO).as_str()), ("withdrawn", "referred"));
    // An end since then is.
    trial.tell(&screening("p2", "not-consented", 3, &first.patient));
    assert_eq!(trial.stand(&second, OSLO), "not-consented");
}

#[test]
fn a_patient_who_is_screened_again_is_screened_of_a_later_referral() {
    let trial = Trial::start("trial-later-again");
    let first = trial.referred(1);
    trial.tell(&at(screening("p1", "screening", 1, &first.patient), "2019-01-01T10:00:00Z"));
    trial.tell(&at(with_history(enrolment("e1", "offer-declined", 2, &first.patient, "c1")), PAST));
    let second = later(&trial, 2, 1);
    // The same screening, told again, is of the earlier referral only.
    trial.tell(&at(screening("p1", "screening", 3, &first.patient), "2019-01-01T10:00:00Z"));
    assert_eq!(trial.stand(&second, OSLO), "referred");
    assert!(trial.versions("ResearchSubject", OSLO).is_empty());
    // One that happened since is not.
    let again = screening("p1", "screening", 4, &first.patient);
    trial.tell(&again);
    assert_eq!(
        (trial.stand(&first, FORDE), trial.stand(&second, OSLO)),
        ("screening".to_owned(), "screening".to_owned())
    );
    let stood = trial.state(&second.case)["trial"]["standings"].clone();
    trial.tell(&again);
    trial.tell(&screening("p1", "screening", 5, &first.patient));
    assert_eq!(trial.state(&second.case)["trial"]["standings"], stood);
    // And its end is.
    trial.tell(&screening("p1", "no-match", 6, &first.patient));
    assert_eq!(trial.stand(&second, OSLO), "no-match");
}

#[test]
fn two_referrals_before_the_first_word_are_told_the_same() {
    let trial = Trial::start("trial-later-both");
    let first = trial.referred(1);
    let second = later(&trial, 2, 1);
    // What happened before the referrals came through is told of both: nobody was told of it before.
    trial.tell(&at(screening("p1", "not-consented", 1, &first.patient), PAST));
    let stands = (trial.stand(&first, FORDE), trial.stand(&second, OSLO));
    assert_eq!(stands, ("not-consented".to_owned(), "not-consented".to_owned()));
}

#[test]
fn the_trial_may_reject_a_referral_of_a_patient_whom_it_has() {
    let trial = Trial::start("trial-later-rejected");
    let first = trial.referred(1);
    trial.tell(&at(enrolment("e1", "matched", 1, &first.patient, "c1"), PAST));
    let second = later(&trial, 2, 1);
    trial.tell(&task("t2", "rejected", "2099-01-01T10:00:00Z", &second));
    assert_eq!((trial.stand(&first, FORDE).as_str(), trial.stand(&second, OSLO).as_str()), ("matched", "rejected"));
    // That of which it was told otherwise before, it may not.
    let refused = trial.put(&task("t1", "rejected", "2099-01-01T10:00:00Z", &first));
    assert_eq!((refused.status, refused.code().as_str()), (409, "trial.task-disagrees"));
}

#[test]
fn the_including_site_sees_a_later_referral_too() {
    let trial = Trial::start("trial-later-site");
    let first = trial.referred(1);
    // H is Haukeland in Bergen.
    trial.tell(&named(&first.patient, "IMPR.H-0999"));
    let second = later(&trial, 2, 1);
    let lists = |referred: &Referred| trial.gateway.printed(&["grants", "list", &referred.case]);
    let holds = |referred: &Referred| lists(referred).matches("\tholds").count();
    assert!(lists(&second).contains("bergen") && lists(&second).contains("including-site"), "{}", lists(&second));
    assert_eq!((holds(&first), holds(&second)), (1, 1));
    let journal = trial.gateway.open_journal();
    let query = "SELECT count(*) FROM audit WHERE action = 'grant' AND detail = 'bergen: including-site'";
    assert_eq!(journal.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap(), 2);
    // What an operator ends stays ended when the trial writes the patient again.
    trial.gateway.printed(&["grants", "end", &second.case, "bergen"]);
    let mut again = named(&first.patient, "IMPR.H-0999");
    again["birthDate"] = json!("1958");
    trial.tell(&again);
    assert_eq!((holds(&first), holds(&second)), (1, 0));
    // The site's own referral needs no grant.
    let own = String::from_utf8(Referral::consented(3).of_patient(3).fhir()).unwrap();
    let third = trial.refer(TRUST, own.as_bytes());
    trial.tell(&named(&third.patient, "IMPR.R-0998"));
    let fourth = later(&trial, 4, 3);
    assert_eq!((holds(&third), holds(&fourth)), (1, 0));
}

#[test]
fn a_trust_without_fhir_is_told_where_its_patient_stands() {
    let trial = Trial::start_with("trial-later-told", |_| STATUS.to_owned());
    let text = String::from_utf8(golden("one-patient/ehr-fhir.json")).unwrap();
    let first = trial.refer(OTHER, text.replace(FORDE, OSLO).as_bytes());
    trial.tell(&screening("p1", "screening", 1, &first.patient));
    trial.tell(&enrolment("e1", "offered", 2, &first.patient, "c1"));
    let second = trial.refer_to("/intake/referrals", TRUST, &golden("one-patient/henvisning.xml"));
    assert_eq!((&second.patient, trial.stand(&first, OSLO).as_str()), (&first.patient, "offered"));
    trial.gateway.printed(&["consent", "record", &second.case]);
    // Called in: the first that it is told, with the person whom its referral names.
    assert_eq!(told(&trial), ["1"]);
    let journal = trial.gateway.open_journal();
    let untold = "SELECT count(*) FROM messages WHERE kind = 'status' AND disposition <> 'awaiting-receipt'";
    assert_eq!(journal.query_row(untold, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    trial.tell(&enrolment("e1", "offer-declined", 3, &first.patient, "c1"));
    assert_eq!(told(&trial), ["1", "4"]);
}

#[test]
fn a_later_referral_is_not_given_an_evaluation_of_before() {
    let trial = Trial::start("trial-later-evaluation");
    let first = trial.referred(1);
    trial.tell(&at(enrolment("e1", "offered", 1, &first.patient, "c1"), PAST));
    let second = later(&trial, 2, 1);
    assert_eq!(trial.stand(&second, OSLO), "offered");
    let made = |id: &str, day: &str, response: &str, issued: &str| {
        let mut made = evaluation(id, Some(true), response, issued, &first.patient);
        made["effectiveDateTime"] = json!(day);
        trial.tell(&made);
    };
    let given = |trust: &str| trial.versions("Observation", trust).len();
    made("w16", "2020-02-01", "stable-disease", "2020-02-02T10:00:00Z");
    assert_eq!((given(FORDE), given(OSLO)), (1, 0), "told late, made before");
    let today = norwegian_day(jiff::Timestamp::now()).to_string();
    made("w32", &today, "partial-response", "2020-06-02T10:00:00Z");
    assert_eq!((given(FORDE), given(OSLO)), (2, 1));
    // What is corrected of it comes, too, whatever day it is put to.
    made("w32", "2020-06-01", "complete-response", "2020-06-03T10:00:00Z");
    assert_eq!((given(FORDE), given(OSLO)), (3, 2));
}
