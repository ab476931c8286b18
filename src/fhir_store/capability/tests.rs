use std::collections::BTreeSet;

use super::*;

const ROUTES: &[(&str, &str)] = &[
    ("GET", "/healthz"),
    ("POST", "/intake/referrals"),
    ("POST", "/fhir"),
    ("POST", "/fhir/"),
    ("POST", "/fhir/$process-message"),
    ("POST", "/fhir/Specimen"),
    ("GET", "/fhir/AuditEvent"),
    ("POST", "/fhir/AuditEvent/_search"),
    ("GET", "/fhir/metadata"),
    ("PUT", "/fhir/ResearchStudy/{id}"),
    ("POST", "/fhir/Subscription"),
    ("GET", "/fhir/Subscription/{id}"),
    ("DELETE", "/fhir/Subscription/{id}"),
    ("GET", "/fhir/Subscription/{id}/$events"),
    ("GET", "/fhir/{type}"),
    ("POST", "/fhir/{type}/_search"),
    ("GET", "/fhir/{type}/_history"),
    ("GET", "/fhir/{type}/{id}"),
    ("GET", "/fhir/{type}/{id}/_history"),
    ("GET", "/fhir/{type}/{id}/_history/{version}"),
    ("GET", "/messages"),
];

fn of(routes: &[(&str, &str)]) -> Value {
    statement(&About {
        routes,
        base: "https://gateway.example/fhir",
        version: "1.0.0",
        canonical_base: "https://canonical.example",
        profiles: &[("Task", "https://canonical.example/StructureDefinition/ImpressReferralTask")],
        others: &[("AuditEvent", "agent", "reference")],
    })
}

fn resource<'s>(statement: &'s Value, kind: &str) -> &'s Value {
    let resources = statement["rest"][0]["resource"].as_array().unwrap();
    resources.iter().find(|resource| resource["type"] == kind).unwrap_or(&Value::Null)
}

fn codes(resource: &Value) -> BTreeSet<&str> {
    let interactions = resource["interaction"].as_array().into_iter().flatten();
    interactions.map(|interaction| interaction["code"].as_str().unwrap()).collect()
}

#[test]
fn what_the_routes_serve_is_said() {
    let statement = of(ROUTES);
    let read = ["history-instance", "history-type", "read", "search-type", "vread"];
    assert_eq!(codes(resource(&statement, "Task")), BTreeSet::from(read));
    let mut study = BTreeSet::from(read);
    study.insert("update");
    assert_eq!(codes(resource(&statement, "ResearchStudy")), study);
    assert_eq!(codes(resource(&statement, "AuditEvent")), BTreeSet::from(["search-type"]));
    let subscription = resource(&statement, "Subscription");
    assert_eq!(codes(subscription), BTreeSet::from(["create", "delete", "read"]));
    assert_eq!(subscription["operation"][0]["name"], "events");
    assert_eq!(subscription["extension"].as_array().unwrap().len(), 4);
    assert_eq!(statement["instantiates"][0], BACKPORT_SERVER);
    let rest = &statement["rest"][0];
    assert_eq!(rest["interaction"], json!([{"code": "transaction"}]));
    assert_eq!(rest["operation"][0]["name"], "process-message");
    let kinds: Vec<&str> =
        rest["resource"].as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
    assert!(kinds.is_sorted() && search::types().iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
}

#[test]
fn what_the_routes_do_not_serve_is_not_said() {
    let statement = of(&[("GET", "/fhir/{type}/{id}"), ("GET", "/healthz")]);
    assert_eq!(codes(resource(&statement, "Task")), BTreeSet::from(["read"]));
    assert_eq!(resource(&statement, "Task")["searchParam"], Value::Null);
    assert_eq!(resource(&statement, "Subscription"), &Value::Null);
    assert_eq!(statement.get("instantiates"), None);
    assert_eq!(statement["rest"][0].get("operation"), None);
}

#[test]
fn a_type_is_searched_by_the_parameters_of_the_table() {
    let statement = of(ROUTES);
    let subject = resource(&statement, "ResearchSubject");
    let names: Vec<&str> =
        subject["searchParam"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    for name in ["_id", "_lastUpdated", "identifier", "patient", "status", "study"] {
        assert!(names.contains(&name), "{name}");
    }
    let has = |kind: &str, member: &str, text: &str| {
        resource(&statement, kind)[member].as_array().unwrap().iter().any(|one| one == text)
    };
    assert!(has("ResearchSubject", "searchInclude", "ResearchSubject:study"));
    assert!(has("ResearchStudy", "searchRevInclude", "ResearchSubject:study"));
    assert!(has("Task", "searchRevInclude", "Provenance:target"));
    assert!(has("Task", "supportedProfile", "https://canonical.example/StructureDefinition/ImpressReferralTask"));
    let of_events = resource(&statement, "AuditEvent")["searchParam"].as_array().unwrap();
    let names: Vec<&str> = of_events.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["_id", "_lastUpdated", "agent"]);
}

/// Invariants cpb-9 and cpb-12: a type stands once, and so does a parameter of a type.
#[test]
fn nothing_stands_twice() {
    let statement = of(ROUTES);
    for resource in statement["rest"][0]["resource"].as_array().unwrap() {
        for (list, name) in [("searchParam", "name"), ("interaction", "code"), ("operation", "name")] {
            let names: Vec<&Value> = resource[list].as_array().into_iter().flatten().map(|one| &one[name]).collect();
            let mut once = names.clone();
            once.dedup();
            once.sort_by_key(|name| name.to_string());
            once.dedup();
            assert_eq!(once.len(), names.len(), "{} {list}", resource["type"]);
        }
    }
}
