//! The tables: metrics and analysis status.

use std::collections::{HashMap, HashSet};

use super::Place;
use crate::domain::accounting::{Account, RowId};
use crate::domain::issue::IssueCode;
use crate::redact::quote;
use crate::sources::tso500::cells::is_missing;
use crate::sources::tso500::cells::number::parse_number;
use crate::sources::tso500::metrics_output::{Category, Metric, MetricsOutput, Reading, StatusRow};
use crate::sources::tso500::sheet::{SheetLine, SheetSection};

/// What the tables of a file share: the samples seen so far.
pub(super) struct Tables {
    line_cells: usize,
    samples: HashMap<String, usize>,
}

/// What a column of a table holds.
#[derive(Clone, Copy)]
enum Column {
    Name,
    Lower,
    Upper,
    /// A sample by its index; the value of the run stands at index 0.
    Value(usize),
    /// Not used: its head is a repetition.
    Repeated,
}

impl Tables {
    pub(super) fn new(line_cells: usize) -> Self {
        Self { line_cells, samples: HashMap::new() }
    }

    pub(super) fn read_status(
        &mut self,
        section: &SheetSection<'_>,
        place: Place<'_>,
        output: &mut MetricsOutput,
        account: &mut Account,
    ) {
        let columns = self.read_columns(section, None, place, &mut output.samples, account);
        for (line, row) in open_rows(section, columns.as_deref(), place, account) {
            let mut values = Vec::new();
            for (column, cell) in columns.iter().flatten().zip(line.cells.iter().flatten()) {
                if let Column::Value(sample) = column
                    && !is_missing(cell)
                {
                    values.push((*sample, cell.clone().into_owned()));
                }
            }
            values.sort_by_key(|(sample, _)| *sample);
            output.status.push(StatusRow { name: line.cell(0).to_owned(), row, line: line.number, values });
        }
    }

    pub(super) fn read_metrics(
        &mut self,
        section: &SheetSection<'_>,
        category: Category,
        place: Place<'_>,
        output: &mut MetricsOutput,
        account: &mut Account,
    ) {
        let columns = self.read_columns(section, Some(category), place, &mut output.samples, account);
        for (line, row) in open_rows(section, columns.as_deref(), place, account) {
            let columns = columns.as_deref().unwrap_or_default();
            output.metrics.push(read_metric(line, row, category, columns, place, account));
        }
    }

    /// The columns; `None` where the section has no line of column names that can be used.
    fn read_columns(
        &mut self,
        section: &SheetSection<'_>,
        category: Option<Category>,
        place: Place<'_>,
        samples: &mut Vec<String>,
        account: &mut Account,
    ) -> Option<Vec<Column>> {
        if !super::has_column_heads(section) {
            if section.lines.iter().any(|line| !line.is_bare_na()) {
                let text = "the section does not begin with a line of column names";
                account.issue(IssueCode::HeaderMissing, place.location(section.line), text);
            }
            return None;
        }
        let line = section.lines.first()?;
        let heads = line.cells.as_deref().unwrap_or_default();
        if heads.len() > self.line_cells {
            let text = format!("the table has more than {} columns", self.line_cells);
            account.issue(IssueCode::RowLong, place.location(line.number), text);
            return None;
        }
        let mut seen = HashSet::new();
        let mut columns = Vec::with_capacity(heads.len());
        for (index, head) in heads.iter().enumerate() {
            columns.push(if index == 0 {
                Column::Name
            } else if !seen.insert(head.as_ref()) {
                let text = format!("column {}", quote(head));
                account.issue(IssueCode::ColumnRepeated, place.location(line.number), text);
                Column::Repeated
            } else if category.is_some() && head.eq_ignore_ascii_case("LSL Guideline") {
                Column::Lower
            } else if category.is_some() && head.eq_ignore_ascii_case("USL Guideline") {
                Column::Upper
            } else if category == Some(Category::Run) {
                Column::Value(columns.iter().filter(|column| matches!(column, Column::Value(_))).count())
            } else {
                Column::Value(self.sample_index(head, samples))
            });
        }
        Some(columns)
    }

