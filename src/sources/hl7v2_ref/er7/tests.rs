use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;

const MSH: &str = "MSH|^~\\&|EHR|983974732";

fn decoded<'b>(bytes: &'b [u8], set: CharacterSet) -> Result<(Message<'b>, Vec<Defect>), Defect> {
    let mut defects = Vec::new();
    let message = open(bytes, &Limits::default())?.decode(set, &Limits::default(), &mut defects)?;
    Ok((message, defects))
}

/// Code and place of a defect.
fn shown(defect: &Defect) -> (IssueCode, String) {
    (defect.code, defect.place.map(|place| place.to_string()).unwrap_or_default())
}

fn refused(bytes: &[u8]) -> (IssueCode, String) {
    shown(&decoded(bytes, CharacterSet::Utf8).unwrap_err())
}

fn values(part: impl Iterator<Item = String>) -> Vec<String> {
    part.collect()
}

#[test]
fn fields_repetitions_components_and_subcomponents() {
    let text = format!("{MSH}\rPID|1||a^b&c~d|\"\"| x |^^\r");
    let (message, defects) = decoded(text.as_bytes(), CharacterSet::Utf8).unwrap();
    assert_eq!(defects, []);
    assert_eq!(message.len(), 2);
    let pid = message.first("PID").unwrap();
    assert_eq!((pid.field_count(), pid.place().to_string()), (6, "PID[1]".to_owned()));
    let field = pid.field(3).unwrap();
    let leaves = values(field.leaves().map(|leaf| format!("{}={}", leaf.place(), leaf.raw())));
    assert_eq!(leaves, ["PID[1]-3[1].1.1=a", "PID[1]-3[1].2.1=b", "PID[1]-3[1].2.2=c", "PID[1]-3[2].1.1=d"]);
    let second = field.component(2).and_then(|component| component.subcomponent(2)).unwrap();
    assert_eq!((second.raw(), second.value()), ("c", Value::Text("c".into())));
    assert_eq!(field.value(), Value::Text("a".into()));
    assert_eq!(pid.field(2).unwrap().value(), Value::Absent);
    assert_eq!(pid.field(4).unwrap().value(), Value::Null, "a null is not nothing");
    assert_eq!(pid.field(5).unwrap().value(), Value::Text("x".into()));
    assert!(pid.field(6).unwrap().is_absent() && pid.field(7).is_none());
    let header = message.first("MSH").unwrap();
    let fields = values(header.fields().map(|field| field.raw().to_owned()));
    assert_eq!(fields, ["|", "^~\\&", "EHR", "983974732"]);
    assert_eq!(header.field(2).unwrap().value(), Value::Text("^~\\&".into()));
    assert_eq!(header.field(3).unwrap().place().to_string(), "MSH[1]-3");
}

#[test]
fn delimiters_are_those_of_the_message() {
    let (message, _) = decoded(b"MSH$%*!?$EHR\rPID$$$a%b?c*d|e^f!T!\r", CharacterSet::Utf8).unwrap();
    let field = message.first("PID").unwrap().field(3).unwrap();
    let leaves = values(field.leaves().map(|leaf| leaf.value().text().unwrap().into_owned()));
    assert_eq!(leaves, ["a", "b", "c", "d|e^f?"]);
}

#[test]
fn line_ends_other_than_cr_are_read_and_flagged() {
    let lines = [MSH, "PID|1", "NTE|1||text"];
    for (ends, expected) in [
        (["\r", "\r", "\r"], &[][..]),
        (["\n", "\n", "\n"], &[IssueCode::Hl7LineEnd]),
        (["\r\n", "\r\n", "\r\n"], &[IssueCode::Hl7LineEnd]),
        (["\r", "\n", "\r\n"], &[IssueCode::Hl7LineEnd]),
        (["\r", "\r", ""], &[IssueCode::Hl7MaybeTruncated]),
        (["\r\r", "\r", "\r\r\r"], &[]),
        (["\n\n", "\r", "\r"], &[IssueCode::Hl7LineEnd]),
    ] {
        let text: String = lines.iter().zip(ends).map(|(line, end)| format!("{line}{end}")).collect();
        let (message, defects) = decoded(text.as_bytes(), CharacterSet::Utf8).unwrap();
        assert_eq!(message.len(), 3, "{ends:?}");
        let codes: Vec<IssueCode> = defects.iter().map(|defect| defect.code).collect();
        assert_eq!(codes, expected, "{ends:?}");
    }
    let text = format!("{MSH}\rNTE|1||one\ntwo PID|\rPID|1\r");
    let (message, defects) = decoded(text.as_bytes(), CharacterSet::Utf8).unwrap();
    assert_eq!(message.first("NTE").unwrap().field(3).unwrap().value(), Value::Text("one\ntwo PID".into()));
    assert_eq!(defects.iter().map(|defect| defect.code).collect::<Vec<_>>(), [IssueCode::Hl7LineBreakInField]);
}

