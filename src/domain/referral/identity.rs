//! What identifies the parts of a referral, whatever format it came in (ADR 3): the same referral in another format gives the
//! same ids.

use super::party::PersonIdentifier;
use crate::domain::ids::Identity;

/// Owner of numbers that are given out once for the country.
const NATIONAL: &str = "national";

/// A patient with a national number (not a local help number): the same person in every trust.
pub fn patient(national_number: &str) -> Identity {
    Identity::new(NATIONAL, "patient", &[national_number])
}

/// The number of several that says who the patient is, whatever order they stand in: a birth number before a D-number before
/// a common help number, which is the order of their systems (no-basis, `...4.1` to `...4.3`); of two of a kind the lesser.
/// A D-number is given up for a birth number, so that the birth number is the one that stays.
pub fn leading<'n>(national: impl Iterator<Item = &'n PersonIdentifier>) -> Option<&'n PersonIdentifier> {
    national.min_by_key(|number| (number.system.as_deref(), number.value.expose()))
}

/// The same of local numbers: a help number before others, then by assigner and number.
pub fn leading_local<'n>(local: impl Iterator<Item = &'n PersonIdentifier>) -> Option<&'n PersonIdentifier> {
    let local = local.filter(|number| number.kind.is_some() || number.assigner.is_some());
    local.min_by_key(|number| (number.kind.is_none(), number.assigner.as_deref(), number.value.expose()))
}

/// A patient with a local number only; `assigner` is who gave it.
pub fn local_patient(sender: &str, assigner: &str, number: &str) -> Identity {
    Identity::new(sender, "patient", &[assigner, number])
}

/// Who counts a local number: sender and, where it is told, assigner, each percent-encoded as a segment of a URI (RFC 3986,
/// section 2.3), so that equal numbers of two hospitals are never the same identifier.
pub fn local_namespace(sender: &str, assigner: Option<&str>) -> String {
    let mut namespace = encoded(sender);
    if let Some(assigner) = assigner {
        namespace.push('/');
        namespace.push_str(&encoded(assigner));
    }
    namespace
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A patient without any number.
pub fn unnumbered_patient(sender: &str, family_name: &str, given_name: &str, birth_date: &str) -> Identity {
    Identity::new(sender, "patient", &[family_name, given_name, birth_date])
}

/// An organisation or service: by organisation number, otherwise HER-id, otherwise name.
pub fn organisation(sender: &str, number: Option<&str>, her_id: Option<&str>, name: Option<&str>) -> Identity {
    numbered(sender, "organisation", [("ENH", number), ("HER", her_id)], name.unwrap_or_default())
}

/// A health professional: by HPR number, otherwise HER-id, otherwise name.
pub fn practitioner(sender: &str, hpr_number: Option<&str>, her_id: Option<&str>, name: &str) -> Identity {
    numbered(sender, "practitioner", [("HPR", hpr_number), ("HER", her_id)], name)
}

fn numbered(sender: &str, kind: &'static str, numbers: [(&str, Option<&str>); 2], name: &str) -> Identity {
    match numbers.into_iter().find_map(|(system, number)| Some((system, number?))) {
        Some((system, number)) => Identity::new(NATIONAL, kind, &[system, number]),
        None => Identity::new(sender, kind, &["name", name]),
    }
}

/// The referral itself, and what there is one of in it: `referral`, `consent`, `performance-status`.
pub fn part(sender: &str, kind: &'static str, document_id: &str) -> Identity {
    Identity::new(sender, kind, &[document_id])
}

/// An element of a list of the referral: `diagnosis`, `medication`, `treatment`, `clinical-item`, `precaution` by its place
/// from 1, `attachment` by the SHA-256 of its content.
pub fn element(sender: &str, kind: &'static str, document_id: &str, key: &str) -> Identity {
    Identity::new(sender, kind, &[document_id, key])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_two_hospitals_or_two_systems_never_meet() {
        assert_eq!(local_namespace("983974732", Some("DIPS")), "983974732/DIPS");
        assert_eq!(local_namespace("983974732", None), "983974732");
        // RFC 3986: `/` and what is not ASCII are encoded, as UTF-8.
        assert_eq!(local_namespace("a/b", Some("Ås")), "a%2Fb/%C3%85s");
        assert_ne!(local_namespace("a", Some("b/c")), local_namespace("a/b", Some("c")));
    }
}
