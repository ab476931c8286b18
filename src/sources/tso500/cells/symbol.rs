//! Gene symbols and gene pairs, by form: whether the symbol exists is another question.

/// Why a cell is no gene symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SymbolError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
    /// Longer than any symbol or pair of symbols.
    #[error("longer than a gene symbol can be")]
    TooLong,
    /// A blank, a bracket or another sign that no symbol has: a sentence, or a line of another table.
    #[error("not the form of a gene symbol")]
    Form,
}

/// HGNC symbols have up to 21 characters, clone names some more; a cell can list several.
const MAX_BYTES: usize = 120;

/// Reads a cell with a gene symbol, several joined by `;` or `,`, or a gene pair.
pub fn parse_symbol(cell: &str) -> Result<&str, SymbolError> {
    if cell.is_empty() {
        return Err(SymbolError::Empty);
    }
    if cell.len() > MAX_BYTES {
        return Err(SymbolError::TooLong);
    }
    let is_sign = |character: char| character.is_ascii_alphanumeric() || "-._/;,:@".contains(character);
    let has_letter = cell.chars().any(|character| character.is_ascii_alphabetic());
    if has_letter && cell.starts_with(|first: char| first.is_ascii_alphanumeric()) && cell.chars().all(is_sign) {
        Ok(cell)
    } else {
        Err(SymbolError::Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_and_pairs_have_the_form() {
        for cell in
            ["BRAF", "NKX2-1", "HLA-A", "C11orf30", "RP11-458D21.5", "AC016683.6;PAX8", "CDK4/PDE3A", "A::B", "1-Mar"]
        {
            assert_eq!(parse_symbol(cell), Ok(cell));
        }
    }

    #[test]
    fn sentences_and_other_tables_have_not() {
        for (cell, error) in [
            ("", SymbolError::Empty),
            ("No call", SymbolError::Form),
            ("Gene Pair", SymbolError::Form),
            ("Fusions]", SymbolError::Form),
            ("<DUP>", SymbolError::Form),
            ("12345", SymbolError::Form),
            ("-BRAF", SymbolError::Form),
            (&"x".repeat(121), SymbolError::TooLong),
        ] {
            assert_eq!(parse_symbol(cell), Err(error), "{cell}");
        }
    }
}
