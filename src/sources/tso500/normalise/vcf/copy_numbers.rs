//! Gains and losses of genes and exons of a VCF.

use std::collections::HashMap;

use crate::domain::accounting::Account;
use crate::domain::finding::{CopyNumber, ExonCopyNumber};
use crate::sources::tso500::normalise::copy_numbers::{copy_number, exon_change, gene_key};
use crate::sources::tso500::normalise::findings::Part;
use crate::sources::tso500::vcf::wire::{CopyNumberVcf, ExonCopyNumberVcf};
use crate::sources::tso500::wire;

use super::place;

/// The gains and losses of a file, each with the identity that a row of the CombinedVariantOutput for it has.
pub(in crate::sources::tso500::normalise) fn copy_numbers(
    content: &CopyNumberVcf,
    part: &Part<'_>,
    account: &mut Account,
) -> Vec<CopyNumber> {
    let file = &content.head.file;
    content.copy_numbers.iter().map(|row| copy_number(row, place(file, row.line), part, account)).collect()
}

/// The gains and losses of exons of a file. `known` are those of the CombinedVariantOutput: whether its start counts the base
/// before the event was never seen, so a change that ends at the same base and starts at this one or the one before is
/// the same change.
pub(in crate::sources::tso500::normalise) fn exon_changes(
    content: &ExonCopyNumberVcf,
    known: &[ExonCopyNumber],
    part: &Part<'_>,
    account: &mut Account,
) -> Vec<ExonCopyNumber> {
    let mut by_key: HashMap<Key, Vec<&ExonCopyNumber>> = HashMap::new();
    for change in known {
        by_key.entry(key(change)).or_default().push(change);
    }
    let file = &content.head.file;
    let one = |row: &wire::ExonCopyNumber| {
        let change = exon_change(row, place(file, row.line), part, account);
        let before = change.start.and_then(|start| start.checked_sub(1));
        let is_start = |known: &&&ExonCopyNumber| known.start == change.start || known.start == before;
        match by_key.get(&key(&change)).and_then(|known| known.iter().find(is_start)) {
            Some(known) => ExonCopyNumber { identity: known.identity.clone(), start: known.start, ..change },
            None => change,
        }
    };
    content.exon_copy_numbers.iter().map(one).collect()
}

/// What two changes that are the same share beside their start: sample, gene, chromosome, kind, end.
type Key = (String, String, String, String, Option<u64>);

fn key(change: &ExonCopyNumber) -> Key {
    let sample = change.specimen.sample_id.clone();
    (sample, gene_key(&change.gene).to_owned(), change.chromosome.clone(), change.kind.clone(), change.stop)
}
