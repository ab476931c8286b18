//! The entries of a Bundle, and what their references mean (FHIR R4, bundle.html#references).

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

/// The resources of a Bundle.
#[derive(Debug, Default)]
pub(super) struct Entries<'d> {
    entries: Vec<Entry<'d>>,
}

impl<'d> Entries<'d> {
    pub(super) fn new(bundle: Node<'d>) -> Self {
        let entry = |(index, entry): (usize, Node<'d>)| {
            let resource = entry.child("resource")?;
            let kind = resource.peek("resourceType")?;
            Some(Entry { index, entry, resource, kind, full_url: entry.peek("fullUrl"), id: resource.peek("id") })
        };
        Self { entries: bundle.all("entry").into_iter().enumerate().filter_map(entry).collect() }
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
            let holder = self.iter().map(|entry| entry.resource).find(|holder| holder.holds(resource));
            let resource = holder.unwrap_or(resource);
            return only(resource.all("contained").into_iter().filter(|inner| inner.peek("id") == Some(id)));
        }
        let plain = text.split("/_history/").next().unwrap_or(text);
        let by_url = only(self.iter().filter(|entry| entry.full_url == Some(plain)).map(|entry| entry.resource));
        by_url.or_else(|| {
            let (kind, id) = relative(plain)?;
            let is_it = |entry: &Entry<'d>| {
                let by_url = entry.full_url.is_some_and(|url| url.ends_with(&format!("/{kind}/{id}")));
                entry.kind == kind && (entry.id == Some(id) || by_url)
            };
            only(self.iter().filter(is_it).map(|entry| entry.resource))
        })
    }
}

/// `Type/id`; an absolute URL is compared with `fullUrl` as a whole.
fn relative(text: &str) -> Option<(&str, &str)> {
    let (kind, id) = text.split_once('/')?;
    let is_type = kind.bytes().all(|byte| byte.is_ascii_alphabetic()) && !kind.is_empty();
    (is_type && !id.is_empty() && !id.contains('/')).then_some((kind, id))
}

fn only<'d>(mut found: impl Iterator<Item = Node<'d>>) -> Option<Node<'d>> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}
