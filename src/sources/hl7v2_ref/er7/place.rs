//! Places in a message, as HL7 writes them: `PID[1]-3[2].1.2`.

use std::fmt;
use std::sync::Arc;

use crate::domain::issue::Location;

/// Name of a segment: a letter and two letters or digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentName([u8; 3]);

impl SegmentName {
    /// The message header.
    pub const MSH: Self = Self(*b"MSH");

    /// The name that `bytes` begin with.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let &[first, second, third] = bytes.get(..3)? else { return None };
        let inner = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        (first.is_ascii_uppercase() && inner(second) && inner(third)).then_some(Self([first, second, third]))
    }

    /// Whether it is a segment that a site defined for itself (`Z..`).
    pub fn is_local(self) -> bool {
        matches!(self.0, [b'Z', ..])
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for SegmentName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for SegmentName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A place: a segment, or a part of it. Zero stands for "as a whole"; everything else counts from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Number of the segment in the message.
    pub number: u32,
    /// Name of the segment.
    pub segment: SegmentName,
    /// Which segment of that name.
    pub occurrence: u32,
    /// Field.
    pub field: u32,
    /// Repetition of the field.
    pub repetition: u32,
    /// Component.
    pub component: u32,
    /// Subcomponent.
    pub subcomponent: u32,
}

impl Place {
    /// The header as a whole.
    pub fn header() -> Self {
        Self::segment(SegmentName::MSH, 1, 1)
    }

    /// A segment as a whole.
    pub fn segment(segment: SegmentName, occurrence: u32, number: u32) -> Self {
        Self { number, segment, occurrence, field: 0, repetition: 0, component: 0, subcomponent: 0 }
    }

    /// A field of the same segment.
    pub fn field(self, field: u32) -> Self {
        Self { field, repetition: 0, component: 0, subcomponent: 0, ..self }
    }

    /// Reads a place as it is written; none for another text.
    pub fn parse(text: &str) -> Option<Self> {
        let segment = SegmentName::parse(text.as_bytes())?;
        let mut rest = text.get(3..)?;
        let mut number = |open: &str, close: &str| -> Option<u32> {
            let Some(inner) = rest.strip_prefix(open) else { return Some(0) };
            let length = inner.bytes().take_while(u8::is_ascii_digit).count();
            let value = inner.get(..length)?.parse().ok()?;
            rest = inner.get(length..)?.strip_prefix(close)?;
            Some(value)
        };
        let occurrence = number("[", "]")?;
        let field = number("-", "")?;
        let repetition = number("[", "]")?;
        let component = number(".", "")?;
        let subcomponent = number(".", "")?;
        rest.is_empty().then_some(Self { number: 0, segment, occurrence, field, repetition, component, subcomponent })
    }

    /// The place of an issue in `file`.
    pub fn location(self, file: &Arc<str>) -> Location {
        Location::file(file).line(self.number).column(&self.to_string())
    }

    /// The part without the segment, as a row of the accounting names it: `PID-3[2].1`.
    pub fn of_row(self) -> String {
        let row = Self { occurrence: 0, ..self };
        row.to_string()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.segment)?;
        if self.occurrence > 0 {
            write!(formatter, "[{}]", self.occurrence)?;
        }
        if self.field > 0 {
            write!(formatter, "-{}", self.field)?;
        }
        if self.repetition > 0 {
            write!(formatter, "[{}]", self.repetition)?;
        }
        if self.component > 0 {
            write!(formatter, ".{}", self.component)?;
        }
        if self.subcomponent > 0 {
            write!(formatter, ".{}", self.subcomponent)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_letter_and_two_letters_or_digits() {
        for name in ["MSH", "PV1", "ZZ9", "Z0A"] {
            assert_eq!(SegmentName::parse(name.as_bytes()).map(|name| name.to_string()).as_deref(), Some(name));
        }
        for name in ["", "PI", "pid", "1PV", "P|D", "PÆ1"] {
            assert_eq!(SegmentName::parse(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn other_texts_are_no_place() {
        for text in ["", "PI", "PID[", "PID[x]", "PID-", "PID[1]-3[2]x", "PID[1]-99999999999"] {
            assert_eq!(Place::parse(text), None, "{text}");
        }
    }

    #[test]
    fn places_are_written_as_hl7_writes_them() {
        let pid = Place::segment(SegmentName(*b"PID"), 1, 2);
        let name = Place { repetition: 2, component: 1, ..pid.field(3) };
        for (place, text, row) in [
            (pid, "PID[1]", "PID"),
            (pid.field(8), "PID[1]-8", "PID-8"),
            (name, "PID[1]-3[2].1", "PID-3[2].1"),
            (Place { subcomponent: 4, ..name }, "PID[1]-3[2].1.4", "PID-3[2].1.4"),
        ] {
            assert_eq!((place.to_string().as_str(), place.of_row().as_str()), (text, row));
            assert_eq!(Place::parse(text), Some(Place { number: 0, ..place }));
        }
    }
}
