//! A run folder of a laboratory, from archive to answer: one message for the archive, one for each patient in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::archive::{ArchiveLimits, Scratch, unpack};
use super::consent::Who;
use super::decide::link_case;
use super::decide_report::{Found, IncomingReport, decide_report, keys_of};
use super::{Answer, Arrival, FHIR_JSON, Intake, TRIES, audit, hash_of};
use crate::domain::disposition::Disposition;
use crate::domain::issue::{Issue, IssueCode, Severity};
use crate::domain::report::GenomicReport;
use crate::fhir::operation_outcome::operation_outcome;
use crate::journal::{Change, Committed, JournalError, MessageRow, NewMessage, Redisposition};
use crate::linking::case::{Candidates, LinkCase};
use crate::pipeline::{Gateway, PatientBundle, translate};

/// Media type of a message that is one patient of an archive: its original is the id of the archive's message.
pub(super) const PART: &str = "application/x.impress-gateway.part+json";

/// What is needed to take reports.
#[derive(Debug)]
pub struct Reports {
    /// How they are translated.
    pub gateway: Gateway,
    /// Folder in which archives are unpacked.
    pub scratch: PathBuf,
    /// Most that an archive may unpack to.
    pub limits: ArchiveLimits,
    /// How many archives are worked on at once: each can take the memory that the limits allow.
    pub slots: tokio::sync::Semaphore,
}

/// An archive, translated.
struct Run {
    patients: Vec<PatientBundle>,
    issues: Vec<Issue>,
}

impl Run {
    /// Whether a patient is missing because of a defect of the mapping.
    fn is_held(&self) -> bool {
        self.issues.iter().any(|issue| issue.code == IssueCode::MappingProfileFailed)
    }
}

impl Intake {
    /// Takes an archive of a run folder. What is answered with success is durable, for every patient in it.
    pub async fn receive_report(self: &Arc<Self>, arrival: Arrival) -> Answer {
        let Ok(_slot) = self.reports.slots.acquire().await else {
            return Answer::failed(&JournalError::Busy);
        };
        match self.receive_run(&arrival).await {
            Ok(answer) => {
                self.wake.notify_one();
                answer
            }
            Err(error) => Answer::failed(&error),
        }
    }

    async fn receive_run(self: &Arc<Self>, arrival: &Arrival) -> Result<Answer, JournalError> {
        let now = self.clock.now();
        let content_hash = hash_of(&arrival.bytes);
        let run = self.read_run(arrival.bytes.clone()).await?;
        if run.issues.iter().any(|issue| issue.code == IssueCode::OutputUnwritable) {
            // There was no room to unpack it: nothing is wrong with the archive.
            return Err(JournalError::Full);
        }
        let is_held = run.is_held();
        let is_refused = run.patients.is_empty() && !is_held;
        let part = if is_refused { arrival.trace.as_str() } else { "" };
        let id = self.message_id(&arrival.organisation, &content_hash, part);
        let body = operation_outcome(&run.issues).to_string().into_bytes();
        let gravest = run
            .issues
            .iter()
            .filter(|issue| issue.code.severity() >= Severity::Error)
            .max_by_key(|issue| issue.code.severity());
        let code = gravest.map_or(IssueCode::FolderWithoutReport, |issue| issue.code);
        let (status, disposition, reason) = match (is_refused, is_held) {
            (true, _) => (422, Disposition::Rejected, code.as_str().to_owned()),
            (false, true) => (200, Disposition::HeldMappingDefect, IssueCode::MappingProfileFailed.as_str().to_owned()),
            (false, false) => (200, Disposition::Routed, format!("an archive with {} patients", run.patients.len())),
        };
        let original = self.seal(&id, &arrival.bytes)?;
        let message = NewMessage {
            id: id.clone(),
            kind: "run",
            format: "tso500",
            channel: arrival.channel,
            sender: arrival.organisation.clone(),
            key: None,
            content_hash,
            received: now,
            trace: arrival.trace.clone(),
            disposition,
            reason,
            patient: None,
            case: None,
            content_type: arrival.content_type.clone(),
            original,
            answer: (status, FHIR_JSON.to_owned(), body.clone()),
            issues: operation_outcome(&run.issues).to_string(),
            explanation: "{\"routes\":[]}".to_owned(),
        };
        let mut row = audit(&arrival.who(), "create", now);
        row.message = Some(id.clone());
        row.outcome = if is_refused { "refused" } else { "success" };
        let change = Change { message: Some(message), audits: vec![row], ..Change::default() };
        let is_repeat = match self.journal.commit(change).await? {
            Committed::Known(row) => {
                self.record_repeat(&arrival.who(), &row).await?;
                true
            }
            Committed::Stored | Committed::Stale => false,
        };
        // Also on a repeat: the first time may have been cut off between two patients.
        for patient in &run.patients {
            self.receive_patient(arrival, &id, patient).await?;
        }
        let (message, disposition) = (Some(id), Some(disposition));
        Ok(Answer { status, content_type: FHIR_JSON.to_owned(), body, message, is_repeat, disposition })
    }

