//! Types of FHIR R4: every element, as the type says it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::tree::Node;
use super::{CORE, text, unversioned};
use crate::profiles::form::{Binding, ElementDef, JsonKind, Limits, Strength, TypeDef, TypeKind, TypeRef};

const TYPE_EXTENSION: &str = "structuredefinition-fhir-type";
const REGEX_EXTENSION: &str = "StructureDefinition/regex";

/// Compiles every StructureDefinition that is no constraint on another.
pub(super) fn compile(structures: &BTreeMap<&str, &Value>, types: &mut BTreeMap<String, TypeDef>) {
    for (url, structure) in structures {
        let Some(name) = url.strip_prefix(CORE) else { continue };
        let kind = match text(structure, "kind") {
            Some("primitive-type") => TypeKind::Primitive,
            Some("complex-type") => TypeKind::Complex,
            Some("resource") => TypeKind::Resource,
            _ => continue,
        };
        if text(structure, "derivation") != Some("constraint") && structure.get("snapshot").is_some() {
            types.insert(name.to_owned(), type_def(name, kind, structure));
        }
    }
    let own: BTreeMap<String, Vec<String>> =
        types.iter().map(|(name, type_def)| (name.clone(), type_def.constraints.clone())).collect();
    for type_def in types.values_mut() {
        for child in &mut type_def.children {
            drop_type_constraints(child, &own);
        }
    }
}

fn type_def(name: &str, kind: TypeKind, structure: &Value) -> TypeDef {
    let tree = Node::of(structure);
    let json = match name {
        "boolean" => JsonKind::Boolean,
        "integer" | "positiveInt" | "unsignedInt" | "decimal" => JsonKind::Number,
        _ => JsonKind::String,
    };
    let is_element = |child: &&Node<'_>| kind != TypeKind::Primitive || child.name != "value";
    let regex = tree.child("value").and_then(|value| extension(value, REGEX_EXTENSION));
    TypeDef {
        kind,
        is_abstract: structure.get("abstract").and_then(Value::as_bool).unwrap_or_default(),
        base: text(structure, "baseDefinition").and_then(|base| base.strip_prefix(CORE)).map(str::to_owned),
        json: if kind == TypeKind::Primitive { json } else { JsonKind::String },
        regex: regex.filter(|_| kind == TypeKind::Primitive).map(str::to_owned),
        constraints: constraints(tree.definition),
        children: tree.children.iter().filter(is_element).map(element).collect(),
    }
}

fn element(node: &Node<'_>) -> ElementDef {
    let base_max = node.definition.pointer("/base/max").and_then(Value::as_str);
    ElementDef {
        name: node.name.trim_end_matches("[x]").to_owned(),
        choice: node.name.ends_with("[x]"),
        array: !matches!(base_max.or(text(node.definition, "max")), Some("1" | "0")),
        min: node.min(),
        max: node.max(),
        types: types(node),
        fixed: node.value("fixed").cloned(),
        pattern: node.value("pattern").cloned(),
        binding: binding(node),
        content_reference: text(node.definition, "contentReference")
            .and_then(|reference| reference.rsplit('#').next())
            .map(str::to_owned),
        constraints: constraints(node.definition),
        children: node.children.iter().map(element).collect(),
        limits: Limits::default(),
        slicing: None,
    }
}

/// The types of an element; those of FHIRPath are replaced by what the JSON format demands.
pub(super) fn types(node: &Node<'_>) -> Vec<TypeRef> {
    node.types().map(|value| type_ref(value, node)).collect()
}

fn type_ref(value: &Value, node: &Node<'_>) -> TypeRef {
    let code = text(value, "code").unwrap_or_default();
    let code = if code.starts_with("http://hl7.org/fhirpath/") {
        let base = node.definition.pointer("/base/path").and_then(Value::as_str);
        match base {
            // The extension of R4 says `string` here; the text of the specification says `id`.
            Some("Resource.id") => "id",
            _ => extension(node, TYPE_EXTENSION).unwrap_or("string"),
        }
    } else {
        code
    };
    let canonicals = |key: &str| -> Vec<String> {
        let items = value.get(key).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(|item| unversioned(item).to_owned()).collect()
    };
    let targets = canonicals("targetProfile").into_iter().map(|target| short(&target)).collect();
    TypeRef { code: code.to_owned(), profiles: canonicals("profile"), targets }
}

/// A resource type of FHIR R4 by its name, a profile by its URL.
pub(super) fn short(canonical: &str) -> String {
    let name = canonical.strip_prefix(CORE).filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()));
    name.unwrap_or(canonical).to_owned()
}

pub(super) fn binding(node: &Node<'_>) -> Option<Binding> {
    let binding = node.definition.get("binding")?;
    let strength = match text(binding, "strength")? {
        "required" => Strength::Required,
        "extensible" => Strength::Extensible,
        _ => return None,
    };
    Some(Binding { strength, value_set: unversioned(text(binding, "valueSet")?).to_owned() })
}

/// `minValue[x]`, `maxValue[x]` and `maxLength`; of the types of FHIR R4 none has one.
pub(super) fn limits(node: &Node<'_>) -> Limits {
    Limits {
        min: node.value("minValue").cloned(),
        max: node.value("maxValue").cloned(),
        length: node.definition.get("maxLength").and_then(Value::as_u64),
    }
}

pub(super) fn constraints(definition: &Value) -> Vec<String> {
    let keys = definition.get("constraint").and_then(Value::as_array).into_iter().flatten();
    keys.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Snapshots repeat the invariants of a type at each element of it; they are checked once, with the type.
fn drop_type_constraints(element: &mut ElementDef, own: &BTreeMap<String, Vec<String>>) {
    let inherited = |key: &String| {
        key == "ele-1" || element.types.iter().any(|used| own.get(&used.code).is_some_and(|keys| keys.contains(key)))
    };
    element.constraints = element.constraints.iter().filter(|key| !inherited(key)).cloned().collect();
    for child in &mut element.children {
        drop_type_constraints(child, own);
    }
}

fn extension<'a>(node: &Node<'a>, suffix: &str) -> Option<&'a str> {
    let extensions = node.types().filter_map(|value| value.get("extension")?.as_array()).flatten();
    let found =
        extensions.into_iter().find(|extension| text(extension, "url").is_some_and(|url| url.ends_with(suffix)))?;
    text(found, "valueUrl").or_else(|| text(found, "valueString"))
}
