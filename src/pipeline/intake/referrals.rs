//! A referral, from bytes to answer.

use std::sync::Arc;

use super::decide::{Incoming, Outcome, consent_after, decide, referral_case, waiting};
use super::grants::{self, receiver};
use super::{Answer, Arrival, FHIR_JSON, Intake, audit, hash_of, issue};
use crate::domain::disposition::Disposition;
use crate::domain::ids::Face;
use crate::domain::issue::{IssueCode, Severity};
use crate::domain::moment::norwegian_day;
use crate::domain::org_number::OrgNumber;
use crate::domain::referral::Referral;
use crate::fhir::operation_outcome::operation_outcome;
use crate::journal::{Committed, JournalError, NewMessage, Scope};
use crate::linking::case::{referral_key, requisition_key};
use crate::linking::consent::ConsentStatement;
use crate::linking::trial::{patient_key, request_key};
use crate::pipeline::referral::{Asked, Format, Receipt, Stamp, Translation, translate_as};

/// Bodies up to this size are translated where they arrived; larger ones on a thread of their own.
const AT_ONCE: usize = 64 << 10;

impl Intake {
    /// Takes a referral. What is answered with success is durable.
    pub async fn receive_referral(self: &Arc<Self>, arrival: Arrival) -> Answer {
        match self.receive(&arrival).await {
            Ok((answer, follow)) => {
                if !answer.is_repeat {
                    self.wake.notify_one();
                    self.follow(follow).await;
                }
                answer
            }
            Err(error) => Answer::failed(&error),
        }
    }

    async fn receive(self: &Arc<Self>, arrival: &Arrival) -> Result<(Answer, Vec<String>), JournalError> {
        let now = self.clock.now();
        // The fault that the search of every log must find.
        #[cfg(feature = "planted-faults")]
        if crate::planted::is_planted("number-in-log") {
            tracing::debug!(text = %String::from_utf8_lossy(&arrival.bytes), "a message came");
        }
        let content_hash = hash_of(&arrival.bytes);
        let translation = self.translate(&arrival.bytes, &arrival.trace, None).await?;
        let Some(referral) = &translation.referral else {
            let answer = self.reject(arrival, &translation, &content_hash).await?;
            return Ok((answer, Vec::new()));
        };
        let id = self.message_id(&arrival.organisation, &content_hash, "");
        let incoming = self.incoming(&id, referral, Some(&arrival.organisation));
        let keys = self.keys(&incoming);
        for _ in 0..super::TRIES {
            let cases = self.journal.cases(keys.clone()).await?;
            let outcome = self.decide(&incoming, &cases, &translation, &arrival.bytes).await?;
            let Outcome { disposition, reason, explanation, mut change, follow } = outcome;
            let (status, content_type, body) = accepted(&translation);
            change.message = Some(NewMessage {
                key: Some(key_of(referral)),
                disposition,
                reason,
                patient: Some(incoming.patient.clone()),
                case: Some(incoming.case.clone()),
                answer: (status, content_type.clone(), body.clone()),
                explanation,
                ..self.message(arrival, &translation, (&id, &content_hash), now)?
            });
            let mut row = audit(&arrival.who(), "create", now);
            row.message = Some(id.clone());
            row.patient = Some(incoming.patient.clone());
            change.audits.extend(grants::rows(&change.grants, &row));
            change.audits.push(row);
            match self.journal.commit(change).await {
                Ok(Committed::Stored) => {
                    let message = Some(id);
                    let disposition = Some(disposition);
                    let answer = Answer { status, content_type, body, message, is_repeat: false, disposition };
                    return Ok((answer, follow));
                }
                Ok(Committed::Known(row)) if row.content_hash == content_hash => {
                    self.record_repeat(&arrival.who(), &row).await?;
                    return Ok((repeated(&row, translation.format), Vec::new()));
                }
                Ok(Committed::Known(_)) => {
                    let answer = self.refuse_reused(arrival, &translation, &content_hash).await?;
                    return Ok((answer, Vec::new()));
                }
                Ok(Committed::Stale) => tokio::task::yield_now().await,
                Err(error) => return Err(error),
            }
        }
        Err(JournalError::Busy)
    }

    /// Decides with the consent that holds: where it is another than the message's, the resources are made again with it.
    pub(super) async fn decide(
        self: &Arc<Self>,
        incoming: &Incoming<'_>,
        cases: &[crate::journal::Case],
        translation: &Translation,
        bytes: &[u8],
    ) -> Result<Outcome, JournalError> {
        let case = cases.first().map(referral_case).transpose()?.unwrap_or_default();
        let consent = consent_after(&case, incoming.referral);
        let targets = (&self.routing, self.destinations.as_slice());
        let outcome = if consent.state.as_str() == incoming.referral.consent.state {
            decide(incoming, cases, translation, targets)?
        } else {
            let amended = self.translate(bytes, "", Some(consent)).await?;
            match &amended.referral {
                Some(_) => decide(incoming, cases, &amended, targets)?,
                None => waiting(Disposition::Quarantined, "the message cannot be read again"),
            }
        };
        self.with_task(incoming, cases, outcome).await
    }

