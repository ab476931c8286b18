//! What requests and commands leave in the audit trail, who sees it, and whether it is whole.

use impress_gateway::http::ROUTES;
use std::collections::{BTreeMap, BTreeSet};

use impress_gateway::domain::issue::Severity;
use impress_gateway::profiles::walk::Validator;
use serde_json::Value;

use super::referral::{Referral, national_number};
use super::setting::{Gateway, LABORATORY, OPERATOR, OTHER, Response, TRIAL, TRUST, golden, until};

/// Rows that callers left: action, outcome, organisation, patient, trace; oldest first.
fn rows(gateway: &Gateway) -> Vec<[String; 5]> {
    let journal = gateway.open_journal();
    let query = "SELECT action, outcome, organisation, COALESCE(patient, ''), trace FROM audit WHERE role <> 'gateway' ORDER BY sequence";
    let mut statement = journal.prepare(query).unwrap();
    let cells = |row: &rusqlite::Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?]);
    statement.query_map([], cells).unwrap().collect::<Result<_, _>>().unwrap()
}

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

/// `METHOD path` of every route of the gateway, from its own table.
fn routes() -> BTreeSet<String> {
    ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect()
}

/// Route; method, path, secret and body of a request; status of the answer; action and outcome of what is left.
type Case<'a> = (&'a str, &'a str, &'a str, &'a str, Vec<u8>, u16, &'a [&'a str]);

#[test]
fn every_request_about_a_person_leaves_one_event() {
    let gateway = Gateway::start("audit-every", &[]);
    let new = |number: usize| Referral::new(number).fhir();
    let id = gateway.send(&new(1));
    let one = format!("/messages/{id}");
    let original = format!("/messages/{id}/original");
    let replay = format!("/messages/{id}/replay");
    let absent = "/messages/00000000-0000-8000-8000-000000000000";
    let of = "SELECT patient FROM messages WHERE id = ?1";
    let patient: String = gateway.open_journal().query_row(of, [&id], |row| row.get(0)).unwrap();
    let patient = format!("/fhir/Patient/{patient}");
    let (history, first) = (format!("{patient}/_history"), format!("{patient}/_history/1"));
    let reused = String::from_utf8(new(1)).unwrap().replace("routine", "urgent").into_bytes();
    let subscription = crate::subscriptions::setting::subscription(None, "id-only").to_string().into_bytes();
    let told = "/fhir/Subscription/00000000-0000-4000-8000-000000000000".to_owned();
    let (told_status, told_events) = (format!("{told}/$status"), format!("{told}/$events"));
    let (told_history, told_first) = (format!("{told}/_history"), format!("{told}/_history/1"));
    // The first row is that of the referral.
    let (event, event_history, event_first) =
        ("/fhir/AuditEvent/1-1", "/fhir/AuditEvent/1-1/_history", "/fhir/AuditEvent/1-1/_history/1");
    let none: &[&str] = &[];
    let cases: Vec<Case<'_>> = vec![
        ("GET /healthz", "GET", "/healthz", "", Vec::new(), 200, none),
        ("GET /readyz", "GET", "/readyz", "", Vec::new(), 200, none),
        ("GET /metrics", "GET", "/metrics", OPERATOR, Vec::new(), 200, none),
        ("GET /metrics", "GET", "/metrics", TRUST, Vec::new(), 403, &["deny refused"]),
        ("POST /intake/referrals", "POST", "/intake/referrals", TRUST, new(2), 200, &["create success"]),
        ("POST /intake/referrals", "POST", "/intake/referrals", TRUST, new(2), 200, &["repeat success"]),
        ("POST /intake/referrals", "POST", "/intake/referrals", TRUST, reused, 409, &["create refused"]),
        ("POST /intake/referrals", "POST", "/intake/referrals", TRUST, b"x".to_vec(), 400, &["create refused"]),
        ("POST /intake/referrals", "POST", "/intake/referrals", LABORATORY, new(3), 403, &["deny refused"]),
        ("POST /fhir", "POST", "/fhir", TRUST, new(4), 200, &["create success"]),
        ("POST /fhir/", "POST", "/fhir/", TRUST, new(6), 200, &["create success"]),
        ("POST /fhir", "POST", "/fhir", TRIAL, b"{}".to_vec(), 400, &["update refused"]),
        ("POST /fhir", "POST", "/fhir", LABORATORY, b"{}".to_vec(), 403, &["deny refused"]),
        (
            "PUT /fhir/ResearchStudy/{id}",
            "PUT",
            "/fhir/ResearchStudy/c1",
            TRIAL,
            b"{}".to_vec(),
            400,
            &["update refused"],
        ),
        (
            "PUT /fhir/ResearchStudy/{id}",
            "PUT",
            "/fhir/ResearchStudy/c1",
            TRUST,
            b"{}".to_vec(),
            403,
            &["deny refused"],
        ),
        (
            "PUT /fhir/ResearchSubject/{id}",
            "PUT",
            "/fhir/ResearchSubject/s1",
            TRIAL,
            b"{}".to_vec(),
            400,
            &["update refused"],
        ),
        ("PUT /fhir/Task/{id}", "PUT", "/fhir/Task/t1", TRIAL, b"{}".to_vec(), 400, &["update refused"]),
        ("PUT /fhir/Observation/{id}", "PUT", "/fhir/Observation/e1", TRIAL, b"{}".to_vec(), 400, &["update refused"]),
        ("PUT /fhir/Patient/{id}", "PUT", "/fhir/Patient/p1", TRIAL, b"{}".to_vec(), 400, &["update refused"]),
        ("PUT /fhir/Patient/{id}", "PUT", "/fhir/Patient/p1", OPERATOR, b"{}".to_vec(), 403, &["deny refused"]),
        ("POST /fhir/$process-message", "POST", "/fhir/$process-message", TRUST, new(5), 200, &["create success"]),
        ("POST /intake/receipts", "POST", "/intake/receipts", TRUST, b"x".to_vec(), 400, &["create refused"]),
        ("POST /intake/receipts", "POST", "/intake/receipts", LABORATORY, b"x".to_vec(), 403, &["deny refused"]),
        ("POST /intake/reports", "POST", "/intake/reports", LABORATORY, b"x".to_vec(), 422, &["create refused"]),
        ("POST /intake/reports", "POST", "/intake/reports", TRUST, b"x".to_vec(), 403, &["deny refused"]),
        ("POST /fhir/Specimen", "POST", "/fhir/Specimen", LABORATORY, b"{}".to_vec(), 422, &["link refused"]),
        ("POST /fhir/Specimen", "POST", "/fhir/Specimen", OPERATOR, b"{}".to_vec(), 403, &["deny refused"]),
        ("GET /messages", "GET", "/messages?disposition=parked", TRUST, Vec::new(), 200, &["search success"]),
        ("GET /messages", "GET", "/messages?sender=983974732", OTHER, Vec::new(), 200, &["search success"]),
        ("GET /messages/{id}", "GET", &one, TRUST, Vec::new(), 200, &["read success"]),
        ("GET /messages/{id}", "GET", &one, OPERATOR, Vec::new(), 200, &["read success"]),
        ("GET /messages/{id}", "GET", &one, OTHER, Vec::new(), 404, &["deny refused"]),
        ("GET /messages/{id}", "GET", absent, TRUST, Vec::new(), 404, &["deny refused"]),
        ("GET /messages/{id}/original", "GET", &original, TRUST, Vec::new(), 200, &["read success"]),
        ("GET /messages/{id}/original", "GET", &original, LABORATORY, Vec::new(), 404, &["deny refused"]),
        ("POST /messages/{id}/replay", "POST", &replay, OPERATOR, Vec::new(), 200, &["replay success"]),
        ("POST /messages/{id}/replay", "POST", &replay, TRUST, Vec::new(), 403, &["deny refused"]),
        // Nobody can log in here; what a log-in leaves is tested with the log-in.
        ("GET /operator", "GET", "/operator", "", Vec::new(), 404, none),
        ("GET /operator/login", "GET", "/operator/login", "", Vec::new(), 404, none),
        ("GET /operator/callback", "GET", "/operator/callback", "", Vec::new(), 404, none),
        ("POST /operator/logout", "POST", "/operator/logout", "", Vec::new(), 404, none),
        ("GET /fhir/AuditEvent", "GET", "/fhir/AuditEvent?action=D", TRUST, Vec::new(), 200, &["search success"]),
        ("GET /fhir/AuditEvent", "GET", "/fhir/AuditEvent", LABORATORY, Vec::new(), 403, &["deny refused"]),
        ("GET /fhir/AuditEvent/{id}", "GET", event, TRUST, Vec::new(), 200, &["read success"]),
        ("GET /fhir/AuditEvent/{id}", "GET", event, OTHER, Vec::new(), 404, &["deny refused"]),
        ("GET /fhir/AuditEvent/{id}/_history", "GET", event_history, TRUST, Vec::new(), 200, &["read success"]),
        ("GET /fhir/AuditEvent/{id}/_history", "GET", event_history, OTHER, Vec::new(), 404, &["deny refused"]),
        ("GET /fhir/AuditEvent/{id}/_history/{version}", "GET", event_first, TRUST, Vec::new(), 200, &["read success"]),
        ("GET /fhir/AuditEvent/{id}/_history/{version}", "GET", event_first, TRIAL, Vec::new(), 403, &["deny refused"]),
        ("POST /fhir/Subscription", "POST", "/fhir/Subscription", TRUST, subscription, 201, &["create success"]),
        ("POST /fhir/Subscription", "POST", "/fhir/Subscription", OPERATOR, Vec::new(), 403, &["deny refused"]),
        ("GET /fhir/Subscription", "GET", "/fhir/Subscription", TRUST, Vec::new(), 200, &["search success"]),
        (
            "POST /fhir/Subscription/_search",
            "POST",
            "/fhir/Subscription/_search",
            TRUST,
            b"status=active".to_vec(),
            200,
            &["search success"],
        ),
        ("GET /fhir/Subscription/{id}/_history", "GET", &told_history, TRUST, Vec::new(), 404, &["deny refused"]),
        (
            "GET /fhir/Subscription/{id}/_history/{version}",
            "GET",
            &told_first,
            TRUST,
            Vec::new(),
            404,
            &["deny refused"],
        ),
        ("GET /fhir/Subscription/{id}", "GET", &told, TRUST, Vec::new(), 404, &["deny refused"]),
        ("PUT /fhir/Subscription/{id}", "PUT", &told, TRUST, Vec::new(), 404, &["deny refused"]),
        ("DELETE /fhir/Subscription/{id}", "DELETE", &told, TRUST, Vec::new(), 404, &["deny refused"]),
        (
            "GET /fhir/Subscription/$status",
            "GET",
            "/fhir/Subscription/$status",
            TRUST,
            Vec::new(),
            200,
            &["read success"],
        ),
        (
            "POST /fhir/Subscription/$status",
            "POST",
            "/fhir/Subscription/$status",
            TRUST,
            Vec::new(),
            200,
            &["read success"],
        ),
        ("GET /fhir/Subscription/{id}/$status", "GET", &told_status, TRUST, Vec::new(), 404, &["deny refused"]),
        ("POST /fhir/Subscription/{id}/$status", "POST", &told_status, TRUST, Vec::new(), 404, &["deny refused"]),
        ("GET /fhir/Subscription/{id}/$events", "GET", &told_events, TRUST, Vec::new(), 404, &["deny refused"]),
        ("POST /fhir/Subscription/{id}/$events", "POST", &told_events, TRUST, Vec::new(), 404, &["deny refused"]),
        ("GET /fhir/metadata", "GET", "/fhir/metadata", "", Vec::new(), 200, none),
        ("GET /fhir/{type}", "GET", "/fhir/Patient?_count=1", OTHER, Vec::new(), 200, &["search success"]),
        ("GET /fhir/{type}", "GET", "/fhir/Patient", LABORATORY, Vec::new(), 403, &["deny refused"]),
        ("GET /fhir/{type}", "GET", "/fhir/Foo", TRUST, Vec::new(), 404, &["deny refused"]),
        ("POST /fhir/{type}/_search", "POST", "/fhir/Patient/_search", OTHER, Vec::new(), 200, &["search success"]),
        ("GET /fhir/{type}/_history", "GET", "/fhir/Patient/_history", OTHER, Vec::new(), 200, &["search success"]),
        ("GET /fhir/{type}/{id}", "GET", &patient, TRUST, Vec::new(), 200, &["read success"]),
        ("GET /fhir/{type}/{id}", "GET", &patient, OTHER, Vec::new(), 404, &["deny refused"]),
        ("GET /fhir/{type}/{id}/_history", "GET", &history, TRUST, Vec::new(), 200, &["read success"]),
        ("GET /fhir/{type}/{id}/_history", "GET", &history, OTHER, Vec::new(), 404, &["deny refused"]),
        ("GET /fhir/{type}/{id}/_history/{version}", "GET", &first, TRUST, Vec::new(), 200, &["read success"]),
        ("GET /fhir/{type}/{id}/_history/{version}", "GET", &first, OTHER, Vec::new(), 404, &["deny refused"]),
        (
            "POST /fhir/AuditEvent/_search",
            "POST",
            "/fhir/AuditEvent/_search",
            TRUST,
            format!("patient.identifier={}", national_number(1)).into_bytes(),
            200,
            &["search success"],
        ),
        (
            "POST /fhir/AuditEvent/_search",
            "POST",
            "/fhir/AuditEvent/_search",
            LABORATORY,
            Vec::new(),
            403,
            &["deny refused"],
        ),
    ];
    let covered: BTreeSet<String> = cases.iter().map(|case| case.0.to_owned()).collect();
    assert_eq!(covered, routes(), "a route without a row here");
    for (route, method, path, secret, body, status, expected) in cases {
        let before = rows(&gateway).len();
        let response = gateway.request(method, path, secret, "", &body);
        assert_eq!(response.status, status, "{route}: {}", String::from_utf8_lossy(&response.body));
        let left: Vec<String> = rows(&gateway)[before..].iter().map(|row| format!("{} {}", row[0], row[1])).collect();
        assert_eq!(left, expected, "{route} {status}");
    }
}

