//! What may be sent, and how it ends.

use std::sync::Arc;

use impress_gateway::journal::{
    AttemptRecord, Cancel, Change, Claimed, DeliveryKind, DeliveryState, Journal, NewDelivery, Settlement,
};

use super::store::{Store, arrival, at, audit, claim, delivery, messages_of, sending, settlement};

on_both_stores! {
    a_clock_that_was_set_back_holds_nothing,
    a_lease_holds_until_it_runs_out,
    a_lost_lease_settles_nothing,
    an_attempt_that_failed_waits_for_its_time,
    what_came_of_the_last_attempts_of_messages_is_read_at_once,
    a_dead_letter_is_tried_again_when_a_person_says_so,
    only_dead_letters_are_revived,
    a_withdrawal_cancels_what_was_not_sent,
    a_later_version_takes_the_place_of_a_dead_letter,
    a_cancel_is_of_its_destination,
    what_is_cancelled_is_not_what_is_new,
    the_queue_is_counted,
}

async fn states(journal: &Arc<dyn Journal>, message: &str) -> Vec<DeliveryState> {
    journal.deliveries(message.to_owned()).await.unwrap().iter().map(|delivery| delivery.state).collect()
}

async fn a_lease_holds_until_it_runs_out(store: Arc<Store>) {
    let (one, other) = (store.node().await, store.node().await);
    one.commit(arrival("m1")).await.unwrap();
    let first = claim(&one, 0).await;
    assert_eq!(messages_of(&first), ["m1"]);
    assert_eq!((first[0].body.as_str(), first[0].delivery.attempts), ("body of m1", 1));
    assert_eq!(states(&one, "m1").await, [DeliveryState::Leased]);
    // Nobody else gets it, not even in the last second of the lease.
    for node in [&one, &other] {
        assert_eq!(claim(node, 59).await, []);
    }
    let second = claim(&other, 60).await;
    assert_eq!(messages_of(&second), ["m1"]);
    assert_eq!(second[0].delivery.attempts, 2);
    assert_ne!(second[0].lease, first[0].lease);
    // Another destination's worker never does.
    assert_eq!(one.claim("registry".to_owned(), 10, at(1_000), at(1_060)).await.unwrap(), []);
}

async fn a_lost_lease_settles_nothing(store: Arc<Store>) {
    let (one, other) = (store.node().await, store.node().await);
    one.commit(arrival("m1")).await.unwrap();
    let lost = claim(&one, 0).await.remove(0);
    let held = claim(&other, 60).await.remove(0);
    for state in [DeliveryState::Dead, DeliveryState::Due, DeliveryState::Cancelled, DeliveryState::Delivered] {
        let attempt = Some(AttemptRecord { status: Some(200), code: "delivery.done", detail: String::new() });
        let settlement = Settlement { attempt, ..settlement(&lost, state, at(61)) };
        assert!(!one.settle(settlement).await.unwrap(), "{state:?}");
        assert_eq!(states(&one, "m1").await, [DeliveryState::Leased], "{state:?}");
    }
    // That it was tried is kept: the destination may have it.
    assert_eq!(one.attempts(lost.delivery.sequence).await.unwrap().len(), 4);
    assert!(other.settle(settlement(&held, DeliveryState::Delivered, at(61))).await.unwrap());
    assert_eq!(states(&one, "m1").await, [DeliveryState::Delivered]);
    // A settlement that comes twice is one.
    assert!(!other.settle(settlement(&held, DeliveryState::Dead, at(61))).await.unwrap());
    assert_eq!(states(&one, "m1").await, [DeliveryState::Delivered]);
    assert_eq!(claim(&one, 10_000).await, []);
}

async fn an_attempt_that_failed_waits_for_its_time(store: Arc<Store>) {
    let journal = store.node().await;
    journal.commit(arrival("m1")).await.unwrap();
    for number in 1..=3 {
        let begins = number * 100;
        let claimed = claim(&journal, begins).await.remove(0);
        assert_eq!(claimed.delivery.attempts, number);
        let status = Some(u16::try_from(500 + number).unwrap());
        let attempt = Some(AttemptRecord { status, code: "delivery.failed", detail: format!("attempt {number}") });
        let audits = vec![audit("m1", "deliver")];
        let settled = settlement(&claimed, DeliveryState::Due, at(begins + 100));
        assert!(journal.settle(Settlement { attempt, audits, at: at(begins), ..settled }).await.unwrap());
        assert_eq!(claim(&journal, begins + 99).await, []);
    }
    let row = journal.deliveries("m1".to_owned()).await.unwrap().remove(0);
    assert_eq!((row.state, row.due, row.settled), (DeliveryState::Due, at(400), None));
    let attempts = journal.attempts(row.sequence).await.unwrap();
    let told: Vec<_> = attempts.iter().map(|attempt| (attempt.at, attempt.status, attempt.detail.as_str())).collect();
    assert_eq!(
        told,
        [(at(100), Some(501), "attempt 1"), (at(200), Some(502), "attempt 2"), (at(300), Some(503), "attempt 3")]
    );
    assert_eq!(journal.audits("m1".to_owned()).await.unwrap().len(), 4);
}

