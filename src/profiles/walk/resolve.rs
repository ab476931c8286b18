//! What a reference leads to, inside the resource at hand.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::profiles::invariants::{ContainedIds, Context};

/// The resources around the walker.
pub(super) struct Scope<'r> {
    bundles: Vec<Index<'r>>,
    /// The resource at hand, whose contained resources `#id` means.
    resource: Outer<'r>,
    /// The innermost resource, a contained one included.
    nearest: &'r Value,
    /// Results of "does this resource meet this profile?", by the address of the resource.
    pub(super) known: HashMap<(usize, String), bool>,
}

/// A resource that is not contained, with what it contains.
pub(super) struct Outer<'r> {
    value: &'r Value,
    ids: ContainedIds<'r>,
    contained: HashMap<&'r str, &'r Value>,
}

impl<'r> Outer<'r> {
    fn new(value: &'r Value) -> Self {
        let contained = value.get("contained").and_then(Value::as_array).into_iter().flatten();
        let by_id = contained.filter_map(|inner| Some((inner.get("id").and_then(Value::as_str)?, inner)));
        Self { value, ids: ContainedIds::of(value), contained: by_id.collect() }
    }
}

/// Entries of a Bundle by full URL and by `Type/id`.
#[derive(Default)]
struct Index<'r> {
    entries: HashMap<&'r str, &'r Value>,
    local: HashMap<(&'r str, &'r str), &'r Value>,
}

/// Where a reference leads.
#[derive(Clone, Copy)]
pub(super) enum Target<'r> {
    /// To this resource.
    Found(&'r Value),
    /// To a resource that must be here and is not.
    Missing,
    /// Out of what can be seen.
    Outside,
}

impl<'r> Scope<'r> {
    pub(super) fn new(resource: &'r Value) -> Self {
        Self { bundles: Vec::new(), resource: Outer::new(resource), nearest: resource, known: HashMap::new() }
    }

    pub(super) fn enter_bundle(&mut self, bundle: &'r Map<String, Value>) {
        let mut index = Index::default();
        for entry in bundle.get("entry").and_then(Value::as_array).into_iter().flatten() {
            let Some(resource) = entry.get("resource") else { continue };
            if let Some(url) = entry.get("fullUrl").and_then(Value::as_str) {
                index.entries.entry(url).or_insert(resource);
            }
            let text = |key: &str| resource.get(key).and_then(Value::as_str);
            if let (Some(name), Some(id)) = (text("resourceType"), text("id")) {
                index.local.entry((name, id)).or_insert(resource);
            }
        }
        self.bundles.push(index);
    }

    pub(super) fn leave_bundle(&mut self) {
        self.bundles.pop();
    }

    pub(super) fn enter_resource(&mut self, resource: &'r Value) -> Outer<'r> {
        std::mem::replace(&mut self.resource, Outer::new(resource))
    }

    pub(super) fn leave_resource(&mut self, outer: Outer<'r>) {
        self.resource = outer;
    }

    pub(super) fn enter_nearest(&mut self, resource: &'r Value) -> &'r Value {
        std::mem::replace(&mut self.nearest, resource)
    }

    pub(super) fn leave_nearest(&mut self, outer: &'r Value) {
        self.nearest = outer;
    }

    /// What an invariant needs to know of the resources around it.
    pub(super) fn context<'s>(&'s self, sibling: Option<&'s Value>) -> Context<'s> {
        Context { root: self.resource.value, resource: self.nearest, contained: &self.resource.ids, sibling }
    }

    /// Follows a literal reference (R4, 2.3.0.3, 2.36.4).
    pub(super) fn follow(&self, reference: &str) -> Target<'r> {
        if let Some(id) = reference.strip_prefix('#') {
            if id.is_empty() {
                return Target::Found(self.resource.value);
            }
            return self.resource.contained.get(id).map_or(Target::Missing, |found| Target::Found(found));
        }
        let reference = reference.split("/_history/").next().unwrap_or(reference);
        for bundle in self.bundles.iter().rev() {
            if let Some(found) = bundle.entries.get(reference) {
                return Target::Found(found);
            }
            let relative = reference.split_once('/').filter(|(name, _)| !name.contains(':'));
            if let Some(found) = relative.and_then(|parts| bundle.local.get(&parts)) {
                return Target::Found(found);
            }
        }
        let must_be_here = !self.bundles.is_empty() && reference.starts_with("urn:");
        if must_be_here { Target::Missing } else { Target::Outside }
    }
}
