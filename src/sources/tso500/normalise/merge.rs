//! One finding per key: rows that tell the same thing become one, whatever their order.

use crate::domain::accounting::{Account, RowId};
use crate::domain::finding::{
    CopyNumber, ExonCopyNumber, Fusion, LossOfHeterozygosity, Note, SmallVariant, SpliceVariant,
};
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Location};

/// A finding that rows can tell twice.
pub(super) trait Finding: Clone + PartialEq + std::fmt::Debug {
    fn identity(&self) -> &Identity;
    fn rows(&mut self) -> &mut Vec<RowId>;
    fn notes(&mut self) -> &mut Vec<Note>;
    /// The values, for telling a reader what differs.
    fn values(&self) -> String;
    /// How many values are given.
    fn filled(&self) -> usize;
}

/// Merges findings of one key and orders them by key. Where values differ the finding with the most values stays, of equal
/// ones that whose values sort first; the others are named in a note and an issue.
pub(super) fn merge<F: Finding>(mut findings: Vec<F>, account: &mut Account) -> Vec<F> {
    findings.sort_by_cached_key(|finding| {
        (finding.identity().clone(), std::cmp::Reverse(finding.filled()), finding.values())
    });
    let mut merged: Vec<F> = Vec::with_capacity(findings.len());
    for mut finding in findings {
        let Some(first) = merged.last_mut().filter(|first| first.identity() == finding.identity()) else {
            merged.push(finding);
            continue;
        };
        let place = place_of(finding.rows(), account);
        let (kept, other) = (first.values(), finding.values());
        if kept == other {
            account.issue(IssueCode::RowRepeated, place, "the line repeats a finding");
        } else {
            account.issue(IssueCode::Conflict, place, format!("one line says {kept}, another {other}"));
            first.notes().push(Note { text: format!("Another line of the result file says: {other}") });
        }
        let mut notes = std::mem::take(finding.notes());
        notes.retain(|note| !first.notes().contains(note));
        first.notes().append(&mut notes);
        first.notes().sort_by(|a, b| a.text.cmp(&b.text));
        first.rows().append(finding.rows());
    }
    merged
}

fn place_of(rows: &[RowId], account: &Account) -> Location {
    let row = rows.first().and_then(|row| account.ledger.row(*row));
    row.map(|row| {
        let location = Location::file(&row.file).line(row.line);
        row.section.as_ref().map_or(location.clone(), |section| location.section(section))
    })
    .unwrap_or_default()
}

macro_rules! finding {
    ($type:ty, $self:ident => $values:expr) => {
        impl Finding for $type {
            fn identity(&self) -> &Identity {
                &self.identity
            }
            fn rows(&mut self) -> &mut Vec<RowId> {
                &mut self.rows
            }
            fn notes(&mut self) -> &mut Vec<Note> {
                &mut self.notes
            }
            fn filled(&self) -> usize {
                let $self = self;
                $values.iter().filter(|(_, value)| !value.is_empty()).count()
            }
            fn values(&self) -> String {
                let $self = self;
                $values
                    .iter()
                    .filter(|(_, value)| !value.is_empty())
                    .map(|(name, value)| format!("{name} {value}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            }
        }
    };
}

/// The text of an optional value, empty where there is none.
fn text<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map(T::to_string).unwrap_or_default()
}

finding!(SmallVariant, it => [
    ("at", format!("{}:{} {}>{}", it.chromosome, it.position, it.ref_allele, it.alt_allele)),
    ("gene", it.genes.iter().map(|gene| gene.symbol.as_str()).collect::<Vec<_>>().join(";")),
    ("frequency", text(&it.allele_frequency)),
    ("depth", text(&it.total_depth)),
    ("coding", text(&it.coding_hgvs)),
    ("protein", text(&it.protein_hgvs)),
    ("consequence", it.consequences.iter().map(|c| c.term.as_str()).collect::<Vec<_>>().join(";")),
    ("exon", text(&it.exon)),
]);
finding!(CopyNumber, it => [
    ("fold change", text(&it.fold_change)),
    ("copy number", text(&it.absolute_copy_number)),
    ("type", text(&it.reported_type)),
]);
finding!(LossOfHeterozygosity, it => [
    ("copy number", text(&it.absolute_copy_number)),
    ("minor copy number", text(&it.minor_copy_number)),
]);
finding!(ExonCopyNumber, it => [
    ("exons", text(&it.exons)),
    ("fold change", text(&it.fold_change)),
    ("type", text(&it.reported_type)),
]);
finding!(Fusion, it => [
    ("supporting reads", text(&it.supporting_reads)),
    ("reference reads 1", text(&it.gene_1_reference_reads)),
    ("reference reads 2", text(&it.gene_2_reference_reads)),
    ("frequency", text(&it.allele_frequency)),
]);
finding!(SpliceVariant, it => [
    ("exons", text(&it.exons)),
    ("supporting reads", text(&it.supporting_reads)),
    ("reference reads", text(&it.reference_reads)),
]);
