//! Referrals that are made to do harm, through the whole pipeline with its default limits: each is refused with the code of
//! its limit (docs/formats.md) and answered, or read like any other. bench/hostile/referrals.sh feeds large ones.

use std::path::Path;
use std::sync::LazyLock;

use impress_gateway::config::Config;
use impress_gateway::domain::ids::Face;
use impress_gateway::domain::issue::Severity;
use impress_gateway::pipeline::referral::{ReferralGateway, Stamp, Translation, translate};
use impress_gateway::startup::load_referrals;

static GATEWAY: LazyLock<ReferralGateway> = LazyLock::new(gateway);

fn gateway() -> ReferralGateway {
    let environment = [("IMPRESS_GATEWAY__IDENTITY__ACCEPT_SYNTHETIC".to_owned(), "true".to_owned())];
    load_referrals(&Config::load(None, environment).unwrap()).unwrap()
}

fn golden(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/one-patient").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// The golden message with a text behind the first place of a mark.
fn with(name: &str, mark: &str, text: &str) -> Vec<u8> {
    let message = golden(name);
    assert!(message.contains(mark), "{mark}");
    message.replacen(mark, &format!("{mark}{text}"), 1).into_bytes()
}

fn translated(gateway: &ReferralGateway, message: &[u8]) -> Translation {
    let stamp =
        Stamp { id: "0f000001-0000-4000-8000-0000000000ff", generated: "2026-03-01T09:00:00Z".parse().unwrap() };
    translate(gateway, message, "message", Face::Identified, stamp)
}

/// Codes of what refuses a message, those of other defects left out; the Bundle is there if and only if there are none.
fn refusals(translation: &Translation) -> Vec<&'static str> {
    let issues = translation.account.issues.iter();
    assert_eq!(translation.bundle.is_none(), issues.clone().any(|issue| issue.code.severity() == Severity::Fatal));
    let mut codes: Vec<_> = issues.map(|issue| issue.code.as_str()).collect();
    codes.retain(|code| {
        let is_of_text = ["xml.", "json.", "hl7v2.too-"].iter().any(|start| code.starts_with(start));
        is_of_text || code.ends_with(".unreadable") || code.ends_with("-too-large")
    });
    codes.dedup();
    codes
}

const HL7: &str = "hl7v2.hl7";
const XML: &str = "henvisning.xml";
const FHIR: &str = "ehr-fhir.json";
const BUNDLE: &str = "\"resourceType\": \"Bundle\",";

#[test]
fn what_is_over_a_limit_is_refused_with_its_code() {
    let attributes: String = (0..100_000).map(|number| format!(" a{number}=\"\"")).collect();
    let unreadable = |code| vec![code, "ehr-fhir.unreadable"];
    let xml = |code| vec![code, "henvisning.unreadable"];
    for (message, codes) in [
        (with(HL7, "PID|1||", &"1~".repeat(1_000)), vec!["hl7v2.too-many-parts"]),
        (with(HL7, "PID|1||", &"&".repeat(10_000)), vec!["hl7v2.too-many-parts"]),
        (with(HL7, "PID|1||", &"^".repeat(10_000)), vec!["hl7v2.too-many-parts"]),
        (with(HL7, "^8231\r", &"ZZZ|1\r".repeat(10_000)), vec!["hl7v2.too-many-parts"]),
        (with(HL7, "^8231\r", &format!("ZZZ{}\r", "|".repeat(200_000))), vec!["hl7v2.too-many-parts"]),
        (with(XML, "<MsgInfo", &attributes), xml("xml.too-large")),
        (with(XML, "<MsgInfo>", &"<Organisation>".repeat(100)), xml("xml.too-deep")),
        (with(XML, "?>", "<!DOCTYPE MsgHead [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"), xml("xml.doctype")),
        (with(FHIR, "\"entry\": [", &"{},".repeat(250_000)), unreadable("json.too-large")),
        (with(FHIR, BUNDLE, &format!("\"total\": {},", "9".repeat(1_000))), unreadable("json.too-large")),
        (with(FHIR, BUNDLE, &format!("\"x\": {}{},", "[".repeat(70), "]".repeat(70))), unreadable("json.too-deep")),
        (with(FHIR, BUNDLE, &"\"id\": \"a\",".repeat(2)), unreadable("json.key-repeated")),
    ] {
        let translation = translated(&GATEWAY, &message);
        assert_eq!(refusals(&translation), codes);
    }
}

#[test]
fn an_attachment_over_the_limit_is_refused_in_each_format() {
    let mut gateway = gateway();
    for name in [HL7, XML, FHIR] {
        assert_eq!(refusals(&translated(&gateway, golden(name).as_bytes())), [""; 0], "{name}");
    }
    gateway.limits.attachment_bytes = 10;
    for (name, code) in [
        (HL7, "hl7v2.attachment-too-large"),
        (XML, "henvisning.attachment-too-large"),
        (FHIR, "ehr-fhir.attachment-too-large"),
    ] {
        let translation = translated(&gateway, golden(name).as_bytes());
        assert_eq!(refusals(&translation), [code]);
        assert!(translation.receipt.is_some(), "{name}");
    }
}

/// What is only unusual is read: the referral is the same.
#[test]
fn what_is_within_the_limits_is_read() {
    let size = |name: &str| translated(&GATEWAY, golden(name).as_bytes()).referral.unwrap().diagnoses.len();
    for (name, message) in [
        (HL7, with(HL7, "^8231\r", &"\n\r\r\n".repeat(100_000))),
        (HL7, with(HL7, "^8231\r", &format!("ZZZ|{}\r", "1~".repeat(999)))),
        (XML, with(XML, "<MsgInfo>", &format!("<!--{}-->", "x".repeat(1_000_000)))),
        (XML, with(XML, "<MsgInfo>", &"\r\n\n\r".repeat(100_000))),
        (FHIR, with(FHIR, BUNDLE, &" \n\t\r".repeat(100_000))),
    ] {
        let translation = translated(&GATEWAY, &message);
        assert_eq!(refusals(&translation), [""; 0], "{name}");
        assert_eq!(translation.referral.unwrap().diagnoses.len(), size(name), "{name}");
    }
}

/// Each of many resources refers to the patient and to the next one; none is lost or taken for another.
#[test]
fn many_resources_that_refer_to_one_another_are_all_read() {
    const COUNT: usize = 300;
    let entries: String = (0..COUNT)
        .map(|number| {
            let next = (number + 1) % COUNT;
            format!(
                r#"{{"fullUrl": "https://fo.example/fhir/Condition/c{number}", "resource": {{"resourceType": "Condition",
                "id": "c{number}", "code": {{"text": "finding {number}"}},
                "subject": {{"reference": "urn:uuid:0f1e0000-0000-4000-8000-000000000002"}},
                "evidence": [{{"detail": [{{"reference": "Condition/c{next}"}}]}}]}},
                "request": {{"method": "POST", "url": "Condition"}}}},"#
            )
        })
        .collect();
    let before = translated(&GATEWAY, golden(FHIR).as_bytes()).referral.unwrap().diagnoses.len();
    let translation = translated(&GATEWAY, &with(FHIR, "\"entry\": [", &entries));
    assert_eq!(refusals(&translation), [""; 0]);
    let texts: std::collections::BTreeSet<_> =
        translation.referral.unwrap().diagnoses.into_iter().filter_map(|diagnosis| diagnosis.text).collect();
    assert_eq!(texts.iter().filter(|text| text.starts_with("finding ")).count(), COUNT);
    assert!(texts.len() >= COUNT + before.saturating_sub(1));
}
