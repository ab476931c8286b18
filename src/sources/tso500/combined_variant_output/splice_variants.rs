//! Section Splice Variants.

use crate::domain::accounting::Account;

use super::super::cells::exons::parse_exons;
use super::super::wire::SpliceVariant;
use super::row::TableRow;
use super::table::{Column, Layout};

const GENE: Column = Column::named("Gene");
const EXONS: Column = Column::or("Affected Exon", &["Affected Exon(s)", "Affected Exons"]);
const BREAKPOINT_1: Column = Column::named("Breakpoint 1");
const BREAKPOINT_2: Column = Column::named("Breakpoint 2");
const SUPPORTING_READS: Column = Column::or("Splice Supporting Reads", &["Supporting Reads"]);
const REFERENCE_READS: Column = Column::or("Reference Reads Transcript", &["Reference Reads"]);

pub(super) const LAYOUT: Layout = Layout {
    columns: &[&GENE, &EXONS, &BREAKPOINT_1, &BREAKPOINT_2, &SUPPORTING_READS, &REFERENCE_READS],
    needs: &[&[&GENE]],
    notes: &[],
    gene_without_values: false,
};

/// Reads a row.
pub(super) fn read(row: &mut TableRow<'_>, account: &mut Account) -> Option<SpliceVariant> {
    let gene = row.required(&GENE, account)?.to_owned();
    Some(SpliceVariant {
        gene,
        exons: parse_exons(row.cell(&EXONS)).ok().map(str::to_owned),
        breakpoint_1: row.breakpoint(&BREAKPOINT_1, account),
        breakpoint_2: row.breakpoint(&BREAKPOINT_2, account),
        supporting_reads: row.count(&SUPPORTING_READS, account),
        reference_reads: row.count(&REFERENCE_READS, account),
        extra: std::mem::take(&mut row.extra),
        row: row.id,
        line: row.number,
    })
}
