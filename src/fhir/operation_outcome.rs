//! OperationOutcome: the issues of a translation as FHIR R4.

use serde_json::{Value, json};

use super::systems::{CANONICAL_BASE, ISSUE_CODE_SYSTEM, ISSUE_LOCATION_EXTENSION, ISSUE_REMEDY_EXTENSION};
use crate::domain::issue::{Issue, Location};

/// The issues as an OperationOutcome. Without an issue it says so, since R4 demands at least one (issue 1..*).
pub fn operation_outcome(issues: &[Issue]) -> Value {
    let issues: Vec<Value> = if issues.is_empty() {
        vec![json!({"severity": "information", "code": "informational", "details": {"text": "no issues"}})]
    } else {
        issues.iter().map(issue_element).collect()
    };
    json!({"resourceType": "OperationOutcome", "issue": issues})
}

fn issue_element(issue: &Issue) -> Value {
    let code = issue.code;
    let mut extensions = Vec::new();
    let parts = location_parts(&issue.location);
    if !parts.is_empty() {
        extensions.push(json!({
            "extension": parts,
            "url": format!("{CANONICAL_BASE}/{ISSUE_LOCATION_EXTENSION}"),
        }));
    }
    extensions.push(json!({
        "extension": [
            {"url": "fixer", "valueString": code.fixer().as_str()},
            {"url": "send-again", "valueString": code.resend().as_str()},
        ],
        "url": format!("{CANONICAL_BASE}/{ISSUE_REMEDY_EXTENSION}"),
    }));
    let mut element = json!({
        "extension": extensions,
        "severity": code.severity().as_str(),
        "code": code.fhir_type(),
        "details": {
            "coding": [{"system": format!("{CANONICAL_BASE}/{ISSUE_CODE_SYSTEM}"), "code": code.as_str()}],
            "text": issue.text,
        },
        "diagnostics": issue.to_string(),
    });
    if let (Some(path), Some(element)) = (&issue.location.path, element.as_object_mut()) {
        element.insert("expression".to_owned(), json!([path.as_ref()]));
    }
    element
}

fn location_parts(location: &Location) -> Vec<Value> {
    let text = |url: &str, value: &Option<std::sync::Arc<str>>| {
        value.as_ref().map(|value| json!({"url": url, "valueString": value.as_ref()}))
    };
    [
        text("file", &location.file),
        location.line.map(|line| json!({"url": "line", "valuePositiveInt": line})),
        text("section", &location.section),
        text("column", &location.column),
        text("profile", &location.profile),
        text("slice", &location.slice),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::issue::IssueCode;

    #[test]
    fn an_issue_names_code_place_and_remedy() {
        let location = Location::file(&Arc::from("a/b.tsv")).line(7).section(&Arc::from("TMB")).column("Total TMB");
        let outcome = operation_outcome(&[Issue::new(IssueCode::NumberInvalid, location, "not a number")]);
        let issue = &outcome["issue"][0];
        assert_eq!(issue["severity"], "error");
        assert_eq!(issue["code"], "value");
        assert_eq!(issue["details"]["coding"][0]["code"], "tso500.number-invalid");
        assert_eq!(
            issue["diagnostics"],
            "tso500.number-invalid: not a number (a/b.tsv, line 7, section [TMB], column Total TMB)"
        );
        assert_eq!(issue["extension"][0]["extension"][1], json!({"url": "line", "valuePositiveInt": 7}));
        assert_eq!(issue["extension"][1]["extension"][0]["valueString"], "laboratory");
    }

    #[test]
    fn no_issue_is_said() {
        assert_eq!(operation_outcome(&[])["issue"][0]["details"]["text"], "no issues");
    }
}