#[test]
fn frames_are_taken_off() {
    for framed in [&b"\x0bMSH|^~\\&|A\r\x1c\r"[..], b"\x0bMSH|^~\\&|A\r\x1c", b"\r\n\x0bMSH|^~\\&|A\r\x1c\r\n"] {
        let (message, defects) = decoded(framed, CharacterSet::Utf8).unwrap();
        assert_eq!((message.len(), defects), (1, Vec::new()));
    }
    for (bytes, code) in [
        (&b"\x0bMSH|^~\\&|A\r"[..], IssueCode::Hl7FrameIncomplete),
        (b"MSH|^~\\&|A\r\x1c\r", IssueCode::Hl7FrameIncomplete),
        (b"\x0bMSH|^~\\&|A\r\x1c\rPID|1\r", IssueCode::Hl7FrameIncomplete),
        (b"\x0bMSH|^~\\&|A\r\x1c\r\x0bMSH|^~\\&|B\r\x1c\r", IssueCode::Hl7SeveralMessages),
    ] {
        assert_eq!(refused(bytes), (code, String::new()), "{bytes:?}");
    }
}

#[test]
fn what_is_no_message_is_refused() {
    for (text, code, place) in [
        ("", IssueCode::Hl7HeaderMissing, ""),
        ("MS", IssueCode::Hl7HeaderMissing, ""),
        ("PID|1\r", IssueCode::Hl7HeaderMissing, ""),
        ("MSH", IssueCode::Hl7DelimitersInvalid, "MSH[1]-1"),
        ("MSH|", IssueCode::Hl7DelimitersInvalid, "MSH[1]-2"),
        ("FHS|^~\\&\rBHS|^~\\&\rMSH|^~\\&|A\r", IssueCode::Hl7BatchUnsupported, ""),
        ("BHS|^~\\&|A\r", IssueCode::Hl7BatchUnsupported, ""),
        ("MSH|^~\\&|A\rMSH|^~\\&|B\r", IssueCode::Hl7SeveralMessages, "MSH[2]"),
        ("MSH|^~\\&|A\rPID|1\rrest of a text\r", IssueCode::Hl7SegmentInvalid, "PID[1]"),
        ("MSH|^~\\&|A\rPID^1\r", IssueCode::Hl7SegmentInvalid, "MSH[1]"),
        ("MSH|^~\\&|A\rpid|1\r", IssueCode::Hl7SegmentInvalid, "MSH[1]"),
    ] {
        assert_eq!(refused(text.as_bytes()), (code, place.to_owned()), "{text}");
    }
}

#[test]
fn bytes_outside_the_character_set_are_refused_where_they_stand() {
    let defect = decoded(b"MSH|^~\\&|A\rPID|1\rPID|2||\xd8\r", CharacterSet::Ascii).unwrap_err();
    assert_eq!(shown(&defect), (IssueCode::Hl7CharacterInvalid, "PID[2]-3".to_owned()));
    assert!(defect.text.contains("D8"), "{}", defect.text);
    let defect = decoded(b"MSH|^~\\&|\xd8\r", CharacterSet::Utf8).unwrap_err();
    assert_eq!(shown(&defect), (IssueCode::Hl7CharacterInvalid, "MSH[1]-3".to_owned()));
}

#[test]
fn utf_8_declared_as_latin_1_is_flagged() {
    let (_, defects) = decoded("MSH|^~\\&|A\rPID|Ødegård\r".as_bytes(), CharacterSet::Latin1).unwrap();
    let found: Vec<_> = defects.iter().map(shown).collect();
    assert_eq!(found, [(IssueCode::Hl7CharacterSetDoubtful, "MSH[1]-18".to_owned())]);
}

