//! The status of a referral for a trust without FHIR: what is told, to which destination, after what.
//!
//! Each status is a message of the journal (kind `status`, its id is that of the message that is sent), so that it is seen,
//! delivered, replayed and audited as every message is. Which one the next follows stands in a case of its own.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::consent::Who;
use super::{Intake, audit, damaged, hash_of};
use crate::domain::disposition::Disposition;
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::personal::Personal;
use crate::domain::status_notice::{NoticePatient, NoticeSender, StatusNotice, StatusTexts};
use crate::fhir::operation_outcome::operation_outcome;
use crate::fhir::systems::{BIRTH_NUMBER, COMMON_HELP_NUMBER, D_NUMBER, LOCAL_HELP_NUMBER, MIDDLE_NAME};
use crate::journal::{
    Cancel, Case, CaseWrite, Change, DeliveryKind, DeliveryState, JournalError, NewDelivery, NewMessage, NewResource,
    Scope,
};
use crate::linking::case::{ReferralCase, status_of};
use crate::linking::reply::{Reply, ReplyFormat};
use crate::pipeline::referral::{control_id, local_time};
use crate::sources::henvisning::{StatusMessage, status};
use crate::sources::hl7v2_ref::rri::{Answered, Rri, rri};

/// Kind of the messages that tell a status.
pub(super) const KIND: &str = "status";

/// How trusts without FHIR are told.
#[derive(Debug, Clone)]
pub struct StatusOut {
    /// Sentences.
    pub texts: StatusTexts,
    /// Who tells; none where nobody is told.
    pub sender: Option<NoticeSender>,
    /// Where to.
    pub destinations: Vec<StatusDestination>,
}

/// Where a trust is told in a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusDestination {
    /// Name of the destination.
    pub name: String,
    /// Id of the trust in `mappings/trusts.toml`.
    pub trust: String,
    /// Format.
    pub format: ReplyFormat,
}

/// A change of a referral's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// Code of `gateway-referral-status`.
    pub state: String,
    /// Why, where the trial says it.
    pub reason: Option<String>,
    /// When it happened.
    pub occurred: jiff::Timestamp,
    /// The trial's message.
    pub message: String,
}

/// What a trust was told of a referral, and what a receipt is settled against: whoever settles one writes it, so that of two
/// only one takes effect.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Told {
    /// Id of the last message; none where none was sent.
    last: Option<String>,
    /// Code and text of the last one.
    code: String,
    text: String,
    /// Messages so far.
    count: u32,
    /// Receipts that took effect so far.
    pub(super) receipts: u32,
}

impl Told {
    /// Reads the case.
    pub(super) fn of(case: &Case) -> Result<Self, JournalError> {
        match &case.state {
            None => Ok(Self::default()),
            Some(state) => serde_json::from_str(state).map_err(|_| damaged(&case.key)),
        }
    }
}

/// What a status is made of.
struct Telling<'a> {
    reply: &'a Reply,
    sender: &'a NoticeSender,
    patient: &'a NoticePatient,
    notice: &'a StatusNotice,
    parent: &'a str,
    id: &'a str,
    document_id: &'a str,
    now: jiff::Timestamp,
}

