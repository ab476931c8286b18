//! From events to the tree.

use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::names::Names;
use super::{Attribute, Element, XmlError};
use crate::domain::issue::IssueCode;
use crate::domain::limits::XmlLimits;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads a document.
pub(super) fn read(bytes: &[u8], limits: &XmlLimits) -> Result<Element, XmlError> {
    let error = |code, text: &str| XmlError { code, line: 1, text: text.to_owned() };
    if bytes.len() > limits.bytes {
        let text = format!("the document has more than {} bytes", limits.bytes);
        return Err(error(IssueCode::XmlTooLarge, &text));
    }
    let text = std::str::from_utf8(bytes.strip_prefix(BOM).unwrap_or(bytes))
        .map_err(|_| error(IssueCode::XmlEncoding, "the document is not UTF-8"))?;
    let mut builder = Builder {
        text,
        limits,
        at: 0,
        line: 1,
        open: Vec::new(),
        root: None,
        elements: 0,
        attributes: 0,
        names: Names::default(),
    };
    let mut reader = Reader::from_str(text);
    loop {
        let start = reader.buffer_position();
        let event = reader.read_event();
        let place = if event.is_ok() { start } else { reader.error_position() };
        builder.move_to(usize::try_from(place).unwrap_or(usize::MAX));
        match event {
            Ok(Event::Eof) => return builder.finish(),
            Ok(event) => builder.take(event)?,
            Err(error) => return Err(builder.invalid(&error)),
        }
    }
}

struct Builder<'a> {
    text: &'a str,
    limits: &'a XmlLimits,
    /// Byte up to which lines are counted.
    at: usize,
    line: u32,
    /// Elements that are not closed yet, outermost first.
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    attributes: usize,
    names: Names,
}