async fn what_came_of_the_last_attempts_of_messages_is_read_at_once(store: Arc<Store>) {
    let journal = store.node().await;
    for (number, codes) in (1..).zip([&["delivery.failed", "receipt.negative"][..], &[], &["receipt.positive"]]) {
        let begins = number * 1_000;
        journal.commit(arrival(&format!("m{number}"))).await.unwrap();
        for (time, code) in (begins..).step_by(100).zip(codes) {
            let claimed = claim(&journal, time).await.pop().unwrap();
            assert_eq!(claimed.delivery.message, format!("m{number}"));
            let attempt = Some(AttemptRecord { status: Some(200), code, detail: String::new() });
            let state = if time == begins && codes.len() > 1 { DeliveryState::Due } else { DeliveryState::Delivered };
            assert!(journal.settle(Settlement { attempt, ..settlement(&claimed, state, at(time)) }).await.unwrap());
        }
        if codes.is_empty() {
            let claimed = claim(&journal, begins).await.pop().unwrap();
            assert!(journal.settle(settlement(&claimed, DeliveryState::Cancelled, at(begins))).await.unwrap());
        }
    }
    let last = async |messages: &[&str]| {
        journal.last_attempts(messages.iter().map(|id| (*id).to_owned()).collect()).await.unwrap()
    };
    let told = |message: &str, code: &str| (message.to_owned(), code.to_owned());
    let (negative, positive) = (told("m1", "receipt.negative"), told("m3", "receipt.positive"));
    assert_eq!(last(&["m3", "m2", "m1", "unknown"]).await, [negative, positive.clone()]);
    assert_eq!(last(&["m3"]).await, [positive]);
    assert_eq!(last(&[]).await, []);
}

async fn a_dead_letter_is_tried_again_when_a_person_says_so(store: Arc<Store>) {
    let journal = store.node().await;
    for id in ["m1", "m2", "m3"] {
        journal.commit(sending(id, &[id])).await.unwrap();
    }
    for claimed in claim(&journal, 0).await.iter().take(2) {
        assert!(journal.settle(settlement(claimed, DeliveryState::Dead, at(0))).await.unwrap());
    }
    let dead = journal.dead_letters(None, 10).await.unwrap();
    let messages: Vec<_> = dead.iter().map(|row| (row.message.as_str(), row.settled)).collect();
    assert_eq!(messages, [("m1", Some(at(0))), ("m2", Some(at(0)))]);
    assert_eq!(journal.dead_letters(Some("trial".to_owned()), 1).await.unwrap(), dead[..1]);
    assert_eq!(journal.dead_letters(Some("registry".to_owned()), 10).await.unwrap(), []);
    assert_eq!(claim(&journal, 59).await, []);

    let revive = Change { revive: vec![dead[1].sequence], audits: vec![audit("m2", "replay")], ..Change::default() };
    journal.commit(revive).await.unwrap();
    let claimed = claim(&journal, 1).await;
    assert_eq!(messages_of(&claimed), ["m2"]);
    // The limit of attempts is counted anew: the first failure must not end it again.
    assert_eq!((claimed[0].delivery.attempts, claimed[0].delivery.settled), (1, None));
    assert_eq!(claimed[0].delivery.sequence, dead[1].sequence);
    assert!(journal.settle(settlement(&claimed[0], DeliveryState::Delivered, at(1))).await.unwrap());
    assert_eq!(journal.dead_letters(None, 10).await.unwrap(), dead[..1]);
}

