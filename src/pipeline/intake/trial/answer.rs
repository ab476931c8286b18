//! What the trial is told.

use serde_json::{Value, json};

use crate::domain::issue::{Issue, IssueCode, Severity};
use crate::fhir::operation_outcome::operation_outcome;

use super::super::issue;

/// What became of one resource.
pub(in super::super) struct Done {
    /// Place in the transaction.
    pub(super) entry: usize,
    /// `Type/id` at the trial.
    pub(super) address: String,
    /// Whether it was not known before.
    pub(super) is_new: bool,
    /// Whether it changed what is known.
    pub(super) has_effect: bool,
    /// Whether a newer one is known.
    pub(super) is_outdated: bool,
    /// What there is to say.
    pub(super) issues: Vec<Issue>,
}

impl Done {
    fn status(&self) -> u16 {
        if self.is_new { 201 } else { 200 }
    }

    fn outcome(&self) -> Value {
        if self.issues.iter().any(|issue| issue.code.severity() >= Severity::Warning) {
            operation_outcome(&self.issues)
        } else {
            operation_outcome(&[issue(IssueCode::TrialTaken, IssueCode::TrialTaken.meaning())])
        }
    }
}

/// Status and body: an OperationOutcome for one resource, a response for each entry of a transaction.
pub(super) fn body_of(done: &[Done], is_single: bool) -> (u16, Vec<u8>) {
    if let ([only], true) = (done, is_single) {
        return (only.status(), only.outcome().to_string().into_bytes());
    }
    let mut sorted: Vec<&Done> = done.iter().collect();
    sorted.sort_by_key(|done| done.entry);
    let response = |done: &&Done| {
        let status = if done.is_new { "201 Created" } else { "200 OK" };
        json!({"response": {"status": status, "location": done.address, "outcome": done.outcome()}})
    };
    let entries: Vec<Value> = sorted.iter().map(response).collect();
    let bundle = json!({"resourceType": "Bundle", "type": "transaction-response", "entry": entries});
    (200, bundle.to_string().into_bytes())
}

/// The body that says no.
pub(super) fn refusal_body(issues: &[Issue]) -> Vec<u8> {
    operation_outcome(issues).to_string().into_bytes()
}
