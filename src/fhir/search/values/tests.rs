use std::collections::BTreeSet;

use serde_json::json;

use super::*;

fn sealed(_: &str, value: &str) -> String {
    format!("sealed {}", value.len())
}

/// `name system|value`, or `name [first, last]`.
fn texts(resource: &Value) -> BTreeSet<String> {
    let text = |token: Token| match token.period {
        None => format!("{} {}|{}", token.name, token.system, token.value),
        Some(period) => format!("{} {period:?}", token.name),
    };
    tokens(resource, &sealed).into_iter().map(text).collect()
}

fn set(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_task_is_found_by_what_it_is_for() {
    let task = json!({
        "resourceType": "Task", "id": "t", "status": "in-progress", "intent": "order",
        "businessStatus": {"coding": [{"system": "http://states", "code": "offered"}, {"code": "o"}], "text": "Tilbudt"},
        "identifier": [{"system": "http://numbers", "value": "7"}, {"value": "8"}],
        "basedOn": [{"reference": "ServiceRequest/s/_history/3"}], "for": {"reference": "Patient/p"},
        "owner": {"reference": "https://other.example/Organization/9"}, "requester": {"display": "somebody"},
        "authoredOn": "2026-03-02T10:30:05Z", "executionPeriod": {"start": "2026-03-02T10:30:05.001Z"},
        "note": [{"text": "not a parameter"}]
    });
    // 2026-03-02T10:30:05Z is 1772447405 seconds after 1970.
    assert_eq!(
        texts(&task),
        set(&[
            "authored-on (1772447405000, 1772447405999)",
            "based-on |ServiceRequest/s",
            "business-status http://states|offered",
            "business-status |o",
            "identifier http://numbers|7",
            "identifier |8",
            "intent |order",
            "patient |Patient/p",
            &format!("period (1772447405001, {})", i64::MAX),
            "status |in-progress",
            "subject |Patient/p",
        ])
    );
}

#[test]
fn a_reference_to_another_type_is_no_value() {
    let provenance =
        json!({"resourceType": "Provenance", "target": [{"reference": "Task/t"}, {"reference": "Patient/p"}]});
    assert_eq!(texts(&provenance), set(&["patient |Patient/p", "target |Patient/p", "target |Task/t"]));
}

#[test]
fn an_identifier_of_a_person_is_sealed() {
    let number = "05866300000";
    let patient = json!({
        "resourceType": "Patient", "active": true, "gender": "female", "birthDate": "1963-06-05",
        "identifier": [{"system": "urn:numbers", "value": number}],
        "name": [{"family": "Åsen", "given": ["Zoë", "I."]}]
    });
    let found = texts(&patient);
    assert!(
        found.contains("identifier urn:numbers|sealed 11") && !found.iter().any(|text| text.contains(number)),
        "{found:?}"
    );
    for text in ["active |true", "gender |female", "family |asen", "given |zoe", "given |i.", "name |asen", "name |zoe"]
    {
        assert!(found.contains(text), "{text}: {found:?}");
    }
    // The start of 5 and of 6 June 1963 in Norway (UTC+1: no summer time that year).
    assert!(found.contains("birthdate (-207536400000, -207450000001)"), "{found:?}");
}

#[test]
fn marks_and_case_of_letters_do_not_count() {
    for (text, folded) in [
        ("  Ångström ", "angstrom"),
        ("A\u{30a}ngstro\u{308}m", "angstrom"),
        ("ØRSTED Æ", "ørsted æ"),
        ("STRAẞE İ", "straße i"),
        ("", ""),
    ] {
        assert_eq!(fold(text), folded, "{text}");
    }
    assert_eq!(fold(&"é".repeat(1_000)).chars().count(), TEXT);
}

#[test]
fn what_has_another_shape_has_no_value() {
    for resource in [
        json!(null),
        json!([]),
        json!({"resourceType": "Bundle", "status": "x"}),
        json!({"resourceType": "Task", "status": {"a": 1}, "identifier": "\u{0}", "for": [[{"reference": 7}]], "authoredOn": "soon",
            "executionPeriod": {"start": 7, "end": {}}, "basedOn": {"reference": {}}, "code": {"coding": {"code": "c"}}}),
    ] {
        let found: Vec<String> = texts(&resource).into_iter().filter(|text| !text.starts_with("identifier")).collect();
        assert!(found.is_empty(), "{resource}: {found:?}");
    }
}

#[test]
fn every_parameter_has_a_name_of_its_own_and_an_element() {
    let kinds = "ResearchStudy ResearchSubject Task ServiceRequest DiagnosticReport Observation Patient Provenance Subscription";
    for kind in kinds.split(' ') {
        let names: BTreeSet<&str> = parameters(kind).iter().map(|parameter| parameter.name).collect();
        assert_eq!(names.len(), parameters(kind).len(), "{kind}");
        assert!(names.contains("status") || ["Patient", "Provenance"].contains(&kind), "{kind}");
        let is_whole = |parameter: &Parameter| {
            !parameter.paths.is_empty() && (parameter.kind == Kind::Reference || parameter.targets.is_empty())
        };
        assert!(parameters(kind).iter().all(is_whole), "{kind}");
    }
    assert!(parameters("Specimen").is_empty());
}
