//! JSON text.

/// Writes `text` as a JSON string.
pub(super) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    push_escaped(out, text);
    out.push('"');
}

/// Writes `text` as the inside of a JSON string (RFC 8259, section 7). Control characters that no FHIR string has are
/// replaced by U+FFFD.
pub(super) fn push_escaped(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(index) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
        let (plain, tail) = rest.split_at(index);
        out.push_str(plain);
        let mut characters = tail.chars();
        match characters.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            // No FHIR string has another control character (R4 datatypes, string); input can.
            Some(_) => out.push(char::REPLACEMENT_CHARACTER),
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_characters_are_replaced() {
        let mut out = String::new();
        push_string(&mut out, "a\u{1f}b\u{0}c\td");
        assert_eq!(out, "\"a\u{fffd}b\u{fffd}c\\td\"");
    }

    proptest! {
        #[test]
        fn a_json_reader_gets_the_text_back(text in "(\\PC|[\"\\\\\t\r\n]){0,40}") {
            let mut out = String::new();
            push_string(&mut out, &text);
            prop_assert_eq!(serde_json::from_str::<String>(&out).ok(), Some(text));
        }
    }
}
