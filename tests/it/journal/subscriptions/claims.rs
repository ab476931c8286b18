//! Who may call an endpoint, and what is counted of it.

use std::sync::Arc;

use impress_gateway::domain::subscription::Topic;
use impress_gateway::journal::{Changed, NewSubscription, Notified};

use super::super::store::{Store, at, on_postgres, session, until};
use super::{OWNER, claim, done, subscribe, subscription, task, write};

on_both_stores! {
    attempts_are_those_that_were_settled,
}

/// Between the look and the lease of one node another node has called the endpoint.
#[test]
fn what_another_node_has_done_meanwhile_is_not_done_again() {
    on_postgres(|store: Arc<Store>| async move {
        let Store::Postgres(connection) = &*store else { unreachable!() };
        let journal = store.node().await;
        let later = at(100).as_millisecond();
        for (name, heartbeat, meanwhile, expected) in [
            ("control", 0, String::new(), 1),
            ("told", 0, "UPDATE subscriptions SET sent = events".to_owned(), 0),
            ("put off", 0, format!("UPDATE subscriptions SET attempts = 1, due = {later}"), 0),
            ("sign of life", 1_000, format!("UPDATE subscriptions SET sent = events, beat = {later}"), 0),
            ("error", 0, "UPDATE subscriptions SET status = 'error'".to_owned(), 0),
        ] {
            subscribe(&journal, NewSubscription { heartbeat, ..subscription(name, Topic::Referral) }).await;
            write(&journal, vec![task(name, OWNER, 1)]).await;
            let (other, look) = (session(connection).await, session(connection).await);
            let pid: i32 = other.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
            other.batch_execute("BEGIN; SELECT 1 FROM subscriptions FOR UPDATE").await.unwrap();
            let claiming = tokio::spawn({
                let journal = Arc::clone(&journal);
                async move { claim(&journal, 10).await }
            });
            until("the lease waits for the other node", || async {
                let blocked = "SELECT COUNT(*) FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))";
                look.query_one(blocked, &[&pid]).await.unwrap().get::<_, i64>(0) == 1
            })
            .await;
            other.batch_execute(&format!("{meanwhile}; COMMIT")).await.unwrap();
            assert_eq!(claiming.await.unwrap().len(), expected, "{name}");
            let ended = journal.unsubscribe(OWNER.to_owned(), name.to_owned(), None, Vec::new()).await.unwrap();
            assert_eq!(ended, Changed::Done);
        }
    });
}

/// A process that is killed while it calls uses up no attempt: the endpoint has done nothing wrong.
async fn attempts_are_those_that_were_settled(store: Arc<Store>) {
    let journal = store.node().await;
    subscribe(&journal, subscription("all", Topic::Referral)).await;
    write(&journal, vec![task("a", OWNER, 1)]).await;
    // Each lease runs out after a minute; before that nobody gets another.
    for round in 0..5 {
        let second = 10 + round * 60;
        let claimed = claim(&journal, second).await.pop().unwrap();
        assert_eq!(claimed.row.attempts, 0, "round {round}");
        assert_eq!(claim(&journal, second + 59).await, [], "round {round}");
    }
    let claimed = claim(&journal, 310).await.pop().unwrap();
    let failed = Notified { sent: 0, attempts: claimed.row.attempts + 1, ..done(&claimed, 311) };
    assert!(journal.notified(failed).await.unwrap());
    assert_eq!(claim(&journal, 311).await.pop().unwrap().row.attempts, 1);
}
