//! Section Fusions (RNA).

use crate::domain::accounting::Account;

use super::super::wire::Fusion;
use super::row::TableRow;
use super::table::{Column, Layout};

pub(super) const GENE_PAIR: Column = Column::named("Gene Pair");
pub(super) const BREAKPOINT_1: Column = Column::named("Breakpoint 1");
pub(super) const BREAKPOINT_2: Column = Column::named("Breakpoint 2");
const SUPPORTING_READS: Column = Column::or("Fusion Supporting Reads", &["Supporting Reads"]);
pub(super) const GENE_1_READS: Column = Column::named("Gene 1 Reference Reads");
pub(super) const GENE_2_READS: Column = Column::named("Gene 2 Reference Reads");

pub(super) const LAYOUT: Layout = Layout {
    columns: &[&GENE_PAIR, &BREAKPOINT_1, &BREAKPOINT_2, &SUPPORTING_READS, &GENE_1_READS, &GENE_2_READS],
    needs: &[&[&GENE_PAIR]],
    notes: &[],
    gene_without_values: false,
};

/// Reads a row.
pub(super) fn read(row: &mut TableRow<'_>, account: &mut Account) -> Option<Fusion> {
    let gene_pair = row.required_symbol(&GENE_PAIR, account)?.to_owned();
    let (breakpoint_1, breakpoint_2) = (row.breakpoint(&BREAKPOINT_1, account), row.breakpoint(&BREAKPOINT_2, account));
    let supporting_reads = row.count(&SUPPORTING_READS, account);
    if breakpoint_1.is_none() && breakpoint_2.is_none() && supporting_reads.is_none() {
        row.reject_remark(&SUPPORTING_READS, account);
        return None;
    }
    Some(Fusion {
        gene_pair,
        gene_1: None,
        gene_2: None,
        direction_known: None,
        breakpoint_1,
        breakpoint_2,
        supporting_reads,
        gene_1_reference_reads: row.count(&GENE_1_READS, account),
        gene_2_reference_reads: row.count(&GENE_2_READS, account),
        allele_frequency: None,
        extra: std::mem::take(&mut row.extra),
        row: row.id,
        line: row.number,
    })
}