    fn sample_index(&mut self, head: &str, samples: &mut Vec<String>) -> usize {
        if let Some(&index) = self.samples.get(head) {
            return index;
        }
        let index = samples.len();
        samples.push(head.to_owned());
        self.samples.insert(head.to_owned(), index);
        index
    }
}

/// Opens the rows under the column heads, and gives those that can be read.
fn open_rows<'a, 'b>(
    section: &'a SheetSection<'b>,
    columns: Option<&[Column]>,
    place: Place<'_>,
    account: &mut Account,
) -> Vec<(&'a SheetLine<'b>, RowId)> {
    let mut rows = Vec::new();
    let mut names = HashSet::new();
    for line in section.lines.iter().skip(usize::from(super::has_column_heads(section))) {
        let Some(row) = place.open(line, account) else { continue };
        let width = line.cells.as_ref().map_or(0, Vec::len);
        let location = place.location(line.number);
        let Some(columns) = columns else {
            let code = if line.is_bare_na() { IssueCode::ValueMissing } else { IssueCode::HeaderMissing };
            account.ledger.list(row, code, code.meaning());
            continue;
        };
        if line.is_bare_na() {
            account.ledger.list(row, IssueCode::ValueMissing, IssueCode::ValueMissing.meaning());
        } else if line.cell(0).is_empty() {
            account.reject(row, IssueCode::ValueRequired, location, "the line has no name");
        } else if width > columns.len() {
            account.reject(row, IssueCode::RowLong, location, "the line has cells beyond the last column");
        } else if !names.insert(line.cell(0)) {
            account.reject(row, IssueCode::KeyRepeated, location, format!("line {}", quote(line.cell(0))));
        } else {
            if width < columns.len() {
                // The pipelines write `NA` where there is no value: the line was cut or edited.
                let text = format!("the line has {width} of {} cells", columns.len());
                account.issue(IssueCode::RowShort, location, text);
            }
            rows.push((line, row));
        }
    }
    rows
}

fn read_metric(
    line: &SheetLine<'_>,
    row: RowId,
    category: Category,
    columns: &[Column],
    place: Place<'_>,
    account: &mut Account,
) -> Metric {
    let (name, unit) = split_unit(line.cell(0));
    let mut metric = Metric {
        section: place.section.clone(),
        category,
        name: name.to_owned(),
        unit: unit.map(str::to_owned),
        lower: Reading::Missing,
        upper: Reading::Missing,
        row,
        line: line.number,
        values: Vec::new(),
    };
    let mut any_comma = false;
    for (column, cell) in columns.iter().zip(line.cells.iter().flatten()) {
        if matches!(column, Column::Name | Column::Repeated) {
            continue;
        }
        let (reading, decimal_comma) = read_cell(cell, unit);
        any_comma |= decimal_comma;
        match column {
            Column::Lower => metric.lower = reading,
            Column::Upper => metric.upper = reading,
            Column::Value(sample) if reading != Reading::Missing => metric.values.push((*sample, reading)),
            Column::Name | Column::Value(_) | Column::Repeated => {}
        }
    }
    metric.values.sort_by_key(|(sample, _)| *sample);
    if any_comma {
        account.issue(IssueCode::DecimalComma, place.location(line.number), "decimal comma");
    }
    metric
}

/// `PCT_EXON_50X (%)` -> name and unit; `(NA)` is no unit.
fn split_unit(cell: &str) -> (&str, Option<&str>) {
    match cell.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
        Some((name, unit)) => (name.trim_end(), Some(unit).filter(|unit| !is_missing(unit))),
        None => (cell, None),
    }
}

fn read_cell(cell: &str, unit: Option<&str>) -> (Reading, bool) {
    if is_missing(cell) {
        return (Reading::Missing, false);
    }
    match parse_number(cell) {
        // A percent sign on a metric of another unit would change the number's size.
        Ok(number) if !number.percent || unit == Some("%") => (Reading::Number(number.value), number.decimal_comma),
        _ => (Reading::Text(cell.to_owned()), false),
    }
}
