//! Breakpoints of fusions and splice junctions.

use super::chromosome::parse_chromosome;
use super::position::parse_position;

/// A breakpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakpoint {
    /// As written.
    pub text: String,
    /// Where it is; none where the text does not say so.
    pub locus: Option<Locus>,
}

/// A place on GRCh37.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locus {
    /// Chromosome without `chr`: 1 to 22, X, Y, M.
    pub chromosome: &'static str,
    /// 1-based position.
    pub position: u64,
}

/// Why a cell is not a breakpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BreakpointError {
    /// Nothing there.
    #[error("empty input")]
    Empty,
    /// Not `chromosome:position`.
    #[error("not `chromosome:position`")]
    Invalid,
}

/// Reads `chr2:29446394`.
pub fn parse_locus(cell: &str) -> Result<Locus, BreakpointError> {
    if cell.is_empty() {
        return Err(BreakpointError::Empty);
    }
    let (chromosome, position) = cell.split_once(':').ok_or(BreakpointError::Invalid)?;
    Ok(Locus {
        chromosome: parse_chromosome(chromosome).map_err(|_| BreakpointError::Invalid)?,
        position: parse_position(position).map_err(|_| BreakpointError::Invalid)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breakpoint_is_a_chromosome_and_a_position() {
        for (cell, chromosome, position) in
            [("chr2:29446394", "2", 29_446_394), ("X:66905968", "X", 66_905_968), ("chr12:1", "12", 1)]
        {
            assert_eq!(parse_locus(cell), Ok(Locus { chromosome, position }), "{cell}");
        }
    }

    #[test]
    fn other_text_is_no_breakpoint() {
        assert_eq!(parse_locus(""), Err(BreakpointError::Empty));
        for cell in ["chr2", "chr2:", ":29446394", "chr2:0", "chr2:1-5", "chr2:1:5", "chr99:1", "NA"] {
            assert_eq!(parse_locus(cell), Err(BreakpointError::Invalid), "{cell}");
        }
    }
}
