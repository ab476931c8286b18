//! The id of the referral.

use sha1::{Digest, Sha1};
use uuid::{Builder, Uuid};

use super::Assembler;
use crate::domain::issue::IssueCode;
use crate::sources::hl7v2_ref::bind::Drafted;
use crate::sources::hl7v2_ref::er7::{Defect, Place};

/// Namespace of ids that are no UUID. Fixed: with another one every such referral would become a second one.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c1d_0f5e_8a43_4f0b_9d25_7e31_c0b4_52aa);

impl Assembler<'_> {
    /// The document id, and the id as sent where it is no UUID.
    ///
    /// HL7 v2 lets a sender number its referrals as it likes; the other formats have a UUID that stays the same through
    /// new, change and cancel, and receivers rely on it. So an id that is no UUID becomes the UUID of version 5 (RFC 9562,
    /// section 5.5) of sender and id: the same in every message of the referral, and two senders that count alike do not
    /// meet. Anybody can compute it: it hides nothing, and the ids of resources are derived from it under the secret (ADR 3).
    pub(super) fn document_id(&mut self, sent: Option<Drafted>) -> (String, Option<String>) {
        let Some(sent) = sent else {
            let place = self.place("RF1", 6).unwrap_or_else(Place::header);
            let text = "no id of the referral (RF1-6, ORC-2 or OBR-2)";
            self.defects.push(Defect::at(place, IssueCode::Hl7ValueRequired, text));
            return (String::new(), None);
        };
        match Uuid::try_parse(&sent.text) {
            Ok(id) => (id.hyphenated().to_string(), None),
            Err(_) => (derived(&self.sender, &sent.text), Some(sent.text)),
        }
    }
}

/// The UUID of version 5 of a sender and an id; the length keeps `ab`, `c` and `a`, `bc` apart.
fn derived(sender: &str, id: &str) -> String {
    let mut hash = Sha1::new();
    hash.update(NAMESPACE.as_bytes());
    hash.update(format!("{}:{sender}{id}", sender.len()));
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(hash.finalize()) {
        *byte = hashed;
    }
    Builder::from_sha1_bytes(bytes).into_uuid().hyphenated().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: Python, `uuid.uuid5(uuid.UUID("6c1d0f5e-8a43-4f0b-9d25-7e31c0b452aa"), "9:983974732H-2026-17")` and so on.
    #[test]
    fn an_id_that_is_no_uuid_is_derived_from_sender_and_id() {
        for (sender, id, expected) in EXPECTED {
            assert_eq!(derived(sender, id), expected);
        }
        assert_ne!(derived("ab", "c"), derived("a", "bc"));
    }

    const EXPECTED: [(&str, &str, &str); 2] = [
        ("983974732", "H-2026-17", "a611819a-38e4-51e7-aadb-705d2e0bfe6c"),
        ("Ødegård sykehus", "æ1", "8add622a-a2a1-58dc-8b25-6f1ecc48ac2e"),
    ];
}
