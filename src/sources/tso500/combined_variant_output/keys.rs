//! Sections that are lists of keys and values.

use std::collections::BTreeSet;

use crate::domain::accounting::{Account, RowId};
use crate::domain::decimal::Decimal;
use crate::domain::issue::{IssueCode, Location};
use crate::redact::quote;

use super::super::cells::is_missing;
use super::super::cells::number::{Number, NumberError, parse_count};
use super::super::cells::quantity::{Quantity, parse_quantity};
use super::super::sheet::{SheetLine, SheetSection};
use super::super::wire::Held;
use super::names::{folded, label};
use super::row::{number_code, warn_decimal_comma};
use super::scope::Scope;

/// A line with a value.
#[derive(Debug)]
pub(super) struct KeyLine<'a> {
    /// Key as written.
    pub(super) key: &'a str,
    /// Value as written.
    pub(super) value: &'a str,
    id: RowId,
    number: u32,
    place: Location,
}

/// Reads a section line by line. Lines without value, repeated keys and lines of more than two cells are listed; the
/// others are handed to `read`.
pub(super) fn read_keys(
    section: &SheetSection<'_>,
    scope: &Scope,
    account: &mut Account,
    mut read: impl FnMut(&KeyLine<'_>, &mut Account),
) {
    let mut seen = BTreeSet::new();
    for line in &section.lines {
        let row = scope.open(line.number, account);
        if !scope.list_without_values(row, line, account)
            && let Some(line) = read_key_line(row, line, &mut seen, scope, account)
        {
            read(&line, account);
        }
    }
}

fn read_key_line<'a>(
    id: RowId,
    line: &'a SheetLine<'a>,
    seen: &mut BTreeSet<String>,
    scope: &Scope,
    account: &mut Account,
) -> Option<KeyLine<'a>> {
    let (key, value) = (line.cell(0), line.cell(1));
    let mut place = scope.at(line.number);
    if !key.is_empty() {
        place = place.column(&label(key));
    }
    let cells = line.cells.as_ref().map_or(0, Vec::len);
    if cells > 2 {
        account.reject(id, IssueCode::RowLong, place, "the line has filled cells beyond the value");
    } else if key.is_empty() {
        account.reject(id, IssueCode::KeyUnknown, place, "the line has a value without a key");
    } else if !seen.insert(folded(key).collect()) {
        account.reject(id, IssueCode::KeyRepeated, place, format!("the key {} occurs twice", quote(key)));
    } else if is_missing(value) {
        account.ledger.list(id, scope.missing, scope.missing.meaning());
    } else {
        return Some(KeyLine { key, value, id, number: line.number, place });
    }
    None
}

impl KeyLine<'_> {
    /// A value with the row that holds it.
    pub(super) fn hold<T>(&self, value: T) -> Held<T> {
        Held { value, row: self.id, line: self.number }
    }

    /// The value as text.
    pub(super) fn text(&self) -> Held<String> {
        self.hold(self.value.to_owned())
    }

    /// The value as count; a row with another value is rejected.
    pub(super) fn count(&self, account: &mut Account) -> Option<Held<u64>> {
        match parse_count(self.value) {
            Ok(count) => Some(self.hold(count)),
            Err(error) => self.reject_number(&error, account),
        }
    }

    /// The value as number; a row with another value is rejected.
    pub(super) fn number(&self, quantity: Quantity, account: &mut Account) -> Option<Held<Decimal>> {
        match parse_quantity(self.value, quantity) {
            Ok(Number { value, decimal_comma, .. }) => {
                warn_decimal_comma(decimal_comma, self.value, self.place.clone(), account);
                Some(self.hold(value))
            }
            Err(error) => self.reject_number(&error, account),
        }
    }

    /// Rejects a row whose key the section does not have.
    pub(super) fn reject_unknown(&self, account: &mut Account) {
        self.reject(IssueCode::KeyUnknown, format!("the key {} is none of this section", quote(self.key)), account);
    }

    /// Rejects the row.
    pub(super) fn reject(&self, code: IssueCode, text: String, account: &mut Account) {
        account.reject(self.id, code, self.place.clone(), text);
    }

    /// Raises an issue at the row and leaves it open.
    pub(super) fn warn(&self, code: IssueCode, text: String, account: &mut Account) {
        account.issue(code, self.place.clone(), text);
    }

    fn reject_number<T>(&self, error: &NumberError, account: &mut Account) -> Option<T> {
        self.reject(number_code(error), format!("{}: {error}", quote(self.value)), account);
        None
    }
}
