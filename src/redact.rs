//! Quoting input in messages without quoting a person.

/// Longest quotation, in characters.
const MAX_QUOTE: usize = 40;
/// How far a run of digits that begins in a quotation is followed, in characters: a text can have millions.
const MAX_LOOK: usize = 1_000;

/// Quotes a value for an error text: control characters are replaced, long text is cut, and any run of eleven or more
/// digits (spaces, dots and hyphens between them ignored) is masked, because it can be a national identity number.
pub fn quote(value: &str) -> String {
    let end = value.char_indices().nth(MAX_LOOK).map_or(value.len(), |(end, _)| end);
    let masked = mask_long_digit_runs(value.get(..end).unwrap_or_default());
    let mut text: String =
        masked.chars().take(MAX_QUOTE).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if masked.chars().nth(MAX_QUOTE).is_some() {
        text.push('…');
    }
    format!("`{text}`")
}

/// Whether a text has a run of digits as long as a national identity number, blanks, dots and hyphens not counted.
pub fn has_long_digit_run(value: &str) -> bool {
    mask_long_digit_runs(value) != value
}

/// A file name or path as messages show it: long runs of digits are masked.
pub fn name(value: &str) -> String {
    mask_long_digit_runs(value)
}

fn mask_long_digit_runs(value: &str) -> String {
    const NATIONAL_ID_DIGITS: usize = 11;
    let characters: Vec<char> = value.chars().collect();
    let mut masked = characters.clone();
    let mut start = 0;
    while start < characters.len() {
        let mut digits = 0;
        let mut end = start;
        let mut last_digit = start;
        while let Some(&character) = characters.get(end) {
            if character.is_ascii_digit() {
                digits += 1;
                last_digit = end;
            } else if !(digits > 0 && matches!(character, ' ' | '.' | '-' | '\u{a0}')) {
                break;
            }
            end += 1;
        }
        if digits >= NATIONAL_ID_DIGITS {
            for character in masked.iter_mut().take(last_digit + 1).skip(start) {
                *character = '*';
            }
        }
        start = end.max(start + 1);
    }
    masked.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_national_number_is_never_quoted() {
        // Synthetic numbers (month + 80).
        for value in ["13897512345", "138975 12345", "id 13897512345!", "13.89.75-12345", "1389751234599"] {
            let quoted = quote(value);
            assert!(!quoted.chars().any(|c| c.is_ascii_digit()), "{quoted}");
        }
    }

    #[test]
    fn a_number_at_the_end_of_a_quotation_is_masked_and_a_long_text_costs_little() {
        for before in [0, 29, 30, 35, 39] {
            let quoted = quote(&format!("{}13897512345", "x".repeat(before)));
            assert!(!quoted.chars().any(|c| c.is_ascii_digit()), "{quoted}");
        }
        assert_eq!(quote(&"1".repeat(5_000_000)), format!("`{}…`", "*".repeat(40)));
    }

    #[test]
    fn positions_and_long_text_stay_readable() {
        assert_eq!(quote("140453136"), "`140453136`");
        assert_eq!(quote("a\tb"), "`a\u{fffd}b`");
        assert_eq!(quote(&"x".repeat(41)), format!("`{}…`", "x".repeat(40)));
    }
}
