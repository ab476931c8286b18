//! Chromosomes.

/// Why a cell is not a chromosome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChromosomeError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
    /// None of 1 to 22, X, Y and the mitochondrial sequence.
    #[error("not a human chromosome")]
    Invalid,
}

const AUTOSOMES: [&str; 22] = [
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
    "21", "22",
];

/// Reads a chromosome with or without `chr`, and gives it without: 1 to 22, X, Y, M.
pub fn parse_chromosome(cell: &str) -> Result<&'static str, ChromosomeError> {
    if cell.is_empty() {
        return Err(ChromosomeError::Empty);
    }
    let name = match cell.split_at_checked(3) {
        Some((prefix, name)) if prefix.eq_ignore_ascii_case("chr") => name,
        _ => cell,
    };
    match name {
        "X" | "x" => Ok("X"),
        "Y" | "y" => Ok("Y"),
        "M" | "m" | "MT" | "mt" | "Mt" => Ok("M"),
        _ => AUTOSOMES.into_iter().find(|&autosome| autosome == name).ok_or(ChromosomeError::Invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_not_part_of_the_name() {
        for (cell, name) in [
            ("chr7", "7"),
            ("7", "7"),
            ("Chr22", "22"),
            ("CHR1", "1"),
            ("chrX", "X"),
            ("y", "Y"),
            ("chrM", "M"),
            ("MT", "M"),
            ("chrMT", "M"),
        ] {
            assert_eq!(parse_chromosome(cell), Ok(name), "{cell}");
        }
    }

    #[test]
    fn other_sequences_are_no_chromosome() {
        assert_eq!(parse_chromosome(""), Err(ChromosomeError::Empty));
        for cell in ["0", "23", "07", "chr", "chrUn_gl000220", "chr6_apd_hap1", "7.0", "XY", "chr٧", "æøå1", "chrchr7"]
        {
            assert_eq!(parse_chromosome(cell), Err(ChromosomeError::Invalid), "{cell}");
        }
    }
}
