//! What is written, in one transaction.

use jiff::Timestamp;

use super::grants::GrantWrite;
use super::rows::DeliveryState;
use crate::domain::disposition::Disposition;
use crate::domain::search::Token;

/// Everything that one decision writes. All of it is written, or nothing.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// A message that came.
    pub message: Option<NewMessage>,
    /// Messages that the gateway sends itself, such as the status of a referral; their ids are new.
    pub notices: Vec<NewMessage>,
    /// Cases as they are from now on.
    pub cases: Vec<CaseWrite>,
    /// Messages that end otherwise than they did.
    pub dispositions: Vec<Redisposition>,
    /// Resources as they are from now on.
    pub resources: Vec<NewResource>,
    /// Who may see what belongs to a case, from now on or no longer. Ends are written before what is given.
    pub grants: Vec<GrantWrite>,
    /// What is to be sent.
    pub deliveries: Vec<NewDelivery>,
    /// What is no longer to be sent. Written before `deliveries`.
    pub cancels: Vec<Cancel>,
    /// Dead letters that are to be tried again, their attempts counted anew.
    pub revive: Vec<i64>,
    /// Who did what.
    pub audits: Vec<Audit>,
}

/// A message, as it came and as it was answered.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Id, a UUID, derived from sender, key and content: the same bytes of the same sender are the same message.
    pub id: String,
    /// `referral`, `report`, `specimen`.
    pub kind: &'static str,
    /// `henvisning`, `hl7v2`, `fhir`, `tso500`.
    pub format: &'static str,
    /// `http`, `mllp`, `folder`.
    pub channel: &'static str,
    /// Organisation of the caller.
    pub sender: String,
    /// The sender's own id of the message; none for a message that may not take an id (refused for a used one).
    pub key: Option<String>,
    /// SHA-256 of the bytes, hexadecimal.
    pub content_hash: String,
    /// When it was received.
    pub received: Timestamp,
    /// Trace id.
    pub trace: String,
    /// How it ended.
    pub disposition: Disposition,
    /// Why, for a person: no word of the message.
    pub reason: String,
    /// Id of the patient's resource in the identified face.
    pub patient: Option<String>,
    /// Key of the case that it belongs to.
    pub case: Option<String>,
    /// Media type of the original.
    pub content_type: String,
    /// The bytes.
    pub original: Vec<u8>,
    /// The answer to the sender: HTTP status, media type, body.
    pub answer: (u16, String, Vec<u8>),
    /// OperationOutcome, JSON.
    pub issues: String,
    /// For every destination and every finding withheld, yes or no and the rule; JSON.
    pub explanation: String,
}

/// A new state of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseWrite {
    /// Key.
    pub key: String,
    /// Revision that was read; 0 for a case that did not exist.
    pub read_revision: i64,
    /// State, JSON.
    pub state: String,
}

/// A message that ends otherwise than it did.
#[derive(Debug, Clone)]
pub struct Redisposition {
    /// Message.
    pub message: String,
    /// How it ends now.
    pub disposition: Disposition,
    /// Why.
    pub reason: String,
    /// Case, where it has become known.
    pub case: Option<String>,
    /// Patient, where it has become known.
    pub patient: Option<String>,
    /// The explanation, where there is a new one.
    pub explanation: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A resource. The same text as the newest version of the same owner makes no new version.
#[derive(Debug, Clone)]
pub struct NewResource {
    /// Resource type.
    pub kind: String,
    /// Logical id.
    pub id: String,
    /// Organisation that it belongs to, [`super::TRIAL`] or [`super::PUBLIC`].
    pub owner: String,
    /// Case that it belongs to, beside those that it was written for before.
    pub case: Option<String>,
    /// Id of the patient's resource in the identified face.
    pub patient: Option<String>,
    /// When.
    pub updated: Timestamp,
    /// JSON; none for a deletion.
    pub json: Option<String>,
    /// What it is found by.
    pub tokens: Vec<Token>,
}

/// What a delivery does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryKind {
    /// Sends the newest state.
    Send,
    /// Tells that nothing more may be done with what was sent: overtakes dead letters.
    Stop,
}

impl DeliveryKind {
    /// The word in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Stop => "stop",
        }
    }
}

/// Something to be sent.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Message that it comes from.
    pub message: String,
    /// Name of the destination.
    pub destination: String,
    /// What is kept in order: deliveries of one patient go one after the other.
    pub patient: String,
    /// Case: what a later full version replaces and a withdrawal cancels.
    pub case: String,
    /// Kind.
    pub kind: DeliveryKind,
    /// Transaction Bundle, JSON.
    pub body: String,
    /// When it was decided.
    pub at: Timestamp,
}

/// Ends the deliveries of a case that have not been sent.
#[derive(Debug, Clone)]
pub struct Cancel {
    /// Case.
    pub case: String,
    /// Destination; every one where none is named.
    pub destination: Option<String>,
    /// What they become: `Cancelled` or `Superseded`.
    pub state: DeliveryState,
    /// Only dead letters.
    pub only_dead: bool,
    /// When.
    pub at: Timestamp,
}

/// What came of an attempt.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// Delivery.
    pub delivery: i64,
    /// Lease under which it was tried.
    pub lease: String,
    /// State from now on: `Due` again, `Delivered`, `Dead` or `Cancelled`.
    pub state: DeliveryState,
    /// When it may be tried again, for `Due`.
    pub due: Timestamp,
    /// The attempt; none where nothing was tried.
    pub attempt: Option<AttemptRecord>,
    /// Who did what.
    pub audits: Vec<Audit>,
    /// When.
    pub at: Timestamp,
}

/// One attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// HTTP status; none where there was no answer.
    pub status: Option<u16>,
    /// Stable code.
    pub code: &'static str,
    /// What the destination answered that is worth keeping: its OperationOutcome, cut to the limit.
    pub detail: String,
}

/// A row of the audit trail (IHE BALP): who did what with whose data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// When.
    pub at: Timestamp,
    /// `create`, `read`, `search`, `update`, `deliver`, `consent`, `link`, `replay`, `deny`.
    pub action: &'static str,
    /// `success`, `refused`, or `failed`.
    pub outcome: &'static str,
    /// Organisation.
    pub organisation: String,
    /// Role of the caller.
    pub role: &'static str,
    /// Name of the client; empty where it is the gateway itself.
    pub client: String,
    /// Address that it called from.
    pub network: Option<String>,
    /// Message.
    pub message: Option<String>,
    /// Id of the patient's resource in the identified face.
    pub patient: Option<String>,
    /// Trace id.
    pub trace: String,
    /// What was asked for, without an identifier of a person: parameters of a search, or method and route of what was refused.
    pub detail: Option<String>,
    /// Purpose of use; left out, that of the role is written.
    pub purpose: Option<String>,
    /// How many events the row stands for.
    pub count: i64,
    /// Organisation number of the trust whose patient it is about; none: that of the sender of the message.
    pub tenant: Option<String>,
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            at: Timestamp::UNIX_EPOCH,
            action: "",
            outcome: "success",
            organisation: String::new(),
            role: "",
            client: String::new(),
            network: None,
            message: None,
            patient: None,
            trace: String::new(),
            detail: None,
            purpose: None,
            count: 1,
            tenant: None,
        }
    }
}
