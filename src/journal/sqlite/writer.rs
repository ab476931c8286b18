//! The one thread that writes.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::Options;
use super::connection::{Local, failure, gone, identity, open_again};
use crate::journal::JournalError;

/// Changes that share a commit at most.
const GROUP: usize = 256;

/// Answers the sender of a job: with what it asked for when the commit is on the disk, or with why it is not.
type Answer = Box<dyn FnOnce(Result<(), JournalError>) + Send>;

/// What a job did with its savepoint.
enum Ended {
    /// What it wrote stays.
    Kept,
    /// What it wrote does not stay; the others are not affected.
    RolledBack,
    /// The store failed under it: nothing of the group can be relied on.
    Failed(JournalError),
}

/// Runs within a savepoint, or is told why it cannot; says how that ended, and how to answer.
type Job = Box<dyn FnOnce(Result<&Local<'_>, JournalError>) -> (Ended, Answer) + Send>;

#[derive(Debug)]
pub(super) struct Writer {
    jobs: SyncSender<Job>,
}

impl Writer {
    /// Starts the thread. It ends when the writer is dropped and every job is answered.
    pub(super) fn start(connection: Connection, options: Options) -> Result<Self, JournalError> {
        let (jobs, waiting) = sync_channel(options.waiting);
        std::thread::Builder::new()
            .name("journal-writer".to_owned())
            .spawn(move || {
                let file = identity(&options.path);
                Loop { connection: Some(connection), file, options }.run(&waiting);
            })
            .map_err(|error| JournalError::Unavailable(error.kind().to_string()))?;
        Ok(Self { jobs })
    }

    /// Hands a job over. `keep` says whether what the job wrote is to stay; if not it is rolled back and answered all the
    /// same.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Local<'_>) -> Result<T, JournalError> + Send + 'static,
        keep: impl Fn(&T) -> bool + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, JournalError>>, JournalError> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |sql| {
            let result = sql.and_then(run);
            let ended = match &result {
                Ok(value) if keep(value) => Ended::Kept,
                Err(error @ (JournalError::Full | JournalError::Unavailable(_))) => Ended::Failed(error.clone()),
                Ok(_) | Err(_) => Ended::RolledBack,
            };
            let answer: Answer = Box::new(move |written| {
                // Nobody waits any more where the receiver is gone.
                let _ = sender.send(written.and(result));
            });
            (ended, answer)
        });
        match self.jobs.try_send(job) {
            Ok(()) => Ok(receiver),
            Err(TrySendError::Full(_)) => Err(JournalError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(JournalError::Unavailable("the writer has ended".to_owned())),
        }
    }
}

struct Loop {
    /// None after a failed write, until the store could be opened again.
    connection: Option<Connection>,
    /// The file that is open, by device and inode.
    file: Option<(u64, u64)>,
    options: Options,
}

