//! What is shown with the results, and what is not.

use serde_json::json;

use super::scene::{FORDE, OUS, Row, TRIAL, entries, gateway, gateway_with, get, rows, subject, task};
use crate::service::setting::{Gateway, OPERATOR, OTHER, TRUST};

fn with(gateway: &Gateway, query: &str, secret: &str) -> Vec<String> {
    entries(&get(gateway, &format!("/fhir/{query}"), secret).json())
}

#[test]
fn what_is_referred_to_and_what_refers_is_shown_once() {
    let mut rows = rows();
    rows.push(Row::new(FORDE, subject("fs2", "fp", "study", "off-study")).of("fp").at("2026-02-01T10:00:00Z"));
    rows.push(Row::new(
        FORDE,
        json!({"resourceType": "Provenance", "id": "prov", "recorded": "2026-03-01T10:00:00Z",
        "target": [{"reference": "Task/ft"}], "agent": [{"who": {"display": "x"}}]}),
    ));
    let gateway = gateway("fhir-include", &rows);
    let subjects = ["match fs", "match fs2"];
    for (query, expected) in [
        ("ResearchSubject?_include=ResearchSubject:study", [&subjects[..], &["include study"]].concat()),
        ("ResearchSubject?_include=ResearchSubject:study:ResearchStudy", [&subjects[..], &["include study"]].concat()),
        (
            "ResearchSubject?_include=ResearchSubject:study&_include=ResearchSubject:patient",
            [&subjects[..], &["include fp", "include study"]].concat(),
        ),
        ("ResearchSubject?status=x&_include=ResearchSubject:study", vec![]),
        ("Task?_revinclude=Provenance:target", vec!["match ft", "include prov"]),
        ("ResearchStudy?_revinclude=ResearchSubject:study", vec!["match study", "include fs", "include fs2"]),
        ("Task?_include=Task:patient:Patient", vec!["match ft", "include fp"]),
    ] {
        assert_eq!(with(&gateway, query, TRUST), expected, "{query}");
    }
}

/// Microsoft's ADR-2607: every candidate of an include is looked at with the caller's rights.
#[test]
fn an_include_shows_nothing_of_another() {
    let mut rows = rows();
    // Førde's own Task names a patient of OUS; the trial's names one of a trust.
    rows.push(Row::new(FORDE, task("leak", "op", "ready")).of("fp"));
    rows.push(Row::new("trial", task("trial-leak", "op", "ready")));
    let gateway = gateway("fhir-include-leak", &rows);
    assert_eq!(with(&gateway, "Task?_id=leak&_include=Task:patient", TRUST), ["match leak"]);
    assert_eq!(with(&gateway, "Task?_id=leak&_include=Task:patient", OPERATOR), ["match leak", "include op"]);
    assert_eq!(with(&gateway, "Task?_include=Task:patient", TRIAL), ["match trial-leak"]);
    assert_eq!(with(&gateway, "ResearchStudy?_revinclude=ResearchSubject:study", TRUST), ["match study", "include fs"]);
    assert_eq!(with(&gateway, "ResearchStudy?_revinclude=ResearchSubject:study", OTHER), ["match study", "include os"]);
    assert_eq!(
        with(&gateway, "ResearchStudy?_revinclude=ResearchSubject:study", TRIAL),
        ["match trial-study", "include trial-subject"]
    );
}

/// Whoever asks for more than an answer can hold is told so: an answer without some of it would look whole.
#[test]
fn too_many_includes_are_refused() {
    let provenance = |number: usize| {
        Row::new(
            FORDE,
            json!({"resourceType": "Provenance", "id": format!("p{number}"), "recorded": "2026-03-01T10:00:00Z",
            "target": [{"reference": "Task/ft"}], "agent": [{"who": {"display": "x"}}]}),
        )
    };
    let most = impress_gateway::fhir_store::run::INCLUDED;
    let mut rows: Vec<Row> = (0..most).map(provenance).collect();
    rows.push(Row::new(FORDE, task("ft", "fp", "ready")));
    rows.push(Row::new(FORDE, task("other", "fp", "ready")));
    let mut one_more = provenance(most);
    one_more.resource["target"] = json!([{"reference": "Task/other"}]);
    rows.push(one_more);
    let gateway = gateway("fhir-include-many", &rows);
    assert_eq!(with(&gateway, "Task?_id=ft&_revinclude=Provenance:target", TRUST).len(), most + 1);
    let refused = gateway.get("/fhir/Task?_revinclude=Provenance:target", TRUST);
    assert_eq!((refused.status, refused.code().as_str()), (422, "request.too-costly"));
}

#[test]
fn a_grant_shows_a_case_and_no_more() {
    let mut rows = rows();
    rows.push(Row::new(OUS, task("other-case", "op", "ready")).of("op").case("referral/o2"));
    // `forde` is the id of the trust in the table of trusts.
    let gateway = gateway_with("fhir-grant", &rows, &[("referral/o", "forde")], "");
    assert_eq!(with(&gateway, "Task?_sort=_id", TRUST), ["match ft", "match ot"]);
    assert_eq!(with(&gateway, "Task?_id=ot&_include=Task:patient", TRUST), ["match ot", "include op"]);
    assert_eq!(gateway.get("/fhir/Task/other-case", TRUST).status, 404);
    assert_eq!(with(&gateway, "Task?_sort=_id", OTHER), ["match ot", "match other-case"]);
}
