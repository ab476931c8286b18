//! The `Gene Pair` cell of a fusion (CombinedVariantOutput, TSOPPI, PCGR).
//!
//! `EML4-ALK`, `EML4::ALK` and `EML4--ALK` name the 5' gene first; `CDK4/PDE3A` leaves the direction open; `;` lists genes
//! that overlap one breakpoint. A hyphen also stands inside symbols (`NKX2-1`, `HLA-A`, `RP11-458D21.5`), so a pair is
//! split where the most of it is known, never at the first hyphen.

mod side;
mod split;

use super::{GeneTable, Rank};
use side::genes_of_side;
use split::{Best, best_split};

/// Longest cell that is read as a pair, in bytes; the longest real ones have about 60.
const MAX_BYTES: usize = 200;

/// Whether the caller knows which gene is the 5' partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The first side is 5'.
    Known,
    /// No statement.
    Unknown,
}

/// How well the text could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// In one way.
    Resolved,
    /// In several ways: the known genes are named, each once, without direction.
    Ambiguous,
    /// Not at all: the whole text stands for the first side.
    Unresolved,
}

/// The genes of a pair as the file writes them; a partner that no table knows keeps its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenePair {
    first: Vec<String>,
    second: Vec<String>,
    direction: Direction,
    resolution: Resolution,
}

impl GenePair {
    /// Genes at the 5' breakpoint; empty where the direction is not known.
    pub fn five_prime(&self) -> &[String] {
        if self.direction == Direction::Known { &self.first } else { &[] }
    }

    /// Genes at the 3' breakpoint; empty where the direction is not known.
    pub fn three_prime(&self) -> &[String] {
        if self.direction == Direction::Known { &self.second } else { &[] }
    }

    /// The genes on each side of the separator, which says nothing of direction. The second side is empty for a single gene
    /// and where the pair was not resolved.
    pub fn sides(&self) -> [&[String]; 2] {
        [&self.first, &self.second]
    }

    /// Every gene named, each once, in the order of the text.
    pub fn genes(&self) -> Vec<&str> {
        let mut genes: Vec<&str> = Vec::new();
        for gene in self.first.iter().chain(&self.second) {
            if !genes.contains(&gene.as_str()) {
                genes.push(gene);
            }
        }
        genes
    }

    /// Whether the first side is known to be 5'.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// How well the text could be read.
    pub fn resolution(&self) -> Resolution {
        self.resolution
    }

    fn resolved(first: Vec<String>, second: Vec<String>, direction: Direction) -> Self {
        Self { first, second, direction, resolution: Resolution::Resolved }
    }

    fn ambiguous(known: Vec<String>) -> Self {
        Self { first: known, second: Vec::new(), direction: Direction::Unknown, resolution: Resolution::Ambiguous }
    }

    fn unresolved(text: &str) -> Self {
        let first = if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
        Self { first, second: Vec::new(), direction: Direction::Unknown, resolution: Resolution::Unresolved }
    }
}

/// Reads the cell. Total: what cannot be read is `Unresolved` and keeps its text.
pub fn parse(text: &str, genes: &GeneTable) -> GenePair {
    let text = text.trim();
    if text.len() > MAX_BYTES {
        return GenePair::unresolved(text);
    }
    let separators: usize = ["::", "--", "/"].iter().map(|separator| text.matches(separator).count()).sum();
    match separators {
        0 => parse_hyphenated(text, genes),
        1 => parse_separated(text, genes),
        _ => GenePair::unresolved(text),
    }
}

/// The pair of a file that has a column for each side. `;` lists genes that overlap one breakpoint; a side with a `/` joins
/// genes in a way that no column explains, so that the text is read as a whole.
pub fn of_sides(first: &str, second: &str, direction: Direction, genes: &GeneTable) -> GenePair {
    let is_side = |text: &str| !text.contains('/') && text.len() <= MAX_BYTES;
    match list(first).zip(list(second)).filter(|_| is_side(first) && is_side(second)) {
        // Two genes that overlap both breakpoints are not told apart.
        Some((first, second)) if first == second && first.len() > 1 => {
            GenePair::resolved(first, second, Direction::Unknown)
        }
        Some((first, second)) => GenePair::resolved(first, second, direction),
        None => parse(&format!("{first}-{second}"), genes),
    }
}

/// A pair whose separator is no part of any symbol.
fn parse_separated(text: &str, genes: &GeneTable) -> GenePair {
    let known_direction = text.split_once("::").or_else(|| text.split_once("--"));
    let sides = match (known_direction, text.split_once('/')) {
        (Some((first, second)), _) => list(first).zip(list(second)).map(|sides| (sides, Direction::Known)),
        (None, Some((first, second))) => {
            genes_of_side(first, genes).zip(genes_of_side(second, genes)).map(|sides| (sides, Direction::Unknown))
        }
        (None, None) => None,
    };
    let Some(((first, second), direction)) = sides else { return GenePair::unresolved(text) };
    if first.iter().chain(&second).all(|gene| genes.rank(gene) == Rank::Unknown) {
        return GenePair::unresolved(text);
    }
    GenePair::resolved(first, second, direction)
}

/// A pair separated by one of its hyphens, or a single gene.
fn parse_hyphenated(text: &str, genes: &GeneTable) -> GenePair {
    let best = best_split(text, genes);
    // A read-through gene such as `NME1-NME2` is also a pair of symbols: in this column the pair is meant.
    let pair_of_symbols = matches!(&best, Best::One(split) if split.both_approved());
    if !pair_of_symbols && genes.rank(text) == Rank::Approved {
        return GenePair::resolved(vec![text.to_owned()], Vec::new(), Direction::Unknown);
    }
    match best {
        Best::One(split) => GenePair::resolved(split.first, split.second, Direction::Known),
        Best::Several(known) => GenePair::ambiguous(known),
        Best::None => match list(text) {
            Some(single) if single.iter().any(|gene| genes.rank(gene) > Rank::Unknown) => {
                GenePair::resolved(single, Vec::new(), Direction::Unknown)
            }
            _ => GenePair::unresolved(text),
        },
    }
}

/// The genes of a `;` list; none where one of them is empty.
fn list(text: &str) -> Option<Vec<String>> {
    text.split(';').map(|gene| Some(gene.trim()).filter(|gene| !gene.is_empty()).map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests;
