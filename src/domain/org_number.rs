//! Organisation numbers of the Norwegian register of legal entities (Enhetsregisteret; ENH in Volven 9051).

use std::fmt;

use super::issue::IssueCode;

/// Weights of the first eight digits and of the check digit, modulo 11.
const WEIGHTS: [u32; 9] = [3, 2, 7, 6, 5, 4, 3, 2, 1];

const MODULUS: u32 = 11;

/// Nine digits with a check digit: a legal entity, or one of its units.
///
/// That a number is well formed does not say that it was ever given to anybody: `domain::trust` knows those that matter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrgNumber(String);

/// Why a text is not an organisation number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OrgNumberError {
    /// Not nine digits.
    #[error("an organisation number has nine digits")]
    Form,
    /// The last digit does not fit.
    #[error("the check digit of the organisation number does not fit")]
    CheckDigit,
    /// Nine times the same digit. Such numbers pass the check digit and stand in old code lists for "others" (Volven 3501:
    /// 888888888 and 999999999); they are nobody's.
    #[error("a constructed organisation number, which is nobody's")]
    Constructed,
}

impl OrgNumberError {
    /// The issue that a receiver of the number raises.
    pub fn code(self) -> IssueCode {
        IssueCode::OrganisationNumberInvalid
    }
}

impl OrgNumber {
    /// Reads a number. Blanks around it and between its digits, as people write it, do not count.
    ///
    /// # Errors
    /// Another form, a check digit that does not fit, a constructed number.
    pub fn parse(text: &str) -> Result<Self, OrgNumberError> {
        let number: String = text.trim().chars().filter(|character| !matches!(character, ' ' | '\u{a0}')).collect();
        let values: Option<Vec<u32>> = number.chars().map(|character| character.to_digit(10)).collect();
        let digits: [u32; 9] = values.and_then(|values| values.try_into().ok()).ok_or(OrgNumberError::Form)?;
        let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
        if !sum.is_multiple_of(MODULUS) {
            return Err(OrgNumberError::CheckDigit);
        }
        let [first, others @ ..] = digits;
        if others.iter().all(|digit| *digit == first) {
            return Err(OrgNumberError::Constructed);
        }
        Ok(Self(number))
    }

    /// The nine digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrgNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_in_use_are_read() {
        // Trusts, a region, the national health network, a unit.
        for number in ["993467049", "883974832", "991324968", "994598759", "874716782"] {
            let parsed = OrgNumber::parse(number).unwrap();
            assert_eq!((parsed.as_str(), parsed.to_string().as_str()), (number, number));
        }
        for text in [" 993467049 ", "993 467 049", "993\u{a0}467\u{a0}049"] {
            assert_eq!(OrgNumber::parse(text).unwrap().as_str(), "993467049", "{text}");
        }
    }

    #[test]
    fn other_texts_say_what_is_wrong() {
        use OrgNumberError::{CheckDigit, Constructed, Form};
        for (text, error) in [
            ("", Form),
            ("99346704", Form),
            ("9934670499", Form),
            ("99346704x", Form),
            ("NO993467049MVA", Form),
            ("\u{661}\u{661}\u{661}\u{661}\u{661}\u{661}\u{661}\u{661}\u{661}", Form),
            // Printed in samples and code lists, and not valid.
            ("999977776", CheckDigit),
            ("999977775", CheckDigit),
            ("312232326", CheckDigit),
            ("983971700", CheckDigit),
            ("983975200", CheckDigit),
            ("888888888", Constructed),
            ("999999999", Constructed),
            ("000000000", Constructed),
        ] {
            assert_eq!(OrgNumber::parse(text), Err(error), "{text}");
            assert_eq!(error.code(), IssueCode::OrganisationNumberInvalid);
        }
    }

    proptest! {
        /// 11 - (sum mod 11), 11 counts as 0 and 10 is not given.
        #[test]
        fn exactly_the_published_check_digit_is_accepted(eight in "[0-9]{8}") {
            let sum: u32 =
                eight.bytes().zip([3, 2, 7, 6, 5, 4, 3, 2]).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
            let check = match 11 - sum % 11 { 11 => Some(0), 10 => None, digit => Some(digit) };
            for last in 0..10 {
                let number = format!("{eight}{last}");
                let constructed = number.bytes().all(|byte| number.starts_with(char::from(byte)));
                prop_assert_eq!(OrgNumber::parse(&number).is_ok(), check == Some(last) && !constructed, "{}", number);
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = OrgNumber::parse(&text);
        }
    }
}
