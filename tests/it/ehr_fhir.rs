//! FHIR referrals: golden cases, answers, damage, genomic content.

mod consent;
mod damage;
mod genomics;
mod values;

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use impress_gateway::domain::accounting::{Account, Outcome as Fate};
use impress_gateway::domain::issue::{Issue, Severity};
use impress_gateway::domain::limits::Limits;
use impress_gateway::domain::national_id::SyntheticNumbers;
use impress_gateway::profiles::gate::Gate;
use impress_gateway::profiles::inbound::check;
use impress_gateway::profiles::walk::Validator;
use impress_gateway::sources::ehr_fhir::{Context, Reading, Refused, outcome, read};
use impress_gateway::startup::{ReferenceData, reference_data};
use serde_json::Value;

use super::henvisning::{shown, sorted};

pub(crate) static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| Validator::embedded().unwrap());
static GATE: LazyLock<Gate<'static>> = LazyLock::new(|| Gate::new(VALIDATOR.form()));
static DATA: LazyLock<ReferenceData> = LazyLock::new(|| reference_data(None).unwrap());

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/ehr-fhir");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    assert!(cases.len() >= 17, "the cases were not found");
    cases
}

fn golden(case: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/ehr-fhir");
    std::fs::read(root.join(case).join("input.json")).unwrap()
}

fn checked(bundle: &Value) -> Vec<Issue> {
    check(&GATE, &VALIDATOR, bundle)
}

fn translate(bytes: &[u8]) -> (Result<Reading, Refused>, Account) {
    translate_with(bytes, &Limits::default(), SyntheticNumbers::Accepted)
}

fn translate_with(bytes: &[u8], limits: &Limits, synthetic: SyntheticNumbers) -> (Result<Reading, Refused>, Account) {
    let ReferenceData { trusts, code_tables } = &*DATA;
    let file: Arc<str> = "input.json".into();
    let context = Context { file: &file, limits, code_tables, trusts, synthetic, conformance: &checked };
    let mut account = Account::default();
    let result = read(bytes, context, &mut account);
    (result, account)
}

/// Code and place of each issue; those of the base profiles that are no more than advice are not looked at.
fn issues(account: &Account) -> Vec<String> {
    let place = |path: &Option<Arc<str>>| path.as_deref().unwrap_or_default().to_owned();
    let advice =
        |issue: &&Issue| !(issue.code.as_str().starts_with("profile.") && issue.code.severity() < Severity::Error);
    let mut lines: Vec<String> = account
        .issues
        .iter()
        .filter(advice)
        .map(|issue| format!("{} {}", issue.code, place(&issue.location.path)).trim().to_owned())
        .collect();
    lines.sort();
    lines
}

