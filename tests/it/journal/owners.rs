//! Whose a resource is, and who else sees it.

use std::sync::Arc;

use impress_gateway::journal::{
    AnyOf, Change, Committed, Grant, GrantWrite, HistoryQuery, Journal, NewResource, PUBLIC, ResourceRow, Scope,
    Search, TRIAL, Term, Token,
};

use super::store::{Store, at, patient, resource};

on_both_stores! {
    versions_are_those_of_an_owner,
    nobody_reads_what_is_anothers,
    a_grant_shows_a_case_until_it_ends,
    a_grant_is_given_once_and_its_row_stays,
    a_patient_of_two_cases_is_seen_through_each,
    what_is_ones_own_goes_before_what_is_granted,
    what_is_public_every_trust_sees,
    what_was_deleted_says_so,
    writers_of_two_owners_do_not_meet,
    the_same_text_is_found_by_new_values,
    what_was_there_before_owners_stays,
}

const CASE: &str = "referral/1";

fn north() -> Scope {
    Scope::of_trust("north", vec!["north-1".to_owned(), "north-2".to_owned()])
}

fn south() -> Scope {
    Scope::of_trust("south", vec!["south-1".to_owned()])
}

/// The Patient `p` of an owner, of [`CASE`].
fn of(owner: &str, text: &str) -> NewResource {
    NewResource {
        owner: owner.to_owned(),
        case: Some(CASE.to_owned()),
        tokens: vec![Token::new("gender", "", text)],
        ..resource("p", Some(text))
    }
}

async fn write(journal: &Arc<dyn Journal>, resources: Vec<NewResource>) {
    let change = Change { resources, ..Change::default() };
    assert_eq!(journal.commit(change).await.unwrap(), Committed::Stored);
}

async fn grant(journal: &Arc<dyn Journal>, grants: Vec<GrantWrite>) {
    assert_eq!(journal.commit(Change { grants, ..Change::default() }).await.unwrap(), Committed::Stored);
}

fn to_south(case: &str) -> GrantWrite {
    GrantWrite::Give(Grant {
        case: case.to_owned(),
        trust: "south".to_owned(),
        reason: "forwarded".to_owned(),
        from: at(1),
        to: None,
    })
}

fn end(case: &str, reason: Option<&str>) -> GrantWrite {
    let reason = reason.map(str::to_owned);
    GrantWrite::End { case: case.to_owned(), trust: "south".to_owned(), reason, at: at(9) }
}

fn texts(rows: Vec<ResourceRow>) -> Vec<String> {
    rows.into_iter().map(|row| row.json.unwrap_or_default()).collect()
}

/// What a scope sees of the Patient `p` by every method that reads: the texts of all versions by `history` of the type, after it
/// was found that the others agree.
async fn seen(journal: &Arc<dyn Journal>, scope: &Scope) -> Vec<String> {
    let (kind, id) = (|| "Patient".to_owned(), || "p".to_owned());
    let query = |id| HistoryQuery { kind: kind(), id, since: None, before: None, limit: 100 };
    let history = journal.history(scope.clone(), query(None)).await.unwrap();
    assert_eq!(journal.history(scope.clone(), query(Some(id()))).await.unwrap(), history, "{scope:?}");
    let newest = journal.read(scope.clone(), kind(), id()).await.unwrap();
    assert_eq!(newest.as_ref(), history.first(), "{scope:?}");
    for version in 0..=4 {
        let row = journal.version(scope.clone(), kind(), id(), version).await.unwrap();
        assert_eq!(row.as_ref(), history.iter().find(|row| row.version == version), "{scope:?} {version}");
    }
    let kept = newest.as_ref().and_then(|row| row.json.clone());
    let found: Vec<Search> = vec![
        Search::of("Patient", 100),
        Search { ids: vec![id()], ..Search::of("Patient", 100) },
        Search {
            all_of: vec![AnyOf { terms: vec![Term::value("gender", kept.as_deref().unwrap_or("a"))], is_not: false }],
            ..Search::of("Patient", 100)
        },
        Search {
            all_of: vec![AnyOf { terms: vec![Term::value("gender", "none")], is_not: true }],
            ..Search::of("Patient", 100)
        },
    ];
    for search in found {
        let rows = journal.search(scope.clone(), search.clone()).await.unwrap();
        let count = journal.count(scope.clone(), search.clone()).await.unwrap();
        assert_eq!(usize::try_from(count).unwrap(), rows.len(), "{scope:?} {search:?}");
        assert_eq!(texts(rows), Vec::from_iter(kept.clone()), "{scope:?} {search:?}");
    }
    texts(history)
}

