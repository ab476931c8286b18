//! The embedded store: SQLite, one writer thread, group commit.
//!
//! `synchronous=FULL` in WAL mode: a commit returns after fdatasync of the write-ahead log. There is no option to weaken it.
//! All changes that wait while one commit is written share the next one; each runs in its own savepoint, so that one that
//! fails takes nothing of the others with it.

mod check;
mod connection;
#[cfg(test)]
mod plans;
mod reader;
mod subscriptions;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;

use super::chain::{AuditKey, Head, Link};
use super::change::{Change, Settlement};
use super::grants::{self, Grant};
use super::resources::{self, HistoryQuery};
use super::rows::{
    Attempt, AuditFilter, AuditRow, Case, Claimed, DeliveryRow, Filter, MessageRow, QueueDepth, ResourceRow,
};
use super::scope::Scope;
use super::search::{self, Search};
use super::sql::Sql;
use super::{Committed, Journal, JournalError, Pending, audits, queue, work};
use crate::domain::trust::Trusts;

use self::check::Check;
use self::connection::{Local, now, open};
use self::reader::Readers;
use self::writer::Writer;

/// How the store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file; made where it is not there.
    pub path: PathBuf,
    /// Changes that may wait for the writer; one more is told that the journal is busy.
    pub waiting: usize,
    /// Connections that read.
    pub readers: usize,
    /// How long the writer waits between attempts to open the store again after a failed write.
    pub reopen_after: Duration,
    /// What the audit trail is signed with.
    pub key: AuditKey,
}

impl Options {
    /// The store in `path`, with the limits of a deployment.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            waiting: 4_096,
            readers: 4,
            reopen_after: Duration::from_millis(500),
            key: AuditKey::default(),
        }
    }
}

/// SQLite.
#[derive(Debug)]
pub struct SqliteJournal {
    path: PathBuf,
    writer: Writer,
    readers: Arc<Readers>,
    check: Check,
    trusts: OnceLock<Arc<Trusts>>,
}

impl SqliteJournal {
    /// Opens or makes the store, and brings its tables up to date.
    ///
    /// Errors: `Unusable` where the file is no store of this program; `Unavailable` where it cannot be written.
    pub fn open(options: Options) -> Result<Self, JournalError> {
        let connection = open(&options.path)?;
        connection::migrate(&connection, &options.key)?;
        let readers = Arc::new(Readers::new(options.path.clone(), options.readers, options.key.clone()));
        let path = options.path.clone();
        Ok(Self {
            path,
            writer: Writer::start(connection, options)?,
            readers,
            check: Check::default(),
            trusts: OnceLock::new(),
        })
    }

    /// Copies the store, as it is at one moment, to a new file; messages can be taken meanwhile.
    ///
    /// Errors: the file is there already, or cannot be written.
    pub fn back_up(source: &Path, target: &Path) -> Result<(), JournalError> {
        connection::back_up(source, target)
    }

    fn write<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Local<'_>) -> Result<T, JournalError> + Send + 'static,
        keep: impl Fn(&T) -> bool + Send + 'static,
    ) -> Pending<'_, T> {
        let answer = self.writer.submit(run, keep);
        Box::pin(
            async move { answer?.await.map_err(|_| JournalError::Unavailable("the writer has ended".to_owned()))? },
        )
    }

    fn reading<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Local<'_>) -> Result<T, JournalError> + Send + 'static,
    ) -> Pending<'_, T> {
        let readers = Arc::clone(&self.readers);
        Box::pin(async move {
            tokio::task::spawn_blocking(move || readers.with(run))
                .await
                .map_err(|_| JournalError::Unavailable("a reader has ended".to_owned()))?
        })
    }
}