#[test]
fn golden_messages_become_the_expected_referrals() {
    let mut wrong = Vec::new();
    for case in cases() {
        let (result, account) = translate(&std::fs::read(case.join("input.json")).unwrap());
        let name = case.file_name().unwrap().to_str().unwrap();
        let expected = |file: &str| std::fs::read_to_string(case.join(file)).ok();
        let issues = issues(&account);
        if issues != sorted(&expected("expected.issues.txt").unwrap_or_default()) {
            wrong.push(format!("{name}: issues\n{}", issues.join("\n")));
        }
        let found = result.map(|reading| shown(&reading.referral)).unwrap_or_default();
        let expected = sorted(&expected("expected.referral.txt").unwrap_or_default());
        if found != expected {
            let more: Vec<_> = found.iter().filter(|line| !expected.contains(line)).collect();
            let less: Vec<_> = expected.iter().filter(|line| !found.contains(line)).collect();
            wrong.push(format!("{name}: more {more:#?}\nless {less:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every value is held by a resource or listed with a reason, and no row is left open.
#[test]
fn every_value_is_accounted_for() {
    for case in cases() {
        let bytes = std::fs::read(case.join("input.json")).unwrap();
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { continue };
        if value["resourceType"] != "Bundle" {
            continue;
        }
        let (result, account) = translate(&bytes);
        let held = result.map(|reading| reading.held).unwrap_or_default();
        let mut held: Vec<_> = held.iter().map(|(row, _)| *row).collect();
        held.sort();
        assert_eq!(account.ledger.open_rows(), held, "{}", case.display());
        assert_eq!(account.ledger.rows().count(), leaves(&value), "{}", case.display());
    }
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.values().map(leaves).sum(),
        Value::Array(list) => list.iter().map(leaves).sum(),
        Value::Null => 0,
        _ => 1,
    }
}

/// What the accounting says of some places of the damaged message.
#[test]
fn what_is_not_used_says_why() {
    let (result, account) = translate(&golden("transaction-damaged"));
    assert!(result.is_ok());
    let code = |path: &str| {
        let row = account.ledger.rows().find(|row| row.section.as_deref() == Some(path)).unwrap();
        match &row.outcome {
            Fate::Listed { code, .. } => code.as_str(),
            Fate::Open | Fate::Represented(_) => "held",
        }
    };
    for (path, expected) in [
        ("Bundle.entry[0].resource.authoredOn", "held"),
        ("Bundle.entry[0].resource.occurrenceDateTime", "ehr-fhir.element-kept"),
        ("Bundle.entry[0].resource.extension[0].valueString", "ehr-fhir.element-unread"),
        ("Bundle.entry[0].request.method", "ehr-fhir.element-envelope"),
        ("Bundle.entry[1].resource.text.div", "ehr-fhir.narrative-unread"),
        ("Bundle.entry[8].resource.code.coding[0].code", "ehr-fhir.patient-other"),
        ("Bundle.entry[9].resource.code.coding[0].code", "ehr-fhir.resource-not-in-force"),
        ("Bundle.entry[11].resource.valueQuantity.value", "ehr-fhir.subject-missing"),
        ("Bundle.entry[12].resource.valueQuantity.value", "held"),
    ] {
        assert_eq!(code(path), expected, "{path}");
    }
}

/// An answer of HTTP: refused with the issues, which name places and nobody.
#[test]
fn the_answer_is_an_operation_outcome_that_names_nobody() {
    for case in cases() {
        let bytes = std::fs::read(case.join("input.json")).unwrap();
        let (result, account) = translate(&bytes);
        let name = case.file_name().unwrap().to_str().unwrap();
        let answer = outcome(&account.issues);
        let expected = match name {
            "refused-json" => 400,
            _ if name.starts_with("refused-") => 422,
            _ => 200,
        };
        assert_eq!((answer.status, result.is_ok()), (expected, expected == 200), "{name}");
        assert_eq!(answer.resource["resourceType"], "OperationOutcome", "{name}");
        let text = answer.resource.to_string();
        for person in ["05898597468", "05898597469", "Ås", "Ærlig", "Øvregata", "1985-09-05", "00000001", "Øyen"] {
            assert!(!text.contains(person), "{name}: {person} in {text}");
        }
    }
}

/// The same patient as in the XML message of the same name: what differs has no element in FHIR, or none in XML.
#[test]
fn one_patient_reads_the_same_as_in_xml() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let xml = std::fs::read_to_string(root.join("henvisning/videre-new/expected.referral.txt")).unwrap();
    let (result, _) = translate(&golden("same-patient"));
    let (found, xml) = (shown(&result.unwrap().referral), sorted(&xml));
    let differs = |line: &&String| {
        ["reported_priority.", "message.", "clinical_items[1].text"].iter().any(|start| line.starts_with(start))
    };
    let found: Vec<_> = found.iter().filter(|line| !differs(line)).collect();
    let xml: Vec<_> = xml.iter().filter(|line| !differs(line)).collect();
    assert_eq!(found, xml);
}

#[test]
fn an_attachment_over_the_limit_refuses_the_message() {
    let limits = Limits { attachment_bytes: 8, ..Limits::default() };
    let (result, account) = translate_with(&golden("same-patient"), &limits, SyntheticNumbers::Accepted);
    assert!(result.is_err());
    assert!(issues(&account).iter().any(|line| line.starts_with("ehr-fhir.attachment-too-large Bundle.entry")));
}

/// A number with a wrong check digit is refused, and the patient is known by name, date of birth and sex.
#[test]
fn a_value_that_is_refused_is_listed() {
    let message = String::from_utf8(golden("same-patient")).unwrap().replace("05898597468", "05898597469");
    let (result, account) = translate(message.as_bytes());
    assert!(result.unwrap().referral.patient.identifiers.is_empty());
    assert!(issues(&account).iter().any(|line| line.starts_with("identity.national-number-invalid Bundle.entry")));
    let refused = account.ledger.rows().find(|row| match &row.outcome {
        Fate::Listed { code, .. } => code.as_str() == "ehr-fhir.element-refused",
        Fate::Open | Fate::Represented(_) => false,
    });
    assert!(refused.unwrap().section.as_deref().unwrap().ends_with("identifier[0].value"));
}
