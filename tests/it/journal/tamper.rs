//! The audit trail under the hands of somebody who may write its tables: what is found, and under which code.

use std::sync::Arc;

use impress_gateway::audit::verify::{Earlier, line, verify, verify_ends};
use impress_gateway::journal::{Audit, Change, Journal};
use sha2::{Digest, Sha256};

use super::store::{Store, at, audit};

on_both_stores! {
    nobody_changes_a_row_by_the_way,
    every_value_of_a_row_is_covered,
    each_kind_of_damage_has_its_code,
    what_was_forged_is_not_signed_by_what_comes_after,
    a_chain_that_was_put_back_is_found_by_what_was_printed,
    what_was_written_before_there_were_chains_is_in_one,
    a_trail_that_grows_is_whole,
}

/// A chain of six rows; its number.
async fn six(store: &Store) -> (Arc<dyn Journal>, i64) {
    let journal = store.node().await;
    let audits = (0..6).map(|number| Audit { at: at(number), ..audit("m1", "read") }).collect();
    journal.commit(Change { audits, ..Change::default() }).await.unwrap();
    let chain = store.number("SELECT chain FROM audit WHERE number = 6").await;
    (journal, chain)
}

/// Codes of what is found, in order.
async fn found(journal: &Arc<dyn Journal>, earlier: &[Earlier]) -> Vec<&'static str> {
    let report = verify(&**journal, None, earlier, |_| {}).await.unwrap();
    report.findings.iter().map(|issue| issue.code.as_str()).collect()
}

/// The hash of a row as docs/audit.md describes it, of a row with these values and no others.
fn hash(chain: i64, number: i64, previous: &[u8], organisation: &str) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(b"impress-gateway audit row 1");
    let integer = |digest: &mut Sha256, number: i64| digest.update(number.to_be_bytes());
    let bytes = |digest: &mut Sha256, kind: u8, bytes: &[u8]| {
        digest.update([kind]);
        digest.update(u64::try_from(bytes.len()).unwrap().to_be_bytes());
        digest.update(bytes);
    };
    integer(&mut digest, chain);
    integer(&mut digest, number);
    bytes(&mut digest, 3, previous);
    digest.update([2]);
    integer(&mut digest, 0);
    for text in ["read", "success", organisation, "trust", "client"] {
        bytes(&mut digest, 1, text.as_bytes());
    }
    digest.update([0, 0, 0]);
    bytes(&mut digest, 1, b"trace");
    digest.update([0, 0, 2]);
    integer(&mut digest, 1);
    digest.finalize().to_vec()
}

/// A statement that writes such a row, and its hash.
fn row(store: &Store, chain: i64, number: i64, previous: &[u8], organisation: &str) -> (String, Vec<u8>) {
    let hash = hash(chain, number, previous, organisation);
    let statement = format!(
        "INSERT INTO audit (chain, number, previous, hash, at, action, outcome, organisation, role, client, network, \
         message, patient, trace, detail, purpose, count) VALUES ({chain}, {number}, {}, {}, 0, 'read', 'success', \
         '{organisation}', 'trust', 'client', NULL, NULL, NULL, 'trace', NULL, NULL, 1);",
        store.literal(previous),
        store.literal(&hash)
    );
    (statement, hash)
}

async fn nobody_changes_a_row_by_the_way(store: Arc<Store>) {
    let (journal, _) = six(&store).await;
    let mut statements =
        vec!["UPDATE audit SET organisation = 'other'", "DELETE FROM audit", "DELETE FROM audit_heads"];
    if matches!(&*store, Store::Postgres(_)) {
        statements.extend(["TRUNCATE audit", "TRUNCATE audit_heads"]);
    }
    for statement in statements {
        let refused = store.try_execute(statement).await.unwrap_err();
        assert!(refused.contains("the audit trail is append-only"), "{statement}: {refused}");
    }
    assert_eq!(store.number("SELECT COUNT(*) FROM audit").await, 6);
    assert_eq!(found(&journal, &[]).await, [""; 0]);
}

