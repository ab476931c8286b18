//! Events of subscriptions: numbers without gaps, in order, of what the subscriber may see, whoever commits at the same moment.

use std::sync::Arc;

use impress_gateway::domain::search::Token;
use impress_gateway::domain::subscription::{Filters, Status, Topic, Wanted};
use impress_gateway::journal::{
    Change, Changed, ClaimTimes, ClaimedSubscription, Committed, Grant, GrantWrite, Journal, NewResource,
    NewSubscription, Notified, PUBLIC, Scope, TRIAL,
};

use super::store::{Store, at};

mod claims;
mod scopes;

on_both_stores! {
    events_are_of_what_the_subscriber_may_see_and_asked_for,
    numbers_have_no_gap_whoever_commits_at_the_same_moment,
    what_is_not_committed_makes_no_event,
    a_subscription_is_sent_by_one_and_in_order,
    in_error_events_are_counted_and_nothing_is_sent_until_it_is_asked_for,
    what_was_put_off_by_a_clock_that_was_set_back_is_due,
    an_owner_has_its_own_and_no_more_than_it_may,
    events_past_their_time_are_deleted_from_the_oldest_on,
}

pub(super) const OWNER: &str = "983974732";

pub(super) fn subscription(id: &str, topic: Topic) -> NewSubscription {
    NewSubscription {
        id: id.to_owned(),
        owner: OWNER.to_owned(),
        scope: Scope::of_trust("forde", vec![OWNER.to_owned()]),
        topic,
        filters: Filters::new(),
        status: Status::Active,
        is_pushed: true,
        definition: "{}".to_owned(),
        secrets: b"sealed".to_vec(),
        ends: at(1_000_000),
        batch: 50,
        heartbeat: 0,
        patience: 60_000,
        at: at(0),
    }
}

pub(super) async fn subscribe(journal: &Arc<dyn Journal>, new: NewSubscription) {
    assert!(journal.subscribe(new, 20, Vec::new()).await.unwrap());
}

/// A version of a Task.
fn task(id: &str, owner: &str, version: usize) -> NewResource {
    NewResource {
        kind: "Task".to_owned(),
        id: id.to_owned(),
        owner: owner.to_owned(),
        case: Some(format!("referral/{id}")),
        patient: Some(format!("patient-of-{id}")),
        updated: at(1),
        json: Some(format!("{{\"version\":{version}}}")),
        tokens: vec![Token::new("business-status", "https://a.example", &format!("state-{version}"))],
    }
}

async fn write(journal: &Arc<dyn Journal>, resources: Vec<NewResource>) {
    assert_eq!(journal.commit(Change { resources, ..Change::default() }).await.unwrap(), Committed::Stored);
}

/// Number and id of each event.
async fn events(journal: &Arc<dyn Journal>, id: &str) -> Vec<(i64, String)> {
    let rows = journal.events(id.to_owned(), (0, i64::MAX), 10_000).await.unwrap();
    rows.into_iter().map(|row| (row.number, row.id)).collect()
}

fn numbered(ids: &[&str]) -> Vec<(i64, String)> {
    (1..).zip(ids.iter().map(|id| (*id).to_owned())).collect()
}

pub(super) async fn claim(journal: &Arc<dyn Journal>, second: i64) -> Vec<ClaimedSubscription> {
    let times = ClaimTimes { now: at(second), until: at(second + 60), horizon: at(second + 600) };
    journal.claim_subscriptions(10, times).await.unwrap()
}

pub(super) fn done(claimed: &ClaimedSubscription, second: i64) -> Notified {
    Notified {
        id: claimed.row.id.clone(),
        lease: claimed.lease.clone(),
        status: Status::Active,
        sent: claimed.events.last().map_or(claimed.row.sent, |event| event.number),
        attempts: 0,
        due: at(second),
        beat: at(second),
        error: String::new(),
        audits: Vec::new(),
        at: at(second),
    }
}

