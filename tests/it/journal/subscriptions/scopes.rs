//! What subscribers see: of several forms of a resource one, and after a merger of trusts what they see from then on.

use std::sync::Arc;

use impress_gateway::domain::subscription::Topic;
use impress_gateway::domain::trust::Trusts;
use impress_gateway::journal::{Change, Grant, GrantWrite, Journal, NewResource, NewSubscription, Scope};
use jiff::Timestamp;

use super::super::store::{Store, at};
use super::{OWNER, events, numbered, subscribe, subscription, task, write};

on_both_stores! {
    of_two_forms_of_a_resource_the_one_that_is_read_is_an_event,
    after_a_merger_subscribers_see_what_became_theirs,
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

/// `north` became part of `forde` on 2026-07-01; `east` stands beside.
const TABLE: &str = r#"
version = "1"

[[region]]
id = "vest"
name = "Vest"
organisation_number = "983658725"

[[trust]]
id = "forde"
name = "West"
region = "vest"
organisation_numbers = [{ number = "983974732" }]
sites = []

[[trust]]
id = "north"
name = "North"
region = "vest"
organisation_numbers = [{ number = "983974694", valid_to = 2026-06-30, successor = "983974732" }]
sites = []

[[trust]]
id = "east"
name = "East"
region = "vest"
organisation_numbers = [{ number = "993467049" }]
sites = []
"#;
const NORTH: &str = "983974694";

/// The last moment of the last day of North, and the first one after it, in Norway (UTC+2).
const BEFORE: &str = "2026-06-30T21:59:59.999Z";
const AFTER: &str = "2026-06-30T22:00:00Z";

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn after_a_merger_subscribers_see_what_became_theirs(store: Arc<Store>) {
    let journal = store.node().await;
    let trusts = Arc::new(Trusts::parse(TABLE).unwrap());
    journal.see_by(Arc::clone(&trusts));
    for (id, owner) in [("of-west", OWNER), ("of-north", NORTH), ("of-east", OTHER)] {
        let scope = Scope::of_organisation(&trusts, owner, moment("2026-01-01T12:00:00Z"));
        let ends = moment("2027-01-01T12:00:00Z");
        let new = NewSubscription { owner: owner.to_owned(), scope, ends, ..subscription(id, Topic::Referral) };
        subscribe(&journal, new).await;
    }
    let at_moment = |at: &str, resource| NewResource { updated: moment(at), ..resource };
    write(&journal, vec![at_moment(BEFORE, task("a", NORTH, 1))]).await;
    assert_eq!(events(&journal, "of-north").await, numbered(&["a"]));
    assert_eq!(events(&journal, "of-west").await, []);
    // The number of North opens nothing any more; what it had is West's, from the first moment on.
    let resources = vec![task("a", NORTH, 2), task("b", OTHER, 1), task("c", OWNER, 1)];
    write(&journal, resources.into_iter().map(|resource| at_moment(AFTER, resource)).collect()).await;
    assert_eq!(events(&journal, "of-west").await, numbered(&["a", "c"]));
    assert_eq!(events(&journal, "of-north").await, numbered(&["a"]));
    assert_eq!(events(&journal, "of-east").await, numbered(&["b"]));
    // A node that starts later says the same.
    let other = store.node().await;
    other.see_by(trusts);
    write(&other, vec![at_moment(AFTER, task("d", NORTH, 1))]).await;
    assert_eq!(events(&journal, "of-west").await, numbered(&["a", "c", "d"]));
    // Nothing of it is a change of the subscription.
    let row = journal.subscription(OWNER.to_owned(), "of-west".to_owned()).await.unwrap().unwrap();
    assert_eq!((row.version, row.updated), (1, at(0)));
}
