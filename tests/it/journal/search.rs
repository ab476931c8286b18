//! What is found, in which order, page by page.

use std::collections::BTreeSet;
use std::sync::Arc;

use impress_gateway::journal::postgres::{Options, PostgresJournal};
use impress_gateway::journal::{
    AnyOf, Change, Committed, Comparison, Cursor, HistoryQuery, Journal, Match, NewResource, Order, OrderBy,
    ResourceRow, Scope, Search, Term, Token,
};

use super::store::{Store, at, on_postgres, resource, session, until};

on_both_stores! {
    all_of_any_of_and_none_of,
    a_value_is_of_its_system,
    texts_are_found_by_a_beginning_or_a_part,
    a_long_value_is_found_as_a_whole,
    times_are_compared_as_the_standard_says,
    pages_hold_each_once_where_many_are_alike,
    a_page_is_of_the_times_that_are_asked_for,
    history_goes_back_page_by_page,
    every_plan_finds_the_same,
}

fn trust() -> Scope {
    Scope::of_trust("trust", vec!["trust".to_owned()])
}

fn task(id: &str, tokens: Vec<Token>) -> NewResource {
    NewResource { kind: "Task".to_owned(), tokens, ..resource(id, Some(id)) }
}

async fn write(journal: &dyn Journal, resources: Vec<NewResource>) {
    assert_eq!(journal.commit(Change { resources, ..Change::default() }).await.unwrap(), Committed::Stored);
}

fn any(terms: Vec<Term>) -> AnyOf {
    AnyOf { terms, is_not: false }
}

fn none(terms: Vec<Term>) -> AnyOf {
    AnyOf { terms, is_not: true }
}

fn is(value: &str) -> Term {
    Term::value("code", value)
}

fn term(name: &str, matches: Match) -> Term {
    Term { name: name.to_owned(), matches }
}

fn ids(rows: Vec<ResourceRow>) -> Vec<String> {
    rows.into_iter().map(|row| row.id).collect()
}

fn by_id(all_of: Vec<AnyOf>) -> Search {
    let order = Order { by: OrderBy::Id, is_descending: false };
    Search { all_of, order, ..Search::of("Task", 100) }
}

async fn found(journal: &dyn Journal, all_of: Vec<AnyOf>) -> String {
    let search = by_id(all_of);
    let rows = journal.search(trust(), search.clone()).await.unwrap();
    assert_eq!(journal.count(trust(), search).await.unwrap(), i64::try_from(rows.len()).unwrap());
    ids(rows).join(" ")
}

async fn all_of_any_of_and_none_of(store: Arc<Store>) {
    let journal = store.node().await;
    let coded = |id: &str, codes: &[&str]| {
        let mut tokens: Vec<Token> = codes.iter().map(|code| Token::new("code", "", code)).collect();
        tokens.push(Token::new("status", "", "a"));
        task(id, tokens)
    };
    write(&*journal, vec![coded("1", &["a"]), coded("2", &["a", "b"]), coded("3", &["c"]), task("4", Vec::new())])
        .await;
    // The same values of another type, and of another owner.
    let other = NewResource { kind: "Observation".to_owned(), ..coded("5", &["a"]) };
    let foreign = NewResource { owner: "other".to_owned(), ..coded("6", &["a"]) };
    write(&*journal, vec![other, foreign]).await;
    for (all_of, expected) in [
        (vec![], "1 2 3 4"),
        (vec![any(vec![is("a")])], "1 2"),
        (vec![any(vec![is("a"), is("c")])], "1 2 3"),
        (vec![any(vec![is("a")]), any(vec![is("b")])], "2"),
        (vec![any(vec![is("a"), is("c")]), any(vec![is("b"), is("c")])], "2 3"),
        (vec![any(vec![is("a")]), any(vec![is("c")])], ""),
        (vec![none(vec![is("a")])], "3 4"),
        (vec![none(vec![is("b"), is("c")])], "1 4"),
        (vec![any(vec![is("a")]), none(vec![is("b")])], "1"),
        (vec![any(vec![Term::value("status", "b")])], ""),
        (vec![any(vec![Term::value("other", "a")])], ""),
        // Whether there is a value at all.
        (vec![any(vec![term("code", Match::Any)])], "1 2 3"),
        (vec![none(vec![term("code", Match::Any)])], "4"),
        // Of no values none is one.
        (vec![any(vec![])], ""),
        (vec![none(vec![])], "1 2 3 4"),
        (vec![any(vec![is("' OR '1' = '1"), is("%"), is("A")])], ""),
    ] {
        assert_eq!(found(&*journal, all_of.clone()).await, expected, "{all_of:?}");
    }
}

