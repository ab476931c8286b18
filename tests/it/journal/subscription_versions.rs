//! Versions of subscriptions: each is kept as it was, and a change can be of one of them only.

use std::sync::Arc;

use impress_gateway::domain::subscription::{Status, Topic};
use impress_gateway::journal::{Changed, Journal, NewSubscription, Notified};

use super::store::{Store, at};
use super::subscriptions::{OWNER, claim, done, subscribe, subscription};

on_both_stores! {
    each_version_is_kept_as_it_was,
    the_oldest_versions_go_and_all_go_with_the_subscription,
    a_change_is_of_the_version_that_is_named_or_none,
    of_two_who_change_the_same_version_one_does,
    what_was_there_before_there_were_versions_has_the_one_that_it_is,
}

/// Version, status, definition, error and second of each.
async fn versions(journal: &Arc<dyn Journal>, owner: &str) -> Vec<(i64, Status, String, String, i64)> {
    let rows = journal.subscription_versions(owner.to_owned(), "one".to_owned()).await.unwrap();
    let line = |row: impress_gateway::journal::SubscriptionRow| {
        (row.version, row.status, row.definition, row.error, (row.updated - at(0)).get_seconds())
    };
    rows.into_iter().map(line).collect()
}

fn defined(definition: &str, status: Status, second: i64) -> NewSubscription {
    let definition = format!("{{\"reason\":\"{definition}\"}}");
    NewSubscription { status, definition, at: at(second), ends: at(1_000), ..subscription("one", Topic::Referral) }
}

fn line(
    version: i64,
    status: Status,
    definition: &str,
    error: &str,
    second: i64,
) -> (i64, Status, String, String, i64) {
    (version, status, format!("{{\"reason\":\"{definition}\"}}"), error.to_owned(), second)
}

async fn each_version_is_kept_as_it_was(store: Arc<Store>) {
    let journal = store.node().await;
    subscribe(&journal, defined("a", Status::Requested, 1)).await;
    let handshake = claim(&journal, 10).await.pop().unwrap();
    assert!(journal.notified(done(&handshake, 11)).await.unwrap());
    // What is tried and sent is no version.
    assert_eq!(journal.subscription_versions(OWNER.to_owned(), "one".to_owned()).await.unwrap().len(), 2);
    assert_eq!(
        journal.resubscribe(defined("b", Status::Requested, 20), None, Vec::new()).await.unwrap(),
        Changed::Done
    );
    let handshake = claim(&journal, 30).await.pop().unwrap();
    let failed = Notified { status: Status::Error, error: "delivery.failed".to_owned(), ..done(&handshake, 31) };
    assert!(journal.notified(failed).await.unwrap());
    // Its time is over.
    claim(&journal, 1_000).await;
    assert_eq!(
        versions(&journal, OWNER).await,
        [
            line(5, Status::Off, "b", "delivery.failed", 1_000),
            line(4, Status::Error, "b", "delivery.failed", 31),
            line(3, Status::Requested, "b", "", 20),
            line(2, Status::Active, "a", "", 11),
            line(1, Status::Requested, "a", "", 1),
        ]
    );
    let newest = journal.subscription(OWNER.to_owned(), "one".to_owned()).await.unwrap().unwrap();
    let first = journal.subscription_versions(OWNER.to_owned(), "one".to_owned()).await.unwrap().remove(0);
    assert_eq!(newest, first);
    assert_eq!(versions(&journal, "993467049").await, []);
}

async fn the_oldest_versions_go_and_all_go_with_the_subscription(store: Arc<Store>) {
    let journal = store.node().await;
    subscribe(&journal, defined("a", Status::Off, 1)).await;
    subscribe(&journal, subscription("two", Topic::Report)).await;
    for second in 2..=103 {
        let changed = journal.resubscribe(defined("a", Status::Off, second), None, Vec::new()).await.unwrap();
        assert_eq!(changed, Changed::Done);
    }
    let kept: Vec<i64> = versions(&journal, OWNER).await.iter().map(|version| version.0).collect();
    assert_eq!(kept, (4..=103).rev().collect::<Vec<_>>());
    let changed = journal.unsubscribe(OWNER.to_owned(), "one".to_owned(), None, Vec::new()).await.unwrap();
    assert_eq!((changed, versions(&journal, OWNER).await), (Changed::Done, Vec::new()));
    assert_eq!(store.number("SELECT COUNT(*) FROM subscription_versions").await, 1);
}

