//! Whole template files.

use std::sync::Arc;

use super::call::is_resource_type;
use super::{Compiler, Place};
use crate::domain::ids::Face;
use crate::mapping::expression::ResourceKey;
use crate::mapping::syntax::{self, Kind as SyntaxKind};
use crate::mapping::template::{Node, Template};
use crate::mapping_file::Position;
use crate::mapping_file::yaml::{Entry, Node as Yaml, Value};
use crate::redact::quote;

/// The keys of a template file.
#[derive(Default)]
struct Header<'y> {
    name: Option<&'y Yaml>,
    each: Option<&'y Yaml>,
    variable: Option<&'y Yaml>,
    when: Option<&'y Yaml>,
    profile: Option<&'y Yaml>,
    faces: Option<&'y Yaml>,
    resource: Option<&'y Yaml>,
}

impl Compiler<'_> {
    /// A template file; every defect goes to the errors.
    pub(in crate::mapping) fn template(&mut self, source: &Yaml) -> Option<Template> {
        let header = self.header(source)?;
        let name = self.required("template", header.name, &source.at);
        let profile = self.required("profile", header.profile, &source.at);
        let faces = self.faces(header.faces);
        let Some(resource) = header.resource else { return self.invalid(&source.at, "`resource` is missing") };
        let body = |compiler: &mut Self| {
            let when = header.when.map(|when| compiler.condition(when));
            let compiled = compiler.resource(resource)?;
            // A wrong condition has been told; the template is not used then.
            Some((when.flatten(), compiled))
        };
        let (each, (when, (id, resource))) = match (header.each, header.variable) {
            (None, None) => (None, body(self)?),
            (Some(each), Some(variable)) => {
                let loop_parts = self.each(each, variable);
                let (path, compiled) = self.looped(loop_parts, body)?;
                (Some(path), compiled)
            }
            (Some(lonely), None) | (None, Some(lonely)) => {
                return self.invalid(&lonely.at, "`each` and `as` belong together");
            }
        };
        let (name, profile, resource_type) = (name?, profile?, self.resource_type.clone());
        Some(Template { name, faces: faces?, each, when, profile, resource_type, id, resource })
    }

    fn header<'y>(&mut self, source: &'y Yaml) -> Option<Header<'y>> {
        let Value::Object(entries) = &source.value else { return self.invalid(&source.at, "not a template") };
        let mut header = Header::default();
        for entry in entries {
            let slot = match entry.key.as_str() {
                "template" => &mut header.name,
                "each" => &mut header.each,
                "as" => &mut header.variable,
                "when" => &mut header.when,
                "profile" => &mut header.profile,
                "faces" => &mut header.faces,
                "resource" => &mut header.resource,
                // Read by the overlay; a whole overlay is compiled as the template it replaces.
                "overlay" => continue,
                key => {
                    self.invalid::<()>(&entry.at, format!("{} is no key of a template", quote(key)));
                    continue;
                }
            };
            *slot = Some(&entry.node);
        }
        Some(header)
    }

    /// The faces that a resource is shown in; without the key the identified one, so that nothing reaches the other by
    /// omission.
    fn faces(&mut self, node: Option<&Yaml>) -> Option<Box<[Face]>> {
        let Some(node) = node else { return Some([Face::Identified].into()) };
        let Value::List(items) = &node.value else { return self.invalid(&node.at, "`faces` is not a list") };
        let mut faces = Vec::with_capacity(items.len());
        for item in items {
            let known = match &item.value {
                Value::Text(text) => Face::ALL.into_iter().find(|face| face.as_str() == text.text),
                _ => None,
            };
            match known {
                Some(face) => faces.push(face),
                None => return self.invalid(&item.at, "a face is `identified` or `pseudonymous`"),
            }
        }
        Some(faces.into())
    }

    fn required(&mut self, key: &str, node: Option<&Yaml>, at: &Position) -> Option<Arc<str>> {
        let Some(node) = node else { return self.invalid(at, format!("`{key}` is missing")) };
        let (text, place) = self.directive(key, node)?;
        if text.text.is_empty() || text.text.contains(char::is_whitespace) {
            return self.invalid(&place.at(0), format!("{} is no `{key}`", quote(&text.text)));
        }
        Some(text.text.as_str().into())
    }

    fn resource(&mut self, node: &Yaml) -> Option<(ResourceKey, Node)> {
        let Value::Object(entries) = &node.value else { return self.invalid(&node.at, "`resource` is not an object") };
        if let Some(named) = entries.iter().find(|entry| entry.key == "$name") {
            self.invalid::<()>(&named.at, "the resource itself has no name: an overlay replaces it as a whole");
        }
        // The type comes first, as every `id()` below is about it.
        let typed = self.own_type(entries, &node.at);
        let id = typed.and_then(|()| self.resource_id(entries, &node.at));
        let resource = self.node(node);
        Some((id?, resource?))
    }

    fn own_type(&mut self, entries: &[Entry], at: &Position) -> Option<()> {
        const EXPECTED: &str = "a resource starts with `resourceType`, which is a constant";
        let Some(first) = entries.iter().find(|entry| !entry.key.starts_with('$')) else {
            return self.invalid(at, EXPECTED);
        };
        match &first.node.value {
            Value::Text(text) if first.key == "resourceType" && is_resource_type(&text.text) => {
                self.resource_type = text.text.as_str().into();
                Some(())
            }
            _ => self.invalid(&first.at, EXPECTED),
        }
    }

    fn resource_id(&mut self, entries: &[Entry], at: &Position) -> Option<ResourceKey> {
        const EXPECTED: &str = "the `id` of a resource is one hole with the function `id`";
        let Some(entry) = entries.iter().find(|entry| entry.key == "id") else { return self.invalid(at, EXPECTED) };
        let Value::Text(text) = &entry.node.value else { return self.invalid(&entry.node.at, EXPECTED) };
        // A syntax error is told when the node itself is compiled.
        let pieces = syntax::pieces(&text.text).ok()?;
        let place = Place { node: &entry.node.at, first: text.first.as_ref() };
        match pieces.as_slice() {
            [syntax::Piece::Hole(hole)] => match &hole.kind {
                SyntaxKind::Call(name, arguments) if name == "id" && matches!(arguments.len(), 1 | 2) => {
                    let errors = self.errors.len();
                    let key = self.own_id(arguments, &place);
                    // The same errors come again with the node.
                    self.errors.truncate(errors);
                    key
                }
                _ => self.invalid(&entry.node.at, EXPECTED),
            },
            _ => self.invalid(&entry.node.at, EXPECTED),
        }
    }
}
