//! Nothing of a person goes to the trial without the consent, and nothing more after it was withdrawn.

use super::destination::{Behaviour, Destination};
use super::referral::Referral;
use super::setting::{Gateway, golden, until};

#[test]
fn nothing_goes_to_the_trial_before_the_consent_and_nothing_after_the_withdrawal() {
    let trial = Destination::start();
    let gateway = Gateway::start("delivery-consent", &[("trial-system", &trial)]);
    let message = gateway.send(&golden("henvisning/videre-new/input.xml"));
    gateway.until_disposition(&message, "awaiting-consent");
    let case = gateway.message(&message)["case"].as_str().unwrap().to_owned();
    assert!(trial.received().is_empty());
    assert!(gateway.printed(&["consent", "show", &case]).contains("unknown"));
    gateway.printed(&["consent", "record", &case]);
    let sent = trial.until_stored(1);
    for personal in ["05898597468", "Ærlig", "Øvregata", "+4700000001", "Utvidet", "0f000001", "b0005cb0", "222200068"]
    {
        assert!(!sent[0].body.contains(personal), "{personal}");
    }
    gateway.printed(&["consent", "withdraw", &case]);
    let stop = trial.until_stored(2);
    assert!(stop[1].body.contains("\"status\":\"revoked\""));
    assert!(gateway.printed(&["consent", "show", &case]).contains("withdrawn"));
}

#[test]
fn a_withdrawal_overtakes_what_a_destination_that_is_down_has_not_got() {
    let trial = Destination::start();
    trial.will(&[Behaviour::Status(500); 3]);
    let gateway = Gateway::start("delivery-withdrawn", &[("trial-system", &trial)]);
    let message = gateway.send(&Referral::consented(1).fhir());
    until("an attempt", || (!trial.received().is_empty()).then_some(()));
    let case = gateway.message(&message)["case"].as_str().unwrap().to_owned();
    gateway.printed(&["consent", "withdraw", &case]);
    let stored = trial.until_stored(1);
    assert!(stored.iter().all(|one| one.body.contains("\"status\":\"revoked\"")), "only the stop");
}

#[test]
fn a_withdrawal_before_anything_was_sent_sends_nothing_until_a_person_lifts_it() {
    let trial = Destination::start();
    let gateway = Gateway::start("consent-early", &[("trial-system", &trial)]);
    let first = gateway.send(&Referral::new(1).fhir());
    gateway.until_disposition(&first, "awaiting-consent");
    let case = gateway.case(&first);
    gateway.printed(&["consent", "withdraw", &case]);
    gateway.until_disposition(&first, "consent-refused");
    // A message that was on its way meanwhile does not bring the patient back.
    let late = gateway.send(&Referral::consented(1).changed(2, "2026-03-02T10:00:00+01:00").fhir());
    gateway.until_disposition(&late, "consent-refused");
    gateway.printed(&["consent", "record", &case]);
    gateway.until_disposition(&late, "routed");
    let stored = trial.until_stored(1);
    // Neither the first version nor a stop of what was never sent came before.
    assert!(stored.len() == 1 && stored[0].key.starts_with(&late));
    assert!(stored[0].body.contains("\"status\":\"active\""));
    let unknown = gateway.command(&["consent", "record", "referral/00000000-0000-8000-8000-000000000000"]);
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("request.not-found"));
}

#[test]
fn a_withdrawal_in_a_message_stops_the_trial_and_a_later_message_does_not_lift_it() {
    let trial = Destination::start();
    let gateway = Gateway::start("consent-message", &[("trial-system", &trial)]);
    let first = gateway.send(&Referral::consented(1).fhir());
    trial.until_stored(1);
    let withdrawn = Referral::new(1).consent("inactive").changed(2, "2026-03-02T10:00:00+01:00");
    let second = gateway.send(&withdrawn.fhir());
    let stop = trial.until_stored(2);
    assert!(stop[1].key.starts_with(&second) && stop[1].body.contains("\"status\":\"revoked\""));
    let lifted = Referral::consented(1).priority("urgent").changed(3, "2026-03-03T10:00:00+01:00");
    let third = gateway.send(&lifted.fhir());
    gateway.until_disposition(&third, "consent-refused");
    // Another patient's goes, and was decided after it: nothing of the first one is on its way.
    gateway.send(&Referral::consented(4).fhir());
    let stored = trial.until_stored(3);
    assert!(!stored.iter().any(|one| one.key.starts_with(&third)));
    assert_eq!(gateway.deliveries(&first).0, ["delivered"]);
}