impl Builder<'_> {
    fn move_to(&mut self, byte: usize) {
        let passed = self.text.as_bytes().get(self.at..byte.max(self.at)).unwrap_or_default();
        let lines = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at = byte.max(self.at);
    }

    fn take(&mut self, event: Event<'_>) -> Result<(), XmlError> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::Empty(start) => {
                self.start(&start)?;
                self.end()
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.characters(&text),
            Event::CData(_) if self.open.is_empty() => {
                Err(self.error(IssueCode::XmlInvalid, "text stands outside the root element"))
            }
            Event::CData(text) => self.characters(&text),
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(name)) if !is_utf_8(&name) => {
                    Err(self.error(IssueCode::XmlEncoding, "the document says that it is not UTF-8"))
                }
                Some(Err(error)) => Err(self.invalid(&error.into())),
                _ => Ok(()),
            },
            Event::DocType(_) => Err(self.error(IssueCode::XmlDoctype, "the document has a document type declaration")),
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), XmlError> {
        if self.open.is_empty() && self.root.is_some() {
            return Err(self.error(IssueCode::XmlInvalid, "a second element stands beside the root"));
        }
        if self.open.len() >= self.limits.depth {
            let text = format!("elements are nested deeper than {}", self.limits.depth);
            return Err(self.error(IssueCode::XmlTooDeep, &text));
        }
        self.elements += 1;
        if self.elements > self.limits.elements {
            let text = format!("the document has more than {} elements", self.limits.elements);
            return Err(self.error(IssueCode::XmlTooLarge, &text));
        }
        let written = self.written_attributes(start)?;
        self.names.enter();
        for (name, value) in &written {
            if !self.names.declare(name, value) {
                return Err(self.error(IssueCode::XmlInvalid, "a namespace is declared wrongly"));
            }
        }
        if self.names.len() > self.limits.namespaces {
            let text = format!("more than {} namespaces are declared", self.limits.namespaces);
            return Err(self.error(IssueCode::XmlTooLarge, &text));
        }
        let element_name = start.name();
        let Some((namespace, name)) = self.names.of_element(element_name.as_ref()) else {
            return Err(self.error(IssueCode::XmlInvalid, "the prefix of an element is not declared"));
        };
        let mut element = Element { namespace, name: name.to_owned(), line: self.line, ..Element::default() };
        for (name, value) in written.into_iter().filter(|(name, _)| !Names::is_declaration(name)) {
            let Some((namespace, name)) = self.names.of_attribute(&name) else {
                return Err(self.error(IssueCode::XmlInvalid, "the prefix of an attribute is not declared"));
            };
            let name = name.to_owned();
            if element.attributes.iter().any(|other| other.name == name && other.namespace == namespace) {
                return Err(self.error(IssueCode::XmlInvalid, "an attribute occurs twice in one element"));
            }
            element.attributes.push(Attribute { namespace, name, value });
        }
        self.open.push(element);
        Ok(())
    }

    /// Names and values as written. They are counted before anything is kept or compared.
    fn written_attributes(&mut self, start: &BytesStart<'_>) -> Result<Vec<(String, String)>, XmlError> {
        let mut written: Vec<(String, String)> = Vec::new();
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.invalid(&error.into()))?;
            self.attributes += 1;
            if written.len() >= self.limits.element_attributes || self.attributes > self.limits.attributes {
                let text = format!(
                    "an element has more than {} attributes, or the document more than {}",
                    self.limits.element_attributes, self.limits.attributes
                );
                return Err(self.error(IssueCode::XmlTooLarge, &text));
            }
            let name: &str = attribute.key.as_ref();
            if attribute.value.contains('<') {
                return Err(self.error(IssueCode::XmlInvalid, "a value of an attribute has a `<`"));
            }
            let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0);
            let value = value.map_err(|error| self.invalid(&error))?;
            if written.iter().any(|(other, _)| other == name) {
                return Err(self.error(IssueCode::XmlInvalid, "an attribute occurs twice in one element"));
            }
            written.push((name.to_owned(), value.into_owned()));
        }
        Ok(written)
    }

    fn end(&mut self) -> Result<(), XmlError> {
        let Some(element) = self.open.pop() else {
            return Err(self.error(IssueCode::XmlInvalid, "an end tag without start tag"));
        };
        self.names.leave();
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn characters(&mut self, text: &str) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => {
                let before = text.len() - text.trim_start().len();
                self.move_to(self.at.saturating_add(before));
                return Err(self.error(IssueCode::XmlInvalid, "text stands outside the root element"));
            }
        }
        Ok(())
    }

    /// `&amp;` and its like, or a character by its number. Entities of a document's own would come from a declaration.
    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), XmlError> {
        if let Some(character) = reference.resolve_char_ref().map_err(|error| self.invalid(&error))? {
            return self.characters(character.encode_utf8(&mut [0; 4]));
        }
        match resolve_predefined_entity(reference) {
            Some(text) => self.characters(text),
            None => Err(self.error(IssueCode::XmlDoctype, "an entity that XML does not define")),
        }
    }

    fn finish(mut self) -> Result<Element, XmlError> {
        if !self.open.is_empty() {
            return Err(self.error(IssueCode::XmlInvalid, "the document ends inside an element"));
        }
        let root = self.root.take();
        root.ok_or_else(|| self.error(IssueCode::XmlInvalid, "the document has no element"))
    }

    fn error(&self, code: IssueCode, text: &str) -> XmlError {
        XmlError { code, line: self.line, text: text.to_owned() }
    }

    /// The library quotes names of the document in its texts; its kinds of error are enough for a reader.
    fn invalid(&self, error: &Error) -> XmlError {
        let text = match error {
            Error::Syntax(_) => "a mark-up does not end or is not known",
            Error::IllFormed(_) => "tags do not match, or a part stands where it must not",
            Error::InvalidAttr(_) => "an attribute is not written as name=\"value\"",
            Error::Escape(_) => "a reference is not written as XML defines it, or names an unknown entity",
            _ => "not XML",
        };
        self.error(IssueCode::XmlInvalid, text)
    }
}

fn is_utf_8(name: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Kept so that a namespace is one text in memory, however many elements have it.
pub(super) type Namespace = Option<Arc<str>>;
