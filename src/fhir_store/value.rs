//! Values of search parameters: what separates them, and what a backslash keeps together (FHIR R4 search, section 3.1.1.5.3).

/// The parts between separators that no backslash stands before; the backslashes stay.
pub(super) fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut is_escaped) = (0, false);
    for (at, c) in text.char_indices() {
        if c == separator && !is_escaped {
            parts.push(text.get(start..at).unwrap_or_default());
            start = at + c.len_utf8();
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// What a part means; none where a backslash stands before something that needs none.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => plain.push(characters.next().filter(|next| matches!(next, ',' | '|' | '$' | '\\'))?),
            c => plain.push(c),
        }
    }
    Some(plain)
}

/// A system and a code or identifier, as a token parameter names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SystemAndValue {
    /// None: any, `|code` names none, which is the empty one.
    pub(super) system: Option<String>,
    /// None: any of the system.
    pub(super) value: Option<String>,
}

/// `code`, `system|code`, `|code` or `system|`.
pub(super) fn system_and_value(text: &str) -> Option<SystemAndValue> {
    let parts: Vec<String> = split(text, '|').into_iter().map(unescape).collect::<Option<_>>()?;
    match parts.as_slice() {
        [value] if !value.is_empty() => Some(SystemAndValue { system: None, value: Some(value.clone()) }),
        [system, value] if !(system.is_empty() && value.is_empty()) => Some(SystemAndValue {
            system: Some(system.clone()),
            value: Some(value.clone()).filter(|value| !value.is_empty()),
        }),
        _ => None,
    }
}

/// A text as it stands in a parameter of an address.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'/' => {
                encoded.push(char::from(byte));
            }
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_keeps_a_separator_in_its_value() {
        assert_eq!(split("a,b", ','), ["a", "b"]);
        assert_eq!(split(r"a\,b,c", ','), [r"a\,b", "c"]);
        assert_eq!(split(r"a\\,b", ','), [r"a\\", "b"]);
        assert_eq!(split("", ','), [""]);
        assert_eq!(split("æ,ø", ','), ["æ", "ø"]);
        assert_eq!(unescape(r"a\,b\|c\$d\\e").as_deref(), Some(r"a,b|c$d\e"));
        assert_eq!(unescape(r"a\b"), None);
        assert_eq!(unescape("a\\"), None);
    }

    #[test]
    fn a_token_has_a_system_none_or_any() {
        let some = |text: &str| Some(text.to_owned());
        for (text, system, value) in [
            ("active", None, some("active")),
            ("urn:x|1", some("urn:x"), some("1")),
            ("|1", some(""), some("1")),
            ("urn:x|", some("urn:x"), None),
            (r"a\|b|c\,d", some("a|b"), some("c,d")),
        ] {
            assert_eq!(system_and_value(text), Some(SystemAndValue { system, value }), "{text}");
        }
        for wrong in ["", "|", "a|b|c", r"\a"] {
            assert_eq!(system_and_value(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_address_holds_no_sign_that_means_something_in_it() {
        assert_eq!(encoded("a b|c,d&e=f+æ%"), "a%20b%7Cc%2Cd%26e%3Df%2B%C3%A6%25");
        assert_eq!(encoded("Patient/1-2.3:x_~"), "Patient/1-2.3:x_~");
    }

    proptest::proptest! {
        #[test]
        fn what_is_split_is_all_there(text in "[a,|\\\\]{0,12}|\\PC{0,20}") {
            proptest::prop_assert_eq!(split(&text, ',').join(","), text);
        }
    }
}
