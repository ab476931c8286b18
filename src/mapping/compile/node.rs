//! Nodes of a resource.

use super::{Compiler, Place};
use crate::domain::record::RecordType;
use crate::mapping::expression::Condition;
use crate::mapping::json::{push_escaped, push_string};
use crate::mapping::path::Path;
use crate::mapping::syntax;
use crate::mapping::template::{Element, Member, Node, Piece};
use crate::mapping_file::yaml::{Entry, Node as Yaml, Text, Value};
use crate::redact::quote;

/// An object's entries, sorted into directives and properties.
#[derive(Default)]
struct Parts<'y> {
    when: Option<&'y Yaml>,
    each: Option<&'y Yaml>,
    variable: Option<&'y Yaml>,
    properties: Vec<&'y Entry>,
}

impl Compiler<'_> {
    /// A node; `None` where it is wrong or has no content.
    pub(super) fn node(&mut self, node: &Yaml) -> Option<Node> {
        match &node.value {
            Value::Null => self.invalid(&node.at, "a value is missing"),
            Value::Number(number) => Some(Node::Constant(number.as_str().into())),
            Value::Boolean(value) => Some(Node::Constant(value.to_string().into())),
            Value::Text(text) => self.text(text, node),
            Value::List(elements) => self.list(elements),
            Value::Object(entries) => {
                let parts = self.parts(entries);
                for misplaced in [parts.each, parts.variable].into_iter().flatten() {
                    self.invalid::<()>(&misplaced.at, "`$each` and `$as` belong on an element of a list");
                }
                self.object(&parts)
            }
        }
    }

    fn text(&mut self, text: &Text, node: &Yaml) -> Option<Node> {
        let place = Place { node: &node.at, first: text.first.as_ref() };
        if text.text.is_empty() {
            return self.invalid(&node.at, "an empty text");
        }
        let parsed = syntax::pieces(&text.text);
        let parsed = self.parsed(&place, parsed)?;
        if let [syntax::Piece::Text(constant)] = parsed.as_slice() {
            let mut json = String::new();
            push_string(&mut json, constant);
            return Some(Node::Constant(json.into()));
        }
        if let [syntax::Piece::Hole(hole)] = parsed.as_slice() {
            return Some(Node::Value(self.hole(hole, &place)?));
        }
        let pieces: Vec<Option<Piece>> = parsed
            .iter()
            .map(|piece| match piece {
                syntax::Piece::Text(constant) => {
                    let mut json = String::new();
                    push_escaped(&mut json, constant);
                    Some(Piece::Constant(json.into()))
                }
                syntax::Piece::Hole(hole) => Some(Piece::Hole(self.hole(hole, &place)?)),
            })
            .collect();
        Some(Node::Text(pieces.into_iter().collect::<Option<_>>()?))
    }

    fn list(&mut self, elements: &[Yaml]) -> Option<Node> {
        let elements: Vec<Element> = elements.iter().filter_map(|element| self.element(element)).collect();
        let constants: Option<Vec<&str>> = elements
            .iter()
            .map(|element| match element {
                Element::Once(Node::Constant(json)) => Some(json.as_ref()),
                _ => None,
            })
            .collect();
        match constants {
            Some(constants) if constants.is_empty() => None,
            Some(constants) => Some(Node::Constant(format!("[{}]", constants.join(",")).into())),
            None => Some(Node::List(elements.into())),
        }
    }

    fn element(&mut self, element: &Yaml) -> Option<Element> {
        let Value::Object(entries) = &element.value else { return self.node(element).map(Element::Once) };
        let parts = self.parts(entries);
        match (parts.each, parts.variable) {
            (None, None) => self.object(&parts).map(Element::Once),
            (Some(each), Some(name)) => {
                let loop_parts = self.each(each, name);
                self.looped(loop_parts, |compiler| compiler.object(&parts))
                    .map(|(list, node)| Element::Each { list, node })
            }
            (Some(lonely), None) | (None, Some(lonely)) => {
                self.invalid(&lonely.at, "`$each` and `$as` belong together")
            }
        }
    }

    /// Compiles `body` with the variable of a loop in scope.
    pub(super) fn looped<T>(
        &mut self,
        parts: Option<(Path, String, &'static RecordType)>,
        body: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<(Path, T)> {
        let (path, name, record) = parts?;
        self.variables.push((name, record));
        let compiled = body(self);
        self.variables.pop();
        Some((path, compiled?))
    }

    /// Sorts entries; names the wrong ones.
    fn parts<'y>(&mut self, entries: &'y [Entry]) -> Parts<'y> {
        let mut parts = Parts::default();
        for entry in entries {
            match entry.key.as_str() {
                "$when" => parts.when = Some(&entry.node),
                "$each" => parts.each = Some(&entry.node),
                "$as" => parts.variable = Some(&entry.node),
                "$name" => self.node_name(&entry.node),
                key if is_property_name(key) => parts.properties.push(entry),
                key => {
                    let text = format!("{} is neither a property nor `$when`, `$each`, `$as` or `$name`", quote(key));
                    self.invalid::<()>(&entry.at, text);
                }
            }
        }
        parts
    }

    fn node_name(&mut self, node: &Yaml) {
        if let Some((text, place)) = self.directive("$name", node)
            && !self.node_names.insert(text.text.clone())
        {
            self.invalid::<()>(&place.at(0), format!("a second node named {}", quote(&text.text)));
        }
    }

    fn object(&mut self, parts: &Parts<'_>) -> Option<Node> {
        let when: Option<Option<Condition>> = parts.when.map(|when| self.condition(when));
        let mut members: Vec<Member> = Vec::new();
        for entry in &parts.properties {
            let Some(node) = self.node(&entry.node) else { continue };
            let mut key = String::new();
            push_string(&mut key, &entry.key);
            key.push(':');
            match (node, members.last_mut()) {
                (Node::Constant(json), Some(Member::Constant(before))) => {
                    *before = format!("{before},{key}{json}").into();
                }
                (Node::Constant(json), _) => members.push(Member::Constant(format!("{key}{json}").into())),
                (node, _) => members.push(Member::Node { key: key.into(), node }),
            }
        }
        match (when, members.as_slice()) {
            (Some(None), _) | (_, []) => None,
            (None, [Member::Constant(json)]) => Some(Node::Constant(format!("{{{json}}}").into())),
            (when, _) => Some(Node::Object { when: when.flatten(), members: members.into() }),
        }
    }
}

/// Whether `key` has the form of a FHIR element name.
fn is_property_name(key: &str) -> bool {
    let name = key.strip_prefix('_').unwrap_or(key);
    name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
