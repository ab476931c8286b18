//! Who sees what of the audit trail, what it is searched by, and that every event is valid FHIR.

use std::collections::BTreeMap;

use impress_gateway::domain::issue::Severity;
use impress_gateway::profiles::walk::Validator;
use serde_json::Value;

use super::referral::{Referral, national_number};
use super::setting::{Gateway, OPERATOR, OTHER, Response, TRUST, until};

fn events(response: &Response) -> Vec<Value> {
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    let bundle = response.json();
    assert_eq!((bundle["resourceType"].as_str(), bundle["type"].as_str()), (Some("Bundle"), Some("searchset")));
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries.into_iter().map(|entry| entry["resource"].clone()).collect()
}

fn next(response: &Response) -> Option<String> {
    let bundle = response.json();
    let link = bundle["link"].as_array().unwrap().iter().find(|link| link["relation"] == "next").cloned();
    link.map(|link| link["url"].as_str().unwrap().to_owned())
}

#[test]
fn a_trust_sees_the_events_of_its_own_patients() {
    let gateway = Gateway::start("audit-scope", &[]);
    let mine = gateway.send(&Referral::new(1).fhir());
    let other = gateway.request("POST", "/fhir", OTHER, "", &Referral::new(9).fhir());
    let other = other.header("x-message-id").to_owned();
    for secret in [OTHER, OPERATOR] {
        gateway.get(&format!("/messages/{mine}"), secret);
    }
    // The same patient, referred by another trust: that is not the first one's matter.
    let shared = Referral::new(8).of_patient(1).fhir();
    let shared = gateway.request("POST", "/fhir", OTHER, "", &shared).header("x-message-id").to_owned();
    let about = |events: &[Value], message: &str| {
        let reference = format!("MessageHeader/{message}");
        events.iter().filter(|event| event["entity"][0]["what"]["reference"] == reference.as_str()).count()
    };
    let own = events(&gateway.get("/fhir/AuditEvent", TRUST));
    // Its creation, the operator who looked and the other trust that tried.
    assert_eq!((about(&own, &mine), about(&own, &other), about(&own, &shared)), (3, 0, 0));
    let body = format!("patient.identifier={}", national_number(1));
    let found = events(&gateway.request("POST", "/fhir/AuditEvent/_search", TRUST, "", body.as_bytes()));
    assert_eq!((about(&found, &mine), about(&found, &shared)), (3, 0));
    let tried = own.iter().find(|event| event["outcome"] == "4").unwrap();
    assert_eq!(tried["agent"][0]["who"]["identifier"]["value"], "993467049");
    // The other trust's referral was not its own to make, so no event about that patient is its own to see.
    let others = events(&gateway.get("/fhir/AuditEvent", OTHER));
    assert_eq!((others.len(), about(&others, &other), about(&others, &shared)), (3, 1, 1), "what it did itself");
    assert_eq!(about(&others, &mine), 0, "its own refusal does not say of what");
    let all = events(&gateway.get("/fhir/AuditEvent", OPERATOR));
    assert_eq!((about(&all, &mine), about(&all, &other)), (3, 1));
    // Asking for the other's patient or message by name gives nothing, as for what does not exist.
    for query in [format!("entity=MessageHeader/{other}"), "entity=00000000-0000-8000-8000-000000000000".to_owned()] {
        assert_eq!(events(&gateway.get(&format!("/fhir/AuditEvent?{query}"), TRUST)).len(), 0, "{query}");
    }
    let searched =
        |query: &str| events(&gateway.get(&format!("/fhir/AuditEvent?entity={mine}&{query}"), OPERATOR)).len();
    for (query, count) in [
        ("action=C", 1),
        ("action=R", 1),
        ("outcome=0", 2),
        ("outcome=4", 1),
        ("agent=983974732", 1),
        ("agent=operator", 1),
        ("agent=urn:oid:2.16.578.1.12.4.1.4.101%7C993467049", 1),
        ("agent=nobody", 0),
        ("date=ge2020-01-01", 3),
        ("date=lt2020-01-01", 0),
        ("_total=none", 3),
    ] {
        assert_eq!(searched(query), count, "{query}");
    }
}

#[test]
fn a_search_has_pages_whose_cursor_is_of_its_caller_and_search() {
    let gateway = Gateway::start("audit-pages", &[]);
    for number in 1..6 {
        gateway.send(&Referral::new(number).fhir());
    }
    let (mut path, mut ids, mut cursor) = (Some("AuditEvent?action=C&_count=2".to_owned()), Vec::new(), String::new());
    while let Some(relative) = path.take() {
        let page = gateway.get(&format!("/fhir/{relative}"), TRUST);
        ids.extend(events(&page).iter().map(|event| event["id"].as_str().unwrap().to_owned()));
        path = next(&page);
        cursor = path.as_ref().map_or(cursor, |path| path.split_once("_cursor=").unwrap().1.to_owned());
    }
    assert_eq!(ids, ["1-5", "1-4", "1-3", "1-2", "1-1"]);
    let (place, seal) = cursor.split_once('.').unwrap();
    for (cursor, secret, query) in [
        (format!("1{place}.{seal}"), TRUST, "action=C"),
        (place.to_owned(), TRUST, "action=C"),
        (cursor.clone(), OTHER, "action=C"),
        (cursor.clone(), OPERATOR, "action=C"),
        (cursor.clone(), TRUST, "action=R"),
    ] {
        let refused = gateway.get(&format!("/fhir/AuditEvent?{query}&_cursor={cursor}"), secret);
        assert_eq!((refused.status, refused.code().as_str()), (400, "request.invalid"), "{cursor} {query}");
    }
    let again = gateway.get(&format!("/fhir/AuditEvent?action=C&_count=2&_cursor={cursor}"), TRUST);
    assert_eq!(events(&again).len(), 1);
}

