//! `<run>_variant_summary.tsv`: what the CombinedVariantOutput files of a run say, one line a sample.
//!
//! Two forms: that of TSOPPI 0.3.2 (six columns, rows by pair id) and that of its successor of 2026 (eleven columns, rows by
//! sample id). Nothing in it is new; it can only agree or disagree with the files it was made from.
//!
//! `NA` is written both for "nothing found" and for "not assayed": which of them a cell means follows from the nucleic acid
//! in the id of the line.

mod items;

use std::sync::Arc;

use crate::domain::accounting::{Account, RowId};
use crate::domain::decimal::Decimal;
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;
use crate::redact::quote;

use super::cells::change_kind::ChangeKind;
use super::column_table::{Cells, Refusal, read_table};
use super::text::Text;

use self::items::{ItemError, read_copy_number, read_fusion, read_gene, read_loss, read_number, read_splice};
pub(super) use self::items::{read_msi, read_tmb};

/// A variant summary as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantSummary {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// Which form it has.
    pub form: Form,
    /// Lines in file order.
    pub rows: Vec<SummaryRow>,
}

/// Form of a variant summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// TSOPPI 0.3.2.
    Tsoppi,
    /// Its successor of 2026.
    Tsoppy,
}

/// What a cell says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement<T> {
    /// The form has no such column.
    NoColumn,
    /// The line is of another nucleic acid: nothing is said.
    NotAssayed,
    /// The nucleic acid is the right one: the pipeline reports nothing.
    NothingReported,
    /// `NA` in a line whose id does not tell the nucleic acid: nothing is known.
    Ambiguous,
    /// The cell could not be read; an issue says so.
    Unreadable,
    /// A result, or several.
    Said(T),
}

impl<T> Statement<T> {
    /// The result.
    pub fn said(&self) -> Option<&T> {
        match self {
            Self::Said(result) => Some(result),
            _ => None,
        }
    }
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryRow {
    /// Pair id or sample id as written.
    pub id: String,
    /// `TMB`
    pub tmb: Statement<SummaryTmb>,
    /// `MSI`
    pub msi: Statement<SummaryMsi>,
    /// `gene_amplifications`, `Gene_amplifications_CNV`
    pub copy_numbers: Statement<Vec<SummaryCopyNumber>>,
    /// `LOH`
    pub losses: Statement<Vec<SummaryLoss>>,
    /// `splice_variants`
    pub splice_variants: Statement<Vec<SummarySplice>>,
    /// `fusions`
    pub fusions: Statement<Vec<SummaryFusion>>,
    /// `GIS`
    pub gis: Statement<Decimal>,
    /// `Tumor_fraction`
    pub tumor_fraction: Statement<Decimal>,
    /// `Ploidy`
    pub ploidy: Statement<Decimal>,
    /// `Large_rearrangements`: genes alone. The column also names genes that were not assessed, so a gene in it is no
    /// statement that something was found.
    pub large_rearrangements: Statement<Vec<String>>,
    /// Handle of the row.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// `14.9 (19)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryTmb {
    /// Mutations per megabase.
    pub total: Decimal,
    /// Variants counted.
    pub eligible_variants: Option<u64>,
}

/// `4.13 (5/121)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryMsi {
    /// Percent of usable sites.
    pub percent_unstable: Decimal,
    /// Unstable sites.
    pub unstable_sites: Option<u64>,
    /// Usable sites.
    pub usable_sites: Option<u64>,
}

/// `EGFR (1.509)`, `MDM4 (1.741, <DUP>)`, `EGFR (1.5, DUP, 5)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryCopyNumber {
    /// Gene symbol.
    pub gene: String,
    /// Fold change.
    pub fold_change: Option<Decimal>,
    /// Gain where no type is given: the column of amplifications.
    pub kind: ChangeKind,
    /// Absolute copy number (DRAGEN).
    pub absolute_copy_number: Option<Decimal>,
}

/// `BRCA1 (1, 0)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryLoss {
    /// Gene symbol.
    pub gene: String,
    /// Absolute copy number.
    pub absolute_copy_number: Option<Decimal>,
    /// Copy number of the minor allele.
    pub minor_copy_number: Option<Decimal>,
}

/// `EGFR[2-7/28] (chr7:55087058-chr7:55223522) 64/1`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummarySplice {
    /// Gene symbol.
    pub gene: String,
    /// Affected exons.
    pub exons: Option<String>,
    /// First and second breakpoint as written.
    pub breakpoints: [String; 2],
    /// Reads that support the junction.
    pub supporting_reads: Option<u64>,
    /// Reads of the reference transcript.
    pub reference_reads: Option<u64>,
}

/// `CDK4/PDE3A (chr12:1-chr12:1) 15/31604/396`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryFusion {
    /// Gene pair as written.
    pub gene_pair: String,
    /// First and second breakpoint as written.
    pub breakpoints: [String; 2],
    /// Reads that support the fusion.
    pub supporting_reads: Option<u64>,
    /// Reads of the reference transcripts over the first and second breakpoint.
    pub reference_reads: [Option<u64>; 2],
}

/// Columns of both forms.
const KNOWN: [&str; 12] = [
    "sample_id",
    "TMB",
    "MSI",
    "gene_amplifications",
    "Gene_amplifications_CNV",
    "LOH",
    "splice_variants",
    "fusions",
    "GIS",
    "Tumor_fraction",
    "Ploidy",
    "Large_rearrangements",
];

