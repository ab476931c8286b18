//! Templates to JSON text.

use super::context::Context;
use super::expression::{Expression, Value};
use super::json::{push_escaped, push_string};
use super::template::{Element, Member, Node, Piece};
use crate::fhir::ids::ResourceId;

/// Writes one resource.
///
/// A node that turns out to have no content is taken back from the end of `out`, so nothing is built twice. Recursion is
/// bounded by the nesting of the template, which was bounded when it was read.
pub(super) struct Writer<'a, 'c> {
    pub(super) context: &'c mut Context<'a>,
    pub(super) out: String,
    /// What the resource refers to, once per mention.
    pub(super) references: Vec<ResourceId>,
}

impl<'a> Writer<'a, '_> {
    /// Writes `node`; false, with nothing written, where it has no content.
    pub(super) fn node(&mut self, node: &'a Node) -> bool {
        match node {
            Node::Constant(json) => {
                self.out.push_str(json);
                true
            }
            Node::Value(expression) => self.value(expression),
            Node::Text(pieces) => self.text(pieces),
            Node::Object { when, members } => {
                when.as_ref().is_none_or(|condition| condition.holds(self.context)) && self.object(members)
            }
            Node::List(elements) => self.list(elements),
        }
    }

    fn value(&mut self, expression: &'a Expression) -> bool {
        match expression.value(self.context) {
            Value::Empty => return false,
            Value::Text(text) => push_string(&mut self.out, &text),
            value @ (Value::Number(_) | Value::Integer(_) | Value::Boolean(_)) => value.push_to(&mut self.out),
            value @ (Value::Id(_) | Value::Reference(_)) => {
                self.out.push('"');
                value.push_to(&mut self.out);
                self.out.push('"');
                self.note_reference(&value);
            }
        }
        true
    }

    fn text(&mut self, pieces: &'a [Piece]) -> bool {
        let (start, references) = (self.out.len(), self.references.len());
        self.out.push('"');
        for piece in pieces {
            match piece {
                Piece::Constant(json) => self.out.push_str(json),
                Piece::Hole(expression) => match expression.value(self.context) {
                    Value::Empty => {
                        self.out.truncate(start);
                        self.references.truncate(references);
                        return false;
                    }
                    Value::Text(text) => push_escaped(&mut self.out, &text),
                    value => {
                        value.push_to(&mut self.out);
                        self.note_reference(&value);
                    }
                },
            }
        }
        self.out.push('"');
        true
    }

    fn note_reference(&mut self, value: &Value<'_>) {
        if let Value::Reference(id) = value {
            self.references.push(*id);
        }
    }

    fn object(&mut self, members: &'a [Member]) -> bool {
        let mut container = self.open('{');
        for member in members {
            let written = match member {
                Member::Constant(json) => {
                    self.out.push_str(json);
                    true
                }
                Member::Node { key, node } => {
                    self.out.push_str(key);
                    self.node(node)
                }
            };
            self.separate(&mut container, written);
        }
        self.close(&container, '}')
    }

    fn list(&mut self, elements: &'a [Element]) -> bool {
        let mut container = self.open('[');
        for element in elements {
            match element {
                Element::Once(node) => {
                    let written = self.node(node);
                    self.separate(&mut container, written);
                }
                Element::Each { list, node } => {
                    for record in list.records(&self.context.variables) {
                        self.context.variables.push(record);
                        let written = self.node(node);
                        self.context.variables.pop();
                        self.separate(&mut container, written);
                    }
                }
            }
        }
        self.close(&container, ']')
    }

    fn open(&mut self, bracket: char) -> Container {
        let start = self.out.len();
        self.out.push(bracket);
        Container { start, end: self.out.len() }
    }

    /// Ends an entry with a comma, or takes back what was written of it.
    fn separate(&mut self, container: &mut Container, written: bool) {
        if written {
            self.out.push(',');
            container.end = self.out.len();
        } else {
            self.out.truncate(container.end);
        }
    }

    /// Puts the bracket in the place of the last comma; takes the whole container back where it has no entry.
    fn close(&mut self, container: &Container, bracket: char) -> bool {
        let has_content = container.end > container.start + 1;
        if has_content {
            self.out.pop();
            self.out.push(bracket);
        } else {
            self.out.truncate(container.start);
        }
        has_content
    }
}

/// An object or list being written.
struct Container {
    start: usize,
    /// End of the last entry that has content.
    end: usize,
}
