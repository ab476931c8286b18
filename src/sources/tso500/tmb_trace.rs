//! The TMB trace: which variants were germline to the pipeline's TMB rules.
//!
//! One table without sections: a line of column names, then one line per variant. LocalApp 2.2 writes 20 columns, DRAGEN
//! 2.6 writes 27; columns are found by name. It is the only file that tells the origin of a LocalApp call.

mod cells;
mod row;

use std::collections::HashSet;
use std::sync::Arc;

use self::row::Columns;
use crate::domain::accounting::{Account, RowId};
use crate::domain::decimal::Decimal;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;
use crate::redact::quote;
use crate::sources::tso500::folder;
use crate::sources::tso500::sheet::{SheetLine, read_line};
use crate::sources::tso500::text::Text;

/// A TMB trace as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TmbTrace {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// Sample id from the file name; the file itself names no sample.
    pub sample_id: Option<String>,
    /// Variants in file order.
    pub rows: Vec<TraceRow>,
}

/// A variant of the trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceRow {
    /// Chromosome without `chr`: 1 to 22, X, Y, M. GRCh37.
    pub chromosome: String,
    /// 1-based position (`Position`).
    pub position: u64,
    /// Reference bases (`RefCall`).
    pub reference: String,
    /// Alternative bases (`AltCall`).
    pub alternative: String,
    /// `VAF`, fraction of 1.
    pub allele_frequency: Option<Decimal>,
    /// `Depth`: reads over the position, of whatever allele.
    pub depth: Option<u64>,
    /// `GeneName` as written.
    pub gene: Option<String>,
    /// Origin by the germline filters; `None` where they cannot be read.
    pub origin: Option<Origin>,
    /// Row in the accounting.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// Origin of a variant by the germline filters of the TMB calculation. The database filter is looked at first, as the
/// laboratories' own tool does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `GermlineFilterDatabase`: known from population databases.
    GermlineDatabase,
    /// `GermlineFilterProxi`: its allele frequency is like that of germline variants nearby.
    GermlineProximity,
    /// Neither filter.
    Somatic,
}

impl Origin {
    /// `germline` or `somatic`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GermlineDatabase | Self::GermlineProximity => "germline",
            Self::Somatic => "somatic",
        }
    }

    /// What a germline origin rests on: `database` or `proximity`.
    pub fn method(self) -> Option<&'static str> {
        match self {
            Self::GermlineDatabase => Some("database"),
            Self::GermlineProximity => Some("proximity"),
            Self::Somatic => None,
        }
    }
}

/// Parses a TMB trace. Every row is opened in `account`; a row that is in the result stays open.
///
/// `None` where the first line is not the column names, or names neither position nor alleles; the rows are then all
/// listed.
pub fn parse(text: &Text, limits: &Limits, account: &mut Account) -> Option<TmbTrace> {
    let mut lines = text.lines().filter_map(read_line);
    let Some(head) = lines.next() else {
        account.issue(IssueCode::FileEmpty, Location::file(&text.file), "the file has only blank lines");
        return None;
    };
    if !text.ends_in_line_break() {
        let issue = "the last line does not end in a line break";
        account.issue(IssueCode::FileTruncated, Location::file(&text.file), issue);
    }
    let columns = match read_columns(&head, &text.file, limits, account) {
        Ok(columns) => columns,
        Err(code) => {
            let head_is_row = matches!(code, IssueCode::HeaderMissing);
            for line in head_is_row.then_some(head).into_iter().chain(lines) {
                let row = account.ledger.open(&text.file, None, line.number);
                account.ledger.list(row, code, code.meaning());
            }
            return None;
        }
    };
    let mut rows = Vec::new();
    for line in lines {
        let row = account.ledger.open(&text.file, None, line.number);
        match row::read(&line, &columns, row, &text.file, account) {
            Ok(variant) => rows.push(variant),
            Err((code, location, text)) => account.reject(row, code, location, text),
        }
    }
    Some(TmbTrace { file: Arc::clone(&text.file), sample_id: folder::id_in_name(&text.file), rows })
}

fn read_columns(
    head: &SheetLine<'_>,
    file: &Arc<str>,
    limits: &Limits,
    account: &mut Account,
) -> Result<Columns, IssueCode> {
    let location = Location::file(file).line(head.number);
    let names = head.cells.as_deref().unwrap_or_default();
    let find = |name: &str| names.iter().position(|head| head.eq_ignore_ascii_case(name));
    if find("Chromosome").is_none() && find("Position").is_none() {
        account.issue(IssueCode::HeaderMissing, location, "the first line is not the column names of a TMB trace");
        return Err(IssueCode::HeaderMissing);
    }
    if names.len() > limits.line_cells {
        let text = format!("the table has more than {} columns", limits.line_cells);
        account.issue(IssueCode::RowLong, location, text);
        return Err(IssueCode::RowLong);
    }
    let mut seen = HashSet::new();
    for name in names.iter().filter(|name| !seen.insert(name.to_ascii_lowercase())) {
        account.issue(IssueCode::ColumnRepeated, location.clone(), format!("column {}", quote(name)));
    }
    let is_repeated = |name: &str| names.iter().filter(|head| head.eq_ignore_ascii_case(name)).count() > 1;
    if ["Chromosome", "Position", "RefCall", "AltCall"].into_iter().any(is_repeated) {
        return Err(IssueCode::ColumnRepeated);
    }
    let mut missing = false;
    // Two columns of one name can say two things.
    let find_once = |name: &str| find(name).filter(|_| !is_repeated(name));
    let mut required = |name: &'static str| {
        find(name).unwrap_or_else(|| {
            missing = true;
            account.issue(IssueCode::ColumnMissing, location.clone().column(name), "the column is missing");
            usize::MAX
        })
    };
    let columns = Columns {
        width: names.len(),
        chromosome: required("Chromosome"),
        position: required("Position"),
        reference: required("RefCall"),
        alternative: required("AltCall"),
        allele_frequency: find("VAF"),
        depth: find("Depth"),
        gene: find("GeneName"),
        germline_filters: find_once("GermlineFilterDatabase").zip(find_once("GermlineFilterProxi")),
    };
    if missing {
        return Err(IssueCode::ColumnMissing);
    }
    if columns.germline_filters.is_none() {
        account.issue(IssueCode::OriginUnknown, location, "the germline filter columns are missing, or stand twice");
    }
    Ok(columns)
}

#[cfg(test)]
mod tests;