    /// Takes one patient of an archive, where it was not taken before.
    async fn receive_patient(
        self: &Arc<Self>,
        arrival: &Arrival,
        run: &str,
        patient: &PatientBundle,
    ) -> Result<(), JournalError> {
        let now = self.clock.now();
        // What the patient's part says: the archive's other patients do not make it another message.
        let content_hash = hash_of(patient.bundle.as_bytes());
        let id = self.message_id(&arrival.organisation, &content_hash, &patient.patient_key);
        let pointer = json!({"run": run, "patient": patient.patient_key}).to_string();
        for _ in 0..TRIES {
            let found = self.find(&patient.reports).await?;
            let incoming = incoming_of(&id, &arrival.organisation, patient, now);
            let outcome = decide_report(self, &incoming, &found)?;
            let mut change = outcome.change;
            change.message = Some(NewMessage {
                id: id.clone(),
                kind: "report",
                format: "tso500",
                channel: arrival.channel,
                sender: arrival.organisation.clone(),
                key: None,
                content_hash: content_hash.clone(),
                received: now,
                trace: arrival.trace.clone(),
                disposition: outcome.disposition,
                reason: outcome.reason,
                patient: outcome.patient.clone(),
                case: outcome.case,
                content_type: PART.to_owned(),
                original: self.seal(&id, pointer.as_bytes())?,
                answer: (200, String::new(), Vec::new()),
                issues: operation_outcome(&[]).to_string(),
                explanation: outcome.explanation,
            });
            let mut row = audit(&arrival.who(), "create", now);
            row.message = Some(id.clone());
            row.patient = outcome.patient;
            change.audits.push(row);
            match self.journal.commit(change).await {
                Ok(Committed::Stored | Committed::Known(_)) => return Ok(()),
                Ok(Committed::Stale) => tokio::task::yield_now().await,
                Err(error) => return Err(error),
            }
        }
        Err(JournalError::Busy)
    }

    /// Decides about a report that waits, again; nothing follows from a report.
    pub(super) async fn reconsider_report(self: &Arc<Self>, row: &MessageRow) -> Result<(), JournalError> {
        match self.stored_patient(&row.id).await? {
            Some(patient) => self.reconsider_stored_report(row, &patient).await,
            None => Ok(()),
        }
    }

    /// The patient of a stored report, translated again; none where the originals are no longer there.
    pub(super) async fn stored_patient(self: &Arc<Self>, report: &str) -> Result<Option<PatientBundle>, JournalError> {
        let damaged = || JournalError::Damaged("a report does not name its archive".to_owned());
        let Some(pointer) = self.original(report).await? else { return Ok(None) };
        let pointer: serde_json::Value = serde_json::from_slice(&pointer).map_err(|_| damaged())?;
        let text = |name: &str| pointer.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        let (Some(run), Some(key)) = (text("run"), text("patient")) else { return Err(damaged()) };
        let Some(bytes) = self.original(&run).await? else { return Ok(None) };
        let run = self.read_run(bytes).await?;
        Ok(run.patients.into_iter().find(|patient| patient.patient_key == key))
    }

