//! Character sets of MSH-18 (HL7 table 0211): bytes to text, and back.

use std::borrow::Cow;

/// A character set that messages are read and answered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CharacterSet {
    /// `ASCII`, seven bits: what HL7 says where MSH-18 is empty.
    Ascii,
    /// `8859/1`, Latin-1.
    Latin1,
    /// `8859/15`, Latin-9.
    Latin9,
    /// `UNICODE UTF-8`.
    Utf8,
}

/// Where ISO 8859-15 differs from ISO 8859-1.
const LATIN9: [(u8, char); 8] =
    [(0xa4, '€'), (0xa6, 'Š'), (0xa8, 'š'), (0xb4, 'Ž'), (0xb8, 'ž'), (0xbc, 'Œ'), (0xbd, 'œ'), (0xbe, 'Ÿ')];

impl CharacterSet {
    /// The set of a name of HL7 table 0211, or of the same name as other standards write it; `None` for another set.
    pub fn parse(name: &str) -> Option<Self> {
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        match name.as_str() {
            "ASCII" | "USASCII" | "ISOIR6" => Some(Self::Ascii),
            "88591" | "ISO88591" | "ISOIR100" | "LATIN1" => Some(Self::Latin1),
            "885915" | "ISO885915" | "LATIN9" => Some(Self::Latin9),
            "UNICODEUTF8" | "UTF8" => Some(Self::Utf8),
            _ => None,
        }
    }

    /// Name in HL7 table 0211.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ascii => "ASCII",
            Self::Latin1 => "8859/1",
            Self::Latin9 => "8859/15",
            Self::Utf8 => "UNICODE UTF-8",
        }
    }

    /// The text of the bytes, or the index of the first byte that is no text in this set.
    pub fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, usize> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| error.valid_up_to()),
            _ if bytes.is_ascii() => Ok(Cow::Borrowed(std::str::from_utf8(bytes).unwrap_or_default())),
            Self::Ascii => Err(bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or_default()),
            Self::Latin1 => Ok(bytes.iter().copied().map(char::from).collect()),
            Self::Latin9 => Ok(bytes.iter().copied().map(latin9).collect()),
        }
    }

    /// The bytes of the text; a character that the set does not have becomes `?`.
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            _ => text.chars().map(|character| self.byte(character).unwrap_or(b'?')).collect(),
        }
    }

    fn byte(self, character: char) -> Option<u8> {
        let latin1 = u8::try_from(u32::from(character)).ok();
        match self {
            Self::Ascii | Self::Utf8 => latin1.filter(u8::is_ascii),
            Self::Latin1 => latin1,
            Self::Latin9 => match LATIN9.iter().find(|(_, other)| *other == character) {
                Some((byte, _)) => Some(*byte),
                None => latin1.filter(|byte| LATIN9.iter().all(|(other, _)| other != byte)),
            },
        }
    }
}

fn latin9(byte: u8) -> char {
    LATIN9.iter().find(|(other, _)| *other == byte).map_or(char::from(byte), |(_, character)| *character)
}

/// Why bytes that a single-byte set can read are probably text of another one: control characters where Windows-1252 has
/// letters, or nothing but complete UTF-8 sequences.
pub(super) fn doubt(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_ascii() {
        return None;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return Some("every character outside ASCII is a complete UTF-8 sequence");
    }
    let has_control = bytes.iter().any(|byte| (0x80..=0x9f).contains(byte));
    has_control.then_some("there are bytes that are control characters in ISO 8859 but letters in Windows-1252")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ÆØÅæøå€š` where the set has the character; bytes from the code charts of ISO/IEC 8859-1 and 8859-15, RFC 3629.
    #[test]
    fn norwegian_letters_in_every_set() {
        for (set, bytes, text) in [
            (CharacterSet::Utf8, &b"\xc3\x86\xc3\x98\xc3\x85\xc3\xa6\xc3\xb8\xc3\xa5\xe2\x82\xac"[..], "ÆØÅæøå€"),
            (CharacterSet::Latin1, b"\xc6\xd8\xc5\xe6\xf8\xe5\xa4", "ÆØÅæøå¤"),
            (CharacterSet::Latin9, b"\xc6\xd8\xc5\xe6\xf8\xe5\xa4\xa8", "ÆØÅæøå€š"),
            (CharacterSet::Ascii, b"AEOA", "AEOA"),
        ] {
            assert_eq!(set.decode(bytes).as_deref(), Ok(text), "{set:?}");
            assert_eq!(set.encode(text), bytes, "{set:?}");
        }
    }

    #[test]
    fn what_a_set_does_not_have() {
        assert_eq!(CharacterSet::Ascii.decode(b"B\xf8"), Err(1));
        assert_eq!(CharacterSet::Utf8.decode(b"B\xc3\xb8 \xf8"), Err(4));
        for (set, text, bytes) in [
            (CharacterSet::Ascii, "ø…", &b"??"[..]),
            (CharacterSet::Latin1, "€ø", b"?\xf8"),
            (CharacterSet::Latin9, "¤½ø", b"??\xf8"),
        ] {
            assert_eq!(set.encode(text), bytes, "{set:?}");
        }
    }

    #[test]
    fn names() {
        for (name, set) in [
            ("8859/1", Some(CharacterSet::Latin1)),
            ("ISO-8859-1", Some(CharacterSet::Latin1)),
            ("8859/15", Some(CharacterSet::Latin9)),
            ("iso 8859-15", Some(CharacterSet::Latin9)),
            ("UNICODE UTF-8", Some(CharacterSet::Utf8)),
            ("utf8", Some(CharacterSet::Utf8)),
            ("ASCII", Some(CharacterSet::Ascii)),
            ("8859/2", None),
            ("UNICODE", None),
            ("UNICODE UTF-16", None),
            ("ISO IR87", None),
            ("", None),
        ] {
            assert_eq!(CharacterSet::parse(name), set, "{name}");
        }
        for set in [CharacterSet::Ascii, CharacterSet::Latin1, CharacterSet::Latin9, CharacterSet::Utf8] {
            assert_eq!(CharacterSet::parse(set.name()), Some(set));
        }
    }

    #[test]
    fn doubts() {
        assert_eq!(doubt(b"plain"), None);
        assert_eq!(doubt("Bjørn".as_bytes()), Some("every character outside ASCII is a complete UTF-8 sequence"));
        assert_eq!(doubt(b"Bj\xf8rn"), None);
        assert!(doubt(b"Bj\xf8rn\x92s").is_some_and(|text| text.contains("Windows-1252")));
    }
}
