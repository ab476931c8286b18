//! Quoting input in messages without quoting a person.

/// Longest quotation, in characters.
const MAX_QUOTE: usize = 40;
/// How far a run of digits that begins in a quotation is followed, in characters: a text can have millions.
const MAX_LOOK: usize = 1_000;

/// Types of documents that senders attach.
pub const MEDIA_TYPES: &[&str] = &[
    "application/dicom",
    "application/msword",
    "application/octet-stream",
    "application/rtf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/xml",
    "application/zip",
    "image/bmp",
    "image/gif",
    "image/tiff",
    "text/html",
    "text/plain",
    "text/rtf",
    "text/xml",
];

/// Quotes a value for an error text: control characters are replaced, long text is cut, and any run of eleven or more
/// digits (spaces, dots and hyphens between them ignored) is masked, because it can be a national identity number. A range of
/// coordinates (`chr7:55242464-55242478`) is none.
pub fn quote(value: &str) -> String {
    let end = value.char_indices().nth(MAX_LOOK).map_or(value.len(), |(end, _)| end);
    let masked = mask_long_digit_runs(value.get(..end).unwrap_or_default());
    let mut text: String = masked.chars().take(MAX_QUOTE).map(shown).collect();
    if masked.chars().nth(MAX_QUOTE).is_some() {
        text.push('…');
    }
    format!("`{text}`")
}

/// A character as a quotation shows it: it must not end the quotation.
fn shown(character: char) -> char {
    match character {
        '`' => '\'',
        control if control.is_control() => '\u{fffd}',
        other => other,
    }
}

/// A value that a sender wrote where a code belongs: quoted where it has the form of one, otherwise by its length alone,
/// because a name, a date of birth or a telephone number can stand there.
pub fn code(value: &str) -> String {
    if has_form_of_code(value) { quote(value) } else { length(value) }
}

/// A value of which one of some words is expected elsewhere: quoted where it is one of them, otherwise by its length alone.
pub fn word(value: &str, known: &[&str]) -> String {
    if known.contains(&value) { quote(value) } else { length(value) }
}

/// A value of which nothing may be told.
pub fn length(value: &str) -> String {
    let characters = value.chars().take(MAX_LOOK + 1).count();
    match characters {
        0 => "an empty value".to_owned(),
        1 => "a value of one character".to_owned(),
        characters if characters > MAX_LOOK => format!("a value of more than {MAX_LOOK} characters"),
        characters => format!("a value of {characters} characters"),
    }
}

/// Capitals in runs of three and digits in runs of four, no more than five digits in all; without a digit no more than two
/// capitals. Few names and no numbers of persons are as short.
fn has_form_of_code(value: &str) -> bool {
    const LONGEST: usize = 8;
    let longest_run = |is_kind: fn(&u8) -> bool| {
        value.as_bytes().split(|byte| !is_kind(byte)).map(<[u8]>::len).max().unwrap_or_default()
    };
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = longest_run(u8::is_ascii_uppercase);
    let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b".-/".contains(&byte);
    !value.is_empty()
        && value.len() <= LONGEST
        && value.bytes().all(is_part)
        && digits <= 5
        && longest_run(u8::is_ascii_digit) <= 4
        && letters <= if digits == 0 { 2 } else { 3 }
}

/// The name of a property of JSON as a place shows it: one that no element of FHIR can have is `?`.
pub fn property(name: &str) -> &str {
    const LONGEST: usize = 64;
    let plain = name.strip_prefix('_').unwrap_or(name);
    let is_name = plain.starts_with(|c: char| c.is_ascii_lowercase())
        && plain.len() <= LONGEST
        && plain.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && plain.bytes().filter(u8::is_ascii_digit).count() <= 2;
    if is_name { name } else { "?" }
}

/// A text without its quotations, other than those that `is_known` says are nobody's.
pub fn without_quotations(text: &str, is_known: &dyn Fn(&str) -> bool) -> String {
    let piece = |(place, piece): (usize, &str)| match place % 2 {
        0 => piece.to_owned(),
        _ if is_known(piece) => format!("`{piece}`"),
        _ => length(piece),
    };
    text.split('`').enumerate().map(piece).collect()
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
    fn a_code_is_quoted_and_what_can_be_a_person_is_not() {
        for value in ["C61", "L02AE03", "A16CK", "8480", "X", "PK", "C50.9", "718-8", "2.8", "A01"] {
            assert_eq!(code(value), format!("`{value}`"));
        }
        for (value, characters) in [
            ("Danser", 6),
            ("OLA", 3),
            ("Ola", 3),
            ("GUNN1", 5),
            ("05098512345", 11),
            ("050985", 6),
            ("05.09.85", 8),
            ("90000001", 8),
            ("1985-09", 7),
            ("C61 Ås", 6),
        ] {
            assert_eq!(code(value), format!("a value of {characters} characters"), "{value}");
        }
        assert_eq!((code(""), code("å").as_str()), ("an empty value".to_owned(), "a value of one character"));
        assert_eq!(word("draft", &["draft"]), "`draft`");
        assert_eq!(
            ["birthDate", "_birthDate", "valueBase64Binary"].map(property),
            ["birthDate", "_birthDate", "valueBase64Binary"]
        );
        assert_eq!(["Ola Danser", "OlaDanser", "x19830905", "å", ""].map(property), ["?"; 5]);
        assert_eq!(word("Danser", &["draft"]), "a value of 6 characters");
    }

    #[test]
    fn quotations_of_strangers_are_taken_out_of_a_text() {
        let text = format!("{} is no code of {}", quote("Da`nser"), quote("status"));
        assert_eq!(
            without_quotations(&text, &|piece| piece == "status"),
            "a value of 7 characters is no code of `status`"
        );
        assert_eq!(without_quotations("nothing is quoted", &|_| false), "nothing is quoted");
    }

    #[test]
    fn positions_and_long_text_stay_readable() {
        assert_eq!(quote("140453136"), "`140453136`");
        assert_eq!(quote("a\tb"), "`a\u{fffd}b`");
        assert_eq!(quote(&"x".repeat(41)), format!("`{}…`", "x".repeat(40)));
    }
}