#[test]
fn a_national_number_is_searched_for_in_a_body_only_and_kept_nowhere() {
    let mut gateway = Gateway::start("audit-number", &[]);
    gateway.send(&Referral::new(1).fhir());
    let number = national_number(1);
    for query in [format!("patient={number}"), format!("patient.identifier=x%7C{number}"), format!("agent={number}")] {
        let refused = gateway.get(&format!("/fhir/AuditEvent?{query}"), TRUST);
        assert_eq!((refused.status, refused.code().as_str()), (400, "request.personal-in-url"), "{query}");
        assert!(!String::from_utf8_lossy(&refused.body).contains(&number));
        let refused = gateway.request("POST", &format!("/fhir/AuditEvent/_search?{query}"), TRUST, "", b"");
        assert_eq!((refused.status, refused.code().as_str()), (400, "request.personal-in-url"), "{query}");
    }
    let search = |secret: &str, number: &str| {
        let body = format!("patient.identifier={number}&_count=1");
        gateway.request("POST", "/fhir/AuditEvent/_search", secret, "", body.as_bytes())
    };
    let found = search(TRUST, &number);
    assert_eq!(events(&found).len(), 1);
    assert!(!String::from_utf8_lossy(&found.body).contains(&number));
    // Another's patient is as one of whom nothing is known.
    assert_eq!(events(&search(OTHER, &number)).len(), 0);
    assert_eq!(events(&search(TRUST, &national_number(7))).len(), 0);
    // The search is an event of the patient itself, and nothing of the number is in it.
    let again = search(TRUST, &number);
    assert_eq!(events(&again)[0]["action"], "E");
    let following = next(&again).unwrap();
    assert!(!following.contains(&number));
    assert_eq!(events(&gateway.get(&format!("/fhir/{following}"), TRUST)).len(), 1);
    assert_eq!(gateway.terminate(), Some(0));
    assert!(!gateway.log().contains(&number));
    let query = "SELECT COUNT(*) FROM audit WHERE instr(COALESCE(detail, '') || COALESCE(patient, '') || client, ?1)";
    let kept: i64 = gateway.open_journal().query_row(query, [&number], |row| row.get(0)).unwrap();
    assert_eq!(kept, 0);
}

#[test]
fn every_kind_of_event_is_valid_fhir() {
    let gateway = Gateway::start("audit-valid", &[]);
    let id = gateway.send(&Referral::new(1).fhir());
    gateway.referral(&Referral::new(1).fhir());
    gateway.referral(b"x");
    gateway.get(&format!("/messages/{id}"), TRUST);
    gateway.get(&format!("/messages/{id}"), OTHER);
    gateway.get("/messages", "");
    gateway.get("/messages", TRUST);
    gateway.printed(&["consent", "record", &gateway.case(&id)]);
    until("the stranger is written", || {
        let all = events(&gateway.get("/fhir/AuditEvent?_count=500", OPERATOR));
        all.iter().any(|event| event["type"]["code"] == "110114").then_some(())
    });
    let all = events(&gateway.get("/fhir/AuditEvent?_count=500", OPERATOR));
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let validator = Validator::embedded().unwrap();
    for event in &all {
        // The profiles of BALP are no package of ours: their rules are asserted where the event is made.
        let mut base = event.clone();
        base.as_object_mut().unwrap().remove("meta");
        let wrong: Vec<String> = validator
            .validate(&base, &[])
            .iter()
            .filter(|issue| issue.code.severity() >= Severity::Error)
            .map(ToString::to_string)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}: {event}");
        let kind = format!("{} {}", event["subtype"][0]["code"].as_str().unwrap(), event["outcome"].as_str().unwrap());
        *kinds.entry(kind).or_default() += 1;
    }
    let kinds: Vec<&str> = kinds.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["110122 4", "create 0", "create 4", "read 0", "read 4", "search 0", "update 0"]);
    // And it is one that is checked at all.
    let mut broken = all[0].clone();
    broken["action"] = Value::from("X");
    broken.as_object_mut().unwrap().remove("recorded");
    let found = validator.validate(&broken, &[]);
    assert!(found.iter().filter(|issue| issue.code.severity() >= Severity::Error).count() >= 2, "{found:?}");
}