async fn versions_are_those_of_an_owner(store: Arc<Store>) {
    let journal = store.node().await;
    for (owner, text, version) in [
        ("north-1", "a", 1),
        ("south-1", "a", 1),
        ("north-1", "b", 2),
        ("south-1", "c", 2),
        ("south-1", "c", 2),
        ("north-2", "d", 1),
    ] {
        write(&journal, vec![of(owner, text)]).await;
        let scope = Scope { owners: Some(vec![owner.to_owned()]), trust: None };
        let row = journal.read(scope, "Patient".to_owned(), "p".to_owned()).await.unwrap().unwrap();
        assert_eq!((row.owner.as_str(), row.version, row.json.as_deref()), (owner, version, Some(text)));
        assert_eq!((row.case.as_deref(), row.patient.as_deref()), (Some(CASE), Some("p")));
    }
    assert_eq!(seen(&journal, &south()).await, ["c", "a"]);
    // Of its two numbers, what was written last.
    assert_eq!(seen(&journal, &north()).await, ["d"]);
    assert_eq!(store.number("SELECT COUNT(*) FROM resources").await, 5);
    assert_eq!(store.number("SELECT COUNT(*) FROM newest").await, 3);
    assert_eq!(store.number("SELECT COUNT(*) FROM search_tokens").await, 3);
}

async fn nobody_reads_what_is_anothers(store: Arc<Store>) {
    let journal = store.node().await;
    write(&journal, vec![of("north-1", "a")]).await;
    write(&journal, vec![of("north-1", "b")]).await;
    assert_eq!(seen(&journal, &north()).await, ["b", "a"]);
    assert_eq!(seen(&journal, &Scope::everything()).await, ["b", "a"]);
    let nobody = [
        south(),
        Scope::trial(),
        Scope { owners: Some(Vec::new()), trust: None },
        Scope { owners: Some(Vec::new()), trust: Some("north".to_owned()) },
        Scope::of_trust("' OR 1 = 1 --", vec!["%".to_owned(), "north-1' --".to_owned(), String::new()]),
    ];
    for scope in nobody {
        assert_eq!(seen(&journal, &scope).await, Vec::<String>::new(), "{scope:?}");
    }
}

async fn a_grant_shows_a_case_until_it_ends(store: Arc<Store>) {
    let journal = store.node().await;
    let of_trial = NewResource { owner: TRIAL.to_owned(), ..of("", "trial's own") };
    let other = NewResource { case: Some("referral/2".to_owned()), id: "q".to_owned(), ..of("north-1", "q") };
    write(&journal, vec![of("north-1", "a"), of_trial, other]).await;
    write(&journal, vec![of("north-1", "b")]).await;
    let nothing = Vec::<String>::new();
    assert_eq!(seen(&journal, &south()).await, nothing);
    grant(&journal, vec![to_south(CASE)]).await;
    assert_eq!(seen(&journal, &south()).await, ["b", "a"]);
    // For nobody else, and nothing of the trial's own form: not even for who names it.
    assert_eq!(seen(&journal, &Scope::of_trust("west", vec!["west-1".to_owned()])).await, nothing);
    assert_eq!(seen(&journal, &Scope { owners: Some(vec!["south-1".to_owned()]), trust: None }).await, nothing);
    assert_eq!(seen(&journal, &Scope::of_trust("west", vec![TRIAL.to_owned()])).await, nothing);
    assert_eq!(seen(&journal, &Scope::trial()).await, ["trial's own"]);
    write(&journal, vec![of("north-1", "c")]).await;
    assert_eq!(seen(&journal, &south()).await, ["c", "b", "a"]);
    // Another reason is another grant; the case is seen until the last one ends.
    grant(&journal, vec![end(CASE, Some("including-site")), end("referral/2", None)]).await;
    assert_eq!(seen(&journal, &south()).await, ["c", "b", "a"]);
    grant(&journal, vec![end(CASE, Some("forwarded"))]).await;
    assert_eq!(seen(&journal, &south()).await, nothing);
    let rows = seen_rows(&journal, "p").await;
    assert_eq!(rows.iter().map(|(_, _, text)| text.as_deref().unwrap()).collect::<Vec<_>>(), ["c", "b", "a"]);
}

