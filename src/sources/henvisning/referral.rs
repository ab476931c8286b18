//! From the parts of the message to the referral.

use super::header::{Format, Header, Parts};
use super::party::{Side, owner};
use super::patient::Owner;
use super::reader::{List, Reader};
use super::tree::{Node, Part};
use crate::domain::ids::Identity;
use crate::domain::issue::{Issue, IssueCode};
use crate::domain::referral::{Action, Consent, Message, Practitioner, Referral, Remark, document_id, identity};
use crate::redact::{self, length, word};

/// Kinds of messages (Volven 8279) that bring a referral in one version or the other.
const KINDS: [&str; 3] = ["HENVISNING", "HENVISNING_VIDERE", "HENVISNING_NYTILSTAND"];
/// What the parts of a referral are known by.
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
}

/// Relation of a professional to the patient (Volven 8254): the one who refers.
const REFERS: &str = "HHE";

/// Whether the referral is an emergency: priority 0 in both lists, 8306 and 8304.
pub(super) fn is_emergency(body: Node<'_>) -> bool {
    body.at(&["ReqServ", "Priority"]).and_then(|priority| priority.attribute("V")) == Some("0")
}

impl<'d> Reader<'d> {
    /// The referral; none where an element is missing without which there is none. Issues say what else is wrong.
    pub(super) fn referral(&self, parts: Parts<'d>, header: &Header) -> Option<Referral> {
        let Parts { format, info, body } = parts;
        let is_2_0 = format == Format::Version2_0;
        let (from, to) = match is_2_0 {
            true => (info.child("Sender"), info.child("Receiver")),
            false => (body.child("Requester"), body.child("ServProvider")),
        };
        let side = |end, owner| if is_2_0 { self.side(end, owner) } else { self.provider_side(end, owner) };
        let sender = side(from, None);
        let owned_by = sender.organisation.as_ref().map(owner).unwrap_or_else(|| "unassigned".to_owned());
        let receiver = side(to, Some(&owned_by));
        let (id, original) = self.document_id(body, format, &owned_by)?;
        let patient = if is_2_0 { info.child("Patient") } else { body.child("Patient") };
        self.required(
            sender.organisation.as_ref(),
            info,
            if is_2_0 { "Sender/Organisation" } else { "Requester/HCP/Inst" },
        );
        let key = Key { sender: &owned_by, document_id: &id };
        let own = key.part("referral");
        self.document.decide(Part::REFERRAL, super::tree::Fate::Held(own.clone()));
        self.trust(&sender, header, info);
        let mut referral = Referral {
            identity: own,
            document_id: id.clone(),
            message: self.message(parts, header),
            authored_on: self.of_referral(|| self.child_moment(body, "IssueDate")),
            consent: Consent::unknown(key.part("consent")),
            ..Referral::default()
        };
        referral.status = if referral.message.action == Action::Cancel { "revoked" } else { "active" }.to_owned();
        self.priority(body, format, &mut referral);
        self.diagnoses(body, &mut referral, key);
        referral.reasons = self.of_referral(|| self.reasons(body, format));
        self.diagnosis_in_words(&mut referral, key);
        if let Some(parent) = if is_2_0 { Some(body) } else { patient } {
            self.items(parent, format, &mut referral, key);
            referral.settle_treatments();
        }
        self.attachments(parts, &mut referral, key);
        self.notes(body, &mut referral);
        referral.notes.extend(original.map(|id| Remark::new(format!("Referral id of the sender: {id}"))));
        referral.requester = self.requester(body, patient, &owned_by).or_else(|| sender.person.clone());
        self.unsupported(parts);
        let assigner = sender
            .organisation
            .as_ref()
            .and_then(|organisation| organisation.organisation_number.as_deref().or(organisation.her_id.as_deref()));
        let owner = Owner { key: &owned_by, assigner, document_id: &id };
        referral.patient = match patient {
            Some(patient) => self.patient(patient, format, owner, is_emergency(body))?,
            None => self.no_patient(info, owner, is_emergency(body))?,
        };
        referral.sender = sender.organisation?;
        referral.sender_service = sender.service;
        referral.receiver = receiver.organisation;
        referral.receiver_service = receiver.service;
        Some(referral)
    }

    fn of_referral<T>(&self, read: impl FnOnce() -> T) -> T {
        self.document.within(Part::REFERRAL, read)
    }

    fn required<T>(&self, value: Option<T>, place: Node<'_>, name: &str) -> Option<T> {
        if value.is_none() {
            self.issue(IssueCode::HenvisningElementMissing, place, format!("no {name}"));
        }
        value
    }

    /// The document id, and the id as sent where it is no UUID. Version 1.x has it in `Id` (HITS 1218).
    fn document_id(&self, body: Node<'d>, format: Format, sender: &str) -> Option<(String, Option<String>)> {
        let name = if format == Format::Version2_0 { "DocumentId" } else { "Id" };
        let element = self.required(body.child(name), body, name)?;
        let sent = self.of_referral(|| element.value());
        let sent = self.required(sent, element, name)?;
        if let Some(id) = document_id::uuid(sent) {
            return Some((id, None));
        }
        self.issue(IssueCode::HenvisningDocumentIdInvalid, element, format!("{} is no UUID", length(sent)));
        Some((document_id::derived(sender, sent), Some(sent.to_owned())))
    }

