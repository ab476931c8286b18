//! The check of a body that a stranger sent: the gate first, then the walker (ADR 6).

use serde_json::Value;

use super::gate::{Gate, unexplained};
use super::walk::Validator;
use crate::domain::issue::Issue;

/// What is wrong with a resource: the walker's issues, which name profile and slice, and those of the gate that the walker
/// does not explain.
pub fn check(gate: &Gate, validator: &Validator, resource: &Value) -> Vec<Issue> {
    let is_admitted = gate.admits(resource);
    let mut issues = validator.validate(resource, &[]);
    if !is_admitted {
        let unexplained = unexplained(&issues, gate.check(resource));
        issues.extend(unexplained);
    }
    issues
}
