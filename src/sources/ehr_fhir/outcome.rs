//! The answer to the sender: an OperationOutcome (FHIR R4, http.html).

use serde_json::Value;

use crate::domain::issue::{Issue, Severity};
use crate::fhir::operation_outcome::operation_outcome;

/// The answer to a message, from its issues; the status is that of the HTTP answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// 200 where the message became a referral, 400 where it is no FHIR JSON, 422 where it breaks a rule.
    pub status: u16,
    /// The OperationOutcome.
    pub resource: Value,
}

/// The answer. Places are FHIRPaths and nothing of a person is quoted, so that it can be shown to whoever runs the sender.
pub fn outcome(issues: &[Issue]) -> Outcome {
    let is_fatal = |issue: &Issue| issue.code.severity() == Severity::Fatal;
    let is_unreadable = |issue: &Issue| issue.code == crate::domain::issue::IssueCode::EhrFhirUnreadable;
    let status = match issues {
        _ if issues.iter().any(is_unreadable) => 400,
        _ if issues.iter().any(is_fatal) => 422,
        _ => 200,
    };
    Outcome { status, resource: operation_outcome(issues) }
}