async fn only_dead_letters_are_revived(store: Arc<Store>) {
    let journal = store.node().await;
    for id in ["delivered", "cancelled", "leased"] {
        journal.commit(sending(id, &[id])).await.unwrap();
    }
    let claimed = claim(&journal, 0).await;
    journal.settle(settlement(&claimed[0], DeliveryState::Delivered, at(0))).await.unwrap();
    journal.settle(settlement(&claimed[1], DeliveryState::Cancelled, at(0))).await.unwrap();
    let revive = claimed.iter().map(|claimed| claimed.delivery.sequence).collect();
    journal.commit(Change { revive, ..Change::default() }).await.unwrap();
    assert_eq!(states(&journal, "delivered").await, [DeliveryState::Delivered]);
    assert_eq!(states(&journal, "cancelled").await, [DeliveryState::Cancelled]);
    assert_eq!(states(&journal, "leased").await, [DeliveryState::Leased]);
    assert_eq!(claim(&journal, 59).await, []);
}

fn cancel(destination: Option<&str>, state: DeliveryState, only_dead: bool) -> Cancel {
    let destination = destination.map(str::to_owned);
    Cancel { case: "referral/p".to_owned(), destination, state, only_dead, at: at(9) }
}

fn stop(message: &str) -> NewDelivery {
    NewDelivery { kind: DeliveryKind::Stop, body: "stop".to_owned(), ..delivery(message, "p") }
}

async fn a_withdrawal_cancels_what_was_not_sent(store: Arc<Store>) {
    let journal = store.node().await;
    let to = |destination: &str| NewDelivery { destination: destination.to_owned(), ..delivery("m1", "p") };
    let mut change = sending("m1", &[]);
    change.deliveries = ["due", "leased", "dead", "delivered"].map(to).to_vec();
    journal.commit(change).await.unwrap();
    journal.commit(sending("m2", &["another patient"])).await.unwrap();
    for (destination, state) in
        [("leased", None), ("dead", Some(DeliveryState::Dead)), ("delivered", Some(DeliveryState::Delivered))]
    {
        let claimed = journal.claim(destination.to_owned(), 1, at(0), at(60)).await.unwrap().remove(0);
        if let Some(state) = state {
            journal.settle(settlement(&claimed, state, at(0))).await.unwrap();
        }
    }
    let change = Change { cancels: vec![cancel(None, DeliveryState::Cancelled, false)], ..Change::default() };
    journal.commit(change).await.unwrap();
    // What is on the way may have arrived: its worker settles it.
    let expected =
        [DeliveryState::Cancelled, DeliveryState::Leased, DeliveryState::Cancelled, DeliveryState::Delivered];
    assert_eq!(states(&journal, "m1").await, expected);
    assert_eq!(journal.deliveries("m1".to_owned()).await.unwrap()[0].settled, Some(at(9)));
    assert_eq!(journal.claim("due".to_owned(), 10, at(100), at(160)).await.unwrap(), []);
    assert_eq!(journal.claim("dead".to_owned(), 10, at(100), at(160)).await.unwrap(), []);
    assert_eq!(states(&journal, "m2").await, [DeliveryState::Due]);
}

async fn a_later_version_takes_the_place_of_a_dead_letter(store: Arc<Store>) {
    let journal = store.node().await;
    journal.commit(sending("m1", &["p"])).await.unwrap();
    journal.commit(sending("m2", &["p"])).await.unwrap();
    let claimed = claim(&journal, 0).await.remove(0);
    journal.settle(settlement(&claimed, DeliveryState::Dead, at(0))).await.unwrap();
    assert_eq!(claim(&journal, 1).await, []);
    let mut newer = sending("m3", &["p"]);
    newer.cancels = vec![cancel(Some("trial"), DeliveryState::Superseded, true)];
    journal.commit(newer).await.unwrap();
    assert_eq!(states(&journal, "m1").await, [DeliveryState::Superseded]);
    // What was only waiting is sent before the newer version, in its order.
    assert_eq!(states(&journal, "m2").await, [DeliveryState::Due]);
    for expected in ["m2", "m3"] {
        let claimed = claim(&journal, 2).await;
        assert_eq!(messages_of(&claimed), [expected]);
        journal.settle(settlement(&claimed[0], DeliveryState::Delivered, at(2))).await.unwrap();
    }
    // A dead letter whose place was taken is not sent after the newer version.
    let revive = vec![journal.deliveries("m1".to_owned()).await.unwrap()[0].sequence];
    journal.commit(Change { revive, ..Change::default() }).await.unwrap();
    assert_eq!(claim(&journal, 3).await, []);
}

