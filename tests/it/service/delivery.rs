//! What arrives at destinations, in which order, and what does not.

use serde_json::Value;

use super::setting::{Behaviour, Destination, Gateway, TRUST, golden, until};

/// The golden referral with a consent of the patient; another referral, and another message, for each `number`.
fn consented(number: u32) -> Vec<u8> {
    let mut bundle: Value = serde_json::from_slice(&golden("one-patient/ehr-fhir.json")).unwrap();
    let message: Value = serde_json::from_slice(&golden("ehr-fhir/message-new/input.json")).unwrap();
    let consent = message["entry"].as_array().unwrap().iter().find(|it| it["resource"]["resourceType"] == "Consent");
    let mut consent = consent.unwrap().clone();
    let entries = bundle["entry"].as_array_mut().unwrap();
    let patient = entries.iter().find(|it| it["resource"]["resourceType"] == "Patient").unwrap()["fullUrl"].clone();
    consent["resource"]["patient"]["reference"] = patient;
    consent["request"] = serde_json::json!({"method": "POST", "url": "Consent"});
    for entry in entries.iter_mut().filter(|it| it["resource"]["resourceType"] == "ServiceRequest") {
        let id = format!("urn:uuid:b0005cb0-0000-4000-8000-{number:012}");
        entry["resource"]["identifier"][0]["value"] = Value::from(id);
    }
    entries.push(consent);
    bundle["identifier"]["value"] = Value::from(format!("urn:uuid:0f000001-0000-4000-8000-{number:012}"));
    bundle.to_string().into_bytes()
}

fn send(gateway: &Gateway, body: &[u8]) -> String {
    let answer = gateway.referral(body);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.header("x-message-id").to_owned()
}

/// Codes of the attempts of a message, oldest first.
fn codes(gateway: &Gateway, message: &str) -> Vec<String> {
    let message = gateway.message(message);
    let attempts = message["deliveries"][0]["attempts"].as_array().unwrap().clone();
    attempts.iter().map(|attempt| attempt["code"].as_str().unwrap().to_owned()).collect()
}

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
    let message = send(&gateway, &consented(1));
    trial.until_stored(1);
    let received = trial.received();
    assert_eq!(received.len(), 6);
    assert!(received.iter().all(|one| one.key == received[0].key && one.body == received[0].body));
    let settled = until("the delivery is settled", || {
        let codes = codes(&gateway, &message);
        (codes.last().map(String::as_str) == Some("delivery.done")).then_some(codes)
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
fn a_refused_delivery_holds_its_own_patient_until_a_person_sends_it_again() {
    let trial = Destination::start();
    trial.will(&[Behaviour::Status(422)]);
    let gateway = Gateway::start("delivery-dead", &[("trial-system", &trial)]);
    let message = send(&gateway, &consented(1));
    until("a dead letter", || (!gateway.printed(&["dead-letters"]).is_empty()).then_some(()));
    assert_eq!(codes(&gateway, &message), ["delivery.refused"]);
    send(&gateway, &consented(2));
    // Another patient, another number (synthetic, month + 80).
    let other = String::from_utf8(consented(3)).unwrap().replace("05898597468", "05898597469");
    let other_answer = gateway.referral(other.as_bytes());
    let expected = if other_answer.status == 200 { 1 } else { 0 };
    trial.until_stored(expected);
    assert_eq!(trial.received().iter().filter(|one| one.stored).count(), expected, "the patient's next one waits");
    assert!(gateway.printed(&["replay", "--dry-run"]).starts_with("1 dead letters would be"));
    assert!(gateway.printed(&["replay"]).starts_with("1 dead letters are due"));
    let stored = trial.until_stored(expected + 2);
    let first = trial.received()[0].key.clone();
    let of_patient: Vec<&str> =
        stored.iter().map(|one| one.key.as_str()).filter(|key| key.starts_with(&message)).collect();
    assert_eq!(of_patient, [first.as_str()], "the one that was refused, again");
}

#[test]
fn an_entry_that_was_not_stored_is_a_dead_letter() {
    let trial = Destination::start();
    trial.will(&[Behaviour::EntryRefused]);
    let gateway = Gateway::start("delivery-entry", &[("trial-system", &trial)]);
    let message = send(&gateway, &consented(1));
    until("a dead letter", || gateway.printed(&["dead-letters"]).contains("delivery.entry-refused").then_some(()));
    assert_eq!(codes(&gateway, &message), ["delivery.entry-refused"]);
}

#[test]
fn nothing_goes_to_the_trial_before_the_consent_and_nothing_after_the_withdrawal() {
    let trial = Destination::start();
    let gateway = Gateway::start("delivery-consent", &[("trial-system", &trial)]);
    let message = send(&gateway, &golden("henvisning/videre-new/input.xml"));
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
    let message = send(&gateway, &consented(1));
    until("an attempt", || (!trial.received().is_empty()).then_some(()));
    let case = gateway.message(&message)["case"].as_str().unwrap().to_owned();
    gateway.printed(&["consent", "withdraw", &case]);
    let stored = trial.until_stored(1);
    assert!(stored.iter().all(|one| one.body.contains("\"status\":\"revoked\"")), "only the stop");
}

#[test]
fn what_was_answered_is_there_and_delivered_after_the_process_was_killed() {
    let trial = Destination::start();
    trial.will(&[Behaviour::Status(500); 2]);
    let mut gateway = Gateway::start("delivery-killed", &[("trial-system", &trial)]);
    let parked = send(&gateway, &golden("henvisning/videre-change/input.xml"));
    let message = send(&gateway, &consented(9));
    gateway.kill();
    gateway.run();
    trial.until_stored(1);
    gateway.until_disposition(&message, "routed");
    gateway.until_disposition(&parked, "parked");
    send(&gateway, &golden("henvisning/videre-new/input.xml"));
    gateway.until_disposition(&parked, "awaiting-consent");
    assert_eq!(gateway.terminate(), Some(0));
}

#[test]
fn a_backup_that_is_made_while_it_serves_is_a_journal() {
    let trial = Destination::start();
    let mut gateway = Gateway::start("delivery-backup", &[("trial-system", &trial)]);
    let message = send(&gateway, &consented(1));
    let copy = gateway.folder.path().join("copy.sqlite");
    gateway.printed(&["backup", copy.to_str().unwrap()]);
    gateway.kill();
    let config = gateway.folder.path().join("gateway.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("journal.sqlite", "copy.sqlite")).unwrap();
    gateway.run();
    assert_eq!(gateway.get(&format!("/messages/{message}"), TRUST).status, 200);
}
