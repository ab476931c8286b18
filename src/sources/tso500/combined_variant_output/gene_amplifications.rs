//! Section Gene Amplifications.

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

use super::super::cells::quantity::Quantity;
use super::super::wire::GeneAmplification;
use super::row::TableRow;
use super::table::{Column, Layout};

const GENE: Column = Column::named("Gene");
const FOLD_CHANGE: Column = Column::named("Fold Change");

pub(super) const LAYOUT: Layout =
    Layout { columns: &[&GENE, &FOLD_CHANGE], needs: &[&[&GENE, &FOLD_CHANGE]], notes: &[], gene_without_values: true };

/// Reads a row. A fold change under 1 is no amplification; without a readable one the amplification stays.
pub(super) fn read(row: &mut TableRow<'_>, account: &mut Account) -> Option<GeneAmplification> {
    let gene = row.required_symbol(&GENE, account)?.to_owned();
    if let Some(cell) = row.text(&FOLD_CHANGE).filter(|cell| cell.starts_with('-')) {
        let text = format!("{}: a ratio is not negative", quote(cell));
        row.reject(&FOLD_CHANGE, IssueCode::NumberOutOfRange, text, account);
        return None;
    }
    let fold_change = row.number(&FOLD_CHANGE, Quantity::Ratio, account);
    if let Some(ratio) = fold_change.as_ref().filter(|ratio| ratio.to_f64() < 1.0) {
        let text = format!("an amplification has a fold change of {}", quote(ratio.as_str()));
        row.reject(&FOLD_CHANGE, IssueCode::ValueContradictory, text, account);
        return None;
    }
    if row.text(&FOLD_CHANGE).is_none() {
        row.reject_remark(&FOLD_CHANGE, account);
        return None;
    }
    Some(GeneAmplification { gene, fold_change, extra: std::mem::take(&mut row.extra), row: row.id, line: row.number })
}
