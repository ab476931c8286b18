//! The journal: every message, what came of it, and what is still to be sent.
//!
//! One trait, two stores: SQLite (embedded) and PostgreSQL (many nodes). The statements and what they do are written once
//! (`work`, `sql`); a store brings the connection, the transaction and the durability. What is answered `Ok` by
//! [`Journal::commit`] is on the disk.
//!
//! The journal decides nothing about patients: it keeps *cases*, small documents with a revision, which the callers read,
//! decide on, and write back in the same transaction as the message; who read an old revision is told
//! ([`Committed::Stale`]) and decides again.

mod audits;
mod chain;
mod change;
mod error;
mod grants;
mod lists;
mod migrate;
pub mod postgres;
mod queue;
mod resources;
mod rows;
mod scope;
mod search;
mod sql;
pub mod sqlite;
mod subscriptions;
mod work;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;

pub use chain::{AuditKey, Head, Link};
pub use change::{
    AttemptRecord, Audit, Cancel, CaseWrite, Change, DeliveryKind, NewDelivery, NewMessage, NewResource, Redisposition,
    Settlement,
};
pub use error::JournalError;
pub use grants::{Grant, GrantWrite};
pub use resources::{HistoryQuery, Written};
pub use rows::{
    Attempt, AuditFilter, AuditRow, Case, Claimed, DeliveryRow, DeliveryState, Filter, MessageRow, QueueDepth,
    ResourceRow,
};
pub use scope::{HELD, PUBLIC, Scope, TRIAL};
pub use search::{AnyOf, Cursor, Match, Order, OrderBy, Search, Term};
pub use subscriptions::{
    Changed, ClaimTimes, ClaimedSubscription, EventRow, NewSubscription, Notified, SubscriptionRow, Subscriptions,
};

pub use crate::domain::search::{Comparison, Token};

/// What a store answers later.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send + 'a>>;

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// On the disk.
    Stored,
    /// The sender has sent a message with this key before; nothing was written.
    Known(Box<MessageRow>),
    /// A case was written by somebody else since it was read, or a resource at the same moment; nothing was written. Read
    /// and decide again.
    Stale,
}

/// A store of messages.
pub trait Journal: Subscriptions + Send + Sync + fmt::Debug {
    /// Writes everything of a change, or nothing. `Stored` means durable.
    fn commit(&self, change: Change) -> Pending<'_, Committed>;

    /// The cases of these keys, in the order of the keys; one that does not exist has revision 0 and no state.
    fn cases(&self, keys: Vec<String>) -> Pending<'_, Vec<Case>>;

    /// A message.
    fn message(&self, id: String) -> Pending<'_, Option<MessageRow>>;

    /// The messages that the filter lets through, newest first. Whoever goes on with [`Filter::before`] sees every message
    /// that was answered before the first page was asked for, once; of those that come meanwhile perhaps not every one.
    fn messages(&self, filter: Filter) -> Pending<'_, Vec<MessageRow>>;

    /// The bytes as they came, as the writer of the message gave them (sealed, where originals are encrypted).
    fn original(&self, id: String) -> Pending<'_, Option<Vec<u8>>>;

    /// The deliveries of a message, oldest first.
    fn deliveries(&self, message: String) -> Pending<'_, Vec<DeliveryRow>>;

    /// What was tried for a delivery, oldest first.
    fn attempts(&self, delivery: i64) -> Pending<'_, Vec<Attempt>>;

    /// What came of the last attempt for each delivery of these messages: id of the message and code, oldest delivery first.
    fn last_attempts(&self, messages: Vec<String>) -> Pending<'_, Vec<(String, String)>>;

    /// Dead letters, oldest first; of one destination where one is named.
    fn dead_letters(&self, destination: Option<String>, limit: i64) -> Pending<'_, Vec<DeliveryRow>>;

    /// Takes up to `limit` deliveries of a destination that may be sent now, and leases them until `until`.
    ///
    /// Of one patient and destination only the oldest unfinished one is given, so that order is kept; a dead letter holds
    /// what comes after it, except a stop, which waits for its own case and for what is on the way.
    fn claim(&self, destination: String, limit: i64, now: Timestamp, until: Timestamp) -> Pending<'_, Vec<Claimed>>;

