//! Consequences of a variant.

use super::is_missing;

/// Why a cell holds no consequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsequencesError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
}

/// Splits a list of consequence terms at any of the separators that the pipelines use, in the order of the cell.
pub fn parse_consequences(cell: &str) -> Result<Vec<String>, ConsequencesError> {
    let terms: Vec<String> = cell
        .split([':', ';', ',', '&', '|'])
        .map(str::trim)
        .filter(|term| !is_missing(term))
        .map(str::to_owned)
        .collect();
    if terms.is_empty() { Err(ConsequencesError::Empty) } else { Ok(terms) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_separator_splits() {
        for separator in [":", ";", ",", "&", "|", ", ", " & ", "::"] {
            let cell = ["missense_variant", "splice_region_variant"].join(separator);
            let terms = parse_consequences(&cell).unwrap();
            assert_eq!(terms, ["missense_variant", "splice_region_variant"], "{cell}");
        }
        assert_eq!(parse_consequences("3_prime_UTR_variant").unwrap(), ["3_prime_UTR_variant"]);
    }

    #[test]
    fn nothing_is_no_consequence() {
        for cell in ["", "NA", ".", ":", " ; "] {
            assert_eq!(parse_consequences(cell), Err(ConsequencesError::Empty), "{cell}");
        }
    }
}