async fn a_value_is_of_its_system(store: Arc<Store>) {
    let journal = store.node().await;
    let with = |id, system, value| task(id, vec![Token::new("code", system, value)]);
    write(&*journal, vec![with("1", "s", "a"), with("2", "t", "a"), with("3", "", "a"), with("4", "s", "b")]).await;
    for (asked, expected) in [
        (is("a"), "1 2 3"),
        (Term::of_system("code", "s", "a"), "1"),
        (Term::of_system("code", "", "a"), "3"),
        (term("code", Match::System("s".to_owned())), "1 4"),
        (term("code", Match::System("u".to_owned())), ""),
    ] {
        assert_eq!(found(&*journal, vec![any(vec![asked.clone()])]).await, expected, "{asked:?}");
    }
}

async fn texts_are_found_by_a_beginning_or_a_part(store: Arc<Store>) {
    let journal = store.node().await;
    let texts = ["lunge", "lungekreft", "ørsted 50% a_b", "øre", "a\\b", "lung"];
    let with = |(number, text): (usize, &&str)| task(&number.to_string(), vec![Token::new("code", "", text)]);
    write(&*journal, texts.iter().enumerate().map(with).collect()).await;
    for (text, begins, holds) in [
        ("lunge", "0 1", "0 1"),
        ("ø", "2 3", "2 3"),
        ("kreft", "", "1"),
        ("0%", "", "2"),
        ("%", "", "2"),
        ("a_b", "", "2"),
        ("\\", "", "4"),
        ("a\\", "4", "4"),
    ] {
        let prefix = term("code", Match::Prefix(text.to_owned()));
        assert_eq!(found(&*journal, vec![any(vec![prefix])]).await, begins, "{text}");
        let part = term("code", Match::Contains(text.to_owned()));
        assert_eq!(found(&*journal, vec![any(vec![part])]).await, holds, "{text}");
    }
}

/// An index of PostgreSQL takes no more than some 2,700 bytes: a longer value must not keep a message from being taken.
async fn a_long_value_is_found_as_a_whole(store: Arc<Store>) {
    let journal = store.node().await;
    let long = |end: &str| format!("{}{end}", "æ".repeat(20_000));
    write(&*journal, vec![task("1", vec![Token::new("code", &long("s"), &long("1"))])]).await;
    assert_eq!(found(&*journal, vec![any(vec![is(&long("1"))])]).await, "1");
    assert_eq!(found(&*journal, vec![any(vec![is(&long("2"))])]).await, "");
    assert_eq!(found(&*journal, vec![any(vec![Term::of_system("code", &long("s"), &long("1"))])]).await, "1");
    assert_eq!(found(&*journal, vec![any(vec![Term::of_system("code", &long("t"), &long("1"))])]).await, "");
}

/// Expected: FHIR R4, search, section 3.1.1.4.5. Asked for is 100 to 199.
async fn times_are_compared_as_the_standard_says(store: Arc<Store>) {
    let journal = store.node().await;
    let spans = [
        ("a-before", 0, 50),
        ("b-over-the-start", 50, 150),
        ("c-within", 120, 150),
        ("d-the-same", 100, 199),
        ("e-over-the-end", 150, 250),
        ("f-after", 200, 300),
        ("g-around", 50, 250),
        ("h-open", 100, i64::MAX),
    ];
    let with = |(id, first, last): (&str, i64, i64)| task(id, vec![Token::time("date", first, last)]);
    let mut all: Vec<NewResource> = spans.map(with).into();
    all.push(task("i-none", vec![Token::new("date", "", "")]));
    write(&*journal, all).await;
    for (comparison, expected) in [
        (Comparison::Equal, "c d"),
        (Comparison::NotEqual, "a b e f g h"),
        (Comparison::Greater, "e f g h"),
        (Comparison::Less, "a b g"),
        (Comparison::GreaterOrEqual, "c d e f g h"),
        (Comparison::LessOrEqual, "a b c d g"),
        (Comparison::StartsAfter, "f"),
        (Comparison::EndsBefore, "a"),
        (Comparison::Overlaps, "b c d e g h"),
    ] {
        let asked = term("date", Match::Time { comparison, first: 100, last: 199 });
        let found = found(&*journal, vec![any(vec![asked])]).await;
        let letters: Vec<&str> = found.split(' ').filter_map(|id| id.split('-').next()).collect();
        assert_eq!(letters.join(" "), expected, "{comparison:?}");
    }
}

/// 30 tasks of three times, ten of each, of three owners that the scope sees.
async fn tasks(journal: &dyn Journal) -> Scope {
    let owners = ["one", "two", "public"];
    let all = (0..30).map(|number: usize| NewResource {
        owner: owners[number % 3].to_owned(),
        updated: at(i64::try_from(number % 10 % 3).unwrap()),
        ..task(&format!("t{:02}", number * 7 % 30), vec![Token::new("code", "", "a")])
    });
    write(journal, all.collect()).await;
    Scope::of_trust("trust", vec!["one".to_owned(), "two".to_owned()])
}

