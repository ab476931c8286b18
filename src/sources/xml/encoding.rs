//! Documents in other encodings than UTF-8, for the formats whose senders use them.

use std::borrow::Cow;

use super::XmlError;
use crate::domain::issue::IssueCode;

/// The character encodings that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or ASCII.
    Utf8,
    /// UTF-16 of either byte order; the byte order mark says which.
    Utf16,
    /// ISO 8859-1.
    Latin1,
    /// ISO 8859-15.
    Latin9,
    /// Windows-1252, declared, or declared as ISO 8859-1 with characters that only Windows-1252 has.
    Windows1252,
}

/// A document as UTF-8 without a declaration of another encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// UTF-8; lines are those of the document.
    pub bytes: Cow<'a, [u8]>,
    /// What it was.
    pub encoding: Encoding,
    /// Whether it declares ISO 8859-1 and has characters that only Windows-1252 has.
    pub is_doubtful: bool,
}

/// Converts a document to UTF-8 with line feeds as its line ends (XML 1.0, section 2.11). What claims to be UTF-8 is left to
/// the parser to judge.
///
/// # Errors
/// `xml.encoding-unsupported`: another encoding, or UTF-16 that is none. `xml.too-large`: more than `limit` bytes.
pub fn decode(bytes: &[u8], limit: usize) -> Result<Decoded<'_>, XmlError> {
    let mut decoded = to_utf_8(bytes, limit)?;
    if decoded.bytes.contains(&b'\r') {
        decoded.bytes = Cow::Owned(with_line_feeds(&decoded.bytes));
    }
    Ok(decoded)
}

fn with_line_feeds(bytes: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'\r' => {
                let _ = rest.next_if_eq(&&b'\n');
                lines.push(b'\n');
            }
            other => lines.push(*other),
        }
    }
    lines
}

fn to_utf_8(bytes: &[u8], limit: usize) -> Result<Decoded<'_>, XmlError> {
    if bytes.len() > limit {
        return Err(error(IssueCode::XmlTooLarge, format!("the document has more than {limit} bytes")));
    }
    let utf_8 = Decoded { bytes: Cow::Borrowed(bytes), encoding: Encoding::Utf8, is_doubtful: false };
    match bytes {
        [0xff, 0xfe, rest @ ..] => return utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => return utf_16(rest, u16::from_be_bytes),
        _ => {}
    }
    let Some(name) = declared(bytes) else { return Ok(utf_8) };
    let encoding = match name.to_ascii_lowercase().replace('_', "-").as_str() {
        "iso-8859-1" | "iso8859-1" | "latin1" => Encoding::Latin1,
        "iso-8859-15" | "iso8859-15" | "latin9" => Encoding::Latin9,
        "windows-1252" | "cp1252" => Encoding::Windows1252,
        // A converter on the way that left the declaration as it was.
        "utf-16" if std::str::from_utf8(bytes).is_ok() => {
            return Ok(Decoded {
                bytes: Cow::Owned(without_declaration(String::from_utf8_lossy(bytes).into())),
                ..utf_8
            });
        }
        _ => return Ok(utf_8),
    };
    let is_doubtful = encoding == Encoding::Latin1 && bytes.iter().any(|byte| (0x80..0xa0).contains(byte));
    let encoding = if is_doubtful { Encoding::Windows1252 } else { encoding };
    let text = bytes.iter().map(|byte| character(*byte, encoding)).collect();
    Ok(Decoded { bytes: Cow::Owned(without_declaration(text)), encoding, is_doubtful })
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Decoded<'static>, XmlError> {
    let invalid = || error(IssueCode::XmlEncoding, "the document is not UTF-16".to_owned());
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>();
    let text = text.ok().filter(|_| rest.is_empty()).ok_or_else(invalid)?;
    let bytes = Cow::Owned(without_declaration(text));
    Ok(Decoded { bytes, encoding: Encoding::Utf16, is_doubtful: false })
}

fn error(code: IssueCode, text: String) -> XmlError {
    XmlError { code, line: 1, text }
}