async fn every_value_of_a_row_is_covered(store: Arc<Store>) {
    let (journal, chain) = six(&store).await;
    store.disarm().await;
    for (column, value) in [
        ("at", "1"),
        ("action", "'search'"),
        ("outcome", "'refused'"),
        ("organisation", "'other'"),
        ("role", "'operator'"),
        ("client", "'other'"),
        ("network", "'10.0.0.1'"),
        ("message", "NULL"),
        ("patient", "'other'"),
        ("trace", "'other'"),
        ("detail", "''"),
        ("purpose", "'HRESCH'"),
        ("count", "2"),
    ] {
        store.execute("CREATE TABLE kept AS SELECT * FROM audit").await;
        store.execute(&format!("UPDATE audit SET {column} = {value} WHERE chain = {chain} AND number = 3")).await;
        assert_eq!(found(&journal, &[]).await, ["audit.row-altered"], "{column}");
        let back = format!(
            "UPDATE audit SET {column} = (SELECT k.{column} FROM kept k WHERE k.sequence = audit.sequence); DROP TABLE kept"
        );
        store.execute(&back).await;
        assert_eq!(found(&journal, &[]).await, [""; 0], "{column}");
    }
}

async fn each_kind_of_damage_has_its_code(store: Arc<Store>) {
    let (journal, chain) = six(&store).await;
    store.disarm().await;
    let hash_of = async |number: i64| {
        store.bytes(&format!("SELECT hash FROM audit WHERE chain = {chain} AND number = {number}")).await
    };
    let (second, third, fourth, last) = (hash_of(2).await, hash_of(3).await, hash_of(4).await, hash_of(6).await);
    let of = |number: &str| format!("chain = {chain} AND number {number}");
    let delete = |number: &str| format!("DELETE FROM audit WHERE {};", of(number));
    let head = |number: i64, hash: &[u8]| {
        format!("UPDATE audit_heads SET number = {number}, hash = {} WHERE chain = {chain};", store.literal(hash))
    };
    let (appended, of_appended) = row(&store, chain, 7, &last, "intruder");
    let (replaced_third, _) = row(&store, chain, 3, &second, "intruder");
    let (replaced_last, of_last) = row(&store, chain, 6, &hash_of(5).await, "intruder");
    let (stray, _) = row(&store, 1_000, 1, &[0; 32], "intruder");
    let (before, _) = row(&store, chain, 0, &[0; 32], "intruder");
    let swap = format!(
        "UPDATE audit SET number = 100 WHERE {}; UPDATE audit SET number = 2 WHERE {}; UPDATE audit SET number = 3 WHERE {}",
        of("= 2"),
        of("= 3"),
        of("= 100")
    );
    let cases: Vec<(&str, String, Vec<&str>, String)> = vec![
        ("deleted", delete("= 3"), vec!["audit.row-missing"], format!("chain {chain}: row 3 is missing")),
        (
            "deleted at the beginning",
            delete("< 3"),
            vec!["audit.row-missing"],
            format!("chain {chain}: rows 1 to 2 are missing"),
        ),
        (
            "exchanged",
            swap,
            vec![
                "audit.link-broken",
                "audit.row-altered",
                "audit.link-broken",
                "audit.row-altered",
                "audit.link-broken",
            ],
            format!("chain {chain}, row 2: it was not written after row 1"),
        ),
        (
            "replaced, with a hash that fits",
            format!("{}{replaced_third}", delete("= 3")),
            vec!["audit.link-broken"],
            format!("chain {chain}, row 4: it was not written after row 3"),
        ),
        (
            "the last one replaced, with a hash that fits",
            format!("{}{replaced_last}", delete("= 6")),
            vec!["audit.link-broken"],
            format!("chain {chain}, row 6: it is not the row that the head names"),
        ),
        (
            "the last one replaced, and the head",
            format!("{}{replaced_last}{}", delete("= 6"), head(6, &of_last)),
            vec!["audit.head-forged"],
            format!("chain {chain}: the head, row 6, was not written by this gateway"),
        ),
        (
            "appended",
            appended.clone(),
            vec!["audit.row-inserted"],
            format!("chain {chain}: rows 7 to 7 are not of the chain"),
        ),
        (
            "appended, with a head",
            format!("{appended}{}", head(7, &of_appended)),
            vec!["audit.head-forged"],
            format!("chain {chain}: the head, row 7, was not written by this gateway"),
        ),
        ("put before the first one", before, vec!["audit.row-inserted"], format!("chain {chain}: there is a row 0")),
        (
            "put into a chain of its own",
            stray,
            vec!["audit.row-inserted"],
            "chain 1000, row 1: there is no such chain".to_owned(),
        ),
        ("cut", delete("> 4"), vec!["audit.tail-cut"], format!("chain {chain}: rows 5 to 6 are cut off its end")),
        (
            "cut, and the head put back",
            format!("{}{}", delete("> 4"), head(4, &fourth)),
            vec!["audit.head-forged"],
            format!("chain {chain}: the head, row 4, was not written by this gateway"),
        ),
        (
            "all deleted, and the head as of a new chain",
            format!("{}{}", delete("> 0"), head(0, &[0; 32])),
            vec!["audit.head-forged"],
            format!("chain {chain}: the head, row 0, was not written by this gateway"),
        ),
        (
            "all deleted, with the head",
            format!("{}DELETE FROM audit_heads WHERE chain = {chain}", delete("> 0")),
            vec!["audit.chain-missing"],
            format!("chain {chain} has no head"),
        ),
    ];
    assert_ne!(third, fourth);
    store
        .execute("CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_heads AS SELECT * FROM audit_heads")
        .await;
    for (what, statements, codes, text) in cases {
        store.execute(&statements).await;
        let report = verify(&*journal, None, &[], |_| {}).await.unwrap();
        let found: Vec<&str> = report.findings.iter().map(|issue| issue.code.as_str()).collect();
        assert_eq!((found, report.findings[0].text.as_ref()), (codes, text.as_str()), "{what}");
        // Of what is not at the end a look at the ends sees nothing.
        let at_ends = ["audit.tail-cut", "audit.head-forged", "audit.chain-missing"];
        let ends = verify_ends(&*journal).await.unwrap().findings;
        let is_at_end =
            report.findings.iter().any(|issue| at_ends.contains(&issue.code.as_str()) || what.starts_with("the last"));
        assert_eq!(!ends.is_empty(), is_at_end, "{what}: {ends:?}");
        let system = if matches!(&*store, Store::Postgres(_)) { "OVERRIDING SYSTEM VALUE" } else { "" };
        let back = format!(
            "DELETE FROM audit; INSERT INTO audit {system} SELECT * FROM kept; \
             DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM kept_heads"
        );
        store.execute(&back).await;
        assert_eq!(self::found(&journal, &[]).await, [""; 0], "{what}");
    }
}

