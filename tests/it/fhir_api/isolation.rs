//! Another's resource by every route: as one that does not exist, byte for byte.

use impress_gateway::http::ROUTES;
use serde_json::json;

use super::scene::{FORDE, OUS, Row, TRIAL, gateway, gateway_with, get, rows, told};
use crate::service::setting::{Gateway, LABORATORY, OTHER, TRUST};
use crate::service::tokens::{Issuer, bearer};

/// Of each kind of row one that a caller must not see.
const FOREIGN: [(&str, &str, &str); 7] = [
    (TRUST, "Patient", "op"),
    (TRUST, "Task", "ot"),
    (TRUST, "ResearchSubject", "os"),
    (TRUST, "ResearchStudy", "trial-study"),
    (TRUST, "DiagnosticReport", "held"),
    (OTHER, "Task", "ft"),
    (TRIAL, "ResearchStudy", "study"),
];

const ABSENT: &str = "no";

fn all() -> Vec<Row> {
    let report =
        json!({"resourceType": "DiagnosticReport", "id": "held", "status": "preliminary", "code": {"text": "x"}});
    let mut rows = rows();
    rows.push(Row::new("held", report).of("fp"));
    rows
}

fn ask(
    gateway: &Gateway,
    (method, path): (&str, &str),
    headers: &str,
    secret: &str,
) -> (u16, Vec<(String, String)>, String) {
    told(&gateway.request(method, path, secret, headers, b""))
}

#[test]
fn what_is_anothers_is_answered_as_what_is_not_there() {
    let gateway = gateway("fhir-isolation", &all());
    let conditional = "If-None-Match: W/\"1\", *\r\nIf-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT\r\n\
        Accept-Encoding: gzip\r\nPrefer: handling=strict\r\n";
    let mut asked = 0;
    for (secret, kind, foreign) in FOREIGN {
        for route in ROUTES.iter().filter(|route| route.path.starts_with("/fhir/{type}/{id}")) {
            for version in ["1", "2", "x"] {
                for headers in ["", conditional] {
                    let path = |id: &str| {
                        let path = route.path.replace("{type}", kind).replace("{id}", id);
                        path.replace("{version}", version)
                    };
                    let answers = [foreign, ABSENT].map(|id| ask(&gateway, (route.method, &path(id)), headers, secret));
                    assert_eq!(answers[0], answers[1], "{} {kind}/{foreign}", route.path);
                    assert_eq!(answers[0].0, 404, "{} {kind}/{foreign}", route.path);
                    asked += 1;
                }
            }
        }
    }
    // read, history and vread.
    assert_eq!(asked, FOREIGN.len() * 3 * 3 * 2);
    // Nor does its own trail name a patient, of what is held for a signature either.
    for (secret, number) in [(TRUST, FORDE), (OTHER, OUS)] {
        let own = format!("/fhir/AuditEvent?outcome=4&agent={number}&_count=500");
        let trail = get(&gateway, &own, secret).json().to_string();
        assert!(trail.contains("/fhir/{type}/{id}") && !trail.contains("Patient/"), "{trail}");
    }
}

#[test]
fn a_version_that_is_not_there_is_of_ones_own_form_whoever_has_another() {
    let form = |owner, updated| {
        Row::new(owner, json!({"resourceType": "Patient", "id": "both", "gender": "male"})).of("both").at(updated)
    };
    let mut rows = all();
    rows.extend([form(FORDE, "2026-03-02T10:00:00Z"), form(OUS, "2026-03-03T10:00:00Z")]);
    let gateway = gateway("fhir-isolation-forms", &rows);
    for secret in [TRUST, OTHER] {
        for path in ["/fhir/Patient/both/_history/99", "/fhir/Patient/both/_history/x"] {
            assert_eq!(gateway.get(path, secret).status, 404, "{path}");
            let newest = get(&gateway, "/fhir/AuditEvent?outcome=4&_count=1", secret).json();
            assert!(newest.to_string().contains("Patient/both"), "{path}: {newest}");
        }
    }
}

#[test]
fn a_search_finds_nothing_of_another_and_tells_nothing_of_it() {
    let gateway = gateway("fhir-isolation-search", &all());
    for (secret, kind, foreign) in FOREIGN {
        for query in [
            "_id={id}",
            "_id={id}&_summary=count",
            "_id={id}&_total=accurate&_sort=_id",
            "_id={id}&_lastUpdated=ge2020",
        ] {
            let body = |id: &str| {
                let answer = get(&gateway, &format!("/fhir/{kind}?{}", query.replace("{id}", id)), secret);
                let (status, headers, body) = told(&answer);
                let headers: Vec<_> = headers.into_iter().filter(|(name, _)| name != "content-length").collect();
                (status, headers, body.replace(&format!("_id={id}"), "_id="))
            };
            assert_eq!(body(foreign), body(ABSENT), "{kind} {query}");
        }
        let history = get(&gateway, &format!("/fhir/{kind}/_history?_count=500"), secret).json();
        let entries = history["entry"].as_array().into_iter().flatten();
        let ids: Vec<&str> = entries.map(|entry| entry["resource"]["id"].as_str().unwrap_or_default()).collect();
        assert!(!ids.contains(&foreign), "{kind}: {ids:?}");
    }
}

