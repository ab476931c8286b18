//! What is deleted in time, and what never is.

use std::sync::Arc;

use impress_gateway::audit::verify::verify;
use impress_gateway::domain::disposition::Disposition;
use impress_gateway::journal::{AttemptRecord, Change, DeliveryState, Journal, NewMessage, Redisposition, Settlement};

use super::store::{Store, arrival, at, claim, message, sending, settlement};

on_both_stores! {
    a_purge_deletes_bytes_and_keeps_rows,
    what_waits_is_never_deleted,
    what_is_to_be_sent_is_never_deleted,
    what_ended_late_is_kept_as_long,
    a_purge_takes_so_many,
}

async fn has_original(journal: &Arc<dyn Journal>, id: &str) -> bool {
    journal.original(id.to_owned()).await.unwrap().is_some()
}

/// Settles what is claimed at `now`, at `now`, with an attempt.
async fn settle_all(journal: &Arc<dyn Journal>, now: i64, state: DeliveryState) {
    for claimed in claim(journal, now).await {
        let attempt = Some(AttemptRecord { status: Some(200), code: "delivery.done", detail: "told".to_owned() });
        let settlement = Settlement { attempt, at: at(now), ..settlement(&claimed, state, at(now)) };
        assert!(journal.settle(settlement).await.unwrap());
    }
}

async fn a_purge_deletes_bytes_and_keeps_rows(store: Arc<Store>) {
    let journal = store.node().await;
    journal.commit(arrival("m1")).await.unwrap();
    settle_all(&journal, 0, DeliveryState::Delivered).await;
    let sequence = journal.deliveries("m1".to_owned()).await.unwrap()[0].sequence;
    // Not at its very time: before it.
    assert_eq!(journal.purge(at(0), 10).await.unwrap(), 0);
    assert!(has_original(&journal, "m1").await);
    assert_eq!(journal.purge(at(1), 10).await.unwrap(), 1);
    assert!(!has_original(&journal, "m1").await);
    assert_eq!(journal.attempts(sequence).await.unwrap(), []);
    assert_eq!(store.number("SELECT COUNT(*) FROM deliveries WHERE body <> ''").await, 0);
    // Message, case, resource, delivery and audit stay, and with them the ids: the message is still known.
    assert_eq!(store.counts().await, [1, 0, 1, 1, 1, 0, 1]);
    let known = journal.commit(arrival("m1")).await.unwrap();
    assert!(matches!(known, impress_gateway::journal::Committed::Known(row) if row.answer == b"receipt"));
    assert_eq!(journal.purge(at(1), 10).await.unwrap(), 0);
    let audits = journal.audits("m1".to_owned()).await.unwrap();
    assert_eq!(audits.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(), ["create"]);
    let report = verify(&*journal, None, &[], |_| {}).await.unwrap();
    assert_eq!((report.rows, report.findings.len()), (1, 0));
}

async fn what_waits_is_never_deleted(store: Arc<Store>) {
    let journal = store.node().await;
    let ends = |disposition: Disposition| {
        use Disposition::{
            ConsentRefused, IdReused, Outdated, ReceiptNegative, ReceiptOverdue, Receipted, Rejected, Routed,
        };
        // Of a status the alarm stays with the row; what was sent is no longer of use.
        let is_told = matches!(disposition, Receipted | ReceiptNegative | ReceiptOverdue);
        is_told || matches!(disposition, Routed | Rejected | Outdated | ConsentRefused | IdReused)
    };
    for disposition in Disposition::ALL {
        let message = NewMessage { disposition, ..message(disposition.as_str()) };
        journal.commit(Change { message: Some(message), ..Change::default() }).await.unwrap();
    }
    assert_eq!(journal.purge(at(1_000_000), 100).await.unwrap(), 8);
    for disposition in Disposition::ALL {
        assert_eq!(has_original(&journal, disposition.as_str()).await, !ends(disposition), "{disposition}");
    }
}

async fn what_is_to_be_sent_is_never_deleted(store: Arc<Store>) {
    let journal = store.node().await;
    for id in ["delivered", "dead", "leased", "due"] {
        journal.commit(sending(id, &[id])).await.unwrap();
    }
    let claimed = journal.claim("trial".to_owned(), 3, at(0), at(60)).await.unwrap();
    journal.settle(settlement(&claimed[0], DeliveryState::Delivered, at(0))).await.unwrap();
    journal.settle(settlement(&claimed[1], DeliveryState::Dead, at(0))).await.unwrap();
    // Long after every lease.
    assert_eq!(journal.purge(at(1_000_000), 100).await.unwrap(), 1);
    for id in ["dead", "leased", "due"] {
        assert!(has_original(&journal, id).await, "{id}");
    }
    assert_eq!(store.number("SELECT COUNT(*) FROM deliveries WHERE body = ''").await, 1);
    // And it is sent as it was.
    let claimed = claim(&journal, 1_000_000).await;
    let bodies: Vec<_> = claimed.iter().map(|claimed| claimed.body.as_str()).collect();
    assert_eq!(bodies, ["body of leased", "body of due"]);
}

async fn what_ended_late_is_kept_as_long(store: Arc<Store>) {
    let journal = store.node().await;
    // A destination that was down for long; and a message that waited for long.
    journal.commit(sending("m1", &["p"])).await.unwrap();
    settle_all(&journal, 500, DeliveryState::Delivered).await;
    let parked = NewMessage { disposition: Disposition::Parked, ..message("m2") };
    journal.commit(Change { message: Some(parked), ..Change::default() }).await.unwrap();
    let redisposition = Redisposition {
        message: "m2".to_owned(),
        disposition: Disposition::Outdated,
        reason: String::new(),
        case: None,
        patient: None,
        explanation: None,
        at: at(500),
    };
    journal.commit(Change { dispositions: vec![redisposition], ..Change::default() }).await.unwrap();
    assert_eq!(journal.purge(at(500), 100).await.unwrap(), 0);
    assert!(has_original(&journal, "m1").await && has_original(&journal, "m2").await);
    assert_eq!(journal.purge(at(501), 100).await.unwrap(), 2);
}

async fn a_purge_takes_so_many(store: Arc<Store>) {
    let journal = store.node().await;
    for number in 0..5 {
        let message = Some(message(&format!("m{number}")));
        journal.commit(Change { message, ..Change::default() }).await.unwrap();
    }
    assert_eq!(journal.purge(at(1), 2).await.unwrap(), 2);
    // The oldest first.
    assert!(!has_original(&journal, "m1").await && has_original(&journal, "m2").await);
    assert_eq!(journal.purge(at(1), 10).await.unwrap(), 3);
}
