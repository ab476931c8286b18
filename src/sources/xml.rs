//! XML documents of strangers, read within limits into a small tree.
//!
//! One entry point, [`parse`]. No document type declaration and no entity but the five of XML 1.0 is accepted, nothing outside
//! the document is ever opened, and every limit of [`XmlLimits`] holds before what it bounds is kept in memory. Namespaces are
//! resolved (Namespaces in XML 1.0); text is UTF-8.

pub mod encoding;
mod names;
mod reader;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::limits::XmlLimits;

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Namespace; `None` where the name has none.
    pub namespace: Option<Arc<str>>,
    /// Local name, without prefix.
    pub name: String,
    /// Attributes in the order of the document, without namespace declarations.
    pub attributes: Vec<Attribute>,
    /// Character data directly inside the element, of all its pieces together.
    pub text: String,
    /// Elements inside it, in the order of the document.
    pub children: Vec<Element>,
    /// Line of the start tag, from 1.
    pub line: u32,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Namespace; `None` for a name without prefix.
    pub namespace: Option<Arc<str>>,
    /// Local name, without prefix.
    pub name: String,
    /// Value with its references resolved.
    pub value: String,
}

/// Why a document was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {text}")]
pub struct XmlError {
    /// `xml.invalid`, `xml.doctype`, `xml.encoding-unsupported`, `xml.too-deep` or `xml.too-large`.
    pub code: IssueCode,
    /// Line, from 1.
    pub line: u32,
    /// What is wrong there; never a value of the document.
    pub text: String,
}

impl XmlError {
    /// The issue of a file.
    pub fn issue(self, file: &Arc<str>) -> Issue {
        Issue::new(self.code, Location::file(file).line(self.line), self.text)
    }
}

/// Reads a document and gives its root element.
///
/// # Errors
/// It is not well-formed, has a document type declaration, is not UTF-8, or meets a limit.
pub fn parse(bytes: &[u8], limits: &XmlLimits) -> Result<Element, XmlError> {
    reader::read(bytes, limits)
}

impl Element {
    /// Whether the element has this namespace and local name.
    pub fn is(&self, namespace: Option<&str>, name: &str) -> bool {
        self.namespace.as_deref() == namespace && self.name == name
    }

    /// The value of an attribute without namespace; `None` where it is not there or blank.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let attribute = self.attributes.iter().find(|it| it.namespace.is_none() && it.name == name)?;
        Some(attribute.value.trim()).filter(|value| !value.is_empty())
    }

    /// The first element inside with this local name, whatever its namespace.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text without blanks around it; `None` where nothing is left.
    pub fn value(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }
}
