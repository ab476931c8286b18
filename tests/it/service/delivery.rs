//! What arrives at destinations, in which order, and what does not.

use super::destination::{Behaviour, Destination};
use super::referral::Referral;
use super::setting::{Gateway, OPERATOR, TRUST, golden, until};

#[test]
fn a_failing_destination_gets_the_same_delivery_again_until_it_has_it() {
    let trial = Destination::start();
    trial.will(&[
        Behaviour::Status(500),
        Behaviour::Status(503),
        Behaviour::Close,
        Behaviour::Stall,
        Behaviour::EntryMissing,
    ]);
    let gateway = Gateway::start("delivery-again", &[("trial-system", &trial)]);
    let message = gateway.send(&Referral::consented(1).fhir());
    trial.until_stored(1);
    let received = trial.received();
    assert_eq!(received.len(), 6);
    assert!(received.iter().all(|one| one.key == received[0].key && one.body == received[0].body));
    assert!(received.iter().all(|one| one.request == one.key && one.key.starts_with(&message)));
    let settled = until("the delivery is settled", || {
        let (states, codes) = gateway.deliveries(&message);
        (states == ["delivered"]).then_some(codes)
    });
    assert_eq!(
        settled,
        [
            "delivery.failed",
            "delivery.throttled",
            "delivery.unreachable",
            "delivery.unreachable",
            "delivery.response-invalid",
            "delivery.done"
        ]
    );
}

#[test]
fn what_the_disk_has_changed_is_not_sent() {
    let trial = Destination::start();
    trial.will(&[Behaviour::Status(500), Behaviour::Status(500), Behaviour::Status(500), Behaviour::Status(500)]);
    let gateway = Gateway::start("delivery-damaged", &[("trial-system", &trial)]);
    let message = gateway.send(&Referral::consented(1).fhir());
    until("a first attempt", || (!gateway.deliveries(&message).1.is_empty()).then_some(()));
    let change = "UPDATE deliveries SET body = replace(body, 'C61', 'C62')";
    assert_eq!(gateway.open_journal().execute(change, []).unwrap(), 1);
    let codes = until("a dead letter", || {
        let (states, codes) = gateway.deliveries(&message);
        (states == ["dead"]).then_some(codes)
    });
    assert_eq!(codes.last().unwrap(), "journal.damaged");
    assert!(trial.received().iter().all(|one| one.body == trial.received()[0].body));
    assert!(trial.stored().is_empty());
}

#[test]
fn a_refused_delivery_holds_its_own_patient_until_a_person_sends_it_again() {
    let trial = Destination::start();
    trial.will(&[Behaviour::Status(422)]);
    let gateway = Gateway::start("delivery-dead", &[("trial-system", &trial)]);
    let refused = gateway.send(&Referral::consented(1).fhir());
    until("a dead letter", || gateway.printed(&["dead-letters"]).contains(&refused).then_some(()));
    assert_eq!(gateway.deliveries(&refused), (vec!["dead".to_owned()], vec!["delivery.refused".to_owned()]));
    // Another referral of the patient waits, one of another patient does not.
    let next = gateway.send(&Referral::consented(2).of_patient(1).fhir());
    let other = gateway.send(&Referral::consented(3).fhir());
    assert!(trial.until_stored(1)[0].key.starts_with(&other));
    assert_eq!(gateway.deliveries(&next), (vec!["due".to_owned()], Vec::new()));
    assert!(gateway.printed(&["replay", "--dry-run"]).starts_with("1 dead letters would be"));
    assert!(gateway.printed(&["replay", "--source", "993467049"]).starts_with("0 dead letters are due"));
    assert!(gateway.printed(&["replay", "--source", "983974732"]).starts_with("1 dead letters are due"));
    let stored = trial.until_stored(3);
    assert!(stored[1].key == trial.received()[0].key && stored[2].key.starts_with(&next));
    assert!(gateway.printed(&["dead-letters"]).is_empty());
    // What a person did is audited.
    let audit = gateway.message(&refused)["audit"].clone();
    assert!(audit.as_array().unwrap().iter().any(|row| row["action"] == "replay" && row["role"] == "operator"));
}

