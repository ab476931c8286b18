//! Whether the gateway is ready, and what tells so.

use std::time::Duration;

use super::destination::{Behaviour, Destination};
use super::referral::Referral;
use super::setting::{Gateway, LABORATORY, OPERATOR, TRUST, until};

#[test]
fn a_journal_that_cannot_be_written_makes_the_gateway_unready_and_not_dead() {
    let gateway = Gateway::start("health-locked", &[]);
    assert_eq!(gateway.get("/readyz", "").status, 200);
    let journal = rusqlite::Connection::open(gateway.folder.path().join("journal.sqlite")).unwrap();
    journal.busy_timeout(Duration::from_secs(10)).unwrap();
    journal.execute_batch("BEGIN IMMEDIATE").unwrap();
    let unready = until("it is not ready", || Some(gateway.get("/readyz", "")).filter(|answer| answer.status == 503));
    assert_eq!(unready.json()["journal"], "journal.busy");
    assert_eq!(
        (unready.json()["status"].as_str(), unready.json()["stopping"].as_bool()),
        (Some("not-ready"), Some(false))
    );
    assert_eq!(gateway.get("/healthz", "").status, 200);
    journal.execute_batch("ROLLBACK").unwrap();
    until("it is ready again", || (gateway.get("/readyz", "").status == 200).then_some(()));
}

#[test]
fn a_disk_with_too_little_space_makes_the_gateway_unready_while_it_still_takes_messages() {
    let mut gateway = Gateway::start("health-space", &[]);
    assert_eq!(gateway.terminate(), Some(0));
    // No disk has as much.
    gateway.edit("path = \"journal.sqlite\"", "path = \"journal.sqlite\"\nfree_bytes = 4611686018427387904");
    gateway.run();
    let unready = gateway.get("/readyz", "");
    assert_eq!((unready.status, unready.json()["journal"].as_str()), (503, Some("journal.full")));
    gateway.send(&Referral::new(1).fhir());
}

#[test]
fn a_load_balancer_is_told_of_a_stop_before_the_listener_is_closed() {
    let mut gateway = Gateway::start_with("health-drain", &[], "drain_seconds = 8");
    gateway.tell_to_stop();
    let unready = until("it is not ready", || Some(gateway.get("/readyz", "")).filter(|answer| answer.status == 503));
    assert_eq!(
        (unready.json()["stopping"].as_bool(), unready.json()["journal"].as_str()),
        (Some(true), Some("writable"))
    );
    let refused = gateway.referral(&Referral::new(1).fhir());
    assert_eq!((refused.status, refused.code().as_str()), (503, "service.stopping"));
    assert!(!refused.header("retry-after").is_empty());
    // Whoever asks for a message is still answered.
    assert_eq!(gateway.get("/messages", TRUST).json()["messages"].as_array().unwrap().len(), 0);
    assert_eq!(gateway.wait(), Some(0));
}

#[test]
fn the_numbers_have_every_series_and_are_for_operators() {
    let trial = Destination::start();
    trial.will(&[Behaviour::Status(500)]);
    let gateway = Gateway::start("health-numbers", &[("trial-system", &trial)]);
    let message = gateway.send(&Referral::consented(1).fhir());
    gateway.referral(b"nothing that is known");
    trial.until_stored(1);
    until("it is settled", || (gateway.deliveries(&message).0 == ["delivered"]).then_some(()));
    let numbers = String::from_utf8(gateway.get("/metrics", OPERATOR).body).unwrap();
    for line in [
        "impress_messages_total{kind=\"referral\",channel=\"http\",disposition=\"routed\"} 1",
        "impress_messages_total{kind=\"referral\",channel=\"http\",disposition=\"rejected\"} 1",
        "impress_journal_messages{disposition=\"routed\"} 1",
        "impress_journal_messages{disposition=\"rejected\"} 1",
        "impress_delivery_attempts_total{destination=\"trial-system\",result=\"delivery.failed\"} 1",
        "impress_delivery_attempts_total{destination=\"trial-system\",result=\"delivery.done\"} 1",
        "impress_queue_deliveries{destination=\"trial-system\",state=\"due\"} 0",
        "impress_queue_deliveries{destination=\"trial-system\",state=\"dead\"} 0",
        "impress_queue_oldest_seconds{destination=\"trial-system\",state=\"due\"} 0",
        "impress_delivery_seconds_count{destination=\"trial-system\"} 2",
        "impress_intake_seconds_count{kind=\"referral\"} 2",
    ] {
        assert!(numbers.lines().any(|other| other == line), "{line} in {numbers}");
    }
    for (secret, status) in [("", 401), (TRUST, 403), (LABORATORY, 403)] {
        assert_eq!(gateway.get("/metrics", secret).status, status);
    }
}
