//! A change is written as a whole or not at all.

use std::sync::Arc;

use impress_gateway::domain::disposition::Disposition;
use impress_gateway::journal::{
    AttemptRecord, Change, Committed, DeliveryState, JournalError, NewMessage, Redisposition, Scope, Settlement,
};

use super::store::{
    Store, arrival, at, audit, block_on, case, claim, delivery, message, patient, resource, sending, settlement,
};

on_both_stores! {
    a_change_is_there_as_a_whole,
    a_stale_change_leaves_nothing,
    a_known_id_or_key_leaves_nothing,
    messages_without_a_key_are_each_their_own,
    of_many_writers_of_a_case_one_wins,
    of_one_message_at_two_nodes_one_is_stored,
    a_resource_has_a_version_for_every_text,
    writers_of_one_resource_lose_no_version,
    a_change_that_does_not_fit_harms_no_other,
    every_text_is_kept,
    a_message_ends_otherwise,
    tables_are_made_once,
}

async fn a_change_is_there_as_a_whole(store: Arc<Store>) {
    let journal = store.node().await;
    assert_eq!(journal.commit(arrival("m1")).await.unwrap(), Committed::Stored);
    // Another node sees it: it is in the store, not in the first one's memory.
    let other = store.node().await;
    let row = other.message("m1".to_owned()).await.unwrap().unwrap();
    assert_eq!((row.sender.as_str(), row.disposition.as_str(), row.answer_status), ("trust", "routed", 200));
    assert_eq!((row.received, row.updated, row.answer.as_slice()), (at(0), at(0), &b"receipt"[..]));
    assert_eq!(other.original("m1".to_owned()).await.unwrap().unwrap(), b"original of m1");
    let cases = other.cases(vec!["none".to_owned(), "referral/m1".to_owned()]).await.unwrap();
    assert_eq!((cases[0].revision, cases[0].state.as_deref()), (0, None));
    assert_eq!((cases[1].revision, cases[1].state.as_deref()), (1, Some("{\"read\":0}")));
    let resource = patient(&other, "m1").await.unwrap();
    assert_eq!((resource.version, resource.owner.as_str(), resource.json.as_deref()), (1, "trust", Some("{}")));
    let deliveries = other.deliveries("m1".to_owned()).await.unwrap();
    assert_eq!(deliveries.len(), 1);
    assert_eq!((deliveries[0].state, deliveries[0].attempts, deliveries[0].settled), (DeliveryState::Due, 0, None));
    let audits = other.audits("m1".to_owned()).await.unwrap();
    assert_eq!(audits.len(), 1);
    assert_eq!((audits[0].action.as_str(), audits[0].outcome.as_str(), audits[0].at), ("create", "success", at(0)));
    assert_eq!(store.counts().await, [1, 1, 1, 1, 1, 0, 1]);
}

async fn a_stale_change_leaves_nothing(store: Arc<Store>) {
    let journal = store.node().await;
    let write = |read| Change { cases: vec![case("referral/x", read)], ..Change::default() };
    assert_eq!(journal.commit(write(0)).await.unwrap(), Committed::Stored);
    assert_eq!(journal.commit(write(1)).await.unwrap(), Committed::Stored);
    let before = store.counts().await;
    // A revision before, one that nobody has written, and a case that is there taken for one that is not.
    for read in [1, 3, 0] {
        let mut change = arrival("m1");
        // The case that holds is written before the one that does not.
        change.cases = vec![case("referral/a", 0), case("referral/x", read)];
        assert_eq!(journal.commit(change).await.unwrap(), Committed::Stale, "read revision {read}");
        assert_eq!(store.counts().await, before, "read revision {read}");
    }
    let cases = journal.cases(vec!["referral/a".to_owned(), "referral/x".to_owned()]).await.unwrap();
    assert_eq!((cases[0].revision, cases[1].revision), (0, 2));
    // The same message is not known from the attempts that left nothing.
    let mut change = arrival("m1");
    change.cases = vec![case("referral/a", 0), case("referral/x", 2)];
    assert_eq!(journal.commit(change).await.unwrap(), Committed::Stored);
}

async fn a_known_id_or_key_leaves_nothing(store: Arc<Store>) {
    let journal = store.node().await;
    assert_eq!(journal.commit(arrival("m1")).await.unwrap(), Committed::Stored);
    let before = store.counts().await;
    let again = |id: &str, key: &str| {
        let mut change = arrival(id);
        change.cases = vec![case("referral/other", 0)];
        change.resources = vec![resource("other", Some("{}"))];
        change.message.as_mut().unwrap().key = Some(key.to_owned());
        change
    };
    for (id, key) in [("m1", "key-m1"), ("m2", "key-m1"), ("m1", "key-m2")] {
        let Committed::Known(known) = journal.commit(again(id, key)).await.unwrap() else {
            panic!("{id} {key} was not known")
        };
        assert_eq!((known.id.as_str(), known.answer.as_slice()), ("m1", &b"receipt"[..]), "{id} {key}");
        assert_eq!(store.counts().await, before, "{id} {key}");
    }
    // The key is the sender's: another one's message with it is another message.
    let mut foreign = again("m3", "key-m1");
    foreign.message.as_mut().unwrap().sender = "other trust".to_owned();
    assert_eq!(journal.commit(foreign).await.unwrap(), Committed::Stored);
}

