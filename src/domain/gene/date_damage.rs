//! Gene symbols that a spreadsheet turned into dates: `MARCH1` to `1-Mar`, `SEPT14` to `Sep-14` or, in Norwegian, `14.sep`.

/// English and Norwegian abbreviations of the months, as spreadsheets display dates.
const MONTHS: [&str; 16] =
    ["jan", "feb", "mar", "apr", "mai", "may", "jun", "jul", "aug", "sep", "sept", "okt", "oct", "nov", "des", "dec"];

/// Whether the text is day and month, or month and year, in the display form of a spreadsheet. Month names in capitals are
/// not: `OCT-4` and `DEC-205` are gene symbols.
pub fn is_date(text: &str) -> bool {
    let Some((left, right)) = text.split_once(['-', '.']) else { return false };
    let (left, right) = (left.trim(), right.trim());
    (is_number(left) && is_month(right)) || (is_month(left) && is_number(right))
}

fn is_number(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_month(text: &str) -> bool {
    let name = text.trim_end_matches('.');
    let rest_is_small = name.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
    rest_is_small && MONTHS.iter().any(|month| name.eq_ignore_ascii_case(month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_symbols() {
        for text in ["1-Mar", "Sep-14", "2-Sep", "1-Dec", "01.mar", "1. mar", "14.sep.", "des.01", "Mar-2001", "1-Sept"]
        {
            assert!(is_date(text), "{text}");
        }
        for text in ["OCT-4", "DEC-205", "APR-2", "MARCH1", "SEPT14", "NKX2-1", "Mar", "1-", "-Mar", "1-Mar-2001", ""] {
            assert!(!is_date(text), "{text}");
        }
    }
}
