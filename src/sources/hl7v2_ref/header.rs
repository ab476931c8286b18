//! What the header says about who sends what, and how it is to be answered.

use super::binding::Plan;
use super::er7::{CharacterSet, Content, Defect, Delimiters, Message, Place, Segment};
use crate::domain::issue::IssueCode;
use crate::redact;

/// The message type of a referral.
const MESSAGE_TYPE: &str = "REF";
/// Message types that a sender confuses with it (HL7 table 0076).
const MESSAGE_TYPES: [&str; 11] = ["ACK", "ADT", "MDM", "OML", "ORL", "ORM", "ORR", "ORU", "RPI", "RRI", "SIU"];

/// The version of the receipt of a message that names none.
const ANSWERED_VERSION: &str = "2.5.1";

/// The header of a message, for whoever answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub(super) delimiters: Delimiters,
    pub(super) character_set: CharacterSet,
    /// MSH-3 to MSH-6, as sent.
    pub(super) parties: [Content; 4],
    /// Organisation number of the overlay that applies.
    pub organisation: Option<String>,
    /// MSH-9.1.
    pub message_type: String,
    /// MSH-9.2.
    pub event: String,
    /// MSH-10.
    pub control_id: String,
    pub(super) processing_id: Content,
    /// MSH-12.1.
    pub version: String,
    pub(super) version_id: Content,
    pub(super) accept_acknowledgement: String,
    pub(super) application_acknowledgement: String,
    /// MSH-18 as sent, where it is a set that is read.
    pub(super) character_set_name: String,
    /// Whether a positive receipt names the warnings.
    pub(super) names_warnings: bool,
}

impl Header {
    pub(super) fn of(message: &Message<'_>, plan: &Plan) -> Self {
        let segment = message.first("MSH");
        let content = |field: u32| segment.and_then(|segment| segment.field(field)).map(content).unwrap_or_default();
        let text = |field, component| text(segment, field, component);
        let name = text(18, 1);
        Self {
            delimiters: message.delimiters,
            character_set: message.character_set,
            parties: [content(3), content(4), content(5), content(6)],
            organisation: plan.organisation.clone(),
            message_type: text(9, 1),
            event: text(9, 2),
            control_id: text(10, 1),
            processing_id: content(11),
            version: text(12, 1),
            version_id: content(12),
            accept_acknowledgement: text(15, 1),
            application_acknowledgement: text(16, 1),
            character_set_name: CharacterSet::parse(&name).map_or_else(String::new, |_| name),
            names_warnings: plan.acknowledge_warnings,
        }
    }

    /// That of a message whose own cannot be read: it names nobody, and asks for the one receipt of the original mode.
    pub(super) fn unreadable() -> Self {
        Self {
            delimiters: Delimiters::default(),
            character_set: CharacterSet::Ascii,
            parties: Default::default(),
            organisation: None,
            message_type: String::new(),
            event: String::new(),
            control_id: String::new(),
            processing_id: "P".into(),
            version: ANSWERED_VERSION.to_owned(),
            version_id: ANSWERED_VERSION.into(),
            accept_acknowledgement: String::new(),
            application_acknowledgement: String::new(),
            character_set_name: String::new(),
            names_warnings: false,
        }
    }

    /// What MSH-6 names: namespace, universal id.
    pub(super) fn receivers(&self) -> impl Iterator<Item = &str> {
        let [_, _, _, Content(facility)] = &self.parties;
        let components = facility.iter().flat_map(|repetition| repetition.iter().take(2));
        components.filter_map(|component| component.first()).map(String::as_str)
    }

    /// What makes the message none that is read.
    pub(super) fn defects(&self, plan: &Plan, message: &Message<'_>) -> Vec<Defect> {
        let mut defects = Vec::new();
        let mut refuse = |code, field: u32, text: String| {
            defects.push(Defect::at(Place::header().field(field), code, text));
        };
        if self.message_type != MESSAGE_TYPE {
            let text =
                format!("the message type {} is not {MESSAGE_TYPE}", redact::word(&self.message_type, &MESSAGE_TYPES));
            refuse(IssueCode::Hl7MessageUnsupported, 9, text);
        } else if !plan.events.contains(&self.event) {
            let text = format!("the event {} is none of {}", redact::code(&self.event), plan.events.join(", "));
            refuse(IssueCode::Hl7EventUnsupported, 9, text);
        }
        if !plan.versions.contains(&self.version) {
            let text = format!("the version {} is none of {}", redact::code(&self.version), plan.versions.join(", "));
            refuse(IssueCode::Hl7VersionUnsupported, 12, text);
        }
        let processing_id = text(message.first("MSH"), 11, 1);
        if !plan.processing_ids.contains(&processing_id) {
            let text = format!(
                "the processing id {} is none of {}",
                redact::code(&processing_id),
                plan.processing_ids.join(", ")
            );
            refuse(IssueCode::Hl7ProcessingIdUnsupported, 11, text);
        }
        let is_continued = |segment: &Segment<'_>| matches!(segment.name().as_str(), "DSC" | "ADD");
        let continued = message.segments().find(is_continued).map(|segment| segment.place());
        let pointer = (!text(message.first("MSH"), 14, 1).is_empty()).then(|| Place::header().field(14));
        if let Some(place) = pointer.or(continued) {
            let text = "the message is a part of a longer one";
            defects.push(Defect::at(place, IssueCode::Hl7ContinuationUnsupported, text));
        }
        for name in ["PID", "RF1", "PV1"] {
            let mut again = message.segments().filter(|segment| segment.name().as_str() == name).skip(1);
            if let Some(segment) = again.next() {
                let text = format!("a second {name}: a referral is about one patient");
                defects.push(Defect::at(segment.place(), IssueCode::Hl7SegmentRepeated, text));
            }
        }
        defects
    }
}

fn text(segment: Option<Segment<'_>>, field: u32, component: u32) -> String {
    let part = segment.and_then(|segment| segment.field(field)?.component(component));
    part.and_then(|part| part.value().text()).unwrap_or_default().into_owned()
}

fn content(field: super::er7::Part<'_>) -> Content {
    let leaves = |component: super::er7::Part<'_>| {
        component.subcomponents().map(|leaf| leaf.value().text().unwrap_or_default().into_owned()).collect()
    };
    Content(field.repetitions().map(|repetition| repetition.components().map(leaves).collect()).collect())
}
