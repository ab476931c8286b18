//! Mapping files as trees: the part of YAML 1.2 that templates need, with the place of every node.
//!
//! One document; mappings with text keys, sequences, scalars. Anchors, aliases, tags and repeated keys are refused: what
//! a reviewer sees at a place is all there is at that place.

mod scalar;
mod shape;

use saphyr::{LoadableYamlNode, MarkedYaml, Marker, Scalar, YamlData};

use self::scalar::raw_scalar;
use super::{MAX_BYTES, MappingError, MappingFile, Position};
use crate::domain::issue::IssueCode;
use crate::redact::quote;

/// Deepest nesting of lists and objects in a mapping file.
const MAX_DEPTH: u32 = 32;

/// A node of a mapping file.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub at: Position,
    /// What it is.
    pub value: Value,
}

/// The value of a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// A plain scalar in JSON number grammar, as written.
    Number(String),
    /// Plain `true` or `false`.
    Boolean(bool),
    /// Any other scalar.
    Text(Text),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Object(Vec<Entry>),
}

/// A text scalar.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// The text.
    pub text: String,
    /// Place of the first character; only where the text stands in the file as it is, on one line.
    pub first: Option<Position>,
}

/// One key of a mapping with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub at: Position,
    /// The value.
    pub node: Node,
}

/// Reads a mapping file.
pub fn read(file: &MappingFile) -> Result<Node, MappingError> {
    let start = Position { file: file.name.clone(), line: 1, column: 1 };
    let invalid = |at: &Position, text: &str| MappingError::new(IssueCode::MappingSyntax, at, text);
    if file.text.len() > MAX_BYTES {
        return Err(invalid(&start, "the file is longer than 1 MiB"));
    }
    let text = file.text.replace("\r\n", "\n");
    shape::check(&text, &start)?;
    let documents =
        MarkedYaml::load_from_str(&text).map_err(|error| invalid(&position(&start, *error.marker()), error.info()))?;
    let reader = Reader { start, characters: text.chars().collect() };
    match documents.as_slice() {
        [] => Err(invalid(&reader.start, "the file is empty")),
        [document] => reader.node(document, 0),
        [_, second, ..] => Err(invalid(&reader.at(second), "a second document")),
    }
}

fn position(start: &Position, marker: Marker) -> Position {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Position { file: start.file.clone(), line: number(marker.line()), column: number(marker.col()).saturating_add(1) }
}

struct Reader {
    start: Position,
    characters: Vec<char>,
}

impl Reader {
    fn at(&self, node: &MarkedYaml<'_>) -> Position {
        position(&self.start, node.span.start)
    }

    fn invalid(&self, node: &MarkedYaml<'_>, text: &str) -> MappingError {
        MappingError::new(IssueCode::MappingSyntax, &self.at(node), text)
    }

    /// The node as it stands in the file.
    fn source(&self, node: &MarkedYaml<'_>) -> String {
        let range = node.span.start.index()..node.span.end.index();
        self.characters.get(range).unwrap_or_default().iter().collect()
    }

    fn node(&self, node: &MarkedYaml<'_>, depth: u32) -> Result<Node, MappingError> {
        if depth > MAX_DEPTH {
            return Err(self.invalid(node, &format!("nested more than {MAX_DEPTH} levels deep")));
        }
        self.refuse_properties(node)?;
        let value = match &node.data {
            YamlData::Sequence(elements) => {
                let elements = elements.iter().map(|element| self.node(element, depth + 1));
                Value::List(elements.collect::<Result<_, _>>()?)
            }
            YamlData::Mapping(mapping) => {
                let entries = mapping.iter().map(|(key, value)| self.entry(key, value, depth));
                Value::Object(entries.collect::<Result<_, _>>()?)
            }
            YamlData::Value(scalar) => raw_scalar(scalar, &self.source(node), &self.at(node)),
            YamlData::Tagged(..) | YamlData::Alias(_) | YamlData::Representation(..) | YamlData::BadValue => {
                return Err(self.invalid(node, "not a list, an object or a scalar"));
            }
        };
        Ok(Node { at: self.at(node), value })
    }

    fn entry(&self, key: &MarkedYaml<'_>, value: &MarkedYaml<'_>, depth: u32) -> Result<Entry, MappingError> {
        self.refuse_properties(key)?;
        let YamlData::Value(Scalar::String(text)) = &key.data else {
            return Err(self.invalid(key, &format!("the key {} is not text", quote(&self.source(key)))));
        };
        Ok(Entry { key: text.clone().into_owned(), at: self.at(key), node: self.node(value, depth + 1)? })
    }

    /// Refuses anchors, aliases and tags, which the parser has resolved already: its spans start at them.
    fn refuse_properties(&self, node: &MarkedYaml<'_>) -> Result<(), MappingError> {
        let Some(&first) = self.characters.get(node.span.start.index()) else { return Ok(()) };
        let is_content = matches!(&node.data, YamlData::Value(Scalar::String(text)) if text.starts_with(first));
        match first {
            '&' | '*' if !is_content => Err(self.invalid(node, "anchors and aliases are not allowed")),
            '!' if !is_content => Err(self.invalid(node, "tags are not allowed")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
