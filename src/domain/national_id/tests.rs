//! No number here is one of a living person. They are: numbers of the test population of the national registry (month +
//! 80); the examples that Skatteetaten prints for 2032; examples of standards that are not valid; and numbers of persons
//! "born" in 2032 with individual number 999 or 998, which nobody has yet, with check digits worked out by the published
//! formula outside this program.

use proptest::prelude::*;

use super::NationalIdKind::{BirthNumber, CommonHelpNumber, DNumber, LocalHelpNumber};
use super::*;

fn parse(text: &str) -> Result<NationalId, NationalIdError> {
    NationalId::parse(text, None, SyntheticNumbers::Refused)
}

fn parse_in_test(text: &str) -> Result<NationalId, NationalIdError> {
    NationalId::parse(text, None, SyntheticNumbers::Accepted)
}

#[test]
fn valid_numbers_have_their_kind() {
    for (number, kind) in [
        // Printed by Skatteetaten: valid by both rules, then by the rule of 2032 alone.
        ("02013299997", BirthNumber),
        ("30108299920", BirthNumber),
        ("02013299903", BirthNumber),
        ("30108299939", BirthNumber),
        // Day + 40.
        ("42013299980", DNumber),
        ("42013299999", DNumber),
        ("42013299808", DNumber),
        // First digit 8 or 9; the other digits are no date.
        ("80000000098", CommonHelpNumber),
        ("81234567802", CommonHelpNumber),
        ("95000000206", CommonHelpNumber),
        ("99999999928", CommonHelpNumber),
        // 29 February of a year that is a leap year.
        ("29023699956", BirthNumber),
    ] {
        let id = parse(number).unwrap();
        assert_eq!((id.expose(), id.kind(), id.is_synthetic()), (number, kind, false));
        assert_eq!(id.assigner(), None);
    }
}

#[test]
fn numbers_of_test_populations_are_refused_unless_asked_for() {
    for (number, kind) in [
        // Month + 80.
        ("05898597468", BirthNumber),
        ("16858399649", BirthNumber),
        ("10915596784", BirthNumber),
        // Day + 40 with month + 80, and with month + 40.
        ("42813299946", DNumber),
        ("53898597454", DNumber),
        ("42413299963", DNumber),
    ] {
        assert_eq!(parse(number), Err(NationalIdError::Synthetic), "{number}");
        let id = parse_in_test(number).unwrap();
        assert_eq!((id.expose(), id.kind(), id.is_synthetic()), (number, kind, true));
    }
    assert_eq!(NationalIdError::Synthetic.code(), IssueCode::SyntheticNumber);
}

#[test]
fn a_local_help_number_needs_its_assigner() {
    const NUMBER: &str = "02413299899";
    for synthetic in [SyntheticNumbers::Refused, SyntheticNumbers::Accepted] {
        for assigner in [None, Some(""), Some("  ")] {
            let result = NationalId::parse(NUMBER, assigner, synthetic);
            assert_eq!(result, Err(NationalIdError::AssignerMissing), "{assigner:?}");
        }
        let id = NationalId::parse(NUMBER, Some(" 983974732 "), synthetic).unwrap();
        assert_eq!((id.kind(), id.assigner(), id.is_synthetic()), (LocalHelpNumber, Some("983974732"), false));
        let other = NationalId::parse(NUMBER, Some("983974724"), synthetic).unwrap();
        assert_ne!(id, other, "two hospitals can give the same local number");
    }
    assert_eq!(NationalIdError::AssignerMissing.code(), IssueCode::AssignerMissing);
    // The assigner is not looked at for a national number.
    let id = NationalId::parse("02013299997", Some("983974732"), SyntheticNumbers::Refused).unwrap();
    assert_eq!(Ok(id), parse("02013299997"));
}

#[test]
fn invalid_numbers_say_what_is_wrong() {
    use NationalIdError::{Date, Empty, FirstCheckDigit, Form, SecondCheckDigit};
    for (text, error) in [
        ("", Empty),
        (" \t", Empty),
        ("0201329999", Form),
        ("020132999970", Form),
        ("0201329999A", Form),
        ("020132-99997", Form),
        ("02 0132 99997", Form),
        ("020132  99997", Form),
        ("0201329 9997", Form),
        ("\u{660}\u{662}\u{660}\u{661}\u{663}\u{662}\u{669}\u{669}\u{669}\u{669}\u{667}", Form),
        // Check digits fit, the date does not exist: day 0 and 40, month 0, 13, 66, 80 and 93, 31 April.
        ("00013299919", Date),
        ("40013299902", Date),
        ("02003299905", Date),
        ("02133299915", Date),
        ("02663299916", Date),
        ("02803299962", Date),
        ("02933299980", Date),
        ("31043299940", Date),
        // 29 February of a year that is a leap year in no century (2032 rule).
        ("29023399901", Date),
        // Day 32 and day 72.
        ("32013299918", Date),
        ("72013299901", Date),
        // Printed as examples by no-basis-Patient (worked by hand: its first check digit fits by the rule of 2032, the
        // second would be 6) and by Parek (month 34).
        ("13057444850", SecondCheckDigit),
        ("12345678900", Date),
        // Skatteetaten's example with its first check digit, then its second one changed.
        ("02013299927", FirstCheckDigit),
        ("02013299998", SecondCheckDigit),
        // The rule of 2032 is that of birth numbers and D-numbers.
        ("80000000004", FirstCheckDigit),
        ("02413299805", FirstCheckDigit),
        // A test number with a slip of the pen is invalid, not synthetic.
        ("05898597469", SecondCheckDigit),
    ] {
        assert_eq!(parse(text), Err(error), "{text}");
        assert_eq!(parse_in_test(text), Err(error), "{text}");
        assert_eq!(error.code(), IssueCode::NationalNumberInvalid);
    }
}

