//! The service's spine: what a sender hands over -> translated, decided on, committed, and only then answered.
//!
//! ```text
//! translate (pure) -> read the cases -> decide (pure) -> commit: message + cases + resources + deliveries + audit -> answer
//!                          ^------------ a case was written by somebody else meanwhile ------------'
//! ```
//!
//! What waits (for a new message, a referral, a consent) is decided again by the same functions when what it waits for
//! comes, and by a sweep in case the program was stopped in between.

mod archive;
mod consent;
mod decide;
mod decide_report;
mod grants;
mod links;
mod receipts;
mod reconsider;
mod referrals;
mod reports;
mod requisition;
mod seal;
mod shown;
mod specimen;
mod status_out;
mod stored;
mod trial;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::domain::disposition::Disposition;
use crate::domain::ids::Identity;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::fhir::operation_outcome::operation_outcome;
use crate::journal::{Audit, Change, Committed, Journal, JournalError, MessageRow, NewMessage};
use crate::pipeline::referral::ReferralGateway;
use crate::release;
use crate::routing::Routing;

pub use self::archive::ArchiveLimits;
pub use self::consent::{ConsentError, Who};
pub use self::links::{LinkError, Target};
pub use self::reports::Reports;
pub use self::seal::{Sealer, SealerError};
pub use self::status_out::{StatusChange, StatusDestination, StatusOut};
pub use self::trial::{Address, PollPlace};
pub use crate::sources::trial_system::names_study_subject;

/// Media type of FHIR in JSON.
pub const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";

/// How often a decision is made again because a case was written meanwhile; more is a busy journal.
const TRIES: usize = 20;

/// What a sender hands over.
#[derive(Clone, Default)]
pub struct Arrival {
    /// `http`, `mllp`, `folder`.
    pub channel: &'static str,
    /// Organisation of the caller, as authenticated.
    pub organisation: String,
    /// Role of the caller.
    pub role: &'static str,
    /// Name of the client.
    pub client: String,
    /// Address that it calls from; none where it is on this host.
    pub network: Option<String>,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Media type, as the sender names it.
    pub content_type: String,
    /// Trace id.
    pub trace: String,
}

impl Arrival {
    /// Who hands it over.
    fn who(&self) -> Who {
        Who {
            organisation: self.organisation.clone(),
            role: self.role,
            client: self.client.clone(),
            network: self.network.clone(),
            trace: self.trace.clone(),
        }
    }
}

/// The bytes are of a person.
impl fmt::Debug for Arrival {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Arrival")
            .field("channel", &self.channel)
            .field("organisation", &self.organisation)
            .field("bytes", &self.bytes.len())
            .field("trace", &self.trace)
            .finish_non_exhaustive()
    }
}

/// What the sender is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status; other channels tell success (2xx), refusal (4xx) and failure (5xx) by it.
    pub status: u16,
    /// Media type of the body.
    pub content_type: String,
    /// The receipt in the sender's format, or an OperationOutcome.
    pub body: Vec<u8>,
    /// Id of the message in the journal; of the first one where it came before.
    pub message: Option<String>,
    /// Whether it came before.
    pub is_repeat: bool,
    /// How it ended.
    pub disposition: Option<Disposition>,
}

impl Answer {
    /// An answer that says what failed, in FHIR.
    pub fn failed(error: &JournalError) -> Self {
        let status = match error {
            JournalError::Full => 507,
            JournalError::Busy => 429,
            JournalError::Unavailable(_) | JournalError::Unusable(_) | JournalError::Damaged(_) => 503,
        };
        Self::outcome(status, &[error.issue()])
    }

    /// An OperationOutcome.
    pub fn outcome(status: u16, issues: &[Issue]) -> Self {
        Self {
            status,
            content_type: FHIR_JSON.to_owned(),
            body: operation_outcome(issues).to_string().into_bytes(),
            message: None,
            is_repeat: false,
            disposition: None,
        }
    }
}

/// Takes messages.
#[derive(Debug)]
pub struct Intake {
    /// How referrals are translated.
    pub referrals: ReferralGateway,
    /// How reports are translated.
    pub reports: Reports,
    /// Where everything is kept.
    pub journal: Arc<dyn Journal>,
    /// Who gets what.
    pub routing: Routing,
    /// When trusts see a report.
    pub release: release::Rule,
    /// Whether the trust that a referral is sent to sees what belongs to it.
    pub grants_receivers: bool,
    /// Names of the destinations of this deployment that get messages by the rules of `routing`.
    pub destinations: Vec<String>,
    /// How trusts without FHIR are told the status of their referrals.
    pub status: StatusOut,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Seals stored originals.
    pub sealer: Sealer,
    /// Told when there is something new to deliver.
    pub wake: Arc<tokio::sync::Notify>,
}

impl Intake {
    /// Id of a message: the same bytes of the same sender are the same message, on every node.
    fn message_id(&self, organisation: &str, content_hash: &str, part: &str) -> String {
        let identity = Identity::new(organisation, "message", &[content_hash]);
        self.referrals.identified.id("MessageHeader", &identity, part).to_string()
    }