async fn pages_hold_each_once_where_many_are_alike(store: Arc<Store>) {
    let journal = store.node().await;
    let scope = tasks(&*journal).await;
    for by in [OrderBy::LastUpdated, OrderBy::Id] {
        for is_descending in [false, true] {
            for (limit, all_of) in [(1, vec![]), (4, vec![]), (4, vec![any(vec![is("a")])]), (10, vec![]), (40, vec![])]
            {
                let mut search = Search { all_of, order: Order { by, is_descending }, ..Search::of("Task", limit) };
                let mut rows: Vec<ResourceRow> = Vec::new();
                loop {
                    let page = journal.search(scope.clone(), search.clone()).await.unwrap();
                    assert!(page.len() <= usize::try_from(limit).unwrap());
                    let Some(last) = page.last() else { break };
                    search.after = Some(Cursor::of(last));
                    rows.extend(page);
                }
                let keys: Vec<_> = rows
                    .iter()
                    .map(|row| ((by == OrderBy::LastUpdated).then_some(row.updated), row.id.clone()))
                    .collect();
                let mut sorted = keys.clone();
                sorted.sort();
                if is_descending {
                    sorted.reverse();
                }
                assert_eq!(keys, sorted, "{by:?} {is_descending} {limit}");
                assert_eq!(rows.iter().map(|row| &row.id).collect::<BTreeSet<_>>().len(), 30);
                assert_eq!(rows.len(), 30);
                search.after = None;
                assert_eq!(journal.count(scope.clone(), search).await.unwrap(), 30);
            }
        }
    }
    // No limit below nothing.
    assert!(journal.search(scope, Search::of("Task", -1)).await.unwrap().is_empty());
}

async fn a_page_is_of_the_times_that_are_asked_for(store: Arc<Store>) {
    let journal = store.node().await;
    let scope = tasks(&*journal).await;
    for (from, to, expected) in [
        (None, None, vec![0, 1, 2]),
        (Some(at(1)), None, vec![1, 2]),
        (None, Some(at(1)), vec![0]),
        (Some(at(1)), Some(at(2)), vec![1]),
        (Some(at(2)), Some(at(2)), vec![]),
    ] {
        for all_of in [vec![], vec![any(vec![is("a")])]] {
            let search = Search { updated: (from, to), all_of, ..Search::of("Task", 100) };
            let rows = journal.search(scope.clone(), search.clone()).await.unwrap();
            assert_eq!(journal.count(scope.clone(), search).await.unwrap(), i64::try_from(rows.len()).unwrap());
            let times: BTreeSet<_> = rows.into_iter().map(|row| row.updated).collect();
            assert_eq!(
                times.into_iter().collect::<Vec<_>>(),
                expected.iter().map(|&second| at(second)).collect::<Vec<_>>()
            );
        }
    }
}

async fn history_goes_back_page_by_page(store: Arc<Store>) {
    let journal = store.node().await;
    for number in 0..12i64 {
        let id = format!("t{}", number % 4);
        let owner = if number % 4 == 3 { "other" } else { "trust" };
        let version = NewResource { json: Some(number.to_string()), updated: at(number), ..task(&id, Vec::new()) };
        write(&*journal, vec![NewResource { owner: owner.to_owned(), ..version }]).await;
    }
    let all = |id: Option<&str>, since: Option<i64>, limit: i64| {
        let (journal, id) = (Arc::clone(&journal), id.map(str::to_owned));
        async move {
            let mut query = HistoryQuery { kind: "Task".to_owned(), id, since: since.map(at), before: None, limit };
            let mut seen: Vec<String> = Vec::new();
            loop {
                let page = journal.history(trust(), query.clone()).await.unwrap();
                let Some(last) = page.last() else { break seen.join(" ") };
                query.before = Some(last.sequence);
                seen.extend(page.into_iter().map(|row| row.json.unwrap()));
            }
        }
    };
    for limit in [1, 2, 100] {
        assert_eq!(all(None, None, limit).await, "10 9 8 6 5 4 2 1 0");
        assert_eq!(all(None, Some(5), limit).await, "10 9 8 6 5");
        assert_eq!(all(Some("t1"), None, limit).await, "9 5 1");
        assert_eq!(all(Some("t3"), None, limit).await, "");
    }
}

