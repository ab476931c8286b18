//! The audit trail, event by event: read, its one version, by id and time, counted.

use std::io::Read;

use flate2::read::GzDecoder;
use impress_gateway::profiles::walk::Validator;
use serde_json::Value;

use super::metadata::errors;
use super::scene::{get, told};
use crate::service::referral::Referral;
use crate::service::setting::{Gateway, OPERATOR, OTHER, TRUST};

const FIRST: &str = "/fhir/AuditEvent/1-1";

/// A gateway with a referral of Førde: the first row of the trail.
fn start(name: &str) -> Gateway {
    let gateway = Gateway::start(name, &[]);
    gateway.send(&Referral::new(1).fhir());
    gateway
}

fn ids(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().into_iter().flatten();
    entries.map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect()
}

/// Action, outcome, organisation, patient and message of the newest row.
fn newest(gateway: &Gateway) -> (String, String, String, Option<String>, Option<String>) {
    let query = "SELECT action, outcome, organisation, patient, message FROM audit ORDER BY sequence DESC LIMIT 1";
    let cells = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
    gateway.open_journal().query_row(query, [], cells).unwrap()
}

#[test]
fn an_event_is_read_as_the_search_shows_it() {
    let gateway = start("event-read");
    let found = get(&gateway, "/fhir/AuditEvent?action=C", TRUST).json();
    assert_eq!(ids(&found), ["1-1"]);
    let read = get(&gateway, FIRST, TRUST);
    let event = read.json();
    assert_eq!(event, found["entry"][0]["resource"]);
    assert!(found["entry"][0]["fullUrl"].as_str().unwrap().ends_with("/fhir/AuditEvent/1-1"));
    assert_eq!((read.header("etag"), event["meta"]["versionId"].as_str()), ("W/\"1\"", Some("1")));
    assert_eq!(event["meta"]["lastUpdated"], event["recorded"]);
    assert!(read.header("last-modified").ends_with(" GMT"));
    assert_eq!(get(&gateway, &format!("{FIRST}/_history/1"), TRUST).json(), event);
    assert_eq!(get(&gateway, FIRST, OPERATOR).json(), event);
    for (tags, status) in [("W/\"1\"", 304), ("\"1\"", 304), ("*", 304), ("W/\"2\"", 200), ("1", 200)] {
        let answer = gateway.request("GET", FIRST, TRUST, &format!("If-None-Match: {tags}\r\n"), b"");
        assert_eq!((answer.status, answer.header("etag"), answer.body.is_empty()), (status, "W/\"1\"", status == 304));
    }
    let history = get(&gateway, &format!("{FIRST}/_history"), TRUST).json();
    assert_eq!((history["type"].as_str(), history["entry"].as_array().unwrap().len()), (Some("history"), 1));
    assert_eq!(
        (&history["entry"][0]["resource"], history["entry"][0]["response"]["etag"].as_str()),
        (&event, Some("W/\"1\""))
    );
    let later = get(&gateway, &format!("{FIRST}/_history?_since=2100-01-01"), TRUST).json();
    assert_eq!(ids(&later), [""; 0]);
    let mut whole = history;
    // The profiles of BALP are no package of ours: their rules are asserted where the event is made.
    whole["entry"][0]["resource"]["meta"].as_object_mut().unwrap().remove("profile");
    assert_eq!(errors(&Validator::embedded().unwrap(), &whole), [""; 0]);
}

#[test]
fn looking_at_an_event_is_one_of_its_patient() {
    let gateway = start("event-look");
    let patient = newest(&gateway).3;
    assert!(patient.is_some());
    for path in [FIRST.to_owned(), format!("{FIRST}/_history"), format!("{FIRST}/_history/1")] {
        get(&gateway, &path, TRUST);
        let (action, outcome, organisation, about, _) = newest(&gateway);
        assert_eq!(
            (action.as_str(), outcome.as_str(), organisation.as_str()),
            ("read", "success", "983974732"),
            "{path}"
        );
        assert_eq!(about, patient, "{path}");
    }
}

