//! Consent is asked for when a delivery is about to be sent, not only when it was decided on.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use impress_gateway::clock::ManualClock;
use impress_gateway::delivery::{Schedule, Worker};
use impress_gateway::destinations::{Destination, End, Sending, Verdict};
use impress_gateway::domain::issue::IssueCode;
use impress_gateway::journal::{CaseWrite, Change, DeliveryKind, DeliveryState, Journal, NewDelivery};
use jiff::SignedDuration;
use tokio::sync::{Notify, watch};

use super::store::{Store, at, delivery, sending, until};

on_both_stores! {
    who_does_not_consent_any_more_is_not_sent,
    a_consent_that_cannot_be_read_is_neither_yes_nor_no,
}

/// Takes everything.
#[derive(Default)]
struct Trial(Mutex<Vec<String>>);

impl Destination for Trial {
    fn send<'a>(&'a self, sending: Sending<'a>) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>> {
        self.0.lock().unwrap().push(sending.body.to_owned());
        let (status, code) = (Some(200), IssueCode::DeliveryDone);
        Box::pin(async move { Verdict { end: End::Delivered, status, code, detail: String::new() } })
    }
}

/// A worker for `trial`, what it has sent, and what stops it.
fn work(journal: &Arc<dyn Journal>) -> (Arc<Trial>, watch::Sender<bool>) {
    let trial = Arc::new(Trial::default());
    let (stop, stopped) = watch::channel(false);
    let worker = Worker {
        name: "trial".to_owned(),
        destination: Arc::clone(&trial) as Arc<dyn Destination>,
        needs_consent: true,
        schedule: Schedule { first: Duration::from_secs(1), longest: Duration::from_secs(1) },
        parallel: 4,
        lease: SignedDuration::from_secs(60),
        journal: Arc::clone(journal),
        clock: Arc::new(ManualClock::new(at(0))),
        wake: Arc::new(Notify::new()),
        random: || 0.5,
    };
    tokio::spawn(Arc::new(worker).run(stopped));
    (trial, stop)
}

fn case(patient: &str, state: &str) -> CaseWrite {
    CaseWrite { key: format!("referral/{patient}"), read_revision: 0, state: state.to_owned() }
}

fn consent(state: &str) -> String {
    format!("{{\"consent\":{{\"state\":\"{state}\",\"source\":\"operator\",\"at\":null}}}}")
}

async fn state(journal: &Arc<dyn Journal>, message: &str) -> DeliveryState {
    journal.deliveries(message.to_owned()).await.unwrap()[0].state
}

async fn who_does_not_consent_any_more_is_not_sent(store: Arc<Store>) {
    let journal = store.node().await;
    let cases = ["given", "withdrawn", "refused", "unknown"].map(|word| case(word, &consent(word)));
    journal.commit(Change { cases: cases.to_vec(), ..Change::default() }).await.unwrap();
    for patient in ["given", "withdrawn", "refused", "unknown", "without-a-case"] {
        journal.commit(sending(patient, &[patient])).await.unwrap();
    }
    // The stop of a consent that was withdrawn goes out all the same.
    let mut stop = sending("stop", &[]);
    let of = delivery("stop", "withdrawn");
    stop.deliveries = vec![NewDelivery { kind: DeliveryKind::Stop, body: "stop".to_owned(), ..of }];
    journal.commit(stop).await.unwrap();

    let (trial, _stop) = work(&journal);
    until("nothing waits", || async { journal.queue().await.unwrap().is_empty() }).await;
    let mut sent = trial.0.lock().unwrap().clone();
    sent.sort();
    assert_eq!(sent, ["body of given", "stop"]);
    for message in ["given", "stop"] {
        assert_eq!(state(&journal, message).await, DeliveryState::Delivered, "{message}");
    }
    for message in ["withdrawn", "refused", "unknown", "without-a-case"] {
        assert_eq!(state(&journal, message).await, DeliveryState::Cancelled, "{message}");
        let delivery = journal.deliveries(message.to_owned()).await.unwrap().remove(0);
        let attempts = journal.attempts(delivery.sequence).await.unwrap();
        assert_eq!((attempts.len(), attempts[0].code.as_str()), (1, "delivery.consent-gone"), "{message}");
        let audits = journal.audits(message.to_owned()).await.unwrap();
        assert_eq!((audits[0].action.as_str(), audits[0].outcome.as_str()), ("deliver", "refused"), "{message}");
    }
}

async fn a_consent_that_cannot_be_read_is_neither_yes_nor_no(store: Arc<Store>) {
    let journal = store.node().await;
    let newer = "{\"consent\":{\"state\":\"a word of a newer node\",\"source\":\"operator\",\"at\":null}}";
    let cases = vec![case("p", newer), case("q", &consent("given"))];
    journal.commit(Change { cases, ..Change::default() }).await.unwrap();
    journal.commit(sending("m1", &["p"])).await.unwrap();
    journal.commit(sending("m2", &["q"])).await.unwrap();
    let (trial, _stop) = work(&journal);
    until("the other is delivered", || async { state(&journal, "m2").await == DeliveryState::Delivered }).await;
    until("it was looked at", || async { state(&journal, "m1").await != DeliveryState::Due }).await;
    // Not sent, and not given up: somebody who can read the case gets it when the lease runs out.
    assert_eq!(*trial.0.lock().unwrap(), ["body of m2"]);
    assert_eq!(state(&journal, "m1").await, DeliveryState::Leased);
    let again = journal.claim("trial".to_owned(), 10, at(60), at(120)).await.unwrap();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].delivery.message, "m1");
}
