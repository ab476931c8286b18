//! Documents that come with the referral.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::reader::Reader;
use super::referral::Key;
use super::tree::{Fate, Node};
use crate::domain::issue::IssueCode;
use crate::domain::personal::Personal;
use crate::domain::referral::Attachment;
use crate::redact;
use crate::sources::document::begins_as;

/// What is received (HIS 1208:2018, section 5.1.2: pdf, jpg and png).
const TYPES: [(&str, &str); 5] = [
    ("application/pdf", "application/pdf"),
    ("application/x-pdf", "application/pdf"),
    ("image/jpeg", "image/jpeg"),
    ("image/jpg", "image/jpeg"),
    ("image/png", "image/png"),
];

/// Kind of a document (Volven 8114): an attachment, of which there are only the bytes.
const ATTACHMENT: &str = "A";

impl<'d> Reader<'d> {
    /// The attachment in a `RefDoc` of either generation; `None` where there is none or it cannot be taken over.
    pub(super) fn attachment(&self, reference: Node<'d>, key: Key<'_>) -> Option<Attachment> {
        let part = self.document.part();
        let attachment = self.document.within(part, || self.read_attachment(reference, key));
        if let Some(attachment) = &attachment {
            self.document.decide(part, Fate::Held(attachment.identity.clone()));
        }
        attachment
    }

    fn read_attachment(&self, reference: Node<'d>, key: Key<'_>) -> Option<Attachment> {
        let content = reference.child("Content");
        let container = content.and_then(|content| content.child("Base64Container"));
        let Some(container) = container else {
            self.without_container(reference, content);
            return None;
        };
        let (sent, content_type) = self.content_type(reference, container)?;
        let bytes = self.decoded(container)?;
        if !begins_as(content_type, &bytes) {
            let text = format!("the content is not what {sent} begins with");
            self.refuse(IssueCode::ReferralAttachmentInvalid, container, text);
            return None;
        }
        if let Some(kind) = reference.child("MsgType") {
            let _ = (kind.attribute("V"), kind.attribute("DN"));
        }
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(&bytes) {
            // Writing to a String cannot fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        Some(Attachment {
            identity: key.element("attachment", &sha256),
            content_type: content_type.to_owned(),
            title: reference.child_value("Description").map(Personal::new),
            created: self.child_moment(reference, "IssueDate"),
            size: bytes.len() as u64,
            sha1_base64: STANDARD.encode(Sha1::digest(&bytes)),
            sha256,
            content_base64: Personal::new(STANDARD.encode(&bytes)),
        })
    }

    fn without_container(&self, reference: Node<'d>, content: Option<Node<'d>>) {
        let is_attachment = reference.child("MsgType").and_then(|kind| kind.attribute("V")) == Some(ATTACHMENT);
        let has_text = content.is_some_and(|content| content.value().is_some());
        match content.and_then(|content| content.children().next()) {
            // An attachment that is sent is never left out: what is not in Base64 cannot be read.
            other if has_text || (other.is_some() && is_attachment) => {
                let place = other.or(content).unwrap_or(reference);
                let text = "the content of the attachment is not in a Base64Container";
                self.refuse(IssueCode::ReferralAttachmentInvalid, place, text);
            }
            Some(other) => {
                let text = "a document in the message was not read";
                self.issue(IssueCode::HenvisningOriginalNotRead, other, text);
            }
            None => self.issue(IssueCode::HenvisningAttachmentElsewhere, reference, "no content in the message"),
        }
    }

    fn content_type(&self, reference: Node<'d>, container: Node<'d>) -> Option<(&'d str, &'static str)> {
        let sent = reference.child_value("MimeType").unwrap_or_default();
        if let Some(compression) = reference.child("Compression").and_then(|node| node.attribute("V")) {
            let text = format!("a compressed attachment ({})", redact::code(compression));
            self.refuse(IssueCode::ReferralAttachmentUnsupported, container, text);
            return None;
        }
        let name = sent.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match TYPES.iter().find(|(known, _)| *known == name) {
            Some((_, content_type)) => Some((sent, content_type)),
            None => {
                let text = format!("the type {} is none of pdf, jpg and png", redact::word(sent, redact::MEDIA_TYPES));
                self.refuse(IssueCode::ReferralAttachmentUnsupported, container, text);
                None
            }
        }
    }

    fn decoded(&self, container: Node<'d>) -> Option<Vec<u8>> {
        let text = container.raw_text();
        let limit = self.context.limits.attachment_bytes;
        let compact: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
        // Four characters are three bytes.
        if compact.len() / 4 > limit / 3 {
            let text = format!("the attachment has more than {limit} bytes");
            self.refuse(IssueCode::HenvisningAttachmentTooLarge, container, text);
            return None;
        }
        let decoded = STANDARD.decode(compact).map_err(|error| reason(&error));
        match decoded {
            Ok(bytes) if !bytes.is_empty() => Some(bytes),
            other => {
                let why = other.err().unwrap_or("it is empty");
                self.refuse(
                    IssueCode::ReferralAttachmentInvalid,
                    container,
                    format!("the content is not Base64: {why}"),
                );
                None
            }
        }
    }
}

/// What is wrong, without the bytes of the document.
fn reason(error: &base64::DecodeError) -> &'static str {
    match error {
        base64::DecodeError::InvalidByte(..) => "another character",
        base64::DecodeError::InvalidLength(_) => "a part is missing",
        base64::DecodeError::InvalidLastSymbol { .. } => "the last character is cut off",
        base64::DecodeError::InvalidPadding => "the padding is missing",
    }
}
