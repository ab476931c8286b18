//! Quoting input in messages without quoting a person.

/// Longest quotation, in characters.
const MAX_QUOTE: usize = 40;
/// How far a run of digits that begins in a quotation is followed, in characters: a text can have millions.
const MAX_LOOK: usize = 1_000;

/// Quotes a value for an error text: control characters are replaced, long text is cut, and any run of eleven or more
/// digits (spaces, dots and hyphens between them ignored) is masked, because it can be a national identity number. A range of
/// coordinates (`chr7:55242464-55242478`) is none.
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

/// Longest code that is quoted, and most digits in it: more can be a date of birth or a telephone number.
const CODE_CHARACTERS: usize = 20;
const CODE_DIGITS: usize = 5;

/// Quotes a value from a referral where it has the form of a code; says how long it is otherwise. A sender can write anything
/// into the place of a code: a name is a word without digits in small letters, a date or a telephone number has many digits.
pub fn quote_code(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '+' | '^');
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let is_word = digits == 0 && value.chars().any(|c| c.is_ascii_lowercase());
    let length = value.chars().count();
    let is_code = (1..=CODE_CHARACTERS).contains(&length) && value.chars().all(is_plain) && digits <= CODE_DIGITS;
    if is_code && !is_word { quote(value) } else { format!("a value of {length} characters") }
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
        if let Some(end) = coordinate_range(&characters, start) {
            start = end;
            continue;
        }
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

/// The end of a range of coordinates that begins at `start`, behind `chr7:`.
///
/// No national number has the form: the six digits of a date are more than the five behind them, and a range does not end
/// before it begins; a date with a zero in front is no coordinate. What follows must not go on with digits.
fn coordinate_range(characters: &[char], start: usize) -> Option<usize> {
    const MOST_DIGITS: usize = 9;
    let before = characters.get(..start)?.strip_suffix(&[':'])?;
    let is_chromosome = |length: usize| {
        let at = before.len().checked_sub(length)?;
        let (rest, name) = before.split_at_checked(at)?;
        let is_name = name.iter().all(char::is_ascii_digit) || matches!(name, ['X' | 'Y' | 'M']);
        let stands_alone = !rest.iter().rev().nth(3).is_some_and(|character| character.is_ascii_alphanumeric());
        (is_name && rest.ends_with(&['c', 'h', 'r']) && stands_alone).then_some(())
    };
    is_chromosome(1).or_else(|| is_chromosome(2))?;
    let position = |from: usize| {
        let digits: String =
            characters.iter().skip(from).take_while(|c| c.is_ascii_digit()).take(MOST_DIGITS + 1).collect();
        let is_position = !digits.starts_with('0') && digits.len() <= MOST_DIGITS;
        digits.parse::<u32>().ok().filter(|_| is_position).map(|value| (value, from + digits.len()))
    };
    let (first, end) = position(start)?;
    characters.get(end).filter(|character| **character == '-')?;
    let (last, end) = position(end + 1)?;
    let mut rest = characters.iter().skip(end).skip_while(|c| matches!(c, ' ' | '.' | '-' | '\u{a0}'));
    (first <= last && !rest.next().is_some_and(char::is_ascii_digit)).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_the_form_of_a_code_is_quoted_of_a_referral() {
        for code in ["C61", "C50.9", "L01XE15", "PROB", "A_1", "8480", "REF^I12"] {
            assert_eq!(quote_code(code), format!("`{code}`"));
        }
        for (text, length) in [
            ("Nordmann", 8),
            ("Kari Nordmann", 13),
            ("05898597468", 11),
            ("19850905", 8),
            ("1985-09-05", 10),
            ("+4790001234", 11),
            ("Åse1", 4),
            ("", 0),
            ("A123456789012345678901", 22),
        ] {
            assert_eq!(quote_code(text), format!("a value of {length} characters"));
        }
    }

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
    fn a_range_of_coordinates_stays_and_no_number_passes_for_one() {
        for text in ["chr7:55242464-55242478", "EGFR, chr7:55242464-55242478, x", "chr10:1-135534747", "(chrX:9-10)"] {
            assert_eq!(quote(text), format!("`{text}`"));
            assert!(!has_long_digit_run(text));
        }
        // Synthetic numbers (month + 80), behind what looks like a chromosome.
        for text in [
            "chr1:138975-12345",
            "chr1:018975-12345",
            "chr1:13897512345",
            "chr1:1-13897512345",
            "chr1:13897512345-13897512399",
            "chr1:138975-138976 12345",
            "chr1:1-138975-12345",
            "xchr1:123456-1234567",
            "chr100:123456-1234567",
            "1:123456-1234567",
            "chr1: 123456-1234567",
        ] {
            assert!(has_long_digit_run(text), "{text}");
        }
    }

    #[test]
    fn positions_and_long_text_stay_readable() {
        assert_eq!(quote("140453136"), "`140453136`");
        assert_eq!(quote("a\tb"), "`a\u{fffd}b`");
        assert_eq!(quote(&"x".repeat(41)), format!("`{}…`", "x".repeat(40)));
    }
}
