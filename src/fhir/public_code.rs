//! Which codings may be shown to who must not know the patient: an exact list of code systems, each with the form of its codes.
//!
//! Senders write names, numbers and telephone numbers where a code belongs. A code of a system that anybody can define, or
//! one without the form of its system, can say anything; what is on the list says only what is published. Letters and
//! digits that happen to have the form cannot be told from a code, so the forms are as narrow as the systems let them be.

mod hgvs;

use super::systems::PUBLIC_SYSTEMS;

/// The form of the codes of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeForm {
    /// `C61`, `C50.9`, `C509`.
    Icd10,
    /// `C61.9` (topography) or `8140/3` (morphology).
    IcdO3,
    /// `Y77`, and in the extended list `Y77.0001`.
    Icpc2,
    /// `L`, `L02`, `L02A`, `L02AE`, `L02AE03`.
    Atc,
    /// A concept id with its check digit.
    SnomedCt,
    /// A term, or an answer, with its check digit.
    Loinc,
    /// A letter for the axis, and digits: `T28000`.
    Pathology,
    /// `NPU01685`, `NOR05863`.
    Laboratory,
    /// A prefix and so many digits.
    Numbered(&'static [&'static str], usize, usize),
    /// Capitals and digits as in the pattern: `A` for a letter, `9` for a digit.
    Pattern(&'static [&'static str]),
    /// A description in HGVS.
    Hgvs,
    /// An accession with version.
    Accession,
    /// One of these.
    OneOf(&'static [&'static str]),
}

/// Whether a coding may be shown: its system is on the list, to the letter, and the code has the form of it.
pub fn is_public(system: &str, code: &str) -> bool {
    let found = PUBLIC_SYSTEMS.iter().find(|(known, _)| *known == system);
    found.is_some_and(|(_, form)| form.admits(code))
}

/// Whether a code system is on the list.
pub fn is_listed(system: &str) -> bool {
    PUBLIC_SYSTEMS.iter().any(|(known, _)| *known == system)
}

impl CodeForm {
    fn admits(self, code: &str) -> bool {
        match self {
            Self::Icd10 => is_icd_10(code),
            Self::IcdO3 => is_icd_10(code) || matches(code, "9999/9"),
            Self::Icpc2 => ["A99", "A99.9999"].iter().any(|pattern| matches(code, pattern)),
            Self::Atc => ["A", "A99", "A99A", "A99AA", "A99AA99"].iter().any(|pattern| matches(code, pattern)),
            Self::SnomedCt => is_concept_id(code),
            Self::Loinc => is_loinc(code),
            Self::Pathology => ["A9999", "A99999", "A999999"].iter().any(|pattern| matches(code, pattern)),
            Self::Laboratory => {
                ["NPU", "NOR"].iter().any(|prefix| code.strip_prefix(prefix).is_some_and(|rest| matches(rest, "99999")))
            }
            Self::Numbered(prefixes, least, most) => prefixes.iter().any(|prefix| {
                code.strip_prefix(prefix).is_some_and(|rest| (least..=most).contains(&rest.len()) && is_digits(rest))
            }),
            Self::Pattern(patterns) => patterns.iter().any(|pattern| matches(code, pattern)),
            Self::Hgvs => hgvs::is_description(code),
            Self::Accession => hgvs::is_accession(code),
            Self::OneOf(codes) => codes.contains(&code),
        }
    }
}

/// `A` stands for a capital, `9` for a digit, everything else for itself.
fn matches(code: &str, pattern: &str) -> bool {
    code.len() == pattern.len()
        && code.bytes().zip(pattern.bytes()).all(|(byte, wanted)| match wanted {
            b'A' => byte.is_ascii_uppercase(),
            b'9' => byte.is_ascii_digit(),
            other => byte == other,
        })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A letter, two digits and up to two further characters, with or without a point.
fn is_icd_10(code: &str) -> bool {
    let Some((category, rest)) = code.split_at_checked(3) else { return false };
    let detail = rest.strip_prefix('.').unwrap_or(rest);
    let is_detail = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    matches(category, "A99") && detail.len() <= 2 && is_detail(detail) && !rest.ends_with('.')
}

/// A LOINC term (at most six digits and a check digit modulo 10), or an answer.
fn is_loinc(code: &str) -> bool {
    let (number, is_term) = code.strip_prefix("LA").map_or((code, true), |rest| (rest, false));
    let Some((number, check)) = number.rsplit_once('-') else { return false };
    let has_shape = is_digits(number) && number.len() <= 6 && is_digits(check) && check.len() == 1;
    // The check digit of answers counts otherwise.
    has_shape && (!is_term || check == loinc_check_digit(number))
}

/// The check digit of a LOINC number, modulo 10.
pub fn loinc_check_digit(number: &str) -> String {
    let sum: u32 = number
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, double) if double > 9 => double - 9,
            (0, double) => double,
            _ => digit,
        })
        .sum();
    ((10 - sum % 10) % 10).to_string()
}

/// A SNOMED CT concept id: 6 to 18 digits, partition 00 or 10, and a check digit (Verhoeff). Other numbers of that length,
/// such as national numbers and telephone numbers, seldom are one.
fn is_concept_id(code: &str) -> bool {
    /// Shortest id of the long format: one digit, a namespace of seven, partition and check digit.
    const SHORTEST_LONG: usize = 11;
    let has_shape = (6..=18).contains(&code.len()) && is_digits(code) && !code.starts_with('0');
    let partition = code.len().checked_sub(3).and_then(|at| code.get(at..at + 2));
    let is_concept = match partition {
        Some("00") => code.len() < SHORTEST_LONG,
        Some("10") => code.len() >= SHORTEST_LONG,
        _ => false,
    };
    has_shape && is_concept && has_check_digit(code)
}

/// The check of Verhoeff's dihedral scheme.
fn has_check_digit(number: &str) -> bool {
    const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let mut sum = 0;
    for (place, byte) in number.bytes().rev().enumerate() {
        let mut digit = byte.wrapping_sub(b'0');
        for _ in 0..place % 8 {
            digit = PERMUTATION.get(usize::from(digit)).copied().unwrap_or_default();
        }
        sum = dihedral(sum, digit);
    }
    sum == 0
}

/// The product of two elements of the dihedral group of order ten.
fn dihedral(left: u8, right: u8) -> u8 {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => 5 + (left + right - 5) % 5,
        (false, true) => 5 + (left - right) % 5,
        (false, false) => (left + 5 - right) % 5,
    }
}

#[cfg(test)]
mod tests;
