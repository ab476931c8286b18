//! XML referrals: golden cases, receipts, damage, hostile documents.

mod damage;
mod hostile;
mod mapping;
mod rewritten;
mod values;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use impress_gateway::domain::accounting::{Account, Row};
use impress_gateway::domain::addressees::{ANYBODY, Addressees};
use impress_gateway::domain::limits::Limits;
use impress_gateway::domain::national_id::SyntheticNumbers;
use impress_gateway::domain::record::{Field, Record};
use impress_gateway::domain::referral::{Message, Referral};
use impress_gateway::sources::henvisning::{
    Context, Delivery, Header, Reading, Refused, Rejection, Stamp, app_rec, read,
};
use impress_gateway::startup::{ReferenceData, reference_data};

const RECEIPT_ID: &str = "0f000001-0000-4000-8000-0000000000ff";

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/henvisning");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    assert!(cases.len() >= 16, "the cases were not found");
    cases
}

fn golden(case: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/henvisning").join(case).join("input.xml"))
        .unwrap()
}

fn expected(case: &Path, name: &str) -> Option<String> {
    std::fs::read_to_string(case.join(name)).ok()
}

fn translate(bytes: &[u8]) -> (Result<Reading, Refused>, Account) {
    translate_with(bytes, &Limits::default(), SyntheticNumbers::Accepted)
}

fn translate_with(bytes: &[u8], limits: &Limits, synthetic: SyntheticNumbers) -> (Result<Reading, Refused>, Account) {
    translate_to(bytes, (limits, synthetic), &ANYBODY)
}

fn translate_to(
    bytes: &[u8],
    (limits, synthetic): (&Limits, SyntheticNumbers),
    addressees: &Addressees,
) -> (Result<Reading, Refused>, Account) {
    let ReferenceData { trusts, code_tables } = reference_data(None).unwrap();
    let file: Arc<str> = "input.xml".into();
    let context = Context { file: &file, limits, code_tables: &code_tables, trusts: &trusts, synthetic, addressees };
    let mut account = Account::default();
    let result = read(bytes, context, &mut account);
    (result, account)
}

fn receipt(header: &Header, rejections: &[Rejection]) -> Option<String> {
    let stamp = Stamp { id: RECEIPT_ID, generated: "2026-03-01T09:00:00Z".parse().unwrap() };
    app_rec(header, rejections, Delivery::default(), stamp)
}

/// Every filled field, one line each; business keys are not shown.
fn fields(record: &dyn Record, prefix: &str, text: &mut String) {
    for (index, info) in record.record_type().fields.iter().enumerate() {
        let path = format!("{prefix}{}", info.name);
        let mut line = |value: &str| writeln!(text, "{path} = {}", value.replace('\n', "⏎")).unwrap();
        match record.field(index) {
            Field::Missing | Field::Identity(_) => {}
            Field::Text(value) => line(value),
            Field::Integer(value) => line(&value.to_string()),
            Field::Decimal(value) => line(&value.to_string()),
            Field::Boolean(value) => line(&value.to_string()),
            Field::Record(inner) => fields(inner, &format!("{path}."), text),
            Field::List(list) => {
                for number in 0..list.len() {
                    fields(list.get(number).unwrap(), &format!("{path}[{number}]."), text);
                }
            }
        }
    }
}

fn envelope(message: &Message, text: &mut String) {
    let mut line = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            writeln!(text, "message.{name} = {value}").unwrap();
        }
    };
    line("message_id", Some(&message.message_id));
    line("kind", Some(&message.kind));
    line("version", Some(&message.version));
    line("action", Some(&format!("{:?}", message.action)));
    line("generated", message.generated.as_deref());
    line("parent", message.parent.as_deref());
    line("conversation", message.conversation.as_deref());
    line("care_course", message.care_course.as_deref());
}

pub(crate) fn shown(referral: &Referral) -> Vec<String> {
    let mut text = String::new();
    fields(referral, "", &mut text);
    envelope(&referral.message, &mut text);
    sorted(&text)
}

pub(crate) fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Code and place of each issue.
fn issues(account: &Account) -> Vec<String> {
    let place = |path: &Option<Arc<str>>| path.as_deref().unwrap_or_default().to_owned();
    let mut lines: Vec<String> =
        account.issues.iter().map(|issue| format!("{} {}", issue.code, place(&issue.location.path))).collect();
    lines.sort();
    lines
}

#[test]
fn golden_messages_become_the_expected_referrals() {
    for case in cases() {
        let (result, account) = translate(&std::fs::read(case.join("input.xml")).unwrap());
        let name = case.file_name().unwrap().to_str().unwrap();
        assert_eq!(issues(&account), sorted(&expected(&case, "expected.issues.txt").unwrap()), "{name}: issues");
        match (result, expected(&case, "expected.referral.txt")) {
            (Ok(reading), Some(expected)) => {
                let (shown, expected) = (shown(&reading.referral), sorted(&expected));
                let more: Vec<_> = shown.iter().filter(|line| !expected.contains(line)).collect();
                let less: Vec<_> = expected.iter().filter(|line| !shown.contains(line)).collect();
                assert_eq!((more, less, shown.len()), (vec![], vec![], expected.len()), "{name}");
            }
            (Err(_), None) => {}
            (Ok(_), None) => panic!("{name}: accepted"),
            (Err(refused), Some(_)) => panic!("{name}: refused with {:?}", refused.rejections),
        }
    }
}

#[test]
fn golden_messages_get_the_expected_receipts() {
    for case in cases() {
        let (result, _) = translate(&std::fs::read(case.join("input.xml")).unwrap());
        let written = match &result {
            Ok(reading) => receipt(&reading.header, &[]),
            Err(refused) => receipt(refused.header.as_ref().unwrap(), &refused.rejections),
        };
        assert_eq!(written, expected(&case, "expected.apprec.xml"), "{}", case.display());
    }
}

/// Every element that says something is held by a resource or listed with a reason, and no row is left open.
#[test]
fn every_element_with_a_value_is_accounted_for() {
    for case in cases() {
        let bytes = std::fs::read(case.join("input.xml")).unwrap();
        let (result, account) = translate(&bytes);
        let held = result.map(|reading| reading.held).unwrap_or_default();
        let mut held: Vec<_> = held.iter().map(|(row, _)| *row).collect();
        held.sort();
        assert_eq!(account.ledger.open_rows(), held, "{}", case.display());
        let is_element = |row: &&Row| !row.section.as_deref().unwrap().contains('@');
        let elements = account.ledger.rows().filter(is_element).count();
        // Leaves with text, and empty elements with attributes, counted in the text of the message.
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        let tags = text.split('<').filter(|tag| !tag.starts_with(['/', '?']) && !tag.trim().is_empty());
        let says = |tag: &&str| {
            let (head, content) = tag.split_once('>').unwrap();
            let has_attribute =
                head.replace("xmlns", "").contains(" V=") || head.contains(" DN=") || head.contains(" S=");
            has_attribute || !content.trim().is_empty()
        };
        assert_eq!(elements, tags.filter(says).count(), "{}", case.display());
    }
}
