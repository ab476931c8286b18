//! Section Small Variants: every call that passed the caller's filters, germline ones too.

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

use super::super::cells::alleles::{AllelesError, parse_allele};
use super::super::cells::consequences::parse_consequences;
use super::super::cells::is_missing;
use super::super::cells::position::parse_position;
use super::super::cells::quantity::Quantity;
use super::super::cells::symbol::parse_symbol;
use super::super::wire::SmallVariant;
use super::exon_copy_numbers::required_chromosome;
use super::row::{TableRow, number_code};
use super::table::{Column, Layout};

const GENE: Column = Column::named("Gene");
const CHROMOSOME: Column = Column::named("Chromosome");
const POSITION: Column = Column::or("Genomic Position", &["Position"]);
const REFERENCE: Column = Column::or("Reference Call", &["Reference", "Ref"]);
const ALTERNATIVE: Column = Column::or("Alternative Call", &["Alternate Call", "Alternative", "Alt"]);
const ALLELE_FREQUENCY: Column = Column::or("Allele Frequency", &["Variant Allele Frequency", "VAF"]);
const DEPTH: Column = Column::or("Depth", &["Total Depth"]);
const P_DOT: Column = Column::named("P-Dot Notation");
const C_DOT: Column = Column::named("C-Dot Notation");
const CONSEQUENCES: Column = Column::or("Consequence(s)", &["Consequence", "Consequences"]);
const EXONS: Column = Column::or("Affected Exon(s)", &["Affected Exon", "Affected Exons"]);

pub(super) const LAYOUT: Layout = Layout {
    columns: &[
        &GENE,
        &CHROMOSOME,
        &POSITION,
        &REFERENCE,
        &ALTERNATIVE,
        &ALLELE_FREQUENCY,
        &DEPTH,
        &P_DOT,
        &C_DOT,
        &CONSEQUENCES,
        &EXONS,
    ],
    needs: &[&[&CHROMOSOME, &POSITION, &REFERENCE, &ALTERNATIVE]],
    notes: &[],
    gene_without_values: false,
};

/// Reads a row; reference calls are counted.
pub(super) fn read(row: &mut TableRow<'_>, account: &mut Account) -> Option<SmallVariant> {
    if is_reference_call(row) {
        account.ledger.count(row.id, IssueCode::RowReference);
        return None;
    }
    let chromosome = required_chromosome(row, &CHROMOSOME, account)?;
    let position = required_position(row, account)?;
    let reference = required_allele(row, &REFERENCE, account)?;
    let alternative = required_allele(row, &ALTERNATIVE, account)?;
    let allele_frequency = row.number(&ALLELE_FREQUENCY, Quantity::Fraction, account);
    if allele_frequency.as_ref().is_some_and(|frequency| frequency.to_f64() == 0.0) {
        let text = "the call has an allele frequency of zero";
        row.reject(&ALLELE_FREQUENCY, IssueCode::ValueContradictory, text, account);
        return None;
    }
    let gene = gene(row, account);
    let text = |cell: Option<&str>| cell.map(str::to_owned);
    Some(SmallVariant {
        gene,
        chromosome,
        position,
        reference,
        alternative,
        allele_frequency,
        depth: row.count(&DEPTH, account),
        p_dot: text(row.text(&P_DOT)),
        c_dot: text(row.text(&C_DOT)),
        consequences: parse_consequences(row.cell(&CONSEQUENCES)).unwrap_or_default(),
        exon: row.text(&EXONS).map(str::to_owned),
        extra: std::mem::take(&mut row.extra),
        row: row.id,
        line: row.number,
    })
}

/// The gene or genes. The place identifies the variant, so that text which is no symbol becomes a note.
fn gene(row: &mut TableRow<'_>, account: &mut Account) -> Option<String> {
    let cell = row.text(&GENE)?;
    match parse_symbol(cell) {
        Ok(symbol) => Some(symbol.to_owned()),
        Err(error) => {
            account.issue(IssueCode::GeneInvalid, row.at(&GENE), format!("{}: {error}", quote(cell)));
            row.extra.push((GENE.name.to_owned(), cell.to_owned()));
            None
        }
    }
}

fn is_reference_call(row: &TableRow<'_>) -> bool {
    let (reference, alternative) = (row.cell(&REFERENCE), row.cell(&ALTERNATIVE));
    alternative == "." || (!is_missing(alternative) && alternative.eq_ignore_ascii_case(reference))
}

fn required_position(row: &TableRow<'_>, account: &mut Account) -> Option<u64> {
    let cell = row.required(&POSITION, account)?;
    match parse_position(cell) {
        Ok(position) => Some(position),
        Err(error) => {
            row.reject(&POSITION, number_code(&error), format!("{}: {error}", quote(cell)), account);
            None
        }
    }
}

fn required_allele(row: &TableRow<'_>, column: &Column, account: &mut Account) -> Option<String> {
    let cell = row.cell(column);
    match parse_allele(cell) {
        Ok(bases) => return Some(bases),
        Err(AllelesError::Empty | AllelesError::Missing) => row.reject_missing(column, account),
        Err(error) => row.reject(column, IssueCode::AlleleInvalid, format!("{}: {error}", quote(cell)), account),
    }
    None
}
