//! Section Sequencing Run Details: a free list; the keys differ by pipeline and instrument.

use crate::domain::accounting::Account;

use super::super::sheet::SheetSection;
use super::super::wire::{Held, KeyValue};
use super::keys::read_keys;
use super::scope::Scope;

/// Reads the section, in file order.
pub(super) fn read(section: &SheetSection<'_>, scope: &Scope, account: &mut Account) -> Vec<Held<KeyValue>> {
    let mut details = Vec::new();
    read_keys(section, scope, account, |line, _| {
        details.push(line.hold(KeyValue { key: line.key.to_owned(), value: line.value.to_owned() }));
    });
    details
}
