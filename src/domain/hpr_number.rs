//! HPR numbers: the numbers of the national register of health professionals (Helsepersonellregisteret).

use std::fmt;

use super::issue::IssueCode;

/// The number of a health professional: seven to nine digits.
///
/// Known of its form: those seen have seven digits, those of test persons nine. No check digit is published, so that only
/// the form is checked here. It identifies a person; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HprNumber(String);

/// Why a text is not an HPR number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an HPR number has seven to nine digits and does not begin with 0")]
pub struct HprNumberError;

impl HprNumberError {
    /// The issue that a receiver of the number raises.
    pub fn code(self) -> IssueCode {
        IssueCode::HprNumberInvalid
    }
}

impl HprNumber {
    /// Reads a number; blanks around it do not count.
    ///
    /// # Errors
    /// Another form.
    pub fn parse(text: &str) -> Result<Self, HprNumberError> {
        let text = text.trim();
        let is_number =
            (7..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        if is_number { Ok(Self(text.to_owned())) } else { Err(HprNumberError) }
    }

    /// The digits.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HprNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HprNumber(**REDACTED**)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // 9144889 and 9144897 stand in the samples of the national message standards.

    #[test]
    fn seven_to_nine_digits_are_a_number() {
        for text in ["9144889", "9144897", " 222200068 ", "91448890"] {
            assert_eq!(HprNumber::parse(text).unwrap().expose(), text.trim());
        }
    }

    #[test]
    fn other_text_is_none() {
        for text in ["", "914488", "9144889000", "0144889", "914488x", "9144 889", "-914488"] {
            assert_eq!(HprNumber::parse(text), Err(HprNumberError), "{text}");
        }
        assert_eq!(HprNumberError.code(), IssueCode::HprNumberInvalid);
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", HprNumber::parse("9144889")), "Ok(HprNumber(**REDACTED**))");
    }
}
