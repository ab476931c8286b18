//! What the trial writes, from bytes to answer: one resource or a transaction, all of it or nothing.
//!
//! What is understood and may not take effect by itself is answered 409 and kept for a person; what is not valid, 422. Whose it is,
//! the referrals say that its patient and request lead to. One word of the trial lets a further trust see them: the letter of the
//! inclusion site in the study subject id, once for each referral, with a row in the audit trail.

mod answer;
mod apply;
mod place;
mod referral;
mod rows;
mod work;

use std::sync::Arc;

use serde_json::Value;

pub use self::place::PollPlace;

use self::answer::{body_of, refusal_body};
use self::work::Work;
use super::{Answer, Arrival, FHIR_JSON, Intake, StatusChange, TRIES, audit, hash_of, issue};
use crate::domain::disposition::Disposition;
use crate::domain::ids::Identity;
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::trial::TRIAL;
use crate::fhir::etag::Named;
use crate::fhir::operation_outcome::operation_outcome;
use crate::journal::{Audit, Change, Committed, JournalError, NewMessage};
use crate::linking::case::ReferralCase;
use crate::linking::trial::Stand;
use crate::sources::trial_system::{self, Context, Event, Told};

/// Bodies up to this size are read where they arrived.
const AT_ONCE: usize = 64 << 10;

/// Where the trial writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Type.
    pub kind: &'static str,
    /// Id at the trial.
    pub id: String,
    /// `If-Match`.
    pub if_match: Option<Named>,
}

/// Why nothing of a write took effect.
pub(super) enum Refused {
    /// The journal.
    Journal(JournalError),
    /// Status, how the message ends, and the issues.
    No(u16, Disposition, Vec<Issue>),
}