async fn messages_without_a_key_are_each_their_own(store: Arc<Store>) {
    let journal = store.node().await;
    let without = |id| Change { message: Some(NewMessage { key: None, ..message(id) }), ..Change::default() };
    for id in ["m1", "m2"] {
        assert_eq!(journal.commit(without(id)).await.unwrap(), Committed::Stored);
    }
    assert!(matches!(journal.commit(without("m1")).await.unwrap(), Committed::Known(known) if known.id == "m1"));
}

async fn of_many_writers_of_a_case_one_wins(store: Arc<Store>) {
    const WRITERS: usize = 12;
    let nodes = [store.node().await, store.node().await, store.node().await];
    let write = |number: usize, read: i64| {
        let id = format!("m{number}");
        let mut change = sending(&id, &["p"]);
        change.cases = vec![case("referral/p", read)];
        change.audits = vec![audit(&id, "create")];
        change
    };
    // All have read that the case is not there.
    let attempts = (0..WRITERS).map(|number| {
        let (journal, change) = (Arc::clone(&nodes[number % nodes.len()]), write(number, 0));
        tokio::spawn(async move { journal.commit(change).await.unwrap() })
    });
    let mut ended = Vec::new();
    for attempt in attempts.collect::<Vec<_>>() {
        ended.push(attempt.await.unwrap());
    }
    assert_eq!(ended.iter().filter(|committed| **committed == Committed::Stored).count(), 1, "{ended:?}");
    assert_eq!(ended.iter().filter(|committed| **committed == Committed::Stale).count(), WRITERS - 1, "{ended:?}");
    assert_eq!(store.counts().await, [1, 1, 1, 0, 1, 0, 1]);
    // Who reads and decides again comes through, and nobody's decision is lost.
    let again = (0..WRITERS).filter(|&number| ended[number] == Committed::Stale).map(|number| {
        let journal = Arc::clone(&nodes[number % nodes.len()]);
        tokio::spawn(async move {
            loop {
                let read = journal.cases(vec!["referral/p".to_owned()]).await.unwrap()[0].revision;
                match journal.commit(write(number, read)).await.unwrap() {
                    Committed::Stored => break,
                    Committed::Stale => {}
                    Committed::Known(_) => panic!("m{number} had left something"),
                }
            }
        })
    });
    for attempt in again.collect::<Vec<_>>() {
        attempt.await.unwrap();
    }
    let all = i64::try_from(WRITERS).unwrap();
    assert_eq!(store.counts().await, [all, all, 1, 0, all, 0, all]);
    assert_eq!(nodes[0].cases(vec!["referral/p".to_owned()]).await.unwrap()[0].revision, all);
}

async fn of_one_message_at_two_nodes_one_is_stored(store: Arc<Store>) {
    let nodes = [store.node().await, store.node().await];
    for round in 0..10 {
        let id = format!("m{round}");
        let attempts: Vec<_> = (0..6)
            .map(|number: usize| {
                let (journal, change) = (Arc::clone(&nodes[number % 2]), arrival(&id));
                tokio::spawn(async move { journal.commit(change).await.unwrap() })
            })
            .collect();
        let mut stored = 0;
        for attempt in attempts {
            match attempt.await.unwrap() {
                Committed::Stored => stored += 1,
                Committed::Known(known) => assert_eq!(known.id, id),
                Committed::Stale => panic!("the message was not known first"),
            }
        }
        assert_eq!(stored, 1);
    }
    assert_eq!(store.counts().await, [10, 10, 10, 10, 10, 0, 10]);
}

async fn a_resource_has_a_version_for_every_text(store: Arc<Store>) {
    let journal = store.node().await;
    let texts = [(Some("a"), 1), (Some("a"), 1), (Some("b"), 2), (None, 3), (None, 3), (Some("a"), 4)];
    let mut newest = 0;
    for (text, version) in texts {
        let change = Change { resources: vec![resource("p", text)], ..Change::default() };
        assert_eq!(journal.commit(change).await.unwrap(), Committed::Stored);
        let row = patient(&journal, "p").await.unwrap();
        assert_eq!((row.version, row.json.as_deref()), (version, text));
        assert!(row.sequence >= newest);
        newest = row.sequence;
    }
    assert_eq!(patient(&journal, "q").await, None);
    assert_eq!(journal.read(Scope::everything(), "Specimen".to_owned(), "p".to_owned()).await.unwrap(), None);
}

