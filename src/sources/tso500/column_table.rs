//! Tables of TSOPPI and PRONTO: `#` comments, one line of column names, then one row a line.
//!
//! People edit them with spreadsheet programs: lines are padded with tabs, cells wrapped in quotes, quotes doubled. Columns
//! are found by name, whatever their order and case.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::domain::accounting::{Account, RowId};
use crate::domain::decimal::Decimal;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;
use crate::redact::quote;

use super::cells::is_missing;
use super::cells::number::{Number, NumberError, parse_count};
use super::cells::quantity::{Quantity, parse_quantity};
use super::sheet::{SheetLine, read_line};
use super::text::Text;

/// A row that cannot be used: code, place and words.
pub(super) type Refusal = (IssueCode, Location, String);

/// A table cut into comments, columns and rows. Every row is open in the ledger.
#[derive(Debug)]
pub(super) struct ColumnTable<'a> {
    pub(super) file: Arc<str>,
    pub(super) comments: Vec<Comment>,
    columns: HashMap<String, usize>,
    /// Names, in lower case, that stand more than once.
    repeated: HashSet<String>,
    names: Vec<String>,
    head_line: u32,
    rows: Vec<(RowId, SheetLine<'a>)>,
}

/// A comment line.
#[derive(Debug)]
pub(super) struct Comment {
    pub(super) row: RowId,
    pub(super) line: u32,
    /// Without `#`, padding and doubled quotes.
    pub(super) text: String,
}

/// One row with its columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'t> {
    pub(super) row: RowId,
    table: &'t ColumnTable<'t>,
    line: &'t SheetLine<'t>,
}

/// Reads a table whose first column is named `first`. Comments and rows are opened in the ledger and stay open.
///
/// None where there is no line of column names, or a too wide one; every line is then listed.
pub(super) fn read_table<'a>(
    text: &'a Text,
    first: &str,
    limits: &Limits,
    account: &mut Account,
) -> Option<ColumnTable<'a>> {
    let file = &text.file;
    let mut lines = text.lines().filter_map(read_line).peekable();
    if !text.ends_in_line_break() {
        let words = "the last line does not end in a line break";
        account.issue(IssueCode::FileTruncated, Location::file(file), words);
    }
    let mut comments = Vec::new();
    while let Some(line) = lines.next_if(|line| is_comment(line) && !is_head(line, first)) {
        comments.push(comment(&line, file, account));
    }
    let (place, refusal) = match lines.peek() {
        Some(head) if !is_head(head, first) => {
            let place = Location::file(file).line(head.number);
            (place, Some((IssueCode::HeaderMissing, format!("the line of column names does not begin with {first}"))))
        }
        None => (Location::file(file), Some((IssueCode::HeaderMissing, "there is no line of column names".to_owned()))),
        Some(head) if head.cells.as_ref().is_some_and(|cells| cells.len() > limits.line_cells) => {
            let words = format!("the table has more than {} columns", limits.line_cells);
            (Location::file(file).line(head.number), Some((IssueCode::RowLong, words)))
        }
        Some(head) => (Location::file(file).line(head.number), None),
    };
    if let Some((code, words)) = refusal {
        // A line of column names is no row, even where it is too wide to be used.
        if code == IssueCode::RowLong {
            lines.next();
        }
        account.issue(code, place, words);
        let rows = comments.into_iter().map(|comment: Comment| comment.row).collect::<Vec<_>>();
        let rest: Vec<RowId> = lines.map(|line| account.ledger.open(file, None, line.number)).collect();
        rows.into_iter().chain(rest).for_each(|row| account.ledger.list(row, code, code.meaning()));
        return None;
    }
    let head = lines.next()?;
    let mut table = ColumnTable {
        file: Arc::clone(file),
        comments,
        columns: HashMap::new(),
        repeated: HashSet::new(),
        names: Vec::new(),
        head_line: head.number,
        rows: Vec::new(),
    };
    table.read_head(&head, account);
    for line in lines {
        if is_comment(&line) {
            table.comments.push(comment(&line, file, account));
        } else {
            table.rows.push((account.ledger.open(file, None, line.number), line));
        }
    }
    Some(table)
}