    /// Translates into both faces; with another consent where one is given.
    pub(super) async fn translate(
        self: &Arc<Self>,
        bytes: &[u8],
        trace: &str,
        consent: Option<ConsentStatement>,
    ) -> Result<Translation, JournalError> {
        let generated = self.clock.now();
        let id = uuid::Uuid::new_v4().hyphenated().to_string();
        // Nothing of the sender's enters the name: it stands in issues.
        let name = if trace.is_empty() { "message" } else { trace };
        let work = move |intake: &Self, bytes: &[u8], name: &str| {
            let amend = |referral: &mut Referral| amend_consent(referral, consent.as_ref());
            let asked = Asked { face: Face::Identified, other: Some(Face::Pseudonymous), amend: &amend };
            translate_as(&intake.referrals, bytes, name, Stamp { id: &id, generated }, asked)
        };
        if bytes.len() <= AT_ONCE {
            return Ok(work(self, bytes, name));
        }
        let (intake, bytes, name) = (Arc::clone(self), bytes.to_vec(), name.to_owned());
        tokio::task::spawn_blocking(move || work(&intake, &bytes, &name))
            .await
            .map_err(|_| JournalError::Unavailable("a translation has ended early".to_owned()))
    }

    pub(super) fn incoming<'a>(&self, id: &'a str, referral: &'a Referral, organisation: Option<&str>) -> Incoming<'a> {
        let ids = &self.referrals.identified;
        let now = self.clock.now();
        let day = norwegian_day(now);
        let trust_of = |number: &str| {
            let number = OrgNumber::parse(number).ok()?;
            let member = self.referrals.trusts.by_organisation_number(&number, day).ok()?;
            Some(member.trust.id.clone())
        };
        let caller = organisation.and_then(trust_of);
        let named = trust_of(&referral.identity.owner);
        let scope = organisation.map(|number| Scope::of_organisation(&self.referrals.trusts, number, now));
        Incoming {
            message: id,
            referral,
            patient: ids.id("Patient", &referral.patient.identity, "").to_string(),
            subject: self.referrals.pseudonymous.id("Patient", &referral.patient.identity, "").to_string(),
            case: referral_key(ids, &referral.identity),
            tenant: organisation.unwrap_or(&referral.identity.owner).to_owned(),
            receiver: self.grants_receivers.then(|| receiver(referral, &self.referrals.trusts, day)).flatten(),
            ids: ids.clone(),
            // A caller whose number no longer counts is of no trust, and sends for none.
            is_foreign: organisation.is_some() && named.is_some() && caller != named,
            own: scope.and_then(|scope| scope.owners).unwrap_or_default(),
            trust: named.or(caller),
            now,
        }
    }

    pub(super) fn keys(&self, incoming: &Incoming<'_>) -> Vec<String> {
        let ids = &self.referrals.identified;
        let requisition = incoming.referral.message.requisition.as_ref();
        let requisition = requisition.map(|number| requisition_key(ids, number.expose()));
        let request = self.referrals.pseudonymous.id("ServiceRequest", &incoming.referral.identity, "").to_string();
        let of_trial = [patient_key(&incoming.subject), request_key(&request)];
        std::iter::once(incoming.case.clone()).chain(requisition).chain(of_trial).collect()
    }

    /// A message with what is the same however it ends.
    fn message(
        &self,
        arrival: &Arrival,
        translation: &Translation,
        (id, content_hash): (&str, &str),
        now: jiff::Timestamp,
    ) -> Result<NewMessage, JournalError> {
        let original = self.seal(id, &arrival.bytes)?;
        Ok(NewMessage {
            id: id.to_owned(),
            kind: "referral",
            format: format_name(translation.format),
            channel: arrival.channel,
            sender: arrival.organisation.clone(),
            key: None,
            content_hash: content_hash.to_owned(),
            received: now,
            trace: arrival.trace.clone(),
            disposition: Disposition::Rejected,
            reason: String::new(),
            patient: None,
            case: None,
            content_type: arrival.content_type.clone(),
            original,
            answer: (500, String::new(), Vec::new()),
            issues: operation_outcome(&translation.account.issues).to_string(),
            explanation: "{\"routes\":[]}".to_owned(),
        })
    }

