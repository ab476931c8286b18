//! A message as segments and fields.

use std::borrow::Cow;
use std::ops::Range;

use super::{CharacterSet, Delimiters, Part, Place, SegmentName};

/// Where a segment lies in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) place: Place,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Its fields among the field offsets of the message.
    pub(super) fields: Range<u32>,
}

impl Span {
    pub(super) fn place(&self) -> Place {
        self.place
    }
}

/// A message: its text, and where segments and fields lie in it. Repetitions, components and subcomponents are split when
/// they are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'b> {
    text: Cow<'b, str>,
    /// Its delimiters.
    pub delimiters: Delimiters,
    /// The character set that it was read in.
    pub character_set: CharacterSet,
    spans: Vec<Span>,
    /// Offset of the first byte of each field.
    fields: Vec<u32>,
}

/// A segment of a message.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'m> {
    message: &'m Message<'m>,
    span: &'m Span,
}

impl<'b> Message<'b> {
    pub(super) fn new(
        text: Cow<'b, str>,
        delimiters: Delimiters,
        character_set: CharacterSet,
        spans: Vec<Span>,
        fields: Vec<u32>,
    ) -> Self {
        Self { text, delimiters, character_set, spans, fields }
    }

    /// The segments, in order.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.spans.iter().map(|span| Segment { message: self, span })
    }

    /// Number of segments.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no segment; a message that could be read has at least its header.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The segment at `index`, from 0.
    pub fn segment(&self, index: usize) -> Option<Segment<'_>> {
        self.spans.get(index).map(|span| Segment { message: self, span })
    }

    /// The first segment of a name.
    pub fn first(&self, name: &str) -> Option<Segment<'_>> {
        self.segments().find(|segment| segment.name().as_str() == name)
    }

    pub(super) fn slice(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }
}

impl<'m> Segment<'m> {
    /// Its name.
    pub fn name(&self) -> SegmentName {
        self.span.place.segment
    }

    /// Where it is.
    pub fn place(&self) -> Place {
        self.span.place
    }

    /// The number of its last field; MSH-1 and MSH-2 count.
    pub fn field_count(&self) -> u32 {
        let separators = self.span.fields.end.saturating_sub(self.span.fields.start);
        separators.saturating_add(u32::from(self.name() == SegmentName::MSH))
    }

    /// Its fields that are there.
    pub fn fields(&self) -> impl Iterator<Item = Part<'m>> + use<'m> {
        let segment = *self;
        (1..=self.field_count()).filter_map(move |number| segment.field(number))
    }

    /// The field of a number; `None` beyond the last one.
    pub fn field(&self, number: u32) -> Option<Part<'m>> {
        let place = self.span.place.field(number);
        let is_header = self.name() == SegmentName::MSH;
        if is_header && number == 1 {
            let start = self.span.start.saturating_add(3);
            return Some(Part::opaque(self.message, self.message.slice(start, start.saturating_add(1)), place));
        }
        let index = number.checked_sub(if is_header { 2 } else { 1 })?;
        let offset = self.span.fields.start.checked_add(index).filter(|offset| *offset < self.span.fields.end)?;
        let start = *self.message.fields.get(offset as usize)?;
        let end = match offset.saturating_add(1) {
            next if next < self.span.fields.end => self.message.fields.get(next as usize)?.saturating_sub(1),
            _ => self.span.end,
        };
        let raw = self.message.slice(start, end);
        let is_opaque = is_header && number == 2;
        Some(if is_opaque { Part::opaque(self.message, raw, place) } else { Part::field(self.message, raw, place) })
    }
}
