//! The forms of a literal reference (FHIR R4, section 2.3.0).

/// A literal reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference<'a> {
    /// `#id`: a contained resource; `#` is the container.
    Fragment(&'a str),
    /// `urn:uuid:...` or `urn:oid:...`, in the form that FHIR demands.
    Urn(&'a str),
    /// `Patient/1`, with or without `/_history/2`.
    Relative {
        /// `Patient`.
        kind: &'a str,
        /// `1`.
        id: &'a str,
    },
    /// `https://server.example/fhir/Patient/1`, with or without `/_history/2`.
    Absolute {
        /// `https://server.example/fhir`.
        base: &'a str,
        /// `Patient`.
        kind: &'a str,
        /// `1`.
        id: &'a str,
    },
    /// `Patient?identifier=...`, which a transaction may hold.
    Conditional {
        /// `Patient`.
        kind: &'a str,
    },
    /// Any other absolute URL.
    Url(&'a str),
}

impl<'a> Reference<'a> {
    /// The form of a reference; `None` where it has none of them.
    pub fn parse(text: &'a str) -> Option<Self> {
        if let Some(id) = text.strip_prefix('#') {
            return (id.is_empty() || is_id(id)).then_some(Self::Fragment(id));
        }
        if text.starts_with("urn:") {
            return is_urn(text).then_some(Self::Urn(text));
        }
        if text.is_empty() || text.contains(char::is_whitespace) {
            return None;
        }
        if let Some((kind, _)) = text.split_once('?')
            && is_kind(kind)
        {
            return Some(Self::Conditional { kind });
        }
        let path = without_version(text);
        let is_url = text.split_once("://").is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty());
        match (split_path(path), is_url) {
            (Some((base, kind, id)), true) if base.contains("://") => Some(Self::Absolute { base, kind, id }),
            (_, true) => Some(Self::Url(text)),
            (Some(("", kind, id)), false) => Some(Self::Relative { kind, id }),
            _ => None,
        }
    }

    /// The resource type that a reference names.
    pub fn kind(&self) -> Option<&'a str> {
        match self {
            Self::Relative { kind, .. } | Self::Absolute { kind, .. } | Self::Conditional { kind } => Some(kind),
            Self::Fragment(_) | Self::Urn(_) | Self::Url(_) => None,
        }
    }

    /// The server of a RESTful full URL.
    pub fn base_of(url: &'a str) -> Option<&'a str> {
        match Self::parse(url) {
            Some(Self::Absolute { base, .. }) => Some(base),
            _ => None,
        }
    }
}

/// `urn:uuid:` with a lower-case UUID, or `urn:oid:` with an object identifier (FHIR R4 datatypes uuid and oid).
pub(super) fn is_urn(text: &str) -> bool {
    if let Some(uuid) = text.strip_prefix("urn:uuid:") {
        let is_hyphen = |at: usize| matches!(at, 8 | 13 | 18 | 23);
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let fits = |(at, byte): (usize, u8)| if is_hyphen(at) { byte == b'-' } else { is_hex(byte) };
        return uuid.len() == 36 && uuid.bytes().enumerate().all(fits);
    }
    text.strip_prefix("urn:oid:").is_some_and(|oid| {
        let mut arcs = oid.split('.');
        matches!(arcs.next(), Some("0" | "1" | "2"))
            && oid.contains('.')
            && arcs.all(|arc| {
                let is_number = !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit());
                is_number && (arc == "0" || !arc.starts_with('0'))
            })
    })
}

/// Whether a text has the form of a resource id (FHIR R4 datatype id).
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// Whether a text has the form of a resource type.
pub(super) fn is_kind(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// `BASE/Type/id` in its parts; the base may be empty.
fn split_path(path: &str) -> Option<(&str, &str, &str)> {
    let (before, id) = path.rsplit_once('/')?;
    let (base, kind) = match before.rsplit_once('/') {
        Some(("", _)) => return None,
        Some(parts) => parts,
        None => ("", before),
    };
    (is_kind(kind) && is_id(id)).then_some((base, kind, id))
}

fn without_version(text: &str) -> &str {
    match text.rsplit_once("/_history/") {
        Some((path, version)) if is_id(version) => path,
        _ => text,
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}
