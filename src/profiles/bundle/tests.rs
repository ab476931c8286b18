use serde_json::{Value, json};

use super::*;

fn read(value: &Value) -> crate::fhir::value::Value<'_> {
    value.into()
}

/// Codes and paths of a Bundle's issues.
fn found(bundle: &Value, closure: Closure) -> Vec<(IssueCode, String)> {
    check(&read(bundle), closure)
        .into_iter()
        .map(|issue| (issue.code, issue.location.path.map(|path| path.to_string()).unwrap_or_default()))
        .collect()
}

const UUID: &str = "urn:uuid:0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d";

fn put(kind: &str, id: &str) -> Value {
    json!({
        "fullUrl": format!("https://server.example/fhir/{kind}/{id}"),
        "resource": {"resourceType": kind, "id": id},
        "request": {"method": "PUT", "url": format!("{kind}/{id}")},
    })
}

fn transaction(entries: &[Value]) -> Value {
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

#[test]
fn a_closed_transaction_has_no_issue() {
    let mut report = put("DiagnosticReport", "r");
    report["fullUrl"] = json!(UUID);
    report["resource"]["subject"] = json!({"reference": "Patient/p"});
    report["resource"]["result"] = json!([{"reference": "Observation/o"}, {"reference": "#c"}, {"display": "x"}]);
    let mut observation = put("Observation", "o");
    observation["resource"]["partOf"] = json!([{"reference": UUID}]);
    let bundle = transaction(&[put("Patient", "p"), observation, report]);
    assert_eq!(found(&bundle, Closure::Closed), []);
    for bundle in [json!({}), json!({"entry": {}}), json!({"entry": [null, 1, {}]}), Value::Null] {
        assert_eq!(found(&bundle, Closure::Closed), [], "{bundle}");
    }
}

#[test]
fn a_request_fits_its_resource() {
    for (entry, path) in [
        (json!({"resource": {"resourceType": "Patient", "id": "p"}}), Some("request")),
        (
            json!({"resource": {"resourceType": "Patient", "id": "p"}, "request": {"method": "PUT", "url": "Patient/q"}}),
            Some("request.url"),
        ),
        (
            json!({"resource": {"resourceType": "Patient", "id": "p"}, "request": {"method": "PUT", "url": "Device/p"}}),
            Some("request.url"),
        ),
        (
            json!({"resource": {"resourceType": "Patient"}, "request": {"method": "PUT", "url": "Patient/p"}}),
            Some("request.url"),
        ),
        (
            json!({"resource": {"resourceType": "Patient"}, "request": {"method": "PUT", "url": "Patient?identifier=a|b"}}),
            None,
        ),
        (
            json!({"resource": {"resourceType": "Patient"}, "request": {"method": "PUT", "url": "Device?identifier=a|b"}}),
            Some("request.url"),
        ),
        (json!({"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}}), None),
        (
            json!({"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient/p"}}),
            Some("request.url"),
        ),
        (
            json!({"resource": {"resourceType": "Parameters"}, "request": {"method": "POST", "url": "Patient/$match"}}),
            None,
        ),
        (json!({"request": {"method": "PUT", "url": "Patient/p"}}), Some("resource")),
        (json!({"request": {"method": "POST", "url": "Patient"}}), Some("resource")),
        (json!({"request": {"method": "DELETE", "url": "Patient/p"}}), None),
        (json!({"request": {"method": "DELETE", "url": "Patient?identifier=a"}}), None),
        (json!({"request": {"method": "DELETE", "url": "Patient"}}), Some("request.url")),
        (
            json!({"resource": {"resourceType": "Patient"}, "request": {"method": "DELETE", "url": "Patient/p"}}),
            Some("resource"),
        ),
        (json!({"request": {"method": "GET", "url": "Patient?name=x"}}), None),
    ] {
        let mut entry = entry;
        entry["fullUrl"] = json!(UUID);
        let bundle = transaction(&[put("Organization", "o"), entry]);
        let expected: Vec<_> =
            path.iter().map(|path| (IssueCode::BundleRule, format!("Bundle.entry[1].{path}"))).collect();
        assert_eq!(found(&bundle, Closure::Open), expected, "{bundle}");
    }
}

/// R4, Bundle.entry.fullUrl: "SHALL have a value except when" creating, in operations, searches and histories.
#[test]
fn a_full_url_is_there_unless_a_resource_has_none_yet() {
    let entry = |method: &str, url: &str| {
        json!({
            "resource": {"resourceType": "Patient", "id": "p"},
            "request": {"method": method, "url": url},
        })
    };
    for (kind, method, url, is_needed) in [
        ("transaction", "PUT", "Patient/p", true),
        ("batch", "PUT", "Patient/p", true),
        ("transaction", "POST", "Patient", false),
        ("collection", "", "", true),
        ("document", "", "", true),
        ("message", "", "", true),
        ("searchset", "", "", false),
        ("history", "PUT", "Patient/p", false),
    ] {
        let bundle = json!({"type": kind, "entry": [entry(method, url)]});
        let expected: &[_] =
            if is_needed { &[(IssueCode::BundleRule, "Bundle.entry[0].fullUrl".to_owned())] } else { &[] };
        assert_eq!(found(&bundle, Closure::Open), expected, "{bundle}");
    }
}

#[test]
fn a_full_url_is_absolute_and_of_its_resource() {
    for (url, is_valid) in [
        (UUID, true),
        ("urn:oid:2.16.578.1.12.4.1.4.1", true),
        ("https://server.example/fhir/Patient/p", true),
        ("https://server.example/other", true),
        ("urn:uuid:0B1C2D3E-4F50-4A6B-8C7D-9E0F1A2B3C4D", false),
        ("urn:uuid:0b1c2d3e4f504a6b8c7d9e0f1a2b3c4d", false),
        ("urn:uuid:p", false),
        ("urn:oid:2.016", false),
        ("urn:isbn:1", false),
        ("Patient/p", false),
        ("p", false),
        ("", false),
        ("https://server.example/fhir/Patient/q", false),
        ("https://server.example/fhir/Device/p", false),
    ] {
        let bundle = json!({"type": "collection", "entry": [
            {"fullUrl": url, "resource": {"resourceType": "Patient", "id": "p"}},
        ]});
        let expected: &[_] =
            if is_valid { &[] } else { &[(IssueCode::BundleRule, "Bundle.entry[0].fullUrl".to_owned())] };
        assert_eq!(found(&bundle, Closure::Open), expected, "{url}");
    }
}

#[test]
fn no_entry_occurs_twice() {
    let entry = |url: &str, id: &str, version: &str| json!({"fullUrl": url, "resource": {"resourceType": "Patient", "id": id, "meta": {"versionId": version}}});
    let (a, b) = ("https://a.example/Patient/p", "https://b.example/Patient/p");
    for (kind, entries, path) in [
        ("collection", vec![entry(a, "p", "1"), entry(a, "p", "2")], None),
        ("collection", vec![entry(a, "p", "1"), entry(b, "p", "1")], None),
        ("collection", vec![entry(a, "p", "1"), entry(a, "p", "1")], Some("Bundle.entry[1].fullUrl")),
        ("history", vec![entry(a, "p", "1"), entry(a, "p", "1")], None),
        (
            "collection",
            vec![entry(UUID, "p", "1"), entry("urn:oid:1.2", "p", "1")],
            Some("Bundle.entry[1].resource.id"),
        ),
        (
            "transaction",
            vec![put("Patient", "p"), put("Device", "p"), put("Patient", "p")],
            Some("Bundle.entry[2].fullUrl"),
        ),
    ] {
        let bundle = json!({"type": kind, "entry": entries});
        let expected: Vec<_> = path.iter().map(|path| (IssueCode::BundleRule, (*path).to_owned())).collect();
        assert_eq!(found(&bundle, Closure::Open), expected, "{bundle}");
    }
}

#[test]
fn references_lead_to_entries() {
    let base = "https://server.example/fhir";
    for (reference, closed, open) in [
        ("Patient/p", true, true),
        ("Patient/p/_history/2", true, true),
        ("Patient/q", false, true),
        ("Device/p", false, true),
        ("https://server.example/fhir/Patient/p", true, true),
        ("https://other.example/fhir/Patient/p", false, true),
        ("urn:uuid:0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4e", false, false),
        ("Patient?identifier=a|b", true, true),
        ("#c", true, true),
    ] {
        let bundle = json!({"type": "collection", "entry": [
            {"fullUrl": format!("{base}/Patient/p"), "resource": {"resourceType": "Patient", "id": "p"}},
            {"fullUrl": format!("{base}/Task/t"), "resource": {
                "resourceType": "Task", "id": "t", "input": [{}, {"valueReference": {"reference": reference}}],
            }},
        ]});
        let path = "Bundle.entry[1].resource.input[1].valueReference.reference".to_owned();
        let issue = [(IssueCode::ReferenceUnresolved, path)];
        for (closure, resolves) in [(Closure::Closed, closed), (Closure::Open, open)] {
            let expected: &[_] = if resolves { &[] } else { &issue };
            assert_eq!(found(&bundle, closure), expected, "{reference} {closure:?}");
        }
    }
}

#[test]
fn a_reference_has_one_of_the_forms() {
    for (text, expected) in [
        ("#", Some(Reference::Fragment(""))),
        ("#a", Some(Reference::Fragment("a"))),
        ("Patient/1", Some(Reference::Relative { kind: "Patient", id: "1" })),
        ("Patient/1/_history/2", Some(Reference::Relative { kind: "Patient", id: "1" })),
        (
            "http://a.example/b/Patient/1",
            Some(Reference::Absolute { base: "http://a.example/b", kind: "Patient", id: "1" }),
        ),
        ("http://a.example/x", Some(Reference::Url("http://a.example/x"))),
        ("Patient?a=b", Some(Reference::Conditional { kind: "Patient" })),
        ("", None),
        ("Patient", None),
        ("patient/1", None),
        ("Patient/", None),
        ("Patient/a b", None),
        ("Patient/a_b", None),
        ("/Patient/1", None),
        ("../Patient/1", None),
        ("urn:uuid:1", None),
        ("# a", None),
        ("://a/b", None),
    ] {
        assert_eq!(Reference::parse(text), expected, "{text}");
    }
    assert_eq!(Reference::parse("Patient/1").and_then(|reference| reference.kind()), Some("Patient"));
}

#[test]
fn issues_are_limited() {
    let entries: Vec<Value> = (0..1000).map(|_| put("Patient", "p")).collect();
    assert_eq!(check(&read(&transaction(&entries)), Closure::Closed).len(), MAX_ISSUES);
}

proptest::proptest! {
    #[test]
    fn any_text_is_a_reference_or_not(text in "(#|urn:uuid:|urn:oid:|http://|Patient|/|_history|\\?|[a-z0-9.-]){0,8}|\\PC{0,20}") {
        let entry = json!({"fullUrl": text, "resource": {"resourceType": text, "id": text, "a": {"reference": text}}});
        let _ = check(&read(&transaction(&[entry.clone(), entry])), Closure::Closed);
    }
}
