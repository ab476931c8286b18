//! A test: a message, and the fields that it must give.

use std::sync::Arc;

use super::field::value_at;
use crate::domain::accounting::Account;
use crate::domain::addressees::ANYBODY;
use crate::domain::issue::{Issue, IssueCode, Severity};
use crate::domain::limits::Limits;
use crate::domain::national_id::SyntheticNumbers;
use crate::mapping_file::yaml::{self, Entry, Node, Text, Value};
use crate::mapping_file::{MappingError, MappingFile, Position};
use crate::redact::quote;
use crate::sources::hl7v2_ref::acknowledge::{Stamp, acknowledge, levels};
use crate::sources::hl7v2_ref::binding::set::Bindings;
use crate::sources::hl7v2_ref::er7::CharacterSet;
use crate::sources::hl7v2_ref::{Context, Header, read};

/// A test.
#[derive(Debug, Clone)]
pub(in crate::sources::hl7v2_ref::binding) struct Case {
    pub(super) at: Position,
    /// Organisation number of the overlay that must apply.
    overlay: Option<String>,
    /// The bytes of the message.
    message: Vec<u8>,
    /// Field and value; no value where the field must be empty.
    expected: Vec<(String, Option<String>, Position)>,
    /// Codes of the issues of severity warning and more.
    issues: Vec<String>,
    /// The acknowledgement code.
    acknowledgement: Option<(String, Position)>,
}

/// What a test gave.
pub(super) struct Run {
    pub(super) failures: Vec<MappingError>,
    pub(super) organisation: String,
    pub(super) is_read: bool,
}

impl Case {
    /// Reads a test.
    pub(in crate::sources::hl7v2_ref::binding) fn read(file: &MappingFile) -> Result<Self, MappingError> {
        let node = yaml::read(file)?;
        let invalid = |at: &Position, text: String| Err(MappingError::new(IssueCode::MappingBindingInvalid, at, text));
        let Value::Object(entries) = &node.value else {
            return invalid(&node.at, "expected the keys of a test".to_owned());
        };
        let mut case = Self {
            at: node.at.clone(),
            overlay: None,
            message: Vec::new(),
            expected: Vec::new(),
            issues: Vec::new(),
            acknowledgement: None,
        };
        let (mut lines, mut set) = (String::new(), CharacterSet::Utf8);
        for Entry { key, at, node } in entries {
            match (key.as_str(), &node.value) {
                ("overlay", Value::Text(text)) => case.overlay = Some(text.text.clone()),
                ("message", Value::Text(text)) => lines.clone_from(&text.text),
                ("character_set", Value::Text(text)) => match CharacterSet::parse(&text.text) {
                    Some(named) => set = named,
                    None => {
                        return invalid(&node.at, format!("{} is no character set that is read", quote(&text.text)));
                    }
                },
                ("acknowledgement", Value::Text(text)) => {
                    case.acknowledgement = Some((text.text.clone(), node.at.clone()));
                }
                ("issues", Value::List(elements)) => {
                    case.issues = elements.iter().filter_map(|element| scalar(element).flatten()).collect();
                    case.issues.sort_unstable();
                }
                ("expect", Value::Object(fields)) => {
                    for field in fields {
                        match scalar(&field.node) {
                            Some(value) => case.expected.push((field.key.clone(), value, field.at.clone())),
                            None => return invalid(&field.node.at, "expected a value or null".to_owned()),
                        }
                    }
                }
                (key, _) => {
                    return invalid(at, format!("{} is no key of a test, or has a value of another kind", quote(key)));
                }
            }
        }
        // A file of lines stands for a message of segments.
        case.message = set.encode(&lines.replace('\n', "\r"));
        Ok(case)
    }

    /// Reads the message and compares.
    pub(super) fn run(&self, bindings: &Bindings, file: &Arc<str>, account: &mut Account) -> Run {
        let limits = Limits::default();
        let context = Context {
            file,
            limits: &limits,
            bindings,
            trusts: None,
            synthetic: SyntheticNumbers::Accepted,
            addressees: &ANYBODY,
        };
        let result = read(&self.message, context, account);
        let (referral, header) = match result {
            Ok(reading) => (Some(reading.referral), Some(reading.header)),
            Err(refused) => (None, refused.header.map(|header| *header)),
        };
        let mut failures = Vec::new();
        let mut fail = |at: &Position, text: String| {
            failures.push(MappingError::new(IssueCode::MappingBindingTestFailed, at, text));
        };
        let organisation = header.as_ref().and_then(|header| header.organisation.clone());
        if organisation != self.overlay {
            let named = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".to_owned());
            fail(&self.at, format!("overlay {} applied, expected {}", named(&organisation), named(&self.overlay)));
        }
        let found = codes(&account.issues);
        if found != self.issues {
            fail(&self.at, format!("issues {}, expected {}", found.join(" "), self.issues.join(" ")));
        }
        if let Some((expected, at)) = &self.acknowledgement {
            let code = header.as_ref().and_then(|header| acknowledgement_code(header, &account.issues));
            if code.as_ref() != Some(expected) {
                fail(
                    at,
                    format!("acknowledged with {}, expected {expected}", code.unwrap_or_else(|| "nothing".to_owned())),
                );
            }
        }
        for (path, expected, at) in &self.expected {
            match referral.as_ref().map(|referral| value_at(referral, path)) {
                None => fail(at, "the message was refused".to_owned()),
                Some(Err(text)) => fail(at, text),
                Some(Ok(found)) if found != *expected => {
                    let shown = |value: &Option<String>| value.as_deref().map_or_else(|| "nothing".to_owned(), quote);
                    fail(at, format!("{path} is {}, expected {}", shown(&found), shown(expected)));
                }
                Some(Ok(_)) => {}
            }
        }
        Run { failures, organisation: organisation.unwrap_or_default(), is_read: referral.is_some() }
    }
}

/// The text of a scalar, none for null.
#[expect(clippy::option_option, reason = "a value that is null is not the same as one of another kind")]
fn scalar(node: &Node) -> Option<Option<String>> {
    match &node.value {
        Value::Null => Some(None),
        Value::Number(text) | Value::Text(Text { text, .. }) => Some(Some(text.clone())),
        Value::Boolean(value) => Some(Some(value.to_string())),
        Value::List(_) | Value::Object(_) => None,
    }
}

fn codes(issues: &[Issue]) -> Vec<String> {
    let issues = issues.iter().filter(|issue| issue.code.severity() >= Severity::Warning);
    let mut codes: Vec<String> = issues.map(|issue| issue.code.to_string()).collect();
    codes.sort_unstable();
    codes
}

/// MSA-1 of the last receipt.
fn acknowledgement_code(header: &Header, issues: &[Issue]) -> Option<String> {
    let stamp = Stamp { control_id: "1", time: "20260101" };
    let receipt = levels(header).iter().rev().find_map(|level| acknowledge(header, issues, *level, stamp))?;
    let segment = receipt.split(|byte| *byte == b'\r').find(|segment| segment.starts_with(b"MSA"))?;
    segment.get(4..6).map(|code| String::from_utf8_lossy(code).into_owned())
}
