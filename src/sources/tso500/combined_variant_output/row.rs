//! A row of a table, read column by column.

use std::borrow::Cow;

use crate::domain::accounting::{Account, RowId};
use crate::domain::decimal::Decimal;
use crate::domain::issue::{IssueCode, Location};
use crate::redact::quote;

use super::super::cells::breakpoint::{Breakpoint, parse_locus};
use super::super::cells::is_missing;
use super::super::cells::number::{NumberError, parse_count};
use super::super::cells::quantity::{Quantity, parse_quantity};
use super::super::cells::symbol::parse_symbol;
use super::super::sheet::SheetLine;
use super::super::wire::Extra;
use super::scope::Scope;
use super::table::{Column, FILTER, Header, Layout};

/// A row of a table.
#[derive(Debug)]
pub(in crate::sources::tso500) struct TableRow<'a> {
    /// Handle in the ledger.
    pub(in crate::sources::tso500) id: RowId,
    /// Line, from 1.
    pub(in crate::sources::tso500) number: u32,
    /// Cells that no field holds, so far.
    pub(in crate::sources::tso500) extra: Extra,
    line: &'a SheetLine<'a>,
    header: &'a Header,
    scope: &'a Scope,
}

impl<'a> TableRow<'a> {
    pub(in crate::sources::tso500) fn new(
        id: RowId,
        line: &'a SheetLine<'a>,
        header: &'a Header,
        scope: &'a Scope,
    ) -> Self {
        let extra = header
            .others
            .iter()
            .filter(|&&(_, index)| !is_missing(line.cell(index)))
            .map(|(name, index)| (name.clone(), line.cell(*index).to_owned()))
            .collect();
        Self { id, number: line.number, extra, line, header, scope }
    }

    /// Lists a row that is too long, or tells no finding whatever the section: a gene without values, a filtered call.
    /// Says whether it did.
    pub(in crate::sources::tso500) fn list_without_finding(&self, layout: &Layout, account: &mut Account) -> bool {
        let cells = self.line.cells.as_deref().unwrap_or_default();
        if cells.len() > self.scope.line_cells {
            let text = format!("the line has more than {} cells", self.scope.line_cells);
            account.reject(self.id, IssueCode::RowLong, self.scope.at(self.number), text);
        } else if cells.len() > self.header.width {
            let text = "the line has filled cells beyond the last column";
            account.reject(self.id, IssueCode::RowLong, self.scope.at(self.number), text);
        } else if layout.gene_without_values && is_gene_without_values(cells) {
            let code = IssueCode::GeneNotAssessed;
            account.ledger.list(self.id, code, code.meaning());
        } else if let Some(filter) = self.text(&FILTER).filter(|filter| !filter.eq_ignore_ascii_case("PASS")) {
            account.ledger.list(self.id, IssueCode::RowFiltered, format!("filter {}", quote(filter)));
        } else {
            return false;
        }
        true
    }

