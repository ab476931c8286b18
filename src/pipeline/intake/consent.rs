//! Consent that a person at the gateway records: it takes effect on what was sent and on what waits.

use std::sync::Arc;

use super::decide::{Outcome, decide, referral_case, write};
use super::{Intake, TRIES, audit, grants};
use crate::journal::{Audit, Case, Committed, JournalError, Redisposition};
use crate::linking::case::ReferralCase;
use crate::linking::consent::{ConsentSource, ConsentState, ConsentStatement};

/// Who does something that leaves a row in the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Who {
    /// Organisation.
    pub organisation: String,
    /// Role.
    pub role: &'static str,
    /// Name of the client; empty where it is the gateway itself.
    pub client: String,
    /// Address that it calls from; none where it is on this host.
    pub network: Option<String>,
    /// Trace id.
    pub trace: String,
}

impl Who {
    /// The gateway, which decides again about a message with this trace id.
    pub(super) fn gateway(trace: &str) -> Self {
        Self { organisation: "gateway".to_owned(), role: "gateway", trace: trace.to_owned(), ..Self::default() }
    }
}

/// Why a consent was not recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// No referral has the id.
    #[error("no referral has this id")]
    Unknown,
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Intake {
    /// The consent of the referral with the key `referral/<id of the ServiceRequest>`.
    ///
    /// Errors: `Unknown`.
    pub async fn consent(&self, key: &str) -> Result<ConsentStatement, ConsentError> {
        let cases = self.journal.cases(vec![key.to_owned()]).await?;
        let case = cases.first().filter(|case| case.state.is_some()).ok_or(ConsentError::Unknown)?;
        Ok(referral_case(case)?.consent)
    }

    /// The consent of a referral, for somebody who looks; looking is audited.
    ///
    /// Errors: as [`Intake::consent`].
    pub async fn look_at_consent(&self, key: &str, who: &Who) -> Result<ConsentStatement, ConsentError> {
        let cases = self.journal.cases(vec![key.to_owned()]).await?;
        let case = cases.first().filter(|case| case.state.is_some()).ok_or(ConsentError::Unknown)?;
        let ReferralCase { message, patient, consent, .. } = referral_case(case)?;
        let row = Audit {
            message,
            patient: Some(patient).filter(|patient| !patient.is_empty()),
            detail: Some("consent".to_owned()),
            ..audit(who, "read", self.clock.now())
        };
        self.record(vec![row]).await?;
        Ok(consent)
    }

    /// Records a consent. In one transaction: it holds, what is queued for the trial is cancelled where it is refused or
    /// withdrawn, and the stop is queued; or what waited for it is sent.
    ///
    /// Errors: `Unknown`; the journal.
    pub async fn record_consent(
        self: &Arc<Self>,
        key: &str,
        state: ConsentState,
        who: &Who,
    ) -> Result<(), ConsentError> {
        for _ in 0..TRIES {
            let mut cases = self.journal.cases(vec![key.to_owned()]).await?;
            let row = cases.pop().filter(|case| case.state.is_some()).ok_or(ConsentError::Unknown)?;
            let mut case = referral_case(&row)?;
            let now = self.clock.now();
            case.consent = case.consent.then(&ConsentStatement::new(state, ConsentSource::Operator, Some(now)));
            let consented = write(&row, &case)?;
            let stated = Case { state: Some(consented.state.clone()), ..row };
            let (outcome, message) = match &case.message {
                Some(message) => (self.decide_with(stated, message, &case.consent).await?, Some(message.clone())),
                None => (None, None),
            };
            let Some(Outcome { disposition, reason, explanation, mut change, follow }) = outcome else {
                return Err(ConsentError::Unknown);
            };
            // What was decided may take no effect yet, e.g. for a defect of the mapping: the consent holds all the same.
            if !change.cases.iter().any(|written| written.key == consented.key) {
                change.cases.push(consented);
            }
            let left =
                Audit { message: message.clone(), patient: Some(case.patient.clone()), ..audit(who, "consent", now) };
            change.audits.extend(grants::rows(&change.grants, &left));
            change.audits.push(left);
            change.dispositions.push(Redisposition {
                message: message.unwrap_or_default(),
                disposition,
                reason,
                case: None,
                patient: None,
                explanation: Some(explanation),
                at: now,
            });
            match self.journal.commit(change).await {
                Ok(Committed::Stale) => tokio::task::yield_now().await,
                Ok(Committed::Stored | Committed::Known(_)) => {
                    self.follow(follow).await;
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(JournalError::Busy.into())
    }

    /// What the newest message of a referral does under a consent; none where its original is no longer there.
    async fn decide_with(
        self: &Arc<Self>,
        case: Case,
        message: &str,
        consent: &ConsentStatement,
    ) -> Result<Option<Outcome>, JournalError> {
        let Some(row) = self.journal.message(message.to_owned()).await? else { return Ok(None) };
        let Some(bytes) = self.original(message).await? else { return Ok(None) };
        let translation = self.translate(&bytes, &row.trace, Some(consent.clone())).await?;
        let Some(referral) = &translation.referral else { return Ok(None) };
        let incoming = self.incoming(message, referral, Some(&row.sender));
        let targets = (&self.routing, self.destinations.as_slice());
        let outcome = decide(&incoming, std::slice::from_ref(&case), &translation, targets)?;
        // With what the trial has said of the patient: a referral whose consent comes takes it over.
        let cases = self.journal.cases(self.keys(&incoming)).await?;
        self.with_task(&incoming, &cases, outcome).await.map(Some)
    }
}
