//! One connection: how it is opened, and statements on it.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};

use crate::journal::scope::Statement;
use crate::journal::sql::{self, Row, Sql, Value};
use crate::journal::{AuditKey, JournalError, audits, migrate};

/// Marks the file as a journal of this program (`PRAGMA application_id`): "IMPG".
const APPLICATION_ID: i32 = 0x494d_5047;

/// Statements kept compiled per connection.
const STATEMENTS: usize = 64;

/// How long a connection waits for the lock of another process, e.g. of a backup.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// How often, and after which time, a store is asked again to use a write-ahead log.
const SETTING_TRIES: u32 = 20;
const SETTING_WAIT: Duration = Duration::from_millis(50);

/// Pages that are given back at once: others wait for the writer meanwhile.
const FREED: u32 = 5_000;

/// Opens the file to write, and makes it where it is not there.
pub(super) fn open(path: &Path) -> Result<Connection, JournalError> {
    prepare(Connection::open(path).map_err(|error| failure(&error))?)
}

/// Opens the file to write where it is there, with a journal in it: the place of one that is gone, e.g. with its file system,
/// is not taken by an empty one.
pub(super) fn open_again(path: &Path) -> Result<Connection, JournalError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| failure(&error))?;
    connection.busy_timeout(LOCK_WAIT).map_err(|error| failure(&error))?;
    match origin(&connection).map_err(|error| failure(&error))? {
        Origin::Ours => prepare(connection),
        Origin::New | Origin::Foreign => Err(gone()),
    }
}

/// Device and inode of a file; none where it is not there.
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// The file that was opened is not in its place.
pub(super) fn gone() -> JournalError {
    JournalError::Unavailable("the file of the journal is not in its place".to_owned())
}

fn prepare(connection: Connection) -> Result<Connection, JournalError> {
    connection.busy_timeout(LOCK_WAIT).map_err(|error| failure(&error))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    let mark = match origin(&connection).map_err(|error| failure(&error))? {
        Origin::New => format!("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = {APPLICATION_ID};"),
        // Nothing is written to it: it opens on a disk that is full.
        Origin::Ours => String::new(),
        Origin::Foreign => {
            return Err(JournalError::Unusable("the file is the database of another program".to_owned()));
        }
    };
    // Space of what is purged is given back in steps; this must stand before the first table. Until then, and where a row is
    // written over, zeros stand for what was a person's.
    let settings = format!(
        "{mark} PRAGMA journal_mode = WAL; PRAGMA synchronous = {}; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 67108864; \
         PRAGMA secure_delete = ON;",
        synchronous()
    );
    // SQLite does not wait for another process that makes the store at the same moment.
    let mut tries = 0..SETTING_TRIES;
    while let Err(error) = connection.execute_batch(&settings) {
        let error = failure(&error);
        if error != JournalError::Busy || tries.next().is_none() {
            return Err(error);
        }
        std::thread::sleep(SETTING_WAIT);
    }
    let mode: String = pragma(&connection, "journal_mode")?;
    if mode != "wal" {
        return Err(JournalError::Unusable("the file system has no shared memory for a write-ahead log".to_owned()));
    }
    Ok(connection)
}

/// What a file is before it is used.
enum Origin {
    New,
    Ours,
    Foreign,
}

/// Mark and tables are read of one moment: another process may be making the store.
fn origin(connection: &Connection) -> rusqlite::Result<Origin> {
    let reading = connection.unchecked_transaction()?;
    let id: i32 = reading.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = reading.query_row("SELECT COUNT(*) FROM sqlite_master", [], |row| row.get(0))?;
    Ok(match (id, tables) {
        (APPLICATION_ID, _) => Origin::Ours,
        (_, 0) => Origin::New,
        _ => Origin::Foreign,
    })
}

/// Every commit waits for the disk.
#[cfg(not(feature = "planted-faults"))]
fn synchronous() -> &'static str {
    "FULL"
}

/// The fault that the power-cut harness must find.
#[cfg(feature = "planted-faults")]
fn synchronous() -> &'static str {
    if crate::planted::is_planted("no-fsync") { "OFF" } else { "FULL" }
}

/// Opens the file to read.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, JournalError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| failure(&error))?;
    connection.busy_timeout(LOCK_WAIT).map_err(|error| failure(&error))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn pragma<T: rusqlite::types::FromSql>(connection: &Connection, name: &str) -> Result<T, JournalError> {
    connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|error| failure(&error))
}

