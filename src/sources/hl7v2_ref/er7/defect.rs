//! What is wrong at a place of a message.

use std::sync::Arc;

use super::Place;
use crate::domain::issue::{Issue, IssueCode, Location};

/// A defect of a message, before it is known which file the message came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Stable code.
    pub code: IssueCode,
    /// Where, if it is somewhere in particular.
    pub place: Option<Place>,
    /// What is wrong here; values are quoted through [`crate::redact`].
    pub text: String,
}

impl Defect {
    /// A defect of the message as a whole.
    pub fn whole(code: IssueCode, text: impl Into<String>) -> Self {
        Self { code, place: None, text: text.into() }
    }

    /// A defect at a place.
    pub fn at(place: Place, code: IssueCode, text: impl Into<String>) -> Self {
        Self { code, place: Some(place), text: text.into() }
    }

    /// The defect as an issue of `file`: the line is the number of the segment, the column the place in it.
    pub fn to_issue(&self, file: &Arc<str>) -> Issue {
        let location = self.place.map_or_else(|| Location::file(file), |place| place.location(file));
        Issue::new(self.code, location, self.text.clone())
    }
}
