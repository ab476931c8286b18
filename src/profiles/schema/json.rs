//! Small pieces of JSON Schema, put together so that what says nothing leaves nothing behind.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Holds of every value.
pub(super) const ANYTHING: Value = Value::Bool(true);
/// Holds of no value.
pub(super) const NOTHING: Value = Value::Bool(false);

pub(super) fn is_anything(schema: &Value) -> bool {
    *schema == ANYTHING
}

pub(super) fn is_nothing(schema: &Value) -> bool {
    *schema == NOTHING
}

/// All hold. Schemas that share no keyword become one object.
pub(super) fn all_of(schemas: impl IntoIterator<Item = Value>) -> Value {
    let mut kept: Vec<Value> = Vec::new();
    for schema in schemas {
        if is_nothing(&schema) {
            return NOTHING;
        }
        if !is_anything(&schema) && !kept.contains(&schema) {
            kept.push(schema);
        }
    }
    let mut merged = Map::new();
    let mut apart = Vec::new();
    for schema in kept {
        match schema {
            Value::Object(keywords) if keywords.keys().all(|keyword| !merged.contains_key(keyword)) => {
                merged.extend(keywords);
            }
            other => apart.push(other),
        }
    }
    if !apart.is_empty() {
        if let Some(Value::Array(inner)) = merged.get_mut("allOf") {
            inner.append(&mut apart);
        } else {
            merged.insert("allOf".to_owned(), Value::Array(apart));
        }
    }
    if merged.is_empty() { ANYTHING } else { Value::Object(merged) }
}

/// One holds, or several.
pub(super) fn any_of(schemas: impl IntoIterator<Item = Value>) -> Value {
    let mut kept: Vec<Value> = Vec::new();
    for schema in schemas {
        if is_anything(&schema) {
            return ANYTHING;
        }
        if !is_nothing(&schema) && !kept.contains(&schema) {
            kept.push(schema);
        }
    }
    match kept.len() {
        0 => NOTHING,
        1 => kept.remove(0),
        _ => json!({ "anyOf": kept }),
    }
}

pub(super) fn not(schema: Value) -> Value {
    match schema {
        Value::Bool(holds) => Value::Bool(!holds),
        other => json!({ "not": other }),
    }
}

/// Where `condition` holds, `rule` must hold.
pub(super) fn when(condition: Value, rule: Value) -> Value {
    if is_anything(&condition) {
        return rule;
    }
    if is_nothing(&condition) || is_anything(&rule) {
        return ANYTHING;
    }
    json!({ "if": condition, "then": rule })
}

/// Where `condition` does not hold, `rule` must hold. Tools report what breaks `rule` itself, which says more than "none of
/// these schemas".
pub(super) fn unless(condition: Value, rule: Value) -> Value {
    match condition {
        _ if is_anything(&rule) => ANYTHING,
        Value::Bool(true) => ANYTHING,
        Value::Bool(false) => rule,
        condition => json!({ "if": condition, "else": rule }),
    }
}

pub(super) fn required(name: &str) -> Value {
    json!({ "required": [name] })
}

/// The property, where it is there, meets the schema.
pub(super) fn property(name: &str, schema: Value) -> Value {
    if is_anything(&schema) {
        return ANYTHING;
    }
    json!({ "properties": { name: schema } })
}

/// The property is there and meets the schema; of an object.
pub(super) fn has(name: &str, schema: Value) -> Value {
    has_all([(name.to_owned(), schema)])
}

/// The properties are there and meet their schemas; of an object.
pub(super) fn has_all(properties: impl IntoIterator<Item = (String, Value)>) -> Value {
    let (mut required, mut inside) = (Vec::new(), Map::new());
    for (name, schema) in properties {
        if is_nothing(&schema) {
            return NOTHING;
        }
        required.push(Value::String(name.clone()));
        if !is_anything(&schema) {
            inside.insert(name, schema);
        }
    }
    let mut schema = Map::from_iter([("type".to_owned(), json!("object"))]);
    if !required.is_empty() {
        schema.insert("required".to_owned(), Value::Array(required));
    }
    if !inside.is_empty() {
        schema.insert("properties".to_owned(), Value::Object(inside));
    }
    Value::Object(schema)
}

/// Some item meets the schema; of an array.
pub(super) fn contains(schema: Value) -> Value {
    if is_nothing(&schema) {
        return NOTHING;
    }
    json!({ "type": "array", "contains": schema })
}

/// What an object must be, gathered element by element.
#[derive(Debug, Default)]
pub(super) struct ObjectRules {
    properties: BTreeMap<String, Vec<Value>>,
    required: Vec<String>,
    all: Vec<Value>,
}

impl ObjectRules {
    pub(super) fn property(&mut self, name: &str, schema: Value) {
        if !is_anything(&schema) {
            self.properties.entry(name.to_owned()).or_default().push(schema);
        }
    }

    pub(super) fn require(&mut self, name: &str) {
        if !self.required.iter().any(|known| known == name) {
            self.required.push(name.to_owned());
        }
    }

    pub(super) fn all(&mut self, schema: Value) {
        if !is_anything(&schema) && !self.all.contains(&schema) {
            self.all.push(schema);
        }
    }

    pub(super) fn into_schema(self) -> Value {
        let mut schema = Map::new();
        if !self.required.is_empty() {
            schema.insert("required".to_owned(), json!(self.required));
        }
        if !self.properties.is_empty() {
            let properties = self.properties.into_iter().map(|(name, schemas)| (name, all_of(schemas)));
            schema.insert("properties".to_owned(), Value::Object(properties.collect()));
        }
        let own = if schema.is_empty() { ANYTHING } else { Value::Object(schema) };
        all_of([own, if self.all.is_empty() { ANYTHING } else { json!({ "allOf": self.all }) }])
    }
}
