//! Search parameters of FHIR R4: which ones a resource type has here, and their values in a resource.
//!
//! The table is the one place that names them: what is stored with a resource, what a search may ask for and what the
//! CapabilityStatement says are made from it. `_id` and `_lastUpdated` every type has; they are no values of the resource.

mod table;
mod time;
mod values;

pub use crate::domain::search::Token;
pub use table::{parameters, types};
pub use time::period;
pub use values::{fold, tokens};

/// Type of a search parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Code, Coding, CodeableConcept, Identifier or boolean.
    Token,
    /// Reference: `Type/id`, or as it stands where it is absolute.
    Reference,
    /// Date, instant or Period.
    Date,
    /// Text, or the parts of a HumanName: case and diacritics do not count.
    String,
    /// URI, as it stands.
    Uri,
}

impl Kind {
    /// The word of the CapabilityStatement.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Reference => "reference",
            Self::Date => "date",
            Self::String => "string",
            Self::Uri => "uri",
        }
    }
}

/// A search parameter of a resource type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Name.
    pub name: &'static str,
    /// Type.
    pub kind: Kind,
    /// Resource types that a reference may be to; every one where none is named.
    pub targets: &'static [&'static str],
    /// Elements that hold the values: names of members, with dots between.
    pub(super) paths: &'static [&'static str],
    /// Whether the elements are codes, whose system is that of the value set: a system that is asked for does not count.
    pub is_code: bool,
    /// Whether the values tell who a person is: asked for in a body, never in a URL, and identifiers are kept sealed.
    pub is_personal: bool,
}

/// The search parameter of this name.
pub fn parameter(resource_type: &str, name: &str) -> Option<&'static Parameter> {
    parameters(resource_type).iter().find(|parameter| parameter.name == name)
}
