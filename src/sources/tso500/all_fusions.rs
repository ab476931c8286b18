//! `AllFusions.csv`: every fusion that the RNA callers looked at, with their decision.
//!
//! LocalApp (FusionProcessor 1.0.0.407) writes 25 columns, DRAGEN (1.0.0.614) four more; columns are found by name. The file
//! has one row for each pair of breakpoints. `KeepFusion` decides: `Filter` is the caller's own word, and `PASS` in it neither
//! keeps a fusion nor is missing from every one that is kept. The CombinedVariantOutput repeats the kept ones, with the
//! de-duplicated reads: `Alt Split Dedup` + `Alt Pair Dedup`, `Ref A Dedup`, `Ref B Dedup`. Positions are 1-based on GRCh37.

use std::sync::Arc;

use crate::domain::accounting::{Account, RowId};
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;
use crate::redact::quote;

use super::cells::boolean::parse_boolean;
use super::combined_variant_output::row::TableRow;
use super::combined_variant_output::table::{Column, Layout, read_table};
use super::csv_table::{read_csv, scope};
use super::text::Text;
use super::wire::Fusion;

/// The fusions of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllFusions {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// Program and version that wrote the file.
    pub source: Option<String>,
    /// Fusions that are kept, in file order.
    pub kept: Vec<Fusion>,
    /// Fusions that are not; their rows are listed.
    pub dropped: Vec<Dropped>,
}

/// A fusion that the pipeline does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// First breakpoint as written.
    pub breakpoint_1: String,
    /// Second breakpoint as written.
    pub breakpoint_2: String,
    /// Row in the accounting.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

const CALLER: Column = Column::named("Caller");
const GENE_A: Column = Column::named("Gene A");
const GENE_B: Column = Column::named("Gene B");
const BREAKPOINT_A: Column = Column::named("Gene A Breakpoint");
const BREAKPOINT_B: Column = Column::named("Gene B Breakpoint");
const KEEP_FUSION: Column = Column::named("KeepFusion");
/// Under a name of its own: a column `Filter` would decide about the row.
const CALLER_FILTER: Column = Column::or("Filter of the caller", &["Filter"]);
const REF_A_DEDUP: Column = Column::named("Ref A Dedup");
const REF_B_DEDUP: Column = Column::named("Ref B Dedup");
const ALT_SPLIT_DEDUP: Column = Column::named("Alt Split Dedup");
const ALT_PAIR_DEDUP: Column = Column::named("Alt Pair Dedup");
const DIRECTION_KNOWN: Column = Column::named("Fusion Directionality Known");

const LAYOUT: Layout = Layout {
    columns: &[
        &CALLER,
        &GENE_A,
        &GENE_B,
        &BREAKPOINT_A,
        &BREAKPOINT_B,
        &KEEP_FUSION,
        &CALLER_FILTER,
        &REF_A_DEDUP,
        &REF_B_DEDUP,
        &ALT_SPLIT_DEDUP,
        &ALT_PAIR_DEDUP,
        &DIRECTION_KNOWN,
    ],
    needs: &[&[&GENE_A, &GENE_B, &KEEP_FUSION]],
    notes: &[
        Column::named("Score"),
        Column::named("Precise/Imprecise"),
        Column::named("Intragenic Call"),
        Column::named("Ref A Split"),
        Column::named("Ref A Pair"),
        Column::named("Ref B Split"),
        Column::named("Ref B Pair"),
        Column::named("Alt Split"),
        Column::named("Alt Pair"),
        Column::named("CandidateAlt"),
        Column::named("Contig"),
        Column::named("ContigAlign1"),
        Column::named("ContigAlign2"),
        Column::named("Gene A Location"),
        Column::named("Gene B Location"),
        Column::named("Gene A Sense"),
        Column::named("Gene B Sense"),
    ],
    gene_without_values: false,
};

/// A row that could be read.
enum Read {
    Kept(Box<Fusion>),
    Dropped(Dropped),
}

/// Reads a file. Every row is opened in `account`; the row of a kept fusion stays open.
///
/// None where the file has too many cells or no usable line of column names; its rows are then all listed.
pub fn parse(text: &Text, limits: &Limits, account: &mut Account) -> Option<AllFusions> {
    let table = read_csv(text, limits, account)?;
    let rows = read_table(&table.section, &LAYOUT, &scope(text, limits), account, read);
    let mut fusions =
        AllFusions { file: Arc::clone(&text.file), source: table.source, kept: Vec::new(), dropped: Vec::new() };
    for row in rows {
        match row {
            Read::Kept(fusion) => fusions.kept.push(*fusion),
            Read::Dropped(dropped) => fusions.dropped.push(dropped),
        }
    }
    Some(fusions)
}

