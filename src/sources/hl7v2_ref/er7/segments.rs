//! Segments: where they begin and end, and where their fields begin.

use std::borrow::Cow;
use std::collections::HashMap;

use super::message::Span;
use super::{CharacterSet, Defect, Delimiters, Message, Place, SegmentName};
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;

/// Finds the segments and fields of a message.
///
/// A segment ends in a carriage return. Other line ends are read and flagged: a line feed ends a segment where the next line
/// begins like one, otherwise it is a line break in a text.
pub(super) fn find<'b>(
    text: Cow<'b, str>,
    delimiters: Delimiters,
    set: CharacterSet,
    limits: &Limits,
    defects: &mut Vec<Defect>,
) -> Result<Message<'b>, Defect> {
    let mut found =
        Found { delimiters, limits, spans: Vec::new(), fields: Vec::new(), parts: 0, occurrences: HashMap::new() };
    let mut ends = Ends::default();
    let mut start = 0;
    while let Some(line) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let (length, end) = line_length(line.as_bytes(), delimiters.field, &mut ends);
        let content = line.get(..length).unwrap_or_default();
        if !content.trim_ascii().is_empty() {
            ends.inside += usize::from(content.contains('\n'));
            found.segment(content, start)?;
        }
        start = start.saturating_add(length).saturating_add(end);
    }
    ends.report(&found.spans, defects);
    Ok(Message::new(text, delimiters, set, found.spans, found.fields))
}

/// Bytes of a line, and of the line breaks that end it.
fn line_length(rest: &[u8], separator: u8, ends: &mut Ends) -> (usize, usize) {
    let mut from = 0;
    while let Some(found) = rest.get(from..).and_then(|tail| tail.iter().position(|byte| is_break(*byte))) {
        let at = from + found;
        let tail = rest.get(at..).unwrap_or_default();
        // A run of line breaks is looked at once, as it can be long.
        let length = tail.iter().position(|byte| !is_break(*byte)).unwrap_or(tail.len());
        let (run, after) = tail.split_at_checked(length).unwrap_or((tail, &[]));
        if run.contains(&b'\r') || after.is_empty() || begins_segment(after, separator) {
            match run {
                [b'\r', b'\n', ..] => ends.crlf += 1,
                [b'\r', ..] => ends.cr += 1,
                _ => ends.lf += 1,
            }
            return (at, length);
        }
        from = at + length;
    }
    ends.unended = true;
    (rest.len(), 0)
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Whether a line that begins like this is a segment.
fn begins_segment(line: &[u8], separator: u8) -> bool {
    SegmentName::parse(line).is_some() && matches!(line.get(3), Some(byte) if *byte == separator)
}

/// What ended the segments.
#[derive(Default)]
struct Ends {
    cr: usize,
    lf: usize,
    crlf: usize,
    /// Segments with a line feed in a text.
    inside: usize,
    /// The last segment has no end.
    unended: bool,
}

impl Ends {
    fn report(&self, spans: &[Span], defects: &mut Vec<Defect>) {
        if self.lf + self.crlf > 0 {
            let text =
                format!("segments end in CR ({}), LF ({}) and CR LF ({}); HL7 says CR", self.cr, self.lf, self.crlf);
            defects.push(Defect::whole(IssueCode::Hl7LineEnd, text));
        }
        if self.inside > 0 {
            let text = format!("{} segments have a line feed in a text; write it as an escape sequence", self.inside);
            defects.push(Defect::whole(IssueCode::Hl7LineBreakInField, text));
        }
        if self.unended {
            let place = spans.last().map(Span::place);
            let text = "the last segment does not end: the message may be cut off";
            defects.push(Defect { place, ..Defect::whole(IssueCode::Hl7MaybeTruncated, text) });
        }
    }
}

struct Found<'l> {
    delimiters: Delimiters,
    limits: &'l Limits,
    spans: Vec<Span>,
    fields: Vec<u32>,
    /// Parts of all fields so far.
    parts: usize,
    occurrences: HashMap<SegmentName, u32>,
}

