//! Writing segments.

use std::fmt::Write;

use super::{CharacterSet, Delimiters};

/// What a field holds, by repetition, component and subcomponent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content(pub Vec<Vec<Vec<String>>>);

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::components(&[text])
    }
}

impl Content {
    /// One repetition of components without subcomponents.
    pub fn components(texts: &[&str]) -> Self {
        Self(vec![texts.iter().map(|text| vec![(*text).to_owned()]).collect()])
    }
}

/// Writes the segments of one message.
#[derive(Debug, Clone)]
pub struct Writer {
    delimiters: Delimiters,
    text: String,
}

impl Writer {
    /// A message with these delimiters.
    pub fn new(delimiters: Delimiters) -> Self {
        Self { delimiters, text: String::new() }
    }

    /// Writes a segment. `fields` begin with field 1; those of MSH with MSH-3.
    pub fn segment(&mut self, name: &str, fields: &[Content]) {
        self.text.push_str(name);
        if name == "MSH" {
            self.text.push(char::from(self.delimiters.field));
            self.text.push_str(&self.delimiters.encoding_characters());
        }
        let last = fields.iter().rposition(|field| field.0.iter().flatten().flatten().any(|text| !text.is_empty()));
        for field in fields.iter().take(last.map_or(0, |last| last + 1)) {
            self.text.push(char::from(self.delimiters.field));
            self.field(field);
        }
        self.text.push('\r');
    }

    /// The bytes of the message.
    pub fn finish(self, set: CharacterSet) -> Vec<u8> {
        set.encode(&self.text)
    }

    /// The message as text.
    pub fn into_text(self) -> String {
        self.text
    }

    fn field(&mut self, field: &Content) {
        for (index, repetition) in field.0.iter().enumerate() {
            self.separator(index, self.delimiters.repetition);
            for (index, component) in repetition.iter().enumerate() {
                self.separator(index, Some(self.delimiters.component));
                for (index, text) in component.iter().enumerate() {
                    self.separator(index, self.delimiters.subcomponent);
                    self.escaped(text);
                }
            }
        }
    }

    fn separator(&mut self, index: usize, delimiter: Option<u8>) {
        if index > 0 {
            self.text.push(delimiter.map_or(' ', char::from));
        }
    }

    /// Writes a text with escape sequences; blanks in place of delimiters and control characters where the message has no
    /// escape character.
    fn escaped(&mut self, text: &str) {
        let Delimiters { field, component, repetition, escape, subcomponent, truncation } = self.delimiters;
        for character in text.chars() {
            let is = |delimiter: Option<u8>| delimiter.map(char::from) == Some(character);
            let letter = match character {
                _ if is(Some(field)) => 'F',
                _ if is(Some(component)) => 'S',
                _ if is(repetition) => 'R',
                _ if is(escape) => 'E',
                _ if is(subcomponent) => 'T',
                _ if is(truncation) => 'P',
                '\u{0}'..='\u{1f}' | '\u{7f}' => 'X',
                _ => {
                    self.text.push(character);
                    continue;
                }
            };
            let Some(escape) = escape.map(char::from) else {
                self.text.push(' ');
                continue;
            };
            self.text.push(escape);
            self.text.push(letter);
            if letter == 'X' {
                // Writing to a String cannot fail.
                let _ = write!(self.text, "{:02X}", u32::from(character));
            }
            self.text.push(escape);
        }
    }
}
