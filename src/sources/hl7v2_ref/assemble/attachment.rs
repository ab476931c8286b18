//! Documents inside the message.

use std::borrow::Cow;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::{Assembler, Key};
use crate::domain::issue::IssueCode;
use crate::domain::personal::Personal;
use crate::domain::referral::{Attachment, identity};
use crate::redact;
use crate::sources::document::{begins_as, is_received};
use crate::sources::hl7v2_ref::bind::{Draft, Drafted};
use crate::sources::hl7v2_ref::er7::{Defect, Place};

impl Assembler<'_> {
    pub(super) fn attachments(&mut self, drafts: Vec<Draft>, key: Key<'_>) -> Vec<Attachment> {
        drafts.into_iter().filter_map(|draft| self.attachment(draft, key)).collect()
    }

    /// An attachment is never left out: one of another type, one that cannot be decoded or one that is too large refuses the
    /// message (HIS 80415 demands the same of the other formats).
    fn attachment(&mut self, mut draft: Draft, key: Key<'_>) -> Option<Attachment> {
        let at = draft.place.unwrap_or_else(Place::header);
        let Some(content_type) = draft.text("content_type").filter(|content_type| is_received(content_type)) else {
            let text = "the binding knows no MIME type for this kind of document";
            self.defects.push(Defect::at(at, IssueCode::ReferralAttachmentUnsupported, text));
            return None;
        };
        let encoding = draft.text("encoding");
        let content = match draft.drafted("content") {
            Some(content) => decoded(&content, encoding.as_deref()),
            None => Err("there is no content".to_owned()),
        };
        let content = match content {
            Ok(content) if content.is_empty() => Err("the content is empty".to_owned()),
            Ok(content) if !begins_as(&content_type, &content) => {
                Err(format!("the content does not begin as {content_type} does"))
            }
            other => other,
        };
        let content = match content {
            Ok(content) => content,
            Err(text) => {
                self.defects.push(Defect::at(at, IssueCode::ReferralAttachmentInvalid, text));
                return None;
            }
        };
        let limit = self.limits.attachment_bytes;
        if content.len() > limit {
            let text = format!("the attachment has more than {limit} bytes");
            self.defects.push(Defect::at(at, IssueCode::Hl7AttachmentTooLarge, text));
            return None;
        }
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(&content) {
            // Writing to a String cannot fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        let identity = identity::element(key.sender, "attachment", key.document_id, &sha256);
        self.hold(draft.number, &identity);
        Some(Attachment {
            identity,
            content_type,
            title: draft.text("title").map(Personal::new),
            created: draft.text("created"),
            size: content.len() as u64,
            sha1_base64: STANDARD.encode(Sha1::digest(&content)),
            sha256,
            content_base64: Personal::new(STANDARD.encode(&content)),
        })
    }
}

/// The bytes of a text in an encoding of HL7 table 0299.
fn decoded(content: &Drafted, encoding: Option<&str>) -> Result<Vec<u8>, String> {
    match encoding {
        Some("Base64" | "base64" | "BASE64") => {
            // Lines of 76 characters are usual; a document is not copied where it has none.
            let is_lined = content.text.bytes().any(|byte| byte.is_ascii_whitespace());
            let lines = || content.text.split_ascii_whitespace().collect::<String>();
            let text = if is_lined { Cow::Owned(lines()) } else { Cow::Borrowed(content.text.as_str()) };
            STANDARD.decode(text.as_bytes()).map_err(|error| format!("the content is not Base64: {}", reason(&error)))
        }
        Some("Hex" | "hex" | "HEX") => {
            hexadecimal(&content.text).ok_or_else(|| "the content is not hexadecimal".to_owned())
        }
        Some("A") => Ok(content.text.clone().into_bytes()),
        Some(other) => Err(format!("the encoding {} is none of Base64, Hex and A", redact::code(other))),
        None => Err("nothing says how the content is encoded".to_owned()),
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

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit)).collect())
}
