//! Population frequencies. `Germline_population_AFs` is text and survives a spreadsheet program; the three number columns
//! do not, so they are compared with it.

use crate::domain::accounting::Account;
use crate::domain::decimal::Decimal;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

use super::super::column_table::Cells;

/// Number column, and the population it repeats.
const REPEATED: [(&str, &str); 3] =
    [("Global_AF_gnomAD", "GLOBAL_AF_GNOMAD"), ("Global_AF_1KG", "GLOBAL_AF_1KG"), ("NFE_AF_gnomAD", "NFE_AF_GNOMAD")];

const LIST: &str = "Germline_population_AFs";

/// The list with what the number columns add to it. A number that contradicts the list is an issue and is not used.
pub(super) fn read(cells: &Cells<'_>, account: &mut Account) -> Vec<(String, Decimal)> {
    let mut frequencies = list(cells, account);
    for (column, population) in REPEATED {
        let Some(value) = cells.fraction(column, account) else { continue };
        let listed = frequencies.iter().find(|(name, _)| name.eq_ignore_ascii_case(population)).map(|(_, value)| value);
        match compare(&value, listed) {
            Verdict::Repeated => {}
            Verdict::New => frequencies.push((population.to_owned(), value)),
            Verdict::Damaged => {
                let listed = listed.map_or_else(|| "nothing".to_owned(), ToString::to_string);
                let words = format!("{} where {LIST} says {listed}", quote(cells.cell(column)));
                account.issue(IssueCode::NumberDamaged, cells.at(column), words);
            }
            Verdict::Contradicts => {
                let listed = listed.map_or_else(|| "nothing".to_owned(), ToString::to_string);
                let words = format!("{} where {LIST} says {listed}", quote(cells.cell(column)));
                account.issue(IssueCode::NumberContradictory, cells.at(column), words);
            }
        }
    }
    frequencies
}

/// `GLOBAL_AF_1KG:0.0010000|EUR_AF_1KG:0.0040000`
fn list(cells: &Cells<'_>, account: &mut Account) -> Vec<(String, Decimal)> {
    let mut found = Vec::new();
    for part in cells.parts(LIST, &['|']) {
        let pair = part.split_once(':').and_then(|(name, value)| Some((name, Decimal::parse(value.trim()).ok()?)));
        match pair {
            Some((name, value)) if (0.0..=1.0).contains(&value.to_f64()) => found.push((name.trim().to_owned(), value)),
            _ => {
                let words = format!("{} is not a population and a fraction of 1", quote(&part));
                account.issue(IssueCode::NumberInvalid, cells.at(LIST), words);
            }
        }
    }
    found
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The list says the same.
    Repeated,
    /// The list does not speak of the population, and the number can be right.
    New,
    /// A thousand times what the list says: a decimal point that was taken for a thousands separator.
    Damaged,
    Contradicts,
}

/// The list names populations from 0.001 on, so a whole number that it does not have is no frequency.
fn compare(value: &Decimal, listed: Option<&Decimal>) -> Verdict {
    // The columns round to four significant digits.
    let same = |a: f64, b: f64| (a - b).abs() <= 1e-3 * b.abs();
    let value = value.to_f64();
    match listed.map(Decimal::to_f64) {
        Some(listed) if same(value, listed) => Verdict::Repeated,
        Some(listed) if same(value, listed * 1000.0) => Verdict::Damaged,
        Some(_) => Verdict::Contradicts,
        None if value >= 1.0 => Verdict::Damaged,
        None => Verdict::New,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_compared_with_the_list() {
        for (value, listed, verdict) in [
            ("0.002044", Some("0.0020440"), Verdict::Repeated),
            ("1", Some("1.0000000"), Verdict::Repeated),
            ("0", Some("0.0000000"), Verdict::Repeated),
            ("1", Some("0.0010000"), Verdict::Damaged),
            ("0.9", Some("0.0009000"), Verdict::Damaged),
            ("1", None, Verdict::Damaged),
            ("0.5", Some("0.0010000"), Verdict::Contradicts),
            ("0.002", Some("0.0010000"), Verdict::Contradicts),
            ("4.00e-04", None, Verdict::New),
            ("0.0000000", None, Verdict::New),
        ] {
            let decimal = |text| Decimal::parse(text).unwrap();
            assert_eq!(compare(&decimal(value), listed.map(decimal).as_ref()), verdict, "{value} {listed:?}");
        }
    }
}
