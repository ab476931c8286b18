//! Positions on a chromosome.

use super::number::{NumberError, parse_count};

/// Bases of chromosome 1, the longest, in GRCh37 (GenBank assembly GCA_000001405.1).
const LONGEST_CHROMOSOME: u64 = 249_250_621;

/// Reads a 1-based position. Errors: those of a count, and `OutOfRange` for 0 and for more bases than any chromosome
/// has.
pub fn parse_position(cell: &str) -> Result<u64, NumberError> {
    let position = parse_count(cell)?;
    if (1..=LONGEST_CHROMOSOME).contains(&position) { Ok(position) } else { Err(NumberError::OutOfRange) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_lie_on_a_chromosome() {
        for (cell, expected) in [
            ("1", Ok(1)),
            ("140453136", Ok(140_453_136)),
            ("249250621", Ok(249_250_621)),
            ("249250622", Err(NumberError::OutOfRange)),
            ("0", Err(NumberError::OutOfRange)),
            ("-1", Err(NumberError::OutOfRange)),
            ("140,453,136", Err(NumberError::Ambiguous)),
            ("1.4E+08", Err(NumberError::Invalid)),
            ("", Err(NumberError::Empty)),
        ] {
            assert_eq!(parse_position(cell), expected, "{cell}");
        }
    }
}
