//! Overlays: what one organisation has otherwise.
//!
//! An overlay replaces a template as a whole (`overlay: whole`), or named nodes of one (`overlay: nodes`). It never
//! merges lists, so what stands in the overlay is what is written.

use std::collections::BTreeMap;

use crate::domain::issue::IssueCode;
use crate::mapping_file::yaml::{Entry, Node, Text, Value};
use crate::mapping_file::{MappingError, Position};
use crate::redact::quote;

/// Templates by name, as they stand in their files.
pub(super) type Sources = BTreeMap<String, Node>;

/// Whether a mapping file is an overlay.
pub(super) fn is_overlay(file: &Node) -> bool {
    entry(file, "overlay").is_some()
}

/// The text of a key of a mapping file.
pub(super) fn text_of<'n>(file: &'n Node, key: &str) -> Option<&'n str> {
    match &entry(file, key)?.node.value {
        Value::Text(Text { text, .. }) => Some(text),
        _ => None,
    }
}

/// Applies an overlay.
pub(super) fn apply(overlay: Node, sources: &mut Sources, errors: &mut Vec<MappingError>) {
    if let Err(mut found) = try_apply(overlay, sources) {
        errors.append(&mut found);
    }
}

fn try_apply(overlay: Node, sources: &mut Sources) -> Result<(), Vec<MappingError>> {
    let Some(name) = text_of(&overlay, "template").map(str::to_owned) else {
        return Err(vec![invalid(&overlay.at, "an overlay names its `template`")]);
    };
    let Some(source) = sources.get_mut(&name) else {
        let known: Vec<&str> = sources.keys().map(String::as_str).collect();
        let text = format!("no template {} (known: {})", quote(&name), known.join(", "));
        return Err(vec![invalid(place_of(&overlay, "template"), &text)]);
    };
    match text_of(&overlay, "overlay") {
        Some("whole") => {
            *source = overlay;
            Ok(())
        }
        Some("nodes") => replace_nodes(overlay, &name, source),
        _ => Err(vec![invalid(place_of(&overlay, "overlay"), "`overlay` is `whole` or `nodes`")]),
    }
}

fn replace_nodes(overlay: Node, template: &str, source: &mut Node) -> Result<(), Vec<MappingError>> {
    let mut errors = Vec::new();
    let at = overlay.at.clone();
    let Value::Object(entries) = overlay.value else { return Ok(()) };
    let mut nodes = None;
    for entry in entries {
        match entry.key.as_str() {
            "overlay" | "template" => {}
            "nodes" => nodes = Some(entry.node),
            key => errors.push(invalid(&entry.at, &format!("{} is no key of an overlay of nodes", quote(key)))),
        }
    }
    match nodes.map(|node| node.value) {
        Some(Value::Object(replacements)) => {
            let mut known = Vec::new();
            if let Some(resource) = entry_mut(source, "resource") {
                collect_names(&resource.node, &mut known);
            }
            for replacement in replacements {
                let Entry { key: name, at, node } = replacement;
                if !known.contains(&name) {
                    let text = format!("{template} has no node {} (known: {})", quote(&name), known.join(", "));
                    errors.push(invalid(&at, &text));
                } else if let Some(resource) = entry_mut(source, "resource") {
                    replace_below(&mut resource.node, &name, &mut Some(node));
                }
            }
        }
        _ => errors.push(invalid(&at, "`nodes` maps names of nodes to what replaces them")),
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Replaces the first node named `name` below `parent` by what is in `replacement`; `null` removes it.
fn replace_below(parent: &mut Node, name: &str, replacement: &mut Option<Node>) {
    match &mut parent.value {
        Value::List(elements) => {
            replace_among(elements, |element| element, name, replacement);
        }
        Value::Object(entries) => {
            replace_among(entries, |entry| &mut entry.node, name, replacement);
        }
        Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Text(_) => {}
    }
}

fn replace_among<T>(
    children: &mut Vec<T>,
    node_of: impl Fn(&mut T) -> &mut Node,
    name: &str,
    replacement: &mut Option<Node>,
) {
    let found = children.iter_mut().position(|child| text_of(node_of(child), "$name") == Some(name));
    match (found, replacement.take()) {
        (Some(index), Some(node)) if node.value == Value::Null => {
            children.remove(index);
        }
        (Some(index), Some(node)) => {
            if let Some(child) = children.get_mut(index) {
                *node_of(child) = node;
            }
        }
        (_, node) => {
            *replacement = node;
            for child in children {
                if replacement.is_some() {
                    replace_below(node_of(child), name, replacement);
                }
            }
        }
    }
}

fn collect_names(node: &Node, names: &mut Vec<String>) {
    match &node.value {
        Value::List(elements) => elements.iter().for_each(|element| collect_names(element, names)),
        Value::Object(entries) => {
            names.extend(text_of(node, "$name").map(str::to_owned));
            entries.iter().for_each(|entry| collect_names(&entry.node, names));
        }
        Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Text(_) => {}
    }
}

fn entry<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    match &node.value {
        Value::Object(entries) => entries.iter().find(|entry| entry.key == key),
        _ => None,
    }
}

fn entry_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Entry> {
    match &mut node.value {
        Value::Object(entries) => entries.iter_mut().find(|entry| entry.key == key),
        _ => None,
    }
}

fn place_of<'n>(file: &'n Node, key: &str) -> &'n Position {
    entry(file, key).map_or(&file.at, |entry| &entry.node.at)
}

fn invalid(at: &Position, text: &str) -> MappingError {
    MappingError::new(IssueCode::MappingOverlayInvalid, at, text)
}
