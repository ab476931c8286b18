//! One side of a pair of unknown direction.

use super::super::{GeneTable, Rank};
use super::list;
use super::split::{Best, best_split, is_clone_name};

/// The genes of a side; none where one of them is empty.
///
/// DRAGEN 2.1.1 writes `PPARG/AC016683.6-PAX8` where LocalApp writes `PPARG/AC016683.6;PAX8`, so a hyphen inside a side
/// separates two genes of one breakpoint, where at least one of them is known and the whole is no symbol.
pub(super) fn genes_of_side(side: &str, genes: &GeneTable) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for gene in list(side)? {
        split_list(gene, genes, &mut found);
    }
    Some(found)
}

fn split_list(text: String, genes: &GeneTable, found: &mut Vec<String>) {
    if genes.rank(&text) > Rank::Unknown || is_clone_name(&text) {
        found.push(text);
        return;
    }
    // Two equally good splits leave the text whole: neither is taken.
    let Best::One(split) = best_split(&text, genes) else {
        found.push(text);
        return;
    };
    for part in split.first.into_iter().chain(split.second) {
        split_list(part, genes, found);
    }
}