#[test]
fn a_number_is_read_as_people_write_it() {
    for text in [" 02013299997\n", "020132 99997", "020132\u{a0}99997"] {
        assert_eq!(parse(text).unwrap().expose(), "02013299997", "{text}");
    }
}

#[test]
fn debug_shows_nothing() {
    let id = parse("02013299997").unwrap();
    assert_eq!(format!("{id:?} {:?}", Some(&id)), "NationalId(**REDACTED**) Some(NationalId(**REDACTED**))");
    let local = NationalId::parse("02413299899", Some("Helse Vest"), SyntheticNumbers::Refused).unwrap();
    assert_eq!(format!("{local:#?}"), "NationalId(**REDACTED**)");
    for error in [NationalIdError::Form, NationalIdError::FirstCheckDigit, NationalIdError::Synthetic] {
        assert!(!error.to_string().contains(|c: char| c.is_ascii_digit()), "{error}");
    }
}

#[test]
fn another_kind_than_the_sender_says_is_an_issue() {
    let id = parse("42013299980").unwrap();
    assert_eq!(id.kind_issue(DNumber, &Location::default()), None);
    let place = Location::path("MsgHead.MsgInfo.Patient.Ident[0].TypeId");
    let issue = id.kind_issue(BirthNumber, &place).unwrap();
    assert_eq!((issue.code, &issue.location), (IssueCode::NumberKindDiffers, &place));
    assert_eq!(issue.text, "sent as FNR, the number is a DNR");
}

#[test]
fn kinds_have_the_codes_of_volven_8116() {
    for (kind, code) in [(BirthNumber, "FNR"), (DNumber, "DNR"), (CommonHelpNumber, "FHN"), (LocalHelpNumber, "HNR")] {
        assert_eq!((kind.code(), NationalIdKind::from_code(code)), (code, Some(kind)));
    }
    for code in ["", "fnr", "HPR", "PNR", "XXX"] {
        assert_eq!(NationalIdKind::from_code(code), None, "{code}");
    }
}

/// `11 - (sum mod 11)` as the standards write it; `None` where that is 10.
fn published(offset: i32, digits: &[i32], weights: &[i32]) -> Option<i32> {
    let sum: i32 = digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
    match offset - sum % 11 {
        10 => None,
        value => Some(if value >= 11 { value - 11 } else { value }),
    }
}

/// Whether both check digits are right by the published formula, the first one with any of `offsets`.
fn checks_hold(number: &str, offsets: &[i32]) -> bool {
    let digits: Vec<i32> = number.bytes().map(|byte| i32::from(byte - b'0')).collect();
    let first =
        offsets.iter().any(|offset| published(*offset, &digits[..9], &[3, 7, 6, 1, 8, 9, 4, 5, 2]) == Some(digits[9]));
    first && published(11, &digits[..10], &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) == Some(digits[10])
}

proptest! {
    #[test]
    fn only_numbers_whose_checks_hold_are_accepted(number in "[0-9]{11}") {
        let result = NationalId::parse(&number, Some("x"), SyntheticNumbers::Accepted);
        let help_number = number.starts_with(['8', '9']) || matches!(&number[2..3], "4" | "5") && number.as_str() < "4";
        let offsets: &[i32] = if help_number { &[11] } else { &[11, 12, 13, 14] };
        match result {
            Ok(_) => prop_assert!(checks_hold(&number, offsets)),
            Err(NationalIdError::FirstCheckDigit | NationalIdError::SecondCheckDigit) => {
                prop_assert!(!checks_hold(&number, offsets));
            }
            Err(error) => prop_assert_eq!(error, NationalIdError::Date),
        }
    }

    #[test]
    fn every_number_with_a_date_and_fitting_checks_is_accepted(
        day in 1..=28_u32,
        plus in prop::sample::select(vec![(0, 0), (40, 0), (0, 40), (0, 80), (40, 80)]),
        month in 1..=12_u32,
        rest in "[0-9]{5}",
    ) {
        let nine = format!("{:02}{:02}{rest}", day + plus.0, month + plus.1);
        for check_digits in 0..100 {
            let number = format!("{nine}{check_digits:02}");
            let offsets: &[i32] = if plus == (0, 40) { &[11] } else { &[11, 12, 13, 14] };
            let accepted = NationalId::parse(&number, Some("x"), SyntheticNumbers::Accepted).is_ok();
            prop_assert_eq!(accepted, checks_hold(&number, offsets), "{}", number);
        }
    }

    /// The second check digit changes with every one of the first ten, so that no rule lets a single changed digit pass.
    #[test]
    fn one_changed_digit_is_refused(index in 0..6_usize, position in 0..11_usize, by in 1..10_u8) {
        let valid =
            ["02013299997", "02013299903", "42013299980", "80000000098", "05898597468", "02413299899"];
        let mut bytes = valid[index].as_bytes().to_vec();
        bytes[position] = b'0' + (bytes[position] - b'0' + by) % 10;
        let changed = String::from_utf8(bytes).unwrap();
        let result = NationalId::parse(&changed, Some("x"), SyntheticNumbers::Accepted);
        prop_assert!(result.is_err_and(|error| error.code() == IssueCode::NationalNumberInvalid), "{}", changed);
    }

    #[test]
    fn no_text_panics_and_no_error_quotes_it(text in "\\PC*") {
        if let Err(error) = parse(&text) {
            prop_assert!(text.len() < 11 || !error.to_string().contains(&text));
        }
    }
}
