//! What a trust reads of its subscriptions: searches, versions, and changes of the version that it has read.

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::GzDecoder;
use impress_gateway::domain::issue::Severity;
use impress_gateway::profiles::walk::Validator;
use serde_json::{Value, json};

use super::setting::{BASE, Scene, subscription};
use crate::service::setting::{OTHER, Response, TRUST};

const STRICT: &str = "Prefer: handling=strict\r\n";

fn errors(resource: &Value) -> Vec<String> {
    let issues = Validator::embedded().unwrap().validate(resource, &[]).into_iter();
    issues.filter(|issue| issue.code.severity() >= Severity::Error).map(|issue| issue.to_string()).collect()
}

/// Three subscriptions of Førde without an endpoint: of referrals, of cohorts, and one that is off.
fn three(scene: &Scene) -> [String; 3] {
    let cohorts = || {
        let mut cohorts = subscription(None, "id-only");
        cohorts["criteria"] = json!(format!("{BASE}/SubscriptionTopic/cohort-status-changed"));
        cohorts
    };
    let mut off = subscription(None, "id-only");
    off["status"] = json!("off");
    [subscription(None, "id-only"), cohorts(), off].map(|one| scene.subscribe(TRUST, &one))
}

fn search(scene: &Scene, query: &str) -> Value {
    let answer = scene.gateway.get(&format!("/fhir/Subscription?{query}"), TRUST);
    assert_eq!(answer.status, 200, "{query}: {}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

/// Ids of what was searched for, in their order.
fn matches(bundle: &Value) -> Vec<String> {
    assert_eq!((bundle["resourceType"].as_str(), bundle["type"].as_str()), (Some("Bundle"), Some("searchset")));
    let entries = bundle["entry"].as_array().into_iter().flatten().filter(|entry| entry["search"]["mode"] == "match");
    entries.map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect()
}

fn link(bundle: &Value, relation: &str) -> Option<String> {
    let link = bundle["link"].as_array()?.iter().find(|link| link["relation"] == relation)?;
    let (_, path) = link["url"].as_str()?.split_once("/fhir/").unwrap();
    Some(format!("/fhir/{path}"))
}

#[test]
fn subscriptions_are_found_by_what_is_asked_for() {
    let scene = Scene::start("subscription-search");
    let [referrals, cohorts, off] = three(&scene);
    scene.subscribe(OTHER, &subscription(None, "id-only"));
    let all = [referrals.as_str(), &cohorts, &off];
    let status = "http://hl7.org/fhir/subscription-status";
    for (query, expected) in [
        (String::new(), &all[..]),
        ("status=active".to_owned(), &all[..2]),
        ("status=off".to_owned(), &all[2..]),
        ("status=error".to_owned(), &[]),
        ("status=active,off".to_owned(), &all),
        ("status=active&status=off".to_owned(), &[]),
        (format!("status={status}%7Coff"), &all[2..]),
        (format!("status={status}%7C"), &all),
        ("status=urn:x%7Coff".to_owned(), &[]),
        ("status=%7Coff".to_owned(), &[]),
        (format!("criteria={BASE}/SubscriptionTopic/cohort"), &all[1..2]),
        (format!("criteria={BASE}"), &all),
        ("criteria=SubscriptionTopic".to_owned(), &[]),
        (format!("_id={referrals},{off}&status=off"), &all[2..]),
        ("_id=none".to_owned(), &[]),
        ("_lastUpdated=ge2020-01-01".to_owned(), &all),
        ("_lastUpdated=lt2020-01-01".to_owned(), &[]),
    ] {
        let found = matches(&search(&scene, &query));
        assert_eq!(
            found.iter().map(String::as_str).collect::<BTreeSet<_>>(),
            expected.iter().copied().collect(),
            "{query}"
        );
        assert_eq!(found.len(), expected.len(), "{query}");
        let posted = scene.gateway.request("POST", "/fhir/Subscription/_search", TRUST, "", query.as_bytes());
        assert_eq!(matches(&posted.json()), found, "{query}");
    }
    let mut sorted = all.map(str::to_owned);
    sorted.sort();
    assert_eq!(matches(&search(&scene, "_sort=_id")), sorted);
    sorted.reverse();
    assert_eq!(matches(&search(&scene, "_sort=-_id")), sorted);
    let times = |query: &str| -> Vec<String> {
        let bundle = search(&scene, query);
        let entries = bundle["entry"].as_array().unwrap().iter();
        entries.map(|entry| entry["resource"]["meta"]["lastUpdated"].as_str().unwrap().to_owned()).collect()
    };
    let oldest = times("_sort=_lastUpdated");
    let instants: Vec<jiff::Timestamp> = oldest.iter().map(|time| time.parse().unwrap()).collect();
    assert!(instants.is_sorted() && instants.len() == 3, "{oldest:?}");
    assert_eq!(times("").into_iter().rev().collect::<Vec<_>>(), oldest);
}

#[test]
fn subscriptions_are_counted_and_come_in_pages() {
    let scene = Scene::start("subscription-pages");
    let all: BTreeSet<String> = three(&scene).into();
    for query in ["_summary=count", "_count=0", "_summary=count&status=active"] {
        let bundle = search(&scene, query);
        let expected = if query.contains("active") { 2 } else { 3 };
        assert_eq!((bundle["total"].as_i64(), &bundle["entry"]), (Some(expected), &Value::Null), "{query}");
    }
    assert_eq!(search(&scene, "")["total"], Value::Null);
    for sort in ["_lastUpdated", "-_lastUpdated", "_id", "-_id"] {
        let mut path = Some(format!("/fhir/Subscription?_sort={sort}&_count=1&_total=accurate"));
        let mut found = Vec::new();
        while let Some(page) = path {
            let bundle = scene.gateway.get(&page, TRUST).json();
            assert_eq!(bundle["total"], 3, "{page}");
            assert_eq!(errors(&bundle), [""; 0], "{page}");
            assert_eq!(matches(&bundle).len(), 1, "{page}");
            found.extend(matches(&bundle));
            path = link(&bundle, "next");
        }
        assert_eq!((found.len(), found.into_iter().collect::<BTreeSet<_>>()), (3, all.clone()), "{sort}");
    }
    let next = link(&search(&scene, "_count=1"), "next").unwrap();
    for (path, secret) in [(next.clone(), OTHER), (next.replace("_count=1", "_count=2"), TRUST)] {
        let refused = scene.gateway.get(&path, secret);
        assert_eq!((refused.status, refused.code().as_str()), (400, "request.invalid"), "{path}");
    }
}

/// R4 search, section 3.1.1.5.1: unknown parameters are told, or refused where that is preferred.
#[test]
fn what_is_not_known_is_told_or_refused() {
    let scene = Scene::start("subscription-handling");
    let [referrals, ..] = three(&scene);
    let told = search(&scene, "foo=1&status=active");
    assert_eq!(matches(&told).len(), 2);
    assert_eq!(errors(&told), [""; 0]);
    let last = told["entry"].as_array().unwrap().last().unwrap();
    let code = &last["resource"]["issue"][0]["details"]["coding"][0]["code"];
    assert_eq!((last["search"]["mode"].as_str(), code.as_str()), (Some("outcome"), Some("request.parameter-ignored")));
    assert_eq!(link(&told, "self").as_deref(), Some("/fhir/Subscription?status=active"));
    let ask = |query: &str, headers: &str| {
        let answer = scene.gateway.request("GET", &format!("/fhir/Subscription?{query}"), TRUST, headers, b"");
        (answer.status, answer.code())
    };
    let refused = (400, "request.invalid".to_owned());
    for query in ["foo=1", "type=rest-hook", "url=http://127.0.0.1", "_sort=status", "_summary=text"] {
        assert_eq!(ask(query, STRICT), refused, "{query}");
        assert_eq!(scene.gateway.get(&format!("/fhir/Subscription?{query}"), TRUST).status, 200, "{query}");
    }
    // Without a modifier other things would be found.
    for query in ["status:not=active", "_id:x=1", "_count=x", "_lastUpdated=soon", "_cursor=x", "_count=1&_count=2"] {
        assert_eq!(ask(query, ""), refused, "{query}");
        assert_eq!(ask(query, STRICT), refused, "{query}");
    }
    assert_eq!(ask("_format=xml", ""), (406, "request.not-acceptable".to_owned()));
    assert_eq!(ask("status=05898597468", ""), (400, "request.personal-in-url".to_owned()));
    let posted = scene.gateway.request("POST", "/fhir/Subscription/_search", TRUST, "", b"status=05898597468");
    assert_eq!((posted.status, posted.code()), refused);
    let json =
        scene.gateway.request("POST", "/fhir/Subscription/_search", TRUST, "Content-Type: application/json\r\n", b"{}");
    assert_eq!((json.status, json.code().as_str()), (415, "request.unsupported"));
    // What was asked for is in the trail, but for texts.
    search(&scene, &format!("_id={referrals}&criteria=Nordmann"));
    let detail: String = scene
        .gateway
        .open_journal()
        .query_row("SELECT detail FROM audit ORDER BY sequence DESC LIMIT 1", [], |row| row.get(0))
        .unwrap();
    assert_eq!(detail, format!("GET /fhir/Subscription?_id={referrals}&criteria=...&"));
}

/// R4 search, section 3.1.1.3: a code that is none finds nothing. The text could be a person's name.
#[test]
fn what_is_no_status_is_kept_nowhere() {
    let mut scene = Scene::start("subscription-unknown-status");
    let [_, _, off] = three(&scene);
    for (query, kept, found) in [
        ("status=Nordmann", "status=unknown&", &[][..]),
        ("status=Kari+Nordmann,off", "status=unknown%2Coff&", &[off.as_str()]),
        ("status=http://hl7.org/fhir/subscription-status%7CNordmann", "status=unknown&", &[]),
        ("status=Nordmann%7Coff", "status=unknown&", &[]),
        ("_id=Kari+Nordmann", "_id=unknown&", &[]),
    ] {
        let bundle = search(&scene, query);
        let posted = scene.gateway.request("POST", "/fhir/Subscription/_search", TRUST, "", query.as_bytes()).json();
        for bundle in [bundle, posted] {
            assert_eq!(matches(&bundle), found, "{query}");
            assert!(!bundle.to_string().contains("Nordmann"), "{bundle}");
            assert_eq!(link(&bundle, "self"), Some(format!("/fhir/Subscription?{}", kept.trim_end_matches('&'))));
        }
        let strict = scene.gateway.request("GET", &format!("/fhir/Subscription?{query}"), TRUST, STRICT, b"");
        assert_eq!((strict.status, matches(&strict.json())), (200, found.iter().map(|id| (*id).to_owned()).collect()));
    }
    let journal = scene.gateway.open_journal();
    let mut details = journal.prepare("SELECT detail FROM audit WHERE action = 'search' ORDER BY sequence").unwrap();
    let details: Vec<String> = details.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(details.len(), 15);
    assert_eq!(details[0], "GET /fhir/Subscription?status=unknown&");
    assert_eq!(details[1], "POST /fhir/Subscription/_search?status=unknown&");
    let columns = "organisation || role || client || COALESCE(network, '') || COALESCE(message, '') || COALESCE(patient, '') || \
        trace || COALESCE(detail, '')";
    let kept = format!("SELECT COUNT(*) FROM audit WHERE instr({columns}, 'Nordmann')");
    assert_eq!(journal.query_row(&kept, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    assert_eq!(scene.gateway.terminate(), Some(0));
    assert!(!scene.gateway.log().contains("Nordmann"));
}

/// R4 http, sections 3.1.0.2, 3.1.0.4 and 3.1.0.9.
#[test]
fn each_version_is_shown_as_it_was_and_no_secret_in_any() {
    let scene = Scene::start("subscription-versions");
    let mut asked = subscription(Some(&scene.forde), "id-only");
    asked["channel"]["header"] = json!(["Authorization: Bearer very-secret-word"]);
    let id = scene.subscribe(TRUST, &asked);
    scene.until_status(&id, "active");
    asked["reason"] = json!("Another reason");
    asked["channel"]["header"] = json!(["Authorization: Bearer other-secret-word"]);
    assert_eq!(scene.put(TRUST, &id, &asked).status, 200);
    scene.until_status(&id, "active");
    let path = format!("/fhir/Subscription/{id}");
    let get = |path: &str, headers: &str| -> Response {
        let answer = scene.gateway.request("GET", path, TRUST, headers, b"");
        assert!(!String::from_utf8_lossy(&answer.body).contains("secret-word"), "{path}");
        answer
    };
    let newest = get(&path, "");
    assert_eq!((newest.status, newest.header("etag")), (200, "W/\"4\""));
    assert!(newest.header("last-modified").ends_with(" GMT"));
    for (version, status, reason) in [
        (1, "requested", "Status of our referrals"),
        (2, "active", "Status of our referrals"),
        (3, "requested", "Another reason"),
        (4, "active", "Another reason"),
    ] {
        let answer = get(&format!("{path}/_history/{version}"), "");
        let shown = answer.json();
        assert_eq!(answer.header("etag"), format!("W/\"{version}\""));
        assert_eq!((shown["status"].as_str(), shown["reason"].as_str()), (Some(status), Some(reason)), "{version}");
        assert_eq!(shown["meta"]["versionId"], version.to_string());
        assert_eq!(shown["channel"]["header"], json!(["authorization: [redacted]"]));
        assert_eq!(errors(&shown), [""; 0]);
    }
    assert_eq!(get(&format!("{path}/_history/4"), "").json(), newest.json());
    for version in ["0", "5", "-1", "x", "99999999999999999999"] {
        let absent = get(&format!("{path}/_history/{version}"), "");
        assert_eq!((absent.status, absent.code().as_str()), (404, "request.not-found"), "{version}");
    }
    let lines = |bundle: &Value| -> Vec<String> {
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let line = |entry: &Value| {
            let response = &entry["response"];
            format!("{} {}", text(&response["status"]), text(&response["etag"]))
        };
        entries.iter().map(line).collect()
    };
    let history = get(&format!("{path}/_history"), "").json();
    assert_eq!((history["type"].as_str(), errors(&history)), (Some("history"), Vec::new()));
    assert_eq!(lines(&history), ["200 W/\"4\"", "200 W/\"3\"", "200 W/\"2\"", "201 W/\"1\""]);
    let first = get(&format!("{path}/_history?_count=3"), "").json();
    assert_eq!(lines(&first).len(), 3);
    assert_eq!(lines(&get(&link(&first, "next").unwrap(), "").json()), ["201 W/\"1\""]);
    assert_eq!(lines(&get(&format!("{path}/_history?_since=2100-01-01T00:00:00Z"), "").json()), [""; 0]);
    // Who has a version is told so; long answers are packed.
    for (tags, status) in [("W/\"4\"", 304), ("\"4\"", 304), ("*", 304), ("W/\"3\"", 200), ("4", 200)] {
        let answer = get(&path, &format!("If-None-Match: {tags}\r\n"));
        assert_eq!((answer.status, answer.header("etag"), answer.body.is_empty()), (status, "W/\"4\"", status == 304));
    }
    let packed = get(&format!("{path}/_history"), "Accept-Encoding: gzip\r\n");
    assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"));
    let mut text = String::new();
    GzDecoder::new(packed.body.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), history);
    assert!(!text.contains("secret-word"));
    for path in [path.clone(), format!("{path}/_history"), format!("{path}/_history/1")] {
        assert_eq!(get(&format!("{path}?_format=xml"), "").code(), "request.not-acceptable", "{path}");
        // Another's versions are as none.
        let other = scene.gateway.get(&path, OTHER);
        assert_eq!((other.status, other.code().as_str()), (404, "request.not-found"), "{path}");
    }
}

/// RFC 9110, section 13.1.1, with the weak tags of R4 http, section 3.1.0.5.
#[test]
fn a_change_is_made_to_the_version_that_is_named() {
    let scene = Scene::start("subscription-if-match");
    let asked = subscription(None, "id-only");
    let id = scene.subscribe(TRUST, &asked);
    let path = format!("/fhir/Subscription/{id}");
    let ask = |method: &str, tags: &str| {
        let body = if method == "PUT" { asked.to_string() } else { String::new() };
        scene.gateway.request(method, &path, TRUST, &format!("If-Match: {tags}\r\n"), body.as_bytes())
    };
    let updates = || -> i64 {
        let query = "SELECT COUNT(*) FROM audit WHERE action IN ('update', 'delete') AND detail LIKE '%Subscription%'";
        scene.gateway.open_journal().query_row(query, [], |row| row.get(0)).unwrap()
    };
    for tags in ["W/\"2\"", "\"2\"", "W/\"0\", W/\"2\"", "1", "W/1", "\"\"", "\"x\""] {
        for method in ["PUT", "DELETE"] {
            let refused = ask(method, tags);
            assert_eq!((refused.status, refused.code().as_str()), (412, "request.version-conflict"), "{method} {tags}");
        }
    }
    assert_eq!((scene.gateway.get(&path, TRUST).header("etag"), updates()), ("W/\"1\"", 0));
    for (tags, etag) in
        [("W/\"1\"", "W/\"2\""), ("\"2\"", "W/\"3\""), ("*", "W/\"4\""), ("W/\"9\", W/\"4\"", "W/\"5\"")]
    {
        let changed = ask("PUT", tags);
        assert_eq!((changed.status, changed.header("etag")), (200, etag), "{tags}");
    }
    assert_eq!(updates(), 4);
    assert_eq!(ask("DELETE", "W/\"1\"").status, 412);
    assert_eq!(ask("DELETE", "W/\"5\"").status, 204);
    assert_eq!(updates(), 5);
    for path in [path.clone(), format!("{path}/_history"), format!("{path}/_history/1")] {
        assert_eq!(scene.gateway.get(&path, TRUST).status, 404, "{path}");
    }
    // What is not there is that first.
    assert_eq!((ask("PUT", "*").status, ask("DELETE", "W/\"5\"").status), (404, 404));
}
