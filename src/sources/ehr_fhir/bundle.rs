//! The entries of a Bundle, and what their references mean (FHIR R4, bundle.html#references).

use std::collections::HashMap;
use std::hash::Hash;

use super::tree::Node;

/// An entry with a resource.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'d> {
    /// Place among all entries, from 0.
    pub(super) index: usize,
    pub(super) entry: Node<'d>,
    pub(super) resource: Node<'d>,
    pub(super) kind: &'d str,
    full_url: Option<&'d str>,
    id: Option<&'d str>,
}

/// The resources of a Bundle, looked up by what references name: a Bundle can have as many references as resources.
#[derive(Debug, Default)]
pub(super) struct Entries<'d> {
    entries: Vec<Entry<'d>>,
    by_url: Index<&'d str, Node<'d>>,
    /// By type and id, or by the end of `fullUrl`.
    by_id: Index<(&'d str, &'d str), Node<'d>>,
    /// By number of the outermost resource and id.
    contained: Index<(usize, &'d str), Node<'d>>,
}

impl<'d> Entries<'d> {
    pub(super) fn new(bundle: Node<'d>) -> Self {
        let entry = |(index, entry): (usize, Node<'d>)| {
            let resource = entry.child("resource")?;
            let kind = resource.peek("resourceType")?;
            Some(Entry { index, entry, resource, kind, full_url: entry.peek("fullUrl"), id: resource.peek("id") })
        };
        let mut entries = Self::default();
        for entry in bundle.all("entry").into_iter().enumerate().filter_map(entry) {
            entries.add(entry);
        }
        entries
    }

    fn add(&mut self, entry: Entry<'d>) {
        let Entry { resource, kind, full_url, id, .. } = entry;
        if let Some(url) = full_url {
            self.by_url.add(url, resource);
        }
        let of_url = full_url.and_then(end).filter(|(named, _)| *named == kind).map(|(_, id)| id);
        for id in id.into_iter().chain(of_url) {
            self.by_id.add((kind, id), resource);
        }
        for inner in resource.all("contained") {
            if let Some(id) = inner.peek("id") {
                self.contained.add((resource.number(), id), inner);
            }
        }
        self.entries.push(entry);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Entry<'d>> + '_ {
        self.entries.iter().copied()
    }

    /// Resources of a type, in the order of the Bundle.
    pub(super) fn of(&self, kind: &'static str) -> impl Iterator<Item = Entry<'d>> + '_ {
        self.iter().filter(move |entry| entry.kind == kind)
    }

    /// What a Reference of `resource` leads to: a resource inside it, or one of the Bundle; none where it leads elsewhere, or
    /// to several.
    pub(super) fn resolve(&self, reference: Node<'d>, resource: Node<'d>) -> Option<Node<'d>> {
        self.resolve_text(reference.peek("reference")?, resource)
    }

    pub(super) fn resolve_text(&self, text: &str, resource: Node<'d>) -> Option<Node<'d>> {
        if let Some(id) = text.strip_prefix('#') {
            // A contained resource refers to its neighbours (R4, references.html#contained).
            let holder = self.holder(resource)?;
            return self.contained.only(&(holder.number(), id));
        }
        let plain = text.split("/_history/").next().unwrap_or(text);
        self.by_url.only(&plain).or_else(|| self.by_id.only(&relative(plain)?))
    }

    /// The resource of an entry that an element is in.
    fn holder(&self, element: Node<'d>) -> Option<Node<'d>> {
        let behind = self.entries.partition_point(|entry| entry.resource.number() <= element.number());
        let before = self.entries.get(behind.checked_sub(1)?)?;
        Some(before.resource).filter(|holder| holder.holds(element))
    }
}

/// What a key names, or that it names several.
#[derive(Debug)]
struct Index<K, V>(HashMap<K, Option<V>>);

impl<K, V> Default for Index<K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash, V: Copy + PartialEq> Index<K, V> {
    fn add(&mut self, key: K, value: V) {
        let found = self.0.entry(key).or_insert(Some(value));
        *found = found.filter(|other| *other == value);
    }

    /// None where there is none or several.
    fn only(&self, key: &K) -> Option<V> {
        self.0.get(key).copied().flatten()
    }
}

/// `Type` and `id` at the end of a URL.
fn end(url: &str) -> Option<(&str, &str)> {
    let (start, id) = url.rsplit_once('/')?;
    Some((start.rsplit_once('/')?.1, id))
}

/// `Type/id`; an absolute URL is compared with `fullUrl` as a whole.
fn relative(text: &str) -> Option<(&str, &str)> {
    let (kind, id) = text.split_once('/')?;
    let is_type = kind.bytes().all(|byte| byte.is_ascii_alphabetic()) && !kind.is_empty();
    (is_type && !id.is_empty() && !id.contains('/')).then_some((kind, id))
}
