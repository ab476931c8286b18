//! Sections that are tables: a line of column names, then one finding a line. Columns are found by name, in any order.

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

use super::super::sheet::{SheetLine, SheetSection};
use super::names::{label, same_name};
use super::row::TableRow;
use super::scope::{Scope, is_without_values};

/// A column of a known name.
#[derive(Debug)]
pub(in crate::sources::tso500) struct Column {
    /// The name that most versions write.
    pub(in crate::sources::tso500) name: &'static str,
    also: &'static [&'static str],
}

impl Column {
    /// A column that goes by one name.
    pub(in crate::sources::tso500) const fn named(name: &'static str) -> Self {
        Self { name, also: &[] }
    }

    /// A column that goes by other names too.
    pub(in crate::sources::tso500) const fn or(name: &'static str, also: &'static [&'static str]) -> Self {
        Self { name, also }
    }

    fn is(&self, cell: &str) -> bool {
        same_name(self.name, cell) || self.also.iter().any(|name| same_name(name, cell))
    }
}

/// The columns of a section.
#[derive(Debug)]
pub(in crate::sources::tso500) struct Layout {
    /// Columns that are read into fields.
    pub(in crate::sources::tso500) columns: &'static [&'static Column],
    /// Sets of columns of which one must be there as a whole.
    pub(in crate::sources::tso500) needs: &'static [&'static [&'static Column]],
    /// Known columns that no field holds: their values are notes.
    pub(in crate::sources::tso500) notes: &'static [Column],
    /// `gene NA` says that the gene was not assessed.
    pub(in crate::sources::tso500) gene_without_values: bool,
}

/// The line of column names of a section.
#[derive(Debug)]
pub(in crate::sources::tso500) struct Header {
    /// Cells of the line.
    pub(in crate::sources::tso500) width: usize,
    columns: Vec<(&'static str, usize)>,
    /// Names and cells of the columns that no field holds.
    pub(in crate::sources::tso500) others: Vec<(String, usize)>,
}

/// Why no row of a section can be read.
#[derive(Debug)]
struct Refusal {
    code: IssueCode,
    text: String,
}

pub(in crate::sources::tso500) const FILTER: Column = Column::or("Filter", &["Filters"]);

impl Header {
    /// The cell of a column.
    pub(in crate::sources::tso500) fn cell_of(&self, column: &Column) -> Option<usize> {
        self.columns.iter().find(|(name, _)| *name == column.name).map(|&(_, cell)| cell)
    }
}

/// Reads a table. Every line but that of the column names is a row; a row that `read` does not turn into a finding is
/// listed.
pub(in crate::sources::tso500) fn read_table<T>(
    section: &SheetSection<'_>,
    layout: &Layout,
    scope: &Scope,
    account: &mut Account,
    read: fn(&mut TableRow<'_>, &mut Account) -> Option<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    let mut header: Option<Result<Header, Refusal>> = None;
    for line in &section.lines {
        if header.is_none() && is_column_head(line, layout) {
            header = Some(read_header(line, layout, scope, account));
            continue;
        }
        let row = scope.open(line.number, account);
        if scope.list_without_values(row, line, account) {
            continue;
        }
        match header.get_or_insert_with(|| Err(refuse_headless(line.number, scope, account))) {
            Ok(header) => {
                let mut row = TableRow::new(row, line, header, scope);
                if !row.list_without_finding(layout, account) {
                    found.extend(read(&mut row, account));
                }
            }
            Err(refusal) => account.ledger.list(row, refusal.code, refusal.text.clone()),
        }
    }
    if section.lines.is_empty() {
        refuse_headless(section.line, scope, account);
    }
    found
}

/// Whether a line holds column names: one name that the section knows is enough.
pub(in crate::sources::tso500) fn is_column_head(line: &SheetLine<'_>, layout: &Layout) -> bool {
    !is_without_values(line)
        && line.cells.iter().flatten().any(|cell| known_columns(layout).any(|column| column.is(cell)))
}

fn known_columns(layout: &Layout) -> impl Iterator<Item = &Column> {
    layout.columns.iter().copied().chain([&FILTER]).chain(layout.notes)
}

fn read_header(line: &SheetLine<'_>, layout: &Layout, scope: &Scope, account: &mut Account) -> Result<Header, Refusal> {
    let cells = line.cells.as_deref().unwrap_or_default();
    if cells.len() > scope.line_cells {
        let text = format!("the line of column names has more than {} cells", scope.line_cells);
        account.issue(IssueCode::RowLong, scope.at(line.number), text.clone());
        return Err(Refusal { code: IssueCode::RowLong, text });
    }
    let mut header = Header { width: cells.len(), columns: Vec::new(), others: Vec::new() };
    let mut unknown = Vec::new();
    for (index, cell) in cells.iter().enumerate() {
        let known = layout.columns.iter().copied().chain([&FILTER]).find(|column| column.is(cell));
        match known {
            Some(column) if header.cell_of(column).is_none() => header.columns.push((column.name, index)),
            Some(column) => {
                let is_needed = layout.needs.iter().any(|set| set.iter().any(|needed| needed.name == column.name));
                let text = match is_needed {
                    true => "the column occurs twice; which of them holds is not known",
                    false => "the column occurs twice; the first one is used",
                };
                let code = IssueCode::ColumnRepeated;
                account.issue(code, scope.at(line.number).column(column.name), text);
                if is_needed {
                    return Err(Refusal { code, text: text.to_owned() });
                }
                header.others.push((label(cell), index));
            }
            None if cell.is_empty() => header.others.push((format!("column {}", index + 1), index)),
            None => {
                if !layout.notes.iter().any(|column| column.is(cell)) {
                    unknown.push(cell.as_ref());
                }
                header.others.push((label(cell), index));
            }
        }
    }
    warn_unknown(&unknown, line.number, scope, account);
    check_needs(&header, line.number, layout, scope, account)?;
    Ok(header)
}

fn warn_unknown(names: &[&str], line: u32, scope: &Scope, account: &mut Account) {
    const NAMED: usize = 20;
    let Some(first) = names.first() else { return };
    let mut text = names.iter().take(NAMED).map(|name| quote(name)).collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        text.push_str(&format!(" and {} more", names.len() - NAMED));
    }
    let place = scope.at(line).column(&label(first));
    account.issue(IssueCode::ColumnUnknown, place, format!("unknown column: {text}"));
}

fn check_needs(
    header: &Header,
    line: u32,
    layout: &Layout,
    scope: &Scope,
    account: &mut Account,
) -> Result<(), Refusal> {
    let complete = |set: &[&Column]| set.iter().all(|column| header.cell_of(column).is_some());
    if layout.needs.is_empty() || layout.needs.iter().any(|set| complete(set)) {
        return Ok(());
    }
    let code = IssueCode::ColumnMissing;
    for column in layout.needs.iter().take(1).copied().flatten() {
        if header.cell_of(column).is_none() {
            account.issue(code, scope.at(line).column(column.name), "the column is not in the section");
        }
    }
    Err(Refusal { code, text: "a column that the section needs is missing".to_owned() })
}

fn refuse_headless(line: u32, scope: &Scope, account: &mut Account) -> Refusal {
    let code = IssueCode::HeaderMissing;
    let text = "the section has no line of column names";
    account.issue(code, scope.at(line), text);
    Refusal { code, text: text.to_owned() }
}
