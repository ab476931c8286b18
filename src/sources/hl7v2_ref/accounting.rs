//! The accounting: every repetition of a field that says something has a row, and so has every component in it that nothing
//! reads.

use std::collections::HashMap;
use std::sync::Arc;

use super::assemble::{Assembled, Holder};
use super::bind::Use;
use super::er7::{Message, Part, Place, Value};
use crate::domain::accounting::{Account, RowId};
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;

/// What becomes of a leaf.
enum Fate {
    Held(Identity),
    Listed(IssueCode, Option<Arc<str>>),
}

/// Registers the rows of a message that became a referral; gives those that a resource will hold.
pub(super) fn close(
    message: &Message<'_>,
    assembled: &Assembled,
    file: &Arc<str>,
    account: &mut Account,
) -> Vec<(RowId, Identity)> {
    let mut held = Vec::new();
    for repetition in repetitions(message) {
        let place = repetition.place();
        let fates: Vec<(Place, Fate)> = repetition.leaves().map(|leaf| (leaf.place(), fate(leaf, assembled))).collect();
        let row = open(place, file, account);
        let holder = fates.iter().find_map(|(_, fate)| match fate {
            Fate::Held(identity) => Some(identity.clone()),
            Fate::Listed(..) => None,
        });
        let Some(holder) = holder else {
            if let Some((_, Fate::Listed(code, reason))) = fates.into_iter().min_by_key(|(_, fate)| rank(fate)) {
                list(row, code, reason, account);
            }
            continue;
        };
        held.push((row, holder));
        for (place, fate) in fates {
            if let Fate::Listed(code, reason) = fate {
                let row = open(place, file, account);
                list(row, code, reason, account);
            }
        }
    }
    held
}

/// Registers the rows of a message that was refused.
pub(super) fn refuse(message: &Message<'_>, code: IssueCode, file: &Arc<str>, account: &mut Account) {
    for repetition in repetitions(message) {
        let row = open(repetition.place(), file, account);
        account.ledger.list(row, code, "the message was refused");
    }
}

/// The repetitions that say something.
fn repetitions<'m>(message: &'m Message<'m>) -> impl Iterator<Item = Part<'m>> {
    let fields = message.segments().flat_map(|segment| segment.fields());
    fields.flat_map(|field| field.repetitions()).filter(|repetition| !repetition.is_absent())
}

fn open(place: Place, file: &Arc<str>, account: &mut Account) -> RowId {
    let section: Arc<str> = place.of_row().into();
    account.ledger.open(file, Some(&section), place.number)
}

fn list(row: RowId, code: IssueCode, reason: Option<Arc<str>>, account: &mut Account) {
    let text = reason.map_or_else(|| code.meaning().to_owned(), |reason| reason.to_string());
    account.ledger.list(row, code, text);
}

/// What says most about a row comes first.
fn rank(fate: &Fate) -> usize {
    const ORDER: [IssueCode; 4] =
        [IssueCode::Hl7FieldKept, IssueCode::Hl7FieldEnvelope, IssueCode::Hl7FieldIgnored, IssueCode::Hl7FieldUnread];
    match fate {
        Fate::Held(_) => 0,
        Fate::Listed(code, _) => ORDER.iter().position(|known| known == code).map_or(1, |index| index + 2),
    }
}

fn fate(leaf: Part<'_>, assembled: &Assembled) -> Fate {
    let header = super::er7::SegmentName::MSH;
    let place = leaf.place();
    let listed = |code| Fate::Listed(code, None);
    match assembled.uses.of(place) {
        Some(Use::Record(number)) => holder(*number, &assembled.holders, &assembled.parents),
        Some(Use::Ignored(reason)) => Fate::Listed(IssueCode::Hl7FieldIgnored, Some(Arc::clone(reason))),
        Some(Use::Kept(code) | Use::Rejected(code)) if leaf.value() != Value::Null => listed(*code),
        Some(Use::Envelope) => listed(IssueCode::Hl7FieldEnvelope),
        _ if leaf.value() == Value::Null => listed(IssueCode::Hl7ValueNull),
        // What the parser and the receipt need of the header.
        None if place.segment == header && matches!(place.field, 1..=6 | 9..=12 | 15 | 16 | 18) => {
            listed(IssueCode::Hl7FieldEnvelope)
        }
        _ => listed(IssueCode::Hl7FieldUnread),
    }
}

/// What the record of a number, or the one that it is part of, became.
fn holder(number: u32, holders: &HashMap<u32, Holder>, parents: &[u32]) -> Fate {
    let mut number = number;
    loop {
        match holders.get(&number) {
            Some(Holder::Identity(identity)) => return Fate::Held(identity.clone()),
            Some(Holder::Dropped(code)) => return Fate::Listed(*code, None),
            None => match parents.get(number as usize) {
                Some(parent) if *parent < number => number = *parent,
                _ => return Fate::Listed(IssueCode::Hl7FieldUnread, None),
            },
        }
    }
}