#[test]
fn a_withdrawal_cancels_what_a_destination_has_not_answered() {
    let trial = Destination::start();
    trial.always(&[("\"status\":\"revoked\"", Behaviour::Status(200)), ("", Behaviour::Stall)]);
    let gateway = Gateway::start("consent-flight", &[("trial-system", &trial)]);
    let message = gateway.send(&Referral::consented(1).fhir());
    trial.until_received(&message);
    gateway.printed(&["consent", "withdraw", &gateway.case(&message)]);
    let stop = trial.until_stored(1);
    assert!(stop[0].body.contains("\"status\":\"revoked\""));
    let states = until("both are settled", || {
        let (states, _) = gateway.deliveries(&message);
        (!states.iter().any(|state| state == "due" || state == "leased")).then_some(states)
    });
    assert_eq!(states, ["cancelled", "delivered"]);
    // Nothing comes after the stop.
    let received = trial.received();
    assert!(received.last().unwrap().stored, "{received:?}");
}

#[test]
fn a_consent_that_goes_before_the_attempt_is_told_with_the_delivery() {
    let trial = Destination::start();
    trial.always(&[("", Behaviour::Status(500))]);
    let gateway = Gateway::start("consent-gone", &[("trial-system", &trial)]);
    let message = gateway.send(&Referral::consented(1).fhir());
    trial.until_received(&message);
    let case = gateway.case(&message);
    // As a node that has read the case before would do: the consent is gone, and the delivery still due.
    let journal = rusqlite::Connection::open(gateway.folder.path().join("journal.sqlite")).unwrap();
    journal.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    let changed = journal.execute(
        "UPDATE cases SET state = replace(state, '\"state\":\"given\"', '\"state\":\"withdrawn\"') WHERE case_key = ?1",
        [&case],
    );
    assert_eq!(changed, Ok(1));
    let codes = until("the delivery is cancelled", || {
        let (states, codes) = gateway.deliveries(&message);
        (states == ["cancelled"]).then_some(codes)
    });
    assert_eq!(codes.last().map(String::as_str), Some("delivery.consent-gone"));
    assert_eq!(trial.received().len(), codes.len() - 1);
}

/// What of the golden referrals says who the patient, the doctor or the message is.
const PERSONAL: &[&str] = &[
    "05898597468",
    "\"Ås\"",
    "Ærlig",
    "\"Bø\"",
    "Øvregata",
    "\"6800\"",
    "4700000001",
    "4700000002",
    "1985-09-05",
    "19850905",
    "Øyen",
    "222200068",
    "0f000001",
    "b0005cb0",
    "0f1e0000",
    "H-2026-17",
    "G0100",
    "JVBERi0",
    "Patologisvar",
    "Utvidet",
];

#[test]
fn the_trial_gets_nothing_that_says_who_the_patient_is() {
    for (name, path, is_consented) in [
        ("fhir", "ehr-fhir/message-new/input.json", true),
        ("fhir-attachment", "one-patient/ehr-fhir.json", false),
        ("henvisning", "one-patient/henvisning.xml", false),
        ("hl7v2", "one-patient/hl7v2.hl7", false),
    ] {
        let input = String::from_utf8(golden(path)).unwrap();
        let fed: Vec<&&str> = PERSONAL.iter().filter(|value| input.contains(value.trim_matches('"'))).collect();
        assert!(fed.len() >= 8, "{name} has {fed:?}");
        let trial = Destination::start();
        let gateway = Gateway::start(&format!("consent-face-{name}"), &[("trial-system", &trial)]);
        let message = gateway.send(input.as_bytes());
        if !is_consented {
            gateway.printed(&["consent", "record", &gateway.case(&message)]);
        }
        let sent = trial.until_stored(1);
        gateway.printed(&["consent", "withdraw", &gateway.case(&message)]);
        let stop = trial.until_stored(2);
        let shown = gateway.message(&message).to_string();
        let numbers = String::from_utf8(gateway.get("/metrics", super::setting::OPERATOR).body).unwrap();
        for value in PERSONAL {
            for (place, text) in [("delivery", &sent[0].body), ("stop", &stop[1].body), ("metrics", &numbers)] {
                assert!(!text.contains(value), "{name}: {value} in the {place}: {text}");
            }
        }
        for (place, text) in [("log", gateway.log()), ("message", shown)] {
            for value in ["05898597468", "Ærlig", "Øvregata", "4700000001", "1985-09-05"] {
                assert!(!text.contains(value), "{name}: {value} in the {place}");
            }
        }
    }
}