#[test]
fn an_entry_that_was_not_stored_is_tried_again_or_a_dead_letter_by_its_status() {
    let trial = Destination::start();
    trial.will(&[Behaviour::Entry("503 Unavailable"), Behaviour::Entry("409 Conflict"), Behaviour::Entry("422")]);
    let gateway = Gateway::start("delivery-entry", &[("trial-system", &trial)]);
    let message = gateway.send(&Referral::consented(1).fhir());
    until("a dead letter", || gateway.printed(&["dead-letters"]).contains("delivery.entry-refused").then_some(()));
    let (_, codes) = gateway.deliveries(&message);
    assert_eq!(codes, ["delivery.throttled", "delivery.failed", "delivery.entry-refused"]);
    // What the destination said is kept for an operator, and shown to nobody else.
    let answers = |secret: &str| {
        let message = gateway.get(&format!("/messages/{message}"), secret).json();
        message["deliveries"][0]["attempts"][2]["answer"].as_str().map(str::to_owned)
    };
    assert!(answers(OPERATOR).unwrap().contains("422"));
    assert_eq!(answers(TRUST), None);
}

#[test]
fn a_newer_version_takes_the_place_of_a_dead_letter() {
    let trial = Destination::start();
    trial.will(&[Behaviour::Status(422)]);
    let gateway = Gateway::start("delivery-superseded", &[("trial-system", &trial)]);
    let first = gateway.send(&Referral::consented(1).fhir());
    until("a dead letter", || gateway.printed(&["dead-letters"]).contains(&first).then_some(()));
    let change = Referral::consented(1).priority("urgent").changed(2, "2026-03-02T10:00:00+01:00");
    let second = gateway.send(&change.fhir());
    let stored = trial.until_stored(1);
    assert!(stored[0].key.starts_with(&second) && stored[0].body.contains("\"urgent\""));
    assert_eq!(gateway.deliveries(&first).0, ["superseded"]);
    assert!(gateway.printed(&["dead-letters"]).is_empty());
}

#[test]
fn what_a_destination_asks_for_is_cut_to_the_longest_wait() {
    let trial = Destination::start();
    trial.will(&[Behaviour::ComeBack("86400"), Behaviour::ComeBack("0")]);
    let gateway = Gateway::start("delivery-after", &[("trial-system", &trial)]);
    let message = gateway.send(&Referral::consented(1).fhir());
    trial.until_stored(1);
    let received = trial.received();
    assert_eq!(received.len(), 3);
    // A day is cut to the longest wait, and none at all is lengthened to the first one: both are a second here.
    for pair in received.windows(2) {
        let wait = pair[1].at.duration_since(pair[0].at).as_millis();
        assert!(wait >= 900, "{wait} ms");
    }
    assert_eq!(gateway.deliveries(&message).1[..2], ["delivery.throttled", "delivery.throttled"]);
}

#[test]
fn what_was_answered_is_there_and_delivered_after_the_process_was_killed() {
    let trial = Destination::start();
    trial.will(&[Behaviour::Status(500); 2]);
    let mut gateway = Gateway::start("delivery-killed", &[("trial-system", &trial)]);
    let parked = gateway.send(&golden("henvisning/videre-change/input.xml"));
    let message = gateway.send(&Referral::consented(9).fhir());
    gateway.kill();
    gateway.run();
    trial.until_stored(1);
    gateway.until_disposition(&message, "routed");
    gateway.until_disposition(&parked, "parked");
    gateway.send(&golden("henvisning/videre-new/input.xml"));
    gateway.until_disposition(&parked, "awaiting-consent");
    assert_eq!(gateway.terminate(), Some(0));
}

#[test]
fn a_backup_that_is_made_while_it_serves_is_a_journal() {
    let trial = Destination::start();
    let mut gateway = Gateway::start("delivery-backup", &[("trial-system", &trial)]);
    let message = gateway.send(&Referral::consented(1).fhir());
    let copy = gateway.folder.path().join("copy.sqlite");
    gateway.printed(&["backup", copy.to_str().unwrap()]);
    gateway.kill();
    let config = gateway.folder.path().join("gateway.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("journal.sqlite", "copy.sqlite")).unwrap();
    gateway.run();
    assert_eq!(gateway.get(&format!("/messages/{message}"), TRUST).status, 200);
}
