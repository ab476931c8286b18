//! Sections Exon-Level CNVs and Large Rearrangements: gains and losses of exons.

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

use super::super::cells::chromosome::parse_chromosome;
use super::super::cells::exons::parse_exons;
use super::super::cells::position::parse_position;
use super::super::cells::quantity::Quantity;
use super::super::wire::ExonCopyNumber;
use super::kind::required_kind;
use super::row::TableRow;
use super::table::{Column, Layout};

const GENE: Column = Column::named("Gene");
const CHROMOSOME: Column = Column::named("Chromosome");
const START: Column = Column::named("Start");
const STOP: Column = Column::or("Stop", &["End"]);
const EXONS: Column = Column::or("Affected Exon(s)", &["Affected Exon", "Affected Exons"]);
const FOLD_CHANGE: Column = Column::named("Fold Change");
const TYPE: Column = Column::or("CNV Type", &["Copy Number Variant", "Copy Number Variant Type"]);

pub(super) const LAYOUT: Layout = Layout {
    columns: &[&GENE, &CHROMOSOME, &START, &STOP, &EXONS, &FOLD_CHANGE, &TYPE],
    needs: &[&[&GENE, &CHROMOSOME, &TYPE]],
    notes: &[],
    gene_without_values: true,
};

/// Reads a row; rows without change are counted.
pub(super) fn read(row: &mut TableRow<'_>, account: &mut Account) -> Option<ExonCopyNumber> {
    let kind = required_kind(row, &TYPE, account)?;
    let gene = row.required_symbol(&GENE, account)?.to_owned();
    let chromosome = required_chromosome(row, &CHROMOSOME, account)?;
    let start = optional_position(row, &START, account);
    let stop = optional_position(row, &STOP, account);
    if let (Some(start), Some(stop)) = (start, stop)
        && start > stop
    {
        let text = format!("the change ends at {stop}, before its start at {start}");
        row.reject(&STOP, IssueCode::ValueContradictory, text, account);
        return None;
    }
    Some(ExonCopyNumber {
        gene,
        chromosome,
        start,
        stop,
        exons: parse_exons(row.cell(&EXONS)).ok().map(str::to_owned),
        fold_change: row.number(&FOLD_CHANGE, Quantity::Ratio, account),
        kind,
        reported_type: row.cell(&TYPE).to_owned(),
        extra: std::mem::take(&mut row.extra),
        row: row.id,
        line: row.number,
    })
}

/// The chromosome of a row; a row without one is rejected.
pub(super) fn required_chromosome(row: &TableRow<'_>, column: &Column, account: &mut Account) -> Option<String> {
    let cell = row.required(column, account)?;
    match parse_chromosome(cell) {
        Ok(chromosome) => Some(chromosome.to_owned()),
        Err(error) => {
            row.reject(column, IssueCode::ChromosomeInvalid, format!("{}: {error}", quote(cell)), account);
            None
        }
    }
}

fn optional_position(row: &mut TableRow<'_>, column: &Column, account: &mut Account) -> Option<u64> {
    let cell = row.text(column)?;
    match parse_position(cell) {
        Ok(position) => Some(position),
        Err(error) => row.keep_unread(column, cell, &error, account),
    }
}
