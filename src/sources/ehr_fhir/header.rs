//! The envelope: what the message is, what the sender wants, for the referral and for the answer.

use super::reader::Reader;
use super::tree::{Node, Part};
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::personal::Personal;
use crate::domain::referral::{Action, Message};
use crate::redact;

/// The version of FHIR that is read.
const VERSION: &str = "4.0.1";
/// States of a ServiceRequest in which nothing is asked for, and the one that asks that nothing be done.
const STATUS: [&str; 5] = ["active", "completed", "draft", "on-hold", "unknown"];
/// What the events of messages mean.
const EVENTS: &str = "fhir-message-events";

/// What the receipt needs to know of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// Type of the Bundle: `transaction`, `collection` or `message`.
    pub bundle_type: String,
    /// `Bundle.identifier`, otherwise `Bundle.id`, otherwise the id of the MessageHeader; empty where there is none.
    pub message_id: String,
}

/// The header of a Bundle.
pub(super) fn header(bundle: Node<'_>) -> Header {
    let message = bundle.all("entry").into_iter().filter_map(|entry| entry.child("resource")).next();
    let message = message.filter(|it| it.peek("resourceType") == Some("MessageHeader"));
    let id = bundle.at(&["identifier", "value"]).and_then(Node::text).or_else(|| bundle.child_text("id"));
    let id = id.or_else(|| message.and_then(|message| message.child_text("id")));
    let id = id.map(|id| id.strip_prefix("urn:uuid:").map_or_else(|| id.clone(), str::to_owned));
    let bundle_type = bundle.child_text("type").unwrap_or_default();
    bundle.all("identifier").into_iter().for_each(Node::take);
    Header { bundle_type, message_id: id.unwrap_or_default() }
}

impl<'d> Reader<'d> {
    pub(super) fn message_header(&self) -> Option<Node<'d>> {
        self.entries.of("MessageHeader").next().map(|entry| entry.resource)
    }

    /// The envelope of the message; `None` where the referral is in a state in which nothing is asked for.
    pub(super) fn message(&self, header: &Header, request: Node<'d>) -> Option<Message> {
        let action = self.action(request)?;
        let bundle = self.document.root();
        let generated = bundle
            .child_text("timestamp")
            .or_else(|| request.at(&["meta", "lastUpdated"]).and_then(Node::text))
            // A change and a cancellation repeat when the referral was written, which does not say when they were made.
            .or_else(|| request.peek("authoredOn").map(str::to_owned).filter(|_| action == Action::New));
        let parent = self.message_header().and_then(|it| it.at(&["response", "identifier"])).and_then(Node::text);
        let requisition = request.at(&["requisition", "value"]);
        let requisition = requisition.and_then(|it| self.kept(|| it.text())).map(Personal::new);
        Some(Message {
            message_id: header.message_id.clone(),
            kind: header.bundle_type.clone(),
            version: VERSION.to_owned(),
            action,
            generated,
            parent,
            requisition,
            ..Message::default()
        })
    }

    /// What the sender wants. A referral that is revoked or was entered in error is cancelled, whatever else the message
    /// says; a change must say that it is one.
    fn action(&self, request: Node<'d>) -> Option<Action> {
        let status = request.child("status")?;
        let forbids = request.child("doNotPerform").is_some_and(|it| it.value().as_bool() == Some(true));
        match status.value().as_str().unwrap_or_default() {
            "revoked" | "entered-in-error" => return Some(Action::Cancel),
            "active" if !forbids => {}
            other => {
                let why = if forbids { "asks that nothing be done" } else { "asks for nothing" };
                let text = format!("a ServiceRequest with status {} {why}", redact::word(other, &STATUS));
                self.issue(IssueCode::EhrFhirStatusUnsupported, status, text);
                return None;
            }
        }
        match self.event() {
            Some(action) => Some(action),
            None if self.is_update(request) => Some(Action::Change),
            None => Some(Action::New),
        }
    }

    /// What the event of a message means.
    fn event(&self) -> Option<Action> {
        let message = self.message_header()?;
        let coding = message.child("eventCoding");
        let (node, code) = match coding {
            Some(coding) => (coding, coding.child_text("code")?),
            None => {
                let uri = message.child("eventUri")?;
                let text = uri.text()?;
                (uri, text.rsplit(['/', '#', ':']).next().unwrap_or_default().to_owned())
            }
        };
        let translation = self.context.code_tables.translate(EVENTS, &code, &self.place(node));
        match translation.target.map(|target| target.code) {
            Some("new") => Some(Action::New),
            Some("change") => Some(Action::Change),
            Some("cancel") => Some(Action::Cancel),
            _ => {
                let text = format!("{} is no event that says new, change or cancel", redact::code(&code));
                self.raise(Issue::new(IssueCode::CodeUnmapped, self.place(node), text));
                None
            }
        }
    }

    /// A resource that its sender has changed: a conditional update of a version (`PUT` with `ifMatch`), or a second or later
    /// version of the resource.
    fn is_update(&self, request: Node<'d>) -> bool {
        let entry = self.entries.iter().find(|entry| entry.resource == request);
        let sent = entry.and_then(|entry| entry.entry.child("request"));
        let is_put = sent.is_some_and(|it| it.peek("method") == Some("PUT") && it.peek("ifMatch").is_some());
        let version = request.at(&["meta", "versionId"]).and_then(|it| it.value().as_str());
        is_put || version.and_then(|version| version.parse::<u64>().ok()).is_some_and(|version| version > 1)
    }

    /// What of the envelope is looked at to read the message, and held by nothing.
    pub(super) fn close_envelope(&self) {
        let bundle = self.document.root();
        self.document.within(Part::ENVELOPE, || {
            let frame = ["resourceType", "id", "meta", "type", "timestamp", "identifier", "total", "link"];
            frame.into_iter().filter_map(|name| bundle.child(name)).for_each(Node::take);
            self.message_header().into_iter().for_each(Node::take);
        });
        self.entries.iter().for_each(|entry| self.close(entry));
        for entry in bundle.all("entry").into_iter().filter(|entry| entry.child("resource").is_none()) {
            let text = "an entry without a resource: nothing was done with it";
            self.leave_out(IssueCode::EhrFhirRequestUnsupported, entry, text);
        }
    }
}
