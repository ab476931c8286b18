//! The place where a page begins, as a client carries it: sealed for the caller and the question that it was given for. It gives no
//! right: whoever has it sees what the scope of the request shows, and no more.

use super::query::Invalid;
use crate::domain::ids::Identity;
use crate::fhir::ids::ResourceIds;
use crate::journal::{Cursor, ResourceRow};

/// Seals the places of one caller.
pub struct Seal<'s> {
    /// Whose secret it is.
    pub ids: &'s ResourceIds,
    /// The caller.
    pub caller: &'s str,
}

impl Seal<'_> {
    fn of(&self, question: &str, place: &str) -> String {
        let identity = Identity::new(self.caller, "search-cursor", &[place, question]);
        self.ids.id("Bundle", &identity, "").to_string()
    }

    /// The text for a place after a row.
    pub(super) fn close(&self, question: &str, row: &ResourceRow) -> String {
        let place = format!("{}.{}", row.updated.as_millisecond(), row.id);
        format!("{}.{place}", self.of(question, &place))
    }

    /// The place that a text was given for.
    pub(super) fn open(&self, question: &str, text: &str) -> Result<Cursor, Invalid> {
        let place = self.checked(question, text)?;
        let (updated, id) = place.split_once('.').ok_or_else(wrong)?;
        Ok(Cursor { updated: updated.parse().map_err(|_| wrong())?, id: id.to_owned() })
    }

    /// The text for a place in a history.
    pub(super) fn close_sequence(&self, question: &str, sequence: i64) -> String {
        let place = sequence.to_string();
        format!("{}.{place}", self.of(question, &place))
    }

    /// The place in a history that a text was given for.
    pub(super) fn open_sequence(&self, question: &str, text: &str) -> Result<i64, Invalid> {
        self.checked(question, text)?.parse().map_err(|_| wrong())
    }

    fn checked<'t>(&self, question: &str, text: &'t str) -> Result<&'t str, Invalid> {
        let (seal, place) = text.split_once('.').ok_or_else(wrong)?;
        if self.of(question, place) == seal { Ok(place) } else { Err(wrong()) }
    }
}

fn wrong() -> Invalid {
    Invalid::Form("_cursor is none that was given to this caller for this search".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::Face;
    use crate::fhir::ids::Secret;

    fn row() -> ResourceRow {
        ResourceRow {
            sequence: 7,
            kind: "Task".to_owned(),
            id: "a.b-1".to_owned(),
            version: 1,
            owner: "983974732".to_owned(),
            case: None,
            patient: None,
            updated: "2026-05-28T10:00:00.123Z".parse().unwrap(),
            json: None,
        }
    }

    #[test]
    fn a_place_is_that_of_one_caller_and_one_question() {
        let ids = ResourceIds::new(Face::Identified, &Secret::demo());
        let seal = Seal { ids: &ids, caller: "trust/983974732/forde" };
        let text = seal.close("Task?status=ready&", &row());
        let cursor = seal.open("Task?status=ready&", &text).unwrap();
        assert_eq!(cursor, Cursor { updated: 1_779_962_400_123, id: "a.b-1".to_owned() });
        assert!(seal.open("Task?", &text).is_err());
        assert!(Seal { ids: &ids, caller: "trust/993467049/ous" }.open("Task?status=ready&", &text).is_err());
        for changed in [text.replace("a.b-1", "a.b-2"), text.replace("123.", "124."), String::new(), "x".to_owned()] {
            assert!(seal.open("Task?status=ready&", &changed).is_err(), "{changed}");
        }
        let place = seal.close_sequence("Task/_history", 7);
        assert_eq!(seal.open_sequence("Task/_history", &place).unwrap(), 7);
        assert!(seal.open_sequence("Task/_history?", &place).is_err());
        // A place of one kind is none of the other.
        assert!(seal.open("Task/_history", &place).is_err());
    }
}
