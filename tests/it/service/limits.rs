//! How much anybody may ask, and what every answer tells a browser.

use std::io::Write;
use std::time::Duration;

use super::referral::Referral;
use super::setting::{Gateway, LABORATORY, OPERATOR, OTHER, TRUST, until};

#[test]
fn a_caller_that_asks_too_much_is_told_when_to_come_again() {
    let limits = "[limits]\nrequests_per_second = 1\nburst = 3\n";
    let gateway = Gateway::start_with("limits-caller", &[], limits);
    let answers: Vec<_> = (0..20).map(|_| gateway.get("/messages", TRUST)).collect();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(answers.iter().take(3).all(|answer| answer.status == 200) && !refused.is_empty());
    for answer in refused {
        assert_eq!(answer.code(), "request.too-many");
        assert!((1..=2).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    }
    // Another one is not held up by it.
    assert_eq!(gateway.get("/messages", OTHER).status, 200);
    until("it may ask again", || (gateway.get("/messages", TRUST).status == 200).then_some(()));
}

#[test]
fn an_address_that_guesses_is_not_listened_to() {
    let gateway = Gateway::start_with("limits-guesses", &[], "[limits]\nfailures_per_minute = 3\n");
    for number in 0..4 {
        assert_eq!(gateway.get("/messages", &format!("guess-{number}")).status, 401);
    }
    for secret in ["guess-4", TRUST, ""] {
        let answer = gateway.get("/messages", secret);
        assert_eq!((answer.status, answer.code().as_str()), (429, "request.too-many"), "{secret}");
        assert!((1..=21).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    }
    // What anybody may say of the sender is not believed, and whoever asks whether it is alive is answered.
    assert_eq!(gateway.request("GET", "/messages", TRUST, "X-Forwarded-For: 192.0.2.1\r\n", b"").status, 429);
    assert_eq!((gateway.get("/healthz", "").status, gateway.get("/readyz", "").status), (200, 200));
}

#[test]
fn a_wrong_system_of_a_hospital_does_not_hold_up_the_others() {
    let gateway = Gateway::start_with("limits-shared", &[], "[limits]\nfailures_per_minute = 3\n");
    assert_eq!(gateway.get("/messages", TRUST).status, 200);
    let statuses: Vec<u16> = (0..20).map(|_| gateway.get("/messages", "wrong").status).collect();
    // Who is wrong too often is not even told so any more; who is right is heard.
    assert_eq!((statuses[0], statuses[19]), (401, 429));
    assert_eq!(gateway.get("/messages", TRUST).status, 200);
}

#[test]
fn behind_our_proxy_the_sender_is_whom_it_names() {
    let limits = "[limits]\nfailures_per_minute = 3\ntrusted_proxies = [\"127.0.0.1\"]\n";
    let gateway = Gateway::start_with("limits-proxy", &[], limits);
    let ask = |sender: &str, secret: &str| {
        gateway.request("GET", "/messages", secret, &format!("X-Forwarded-For: {sender}\r\n"), b"").status
    };
    for _ in 0..4 {
        assert_eq!(ask("192.0.2.1", "wrong"), 401);
    }
    assert_eq!((ask("192.0.2.1", TRUST), ask("192.0.2.2", TRUST)), (429, 200));
    // What the sender itself wrote stands before what the proxy added.
    assert_eq!(ask("198.51.100.7, 192.0.2.1", TRUST), 429);
}

#[test]
fn who_only_promises_a_body_keeps_nobody_out() {
    let limit = impress_gateway::domain::limits::Limits::default().message_bytes;
    let sections = format!("report_bytes = {limit}\n[limits]\nbody_memory_bytes = {limit}\n");
    let gateway = Gateway::start_with("limits-memory", &[], &sections);
    // Together several times as much as there is room for.
    let promised: Vec<_> = [("/intake/reports", LABORATORY), ("/fhir", TRUST), ("/fhir", TRUST), ("/fhir", OTHER)]
        .iter()
        .map(|(path, secret)| {
            let mut stream = gateway.connect();
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {secret}\r\nContent-Length: {limit}\r\n\r\nx"
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(gateway.referral(&Referral::new(1).fhir()).status, 200);
    drop(promised);
}

#[test]
fn an_encoded_body_is_not_unpacked() {
    let gateway = Gateway::start("limits-encoded", &[]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&vec![b' '; 256 << 20]).unwrap();
    let bomb = gzip.finish().unwrap();
    assert!(bomb.len() < 1 << 20);
    for coding in ["gzip", "GZIP", "deflate", "br", "identity, gzip"] {
        let header = format!("Content-Encoding: {coding}\r\n");
        let refused = gateway.request("POST", "/fhir", TRUST, &header, &bomb);
        assert_eq!((refused.status, refused.code().as_str()), (415, "request.encoded"), "{coding}");
        // RFC 9110, section 15.5.16: what is taken instead.
        assert_eq!(refused.header("accept-encoding"), "identity");
    }
    let plain = gateway.request("POST", "/fhir", TRUST, "Content-Encoding: identity\r\n", &Referral::new(1).fhir());
    assert_eq!(plain.status, 200);
}

#[test]
fn every_answer_has_what_keeps_a_browser_safe() {
    let gateway = Gateway::start("limits-headers", &[]);
    let id = gateway.send(&Referral::new(1).fhir());
    let html = "Accept: text/html\r\n";
    for (path, secret, accept, status) in [
        ("/messages", TRUST, "", 200),
        ("/messages", OPERATOR, html, 200),
        (&format!("/messages/{id}"), TRUST, html, 200),
        (&format!("/messages/{id}/original"), TRUST, "", 200),
        ("/messages", "", "", 401),
        ("/metrics", TRUST, "", 403),
        ("/nothing", "", html, 404),
        ("/fhir", "", "", 405),
        ("/healthz", "", "", 200),
    ] {
        let answer = gateway.request("GET", path, secret, accept, b"");
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        let is_page = answer.header("content-type").starts_with("text/html");
        assert_eq!(is_page, policy.contains("form-action 'self'"), "{path}");
    }
}

/// The server answers `Expect: 100-continue` by itself, before anything of ours sees the request (RFC 9110, section 10.1.1, would
/// allow the refusal alone). Nothing of the body is read all the same, and the connection ends.
#[test]
fn whoever_asks_whether_to_go_on_is_refused_after_all() {
    let gateway = Gateway::start("limits-expect", &[]);
    let mut stream = gateway.connect();
    let head = "POST /fhir HTTP/1.1\r\nHost: gateway\r\nExpect: 100-continue\r\nContent-Length: 1048576\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answers = String::new();
    let _ = std::io::Read::read_to_string(&mut stream, &mut answers);
    assert!(answers.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 "), "{answers}");
}
