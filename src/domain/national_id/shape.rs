//! What the first six digits say about the kind of a number.

use super::NationalIdKind;

/// Added to the day of a D-number, and to the month of a local help number.
const FORTY: u32 = 40;

/// Added to the month of a person of the test population of the national registry (Tenor).
const TENOR: u32 = 80;

/// Kind of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) kind: NationalIdKind,
    pub(super) synthetic: bool,
}

impl Shape {
    /// The shape of a number; `None` where its date part is no date.
    pub(super) fn of(digits: &[u32; 11]) -> Option<Self> {
        use NationalIdKind::{BirthNumber, CommonHelpNumber, DNumber, LocalHelpNumber};
        let [d1, d2, m1, m2, y1, y2, ..] = *digits;
        if d1 >= 8 {
            return Some(Self { kind: CommonHelpNumber, synthetic: false });
        }
        let (day, month, year) = (d1 * 10 + d2, m1 * 10 + m2, y1 * 10 + y2);
        let (day, is_d_number) = if day > FORTY { (day - FORTY, true) } else { (day, false) };
        let (month, added) = match month {
            81.. => (month - TENOR, TENOR),
            41.. => (month - FORTY, FORTY),
            _ => (month, 0),
        };
        if !is_date(day, month, year) {
            return None;
        }
        // Both sums at once occur in test populations only; a local help number has a plain day.
        let (kind, synthetic) = match (is_d_number, added) {
            (false, 0) => (BirthNumber, false),
            (true, 0) => (DNumber, false),
            (false, FORTY) => (LocalHelpNumber, false),
            (false, _) => (BirthNumber, true),
            (true, _) => (DNumber, true),
        };
        Some(Self { kind, synthetic })
    }
}

/// Whether the date exists in some century. The century is not asked for: a year of two digits that is no multiple of
/// four is no leap year in any, and of the others at least every fourth century has one.
fn is_date(day: u32, month: u32, year: u32) -> bool {
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}