#[test]
fn bombs_are_refused_within_limits() {
    let limits = Limits::default();
    for (text, place) in [
        (format!("{MSH}\rPID|1||{}\r", "a~".repeat(1_000_000)), "PID[1]-3"),
        (format!("{MSH}\rPID|1||{}\r", "a^".repeat(1_000_000)), "PID[1]-3"),
        (format!("{MSH}\rPID|1||{}\r", "&".repeat(1_000_000)), "PID[1]-3"),
        (format!("{MSH}\rPID{}\r", "|".repeat(1_000_000)), "PID[1]"),
        (format!("{MSH}\r{}", "NTE|1\r".repeat(1_000_000)), ""),
    ] {
        assert_eq!(refused(text.as_bytes()), (IssueCode::Hl7TooManyParts, place.to_owned()));
    }
    // Long runs of line feeds inside a text are read once.
    let text = format!("{MSH}\rNTE|1||a{}b\r", "\n".repeat(2_000_000));
    assert_eq!(decoded(text.as_bytes(), CharacterSet::Utf8).unwrap().0.len(), 2);
    let large = vec![b'A'; limits.message_bytes + 1];
    assert_eq!(refused(&large), (IssueCode::Hl7TooLarge, String::new()));
}

/// Subcomponents, components, repetitions, fields, segments of texts that hold every delimiter and line end.
fn segments() -> impl Strategy<Value = Vec<(String, Vec<Content>)>> {
    let text = "[a-zæøå|^~&\\\\\r\n #$\"]{1,12}"
        .prop_filter("blanks around a text are not kept", |text| text.trim_matches(' ') == text && text != "\"\"");
    let component = prop::collection::vec(text, 1..3);
    let repetition = prop::collection::vec(component, 1..3);
    let field = prop::collection::vec(repetition, 1..3).prop_map(Content);
    let segment = ("[A-LN-Z][A-Z0-9]{2}", prop::collection::vec(field, 1..4));
    prop::collection::vec(segment, 0..5)
}

fn delimiters() -> impl Strategy<Value = Delimiters> {
    prop::sample::select(vec!["|^~\\&|", "|^~\\&#|", "$%*!?$", "#@;:,#"])
        .prop_map(|text| Delimiters::read(text.as_bytes()).unwrap())
}

proptest! {
    #[test]
    fn what_is_written_is_read(segments in segments(), delimiters in delimiters()) {
        let mut writer = Writer::new(delimiters);
        writer.segment("MSH", &[Content::from("EHR")]);
        for (name, fields) in &segments {
            writer.segment(name, fields);
        }
        let bytes = writer.finish(CharacterSet::Utf8);
        let (message, defects) = decoded(&bytes, CharacterSet::Utf8).unwrap();
        prop_assert_eq!(defects, vec![]);
        prop_assert_eq!(message.len(), segments.len() + 1);
        for (segment, (name, fields)) in message.segments().skip(1).zip(&segments) {
            let segment_name = segment.name().to_string();
            prop_assert_eq!(&segment_name, name);
            let read: Vec<Content> = segment.fields().map(|field| Content(
                field.repetitions().map(|repetition| repetition.components().map(|component| {
                    component.subcomponents().map(|leaf| leaf.value().text().unwrap().into_owned()).collect()
                }).collect()).collect(),
            )).collect();
            prop_assert_eq!(&read, fields);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        head in prop::sample::select(vec!["", "MSH", "MSH|^~\\&|", "\u{b}MSH|^~\\&|A\r"]),
    ) {
        let bytes = [head.as_bytes(), &bytes].concat();
        for set in [CharacterSet::Ascii, CharacterSet::Latin1, CharacterSet::Latin9, CharacterSet::Utf8] {
            let Ok((message, _)) = decoded(&bytes, set) else { continue };
            let mut text = String::new();
            for field in message.segments().flat_map(|segment| segment.fields()) {
                for leaf in field.leaves() {
                    write!(text, "{} {:?} {}", leaf.place(), leaf.value(), leaf.has_unknown_escape()).unwrap();
                }
            }
        }
    }
}
