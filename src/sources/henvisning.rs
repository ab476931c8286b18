//! National XML referrals: Henvisning 2.0 (Viderehenvisning, Henvisning ny tilstand) in MsgHead 1.2, Henvisning 1.1 and 1.0
//! (HIS 80517, HIS 1207, HIS 1208, HIS 80601).
//!
//! [`read`] is the recipe: the bytes become a tree, the envelope says which format it is ([`Header`]), the elements become
//! the referral, and every element that says something gets a row in the accounting. Read tolerantly: what a sender does
//! wrong is an issue with its place, and only what the standard of receipts names is a reason to refuse. [`app_rec()`] answers
//! the sender.

mod accounting;
mod app_rec;
mod attachment;
mod clinical;
mod header;
mod party;
mod patient;
mod reader;
mod referral;
mod status;
mod tree;
mod verdict;
mod write;

use std::io::Read;
use std::sync::Arc;

use crate::domain::accounting::{Account, RowId};
use crate::domain::addressees::Addressees;
use crate::domain::code_table::CodeTables;
use crate::domain::ids::Identity;
use crate::domain::issue::{Issue, IssueCode, Location, Severity};
use crate::domain::limits::{Limits, XmlLimits};
use crate::domain::national_id::SyntheticNumbers;
use crate::domain::referral::{Referral, document_id};
use crate::domain::trust::Trusts;
use crate::sources::xml::encoding::{Encoding, decode};
use crate::sources::xml::{XmlError, parse};

pub use self::app_rec::{Delivery, ReadReceipt, Stamp, Unreadable, app_rec, read_app_rec};
pub use self::header::{Format, Header, Party, Unit};
pub use self::status::{StatusMessage, status};
pub use self::verdict::{ErrorCode, Rejection};

use self::header::{NoParts, Parts};
use self::reader::Reader;
use self::tree::Document;

/// Bytes that are looked at to know the format.
const SNIFFED: usize = 4096;

/// What reading needs to know beside the message.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Name of the message in issues and in the accounting.
    pub file: &'a Arc<str>,
    /// Limits on input.
    pub limits: &'a Limits,
    /// What codes mean.
    pub code_tables: &'a CodeTables,
    /// Who sends.
    pub trusts: &'a Trusts,
    /// Whether numbers of test populations identify a patient.
    pub synthetic: SyntheticNumbers,
    /// Who messages to this installation are addressed to.
    pub addressees: &'a Addressees,
}

/// A message that became a referral.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The referral.
    pub referral: Referral,
    /// For the receipt.
    pub header: Header,
    /// The rows that a resource will hold: that of what has the identity. All others are listed already.
    pub held: Vec<(RowId, Identity)>,
}

/// A message that became none; the issues say why.
#[derive(Debug, Clone)]
pub struct Refused {
    /// For the receipt; none where nothing can be read, so that nobody can be answered.
    pub header: Option<Header>,
    /// The errors of the receipt; never empty.
    pub rejections: Vec<Rejection>,
}

/// Whether a message is one of this source: an element `MsgHead`, or `Message` of a namespace of Henvisning, of whatever
/// version. Only its beginning is looked at.
pub fn looks_like(bytes: &[u8]) -> bool {
    let head = bytes.get(..SNIFFED).unwrap_or(bytes);
    // UTF-16 has a zero byte beside every character of a tag.
    let text: String = head.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
    let names = |namespace: &str| text.contains(namespace);
    names("/xmlstds/msghead/") || names("/xmlstds/henvisning/")
}

/// Reads the bytes of a message, at most one more than the limit, however much there is.
///
/// # Errors
/// `xml.too-large`, and errors of the reader.
pub fn load(source: impl Read, limits: &Limits) -> std::io::Result<Result<Vec<u8>, XmlError>> {
    let mut bytes = Vec::new();
    let limit = limits.message_bytes;
    source.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    let text = || format!("the document has more than {limit} bytes");
    Ok(if bytes.len() > limit {
        Err(XmlError { code: IssueCode::XmlTooLarge, line: 1, text: text() })
    } else {
        Ok(bytes)
    })
}

