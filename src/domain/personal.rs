//! Texts that identify a person.

use std::fmt;

use super::record::{AsField, Field, Shape};

/// A text that identifies a person, alone or with others: a name, a number, an address, a date of birth. It is shown by no
/// `Debug`; what needs it calls [`Personal::expose`], so that every such place can be found.
#[derive(Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Personal(String);

impl Personal {
    /// Takes the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("**REDACTED**")
    }
}

impl AsField for Personal {
    const SHAPE: Shape = Shape::Text;
    fn as_field(&self) -> Field<'_> {
        if self.is_empty() { Field::Missing } else { Field::Text(&self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Some(Personal::new("Danser"))), "Some(**REDACTED**)");
    }
}
