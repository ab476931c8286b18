//! HL7 v2 referrals: golden messages, messages that another library wrote, and the resources that become of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::addressees::ANYBODY;
use impress_gateway::domain::ids::Face;
use impress_gateway::domain::issue::Severity;
use impress_gateway::domain::limits::Limits;
use impress_gateway::domain::national_id::SyntheticNumbers;
use impress_gateway::domain::referral::Referral;
use impress_gateway::fhir::bundle::{Entry, transaction};
use impress_gateway::fhir::ids::{ResourceIds, Secret};
use impress_gateway::mapping::source::{MappingSet, Subject};
use impress_gateway::profiles::walk::Validator;
use impress_gateway::sources::hl7v2_ref::acknowledge::{Stamp, acknowledge, levels};
use impress_gateway::sources::hl7v2_ref::binding::{Bindings, value_at};
use impress_gateway::sources::hl7v2_ref::{Context, Header, looks_like, read};
use impress_gateway::startup::{bindings, reference_data};

struct Read {
    referral: Option<Referral>,
    header: Option<Header>,
    account: Account,
}

fn shipped() -> Bindings {
    let codes = reference_data(None).unwrap().code_tables;
    bindings(None, &Arc::new(codes)).unwrap()
}

fn read_bytes(bytes: &[u8], bindings: &Bindings) -> Read {
    let mut account = Account::default();
    let (file, limits) = (Arc::from("input.hl7"), Limits::default());
    let context = Context {
        file: &file,
        limits: &limits,
        bindings,
        trusts: None,
        synthetic: SyntheticNumbers::Accepted,
        addressees: &ANYBODY,
    };
    match read(bytes, context, &mut account) {
        Ok(reading) => Read { referral: Some(reading.referral), header: Some(reading.header), account },
        Err(refused) => Read { referral: None, header: refused.header.map(|header| *header), account },
    }
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

/// `path<TAB>value` lines against the fields of a referral.
fn assert_fields(case: &Path, referral: Option<&Referral>) {
    let text = std::fs::read_to_string(case.join("expected.fields.tsv")).unwrap();
    for line in text.lines() {
        let (path, expected) = line.split_once('\t').unwrap();
        let referral = referral.unwrap_or_else(|| panic!("{}: refused", case.display()));
        let found = value_at(referral, path).unwrap();
        // A line break in a value is written as `\n`.
        let found = found.map(|value| value.replace('\n', "\\n"));
        assert_eq!(found.as_deref(), Some(expected), "{}: {path}", case.display());
    }
    if text.is_empty() {
        assert!(referral.is_none(), "{}: a damaged message became a referral", case.display());
    }
}

fn codes(account: &Account) -> String {
    let issues = account.issues.iter().filter(|issue| issue.code.severity() >= Severity::Warning);
    let mut codes: Vec<String> = issues.map(|issue| format!("{}\n", issue.code)).collect();
    codes.sort();
    codes.concat()
}

#[test]
fn golden_messages() {
    let bindings = shipped();
    let cases = folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/hl7v2-ref"));
    assert!(cases.len() >= 7);
    for case in cases {
        let bytes = std::fs::read(case.join("input.hl7")).unwrap();
        assert!(looks_like(&bytes), "{}", case.display());
        let Read { referral, header, account } = read_bytes(&bytes, &bindings);
        assert_fields(&case, referral.as_ref());
        let expected = std::fs::read_to_string(case.join("expected.issues.txt")).unwrap();
        assert_eq!(codes(&account), expected, "{}", case.display());
        let stamp = Stamp { control_id: "R1", time: "20260301101501+0100" };
        let mut receipts = Vec::new();
        if let Some(header) = &header {
            for level in levels(header) {
                receipts.extend(acknowledge(header, &account.issues, *level, stamp).unwrap_or_default());
            }
        }
        let expected = std::fs::read(case.join("expected.receipt.hl7")).unwrap();
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\r', "\n");
        assert_eq!(shown(&receipts), shown(&expected), "{}", case.display());
    }
}

/// Messages that `conformance/hl7v2/generate.py` writes with hl7apy: every version in every character set. A user's plain test
/// run skips them visibly.
#[test]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn messages_of_another_library() {
    let Some(root) = std::env::var_os("IMPRESS_HL7V2_MESSAGES") else {
        println!("skipped: IMPRESS_HL7V2_MESSAGES names no folder (conformance/hl7v2/generate.py makes one)");
        return;
    };
    let bindings = shipped();
    let cases = folders(Path::new(&root));
    assert_eq!(cases.len(), 60, "five versions, four character sets, new, change and cancel");
    for case in cases {
        let bytes = std::fs::read(case.join("input.hl7")).unwrap();
        let Read { referral, account, .. } = read_bytes(&bytes, &bindings);
        assert_eq!(codes(&account), "", "{}: {:?}", case.display(), account.issues);
        assert_fields(&case, referral.as_ref());
    }
}

fn bundle(referral: &Referral, face: Face) -> String {
    let templates = MappingSet::embedded().compile(None, Subject::Referral).unwrap();
    let ids = ResourceIds::new(face, &Secret::demo());
    let entries = templates.render(referral, &ids).into_iter().map(|rendered| Entry {
        resource_type: rendered.resource_type.to_string(),
        id: rendered.id.to_string(),
        json: rendered.json,
    });
    transaction(entries.collect())
}

#[test]
fn the_resources_of_a_message_meet_their_profiles_and_the_trial_sees_nobody() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/hl7v2-ref/new-2.5.1-utf8/input.hl7");
    let referral = read_bytes(&std::fs::read(path).unwrap(), &shipped()).referral.unwrap();
    let validator = Validator::embedded().unwrap();
    for face in Face::ALL {
        let bundle = bundle(&referral, face);
        let issues = validator.validate(&serde_json::from_str(&bundle).unwrap(), &[]);
        let errors: Vec<String> =
            issues.iter().filter(|issue| issue.code.severity() >= Severity::Error).map(ToString::to_string).collect();
        assert_eq!(errors, Vec::<String>::new(), "{face:?}: {bundle}");
    }
    let trial = bundle(&referral, Face::Pseudonymous);
    let private = [
        "05898597468",
        "Bråthen",
        "Line",
        "Østby",
        "1985-09-05",
        "Storgata",
        "6800",
        "Førde",
        "22334455",
        "Høgset",
        "Lotte",
        "9144889",
        "55667788",
        "3f2a8c1e-5b7d-4e0f-9a61-2c4d8e6f0b13",
        "G0001",
        "Progresjon",
        "Prostatabiopsi",
        "Penicillin",
        "Prostatakreft",
        "JVBERi0",
    ];
    for text in private {
        assert!(!trial.contains(text), "the trial sees {text}");
    }
    assert!(trial.contains("C61") && trial.contains("1985"), "{trial}");
}

#[test]
fn what_is_no_hl7_is_told_apart() {
    for bytes in [&b"MSH|^~\\&|"[..], b"\r\n\x0bMSH$", b"\xef\xbb\xbfMSH|", b"FHS|^~\\&", b"BHS|"] {
        assert!(looks_like(bytes), "{bytes:?}");
    }
    for bytes in [&b""[..], b"<MsgHead/>", b"{\"resourceType\":\"Bundle\"}", b"MSHA", b"MSH", b"PID|1"] {
        assert!(!looks_like(bytes), "{bytes:?}");
    }
}
