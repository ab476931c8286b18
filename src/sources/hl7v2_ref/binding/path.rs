//! Paths into a message, as bindings write them.
//!
//! ```text
//! path    = [ "/" ] segment { "/" segment } [ "-" field [ "[" repetition "]" ] [ "." component [ "." subcomponent ] ] ]
//! ```
//!
//! `OBX-5.1` is in whatever OBX of the scope, `/NTE-3` in an NTE directly under it, `OBR/OBX-5` in an OBX under an OBR.

use crate::sources::hl7v2_ref::er7::SegmentName;

/// Whether the value at a path has parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Divided {
    /// It has, or nobody knows.
    #[default]
    Yes,
    /// It is one text: a delimiter in it was not escaped.
    No,
    /// The message says in OBX-2.
    ByValueType,
}

/// A path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Whether the first segment stands directly under the scope.
    pub is_direct: bool,
    /// The segments on the way, each directly under the one before.
    pub segments: Vec<SegmentName>,
    /// Field; 0 where the segment as a whole is meant.
    pub field: u32,
    /// Repetition; 0 where it is not said.
    pub repetition: u32,
    /// Component; 0 where it is not said.
    pub component: u32,
    /// Subcomponent; 0 where it is not said.
    pub subcomponent: u32,
    /// Whether what it leads to has parts.
    pub divided: Divided,
}

impl Path {
    /// The segment that it leads to.
    pub fn segment(&self) -> Option<SegmentName> {
        self.segments.last().copied()
    }

    /// The field as tables name it: `PID-5`.
    pub fn field_name(&self) -> String {
        self.segment().map_or_else(String::new, |segment| format!("{segment}-{}", self.field))
    }

    /// Reads the path that `text` begins with, and how many bytes it has.
    pub fn read(text: &str) -> Option<(Self, usize)> {
        let mut rest = text;
        let is_direct = take(&mut rest, "/");
        let mut segments = vec![take_segment(&mut rest)?];
        while rest.starts_with('/') {
            rest = rest.get(1..)?;
            segments.push(take_segment(&mut rest)?);
        }
        let mut path =
            Self { is_direct, segments, field: 0, repetition: 0, component: 0, subcomponent: 0, divided: Divided::Yes };
        if take(&mut rest, "-") {
            path.field = take_number(&mut rest)?;
            if take(&mut rest, "[") {
                path.repetition = take_number(&mut rest)?;
                take(&mut rest, "]").then_some(())?;
            }
            if take(&mut rest, ".") {
                path.component = take_number(&mut rest)?;
                if take(&mut rest, ".") {
                    path.subcomponent = take_number(&mut rest)?;
                }
            }
        }
        Some((path, text.len().saturating_sub(rest.len())))
    }

    /// Reads a text that is one path.
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text).filter(|(_, length)| *length == text.len()).map(|(path, _)| path)
    }
}

fn take(rest: &mut &str, token: &str) -> bool {
    let stripped = rest.strip_prefix(token);
    *rest = stripped.unwrap_or(rest);
    stripped.is_some()
}

fn take_segment(rest: &mut &str) -> Option<SegmentName> {
    let name = SegmentName::parse(rest.as_bytes())?;
    *rest = rest.get(3..)?;
    Some(name)
}

/// A number from 1 to 9999.
fn take_number(rest: &mut &str) -> Option<u32> {
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest.get(..length).filter(|digits| (1..=4).contains(&digits.len()) && !digits.starts_with('0'))?;
    *rest = rest.get(length..)?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Direct, segments, field, repetition, component, subcomponent.
    fn shown(text: &str) -> Option<String> {
        Path::parse(text).map(|path| {
            let segments: Vec<String> = path.segments.iter().map(ToString::to_string).collect();
            let numbers = [path.field, path.repetition, path.component, path.subcomponent];
            format!("{} {} {numbers:?}", path.is_direct, segments.join("/"))
        })
    }

    #[test]
    fn paths() {
        for (text, expected) in [
            ("PID", "false PID [0, 0, 0, 0]"),
            ("PID-5", "false PID [5, 0, 0, 0]"),
            ("PID-5.1", "false PID [5, 0, 1, 0]"),
            ("PID-3[2].4.2", "false PID [3, 2, 4, 2]"),
            ("/NTE-3", "true NTE [3, 0, 0, 0]"),
            ("ORC/OBR/OBX-5", "false ORC/OBR/OBX [5, 0, 0, 0]"),
            ("ZPK-10", "false ZPK [10, 0, 0, 0]"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_texts() {
        for text in [
            "",
            "pid-5",
            "PI-5",
            "PID-",
            "PID-0",
            "PID-05",
            "PID-12345",
            "PID-5.",
            "PID-5.0",
            "PID-5[]",
            "PID-5[1",
            "PID-5.1.1.1",
            "PID-5-1",
            "PID/-5",
            "/",
            "PID-5 ",
            "PID.5",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
        assert_eq!(Path::read("PID-5.1, PID-5.2").map(|(_, length)| length), Some(7));
    }
}
