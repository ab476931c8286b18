//! Entity tags of versions (RFC 9110, section 8.8.3; FHIR R4, section 3.1.0.5).

/// The ETag of a version.
pub fn etag(version: i64) -> String {
    format!("W/\"{version}\"")
}

/// What an `If-Match` or `If-None-Match` names (RFC 9110, sections 13.1.1 and 13.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// `*`: every version.
    Every,
    /// Those of the tags that are the gateway's: `W/"3"`, as it gives it, or `"3"`.
    Versions(Vec<i64>),
}

impl Named {
    /// Reads the fields of one name, which are one list (RFC 9110, section 5.3). None where there is no field. What is not `*` alone
    /// or a list of entity tags names no version.
    pub fn read<'f>(fields: impl IntoIterator<Item = &'f [u8]>) -> Option<Self> {
        let fields: Vec<&[u8]> = fields.into_iter().map(trimmed).collect();
        match fields.as_slice() {
            [] => None,
            [b"*"] => Some(Self::Every),
            fields => {
                let read: Option<Vec<Vec<i64>>> = fields.iter().map(|field| versions(field)).collect();
                Some(Self::Versions(read.unwrap_or_default().concat()))
            }
        }
    }

    /// Whether it names this version.
    pub fn names(&self, version: i64) -> bool {
        match self {
            Self::Every => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }
}

/// The versions of a list of entity tags; elements may be empty (RFC 9110, section 5.6.1.2). None where it is not of its form.
fn versions(mut list: &[u8]) -> Option<Vec<i64>> {
    let mut versions = Vec::new();
    loop {
        list = trimmed(list);
        // A comma within a tag is one of its characters.
        if let Some(tag) = list.strip_prefix(b"W/\"").or_else(|| list.strip_prefix(b"\"")) {
            let end = tag.iter().position(|byte| *byte == b'"')?;
            let (opaque, rest) = (tag.get(..end)?, tag.get(end + 1..)?);
            if !opaque.iter().all(|byte| matches!(byte, 0x21 | 0x23..=0x7e | 0x80..)) {
                return None;
            }
            versions.extend(number(opaque));
            list = trimmed(rest);
        }
        match list {
            [] => return Some(versions),
            [b',', rest @ ..] => list = rest,
            _ => return None,
        }
    }
}

fn number(opaque: &[u8]) -> Option<i64> {
    let is_number = opaque.iter().all(u8::is_ascii_digit);
    if is_number { std::str::from_utf8(opaque).ok()?.parse().ok() } else { None }
}

/// Without the whitespace that may stand around what a list has.
fn trimmed(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[&str]) -> Option<Named> {
        Named::read(fields.iter().map(|field| field.as_bytes()))
    }

    fn versions(versions: &[i64]) -> Option<Named> {
        Some(Named::Versions(versions.to_vec()))
    }

    #[test]
    fn a_version_is_named_by_its_etag() {
        assert_eq!(read(&[&etag(12)]), versions(&[12]));
        assert_eq!(read(&[]), None);
        assert!(Named::Every.names(7) && Named::Versions(vec![7, 9]).names(9));
        assert!(!Named::Versions(vec![7, 9]).names(8) && !Named::Versions(Vec::new()).names(0));
    }

    /// RFC 9110, sections 5.3, 5.6.1, 8.8.3, 13.1.1 and 13.1.2.
    #[test]
    fn several_fields_are_one_list_in_which_no_star_stands() {
        for fields in [&["*"][..], &[" *\t"]] {
            assert_eq!(read(fields), Some(Named::Every), "{fields:?}");
        }
        for (fields, named) in [
            (&["\"3\""][..], &[3][..]),
            (&["W/\"1\", \"3\""], &[1, 3]),
            (&["W/\"1\"\t,W/\"2\"", " \"3\""], &[1, 2, 3]),
            (&[", \"1\",, ,\"3\","], &[1, 3]),
            (&["", "\"3\""], &[3]),
            (&["\"x\", \"\", \"1,3\", \"+1\", \"99999999999999999999\", \"\u{e6}\", \"4\""], &[4]),
        ] {
            assert_eq!(read(fields), versions(named), "{fields:?}");
        }
        for fields in [
            &[""][..],
            &["3"],
            &["W/3"],
            &["w/\"3\""],
            &["W/ \"3\""],
            &["\"3"],
            &["3\""],
            &["\"3\"\"4\""],
            &["\"3\" \"4\""],
            &["\"3 \""],
            &["3, \"3\""],
            &["\"3\", W/"],
            &["*, \"3\""],
            &["\"3\", *"],
            &["*", "\"3\""],
            &["\"3\"", "*"],
            &["*", "*"],
            &["*,"],
            &["*", ""],
            &["\"3", "3\""],
        ] {
            assert_eq!(read(fields), versions(&[]), "{fields:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_are_too_much(fields in proptest::collection::vec(proptest::collection::vec(proptest::prelude::any::<u8>(), 0..20), 0..3)) {
            let _ = Named::read(fields.iter().map(Vec::as_slice));
        }
    }
}
