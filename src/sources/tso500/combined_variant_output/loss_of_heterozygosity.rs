//! Section Loss of Heterozygosity.

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;

use super::super::cells::quantity::Quantity;
use super::super::wire::LossOfHeterozygosity;
use super::row::TableRow;
use super::table::{Column, Layout};

const GENE: Column = Column::named("Gene");
const ABSOLUTE_COPY_NUMBER: Column = Column::named("Absolute Copy Number");
const MINOR_COPY_NUMBER: Column = Column::named("Minor Copy Number");

pub(super) const LAYOUT: Layout = Layout {
    columns: &[&GENE, &ABSOLUTE_COPY_NUMBER, &MINOR_COPY_NUMBER],
    needs: &[&[&GENE, &MINOR_COPY_NUMBER]],
    notes: &[],
    gene_without_values: true,
};

/// Reads a row. Heterozygosity is lost where the minor allele has no copy; rows with one or more are counted as neutral,
/// and without the number nothing can be said.
pub(super) fn read(row: &mut TableRow<'_>, account: &mut Account) -> Option<LossOfHeterozygosity> {
    let gene = row.required_symbol(&GENE, account)?.to_owned();
    let minor_copy_number = row.required_number(&MINOR_COPY_NUMBER, Quantity::Ratio, account)?;
    if minor_copy_number.to_f64() >= 1.0 {
        account.ledger.count(row.id, IssueCode::RowNeutral);
        return None;
    }
    Some(LossOfHeterozygosity {
        gene,
        absolute_copy_number: row.number(&ABSOLUTE_COPY_NUMBER, Quantity::Ratio, account),
        minor_copy_number,
        extra: std::mem::take(&mut row.extra),
        row: row.id,
        line: row.number,
    })
}
