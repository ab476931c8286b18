//! The mutation language: a line of mutants.tsv applied to a JSON document.

use serde_json::{Map, Value};

/// A line of mutants.tsv.
pub(crate) struct Mutant {
    pub(crate) id: String,
    pub(crate) base: String,
    step: Step,
    /// The codes that fit; the first is the one that the rule names best.
    pub(crate) codes: Vec<String>,
    /// The FHIRPaths that fit; none: the place is not judged.
    pub(crate) paths: Vec<String>,
    /// What the issue must name: a slice, the key of an invariant.
    pub(crate) names: String,
    pub(crate) source: String,
}

struct Step {
    operation: String,
    pointer: String,
    value: Value,
}

impl Mutant {
    /// Reads a line: id, base, operation, pointer, value, codes, paths, names, source.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let cells: Vec<&str> = line.split('\t').collect();
        let [id, base, operation, pointer, value, codes, paths, names, source] = cells[..] else {
            return Err("nine cells expected".to_owned());
        };
        let value = match value {
            "" => Value::Null,
            text => serde_json::from_str(text).map_err(|error| error.to_string())?,
        };
        let list = |cell: &str| cell.split(" | ").filter(|item| !item.is_empty()).map(str::to_owned).collect();
        let step = Step { operation: operation.to_owned(), pointer: pointer.to_owned(), value };
        Ok(Self {
            id: id.to_owned(),
            base: base.to_owned(),
            step,
            codes: list(codes),
            paths: list(paths),
            names: names.to_owned(),
            source: source.to_owned(),
        })
    }

    /// The text of the mutant; an error when the operation does not fit the base.
    pub(crate) fn apply(&self, base: &Value) -> Result<String, String> {
        if self.step.operation == "text" {
            return replace(&base.to_string(), &self.step.value);
        }
        let mut document = base.clone();
        self.step.apply(&mut document)?;
        Ok(document.to_string())
    }
}

fn replace(text: &str, pair: &Value) -> Result<String, String> {
    let (Some(old), Some(new)) = (pair[0].as_str(), pair[1].as_str()) else {
        return Err("no pair of texts".to_owned());
    };
    match text.matches(old).count() {
        1 => Ok(text.replacen(old, new, 1)),
        count => Err(format!("{old} occurs {count} times")),
    }
}

impl Step {
    fn apply(&self, document: &mut Value) -> Result<(), String> {
        if self.operation == "all" {
            for step in self.value.as_array().ok_or("no list of steps")? {
                let cell = |index: usize| step[index].as_str().unwrap_or_default().to_owned();
                Step { operation: cell(0), pointer: cell(1), value: step[2].clone() }.apply(document)?;
            }
            return Ok(());
        }
        let (parent, last) = self.pointer.rsplit_once('/').ok_or("no pointer")?;
        let parent = document.pointer_mut(parent).ok_or("the pointer leads nowhere")?;
        match parent {
            Value::Array(items) => self.in_list(items, last),
            Value::Object(members) => self.in_object(members, last),
            _ => Err("the parent is no object or list".to_owned()),
        }
    }

    fn in_list(&self, items: &mut Vec<Value>, last: &str) -> Result<(), String> {
        if (self.operation.as_str(), last) == ("add", "-") {
            items.push(self.value.clone());
            return Ok(());
        }
        let index: usize = last.parse().map_err(|_| "no index")?;
        let old = items.get(index).ok_or("no such item")?.clone();
        match self.operation.as_str() {
            "remove" => drop(items.remove(index)),
            "set" => items[index] = self.value.clone(),
            "duplicate" => items.insert(index, old),
            other => return Err(format!("{other} does not work on a list")),
        }
        Ok(())
    }

    fn in_object(&self, members: &mut Map<String, Value>, last: &str) -> Result<(), String> {
        if members.contains_key(last) == (self.operation == "add") {
            return Err(format!(
                "{}: {last} is {}there",
                self.operation,
                if self.operation == "add" { "" } else { "not " }
            ));
        }
        match self.operation.as_str() {
            "remove" => drop(members.shift_remove(last)),
            "set" | "add" => drop(members.insert(last.to_owned(), self.value.clone())),
            "rename" => {
                let name = self.value.as_str().ok_or("no name")?;
                let renamed = |(key, value)| if key == last { (name.to_owned(), value) } else { (key, value) };
                *members = std::mem::take(members).into_iter().map(renamed).collect();
            }
            other => return Err(format!("{other} does not work on an object")),
        }
        Ok(())
    }
}

/// The same document with the keys of every object in another order, the same for the same seed.
pub(crate) fn shuffled(value: &Value, seed: u64) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| shuffled(item, seed)).collect(),
        Value::Object(members) => {
            let mut keys: Vec<&String> = members.keys().collect();
            keys.sort_by_key(|key| rank(key, seed));
            keys.into_iter().map(|key| (key.clone(), shuffled(&members[key], seed))).collect()
        }
        other => other.clone(),
    }
}

/// FNV-1a, started with the seed.
fn rank(key: &str, seed: u64) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
