//! Deliveries of one patient to one destination go one after the other, those of others beside them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use impress_gateway::journal::{DeliveryKind, DeliveryState, NewDelivery};

use super::store::{Store, at, claim, delivery, messages_of, sending, settlement};

on_both_stores! {
    of_one_patient_one_is_on_the_way,
    a_dead_letter_holds_its_patient_only,
    a_stop_overtakes_dead_letters,
    a_stop_overtakes_what_a_dead_letter_holds,
    the_limit_is_kept,
    many_workers_keep_the_order,
}

async fn of_one_patient_one_is_on_the_way(store: Arc<Store>) {
    let (journal, other) = (store.node().await, store.node().await);
    journal.commit(sending("m1", &["p", "p", "q"])).await.unwrap();
    journal.commit(sending("m2", &["p", "r"])).await.unwrap();
    let rows = journal.deliveries("m1".to_owned()).await.unwrap();
    let first = claim(&journal, 0).await;
    let patients: Vec<_> = first.iter().map(|claimed| claimed.delivery.patient.as_str()).collect();
    assert_eq!(patients, ["p", "q", "r"]);
    assert_eq!(first[0].delivery.sequence, rows[0].sequence);
    assert_eq!(claim(&other, 0).await, []);
    // A failed attempt keeps its place; the next one of the patient waits as long as it does.
    journal.settle(settlement(&first[0], DeliveryState::Due, at(30))).await.unwrap();
    assert_eq!(claim(&other, 29).await, []);
    let again = claim(&other, 30).await;
    assert_eq!(again[0].delivery.sequence, rows[0].sequence);
    other.settle(settlement(&again[0], DeliveryState::Delivered, at(30))).await.unwrap();
    let second = claim(&journal, 31).await;
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].delivery.sequence, rows[1].sequence);
    journal.settle(settlement(&second[0], DeliveryState::Delivered, at(31))).await.unwrap();
    assert_eq!(messages_of(&claim(&other, 32).await), ["m2"]);
}

async fn a_dead_letter_holds_its_patient_only(store: Arc<Store>) {
    let journal = store.node().await;
    let mut change = sending("m1", &["p"]);
    change.deliveries.push(NewDelivery { destination: "registry".to_owned(), ..delivery("m1", "p") });
    journal.commit(change).await.unwrap();
    let dead = claim(&journal, 0).await.remove(0);
    journal.settle(settlement(&dead, DeliveryState::Dead, at(0))).await.unwrap();
    journal.commit(sending("m2", &["p", "q"])).await.unwrap();
    let claimed = claim(&journal, 1).await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].delivery.patient, "q");
    assert_eq!(journal.claim("registry".to_owned(), 10, at(1), at(61)).await.unwrap().len(), 1);
}

async fn a_stop_overtakes_dead_letters(store: Arc<Store>) {
    let journal = store.node().await;
    journal.commit(sending("m1", &["p"])).await.unwrap();
    let first = claim(&journal, 0).await.remove(0);
    let mut change = sending("m2", &[]);
    change.deliveries = vec![NewDelivery { kind: DeliveryKind::Stop, ..delivery("m2", "p") }];
    journal.commit(change).await.unwrap();
    // Not what is on the way: it would arrive after the stop.
    assert_eq!(claim(&journal, 1).await, []);
    journal.settle(settlement(&first, DeliveryState::Dead, at(1))).await.unwrap();
    assert_eq!(messages_of(&claim(&journal, 2).await), ["m2"]);
}

