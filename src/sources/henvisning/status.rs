//! Status på henvisning (HIS 1206:2018): a Dialogmelding 1.1 in MsgHead 1.2, the answer to a referral.
//!
//! Written strictly: the elements, their order and the minimum of their content are those of the schemas and of the profile.

use jiff::Timestamp;

use super::app_rec::local;
use super::write::Writer;
use crate::domain::personal::Personal;
use crate::domain::status_notice::{NoticeContact, NoticePatient, NoticeSender, NoticeUnit, StatusNotice};

const MSG_HEAD: &str = "http://www.kith.no/xmlstds/msghead/2006-05-24";
const DIALOG: &str = "http://www.kith.no/xmlstds/dialog/2013-01-23";
const COMMON: &str = "http://www.kith.no/xmlstds/felleskomponent1";

/// OIDs of Volven 9148 (status), 9051 (ids of organisations), 8116 (ids of persons), 9034 (role to the patient).
const STATUS: &str = "2.16.578.1.12.4.1.1.9148";
const ORGANISATION_IDS: &str = "2.16.578.1.12.4.1.1.9051";
const PERSON_IDS: &str = "2.16.578.1.12.4.1.1.8116";
const ROLES: &str = "2.16.578.1.12.4.1.1.9034";

/// A Status på henvisning.
#[derive(Debug, Clone, Copy)]
pub struct StatusMessage<'a> {
    /// Id of the message, a UUID.
    pub message_id: &'a str,
    /// Id of the document in it, a UUID.
    pub document_id: &'a str,
    /// When it is made.
    pub generated: Timestamp,
    /// The message that it follows: the referral, or the status before.
    pub parent: &'a str,
    /// The first referral.
    pub conversation: &'a str,
    /// Who answers.
    pub sender: &'a NoticeSender,
    /// Who referred: organisation, service.
    pub receiver: &'a [NoticeUnit],
    /// The patient, as in the referral.
    pub patient: &'a NoticePatient,
    /// What is said.
    pub notice: &'a StatusNotice,
}

/// The message; none where what the profile demands is not known: name and number of the patient, who referred, and what is
/// answered.
pub fn status(message: &StatusMessage<'_>) -> Option<String> {
    let StatusMessage { patient, receiver, .. } = message;
    let is_named = !(patient.family_name.is_empty() || patient.given_name.is_empty() || patient.numbers.is_empty());
    let is_addressed = receiver.iter().all(|unit| ids(unit).next().is_some()) && !receiver.is_empty();
    if !is_named || !is_addressed || message.parent.is_empty() || message.conversation.is_empty() {
        return None;
    }
    let generated = local(message.generated);
    let mut xml = Writer::new("MsgHead", MSG_HEAD);
    xml.open("MsgInfo");
    xml.code("Type", Some("DIALOG_STATUS_HENVISNING"), Some("Status på henvisning"));
    xml.text("MIGversion", "v1.2 2006-05-24");
    xml.text("GenDate", &generated);
    xml.text("MsgId", message.message_id);
    xml.open("ConversationRef");
    xml.text("RefToParent", message.parent);
    xml.text("RefToConversation", message.conversation);
    xml.close("ConversationRef");
    xml.open("Sender");
    organisations(&mut xml, &sender(message.sender));
    xml.close("Sender");
    xml.open("Receiver");
    organisations(&mut xml, receiver);
    xml.close("Receiver");
    patient_of(&mut xml, patient);
    xml.close("MsgInfo");
    document(&mut xml, message, &generated);
    Some(xml.finish("MsgHead"))
}

fn sender(sender: &NoticeSender) -> Vec<NoticeUnit> {
    let unit = |name: &str, her_id: &str| NoticeUnit {
        name: name.to_owned(),
        ids: vec![("HER".to_owned(), her_id.to_owned())],
    };
    vec![unit(&sender.name, &sender.her_id), unit(&sender.service_name, &sender.service_her_id)]
}