#[test]
fn anothers_event_is_as_one_that_does_not_exist_and_its_owner_sees_who_tried() {
    let gateway = start("event-foreign");
    let (_, _, _, patient, message) = newest(&gateway);
    for (path, absent) in [
        ("/fhir/AuditEvent/1-1", "/fhir/AuditEvent/1-9999"),
        ("/fhir/AuditEvent/1-1/_history", "/fhir/AuditEvent/1-9999/_history"),
        ("/fhir/AuditEvent/1-1/_history/1", "/fhir/AuditEvent/1-9999/_history/1"),
    ] {
        for headers in ["", "If-None-Match: W/\"1\"\r\n", "If-None-Match: *\r\n", "Accept-Encoding: gzip\r\n"] {
            let ask = |path: &str| told(&gateway.request("GET", path, OTHER, headers, b""));
            let forbidden = ask(path);
            let (action, _, organisation, about, of) = newest(&gateway);
            assert_eq!((action.as_str(), organisation.as_str()), ("deny", "993467049"), "{path}");
            assert_eq!((about, of), (patient.clone(), message.clone()), "{path}");
            assert_eq!((forbidden.0, forbidden), (404, ask(absent)), "{path} {headers}");
            assert_eq!((newest(&gateway).3, newest(&gateway).4), (None, None), "{absent}");
        }
    }
    for path in ["1-0", "0-1", "01-1", "1-01", "1-1-1", "1", "-", "1-", "x-y", "1-99999999999999999999", "1%2D%2B1"] {
        let absent = gateway.get(&format!("/fhir/AuditEvent/{path}"), TRUST);
        assert_eq!((absent.status, absent.code().as_str()), (404, "request.not-found"), "{path}");
    }
    for version in ["0", "2", "x", "-1"] {
        let absent = gateway.get(&format!("{FIRST}/_history/{version}"), TRUST);
        assert_eq!((absent.status, absent.code().as_str()), (404, "request.not-found"), "{version}");
    }
    // What the other trust sees of what it tried names nobody, is the same for what is there and what is not, and neither id nor
    // time finds what is not its own.
    let others = get(&gateway, "/fhir/AuditEvent?outcome=4&_count=500", OTHER).json();
    assert!(!others.to_string().contains(patient.as_deref().unwrap()));
    assert!(!others.to_string().contains(message.as_deref().unwrap()));
    assert_eq!(ids(&others).len(), 24);
    for about in [format!("patient={}", patient.as_deref().unwrap()), format!("entity={}", message.as_deref().unwrap())]
    {
        let found = get(&gateway, &format!("/fhir/AuditEvent?{about}&outcome=4"), OTHER).json();
        assert_eq!(ids(&found), [""; 0], "{about}");
    }
    // Read by its id it says no more.
    let newest_of_anothers = &ids(&others)[1];
    let read = get(&gateway, &format!("/fhir/AuditEvent/{newest_of_anothers}"), OTHER).json();
    assert_eq!(read, others["entry"][1]["resource"]);
    assert_ne!(get(&gateway, &format!("/fhir/AuditEvent/{newest_of_anothers}"), TRUST).json(), read);
    assert_eq!(ids(&get(&gateway, "/fhir/AuditEvent?_id=1-1", OTHER).json()), [""; 0]);
    let counted = get(&gateway, "/fhir/AuditEvent?_id=1-1&_summary=count", OTHER).json();
    assert_eq!(counted["total"], 0);
    let own = get(&gateway, "/fhir/AuditEvent?outcome=4&_count=500", TRUST).json();
    let tried = own["entry"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["resource"]["agent"][0]["who"]["identifier"]["value"] == "993467049");
    assert_eq!(tried.count(), 12);
}

