//! What subscribers see: of several forms of a resource one.

use std::sync::Arc;

use impress_gateway::domain::subscription::Topic;
use impress_gateway::journal::{Change, Grant, GrantWrite, Journal, NewResource};

use super::super::store::{Store, at};
use super::{OWNER, events, numbered, subscribe, subscription, task, write};

on_both_stores! {
    of_two_forms_of_a_resource_the_one_that_is_read_is_an_event,
}

const OTHER: &str = "993467049";
const THIRD: &str = "983971636";

async fn grant(journal: &Arc<dyn Journal>, case: &str) {
    let grant = Grant {
        case: case.to_owned(),
        trust: "forde".to_owned(),
        reason: "forwarded".to_owned(),
        from: at(1),
        to: None,
    };
    journal.commit(Change { grants: vec![GrantWrite::Give(grant)], ..Change::default() }).await.unwrap();
}

/// A version of the form that a trust has of a Task, of a case of its own.
fn form(id: &str, owner: &str, version: usize) -> NewResource {
    NewResource { case: Some(format!("referral/{id}-{owner}")), ..task(id, owner, version) }
}

async fn of_two_forms_of_a_resource_the_one_that_is_read_is_an_event(store: Arc<Store>) {
    let journal = store.node().await;
    subscribe(&journal, subscription("all", Topic::Referral)).await;
    for case in ["referral/a-993467049", "referral/b-993467049", "referral/b-983971636", "referral/c-993467049"] {
        grant(&journal, case).await;
    }
    // Its own goes first, whichever is written last and together or not.
    write(&journal, vec![form("a", OWNER, 1), form("a", OTHER, 1)]).await;
    write(&journal, vec![form("a", OTHER, 2)]).await;
    assert_eq!(events(&journal, "all").await, numbered(&["a"]));
    write(&journal, vec![form("a", OTHER, 3), form("a", OWNER, 2)]).await;
    assert_eq!(events(&journal, "all").await, numbered(&["a", "a"]));
    // Of two that are granted one, the newest as they were written.
    write(&journal, vec![form("b", OTHER, 1), form("b", THIRD, 1)]).await;
    assert_eq!(events(&journal, "all").await, numbered(&["a", "a", "b"]));
    // The control: one that is granted and stands alone.
    write(&journal, vec![form("c", OTHER, 1), form("c", THIRD, 1)]).await;
    assert_eq!(events(&journal, "all").await, numbered(&["a", "a", "b", "c"]));
    // Each is of the form that the subscriber reads.
    let scope = subscription("all", Topic::Referral).scope;
    for (number, id) in [(1, "a"), (2, "a"), (3, "b"), (4, "c")] {
        let read = journal.read(scope.clone(), "Task".to_owned(), id.to_owned()).await.unwrap().unwrap();
        let told =
            format!("SELECT COUNT(*) FROM subscription_events WHERE number = {number} AND owner = '{}'", read.owner);
        assert_eq!(store.number(&told).await, 1, "{number}");
    }
}
