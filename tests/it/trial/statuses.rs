//! A trust without FHIR is told what the trial decides.

use super::setting::{Trial, enrolment, screening, with_history};
use crate::service::setting::{TRUST, golden, until};

pub(super) const STATUS: &str = "[status]\nname = \"Oslo universitetssykehus HF\"\nher_id = \"90011\"\n\
     service_name = \"Onkologi, OUS\"\nservice_her_id = \"90012\"\ncontact_family_name = \"Øyen\"\n\
     contact_given_name = \"Per\"\ncontact_hpr_number = \"222200068\"\ncontact_telephone = \"+4700000002\"\n\
     [[destination]]\nname = \"forde-xml\"\nkind = \"status-xml\"\ntrust = \"forde\"\n\
     url = \"http://127.0.0.1:9/in\"\ntimeout_seconds = 2\n";

/// Codes of the statuses (code list 9148), oldest first.
pub(super) fn told(trial: &Trial) -> Vec<String> {
    let journal = trial.gateway.open_journal();
    let mut query =
        journal.prepare("SELECT body FROM deliveries WHERE destination = 'forde-xml' ORDER BY sequence").unwrap();
    let bodies = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
    bodies.map(|body| body.unwrap().split("<TemaKodet V=\"").nth(1).unwrap()[..1].to_owned()).collect()
}

#[test]
fn workflow_16_a_trust_without_fhir_is_told_each_new_state() {
    let trial = Trial::start_with("trial-status", |_| STATUS.to_owned());
    let referred = trial.refer_to("/intake/referrals", TRUST, &golden("one-patient/henvisning.xml"));
    assert!(told(&trial).is_empty(), "the receipt says that the referral was taken");
    trial.tell(&screening("p1", "screening", 1, &referred.patient));
    trial.tell(&enrolment("e1", "matched", 2, &referred.patient, "c1"));
    trial.tell(&enrolment("e1", "offered", 3, &referred.patient, "c1"));
    // Neither a repetition nor what comes late.
    trial.put(&enrolment("e1", "offered", 3, &referred.patient, "c1"));
    trial.put(&enrolment("e1", "matched", 2, &referred.patient, "c2"));
    trial.tell(&enrolment("e1", "offer-declined", 4, &referred.patient, "c1"));
    until("the statuses", || (told(&trial).len() >= 4).then_some(()));
    // Taken up, twice; called in; the trial does not take the patient.
    assert_eq!(told(&trial), ["2", "2", "1", "4"]);
}

/// The text of the newest status.
fn text(trial: &Trial) -> String {
    let sql = "SELECT body FROM deliveries WHERE destination = 'forde-xml' ORDER BY sequence DESC LIMIT 1";
    trial.gateway.open_journal().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn who_leaves_the_study_is_told_by_whether_there_was_treatment() {
    let never = "uten å ha fått behandling";
    // Called in, then off study before treatment: not taken after all.
    let trial = Trial::start_with("trial-status-untreated", |_| STATUS.to_owned());
    let referred = trial.refer_to("/intake/referrals", TRUST, &golden("one-patient/henvisning.xml"));
    trial.tell(&with_history(enrolment("e1", "accepted", 1, &referred.patient, "c1")));
    trial.tell(&enrolment("e1", "off-study", 2, &referred.patient, "c1"));
    assert_eq!(told(&trial), ["1", "4"]);
    assert!(text(&trial).contains(never), "{}", text(&trial));
    // Treated, and off study, as the state says.
    let trial = Trial::start_with("trial-status-treated", |_| STATUS.to_owned());
    let referred = trial.refer_to("/intake/referrals", TRUST, &golden("one-patient/henvisning.xml"));
    trial.tell(&with_history(enrolment("e1", "on-treatment", 1, &referred.patient, "c1")));
    trial.tell(&enrolment("e1", "off-study", 2, &referred.patient, "c1"));
    assert_eq!(told(&trial), ["1", "1"]);
    assert!(!text(&trial).contains(never), "{}", text(&trial));
    // As the history says, and the parent study after it.
    let trial = Trial::start_with("trial-status-history", |_| STATUS.to_owned());
    let referred = trial.refer_to("/intake/referrals", TRUST, &golden("one-patient/henvisning.xml"));
    trial.tell(&with_history(enrolment("e1", "off-study", 1, &referred.patient, "c1")));
    trial.tell(&screening("p1", "screening", 2, &referred.patient));
    trial.tell(&screening("p1", "off-study", 3, &referred.patient));
    assert_eq!(told(&trial), ["1", "2", "1"]);
}