#[test]
fn events_are_found_by_id_and_time_and_counted() {
    let gateway = start("event-search");
    for number in 2..=3 {
        gateway.send(&Referral::new(number).fhir());
    }
    let search = |query: &str| get(&gateway, &format!("/fhir/AuditEvent?action=C&{query}"), TRUST).json();
    let all = ["1-3", "1-2", "1-1"];
    for (query, expected) in [
        ("_id=1-1", &all[2..]),
        ("_id=1-3,1-1,1-9999,x", &["1-3", "1-1"]),
        ("_id=x", &[]),
        ("_id=1-9999", &[]),
        ("_lastUpdated=ge2020", &all),
        ("_lastUpdated=sa2020-05", &all),
        ("_lastUpdated=lt2020-01-01", &[]),
        ("_lastUpdated=eb2020", &[]),
        ("_lastUpdated=ge2020-01-01T00:00:00%2B01:00&_lastUpdated=lt2100", &all),
        ("_lastUpdated=ge2020&_lastUpdated=lt2021", &[]),
        ("_format=json&_pretty=true", &all),
        ("_summary=false", &all),
    ] {
        assert_eq!(ids(&search(query)), expected, "{query}");
    }
    // The very moment: a period of a millisecond.
    let at = search("_id=1-1")["entry"][0]["resource"]["recorded"].as_str().unwrap().to_owned();
    assert!(ids(&search(&format!("_lastUpdated={at}"))).contains(&"1-1".to_owned()), "{at}");
    for query in ["_summary=count", "_count=0", "_summary=count&_total=accurate"] {
        let bundle = search(query);
        assert_eq!((bundle["total"].as_i64(), &bundle["entry"]), (Some(3), &Value::Null), "{query}");
    }
    assert_eq!(search("")["total"], Value::Null);
    // Each page has the whole number.
    let pages = |sort: &str| {
        let mut path = Some(format!("AuditEvent?action=C&_count=2&_total=accurate{sort}"));
        let mut found = Vec::new();
        while let Some(page) = path {
            let bundle = get(&gateway, &format!("/fhir/{page}"), TRUST).json();
            assert_eq!(bundle["total"], 3);
            found.extend(ids(&bundle));
            let next = bundle["link"].as_array().unwrap().iter().find(|link| link["relation"] == "next");
            path = next.map(|link| link["url"].as_str().unwrap().to_owned());
        }
        found
    };
    for sort in ["", "&_sort=-_lastUpdated", "&_sort=-date"] {
        assert_eq!(pages(sort), all, "{sort}");
    }
    // The zone of a time stands in the link to the next page as it was sent.
    for time in ["&date=ge2020-01-01T00:00:00%2B01:00", "&_lastUpdated=ge2020-01-01T00:00:00%2B01:00"] {
        assert_eq!(pages(time), all, "{time}");
    }
    for sort in ["&_sort=_lastUpdated", "&_sort=date"] {
        assert_eq!(pages(sort).into_iter().rev().collect::<Vec<_>>(), all, "{sort}");
    }
    for query in
        ["_lastUpdated=soon", "_lastUpdated=ap2026", "_summary=text", "_total=x", "_sort=agent", "_id:not=1-1", "foo=1"]
    {
        let refused = gateway.get(&format!("/fhir/AuditEvent?{query}"), TRUST);
        assert_eq!((refused.status, refused.code().as_str()), (400, "request.invalid"), "{query}");
    }
    assert_eq!(gateway.get("/fhir/AuditEvent?_format=xml", TRUST).code(), "request.not-acceptable");
    assert_eq!(gateway.get(&format!("{FIRST}?_format=xml"), TRUST).code(), "request.not-acceptable");
    // What is no id is not kept.
    let nobody = search("_id=Nordmann");
    assert!(nobody["link"][0]["url"].as_str().unwrap().contains("_id=unknown&"), "{nobody}");
    let kept: i64 = gateway
        .open_journal()
        .query_row("SELECT COUNT(*) FROM audit WHERE instr(COALESCE(detail, ''), 'Nordmann')", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 0);
    let packed = gateway.request("GET", "/fhir/AuditEvent?action=C", TRUST, "Accept-Encoding: gzip\r\n", b"");
    assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"));
    let mut text = String::new();
    GzDecoder::new(packed.body.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(ids(&serde_json::from_str(&text).unwrap()), all);
}

#[test]
fn more_events_than_are_counted_have_no_total() {
    let gateway = start("event-counted");
    let total = || get(&gateway, "/fhir/AuditEvent?outcome=4&_total=accurate&_count=1", TRUST).json()["total"].clone();
    let refuse = |number: i64| {
        let sql = "WITH RECURSIVE rows(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM rows WHERE n < ?1) \
                   INSERT INTO audit (chain, number, previous, hash, at, action, outcome, organisation, role, client, \
                   trace, count) SELECT 9, (SELECT COUNT(*) FROM audit) + n, x'00', x'00', 0, 'deny', 'refused', \
                   '983974732', 'trust', 'forde', '', 1 FROM rows";
        gateway.open_journal().execute(sql, [number]).unwrap();
    };
    refuse(100_000);
    assert_eq!(total(), 100_000);
    refuse(1);
    assert_eq!(total(), Value::Null);
    for query in ["_summary=count", "_count=0"] {
        let refused = gateway.get(&format!("/fhir/AuditEvent?outcome=4&{query}"), TRUST);
        assert_eq!((refused.status, refused.code().as_str()), (400, "request.invalid"), "{query}");
    }
    assert_eq!(get(&gateway, "/fhir/AuditEvent?action=C&_summary=count", TRUST).json()["total"], 1);
}
