//! Section Copy Number Variants.

use crate::domain::accounting::Account;

use super::super::cells::quantity::Quantity;
use super::super::wire::CopyNumberVariant;
use super::kind::required_kind;
use super::row::TableRow;
use super::table::{Column, Layout};

const GENE: Column = Column::named("Gene");
const FOLD_CHANGE: Column = Column::named("Fold Change");
const TYPE: Column = Column::or("Copy Number Variant", &["CNV Type", "Copy Number Variant Type"]);
const ABSOLUTE_COPY_NUMBER: Column = Column::named("Absolute Copy Number");

pub(super) const LAYOUT: Layout = Layout {
    columns: &[&GENE, &FOLD_CHANGE, &TYPE, &ABSOLUTE_COPY_NUMBER],
    needs: &[&[&GENE, &TYPE]],
    notes: &[],
    gene_without_values: true,
};

/// Reads a row; rows without change are counted.
pub(super) fn read(row: &mut TableRow<'_>, account: &mut Account) -> Option<CopyNumberVariant> {
    let kind = required_kind(row, &TYPE, account)?;
    let gene = row.required_symbol(&GENE, account)?.to_owned();
    Some(CopyNumberVariant {
        gene,
        fold_change: row.number(&FOLD_CHANGE, Quantity::Ratio, account),
        kind,
        reported_type: row.cell(&TYPE).to_owned(),
        absolute_copy_number: row.number(&ABSOLUTE_COPY_NUMBER, Quantity::Ratio, account),
        extra: std::mem::take(&mut row.extra),
        row: row.id,
        line: row.number,
    })
}
