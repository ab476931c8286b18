//! The Bundle to the referral.

use super::header::Header;
use super::party::{End, owner};
use super::reader::Reader;
use super::scope::Scope;
use super::tree::{Fate, Node, Part};
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::org_number::OrgNumber;
use crate::domain::referral::{Action, Organisation, Passage, Referral, Remark, document_id, identity};
use crate::fhir::systems::REQUESTER_DEFINED_UUID;

/// Categories that make a ServiceRequest a referral of a patient.
const CATEGORIES: &str = "fhir-referral-categories";
/// Identifier system of URIs.
const URI: &str = "urn:ietf:rfc:3986";
/// What else a ServiceRequest says, kept as text.
const KEPT: [(&str, &str); 9] = [
    ("code", "Requested service"),
    ("orderDetail", "Order detail"),
    ("occurrenceDateTime", "Requested date"),
    ("occurrencePeriod", "Requested period"),
    ("performerType", "Requested speciality"),
    ("locationCode", "Requested place"),
    ("bodySite", "Body site"),
    ("patientInstruction", "Instruction to the patient"),
    ("statusReason", "Reason of the status"),
];

/// What the elements of the lists of a referral are known by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key<'k> {
    pub(super) sender: &'k str,
    pub(super) document_id: &'k str,
}

impl Key<'_> {
    pub(super) fn part(self, kind: &'static str) -> Identity {
        identity::part(self.sender, kind, self.document_id)
    }

    pub(super) fn element(self, kind: &'static str, key: &str) -> Identity {
        identity::element(self.sender, kind, self.document_id, key)
    }

    /// The element at a place of its list, from 0.
    pub(super) fn nth(self, kind: &'static str, index: usize) -> Identity {
        self.element(kind, &index.saturating_add(1).to_string())
    }
}

impl<'d> Reader<'d> {
    /// The referral; `None` where a fatal issue says why there is none.
    pub(super) fn referral(&self, header: &Header) -> Option<(Referral, Scope<'d>)> {
        let request = self.request()?;
        let patient = self.subject(request)?;
        let message = self.message(header, request);
        let (from, to) = (self.sender_end(request), self.receiver_end(request));
        let (sender, sent_by) = self.sender(&from, request)?;
        let (id, original) = self.document_id(request, &sent_by)?;
        let key = Key { sender: &sent_by, document_id: &id };
        let own = key.part("referral");
        self.document.decide(Part::REFERRAL, Fate::Held(own.clone()));
        let assigner = sender.organisation_number.as_deref().or(sender.her_id.as_deref());
        let person = self.patient(patient, key, assigner);
        let scope = Scope::new(self, request, patient);
        let mut referral = Referral {
            identity: own,
            document_id: id.clone(),
            authored_on: self.of_referral(|| request.child_text("authoredOn")),
            priority: self.of_referral(|| request.child_text("priority")),
            consent: self.consent(&scope, key, message.as_ref().and_then(|message| message.generated.as_deref())),
            patient: person?,
            sender_service: from.service.map(|node| self.organisation(node, Some(&sent_by))),
            receiver: to.organisation.map(|node| self.organisation(node, Some(&sent_by))),
            receiver_service: to.service.map(|node| self.organisation(node, Some(&sent_by))),
            requester: self.professional(self.requester_end(request), &sent_by),
            sender,
            message: message?,
            ..Referral::default()
        };
        let is_cancelled = referral.message.action == Action::Cancel;
        referral.status = if is_cancelled { "revoked" } else { "active" }.to_owned();
        self.trust(&referral, request);
        self.clinical(&mut referral, &scope, key);
        let communications = self.usable("Communication", &scope);
        referral.attachments = self.attachments(&scope, &communications, key);
        referral.notes = self.notes(&scope, &communications, original);
        self.of_referral(|| {
            ["status", "intent", "category", "subject", "requester", "performer", "reasonReference", "supportingInfo"]
                .into_iter()
                .filter_map(|name| request.child(name))
                .for_each(Node::take);
        });
        Some((referral, scope))
    }

