//! Small changes of valid resources, drawn from a fixed seed: what no table of mutants thinks of.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Numbers that look random and are the same in every run (SplitMix64).
pub(super) struct Draw(pub(super) u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    pub(super) fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Values by the name of the property that holds them, from all resources.
pub(super) struct Pool(BTreeMap<String, Vec<Value>>);

impl Pool {
    pub(super) fn new<'a>(resources: impl Iterator<Item = &'a Value>) -> Self {
        let mut pool = Self(BTreeMap::new());
        resources.for_each(|resource| pool.gather(resource));
        pool
    }

    fn gather(&mut self, value: &Value) {
        for (key, inner) in value.as_object().into_iter().flatten() {
            let known = self.0.entry(key.clone()).or_default();
            if known.len() < 200 && !known.contains(inner) {
                known.push(inner.clone());
            }
            self.gather(inner);
        }
        value.as_array().into_iter().flatten().for_each(|inner| self.gather(inner));
    }
}

/// A resource after one to three changes.
pub(super) fn changed(resource: &Value, pool: &Pool, draw: &mut Draw) -> Value {
    let mut value = resource.clone();
    for _ in 0..=draw.below(3) {
        let mut pointers = Vec::new();
        gather(&value, String::new(), &mut pointers);
        let pointer = draw.of(&pointers).clone();
        match value.pointer_mut(&pointer) {
            Some(Value::Object(object)) => change_object(object, pool, draw),
            Some(Value::Array(items)) => change_array(items, draw),
            _ => {}
        }
    }
    value
}

/// Pointers of objects and arrays.
fn gather(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(key, inner)| gather(inner, format!("{pointer}/{key}"), pointers));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, inner)| gather(inner, format!("{pointer}/{at}"), pointers));
        }
        _ => return,
    }
    pointers.push(pointer);
}

fn change_object(object: &mut Map<String, Value>, pool: &Pool, draw: &mut Draw) {
    let keys: Vec<String> = object.keys().cloned().collect();
    if keys.is_empty() {
        return;
    }
    let key = draw.of(&keys).clone();
    match draw.below(8) {
        0 => drop(object.shift_remove(&key)),
        // Another value of the same name: another code, another type of resource, another list.
        1..=3 => {
            if let Some(known) = pool.0.get(&key) {
                object.insert(key, draw.of(known).clone());
            }
        }
        4 => {
            let names: Vec<&String> = pool.0.keys().collect();
            let name = (*draw.of(&names)).clone();
            let value = draw.of(&pool.0[&name]).clone();
            object.insert(name, value);
        }
        5 => drop(object.insert(key, odd(draw))),
        // A primitive with an id or extension beside its value, or instead of it.
        6 => {
            let beside = json!({ "extension": [{
                "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown",
            }] });
            let is_list = object[&key].is_array();
            object.insert(format!("_{key}"), if is_list { json!([beside]) } else { beside });
            if draw.below(2) == 0 {
                object.shift_remove(&key);
            }
        }
        _ => {
            let value = object[&key].clone();
            let changed = match value {
                Value::Array(items) if items.len() == 1 => items[0].clone(),
                other => json!([other]),
            };
            object.insert(key, changed);
        }
    }
}

fn change_array(items: &mut Vec<Value>, draw: &mut Draw) {
    if items.is_empty() {
        items.push(Value::Null);
        return;
    }
    let at = draw.below(items.len());
    match draw.below(6) {
        0 => drop(items.remove(at)),
        1 | 2 => items.push(items[at].clone()),
        3 => items.swap(0, at),
        4 => items[at] = odd(draw),
        // One item with what two had: a component with the codes of two slices.
        _ => {
            let other = items[draw.below(items.len())].clone();
            merge(&mut items[at], &other);
        }
    }
}

fn merge(value: &mut Value, other: &Value) {
    match (value, other) {
        (Value::Object(object), Value::Object(other)) => {
            for (key, inner) in other {
                match object.get_mut(key) {
                    Some(known) => merge(known, inner),
                    None => drop(object.insert(key.clone(), inner.clone())),
                }
            }
        }
        (Value::Array(items), Value::Array(other)) => items.extend(other.iter().cloned()),
        _ => {}
    }
}

fn odd(draw: &mut Draw) -> Value {
    let texts: &[&str] = &[
        "null",
        "\"\"",
        "\" \"",
        "\"a  b\"",
        "\"2018-02-30\"",
        "\"2018\"",
        "[]",
        "{}",
        "true",
        "0",
        "-0",
        "1.0",
        "1e0",
        "1.50",
        "1e400",
        "123456789012345678901234567890",
        "[null]",
        "{\"id\":\"a\"}",
        "\"final\"",
        "\"a\\n\"",
        "\"\\u2003\"",
    ];
    serde_json::from_str(draw.of::<&str>(texts)).unwrap()
}
