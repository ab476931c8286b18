//! Who may send what, and what is answered.

use std::io::Write;

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
