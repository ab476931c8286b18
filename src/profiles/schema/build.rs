//! A schema under construction: definitions made when they are first named, until none is open.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value, json};

use super::weaker::{Rule, Weaker};
use super::{Schema, binding, overlay, resource, types};
use crate::profiles::form::{ElementDef, Form, TypeKind, ValueSetDef};

/// Dialect of every schema.
pub(super) const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// What a schema is to hold.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    /// Resource types whose content is checked inside a resource; `None`: all.
    pub(super) resources: Option<BTreeSet<String>>,
    /// Extensions that are checked against their definition wherever they stand.
    pub(super) extensions: BTreeSet<String>,
    /// Profiles that a resource must meet where it claims them.
    pub(super) claims: BTreeSet<String>,
}

/// A definition that was named and is to be made.
enum Open<'f> {
    Type(&'f str),
    Inside(&'f [ElementDef]),
    Resource,
    Profile(&'f str),
    Codes(&'f ValueSetDef),
    Codings(&'f ValueSetDef),
}

/// Makes one schema.
pub(super) struct Builder<'f> {
    pub(super) form: &'f Form,
    pub(super) scope: Scope,
    defs: BTreeMap<String, Value>,
    /// Key of each profile and value set, by URL.
    names: BTreeMap<String, String>,
    /// Keys that were named, made or open.
    named: BTreeSet<String>,
    open: VecDeque<(String, Open<'f>)>,
    weaker: BTreeSet<Weaker>,
}

impl<'f> Builder<'f> {
    pub(super) fn new(form: &'f Form, scope: Scope) -> Self {
        let (defs, names, named, open, weaker) = Default::default();
        Self { form, scope, defs, names, named, open, weaker }
    }

    /// Makes every open definition and puts the whole together; `root` is what a document must meet.
    pub(super) fn finish(mut self, head: Map<String, Value>, root: Value) -> Schema {
        while let Some((key, open)) = self.open.pop_front() {
            let schema = match open {
                Open::Type(name) => types::type_def(&mut self, name),
                Open::Inside(children) => types::shape(&mut self, &key, children),
                Open::Resource => resource::dispatch(&mut self),
                Open::Profile(url) => overlay::profile(&mut self, url),
                Open::Codes(set) => binding::codes(self.form, set).unwrap_or(Value::Bool(true)),
                Open::Codings(set) => binding::codings(self.form, set).unwrap_or(Value::Bool(true)),
            };
            self.defs.insert(key, schema);
        }
        let mut document = Map::from_iter([("$schema".to_owned(), json!(DIALECT))]);
        document.extend(head);
        if let Value::Object(root) = root {
            document.extend(root);
        }
        document.insert("$defs".to_owned(), Value::Object(self.defs.into_iter().collect()));
        Schema { document: Value::Object(document), weaker: self.weaker.into_iter().collect() }
    }

    pub(super) fn weaker(&mut self, definition: &str, path: &str, rule: Rule, what: impl Into<String>) {
        let (definition, path, what) = (definition.to_owned(), path.to_owned(), what.into());
        self.weaker.insert(Weaker { definition, path, rule, what });
    }

    pub(super) fn is_primitive(&self, type_name: &str) -> bool {
        self.form.types.get(type_name).is_some_and(|found| found.kind == TypeKind::Primitive)
    }

    pub(super) fn is_resource(&self, type_name: &str) -> bool {
        self.form.types.get(type_name).is_some_and(|found| found.kind == TypeKind::Resource)
    }

    /// A type; of a primitive its value.
    pub(super) fn type_ref(&mut self, name: &'f str) -> Value {
        self.reference(name.to_owned(), Open::Type(name))
    }

    /// What is inside an element that has elements of its own.
    pub(super) fn inside_ref(&mut self, path: &str, children: &'f [ElementDef]) -> Value {
        self.reference(path.to_owned(), Open::Inside(children))
    }

    /// Any resource, told apart by its `resourceType`.
    pub(super) fn resource_ref(&mut self) -> Value {
        self.reference("AnyResource".to_owned(), Open::Resource)
    }

    /// What a profile demands beyond its type.
    pub(super) fn profile_ref(&mut self, url: &'f str) -> Value {
        let key = self.name("", url);
        self.reference(key, Open::Profile(url))
    }

    /// A code of a value set, as a bare string.
    pub(super) fn codes_ref(&mut self, url: &str, set: &'f ValueSetDef) -> Value {
        let key = format!("{}.code", self.name("ValueSet.", url));
        self.reference(key, Open::Codes(set))
    }

    /// A Coding of a value set.
    pub(super) fn codings_ref(&mut self, url: &str, set: &'f ValueSetDef) -> Value {
        let key = format!("{}.coding", self.name("ValueSet.", url));
        self.reference(key, Open::Codings(set))
    }

    /// A definition made on the spot.
    pub(super) fn define(&mut self, key: String, schema: Value) -> Value {
        if schema.is_boolean() {
            return schema;
        }
        let reference = json!({ "$ref": format!("#/$defs/{key}") });
        self.defs.insert(key, schema);
        reference
    }

    /// Key of a profile, for what belongs to it.
    pub(super) fn profile_name(&mut self, url: &str) -> String {
        self.name("", url)
    }

    fn reference(&mut self, key: String, open: Open<'f>) -> Value {
        let reference = json!({ "$ref": format!("#/$defs/{key}") });
        if self.named.insert(key.clone()) {
            self.open.push_back((key, open));
        }
        reference
    }

    /// The last part of a URL, with a number where another definition has it already.
    fn name(&mut self, prefix: &str, url: &str) -> String {
        let identity = format!("{prefix}{url}");
        if let Some(known) = self.names.get(&identity) {
            return known.clone();
        }
        let tail = url.rsplit('/').next().unwrap_or(url);
        let safe: String = tail.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect();
        let is_taken = |name: &String| {
            self.names.values().any(|known| known == name) || prefix.is_empty() && self.form.types.contains_key(name)
        };
        let mut name = format!("{prefix}{safe}");
        let mut number = 2;
        while is_taken(&name) {
            name = format!("{prefix}{safe}-{number}");
            number += 1;
        }
        self.names.insert(identity, name.clone());
        name
    }
}
