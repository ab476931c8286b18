//! Resource ids: derived from business keys, never drawn (ADR 3).
//!
//! `HMAC-SHA-256(secret, face, resource type, owner, kind, part, key fields)`, cut to a version 8 UUID (RFC 9562). The
//! same thing gets the same id in every message, process and restart, and nobody without the secret can go back from an
//! id to a key, however few keys there are.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::domain::ids::{Face, Identity};

/// Shortest secret, in bytes: the output length of SHA-256 (RFC 2104, section 3).
pub const MIN_SECRET_BYTES: usize = 32;

/// The public secret of demonstrations and tests.
const DEMO_SECRET: &[u8] = b"impress-gateway demo secret: public, not for patient data";

/// The secret of a deployment, from which its ids are derived. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<[u8]>);

/// The secret is shorter than [`MIN_SECRET_BYTES`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret has {length} bytes, at least {MIN_SECRET_BYTES} are needed")]
pub struct SecretTooShort {
    /// Bytes given.
    pub length: usize,
}

impl Secret {
    /// A secret of at least [`MIN_SECRET_BYTES`] bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, SecretTooShort> {
        if bytes.len() < MIN_SECRET_BYTES {
            return Err(SecretTooShort { length: bytes.len() });
        }
        Ok(Self(bytes.into()))
    }

    /// The public demo secret: anybody can recompute ids that were derived with it, so they protect nobody.
    pub fn demo() -> Self {
        Self(DEMO_SECRET.into())
    }

    /// Whether this is the public demo secret.
    pub fn is_demo(&self) -> bool {
        *self.0 == *DEMO_SECRET
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(**REDACTED**)")
    }
}

/// The logical id of a resource: a version 8 UUID, displayed in lower case with hyphens (36 characters).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId(Uuid);