/// The encoding that the XML declaration names (XML 1.0, section 4.3.3).
fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).strip_prefix(b"<?xml")?;
    let end = head.iter().take(256).position(|byte| *byte == b'>')?;
    let head = std::str::from_utf8(head.get(..end)?).ok()?;
    let value = head.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value.get(1..)?.split(quote).next().map(str::to_owned)
}

/// Takes the XML declaration out, but not its line ends.
fn without_declaration(text: String) -> Vec<u8> {
    let end = if text.starts_with("<?xml") { text.find("?>").map(|end| end + 2) } else { None };
    let Some(end) = end else { return text.into_bytes() };
    let (declaration, rest) = text.split_at(end);
    let lines: String = declaration.chars().filter(|character| *character == '\n').collect();
    (lines + rest).into_bytes()
}

fn character(byte: u8, encoding: Encoding) -> char {
    match (encoding, byte) {
        (Encoding::Latin9, 0xa4) => '€',
        (Encoding::Latin9, 0xa6) => 'Š',
        (Encoding::Latin9, 0xa8) => 'š',
        (Encoding::Latin9, 0xb4) => 'Ž',
        (Encoding::Latin9, 0xb8) => 'ž',
        (Encoding::Latin9, 0xbc) => 'Œ',
        (Encoding::Latin9, 0xbd) => 'œ',
        (Encoding::Latin9, 0xbe) => 'Ÿ',
        (Encoding::Windows1252, 0x80..0xa0) => {
            WINDOWS_1252.get(usize::from(byte & 0x1f)).copied().unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        _ => char::from(byte),
    }
}

/// 0x80 to 0x9f (Unicode consortium, CP1252.TXT); five of them mean nothing.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}', '\u{fffd}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> (String, Encoding, bool) {
        let decoded = decode(bytes, 1000).unwrap();
        (String::from_utf8(decoded.bytes.into_owned()).unwrap(), decoded.encoding, decoded.is_doubtful)
    }

    #[test]
    fn declared_encodings_are_converted() {
        for (name, byte, expected, encoding, is_doubtful) in [
            ("ISO-8859-1", 0xe6, "æ", Encoding::Latin1, false),
            ("iso-8859-1", 0x93, "“", Encoding::Windows1252, true),
            ("ISO-8859-15", 0xa4, "€", Encoding::Latin9, false),
            ("windows-1252", 0x80, "€", Encoding::Windows1252, false),
            ("windows-1252", 0x81, "\u{fffd}", Encoding::Windows1252, false),
        ] {
            let mut bytes = format!("<?xml version='1.0'\n encoding='{name}'?>\n<a>").into_bytes();
            bytes.push(byte);
            bytes.extend(b"</a>");
            assert_eq!(text(&bytes), (format!("\n\n<a>{expected}</a>"), encoding, is_doubtful), "{name}");
        }
    }

    #[test]
    fn utf_16_is_known_by_its_byte_order_mark() {
        let document = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>æ😀</a>";
        let units = || std::iter::once(0xfeff).chain(document.encode_utf16());
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        for bytes in [&little, &big] {
            assert_eq!(text(bytes), ("<a>æ😀</a>".to_owned(), Encoding::Utf16, false));
        }
        for bytes in [little.get(..little.len() - 1).unwrap(), b"\xff\xfe\x00\xd8<\x00"] {
            assert_eq!(decode(bytes, 1000).unwrap_err().code, IssueCode::XmlEncoding);
        }
        assert_eq!(text(document.as_bytes()).0, "<a>æ😀</a>");
    }

    #[test]
    fn every_line_end_becomes_a_line_feed() {
        assert_eq!(text(b"<a>\r\n\r\r\n\n</a>\r").0, "<a>\n\n\n\n</a>\n");
    }

    #[test]
    fn other_documents_are_left_to_the_parser() {
        for bytes in
            [&b"<a/>"[..], b"<?xml version='1.0' encoding='UTF-8'?><a/>", b"<?xml encoding='EBCDIC'?>", b"\xe6"]
        {
            assert_eq!(decode(bytes, 1000).unwrap().bytes, bytes);
        }
        assert_eq!(decode(b"<a/>", 3).unwrap_err().code, IssueCode::XmlTooLarge);
    }
}
