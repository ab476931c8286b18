//! What a reference leads to: inside the resource at hand, the Bundle around it, or the entries given as text.

use std::collections::HashMap;
use std::rc::Rc;

use super::demand::ProfileIndex;
use super::entries::{Entries, Head};
use crate::fhir::value::{Map, Value};
use crate::profiles::invariants::{ContainedIds, Context};

/// The resources around the walker.
pub(super) struct Scope<'r> {
    /// Entries that are not read yet.
    pub(super) entries: Option<&'r Entries<'r>>,
    bundles: Vec<Rc<Index<'r>>>,
    /// The resource at hand, whose contained resources `#id` means.
    resource: Outer<'r>,
    /// The innermost resource, a contained one included.
    nearest: &'r Value<'r>,
    /// Results of "does this resource meet this profile?", by the address of the resource.
    known: HashMap<(usize, ProfileIndex), bool>,
}

/// A resource that is not contained, with what it contains.
pub(super) struct Outer<'r> {
    value: &'r Value<'r>,
    ids: ContainedIds<'r>,
    contained: HashMap<&'r str, &'r Value<'r>>,
}

impl<'r> Outer<'r> {
    fn new(value: &'r Value<'r>) -> Self {
        let contained = value.get("contained").and_then(Value::as_array).into_iter().flatten();
        let by_id = contained.filter_map(|inner| Some((inner.get("id").and_then(Value::as_str)?, inner)));
        Self { value, ids: ContainedIds::of(value), contained: by_id.collect() }
    }
}

/// Entries of a Bundle by full URL and by `Type/id`.
#[derive(Default)]
struct Index<'r> {
    entries: HashMap<&'r str, &'r Value<'r>>,
    local: HashMap<(&'r str, &'r str), &'r Value<'r>>,
}

/// Where a reference leads.
#[derive(Clone, Copy)]
pub(super) enum Target<'r> {
    /// To this resource.
    Found(Found<'r>),
    /// To a resource that must be here and is not.
    Missing,
    /// Out of what can be seen.
    Outside,
}

/// A resource that a reference leads to.
#[derive(Clone, Copy)]
pub(super) enum Found<'r> {
    /// Read.
    Tree(&'r Value<'r>),
    /// An entry of which only the head is read.
    Entry(&'r Head<'r>),
}

impl<'r> Found<'r> {
    pub(super) fn type_name(self) -> Option<&'r str> {
        match self {
            Self::Tree(value) => value.get("resourceType").and_then(Value::as_str),
            Self::Entry(head) => head.type_name,
        }
    }
}

impl<'r> Scope<'r> {
    pub(super) fn new(resource: &'r Value<'r>, entries: Option<&'r Entries<'r>>) -> Self {
        Self { entries, bundles: Vec::new(), resource: Outer::new(resource), nearest: resource, known: HashMap::new() }
    }

    /// The surroundings of an entry that was read for a moment. What is known of resources by their address does not last
    /// longer than that.
    pub(super) fn of_entry<'t>(&self, resource: &'t Value<'t>) -> Scope<'t>
    where
        'r: 't,
    {
        let bundles = self.bundles.iter().map(|index| -> Rc<Index<'t>> { Rc::clone(index) as Rc<Index<'r>> }).collect();
        Scope { bundles, ..Scope::new(resource, self.entries) }
    }

    /// What is known of a resource and a profile that it does not claim.
    pub(super) fn known(&self, resource: Found<'_>, profile: ProfileIndex) -> Option<bool> {
        match resource {
            Found::Tree(value) => self.known.get(&(std::ptr::from_ref(value).addr(), profile)).copied(),
            Found::Entry(head) => self.entries?.known(head.number, profile),
        }
    }

    pub(super) fn learn(&mut self, resource: Found<'_>, profile: ProfileIndex, meets: bool) {
        match resource {
            Found::Tree(value) => {
                self.known.insert((std::ptr::from_ref(value).addr(), profile), meets);
            }
            Found::Entry(head) => {
                if let Some(entries) = self.entries {
                    entries.learn(head.number, profile, meets);
                }
            }
        }
    }

    pub(super) fn enter_bundle(&mut self, bundle: &'r Map<'r>) {
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
        self.bundles.push(Rc::new(index));
    }

    pub(super) fn leave_bundle(&mut self) {
        self.bundles.pop();
    }

    pub(super) fn enter_resource(&mut self, resource: &'r Value<'r>) -> Outer<'r> {
        std::mem::replace(&mut self.resource, Outer::new(resource))
    }

    pub(super) fn leave_resource(&mut self, outer: Outer<'r>) {
        self.resource = outer;
    }

    pub(super) fn enter_nearest(&mut self, resource: &'r Value<'r>) -> &'r Value<'r> {
        std::mem::replace(&mut self.nearest, resource)
    }

    pub(super) fn leave_nearest(&mut self, outer: &'r Value<'r>) {
        self.nearest = outer;
    }

    /// What an invariant needs to know of the resources around it.
    pub(super) fn context<'s>(&'s self, sibling: Option<&'s Value<'s>>) -> Context<'s> {
        Context { root: self.resource.value, resource: self.nearest, contained: &self.resource.ids, sibling }
    }

    /// Follows a literal reference (R4, 2.3.0.3, 2.36.4).
    pub(super) fn follow(&self, reference: &str) -> Target<'r> {
        if let Some(id) = reference.strip_prefix('#') {
            if id.is_empty() {
                return Target::Found(Found::Tree(self.resource.value));
            }
            return self.resource.contained.get(id).map_or(Target::Missing, |found| Target::Found(Found::Tree(found)));
        }
        let may_have_version = reference.as_bytes().contains(&b'_');
        let unversioned = may_have_version.then(|| reference.split("/_history/").next()).flatten();
        let reference = unversioned.unwrap_or(reference);
        let relative = || reference.split_once('/').filter(|(name, _)| !name.contains(':'));
        for bundle in self.bundles.iter().rev() {
            if let Some(found) = bundle.entries.get(reference) {
                return Target::Found(Found::Tree(found));
            }
            if let Some(found) = relative().and_then(|parts| bundle.local.get(&parts)) {
                return Target::Found(Found::Tree(found));
            }
        }
        let entries = self.entries;
        let entry = entries.and_then(|entries| entries.by_url(reference).or_else(|| entries.by_reference(reference)));
        if let Some(head) = entry {
            return Target::Found(Found::Entry(head));
        }
        let is_in_bundle = !self.bundles.is_empty() || self.entries.is_some();
        if is_in_bundle && reference.starts_with("urn:") { Target::Missing } else { Target::Outside }
    }
}