impl Intake {
    /// Adds to a change what the trust of a referral is told about it: nothing where it reads FHIR, or knows it already. Of
    /// several changes of a referral in one commit each is told, in order.
    ///
    /// Errors: the journal.
    pub async fn tell_status(
        &self,
        case: &ReferralCase,
        status: &StatusChange,
        now: jiff::Timestamp,
        change: &mut Change,
    ) -> Result<(), JournalError> {
        let Some((reply, destination, sender)) = self.status_target(case) else { return Ok(()) };
        let (texts, is_treated) = (&self.status.texts, case.trial.is_treated);
        let Some(notice) = texts.notice(&status.state, is_treated, status.reason.as_deref()) else { return Ok(()) };
        let key = status_of(&reply.case);
        let (row, mut told) = self.told(&key, change).await?;
        if told.code == notice.code.as_str() && told.text == notice.text {
            return Ok(());
        }
        let parent = told.last.as_ref().unwrap_or(&reply.message_id).clone();
        let ids = &self.referrals.identified;
        let identity = Identity::new(&case.owner, KIND, &[&reply.case, &status.message, &parent, &status.state]);
        let id = ids.id("Communication", &identity, "").to_string();
        let document_id = ids.id("Communication", &identity, "document").to_string();
        let patient = self.notice_patient(case, change).await?;
        let telling = Telling {
            reply,
            sender,
            patient: &patient,
            notice: &notice,
            parent: &parent,
            id: &id,
            document_id: &document_id,
            now,
        };
        let body = telling.body();
        let who = Who::gateway("");
        let mut left = audit(&who, "create", now);
        (left.message, left.patient) = (Some(id.clone()), Some(case.patient.clone()));
        change.audits.push(left);
        change.notices.push(self.notice_message(case, &telling, (status, body.as_deref()))?);
        let Some(body) = body else {
            tracing::error!(
                message.id = %id, error.code = %IssueCode::StatusUntold,
                "a trust cannot be told the status of its referral: what its format demands is not known"
            );
            metrics::counter!("impress_status_untold_total").increment(1);
            return Ok(());
        };
        // A dead letter must not hold what is newer: the alarm of its own stays.
        change.cancels.push(Cancel {
            case: key.clone(),
            destination: Some(destination.name.clone()),
            state: DeliveryState::Superseded,
            only_dead: true,
            at: now,
        });
        change.deliveries.push(NewDelivery {
            message: id.clone(),
            destination: destination.name.clone(),
            patient: case.patient.clone(),
            case: key.clone(),
            kind: DeliveryKind::Send,
            body,
            at: now,
        });
        notice.code.as_str().clone_into(&mut told.code);
        told.text.clone_from(&notice.text);
        (told.last, told.count) = (Some(id), told.count.saturating_add(1));
        let state = serde_json::to_string(&told).map_err(|_| damaged(&key))?;
        change.cases.retain(|write| write.key != key);
        change.cases.push(CaseWrite { key, read_revision: row.revision, state });
        Ok(())
    }

    /// How and where the trust of a referral is told; none where it is not.
    fn status_target<'a>(
        &'a self,
        case: &'a ReferralCase,
    ) -> Option<(&'a Reply, &'a StatusDestination, &'a NoticeSender)> {
        let reply = case.reply.as_ref().filter(|reply| reply.format != ReplyFormat::None)?;
        let trust = case.trust.as_deref()?;
        if case.is_cancelled || (reply.is_emergency && reply.format == ReplyFormat::Henvisning) {
            return None;
        }
        let fits = |one: &&StatusDestination| one.trust == trust && one.format == reply.format;
        Some((reply, self.status.destinations.iter().find(fits)?, self.status.sender.as_ref()?))
    }

    /// What was told so far: as the change has it, or else the journal.
    async fn told(&self, key: &str, change: &Change) -> Result<(Case, Told), JournalError> {
        let row = match change.cases.iter().find(|write| write.key == key) {
            Some(write) => {
                Case { key: key.to_owned(), revision: write.read_revision, state: Some(write.state.clone()) }
            }
            None => self.journal.cases(vec![key.to_owned()]).await?.pop().ok_or_else(|| damaged(key))?,
        };
        let told = Told::of(&row)?;
        Ok((row, told))
    }

    /// The patient as the journal's own resource names him or her, or as the change does that takes the referral: a resource is
    /// kept when originals are no longer.
    async fn notice_patient(&self, case: &ReferralCase, change: &Change) -> Result<NoticePatient, JournalError> {
        let is_written = |row: &&NewResource| row.kind == "Patient" && row.id == case.patient;
        if let Some(json) = change.resources.iter().find(is_written).and_then(|row| row.json.as_deref()) {
            return Ok(patient_of(&serde_json::from_str(json).unwrap_or_default()));
        }
        let scope = Scope { owners: Some(vec![case.owner_of_resources().to_owned()]), trust: None };
        let row = self.journal.read(scope, "Patient".to_owned(), case.patient.clone()).await?;
        let json = row.and_then(|row| row.json).unwrap_or_default();
        Ok(patient_of(&serde_json::from_str(&json).unwrap_or_default()))
    }

    fn notice_message(
        &self,
        case: &ReferralCase,
        telling: &Telling<'_>,
        (status, body): (&StatusChange, Option<&str>),
    ) -> Result<NewMessage, JournalError> {
        let referral = case.message.clone().unwrap_or_default();
        let is_xml = telling.reply.format == ReplyFormat::Henvisning;
        let explanation = json!({
            "routes": [],
            "status": {"state": status.state, "occurred": status.occurred.to_string(), "code": telling.notice.code.as_str(),
                "decidedBy": status.message, "referral": referral, "follows": telling.parent,
                "conversation": telling.reply.conversation},
        });
        let (disposition, reason) = match body {
            None => (Disposition::Quarantined, "status.untold: what the format demands is not known"),
            Some(_) if is_xml => (Disposition::AwaitingReceipt, "its receipt has not come"),
            // A receipt of HL7 v2 is the acknowledgement of the delivery itself.
            Some(_) => (Disposition::Routed, "it took effect"),
        };
        let content_type = match body {
            None => "text/plain; charset=utf-8",
            Some(_) if is_xml => "application/xml; charset=utf-8",
            Some(_) => "x-application/hl7-v2+er7",
        };
        // What cannot be written is kept as what should be told.
        let original = body.unwrap_or(&telling.notice.text).as_bytes();
        Ok(NewMessage {
            id: telling.id.to_owned(),
            kind: KIND,
            format: if is_xml { "henvisning" } else { "hl7v2" },
            channel: "outbox",
            sender: case.owner_of_resources().to_owned(),
            key: None,
            content_hash: hash_of(original),
            received: telling.now,
            trace: telling.id.to_owned(),
            disposition,
            reason: reason.to_owned(),
            patient: Some(case.patient.clone()),
            case: Some(telling.reply.case.clone()),
            content_type: content_type.to_owned(),
            original: self.seal(telling.id, original)?,
            answer: (202, String::new(), Vec::new()),
            issues: operation_outcome(&[]).to_string(),
            explanation: explanation.to_string(),
        })
    }
}

