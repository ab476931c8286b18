//! What is written back: acknowledgements, whatever the answer of the intake is.

use serde_json::Value;

use super::connection::{Closed, HL7};
use crate::domain::issue::{Issue, IssueCode, Location, Severity};
use crate::pipeline::intake::{Answer, Intake};
use crate::pipeline::referral::{Format, Refusal, Stamp, format_of, refuse};

/// Messages to write back, in this order.
type Replies = Result<Vec<Vec<u8>>, Closed>;

/// The reply to what is a referral in another format than HL7 v2: its sender could not read the receipt of that format here.
/// None for all else.
pub(super) fn unsupported(intake: &Intake, message: &[u8]) -> Option<Replies> {
    if !matches!(format_of(message), Some(Format::Henvisning | Format::Fhir)) {
        return None;
    }
    let text = "this channel takes HL7 v2; XML and FHIR are sent over HTTP";
    let issue = Issue::new(IssueCode::RequestUnsupported, Location::default(), text);
    tracing::warn!(error.code = %issue.code, error.text = text, "a message was not taken");
    Some(refused(intake, message, Refusal::Never, &issue))
}

/// The reply that an answer becomes. Nothing is written where the message is taken and its sender wants no receipt.
pub(super) fn to(intake: &Intake, message: &[u8], answer: &Answer) -> Replies {
    if answer.content_type == HL7 {
        return Ok(messages(&answer.body));
    }
    match answer.status {
        200..=299 => Ok(Vec::new()),
        429 | 500.. => refused(intake, message, Refusal::Later, &issue_of(answer)),
        _ => refused(intake, message, Refusal::Never, &issue_of(answer)),
    }
}

/// The acknowledgement that says that the message was not taken. Where its sender wants none, the end of the connection has to
/// say it.
fn refused(intake: &Intake, message: &[u8], refusal: Refusal, issue: &Issue) -> Replies {
    let id = uuid::Uuid::new_v4().hyphenated().to_string();
    let stamp = Stamp { id: &id, generated: intake.clock.now() };
    match refuse(&intake.referrals, message, (refusal, issue), stamp) {
        Some(acknowledgement) => Ok(vec![acknowledgement]),
        None => Err(Closed::of(issue.code, "a message was not taken, and its sender wants no acknowledgement")),
    }
}

/// The messages of a body: each begins with MSH. No text can begin one, since carriage returns in texts are escaped.
fn messages(body: &[u8]) -> Vec<Vec<u8>> {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    for segment in body.split_inclusive(|byte| *byte == b'\r') {
        match messages.last_mut() {
            Some(message) if !segment.starts_with(b"MSH") => message.extend_from_slice(segment),
            _ => messages.push(segment.to_vec()),
        }
    }
    messages
}

/// The gravest issue of an OperationOutcome, as the sender was to be told it.
fn issue_of(answer: &Answer) -> Issue {
    let outcome: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let issues = outcome.get("issue").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let read = |issue: &Value| {
        let code = issue.pointer("/details/coding/0/code").and_then(Value::as_str)?;
        let code = IssueCode::ALL.iter().find(|known| known.as_str() == code)?;
        let text = issue.pointer("/details/text").and_then(Value::as_str).unwrap_or_else(|| code.meaning());
        Some(Issue::new(*code, Location::default(), text))
    };
    let issues = issues.iter().filter_map(read).filter(|issue| issue.code.severity() >= Severity::Error);
    let failed = || Issue::new(IssueCode::ServiceFailed, Location::default(), IssueCode::ServiceFailed.meaning());
    issues.max_by_key(|issue| issue.code.severity()).unwrap_or_else(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_two_acknowledgements_is_two_messages() {
        let (accept, application) = (b"MSH|^~\\&|a\rMSA|CA|1\r".to_vec(), b"MSH|^~\\&|a\rMSA|AA|1\rERR|x\r".to_vec());
        assert_eq!(messages(&[accept.clone(), application.clone()].concat()), [accept.clone(), application]);
        assert_eq!(messages(&accept), [accept]);
        assert!(messages(b"").is_empty());
    }

    #[test]
    fn the_gravest_issue_is_told() {
        let issue = |code| Issue::new(code, Location::default(), "why");
        let answer = Answer::outcome(503, &[issue(IssueCode::DemoSecret), issue(IssueCode::JournalUnavailable)]);
        assert_eq!(issue_of(&answer).code, IssueCode::JournalUnavailable);
        assert_eq!(issue_of(&answer).text, "why");
        let nothing = Answer { body: b"<html>".to_vec(), ..answer };
        assert_eq!(issue_of(&nothing).code, IssueCode::ServiceFailed);
    }
}
