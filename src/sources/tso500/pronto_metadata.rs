//! `InPreD_PRONTO_metadata.txt` and `InPreD_PRONTO_metadata_tsoppi.txt`: what the laboratory knows about patient and sample.
//!
//! ```text
//! # ...              some 21 comments that describe the columns
//! Sample_id ...      14 to 25 columns, found by name
//! ```
//!
//! Typed by hand, cumulative, UTF-8 or ISO-8859-1. Columns of free text, and the number of the material in the pathology system,
//! are not carried over: they can lead to a person.

use std::sync::Arc;

use crate::domain::accounting::{Account, RowId};
use crate::domain::decimal::Decimal;
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;
use crate::domain::study_subject::{StudyStatement, parse_study_cell};
use crate::redact::{has_long_digit_run, quote};

use super::cells::number::{NumberError, parse_count, parse_number};
use super::column_table::{Cells, ColumnTable, Refusal, number_code, read_table};
use super::folder;
use super::text::Text;
use super::tsoppi_version::TsoppiVersion;
use super::variant_summary::{SummaryMsi, SummaryTmb, read_msi, read_tmb};

/// A metadata file as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProntoMetadata {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// Lines in file order.
    pub rows: Vec<ProntoSample>,
}

/// A line: one sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProntoSample {
    /// `Sample_id`
    pub sample_id: String,
    /// `Sequencing_run_id`, where it has the form of one.
    pub run_id: Option<String>,
    /// `Year_of_birth`
    pub year_of_birth: Option<u16>,
    /// `Year_of_diagnosis`
    pub year_of_diagnosis: Option<u16>,
    /// `Sex`
    pub sex: Option<Sex>,
    /// `Study_id`: what can be read of it.
    pub study: Vec<StudyStatement>,
    /// `Year_of_sample_collection`
    pub year_of_sample_collection: Option<u16>,
    /// `Requisition_hospital`
    pub requisition_hospital: Option<String>,
    /// `Extraction_hospital`
    pub extraction_hospital: Option<String>,
    /// `Tumor_content_pathology`, percent.
    pub tumor_content: Option<Decimal>,
    /// `TMB_inpred_in_house`: mutations per megabase by the laboratories' own method.
    pub tmb_in_house: Option<Decimal>,
    /// `TMB_TSO500`: repeats the pipeline.
    pub tmb: Option<SummaryTmb>,
    /// `MSI_TSO500`: repeats the pipeline.
    pub msi: Option<SummaryMsi>,
    /// `Version_string_TSOPPI_reported_on_mol-MDT`
    pub version: Option<TsoppiVersion>,
    /// Handle of the row.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// Sex as the laboratory writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sex {
    /// `M`
    Male,
    /// `F`
    Female,
}

impl Sex {
    /// FHIR administrative gender.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }
}

const VERSION: &str = "Version_string_TSOPPI_reported_on_mol-MDT";

/// Columns that are read.
const READ: [&str; 15] = [
    "Sample_id",
    "Sequencing_run_id",
    "Year_of_birth",
    "Year_of_diagnosis",
    "Sex",
    "Study_id",
    "Year_of_sample_collection",
    "Requisition_hospital",
    "Extraction_hospital",
    "Tumor_content_pathology",
    "TMB_inpred_in_house",
    "TMB_TSO500",
    "MSI_TSO500",
    VERSION,
    // The order to PRONTO to make a report: nothing about the sample.
    "Create_report",
];

/// Columns that repeat what the sample id says in codes, and the wet lab's batch.
const REPEATED: [&str; 4] = ["Material", "Sample_type", "Cancer_type_PCGR", "Batch"];

/// Reads a metadata file.
///
/// Every row is opened in `account`; a line that is in the result stays open, all others are listed. None where there is no
/// line of column names, or a column about the person stands twice; every row is then listed.
pub fn parse(text: &Text, limits: &Limits, account: &mut Account) -> Option<ProntoMetadata> {
    let text = text.or_latin_1(account);
    let table = read_table(&text, "Sample_id", limits, account)?;
    // One column can name a subject of the trial and the other say that the person is none.
    if table.repeats(&["Sample_id", "Year_of_birth", "Sex", "Study_id"]) {
        table.list_all(IssueCode::ColumnRepeated, account);
        return None;
    }
    for comment in &table.comments {
        account.ledger.count(comment.row, IssueCode::RunNote);
    }
    let mut rows = Vec::new();
    for cells in table.rows() {
        match read_row(&cells, account) {
            Ok(row) => rows.push(row),
            Err((code, place, words)) => account.reject(cells.row, code, place, words),
        }
    }
    warn_of_columns(&table, account);
    Some(ProntoMetadata { file: Arc::clone(&text.file), rows })
}

/// One issue for each column that is not carried over and has values.
fn warn_of_columns(table: &ColumnTable<'_>, account: &mut Account) {
    let known: Vec<&str> = READ.into_iter().chain(REPEATED).collect();
    for (name, index) in table.others(&known) {
        let is_filled = |cells: &Cells<'_>| !super::cells::is_missing(cells.cell_at(index));
        let filled = table.rows().filter(is_filled).count();
        if filled > 0 {
            let words = format!("{filled} lines have a value here; it is not carried over");
            account.issue(IssueCode::FreeTextNotCarried, table.head().column(&name), words);
        }
    }
}