impl Telling<'_> {
    /// What is sent; none where something that the format demands is not known.
    fn body(&self) -> Option<String> {
        let Self { reply, sender, patient, notice, .. } = self;
        match reply.format {
            ReplyFormat::None => None,
            ReplyFormat::Henvisning => status(&StatusMessage {
                message_id: self.id,
                document_id: self.document_id,
                generated: self.now,
                parent: self.parent,
                conversation: &reply.conversation,
                sender,
                receiver: &reply.receiver,
                patient,
                notice,
            }),
            ReplyFormat::Hl7v2 => {
                let known = reply.hl7v2.as_ref()?;
                let answered = Answered {
                    parties: known.parties.clone(),
                    processing_id: known.processing_id.clone(),
                    version: known.version.clone(),
                    character_set: known.character_set.clone(),
                };
                let (control_id, time) = (control_id(self.id, 1), local_time(self.now));
                let is_known = !(patient.family_name.is_empty() && patient.numbers.is_empty());
                is_known.then(|| {
                    rri(&Rri {
                        answered: &answered,
                        referral: &reply.message_id,
                        document_id: &reply.document_id,
                        control_id: &control_id,
                        id: self.document_id,
                        time: &time,
                        sender,
                        patient,
                        notice,
                    })
                })
            }
        }
    }
}

/// What a notice names of a FHIR Patient.
fn patient_of(resource: &Value) -> NoticePatient {
    let personal = |value: Option<&Value>| value.and_then(Value::as_str).map(Personal::new);
    let name = resource.pointer("/name/0");
    let part = |path: &str| personal(name.and_then(|name| name.pointer(path)));
    let extensions = name.and_then(|name| name.pointer("/extension")).and_then(Value::as_array);
    let middle =
        extensions.into_iter().flatten().find(|one| one.pointer("/url").and_then(Value::as_str) == Some(MIDDLE_NAME));
    let identifiers = resource.pointer("/identifier").and_then(Value::as_array);
    let number = |identifier: &Value| {
        let kind = match identifier.pointer("/system").and_then(Value::as_str)? {
            BIRTH_NUMBER => "FNR",
            D_NUMBER => "DNR",
            COMMON_HELP_NUMBER => "FHN",
            LOCAL_HELP_NUMBER => "HNR",
            _ => return None,
        };
        Some((kind, personal(identifier.pointer("/value"))?))
    };
    NoticePatient {
        family_name: part("/family").unwrap_or_default(),
        middle_name: middle.and_then(|extension| personal(extension.pointer("/valueString"))),
        given_name: part("/given/0").unwrap_or_default(),
        birth_date: personal(resource.pointer("/birthDate")),
        gender: resource.pointer("/gender").and_then(Value::as_str).map(str::to_owned),
        numbers: identifiers.into_iter().flatten().filter_map(number).collect(),
    }
}