async fn what_was_forged_is_not_signed_by_what_comes_after(store: Arc<Store>) {
    let (journal, chain) = six(&store).await;
    store.disarm().await;
    let fourth = store.bytes(&format!("SELECT hash FROM audit WHERE chain = {chain} AND number = 4")).await;
    let forged = format!(
        "DELETE FROM audit WHERE chain = {chain} AND number > 4; \
         UPDATE audit_heads SET number = 4, hash = {} WHERE chain = {chain}",
        store.literal(&fourth)
    );
    store.execute(&forged).await;
    // While all other chains are taken, this one is appended to.
    let others = store.take_other_chains(chain).await;
    let audits = vec![Audit { at: at(7), ..audit("m2", "read") }];
    journal.commit(Change { audits, ..Change::default() }).await.unwrap();
    drop(others);
    let length = store.number(&format!("SELECT MAX(number) FROM audit WHERE chain = {chain}")).await;
    assert!(length > 4);
    assert_eq!(found(&journal, &[]).await, ["audit.head-forged"]);
}

/// Rows, head and signature of an earlier moment fit each other: only what was printed then and is kept elsewhere tells.
async fn a_chain_that_was_put_back_is_found_by_what_was_printed(store: Arc<Store>) {
    let (journal, chain) = six(&store).await;
    store.disarm().await;
    store.execute("CREATE TABLE kept AS SELECT * FROM audit_heads").await;
    let printed = |heads: Vec<impress_gateway::journal::Head>| -> Vec<Earlier> {
        heads.iter().map(|head| Earlier::parse(line(head).trim_end()).unwrap()).collect()
    };
    let early = printed(journal.audit_heads().await.unwrap());
    for number in 0..100 {
        let audits = vec![Audit { at: at(number), ..audit("m2", "read") }];
        journal.commit(Change { audits, ..Change::default() }).await.unwrap();
    }
    let late = printed(journal.audit_heads().await.unwrap());
    for earlier in [&early, &late] {
        assert_eq!(found(&journal, earlier).await, [""; 0], "what grew since is whole");
    }
    let back =
        "DELETE FROM audit WHERE message = 'm2'; DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM kept";
    store.execute(back).await;
    assert_eq!(found(&journal, &early).await, [""; 0]);
    let cut = found(&journal, &late).await;
    assert!(!cut.is_empty() && cut.iter().all(|code| *code == "audit.history-cut"), "{cut:?}");
    let mut other = early.clone();
    let one = other.iter_mut().find(|earlier| earlier.chain == chain).unwrap();
    one.hash[0] ^= 1;
    assert_eq!(found(&journal, &other).await, ["audit.history-cut"]);
}

