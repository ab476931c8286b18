//! Business keys: what makes two messages speak of the same thing.

use std::fmt;

/// The business key of one thing, from which every resource id about it is derived (ADR 3).
///
/// Two identities are equal when owner, kind and key fields are equal; nothing in it is shown to a receiver.
#[derive(Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Identity {
    /// Who owns the key space: the laboratory prefix of a sample id, an organisation number, or `unassigned`.
    pub owner: String,
    /// What the thing is, e.g. `small-variant`; keeps two kinds with the same resource type apart.
    pub kind: &'static str,
    /// The key fields, in a fixed order per kind.
    pub key: Vec<String>,
}

/// The key can hold a national number.
impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Identity({} {} **REDACTED**)", self.owner, self.kind)
    }
}

impl Identity {
    /// The identity of a `kind` owned by `owner`.
    pub fn new(owner: &str, kind: &'static str, key: &[&str]) -> Self {
        Self { owner: owner.to_owned(), kind, key: key.iter().map(|field| (*field).to_owned()).collect() }
    }
}

/// Which view of the data an id belongs to: the same patient has unrelated ids in two faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Face {
    /// Health trusts, laboratories and the registry.
    Identified,
    /// The trial system.
    #[default]
    Pseudonymous,
}

impl Face {
    /// Every face.
    pub const ALL: [Self; 2] = [Self::Identified, Self::Pseudonymous];

    /// The word that enters the id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identified => "identified",
            Self::Pseudonymous => "pseudonymous",
        }
    }
}