#[test]
fn of_a_list_each_patient_has_an_event() {
    let gateway = Gateway::start("audit-list", &[]);
    for number in 1..4 {
        gateway.send(&Referral::new(number).fhir());
    }
    gateway.send(&Referral::new(4).of_patient(1).fhir());
    let before = rows(&gateway).len();
    gateway.get("/messages", TRUST);
    let all = rows(&gateway);
    let seen: Vec<&str> = all[before..].iter().map(|row| row[3].as_str()).collect();
    let patients: BTreeSet<&str> = all[..before].iter().map(|row| row[3].as_str()).collect();
    assert_eq!((seen.len(), seen.iter().copied().collect::<BTreeSet<_>>()), (3, patients));
    let traces: BTreeSet<&str> = all[before..].iter().map(|row| row[4].as_str()).collect();
    assert_eq!(traces.len(), 1, "of one request");
}

#[test]
fn strangers_cannot_fill_the_trail() {
    let gateway = Gateway::start_with("audit-strangers", &[], "[limits]\nfailures_per_minute = 1000\n");
    let started = std::time::Instant::now();
    for number in 0..60 {
        let secret = if number % 2 == 0 { "" } else { "wrong" };
        assert_eq!(gateway.get("/messages", secret).status, 401);
    }
    let count = || -> (i64, i64) {
        let query = "SELECT COUNT(*), COALESCE(SUM(count), 0) FROM audit WHERE action = 'deny' AND role = 'unknown'";
        gateway.open_journal().query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let written = until("every refusal is counted", || (count().1 == 60).then(count));
    let most = i64::try_from(started.elapsed().as_secs()).unwrap() + 1;
    assert!((1..=most).contains(&written.0), "{written:?} in {most} s");
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

#[test]
fn what_operators_do_on_the_command_line_is_in_the_trail() {
    let gateway = Gateway::start("audit-commands", &[]);
    let id = gateway.send(&golden("henvisning/videre-new/input.xml"));
    let case = gateway.case(&id);
    for (arguments, action) in [
        (&["messages"][..], "search"),
        (&["dead-letters"], "search"),
        (&["links", "list"], "search"),
        (&["consent", "show", &case], "read"),
        (&["consent", "record", &case], "consent"),
        (&["consent", "withdraw", &case], "consent"),
    ] {
        let before = rows(&gateway).len();
        gateway.printed(arguments);
        let all = rows(&gateway);
        let left: Vec<[&str; 3]> =
            all[before..].iter().map(|row| [&row[0], &row[1], &row[2]].map(String::as_str)).collect();
        assert_eq!(left, [[action, "success", "operator"]], "{arguments:?}");
    }
}

#[test]
fn the_trail_is_verified_while_the_gateway_serves() {
    let gateway = Gateway::start("audit-verify", &[]);
    for number in 1..4 {
        gateway.send(&Referral::new(number).fhir());
    }
    let printed = gateway.printed(&["audit", "verify"]);
    let parts: Vec<&str> = printed.trim_end().split('\t').collect();
    assert_eq!((&parts[..2], parts[2].len()), (&["1", "3"][..], 64), "{printed}");
    gateway.folder.write("heads", &printed);
    let heads = gateway.folder.path().join("heads");
    let heads = heads.to_str().unwrap();
    gateway.send(&Referral::new(4).fhir());
    assert!(gateway.printed(&["audit", "verify", "--heads", heads, "--chain", "1"]).starts_with("1\t4\t"));
    let fails = |arguments: &[&str], code: &str, text: &str| {
        let output = gateway.command(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains(code) && errors.contains(text), "{errors}");
    };
    gateway.folder.write("no-heads", "1 2 3\n");
    let none = gateway.folder.path().join("no-heads");
    fails(&["audit", "verify", "--heads", none.to_str().unwrap()], "cli.usage-invalid", "--heads");
    let journal = gateway.open_journal();
    journal
        .execute_batch("DROP TRIGGER audit_keeps_values; UPDATE audit SET organisation = 'x' WHERE number = 2")
        .unwrap();
    fails(&["audit", "verify"], "audit.row-altered", "chain 1, row 2");
    // With the secret of another deployment nothing is signed.
    gateway.folder.write("ids.secret", "another secret of the tests, long enough to be one");
    fails(&["audit", "verify"], "audit.head-forged", "is signed with another secret");
    // And nothing is appended with it, which would break the trail for ever: neither by a command nor by a service.
    fails(&["messages"], "journal.unusable", "another secret");
    fails(&["serve"], "config.invalid", "another secret");
    gateway.folder.write("ids.secret", "a secret of the tests, long enough to be one");
    fails(&["audit", "verify"], "audit.row-altered", "chain 1, row 2");
    let errors = String::from_utf8(gateway.command(&["audit", "verify"]).stderr).unwrap();
    assert!(!errors.contains("audit.head-forged"), "{errors}");
}

#[test]
fn a_service_says_when_it_starts_that_the_trail_was_cut_and_takes_messages() {
    let mut gateway = Gateway::start("audit-start", &[]);
    for number in 1..4 {
        gateway.send(&Referral::new(number).fhir());
    }
    assert_eq!(gateway.terminate(), Some(0));
    assert!(!gateway.log().contains("audit."));
    gateway.open_journal().execute_batch("DROP TRIGGER audit_keeps_rows; DELETE FROM audit WHERE number > 1").unwrap();
    gateway.run();
    assert!(
        gateway.log().contains("audit.tail-cut") && gateway.log().contains("chain 1: rows 3 to 3"),
        "{}",
        gateway.log()
    );
    gateway.send(&Referral::new(4).fhir());
    let output = gateway.command(&["audit", "verify"]);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("audit.row-missing") && errors.contains("rows 2 to 3 are missing"), "{errors}");
}
