//! ERR: what is wrong and where, in the form of the version of the message.

use crate::domain::issue::{Issue, IssueCode, Severity};
use crate::sources::hl7v2_ref::er7::{Content, Place, Writer};

/// Most ERR segments of a receipt; the issues themselves are all kept.
const MAX_SEGMENTS: usize = 20;

/// Lengths of ERR-7 and ERR-8 (v2.5.1).
const DIAGNOSTIC_LENGTH: usize = 2048;
const USER_MESSAGE_LENGTH: usize = 250;

/// Code system names in coded elements (HL7 table 0396).
const ERROR_CONDITIONS: &str = "HL70357";
const LOCAL: &str = "L";

/// Whether a version has the ERR of before v2.5: one field, with places that end at the field.
pub(super) fn is_old(version: &str) -> bool {
    matches!(version, "2.1" | "2.2" | "2.3" | "2.3.1" | "2.4")
}

/// Writes the issues.
pub(super) fn write(writer: &mut Writer, issues: &[&Issue], is_old: bool) {
    let issues = issues.iter().take(MAX_SEGMENTS);
    if is_old {
        let locations: Vec<Vec<Vec<String>>> = issues.map(|issue| old_location(issue)).collect();
        if !locations.is_empty() {
            writer.segment("ERR", &[Content(locations)]);
        }
        return;
    }
    for issue in issues {
        let (code, text) = condition(issue.code);
        let severity = match issue.code.severity() {
            Severity::Information => "I",
            Severity::Warning => "W",
            Severity::Error | Severity::Fatal => "E",
        };
        let fields = [
            Content::default(),
            location(issue),
            Content::components(&[code, text, ERROR_CONDITIONS]),
            severity.into(),
            Content::components(&[issue.code.as_str(), issue.code.meaning(), LOCAL]),
            Content::default(),
            short(&issue.to_string(), DIAGNOSTIC_LENGTH).as_str().into(),
            short(&issue.text, USER_MESSAGE_LENGTH).as_str().into(),
        ];
        writer.segment("ERR", &fields);
    }
}

/// The text, cut to a number of characters.
pub(super) fn short(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}

fn place(issue: &Issue) -> Option<Place> {
    issue.location.column.as_deref().and_then(Place::parse)
}

fn number(number: u32) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}

/// ERL: segment, its occurrence, field, repetition, component, subcomponent.
fn location(issue: &Issue) -> Content {
    let Some(place) = place(issue) else { return Content::default() };
    let numbers = [place.occurrence, place.field, place.repetition, place.component, place.subcomponent].map(number);
    let mut components = vec![place.segment.as_str()];
    let said = numbers.iter().rposition(|number| !number.is_empty()).map_or(0, |last| last + 1);
    components.extend(numbers.iter().take(said).map(String::as_str));
    Content::components(&components)
}

/// ELD: segment, its occurrence, field, what is wrong as a coded element with our own code as the alternate one.
fn old_location(issue: &Issue) -> Vec<Vec<String>> {
    let (code, text) = condition(issue.code);
    let coded = [code, text, ERROR_CONDITIONS, issue.code.as_str(), issue.code.meaning(), LOCAL];
    let (segment, occurrence, field) = place(issue).map_or_else(Default::default, |place| {
        (place.segment.to_string(), number(place.occurrence), number(place.field))
    });
    vec![vec![segment], vec![occurrence], vec![field], coded.map(str::to_owned).to_vec()]
}

/// The message error condition (HL7 table 0357).
fn condition(code: IssueCode) -> (&'static str, &'static str) {
    match code {
        IssueCode::Hl7SegmentInvalid | IssueCode::Hl7SegmentRepeated => ("100", "Segment sequence error"),
        IssueCode::Hl7ValueRequired | IssueCode::ReferralPatientUnidentifiable => ("101", "Required field missing"),
        IssueCode::Hl7DateInvalid
        | IssueCode::Hl7NumberInvalid
        | IssueCode::Hl7CharacterInvalid
        | IssueCode::ReferralAttachmentInvalid
        | IssueCode::NationalNumberInvalid => ("102", "Data type error"),
        IssueCode::CodeUnmapped | IssueCode::ReferralAttachmentUnsupported => ("103", "Table value not found"),
        IssueCode::Hl7MessageUnsupported => ("200", "Unsupported message type"),
        IssueCode::Hl7EventUnsupported => ("201", "Unsupported event code"),
        IssueCode::Hl7ProcessingIdUnsupported => ("202", "Unsupported processing id"),
        IssueCode::Hl7VersionUnsupported => ("203", "Unsupported version id"),
        IssueCode::SyntheticNumber => ("204", "Unknown key identifier"),
        _ => ("207", "Application internal error"),
    }
}
