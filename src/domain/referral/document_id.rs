//! The id of a referral: a UUID, whatever the sender numbers its referrals with.

use sha1::{Digest, Sha1};
use uuid::{Builder, Uuid};

/// Namespace of ids that are no UUID. Fixed: with another one every such referral would become a second one.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c1d_0f5e_8a43_4f0b_9d25_7e31_c0b4_52aa);

/// A UUID in the only form that messages use, 8-4-4-4-12 hexadecimal digits, in lower case. Braces and blanks around it do
/// not count.
pub fn uuid(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    let is_hyphenated = inner.len() == 36;
    Uuid::try_parse(inner).ok().filter(|_| is_hyphenated).map(|id| id.hyphenated().to_string())
}

/// The UUID of version 5 (RFC 9562, section 5.5) of a sender and an id that is no UUID: the same in every message of the
/// referral, and two senders that count alike do not meet; the length keeps `ab`, `c` and `a`, `bc` apart. Anybody can
/// compute it: it hides nothing, and the ids of resources are derived from it under the secret (ADR 3).
pub fn derived(sender: &str, id: &str) -> String {
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
        for (sender, id, expected) in [
            ("983974732", "H-2026-17", "a611819a-38e4-51e7-aadb-705d2e0bfe6c"),
            ("Ødegård sykehus", "æ1", "8add622a-a2a1-58dc-8b25-6f1ecc48ac2e"),
        ] {
            assert_eq!(derived(sender, id), expected);
        }
        assert_ne!(derived("ab", "c"), derived("a", "bc"));
    }

    #[test]
    fn a_uuid_is_known_by_its_form() {
        let id = Some("c829a5f9-5bbf-4376-a37f-ade4b399916c".to_owned());
        for text in ["C829A5F9-5BBF-4376-A37F-ADE4B399916C", " {c829a5f9-5bbf-4376-a37f-ade4b399916c} "] {
            assert_eq!(uuid(text), id, "{text}");
        }
        for text in ["", "1", "c829a5f95bbf4376a37fade4b399916c", "c829a5f9-5bbf-4376-a37f-ade4b399916", "urn:uuid:c8"]
        {
            assert_eq!(uuid(text), None, "{text}");
        }
    }
}
