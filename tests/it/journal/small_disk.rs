//! Disks that are full or read-only: file systems in memory, in a mount namespace of a child process that runs the same test.

use std::path::Path;
use std::process::Command;

use impress_gateway::journal::sqlite::{Options, SqliteJournal};
use impress_gateway::journal::{Committed, Filter, Journal, JournalError};
use jiff::Timestamp;

use super::store::{arrival, at, block_on, until};
use crate::support::Folder;

/// Set in the child: the folder that is a disk of its own.
const DISK: &str = "IMPRESS_SMALL_DISK";

/// Mounts a file system on the folder `$0` with the options `$1`, and runs the rest there.
const MOUNT: &str = r#"mount -t tmpfs -o "$1" tmpfs "$0" && shift && exec "$@""#;

/// Runs this test again on a disk of this size; false where the host lets nobody mount one.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn runs_on_a_disk(test: &str, size: &str) -> bool {
    let folder = Folder::new("disk");
    let within = |namespace: &[&str], command: &[&str]| {
        let mut child = Command::new("unshare");
        child.args(namespace).args(["sh", "-c", MOUNT]).arg(folder.path()).arg(format!("size={size}")).args(command);
        child.env(DISK, folder.path()).output()
    };
    let namespaces: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
    let can = |namespace: &&&[&str]| within(namespace, &["true"]).is_ok_and(|output| output.status.success());
    let Some(namespace) = namespaces.iter().find(can) else {
        println!("SKIPPED journal-small-disk: this host mounts no file system for a test");
        return false;
    };
    let program = std::env::current_exe().unwrap();
    let output = within(namespace, &[program.to_str().unwrap(), "--exact", test, "--nocapture"]).unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{size}: {text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("1 passed"), "no test has the name {test}");
    true
}

fn disk() -> Option<std::path::PathBuf> {
    std::env::var_os(DISK).map(std::path::PathBuf::from)
}

#[test]
fn a_full_disk_loses_nothing_that_was_answered() {
    if let Some(disk) = disk() {
        return block_on(fill(&disk));
    }
    // The end of the space meets another write each time: of the log, of the index of the log, of the database.
    for kilobytes in [1_150, 1_250, 1_350, 1_500, 1_650, 2_050, 2_850, 4_350] {
        let test = "journal::small_disk::a_full_disk_loses_nothing_that_was_answered";
        if !runs_on_a_disk(test, &format!("{kilobytes}k")) {
            return;
        }
    }
}

async fn fill(disk: &Path) {
    let ballast = disk.join("ballast");
    std::fs::write(&ballast, vec![0; 300_000]).unwrap();
    let journal = SqliteJournal::open(Options::new(&disk.join("journal.sqlite"))).unwrap();
    let change = |number: usize| {
        let mut change = arrival(&format!("m{number:03}"));
        change.message.as_mut().unwrap().original = vec![u8::try_from(number % 251).unwrap(); 5_000];
        change
    };
    let mut stored = 0;
    loop {
        match journal.commit(change(stored)).await {
            Ok(committed) => assert_eq!(committed, Committed::Stored),
            Err(error) => {
                assert_eq!(error, JournalError::Full);
                assert_eq!(error.issue().code.as_str(), "journal.full");
                break;
            }
        }
        stored += 1;
    }
    // What was answered is there and can be read; what was not, is not. It stays so however often one tries.
    for _ in 0..20 {
        let refused = journal.commit(change(stored)).await;
        assert_eq!(refused, Err(JournalError::Full));
    }
    let is_kept = |count: usize| {
        let journal = &journal;
        async move {
            let rows = journal.messages(Filter { limit: 10_000, ..Filter::default() }).await.unwrap();
            assert_eq!(rows.len(), count);
            for number in 0..count {
                let original = journal.original(format!("m{number:03}")).await.unwrap().unwrap();
                assert_eq!(original, vec![u8::try_from(number % 251).unwrap(); 5_000]);
            }
        }
    };
    is_kept(stored).await;
    assert!(stored > 0);
    std::fs::remove_file(&ballast).unwrap();
    until("there is space again", || async { journal.probe(at(1)).await.is_ok() }).await;
    // Sent again, it is taken, not known.
    assert_eq!(journal.commit(change(stored)).await.unwrap(), Committed::Stored);
    is_kept(stored + 1).await;
    // And as a crash leaves it, on a disk with more space.
    let elsewhere = Folder::new("elsewhere");
    for file in ["journal.sqlite", "journal.sqlite-wal"] {
        std::fs::copy(disk.join(file), elsewhere.path().join(file)).unwrap();
    }
    let again = SqliteJournal::open(Options::new(&elsewhere.path().join("journal.sqlite"))).unwrap();
    let rows = again.messages(Filter { limit: 10_000, ..Filter::default() }).await.unwrap();
    assert_eq!(rows.len(), stored + 1);
}

#[test]
fn a_disk_that_cannot_be_written_is_told() {
    let Some(disk) = disk() else {
        let test = "journal::small_disk::a_disk_that_cannot_be_written_is_told";
        runs_on_a_disk(test, "4m");
        return;
    };
    let remount = |how: &str| {
        let disk = disk.to_str().unwrap();
        let is_done = || {
            let mounted = Command::new("mount").args(["-o", how, disk]).output().unwrap();
            mounted.status.success()
        };
        // The writer of a journal that was dropped has still to close its file.
        block_on(until("the disk can be mounted anew", || async { is_done() }));
    };
    let options = || Options::new(&disk.join("journal.sqlite"));
    let journal = SqliteJournal::open(options()).unwrap();
    block_on(async { journal.commit(arrival("m1")).await.unwrap() });
    drop(journal);
    remount("remount,ro");
    let error = SqliteJournal::open(options()).unwrap_err();
    assert!(matches!(error, JournalError::Unavailable(_)), "{error:?}");
    assert_eq!(error.issue().code.as_str(), "journal.unavailable");
    remount("remount,rw");
    let journal = SqliteJournal::open(options()).unwrap();
    let known = block_on(journal.commit(arrival("m1"))).unwrap();
    assert!(matches!(known, Committed::Known(row) if row.received == at(0) && row.updated >= Timestamp::UNIX_EPOCH));
}
