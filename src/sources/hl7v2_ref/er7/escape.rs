//! Escape sequences (HL7 v2.5.1, 2.7).

use std::borrow::Cow;

use super::{CharacterSet, Delimiters};

/// A text without its escape sequences, and whether some were left as they are because their meaning is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unescaped<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) has_unknown: bool,
}

/// Longest escape sequence, in bytes; what is longer is a stray escape character.
const MAX_SEQUENCE: usize = 1024;

/// Replaces escape sequences by what they stand for.
///
/// Delimiters and hexadecimal characters become themselves; `.br`, `.sp`, `.sk` and `.ce` line breaks and blanks;
/// highlighting and indentation nothing, as they carry no words. Character sets inside a text (`\C..\`, `\M..\`), local
/// sequences (`\Z..\`) and all others stay as they are.
pub(super) fn unescape<'t>(raw: &'t str, delimiters: &Delimiters, set: CharacterSet) -> Unescaped<'t> {
    let Some(escape) = delimiters.escape.map(char::from).filter(|escape| raw.contains(*escape)) else {
        return Unescaped { text: Cow::Borrowed(raw), has_unknown: false };
    };
    let mut text = String::with_capacity(raw.len());
    let mut has_unknown = false;
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once(escape) {
        text.push_str(before);
        let end = after.find(escape).filter(|end| *end <= MAX_SEQUENCE);
        let sequence = end.and_then(|end| after.get(..end));
        match sequence.and_then(|sequence| Some((sequence, meaning(sequence, delimiters, set)?))) {
            Some((sequence, meaning)) => {
                text.push_str(&meaning);
                rest = after.get(sequence.len().saturating_add(1)..).unwrap_or_default();
            }
            None => {
                has_unknown = true;
                text.push(escape);
                // The sequence is kept whole: its last escape character begins no other one.
                let kept = sequence.filter(|sequence| is_sequence(sequence)).map_or(0, |sequence| sequence.len() + 1);
                text.push_str(after.get(..kept).unwrap_or_default());
                rest = after.get(kept..).unwrap_or_default();
            }
        }
    }
    text.push_str(rest);
    Unescaped { text: Cow::Owned(text), has_unknown }
}

/// Whether the text between two escape characters has the form of a sequence, known or not.
fn is_sequence(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn meaning(sequence: &str, delimiters: &Delimiters, set: CharacterSet) -> Option<Cow<'static, str>> {
    let one = |byte: u8| Some(Cow::Owned(char::from(byte).to_string()));
    match sequence {
        "F" => one(delimiters.field),
        "S" => one(delimiters.component),
        "R" => delimiters.repetition.and_then(one),
        "E" => delimiters.escape.and_then(one),
        "T" => delimiters.subcomponent.and_then(one),
        "P" => delimiters.truncation.and_then(one),
        "H" | "N" | ".fi" | ".nf" => Some(Cow::Borrowed("")),
        ".br" | ".ce" => Some(Cow::Borrowed("\n")),
        _ => match sequence.strip_prefix('X') {
            Some(digits) => characters(digits, set),
            None => command(sequence),
        },
    }
}

/// `.sp<n>`: line breaks; `.sk<n>`: blanks; `.in<n>`, `.ti<n>`: indentation.
fn command(sequence: &str) -> Option<Cow<'static, str>> {
    const MAX: usize = 99;
    let (name, number) = sequence.split_at_checked(3)?;
    let count = match number.trim_start_matches(['+', '-']) {
        "" => 1,
        digits => digits.parse::<usize>().ok()?.min(MAX),
    };
    match name {
        ".sp" => Some(Cow::Owned("\n".repeat(count))),
        ".sk" => Some(Cow::Owned(" ".repeat(count))),
        ".in" | ".ti" => Some(Cow::Borrowed("")),
        _ => None,
    }
}

/// The characters of pairs of hexadecimal digits, in the character set of the message.
fn characters(digits: &str, set: CharacterSet) -> Option<Cow<'static, str>> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pair = |index: usize| u8::from_str_radix(digits.get(index..index + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(pair).collect();
    set.decode(&bytes?).ok().map(|text| Cow::Owned(text.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(raw: &str, set: CharacterSet) -> (String, bool) {
        let Unescaped { text, has_unknown } = unescape(raw, &Delimiters::default(), set);
        (text.into_owned(), has_unknown)
    }

    #[test]
    fn known_sequences() {
        for (raw, text) in [
            ("plain æ", "plain æ"),
            ("a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f", "a|b^c&d~e\\f"),
            ("\\T\\\\T\\", "&&"),
            ("one\\.br\\two", "one\ntwo"),
            ("\\.sp\\a\\.sp3\\b\\.sp+2\\", "\na\n\n\nb\n\n"),
            ("a\\.sk4\\b\\.in+4\\\\.ti-2\\\\.fi\\\\.nf\\\\.ce\\c", "a    b\nc"),
            ("\\H\\bold\\N\\", "bold"),
            ("\\X41420d0A\\", "AB\r\n"),
            ("\\E\\X41\\E\\", "\\X41\\"),
        ] {
            assert_eq!(unescaped(raw, CharacterSet::Utf8), (text.to_owned(), false), "{raw}");
        }
    }

    #[test]
    fn hexadecimal_characters_are_of_the_set_of_the_message() {
        assert_eq!(unescaped("\\XC6\\", CharacterSet::Latin1).0, "Æ");
        assert_eq!(unescaped("\\XA4\\", CharacterSet::Latin9).0, "€");
        assert_eq!(unescaped("\\Xc386\\", CharacterSet::Utf8).0, "Æ");
        assert_eq!(unescaped("\\XC6\\", CharacterSet::Utf8), ("\\XC6\\".to_owned(), true));
    }

    #[test]
    fn other_sequences_stay_and_are_flagged() {
        for raw in [
            "\\C2842\\a",
            "\\M2442\\",
            "\\Z12\\",
            "\\Q\\",
            "\\f\\",
            "\\.xx\\",
            "\\.sp1x\\",
            "\\X4\\",
            "\\XGG\\",
            "\\X\\",
            "C:\\temp",
            "a\\",
            "\\",
            "\\\\",
            "\\P\\",
            "50 \\ 60 \\ 70",
        ] {
            assert_eq!(unescaped(raw, CharacterSet::Utf8), (raw.to_owned(), true), "{raw}");
        }
        // The sequence after a stray escape character is still read.
        assert_eq!(unescaped("a \\ b\\T\\c", CharacterSet::Utf8), ("a \\ b&c".to_owned(), true));
    }

    #[test]
    fn without_an_escape_character_nothing_is_escaped() {
        let delimiters = Delimiters { escape: None, ..Delimiters::default() };
        assert_eq!(unescape("a\\T\\", &delimiters, CharacterSet::Utf8).text, "a\\T\\");
    }
}
