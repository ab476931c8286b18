//! When a health trust sees a report of its patient.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fhir::transaction::Part;

/// From which status on a report is shown to trusts. The findings follow their report, whatever their own status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rule {
    /// Once the laboratory has signed it: what is not signed can still be wrong, and a treatment may be chosen by it.
    #[default]
    Final,
    /// As it comes.
    Preliminary,
}

/// Statuses of a report that is signed, or was and is taken back (value set diagnostic-report-status).
const SIGNED: [&str; 6] = ["final", "amended", "corrected", "appended", "cancelled", "entered-in-error"];

impl Rule {
    /// The ids of the resources that no trust may see yet: those of a report that is not signed, and of none that is.
    pub fn held(self, parts: &[Part]) -> BTreeSet<String> {
        let is_report = |part: &&Part| part.kind == "DiagnosticReport";
        let status = |part: &Part| part.resource.get("status").and_then(Value::as_str).map(str::to_owned);
        let is_signed = |part: &&Part| status(part).is_some_and(|status| SIGNED.contains(&status.as_str()));
        if self == Self::Preliminary || parts.iter().filter(is_report).all(|part| is_signed(&part)) {
            return BTreeSet::new();
        }
        let mut shown: BTreeSet<String> =
            parts.iter().filter(is_report).filter(is_signed).map(|part| part.id.clone()).collect();
        let mut ahead: Vec<String> = shown.iter().cloned().collect();
        while let Some(id) = ahead.pop() {
            let mut found = Vec::new();
            if let Some(part) = parts.iter().find(|part| part.id == id) {
                referred(&part.resource, &mut found);
            }
            // One report may name another one: it is shown by its own status.
            found.retain(|id| !parts.iter().any(|part| part.id == *id && is_report(&part) && !is_signed(&part)));
            ahead.extend(found.into_iter().filter(|id| shown.insert(id.clone())));
        }
        parts.iter().map(|part| part.id.clone()).filter(|id| !shown.contains(id)).collect()
    }
}

/// The ids that a value refers to.
fn referred(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("reference") {
                found.extend(reference.rsplit([':', '/']).next().map(str::to_owned));
            }
            members.values().for_each(|member| referred(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| referred(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn part(resource: Value) -> Part {
        let text = |name: &str| resource[name].as_str().unwrap().to_owned();
        Part { kind: text("resourceType"), id: text("id"), resource }
    }

    fn reports(statuses: &[&str]) -> Vec<Part> {
        let mut parts = vec![part(json!({"resourceType": "Device", "id": "pipeline"}))];
        for (number, status) in statuses.iter().enumerate() {
            let finding = format!("finding{number}");
            parts.push(part(
                json!({"resourceType": "DiagnosticReport", "id": format!("report{number}"), "status": status,
                "result": [{"reference": format!("urn:uuid:{finding}")}]}),
            ));
            parts.push(part(json!({"resourceType": "Observation", "id": finding, "status": "final",
                "device": {"reference": "Device/pipeline"}})));
        }
        parts
    }

    fn held(rule: Rule, statuses: &[&str]) -> Vec<String> {
        rule.held(&reports(statuses)).into_iter().collect()
    }

    #[test]
    fn a_report_that_is_not_signed_is_held_with_its_findings() {
        for status in ["final", "amended", "corrected", "appended", "cancelled", "entered-in-error"] {
            assert!(held(Rule::Final, &[status]).is_empty(), "{status}");
        }
        for status in ["preliminary", "registered", "partial", "unknown", "other"] {
            assert_eq!(held(Rule::Final, &[status]), ["finding0", "pipeline", "report0"], "{status}");
            assert!(held(Rule::Preliminary, &[status]).is_empty(), "{status}");
        }
        assert_eq!(Rule::default(), Rule::Final);
    }

    #[test]
    fn a_signed_report_is_shown_whatever_comes_with_it() {
        assert_eq!(held(Rule::Final, &["final", "preliminary"]), ["finding1", "report1"]);
        // What both refer to is the signed one's, too.
        let mut parts = reports(&["final", "preliminary"]);
        parts[1].resource["extension"] = json!([{"valueReference": {"reference": "DiagnosticReport/report1"}}]);
        assert_eq!(Rule::Final.held(&parts).into_iter().collect::<Vec<_>>(), ["finding1", "report1"]);
    }

    #[test]
    fn what_has_no_report_is_shown() {
        assert!(Rule::Final.held(&[part(json!({"resourceType": "Task", "id": "t"}))]).is_empty());
    }
}
