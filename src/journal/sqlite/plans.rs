//! How much SQLite does for a search: steps of its machine, which are the same on every run.

use std::cell::Cell;
use std::collections::BTreeSet;

use rusqlite::{StatementStatus, params_from_iter};

use super::connection::{Local, failure, migrate, now, open};
use crate::journal::scope::{Scope, Statement};
use crate::journal::search::{self, AnyOf, Cursor, Search, Term};
use crate::journal::sql::{Row, Sql, Value};
use crate::journal::{AuditKey, JournalError, Written, subscriptions};

/// A connection that counts the steps of what it is asked.
struct Counting<'c>(Local<'c>, Cell<i32>);

impl Sql for Counting<'_> {
    const CLAIM: &'static str = Local::CLAIM;
    const FREE_HEAD: &'static str = Local::FREE_HEAD;
    const CHAINS: i64 = Local::CHAINS;

    fn key(&self) -> &AuditKey {
        self.0.key()
    }

    async fn execute(&self, statement: &'static str, parameters: Vec<Value>) -> Result<u64, JournalError> {
        self.0.execute(statement, parameters).await
    }

    async fn query(&self, statement: &'static str, parameters: Vec<Value>) -> Result<Vec<Row>, JournalError> {
        self.0.query(statement, parameters).await
    }

    async fn query_built(&self, statement: Statement) -> Result<Vec<Row>, JournalError> {
        let mut prepared = self.0.0.prepare(&statement.text).map_err(|error| failure(&error))?;
        let mut rows = prepared.query(params_from_iter(&statement.parameters)).map_err(|error| failure(&error))?;
        while rows.next().map_err(|error| failure(&error))?.is_some() {}
        drop(rows);
        self.1.set(self.1.get() + prepared.get_status(StatementStatus::VmStep));
        self.0.query_built(statement).await
    }

    async fn execute_built(&self, statement: Statement) -> Result<u64, JournalError> {
        self.0.execute_built(statement).await
    }
}

/// 10,000 tasks of 100 patients, half of them of another owner, and no statistics of them.
const FILL: &str = "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 10000) \
        INSERT INTO resources (kind, id, version, owner, updated, json) \
        SELECT 'Task', 't' || i, 1, CASE WHEN i % 2 = 0 THEN 'other' ELSE 'trust' END, i, '{}' FROM numbers; \
    INSERT INTO newest (kind, id, owner, version, sequence, updated, is_deleted, tokens_hash) \
        SELECT kind, id, owner, 1, sequence, updated, 0, '' FROM resources; \
    INSERT INTO search_tokens (entry, kind, name, system, value) \
        SELECT entry, 'Task', 'patient', '', 'Patient/' || (updated % 100) FROM newest; \
    INSERT INTO search_tokens (entry, kind, name, system, value) SELECT entry, 'Task', 'status', '', 'open' FROM newest; \
    INSERT INTO resource_cases (entry, case_key) SELECT entry, 'c' || (updated % 1000) FROM newest; \
    INSERT INTO grants (case_key, trust, reason, since) \
        SELECT DISTINCT case_key, 'granted', 'forwarded', 0 FROM resource_cases WHERE case_key < 'c11'";

/// What all rows cost at the least.
const ALL: i32 = 20_000;

