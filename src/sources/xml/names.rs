//! Namespaces (Namespaces in XML 1.0, third edition).

use std::sync::Arc;

use super::reader::Namespace;

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const DECLARATIONS: &str = "http://www.w3.org/2000/xmlns/";

/// The declarations in force.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Prefix, empty for the default namespace; what it stands for, none where the default is undeclared.
    declared: Vec<(String, Namespace)>,
    /// How many declarations were in force outside each open element.
    outside: Vec<usize>,
}

impl Names {
    /// Enters an element.
    pub(super) fn enter(&mut self) {
        self.outside.push(self.declared.len());
    }

    /// Leaves an element: its declarations end.
    pub(super) fn leave(&mut self) {
        self.declared.truncate(self.outside.pop().unwrap_or_default());
    }

    /// Declarations in force.
    pub(super) fn len(&self) -> usize {
        self.declared.len()
    }

    /// Whether an attribute declares a namespace.
    pub(super) fn is_declaration(attribute: &str) -> bool {
        attribute == "xmlns" || attribute.starts_with("xmlns:")
    }

    /// Takes up a declaration; other attributes are no matter. False where it must not be made (section 3: the prefix `xml`
    /// stands for one namespace, `xmlns` is never declared, a prefix is never undeclared).
    pub(super) fn declare(&mut self, attribute: &str, value: &str) -> bool {
        if !Self::is_declaration(attribute) {
            return true;
        }
        let prefix = attribute.strip_prefix("xmlns:").unwrap_or_default();
        let is_wrong = match (attribute, prefix) {
            ("xmlns", _) => value == XML || value == DECLARATIONS,
            (_, "" | "xmlns") => true,
            (_, "xml") => value != XML,
            _ => value.is_empty() || value == XML || value == DECLARATIONS || prefix.contains(':'),
        };
        if !is_wrong {
            let namespace = Some(value).filter(|value| !value.is_empty()).map(Arc::from);
            self.declared.push((prefix.to_owned(), namespace));
        }
        !is_wrong
    }

    /// Namespace and local name of an element; none where its prefix is not declared.
    pub(super) fn of_element<'a>(&self, name: &'a str) -> Option<(Namespace, &'a str)> {
        match split(name)? {
            ("", local) => Some((self.find("").cloned().flatten(), local)),
            (prefix, local) => Some((self.of_prefix(prefix)?, local)),
        }
    }

    /// Namespace and local name of an attribute: the default namespace is not meant for it.
    pub(super) fn of_attribute<'a>(&self, name: &'a str) -> Option<(Namespace, &'a str)> {
        match split(name)? {
            ("", local) => Some((None, local)),
            (prefix, local) => Some((self.of_prefix(prefix)?, local)),
        }
    }

    fn of_prefix(&self, prefix: &str) -> Option<Namespace> {
        if prefix == "xml" {
            return Some(Some(Arc::from(XML)));
        }
        self.find(prefix).cloned()
    }

    fn find(&self, prefix: &str) -> Option<&Namespace> {
        self.declared.iter().rev().find(|(declared, _)| declared == prefix).map(|(_, namespace)| namespace)
    }
}

/// Prefix, empty where there is none, and local name; none for a name with several colons or an empty part.
fn split(name: &str) -> Option<(&str, &str)> {
    match name.split_once(':') {
        None => Some(("", name)).filter(|_| !name.is_empty()),
        Some((prefix, local)) => {
            (!prefix.is_empty() && !local.is_empty() && !local.contains(':')).then_some((prefix, local))
        }
    }
}