async fn events_are_of_what_the_subscriber_may_see_and_asked_for(store: Arc<Store>) {
    let journal = store.node().await;
    subscribe(&journal, subscription("all", Topic::Referral)).await;
    subscribe(&journal, subscription("cohorts", Topic::Cohort)).await;
    let wanted = Wanted {
        name: "business-status".to_owned(),
        system: Some("https://a.example".to_owned()),
        value: "state-2".to_owned(),
    };
    let filtered = NewSubscription { filters: vec![vec![wanted]], ..subscription("filtered", Topic::Referral) };
    subscribe(&journal, filtered).await;
    let off = NewSubscription { status: Status::Off, ..subscription("off", Topic::Referral) };
    subscribe(&journal, off).await;
    let other = NewSubscription {
        owner: "993467049".to_owned(),
        scope: Scope::of_trust("ous", vec!["993467049".to_owned()]),
        ..subscription("other", Topic::Referral)
    };
    subscribe(&journal, other).await;
    let patient = NewResource { kind: "Patient".to_owned(), ..task("a", OWNER, 1) };
    let cohort = NewResource { kind: "ResearchStudy".to_owned(), ..task("c", PUBLIC, 1) };
    let hidden = NewResource { kind: "ResearchStudy".to_owned(), ..task("d", TRIAL, 1) };
    write(&journal, vec![task("a", OWNER, 1), task("b", "993467049", 1), task("a", TRIAL, 1), patient, cohort, hidden])
        .await;
    // The same text is no change.
    write(&journal, vec![task("a", OWNER, 1)]).await;
    write(&journal, vec![task("a", OWNER, 2)]).await;
    assert_eq!(events(&journal, "all").await, numbered(&["a", "a"]));
    assert_eq!(events(&journal, "filtered").await, numbered(&["a"]));
    assert_eq!(events(&journal, "cohorts").await, numbered(&["c"]));
    assert_eq!(events(&journal, "off").await, []);
    assert_eq!(events(&journal, "other").await, numbered(&["b"]));
    // Through a grant another trust's, from then on and while it holds.
    let grant = Grant {
        case: "referral/b".to_owned(),
        trust: "forde".to_owned(),
        reason: "forwarded".to_owned(),
        from: at(1),
        to: None,
    };
    let grants = vec![GrantWrite::Give(grant)];
    journal.commit(Change { grants, ..Change::default() }).await.unwrap();
    write(&journal, vec![task("b", "993467049", 2)]).await;
    let end = GrantWrite::End { case: "referral/b".to_owned(), trust: "forde".to_owned(), reason: None, at: at(2) };
    journal.commit(Change { grants: vec![end], ..Change::default() }).await.unwrap();
    write(&journal, vec![task("b", "993467049", 3)]).await;
    assert_eq!(events(&journal, "all").await, numbered(&["a", "a", "b"]));
    assert_eq!(events(&journal, "other").await, numbered(&["b", "b", "b"]));
}

