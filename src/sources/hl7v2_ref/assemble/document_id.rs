//! The id of the referral.

use super::Assembler;
use crate::domain::issue::IssueCode;
use crate::domain::referral::document_id;
use crate::sources::hl7v2_ref::bind::Drafted;
use crate::sources::hl7v2_ref::er7::{Defect, Place};

impl Assembler<'_> {
    /// The document id, and the id as sent where it is no UUID.
    ///
    /// HL7 v2 lets a sender number its referrals as it likes; the other formats have a UUID that stays the same through
    /// new, change and cancel, and receivers rely on it. So one that is no UUID becomes one, by [`document_id::derived`].
    pub(super) fn document_id(&mut self, sent: Option<Drafted>) -> (String, Option<String>) {
        let Some(sent) = sent else {
            let place = self.place("RF1", 6).unwrap_or_else(Place::header);
            let text = "no id of the referral (RF1-6, ORC-2 or OBR-2)";
            self.defects.push(Defect::at(place, IssueCode::Hl7ValueRequired, text));
            return (String::new(), None);
        };
        match document_id::uuid(&sent.text) {
            Some(id) => (id, None),
            None => (document_id::derived(&self.sender, &sent.text), Some(sent.text)),
        }
    }
}
