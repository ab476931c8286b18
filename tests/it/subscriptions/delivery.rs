//! Handshakes, order, numbers, error and return, restarts.

use serde_json::{Value, json};

use super::setting::{Scene, assert_valid, focuses, numbers, parameter, subscription, with_number};
use crate::service::setting::{TRUST, until};

#[test]
fn after_the_handshake_events_come_in_order_whatever_the_endpoint_answers() {
    let scene = Scene::start("subscription-order");
    let mut asked =
        with_number(subscription(Some(&scene.forde), "id-only"), "backport-max-count", "valuePositiveInt", 1);
    asked["channel"]["header"] = json!(["Authorization: Bearer very-secret-word"]);
    let id = scene.subscribe(TRUST, &asked);
    scene.until_status(&id, "active");
    scene.forde.will(&[500, 0, 503, 200, 404]);
    for number in 1..=3 {
        scene.refer(number);
    }
    scene.forde.until_taken(&[1, 2, 3]);
    let received = scene.forde.received();
    assert_eq!(received[0].occasion(), "handshake");
    assert_eq!(parameter(&received[0].bundle, "status", "valueCode"), "requested");
    assert_eq!(parameter(&received[0].bundle, "events-since-subscription-start", "valueString"), "0");
    // What failed comes again, and nothing before it was taken.
    let all: Vec<i64> = received.iter().flat_map(|one| one.numbers()).collect();
    assert_eq!(all, [1, 1, 1, 1, 2, 2, 3]);
    for one in &received {
        assert_valid(&one.bundle);
        assert_eq!(one.headers["content-type"], "application/fhir+json");
        assert_eq!(one.headers["authorization"], "Bearer very-secret-word");
    }
    let last = &received[6].bundle;
    assert_eq!(
        (received[6].occasion().as_str(), parameter(last, "status", "valueCode").as_str()),
        ("event-notification", "active")
    );
    let focus = focuses(last)[0].clone().unwrap();
    assert!(focus.contains("/fhir/Task/") && last["entry"][1]["fullUrl"] == focus.as_str(), "{last}");
    assert_eq!(last["entry"][1]["resource"], Value::Null);
    until("the last is settled", || (scene.status(&id) == ("active".to_owned(), "3".to_owned())).then_some(()));
    // The secret is shown to nobody.
    let shown = scene.gateway.get(&format!("/fhir/Subscription/{id}"), TRUST).json();
    assert_eq!(shown["channel"]["header"], json!(["authorization: [redacted]"]));
    assert!(!scene.gateway.log().contains("very-secret-word"));
    // Each that was delivered is in the audit trail, with its patient.
    let count: i64 = scene
        .gateway
        .open_journal()
        .query_row(
            "SELECT COUNT(DISTINCT patient) FROM audit WHERE action = 'deliver' AND outcome = 'success' \
             AND organisation = '983974732' AND role = 'destination'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(count, 3);
}

#[test]
fn who_does_not_answer_the_handshake_is_in_error_until_it_asks_again() {
    let scene = Scene::start("subscription-handshake");
    scene.forde.will(&[500]);
    let asked = subscription(Some(&scene.forde), "id-only");
    let id = scene.subscribe(TRUST, &asked);
    scene.until_status(&id, "error");
    // Counted all the same, and not sent.
    scene.refer(1);
    until("it is counted", || (scene.status(&id) == ("error".to_owned(), "1".to_owned())).then_some(()));
    let shown = scene.gateway.get(&format!("/fhir/Subscription/{id}"), TRUST).json();
    assert_eq!((shown["status"].as_str(), shown["error"].as_str()), (Some("error"), Some("delivery.failed")));
    assert_eq!(scene.put(TRUST, &id, &asked).status, 200);
    scene.until_status(&id, "active");
    scene.refer(2);
    scene.forde.until_taken(&[2]);
    let received = scene.forde.received();
    assert_eq!(
        received.iter().map(super::setting::Received::occasion).collect::<Vec<_>>(),
        ["handshake", "handshake", "event-notification"]
    );
    assert_eq!(parameter(&received[1].bundle, "events-since-subscription-start", "valueString"), "1");
    // What was missed is asked for.
    assert_eq!(numbers(&scene.events(&id, "?eventsSinceNumber=1&eventsUntilNumber=1")), [1]);
}

#[test]
fn after_the_last_attempt_it_is_in_error_and_stays_so_over_a_restart() {
    let mut scene = Scene::start("subscription-error");
    let asked = subscription(Some(&scene.forde), "id-only");
    let id = scene.subscribe(TRUST, &asked);
    scene.until_status(&id, "active");
    scene.forde.always(503);
    scene.refer(1);
    scene.until_status(&id, "error");
    let attempts = |scene: &Scene| scene.forde.received().iter().filter(|one| one.numbers() == [1]).count();
    assert_eq!(attempts(&scene), 4);
    scene.forde.always(200);
    scene.gateway.kill();
    scene.gateway.run();
    scene.refer(2);
    until("it is counted", || (scene.status(&id) == ("error".to_owned(), "2".to_owned())).then_some(()));
    assert_eq!((attempts(&scene), scene.forde.taken()), (4, Vec::new()));
    assert_eq!(scene.put(TRUST, &id, &asked).status, 200);
    scene.until_status(&id, "active");
    scene.refer(3);
    scene.forde.until_taken(&[3]);
    assert_eq!(numbers(&scene.events(&id, "?eventsSinceNumber=1")), [1, 2, 3]);
}

#[test]
fn what_can_never_be_read_ends_in_error_and_nothing_is_sent() {
    let scene = Scene::start("subscription-unreadable");
    let asked = subscription(Some(&scene.forde), "full-resource");
    let id = scene.subscribe(TRUST, &asked);
    scene.until_status(&id, "active");
    let journal = scene.gateway.open_journal();
    // Held by another node, until the resource cannot be read.
    let held = (jiff::Timestamp::now() + jiff::SignedDuration::from_secs(60)).as_millisecond();
    journal.execute("UPDATE subscriptions SET lease = 'other', lease_until = ?1", [held]).unwrap();
    scene.refer(1);
    until("it is counted", || (scene.status(&id).1 == "1").then_some(()));
    assert_eq!(journal.execute("UPDATE resources SET json = '[]' WHERE kind = 'Task'", []).unwrap(), 1);
    journal.execute("UPDATE subscriptions SET lease = NULL, lease_until = 0", []).unwrap();
    scene.until_status(&id, "error");
    let attempts: i64 = journal.query_row("SELECT attempts FROM subscriptions", [], |row| row.get(0)).unwrap();
    assert_eq!(attempts, 4);
    let shown = scene.gateway.get(&format!("/fhir/Subscription/{id}"), TRUST).json();
    assert_eq!((shown["status"].as_str(), shown["error"].as_str()), (Some("error"), Some("journal.damaged")));
    let occasions =
        |scene: &Scene| scene.forde.received().iter().map(super::setting::Received::occasion).collect::<Vec<_>>();
    assert_eq!(occasions(&scene), ["handshake"]);
    // That it was given up is in the audit trail.
    let given_up =
        "SELECT COUNT(*) FROM audit WHERE action = 'deliver' AND outcome = 'failed' AND role = 'destination'";
    assert_eq!(journal.query_row(given_up, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    // What can be read is told when it is asked for again.
    assert_eq!(scene.put(TRUST, &id, &asked).status, 200);
    scene.until_status(&id, "active");
    scene.refer(2);
    scene.forde.until_taken(&[2]);
}

#[test]
fn what_was_not_delivered_is_delivered_after_a_restart() {
    let mut scene = Scene::start("subscription-restart");
    let id = scene.subscribe(TRUST, &subscription(Some(&scene.forde), "full-resource"));
    scene.until_status(&id, "active");
    scene.forde.always(0);
    scene.refer(1);
    until("an attempt", || scene.forde.received().iter().any(|one| one.numbers() == [1]).then_some(()));
    scene.refer(2);
    scene.gateway.kill();
    scene.forde.always(200);
    // The lease of who was killed would hold it for a while.
    scene.gateway.open_journal().execute("UPDATE subscriptions SET lease_until = 0", []).unwrap();
    scene.gateway.run();
    scene.forde.until_taken(&[1, 2]);
    let bundle = scene.forde.received().pop().unwrap().bundle;
    assert_valid(&bundle);
    let task = &bundle["entry"][1]["resource"];
    assert_eq!((task["resourceType"].as_str(), task["meta"]["versionId"].as_str()), (Some("Task"), Some("1")));
}

#[test]
fn at_start_subscribers_see_what_their_organisations_see_today() {
    let mut scene = Scene::start("subscription-merged");
    let id = scene.subscribe(TRUST, &subscription(Some(&scene.forde), "id-only"));
    scene.until_status(&id, "active");
    scene.gateway.kill();
    // As of a day on which it had another number.
    let journal = scene.gateway.open_journal();
    journal.execute("UPDATE subscriptions SET owners = '[\"983971636\"]', lease_until = 0", []).unwrap();
    scene.gateway.run();
    scene.refer(1);
    scene.forde.until_taken(&[1]);
}

#[test]
fn a_dead_endpoint_delays_no_other() {
    let scene = Scene::start("subscription-dead");
    let dead = scene.subscribe(TRUST, &subscription(Some(&scene.forde), "id-only"));
    scene.until_status(&dead, "active");
    let pulled = scene.subscribe(TRUST, &subscription(None, "id-only"));
    let other = scene.subscribe(crate::service::setting::OTHER, &subscription(Some(&scene.oslo), "empty"));
    assert_ne!(other, pulled);
    scene.forde.always(503);
    for number in 1..=3 {
        scene.refer(number);
        scene.refer_of_oslo(10 + number);
    }
    scene.oslo.until_taken(&[1, 2, 3]);
    // Of an empty notification only numbers are told.
    for one in scene.oslo.received() {
        assert_valid(&one.bundle);
        assert_eq!(one.bundle["entry"].as_array().unwrap().len(), 1);
        assert!(focuses(&one.bundle).iter().all(Option::is_none));
    }
    assert_eq!(numbers(&scene.events(&pulled, "")), [1, 2, 3]);
}

#[test]
fn a_sign_of_life_is_sent_when_nothing_else_is() {
    let scene = Scene::start("subscription-heartbeat");
    let asked =
        with_number(subscription(Some(&scene.forde), "id-only"), "backport-heartbeat-period", "valueUnsignedInt", 1);
    scene.subscribe(TRUST, &asked);
    let beat = until("a sign of life", || scene.forde.received().into_iter().find(|one| one.occasion() == "heartbeat"));
    assert_valid(&beat.bundle);
    assert_eq!((beat.numbers(), parameter(&beat.bundle, "status", "valueCode")), (Vec::new(), "active".to_owned()));
}