impl From<JournalError> for Refused {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl Refused {
    /// For a person.
    fn review(code: IssueCode, text: &str) -> Self {
        Self::No(409, Disposition::Quarantined, vec![issue(code, text)])
    }
}

impl Intake {
    /// Takes what the trial writes: a transaction, or one resource to an address. What is answered with success is durable.
    pub async fn receive_trial(self: &Arc<Self>, arrival: Arrival, address: Option<Address>) -> Answer {
        match self.receive_of_trial(&arrival, address.as_ref()).await {
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

    /// The version of a resource as the trial sees it; none where there is no such resource.
    ///
    /// Errors: the journal.
    pub async fn trial_version(&self, kind: &str, id: &str) -> Result<Option<i64>, JournalError> {
        rows::version(self, kind, id).await
    }

    async fn receive_of_trial(
        self: &Arc<Self>,
        arrival: &Arrival,
        address: Option<&Address>,
    ) -> Result<(Answer, Vec<String>), JournalError> {
        let read = self.read_of_trial(&arrival.bytes, address).await?;
        let mut events = match read {
            Ok(events) => events,
            Err(issues) => {
                let is_unreadable = issues.iter().any(|issue| issue.code == IssueCode::TrialUnreadable);
                let status = if is_unreadable { 400 } else { 422 };
                let answer = self.refuse_trial(arrival, (status, Disposition::Rejected, issues)).await?;
                return Ok((answer, Vec::new()));
            }
        };
        if let (Some(event), Some(address)) = (events.first_mut(), address) {
            event.if_match.clone_from(&address.if_match);
        }
        let content_hash = hash_of(&arrival.bytes);
        let part = address.map_or_else(String::new, |address| format!("{}/{}", address.kind, address.id));
        for _ in 0..TRIES {
            let part = format!("{part}{}", self.unnumbered(&events).await?);
            let id = self.message_id(&arrival.organisation, &content_hash, &part);
            let work = match self.work_on(&events).await {
                Ok(work) => work,
                Err(Refused::Journal(error)) => return Err(error),
                Err(Refused::No(status, disposition, issues)) => {
                    let answer = self.refuse_trial(arrival, (status, disposition, issues)).await?;
                    return Ok((answer, Vec::new()));
                }
            };
            let stated = work.stated.clone();
            let (mut change, answer, follow) = self.effect(arrival, (&id, &content_hash), work, address.is_some())?;
            self.tell(&stated, &id, &mut change).await?;
            match self.journal.commit(change).await? {
                Committed::Stored => return Ok((answer, follow)),
                Committed::Known(row) => {
                    self.record_repeat(&arrival.who(), &row).await?;
                    let body = (row.answer_status, row.answer_type.clone(), row.answer.clone());
                    let answer = Answer {
                        status: body.0,
                        content_type: body.1,
                        body: body.2,
                        message: Some(row.id.clone()),
                        is_repeat: true,
                        disposition: Disposition::parse(&row.disposition),
                    };
                    return Ok((answer, Vec::new()));
                }
                Committed::Stale => tokio::task::yield_now().await,
            }
        }
        Err(JournalError::Busy)
    }

    /// Reads; what is long, on a thread of its own.
    async fn read_of_trial(
        self: &Arc<Self>,
        bytes: &[u8],
        address: Option<&Address>,
    ) -> Result<Result<Vec<Event>, Vec<Issue>>, JournalError> {
        let work = |intake: &Self, bytes: &[u8], address: Option<&Address>| {
            let conformance = |resource: &Value, profile: &str| intake.referrals.conforms(resource, profile);
            let context = Context { limits: &intake.referrals.limits, conformance: &conformance };
            trial_system::read(bytes, address.map(|address| (address.kind, address.id.as_str())), context)
        };
        if bytes.len() <= AT_ONCE {
            return Ok(work(self, bytes, address));
        }
        let (intake, bytes, address) = (Arc::clone(self), bytes.to_vec(), address.cloned());
        tokio::task::spawn_blocking(move || work(&intake, &bytes, address.as_ref()))
            .await
            .map_err(|_| JournalError::Unavailable("a reading has ended early".to_owned()))
    }

    /// The versions that are known of what no event numbers: the same bytes, sent again after others, are not the first ones.
    async fn unnumbered(&self, events: &[Event]) -> Result<String, JournalError> {
        let mut known = String::new();
        for event in events.iter().filter(|event| matches!(event.told, Told::Study(_) | Told::Patient(_))) {
            if let Some(version) = rows::version(self, event.kind, &event.id).await? {
                known.push_str(&format!("|{}/{}/{version}", event.kind, event.id));
            }
        }
        Ok(known)
    }

    /// Adds what trusts without FHIR are told of their referrals' new states.
    pub(super) async fn tell(
        &self,
        stated: &[(ReferralCase, Stand)],
        message: &str,
        change: &mut Change,
    ) -> Result<(), JournalError> {
        let now = self.clock.now();
        for (case, stand) in stated {
            let state = stand.state.clone();
            let occurred = jiff::Timestamp::from_millisecond(stand.at).unwrap_or(now);
            let reason = stand.reason.clone();
            let status = StatusChange { state, reason, occurred, message: message.to_owned() };
            self.tell_status(case, &status, now, change).await?;
        }
        Ok(())
    }

    /// What the events do, decided on what is known now. The cases are read before the versions that `If-Match` names, and each
    /// event that takes effect writes its case: where a version came in between, the commit finds the case changed, and all of it
    /// is decided again.
    async fn work_on(&self, events: &[Event]) -> Result<Work<'_>, Refused> {
        let mut work = Work::load(self, events).await?;
        for event in events {
            if let Some(wanted) = &event.if_match {
                let version = rows::version(self, event.kind, &event.id).await?;
                if !version.is_some_and(|version| wanted.names(version)) {
                    let text = "`If-Match` does not name the newest version";
                    let issues = vec![issue(IssueCode::RequestVersionConflict, text)];
                    return Err(Refused::No(412, Disposition::Rejected, issues));
                }
            }
            work.apply(event)?;
        }
        work.finish()?;
        Ok(work)
    }

    /// What is written, and answered.
    fn effect(
        &self,
        arrival: &Arrival,
        (id, content_hash): (&str, &str),
        work: Work<'_>,
        is_single: bool,
    ) -> Result<(Change, Answer, Vec<String>), JournalError> {
        let now = work.now;
        let (status, body) = body_of(&work.done, is_single);
        let is_outdated = work.done.iter().all(|done| done.is_outdated);
        let has_effect = work.done.iter().any(|done| done.has_effect);
        let disposition = if is_outdated { Disposition::Outdated } else { Disposition::Routed };
        let issues: Vec<Issue> = work.done.iter().flat_map(|done| done.issues.clone()).collect();
        let (mut change, patients, follow) = work.into_change(&arrival.who())?;
        let mut message = self.trial_message(arrival, id, now)?;
        // The same bytes are the same message; what was refused takes no key.
        message.key = Some(format!("{TRIAL}|{id}"));
        content_hash.clone_into(&mut message.content_hash);
        message.disposition = disposition;
        message.reason = match (is_outdated, has_effect) {
            (true, _) => "a newer event is known",
            (false, true) => "it took effect",
            (false, false) => "nothing of it is new",
        }
        .to_owned();
        if let [(only, _)] = patients.as_slice() {
            message.patient = Some(only.clone());
        }
        message.answer = (status, FHIR_JSON.to_owned(), body.clone());
        message.issues = operation_outcome(&issues).to_string();
        change.message = Some(message);
        let row = |(patient, tenant): (Option<String>, Option<String>)| Audit {
            message: Some(id.to_owned()),
            patient,
            tenant,
            ..audit(&arrival.who(), "update", now)
        };
        if patients.is_empty() {
            change.audits.push(row((None, None)));
        }
        change.audits.extend(patients.into_iter().map(|(patient, tenant)| row((Some(patient), Some(tenant)))));
        let answer = Answer {
            status,
            content_type: FHIR_JSON.to_owned(),
            body,
            message: Some(id.to_owned()),
            is_repeat: false,
            disposition: Some(disposition),
        };
        Ok((change, answer, follow))
    }

    /// Keeps what did not take effect, and the answer that says so. Each refusal is a message of its own: sent again, the same
    /// bytes are looked at anew.
    async fn refuse_trial(
        &self,
        arrival: &Arrival,
        (status, disposition, issues): (u16, Disposition, Vec<Issue>),
    ) -> Result<Answer, JournalError> {
        let now = self.clock.now();
        let content_hash = hash_of(&arrival.bytes);
        let id = self.message_id(&arrival.organisation, &content_hash, &arrival.trace);
        let body = refusal_body(&issues);
        let gravest = issues.iter().max_by_key(|issue| issue.code.severity());
        let message = NewMessage {
            content_hash,
            disposition,
            reason: gravest.map_or_else(String::new, |issue| issue.code.as_str().to_owned()),
            answer: (status, FHIR_JSON.to_owned(), body.clone()),
            issues: operation_outcome(&issues).to_string(),
            ..self.trial_message(arrival, &id, now)?
        };
        let mut row = audit(&arrival.who(), "update", now);
        row.message = Some(id.clone());
        row.outcome = "refused";
        self.keep_refused(message, row).await?;
        let disposition = Some(disposition);
        Ok(Answer {
            status,
            content_type: FHIR_JSON.to_owned(),
            body,
            message: Some(id),
            is_repeat: false,
            disposition,
        })
    }

    fn trial_message(&self, arrival: &Arrival, id: &str, now: jiff::Timestamp) -> Result<NewMessage, JournalError> {
        Ok(NewMessage {
            id: id.to_owned(),
            kind: TRIAL,
            format: "fhir",
            channel: arrival.channel,
            sender: arrival.organisation.clone(),
            key: None,
            content_hash: String::new(),
            received: now,
            trace: arrival.trace.clone(),
            disposition: Disposition::Rejected,
            reason: String::new(),
            patient: None,
            case: None,
            content_type: arrival.content_type.clone(),
            original: self.seal(id, &arrival.bytes)?,
            answer: (500, String::new(), Vec::new()),
            issues: String::new(),
            explanation: "{\"routes\":[]}".to_owned(),
        })
    }
}

/// Business key of what the trial names.
fn named(kind: &'static str, id: &str) -> Identity {
    Identity::new(TRIAL, kind, &[id])
}