async fn a_grant_is_given_once_and_its_row_stays(store: Arc<Store>) {
    let journal = store.node().await;
    for _ in 0..2 {
        grant(&journal, vec![to_south(CASE), to_south("referral/2")]).await;
    }
    let of_case = |case: &str| journal.grants(case.to_owned());
    assert_eq!(of_case(CASE).await.unwrap().len(), 1);
    assert_eq!(journal.granted("south".to_owned()).await.unwrap().len(), 2);
    // Ended and given again in one change: the end is of what was there before.
    grant(&journal, vec![to_south(CASE), end(CASE, None)]).await;
    let known = Grant {
        case: CASE.to_owned(),
        trust: "south".to_owned(),
        reason: "forwarded".to_owned(),
        from: at(1),
        to: Some(at(9)),
    };
    assert_eq!(of_case(CASE).await.unwrap(), [known.clone(), Grant { to: None, ..known.clone() }]);
    grant(&journal, vec![end(CASE, None)]).await;
    assert_eq!(of_case(CASE).await.unwrap(), [known.clone(), known.clone()]);
    let left = journal.granted("south".to_owned()).await.unwrap();
    assert_eq!(left.iter().map(|grant| grant.case.as_str()).collect::<Vec<_>>(), ["referral/2"]);
    assert!(journal.granted("north".to_owned()).await.unwrap().is_empty());
    // A change that is not written gives nothing.
    let stale = Change {
        grants: vec![to_south("referral/3")],
        cases: vec![super::store::case("referral/3", 7)],
        ..Change::default()
    };
    assert_eq!(journal.commit(stale).await.unwrap(), Committed::Stale);
    assert!(of_case("referral/3").await.unwrap().is_empty());
}

async fn a_patient_of_two_cases_is_seen_through_each(store: Arc<Store>) {
    let journal = store.node().await;
    write(&journal, vec![of("north-1", "a")]).await;
    let second = |text| NewResource { case: Some("referral/2".to_owned()), ..of("north-1", text) };
    // The same text makes no version, and belongs to the case all the same.
    write(&journal, vec![second("a")]).await;
    for case in [CASE, "referral/2"] {
        grant(&journal, vec![to_south(case)]).await;
        assert_eq!(seen(&journal, &south()).await, ["a"], "{case}");
        grant(&journal, vec![end(case, None)]).await;
        assert!(seen(&journal, &south()).await.is_empty(), "{case}");
    }
    write(&journal, vec![second("b")]).await;
    grant(&journal, vec![to_south(CASE)]).await;
    assert_eq!(seen(&journal, &south()).await, ["b", "a"]);
}

async fn what_is_ones_own_goes_before_what_is_granted(store: Arc<Store>) {
    let journal = store.node().await;
    write(&journal, vec![of("south-1", "own")]).await;
    write(&journal, vec![of("north-1", "granted")]).await;
    grant(&journal, vec![to_south(CASE)]).await;
    // Each id once, on every way: `seen` compares them.
    assert_eq!(seen(&journal, &south()).await, ["own"]);
    assert_eq!(seen(&journal, &Scope::everything()).await, ["granted"]);
    write(&journal, vec![NewResource { json: None, ..of("south-1", "") }]).await;
    assert_eq!(seen(&journal, &south()).await, ["", "own"]);
}

async fn what_is_public_every_trust_sees(store: Arc<Store>) {
    let journal = store.node().await;
    write(&journal, vec![of(PUBLIC, "open"), of(TRIAL, "interim")]).await;
    assert_eq!(seen(&journal, &north()).await, ["open"]);
    assert_eq!(seen(&journal, &south()).await, ["open"]);
    assert_eq!(seen(&journal, &Scope::trial()).await, ["interim"]);
}

async fn what_was_deleted_says_so(store: Arc<Store>) {
    let journal = store.node().await;
    for text in [Some("a"), None, Some("b"), None] {
        write(&journal, vec![NewResource { json: text.map(str::to_owned), ..of("north-1", text.unwrap_or("a")) }])
            .await;
        assert_eq!(seen(&journal, &north()).await[0], text.unwrap_or_default());
    }
    let row = patient(&journal, "p").await.unwrap();
    assert_eq!((row.version, row.json), (4, None));
    assert_eq!(store.number("SELECT COUNT(*) FROM search_tokens").await, 0);
    assert!(seen(&journal, &south()).await.is_empty());
}

