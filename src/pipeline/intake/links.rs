//! Which sample belongs to which referral: said by the laboratory (FHIR Specimen, `links.csv`) or chosen by a person.

use std::sync::Arc;

use super::consent::Who;
use super::decide::{link_case, referral_case, write};
use super::{Intake, TRIES, audit, issue};
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::org_number::OrgNumber;
use crate::domain::study_subject::StudySubjectId;
use crate::journal::{Audit, Case, CaseWrite, Change, Committed, JournalError, NewMessage};
use crate::linking::case::{LinkCase, key_of_referral, requisition_key, sample_key, subject_key};

/// Longest sample id or requisition number.
const ID_CHARS: usize = 64;

/// What a sample belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Id of the ServiceRequest.
    Referral(String),
    /// Requisition number of the referring trust; its referral may come later.
    Requisition {
        /// The number.
        number: String,
        /// Organisation number of who requested: a hospital or its trust. Without it the number alone links nothing.
        requester: Option<String>,
    },
}

impl Target {
    /// What may keep the link from leading anywhere.
    pub fn doubt(&self) -> Option<Issue> {
        let text = "the requisition number names no requester: it links when something else leads to the same referral";
        let is_alone = matches!(self, Self::Requisition { requester: None, .. });
        is_alone.then(|| issue(IssueCode::LinkRequisitionUnconfirmed, text))
    }
}

/// Why nothing was linked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// No referral, report or sample of this id; the text says which.
    #[error("{0}")]
    Invalid(&'static str),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl LinkError {
    /// The issue for whoever linked.
    pub fn issue(&self) -> Issue {
        match self {
            Self::Invalid(text) => issue(IssueCode::LinkInvalid, text),
            Self::Journal(error) => error.issue(),
        }
    }
}

impl Intake {
    /// Links ids of samples, of laboratory patients or of study subjects. Reports that wait for it go on.
    ///
    /// Errors: `Invalid` for an id that is not one or leads to no referral; the journal.
    pub async fn link(self: &Arc<Self>, samples: &[String], target: &Target, who: &Who) -> Result<(), LinkError> {
        self.link_with(samples, target, who, None).await.map(|_| ())
    }

    /// A person's choice for a report that waits: it and its samples belong to this referral and no other.
    ///
    /// Errors: `Invalid` for a message that is no stored report, or an id of no referral; the journal.
    pub async fn resolve(self: &Arc<Self>, report: &str, referral: &str, who: &Who) -> Result<(), LinkError> {
        let unknown = LinkError::Invalid("no stored report has this id");
        let row = self.journal.message(report.to_owned()).await?.filter(|row| row.kind == "report");
        let Some(row) = row else { return Err(unknown) };
        let Some(patient) = self.stored_patient(&row.id).await? else { return Err(unknown) };
        for _ in 0..TRIES {
            let referral_row = self.known_referral(referral).await?;
            let found = self.find(&patient.reports).await?;
            let mut cases = Vec::new();
            for (case, link) in found.links.iter().filter(|(case, _)| case.key.starts_with("sample/")) {
                let referrals = vec![referral_row.key.clone()];
                let (requisitions, requesters) = Default::default();
                let chosen = LinkCase { referrals, requisitions, requesters, is_chosen: true, ..link.clone() };
                cases.push(write(case, &chosen)?);
            }
            let mut row_of = link_audit(who, Some(&referral_row), self.clock.now())?;
            row_of.message = Some(row.id.clone());
            if self.write_links(cases, row_of, None).await? != Some(Committed::Stale) {
                self.reconsider_stored_report(&row, &patient).await?;
                self.wake.notify_one();
                return Ok(());
            }
        }
        Err(JournalError::Busy.into())
    }

