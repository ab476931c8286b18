//! Lists of messages: filters, pages, whose they are.

use std::sync::Arc;

use impress_gateway::domain::disposition::Disposition;
use impress_gateway::journal::{Change, Filter, Journal, NewMessage};

use super::store::{Store, at, message};

on_both_stores! {
    a_filter_lets_through_what_it_names,
    a_scope_without_a_name_shows_nothing,
    pages_have_every_message_once,
    a_limit_is_a_limit,
}

async fn store_message(journal: &Arc<dyn Journal>, message: NewMessage) {
    journal.commit(Change { message: Some(message), ..Change::default() }).await.unwrap();
}

async fn ids(journal: &Arc<dyn Journal>, filter: Filter) -> Vec<String> {
    let filter = Filter { limit: 100, ..filter };
    journal.messages(filter).await.unwrap().into_iter().map(|row| row.id).collect()
}

async fn a_filter_lets_through_what_it_names(store: Arc<Store>) {
    let journal = store.node().await;
    let (a, b) = ("trust".to_owned(), "trust b".to_owned());
    let parked = Disposition::Parked;
    store_message(&journal, NewMessage { received: at(10), ..message("m1") }).await;
    store_message(&journal, NewMessage { received: at(20), sender: b.clone(), ..message("m2") }).await;
    store_message(&journal, NewMessage { received: at(30), disposition: parked, ..message("m3") }).await;
    store_message(&journal, NewMessage { received: at(40), kind: "report", ..message("m4") }).await;
    store_message(&journal, NewMessage { received: at(50), case: None, ..message("m5") }).await;
    store_message(&journal, NewMessage { received: at(60), sender: b.clone(), kind: "report", ..message("m6") }).await;

    let some = |text: &str| Some(text.to_owned());
    assert_eq!(ids(&journal, Filter::default()).await, ["m6", "m5", "m4", "m3", "m2", "m1"]);
    assert_eq!(ids(&journal, Filter { sender: Some(a), ..Filter::default() }).await, ["m5", "m4", "m3", "m1"]);
    assert_eq!(ids(&journal, Filter { sender: Some(b.clone()), ..Filter::default() }).await, ["m6", "m2"]);
    assert_eq!(ids(&journal, Filter { disposition: some("parked"), ..Filter::default() }).await, ["m3"]);
    assert_eq!(ids(&journal, Filter { kind: some("report"), ..Filter::default() }).await, ["m6", "m4"]);
    assert_eq!(
        ids(&journal, Filter { case: some("referral/1"), ..Filter::default() }).await,
        ["m6", "m4", "m3", "m2", "m1"]
    );
    let both = Filter { sender: Some(b), kind: some("report"), ..Filter::default() };
    assert_eq!(ids(&journal, both).await, ["m6"]);
    // From a time on, and before one.
    let between = Filter { from: Some(at(20)), to: Some(at(50)), ..Filter::default() };
    assert_eq!(ids(&journal, between).await, ["m4", "m3", "m2"]);
}

async fn a_scope_without_a_name_shows_nothing(store: Arc<Store>) {
    let journal = store.node().await;
    store_message(&journal, message("m1")).await;
    for sender in ["", "trus", "TRUST", "trust ", "%", "trust b", "' OR ''='"] {
        let filter = Filter { sender: Some(sender.to_owned()), ..Filter::default() };
        assert_eq!(ids(&journal, filter).await, Vec::<String>::new(), "{sender:?}");
    }
    for filter in [
        Filter { disposition: Some(String::new()), ..Filter::default() },
        Filter { kind: Some(String::new()), ..Filter::default() },
        Filter { case: Some(String::new()), ..Filter::default() },
    ] {
        assert_eq!(ids(&journal, filter.clone()).await, Vec::<String>::new(), "{filter:?}");
    }
}

async fn pages_have_every_message_once(store: Arc<Store>) {
    let journal = store.node().await;
    for number in 0..25 {
        let sender = if number % 5 == 0 { "trust b" } else { "trust" };
        store_message(&journal, NewMessage { sender: sender.to_owned(), ..message(&format!("m{number:02}")) }).await;
    }
    let expected: Vec<String> =
        (0..25).rev().filter(|number| number % 5 != 0).map(|number| format!("m{number:02}")).collect();
    for limit in [1, 7, 10, 20, 21] {
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let filter = Filter { sender: Some("trust".to_owned()), before, limit, ..Filter::default() };
            let page = journal.messages(filter).await.unwrap();
            assert!(page.len() <= usize::try_from(limit).unwrap());
            let Some(last) = page.last() else { break };
            before = Some(last.sequence);
            seen.extend(page.into_iter().map(|row| row.id));
            // What comes while somebody turns the pages is newer than all of them.
            let id = format!("later-{limit}-{}", seen.len());
            store_message(&journal, NewMessage { disposition: Disposition::Parked, ..message(&id) }).await;
        }
        seen.retain(|id| !id.starts_with("later"));
        assert_eq!(seen, expected, "pages of {limit}");
    }
}

async fn a_limit_is_a_limit(store: Arc<Store>) {
    let journal = store.node().await;
    store_message(&journal, message("m1")).await;
    for limit in [0, -1, i64::MIN] {
        let filter = Filter { limit, ..Filter::default() };
        assert_eq!(journal.messages(filter).await.unwrap(), [], "{limit}");
        assert_eq!(journal.dead_letters(None, limit).await.unwrap(), [], "{limit}");
        assert_eq!(journal.purge(at(1_000), limit).await.unwrap(), 0, "{limit}");
    }
    assert!(journal.original("m1".to_owned()).await.unwrap().is_some());
}
