//! True and false.

/// Why a cell is neither true nor false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BooleanError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
    /// Another word.
    #[error("neither true nor false")]
    Invalid,
}

/// Reads `True` or `False`, `yes` or `no`, in any case. `1` and `0` are not read: in these files they are counts.
pub fn parse_boolean(cell: &str) -> Result<bool, BooleanError> {
    match cell.to_ascii_lowercase().as_str() {
        "" => Err(BooleanError::Empty),
        "true" | "yes" => Ok(true),
        "false" | "no" => Ok(false),
        _ => Err(BooleanError::Invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn true_and_false_in_any_case() {
        for (cell, value) in [("True", true), ("TRUE", true), ("yes", true), ("False", false), ("false", false)] {
            assert_eq!(parse_boolean(cell), Ok(value), "{cell}");
        }
    }

    #[test]
    fn other_words_are_neither() {
        assert_eq!(parse_boolean(""), Err(BooleanError::Empty));
        for cell in ["1", "0", "T", "SANN", "True;True", "N/A", "true "] {
            assert_eq!(parse_boolean(cell), Err(BooleanError::Invalid), "{cell}");
        }
    }
}
