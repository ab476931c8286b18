//! A multi-nucleotide variant is one event: where a VCF tells the whole, the parts that other files tell are rows of it.

use std::collections::{HashMap, HashSet};

use crate::domain::accounting::RowId;
use crate::domain::finding::{Note, SmallVariant};
use crate::domain::ids::Identity;

use super::merge::All;

/// Rows and statements of parts, by the identity of their whole.
pub(super) type Parts = HashMap<Identity, (Vec<RowId>, Vec<Note>)>;

/// Takes the parts out of `all`, where the whole is there. What a file says about a part does not hold for the whole, so it
/// becomes a note.
pub(super) fn take_parts(all: &mut All<SmallVariant>, components: &[(Identity, Identity)]) -> Parts {
    let known: HashSet<&Identity> = all.iter().map(|told| &told.finding.identity).collect();
    let wholes: HashMap<Identity, Identity> =
        components.iter().filter(|(_, whole)| known.contains(whole)).cloned().collect();
    let mut parts = Parts::new();
    let (taken, rest): (All<SmallVariant>, All<SmallVariant>) =
        std::mem::take(all).into_iter().partition(|told| wholes.contains_key(&told.finding.identity));
    *all = rest;
    for told in taken {
        let Some(whole) = wholes.get(&told.finding.identity) else { continue };
        let (rows, notes) = parts.entry(whole.clone()).or_default();
        rows.extend(&told.finding.rows);
        notes.push(Note { text: describe(&told.finding) });
    }
    parts
}

/// Gives rows and notes of the parts to their wholes.
pub(super) fn give_parts(variants: &mut [SmallVariant], mut parts: Parts) {
    for variant in variants {
        let Some((rows, notes)) = parts.remove(&variant.identity) else { continue };
        variant.rows.extend(rows);
        variant.notes.extend(notes);
        variant.notes.sort_by(|a, b| a.text.cmp(&b.text));
        variant.notes.dedup();
    }
}

fn describe(part: &SmallVariant) -> String {
    let SmallVariant { chromosome, position, ref_allele, alt_allele, .. } = part;
    let mut text = format!("Another file tells the part chr{chromosome}:{position} {ref_allele}>{alt_allele}");
    let frequency = part.allele_frequency.as_ref().map(|frequency| format!("allele frequency {frequency}"));
    let depth = part.total_depth.map(|depth| format!("depth {depth}"));
    for said in [&frequency, &depth, &part.coding_hgvs, &part.protein_hgvs].into_iter().flatten() {
        text.push_str(", ");
        text.push_str(said);
    }
    text
}
