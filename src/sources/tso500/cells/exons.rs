//! Affected exons: kept as text, because the pipelines differ (`15/15`, `2-7/28`, `2-7`, `14`).

use super::is_missing;

/// Why a cell names no exons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExonsError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
}

/// The exons as written, trimmed.
pub fn parse_exons(cell: &str) -> Result<&str, ExonsError> {
    let text = cell.trim();
    if is_missing(text) { Err(ExonsError::Empty) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_kept() {
        for (cell, text) in [("15/15", "15/15"), (" 2-7/28 ", "2-7/28"), ("14", "14"), ("2-7", "2-7")] {
            assert_eq!(parse_exons(cell), Ok(text));
        }
        for cell in ["", " ", "NA", "."] {
            assert_eq!(parse_exons(cell), Err(ExonsError::Empty), "{cell}");
        }
    }
}
