//! Section DNA Fusions (ctDNA). No real file was seen: the columns of the RNA section and those of the caller's own
//! `_Fusions.csv` are both read, whichever are there.

use crate::domain::accounting::Account;

use super::super::cells::breakpoint::Breakpoint;
use super::super::cells::quantity::Quantity;
use super::super::wire::Fusion;
use super::fusions::{BREAKPOINT_1, BREAKPOINT_2, GENE_1_READS, GENE_2_READS, GENE_PAIR};
use super::row::TableRow;
use super::table::{Column, Layout};

const NAME: Column = Column::named("Name");
const GENE_1: Column = Column::named("Gene1");
const GENE_2: Column = Column::named("Gene2");
const CHROMOSOME_1: Column = Column::named("Chr1");
const POSITION_1: Column = Column::named("Pos1");
const CHROMOSOME_2: Column = Column::named("Chr2");
const POSITION_2: Column = Column::named("Pos2");
const SUPPORTING_READS: Column = Column::or("Alt_Depth", &["Fusion Supporting Reads", "Supporting Reads"]);
const ALLELE_FREQUENCY: Column = Column::or("VAF", &["Allele Frequency", "Variant Allele Frequency"]);
const DIRECTION_KNOWN: Column = Column::named("Fusion Directionality Known");

pub(in crate::sources::tso500) const LAYOUT: Layout = Layout {
    columns: &[
        &GENE_PAIR,
        &NAME,
        &GENE_1,
        &GENE_2,
        &BREAKPOINT_1,
        &BREAKPOINT_2,
        &CHROMOSOME_1,
        &POSITION_1,
        &CHROMOSOME_2,
        &POSITION_2,
        &SUPPORTING_READS,
        &GENE_1_READS,
        &GENE_2_READS,
        &ALLELE_FREQUENCY,
        &DIRECTION_KNOWN,
    ],
    needs: &[&[&GENE_PAIR], &[&GENE_1, &GENE_2], &[&NAME]],
    notes: &[
        Column::named("Sample"),
        Column::named("Direction"),
        Column::named("BP1_Depth"),
        Column::named("BP2_Depth"),
        Column::named("Total_Depth"),
        Column::named("Contig"),
        Column::named("Is_Cosmic_GenePair"),
    ],
    gene_without_values: false,
};

/// Reads a row.
pub(in crate::sources::tso500) fn read(row: &mut TableRow<'_>, account: &mut Account) -> Option<Fusion> {
    let (gene_1, gene_2) = (row.text(&GENE_1), row.text(&GENE_2));
    let direction_known = read_direction(row);
    let Some(gene_pair) = gene_pair(row, direction_known) else {
        row.reject_missing(&GENE_PAIR, account);
        return None;
    };
    Some(Fusion {
        gene_pair,
        gene_1: gene_1.map(str::to_owned),
        gene_2: gene_2.map(str::to_owned),
        direction_known,
        breakpoint_1: breakpoint(row, [&BREAKPOINT_1, &CHROMOSOME_1, &POSITION_1], account),
        breakpoint_2: breakpoint(row, [&BREAKPOINT_2, &CHROMOSOME_2, &POSITION_2], account),
        supporting_reads: row.count(&SUPPORTING_READS, account),
        gene_1_reference_reads: row.count(&GENE_1_READS, account),
        gene_2_reference_reads: row.count(&GENE_2_READS, account),
        allele_frequency: row.number(&ALLELE_FREQUENCY, Quantity::Fraction, account),
        extra: std::mem::take(&mut row.extra),
        row: row.id,
        line: row.number,
    })
}

fn gene_pair(row: &TableRow<'_>, direction_known: Option<bool>) -> Option<String> {
    if let Some(pair) = row.text(&GENE_PAIR) {
        return Some(pair.to_owned());
    }
    if let (Some(first), Some(second)) = (row.text(&GENE_1), row.text(&GENE_2)) {
        let mark = if direction_known == Some(true) { '-' } else { '/' };
        return Some(format!("{first}{mark}{second}"));
    }
    row.text(&NAME).map(str::to_owned)
}

/// A word other than yes and no is kept as a note: the direction is then not known.
fn read_direction(row: &mut TableRow<'_>) -> Option<bool> {
    let text = row.text(&DIRECTION_KNOWN)?;
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => {
            row.extra.push((DIRECTION_KNOWN.name.to_owned(), text.to_owned()));
            None
        }
    }
}

fn breakpoint(
    row: &TableRow<'_>,
    [whole, chromosome, position]: [&Column; 3],
    account: &mut Account,
) -> Option<Breakpoint> {
    if row.text(whole).is_some() {
        return row.breakpoint(whole, account);
    }
    match (row.text(chromosome), row.text(position)) {
        (None, None) => None,
        (name, place) => {
            let text = format!("{}:{}", name.unwrap_or_default(), place.unwrap_or_default());
            Some(row.locate(whole, text, account))
        }
    }
}
