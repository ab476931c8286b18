//! Affected exons: kept as text, because the pipelines differ (`15/15`, `2-7/28`, `2-7`, `14`).

use super::is_missing;

/// Why a cell names no exons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExonsError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
    /// A breakpoint, a word or another text without exon numbers.
    #[error("not a list of exon numbers")]
    Form,
}

/// The exons as written, trimmed.
pub fn parse_exons(cell: &str) -> Result<&str, ExonsError> {
    let text = cell.trim();
    if is_missing(text) {
        return Err(ExonsError::Empty);
    }
    let words = text.strip_prefix("exons").or_else(|| text.strip_prefix("exon")).unwrap_or(text).trim_start();
    let is_sign = |character: char| character.is_ascii_digit() || "-/,; ".contains(character);
    if words.starts_with(|first: char| first.is_ascii_digit()) && words.chars().all(is_sign) {
        Ok(text)
    } else {
        Err(ExonsError::Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_kept() {
        for (cell, text) in [("15/15", "15/15"), (" 2-7/28 ", "2-7/28"), ("14", "14"), ("2-7", "2-7")] {
            assert_eq!(parse_exons(cell), Ok(text));
        }
        for cell in ["chr7:116411708", "all", "15a", "/28"] {
            assert_eq!(parse_exons(cell), Err(ExonsError::Form), "{cell}");
        }
        for cell in ["", " ", "NA", "."] {
            assert_eq!(parse_exons(cell), Err(ExonsError::Empty), "{cell}");
        }
    }
}