async fn a_change_is_of_the_version_that_is_named_or_none(store: Arc<Store>) {
    let journal = store.node().await;
    subscribe(&journal, defined("a", Status::Off, 1)).await;
    let put = async |definition: &str, version| {
        journal.resubscribe(defined(definition, Status::Off, 2), version, Vec::new()).await.unwrap()
    };
    let delete = async |owner: &str, version| {
        journal.unsubscribe(owner.to_owned(), "one".to_owned(), version, Vec::new()).await.unwrap()
    };
    for wrong in [0, 2, -1, i64::MAX] {
        assert_eq!(put("wrong", Some(wrong)).await, Changed::OtherVersion, "{wrong}");
        assert_eq!(delete(OWNER, Some(wrong)).await, Changed::OtherVersion, "{wrong}");
    }
    assert_eq!(versions(&journal, OWNER).await, [line(1, Status::Off, "a", "", 1)]);
    assert_eq!(put("b", Some(1)).await, Changed::Done);
    assert_eq!(put("again", Some(1)).await, Changed::OtherVersion);
    assert_eq!(versions(&journal, OWNER).await[0], line(2, Status::Off, "b", "", 2));
    // Of another owner there is none, whatever version is named.
    assert_eq!(delete("993467049", Some(2)).await, Changed::Absent);
    assert_eq!(delete(OWNER, Some(2)).await, Changed::Done);
    assert_eq!(delete(OWNER, Some(2)).await, Changed::Absent);
    assert_eq!(put("late", Some(2)).await, Changed::Absent);
}

async fn of_two_who_change_the_same_version_one_does(store: Arc<Store>) {
    let (one, two) = (store.node().await, store.node().await);
    subscribe(&one, defined("a", Status::Off, 1)).await;
    for version in 1..=20 {
        let put = |journal: &Arc<dyn Journal>| {
            let journal = Arc::clone(journal);
            async move { journal.resubscribe(defined("b", Status::Off, 2), Some(version), Vec::new()).await.unwrap() }
        };
        let (first, second) = tokio::join!(tokio::spawn(put(&one)), tokio::spawn(put(&two)));
        let mut changed = [first.unwrap(), second.unwrap()];
        changed.sort_by_key(|changed| *changed != Changed::Done);
        assert_eq!(changed, [Changed::Done, Changed::OtherVersion], "version {version}");
    }
    assert_eq!(versions(&two, OWNER).await[0].0, 21);
}

async fn what_was_there_before_there_were_versions_has_the_one_that_it_is(store: Arc<Store>) {
    let journal = store.node().await;
    subscribe(&journal, defined("a", Status::Off, 1)).await;
    assert_eq!(journal.resubscribe(defined("b", Status::Off, 2), None, Vec::new()).await.unwrap(), Changed::Done);
    drop(journal);
    // As an earlier program left it.
    let triggers = ["subscriptions_begin", "subscriptions_change", "subscriptions_end"];
    for trigger in triggers {
        let of = if matches!(*store, Store::Sqlite(_)) { "" } else { " ON subscriptions" };
        store.execute(&format!("DROP TRIGGER {trigger}{of}")).await;
    }
    if matches!(*store, Store::Postgres(_)) {
        store.execute("DROP FUNCTION subscriptions_keep; DROP FUNCTION subscriptions_forget").await;
    }
    store.execute("DROP TABLE subscription_versions; DELETE FROM migrations WHERE version = 8").await;
    let journal = store.node().await;
    assert_eq!(versions(&journal, OWNER).await, [line(2, Status::Off, "b", "", 2)]);
    assert_eq!(journal.resubscribe(defined("c", Status::Off, 3), Some(2), Vec::new()).await.unwrap(), Changed::Done);
    assert_eq!(versions(&journal, OWNER).await, [line(3, Status::Off, "c", "", 3), line(2, Status::Off, "b", "", 2)]);
}