    /// Stores a message that is not acceptable, and the receipt that says so.
    async fn reject(
        &self,
        arrival: &Arrival,
        translation: &Translation,
        content_hash: &str,
    ) -> Result<Answer, JournalError> {
        let is_unreadable = translation
            .account
            .issues
            .iter()
            .any(|issue| matches!(issue.code, IssueCode::EhrFhirUnreadable | IssueCode::ReferralFormatUnknown));
        let status = if is_unreadable { 400 } else { 422 };
        let (content_type, body) = match &translation.receipt {
            Some(receipt) => body_of(receipt),
            None => (FHIR_JSON.to_owned(), operation_outcome(&translation.account.issues).to_string().into_bytes()),
        };
        let gravest = translation.account.issues.iter().max_by_key(|issue| issue.code.severity());
        let reason = gravest
            .filter(|issue| issue.code.severity() >= Severity::Error)
            .map_or_else(|| "not acceptable".to_owned(), |issue| issue.code.as_str().to_owned());
        self.store_refused(
            arrival,
            translation,
            content_hash,
            (Disposition::Rejected, reason),
            (status, content_type, body),
        )
        .await
    }

    async fn refuse_reused(
        &self,
        arrival: &Arrival,
        translation: &Translation,
        content_hash: &str,
    ) -> Result<Answer, JournalError> {
        let text = "another message with this id was taken before; this one was not";
        let body = operation_outcome(&[issue(IssueCode::IntakeIdReused, text)]).to_string().into_bytes();
        let ended = (Disposition::IdReused, IssueCode::IntakeIdReused.as_str().to_owned());
        self.store_refused(arrival, translation, content_hash, ended, (409, FHIR_JSON.to_owned(), body)).await
    }

    /// Each refusal is a row of its own: after a fix of ours the same bytes are looked at anew.
    async fn store_refused(
        &self,
        arrival: &Arrival,
        translation: &Translation,
        content_hash: &str,
        (disposition, reason): (Disposition, String),
        (status, content_type, body): (u16, String, Vec<u8>),
    ) -> Result<Answer, JournalError> {
        let now = self.clock.now();
        let id = self.message_id(&arrival.organisation, content_hash, &arrival.trace);
        let message = NewMessage {
            disposition,
            reason,
            answer: (status, content_type.clone(), body.clone()),
            ..self.message(arrival, translation, (&id, content_hash), now)?
        };
        let mut row = audit(&arrival.who(), "create", now);
        row.message = Some(id.clone());
        row.outcome = "refused";
        self.keep_refused(message, row).await?;
        let disposition = Some(disposition);
        Ok(Answer { status, content_type, body, message: Some(id), is_repeat: false, disposition })
    }
}

fn amend_consent(referral: &mut Referral, consent: Option<&ConsentStatement>) {
    let Some(consent) = consent else { return };
    referral.consent.state = consent.state.as_str().to_owned();
    referral.consent.status = consent.state.fhir_status().map(str::to_owned);
    let at = consent.at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    referral.consent.date = at.map(|at| at.to_string());
}

/// The sender's id of a message is its own within the owner of the referral: a broker that sends for several does not mix
/// them up.
fn key_of(referral: &Referral) -> String {
    format!("{}|{}", referral.identity.owner, referral.message.message_id)
}

fn format_name(format: Option<Format>) -> &'static str {
    match format {
        Some(Format::Henvisning) => "henvisning",
        Some(Format::Hl7v2) => "hl7v2",
        Some(Format::Fhir) => "fhir",
        None => "unknown",
    }
}

/// Media type and bytes of a receipt.
fn body_of(receipt: &Receipt) -> (String, Vec<u8>) {
    let content_type = match receipt {
        Receipt::AppRec(_) => "application/xml; charset=utf-8",
        Receipt::Acknowledgements(_) => "x-application/hl7-v2+er7",
        Receipt::OperationOutcome(_) => FHIR_JSON,
    };
    (content_type.to_owned(), receipt.bytes())
}

/// The answer to a message that is acceptable.
fn accepted(translation: &Translation) -> (u16, String, Vec<u8>) {
    let (content_type, body) =
        translation.receipt.as_ref().map_or_else(|| ("application/xml".to_owned(), Vec::new()), body_of);
    (200, content_type, body)
}

/// The answer to a message that came before: the first answer again; no second AppRec, which would be a second receipt of one
/// message (reference: a duplicate gets none).
fn repeated(row: &crate::journal::MessageRow, format: Option<Format>) -> Answer {
    let is_silent = format == Some(Format::Henvisning);
    Answer {
        status: row.answer_status,
        content_type: row.answer_type.clone(),
        body: if is_silent { Vec::new() } else { row.answer.clone() },
        message: Some(row.id.clone()),
        is_repeat: true,
        disposition: Disposition::parse(&row.disposition),
    }
}
