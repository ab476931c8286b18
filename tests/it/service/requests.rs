//! Who may send what, and what is answered.

use std::io::Write;

use super::referral::Referral;
use super::setting::{Gateway, LABORATORY, OPERATOR, OTHER, Response, TRUST, golden};

#[test]
fn a_caller_is_known_before_anything_of_the_body_is_read() {
    let gateway = Gateway::start("request-callers", &[]);
    for (authorization, status, code) in [
        ("", 401, "request.unauthenticated"),
        ("Authorization: Bearer wrong\r\n", 401, "request.unauthenticated"),
        ("Authorization: Basic dHJ1c3Q=\r\n", 401, "request.unauthenticated"),
        (&format!("Authorization: Bearer {LABORATORY}\r\n"), 403, "request.forbidden"),
        (&format!("Authorization: Bearer {TRUST}\r\n"), 413, "request.too-large"),
    ] {
        let mut stream = gateway.connect();
        // A body of a gigabyte is announced, and not a byte of it sent.
        let head = format!(
            "POST /intake/referrals HTTP/1.1\r\nHost: gateway\r\n{authorization}Content-Length: 1073741824\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let response = Response::read(stream);
        assert_eq!((response.status, response.code().as_str()), (status, code), "{authorization}");
    }
}

#[test]
fn every_role_has_its_routes() {
    let gateway = Gateway::start("request-roles", &[]);
    for (method, path, allowed) in [
        ("POST", "/intake/referrals", &[TRUST, OTHER][..]),
        ("POST", "/fhir", &[TRUST, OTHER]),
        ("POST", "/fhir/", &[TRUST, OTHER]),
        ("POST", "/fhir/$process-message", &[TRUST, OTHER]),
        ("POST", "/intake/reports", &[LABORATORY]),
        ("POST", "/fhir/Specimen", &[LABORATORY]),
        ("GET", "/messages", &[TRUST, OTHER, LABORATORY, OPERATOR]),
        ("GET", "/metrics", &[OPERATOR]),
    ] {
        for secret in [TRUST, OTHER, LABORATORY, OPERATOR] {
            let response = gateway.request(method, path, secret, "", b"x");
            assert_eq!(response.status != 403, allowed.contains(&secret), "{method} {path}: {}", response.status);
        }
        assert_eq!(gateway.request(method, path, "", "", b"x").status, 401, "{path}");
    }
}

#[test]
fn an_address_that_is_not_there_is_told() {
    let gateway = Gateway::start("request-routes", &[]);
    let nothing = gateway.get("/nothing", TRUST);
    assert_eq!((nothing.status, nothing.code().as_str()), (404, "request.not-found"));
    let method = gateway.get("/intake/referrals", TRUST);
    assert_eq!((method.status, method.code().as_str()), (405, "request.unsupported"));
    assert_eq!(method.header("allow"), "POST");
    let message = gateway.get("/messages/0000", TRUST);
    assert_eq!((message.status, message.code().as_str()), (404, "request.not-found"));
    let parameter = gateway.get("/messages?patient=x", TRUST);
    assert_eq!((parameter.status, parameter.code().as_str()), (400, "request.invalid"));
}

#[test]
fn a_body_that_comes_too_slowly_is_given_up() {
    let gateway = Gateway::start_with("request-slow", &[], "request_seconds = 1");
    let mut stream = gateway.connect();
    let head = format!(
        "POST /intake/referrals HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {TRUST}\r\nContent-Length: 100\r\n\r\nhalf"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let response = Response::read(stream);
    assert_eq!((response.status, response.code().as_str()), (408, "request.too-slow"));
}

#[test]
fn every_format_gets_the_receipt_of_its_standard() {
    for (path, receipt, repeat) in [
        ("henvisning/videre-new/input.xml", "AppRec", false),
        ("one-patient/hl7v2.hl7", "MSA|AA|", true),
        ("one-patient/ehr-fhir.json", "OperationOutcome", true),
    ] {
        // The three say the same, with the same id.
        let gateway = Gateway::start("request-formats", &[]);
        let first = gateway.referral(&golden(path));
        assert_eq!(first.status, 200, "{path}: {}", String::from_utf8_lossy(&first.body));
        assert!(String::from_utf8_lossy(&first.body).contains(receipt), "{path}");
        let again = gateway.referral(&golden(path));
        assert_eq!((again.status, again.header("x-repeat")), (200, "true"), "{path}");
        assert_eq!(again.header("x-message-id"), first.header("x-message-id"), "{path}");
        // A repetition gets the same answer, but no second AppRec.
        assert_eq!(again.body, if repeat { first.body } else { Vec::new() }, "{path}");
    }
}

#[test]
fn the_format_is_told_by_looking_whatever_the_sender_calls_it() {
    let gateway = Gateway::start("request-types", &[]);
    for (number, kind) in [
        "",
        "application/hl7-v2",
        "x-application/hl7-v2+er7",
        "text/plain; charset=utf-8",
        "application/json",
        "application/xml",
        "not a media type",
    ]
    .into_iter()
    .enumerate()
    {
        let header = if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
        let hl7 = String::from_utf8(golden("one-patient/hl7v2.hl7")).unwrap();
        let hl7 = hl7
            .replace("|G0100|", &format!("|G02{number:02}|"))
            .replace("-000000000001|", &format!("-0000000002{number:02}|"));
        let hl7 = gateway.request("POST", "/intake/referrals", TRUST, &header, hl7.as_bytes());
        assert_eq!((hl7.status, hl7.header("content-type")), (200, "x-application/hl7-v2+er7"), "{kind}");
        let answer = String::from_utf8(hl7.body).unwrap();
        assert!(answer.starts_with("MSH|") && answer.contains(&format!("MSA|AA|G02{number:02}")), "{kind}: {answer:?}");
        let fhir = Referral::new(number + 1).fhir();
        let fhir = gateway.request("POST", "/intake/referrals", TRUST, &header, &fhir);
        assert_eq!((fhir.status, fhir.header("content-type")), (200, "application/fhir+json; charset=utf-8"), "{kind}");
    }
    let xml = gateway.request(
        "POST",
        "/intake/referrals",
        TRUST,
        "Content-Type: application/json\r\n",
        &golden("henvisning/emergency/input.xml"),
    );
    assert_eq!((xml.status, xml.header("content-type")), (200, "application/xml; charset=utf-8"));
}

#[test]
fn an_id_that_was_used_is_refused_in_every_format_and_the_first_message_stays() {
    for (name, path, from, to) in [
        ("henvisning", "one-patient/henvisning.xml", "<StreetAdr>Øvregata 1<", "<StreetAdr>Øvregata 2<"),
        ("hl7v2", "one-patient/hl7v2.hl7", "Øvregata 1", "Øvregata 2"),
        ("fhir", "one-patient/ehr-fhir.json", "Øvregata 1", "Øvregata 2"),
    ] {
        let gateway = Gateway::start(&format!("request-reused-{name}"), &[]);
        let first = String::from_utf8(golden(path)).unwrap();
        assert!(first.contains(from), "{name}");
        let message = gateway.send(first.as_bytes());
        let other = gateway.referral(first.replace(from, to).as_bytes());
        assert_eq!((other.status, other.code().as_str()), (409, "intake.id-reused"), "{name}");
        assert_eq!(other.header("x-disposition"), "id-reused");
        // The refused one is kept for whoever asks, and what was taken is what it was.
        assert_eq!(gateway.message(other.header("x-message-id"))["disposition"], "id-reused");
        let original = gateway.get(&format!("/messages/{message}/original"), TRUST);
        assert_eq!(original.body, first.as_bytes(), "{name}");
        let again = gateway.referral(first.as_bytes());
        assert_eq!((again.status, again.header("x-repeat")), (200, "true"), "{name}");
        assert_eq!(again.header("x-message-id"), message);
    }
}

#[test]
fn a_referral_that_is_invalid_is_refused_with_every_issue_in_its_own_form() {
    let gateway = Gateway::start("request-invalid", &[]);
    for (path, code) in [
        ("ehr-fhir/refused-invalid/input.json", "profile.cardinality-min"),
        ("ehr-fhir/refused-missing/input.json", "ehr-fhir.referral-missing"),
    ] {
        let expected = golden(&path.replace("input.json", "expected.issues.txt"));
        assert!(String::from_utf8(expected).unwrap().contains(code), "{path}");
        let refused = gateway.referral(&golden(path));
        assert_eq!((refused.status, refused.header("x-disposition")), (422, "rejected"), "{path}");
        let issues = refused.json()["issue"].as_array().unwrap().clone();
        let of = |issue: &serde_json::Value| issue["details"]["coding"][0]["code"] == code;
        assert!(issues.iter().any(|issue| of(issue) && issue["severity"] != "information"), "{path}: {issues:?}");
    }
    // The XML referral gets the AppRec that says so: status 2, rejected (AppRec 1.1).
    let refused = gateway.referral(&golden("henvisning/refused-structure/input.xml"));
    assert_eq!(refused.status, 422);
    let receipt = String::from_utf8(refused.body).unwrap();
    assert!(receipt.contains("AppRec") && receipt.contains("<Status V=\"2\""), "{receipt}");
    // HL7 v2, table 0008: AE or AR.
    let refused = gateway.referral(&golden("hl7v2-ref/damaged-patient/input.hl7"));
    let receipt = String::from_utf8(refused.body).unwrap();
    assert_eq!(refused.status, 422, "{receipt}");
    assert!(receipt.contains("MSA|AE|") || receipt.contains("MSA|AR|"), "{receipt}");
}

#[test]
fn a_body_without_a_length_has_the_same_limit_and_one_that_is_cut_off_leaves_nothing() {
    let gateway = Gateway::start("request-chunks", &[]);
    let head = format!(
        "POST /fhir HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {TRUST}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let mut stream = gateway.connect();
    stream.write_all(head.as_bytes()).unwrap();
    // 1 MiB a chunk, until it is refused; far beyond the limit it would be never.
    let chunk = [b"100000\r\n".as_slice(), &vec![b' '; 1 << 20], b"\r\n"].concat();
    let refused = (0..256).any(|_| stream.write_all(&chunk).is_err());
    let limit = impress_gateway::domain::limits::Limits::default().message_bytes;
    assert!(limit < 256 << 20);
    // The connection may be reset before the answer was read; what must not be is that all of it was taken.
    if !refused {
        let response = Response::read(stream);
        assert_eq!((response.status, response.code().as_str()), (413, "request.too-large"));
    }
    let mut stream = gateway.connect();
    let body = Referral::new(1).fhir();
    let head = head.replace("Transfer-Encoding: chunked", &format!("Content-Length: {}", body.len()));
    stream.write_all(&[head.as_bytes(), &body[..body.len() - 1]].concat()).unwrap();
    drop(stream);
    assert_eq!(gateway.get("/healthz", "").status, 200);
    assert_eq!(gateway.get("/messages", OPERATOR).json()["messages"].as_array().unwrap().len(), 0);
}

#[test]
fn what_cannot_be_taken_is_refused_with_the_reason() {
    let gateway = Gateway::start("request-refused", &[]);
    let garbage = gateway.referral(b"neither XML nor HL7 nor JSON");
    assert_eq!((garbage.status, garbage.code().as_str()), (400, "referral.format-unknown"));
    let invalid = gateway.request("POST", "/fhir", TRUST, "", &golden("ehr-fhir/refused-invalid/input.json"));
    assert_eq!(invalid.status, 422);
    assert_eq!(invalid.json()["resourceType"], "OperationOutcome");
    let new = String::from_utf8(golden("henvisning/videre-new/input.xml")).unwrap();
    assert_eq!(gateway.referral(new.as_bytes()).status, 200);
    let other = gateway.referral(new.replace("<GenDate>2026-03-01", "<GenDate>2026-03-04").as_bytes());
    assert_eq!((other.status, other.code().as_str()), (409, "intake.id-reused"));
    let archive = gateway.request("POST", "/intake/reports", LABORATORY, "", b"no archive");
    assert_eq!((archive.status, archive.code().as_str()), (422, "intake.archive-invalid"));
}

#[test]
fn a_run_folder_is_taken_as_archive_or_as_form() {
    let gateway = Gateway::start("request-reports", &[]);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tso500/vcf-alone/input");
    let mut archive = tar::Builder::new(Vec::new());
    archive.mode(tar::HeaderMode::Deterministic);
    archive.append_dir_all(".", &folder).unwrap();
    let tar = archive.into_inner().unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&tar).unwrap();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut form = Vec::new();
    for entry in walkdir::WalkDir::new(&folder).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
            let content = std::fs::read(entry.path()).unwrap();
            zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(&content).unwrap();
            let head = format!("--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n");
            form.extend_from_slice(head.as_bytes());
            form.extend_from_slice(&content);
            form.extend_from_slice(b"\r\n");
        }
    }
    form.extend_from_slice(b"--x--\r\n");
    let zip = zip.finish().unwrap().into_inner();
    let multipart = "Content-Type: multipart/form-data; boundary=x\r\n";
    for (name, kind, body) in
        [("tar", "", tar), ("gzip", "", gzip.finish().unwrap()), ("zip", "", zip), ("form", multipart, form)]
    {
        let answer = gateway.request("POST", "/intake/reports", LABORATORY, kind, &body);
        assert_eq!(answer.status, 200, "{name}: {}", String::from_utf8_lossy(&answer.body));
    }
    // Four archives, and the one patient in them is one message.
    let listed = gateway.get("/messages", LABORATORY).json();
    let of = |kind: &str| listed["messages"].as_array().unwrap().iter().filter(|row| row["kind"] == kind).count();
    assert_eq!((of("run"), of("report")), (4, 1));
}

