//! What one organisation has otherwise.
//!
//! An overlay is a binding file of its own. Its objects are laid over those of the base, key by key; everything else replaces
//! what the base has, `null` removes it. In a list, the element `$base` stands for the elements of the base.

use crate::mapping_file::yaml::{Entry, Node, Text, Value};

/// The element of a list that stands for those of the base.
const BASE: &str = "$base";

/// Lays `over` over `base`.
pub(super) fn laid_over(base: &Node, over: Node) -> Node {
    let Node { at, value } = over;
    let value = match (value, &base.value) {
        // What makes records is replaced as a whole: half of a group is none.
        (Value::Object(over), Value::Object(base)) if !is_group(&over) && !is_group(base) => {
            Value::Object(merged(base, over))
        }
        (Value::List(over), base) => Value::List(expanded(base, over)),
        (value, _) => value,
    };
    Node { at, value }
}

fn is_group(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| entry.key.starts_with('$'))
}

fn merged(base: &[Entry], over: Vec<Entry>) -> Vec<Entry> {
    let (mut entries, mut added) = (base.to_vec(), Vec::new());
    for Entry { key, at, node } in over {
        let found = entries.iter().position(|entry| entry.key == key);
        let is_removal = node.value == Value::Null;
        match (found, is_removal) {
            (Some(index), true) => {
                entries.remove(index);
            }
            (Some(index), false) => {
                if let Some(entry) = entries.get_mut(index) {
                    entry.node = laid_over(&entry.node, node);
                }
            }
            // The order of a file is the order of its rules: what an organisation has in a place of its own is taken before
            // the base takes what remains.
            (None, _) => added.push(Entry { key, at, node }),
        }
    }
    added.extend(entries);
    added
}

fn expanded(base: &Value, over: Vec<Node>) -> Vec<Node> {
    let of_base = match base {
        Value::List(elements) => elements.as_slice(),
        _ => &[],
    };
    let mut elements = Vec::new();
    for element in over {
        match &element.value {
            Value::Text(Text { text, .. }) if text == BASE => elements.extend_from_slice(of_base),
            _ => elements.push(element),
        }
    }
    elements
}