    /// Whether the message came before.
    pub(super) async fn link_with(
        self: &Arc<Self>,
        samples: &[String],
        target: &Target,
        who: &Who,
        message: Option<NewMessage>,
    ) -> Result<bool, LinkError> {
        if samples.is_empty() || samples.iter().any(|sample| !is_id(sample)) {
            return Err(LinkError::Invalid("a sample id is missing or has no form of an id"));
        }
        let ids = &self.referrals.identified;
        let key = |id: &String| match StudySubjectId::parse(id) {
            Ok(subject) => subject_key(ids, subject.as_str()),
            Err(_) => sample_key(ids, id),
        };
        let mut keys: Vec<String> = samples.iter().map(key).collect();
        keys.sort();
        keys.dedup();
        for _ in 0..TRIES {
            let mut cases = self.journal.cases(keys.clone()).await?;
            let (linked, requisition) = match target {
                Target::Referral(id) => (Some(self.known_referral(id).await?), None),
                Target::Requisition { number, requester } => {
                    if !is_id(number) {
                        return Err(LinkError::Invalid("no requisition number"));
                    }
                    let requester = requester.as_deref().map(OrgNumber::parse).transpose();
                    let invalid = |_| LinkError::Invalid("the requester has no organisation number");
                    (None, Some((requisition_key(ids, number), requester.map_err(invalid)?)))
                }
            };
            let mut waiting = Vec::new();
            let mut writes = Vec::new();
            for case in cases.drain(..) {
                let mut link = link_case(&case)?;
                add(&mut link.referrals, linked.as_ref().map(|row| &row.key));
                if let Some((key, requester)) = &requisition {
                    add(&mut link.requisitions, Some(key));
                    if let Some(requester) = requester {
                        link.requesters.insert(key.clone(), requester.as_str().to_owned());
                    }
                }
                waiting.append(&mut link.waiting.clone());
                writes.push(write(&case, &link)?);
            }
            if let Some((key, _)) = &requisition {
                writes.extend(self.wait_for(key, &waiting).await?);
            }
            let row = link_audit(who, linked.as_ref(), self.clock.now())?;
            match self.write_links(writes, row, message.clone()).await? {
                Some(Committed::Stale) | None => tokio::task::yield_now().await,
                Some(Committed::Known(row)) => {
                    self.record_repeat(who, &row).await?;
                    return Ok(true);
                }
                Some(Committed::Stored) => {
                    self.follow(waiting).await;
                    return Ok(false);
                }
            }
        }
        Err(JournalError::Busy.into())
    }

    /// The referral that a requisition leads to lets these messages go on when it comes.
    async fn wait_for(&self, requisition: &str, messages: &[String]) -> Result<Option<CaseWrite>, JournalError> {
        let Some(case) = self.journal.cases(vec![requisition.to_owned()]).await?.pop() else { return Ok(None) };
        let mut link = link_case(&case)?;
        for message in messages {
            add(&mut link.waiting, Some(message));
        }
        write(&case, &link).map(Some)
    }

    async fn write_links(
        &self,
        cases: Vec<CaseWrite>,
        row: Audit,
        message: Option<NewMessage>,
    ) -> Result<Option<Committed>, JournalError> {
        let mut row = row;
        row.message = message.as_ref().map(|message| message.id.clone()).or(row.message);
        let change = Change { message, cases, audits: vec![row], ..Change::default() };
        match self.journal.commit(change).await {
            Ok(committed) => Ok(Some(committed)),
            Err(JournalError::Busy) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn known_referral(&self, id: &str) -> Result<Case, LinkError> {
        let case = self.journal.cases(vec![key_of_referral(id)]).await?.pop();
        case.filter(|case| case.state.is_some()).ok_or(LinkError::Invalid("no referral has this id"))
    }
}

/// Something that can be an id, and is not a sentence.
fn is_id(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.chars().count() <= ID_CHARS && !text.chars().any(char::is_control)
}

fn add(list: &mut Vec<String>, item: Option<&String>) {
    if let Some(item) = item.filter(|item| !list.contains(item)) {
        list.push(item.clone());
    }
}

fn link_audit(who: &Who, referral: Option<&Case>, at: jiff::Timestamp) -> Result<Audit, JournalError> {
    let patient = referral.map(referral_case).transpose()?.map(|case| case.patient);
    Ok(Audit { patient: patient.filter(|patient| !patient.is_empty()), ..audit(who, "link", at) })
}
