//! Fusions from the callers' own tables: `AllFusions.csv` (RNA) and `Fusions.csv` (cell-free DNA).
//!
//! `AllFusions.csv` names each side of a fusion in a column of its own, so its partners, direction, breakpoints and reads come
//! before those of the CombinedVariantOutput (rank `Preferred`); [`align`] first gives both the same identity.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::finding::{Fusion, Note};
use crate::domain::issue::{IssueCode, Location};

use super::super::all_fusions::AllFusions;
use super::super::dna_fusions_table::DnaFusionsTable;
use super::copy_numbers::gene_key;
use super::findings::Part;
use super::rearrangements;

/// The fusions of `AllFusions.csv` that the pipeline keeps.
pub(super) fn rna_fusions(content: &AllFusions, part: &Part<'_>, account: &mut Account) -> Vec<Fusion> {
    rearrangements::fusions(&content.kept, "", part, account)
}

/// The fusions of `Fusions.csv` that passed.
pub(super) fn dna_fusions(content: &DnaFusionsTable, part: &Part<'_>, account: &mut Account) -> Vec<Fusion> {
    rearrangements::fusions(&content.fusions, "", part, account)
}

/// Gives a fusion of a table the identity of the one in the CombinedVariantOutput with the same breakpoints and genes, where
/// that file joins the genes in another way: LocalApp writes `PPARG/AC016683.6;PAX8` for a fusion whose direction its table
/// knows. Files that differ about the direction are a conflict.
pub(super) fn align(of_table: &mut [Fusion], of_result: &[Fusion], account: &mut Account) {
    let identities: HashSet<_> = of_result.iter().map(|fusion| &fusion.identity).collect();
    let mut by_place: HashMap<_, Vec<&Fusion>> = HashMap::new();
    for fusion in of_result {
        if let Some(place) = place_of(fusion) {
            by_place.entry(place).or_default().push(fusion);
        }
    }
    for fusion in of_table {
        if identities.contains(&fusion.identity) {
            continue;
        }
        let there = place_of(fusion).and_then(|place| by_place.get(&place)).map(Vec::as_slice).unwrap_or_default();
        let mut same = there.iter().filter(|other| genes_of(other) == genes_of(fusion));
        let (Some(other), None) = (same.next(), same.next()) else { continue };
        if other.direction_known != fusion.direction_known {
            let words = |known: bool| if known { "knows" } else { "does not know" };
            let text = format!(
                "the CombinedVariantOutput {} the direction of the fusion, this file {} it",
                words(other.direction_known),
                words(fusion.direction_known)
            );
            account.issue(IssueCode::Conflict, location_of(fusion, account), text.clone());
            fusion.notes.push(Note { text: format!("The files differ: {text}") });
        } else if fusion.direction_known && fusion.designation != other.designation {
            contradict(fusion, other, account);
        }
        fusion.identity = other.identity.clone();
    }
}

/// Both files know the direction, and each another one: neither is claimed.
fn contradict(fusion: &mut Fusion, other: &Fusion, account: &mut Account) {
    let name = |fusion: &Fusion| fusion.designation.clone().unwrap_or_default();
    let text = format!("{} in the CombinedVariantOutput, {} in this file", name(other), name(fusion));
    account.issue(IssueCode::Conflict, location_of(fusion, account), format!("the direction is {text}"));
    fusion.notes.push(Note { text: format!("The files differ about the direction: {text}") });
    fusion.direction_known = false;
    fusion.designation = None;
    fusion.five_prime_genes.clear();
    fusion.three_prime_genes.clear();
}

/// Says of a fusion of the CombinedVariantOutput that `AllFusions.csv` does not keep it. It stays a finding.
pub(super) fn warn_dropped(content: &AllFusions, of_result: &mut [Fusion], account: &mut Account) {
    let kept: HashSet<_> = content.kept.iter().map(|row| (text(&row.breakpoint_1), text(&row.breakpoint_2))).collect();
    let dropped: HashMap<_, _> =
        content.dropped.iter().map(|row| ((row.breakpoint_1.as_str(), row.breakpoint_2.as_str()), row.line)).collect();
    for fusion in of_result {
        let (Some(first), Some(second)) = (&fusion.breakpoint_1, &fusion.breakpoint_2) else { continue };
        let place = (first.as_str(), second.as_str());
        let Some(line) = dropped.get(&place).filter(|_| !kept.contains(&place)) else { continue };
        let words = "the CombinedVariantOutput reports a fusion that KeepFusion drops";
        account.issue(IssueCode::Conflict, Location::file(&content.file).line(*line).column("KeepFusion"), words);
        let name = content.file.rsplit('/').next().unwrap_or(&content.file);
        fusion.notes.push(Note { text: format!("{name}: KeepFusion is false for these breakpoints") });
    }
}

fn text(breakpoint: &Option<super::super::cells::breakpoint::Breakpoint>) -> &str {
    breakpoint.as_ref().map_or("", |breakpoint| breakpoint.text.as_str())
}

/// Sample and both breakpoints, in whatever order a file gives them.
fn place_of(fusion: &Fusion) -> Option<[String; 3]> {
    let mut breakpoints = [fusion.breakpoint_1.clone()?, fusion.breakpoint_2.clone()?];
    breakpoints.sort_unstable();
    let [first, second] = breakpoints;
    Some([fusion.specimen.sample_id.clone(), first, second])
}

fn genes_of(fusion: &Fusion) -> HashSet<&str> {
    fusion.genes.iter().map(gene_key).collect()
}

fn location_of(fusion: &Fusion, account: &Account) -> Location {
    let row = fusion.rows.first().and_then(|row| account.ledger.row(*row));
    row.map(|row| Location::file(&Arc::clone(&row.file)).line(row.line)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
