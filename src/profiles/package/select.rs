//! Selects the definitions that the compiler needs, so that extracts stay small.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Package, url};

/// Leaves in each package what is asked for: the structures of packages that `keeps_all`, the structures that these
/// name, the value sets and code systems that their required and extensible bindings name, and the code systems of codes that
/// they fix. A structure without snapshot
/// (two examples in FHIR R4 itself) is left out.
pub fn select(packages: &mut [Package], keeps_all: impl Fn(&Package) -> bool) {
    let wanted = {
        let mut definitions: BTreeMap<&str, &Value> = BTreeMap::new();
        for definition in packages.iter().flat_map(|package| &package.definitions) {
            definitions.entry(url(definition)).or_insert(definition);
        }
        let roots = packages.iter().filter(|package| keeps_all(package)).flat_map(|package| &package.definitions);
        let mut open: Vec<&str> = roots.filter(|definition| is(definition, "StructureDefinition")).map(url).collect();
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        while let Some(url) = open.pop() {
            let Some(definition) = definitions.get(url) else { continue };
            if wanted.insert(url.to_owned()) {
                named(definition, &mut open);
            }
        }
        wanted
    };
    let mut taken = BTreeSet::new();
    for package in packages {
        package.definitions.retain(|definition| {
            let url = url(definition);
            let is_usable = !is(definition, "StructureDefinition") || definition.get("snapshot").is_some();
            is_usable && wanted.contains(url) && taken.insert(url.to_owned())
        });
    }
}

fn is(definition: &Value, resource_type: &str) -> bool {
    definition.get("resourceType").and_then(Value::as_str) == Some(resource_type)
}

/// The canonicals that a definition needs.
fn named<'a>(definition: &'a Value, found: &mut Vec<&'a str>) {
    let text = |value: &'a Value| value.as_str().map(|canonical| canonical.split('|').next().unwrap_or(canonical));
    let list = |value: &'a Value, key: &str| value.get(key).and_then(Value::as_array).into_iter().flatten();
    for element in definition.pointer("/snapshot/element").and_then(Value::as_array).into_iter().flatten() {
        for used in list(element, "type") {
            found.extend(list(used, "profile").chain(list(used, "targetProfile")).filter_map(text));
        }
        // Systems of codes that an element must have: what else stands there must be a code of them too.
        for key in ["fixedCodeableConcept", "patternCodeableConcept"] {
            let codings = element.get(key).into_iter().flat_map(|concept| list(concept, "coding"));
            found.extend(codings.filter_map(|coding| coding.get("system").and_then(text)));
        }
        for key in ["fixedCoding", "patternCoding"] {
            found.extend(element.get(key).and_then(|coding| coding.get("system")).and_then(text));
        }
        let strength = element.pointer("/binding/strength").and_then(Value::as_str);
        if matches!(strength, Some("required" | "extensible")) {
            found.extend(element.pointer("/binding/valueSet").and_then(text));
        }
    }
    if let Some(compose) = definition.get("compose") {
        for part in list(compose, "include").chain(list(compose, "exclude")) {
            found.extend(part.get("system").and_then(text));
            found.extend(list(part, "valueSet").filter_map(text));
        }
    }
}