/// More than a thousand of one value are looked for in the order, fewer one by one, and ids by their key.
async fn every_plan_finds_the_same(store: Arc<Store>) {
    let journal = store.node().await;
    let with = |number: usize| {
        let tokens = vec![Token::new("code", "", "many"), Token::new("code", "", &format!("few{}", number % 3))];
        NewResource { updated: at(i64::try_from(number / 7).unwrap()), ..task(&format!("t{number:04}"), tokens) }
    };
    write(&*journal, (0..1_500).map(with).collect()).await;
    let search = |all_of| Search { all_of, ..Search::of("Task", 10) };
    let many = search(vec![any(vec![is("many")]), any(vec![term("code", Match::Contains("ew1".to_owned()))])]);
    let few = search(vec![any(vec![is("few1")])]);
    let named =
        Search { ids: (0..1_500).filter(|n| n % 3 == 1).map(|n| format!("t{n:04}")).collect(), ..search(vec![]) };
    let expected: Vec<String> = (0..1_500).rev().filter(|n| n % 3 == 1).take(10).map(|n| format!("t{n:04}")).collect();
    for search in [many, few, named] {
        assert_eq!(ids(journal.search(trust(), search.clone()).await.unwrap()), expected);
        assert_eq!(journal.count(trust(), search.clone()).await.unwrap(), 500);
        let other = Scope::of_trust("other", vec!["other".to_owned()]);
        assert_eq!(journal.count(other.clone(), search.clone()).await.unwrap(), 0);
        assert!(journal.search(other, search).await.unwrap().is_empty());
    }
}

/// 10,000 resources came after the tables were made: PostgreSQL reads some rows for each of these searches, not all.
#[test]
fn a_search_reads_few_rows() {
    let one = |value: &str| vec![any(vec![Term::value("patient", value)])];
    let searches = [
        ("the newest", Search::of("Task", 10)),
        ("of a patient", Search { all_of: one("Patient/77"), ..Search::of("Task", 10) }),
        (
            "of a status that all have",
            Search { all_of: vec![any(vec![Term::value("status", "open")])], ..Search::of("Task", 10) },
        ),
        ("by id", Search { ids: vec!["t77".to_owned(), "t78".to_owned()], ..Search::of("Task", 10) }),
        (
            "a later page",
            Search { after: Some(Cursor { updated: 5_000, id: "t5000".to_owned() }), ..Search::of("Task", 10) },
        ),
    ];
    for (what, search) in searches {
        on_postgres(|store: Arc<Store>| async move {
            let Store::Postgres(connection) = &*store else { unreachable!() };
            let options = Options { connections: 1, ..Options::new(connection) };
            let journal = PostgresJournal::open(options).await.unwrap();
            fill(connection).await;
            let rows = journal.search(trust(), search).await.unwrap();
            assert!(!rows.is_empty(), "{what}");
            // The server counts what a session read when the session ends.
            drop(journal);
            let other = session(connection).await;
            let read = std::cell::Cell::new(0);
            until("the server has counted", || async {
                let counted = "SELECT SUM(COALESCE(idx_tup_fetch, 0) + COALESCE(seq_tup_read, 0))::BIGINT \
                    FROM pg_stat_user_tables WHERE relid IN ('newest'::regclass, 'search_tokens'::regclass, 'resources'::regclass)";
                read.set(other.query_one(counted, &[]).await.unwrap().get::<_, i64>(0));
                read.get() > 0
            })
            .await;
            assert!(read.get() < 4_000, "{what}: {} rows were read", read.get());
        });
    }
}

/// 10,000 tasks of 100 patients, half of them of another owner. What was read to fill is not counted.
async fn fill(connection: &str) {
    let other = session(connection).await;
    let filled = "INSERT INTO resources (kind, id, version, owner, updated, json) \
            SELECT 'Task', 't' || i, 1, CASE WHEN i % 2 = 0 THEN 'other' ELSE 'trust' END, i, '{}' FROM generate_series(1, 10000) i; \
        INSERT INTO newest (kind, id, owner, version, sequence, updated, is_deleted, tokens_hash) \
            SELECT kind, id, owner, 1, sequence, updated, 0, '' FROM resources; \
        INSERT INTO search_tokens (entry, kind, name, system, value) \
            SELECT entry, 'Task', 'patient', '', 'Patient/' || (updated % 100) FROM newest; \
        INSERT INTO search_tokens (entry, kind, name, system, value) SELECT entry, 'Task', 'status', '', 'open' FROM newest";
    other.batch_execute(filled).await.unwrap();
    drop(other);
    let look = session(connection).await;
    until("the server has counted the rows", || async {
        let counted = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relid = 'search_tokens'::regclass";
        look.query_one(counted, &[]).await.unwrap().get::<_, i64>(0) == 20_000
    })
    .await;
    for table in ["newest", "search_tokens", "resources"] {
        let reset = format!("SELECT pg_stat_reset_single_table_counters('{table}'::regclass)");
        look.batch_execute(&reset).await.unwrap();
    }
}