    /// The cell of a column, blank where the column or the cell is not there.
    pub(in crate::sources::tso500) fn cell(&self, column: &Column) -> &'a str {
        self.header.cell_of(column).map_or("", |index| self.line.cell(index))
    }

    /// The text of a column; none where it says that there is no value.
    pub(in crate::sources::tso500) fn text(&self, column: &Column) -> Option<&'a str> {
        Some(self.cell(column)).filter(|cell| !is_missing(cell))
    }

    /// The text of a column that the finding needs; a row without it is rejected.
    pub(in crate::sources::tso500) fn required(&self, column: &Column, account: &mut Account) -> Option<&'a str> {
        let text = self.text(column);
        if text.is_none() {
            self.reject_missing(column, account);
        }
        text
    }

    /// The gene symbol or gene pair that the finding needs; a row without one is rejected.
    pub(in crate::sources::tso500) fn required_symbol(
        &self,
        column: &Column,
        account: &mut Account,
    ) -> Option<&'a str> {
        let cell = self.required(column, account)?;
        match parse_symbol(cell) {
            Ok(symbol) => Some(symbol),
            Err(error) => {
                self.reject(column, IssueCode::GeneInvalid, format!("{}: {error}", quote(cell)), account);
                None
            }
        }
    }

    /// Rejects a row that has a gene and no value of the finding: a remark is no finding.
    pub(in crate::sources::tso500) fn reject_remark(&self, column: &Column, account: &mut Account) {
        self.reject(column, IssueCode::ValueRequired, "the line has a gene and no value of a finding", account);
    }

    /// Rejects the row for want of a value.
    pub(in crate::sources::tso500) fn reject_missing(&self, column: &Column, account: &mut Account) {
        let cells = self.line.cells.as_ref().map_or(0, Vec::len);
        match self.header.cell_of(column) {
            Some(index) if index < cells => {
                self.reject(column, IssueCode::ValueRequired, "the value is missing", account);
            }
            _ => self.reject(column, IssueCode::RowShort, "the line ends before this column", account),
        }
    }

    /// Rejects the row for what stands in a column.
    pub(in crate::sources::tso500) fn reject(
        &self,
        column: &Column,
        code: IssueCode,
        text: impl Into<String>,
        account: &mut Account,
    ) {
        account.reject(self.id, code, self.at(column), text);
    }

    /// A count that the finding can do without.
    pub(in crate::sources::tso500) fn count(&mut self, column: &Column, account: &mut Account) -> Option<u64> {
        let cell = self.text(column)?;
        match parse_count(cell) {
            Ok(count) => Some(count),
            Err(error) => self.keep_unread(column, cell, &error, account),
        }
    }

    /// A number that the finding can do without.
    pub(in crate::sources::tso500) fn number(
        &mut self,
        column: &Column,
        quantity: Quantity,
        account: &mut Account,
    ) -> Option<Decimal> {
        let cell = self.text(column)?;
        match parse_quantity(cell, quantity) {
            Ok(number) => {
                warn_decimal_comma(number.decimal_comma, cell, self.at(column), account);
                Some(number.value)
            }
            Err(error) => self.keep_unread(column, cell, &error, account),
        }
    }

    /// A number that the finding needs; a row without it is rejected.
    pub(in crate::sources::tso500) fn required_number(
        &self,
        column: &Column,
        quantity: Quantity,
        account: &mut Account,
    ) -> Option<Decimal> {
        let cell = self.required(column, account)?;
        match parse_quantity(cell, quantity) {
            Ok(number) => {
                warn_decimal_comma(number.decimal_comma, cell, self.at(column), account);
                Some(number.value)
            }
            Err(error) => {
                self.reject(column, number_code(&error), format!("{}: {error}", quote(cell)), account);
                None
            }
        }
    }

    /// A breakpoint: a text that is none stays text.
    pub(in crate::sources::tso500) fn breakpoint(&self, column: &Column, account: &mut Account) -> Option<Breakpoint> {
        let text = self.text(column)?;
        Some(self.locate(column, text.to_owned(), account))
    }

    /// A breakpoint from its text.
    pub(in crate::sources::tso500) fn locate(
        &self,
        column: &Column,
        text: String,
        account: &mut Account,
    ) -> Breakpoint {
        let locus = parse_locus(&text);
        if let Err(error) = &locus {
            account.issue(IssueCode::BreakpointInvalid, self.at(column), format!("{}: {error}", quote(&text)));
        }
        Breakpoint { locus: locus.ok(), text }
    }

    /// The place of a column of this row.
    pub(in crate::sources::tso500) fn at(&self, column: &Column) -> Location {
        self.scope.at(self.number).column(column.name)
    }

    /// Raises the issue and keeps the text, so that it is visible beside the finding.
    pub(in crate::sources::tso500) fn keep_unread<T>(
        &mut self,
        column: &Column,
        cell: &str,
        error: &NumberError,
        account: &mut Account,
    ) -> Option<T> {
        account.issue(number_code(error), self.at(column), format!("{}: {error}", quote(cell)));
        self.extra.push((column.name.to_owned(), cell.to_owned()));
        None
    }
}

/// Warns of a number that was read with a decimal comma.
pub(in crate::sources::tso500) fn warn_decimal_comma(comma: bool, cell: &str, place: Location, account: &mut Account) {
    if comma {
        account.issue(IssueCode::DecimalComma, place, format!("{}: the comma was read as a point", quote(cell)));
    }
}

/// The issue code of a number that cannot be read.
pub(in crate::sources::tso500) fn number_code(error: &NumberError) -> IssueCode {
    match error {
        NumberError::Empty => IssueCode::ValueRequired,
        NumberError::Invalid => IssueCode::NumberInvalid,
        NumberError::Ambiguous => IssueCode::NumberAmbiguous,
        NumberError::OutOfRange => IssueCode::NumberOutOfRange,
    }
}

/// `BRCA1 NA`; a point is not `NA`, because as a type it says that there is no change.
pub(in crate::sources::tso500) fn is_gene_without_values(cells: &[Cow<'_, str>]) -> bool {
    match cells {
        [gene, values @ ..] if !is_missing(gene) && !values.is_empty() => {
            values.iter().all(|cell| matches!(cell.as_ref(), "" | "NA" | "N/A" | "n/a"))
        }
        _ => false,
    }
}
