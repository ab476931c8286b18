//! Documents that come with the referral.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::reader::Reader;
use super::referral::Key;
use super::scope::Scope;
use super::tree::{Fate, Node};
use crate::domain::issue::IssueCode;
use crate::domain::personal::Personal;
use crate::domain::referral::Attachment;
use crate::redact;
use crate::sources::document::begins_as;

/// What is received, as of the other formats (HIS 1208:2018, section 5.1.2: pdf, jpg and png).
const TYPES: [(&str, &str); 5] = [
    ("application/pdf", "application/pdf"),
    ("application/x-pdf", "application/pdf"),
    ("image/jpeg", "image/jpeg"),
    ("image/jpg", "image/jpeg"),
    ("image/png", "image/png"),
];
/// Where the bytes of an attachment are.
#[derive(Debug, Clone, Copy)]
struct Content<'d> {
    data: Node<'d>,
    content_type: Option<Node<'d>>,
    binary: Option<Node<'d>>,
}

impl<'d> Reader<'d> {
    /// Attachments of DocumentReferences and of `communications`; Binaries that neither names are listed.
    pub(super) fn attachments(&self, scope: &Scope<'d>, communications: &[Node<'d>], key: Key<'_>) -> Vec<Attachment> {
        let (mut found, mut binaries) = (Vec::<Attachment>::new(), Vec::new());
        let documents = self.usable("DocumentReference", scope).into_iter();
        let documents = documents.flat_map(|it| {
            it.all("content").into_iter().filter_map(move |content| Some((it, content.child("attachment")?)))
        });
        let messages = communications.iter().copied().flat_map(|it| {
            it.all("payload").into_iter().filter_map(move |payload| Some((it, payload.child("contentAttachment")?)))
        });
        let all: Vec<(Node<'d>, Node<'d>)> = documents.chain(messages).collect();
        for (resource, attachment) in all {
            let Some(content) = self.content(attachment, resource) else {
                self.issue(IssueCode::EhrFhirAttachmentElsewhere, attachment, "no content in the Bundle");
                continue;
            };
            binaries.extend(content.binary);
            let part = self.document.part();
            let read = self.document.within(part, || self.attachment(resource, attachment, content, key));
            let Some(read) = read else { continue };
            self.document.decide(part, Fate::Held(read.identity.clone()));
            // The same content twice is one document.
            if !found.iter().any(|other| other.identity == read.identity) {
                found.push(read);
            }
        }
        for entry in self.entries.of("Binary").filter(|entry| !binaries.contains(&entry.resource)) {
            let text = "no DocumentReference of the patient names the document";
            self.leave_out(IssueCode::EhrFhirSubjectMissing, entry.resource, text);
        }
        found
    }

    /// The bytes: in the attachment, or in the Binary that its `url` names.
    fn content(&self, attachment: Node<'d>, resource: Node<'d>) -> Option<Content<'d>> {
        let own = attachment.child("contentType");
        if let Some(data) = attachment.child("data") {
            return Some(Content { data, content_type: own, binary: None });
        }
        let binary = self.entries.resolve_text(attachment.peek("url")?, resource)?;
        let data = binary.child("data")?;
        Some(Content { data, content_type: own.or_else(|| binary.child("contentType")), binary: Some(binary) })
    }

    fn attachment(
        &self,
        resource: Node<'d>,
        attachment: Node<'d>,
        content: Content<'d>,
        key: Key<'_>,
    ) -> Option<Attachment> {
        let content_type = self.content_type(content)?;
        let bytes = self.decoded(content.data)?;
        if !begins_as(content_type, &bytes) {
            let text = format!("the content does not begin as {content_type} does");
            self.issue(IssueCode::ReferralAttachmentInvalid, content.data, text);
            return None;
        }
        let sha1_base64 = STANDARD.encode(Sha1::digest(&bytes));
        let differs = |name: &str, value: &str| attachment.child(name).filter(|it| it.text().as_deref() != Some(value));
        if let Some(wrong) = differs("hash", &sha1_base64).or_else(|| differs("size", &bytes.len().to_string())) {
            self.issue(IssueCode::ReferralAttachmentInvalid, wrong, "the content is not what hash and size say of it");
            return None;
        }
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(&bytes) {
            // Writing to a String cannot fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        let title = attachment.child_text("title").or_else(|| resource.child_text("description"));
        let created = attachment.child_text("creation").or_else(|| resource.child_text("date"));
        self.mark(resource, attachment, content);
        Some(Attachment {
            identity: key.element("attachment", &sha256),
            content_type: content_type.to_owned(),
            title: title.map(Personal::new),
            created,
            size: bytes.len() as u64,
            sha1_base64,
            sha256,
            content_base64: Personal::new(STANDARD.encode(&bytes)),
        })
    }

    /// What the attachment is made of.
    fn mark(&self, resource: Node<'d>, attachment: Node<'d>, content: Content<'d>) {
        let of_attachment =
            ["contentType", "data", "url", "title", "language"].into_iter().filter_map(|name| attachment.child(name));
        let of_binary =
            content.binary.into_iter().flat_map(|binary| [binary.child("contentType"), binary.child("data")]);
        of_attachment.chain(of_binary.flatten()).for_each(Node::take);
        let is_document = resource.peek("resourceType") == Some("DocumentReference");
        let of_resource = ["status", "subject", "context", "description"].into_iter().filter(|_| is_document);
        of_resource.filter_map(|name| resource.child(name)).for_each(Node::take);
    }

    fn content_type(&self, content: Content<'d>) -> Option<&'static str> {
        let sent = content.content_type.and_then(|it| it.value().as_str()).unwrap_or_default();
        let name = sent.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let known = TYPES.iter().find(|(known, _)| *known == name);
        if known.is_none() {
            let text = format!("the type {} is none of pdf, jpg and png", redact::word(sent, redact::MEDIA_TYPES));
            self.issue(IssueCode::ReferralAttachmentUnsupported, content.content_type.unwrap_or(content.data), text);
        }
        known.map(|(_, content_type)| *content_type)
    }

    fn decoded(&self, data: Node<'d>) -> Option<Vec<u8>> {
        let text = data.value().as_str().unwrap_or_default();
        let limit = self.context.limits.attachment_bytes;
        let compact: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
        // Four characters are three bytes.
        if compact.len() / 4 > limit / 3 {
            let text = format!("the attachment has more than {limit} bytes");
            self.issue(IssueCode::EhrFhirAttachmentTooLarge, data, text);
            return None;
        }
        match STANDARD.decode(compact) {
            Ok(bytes) if !bytes.is_empty() => Some(bytes),
            _ => {
                self.issue(IssueCode::ReferralAttachmentInvalid, data, "the content is empty or not Base64");
                None
            }
        }
    }
}
