//! What only the embedded store can go through: files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use impress_gateway::journal::sqlite::{Options, SqliteJournal};
use impress_gateway::journal::{Change, Committed, DeliveryState, Filter, Journal, JournalError, NewMessage, Scope};

use super::store::{Store, arrival, at, block_on, claim, message, messages_of, sending, until};
use crate::support::Folder;

fn open(path: &Path) -> Result<SqliteJournal, JournalError> {
    SqliteJournal::open(Options::new(path))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

/// The messages of a store in their order, each with everything that was written with it.
async fn whole_messages(path: &Path) -> Vec<String> {
    let journal = open(path).unwrap();
    let filter = Filter { limit: 100_000, ..Filter::default() };
    let mut ids: Vec<String> = journal.messages(filter).await.unwrap().into_iter().map(|row| row.id).collect();
    ids.reverse();
    for id in &ids {
        assert_eq!(journal.original(id.clone()).await.unwrap().unwrap(), format!("original of {id}").into_bytes());
        assert_eq!(journal.cases(vec![format!("referral/{id}")]).await.unwrap()[0].revision, 1);
        assert!(journal.read(Scope::everything(), "Patient".to_owned(), id.clone()).await.unwrap().is_some());
        assert_eq!(journal.deliveries(id.clone()).await.unwrap().len(), 1);
        assert_eq!(journal.audits(id.clone()).await.unwrap().len(), 1);
    }
    let store = rusqlite::Connection::open(path).unwrap();
    let check: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    for table in ["originals", "cases", "resources", "deliveries", "audit"] {
        let query = format!("SELECT COUNT(*) FROM {table}");
        let count: i64 = store.query_row(&query, [], |row| row.get(0)).unwrap();
        assert_eq!(usize::try_from(count).unwrap(), ids.len(), "{table}");
    }
    ids
}

/// A store with `count` messages, as a program leaves it that ends between two instructions: database and log.
async fn as_after_a_crash(count: usize) -> (Folder, Vec<u8>, Vec<u8>) {
    let folder = Folder::new("crash");
    let path = folder.path().join("journal.sqlite");
    let journal = open(&path).unwrap();
    for number in 0..count {
        assert_eq!(journal.commit(arrival(&format!("m{number:02}"))).await.unwrap(), Committed::Stored);
    }
    let files = (std::fs::read(&path).unwrap(), std::fs::read(beside(&path, "-wal")).unwrap());
    (folder, files.0, files.1)
}

#[test]
fn what_was_answered_is_there_after_a_crash() {
    block_on(async {
        let (folder, database, log) = as_after_a_crash(20).await;
        let copy = folder.write("copy.sqlite", &database);
        folder.write("copy.sqlite-wal", &log);
        let expected: Vec<String> = (0..20).map(|number| format!("m{number:02}")).collect();
        assert_eq!(whole_messages(&copy).await, expected);
    });
}

#[test]
fn of_a_torn_log_whole_changes_are_left() {
    block_on(async {
        let (folder, database, log) = as_after_a_crash(12).await;
        let all: Vec<String> = (0..12).map(|number| format!("m{number:02}")).collect();
        let mut lengths = std::collections::BTreeSet::new();
        // Cut anywhere, and a bit changed anywhere: what stands before is as it was, what comes after is gone.
        for step in 0..40 {
            let place = log.len() * step / 40 + step % 7;
            let mut damaged = log.clone();
            match step % 2 {
                0 => damaged.truncate(place),
                _ => damaged[place] ^= 1,
            }
            let copy = folder.write(&format!("torn-{step}.sqlite"), &database);
            folder.write(&format!("torn-{step}.sqlite-wal"), &damaged);
            match whole_tables(&copy) {
                true => {
                    let left = whole_messages(&copy).await;
                    assert_eq!(left, all[..left.len()], "at {place}");
                    lengths.insert(left.len());
                }
                // Not even the tables: a new store.
                false => drop(open(&copy).unwrap()),
            }
        }
        assert!(lengths.len() > 3, "the damage was everywhere at the same place: {lengths:?}");
    });
}

fn whole_tables(path: &Path) -> bool {
    let store = rusqlite::Connection::open(path).unwrap();
    store.query_row("SELECT COUNT(*) FROM sqlite_master WHERE name = 'messages'", [], |row| row.get(0)).unwrap()
}

#[test]
fn another_file_is_left_as_it_is() {
    let folder = Folder::new("other");
    let foreign = folder.path().join("foreign.sqlite");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE messages (id TEXT)").unwrap();
    let text = folder.write("text.sqlite", "not a database, but longer than the head of one. ".repeat(100));
    for path in [foreign, text] {
        let before = std::fs::read(&path).unwrap();
        let error = open(&path).unwrap_err();
        assert!(matches!(error, JournalError::Unusable(_)), "{}: {error:?}", path.display());
        assert_eq!(error.issue().code.as_str(), "journal.unusable");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{}", path.display());
    }
    let error = open(folder.path()).unwrap_err();
    assert!(matches!(error, JournalError::Unavailable(_)), "{error:?}");
}

#[test]
fn a_damaged_file_is_left_as_it_is() {
    let folder = Folder::new("damaged");
    let path = folder.path().join("journal.sqlite");
    block_on(async { open(&path).unwrap().commit(arrival("m1")).await.unwrap() });
    // Everything in the database itself.
    let store = rusqlite::Connection::open(&path).unwrap();
    store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    let mut first_page = whole.clone();
    first_page[100..4_000].fill(0xa5);
    let half = whole[..whole.len() / 2].to_vec();
    for (name, bytes) in [("first-page.sqlite", first_page), ("half.sqlite", half)] {
        let path = folder.write(name, &bytes);
        let error = open(&path).unwrap_err();
        assert!(matches!(error, JournalError::Damaged(_)), "{name}: {error:?}");
        assert_eq!(error.issue().code.as_str(), "journal.damaged");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{name}");
    }
    let head = folder.write("head.sqlite", [&b"SQLITE format 4\0"[..], &whole[16..]].concat());
    assert!(matches!(open(&head).unwrap_err(), JournalError::Unusable(_)));
}

#[test]
fn a_delivery_that_the_disk_has_changed_is_known_as_such() {
    for column in ["message", "patient", "case_key", "kind", "body"] {
        let folder = Folder::new("delivery-changed");
        let path = folder.path().join("journal.sqlite");
        let journal: Arc<dyn Journal> = Arc::new(open(&path).unwrap());
        block_on(async { journal.commit(sending("m1", &["p", "q"])).await.unwrap() });
        let store = rusqlite::Connection::open(&path).unwrap();
        store.pragma_update(None, "foreign_keys", false).unwrap();
        let change = format!("UPDATE deliveries SET {column} = {column} || ' ' WHERE sequence = 1");
        assert_eq!(store.execute(&change, []).unwrap(), 1);
        let is_whole: Vec<bool> = block_on(claim(&journal, 0)).iter().map(|claimed| claimed.is_whole).collect();
        assert_eq!(is_whole, [false, true], "{column}");
    }
}

#[test]
fn a_delivery_that_cannot_be_read_holds_no_other_patient() {
    let folder = Folder::new("delivery-unreadable");
    let path = folder.path().join("journal.sqlite");
    let journal: Arc<dyn Journal> = Arc::new(open(&path).unwrap());
    block_on(async { journal.commit(sending("m1", &["p"])).await.unwrap() });
    block_on(async { journal.commit(sending("m2", &["p", "q"])).await.unwrap() });
    let store = rusqlite::Connection::open(&path).unwrap();
    let change = "UPDATE deliveries SET created = 9223372036854775807 WHERE sequence = 1";
    assert_eq!(store.execute(change, []).unwrap(), 1);
    assert_eq!(messages_of(&block_on(claim(&journal, 0))), ["m2"]);
    assert_eq!(block_on(claim(&journal, 0)), []);
    let dead: (String, String) = store
        .query_row("SELECT state, code FROM deliveries d JOIN attempts a ON a.delivery = d.sequence", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(dead, (DeliveryState::Dead.as_str().to_owned(), "journal.damaged".to_owned()));
}

#[test]
fn a_file_whose_index_hides_rows_is_told() {
    let folder = Folder::new("not-whole");
    let path = folder.path().join("journal.sqlite");
    block_on(async { open(&path).unwrap().commit(sending("m1", &["p"])).await.unwrap() });
    // One bit of the state of a delivery: no statement finds it any more, and the index of what is to be sent still has it.
    let mut bytes = checkpointed(&path);
    let place = bytes.windows(7).position(|window| window == b"senddue").unwrap();
    bytes[place + 6] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let journal = open(&path).unwrap();
    assert_eq!(block_on(journal.probe(at(0))), Ok(()));
    journal.check_whole();
    let is_told = || async { matches!(journal.probe(at(0)).await, Err(JournalError::Damaged(_))) };
    block_on(until("the damage is told", is_told));
}

#[test]
fn a_store_of_a_newer_program_is_refused() {
    for (change, text) in [
        ("INSERT INTO migrations (version, checksum) VALUES (1000, '00')", "version 1000"),
        ("UPDATE migrations SET checksum = '00' WHERE version = 1", "migration 1 is another one"),
    ] {
        let folder = Folder::new("newer");
        let path = folder.path().join("journal.sqlite");
        drop(open(&path).unwrap());
        rusqlite::Connection::open(&path).unwrap().execute(change, []).unwrap();
        let error = open(&path).unwrap_err();
        assert!(matches!(&error, JournalError::Unusable(reason) if reason.contains(text)), "{error:?}");
    }
}

#[test]
fn a_backup_is_of_one_moment() {
    block_on(async {
        let folder = Folder::new("backup");
        let path = folder.path().join("journal.sqlite");
        let journal = Arc::new(open(&path).unwrap());
        let is_done = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (journal, is_done) = (Arc::clone(&journal), Arc::clone(&is_done));
                tokio::spawn(async move {
                    let mut stored = 0;
                    while !is_done.load(Ordering::SeqCst) {
                        let id = format!("w{writer}-{stored:05}");
                        assert_eq!(journal.commit(arrival(&id)).await.unwrap(), Committed::Stored);
                        stored += 1;
                    }
                    stored
                })
            })
            .collect();
        let count = || async { journal.dispositions().await.unwrap().first().map_or(0, |(_, count)| *count) };
        until("messages are written", || async { count().await > 50 }).await;
        let before = count().await;
        let target = folder.path().join("backup.sqlite");
        let (source, to) = (path.clone(), target.clone());
        let made = tokio::task::spawn_blocking(move || SqliteJournal::back_up(&source, &to));
        made.await.unwrap().unwrap();
        let after = count().await;
        is_done.store(true, Ordering::SeqCst);
        let mut stored = 0;
        for writer in writers {
            stored += writer.await.unwrap();
        }
        let kept = whole_messages(&target).await;
        assert!(i64::try_from(kept.len()).unwrap() >= before, "what was answered before is not in the backup");
        assert!(i64::try_from(kept.len()).unwrap() <= after);
        for writer in 0..4 {
            let of: Vec<&String> = kept.iter().filter(|id| id.starts_with(&format!("w{writer}-"))).collect();
            let expected: Vec<String> = (0..of.len()).map(|number| format!("w{writer}-{number:05}")).collect();
            assert_eq!(of, expected.iter().collect::<Vec<_>>());
        }
        assert_eq!(whole_messages(&path).await.len(), stored);
        // A backup is never written over.
        let bytes = std::fs::read(&target).unwrap();
        assert!(matches!(SqliteJournal::back_up(&path, &target), Err(JournalError::Unusable(_))));
        assert_eq!(std::fs::read(&target).unwrap(), bytes);
    });
}

