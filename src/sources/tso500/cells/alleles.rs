//! Alleles of a small variant.

use super::is_missing;

/// Why a cell is not an allele.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AllelesError {
    /// Nothing there, or a word that says so.
    #[error("empty input")]
    Empty,
    /// `.`: the caller sees the reference (VCF 4.2 section 1.4.1).
    #[error("no allele called")]
    Missing,
    /// Not a sequence of bases: symbolic, several alleles, or another text.
    #[error("not a sequence of bases")]
    Invalid,
}

/// Reads the bases A, C, G, T and N of one allele, and gives them in upper case.
pub fn parse_allele(cell: &str) -> Result<String, AllelesError> {
    if cell == "." {
        return Err(AllelesError::Missing);
    }
    // `NA` would pass as two bases.
    if is_missing(cell) {
        return Err(AllelesError::Empty);
    }
    let bases = cell.to_ascii_uppercase();
    if bases.bytes().all(|base| matches!(base, b'A' | b'C' | b'G' | b'T' | b'N')) {
        Ok(bases)
    } else {
        Err(AllelesError::Invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_are_upper_case() {
        for (cell, bases) in [("A", "A"), ("acgtn", "ACGTN"), ("CA", "CA"), ("N", "N")] {
            assert_eq!(parse_allele(cell).as_deref(), Ok(bases));
        }
    }

    #[test]
    fn other_text_is_no_allele() {
        for (cell, error) in [
            ("", AllelesError::Empty),
            ("NA", AllelesError::Empty),
            ("-", AllelesError::Empty),
            (".", AllelesError::Missing),
            ("A,T", AllelesError::Invalid),
            ("<DEL>", AllelesError::Invalid),
            ("*", AllelesError::Invalid),
            ("AU", AllelesError::Invalid),
            ("A T", AllelesError::Invalid),
            ("Å", AllelesError::Invalid),
        ] {
            assert_eq!(parse_allele(cell), Err(error), "{cell}");
        }
    }
}