fn is_comment(line: &SheetLine<'_>) -> bool {
    line.cell(0).starts_with('#') || line.cell(0).starts_with("\"#")
}

fn is_head(line: &SheetLine<'_>, first: &str) -> bool {
    name_of(line.cell(0)).eq_ignore_ascii_case(first)
}

fn name_of(cell: &str) -> &str {
    cell.trim_start_matches('#').trim()
}

fn comment(line: &SheetLine<'_>, file: &Arc<str>, account: &mut Account) -> Comment {
    let cells: Vec<&str> = line.cells.iter().flatten().map(AsRef::as_ref).collect();
    let text = cells.join(" ").replace("\"\"", "\"");
    let text = text.trim_start_matches(['#', '"', ' ']).trim_end_matches([' ', '"']).to_owned();
    Comment { row: account.ledger.open(file, None, line.number), line: line.number, text }
}

impl ColumnTable<'_> {
    fn read_head(&mut self, head: &SheetLine<'_>, account: &mut Account) {
        for (index, cell) in head.cells.iter().flatten().enumerate() {
            let name = if index == 0 { name_of(cell) } else { cell.as_ref() };
            self.names.push(name.to_owned());
            match self.columns.entry(name.to_ascii_lowercase()) {
                Entry::Vacant(entry) => {
                    entry.insert(index);
                }
                Entry::Occupied(entry) => {
                    self.repeated.insert(entry.key().clone());
                    let place = Location::file(&self.file).line(self.head_line).column(name);
                    account.issue(IssueCode::ColumnRepeated, place, format!("column {}", quote(name)));
                }
            }
        }
    }

    /// The place of the line of column names.
    pub(super) fn head(&self) -> Location {
        Location::file(&self.file).line(self.head_line)
    }

    /// Whether there is a column of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.contains_key(&name.to_ascii_lowercase())
    }

    /// Raises an issue for each column of `names` that the table lacks, and says whether it has all of them.
    pub(super) fn require(&self, names: &[&str], account: &mut Account) -> bool {
        let missing: Vec<&&str> = names.iter().filter(|name| !self.has(name)).collect();
        for name in &missing {
            account.issue(IssueCode::ColumnMissing, self.head().column(name), "the column is missing");
        }
        missing.is_empty()
    }

    /// Whether one of these columns stands more than once: which of them holds is not known.
    pub(super) fn repeats(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.repeated.contains(&name.to_ascii_lowercase()))
    }

    /// Names and positions of the columns that `known` does not name; unnamed ones have their number as name.
    pub(super) fn others(&self, known: &[&str]) -> Vec<(String, usize)> {
        let known: HashSet<String> = known.iter().map(|name| name.to_ascii_lowercase()).collect();
        let other = |(index, name): (usize, &String)| {
            let is_first = self.columns.get(&name.to_ascii_lowercase()) == Some(&index);
            let name = if name.is_empty() { format!("column {}", index + 1) } else { name.clone() };
            (!(is_first && known.contains(&name.to_ascii_lowercase()))).then_some((name, index))
        };
        self.names.iter().enumerate().filter_map(other).collect()
    }

    /// Lists every row, comments too.
    pub(super) fn list_all(&self, code: IssueCode, account: &mut Account) {
        for row in self.comments.iter().map(|comment| comment.row).chain(self.rows.iter().map(|(row, _)| *row)) {
            account.ledger.list(row, code, code.meaning());
        }
    }

    /// The rows.
    pub(super) fn rows(&self) -> impl Iterator<Item = Cells<'_>> {
        self.rows.iter().map(|(row, line)| Cells { row: *row, table: self, line })
    }
}

impl<'t> Cells<'t> {
    /// Line, from 1.
    pub(super) fn number(&self) -> u32 {
        self.line.number
    }