#[test]
fn a_full_queue_is_told_to_the_sender() {
    block_on(async {
        let folder = Folder::new("busy");
        let path = folder.path().join("journal.sqlite");
        let journal = Arc::new(SqliteJournal::open(Options { waiting: 3, ..Options::new(&path) }).unwrap());
        // Another process holds the store, as an operator's tool may.
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        // What the writer took before it came to wait, and what may wait for it; then no more.
        let waiting: Vec<_> = (0..1_000).map(|number| journal.commit(arrival(&format!("m{number:03}")))).collect();
        other.execute_batch("COMMIT").unwrap();
        let (mut stored, mut busy) = (Vec::new(), 0);
        for (number, commit) in waiting.into_iter().enumerate() {
            match commit.await {
                Ok(Committed::Stored) => stored.push(format!("m{number:03}")),
                Err(error) => {
                    assert_eq!(error, JournalError::Busy);
                    assert_eq!(error.issue().code.as_str(), "journal.busy");
                    busy += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(stored.len() >= 3 && busy > 0 && stored.len() + busy == 1_000, "{} stored", stored.len());
        assert_eq!(whole_messages(&path).await, stored);
        // It goes on, and what was told to be sent again is taken.
        assert_eq!(journal.commit(arrival("m1000")).await.unwrap(), Committed::Stored);
    });
}

/// The bytes of a store, all of them in the database itself.
fn checkpointed(path: &Path) -> Vec<u8> {
    let other = rusqlite::Connection::open(path).unwrap();
    other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    std::fs::read(path).unwrap()
}

#[test]
fn purged_space_goes_back_to_the_disk() {
    block_on(async {
        let store = Store::sqlite();
        let journal = store.node().await;
        for number in 0..100 {
            let message = NewMessage { original: vec![b'x'; 80_000], ..message(&format!("m{number}")) };
            journal.commit(Change { message: Some(message), ..Change::default() }).await.unwrap();
        }
        let before = checkpointed(&store.file()).len();
        assert!(before > 8_000_000, "{before}");
        assert_eq!(journal.purge(at(1), 100).await.unwrap(), 100);
        let after = checkpointed(&store.file()).len();
        assert!(after < before / 10, "{after} of {before} bytes are left");
        assert_eq!(journal.messages(Filter { limit: 1_000, ..Filter::default() }).await.unwrap().len(), 100);
    });
}

#[test]
fn what_is_purged_is_not_left_in_free_space() {
    block_on(async {
        let store = Store::sqlite();
        let journal = store.node().await;
        // Small ones that share a page; one of them stays.
        for (id, received) in [("m1", at(0)), ("m2", at(100)), ("m3", at(0))] {
            let message = NewMessage { received, ..message(id) };
            journal.commit(Change { message: Some(message), ..Change::default() }).await.unwrap();
        }
        let holds = |text: &str| checkpointed(&store.file()).windows(text.len()).any(|part| part == text.as_bytes());
        assert!(holds("original of m1") && holds("original of m2") && holds("original of m3"));
        assert_eq!(journal.purge(at(1), 100).await.unwrap(), 2);
        assert!(!holds("original of m1") && !holds("original of m3"));
        assert!(holds("original of m2"));
    });
}