/// Each organisation inside the one before.
fn organisations(xml: &mut Writer, units: &[NoticeUnit]) {
    for unit in units {
        xml.open("Organisation");
        let first = ids(unit).next().map(|(_, _, id)| id).unwrap_or_default();
        xml.text("OrganisationName", if unit.name.is_empty() { first } else { &unit.name });
        for (kind, text, id) in ids(unit) {
            ident(xml, "", id, (kind, text, ORGANISATION_IDS));
        }
    }
    for _ in units {
        xml.close("Organisation");
    }
}

/// Ids of a type that the list of organisations has: type, its text, id.
fn ids(unit: &NoticeUnit) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
    unit.ids.iter().filter_map(|(kind, id)| {
        let (kind, text) = match kind.as_str() {
            "HER" => ("HER", "HER-id"),
            "ENH" => ("ENH", "Organisasjonsnummeret i Enhetsregister"),
            "RSH" => ("RSH", "RESH-ID"),
            _ => return None,
        };
        Some((kind, text, id.as_str()))
    })
}

fn ident(xml: &mut Writer, prefix: &str, id: &str, (kind, text, list): (&str, &str, &str)) {
    xml.open("Ident");
    xml.text(&format!("{prefix}Id"), id);
    xml.empty(&format!("{prefix}TypeId"), &[("V", kind), ("S", list), ("DN", text)]);
    xml.close("Ident");
}

fn patient_of(xml: &mut Writer, patient: &NoticePatient) {
    xml.open("Patient");
    xml.text("FamilyName", patient.family_name.expose());
    if let Some(middle) = &patient.middle_name {
        xml.text("MiddleName", middle.expose());
    }
    xml.text("GivenName", patient.given_name.expose());
    let is_whole = |date: &&Personal| date.expose().len() == 10 && date.expose().parse::<jiff::civil::Date>().is_ok();
    if let Some(date) = patient.birth_date.as_ref().filter(is_whole) {
        xml.text("DateOfBirth", date.expose());
    }
    match patient.gender.as_deref() {
        Some("male") => xml.code("Sex", Some("1"), Some("Mann")),
        Some("female") => xml.code("Sex", Some("2"), Some("Kvinne")),
        _ => {}
    }
    for (kind, number) in &patient.numbers {
        ident(xml, "", number.expose(), (kind, number_type(kind), PERSON_IDS));
    }
    xml.close("Patient");
}

fn number_type(kind: &str) -> &'static str {
    match kind {
        "FNR" => "Fødselsnummer",
        "DNR" => "D-nummer",
        "FHN" => "Felles hjelpenummer",
        "HNR" => "H-nummer",
        _ => "Annet",
    }
}

fn document(xml: &mut Writer, message: &StatusMessage<'_>, generated: &str) {
    let StatusNotice { code, text } = message.notice;
    xml.open("Document");
    xml.open("RefDoc");
    xml.empty("IssueDate", &[("V", generated)]);
    xml.code("MsgType", Some("XML"), Some("XML-instans"));
    xml.text("Id", message.document_id);
    xml.open("Content");
    xml.open_with("Dialogmelding", &[("xmlns", DIALOG), ("xmlns:fk1", COMMON)]);
    xml.open("Notat");
    xml.empty("TemaKodet", &[("V", code.as_str()), ("S", STATUS), ("DN", code.display())]);
    xml.text("TekstNotatInnhold", text);
    contact(xml, &message.sender.contact);
    xml.close("Notat");
    xml.close("Dialogmelding");
    xml.close("Content");
    xml.close("RefDoc");
    xml.close("Document");
}

/// Whom to ask (HISD 1174).
fn contact(xml: &mut Writer, contact: &NoticeContact) {
    xml.open("RollerRelatertNotat");
    xml.empty("RoleToPatient", &[("V", "21"), ("S", ROLES), ("DN", "Helsefaglig kontakt")]);
    xml.open("HealthcareProfessional");
    xml.text("FamilyName", &contact.family_name);
    xml.text("GivenName", &contact.given_name);
    if let Some(number) = &contact.hpr_number {
        ident(xml, "fk1:", number, ("HPR", "HPR-nummer", PERSON_IDS));
    }
    xml.open("TeleCom");
    xml.empty("fk1:TeleAddress", &[("V", &format!("tel:{}", contact.telephone))]);
    xml.close("TeleCom");
    xml.close("HealthcareProfessional");
    xml.close("RollerRelatertNotat");
}