async fn numbers_have_no_gap_whoever_commits_at_the_same_moment(store: Arc<Store>) {
    const WRITERS: usize = 6;
    const VERSIONS: usize = 25;
    let nodes = [store.node().await, store.node().await];
    // Several, so that commits lock more than one row.
    for id in ["one", "two", "three"] {
        subscribe(&nodes[0], subscription(id, Topic::Referral)).await;
    }
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let node = Arc::clone(&nodes[writer % 2]);
            tokio::spawn(async move {
                for version in 0..VERSIONS {
                    let resources =
                        vec![task(&format!("w{writer}"), OWNER, version), task(&format!("x{writer}"), OWNER, version)];
                    write(&node, resources).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let total = i64::try_from(WRITERS * VERSIONS * 2).unwrap();
    for id in ["one", "two", "three"] {
        let rows = nodes[1].events(id.to_owned(), (0, i64::MAX), 10_000).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), (1..=total).collect::<Vec<_>>(), "{id}");
        assert_eq!(nodes[0].subscription(OWNER.to_owned(), id.to_owned()).await.unwrap().unwrap().events, total);
        // Of one resource the versions are numbered in their order.
        for writer in 0..WRITERS {
            let ordered = format!(
                "SELECT COUNT(*) FROM subscription_events a JOIN subscription_events b ON a.subscription = b.subscription \
                 AND a.id = b.id AND a.number < b.number AND a.version >= b.version \
                 WHERE a.subscription = '{id}' AND a.id = 'w{writer}'"
            );
            assert_eq!(store.number(&ordered).await, 0);
        }
    }
}

async fn what_is_not_committed_makes_no_event(store: Arc<Store>) {
    let journal = store.node().await;
    subscribe(&journal, subscription("all", Topic::Referral)).await;
    write(&journal, vec![task("a", OWNER, 1)]).await;
    let case = super::store::case("referral/a", 7);
    let stale = Change { cases: vec![case], resources: vec![task("a", OWNER, 2)], ..Change::default() };
    assert_eq!(journal.commit(stale).await.unwrap(), Committed::Stale);
    write(&journal, vec![task("b", OWNER, 1)]).await;
    assert_eq!(events(&journal, "all").await, numbered(&["a", "b"]));
}

async fn a_subscription_is_sent_by_one_and_in_order(store: Arc<Store>) {
    let (journal, other) = (store.node().await, store.node().await);
    let two = NewSubscription { batch: 2, ..subscription("two", Topic::Referral) };
    subscribe(&journal, two).await;
    assert_eq!(claim(&journal, 10).await, []);
    for id in ["a", "b", "c"] {
        write(&journal, vec![task(id, OWNER, 1)]).await;
    }
    let first = claim(&journal, 10).await.pop().unwrap();
    assert_eq!(first.events.iter().map(|event| event.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(
        (first.row.events, first.row.attempts, first.events[0].patient.as_deref()),
        (3, 0, Some("patient-of-a"))
    );
    // Nobody else has it while the lease holds; then the same again.
    assert_eq!(claim(&other, 69).await, []);
    let again = claim(&other, 70).await.pop().unwrap();
    assert_eq!((again.events.len(), again.row.attempts), (2, 0));
    assert!(!journal.notified(done(&first, 71)).await.unwrap());
    assert!(other.notified(done(&again, 71)).await.unwrap());
    let last = claim(&journal, 72).await.pop().unwrap();
    assert_eq!(last.events.iter().map(|event| event.number).collect::<Vec<_>>(), [3]);
    // It failed: later again.
    let failed = Notified { sent: last.row.sent, attempts: 1, due: at(100), ..done(&last, 73) };
    assert!(journal.notified(failed).await.unwrap());
    assert_eq!(claim(&journal, 99).await, []);
    let last = claim(&journal, 100).await.pop().unwrap();
    assert_eq!((last.events.len(), last.row.attempts), (1, 1));
    assert!(journal.notified(done(&last, 101)).await.unwrap());
    assert_eq!(claim(&journal, 102).await, []);
}

async fn in_error_events_are_counted_and_nothing_is_sent_until_it_is_asked_for(store: Arc<Store>) {
    let journal = store.node().await;
    subscribe(&journal, subscription("all", Topic::Referral)).await;
    write(&journal, vec![task("a", OWNER, 1)]).await;
    let claimed = claim(&journal, 10).await.pop().unwrap();
    let error =
        Notified { status: Status::Error, sent: 0, error: "delivery.unreachable".to_owned(), ..done(&claimed, 11) };
    assert!(journal.notified(error).await.unwrap());
    write(&journal, vec![task("b", OWNER, 1)]).await;
    assert_eq!(claim(&journal, 1_000).await, []);
    let row = journal.subscription(OWNER.to_owned(), "all".to_owned()).await.unwrap().unwrap();
    assert_eq!(
        (row.status, row.events, row.version, row.error.as_str()),
        (Status::Error, 2, 2, "delivery.unreachable")
    );
    // Asked for again: a handshake, and what comes from then on. What was missed keeps its numbers.
    let again = NewSubscription { status: Status::Requested, ..subscription("all", Topic::Referral) };
    assert_eq!(journal.resubscribe(again, None, Vec::new()).await.unwrap(), Changed::Done);
    write(&journal, vec![task("c", OWNER, 1)]).await;
    let handshake = claim(&journal, 1_001).await.pop().unwrap();
    assert_eq!((handshake.row.status, handshake.events.len(), handshake.row.events), (Status::Requested, 0, 3));
    assert!(journal.notified(done(&handshake, 1_002)).await.unwrap());
    let next = claim(&journal, 1_003).await.pop().unwrap();
    assert_eq!(next.events.iter().map(|event| event.number).collect::<Vec<_>>(), [3]);
    assert_eq!(events(&journal, "all").await, numbered(&["a", "b", "c"]));
    // Changed while it was being called: what was called about is another subscription now, and nothing is skipped.
    let changed = NewSubscription { status: Status::Requested, ..subscription("all", Topic::Referral) };
    assert_eq!(journal.resubscribe(changed, None, Vec::new()).await.unwrap(), Changed::Done);
    assert!(!journal.notified(done(&next, 1_004)).await.unwrap());
    let row = journal.subscription(OWNER.to_owned(), "all".to_owned()).await.unwrap().unwrap();
    assert_eq!((row.status, row.sent), (Status::Requested, 2));
}

async fn what_was_put_off_by_a_clock_that_was_set_back_is_due(store: Arc<Store>) {
    let journal = store.node().await;
    subscribe(&journal, subscription("all", Topic::Referral)).await;
    write(&journal, vec![task("a", OWNER, 1)]).await;
    let hour = 3_600;
    let claimed = claim(&journal, hour).await.pop().unwrap();
    // An hour back: the lease is none that can have been given now.
    let again = claim(&journal, 10).await.pop().unwrap();
    assert_ne!(claimed.lease, again.lease);
    let failed = Notified { sent: 0, attempts: 1, due: at(hour), ..done(&again, 10) };
    assert!(journal.notified(failed).await.unwrap());
    assert_eq!(claim(&journal, 11).await.len(), 1);
}

async fn an_owner_has_its_own_and_no_more_than_it_may(store: Arc<Store>) {
    let journal = store.node().await;
    for (id, expected) in [("one", true), ("two", true), ("three", false)] {
        assert_eq!(journal.subscribe(subscription(id, Topic::Report), 2, Vec::new()).await.unwrap(), expected);
    }
    let other = NewSubscription { owner: "993467049".to_owned(), ..subscription("other", Topic::Report) };
    assert!(journal.subscribe(other.clone(), 2, Vec::new()).await.unwrap());
    let ids =
        |rows: Vec<impress_gateway::journal::SubscriptionRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(journal.subscriptions(OWNER.to_owned()).await.unwrap()), ["one", "two"]);
    let foreign = |id: &str| (OWNER.to_owned(), id.to_owned());
    let (owner, id) = foreign("other");
    assert_eq!(journal.subscription(owner.clone(), id.clone()).await.unwrap(), None);
    assert_eq!(journal.unsubscribe(owner.clone(), id, None, Vec::new()).await.unwrap(), Changed::Absent);
    let stolen = NewSubscription { owner: owner.clone(), ..other };
    assert_eq!(journal.resubscribe(stolen, None, Vec::new()).await.unwrap(), Changed::Absent);
    assert_eq!(journal.unsubscribe(owner.clone(), "one".to_owned(), None, Vec::new()).await.unwrap(), Changed::Done);
    assert_eq!(ids(journal.subscriptions(owner).await.unwrap()), ["two"]);
    assert_eq!(journal.subscriptions("993467049".to_owned()).await.unwrap().len(), 1);
}

async fn events_past_their_time_are_deleted_from_the_oldest_on(store: Arc<Store>) {
    let journal = store.node().await;
    let ends = NewSubscription { ends: at(500), ..subscription("all", Topic::Referral) };
    subscribe(&journal, ends).await;
    for (id, second) in [("a", 10), ("b", 20), ("c", 30)] {
        write(&journal, vec![NewResource { updated: at(second), ..task(id, OWNER, 1) }]).await;
    }
    // What is still to be sent is kept.
    assert_eq!(journal.purge_events(at(25)).await.unwrap(), 0);
    let claimed = claim(&journal, 40).await.pop().unwrap();
    assert!(journal.notified(done(&claimed, 41)).await.unwrap());
    assert_eq!(journal.purge_events(at(25)).await.unwrap(), 2);
    assert_eq!(events(&journal, "all").await, [(3, "c".to_owned())]);
    let row = journal.subscription(OWNER.to_owned(), "all".to_owned()).await.unwrap().unwrap();
    assert_eq!((row.purged, row.events), (2, 3));
    // After its end it is off, and nothing is counted.
    claim(&journal, 500).await;
    write(&journal, vec![NewResource { updated: at(501), ..task("d", OWNER, 1) }]).await;
    let row = journal.subscription(OWNER.to_owned(), "all".to_owned()).await.unwrap().unwrap();
    assert_eq!((row.status, row.events), (Status::Off, 3));
}
