//! Where a row stands, and what an empty cell means there.

use std::sync::Arc;

use crate::domain::accounting::{Account, RowId};
use crate::domain::issue::{IssueCode, Location};

use super::super::sheet::SheetLine;

/// A section of a file.
#[derive(Debug)]
pub(in crate::sources::tso500) struct Scope {
    pub(in crate::sources::tso500) file: Arc<str>,
    /// Name; none before the first section.
    pub(in crate::sources::tso500) section: Option<Arc<str>>,
    /// What a line that says nothing but `NA` means.
    pub(in crate::sources::tso500) empty: IssueCode,
    /// What a key without value means.
    pub(in crate::sources::tso500) missing: IssueCode,
    /// Cells that a line may have.
    pub(in crate::sources::tso500) line_cells: usize,
}

impl Scope {
    /// The place of a line.
    pub(in crate::sources::tso500) fn at(&self, line: u32) -> Location {
        let place = Location::file(&self.file).line(line);
        match &self.section {
            Some(section) => place.section(section),
            None => place,
        }
    }

    /// Registers a row.
    pub(in crate::sources::tso500) fn open(&self, line: u32, account: &mut Account) -> RowId {
        account.ledger.open(&self.file, self.section.as_ref(), line)
    }

    /// Lists a row that holds no values in any section: not UTF-8, a bare `NA`, a note on a beta feature. Says whether
    /// it did.
    pub(in crate::sources::tso500) fn list_without_values(
        &self,
        row: RowId,
        line: &SheetLine<'_>,
        account: &mut Account,
    ) -> bool {
        if line.cells.is_none() {
            account.reject(row, IssueCode::FileEncodingInvalid, self.at(line.number), "the line is not UTF-8");
        } else if line.is_bare_na() {
            account.ledger.list(row, self.empty, self.empty.meaning());
        } else if is_beta_note(line) {
            let code = IssueCode::RowBetaFeature;
            account.ledger.list(row, code, code.meaning());
        } else {
            return false;
        }
        true
    }
}

/// Whether a line can be neither a column head nor a finding.
pub(in crate::sources::tso500) fn is_without_values(line: &SheetLine<'_>) -> bool {
    line.cells.is_none() || line.is_bare_na() || is_beta_note(line)
}

fn is_beta_note(line: &SheetLine<'_>) -> bool {
    line.cells.iter().flatten().any(|cell| cell.contains("BETA FEATURE"))
}