    fn message(&self, parts: Parts<'d>, header: &Header) -> Message {
        let Parts { format, info, body } = parts;
        let conversation = info.child("ConversationRef");
        let reference = |name| conversation.and_then(|it| it.child_value(name)).map(str::to_owned);
        let (parent, conversation) = (reference("RefToParent"), reference("RefToConversation"));
        let is_forwarded = header.kind.as_deref() == Some("HENVISNING_VIDERE");
        if is_forwarded && (parent.is_none() || conversation.is_none()) {
            self.issue(IssueCode::HenvisningConversationMissing, info, "no ConversationRef in a forwarded referral");
        }
        let care_course = body.at(&["VurderingAvHenvisning", "Opplysninger", "ForlopsId"]);
        Message {
            message_id: header.message_id.clone(),
            kind: header.kind.clone().unwrap_or_else(|| "HENVISNING".to_owned()),
            version: format.version().to_owned(),
            action: self.action(body),
            generated: self.child_moment(info, "GenDate"),
            parent,
            conversation,
            care_course: care_course.and_then(Node::value).map(str::to_owned),
            requisition: None,
        }
    }

    /// New, change or cancel. An unknown code is no ground for rejection: read as new, which changes no referral that is known.
    fn action(&self, body: Node<'d>) -> Action {
        let Some(element) = self.required(body.child("ServType"), body, "ServType") else { return Action::New };
        let coded = self.coded(element, List::Volven("7309"));
        match coded.code.as_ref().map(|code| code.code.as_str()) {
            Some("N") => Action::New,
            Some("M") => Action::Change,
            Some("C") => Action::Cancel,
            Some(other) => {
                let text = format!("{} is neither N, M nor C: read as new", redact::code(other));
                self.raise(Issue::new(IssueCode::CodeUnmapped, self.place(element), text));
                Action::New
            }
            None => {
                self.issue(IssueCode::CodeUnmapped, element, "neither new, change nor cancel: read as new");
                Action::New
            }
        }
    }

    fn priority(&self, body: Node<'d>, format: Format, referral: &mut Referral) {
        let Some(requested) = self.required(body.child("ReqServ"), body, "ReqServ") else { return };
        let Some(priority) = requested.child("Priority") else { return };
        let list = if format == Format::Version2_0 { "8306" } else { "8304" };
        // It was looked at before, to know whether the referral is an emergency.
        priority.assign(Part::REFERRAL);
        let coded = self.of_referral(|| self.coded(priority, List::Volven(list)));
        referral.priority = coded.target;
        referral.reported_priority = coded.code;
    }