impl Journal for SqliteJournal {
    fn commit(&self, change: Change) -> Pending<'_, Committed> {
        let trusts = self.trusts.get().cloned();
        let commit = move |sql: &Local<'_>| now(work::commit(sql, change, trusts.as_deref()));
        self.write(commit, |committed| *committed == Committed::Stored)
    }

    fn cases(&self, keys: Vec<String>) -> Pending<'_, Vec<Case>> {
        self.reading(|sql| now(work::cases(sql, keys)))
    }

    fn message(&self, id: String) -> Pending<'_, Option<MessageRow>> {
        self.reading(|sql| now(work::message(sql, id)))
    }

    fn messages(&self, filter: Filter) -> Pending<'_, Vec<MessageRow>> {
        self.reading(|sql| now(work::messages(sql, filter)))
    }

    fn original(&self, id: String) -> Pending<'_, Option<Vec<u8>>> {
        self.reading(|sql| now(work::original(sql, id)))
    }

    fn deliveries(&self, message: String) -> Pending<'_, Vec<DeliveryRow>> {
        self.reading(|sql| now(work::deliveries(sql, message)))
    }

    fn attempts(&self, delivery: i64) -> Pending<'_, Vec<Attempt>> {
        self.reading(move |sql| now(work::attempts(sql, delivery)))
    }

    fn last_attempts(&self, messages: Vec<String>) -> Pending<'_, Vec<(String, String)>> {
        self.reading(move |sql| now(work::last_attempts(sql, messages)))
    }

    fn dead_letters(&self, destination: Option<String>, limit: i64) -> Pending<'_, Vec<DeliveryRow>> {
        self.reading(move |sql| now(work::dead_letters(sql, destination, limit)))
    }

    fn claim(&self, destination: String, limit: i64, at: Timestamp, until: Timestamp) -> Pending<'_, Vec<Claimed>> {
        let lease = uuid::Uuid::new_v4().to_string();
        self.write(move |sql| now(queue::claim(sql, (destination, limit), (at, until), lease)), |_| true)
    }

    fn bring_forward(&self, destination: String, at: Timestamp, due: Timestamp, lease: Timestamp) -> Pending<'_, u64> {
        self.write(move |sql| now(queue::bring_forward(sql, destination, (at, due, lease))), |_| true)
    }

    fn settle(&self, settlement: Settlement) -> Pending<'_, bool> {
        self.write(|sql| now(work::settle(sql, settlement)), |_| true)
    }

    fn queue(&self) -> Pending<'_, Vec<QueueDepth>> {
        self.reading(|sql| now(work::queue(sql)))
    }

    fn dispositions(&self) -> Pending<'_, Vec<(String, i64)>> {
        self.reading(|sql| now(work::dispositions(sql)))
    }

    fn read(&self, scope: Scope, kind: String, id: String) -> Pending<'_, Option<ResourceRow>> {
        self.reading(move |sql| now(resources::read(sql, scope, kind, id)))
    }

    fn version(&self, scope: Scope, kind: String, id: String, version: i64) -> Pending<'_, Option<ResourceRow>> {
        self.reading(move |sql| now(resources::version(sql, scope, (kind, id), version)))
    }

    fn history(&self, scope: Scope, query: HistoryQuery) -> Pending<'_, Vec<ResourceRow>> {
        self.reading(move |sql| now(resources::history(sql, scope, query)))
    }

    fn search(&self, scope: Scope, search: Search) -> Pending<'_, Vec<ResourceRow>> {
        self.reading(move |sql| now(search::page(sql, scope, search)))
    }

    fn count(&self, scope: Scope, search: Search) -> Pending<'_, i64> {
        self.reading(move |sql| now(search::count(sql, scope, search)))
    }

    fn grants(&self, case: String) -> Pending<'_, Vec<Grant>> {
        self.reading(move |sql| now(grants::of_case(sql, case)))
    }

    fn granted(&self, trust: String) -> Pending<'_, Vec<Grant>> {
        self.reading(move |sql| now(grants::of_trust(sql, trust)))
    }

    fn audits(&self, message: String) -> Pending<'_, Vec<AuditRow>> {
        self.reading(|sql| now(audits::of_message(sql, message)))
    }

    fn search_audits(&self, filter: AuditFilter) -> Pending<'_, Vec<AuditRow>> {
        self.reading(|sql| now(audits::search(sql, filter)))
    }

    fn count_audits(&self, filter: AuditFilter) -> Pending<'_, i64> {
        self.reading(|sql| now(audits::count(sql, filter)))
    }

    fn audit_chains(&self) -> i64 {
        <Local<'_> as Sql>::CHAINS
    }

    fn audit_heads(&self) -> Pending<'_, Vec<Head>> {
        self.reading(|sql| now(audits::heads(sql)))
    }

    fn audit_links(&self, chain: i64, after: i64, limit: i64) -> Pending<'_, Vec<Link>> {
        self.reading(move |sql| now(audits::links(sql, chain, after, limit)))
    }

    fn stray_audit(&self) -> Pending<'_, Option<(i64, i64)>> {
        self.reading(|sql| now(audits::stray(sql)))
    }

    fn purge(&self, before: Timestamp, limit: i64) -> Pending<'_, u64> {
        let purged = self.write(
            move |sql| {
                let purged = now(work::purge(sql, before, limit))?;
                Ok((purged, sql.give_space_back()))
            },
            |(purged, is_freed)| *purged > 0 || *is_freed,
        );
        Box::pin(async move { purged.await.map(|(purged, _)| purged) })
    }

    fn probe(&self, at: Timestamp) -> Pending<'_, ()> {
        let written = self.write(move |sql| now(work::probe(sql, at)), |()| true);
        Box::pin(async move { written.await.and_then(|()| self.check.verdict()) })
    }

    fn check_whole(&self) {
        self.check.start(self.path.clone());
    }

    fn remember_proof(&self, proof: String, expires: Timestamp) -> Pending<'_, bool> {
        self.write(move |sql| now(work::remember_proof(sql, proof, expires)), |is_new| *is_new)
    }

    fn forget_proofs(&self, at: Timestamp) -> Pending<'_, u64> {
        self.write(move |sql| now(work::forget_proofs(sql, at)), |count| *count > 0)
    }
}
