//! Reading a receipt: AppRec 1.1 or 1.0 for a message that the gateway sent.

use super::super::tree::Node;
use super::super::{document_id, open};
use super::{NAMESPACE_1_0, NAMESPACE_1_1};
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;

/// Most errors that are kept of a receipt.
const ERRORS: usize = 20;

/// Longest text of an error, in characters.
const TEXT: usize = 300;

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadReceipt {
    /// Its own id, as sent.
    pub id: String,
    /// The message that it answers: a UUID in lower case.
    pub original: String,
    /// Whether the message was accepted: status 1 of Volven 8258. That a part has errors (3) is no acceptance: a status has one
    /// part.
    pub is_positive: bool,
    /// Errors, each code and text (Volven 8221). The text is the sender's and can name a person.
    pub errors: Vec<String>,
    /// Codes of the errors alone, those that the list can have.
    pub codes: Vec<String>,
}

/// Why bytes are no receipt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Unreadable {
    /// Line, from 1.
    pub line: u32,
    /// What is wrong there; never a value of the document.
    pub text: String,
    /// Issue of the XML; none where it is XML.
    pub xml: Option<IssueCode>,
}

/// Reads a receipt.
///
/// # Errors
/// It is no XML, or no AppRec 1.1 or 1.0 with a status and the id of a message.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<ReadReceipt, Unreadable> {
    let (document, _) = open(bytes, limits).map_err(|error| Unreadable {
        line: error.line,
        xml: Some(error.code),
        text: error.text,
    })?;
    let root = document.root();
    let wrong = |node: Node<'_>, text: &str| Unreadable { line: node.line(), text: text.to_owned(), xml: None };
    if !matches!(root.namespace(), NAMESPACE_1_0 | NAMESPACE_1_1) || root.name() != "AppRec" {
        return Err(wrong(root, "the root is no AppRec of version 1.0 or 1.1"));
    }
    for name in ["MsgType", "Id", "Status", "OriginalMsgId"] {
        if root.all(name).nth(1).is_some() {
            return Err(wrong(root, "an element stands twice that can stand once"));
        }
    }
    let id = root.child_value("Id").ok_or_else(|| wrong(root, "the receipt has no id"))?;
    let original = root.at(&["OriginalMsgId", "Id"]).and_then(Node::value).and_then(document_id::uuid);
    let original = original.ok_or_else(|| wrong(root, "OriginalMsgId has no id that is a UUID"))?;
    let status = root.child("Status").and_then(|status| status.attribute("V"));
    let is_positive = match status {
        Some("1") => true,
        Some("2" | "3") => false,
        _ => return Err(wrong(root, "the status is none of 1, 2 and 3")),
    };
    let errors: Vec<Node<'_>> = root.all("Error").take(ERRORS).collect();
    let codes = errors.iter().filter_map(|error| error.attribute("V")).filter(|code| is_code(code));
    Ok(ReadReceipt {
        id: id.to_owned(),
        original,
        is_positive,
        codes: codes.map(str::to_owned).collect(),
        errors: errors.iter().map(|error| told(*error)).collect(),
    })
}

/// Whether a text has the form of the codes of Volven 8221: a letter and two digits.
fn is_code(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, one, two] if letter.is_ascii_uppercase() && one.is_ascii_digit() && two.is_ascii_digit())
}

/// Code, name and precise reason: the last is always shown (HIS 80415).
fn told(error: Node<'_>) -> String {
    let parts = ["V", "DN", "OT"].into_iter().filter_map(|name| error.attribute(name));
    parts.collect::<Vec<_>>().join(": ").chars().take(TEXT).collect()
}
