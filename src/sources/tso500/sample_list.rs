//! `sample_list.tsv`: which samples belong to one patient.
//!
//! A table without sections. The line of column names begins with `sample_type`, usually behind a `#`; other lines that
//! begin with `#` are comments. The order of the lines says nothing.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::accounting::{Account, RowId};
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;
use crate::redact::quote;
use crate::sources::tso500::cells::is_missing;
use crate::sources::tso500::folder;
use crate::sources::tso500::sheet::{SheetLine, read_line};
use crate::sources::tso500::text::Text;

/// A sample list as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleList {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// Samples in file order.
    pub samples: Vec<ListedSample>,
}

/// A sample of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSample {
    /// `sample_type`.
    pub sample_type: SampleType,
    /// `sample_ID`.
    pub sample_id: String,
    /// `sample_pair_ID`.
    pub pair_id: Option<String>,
    /// `sample_output_ID`.
    pub output_id: Option<String>,
    /// Sequencing run id in `sample_host_system_run_directory`; the path itself is not kept.
    pub run_id: Option<String>,
    /// Row in the accounting.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// What a sample is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SampleType {
    /// `DNA_tumor`
    DnaTumor,
    /// `DNA_normal`
    DnaNormal,
    /// `RNA_tumor`
    RnaTumor,
    /// Another type, as written.
    Other(String),
}

impl SampleType {
    fn read(cell: &str) -> Self {
        match cell.to_ascii_lowercase().as_str() {
            "dna_tumor" => Self::DnaTumor,
            "dna_normal" => Self::DnaNormal,
            "rna_tumor" => Self::RnaTumor,
            _ => Self::Other(cell.to_owned()),
        }
    }
}

/// Parses a sample list. Every row is opened in `account`; a row that is in the result stays open, a comment is listed.
///
/// `None` where there is no usable line of column names; the rows are then all listed.
pub fn parse(text: &Text, limits: &Limits, account: &mut Account) -> Option<SampleList> {
    let file = &text.file;
    let lines: Vec<SheetLine<'_>> = text.lines().filter_map(read_line).collect();
    if !text.ends_in_line_break() {
        let issue = "the last line does not end in a line break";
        account.issue(IssueCode::FileTruncated, Location::file(file), issue);
    }
    let head = lines.iter().position(is_head);
    let columns = match head.and_then(|index| lines.get(index)) {
        Some(head) => Columns::read(head, file, limits, account),
        None => {
            let issue = "no line of column names begins with `sample_type`";
            account.issue(IssueCode::HeaderMissing, Location::file(file).line(1), issue);
            Err(IssueCode::HeaderMissing)
        }
    };
    let mut samples = Vec::new();
    for (index, line) in lines.iter().enumerate().filter(|(index, _)| Some(*index) != head) {
        let row = account.ledger.open(file, None, line.number);
        let code = match &columns {
            Err(code) => *code,
            Ok(_) if line.cell(0).starts_with('#') => IssueCode::RunNote,
            Ok(_) if head.is_some_and(|head| index < head) => IssueCode::HeaderMissing,
            Ok(columns) => {
                match columns.read_sample(line, row, file) {
                    Ok(sample) => samples.push(sample),
                    Err((code, location, text)) => account.reject(row, code, location, text),
                }
                continue;
            }
        };
        account.ledger.list(row, code, code.meaning());
    }
    columns.is_ok().then(|| SampleList { file: Arc::clone(file), samples })
}

fn is_head(line: &SheetLine<'_>) -> bool {
    head_name(line.cell(0)).eq_ignore_ascii_case("sample_type")
}

fn head_name(cell: &str) -> &str {
    cell.trim_start_matches('#').trim_start()
}

/// Where the columns stand.
struct Columns {
    width: usize,
    sample_id: usize,
    pair_id: Option<usize>,
    output_id: Option<usize>,
    run_directory: Option<usize>,
}

type Refusal = (IssueCode, Location, String);

impl Columns {
    fn read(head: &SheetLine<'_>, file: &Arc<str>, limits: &Limits, account: &mut Account) -> Result<Self, IssueCode> {
        let location = Location::file(file).line(head.number);
        let names = head.cells.as_deref().unwrap_or_default();
        if names.len() > limits.line_cells {
            let text = format!("the table has more than {} columns", limits.line_cells);
            account.issue(IssueCode::RowLong, location, text);
            return Err(IssueCode::RowLong);
        }
        let mut seen = HashSet::new();
        for name in names.iter().filter(|name| !seen.insert(name.to_ascii_lowercase())) {
            account.issue(IssueCode::ColumnRepeated, location.clone(), format!("column {}", quote(name)));
        }
        let find = |name: &str| names.iter().position(|head| head.eq_ignore_ascii_case(name));
        let Some(sample_id) = find("sample_ID") else {
            account.issue(IssueCode::ColumnMissing, location.column("sample_ID"), "the column is missing");
            return Err(IssueCode::ColumnMissing);
        };
        Ok(Self {
            width: names.len(),
            sample_id,
            pair_id: find("sample_pair_ID"),
            output_id: find("sample_output_ID"),
            run_directory: find("sample_host_system_run_directory"),
        })
    }

    fn read_sample(&self, line: &SheetLine<'_>, row: RowId, file: &Arc<str>) -> Result<ListedSample, Refusal> {
        let place = Location::file(file).line(line.number);
        let Some(cells) = line.cells.as_deref() else {
            return Err((IssueCode::FileEncodingInvalid, place, "the line is not UTF-8".to_owned()));
        };
        if cells.len() > self.width {
            return Err((IssueCode::RowLong, place, "the line has cells beyond the last column".to_owned()));
        }
        let required = |index: usize, name: &str| match line.cell(index) {
            cell if !is_missing(cell) => Ok(cell),
            _ if index >= cells.len() => {
                Err((IssueCode::RowShort, place.clone().column(name), "the line ends before this column".to_owned()))
            }
            _ => Err((IssueCode::ValueRequired, place.clone().column(name), "the value is missing".to_owned())),
        };
        let optional = |index: Option<usize>| index.map(|index| line.cell(index)).filter(|cell| !is_missing(cell));
        Ok(ListedSample {
            sample_type: SampleType::read(required(0, "sample_type")?),
            sample_id: required(self.sample_id, "sample_ID")?.to_owned(),
            pair_id: optional(self.pair_id).map(str::to_owned),
            output_id: optional(self.output_id).map(str::to_owned),
            run_id: optional(self.run_directory).and_then(|path| path.rsplit(['/', '\\']).find_map(folder::run_id)),
            row,
            line: line.number,
        })
    }
}

#[cfg(test)]
mod tests;
