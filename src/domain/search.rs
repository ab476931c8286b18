//! By what a resource is found: values of search parameters, as they are extracted and as they are looked for.

/// A value of a search parameter in a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    /// Name of the search parameter.
    pub name: &'static str,
    /// System of a code or an identifier; empty where there is none.
    pub system: String,
    /// Code, identifier, `Patient/<id>`, URI, or a text with case and diacritics folded; empty for a time.
    pub value: String,
    /// First and last millisecond since 1970 that a time can mean; none for what is no time.
    pub period: Option<(i64, i64)>,
}

impl Token {
    /// A value that is no time.
    pub fn new(name: &'static str, system: &str, value: &str) -> Self {
        Self { name, system: system.to_owned(), value: value.to_owned(), period: None }
    }

    /// A time.
    pub fn time(name: &'static str, first: i64, last: i64) -> Self {
        Self { name, system: String::new(), value: String::new(), period: Some((first, last)) }
    }
}

/// How a time is compared with the one that is asked for (FHIR R4 search, section 3.1.1.4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Wholly within it.
    Equal,
    /// Not wholly within it.
    NotEqual,
    /// Reaches beyond its end.
    Greater,
    /// Begins before it.
    Less,
    /// Reaches beyond its end, or wholly within it.
    GreaterOrEqual,
    /// Begins before it, or wholly within it.
    LessOrEqual,
    /// Begins after its end.
    StartsAfter,
    /// Ends before it begins.
    EndsBefore,
    /// Has a moment in common with it.
    Overlaps,
}