impl ResourceId {
    /// Writes the id to the end of `text`.
    pub fn push_to(&self, text: &mut String) {
        let mut buffer = Uuid::encode_buffer();
        text.push_str(self.0.hyphenated().encode_lower(&mut buffer));
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// Derives the ids of one face.
#[derive(Clone)]
pub struct ResourceIds {
    face: Face,
    /// Keyed once; every id starts from a copy.
    keyed: Hmac<Sha256>,
}

impl ResourceIds {
    /// Ids of `face` under `secret`.
    pub fn new(face: Face, secret: &Secret) -> Self {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104)")]
        let keyed = Hmac::new_from_slice(&secret.0).expect("any key length");
        Self { face, keyed }
    }

    /// The face.
    pub fn face(&self) -> Face {
        self.face
    }

    /// The id of the resource of `resource_type` that stands for `identity`; `part` tells several resources of one type
    /// about the same thing apart, and is empty where there is one.
    pub fn id(&self, resource_type: &str, identity: &Identity, part: &str) -> ResourceId {
        let mut mac = self.keyed.clone();
        let mut field = |text: &str| {
            // The length goes first, so that no two lists of fields give the same bytes.
            mac.update(&(text.len() as u64).to_be_bytes());
            mac.update(text.as_bytes());
        };
        for text in [self.face.as_str(), resource_type, &identity.owner, identity.kind, part] {
            field(text);
        }
        for text in &identity.key {
            field(text);
        }
        let digest = mac.finalize().into_bytes();
        let mut bytes = [0; 16];
        for (byte, digest_byte) in bytes.iter_mut().zip(digest) {
            *byte = digest_byte;
        }
        ResourceId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl ResourceIds {
    /// What stands for an identifier of a person where resources are found by it: nobody without the secret can go back from it,
    /// or try out the numbers there are.
    pub fn seal(&self, value: &str) -> String {
        self.id("Patient", &Identity::new("search", "identifier", &[value.trim()]), "").to_string()
    }
}

impl fmt::Debug for ResourceIds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ResourceIds").field("face", &self.face).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn demo(face: Face) -> ResourceIds {
        ResourceIds::new(face, &Secret::demo())
    }

    /// Expected values computed with Python's `hmac`: for the list of fields,
    /// `d = bytearray(hmac.new(secret, b"".join(len(f).to_bytes(8, "big") + f for f in fields), "sha256").digest()[:16])`,
    /// then `d[6] = d[6] & 0x0f | 0x80`, `d[8] = d[8] & 0x3f | 0x80`, `uuid.UUID(bytes=bytes(d))`.
    #[test]
    fn ids_agree_with_an_independent_computation() {
        let variant =
            Identity::new("IPD", "small-variant", &["IPD0001-D01-A01-A", "GRCh37", "7", "55249071", "C", "T"]);
        let foreign = Identity::new("unassigned", "specimen", &["prøve 1"]);
        for (face, resource_type, identity, part, expected) in [
            (Face::Identified, "Observation", &variant, "", "ac5dd720-07d5-869d-989a-5c8e54c3adac"),
            (Face::Identified, "Observation", &variant, "implication", "634226b2-10fe-87c4-8aa4-7729e88d7da8"),
            (Face::Pseudonymous, "Observation", &variant, "", "27fe6084-24c9-83dd-9113-5a80ba26c233"),
            (Face::Identified, "Specimen", &foreign, "", "b75c64fb-ea33-85cf-9945-94702aaca82e"),
        ] {
            assert_eq!(demo(face).id(resource_type, identity, part).to_string(), expected);
        }
    }

    #[test]
    fn every_field_changes_the_id() {
        let base = Identity::new("IPD", "specimen", &["a", "b"]);
        let ids: BTreeSet<ResourceId> = [
            demo(Face::Identified).id("Specimen", &base, ""),
            demo(Face::Pseudonymous).id("Specimen", &base, ""),
            demo(Face::Identified).id("Observation", &base, ""),
            demo(Face::Identified).id("Specimen", &base, "x"),
            demo(Face::Identified).id("Specimen", &Identity::new("IPH", "specimen", &["a", "b"]), ""),
            demo(Face::Identified).id("Specimen", &Identity::new("IPD", "report", &["a", "b"]), ""),
            demo(Face::Identified).id("Specimen", &Identity::new("IPD", "specimen", &["ab"]), ""),
            demo(Face::Identified).id("Specimen", &Identity::new("IPD", "specimen", &["", "ab"]), ""),
            demo(Face::Identified).id("Specimen", &Identity::new("IPD", "specimen", &["a", "b", ""]), ""),
            ResourceIds::new(Face::Identified, &Secret(Box::new([7; 32]))).id("Specimen", &base, ""),
        ]
        .into();
        assert_eq!(ids.len(), 10);
    }

    #[test]
    fn ids_are_version_8_of_the_rfc_variant() {
        for number in 0..64 {
            let id =
                demo(Face::Identified).id("Patient", &Identity::new("IPD", "lab-patient", &[&number.to_string()]), "");
            assert_eq!((id.0.get_version_num(), id.0.get_variant()), (8, uuid::Variant::RFC4122), "{id}");
        }
    }

    #[test]
    fn secrets_are_long_enough_and_never_printed() {
        assert_eq!(Secret::new(&[1; 31]), Err(SecretTooShort { length: 31 }));
        let secret = Secret::new(&[b'x'; 32]).expect("long enough");
        assert!(!secret.is_demo() && Secret::demo().is_demo());
        assert_eq!(format!("{secret:?}"), "Secret(**REDACTED**)");
        assert_eq!(
            format!("{:?}", ResourceIds::new(Face::Identified, &secret)),
            "ResourceIds { face: Identified, .. }"
        );
    }

    #[test]
    fn an_id_is_written_as_it_is_displayed() {
        let id = demo(Face::Identified).id("Patient", &Identity::default(), "");
        let mut text = String::from("urn:uuid:");
        id.push_to(&mut text);
        assert_eq!(text, format!("urn:uuid:{id}"));
    }
}