async fn writers_of_two_owners_do_not_meet(store: Arc<Store>) {
    let nodes = [store.node().await, store.node().await];
    for round in 0..10 {
        let attempts = ["north-1", "south-1"].into_iter().zip(&nodes).map(|(owner, node)| {
            let (node, resources) = (Arc::clone(node), vec![of(owner, &round.to_string())]);
            tokio::spawn(async move { node.commit(Change { resources, ..Change::default() }).await })
        });
        for attempt in attempts.collect::<Vec<_>>() {
            assert_eq!(attempt.await.unwrap(), Ok(Committed::Stored));
        }
    }
    assert_eq!(store.number("SELECT COUNT(*) FROM newest WHERE version = 10").await, 2);
}

async fn the_same_text_is_found_by_new_values(store: Arc<Store>) {
    let journal = store.node().await;
    let with = |tokens: &[Token]| NewResource { tokens: tokens.to_vec(), ..of("north-1", "a") };
    let (one, two) = (Token::new("gender", "", "one"), Token::new("gender", "", "two"));
    let found = |value: &'static str| {
        let all_of = vec![AnyOf { terms: vec![Term::value("gender", value)], is_not: false }];
        journal.count(north(), Search { all_of, ..Search::of("Patient", 0) })
    };
    write(&journal, vec![with(&[])]).await;
    write(&journal, vec![with(std::slice::from_ref(&one))]).await;
    assert_eq!((found("one").await.unwrap(), found("two").await.unwrap()), (1, 0));
    write(&journal, vec![with(&[two.clone(), two])]).await;
    assert_eq!((found("one").await.unwrap(), found("two").await.unwrap()), (0, 1));
    assert_eq!(patient(&journal, "p").await.unwrap().version, 1);
    assert_eq!(store.number("SELECT COUNT(*) FROM search_tokens").await, 1);
}

async fn what_was_there_before_owners_stays(store: Arc<Store>) {
    store.before_chains(1).await;
    store
        .execute(
            "INSERT INTO resources (kind, id, version, owner, patient, updated, json) VALUES \
             ('Patient', 'p', 1, 'north-1', 'p', 1780000000000, 'a'), ('Task', 't', 1, 'south-1', 'p', 1780000000000, 't'), \
             ('Patient', 'p', 2, 'north-1', 'p', 1780000001000, 'b'), ('Patient', 'q', 1, 'north-1', 'q', 1780000000000, 'q'), \
             ('Patient', 'q', 2, 'north-1', 'q', 1780000000000, NULL)",
        )
        .await;
    let journal = store.node().await;
    assert_eq!(seen_rows(&journal, "p").await, [(3, 2, Some("b")), (1, 1, Some("a"))].map(owned));
    assert_eq!(seen_rows(&journal, "q").await, [(5, 2, None), (4, 1, Some("q"))].map(owned));
    let found = journal.search(north(), Search::of("Patient", 10)).await.unwrap();
    assert_eq!(texts(found), ["b"]);
    assert_eq!(journal.count(south(), Search::of("Patient", 10)).await.unwrap(), 0);
    // The next version is the next one, at a place after those that were there.
    write(&journal, vec![of("north-1", "c")]).await;
    assert_eq!(seen_rows(&journal, "p").await[0], owned((6, 3, Some("c"))));
    let query = HistoryQuery { kind: "Patient".to_owned(), id: None, since: None, before: None, limit: 9 };
    assert_eq!(journal.history(north(), query).await.unwrap().len(), 5);
}

fn owned((sequence, version, json): (i64, i64, Option<&str>)) -> (i64, i64, Option<String>) {
    (sequence, version, json.map(str::to_owned))
}

async fn seen_rows(journal: &Arc<dyn Journal>, id: &str) -> Vec<(i64, i64, Option<String>)> {
    let query =
        HistoryQuery { kind: "Patient".to_owned(), id: Some(id.to_owned()), since: None, before: None, limit: 9 };
    let rows = journal.history(north(), query).await.unwrap();
    rows.into_iter().map(|row| (row.sequence, row.version, row.json)).collect()
}