    /// Where a clock was set back: no unfinished delivery of the destination stays due after `due` or leased after `lease`, and
    /// none that was never tried is due after `now`. Returns how many were.
    fn bring_forward(&self, destination: String, now: Timestamp, due: Timestamp, lease: Timestamp) -> Pending<'_, u64>;

    /// Writes what came of an attempt; false where the lease had run out and somebody else has taken the delivery.
    fn settle(&self, settlement: Settlement) -> Pending<'_, bool>;

    /// How much waits for each destination, and since when.
    fn queue(&self) -> Pending<'_, Vec<QueueDepth>>;

    /// How many messages have each disposition.
    fn dispositions(&self) -> Pending<'_, Vec<(String, i64)>>;

    /// The newest version of a resource; where it was deleted, that version, without JSON. Where a scope sees several of one id,
    /// its own goes before another's, and then the one written last.
    fn read(&self, scope: Scope, kind: String, id: String) -> Pending<'_, Option<ResourceRow>>;

    /// A version of the resource that [`Journal::read`] finds.
    fn version(&self, scope: Scope, kind: String, id: String, version: i64) -> Pending<'_, Option<ResourceRow>>;

    /// Versions, newest first, of the resources that [`Journal::read`] finds. Whoever goes on with [`HistoryQuery::before`]
    /// sees every version that was on the disk before the first page was asked for, once; of those that come meanwhile
    /// perhaps not every one. On PostgreSQL a version can become visible after one with a greater sequence: who asks again
    /// with [`HistoryQuery::since`] must go back some time before what was seen last, longer than a commit takes, and drop
    /// what is known.
    fn history(&self, scope: Scope, query: HistoryQuery) -> Pending<'_, Vec<ResourceRow>>;

    /// The newest versions that are looked for and not deleted; a page. Resources that are written meanwhile can move past the
    /// cursor.
    fn search(&self, scope: Scope, search: Search) -> Pending<'_, Vec<ResourceRow>>;

    /// How many a search finds on all of its pages together.
    fn count(&self, scope: Scope, search: Search) -> Pending<'_, i64>;

    /// The grants of a case, also those that were ended, oldest first.
    fn grants(&self, case: String) -> Pending<'_, Vec<Grant>>;

    /// The grants that a trust has now, oldest first.
    fn granted(&self, trust: String) -> Pending<'_, Vec<Grant>>;

    /// Audit rows of a message, oldest first.
    fn audits(&self, message: String) -> Pending<'_, Vec<AuditRow>>;

    /// The rows of the audit trail that the filter lets through, in its order.
    fn search_audits(&self, filter: AuditFilter) -> Pending<'_, Vec<AuditRow>>;

    /// How many rows the filter lets through, of no more than its limit.
    fn count_audits(&self, filter: AuditFilter) -> Pending<'_, i64>;

    /// How many chains the audit trail has, numbered from 1.
    fn audit_chains(&self) -> i64;

    /// The heads of the chains, by chain.
    fn audit_heads(&self) -> Pending<'_, Vec<Head>>;

    /// The rows of a chain after a number, in order; at most `limit`.
    fn audit_links(&self, chain: i64, after: i64, limit: i64) -> Pending<'_, Vec<Link>>;

    /// Chain and number of a row that belongs to no chain, where there is one.
    fn stray_audit(&self) -> Pending<'_, Option<(i64, i64)>>;

    /// Deletes originals, bodies and attempts of messages that ended before `before`, their last delivery included; at most
    /// `limit` messages. Returns how many. The rows of the messages, their ids and the audit stay.
    fn purge(&self, before: Timestamp, limit: i64) -> Pending<'_, u64>;

    /// Writes a row: an error where the journal cannot take messages now, or was found damaged.
    fn probe(&self, now: Timestamp) -> Pending<'_, ()>;

    /// Remembers that a proof of possession was used; false where it was used before.
    fn remember_proof(&self, proof: String, expires: Timestamp) -> Pending<'_, bool>;

    /// Forgets the proofs that are too old at `now` to be used again. Returns how many.
    fn forget_proofs(&self, now: Timestamp) -> Pending<'_, u64>;

    /// Begins to look whether the store is whole; [`Journal::probe`] tells when it is not. Nothing where the store has checksums
    /// of its own.
    fn check_whole(&self) {}
}
