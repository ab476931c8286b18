//! The small variant table of TSOPPI: what the laboratory's curators look at, and what they decide.
//!
//! ```text
//! # [id] ...          some 87 comments, among them version string, tumour purity, region size, matched samples
//! Sample_ID ...       49 columns, found by name
//! ```
//!
//! `<id>_small_variant_table_forQC.tsv` is the table after it was edited in a spreadsheet program; where it is there, it is
//! the one that counts ([`choose`]).

mod comments;
mod frequencies;
mod row;
mod transcripts;

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::accounting::{Account, RowId};
use crate::domain::decimal::Decimal;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;

use super::column_table::read_table;
use super::text::Text;
use super::tmb_trace::Origin;
use super::tsoppi_version::TsoppiVersion;
use super::wire::{Extra, Held};

/// The 49 columns of TSOPPI 0.3.2.
pub const COLUMNS: [&str; 49] = [
    "Sample_ID",
    "Gene_symbol",
    "Ensembl_transcript_ID",
    "RefSeq_mRNA",
    "Genomic_location",
    "DNA_change",
    "cDNA_change",
    "Exon_number",
    "Protein_change_short",
    "Protein_change",
    "Change_summary",
    "Coding_status",
    "Depth_tumor_DNA",
    "AF_tumor_DNA",
    "Depth_normal_DNA",
    "AF_normal_DNA",
    "Depth_tumor_RNA",
    "AF_tumor_RNA",
    "COSMIC_ID",
    "dbSNP_rs_ID",
    "ClinVar_variation_ID",
    "Global_AF_gnomAD",
    "Global_AF_1KG",
    "NFE_AF_gnomAD",
    "Germline_population_AFs",
    "Mutation_hotspot",
    "TCGA_frequency",
    "ICGC_PCAWG_occurrence",
    "TSO500_recurrence",
    "Putative_driver",
    "Signaling_pathway",
    "Gene_predisposition",
    "Gene_CN",
    "Tier",
    "CPSR_ACMG_class",
    "CPSR_ClinVar_class",
    "TSO500_LocalApp_class",
    "Functional_domain",
    "Drugs",
    "Coding_transcript_consequences",
    "Inclusion_criteria",
    "Filters",
    "F1LCDx_targets",
    "IGV_QC",
    "Run_QC",
    "Class_judgement",
    "Class_judgement_comments",
    "Reporting_judgement",
    "Reporting_judgement_comments",
];

/// Columns without which no row can be used: the variant, and what says whether it counts.
const NEEDED: [&str; 6] =
    ["Sample_ID", "Genomic_location", "DNA_change", "TSO500_LocalApp_class", "IGV_QC", "Class_judgement"];

/// Columns beside those that decide whether a row is a finding, or where it is.
const DECISIVE: [&str; 3] = ["AF_tumor_DNA", "Tier", "Filters"];

/// Columns of free text: they can name a person.
const FREE_TEXT: [&str; 2] = ["Class_judgement_comments", "Reporting_judgement_comments"];

/// A small variant table as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmallVariantTable {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// Sample id in the file name.
    pub sample_id: Option<String>,
    /// Whether it is the table that was edited in quality control.
    pub for_qc: bool,
    /// Comment `Version string`.
    pub version: Option<Held<TsoppiVersion>>,
    /// Comment `Specified tumor purity`.
    pub tumor_purity: Option<Held<TumorPurity>>,
    /// Comment `Size of the target coding region`, megabases.
    pub coding_region_size: Option<Held<Decimal>>,
    /// Comment `ID of the matched normal DNA sample`.
    pub matched_normal: Option<Held<String>>,
    /// Comment `ID of the matched tumor RNA sample`.
    pub matched_rna: Option<Held<String>>,
    /// Rows in file order.
    pub rows: Vec<TableVariant>,
}

/// The purity that TSOPPI was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TumorPurity {
    /// Fraction of 1; none where it was not specified.
    pub value: Option<Decimal>,
    /// Whether TSOPPI used its default instead.
    pub is_default: bool,
}

/// Where the pipeline puts a variant (`TSO500_LocalApp_class`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalAppClass {
    /// `SOM`, `GL_DB`, `GL_P`
    Origin(Origin),
    /// `BL`: on the blacklist of the pipeline.
    Blacklisted,
}

