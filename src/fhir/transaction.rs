//! Parts of transaction Bundles that this gateway wrote.

use std::collections::HashMap;

use serde_json::Value;

const URN: &str = "urn:uuid:";

/// A resource of a Bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Resource type.
    pub kind: String,
    /// Logical id.
    pub id: String,
    /// The resource.
    pub resource: Value,
}

/// The resources of a Bundle, in its order. What has no resource or no id is left out: the gateway writes none such.
pub fn parts(bundle: &str) -> Vec<Part> {
    let Ok(Value::Object(mut bundle)) = serde_json::from_str(bundle) else { return Vec::new() };
    let Some(Value::Array(entries)) = bundle.remove("entry") else { return Vec::new() };
    let part = |mut entry: Value| {
        let resource = entry.get_mut("resource")?.take();
        let text = |name: &str| resource.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Part { kind: text("resourceType")?, id: text("id")?, resource })
    };
    entries.into_iter().filter_map(part).collect()
}

/// A Bundle of the parts that are kept. What a kept part refers to and is not kept is on the receiver already, or is not the
/// receiver's to see: the reference becomes `Type/id`.
pub fn bundle_of(parts: &[Part], keep: impl Fn(&Part) -> bool) -> String {
    let dropped: HashMap<&str, &str> =
        parts.iter().filter(|part| !keep(part)).map(|part| (part.id.as_str(), part.kind.as_str())).collect();
    let entries: Vec<Value> = parts
        .iter()
        .filter(|part| keep(part))
        .map(|part| {
            let mut resource = part.resource.clone();
            relate(&mut resource, &|id| dropped.get(id).map(|kind| format!("{kind}/{id}")));
            serde_json::json!({
                "fullUrl": format!("{URN}{}", part.id),
                "resource": resource,
                "request": {"method": "PUT", "url": format!("{}/{}", part.kind, part.id)},
            })
        })
        .collect();
    serde_json::json!({"resourceType": "Bundle", "type": "transaction", "entry": entries}).to_string()
}

/// The Bundle with the resources of these types only; all where none are named.
pub fn only(bundle: String, types: Option<&[String]>) -> String {
    match types {
        None => bundle,
        Some(types) => bundle_of(&parts(&bundle), |part| types.contains(&part.kind)),
    }
}

/// Replaces references, and addresses of attachments: `replacement` is asked for each id that is referred to by `urn:uuid:`.
pub fn relate(value: &mut Value, replacement: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::Object(members) => {
            for name in ["reference", "url"] {
                if let Some(Value::String(reference)) = members.get_mut(name)
                    && let Some(new) = reference.strip_prefix(URN).and_then(replacement)
                {
                    *reference = new;
                }
            }
            members.values_mut().for_each(|member| relate(member, replacement));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| relate(item, replacement)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUNDLE: &str = r#"{"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","id":"p"}},
        {"fullUrl":"urn:uuid:s","resource":{"resourceType":"ServiceRequest","id":"s","subject":{"reference":"urn:uuid:p"},
         "quantityQuantity":{"value":0.2870}}}]}"#;

    #[test]
    fn what_is_left_out_is_referred_to_by_type_and_id() {
        let parts = parts(BUNDLE);
        let bundle: Value = serde_json::from_str(&bundle_of(&parts, |part| part.kind == "ServiceRequest")).unwrap();
        assert_eq!(bundle["entry"].as_array().unwrap().len(), 1);
        assert_eq!(bundle["entry"][0]["resource"]["subject"]["reference"], "Patient/p");
        assert_eq!(bundle["entry"][0]["request"]["url"], "ServiceRequest/s");
        assert_eq!(bundle["entry"][0]["resource"]["quantityQuantity"]["value"].to_string(), "0.2870");
    }

    #[test]
    fn what_stays_is_referred_to_as_before() {
        let parts = parts(BUNDLE);
        let bundle: Value = serde_json::from_str(&bundle_of(&parts, |_| true)).unwrap();
        assert_eq!(bundle["entry"][1]["resource"]["subject"]["reference"], "urn:uuid:p");
    }

    #[test]
    fn what_is_no_bundle_has_no_parts() {
        assert!(parts("").is_empty() && parts("[]").is_empty() && parts("{\"entry\":[1]}").is_empty());
    }
}
