//! Numbers that identify a person in Norway: birth number, D-number, common help number, local help number.
//!
//! Eleven digits, the last two of them check digits. The number says which kind it is; it is never asked for a sex, a date
//! of birth or a century: from 2032 it does not hold them (Skatteetaten, "Nytt fødselsnummer fra 2032").

mod check_digits;
mod shape;

use std::fmt;

use super::issue::{Issue, IssueCode, Location};
use check_digits::Rule;
use shape::Shape;

/// The kinds of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NationalIdKind {
    /// Birth number (fødselsnummer): day, month, year, three digits.
    BirthNumber,
    /// D-number, for persons without a birth number: day + 40.
    DNumber,
    /// Common help number (felles hjelpenummer): the first digit is 8 or 9, the others mean nothing (HIS 1001).
    CommonHelpNumber,
    /// Local help number (H-nummer), month + 40: unique only with who gave it.
    LocalHelpNumber,
}

impl NationalIdKind {
    /// The code in Volven 8116 and 8327.
    pub fn code(self) -> &'static str {
        match self {
            Self::BirthNumber => "FNR",
            Self::DNumber => "DNR",
            Self::CommonHelpNumber => "FHN",
            Self::LocalHelpNumber => "HNR",
        }
    }

    /// The kind that a code of Volven 8116 or 8327 names; none for other types of id, such as a passport number.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::BirthNumber, Self::DNumber, Self::CommonHelpNumber, Self::LocalHelpNumber]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// What becomes of numbers that belong to no person: those of test populations (`[identity] accept_synthetic`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SyntheticNumbers {
    /// They are refused.
    #[default]
    Refused,
    /// They are accepted: a test installation.
    Accepted,
}

/// A number of known kind whose check digits and date parts hold.
///
/// `Debug` does not show it and there is no `Display`: what needs the digits calls [`NationalId::expose`], so that every
/// such place can be found. Two are equal when digits, kind and assigner are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NationalId {
    digits: String,
    kind: NationalIdKind,
    synthetic: bool,
    assigner: Option<String>,
}

/// Why a text is not accepted as a number. The text itself is in no variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NationalIdError {
    /// Nothing there.
    #[error("the number is empty")]
    Empty,
    /// Not eleven digits.
    #[error("the number has not eleven digits")]
    Form,
    /// The digits that stand for day, month and year are no date of any century.
    #[error("the date part of the number is no date")]
    Date,
    /// The tenth digit does not fit those before it, by today's rule nor by that of 2032.
    #[error("the first check digit does not fit")]
    FirstCheckDigit,
    /// The last digit does not fit those before it.
    #[error("the second check digit does not fit")]
    SecondCheckDigit,
    /// A number of a test population: month + 80, or day + 40 with month + 40.
    #[error("the number belongs to a test population")]
    Synthetic,
    /// A local help number, or a test number of the same form, and nothing says who gave it.
    #[error("a local help number needs its assigner")]
    AssignerMissing,
}

impl NationalIdError {
    /// The issue that a receiver of the number raises.
    pub fn code(self) -> IssueCode {
        match self {
            Self::Empty | Self::Form | Self::Date | Self::FirstCheckDigit | Self::SecondCheckDigit => {
                IssueCode::NationalNumberInvalid
            }
            Self::Synthetic => IssueCode::SyntheticNumber,
            Self::AssignerMissing => IssueCode::AssignerMissing,
        }
    }
}

impl NationalId {
    /// Reads a number. Blanks around it and one between the sixth and the seventh digit, as people write it, do not count.
    ///
    /// `assigner` is who gave the number, in the words or the id that the sender uses; it is kept with a local help number
    /// and looked at for no other kind. The check digits are looked at first, so that a slip of the pen is called one.
    ///
    /// # Errors
    /// Another form, a date that does not exist, check digits that do not fit; a synthetic number where those are refused;
    /// a local help number without assigner.
    pub fn parse(text: &str, assigner: Option<&str>, synthetic: SyntheticNumbers) -> Result<Self, NationalIdError> {
        let (number, digits) = eleven_digits(text)?;
        let shape = Shape::of(&digits).ok_or(NationalIdError::Date)?;
        check_digits::verify(&digits, rule_of(shape.kind))?;
        if shape.synthetic && synthetic == SyntheticNumbers::Refused {
            return Err(NationalIdError::Synthetic);
        }
        let assigner = match shape.kind {
            NationalIdKind::LocalHelpNumber => {
                let assigner = assigner.map(str::trim).filter(|assigner| !assigner.is_empty());
                Some(assigner.ok_or(NationalIdError::AssignerMissing)?.to_owned())
            }
            _ => None,
        };
        Ok(Self { digits: number, kind: shape.kind, synthetic: shape.synthetic, assigner })
    }

    /// The kind, as the number itself tells it.
    pub fn kind(&self) -> NationalIdKind {
        self.kind
    }

    /// The issue where a sender calls the number another kind: official samples do, and it is no reason to reject.
    pub fn kind_issue(&self, claimed: NationalIdKind, place: &Location) -> Option<Issue> {
        let text = || format!("sent as {}, the number is a {}", claimed.code(), self.kind.code());
        (claimed != self.kind).then(|| Issue::new(IssueCode::NumberKindDiffers, place.clone(), text()))
    }

    /// The eleven digits.
    pub fn expose(&self) -> &str {
        &self.digits
    }

    /// Who gave a local help number; none for the other kinds, which are national.
    pub fn assigner(&self) -> Option<&str> {
        self.assigner.as_deref()
    }

    /// Whether the number is one of a test population.
    pub fn is_synthetic(&self) -> bool {
        self.synthetic
    }
}

impl fmt::Debug for NationalId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NationalId(**REDACTED**)")
    }
}

/// Which first check digits count. Skatteetaten changes the rule for birth numbers and D-numbers; help numbers keep it.
fn rule_of(kind: NationalIdKind) -> Rule {
    match kind {
        NationalIdKind::BirthNumber | NationalIdKind::DNumber => Rule::From2032,
        NationalIdKind::CommonHelpNumber | NationalIdKind::LocalHelpNumber => Rule::Today,
    }
}

/// The digits, as text and as numbers 0 to 9.
fn eleven_digits(text: &str) -> Result<(String, [u32; 11]), NationalIdError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NationalIdError::Empty);
    }
    let number = match text.split_once([' ', '\u{a0}']) {
        Some((date, rest)) if date.len() == 6 => format!("{date}{rest}"),
        _ => text.to_owned(),
    };
    let values: Option<Vec<u32>> = number.chars().map(|character| character.to_digit(10)).collect();
    let digits = values.and_then(|values| values.try_into().ok()).ok_or(NationalIdError::Form)?;
    Ok((number, digits))
}

#[cfg(test)]
mod tests;