async fn what_was_written_before_there_were_chains_is_in_one(store: Arc<Store>) {
    store.before_chains(2_500).await;
    let journal = store.node().await;
    let rows = journal.audits("m1".to_owned()).await.unwrap();
    assert_eq!(rows.len(), 2_500);
    for (row, number) in rows.iter().zip(1..) {
        assert_eq!((row.chain, row.number, row.at.as_millisecond(), row.count), (1, number, number, 1));
        assert_eq!((row.action.as_str(), row.outcome.as_str()), ("create", "success"));
        assert_eq!((row.organisation.as_str(), row.role.as_str(), row.client.as_str()), ("trust", "role", ""));
        assert_eq!((row.patient.as_deref(), row.trace.as_str(), row.network.as_deref()), (Some("p1"), "trace", None));
    }
    assert_eq!(found(&journal, &[]).await, [""; 0]);
    let tables = match &*store {
        Store::Sqlite(_) => "SELECT COUNT(*) FROM sqlite_master WHERE name = 'audit_before'",
        Store::Postgres(_) => {
            "SELECT COUNT(*) FROM pg_tables WHERE tablename = 'audit_before' AND schemaname = current_schema()"
        }
    };
    assert_eq!(store.number(tables).await, 0);
}

async fn a_trail_that_grows_is_whole(store: Arc<Store>) {
    let nodes = [store.node().await, store.node().await];
    let writers: Vec<_> = (0..8usize)
        .map(|writer| {
            let journal = Arc::clone(&nodes[writer % 2]);
            tokio::spawn(async move {
                for number in 0..25 {
                    let message = format!("m{writer}-{number}");
                    let audits = vec![audit(&message, "read"), audit(&message, "update")];
                    journal.commit(Change { audits, ..Change::default() }).await.unwrap();
                }
            })
        })
        .collect();
    let mut looks = 0;
    while writers.iter().any(|writer| !writer.is_finished()) {
        assert_eq!(found(&nodes[0], &[]).await, [""; 0]);
        looks += 1;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(looks > 0);
    let report = verify(&*nodes[1], None, &[], |_| {}).await.unwrap();
    assert_eq!((report.rows, report.findings.len()), (400, 0));
}