async fn a_cancel_is_of_its_destination(store: Arc<Store>) {
    let journal = store.node().await;
    let mut change = sending("m1", &["p"]);
    change.deliveries.push(NewDelivery { destination: "registry".to_owned(), ..delivery("m1", "p") });
    journal.commit(change).await.unwrap();
    // No destination has an empty name: nothing is of it.
    for (destination, expected) in
        [("", [DeliveryState::Due; 2]), ("registry", [DeliveryState::Due, DeliveryState::Cancelled])]
    {
        let cancels = vec![cancel(Some(destination), DeliveryState::Cancelled, false)];
        journal.commit(Change { cancels, ..Change::default() }).await.unwrap();
        assert_eq!(states(&journal, "m1").await, expected, "{destination:?}");
    }
}

async fn what_is_cancelled_is_not_what_is_new(store: Arc<Store>) {
    let journal = store.node().await;
    journal.commit(sending("m1", &["p"])).await.unwrap();
    let mut change = sending("m2", &[]);
    change.cancels = vec![cancel(Some("trial"), DeliveryState::Cancelled, false)];
    change.deliveries = vec![stop("m2")];
    journal.commit(change).await.unwrap();
    assert_eq!(states(&journal, "m1").await, [DeliveryState::Cancelled]);
    let claimed = claim(&journal, 0).await;
    assert_eq!(messages_of(&claimed), ["m2"]);
    assert_eq!((claimed[0].delivery.kind.as_str(), claimed[0].body.as_str()), ("stop", "stop"));
}

async fn the_queue_is_counted(store: Arc<Store>) {
    let journal = store.node().await;
    for (second, id) in [(30, "m1"), (10, "m2"), (20, "m3"), (40, "m4")] {
        let mut change = sending(id, &[id]);
        change.deliveries[0].at = at(second);
        change.deliveries.push(NewDelivery { destination: "registry".to_owned(), at: at(second), ..delivery(id, id) });
        journal.commit(change).await.unwrap();
    }
    let claimed = journal.claim("trial".to_owned(), 3, at(50), at(110)).await.unwrap();
    journal.settle(settlement(&claimed[0], DeliveryState::Dead, at(50))).await.unwrap();
    journal.settle(settlement(&claimed[1], DeliveryState::Delivered, at(50))).await.unwrap();
    let queue = journal.queue().await.unwrap();
    let told: Vec<_> =
        queue.iter().map(|depth| (depth.destination.as_str(), depth.state, depth.count, depth.oldest)).collect();
    let mut expected = vec![
        ("registry", DeliveryState::Due, 4, at(10)),
        ("trial", DeliveryState::Dead, 1, claimed[0].delivery.created),
        ("trial", DeliveryState::Leased, 1, claimed[2].delivery.created),
    ];
    let left = [("m1", 30), ("m2", 10), ("m3", 20), ("m4", 40)]
        .into_iter()
        .find(|(id, _)| !messages_of(&claimed).contains(id))
        .unwrap();
    expected.insert(2, ("trial", DeliveryState::Due, 1, at(left.1)));
    assert_eq!(told, expected);
    assert_eq!(journal.dispositions().await.unwrap(), [("routed".to_owned(), 4)]);
}

async fn a_clock_that_was_set_back_holds_nothing(store: Arc<Store>) {
    let journal = store.node().await;
    journal.commit(sending("m1", &["p", "q", "r"])).await.unwrap();
    let first = claim(&journal, 7_200).await;
    assert_eq!(first.len(), 3);
    // One is to be tried again in an hour, one is on the way, one is done; then it is an hour earlier.
    journal.settle(settlement(&first[0], DeliveryState::Due, at(10_800))).await.unwrap();
    journal.settle(settlement(&first[2], DeliveryState::Delivered, at(7_200))).await.unwrap();
    assert_eq!(claim(&journal, 3_600).await, []);
    let bring = |name: &str, due, lease| journal.bring_forward(name.to_owned(), at(due), at(due), at(lease));
    assert_eq!(bring("another", 3_600, 3_660).await.unwrap(), 0);
    assert_eq!(bring("trial", 3_600, 3_660).await.unwrap(), 2);
    let patients = |claimed: &[Claimed]| claimed.iter().map(|one| one.delivery.patient.clone()).collect::<Vec<_>>();
    assert_eq!(patients(&claim(&journal, 3_600).await), ["p"]);
    assert_eq!(patients(&claim(&journal, 3_660).await), ["q", "p"]);
    // What is due by the new time stays as it is.
    assert_eq!(bring("trial", 3_660, 3_720).await.unwrap(), 0);
}