    fn attachments(&self, parts: Parts<'d>, referral: &mut Referral, key: Key<'_>) {
        let references: Vec<Node<'d>> = match parts.format {
            Format::Version2_0 => {
                let documents = self.document.root().all("Document");
                let is_body = |reference: &Node<'_>| {
                    let content = reference.child("Content");
                    content.is_some_and(|content| content.children().any(|child| child == parts.body))
                };
                documents.filter_map(|document| document.child("RefDoc")).filter(|it| !is_body(it)).collect()
            }
            Format::Version1_1 | Format::Version1_0 => parts.body.all("RefDoc").collect(),
        };
        for reference in references {
            let attachment = self.attachment(reference, key);
            // The same content twice is one document.
            let is_new = |it: &crate::domain::referral::Attachment| {
                !referral.attachments.iter().any(|other| other.identity == it.identity)
            };
            referral.attachments.extend(attachment.filter(is_new));
        }
    }

    /// Who refers: named as such, otherwise the only one who answers for the referral.
    fn requester(&self, body: Node<'d>, patient: Option<Node<'d>>, owner: &str) -> Option<Practitioner> {
        let relation = |node: Node<'d>, name| node.child(name).and_then(|it: Node<'d>| it.attribute("V"));
        let responsible: Vec<Node<'d>> = body.all("AnsvarForRapport").collect();
        let refers = |node: &&Node<'d>| relation(**node, "TypeRelasjon") == Some(REFERS);
        let chosen = responsible.iter().find(refers).or_else(|| responsible.first().filter(|_| responsible.len() == 1));
        if let Some(person) = chosen.and_then(|chosen| chosen.child("AnsvarligRapport")) {
            if let Some(kind) = chosen.and_then(|chosen| chosen.child("TypeRelasjon")) {
                self.coded(kind, List::Qualified("8254"));
            }
            return Some(self.professional(person, owner));
        }
        let related = patient?.all("PatRelHCP").find(|node| relation(*node, "Relation") == Some(REFERS))?;
        let provider = related.child("HCP")?;
        Some(self.provider_person(provider.child("HCProf")?, provider, owner))
    }

    /// What the receiver may need and no element of FHIR holds: kept as text.
    fn notes(&self, body: Node<'d>, referral: &mut Referral) {
        let mut note = |label: &str, text: Option<String>| {
            referral.notes.extend(text.map(|text| Remark::new(format!("{label}: {text}"))));
        };
        self.kept(|| {
            let value = |path: &[&'static str]| body.at(path).and_then(Node::value).map(str::to_owned);
            note("Comment of the referral", value(&["ReqComment"]));
            note("Comment on the service", value(&["ReqServ", "Comment"]));
            note("Requested date", value(&["ReqServ", "ReqDate"]));
            for name in ["TypeInnhold", "Merknad"] {
                let element = body.at(&["TypeInnholdIMelding", name]);
                let text = element.and_then(|it| {
                    it.value()
                        .map(str::to_owned)
                        .filter(|_| name == "Merknad")
                        .or_else(|| self.coded(it, List::Qualified("8455")).text)
                });
                note("Kind of referral", text);
            }
            note("Kind of referral", body.child("MsgDescr").and_then(|it| self.coded(it, List::Volven("8455")).text));
            self.assessment(body, &mut note);
            self.referral_consent(body, &mut note);
        });
    }

    fn assessment(&self, body: Node<'d>, note: &mut impl FnMut(&str, Option<String>)) {
        let Some(assessment) = body.child("VurderingAvHenvisning") else { return };
        for date in assessment.all("DatoMottakOgVurdering") {
            let label = self.child_code(date, "TypeDato", List::Qualified("9147")).text;
            note(label.as_deref().unwrap_or("Date of the assessment"), self.child_moment(date, "Dato"));
        }
        let Some(details) = assessment.child("Opplysninger") else { return };
        let value = |name| details.child_value(name).map(str::to_owned);
        note("Right to health care", value("RettTilHelsehjelp"));
        note("Free choice of hospital", value("FrittSykehusvalg"));
        let list = |name, number| self.child_code(details, name, List::Qualified(number)).text;
        note("Outcome of the assessment", list("UtfallAvVurdering", "8485"));
        note("End of the waiting time", list("VentetidSluttkode", "8445"));
    }

    /// Who agreed to be referred (HIS 80517, section 4.24). That is no consent to research, which no element of the format
    /// carries: the consent of the referral stays unknown.
    fn referral_consent(&self, body: Node<'d>, note: &mut impl FnMut(&str, Option<String>)) {
        let consents = body.all("Consent").chain(body.child("Patient").into_iter().flat_map(|it| it.all("Consent")));
        for consent in consents {
            let status = self.child_text(consent, "ConsentStatus");
            let value = |name| consent.child_value(name).map(str::to_owned);
            let parts = [status, value("ConsentDate"), value("GivenBy"), value("Merknad")];
            let text = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
            note("Consent to the referral (not to research)", Some(text).filter(|text| !text.is_empty()));
        }
    }

    /// Parts of the envelope that are not what they should be.
    fn unsupported(&self, parts: Parts<'d>) {
        let Parts { info, body, format } = parts;
        for other in info.all("OtherReceiver").chain(body.all("CopyDest")) {
            self.issue(IssueCode::HenvisningOtherReceiver, other, "a further receiver");
        }
        if let Some(signature) = self.document.root().child("Signature") {
            self.issue(IssueCode::HenvisningSignatureNotChecked, signature, "a personal signature was not checked");
        }
        let status = info.child("ProcessingStatus").or_else(|| info.child("Status"));
        if let Some(status) = status
            && matches!(status.attribute("V"), Some("TEST" | "T" | "D"))
        {
            status.attribute("DN");
            self.issue(IssueCode::HenvisningTestMessage, status, "the message is marked as a test");
        }
        let kind = info.child("Type").and_then(|kind| kind.attribute("V"));
        let is_expected = match (format, kind) {
            (Format::Version2_0, Some(kind)) => matches!(kind, "HENVISNING_VIDERE" | "HENVISNING_NYTILSTAND"),
            (Format::Version1_1 | Format::Version1_0, Some(kind)) => kind == "HENVISNING",
            (_, None) => false,
        };
        if !is_expected {
            let text = format!("the type {} is not that of the content", word(kind.unwrap_or_default(), &KINDS));
            self.issue(IssueCode::HenvisningTypeDiffers, info.child("Type").unwrap_or(info), text);
        }
        info.child_value("MIGversion");
    }

    /// Whether the sender is one of the trusts, where it gives its organisation number.
    fn trust(&self, sender: &Side, header: &Header, info: Node<'d>) {
        let number = sender.organisation.as_ref().and_then(|it| it.organisation_number.as_deref());
        let number = number.and_then(|number| crate::domain::org_number::OrgNumber::parse(number).ok());
        let day = header.generated.as_deref().and_then(|date| date.get(..10)?.parse().ok());
        let (Some(number), Some(day)) = (number, day) else { return };
        if let Err(error) = self.context.trusts.by_organisation_number(&number, day) {
            self.issue(error.code(), info, error.to_string());
        }
    }
}