fn read(row: &mut TableRow<'_>, account: &mut Account) -> Option<Read> {
    let kept = match parse_boolean(row.required(&KEEP_FUSION, account)?) {
        Ok(kept) => kept,
        Err(error) => {
            let text = format!("{}: {error}", quote(row.cell(&KEEP_FUSION)));
            row.reject(&KEEP_FUSION, IssueCode::BooleanInvalid, text, account);
            return None;
        }
    };
    if !kept {
        let filter = row.text(&CALLER_FILTER).map_or("none".to_owned(), quote);
        account.ledger.list(row.id, IssueCode::RowFiltered, format!("KeepFusion is false; filter {filter}"));
        let breakpoint = |column| row.cell(column).to_owned();
        let [breakpoint_1, breakpoint_2] = [breakpoint(&BREAKPOINT_A), breakpoint(&BREAKPOINT_B)];
        return Some(Read::Dropped(Dropped { breakpoint_1, breakpoint_2, row: row.id, line: row.number }));
    }
    Some(Read::Kept(Box::new(kept_fusion(row, account)?)))
}

fn kept_fusion(row: &mut TableRow<'_>, account: &mut Account) -> Option<Fusion> {
    // A breakpoint between genes has no gene; the fusion is that of the other side.
    let [gene_1, gene_2] = match (row.text(&GENE_A), row.text(&GENE_B)) {
        (None, None) => {
            row.reject_missing(&GENE_A, account);
            return None;
        }
        (None, Some(_)) => [None, Some(row.required_symbol(&GENE_B, account)?.to_owned())],
        (Some(_), None) => [Some(row.required_symbol(&GENE_A, account)?.to_owned()), None],
        (Some(_), Some(_)) => [
            Some(row.required_symbol(&GENE_A, account)?.to_owned()),
            Some(row.required_symbol(&GENE_B, account)?.to_owned()),
        ],
    };
    let direction_known = direction(row, account);
    let mark = if direction_known == Some(true) { "-" } else { "/" };
    let gene_pair: Vec<&str> = gene_1.iter().chain(&gene_2).map(String::as_str).collect();
    for column in [&CALLER, &CALLER_FILTER] {
        let name = if column.name == CALLER_FILTER.name { "Filter" } else { column.name };
        if let Some(cell) = row.text(column).filter(|cell| *cell != "PASS") {
            row.extra.push((name.to_owned(), cell.to_owned()));
        }
    }
    Some(Fusion {
        gene_pair: gene_pair.join(mark),
        direction_known,
        breakpoint_1: row.breakpoint(&BREAKPOINT_A, account),
        breakpoint_2: row.breakpoint(&BREAKPOINT_B, account),
        supporting_reads: supporting_reads(row, account),
        gene_1_reference_reads: row.count(&REF_A_DEDUP, account),
        gene_2_reference_reads: row.count(&REF_B_DEDUP, account),
        allele_frequency: None,
        extra: std::mem::take(&mut row.extra),
        row: row.id,
        line: row.number,
        gene_1,
        gene_2,
    })
}

/// Whether the first gene is the 5' partner. Another word than true and false is no statement.
fn direction(row: &mut TableRow<'_>, account: &mut Account) -> Option<bool> {
    let cell = row.text(&DIRECTION_KNOWN)?;
    match parse_boolean(cell) {
        Ok(known) => Some(known),
        Err(error) => {
            let text = format!("{}: {error}", quote(cell));
            account.issue(IssueCode::BooleanInvalid, row.at(&DIRECTION_KNOWN), text);
            row.extra.push((DIRECTION_KNOWN.name.to_owned(), cell.to_owned()));
            None
        }
    }
}

/// Reads that are split by the junction and pairs that span it, each molecule once. SpliceGirl counts no pairs.
fn supporting_reads(row: &mut TableRow<'_>, account: &mut Account) -> Option<u64> {
    let unread = row.extra.len();
    let counts = [row.count(&ALT_SPLIT_DEDUP, account), row.count(&ALT_PAIR_DEDUP, account)];
    // A sum of which one part cannot be read would be too small.
    if row.extra.len() > unread || counts.iter().all(Option::is_none) {
        return None;
    }
    counts.into_iter().flatten().try_fold(0_u64, u64::checked_add)
}

#[cfg(test)]
mod tests;
