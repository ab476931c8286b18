//! The two check digits, modulo 11.
//!
//! Skatteetaten writes them as `k = 11 - (weighted sum mod 11)`. Said the other way round: with the check digit itself at
//! weight 1, the sum leaves no remainder. From 2032 the first one may leave 0, 1, 2 or 3.

use super::NationalIdError;

/// Weights of the first nine digits and of the first check digit.
const FIRST_WEIGHTS: [u32; 10] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];

/// Weights of the first ten digits and of the second check digit.
const SECOND_WEIGHTS: [u32; 11] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

const MODULUS: u32 = 11;

/// Which first check digits fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The one that leaves no remainder.
    Today,
    /// That one and the up to three others of numbers given from 2032 on. Both sorts stay in use side by side.
    From2032,
}

impl Rule {
    fn largest_remainder(self) -> u32 {
        match self {
            Self::Today => 0,
            Self::From2032 => 3,
        }
    }
}

pub(super) fn verify(digits: &[u32; 11], rule: Rule) -> Result<(), NationalIdError> {
    if remainder(digits, &FIRST_WEIGHTS) > rule.largest_remainder() {
        return Err(NationalIdError::FirstCheckDigit);
    }
    if remainder(digits, &SECOND_WEIGHTS) != 0 {
        return Err(NationalIdError::SecondCheckDigit);
    }
    Ok(())
}

/// What the weighted sum of the digits that have a weight leaves.
fn remainder(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % MODULUS
}
