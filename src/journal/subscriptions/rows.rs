//! What is written and read of subscriptions.

use jiff::Timestamp;

use crate::domain::subscription::{Filters, Status, Topic};
use crate::journal::{Audit, Scope};

/// A subscription as it is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubscription {
    /// Logical id; never one that was used before.
    pub id: String,
    /// Organisation that it belongs to.
    pub owner: String,
    /// What the subscriber sees now; what it sees later is asked of the table of trusts, where the store was given it.
    pub scope: Scope,
    /// What it is about.
    pub topic: Topic,
    /// What a resource must have.
    pub filters: Filters,
    /// `Requested`, `Off`, or `Active` where there is nobody to ask.
    pub status: Status,
    /// Whether it has an endpoint.
    pub is_pushed: bool,
    /// Everything else, JSON, without secrets.
    pub definition: String,
    /// Secrets, as the writer seals them.
    pub secrets: Vec<u8>,
    /// When it ends.
    pub ends: Timestamp,
    /// Events of one notification at most.
    pub batch: i64,
    /// Milliseconds after which a sign of life is sent; 0: never.
    pub heartbeat: i64,
    /// Milliseconds of a lease: longer than a call can take.
    pub patience: i64,
    /// When.
    pub at: Timestamp,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRow {
    /// Logical id.
    pub id: String,
    /// Organisation that it belongs to.
    pub owner: String,
    /// What it is about.
    pub topic: Topic,
    /// How far it is.
    pub status: Status,
    /// Whether it has an endpoint.
    pub is_pushed: bool,
    /// Everything else, JSON, without secrets.
    pub definition: String,
    /// Secrets, as the writer has sealed them.
    pub secrets: Vec<u8>,
    /// Version.
    pub version: i64,
    /// When it was last changed.
    pub updated: Timestamp,
    /// Number of the last event.
    pub events: i64,
    /// Number of the last event that the endpoint has.
    pub sent: i64,
    /// Number of the last event that is no longer kept.
    pub purged: i64,
    /// Attempts since the last that succeeded.
    pub attempts: i64,
    /// Milliseconds after which a sign of life is sent; 0: never.
    pub heartbeat: i64,
    /// Code of what went wrong last; empty where nothing did.
    pub error: String,
}

/// What became of a change that may name the version that it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It is written.
    Done,
    /// There is none of that id and owner.
    Absent,
    /// There is one, and it has another version.
    OtherVersion,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Number, from 1, of its subscription.
    pub number: i64,
    /// Type of the resource that changed.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Id of the patient's resource in the identified face.
    pub patient: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A subscription whose endpoint is to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedSubscription {
    /// The subscription.
    pub row: SubscriptionRow,
    /// The lease to settle it with.
    pub lease: String,
    /// The next events, in order; none for a handshake or a sign of life.
    pub events: Vec<EventRow>,
}

/// What came of calling an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notified {
    /// Subscription.
    pub id: String,
    /// Lease under which it was called.
    pub lease: String,
    /// Status from now on.
    pub status: Status,
    /// Number of the last event that the endpoint has.
    pub sent: i64,
    /// Attempts since the last that succeeded.
    pub attempts: i64,
    /// When it may be called again.
    pub due: Timestamp,
    /// When a sign of life is due.
    pub beat: Timestamp,
    /// Code of what went wrong; empty where nothing did.
    pub error: String,
    /// Who did what; written whether or not the lease held.
    pub audits: Vec<Audit>,
    /// When.
    pub at: Timestamp,
}

/// Times of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimTimes {
    /// Now.
    pub now: Timestamp,
    /// The latest end of a lease. One that ends later was given before the clock was set back, and is over.
    pub until: Timestamp,
    /// What is due later was put off before the clock was set back, and is due.
    pub horizon: Timestamp,
}
