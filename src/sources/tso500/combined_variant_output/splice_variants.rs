//! Section Splice Variants.

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

use super::super::cells::exons::{ExonsError, parse_exons};
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
    let gene = row.required_symbol(&GENE, account)?.to_owned();
    let exons = match parse_exons(row.cell(&EXONS)) {
        Ok(exons) => Some(exons.to_owned()),
        Err(ExonsError::Empty) => None,
        // Cells of another table, or shifted ones: what the other cells mean is not known then.
        Err(error @ ExonsError::Form) => {
            row.reject(&EXONS, IssueCode::ValueContradictory, format!("{}: {error}", quote(row.cell(&EXONS))), account);
            return None;
        }
    };
    let (breakpoint_1, breakpoint_2) = (row.breakpoint(&BREAKPOINT_1, account), row.breakpoint(&BREAKPOINT_2, account));
    let supporting_reads = row.count(&SUPPORTING_READS, account);
    if breakpoint_1.is_none() && breakpoint_2.is_none() && supporting_reads.is_none() {
        row.reject_remark(&SUPPORTING_READS, account);
        return None;
    }
    Some(SpliceVariant {
        gene,
        exons,
        breakpoint_1,
        breakpoint_2,
        supporting_reads,
        reference_reads: row.count(&REFERENCE_READS, account),
        extra: std::mem::take(&mut row.extra),
        row: row.id,
        line: row.number,
    })
}
