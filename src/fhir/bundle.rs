//! Transaction Bundles: one function writes them all.

use std::fmt::Write;

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

impl Entry {
    /// `Type/id`.
    pub fn reference(&self) -> String {
        format!("{}/{}", self.resource_type, self.id)
    }
}

/// Writes a transaction Bundle: entries sorted by type and id, `fullUrl` `urn:uuid:<id>`, request `PUT Type/<id>`
/// (R4 http.html#upsert: update as create, so that sending twice creates nothing twice). The text ends in a line break.
pub fn transaction(mut entries: Vec<Entry>) -> String {
    entries.sort_by(|a, b| (&a.resource_type, &a.id).cmp(&(&b.resource_type, &b.id)));
    let length = entries.iter().map(|entry| entry.json.len() + 200).sum::<usize>() + 64;
    let mut bundle = String::with_capacity(length);
    bundle.push_str("{\"resourceType\":\"Bundle\",\"type\":\"transaction\"");
    let is_empty = entries.is_empty();
    for (index, Entry { resource_type, id, json }) in entries.into_iter().enumerate() {
        bundle.push_str(if index == 0 { ",\"entry\":[" } else { "," });
        // Writing to a String cannot fail.
        let _ = write!(
            bundle,
            "{{\"fullUrl\":\"urn:uuid:{id}\",\"resource\":{json},\"request\":{{\"method\":\"PUT\",\"url\":\"{resource_type}/{id}\"}}}}"
        );
    }
    if !is_empty {
        bundle.push(']');
    }
    bundle.push_str("}\n");
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(resource_type: &str, id: &str) -> Entry {
        Entry {
            resource_type: resource_type.to_owned(),
            id: id.to_owned(),
            json: format!("{{\"resourceType\":\"{resource_type}\",\"id\":\"{id}\"}}"),
        }
    }

    #[test]
    fn entries_are_sorted_and_put_by_id() {
        let bundle = transaction(vec![entry("Patient", "b"), entry("Observation", "z"), entry("Patient", "a")]);
        let value: serde_json::Value = serde_json::from_str(&bundle).unwrap();
        let urls: Vec<_> =
            value["entry"].as_array().unwrap().iter().map(|e| e["request"]["url"].as_str().unwrap()).collect();
        assert_eq!(urls, ["Observation/z", "Patient/a", "Patient/b"]);
        assert_eq!(value["entry"][1]["fullUrl"], "urn:uuid:a");
        assert_eq!(value["entry"][1]["request"]["method"], "PUT");
    }

    #[test]
    fn an_empty_bundle_has_no_entry_element() {
        assert_eq!(transaction(Vec::new()), "{\"resourceType\":\"Bundle\",\"type\":\"transaction\"}\n");
    }
}
