//! The type of change of a copy number row.

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

use super::super::cells::change_kind::{ChangeKind, ChangeKindError, parse_change_kind};
use super::super::cells::is_missing;
use super::row::TableRow;
use super::table::Column;

/// Reads the type; none where the row has been listed: no change, no type, or a type that nobody documents.
pub(super) fn required_kind(row: &TableRow<'_>, column: &Column, account: &mut Account) -> Option<ChangeKind> {
    let cell = row.cell(column);
    match parse_change_kind(cell) {
        Ok(kind) => return Some(kind),
        Err(ChangeKindError::Neutral) => account.ledger.count(row.id, IssueCode::RowNeutral),
        Err(_) if is_missing(cell) => row.reject_missing(column, account),
        Err(error) => row.reject(column, IssueCode::TypeUnknown, format!("{}: {error}", quote(cell)), account),
    }
    None
}
