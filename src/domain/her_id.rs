//! HER-ids: the numbers of the national address register of the health sector (Adresseregisteret).

use std::fmt;
use std::num::NonZeroU32;

use super::issue::IssueCode;

/// Most digits that are read. The register counts upwards and those seen have two to five digits; nothing says where it
/// ends.
const MAX_DIGITS: usize = 9;

/// The HER-id of an organisation, or of a service in it. It has no check digit: a wrong one is found only by looking it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HerId(NonZeroU32);

/// Why a text is not a HER-id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a HER-id is a number of one to nine digits that does not begin with 0")]
pub struct HerIdError;

impl HerIdError {
    /// The issue that a receiver of the id raises.
    pub fn code(self) -> IssueCode {
        IssueCode::HerIdInvalid
    }
}

impl HerId {
    /// Reads an id; blanks around it do not count.
    ///
    /// # Errors
    /// Another form.
    pub fn parse(text: &str) -> Result<Self, HerIdError> {
        let text = text.trim();
        let is_number = (1..=MAX_DIGITS).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && !text.starts_with('0');
        if !is_number {
            return Err(HerIdError);
        }
        text.parse().map(Self).map_err(|_| HerIdError)
    }
}

impl fmt::Display for HerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ids() {
        for (text, id) in [("39", "39"), ("59", "59"), (" 93220 ", "93220"), ("999999999", "999999999")] {
            assert_eq!(HerId::parse(text).unwrap().to_string(), id);
        }
    }

    #[test]
    fn other_text_is_none() {
        for text in ["", " ", "0", "039", "-1", "+39", "3 9", "39a", "9999999999", "\u{663}\u{669}", "HER:39"] {
            assert_eq!(HerId::parse(text), Err(HerIdError), "{text}");
        }
        assert_eq!(HerIdError.code(), IssueCode::HerIdInvalid);
    }
}
