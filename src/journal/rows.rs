//! What is read.

use jiff::Timestamp;

use super::scope::Scope;

/// A case: what is known of a referral, a sample, a requisition or a study subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Key.
    pub key: String,
    /// Revision; 0 where it does not exist.
    pub revision: i64,
    /// State, JSON; none where it does not exist.
    pub state: Option<String>,
}

/// A message without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// Place in the order of acceptance; on PostgreSQL one may be written later than the next.
    pub sequence: i64,
    /// Id.
    pub id: String,
    /// `referral`, `report`, `specimen`.
    pub kind: String,
    /// `henvisning`, `hl7v2`, `fhir`, `tso500`.
    pub format: String,
    /// `http`, `mllp`, `folder`.
    pub channel: String,
    /// Organisation of the sender.
    pub sender: String,
    /// SHA-256 of the bytes.
    pub content_hash: String,
    /// When it was received.
    pub received: Timestamp,
    /// When it was last decided on.
    pub updated: Timestamp,
    /// Trace id.
    pub trace: String,
    /// Disposition, as its word.
    pub disposition: String,
    /// Why.
    pub reason: String,
    /// Id of the patient's resource in the identified face.
    pub patient: Option<String>,
    /// Case.
    pub case: Option<String>,
    /// Media type of the original.
    pub content_type: String,
    /// HTTP status of the answer.
    pub answer_status: u16,
    /// Media type of the answer.
    pub answer_type: String,
    /// Body of the answer.
    pub answer: Vec<u8>,
    /// OperationOutcome, JSON.
    pub issues: String,
    /// Explanation of the routes, JSON.
    pub explanation: String,
}

/// Which messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// That this reader may see: sent by its numbers, or of a case that is granted to it; none: all.
    pub scope: Option<Scope>,
    /// Of this sender.
    pub sender: Option<String>,
    /// With this disposition.
    pub disposition: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this case.
    pub case: Option<String>,
    /// Older than this place; for the next page.
    pub before: Option<i64>,
    /// Received at this time or later.
    pub from: Option<Timestamp>,
    /// Received before this time.
    pub to: Option<Timestamp>,
    /// At most so many.
    pub limit: i64,
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeliveryState {
    /// To be sent.
    Due,
    /// Being sent.
    Leased,
    /// The destination has it.
    Delivered,
    /// It cannot be delivered without a person.
    Dead,
    /// Not to be sent any more.
    Cancelled,
    /// A later full version takes its place.
    Superseded,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Due, Self::Leased, Self::Delivered, Self::Dead, Self::Cancelled, Self::Superseded];

    /// The word in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Leased => "leased",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A delivery without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Place in the order.
    pub sequence: i64,
    /// Message that it comes from.
    pub message: String,
    /// Destination.
    pub destination: String,
    /// What is kept in order.
    pub patient: String,
    /// Case.
    pub case: String,
    /// `send` or `stop`.
    pub kind: String,
    /// How far it is.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: i64,
    /// When it may be tried.
    pub due: Timestamp,
    /// When it was decided.
    pub created: Timestamp,
    /// When it ended.
    pub settled: Option<Timestamp>,
}

/// A delivery that was taken to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The delivery.
    pub delivery: DeliveryRow,
    /// The lease to settle it with.
    pub lease: String,
    /// Transaction Bundle, JSON.
    pub body: String,
    /// Whether it is what was written: otherwise the store is damaged and it must not be sent.
    pub is_whole: bool,
}

/// What was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// HTTP status; none where there was no answer.
    pub status: Option<u16>,
    /// Stable code.
    pub code: String,
    /// What the destination said.
    pub detail: String,
}

/// What waits for a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDepth {
    /// Destination.
    pub destination: String,
    /// State.
    pub state: DeliveryState,
    /// Deliveries.
    pub count: i64,
    /// When the oldest was decided.
    pub oldest: Timestamp,
}

/// A version of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRow {
    /// Place in the order of changes. On PostgreSQL one may be written later than the next: who follows the changes must not
    /// go past a place that may still be filled.
    pub sequence: i64,
    /// Resource type.
    pub kind: String,
    /// Logical id.
    pub id: String,
    /// Version, from 1, of its owner.
    pub version: i64,
    /// Owner.
    pub owner: String,
    /// Case that wrote the version.
    pub case: Option<String>,
    /// Id of the patient's resource in the identified face.
    pub patient: Option<String>,
    /// When.
    pub updated: Timestamp,
    /// JSON; none for a deletion.
    pub json: Option<String>,
}

/// A row of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Place in the order of the store; on PostgreSQL one may be written later than the next.
    pub sequence: i64,
    /// Chain.
    pub chain: i64,
    /// Number in the chain.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: String,
    /// Outcome.
    pub outcome: String,
    /// Organisation.
    pub organisation: String,
    /// Role.
    pub role: String,
    /// Name of the client, as configured or in its token.
    pub client: String,
    /// Address that it called from.
    pub network: Option<String>,
    /// Message.
    pub message: Option<String>,
    /// Id of the patient's resource in the identified face.
    pub patient: Option<String>,
    /// Trace id.
    pub trace: String,
    /// What was asked for: parameters of a search, or method and route of what was refused.
    pub detail: Option<String>,
    /// Purpose of use, where the caller gave one.
    pub purpose: Option<String>,
    /// How many events the row stands for.
    pub count: i64,
    /// Organisation number of the trust whose patient it is about, where the message does not say it.
    pub tenant: Option<String>,
}

/// Which rows of the audit trail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Chain and number of one of these; any where none is named.
    pub ids: Vec<(i64, i64)>,
    /// About this patient.
    pub patient: Option<String>,
    /// About this message.
    pub message: Option<String>,
    /// By this organisation or client.
    pub agent: Option<String>,
    /// With one of these actions; every one where none is named.
    pub actions: Vec<&'static str>,
    /// With one of these outcomes; every one where none is named.
    pub outcomes: Vec<&'static str>,
    /// At this time or later.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// Beyond this place; for the next page.
    pub before: Option<i64>,
    /// In the order of the trail; without it the newest comes first.
    pub is_oldest_first: bool,
    /// That this reader may see: about its patients, or of what it did itself; none: all.
    pub scope: Option<Scope>,
    /// At most so many.
    pub limit: i64,
}