/// A row as sent. Texts without value are none; lists have only parts with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableVariant {
    /// `Sample_ID`
    pub sample_id: String,
    /// `Gene_symbol`
    pub gene: Option<String>,
    /// `Ensembl_transcript_ID`, without version.
    pub ensembl_transcript: Option<String>,
    /// `RefSeq_mRNA`, without versions.
    pub refseq_transcripts: Vec<String>,
    /// Chromosome of `Genomic_location`, without `chr`.
    pub chromosome: String,
    /// 1-based position of `Genomic_location`.
    pub position: u64,
    /// Reference bases of `DNA_change`.
    pub reference: String,
    /// Alternative bases of `DNA_change`.
    pub alternative: String,
    /// `cDNA_change`, without transcript.
    pub cdna_change: Option<String>,
    /// `Exon_number` where it has a number, e.g. `exon15`.
    pub exon: Option<String>,
    /// `Protein_change_short`, one-letter.
    pub protein_short: Option<String>,
    /// `Protein_change`, three-letter without `p.`.
    pub protein_long: Option<String>,
    /// `Coding_status`
    pub coding_status: Vec<String>,
    /// `Depth_tumor_DNA`: reads over the position.
    pub depth: Option<u64>,
    /// `AF_tumor_DNA`, fraction of 1.
    pub allele_frequency: Option<Decimal>,
    /// `Depth_normal_DNA`
    pub normal_depth: Option<u64>,
    /// `AF_normal_DNA`, fraction of 1.
    pub normal_allele_frequency: Option<Decimal>,
    /// `Depth_tumor_RNA`
    pub rna_depth: Option<u64>,
    /// `AF_tumor_RNA`, fraction of 1.
    pub rna_allele_frequency: Option<Decimal>,
    /// `COSMIC_ID`
    pub cosmic: Vec<String>,
    /// `dbSNP_rs_ID`
    pub dbsnp: Vec<String>,
    /// `ClinVar_variation_ID`
    pub clinvar: Vec<String>,
    /// Population and allele frequency: `Germline_population_AFs`, and the three columns of single populations where they
    /// do not contradict it.
    pub population_frequencies: Vec<(String, Decimal)>,
    /// `Tier` (PCGR).
    pub tier: Option<String>,
    /// `CPSR_ACMG_class`
    pub acmg_class: Option<String>,
    /// `CPSR_ClinVar_class`
    pub clinvar_class: Option<String>,
    /// `TSO500_LocalApp_class`; none where it is no known one.
    pub local_app_class: Option<LocalAppClass>,
    /// `Drugs`
    pub drugs: Vec<String>,
    /// The canonical transcripts of `Coding_transcript_consequences`.
    pub canonical_transcripts: Vec<CanonicalTranscript>,
    /// `Filters`
    pub filters: Vec<String>,
    /// `IGV_QC`
    pub igv_qc: Option<String>,
    /// `Run_QC`
    pub run_qc: Option<String>,
    /// `Class_judgement`
    pub class_judgement: Option<String>,
    /// `Reporting_judgement`
    pub reporting_judgement: Option<String>,
    /// Column and text of cells that become notes: annotation of the gene, columns of no known name, values that could not
    /// be read.
    pub extra: Extra,
    /// Handle of the row.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// A transcript that the annotation calls canonical.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalTranscript {
    /// `R` RefSeq, `E` Ensembl.
    pub source: TranscriptSource,
    /// Gene symbol.
    pub gene: String,
    /// Accession with version of the protein or, without protein, of the transcript.
    pub accession: String,
    /// `p.(Arg273His)`, `c.3729dup(p.(Ter1244=))`, or nothing.
    pub change: Option<String>,
}

/// Database of a transcript; RefSeq is preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TranscriptSource {
    /// `R`
    RefSeq,
    /// `E`
    Ensembl,
}

