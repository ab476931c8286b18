//! Which entry a reference leads to (FHIR R4, section 2.36.4.1).

use std::collections::HashMap;

use super::Reference;
use crate::fhir::value::Value;

/// The entries of a Bundle by full URL and by type and id.
#[derive(Debug)]
pub struct BundleIndex<'a> {
    by_url: HashMap<&'a str, &'a Value<'a>>,
    by_id: HashMap<(&'a str, &'a str), &'a Value<'a>>,
}

impl<'a> BundleIndex<'a> {
    /// Reads the entries; of two with the same key the first counts.
    pub fn new(bundle: &'a Value<'a>) -> Self {
        let mut index = Self { by_url: HashMap::new(), by_id: HashMap::new() };
        for entry in bundle.get("entry").and_then(Value::as_array).into_iter().flatten() {
            let Some(resource) = entry.get("resource") else { continue };
            if let Some(url) = entry.get("fullUrl").and_then(Value::as_str) {
                index.by_url.entry(url).or_insert(resource);
            }
            let text = |name: &str| resource.get(name).and_then(Value::as_str);
            if let (Some(kind), Some(id)) = (text("resourceType"), text("id")) {
                index.by_id.entry((kind, id)).or_insert(resource);
            }
        }
        index
    }

    /// The resource that a reference in the entry with full URL `base` leads to. Versions are not looked at.
    ///
    /// A relative reference is first read against the server of `base`; where that leads nowhere, an entry with this type
    /// and id counts, as a transaction's entries have no server yet.
    pub fn resolve(&self, reference: &str, base: Option<&str>) -> Option<&'a Value<'a>> {
        match Reference::parse(reference)? {
            Reference::Urn(urn) => self.by_url.get(urn).copied(),
            Reference::Url(url) => self.by_url.get(url).copied(),
            Reference::Absolute { base, kind, id } => self.by_url.get(format!("{base}/{kind}/{id}").as_str()).copied(),
            Reference::Relative { kind, id } => {
                let server = base.and_then(Reference::base_of);
                let by_url = server.and_then(|server| self.by_url.get(format!("{server}/{kind}/{id}").as_str()));
                by_url.or_else(|| self.by_id.get(&(kind, id))).copied()
            }
            Reference::Fragment(_) | Reference::Conditional { .. } => None,
        }
    }
}