impl Loop {
    fn run(mut self, waiting: &Receiver<Job>) {
        loop {
            let first = match &self.connection {
                Some(_) => waiting.recv().map_err(|_| RecvTimeoutError::Disconnected),
                None => waiting.recv_timeout(self.options.reopen_after),
            };
            if self.connection.is_none() {
                self.reopen();
            }
            match first {
                Ok(first) => {
                    let group: Vec<Job> = std::iter::once(first).chain(waiting.try_iter().take(GROUP - 1)).collect();
                    self.write(group);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// One commit for all of the group. Nobody is answered before it is on the disk.
    fn write(&mut self, group: Vec<Job>) {
        if self.connection.is_some() && identity(&self.options.path) != self.file {
            // What is written to a file that has no name any more is lost with the process.
            self.connection = None;
            return refuse(group, &gone());
        }
        let Some(connection) = &self.connection else {
            return refuse(
                group,
                &JournalError::Unavailable("a write has failed; the store is opened again".to_owned()),
            );
        };
        if let Err(error) = batch(connection, "BEGIN IMMEDIATE") {
            // Another process holds the lock, or the file cannot be written: nothing has been written.
            return refuse(group, &error);
        }
        let mut answers = Vec::with_capacity(group.len());
        let mut is_whole = Ok(());
        for job in group {
            let begun = is_whole.clone().and_then(|()| batch(connection, "SAVEPOINT job"));
            let (ended, answer) =
                job(begun.map(|()| Local(connection, &self.options.key)).as_ref().map_err(Clone::clone));
            answers.push(answer);
            is_whole = is_whole.and(match ended {
                Ended::Kept => batch(connection, "RELEASE job"),
                Ended::RolledBack => batch(connection, "ROLLBACK TO job; RELEASE job"),
                Ended::Failed(error) => Err(error),
            });
        }
        #[cfg(feature = "planted-faults")]
        if is_whole.is_ok() && crate::planted::is_planted("answer-first") {
            return commit_later(connection, answers);
        }
        let written = is_whole.and_then(|()| batch(connection, "COMMIT"));
        if let Err(error) = &written {
            let _ = batch(connection, "ROLLBACK");
            if *error != JournalError::Full && *error != JournalError::Busy {
                // What the disk has of this commit is not known. Nothing may be appended to this log: whoever is answered
                // from now on must stand in a log that begins anew.
                self.connection = None;
            }
        }
        for answer in answers {
            answer(written.clone());
        }
    }

    /// Opens the store again, and begins a new log: all of the old one is copied into the database and fsynced first, so
    /// that a page that the failed fsync has lost is written again or the attempt fails.
    fn reopen(&mut self) {
        let reopened = open_again(&self.options.path).and_then(|connection| {
            let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
            let busy: i64 = connection.query_row(checkpoint, [], |row| row.get(0)).map_err(|error| failure(&error))?;
            if busy == 0 { Ok(connection) } else { Err(JournalError::Busy) }
        });
        self.connection = reopened.ok();
        self.file = identity(&self.options.path);
    }
}

fn batch(connection: &Connection, sql: &str) -> Result<(), JournalError> {
    connection.execute_batch(sql).map_err(|error| failure(&error))
}

/// The fault that the kill harness must find: everybody is answered while nothing is on the disk.
#[cfg(feature = "planted-faults")]
fn commit_later(connection: &Connection, answers: Vec<Answer>) {
    for answer in answers {
        answer(Ok(()));
    }
    std::thread::sleep(std::time::Duration::from_millis(100));
    let _ = batch(connection, "COMMIT");
}

fn refuse(group: Vec<Job>, error: &JournalError) {
    for job in group {
        let (_, answer) = job(Err(error.clone()));
        answer(Err(error.clone()));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::journal::sqlite::connection::open;

    fn put(writer: &Writer, bytes: usize) -> oneshot::Receiver<Result<usize, JournalError>> {
        let insert = move |sql: &Local<'_>| {
            sql.0.execute("INSERT INTO kept (content) VALUES (?1)", [vec![0u8; bytes]]).map_err(|error| failure(&error))
        };
        writer.submit(insert, |_| true).unwrap()
    }

    #[test]
    fn a_store_whose_file_is_taken_away_takes_nothing_and_goes_on_when_it_is_back() {
        let folder = std::env::temp_dir().join(format!("impress-gateway-{}-gone", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (path, away) = (folder.join("journal.sqlite"), folder.join("away"));
        let connection = open(&path).unwrap();
        connection.execute_batch("CREATE TABLE kept (content BLOB)").unwrap();
        let options = Options { reopen_after: std::time::Duration::from_millis(10), ..Options::new(&path) };
        let writer = Writer::start(connection, options).unwrap();
        assert_eq!(put(&writer, 1).blocking_recv().unwrap(), Ok(1));
        let move_all = |from: &Path, to: &Path| {
            for end in ["", "-wal", "-shm"] {
                let with = |path: &Path| format!("{}{end}", path.display());
                let _ = std::fs::rename(with(from), with(to));
            }
        };
        move_all(&path, &away);
        for _ in 0..3 {
            let refused = put(&writer, 1).blocking_recv().unwrap();
            assert!(matches!(refused, Err(JournalError::Unavailable(_))), "{refused:?}");
            std::thread::sleep(std::time::Duration::from_millis(30));
        }
        assert!(!path.exists(), "an empty store in its place would take messages that nobody finds");
        move_all(&away, &path);
        let taken = (0..500).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            put(&writer, 1).blocking_recv().unwrap() == Ok(1)
        });
        assert!(taken);
        let count: i64 = open(&path).unwrap().query_row("SELECT COUNT(*) FROM kept", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 2);
        drop(writer);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_full_store_takes_nothing_and_goes_on_when_there_is_space() {
        let folder = std::env::temp_dir().join(format!("impress-gateway-{}-full", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("journal.sqlite");
        let connection = open(&path).unwrap();
        connection.execute_batch("CREATE TABLE kept (content BLOB); PRAGMA max_page_count = 60").unwrap();
        let writer = Writer::start(connection, Options::new(&path)).unwrap();
        let kept =
            || -> i64 { open(&path).unwrap().query_row("SELECT COUNT(*) FROM kept", [], |row| row.get(0)).unwrap() };

        let mut stored = 0;
        let error = loop {
            match put(&writer, 20_000).blocking_recv().unwrap() {
                Ok(_) => stored += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(error, JournalError::Full);
        assert!(stored > 5);
        assert_eq!(kept(), stored);
        // Those that are still small enough are taken: the store was not given up.
        assert_eq!(put(&writer, 10).blocking_recv().unwrap(), Ok(1));
        assert_eq!(put(&writer, 20_000).blocking_recv().unwrap(), Err(JournalError::Full));
        let delete = |sql: &Local<'_>| sql.0.execute("DELETE FROM kept", []).map_err(|error| failure(&error));
        assert!(writer.submit(delete, |_| true).unwrap().blocking_recv().unwrap().is_ok());
        assert_eq!(put(&writer, 20_000).blocking_recv().unwrap(), Ok(1));
        assert_eq!(kept(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