/// Brings the tables up to date, each migration in a transaction with its mark.
pub(super) fn migrate(connection: &Connection, key: &AuditKey) -> Result<(), JournalError> {
    let run = |sql: &str| connection.execute_batch(sql).map_err(|error| failure(&error));
    run("CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, checksum TEXT NOT NULL)")?;
    let done: Vec<(i64, String)> = connection
        .prepare("SELECT version, checksum FROM migrations ORDER BY version")
        .and_then(|mut statement| {
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()
        })
        .map_err(|error| failure(&error))?;
    for migration in migrate::missing(migrate::SQLITE, &done).map_err(JournalError::Unusable)? {
        // Whoever waited for the lock finds the mark of another process that starts at the same moment.
        let mark = || {
            let mark = "INSERT INTO migrations (version, checksum) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            connection.execute(mark, (migration.version, migration.checksum())).map_err(|error| failure(&error))
        };
        let written = run("BEGIN IMMEDIATE").and_then(|()| mark()).and_then(|marked| match marked {
            1 => {
                run(migration.sql)?;
                if migration.makes_chains { now(audits::adopt(&Local(connection, key))) } else { Ok(()) }
            }
            _ => Ok(()),
        });
        match written {
            Ok(()) => run("COMMIT")?,
            Err(error) => {
                let _ = run("ROLLBACK");
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Drives what never waits: every step on a local connection is done when it returns.
pub(super) fn now<T>(work: impl Future<Output = Result<T, JournalError>>) -> Result<T, JournalError> {
    use futures_util::FutureExt;
    work.now_or_never().unwrap_or_else(|| Err(JournalError::Unavailable("a local statement waited".to_owned())))
}

/// Copies the committed state of one moment.
pub(super) fn back_up(source: &Path, target: &Path) -> Result<(), JournalError> {
    let connection = open_to_read(source)?;
    let name = target.to_str().ok_or_else(|| JournalError::Unusable("the path is not UTF-8".to_owned()))?;
    if target.exists() {
        return Err(JournalError::Unusable("the file of the backup is there already".to_owned()));
    }
    connection.execute("VACUUM INTO ?1", [name]).map_err(|error| failure(&error))?;
    std::fs::File::open(target)
        .and_then(|file| file.sync_all())
        .map_err(|error| JournalError::Unavailable(error.kind().to_string()))
}

/// Statements on a local connection: done when they return.
pub(super) struct Local<'c>(pub(super) &'c Connection, pub(super) &'c AuditKey);

impl Local<'_> {
    /// Gives free pages back to the file system, some at a time; whether there were any. A failure costs space, nothing else.
    pub(super) fn give_space_back(&self) -> bool {
        let give = || -> rusqlite::Result<bool> {
            let mut statement = self.0.prepare(&format!("PRAGMA incremental_vacuum({FREED})"))?;
            let mut rows = statement.query([])?;
            let mut is_any = false;
            // Each step frees one page.
            while rows.next()?.is_some() {
                is_any = true;
            }
            Ok(is_any)
        };
        give().unwrap_or(false)
    }
}

impl Sql for Local<'_> {
    const CLAIM: &'static str = sql::CLAIMABLE;
    const FREE_HEAD: &'static str = sql::HEAD;
    const CHAINS: i64 = 1;

    fn key(&self) -> &AuditKey {
        self.1
    }

    async fn execute(&self, statement: &'static str, parameters: Vec<Value>) -> Result<u64, JournalError> {
        self.run(statement, parameters)
    }

    async fn query(&self, statement: &'static str, parameters: Vec<Value>) -> Result<Vec<Row>, JournalError> {
        let mut prepared = self.0.prepare_cached(statement).map_err(|error| failure(&error))?;
        rows(&mut prepared, parameters)
    }

    async fn query_built(&self, statement: Statement) -> Result<Vec<Row>, JournalError> {
        let mut prepared = self.0.prepare(&statement.text).map_err(|error| failure(&error))?;
        rows(&mut prepared, statement.parameters)
    }

    async fn execute_built(&self, statement: Statement) -> Result<u64, JournalError> {
        self.run(&statement.text, statement.parameters)
    }
}

impl Local<'_> {
    fn run(&self, statement: &str, parameters: Vec<Value>) -> Result<u64, JournalError> {
        let mut prepared = self.0.prepare_cached(statement).map_err(|error| failure(&error))?;
        let written = prepared.execute(params_from_iter(parameters)).map_err(|error| failure(&error))?;
        Ok(written as u64)
    }
}

fn rows(prepared: &mut rusqlite::Statement<'_>, parameters: Vec<Value>) -> Result<Vec<Row>, JournalError> {
    let columns = prepared.column_count();
    let mut rows = prepared.query(params_from_iter(parameters)).map_err(|error| failure(&error))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(|error| failure(&error))? {
        let cells = (0..columns).map(|column| row.get_ref(column).map(cell));
        let cells: Result<Vec<Value>, _> = cells.collect();
        all.push(Row::new(cells.map_err(|error| failure(&error))?));
    }
    Ok(all)
}

fn cell(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null | ValueRef::Real(_) => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(rusqlite::types::ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// The error without the statement and without values.
pub(super) fn failure(error: &rusqlite::Error) -> JournalError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => JournalError::Full,
        Some(ErrorCode::NotADatabase) => JournalError::Unusable("the file is no SQLite database".to_owned()),
        Some(ErrorCode::DatabaseCorrupt) => JournalError::Damaged("SQLite finds the file damaged".to_owned()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => JournalError::Busy,
        // Of this change alone: the store goes on.
        Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig) => {
            JournalError::Damaged("a row does not fit the tables".to_owned())
        }
        Some(code) => JournalError::Unavailable(format!("SQLite: {code:?}")),
        None => JournalError::Damaged("a statement does not fit the tables".to_owned()),
    }
}