    pub(super) fn of_referral<T>(&self, read: impl FnOnce() -> T) -> T {
        self.document.within(Part::REFERRAL, read)
    }

    /// The one ServiceRequest that is the referral: the focus of the message, otherwise the only one of a referral category,
    /// otherwise the only one there is.
    fn request(&self) -> Option<Node<'d>> {
        let all: Vec<Node<'d>> = self.entries.of("ServiceRequest").map(|entry| entry.resource).collect();
        let root = self.document.root();
        let focus: Vec<Node<'d>> = match self.message_header() {
            Some(message) => {
                let references = message.all("focus").into_iter();
                references.filter_map(|it| self.entries.resolve(it, message)).filter(|it| all.contains(it)).collect()
            }
            None => Vec::new(),
        };
        let by_category: Vec<Node<'d>> = all.iter().copied().filter(|request| self.is_referral(*request)).collect();
        let candidates = [focus, by_category, all.clone()].into_iter().find(|found| !found.is_empty());
        let candidates = candidates.unwrap_or_default();
        match candidates.as_slice() {
            [request] => {
                for other in all.iter().filter(|other| *other != request) {
                    let text = "a further ServiceRequest, which is not the referral, was not read";
                    self.leave_out(IssueCode::EhrFhirResourceUnread, *other, text);
                }
                Some(*request)
            }
            [] => {
                self.issue(IssueCode::EhrFhirReferralMissing, root, "no ServiceRequest in the Bundle");
                None
            }
            [_, second, ..] => {
                let text = format!("{} ServiceRequests could be the referral", candidates.len());
                self.issue(IssueCode::EhrFhirReferralSeveral, *second, text);
                None
            }
        }
    }

    fn is_referral(&self, request: Node<'d>) -> bool {
        let codings = request.all("category").into_iter().flat_map(|category| category.all("coding"));
        codings
            .filter_map(|coding| coding.peek("code"))
            .any(|code| self.context.code_tables.lookup(CATEGORIES, code).is_some())
    }

    /// The Patient that the referral is about.
    fn subject(&self, request: Node<'d>) -> Option<Node<'d>> {
        let subject = request.child("subject")?;
        let found = self.entries.resolve(subject, request).filter(|it| it.peek("resourceType") == Some("Patient"));
        if found.is_none() {
            let text = "the subject of the referral is no Patient of the Bundle";
            self.issue(IssueCode::ReferralPatientUnidentifiable, subject, text);
        }
        found
    }

    fn requester_end(&self, request: Node<'d>) -> End<'d> {
        self.end(request.child("requester"), request)
    }

    /// Who sends: the sender of the message, with the service of the requester in it; otherwise where the requester works.
    fn sender_end(&self, request: Node<'d>) -> End<'d> {
        let requester = self.requester_end(request);
        let Some(message) = self.message_header() else { return requester };
        let sender = self.end(message.child("sender"), message);
        match (sender.organisation, requester.organisation) {
            (Some(outer), Some(other)) if sender.service.is_none() && outer == other => requester,
            (Some(_), _) => sender,
            (None, _) => requester,
        }
    }

    fn receiver_end(&self, request: Node<'d>) -> End<'d> {
        let performer = request.all("performer").into_iter().next();
        let end = self.end(performer, request);
        match (end.organisation, self.message_header()) {
            (None, Some(message)) => {
                let destination = message.all("destination").into_iter().find_map(|it| it.child("receiver"));
                self.end(destination, message)
            }
            _ => end,
        }
    }

    /// The organisation that sends, and what its keys are owned by.
    fn sender(&self, from: &End<'d>, request: Node<'d>) -> Option<(Organisation, String)> {
        let sender = from.organisation.map(|node| self.organisation(node, None));
        let owned = sender.and_then(|sender| owner(&sender).map(|owner| (sender, owner)));
        if owned.is_none() {
            let place = request.child("requester").unwrap_or(request);
            self.issue(IssueCode::EhrFhirSenderMissing, place, "no organisation that sends the referral");
        }
        owned
    }

    /// The document id, and the id as sent where it is no UUID.
    fn document_id(&self, request: Node<'d>, sender: &str) -> Option<(String, Option<String>)> {
        let identifiers = request.all("identifier");
        let of = |wanted: &[&str]| -> Option<(Node<'d>, String)> {
            identifiers.iter().filter(|it| it.peek("system").is_some_and(|system| wanted.contains(&system))).find_map(
                |identifier| {
                    let value = identifier.peek("value")?;
                    let id = document_id::uuid(value.strip_prefix("urn:uuid:").unwrap_or(value))?;
                    Some((*identifier, id))
                },
            )
        };
        if let Some((identifier, id)) = of(&[REQUESTER_DEFINED_UUID]).or_else(|| of(&[URI])) {
            self.of_referral(|| identifier.take());
            return Some((id, None));
        }
        let Some(identifier) = identifiers.iter().find(|it| it.peek("value").is_some()) else {
            let text = "no identifier: a change or cancel could not be told from another referral";
            self.issue(IssueCode::EhrFhirIdentifierMissing, request, text);
            return None;
        };
        let value = identifier.peek("value").unwrap_or_default().trim();
        self.of_referral(|| identifier.take());
        let own = document_id::uuid(value);
        let original = own.is_none().then(|| value.to_owned());
        Some((own.unwrap_or_else(|| document_id::derived(sender, value)), original))
    }

    /// Texts under a heading (Volven 8231) and without one.
    pub(super) fn reason(&self, node: Node<'d>) -> Option<Passage> {
        let mut coded = self.coded(node);
        let heading = coded.take_volven("8231");
        let is_text = heading.is_some() || coded.codes.is_empty();
        let text = node.child_text("text").filter(|_| is_text)?;
        Some(Passage { heading, text: crate::domain::personal::Personal::new(text) })
    }

    fn notes(&self, scope: &Scope<'d>, communications: &[Node<'d>], original: Option<String>) -> Vec<Remark> {
        let (request, patient) = (scope.request, scope.patient);
        let annotations = self.of_referral(|| self.labelled(request, &[("note", "")]));
        let kept = self.kept(|| self.labelled(request, &KEPT));
        let further = request.all("performer").into_iter().skip(1);
        let further = self.kept(|| further.filter_map(|it| it.child_text("display")).collect::<Vec<_>>());
        let original = original.map(|id| format!("Referral id of the sender: {id}"));
        let texts = annotations.into_iter().chain(kept).chain(self.patient_notes(patient));
        let texts = texts.chain(further.into_iter().map(|name| format!("Further receiver: {name}")));
        texts.chain(self.communications(communications)).chain(original).map(Remark::new).collect()
    }

    /// Texts that were sent with the referral.
    fn communications(&self, resources: &[Node<'d>]) -> Vec<String> {
        self.kept(|| {
            let text = |resource: Node<'d>| {
                resource.child("subject").into_iter().for_each(Node::take);
                let payload = resource.all("payload").into_iter().filter_map(|it| it.child_text("contentString"));
                payload.chain(self.labelled(resource, &[("note", ""), ("sent", "Sent")])).collect::<Vec<_>>().join("; ")
            };
            resources.iter().copied().map(text).filter(|text| !text.is_empty()).collect()
        })
    }

    /// Whether the sender is one of the trusts, where it gives its organisation number.
    fn trust(&self, referral: &Referral, request: Node<'d>) {
        let number = referral.sender.organisation_number.as_deref();
        let number = number.and_then(|number| OrgNumber::parse(number).ok());
        let day = referral.message.generated.as_deref().and_then(|date| date.get(..10)?.parse().ok());
        let (Some(number), Some(day)) = (number, day) else { return };
        if let Err(error) = self.context.trusts.by_organisation_number(&number, day) {
            self.issue(error.code(), request.child("requester").unwrap_or(request), error.to_string());
        }
    }
}
