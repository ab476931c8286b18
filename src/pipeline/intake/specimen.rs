//! `POST /fhir/Specimen`: the laboratory names its sample and the request that it was taken for.

use std::sync::Arc;

use serde_json::Value;

use super::decide_report::is_foreign;
use super::links::{LinkError, Target};
use super::{Answer, Arrival, FHIR_JSON, Intake, audit, hash_of, issue};
use crate::domain::disposition::Disposition;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::org_number::OrgNumber;
use crate::domain::sample_id::{Classified, SampleId};
use crate::fhir::operation_outcome::operation_outcome;
use crate::fhir::systems::ORGANISATION_NUMBER;
use crate::journal::{Audit, JournalError, NewMessage};

impl Intake {
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
        let message = match self.specimen_message(arrival, &target) {
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

    fn specimen_message(&self, arrival: &Arrival, target: &Target) -> Result<NewMessage, JournalError> {
        let content_hash = hash_of(&arrival.bytes);
        let id = self.message_id(&arrival.organisation, &content_hash, "");
        let mut done = vec![issue(IssueCode::LinkDone, "the sample is linked to its request")];
        done.extend(target.doubt());
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

/// The sample ids of a FHIR R4 Specimen (`identifier`, `accessionIdentifier`) and the request it names: a literal reference to
/// the ServiceRequest, or its requisition number as `request.identifier`, with who requested as the organisation number in
/// `assigner.identifier`.
///
/// Errors: `link.invalid` with the FHIRPath.
fn read_specimen(bytes: &[u8]) -> Result<(Vec<String>, Target), Issue> {
    let wrong = |path: &str, text: &str| {
        let mut wrong = issue(IssueCode::LinkInvalid, text);
        wrong.location = Location::path(path);
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
    let requester = request.pointer("/identifier/assigner/identifier");
    let is_number = |identifier: &Value| {
        let system = identifier.get("system").and_then(Value::as_str);
        let number = identifier.get("value").and_then(Value::as_str);
        system.is_none_or(|system| system == ORGANISATION_NUMBER)
            && number.is_some_and(|it| OrgNumber::parse(it).is_ok())
    };
    if requester.is_some_and(|identifier| !is_number(identifier)) {
        let path = "Specimen.request[0].identifier.assigner.identifier";
        return Err(wrong(path, "the requester has no organisation number"));
    }
    let requester = requester.and_then(value);
    let number = request.get("identifier").and_then(value);
    let target = literal.or(number.map(|number| Target::Requisition { number, requester }));
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
        let number = "R-17".to_owned();
        let by_number = read(r#"[{"identifier":{"value":"R-17"}}]"#).unwrap();
        let alone = Target::Requisition { number: number.clone(), requester: None };
        assert_eq!(alone.doubt().map(|doubt| doubt.code), Some(IssueCode::LinkRequisitionUnconfirmed));
        assert_eq!(by_number, (samples.clone(), alone));
        let of_requester = read(
            r#"[{"identifier":{"value":"R-17","assigner":{"identifier":{
                "system":"urn:oid:2.16.578.1.12.4.1.4.101","value":"983974732"}}}}]"#,
        );
        let target = Target::Requisition { number, requester: Some("983974732".to_owned()) };
        assert_eq!(target.doubt(), None);
        assert_eq!(of_requester.unwrap(), (samples, target));
    }

    #[test]
    fn a_specimen_that_names_no_request_or_several_says_where() {
        for (request, path) in [
            ("[]", "Specimen.request"),
            (r#"[{"reference":"ServiceRequest/a"},{"reference":"ServiceRequest/b"}]"#, "Specimen.request"),
            (r#"[{"reference":"Patient/a"}]"#, "Specimen.request[0]"),
            (r#"[{"display":"a"}]"#, "Specimen.request[0]"),
            (
                r#"[{"identifier":{"value":"R","assigner":{"identifier":{"value":"983974733"}}}}]"#,
                "Specimen.request[0].identifier.assigner.identifier",
            ),
            (
                r#"[{"identifier":{"value":"R","assigner":{"identifier":{"system":"urn:x","value":"983974732"}}}}]"#,
                "Specimen.request[0].identifier.assigner.identifier",
            ),
        ] {
            let wrong = read(request).unwrap_err();
            assert_eq!((wrong.code, wrong.location), (IssueCode::LinkInvalid, Location::path(path)));
        }
        for body in ["", "[]", r#"{"resourceType":"Patient"}"#, r#"{"resourceType":"Specimen"}"#] {
            assert_eq!(read_specimen(body.as_bytes()).unwrap_err().code, IssueCode::LinkInvalid);
        }
    }
}
