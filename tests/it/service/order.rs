//! What goes to a destination in which order, and who does not wait for whom.

use super::destination::{Behaviour, Destination};
use super::referral::Referral;
use super::setting::{Gateway, OPERATOR, OTHER, Response, TRUST, golden, until};

const DOWN: &[(&str, Behaviour)] = &[("", Behaviour::Status(500))];

#[test]
fn a_patient_is_told_in_order_and_holds_nobody_else() {
    let trial = Destination::start();
    trial.always(DOWN);
    let gateway = Gateway::start("order-patient", &[("trial-system", &trial)]);
    let new = gateway.send(&Referral::consented(1).fhir());
    let change = Referral::consented(1).priority("urgent").changed(11, "2026-03-02T10:00:00+01:00");
    let change = gateway.send(&change.fhir());
    let cancelled = gateway.send(&Referral::consented(2).of_patient(1).fhir());
    let others: Vec<String> = (3..8).map(|number| gateway.send(&Referral::consented(number).fhir())).collect();
    trial.until_received(&new);
    // The first of the patient is a message that the destination fails at, whenever it comes.
    trial.always(&[(&new, Behaviour::Status(500))]);
    let stored = trial.until_stored(others.len());
    assert!(
        stored.iter().all(|one| others.iter().any(|other| one.key.starts_with(other))),
        "the others, and only they"
    );
    let held = |message: &str| trial.received().iter().all(|one| !one.key.starts_with(message));
    assert!(held(&change) && held(&cancelled), "nothing of the patient overtakes");
    trial.always(&[]);
    let stored = trial.until_stored(others.len() + 3);
    let of_patient: Vec<&str> = stored[others.len()..].iter().map(|one| one.key.as_str()).collect();
    for (key, message) in of_patient.iter().zip([&new, &change, &cancelled]) {
        assert!(key.starts_with(message.as_str()), "{of_patient:?}");
    }
    assert!(stored[others.len() + 1].body.contains("\"urgent\""));
}

#[test]
fn a_destination_that_is_down_delays_no_other_one() {
    let (trial, laboratory) = (Destination::start(), Destination::start());
    trial.always(DOWN);
    let gateway = Gateway::start("order-breaker", &[("trial-system", &trial), ("laboratory", &laboratory)]);
    let messages: Vec<String> = (1..9).map(|number| gateway.send(&Referral::consented(number).fhir())).collect();
    let stored = laboratory.until_stored(messages.len());
    assert_eq!(stored.len(), messages.len());
    // To the laboratory goes the request and nothing of the person.
    for one in &stored {
        let body: serde_json::Value = serde_json::from_str(&one.body).unwrap();
        let kinds: Vec<&str> = body["entry"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["resource"]["resourceType"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["ServiceRequest"]);
    }
    let number = |series: &str| {
        let text = String::from_utf8(gateway.get("/metrics", OPERATOR).body).unwrap();
        let line = text.lines().find(|line| line.starts_with(series)).map(str::to_owned);
        line.and_then(|line| line.rsplit(' ').next().unwrap().parse::<f64>().ok())
    };
    let down = "impress_destination_down{destination=\"trial-system\"}";
    until("the trial counts as down", || (number(down) == Some(1.0)).then_some(()));
    let due = number("impress_queue_deliveries{destination=\"trial-system\",state=\"due\"}").unwrap();
    let leased = number("impress_queue_deliveries{destination=\"trial-system\",state=\"leased\"}").unwrap();
    // Between two counts one can change its state.
    assert!((due + leased - 8.0).abs() <= 1.0, "{due} {leased}");
    assert_eq!(number("impress_queue_deliveries{destination=\"laboratory\",state=\"due\"}"), Some(0.0));
    // What waits for one destination does not make the gateway unready.
    assert_eq!(gateway.get("/readyz", "").status, 200);
    trial.always(&[]);
    let stored = trial.until_stored(messages.len());
    let mut keys: Vec<&str> = stored.iter().map(|one| one.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), messages.len(), "each once");
    until("the trial is back", || (number(down) == Some(0.0)).then_some(()));
    let told = gateway.log();
    assert_eq!((told.matches("a destination is down").count(), told.matches("a destination is back").count()), (1, 1));
}

#[test]
fn what_was_answered_under_load_is_there_after_a_kill_and_each_is_delivered_as_one() {
    let trial = Destination::start();
    let mut gateway = Gateway::start("order-killed", &[("trial-system", &trial)]);
    let acknowledged = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for sender in 0..4 {
            let (gateway, acknowledged) = (&gateway, &acknowledged);
            scope.spawn(move || {
                for number in 0..10 {
                    let id = gateway.send(&Referral::consented(1 + sender * 10 + number).fhir());
                    acknowledged.lock().unwrap().push(id);
                }
            });
        }
        // Deliveries are on their way while the senders still send.
        trial.until_stored(2);
    });
    gateway.kill();
    let acknowledged = acknowledged.into_inner().unwrap();
    assert_eq!(acknowledged.len(), 40);
    gateway.run();
    let keys = until("every acknowledged message arrives", || {
        let mut keys: Vec<String> = trial.stored().into_iter().map(|one| one.key).collect();
        keys.sort();
        keys.dedup();
        acknowledged.iter().all(|id| keys.iter().any(|key| key.starts_with(id))).then_some(keys)
    });
    // Some may come twice, but none as two different deliveries.
    assert_eq!(keys.len(), acknowledged.len());
    let listed = gateway.get("/messages?_count=500", TRUST).json();
    assert_eq!(listed["messages"].as_array().unwrap().len(), acknowledged.len());
}