#[test]
fn a_search_looks_at_few_rows() {
    let folder = std::env::temp_dir().join(format!("impress-gateway-{}-plans", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (connection, key) = (open(&folder.join("journal.sqlite")).unwrap(), AuditKey::default());
    migrate(&connection, &key).unwrap();
    connection.execute_batch(FILL).unwrap();
    let steps = |scope: &Scope, search: &Search| {
        let counting = Counting(Local(&connection, &key), Cell::new(0));
        let found = now(search::page(&counting, scope.clone(), search.clone())).unwrap();
        assert!(!found.is_empty(), "{search:?}");
        counting.1.get()
    };
    let one = |name: &str, value: &str| vec![AnyOf { terms: vec![Term::value(name, value)], is_not: false }];
    let newest = Search::of("Task", 10);
    let searches = [
        newest.clone(),
        Search { all_of: one("patient", "Patient/77"), ..newest.clone() },
        Search { all_of: one("status", "open"), ..newest.clone() },
        Search { ids: vec!["t77".to_owned(), "t78".to_owned()], ..newest.clone() },
        Search { after: Some(Cursor { updated: 5_000, id: "t5000".to_owned() }), ..newest.clone() },
    ];
    let own = Scope::of_trust("trust", vec!["trust".to_owned()]);
    for search in &searches {
        for scope in [&own, &Scope::everything()] {
            let steps = steps(scope, search);
            assert!(steps < ALL, "{steps} steps: {scope:?} {search:?}");
        }
    }
    // What is granted is found by the grants.
    let granted = steps(&Scope::of_trust("granted", Vec::new()), &newest);
    assert!(granted < ALL, "{granted} steps");
    // A count looks at each row that it counts, and not for another row of its id: nothing can go before what is its own.
    let counted = |scope: &Scope| {
        let counting = Counting(Local(&connection, &key), Cell::new(0));
        let search = Search { all_of: one("status", "open"), ..newest.clone() };
        assert_eq!(now(search::count(&counting, scope.clone(), search)).unwrap(), 5_000);
        counting.1.get()
    };
    let (one_number, two_numbers) =
        (counted(&own), counted(&Scope::of_trust("trust", vec!["trust".to_owned(), "former".to_owned()])));
    assert!(
        one_number * 4 < two_numbers * 3,
        "{one_number} steps, {two_numbers} where another number could have the same id"
    );
    // The control: without the index of the order every row is looked at.
    connection.execute_batch("DROP INDEX newest_of_owner_by_time; DROP INDEX newest_by_time").unwrap();
    let without = steps(&own, &newest);
    assert!(without > ALL, "{without} steps");
    drop(connection);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Subscriptions of `trust` and of `other`, of so many each.
fn subscribers(of_trust: usize, of_other: usize) -> String {
    let one = |owner: &str, number: usize| {
        format!(
            "INSERT INTO subscriptions VALUES ('{owner}-{number}', '{owner}', '{owner}', '[\"{owner}\"]', 'Task', '[]', 'active', \
             1, '{{}}', X'', 1, 0, 0, 9000000000000, 0, 0, 0, 1, 0, 0, 1000, 0, 0, NULL, 0, '');"
        )
    };
    let of_trust = (0..of_trust).map(|number| one("trust", number));
    of_trust.chain((0..of_other).map(|number| one("other", number))).collect()
}

/// What a commit asks for its subscribers grows with what they may see, and not with their number.
#[test]
fn subscribers_that_see_the_same_are_asked_for_once() {
    let written: Vec<Written> = (1..=4)
        .map(|number| Written {
            kind: "Task".to_owned(),
            id: format!("t{number}"),
            owner: if number % 2 == 0 { "other" } else { "trust" }.to_owned(),
            case: None,
            patient: None,
            version: 1,
            sequence: number,
            updated: jiff::Timestamp::UNIX_EPOCH,
            is_deleted: false,
            tokens: Vec::new(),
            message: None,
        })
        .collect();
    let steps = |name: &str, (of_trust, of_other): (usize, usize)| {
        let folder = std::env::temp_dir().join(format!("impress-gateway-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (connection, key) = (open(&folder.join("journal.sqlite")).unwrap(), AuditKey::default());
        migrate(&connection, &key).unwrap();
        connection.execute_batch(FILL).unwrap();
        connection.execute_batch(&subscribers(of_trust, of_other)).unwrap();
        let counting = Counting(Local(&connection, &key), Cell::new(0));
        now(subscriptions::matched(&counting, &written, None)).unwrap();
        let mut events =
            connection.prepare("SELECT subscription || ' ' || number || ' ' || id FROM subscription_events").unwrap();
        let events = events.query_map([], |row| row.get(0)).unwrap().collect::<Result<BTreeSet<String>, _>>().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        (counting.1.get(), events)
    };
    let (one, _) = steps("one-subscriber", (1, 0));
    let (many, events) = steps("many-subscribers", (20, 0));
    let (both, _) = steps("two-trusts", (20, 20));
    assert_eq!((one, events.len()), (many, 40));
    assert!(both > many && both < many * 3, "{both} and {many}");
    let expected =
        (0..20).flat_map(|number| [format!("trust-{number} 1 t1"), format!("trust-{number} 2 t3")]).collect();
    assert_eq!(events, expected);
}