async fn a_stop_overtakes_what_a_dead_letter_holds(store: Arc<Store>) {
    let journal = store.node().await;
    let of_case = |message: &str, case: &str| NewDelivery { case: case.to_owned(), ..delivery(message, "p") };
    let stop_of = |message: &str, case: &str| NewDelivery { kind: DeliveryKind::Stop, ..of_case(message, case) };
    // Three referrals of a patient: one is dead, one waits behind it, the consent to one that was delivered is withdrawn.
    for (id, delivery) in [
        ("dead", of_case("dead", "referral/1")),
        ("held", of_case("held", "referral/2")),
        ("stop", stop_of("stop", "referral/3")),
    ] {
        let mut change = sending(id, &[]);
        change.deliveries = vec![delivery];
        journal.commit(change).await.unwrap();
        if id == "dead" {
            let claimed = claim(&journal, 0).await.remove(0);
            journal.settle(settlement(&claimed, DeliveryState::Dead, at(0))).await.unwrap();
        }
    }
    let claimed = claim(&journal, 1).await;
    assert_eq!(messages_of(&claimed), ["stop"]);
    journal.settle(settlement(&claimed[0], DeliveryState::Delivered, at(1))).await.unwrap();
    assert_eq!(claim(&journal, 2).await, []);
    // Of its own case nothing is overtaken that is still to be sent.
    let mut change = sending("late", &[]);
    change.deliveries = vec![stop_of("late", "referral/2")];
    journal.commit(change).await.unwrap();
    assert_eq!(claim(&journal, 3).await, []);
}

async fn the_limit_is_kept(store: Arc<Store>) {
    let journal = store.node().await;
    let patients: Vec<String> = (0..5).map(|number| format!("p{number}")).collect();
    let patients: Vec<&str> = patients.iter().map(String::as_str).collect();
    journal.commit(sending("m1", &patients)).await.unwrap();
    for (limit, expected) in [(0, 0), (-1, 0), (2, 2), (10, 3), (10, 0)] {
        let claimed = journal.claim("trial".to_owned(), limit, at(0), at(60)).await.unwrap();
        assert_eq!(claimed.len(), expected, "limit {limit}");
    }
}

async fn many_workers_keep_the_order(store: Arc<Store>) {
    const PATIENTS: usize = 12;
    const EACH: usize = 5;
    let nodes = [store.node().await, store.node().await, store.node().await];
    for number in 0..EACH {
        for patient in 0..PATIENTS {
            let (id, patient) = (format!("m{patient}-{number}"), format!("p{patient}"));
            nodes[0].commit(sending(&id, &[&patient])).await.unwrap();
        }
    }
    // What arrived, in the order in which it did; and who is on the way.
    let arrived: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    let on_the_way: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
    let workers: Vec<_> = (0..9)
        .map(|worker| {
            let journal = Arc::clone(&nodes[worker % nodes.len()]);
            let (arrived, on_the_way) = (Arc::clone(&arrived), Arc::clone(&on_the_way));
            tokio::spawn(async move {
                while arrived.lock().unwrap().len() < PATIENTS * EACH {
                    let claimed = journal.claim("trial".to_owned(), 2, at(0), at(60)).await.unwrap();
                    for claimed in &claimed {
                        let patient = claimed.delivery.patient.clone();
                        *on_the_way.lock().unwrap().entry(patient).or_default() += 1;
                    }
                    tokio::task::yield_now().await;
                    for claimed in &claimed {
                        let (patient, message) = (claimed.delivery.patient.clone(), claimed.delivery.message.clone());
                        assert_eq!(on_the_way.lock().unwrap().remove(&patient), Some(1), "two of {patient} at once");
                        arrived.lock().unwrap().push((patient, message));
                        assert!(journal.settle(settlement(claimed, DeliveryState::Delivered, at(0))).await.unwrap());
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let arrived = arrived.lock().unwrap().clone();
    for patient in 0..PATIENTS {
        let name = format!("p{patient}");
        let of_patient: Vec<_> =
            arrived.iter().filter(|(of, _)| *of == name).map(|(_, message)| message.clone()).collect();
        let expected: Vec<_> = (0..EACH).map(|number| format!("m{patient}-{number}")).collect();
        assert_eq!(of_patient, expected);
    }
    assert_eq!(nodes[1].queue().await.unwrap(), []);
}
