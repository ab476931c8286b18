//! What looking leaves.

use std::collections::BTreeSet;

use super::scene::{FORDE, Row, gateway, rows, task};
use crate::service::setting::{Gateway, OPERATOR, OTHER, TRUST};

/// Action, outcome and patient of the rows that callers left.
fn left(gateway: &Gateway) -> Vec<(String, String, Option<String>, Option<String>)> {
    let journal = gateway.open_journal();
    let query = "SELECT action, outcome, patient, detail FROM audit WHERE role <> 'gateway' ORDER BY sequence";
    let mut statement = journal.prepare(query).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn each_patient_that_is_shown_leaves_a_row() {
    let mut all = rows();
    all.push(Row::new(FORDE, task("third", "tp", "ready")).of("tp"));
    let gateway = gateway("fhir-audit", &all);
    for (path, secret, expected) in [
        ("/fhir/Task/ft", TRUST, &[("read", "success", "fp")][..]),
        ("/fhir/Task/ft/_history/1", TRUST, &[("read", "success", "fp")]),
        ("/fhir/Task/ft/_history", TRUST, &[("read", "success", "fp")]),
        ("/fhir/Task/gone", TRUST, &[("read", "success", "fp")]),
        ("/fhir/Task", TRUST, &[("search", "success", "fp"), ("search", "success", "tp")]),
        (
            "/fhir/Task",
            OPERATOR,
            &[("search", "success", "fp"), ("search", "success", "op"), ("search", "success", "tp")],
        ),
        ("/fhir/Task/_history", TRUST, &[("search", "success", "fp"), ("search", "success", "tp")]),
        ("/fhir/Task?_count=1&_sort=_id", TRUST, &[("search", "success", "fp")]),
        ("/fhir/Task?_id=none", TRUST, &[("search", "success", "")]),
        ("/fhir/Task?_summary=count", TRUST, &[("search", "success", "")]),
        ("/fhir/ResearchStudy", TRUST, &[("search", "success", "")]),
        // The study is of nobody; who is shown with it is somebody.
        ("/fhir/ResearchStudy?_revinclude=ResearchSubject:study", TRUST, &[("search", "success", "fp")]),
        ("/fhir/Task/none", TRUST, &[("deny", "refused", "")]),
        // Its owner sees who tried.
        ("/fhir/Task/ft", OTHER, &[("deny", "refused", "fp")]),
        ("/fhir/Foo", TRUST, &[("deny", "refused", "")]),
        ("/fhir/metadata", "", &[]),
    ] {
        let before = left(&gateway).len();
        gateway.get(path, secret);
        let rows = left(&gateway).split_off(before);
        let told: BTreeSet<(&str, &str, &str)> = rows
            .iter()
            .map(|(action, outcome, patient, _)| {
                (action.as_str(), outcome.as_str(), patient.as_deref().unwrap_or_default())
            })
            .collect();
        assert_eq!((told, rows.len()), (expected.iter().copied().collect(), expected.len()), "{path}");
    }
}

#[test]
fn what_was_asked_is_told_without_words_about_a_person() {
    let gateway = gateway("fhir-audit-detail", &rows());
    let detail = |path: &str, body: Option<&str>| {
        match body {
            Some(body) => gateway.request("POST", path, TRUST, "", body.as_bytes()),
            None => gateway.get(path, TRUST),
        };
        left(&gateway).pop().unwrap().3.unwrap_or_default()
    };
    assert_eq!(detail("/fhir/Task?status=ready,x&_count=5", None), "GET /fhir/{type}?status=ready%2Cx&_count=5&");
    assert_eq!(detail("/fhir/Task/ft", None), "GET /fhir/{type}/{id}");
    let posted = detail("/fhir/Patient/_search", Some("family=Nordmann&gender=female"));
    assert_eq!(posted, "POST /fhir/{type}/_search?family=...&gender=female&");
}

#[test]
fn nothing_is_shown_that_leaves_no_row() {
    let gateway = gateway("fhir-audit-broken", &rows());
    gateway.open_journal().execute_batch("ALTER TABLE audit RENAME TO audit_gone").unwrap();
    for path in ["/fhir/Task/ft", "/fhir/Task", "/fhir/Task/_history", "/fhir/Task/ft/_history"] {
        let answer = gateway.get(path, TRUST);
        assert!(answer.status >= 500, "{path}: {}", answer.status);
        assert!(!String::from_utf8_lossy(&answer.body).contains("\"Task\""), "{path}");
    }
}
