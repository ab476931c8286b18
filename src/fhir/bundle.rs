//! Transaction Bundles: one function writes them all.

use std::ops::Range;

/// A resource as JSON text, with what a Bundle needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Resource type.
    pub resource_type: String,
    /// Logical id: a UUID in lower case.
    pub id: String,
    /// The resource as JSON.
    pub json: String,
}

/// Writes a transaction Bundle of resources that are texts already, sorted by type and id; see [`TransactionWriter`].
pub fn transaction(mut entries: Vec<Entry>) -> String {
    entries.sort_by(|a, b| (&a.resource_type, &a.id).cmp(&(&b.resource_type, &b.id)));
    let mut writer = TransactionWriter::new();
    for Entry { resource_type, id, json } in entries {
        writer.entry(&resource_type, &id, |text| {
            text.push_str(&json);
            Some(())
        });
    }
    writer.finish().into_text()
}

/// A transaction Bundle as JSON text, ending in a line break, and where its entries are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    text: String,
    entries: Vec<Place>,
}

/// Bytes of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    entry: Range<usize>,
    full_url: Range<usize>,
    resource: Range<usize>,
    reference: Range<usize>,
}

/// An entry of a [`Transaction`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryText<'a> {
    /// The whole entry, a JSON object.
    pub text: &'a str,
    /// `urn:uuid:...`
    pub full_url: &'a str,
    /// The resource, a JSON object.
    pub resource: &'a str,
    /// `Type/id`.
    pub reference: &'a str,
}

impl Transaction {
    /// The entries in order.
    pub fn entries(&self) -> impl Iterator<Item = EntryText<'_>> + Clone {
        let text = |range: &Range<usize>| self.text.get(range.clone()).unwrap_or_default();
        self.entries.iter().map(move |place| EntryText {
            text: text(&place.entry),
            full_url: text(&place.full_url),
            resource: text(&place.resource),
            reference: text(&place.reference),
        })
    }

    /// `Type/id` of an entry.
    pub fn reference(&self, entry: usize) -> Option<&str> {
        self.text.get(self.entries.get(entry)?.reference.clone())
    }

    /// The Bundle.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// Writes a transaction Bundle: `fullUrl` `urn:uuid:<id>`, request `PUT Type/<id>` (R4 http.html#upsert: update as create,
/// so that sending twice creates nothing twice). Who writes gives the entries sorted by type and id.
#[derive(Debug)]
pub struct TransactionWriter {
    text: String,
    entries: Vec<Place>,
}

impl TransactionWriter {
    /// A Bundle without entries.
    pub fn new() -> Self {
        Self::for_entries(0)
    }

    /// A Bundle without entries that has room for so many: memory that is not written to costs nothing, and to move a
    /// large text when it grows takes the memory of two.
    pub fn for_entries(count: usize) -> Self {
        const USUAL_SIZE: usize = 4096;
        let mut text = String::with_capacity((count + 1).saturating_mul(USUAL_SIZE));
        text.push_str("{\"resourceType\":\"Bundle\",\"type\":\"transaction\"");
        Self { text, entries: Vec::with_capacity(count) }
    }

    /// Adds the entry of a resource; `id` is a UUID in lower case. `write` writes the resource to the end of the text, or
    /// nothing and `None`, which leaves the entry out.
    pub fn entry<T>(
        &mut self,
        resource_type: &str,
        id: &str,
        write: impl FnOnce(&mut String) -> Option<T>,
    ) -> Option<T> {
        let text = &mut self.text;
        let before = text.len();
        text.push_str(if self.entries.is_empty() { ",\"entry\":[" } else { "," });
        let start = text.len();
        text.push_str("{\"fullUrl\":\"");
        let full_url = push(text, &["urn:uuid:", id]);
        text.push_str("\",\"resource\":");
        let resource = text.len();
        let Some(written) = write(text) else {
            text.truncate(before);
            return None;
        };
        let resource = resource..text.len();
        text.push_str(",\"request\":{\"method\":\"PUT\",\"url\":\"");
        let reference = push(text, &[resource_type, "/", id]);
        text.push_str("\"}}");
        self.entries.push(Place { entry: start..text.len(), full_url, resource, reference });
        Some(written)
    }

    /// The resource of the last entry.
    pub fn last_resource(&self) -> Option<&str> {
        self.text.get(self.entries.last()?.resource.clone())
    }

    /// Ends the Bundle.
    pub fn finish(mut self) -> Transaction {
        self.text.push_str(if self.entries.is_empty() { "}\n" } else { "]}\n" });
        Transaction { text: self.text, entries: self.entries }
    }
}

impl Default for TransactionWriter {
    fn default() -> Self {
        Self::new()
    }
}

fn push(text: &mut String, pieces: &[&str]) -> Range<usize> {
    let start = text.len();
    text.extend(pieces.iter().copied());
    start..text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Bundle of these entries: type, id and whether the resource has content.
    fn bundle(entries: &[(&str, &str, bool)]) -> Transaction {
        let mut writer = TransactionWriter::new();
        for (resource_type, id, has_content) in entries {
            let written = writer.entry(resource_type, id, |text| {
                text.push_str("{\"id\":\"");
                text.push_str(id);
                text.push_str("\"}");
                has_content.then_some(())
            });
            assert_eq!(written.is_some(), *has_content);
        }
        writer.finish()
    }

    #[test]
    fn entries_are_put_by_id_and_found_again() {
        let bundle = bundle(&[("Observation", "z", true), ("Patient", "x", false), ("Patient", "a", true)]);
        let places: Vec<EntryText<'_>> = bundle.entries().collect();
        assert_eq!(places.len(), 2);
        assert_eq!(places[1].full_url, "urn:uuid:a");
        assert_eq!(places[1].reference, "Patient/a");
        assert_eq!(places[1].resource, "{\"id\":\"a\"}");
        let entries: Vec<serde_json::Value> =
            places.iter().map(|place| serde_json::from_str(place.text).unwrap()).collect();
        let value: serde_json::Value = serde_json::from_str(&bundle.into_text()).unwrap();
        assert_eq!(value["entry"].as_array().unwrap(), &entries);
        assert_eq!(value["entry"][0]["request"]["url"], "Observation/z");
        assert_eq!(value["entry"][1]["fullUrl"], "urn:uuid:a");
        assert_eq!(value["entry"][1]["request"]["method"], "PUT");
    }

    #[test]
    fn entries_are_sorted() {
        let entry = |(resource_type, id): (&str, &str)| Entry {
            resource_type: resource_type.to_owned(),
            id: id.to_owned(),
            json: "{}".to_owned(),
        };
        let bundle = transaction([("Patient", "b"), ("Observation", "z"), ("Patient", "a")].map(entry).to_vec());
        let value: serde_json::Value = serde_json::from_str(&bundle).unwrap();
        let entries = value["entry"].as_array().unwrap().iter();
        let urls: Vec<&str> = entries.map(|entry| entry["request"]["url"].as_str().unwrap()).collect();
        assert_eq!(urls, ["Observation/z", "Patient/a", "Patient/b"]);
    }

    #[test]
    fn an_empty_bundle_has_no_entry_element() {
        let empty = "{\"resourceType\":\"Bundle\",\"type\":\"transaction\"}\n";
        assert_eq!(bundle(&[]).into_text(), empty);
        assert_eq!(bundle(&[("Patient", "a", false)]).into_text(), empty);
    }
}
