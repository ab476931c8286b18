//! The accounting: every value of the Bundle has a row.

use std::sync::Arc;

use super::tree::{Document, Fate};
use crate::domain::accounting::{Account, RowId};
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;

/// Registers the rows of a message that became a referral; gives those that a resource will hold.
pub(super) fn close(document: &Document<'_>, file: &Arc<str>, account: &mut Account) -> Vec<(RowId, Identity)> {
    let mut held = Vec::new();
    for (node, fate) in document.leaves() {
        let row = account.ledger.open(file, Some(&node.path().into()), node.line());
        match fate {
            Fate::Held(identity) => held.push((row, identity)),
            Fate::Listed(code) => account.ledger.list(row, code, code.meaning()),
        }
    }
    held
}

/// Registers the rows of a message that was refused.
pub(super) fn refuse(document: &Document<'_>, code: IssueCode, file: &Arc<str>, account: &mut Account) {
    for (node, _) in document.leaves() {
        let row = account.ledger.open(file, Some(&node.path().into()), node.line());
        account.ledger.list(row, code, "the message was refused");
    }
}
