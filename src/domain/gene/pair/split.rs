//! Choosing the hyphen that separates the two sides.

use super::super::{GeneTable, Rank};
use super::list;

/// One way to split a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) first: Vec<String>,
    pub(super) second: Vec<String>,
    score: Score,
}

/// What speaks for a split; the fields are compared in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    /// Sides with a known gene.
    known_sides: usize,
    /// Known genes of both sides.
    known_genes: usize,
    /// Genes known by their current symbol.
    approved_genes: usize,
    /// Clone names (`RP11-458D21.5`), which have no HGNC id and whose hyphen is no separator.
    clone_names: usize,
}

/// The split that the most speaks for.
#[derive(Debug)]
pub(super) enum Best {
    /// One split is better than every other.
    One(Split),
    /// Several are as good as one another: the known genes of all of them, each once.
    Several(Vec<String>),
    /// No split has a known gene.
    None,
}

impl Split {
    /// Whether every gene of both sides is a current symbol.
    pub(super) fn both_approved(&self) -> bool {
        self.score.approved_genes == self.first.len() + self.second.len()
    }
}

/// Tries every hyphen of `text`.
pub(super) fn best_split(text: &str, genes: &GeneTable) -> Best {
    let splits: Vec<Split> = text.match_indices('-').filter_map(|(at, _)| split_at(text, at, genes)).collect();
    let best = splits.iter().map(|split| split.score).max();
    let mut winners: Vec<Split> = splits.into_iter().filter(|split| Some(split.score) == best).collect();
    match winners.len() {
        0 => Best::None,
        1 => winners.pop().map_or(Best::None, Best::One),
        _ => Best::Several(known_genes(winners, genes)),
    }
}

fn split_at(text: &str, at: usize, genes: &GeneTable) -> Option<Split> {
    let (first, second) = (list(text.get(..at)?)?, list(text.get(at + 1..)?)?);
    let known = |side: &[String]| side.iter().filter(|gene| genes.rank(gene) > Rank::Unknown).count();
    let both = || first.iter().chain(&second);
    let score = Score {
        known_sides: usize::from(known(&first) > 0) + usize::from(known(&second) > 0),
        known_genes: known(&first) + known(&second),
        approved_genes: both().filter(|gene| genes.rank(gene) == Rank::Approved).count(),
        clone_names: both().filter(|gene| is_clone_name(gene)).count(),
    };
    (score.known_sides > 0).then_some(Split { first, second, score })
}

fn known_genes(splits: Vec<Split>, genes: &GeneTable) -> Vec<String> {
    let mut known = Vec::new();
    for gene in splits.into_iter().flat_map(|split| split.first.into_iter().chain(split.second)) {
        if genes.rank(&gene) > Rank::Unknown && !known.contains(&gene) {
            known.push(gene);
        }
    }
    known
}

/// Whether the text is a clone-based name of Ensembl: library, hyphen, plate, row, column, dot, number.
pub(super) fn is_clone_name(text: &str) -> bool {
    let Some((library, clone)) = text.split_once('-') else { return false };
    let Some((well, number)) = clone.split_once('.') else { return false };
    let Some((plate, column)) = well.split_once(|c: char| c.is_ascii_uppercase()) else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    !library.is_empty()
        && library.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && is_number(plate)
        && is_number(column)
        && is_number(number)
}