    /// Takes the patients of an archive that the mapping held.
    pub(super) async fn reconsider_run(self: &Arc<Self>, row: &MessageRow, bytes: &[u8]) -> Result<(), JournalError> {
        let run = self.read_run(bytes.to_vec()).await?;
        if run.is_held() {
            return Ok(());
        }
        let arrival = Arrival {
            channel: "replay",
            organisation: row.sender.clone(),
            role: "laboratory",
            client: String::new(),
            network: None,
            bytes: Vec::new(),
            content_type: row.content_type.clone(),
            trace: row.trace.clone(),
        };
        for patient in &run.patients {
            self.receive_patient(&arrival, &row.id, patient).await?;
        }
        let at = self.clock.now();
        let mut audit = audit(&arrival.who(), "update", at);
        audit.message = Some(row.id.clone());
        let ended = Redisposition {
            message: row.id.clone(),
            disposition: Disposition::Routed,
            reason: format!("an archive with {} patients", run.patients.len()),
            case: None,
            patient: None,
            explanation: None,
            at,
        };
        let change = Change { dispositions: vec![ended], audits: vec![audit], ..Change::default() };
        self.journal.commit(change).await.map(|_| ())
    }

    pub(super) async fn reconsider_stored_report(
        self: &Arc<Self>,
        row: &MessageRow,
        patient: &PatientBundle,
    ) -> Result<(), JournalError> {
        for _ in 0..TRIES {
            let now = self.clock.now();
            let found = self.find(&patient.reports).await?;
            let outcome = decide_report(self, &incoming_of(&row.id, &row.sender, patient, now), &found)?;
            let is_same = outcome.disposition.as_str() == row.disposition && outcome.reason == row.reason;
            // Who is woken stands in no list any more.
            let waits = outcome.disposition != Disposition::AwaitingReferral || found.has_waiting(&row.id);
            if is_same && waits && outcome.case == row.case {
                return Ok(());
            }
            let mut change = outcome.change;
            let mut audit = audit(&Who::gateway(&row.trace), "update", now);
            audit.message = Some(row.id.clone());
            audit.patient.clone_from(&outcome.patient);
            change.audits.push(audit);
            change.dispositions.push(Redisposition {
                message: row.id.clone(),
                disposition: outcome.disposition,
                reason: outcome.reason,
                case: outcome.case,
                patient: outcome.patient,
                explanation: Some(outcome.explanation),
                at: now,
            });
            match self.journal.commit(change).await {
                Ok(Committed::Stored | Committed::Known(_)) => return Ok(()),
                Ok(Committed::Stale) => tokio::task::yield_now().await,
                Err(error) => return Err(error),
            }
        }
        Err(JournalError::Busy)
    }

    /// What is known of the samples, of the reports and of the referrals that they lead to.
    pub(super) async fn find(&self, reports: &[GenomicReport]) -> Result<Found, JournalError> {
        let keys = keys_of(&self.referrals.identified, reports);
        let cases = self.journal.cases(keys.all()).await?;
        let links = cases.iter().filter(|case| !keys.reports.contains(&case.key)).map(link_case);
        let links: Vec<LinkCase> = links.collect::<Result<_, _>>()?;
        let requisitions = self.numbered(&links).await?;
        let mut found = Found::new(&keys, cases, requisitions)?;
        if let Candidates::Referrals(referrals) = &found.candidates
            && let [referral] = referrals.as_slice()
        {
            found.referral = self.journal.cases(vec![referral.clone()]).await?.pop();
        }
        Ok(found)
    }

    /// Unpacks and translates on a thread of its own.
    async fn read_run(self: &Arc<Self>, bytes: Vec<u8>) -> Result<Run, JournalError> {
        let intake = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let reports = &intake.reports;
            let read = Scratch::new(&reports.scratch).and_then(|scratch| {
                unpack(&bytes, scratch.path(), reports.limits)?;
                Ok(translated(&reports.gateway, scratch.path()))
            });
            read.unwrap_or_else(|issue| Run { patients: Vec::new(), issues: vec![issue] })
        })
        .await
        .map_err(|_| JournalError::Unavailable("a translation has ended early".to_owned()))
    }
}

fn incoming_of<'a>(
    message: &'a str,
    sender: &'a str,
    patient: &'a PatientBundle,
    now: jiff::Timestamp,
) -> IncomingReport<'a> {
    IncomingReport { message, sender, bundle: &patient.bundle, reports: &patient.reports, now }
}

fn translated(gateway: &Gateway, folder: &Path) -> Run {
    let mut patients: Vec<PatientBundle> = Vec::new();
    let translation = translate(gateway, folder, &mut patients);
    Run { patients, issues: translation.account.issues }
}