async fn writers_of_one_resource_lose_no_version(store: Arc<Store>) {
    const WRITERS: usize = 8;
    let nodes = [store.node().await, store.node().await];
    // Two referrals of one patient have no case in common, and write the patient; in another order.
    let attempts: Vec<_> = (0..WRITERS)
        .map(|number| {
            let journal = Arc::clone(&nodes[number % 2]);
            tokio::spawn(async move {
                loop {
                    let text = number.to_string();
                    let mut resources = vec![resource("p", Some(&text)), resource("q", Some(&text))];
                    if number % 2 == 1 {
                        resources.reverse();
                    }
                    match journal.commit(Change { resources, ..Change::default() }).await {
                        Ok(Committed::Stored) => break,
                        // Told to read and decide again, not that the journal is busy: nobody's sender has to send again.
                        Ok(Committed::Stale) => {}
                        other => panic!("{other:?}"),
                    }
                }
            })
        })
        .collect();
    for attempt in attempts {
        attempt.await.unwrap();
    }
    let newest = patient(&nodes[0], "p").await.unwrap();
    assert_eq!(newest.version, i64::try_from(WRITERS).unwrap());
    assert_eq!(store.number("SELECT COUNT(*) FROM resources WHERE id = 'q'").await, newest.version);
}

async fn a_change_that_does_not_fit_harms_no_other(store: Arc<Store>) {
    let journal = store.node().await;
    let mut unfit = arrival("m1");
    unfit.deliveries.push(delivery("a message that is not there", "m1"));
    let others: Vec<_> = (2..8).map(|number| journal.commit(arrival(&format!("m{number}")))).collect();
    let (unfit, others) = tokio::join!(journal.commit(unfit), futures_util::future::join_all(others));
    assert!(matches!(unfit, Err(JournalError::Damaged(_))), "{unfit:?}");
    assert!(others.iter().all(|other| *other == Ok(Committed::Stored)), "{others:?}");
    assert_eq!(store.counts().await, [6, 6, 6, 6, 6, 0, 6]);
}

async fn every_text_is_kept(store: Arc<Store>) {
    let journal = store.node().await;
    let long = "Æ𝄞\u{feff}\"'\\\r\n\t".repeat(20_000);
    let mut change = arrival("m1");
    let message = change.message.as_mut().unwrap();
    message.reason.clone_from(&long);
    message.original = (0..=255).cycle().take(3_000_000).collect();
    let original = message.original.clone();
    journal.commit(change).await.unwrap();
    assert_eq!(journal.message("m1".to_owned()).await.unwrap().unwrap().reason, long);
    assert_eq!(journal.original("m1".to_owned()).await.unwrap().unwrap(), original);
    // A NUL is no character of a text in PostgreSQL. What a destination answers can hold one, and its delivery must be
    // settled all the same.
    let claimed = claim(&journal, 0).await;
    let detail = "before\0after".to_owned();
    let attempt = Some(AttemptRecord { status: Some(500), code: "delivery.failed", detail });
    let settled = settlement(&claimed[0], DeliveryState::Dead, at(0));
    let settled = Settlement { attempt, ..settled };
    assert!(journal.settle(settled).await.unwrap());
    let attempts = journal.attempts(claimed[0].delivery.sequence).await.unwrap();
    assert_eq!(attempts[0].detail, "before\u{fffd}after");
    assert_eq!(attempts[0].status, Some(500));
}

async fn a_message_ends_otherwise(store: Arc<Store>) {
    let journal = store.node().await;
    journal.commit(arrival("m1")).await.unwrap();
    let withdrawn = Redisposition {
        message: "m1".to_owned(),
        disposition: Disposition::ConsentRefused,
        reason: "the consent was withdrawn".to_owned(),
        case: None,
        patient: Some("other".to_owned()),
        explanation: None,
        at: at(5),
    };
    let change = Change { dispositions: vec![withdrawn], ..Change::default() };
    assert_eq!(journal.commit(change).await.unwrap(), Committed::Stored);
    let row = journal.message("m1".to_owned()).await.unwrap().unwrap();
    assert_eq!((row.disposition.as_str(), row.updated, row.received), ("consent-refused", at(5), at(0)));
    assert_eq!(row.reason, "the consent was withdrawn");
    // What is not told anew stays.
    assert_eq!((row.case.as_deref(), row.patient.as_deref()), (Some("referral/1"), Some("other")));
    assert_eq!(row.explanation, "{\"routes\":[]}");
}

async fn tables_are_made_once(store: Arc<Store>) {
    // Several nodes that start at the same moment on a store that is not there yet.
    let nodes: Vec<_> = (0..4)
        .map(|_| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || block_on(async { store.node().await.commit(arrival("m1")).await.unwrap() }))
        })
        .collect();
    let ended: Vec<Committed> = nodes.into_iter().map(|node| node.join().unwrap()).collect();
    assert_eq!(ended.iter().filter(|committed| **committed == Committed::Stored).count(), 1, "{ended:?}");
    let again = store.node().await;
    assert!(again.message("m1".to_owned()).await.unwrap().is_some());
    assert_eq!(store.number("SELECT COUNT(*) FROM migrations").await, 8);
}