    /// The original of a message; none where it is no longer kept.
    ///
    /// Errors: the journal; `Damaged` where it cannot be opened.
    pub async fn original(&self, id: &str) -> Result<Option<Vec<u8>>, JournalError> {
        let Some(stored) = self.journal.original(id.to_owned()).await? else { return Ok(None) };
        self.open(id, &stored).map(Some)
    }

    /// Leaves rows about what was seen or refused and wrote nothing else.
    ///
    /// Errors: the journal; then nothing may be shown.
    pub async fn record(&self, audits: Vec<Audit>) -> Result<(), JournalError> {
        if audits.is_empty() {
            return Ok(());
        }
        // The fault that the test of every route's row must find.
        #[cfg(feature = "planted-faults")]
        if crate::planted::is_planted("no-audit-row") {
            return Ok(());
        }
        self.journal.commit(Change { audits, ..Change::default() }).await.map(|_| ())
    }

    /// Leaves rows that somebody saw messages: one for each patient concerned.
    ///
    /// Errors: as [`Intake::record`].
    pub async fn saw(
        &self,
        who: &Who,
        action: &'static str,
        rows: &[MessageRow],
        detail: &str,
    ) -> Result<(), JournalError> {
        let (message, forms) = match rows {
            [row] => (Some(row.id.clone()), BTreeSet::from([(row.patient.clone(), None)])),
            // Where no message is named, its sender is: it sees who looked.
            rows => (None, rows.iter().map(|row| (row.patient.clone(), Some(row.sender.clone()))).collect()),
        };
        self.saw_forms(who, (action, detail), message, forms).await
    }

    /// Leaves rows that somebody saw forms of patients, each with the organisation number of the trust whose form it is, where
    /// that is known: the trust sees them. One for nobody where there is none.
    ///
    /// Errors: as [`Intake::record`].
    pub async fn saw_forms(
        &self,
        who: &Who,
        (action, detail): (&'static str, &str),
        message: Option<String>,
        mut forms: BTreeSet<(Option<String>, Option<String>)>,
    ) -> Result<(), JournalError> {
        if forms.is_empty() {
            // A search that finds nobody is a search all the same.
            forms.insert((None, None));
        }
        let now = self.clock.now();
        let row = |(patient, tenant): (Option<String>, Option<String>)| Audit {
            patient,
            tenant,
            message: message.clone(),
            detail: Some(detail.to_owned()),
            ..audit(who, action, now)
        };
        self.record(forms.into_iter().map(row).collect()).await
    }

    /// Keeps a message that is refused, with its row. What came before with the same trace id is kept already: this time has a row
    /// of its own.
    async fn keep_refused(&self, message: NewMessage, row: Audit) -> Result<(), JournalError> {
        let change = Change { message: Some(message), audits: vec![row.clone()], ..Change::default() };
        match self.journal.commit(change).await? {
            Committed::Known(_) => self.record(vec![row]).await,
            Committed::Stored | Committed::Stale => Ok(()),
        }
    }

    /// Leaves a row that somebody was refused.
    ///
    /// Errors: as [`Intake::record`].
    pub async fn denied(&self, who: &Who, detail: &str) -> Result<(), JournalError> {
        let row = Audit { outcome: "refused", detail: Some(detail.to_owned()), ..audit(who, "deny", self.clock.now()) };
        self.record(vec![row]).await
    }

    /// Leaves a row that a message came again and its receipt was given again.
    async fn record_repeat(&self, who: &Who, row: &MessageRow) -> Result<(), JournalError> {
        self.saw(who, "repeat", std::slice::from_ref(row), "the first answer again").await
    }

    /// Opens what was sealed.
    ///
    /// Errors: `Damaged` where it cannot be opened.
    pub fn open(&self, id: &str, stored: &[u8]) -> Result<Vec<u8>, JournalError> {
        self.sealer.open(id, stored).map_err(|error| JournalError::Damaged(error.to_string()))
    }

    /// Seals what is kept, with the key of the deployment where it has one.
    ///
    /// Errors: `Unavailable` without randomness.
    pub fn seal(&self, id: &str, bytes: &[u8]) -> Result<Vec<u8>, JournalError> {
        self.sealer.seal(id, bytes).map_err(|error| JournalError::Unavailable(error.to_string()))
    }
}

/// SHA-256, hexadecimal.
fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A row of the audit trail that says who does something, which succeeds.
pub fn audit(who: &Who, action: &'static str, at: jiff::Timestamp) -> Audit {
    Audit {
        at,
        action,
        outcome: "success",
        organisation: who.organisation.clone(),
        role: who.role,
        client: who.client.clone(),
        network: who.network.clone(),
        trace: who.trace.clone(),
        ..Audit::default()
    }
}

/// A case of the journal that this program cannot read.
fn damaged(key: &str) -> JournalError {
    JournalError::Damaged(format!("the case {key} is not of the form that this program writes"))
}

fn issue(code: IssueCode, text: &str) -> Issue {
    Issue::new(code, Location::default(), text)
}
