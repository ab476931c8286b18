//! Proofs of possession that were used, on a store that several nodes share.

use std::sync::Arc;

use impress_gateway::journal::Journal;

use super::store::{Store, at};

on_both_stores! {
    a_proof_is_new_once_whichever_node_it_comes_to,
    of_many_at_once_one_is_the_first,
    what_is_too_old_to_be_used_is_forgotten,
}

async fn a_proof_is_new_once_whichever_node_it_comes_to(store: Arc<Store>) {
    let (one, other) = (store.node().await, store.node().await);
    assert!(one.remember_proof("a".to_owned(), at(10)).await.unwrap());
    assert!(!other.remember_proof("a".to_owned(), at(10)).await.unwrap());
    assert!(!one.remember_proof("a".to_owned(), at(20)).await.unwrap());
    assert!(other.remember_proof("b".to_owned(), at(10)).await.unwrap());
    // Over a restart, too.
    drop((one, other));
    assert!(!store.node().await.remember_proof("a".to_owned(), at(10)).await.unwrap());
}

async fn of_many_at_once_one_is_the_first(store: Arc<Store>) {
    let nodes = [store.node().await, store.node().await, store.node().await];
    let asked: Vec<_> = (0..30)
        .map(|number| {
            let node: Arc<dyn Journal> = Arc::clone(&nodes[number % nodes.len()]);
            tokio::spawn(async move { node.remember_proof("a".to_owned(), at(10)).await.unwrap() })
        })
        .collect();
    let mut first = 0;
    for answer in asked {
        first += usize::from(answer.await.unwrap());
    }
    assert_eq!(first, 1);
}

async fn what_is_too_old_to_be_used_is_forgotten(store: Arc<Store>) {
    let journal = store.node().await;
    for (proof, second) in [("a", 10), ("b", 20), ("c", 30)] {
        assert!(journal.remember_proof(proof.to_owned(), at(second)).await.unwrap());
    }
    assert_eq!(journal.forget_proofs(at(20)).await.unwrap(), 1);
    assert_eq!(store.number("SELECT COUNT(*) FROM proofs").await, 2);
    // One that is still to be refused stays.
    assert!(!journal.remember_proof("b".to_owned(), at(20)).await.unwrap());
}
