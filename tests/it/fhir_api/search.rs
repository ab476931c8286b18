//! The parameters of a search.

use super::scene::{FORDE, Row, TRIAL, entries, found, gateway, gateway_with, get, link, rows, task};
use crate::service::referral::{Referral, national_number};
use crate::service::setting::{OPERATOR, OTHER, TRUST};

#[test]
fn what_is_found_meets_every_parameter() {
    let gateway = gateway("fhir-search", &rows());
    for (query, ids) in [
        ("Task", &["ft"][..]),
        ("Task?status=completed", &["ft"]),
        ("Task?status=ready", &[]),
        ("Task?status=ready,completed", &["ft"]),
        ("Task?status=ready&status=completed", &[]),
        ("Task?status:not=ready", &["ft"]),
        ("Task?status:not=completed", &[]),
        ("Task?identifier=urn:tasks%7CT%5C,ft", &["ft"]),
        ("Task?identifier=T%5C,ft", &["ft"]),
        ("Task?identifier=urn:other%7CT%5C,ft", &[]),
        ("Task?identifier=urn:tasks%7C", &["ft"]),
        ("Task?owner:missing=true", &["ft"]),
        ("Task?owner:missing=false", &[]),
        ("Task?patient=fp", &["ft"]),
        ("Task?patient=Patient/fp", &["ft"]),
        ("Task?subject:Patient=fp", &["ft"]),
        ("Task?patient=op", &[]),
        ("Task?authored-on=2026-03-01", &["ft"]),
        ("Task?authored-on=ge2026-03-02", &[]),
        ("Task?_id=ft,ot", &["ft"]),
        ("Task?_id=ft&_id=ot", &[]),
        ("Task?_id=gone", &[]),
        ("Task?_lastUpdated=2026-03-03", &["ft"]),
        ("Task?_lastUpdated=ne2026-03-03", &[]),
        ("Task?_lastUpdated=ne2026-03-02", &["ft"]),
        ("Task?_lastUpdated=ge2026-03-03&_lastUpdated=lt2026-03-04", &["ft"]),
        ("Task?_lastUpdated=sa2026-03-03", &[]),
        ("Task?_lastUpdated=eb2026-03-04", &["ft"]),
        ("Task?_lastUpdated=gt2026-03-03T10:00:00.000Z", &[]),
        ("Task?_lastUpdated=le2026-03-03T10:00:00.000Z", &["ft"]),
        ("ResearchSubject?study=study&patient=fp&status=candidate", &["fs"]),
        ("ResearchStudy?title=kohort", &["study"]),
        ("ResearchStudy?title=kohort%20a", &["study"]),
        ("ResearchStudy?title:contains=HORT", &["study"]),
        ("ResearchStudy?title:exact=Kohort", &[]),
        ("Organization", &[]),
    ] {
        assert_eq!(found(&gateway, query, TRUST), ids, "{query}");
    }
    assert_eq!(found(&gateway, "Task", OTHER), ["ot"]);
    assert_eq!(found(&gateway, "ResearchSubject", TRIAL), ["trial-subject"]);
    assert_eq!(found(&gateway, "ResearchStudy", TRIAL), ["trial-study"]);
    assert_eq!(found(&gateway, "Task?_sort=_id", OPERATOR), ["ft", "ot"]);
    for (sort, ids) in [("_lastUpdated", ["ft", "ot"]), ("-_lastUpdated", ["ot", "ft"]), ("-_id", ["ot", "ft"])] {
        assert_eq!(found(&gateway, &format!("Task?_sort={sort}"), OPERATOR), ids, "{sort}");
    }
}

#[test]
fn how_many_there_are_is_told_who_asks() {
    let gateway = gateway("fhir-count", &rows());
    for query in ["Task?_summary=count", "Task?_count=0"] {
        let bundle = get(&gateway, &format!("/fhir/{query}"), OPERATOR).json();
        assert_eq!((bundle["total"].as_i64(), entries(&bundle).len()), (Some(2), 0), "{query}");
        assert_eq!(get(&gateway, &format!("/fhir/{query}"), TRUST).json()["total"], 1, "{query}");
    }
    for total in ["accurate", "estimate"] {
        let bundle = get(&gateway, &format!("/fhir/Task?_total={total}&_count=1"), OPERATOR).json();
        assert_eq!((bundle["total"].as_i64(), entries(&bundle).len()), (Some(2), 1), "{total}");
    }
    assert_eq!(get(&gateway, "/fhir/Task?_total=none", OPERATOR).json().get("total"), None);
    assert_eq!(get(&gateway, "/fhir/Task?_id=x&_id=y&_summary=count", OPERATOR).json()["total"], 0);
    let never = "/fhir/Task?_lastUpdated=lt2026-03-03T00:00Z,ge2026-03-04T00:00Z&_summary=count";
    assert_eq!(get(&gateway, never, OPERATOR).json()["total"], 1);
}

