//! Which sample belongs to which referral: said by the laboratory (FHIR Specimen, `links.csv`) or chosen by a person.

use std::sync::Arc;

use serde_json::Value;

use super::consent::Who;
use super::decide::{link_case, referral_case, write};
use super::decide_report::is_foreign;
use super::{Answer, Arrival, FHIR_JSON, Intake, TRIES, audit, hash_of, issue};
use crate::domain::disposition::Disposition;
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::sample_id::{Classified, SampleId};
use crate::domain::study_subject::StudySubjectId;
use crate::fhir::operation_outcome::operation_outcome;
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
    Requisition(String),
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

    /// `POST /fhir/Specimen`: the laboratory names its sample and the request it was taken for.
    pub async fn receive_specimen(self: &Arc<Self>, arrival: Arrival) -> Answer {
        let answer = self.take_specimen(&arrival).await;
        if answer.status != 422 {
            return answer;
        }
        // What is refused is not kept; that it was sent is.
        let row = Audit { outcome: "refused", ..audit(&arrival.who(), "link", self.clock.now()) };
        match self.record(vec![row]).await {
            Ok(()) => answer,
            Err(error) => Answer::failed(&error),
        }
    }

    async fn take_specimen(self: &Arc<Self>, arrival: &Arrival) -> Answer {
        let (samples, target) = match read_specimen(&arrival.bytes) {
            Ok(read) => read,
            Err(wrong) => return Answer::outcome(422, &[wrong]),
        };
        let nomenclature = &self.reports.gateway.nomenclature;
        let is_of_another = |sample: &String| match SampleId::classify(sample, nomenclature) {
            Classified::Known(id) | Classified::UnknownCode(id, _) => {
                is_foreign(&arrival.organisation, id.laboratory().code())
            }
            Classified::Foreign(_) => false,
        };
        if samples.iter().any(is_of_another) {
            return Answer::outcome(422, &[issue(IssueCode::LinkInvalid, "the sample is of another laboratory")]);
        }
        let message = match self.specimen_message(arrival) {
            Ok(message) => message,
            Err(error) => return Answer::failed(&error),
        };
        let who = arrival.who();
        let (status, content_type, body) = message.answer.clone();
        let id = message.id.clone();
        match self.link_with(&samples, &target, &who, Some(message)).await {
            Ok(is_repeat) => Answer {
                status,
                content_type,
                body,
                message: Some(id),
                is_repeat,
                disposition: Some(Disposition::Routed),
            },
            Err(LinkError::Journal(error)) => Answer::failed(&error),
            Err(wrong) => Answer::outcome(422, &[wrong.issue()]),
        }
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
                let chosen = LinkCase { referrals, requisitions: Vec::new(), is_chosen: true, ..link.clone() };
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
    async fn link_with(
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
                Target::Requisition(number) if is_id(number) => (None, Some(requisition_key(ids, number))),
                Target::Requisition(_) => return Err(LinkError::Invalid("no requisition number")),
            };
            let mut waiting = Vec::new();
            let mut writes = Vec::new();
            for case in cases.drain(..) {
                let mut link = link_case(&case)?;
                add(&mut link.referrals, linked.as_ref().map(|row| &row.key));
                add(&mut link.requisitions, requisition.as_ref());
                waiting.append(&mut link.waiting.clone());
                writes.push(write(&case, &link)?);
            }
            if let Some(key) = &requisition {
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

    fn specimen_message(&self, arrival: &Arrival) -> Result<NewMessage, JournalError> {
        let content_hash = hash_of(&arrival.bytes);
        let id = self.message_id(&arrival.organisation, &content_hash, "");
        let done = [issue(IssueCode::LinkDone, "the sample is linked to its request")];
        let body = operation_outcome(&done).to_string();
        Ok(NewMessage {
            kind: "specimen",
            format: "fhir",
            channel: arrival.channel,
            sender: arrival.organisation.clone(),
            key: None,
            content_hash,
            received: self.clock.now(),
            trace: arrival.trace.clone(),
            disposition: Disposition::Routed,
            reason: "the sample is linked to its request".to_owned(),
            patient: None,
            case: None,
            content_type: arrival.content_type.clone(),
            original: self.seal(&id, &arrival.bytes)?,
            issues: body.clone(),
            answer: (200, FHIR_JSON.to_owned(), body.into_bytes()),
            explanation: "{\"routes\":[]}".to_owned(),
            id,
        })
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

/// The sample ids of a FHIR R4 Specimen (`identifier`, `accessionIdentifier`) and the request it names: a literal reference to
/// the ServiceRequest, or its requisition number as `request.identifier`.
///
/// Errors: `link.invalid` with the FHIRPath.
fn read_specimen(bytes: &[u8]) -> Result<(Vec<String>, Target), Issue> {
    let wrong = |path: &str, text: &str| {
        let mut wrong = issue(IssueCode::LinkInvalid, text);
        wrong.location = crate::domain::issue::Location::path(path);
        wrong
    };
    let specimen: Value = serde_json::from_slice(bytes).map_err(|_| wrong("Specimen", "no JSON"))?;
    if specimen.get("resourceType").and_then(Value::as_str) != Some("Specimen") {
        return Err(wrong("resourceType", "no Specimen"));
    }
    let value = |identifier: &Value| identifier.get("value").and_then(Value::as_str).map(str::to_owned);
    let listed = specimen.get("identifier").and_then(Value::as_array).into_iter().flatten();
    let samples: Vec<String> = listed.chain(specimen.get("accessionIdentifier")).filter_map(value).collect();
    if samples.is_empty() {
        return Err(wrong("Specimen.identifier", "the sample has no id"));
    }
    let requests = specimen.get("request").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let [request] = requests else {
        return Err(wrong("Specimen.request", "a sample belongs to exactly one request"));
    };
    let literal = request.get("reference").and_then(Value::as_str).and_then(|text| {
        let mut parts = text.rsplit('/');
        let (id, kind) = (parts.next()?, parts.next()?);
        (kind == "ServiceRequest").then(|| Target::Referral(id.to_owned()))
    });
    let number = request.get("identifier").and_then(value).map(Target::Requisition);
    let target = literal.or(number);
    let text = "neither ServiceRequest/<id> nor the identifier of a requisition";
    Ok((samples, target.ok_or_else(|| wrong("Specimen.request[0]", text))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(request: &str) -> Result<(Vec<String>, Target), Issue> {
        let text = format!(
            r#"{{"resourceType":"Specimen","identifier":[{{"value":"IPH0001-D01-P01-A01"}}],"request":{request}}}"#
        );
        read_specimen(text.as_bytes())
    }

    #[test]
    fn a_specimen_names_its_request_by_reference_or_by_requisition_number() {
        let samples = vec!["IPH0001-D01-P01-A01".to_owned()];
        let by_reference = read(r#"[{"reference":"ServiceRequest/abc"}]"#).unwrap();
        assert_eq!(by_reference, (samples.clone(), Target::Referral("abc".to_owned())));
        let absolute = read(r#"[{"reference":"https://gateway.example/fhir/ServiceRequest/abc"}]"#).unwrap();
        assert_eq!(absolute.1, Target::Referral("abc".to_owned()));
        let by_number = read(r#"[{"identifier":{"value":"R-17"}}]"#).unwrap();
        assert_eq!(by_number, (samples, Target::Requisition("R-17".to_owned())));
    }

    #[test]
    fn a_specimen_that_names_no_request_or_several_says_where() {
        for (request, path) in [
            ("[]", "Specimen.request"),
            (r#"[{"reference":"ServiceRequest/a"},{"reference":"ServiceRequest/b"}]"#, "Specimen.request"),
            (r#"[{"reference":"Patient/a"}]"#, "Specimen.request[0]"),
            (r#"[{"display":"a"}]"#, "Specimen.request[0]"),
        ] {
            let wrong = read(request).unwrap_err();
            assert_eq!(
                (wrong.code, wrong.location),
                (IssueCode::LinkInvalid, crate::domain::issue::Location::path(path))
            );
        }
        for body in ["", "[]", r#"{"resourceType":"Patient"}"#, r#"{"resourceType":"Specimen"}"#] {
            assert_eq!(read_specimen(body.as_bytes()).unwrap_err().code, IssueCode::LinkInvalid);
        }
    }
}