#[test]
fn everybody_sees_the_own_messages() {
    let gateway = Gateway::start("request-scope", &[]);
    let id = gateway.referral(&golden("one-patient/ehr-fhir.json")).header("x-message-id").to_owned();
    for (secret, sees) in [(TRUST, true), (OTHER, false), (LABORATORY, false), (OPERATOR, true)] {
        let listed = gateway.get("/messages", secret).json();
        assert_eq!(listed["messages"].as_array().unwrap().len(), usize::from(sees));
        for path in [format!("/messages/{id}"), format!("/messages/{id}/original")] {
            assert_eq!(gateway.get(&path, secret).status, if sees { 200 } else { 404 }, "{path}");
        }
    }
    assert_eq!(gateway.get(&format!("/messages/{id}/original"), TRUST).body, golden("one-patient/ehr-fhir.json"));
    // Each look is a row: three of the sender, two of the operator before this one, and this one.
    let audit = gateway.message(&id)["audit"].clone();
    let reads = audit.as_array().unwrap().iter().filter(|row| row["action"] == "read").count();
    assert_eq!(reads, 6, "{audit}");
    let page = gateway.request("GET", &format!("/messages/{id}"), TRUST, "Accept: text/html\r\n", b"");
    assert!(page.header("content-type").starts_with("text/html"));
    let text = String::from_utf8(page.body).unwrap();
    assert!(text.contains(&id));
    for personal in ["05898597468", "Øvregata"] {
        assert!(!text.contains(personal) && !gateway.log().contains(personal), "{personal}");
    }
}

#[test]
fn health_readiness_and_numbers() {
    let gateway = Gateway::start("request-health", &[]);
    assert_eq!(gateway.get("/healthz", "").status, 200);
    let ready = gateway.get("/readyz", "");
    assert_eq!((ready.status, ready.json()["journal"].as_str()), (200, Some("writable")));
    gateway.referral(&golden("one-patient/ehr-fhir.json"));
    let numbers = String::from_utf8(gateway.get("/metrics", OPERATOR).body).unwrap();
    for series in ["impress_messages_total{", "impress_intake_seconds", "impress_journal_messages{"] {
        assert!(numbers.contains(series), "{series} in {numbers}");
    }
    assert!(!numbers.contains("05898597468"));
}