fn read_row(cells: &Cells<'_>, account: &mut Account) -> Result<ProntoSample, Refusal> {
    cells.check()?;
    let sample_id = cells.required("Sample_id")?.to_owned();
    if has_long_digit_run(&sample_id) {
        let words = "the sample id has eleven or more digits in a row";
        return Err((IssueCode::SampleIdPersonal, cells.at("Sample_id"), words.to_owned()));
    }
    Ok(ProntoSample {
        sample_id,
        run_id: cells.text("Sequencing_run_id").and_then(folder::run_id),
        year_of_birth: year(cells, "Year_of_birth", account),
        year_of_diagnosis: year(cells, "Year_of_diagnosis", account),
        sex: sex(cells, account),
        study: study(cells, account),
        year_of_sample_collection: year(cells, "Year_of_sample_collection", account),
        requisition_hospital: words(cells, "Requisition_hospital", account),
        extraction_hospital: words(cells, "Extraction_hospital", account),
        tumor_content: cells.percentage("Tumor_content_pathology", account),
        tmb_in_house: number(cells, "TMB_inpred_in_house", account),
        tmb: item(cells, "TMB_TSO500", |cell| read_tmb(cell).ok(), account),
        msi: item(cells, "MSI_TSO500", |cell| read_msi(cell).ok(), account),
        version: version(cells, account),
        row: cells.row,
        line: cells.number(),
    })
}

/// A year of the last or this century.
fn year(cells: &Cells<'_>, name: &str, account: &mut Account) -> Option<u16> {
    let cell = cells.text(name)?;
    let year = parse_count(cell).and_then(|year| {
        u16::try_from(year).ok().filter(|year| (1900..=2100).contains(year)).ok_or(NumberError::OutOfRange)
    });
    match year {
        Ok(year) => Some(year),
        Err(error) => {
            account.issue(number_code(&error), cells.at(name), format!("{}: {error}", quote(cell)));
            None
        }
    }
}

/// A text that is carried over unless it can hold a national identity number.
fn words(cells: &Cells<'_>, name: &str, account: &mut Account) -> Option<String> {
    let cell = cells.text(name)?;
    if has_long_digit_run(cell) {
        let words = "the text has eleven or more digits in a row; it is not carried over";
        account.issue(IssueCode::TextPersonal, cells.at(name), words);
        return None;
    }
    Some(cell.to_owned())
}

fn sex(cells: &Cells<'_>, account: &mut Account) -> Option<Sex> {
    let cell = cells.text("Sex")?;
    match cell {
        "M" | "m" => Some(Sex::Male),
        "F" | "f" => Some(Sex::Female),
        _ => {
            account.issue(IssueCode::ValueUnknown, cells.at("Sex"), format!("{} is neither M nor F", quote(cell)));
            None
        }
    }
}

fn study(cells: &Cells<'_>, account: &mut Account) -> Vec<StudyStatement> {
    let mut statements = Vec::new();
    for statement in parse_study_cell(cells.text("Study_id").unwrap_or_default()) {
        match statement {
            Ok(statement) => statements.push(statement),
            // The text is not quoted: it can be another number of the person.
            Err(error) => account.issue(IssueCode::StudyIdInvalid, cells.at("Study_id"), error.to_string()),
        }
    }
    statements
}

fn number(cells: &Cells<'_>, name: &str, account: &mut Account) -> Option<Decimal> {
    let cell = cells.text(name)?;
    match parse_number(cell) {
        Ok(number) if !number.percent && !number.value.as_str().starts_with('-') => {
            if number.decimal_comma {
                account.issue(IssueCode::DecimalComma, cells.at(name), format!("decimal comma in {}", quote(cell)));
            }
            Some(number.value)
        }
        Ok(_) => {
            account.issue(IssueCode::NumberInvalid, cells.at(name), format!("{} is no TMB", quote(cell)));
            None
        }
        Err(error) => {
            account.issue(number_code(&error), cells.at(name), format!("{}: {error}", quote(cell)));
            None
        }
    }
}

fn item<T>(
    cells: &Cells<'_>,
    name: &str,
    read: impl Fn(&str) -> Option<(T, bool)>,
    account: &mut Account,
) -> Option<T> {
    let cell = cells.text(name)?;
    let Some((value, decimal_comma)) = read(cell) else {
        let words = format!("{} is not of the form of its column", quote(cell));
        account.issue(IssueCode::SummaryCellInvalid, cells.at(name), words);
        return None;
    };
    if decimal_comma {
        account.issue(IssueCode::DecimalComma, cells.at(name), format!("decimal comma in {}", quote(cell)));
    }
    Some(value)
}

fn version(cells: &Cells<'_>, account: &mut Account) -> Option<TsoppiVersion> {
    let cell = cells.text(VERSION)?;
    match TsoppiVersion::parse(cell) {
        Ok(version) => Some(version),
        Err(error) => {
            account.issue(IssueCode::ValueUnknown, cells.at(VERSION), format!("{}: {error}", quote(cell)));
            None
        }
    }
}

#[cfg(test)]
mod tests;