#[test]
fn a_change_before_its_new_message_takes_effect_after_it_over_a_restart_too() {
    let trial = Destination::start();
    let mut gateway = Gateway::start("order-parked", &[("trial-system", &trial)]);
    let change = Referral::consented(1).priority("urgent").changed(2, "2026-03-02T10:00:00+01:00");
    let change = gateway.send(&change.fhir());
    gateway.until_disposition(&change, "parked");
    assert_eq!(gateway.terminate(), Some(0));
    gateway.run();
    assert!(trial.received().is_empty());
    let new = gateway.send(&Referral::consented(1).fhir());
    gateway.until_disposition(&change, "routed");
    let stored = trial.until_stored(2);
    assert!(stored[0].key.starts_with(&new) && stored[0].body.contains("\"priority\":\"routine\""));
    assert!(stored[1].key.starts_with(&change) && stored[1].body.contains("\"priority\":\"urgent\""));
    // What is older than the change and comes now is kept, and changes nothing.
    let late = Referral::consented(1).priority("asap").changed(3, "2026-03-01T12:00:00+01:00");
    let late = gateway.send(&late.fhir());
    gateway.until_disposition(&late, "outdated");
    assert_eq!(gateway.message(&late)["deliveries"].as_array().unwrap().len(), 0);
}

#[test]
fn one_message_sent_by_many_at_once_is_one_message() {
    let trial = Destination::start();
    let gateway = Gateway::start("order-same", &[("trial-system", &trial)]);
    let body = Referral::consented(1).fhir();
    let answers: Vec<Response> = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..8).map(|_| scope.spawn(|| gateway.referral(&body))).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body));
    let id = answers[0].header("x-message-id");
    assert!(answers.iter().all(|answer| answer.header("x-message-id") == id));
    assert_eq!(answers.iter().filter(|answer| answer.header("x-repeat").is_empty()).count(), 1);
    gateway.send(&Referral::consented(2).fhir());
    assert_eq!(trial.until_stored(2).len(), 2);
    assert_eq!(gateway.get("/messages", TRUST).json()["messages"].as_array().unwrap().len(), 2);
}

#[test]
fn a_message_of_another_trust_waits_for_a_person() {
    let trial = Destination::start();
    let gateway = Gateway::start("order-foreign", &[("trial-system", &trial)]);
    for body in [
        Referral::consented(7).fhir(),
        golden("henvisning/videre-new/input.xml"),
        golden("hl7v2-ref/new-2.5.1-utf8/input.hl7"),
    ] {
        let answer = gateway.request("POST", "/intake/referrals", OTHER, "", &body);
        assert_eq!((answer.status, answer.header("x-disposition")), (200, "quarantined"));
        let message = gateway.message(answer.header("x-message-id"));
        assert_eq!(message["sender"], "993467049");
        assert!(message["reason"].as_str().unwrap().contains("intake.sender-foreign"), "{message}");
        assert!(message["deliveries"].as_array().unwrap().is_empty());
        // It stays that of its sender: the trust that it names does not see it.
        assert_eq!(gateway.get(&format!("/messages/{}", answer.header("x-message-id")), TRUST).status, 404);
    }
    // It does not stand in the way of the trust's own.
    let own = gateway.send(&Referral::consented(7).fhir());
    assert!(trial.until_stored(1)[0].key.starts_with(&own));
}

#[test]
fn a_referral_that_names_no_listed_trust_is_of_who_sent_it() {
    let trial = Destination::start();
    let gateway = Gateway::start("order-unlisted", &[("trial-system", &trial)]);
    // A private practice: no health trust has the number.
    let of_practice =
        |referral: Referral| String::from_utf8(referral.fhir()).unwrap().replace("983974732", "974760673").into_bytes();
    let own = gateway.send(&of_practice(Referral::consented(1)));
    gateway.until_disposition(&own, "routed");
    let refuse = Referral::new(1).consent("rejected").changed(2, "2026-03-02T10:00:00+01:00");
    let answer = gateway.request("POST", "/fhir", OTHER, "", &of_practice(refuse));
    assert_eq!((answer.status, answer.header("x-disposition")), (200, "quarantined"));
    let message = gateway.message(answer.header("x-message-id"));
    assert!(message["reason"].as_str().unwrap().contains("intake.sender-foreign"), "{message}");
    assert!(message["deliveries"].as_array().unwrap().is_empty());
    assert_eq!(gateway.get("/fhir/ServiceRequest?_summary=count", OTHER).json()["total"], 0);
    // Its sender goes on with it.
    let change = Referral::consented(1).priority("urgent").changed(3, "2026-03-03T10:00:00+01:00");
    let change = gateway.send(&of_practice(change));
    gateway.until_disposition(&change, "routed");
    let request = gateway.get("/fhir/ServiceRequest", TRUST).json();
    assert_eq!(request["entry"][0]["resource"]["priority"], "urgent");
    assert!(trial.until_stored(2)[1].body.contains("\"priority\":\"urgent\""));
}