/// Every row that a caller gets by any list is its own or everybody's.
#[test]
fn every_list_holds_what_is_the_callers() {
    let gateway = gateway("fhir-isolation-lists", &all());
    let own = |secret: &str| match secret {
        TRUST => [FORDE, "public"],
        OTHER => [OUS, "public"],
        _ => ["trial", "trial"],
    };
    for secret in [TRUST, OTHER, TRIAL] {
        let mut seen = 0;
        for kind in ["Patient", "ServiceRequest", "Task", "ResearchStudy", "ResearchSubject", "DiagnosticReport"] {
            for path in [format!("/fhir/{kind}?_count=500"), format!("/fhir/{kind}/_history?_count=500")] {
                let bundle = get(&gateway, &path, secret).json();
                for entry in bundle["entry"].as_array().into_iter().flatten() {
                    let id = entry["fullUrl"].as_str().unwrap().rsplit('/').next().unwrap();
                    let row = all().into_iter().find(|row| row.resource["id"] == id).unwrap();
                    assert!(own(secret).contains(&row.owner), "{path}: {id} of {}", row.owner);
                    seen += 1;
                }
            }
        }
        assert!(seen >= 4, "{seen}");
    }
}

#[test]
fn others_may_not_ask_at_all() {
    let gateway = gateway("fhir-isolation-roles", &all());
    for path in
        ["/fhir/Task", "/fhir/Task/ft", "/fhir/Task/_history", "/fhir/Task/ft/_history", "/fhir/Task/ft/_history/1"]
    {
        let refused = gateway.get(path, LABORATORY);
        assert_eq!((refused.status, refused.code().as_str()), (403, "request.forbidden"), "{path}");
        assert_eq!(gateway.get(path, "").status, 401, "{path}");
    }
}

/// HAPI issue 6065: who may not read a type learns nothing of it by what is shown with another.
#[test]
fn a_token_of_smart_shows_the_types_that_it_names() {
    let issuer = Issuer::start();
    let sections = format!(
        "[[issuer]]\nname = \"smart\"\nurl = \"{}\"\nprofile = \"smart\"\naudience = \"impress:gateway\"\nalgorithms = [\"PS256\"]\n\
         [[client]]\nissuer = \"smart\"\nclient_id = \"forde\"\nrole = \"trust\"\norganisation = \"{FORDE}\"\n",
        issuer.url
    );
    let gateway = gateway_with("fhir-smart", &all(), &[], &sections);
    let include = "/fhir/ResearchSubject?_include=ResearchSubject:study";
    let reverse = "/fhir/ResearchStudy?_revinclude=ResearchSubject:study";
    for (scope, path, status) in [
        ("system/ResearchSubject.s", "/fhir/ResearchSubject", 200),
        ("system/ResearchSubject.s", "/fhir/ResearchSubject/fs", 403),
        ("system/ResearchSubject.s", "/fhir/ResearchSubject/os", 403),
        ("system/ResearchSubject.s", "/fhir/ResearchSubject/fs/_history", 403),
        ("system/ResearchSubject.s", "/fhir/Task", 403),
        ("system/ResearchSubject.s", include, 403),
        ("system/ResearchSubject.s system/ResearchStudy.r", include, 403),
        ("system/ResearchSubject.s system/ResearchStudy.s", include, 200),
        ("system/ResearchStudy.s", reverse, 403),
        ("system/ResearchStudy.rs system/ResearchSubject.rs", reverse, 200),
        ("system/ResearchSubject.r", "/fhir/ResearchSubject/fs", 200),
        ("system/ResearchSubject.r", "/fhir/ResearchSubject/os", 404),
        ("system/ResearchSubject.r", "/fhir/ResearchSubject", 403),
        ("system/*.rs", include, 200),
        ("system/*.cud", "/fhir/Task", 403),
        ("user/*.rs patient/*.rs", "/fhir/Task", 403),
    ] {
        let token = issuer.token(&json!({"scope": scope}));
        let answer = gateway.request("GET", path, "", &bearer(&token), b"");
        assert_eq!(answer.status, status, "{scope}: {path}: {}", String::from_utf8_lossy(&answer.body));
        let challenge = if status == 403 { "Bearer error=\"insufficient_scope\"" } else { "" };
        assert_eq!(answer.header("www-authenticate"), challenge, "{scope}: {path}");
    }
}