/// Reads a small variant table.
///
/// Every row is opened in `account`. A row that is in the result stays open, and so do the comments that it holds; all
/// others are listed. None where the columns cannot be used, or one that decides what counts stands twice; every row is then
/// listed.
pub fn parse(text: &Text, limits: &Limits, account: &mut Account) -> Option<SmallVariantTable> {
    let text = text.or_latin_1(account);
    let table = read_table(&text, "Sample_ID", limits, account)?;
    let known: Vec<&str> = COLUMNS.into_iter().filter(|name| !NEEDED.contains(name)).collect();
    table.require(&known, account);
    if !table.require(&NEEDED, account) {
        table.list_all(IssueCode::ColumnMissing, account);
        return None;
    }
    // One column can say `include` and the other `exclude`.
    if table.repeats(&NEEDED) || table.repeats(&DECISIVE) {
        table.list_all(IssueCode::ColumnRepeated, account);
        return None;
    }
    let (comments, others): (Vec<_>, Vec<_>) =
        table.others(&COLUMNS).into_iter().partition(|(name, _)| name.to_ascii_lowercase().contains("comment"));
    for (name, _) in &others {
        let words = "the column is of no known name";
        account.issue(IssueCode::ColumnUnknown, table.head().column(name), words);
    }
    let (sample_id, for_qc) = name_parts(&text.file);
    let mut parsed = SmallVariantTable {
        file: Arc::clone(&text.file),
        sample_id,
        for_qc,
        version: None,
        tumor_purity: None,
        coding_region_size: None,
        matched_normal: None,
        matched_rna: None,
        rows: Vec::new(),
    };
    comments::read(&table, &mut parsed, account);
    for cells in table.rows() {
        match row::read(&cells, &others, account) {
            Ok(row) => parsed.rows.push(row),
            Err((code, place, words)) => account.reject(cells.row, code, place, words),
        }
    }
    for name in FREE_TEXT.into_iter().chain(comments.iter().map(|(name, _)| name.as_str())) {
        let filled = table.rows().filter(|cells| cells.text(name).is_some()).count();
        if filled > 0 {
            let words = format!("{filled} lines have a text here; it is not carried over");
            account.issue(IssueCode::FreeTextNotCarried, table.head().column(name), words);
        }
    }
    Some(parsed)
}

/// The sample id before `_small_variant_table`, and whether `forQC` follows it.
fn name_parts(file: &str) -> (Option<String>, bool) {
    let name = file.rsplit('/').next().unwrap_or(file);
    let lower = name.to_ascii_lowercase();
    let Some((id, rest)) = lower.split_once("_small_variant_table") else { return (None, false) };
    let id = name.get(..id.len()).filter(|id| !id.is_empty()).map(str::to_owned);
    (id, rest.contains("forqc"))
}

/// Of several tables of one sample the one edited in quality control is used; the rows of the plain one are listed with
/// `tsoppi.table-superseded`, those of a second plain one with `tso500.sample-duplicated`. Two edited ones are both used, with that issue.
pub fn choose(mut tables: Vec<SmallVariantTable>, account: &mut Account) -> Vec<SmallVariantTable> {
    tables.sort_by(|a, b| (!a.for_qc, &a.file).cmp(&(!b.for_qc, &b.file)));
    let mut used: HashMap<String, bool> = HashMap::new();
    let mut chosen = Vec::new();
    for table in tables {
        let Some(id) = table.sample_id.clone() else {
            chosen.push(table);
            continue;
        };
        match used.get(&id) {
            None => {
                used.insert(id, table.for_qc);
                chosen.push(table);
            }
            Some(&by_qc) if by_qc && !table.for_qc => {
                let code = IssueCode::TableSuperseded;
                account.ledger.list_file(&table.file, code, code.meaning());
            }
            Some(&by_qc) if by_qc => {
                // Which one holds is not known: both are used, so that what either excludes is excluded.
                let words = "another edited table of the same sample is there; both were used";
                account.issue(IssueCode::SampleDuplicated, Location::file(&table.file), words);
                chosen.push(table);
            }
            Some(_) => {
                let words = "another table of the same sample was used";
                account.issue(IssueCode::SampleDuplicated, Location::file(&table.file), words);
                account.ledger.list_file(&table.file, IssueCode::SampleDuplicated, words);
            }
        }
    }
    chosen.sort_by(|a, b| a.file.cmp(&b.file));
    chosen
}

#[cfg(test)]
pub(super) mod tests;
