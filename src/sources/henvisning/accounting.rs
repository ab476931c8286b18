//! The accounting: every element that says something has a row, and so has every attribute of it that became something else.

use std::sync::Arc;

use super::tree::{Document, Fate, Node};
use crate::domain::accounting::{Account, RowId};
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;

/// Registers the rows of a message that became a referral; gives those that a resource will hold.
pub(super) fn close(document: &Document, file: &Arc<str>, account: &mut Account) -> Vec<(RowId, Identity)> {
    let mut held = Vec::new();
    for node in document.nodes() {
        let values = node.values();
        let Some(first) = values.iter().map(|(_, fate)| fate).min_by_key(|fate| rank(fate)).cloned() else { continue };
        enter(node, None, &first, (file, account), &mut held);
        for (attribute, fate) in values.into_iter().filter(|(_, fate)| *fate != first) {
            enter(node, attribute, &fate, (file, account), &mut held);
        }
    }
    held
}

/// Registers the rows of a message that was refused.
pub(super) fn refuse(document: &Document, code: IssueCode, file: &Arc<str>, account: &mut Account) {
    for node in document.nodes().filter(|node| !node.values().is_empty()) {
        let row = account.ledger.open(file, Some(&node.path().into()), node.line());
        account.ledger.list(row, code, "the message was refused");
    }
}

fn enter(
    node: Node<'_>,
    attribute: Option<&str>,
    fate: &Fate,
    (file, account): (&Arc<str>, &mut Account),
    held: &mut Vec<(RowId, Identity)>,
) {
    let path = attribute.map_or_else(|| node.path(), |name| format!("{}/@{name}", node.path()));
    let row = account.ledger.open(file, Some(&path.into()), node.line());
    match fate {
        Fate::Held(identity) => held.push((row, identity.clone())),
        Fate::Listed(code) => account.ledger.list(row, *code, code.meaning()),
    }
}

/// What says most about an element comes first.
fn rank(fate: &Fate) -> usize {
    match fate {
        Fate::Held(_) => 0,
        Fate::Listed(IssueCode::HenvisningElementNotUsed) => 1,
        Fate::Listed(IssueCode::HenvisningElementKept) => 2,
        Fate::Listed(IssueCode::HenvisningElementEnvelope) => 3,
        Fate::Listed(_) => 4,
    }
}
