//! One resource, its versions, and in which form.

use std::io::Read;

use flate2::read::GzDecoder;
use impress_gateway::profiles::walk::Validator;

use super::metadata::errors;
use super::scene::{TRIAL, gateway, get, rows};
use crate::service::setting::{OPERATOR, TRUST};

#[test]
fn a_read_shows_the_newest_version() {
    let gateway = gateway("fhir-read", &rows());
    let answer = get(&gateway, "/fhir/Task/ft", TRUST);
    let task = answer.json();
    assert_eq!((task["status"].as_str(), task["meta"]["versionId"].as_str()), (Some("completed"), Some("2")));
    assert_eq!(task["meta"]["lastUpdated"], "2026-03-03T10:00:00Z");
    assert_eq!((answer.header("etag"), answer.header("last-modified")), ("W/\"2\"", "Tue, 03 Mar 2026 10:00:00 GMT"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let first = get(&gateway, "/fhir/Task/ft/_history/1", TRUST);
    assert_eq!((first.json()["status"].as_str(), first.header("etag")), (Some("ready"), "W/\"1\""));
    assert_eq!(get(&gateway, "/fhir/ResearchStudy/trial-study", TRIAL).json()["id"], "trial-study");
    assert_eq!(get(&gateway, "/fhir/Task/ot", OPERATOR).json()["id"], "ot");
    for path in [
        "/fhir/Task/ft/_history/3",
        "/fhir/Task/ft/_history/0",
        "/fhir/Task/ft/_history/-1",
        "/fhir/Foo/ft",
        "/fhir/task/ft",
    ] {
        let absent = gateway.get(path, TRUST);
        assert_eq!((absent.status, absent.code().as_str()), (404, "request.not-found"), "{path}");
    }
}

/// RFC 9110, section 13.1.2, and R4 http, section 3.1.0.5 (conditional read).
#[test]
fn who_has_the_version_is_told_so() {
    let gateway = gateway("fhir-conditional", &rows());
    for (tags, status) in
        [("W/\"2\"", 304), ("\"2\"", 304), ("*", 304), ("W/\"1\", W/\"2\"", 304), ("W/\"1\"", 200), ("2", 200)]
    {
        let header = format!("If-None-Match: {tags}\r\n");
        let answer = gateway.request("GET", "/fhir/Task/ft", TRUST, &header, b"");
        assert_eq!((answer.status, answer.header("etag")), (status, "W/\"2\""), "{tags}");
        assert_eq!(answer.body.is_empty(), status == 304, "{tags}");
    }
}

#[test]
fn what_was_deleted_is_gone_and_its_versions_stay() {
    let gateway = gateway("fhir-gone", &rows());
    for path in ["/fhir/Task/gone", "/fhir/Task/gone/_history/2"] {
        let gone = gateway.get(path, TRUST);
        assert_eq!(
            (gone.status, gone.code().as_str(), gone.header("etag")),
            (410, "request.gone", "W/\"2\""),
            "{path}"
        );
    }
    assert_eq!(get(&gateway, "/fhir/Task/gone/_history/1", TRUST).json()["status"], "draft");
}

/// R4 http, section 3.1.0.9: entries with the request that made them, newest first, a deletion without a resource.
#[test]
fn a_history_has_every_version() {
    let gateway = gateway("fhir-history", &rows());
    let bundle = get(&gateway, "/fhir/Task/gone/_history", TRUST).json();
    assert_eq!(bundle["type"], "history");
    let lines = |bundle: &serde_json::Value| {
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        let line = |entry: &serde_json::Value| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
            let (request, response) = (&entry["request"], &entry["response"]);
            let parts = [
                &request["method"],
                &request["url"],
                &response["status"],
                &response["etag"],
                &entry["resource"]["meta"]["versionId"],
            ];
            parts.map(text).join(" ")
        };
        entries.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(lines(&bundle), ["DELETE Task/gone 204 W/\"2\" -", "PUT Task/gone 201 W/\"1\" 1"]);
    assert_eq!(bundle["entry"][0]["response"]["lastModified"], "2026-03-05T10:00:00Z");
    let all = get(&gateway, "/fhir/Task/_history", TRUST).json();
    assert_eq!(
        lines(&all),
        [
            "DELETE Task/gone 204 W/\"2\" -",
            "PUT Task/gone 201 W/\"1\" 1",
            "PUT Task/ft 200 W/\"2\" 2",
            "PUT Task/ft 201 W/\"1\" 1"
        ]
    );
    let since = get(&gateway, "/fhir/Task/_history?_since=2026-03-03T00:00:00Z", TRUST).json();
    assert_eq!(lines(&since), ["DELETE Task/gone 204 W/\"2\" -", "PUT Task/ft 200 W/\"2\" 2"]);
    let none = get(&gateway, "/fhir/Task/ft/_history?_since=2027-01-01", TRUST).json();
    assert_eq!(lines(&none), [""; 0]);
    for query in ["_since=soon", "_count=x", "_count=1&_count=2", "_cursor=x"] {
        let refused = gateway.get(&format!("/fhir/Task/_history?{query}"), TRUST);
        assert_eq!((refused.status, refused.code().as_str()), (400, "request.invalid"), "{query}");
    }
    assert_eq!(gateway.get("/fhir/Task/_history?foo=1", TRUST).status, 200);
    let strict = gateway.request("GET", "/fhir/Task/_history?foo=1", TRUST, "Prefer: handling=strict\r\n", b"");
    assert_eq!((strict.status, strict.code().as_str()), (400, "request.invalid"));
}

#[test]
fn an_answer_has_the_form_that_is_asked_for() {
    let gateway = gateway("fhir-form", &rows());
    let plain = get(&gateway, "/fhir/Task/ft", TRUST);
    let pretty = get(&gateway, "/fhir/Task/ft?_pretty=true&_format=json", TRUST);
    assert!(!plain.body.contains(&b'\n') && pretty.body.contains(&b'\n'));
    assert_eq!(plain.json(), pretty.json());
    for (path, headers) in [
        ("/fhir/Task/ft?_format=xml", ""),
        ("/fhir/Task?_format=xml", ""),
        ("/fhir/Task/_history?_format=ttl", ""),
        ("/fhir/metadata?_format=xml", ""),
        ("/fhir/Task/ft", "Accept: application/fhir+xml\r\n"),
    ] {
        let refused = gateway.request("GET", path, TRUST, headers, b"");
        assert_eq!((refused.status, refused.code().as_str()), (406, "request.not-acceptable"), "{path}");
    }
    // Long answers are packed, short ones are not.
    let packed = gateway.request("GET", "/fhir/Task/_history", TRUST, "Accept-Encoding: gzip\r\n", b"");
    assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"));
    let mut text = String::new();
    GzDecoder::new(packed.body.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(text.as_bytes(), get(&gateway, "/fhir/Task/_history", TRUST).body);
    assert!(packed.body.len() < text.len());
    let short = gateway.request("GET", "/fhir/Task/ft", TRUST, "Accept-Encoding: gzip\r\n", b"");
    assert_eq!(short.header("content-encoding"), "");
    assert_eq!(short.header("vary"), "Accept, Accept-Encoding");
}

/// Bundles are valid R4, as the gateway's own validator has it.
#[test]
fn what_is_answered_is_valid() {
    let gateway = gateway("fhir-valid", &rows());
    let validator = Validator::embedded().unwrap();
    for path in [
        "/fhir/Task/ft",
        "/fhir/Task",
        "/fhir/Task?foo=1&_total=accurate",
        "/fhir/Task?_summary=count",
        "/fhir/Task?_id=none",
        "/fhir/ResearchSubject?_include=ResearchSubject:study&_include=ResearchSubject:patient&_count=1",
        "/fhir/Task/_history",
        "/fhir/Task/gone/_history",
        "/fhir/Task/_history?_since=2030-01-01",
    ] {
        let answer = get(&gateway, path, OPERATOR).json();
        assert_eq!(errors(&validator, &answer), [""; 0], "{path}: {answer}");
    }
}
