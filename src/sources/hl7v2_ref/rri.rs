//! The status of a referral for a sender of HL7 v2: `RRI^I12` (chapter 11 of HL7 v2.3.1 to 2.6), in the version and character
//! set of the referral.

use super::er7::{CharacterSet, Content, Delimiters, Writer};
use super::header::Header;
use crate::domain::status_notice::{NoticeCode, NoticePatient, NoticeSender, StatusNotice};

/// Code system names in coded elements (HL7 table 0396).
const REFERRAL_STATUS: &str = "HL70283";
const PROVIDER_ROLE: &str = "HL70286";

/// What a referral said that its answers repeat.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answered {
    /// MSH-3 to MSH-6: repetitions, components, subcomponents.
    pub parties: [Vec<Vec<Vec<String>>>; 4],
    /// MSH-11.1.
    pub processing_id: String,
    /// MSH-12.1.
    pub version: String,
    /// Name of the character set (HL7 table 0211).
    pub character_set: String,
}

impl Header {
    /// What an answer to the message repeats.
    pub fn answered(&self) -> Answered {
        let text = |Content(repetitions): &Content| {
            let first = repetitions.first().and_then(|repetition| repetition.first()?.first());
            first.cloned().unwrap_or_default()
        };
        Answered {
            parties: self.parties.clone().map(|Content(repetitions)| repetitions),
            processing_id: text(&self.processing_id),
            version: self.version.clone(),
            character_set: self.character_set.name().to_owned(),
        }
    }
}

/// A status.
#[derive(Debug, Clone, Copy)]
pub struct Rri<'a> {
    /// The referral.
    pub answered: &'a Answered,
    /// MSH-10 of the referral.
    pub referral: &'a str,
    /// The requester's own id of the referral.
    pub document_id: &'a str,
    /// MSH-10, at most 20 characters.
    pub control_id: &'a str,
    /// Id of this status: RF1-11.
    pub id: &'a str,
    /// When it is made, as HL7 v2 writes times.
    pub time: &'a str,
    /// Who answers.
    pub sender: &'a NoticeSender,
    /// The patient, as in the referral.
    pub patient: &'a NoticePatient,
    /// What is said.
    pub notice: &'a StatusNotice,
}

/// The message as text; its bytes are made in the character set that its MSH-18 names ([`encode`]).
pub fn rri(status: &Rri<'_>) -> String {
    let set = CharacterSet::parse(&status.answered.character_set).unwrap_or(CharacterSet::Utf8);
    let mut writer = Writer::new(Delimiters::default());
    writer.segment("MSH", &message_header(status, set));
    writer.segment("MSA", &["AA".into(), status.referral.into()]);
    let (code, text) = referral_status(status.notice.code);
    let nothing = Content::default;
    let mut referral = vec![Content::components(&[code, text, REFERRAL_STATUS])];
    referral.extend([nothing(), nothing(), nothing(), nothing()]);
    referral.extend([status.document_id.into(), status.time.into(), nothing(), status.time.into(), nothing()]);
    referral.push(status.id.into());
    writer.segment("RF1", &referral);
    writer.segment("PRD", &provider(status.sender));
    writer.segment("PID", &patient(status.patient));
    let comment = format!("{}. {}", status.notice.code.display(), status.notice.text);
    writer.segment("NTE", &["1".into(), nothing(), comment.as_str().into()]);
    let text = writer.into_text();
    if set == CharacterSet::Ascii { ascii(&text) } else { text }
}

/// The bytes of a message in the character set that its MSH-18 names.
pub fn encode(text: &str) -> Vec<u8> {
    let header = text.split('\r').next().unwrap_or_default();
    // Written with the recommended delimiters: MSH-1 stands before the first part.
    let name = header.split('|').nth(17).unwrap_or_default();
    CharacterSet::parse(name).unwrap_or(CharacterSet::Utf8).encode(text)
}

/// MSH-3 to MSH-18: the parties of the referral change places, and the receiver confirms that it has the message.
fn message_header(status: &Rri<'_>, set: CharacterSet) -> Vec<Content> {
    let answered = status.answered;
    let [from_application, from_facility, to_application, to_facility] = answered.parties.clone().map(Content);
    let nothing = Content::default;
    vec![
        to_application,
        to_facility,
        from_application,
        from_facility,
        status.time.into(),
        nothing(),
        Content::components(&["RRI", "I12", "RRI_I12"]),
        status.control_id.into(),
        answered.processing_id.as_str().into(),
        answered.version.as_str().into(),
        nothing(),
        nothing(),
        "AL".into(),
        "NE".into(),
        nothing(),
        set.name().into(),
    ]
}

/// HL7 table 0283. Rejected is what the trial does not take; accepted whom it calls in.
fn referral_status(code: NoticeCode) -> (&'static str, &'static str) {
    match code {
        NoticeCode::CalledIn => ("A", "Accepted"),
        NoticeCode::TakenUp | NoticeCode::Forwarded => ("P", "Pending"),
        NoticeCode::Rejected => ("R", "Rejected"),
    }
}

/// Whom the patient is referred to (PRD-1 `RT`), and whom to ask.
fn provider(sender: &NoticeSender) -> Vec<Content> {
    let contact = &sender.contact;
    let id = |id: &str, kind: &str| vec![vec![id.to_owned()], vec![kind.to_owned()]];
    let own = contact.hpr_number.iter().map(|number| id(number, "HPR"));
    let ids = own.chain([id(&sender.service_her_id, "HER")]).collect();
    vec![
        Content::components(&["RT", "Referred to Provider", PROVIDER_ROLE]),
        Content::components(&[&contact.family_name, &contact.given_name]),
        Content::default(),
        Content::default(),
        // Any text (XTN-9): the only component for a number as it is written that every version has.
        Content::components(&["", "WPN", "PH", "", "", "", "", "", &contact.telephone]),
        Content::default(),
        Content(ids),
    ]
}

fn patient(patient: &NoticePatient) -> Vec<Content> {
    let number = |(kind, number): &(&str, crate::domain::personal::Personal)| {
        [number.expose(), "", "", kind].map(|text| vec![text.to_owned()]).to_vec()
    };
    let middle = patient.middle_name.as_ref().map_or("", |name| name.expose());
    let date: String = patient.birth_date.iter().flat_map(|date| date.expose().chars()).filter(|c| *c != '-').collect();
    let sex = match patient.gender.as_deref() {
        Some("male") => "M",
        Some("female") => "F",
        Some("other") => "O",
        _ => "",
    };
    let nothing = Content::default;
    vec![
        "1".into(),
        nothing(),
        Content(patient.numbers.iter().map(number).collect()),
        nothing(),
        Content::components(&[patient.family_name.expose(), patient.given_name.expose(), middle]),
        nothing(),
        date.as_str().into(),
        sex.into(),
    ]
}

/// Norwegian letters as seven bits have them.
fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            'æ' => plain.push_str("ae"),
            'ø' => plain.push_str("oe"),
            'å' => plain.push_str("aa"),
            'Æ' => plain.push_str("Ae"),
            'Ø' => plain.push_str("Oe"),
            'Å' => plain.push_str("Aa"),
            _ => plain.push(character),
        }
    }
    plain
}