    /// Whether the row can be read at all.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let place = Location::file(&self.table.file).line(self.line.number);
        match &self.line.cells {
            None => Err((IssueCode::FileEncodingInvalid, place, "the line is not UTF-8".to_owned())),
            Some(cells) if cells.len() > self.table.names.len() => {
                Err((IssueCode::RowLong, place, "the line has cells beyond the last column".to_owned()))
            }
            Some(_) => Ok(()),
        }
    }

    /// Whether the table has a column of this name.
    pub(super) fn has_column(&self, name: &str) -> bool {
        self.table.has(name)
    }

    /// The place of a cell.
    pub(super) fn at(&self, name: &str) -> Location {
        Location::file(&self.table.file).line(self.line.number).column(name)
    }

    /// The cell at a position of the line.
    pub(super) fn cell_at(&self, index: usize) -> &'t str {
        self.line.cell(index)
    }

    /// The cell of a column; empty where the line or the table ends before it.
    pub(super) fn cell(&self, name: &str) -> &'t str {
        self.table.columns.get(&name.to_ascii_lowercase()).map_or("", |&index| self.line.cell(index))
    }

    /// The cell of a column, if it has a value.
    pub(super) fn text(&self, name: &str) -> Option<&'t str> {
        Some(self.cell(name)).filter(|cell| !is_missing(cell))
    }

    /// The cell of a column that the row needs.
    pub(super) fn required(&self, name: &str) -> Result<&'t str, Refusal> {
        self.text(name).ok_or_else(|| {
            (IssueCode::ValueRequired, self.at(name), "a value that the row needs is missing".to_owned())
        })
    }

    /// The parts of a cell that lists several, each with a value.
    pub(super) fn parts(&self, name: &str, separators: &[char]) -> Vec<String> {
        let parts = self.text(name).unwrap_or_default().split(|character| separators.contains(&character));
        parts.map(str::trim).filter(|part| !is_missing(part)).map(str::to_owned).collect()
    }

    /// A fraction of 1. One that cannot be read is an issue.
    pub(super) fn fraction(&self, name: &str, account: &mut Account) -> Option<Decimal> {
        let cell = self.text(name)?;
        let all_digits = cell.bytes().all(|byte| byte.is_ascii_digit());
        match parse_quantity(cell, Quantity::Fraction) {
            Ok(number) => Some(self.accepted(number, name, account)),
            // `0.285` read with the point as thousands separator.
            Err(NumberError::OutOfRange) if all_digits => {
                let words = format!("{} in a column of fractions of 1", quote(cell));
                account.issue(IssueCode::NumberDamaged, self.at(name), words);
                None
            }
            Err(error) => {
                account.issue(number_code(&error), self.at(name), format!("{}: {error}", quote(cell)));
                None
            }
        }
    }

    /// A percentage, 0 to 100.
    pub(super) fn percentage(&self, name: &str, account: &mut Account) -> Option<Decimal> {
        let cell = self.text(name)?;
        match parse_quantity(cell, Quantity::Percent) {
            Ok(number) => Some(self.accepted(number, name, account)),
            Err(error) => {
                account.issue(number_code(&error), self.at(name), format!("{}: {error}", quote(cell)));
                None
            }
        }
    }

    fn accepted(&self, number: Number, name: &str, account: &mut Account) -> Decimal {
        if number.decimal_comma {
            let words = format!("decimal comma in {}", quote(self.cell(name)));
            account.issue(IssueCode::DecimalComma, self.at(name), words);
        }
        number.value
    }

    /// A count. One that cannot be read is an issue.
    pub(super) fn count(&self, name: &str, account: &mut Account) -> Option<u64> {
        let cell = self.text(name)?;
        match parse_count(cell) {
            Ok(count) => Some(count),
            Err(error) => {
                account.issue(number_code(&error), self.at(name), format!("{}: {error}", quote(cell)));
                None
            }
        }
    }
}

/// The issue of a number that cannot be read.
pub(super) fn number_code(error: &NumberError) -> IssueCode {
    match error {
        NumberError::Empty => IssueCode::ValueRequired,
        NumberError::Invalid => IssueCode::NumberInvalid,
        NumberError::Ambiguous => IssueCode::NumberAmbiguous,
        NumberError::OutOfRange => IssueCode::NumberOutOfRange,
    }
}

#[cfg(test)]
mod tests;
