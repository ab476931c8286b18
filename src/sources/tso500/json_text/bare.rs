//! Numbers that are none.

use std::borrow::Cow;

/// Words that Json.NET and Python write for numbers that JSON does not have.
const WORDS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];

/// Replaces each bare `NaN`, `Infinity` and `-Infinity` by `null`. What stands inside a string is not touched, nor is a word
/// that only begins or ends like one of them: that text stays invalid.
pub(super) fn without_bare_numbers(text: &str) -> Cow<'_, str> {
    if !WORDS.iter().any(|word| text.contains(word)) {
        return Cow::Borrowed(text);
    }
    let mut replaced = String::with_capacity(text.len() + 16);
    let (mut start, mut at, mut in_string) = (0, 0, false);
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            b'N' | b'I' | b'-' if !in_string => {
                if let Some(word) = word_at(text, at) {
                    replaced.push_str(text.get(start..at).unwrap_or_default());
                    replaced.push_str("null");
                    at += word.len();
                    start = at;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    replaced.push_str(text.get(start..).unwrap_or_default());
    Cow::Owned(replaced)
}

/// The whole word at a place.
fn word_at(text: &str, at: usize) -> Option<&'static str> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.');
    let before = at.checked_sub(1).and_then(|before| text.as_bytes().get(before));
    let rest = text.as_bytes().get(at..)?;
    let word = WORDS.into_iter().find(|word| rest.starts_with(word.as_bytes()))?;
    let after = rest.get(word.len());
    (!before.is_some_and(is_word) && !after.is_some_and(is_word)).then_some(word)
}