/// Reads a message.
///
/// # Errors
/// A message that leaves no referral: at least one issue in `account` is fatal.
pub fn read(bytes: &[u8], context: Context<'_>, account: &mut Account) -> Result<Reading, Refused> {
    let (document, encoding) = open(bytes, context.limits).map_err(|error| unreadable(error, context, account))?;
    let reader = Reader::new(&document, context);
    let root = document.root();
    encoding_issues(&reader, encoding);
    let parts = header::parts(root);
    let header = header::header(root, parts.as_ref().ok().map(|parts| parts.format));
    let is_ours = context.addressees.are_ours(header.receiver.ids());
    let referral = match parts {
        Ok(_) if !is_ours => {
            reader.issue(IssueCode::IntakeMisaddressed, root, "the receiver is not of this installation");
            None
        }
        Ok(parts) => {
            message_id(&reader, parts, &header);
            repeated(&reader, parts);
            reader.referral(parts, &header)
        }
        Err(NoParts::Unsupported) => {
            let text = "no message of a format and version that is read";
            reader.issue(IssueCode::HenvisningVersionUnsupported, root, text);
            None
        }
        Err(NoParts::Missing(name)) => {
            reader.issue(IssueCode::HenvisningElementMissing, root, format!("no {name}"));
            None
        }
    };
    let is_emergency = parts.is_ok_and(|parts| referral::is_emergency(parts.body)) && referral.is_some();
    let issues = judged(reader.into_issues(), is_emergency);
    let rejections = verdict::rejections(&issues);
    let fatal = issues.iter().find(|issue| issue.code.severity() == Severity::Fatal).map(|issue| issue.code);
    for issue in issues {
        account.issue(issue.code, issue.location, issue.text);
    }
    match (referral, fatal) {
        (Some(referral), None) => {
            let held = accounting::close(&document, context.file, account);
            Ok(Reading { referral, header, held })
        }
        (_, fatal) => {
            let code = fatal.unwrap_or(IssueCode::HenvisningElementMissing);
            accounting::refuse(&document, code, context.file, account);
            // Nobody here may answer what is for somebody else (HIS 80415, section 3.3.2).
            let header = (header::is_message(root) && is_ours).then_some(header);
            Err(Refused { header, rejections })
        }
    }
}

/// Bytes to elements: the one way in of XML.
fn open(bytes: &[u8], limits: &Limits) -> Result<(Document, (Encoding, bool)), XmlError> {
    let decoded = decode(bytes, limits.message_bytes)?;
    // Converted text can be longer than the bytes that it came from.
    let xml = XmlLimits { bytes: limits.message_bytes.saturating_mul(3), ..limits.xml.clone() };
    let root = parse(&decoded.bytes, &xml)?;
    Ok((Document::new(root), (decoded.encoding, decoded.is_doubtful)))
}

fn unreadable(error: XmlError, context: Context<'_>, account: &mut Account) -> Refused {
    let location = Location::file(context.file).line(error.line);
    let why = Issue::new(IssueCode::HenvisningUnreadable, location, error.text.clone());
    let detail = error.issue(context.file);
    let rejections = verdict::rejections(std::slice::from_ref(&why));
    for issue in [detail, why] {
        account.issue(issue.code, issue.location, issue.text);
    }
    Refused { header: None, rejections }
}

fn encoding_issues(reader: &Reader<'_>, (encoding, is_doubtful): (Encoding, bool)) {
    let root = reader.document.root();
    if encoding != Encoding::Utf8 {
        let text = format!("the message was converted from {encoding:?}");
        reader.issue(IssueCode::HenvisningEncodingOther, root, text);
    }
    if is_doubtful {
        reader.issue(
            IssueCode::HenvisningEncodingDoubtful,
            root,
            "characters that the declared encoding does not have",
        );
    }
}

/// HIS 80415, section 3.3.4: a message id that is no UUID refuses the message.
fn message_id(reader: &Reader<'_>, parts: Parts<'_>, header: &Header) {
    if document_id::uuid(&header.message_id).is_none() {
        let place = parts.info.child("MsgId").unwrap_or(parts.info);
        reader.issue(IssueCode::HenvisningMessageIdInvalid, place, "the message id is no UUID");
    }
}

/// Elements that can be there once, and of which a second one can be about another patient.
fn repeated(reader: &Reader<'_>, parts: Parts<'_>) {
    let Parts { info, body, .. } = parts;
    let root = reader.document.root();
    let inside_root = [(root, "MsgInfo"), (root, "ServReq"), (info, "Patient"), (info, "Sender"), (body, "Patient")];
    let inside_body = [(body, "ServType"), (body, "DocumentId"), (body, "Requester"), (info, "MsgId")];
    for (parent, name) in inside_root.into_iter().chain(inside_body) {
        if let Some(second) = parent.all(name).nth(1) {
            reader.issue(IssueCode::HenvisningElementRepeated, second, format!("a second {name}"));
        }
    }
}

/// In an emergency, what would refuse the message is told to a person instead.
fn judged(issues: Vec<Issue>, is_emergency: bool) -> Vec<Issue> {
    let is_fatal = |issue: &Issue| issue.code.severity() == Severity::Fatal;
    let refuses = |issue: &Issue| is_fatal(issue) && (!is_emergency || verdict::refuses_emergencies(issue.code));
    if issues.iter().any(refuses) {
        return issues;
    }
    let accept = |issue: Issue| match is_fatal(&issue) {
        true => Issue::new(
            IssueCode::HenvisningEmergencyAccepted,
            issue.location,
            format!("{}: {}", issue.code, issue.text),
        ),
        false => issue,
    };
    issues.into_iter().map(accept).collect()
}

#[cfg(test)]
mod tests;
