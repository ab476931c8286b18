//! Takes the prose out of a definition: what is left are facts about structure.

use serde_json::{Map, Value};

/// The definition without prose; `None` where it is of no use (no URL, another resource type).
pub(super) fn definition(value: &Value) -> Option<Value> {
    let object = value.as_object()?;
    object.get("url")?.as_str()?;
    let mut kept = match object.get("resourceType")?.as_str()? {
        "StructureDefinition" => structure(object),
        "ValueSet" => keep(object, &["resourceType", "url"]),
        "CodeSystem" => keep(object, &["resourceType", "url", "content", "caseSensitive", "supplements"]),
        _ => return None,
    };
    if let Some(compose) = object.get("compose") {
        kept.insert("compose".to_owned(), prune(compose, COMPOSE));
    } else if let Some(expansion) = object.get("expansion") {
        kept.insert("expansion".to_owned(), prune(expansion, EXPANSION));
    }
    if let Some(concepts) = object.get("concept").filter(|_| object.get("resourceType") != Some(&"ValueSet".into())) {
        kept.insert("concept".to_owned(), prune(concepts, CONCEPT));
    }
    Some(Value::Object(kept))
}

const COMPOSE: &[&str] =
    &["include", "exclude", "system", "concept", "code", "filter", "property", "op", "value", "valueSet"];
const EXPANSION: &[&str] = &["contains", "system", "code"];
const CONCEPT: &[&str] = &["concept", "code", "property", "valueCode"];

fn structure(object: &Map<String, Value>) -> Map<String, Value> {
    let mut kept =
        keep(object, &["resourceType", "url", "kind", "abstract", "context", "type", "baseDefinition", "derivation"]);
    if let Some(elements) = object.get("snapshot").and_then(|snapshot| snapshot.get("element")?.as_array()) {
        let elements: Vec<Value> = elements.iter().filter_map(Value::as_object).map(element).collect();
        kept.insert("snapshot".to_owned(), serde_json::json!({ "element": elements }));
    }
    kept
}

fn element(object: &Map<String, Value>) -> Value {
    let names = ["id", "path", "sliceName", "min", "max", "contentReference", "maxLength"];
    let mut kept = keep(object, &names);
    for (name, value) in object {
        let is_value = ["fixed", "pattern", "minValue", "maxValue"].iter().any(|prefix| name.starts_with(prefix));
        let value = match name.as_str() {
            _ if is_value => value.clone(),
            "slicing" => prune(value, &["discriminator", "type", "path", "ordered", "rules"]),
            "base" => prune(value, &["path", "min", "max"]),
            "type" => {
                prune(value, &["code", "profile", "targetProfile", "extension", "url", "valueUrl", "valueString"])
            }
            "binding" => prune(value, &["strength", "valueSet"]),
            "constraint" => constraints(value),
            _ => continue,
        };
        kept.insert(name.clone(), value);
    }
    Value::Object(kept)
}

/// The keys of the invariants; their text is not kept, since each is a function of the program.
fn constraints(value: &Value) -> Value {
    let of_error = |item: &&Value| item.get("severity").and_then(Value::as_str) == Some("error");
    let keys = value.as_array().into_iter().flatten().filter(of_error).filter_map(|item| item.get("key"));
    Value::Array(keys.cloned().collect())
}

fn keep(object: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| Some(((*name).to_owned(), object.get(*name)?.clone()))).collect()
}

/// Keeps these properties at every depth.
fn prune(value: &Value, names: &[&str]) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.iter().filter(|(name, _)| names.contains(&name.as_str()));
            Value::Object(kept.map(|(name, value)| (name.clone(), prune(value, names))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| prune(item, names)).collect()),
        other => other.clone(),
    }
}