impl Found<'_> {
    fn segment(&mut self, content: &str, start: usize) -> Result<(), Defect> {
        let number = u32::try_from(self.spans.len()).unwrap_or(u32::MAX).saturating_add(1);
        let separator = self.delimiters.field;
        let bytes = content.as_bytes();
        let name = SegmentName::parse(bytes).filter(|_| bytes.get(3).is_none_or(|byte| *byte == separator));
        let Some(name) = name else {
            let text = format!("line {number} is no segment: a letter, two letters or digits and the field separator");
            let place = self.spans.last().map(Span::place);
            return Err(Defect { place, ..Defect::whole(IssueCode::Hl7SegmentInvalid, text) });
        };
        if self.spans.len() >= self.limits.message_segments {
            let text = format!("the message has more than {} segments", self.limits.message_segments);
            return Err(Defect::whole(IssueCode::Hl7TooManyParts, text));
        }
        let occurrence = self.occurrences.entry(name).or_default();
        *occurrence = occurrence.saturating_add(1);
        let place = Place::segment(name, *occurrence, number);
        if name == SegmentName::MSH && *occurrence > 1 {
            return Err(Defect::at(place, IssueCode::Hl7SeveralMessages, "a second MSH: give one message at a time"));
        }
        let first = self.fields.len();
        self.fields(bytes, start, place)?;
        let offset = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let (start, end) = (offset(start), offset(start.saturating_add(content.len())));
        self.spans.push(Span { place, start, end, fields: offset(first)..offset(self.fields.len()) });
        Ok(())
    }

    /// Notes where each field begins; counts what each is made of.
    fn fields(&mut self, segment: &[u8], start: usize, place: Place) -> Result<(), Defect> {
        let too_many = |field: u32, what: &str, limit: usize| {
            let text = format!("more than {limit} {what}");
            Err(Defect::at(place.field(field), IssueCode::Hl7TooManyParts, text))
        };
        let (mut repetitions, mut parts, mut number) = (0_usize, 0_usize, 0_u32);
        let delimiters = self.delimiters;
        for (at, byte) in segment.iter().enumerate().skip(3) {
            if *byte == delimiters.field {
                (repetitions, parts) = (0, 0);
                number = number.saturating_add(1);
                let begin = start.saturating_add(at).saturating_add(1);
                self.fields.push(u32::try_from(begin).unwrap_or(u32::MAX));
            } else if delimiters.repetition == Some(*byte) {
                repetitions += 1;
                parts += 1;
                if repetitions >= self.limits.field_repetitions {
                    return too_many(number, "repetitions of a field", self.limits.field_repetitions);
                }
            } else if *byte == delimiters.component || delimiters.subcomponent == Some(*byte) {
                parts += 1;
            } else {
                continue;
            }
            self.parts += 1;
            if self.parts >= self.limits.message_parts {
                return too_many(0, "parts in the message", self.limits.message_parts);
            }
            if parts >= self.limits.field_parts {
                return too_many(number, "components of a field", self.limits.field_parts);
            }
        }
        Ok(())
    }
}

/// The segment and field that a byte stands in, before there is any text.
pub(super) fn place_of_byte(bytes: &[u8], at: usize, delimiters: Delimiters) -> Option<Place> {
    let before = bytes.get(..at)?;
    let names = before.split(|byte| matches!(byte, b'\r' | b'\n')).filter_map(SegmentName::parse);
    let name = names.clone().next_back()?;
    let number = u32::try_from(names.clone().count()).unwrap_or(u32::MAX);
    let occurrence = u32::try_from(names.filter(|other| *other == name).count()).unwrap_or(u32::MAX);
    let line = before.rsplit(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let separators = line.iter().filter(|byte| **byte == delimiters.field).count();
    // MSH-1 is the first separator.
    let field = u32::try_from(separators).unwrap_or(u32::MAX).saturating_add(u32::from(name == SegmentName::MSH));
    Some(Place::segment(name, occurrence, number).field(field))
}
