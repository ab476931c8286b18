//! Kinds of copy number change.

/// A copy number change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// More copies.
    Gain,
    /// Fewer copies.
    Loss,
}

/// Why a cell is not a kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeKindError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
    /// The caller sees no change.
    #[error("no change")]
    Neutral,
    /// A type that the pipelines do not document.
    #[error("not a type of copy number change")]
    Unknown,
}

/// Reads `DUP`, `GAIN`, `DEL` or `LOSS`, in angle brackets (VCF 4.2 symbolic alleles) or not.
pub fn parse_change_kind(cell: &str) -> Result<ChangeKind, ChangeKindError> {
    if cell.is_empty() {
        return Err(ChangeKindError::Empty);
    }
    let name = cell.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(cell);
    match name.to_ascii_uppercase().as_str() {
        "DUP" | "GAIN" => Ok(ChangeKind::Gain),
        "DEL" | "LOSS" => Ok(ChangeKind::Loss),
        "." | "REF" | "NEUTRAL" => Err(ChangeKindError::Neutral),
        _ => Err(ChangeKindError::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_case_do_not_matter() {
        for cell in ["<DUP>", "DUP", "GAIN", "Gain", "<gain>"] {
            assert_eq!(parse_change_kind(cell), Ok(ChangeKind::Gain), "{cell}");
        }
        for cell in ["<DEL>", "DEL", "LOSS", "loss"] {
            assert_eq!(parse_change_kind(cell), Ok(ChangeKind::Loss), "{cell}");
        }
    }

    #[test]
    fn no_change_and_other_types_are_told_apart() {
        assert_eq!(parse_change_kind(""), Err(ChangeKindError::Empty));
        for cell in [".", "REF", "NEUTRAL", "<NEUTRAL>"] {
            assert_eq!(parse_change_kind(cell), Err(ChangeKindError::Neutral), "{cell}");
        }
        for cell in ["<CNV>", "INV", "<DUP", "DUP/DEL", "2", "NA"] {
            assert_eq!(parse_change_kind(cell), Err(ChangeKindError::Unknown), "{cell}");
        }
    }
}
