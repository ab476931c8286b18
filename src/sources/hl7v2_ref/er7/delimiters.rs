//! Delimiters: what MSH-1 and MSH-2 say separates the parts of a message (HL7 v2.5.1, 2.5.4).

use super::{Defect, Place};
use crate::domain::issue::IssueCode;

/// The delimiters of a message. Those that MSH-2 leaves out do not occur in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    /// Between fields: MSH-1.
    pub field: u8,
    /// Between components: first character of MSH-2.
    pub component: u8,
    /// Between repetitions: second character.
    pub repetition: Option<u8>,
    /// Around escape sequences: third character.
    pub escape: Option<u8>,
    /// Between subcomponents: fourth character.
    pub subcomponent: Option<u8>,
    /// Marks a truncated value (v2.7): fifth character.
    pub truncation: Option<u8>,
}

impl Default for Delimiters {
    /// The ones that HL7 recommends: `|^~\&`.
    fn default() -> Self {
        Self {
            field: b'|',
            component: b'^',
            repetition: Some(b'~'),
            escape: Some(b'\\'),
            subcomponent: Some(b'&'),
            truncation: None,
        }
    }
}

impl Delimiters {
    /// Reads what follows `MSH`.
    ///
    /// Errors: `hl7v2.delimiters-invalid` for a character that is no printable ASCII, alphanumeric, a blank or a quotation
    /// mark (`""` is the null value), for one that is repeated, and for an MSH-2 of no or more than five characters.
    pub fn read(after_name: &[u8]) -> Result<Self, Defect> {
        let Some((&field, rest)) = after_name.split_first() else {
            return Err(invalid(1, "the message ends before MSH-1"));
        };
        check(field, &[]).map_err(|text| invalid(1, text))?;
        let is_end = |byte: &u8| *byte == field || *byte == b'\r' || *byte == b'\n';
        let length = rest.iter().position(is_end).ok_or_else(|| invalid(2, "MSH-2 does not end"))?;
        let characters = rest.get(..length).unwrap_or_default();
        if !(1..=5).contains(&characters.len()) {
            return Err(invalid(2, "MSH-2 has not one to five characters"));
        }
        let mut seen = vec![field];
        for &character in characters {
            check(character, &seen).map_err(|text| invalid(2, text))?;
            seen.push(character);
        }
        let at = |index: usize| characters.get(index).copied();
        Ok(Self {
            field,
            component: at(0).unwrap_or_default(),
            repetition: at(1),
            escape: at(2),
            subcomponent: at(3),
            truncation: at(4),
        })
    }

    /// MSH-2.
    pub fn encoding_characters(&self) -> String {
        let rest =
            [self.repetition, self.escape, self.subcomponent, self.truncation].into_iter().map_while(|byte| byte);
        std::iter::once(self.component).chain(rest).map(char::from).collect()
    }
}

fn check(character: u8, seen: &[u8]) -> Result<(), &'static str> {
    if !character.is_ascii_graphic() || character.is_ascii_alphanumeric() || character == b'"' {
        return Err("a delimiter is a letter, digit, blank, quotation mark or no printable ASCII character");
    }
    if seen.contains(&character) { Err("a delimiter is repeated") } else { Ok(()) }
}

fn invalid(field: u32, text: &str) -> Defect {
    Defect::at(Place::header().field(field), IssueCode::Hl7DelimitersInvalid, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_legal_characters_are_taken() {
        for (text, encoding) in [
            ("|^~\\&|A", "^~\\&"),
            ("|^~\\&#|A", "^~\\&#"),
            ("$%*!?$A", "%*!?"),
            ("|^|A", "^"),
            ("|^~\r", "^~"),
            (".,;:-.", ",;:-"),
        ] {
            let delimiters = Delimiters::read(text.as_bytes()).unwrap();
            assert_eq!(delimiters.encoding_characters(), encoding, "{text}");
            assert_eq!(delimiters.field, text.as_bytes()[0]);
        }
        assert_eq!(Delimiters::read(b"|^~\\&|"), Ok(Delimiters::default()));
    }

    #[test]
    fn others_are_refused_where_they_stand() {
        for (text, place, reason) in [
            ("", "MSH[1]-1", "ends before"),
            ("A^~\\&A", "MSH[1]-1", "letter"),
            (" ^~\\& ", "MSH[1]-1", "blank"),
            ("\r", "MSH[1]-1", "printable"),
            ("|^~\\&", "MSH[1]-2", "does not end"),
            ("||", "MSH[1]-2", "one to five"),
            ("|^~\\&#@|", "MSH[1]-2", "one to five"),
            ("|^~^&|", "MSH[1]-2", "repeated"),
            ("|^~\\0|", "MSH[1]-2", "digit"),
            ("|^~\"&|", "MSH[1]-2", "quotation"),
            ("|^~\u{e6}|", "MSH[1]-2", "printable"),
        ] {
            let defect = Delimiters::read(text.as_bytes()).unwrap_err();
            assert_eq!(defect.code, IssueCode::Hl7DelimitersInvalid, "{text}");
            assert_eq!(defect.place.unwrap().to_string(), place, "{text}");
            assert!(defect.text.contains(reason), "{text}: {}", defect.text);
        }
    }
}