/// Reads a variant summary.
///
/// Every row is opened in `account`; a line that is in the result stays open, all others are listed. None where there is no
/// line of column names, or a column that is read stands twice; every row is then listed.
pub fn parse(text: &Text, limits: &Limits, account: &mut Account) -> Option<VariantSummary> {
    let text = text.or_latin_1(account);
    let table = read_table(&text, "sample_id", limits, account)?;
    if table.repeats(&KNOWN) {
        table.list_all(IssueCode::ColumnRepeated, account);
        return None;
    }
    let form = if table.has("Gene_amplifications_CNV") { Form::Tsoppy } else { Form::Tsoppi };
    for comment in &table.comments {
        account.ledger.count(comment.row, IssueCode::RunNote);
    }
    for (name, _) in table.others(&KNOWN) {
        let words = "the column is of no known name; nothing was taken from it";
        account.issue(IssueCode::ColumnUnknown, table.head().column(&name), words);
    }
    let mut rows = Vec::new();
    for cells in table.rows() {
        match read_row(&cells, account) {
            Ok(row) => rows.push(row),
            Err((code, place, words)) => account.reject(cells.row, code, place, words),
        }
    }
    Some(VariantSummary { file: Arc::clone(&text.file), form, rows })
}

fn read_row(cells: &Cells<'_>, account: &mut Account) -> Result<SummaryRow, Refusal> {
    cells.check()?;
    let id = cells.required("sample_id")?.to_owned();
    let acid = nucleic_acid(&id);
    let mut reader = Reader { cells: *cells, acid, account };
    let amplifications =
        if cells.has_column("Gene_amplifications_CNV") { "Gene_amplifications_CNV" } else { "gene_amplifications" };
    Ok(SummaryRow {
        tmb: reader.one("TMB", Acid::Dna, read_tmb),
        msi: reader.one("MSI", Acid::Dna, read_msi),
        copy_numbers: reader.several(amplifications, Acid::Dna, read_copy_number),
        losses: reader.several("LOH", Acid::Dna, read_loss),
        splice_variants: reader.several("splice_variants", Acid::Rna, read_splice),
        fusions: reader.several("fusions", Acid::Rna, read_fusion),
        gis: reader.one("GIS", Acid::Dna, read_number),
        tumor_fraction: reader.one("Tumor_fraction", Acid::Dna, read_number),
        ploidy: reader.one("Ploidy", Acid::Dna, read_number),
        large_rearrangements: reader.several("Large_rearrangements", Acid::Dna, read_gene),
        id,
        row: cells.row,
        line: cells.number(),
    })
}

/// What a line, or a column, is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Acid {
    Dna,
    Rna,
}

/// The nucleic acid in an id: the first part after a separator that is `D`, `C` or `R` and two digits or `XX`.
fn nucleic_acid(id: &str) -> Option<Acid> {
    id.split(['-', '_']).skip(1).find_map(|part| {
        let (acid, assay) = part.split_at_checked(1)?;
        let is_assay = assay == "XX" || (assay.len() == 2 && assay.bytes().all(|byte| byte.is_ascii_digit()));
        match acid {
            "D" | "C" if is_assay => Some(Acid::Dna),
            "R" if is_assay => Some(Acid::Rna),
            _ => None,
        }
    })
}

struct Reader<'t, 'a> {
    cells: Cells<'t>,
    acid: Option<Acid>,
    account: &'a mut Account,
}

impl<'t> Reader<'t, '_> {
    /// A cell with one result.
    fn one<T>(&mut self, name: &str, of: Acid, read: fn(&str) -> Result<(T, bool), ItemError>) -> Statement<T> {
        match self.text(name, of) {
            Ok(cell) => self.item(name, cell, read).map_or(Statement::Unreadable, Statement::Said),
            Err(nothing) => nothing,
        }
    }

    /// A cell with results joined by `|`. One that cannot be read spoils the cell: what is left would look like the whole.
    fn several<T>(
        &mut self,
        name: &str,
        of: Acid,
        read: fn(&str) -> Result<(T, bool), ItemError>,
    ) -> Statement<Vec<T>> {
        let cell = match self.text(name, of) {
            Ok(cell) => cell,
            Err(nothing) => return nothing,
        };
        let items: Vec<Option<T>> = cell.split('|').map(str::trim).map(|item| self.item(name, item, read)).collect();
        items.into_iter().collect::<Option<Vec<T>>>().map_or(Statement::Unreadable, Statement::Said)
    }

    fn text<T>(&self, name: &str, of: Acid) -> Result<&'t str, Statement<T>> {
        if !self.cells.has_column(name) {
            return Err(Statement::NoColumn);
        }
        self.cells.text(name).ok_or(match self.acid {
            None => Statement::Ambiguous,
            Some(acid) if acid == of => Statement::NothingReported,
            Some(_) => Statement::NotAssayed,
        })
    }

    fn item<T>(&mut self, name: &str, item: &str, read: fn(&str) -> Result<(T, bool), ItemError>) -> Option<T> {
        let place = self.cells.at(name);
        match read(item) {
            Ok((value, decimal_comma)) => {
                if decimal_comma {
                    self.account.issue(IssueCode::DecimalComma, place, format!("decimal comma in {}", quote(item)));
                }
                Some(value)
            }
            Err(error) => {
                self.account.issue(IssueCode::SummaryCellInvalid, place, format!("{}: {error}", quote(item)));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
