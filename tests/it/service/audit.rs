//! What requests and commands leave in the audit trail, and whether it is whole.

use impress_gateway::http::ROUTES;
use std::collections::BTreeSet;

use super::referral::{Referral, national_number};
use super::setting::{Gateway, LABORATORY, OPERATOR, OTHER, TRIAL, TRUST, golden, until};

/// Rows that callers left: action, outcome, organisation, patient, trace; oldest first.
fn rows(gateway: &Gateway) -> Vec<[String; 5]> {
    let journal = gateway.open_journal();
    let query = "SELECT action, outcome, organisation, COALESCE(patient, ''), trace FROM audit WHERE role <> 'gateway' ORDER BY sequence";
    let mut statement = journal.prepare(query).unwrap();
    let cells = |row: &rusqlite::Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?]);
    statement.query_map([], cells).unwrap().collect::<Result<_, _>>().unwrap()
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
    // Whose messages they are sees who looked.
    gateway.get("/messages", OPERATOR);
    let looked = gateway.get("/fhir/AuditEvent?action=E&agent=operator", TRUST).json();
    assert_eq!(looked["entry"].as_array().map(Vec::len), Some(3), "{looked}");
}

#[test]
fn what_is_refused_again_with_the_same_trace_has_a_row_again() {
    let gateway = Gateway::start("audit-trace", &[]);
    for (method, path, secret) in [("POST", "/fhir", TRUST), ("PUT", "/fhir/Task/t1", TRIAL)] {
        let trace = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
        let before = rows(&gateway).len();
        for _ in 0..3 {
            assert_eq!(gateway.request(method, path, secret, trace, b"{}").status, 400, "{path}");
        }
        assert_eq!(rows(&gateway).len() - before, 3, "{path}");
    }
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
