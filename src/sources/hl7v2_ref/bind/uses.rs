//! What each part of a message was used for.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::issue::IssueCode;
use crate::sources::hl7v2_ref::er7::Place;

/// What a leaf of the message was used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Use {
    /// It is in the record of this number.
    Record(u32),
    /// It was read to handle the message.
    Envelope,
    /// It could not be used for what it is; it is kept as a note, with this code.
    Kept(IssueCode),
    /// It could not be used, and is not repeated: a number that identifies nobody.
    Rejected(IssueCode),
    /// The binding says why it is not taken over.
    Ignored(Arc<str>),
}

/// The use of every leaf that was read.
#[derive(Debug, Default)]
pub struct Uses(HashMap<Place, Use>);

impl Uses {
    /// What a leaf was used for.
    pub fn of(&self, leaf: Place) -> Option<&Use> {
        self.0.get(&leaf)
    }

    /// Notes a use. What stands in a record is held by it, whatever else it was read for.
    pub(super) fn note(&mut self, leaf: Place, new: Use) {
        let rank = |used: &Use| match used {
            Use::Record(_) => 3,
            Use::Kept(_) | Use::Rejected(_) => 2,
            Use::Envelope => 1,
            Use::Ignored(_) => 0,
        };
        match self.0.get_mut(&leaf) {
            Some(old) if rank(old) >= rank(&new) => {}
            Some(old) => *old = new,
            None => {
                self.0.insert(leaf, new);
            }
        }
    }

    /// Says that a leaf that a record was to hold is not in it.
    pub fn withdraw(&mut self, leaf: Place, new: Use) {
        self.0.insert(leaf, new);
    }

    /// Whether a leaf is in a record.
    pub(super) fn is_held(&self, leaf: Place) -> bool {
        matches!(self.0.get(&leaf), Some(Use::Record(_)))
    }
}