/// R4 search, section 3.1.1.5.1: lenient ignores what is not known and says so; strict refuses it.
#[test]
fn what_is_not_known_is_told_or_refused() {
    let gateway = gateway("fhir-strict", &rows());
    for (query, kept) in [("foo=1", ""), ("status=completed&_elements=id", "?status=completed"), ("_sort=status", "")] {
        let path = format!("/fhir/Task?{query}");
        let bundle = get(&gateway, &path, TRUST).json();
        assert_eq!(entries(&bundle), ["match ft", "outcome "], "{query}");
        let outcome = &bundle["entry"][1]["resource"];
        assert_eq!(outcome["issue"][0]["severity"], "warning", "{query}");
        assert_eq!(outcome["issue"][0]["details"]["coding"][0]["code"], "request.parameter-ignored", "{query}");
        assert_eq!(link(&bundle, "self").unwrap(), format!("/fhir/Task{kept}"), "{query}");
        let refused = gateway.request("GET", &path, TRUST, "Prefer: handling=strict\r\n", b"");
        assert_eq!((refused.status, refused.code().as_str()), (400, "request.invalid"), "{query}");
        let lenient = gateway.request("GET", &path, TRUST, "Prefer: handling=lenient, return=minimal\r\n", b"");
        assert_eq!(lenient.status, 200, "{query}");
    }
    for query in
        ["status:text=x", "_include:iterate=Task:focus", "_lastUpdated=soon", "_count=x", "_include=*", "_cursor=x"]
    {
        let refused = gateway.get(&format!("/fhir/Task?{query}"), TRUST);
        assert_eq!((refused.status, refused.code().as_str()), (400, "request.invalid"), "{query}");
    }
    let strict =
        gateway.request("GET", "/fhir/Task?status=completed&_count=5", TRUST, "Prefer: handling=strict\r\n", b"");
    assert_eq!(strict.status, 200);
}

#[test]
fn a_search_may_be_posted() {
    let gateway = gateway("fhir-post", &rows());
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    let post = |path: &str, kind: &str, body: &str| gateway.request("POST", path, TRUST, kind, body.as_bytes());
    let by_get = get(&gateway, "/fhir/Task?status=completed", TRUST);
    for (path, body) in [
        ("/fhir/Task/_search", "status=completed"),
        ("/fhir/Task/_search?status=completed", ""),
        ("/fhir/Task/_search", "status=completed&"),
    ] {
        let answer = post(path, kind, body);
        assert_eq!(told_body(&answer.body), told_body(&by_get.body), "{path} {body}");
    }
    let json = post("/fhir/Task/_search", "Content-Type: application/json\r\n", "{}");
    assert_eq!((json.status, json.code().as_str()), (415, "request.unsupported"));
    let xml = post("/fhir/Task/_search", kind, "_format=xml");
    assert_eq!((xml.status, xml.code().as_str()), (406, "request.not-acceptable"));
    let many = post("/fhir/Task/_search", kind, &"a=b&".repeat(20_000));
    assert_eq!((many.status, many.code().as_str()), (413, "request.too-large"));
}

fn told_body(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

/// The number is in the body, and in no link; by it a trust finds its own patients only.
#[test]
fn a_patient_is_found_by_a_national_number_in_a_body_only() {
    let gateway = gateway("fhir-number", &[]);
    gateway.send(&Referral::new(1).fhir());
    let number = national_number(1);
    let system = "urn:oid:2.16.578.1.12.4.1.4.1";
    let post = |path: &str, body: &str, secret: &str| {
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        gateway.request("POST", path, secret, kind, body.as_bytes())
    };
    for (path, body) in [
        ("/fhir/Patient/_search", format!("identifier={number}")),
        ("/fhir/Patient/_search", format!("identifier={system}|{number}")),
        ("/fhir/ServiceRequest/_search", format!("patient.identifier={number}")),
        ("/fhir/ServiceRequest/_search", format!("subject.identifier={system}|{number}")),
    ] {
        let answer = post(path, &body, TRUST);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let bundle = answer.json();
        assert_eq!(entries(&bundle).len(), 1, "{path}");
        let own = link(&bundle, "self").unwrap();
        assert!(!own.contains(&number), "{path}");
        // The link leads to the same.
        assert_eq!(entries(&get(&gateway, &own, TRUST).json()), entries(&bundle), "{path}");
        assert_eq!(entries(&post(path, &body, OTHER).json()).len(), 0, "{path}");
        let query = body.replace('|', "%7C");
        let refused = gateway.get(&format!("{}?{query}", path.trim_end_matches("/_search")), TRUST);
        assert_eq!((refused.status, refused.code().as_str()), (400, "request.personal-in-url"), "{path}");
    }
    let family = post("/fhir/Patient/_search", "family=x", TRUST);
    assert_eq!(family.status, 200);
    let refused = gateway.get("/fhir/Patient?family=x", TRUST);
    assert_eq!((refused.status, refused.code().as_str()), (400, "request.invalid"));
    let code = post("/fhir/ServiceRequest/_search", &format!("code={number}"), TRUST);
    assert_eq!((code.status, code.code().as_str()), (400, "request.invalid"));
}

/// `[server] public_url` is the base of every link and address.
#[test]
fn links_begin_with_what_callers_name_the_gateway() {
    let gateway = gateway_with("fhir-base", &rows(), &[], "public_url = \"https://gateway.example/\"\n");
    let bundle = get(&gateway, "/fhir/Task?status=completed", TRUST).json();
    assert_eq!(bundle["link"][0]["url"], "https://gateway.example/fhir/Task?status=completed");
    assert_eq!(bundle["entry"][0]["fullUrl"], "https://gateway.example/fhir/Task/ft");
    assert_eq!(found(&gateway, "Task?patient=https://gateway.example/fhir/Patient/fp", TRUST), ["ft"]);
    assert_eq!(found(&gateway, "Task?patient=https://other.example/fhir/Patient/fp", TRUST), [""; 0]);
}

#[test]
fn an_owner_is_no_one_that_is_only_alike() {
    let rows = [Row::new(FORDE, task("ft", "fp", "ready")), Row::new("98397473", task("short", "fp", "ready"))];
    let gateway = gateway("fhir-owner", &rows);
    assert_eq!(found(&gateway, "Task", TRUST), ["ft"]);
}
