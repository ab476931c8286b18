//! Extensions: a value or extensions inside, and the definition behind the URL.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::build::Builder;
use super::json::{ObjectRules, has, required, when};
use super::types::Slot;
use super::weaker::Rule;
use crate::profiles::form::{ElementDef, Form, TypeDef};

/// What an Extension must be beyond its elements. Without a URL as a string nothing more is asked.
pub(super) fn rules<'f>(builder: &mut Builder<'f>, extension: &'f TypeDef) -> Value {
    builder.weaker("Extension", "", Rule::Extension, "where the extension may stand");
    builder.weaker("Extension", "", Rule::Extension, "definitions of extensions that the schema does not hold");
    let slots: Vec<Slot<'f>> =
        extension.children.iter().filter(|child| child.choice).flat_map(|child| builder.slots(child)).collect();
    let plain = extension.children.iter().filter(|child| !child.choice).flat_map(|child| builder.slots(child));
    let plain: Vec<String> =
        plain.flat_map(|slot| [Some(slot.name.clone()), slot.is_primitive.then(|| slot.sibling())]).flatten().collect();
    let only_plain = json!({ "propertyNames": { "enum": plain } });
    let a_value = json!({ "anyOf": slots.iter().map(Slot::presence).collect::<Vec<_>>() });
    let one_of_both = json!({ "if": required("extension"), "then": only_plain, "else": a_value });
    let mut rules = ObjectRules::default();
    rules.all(when(has("url", json!({ "type": "string" })), one_of_both));
    let form = builder.form;
    for url in builder.scope.extensions.clone() {
        if let Some((url, _)) = form.profiles.get_key_value(&url) {
            let meets = builder.profile_ref(url);
            rules.all(when(has("url", json!({ "const": url })), meets));
        }
    }
    rules.into_schema()
}

/// The extensions that profiles name, directly or through the extensions and datatype profiles that they name.
pub(super) fn reached(form: &Form, urls: &BTreeSet<String>) -> BTreeSet<String> {
    let (mut seen, mut open) = (urls.clone(), urls.iter().cloned().collect::<Vec<_>>());
    while let Some(url) = open.pop() {
        let Some(profile) = form.profiles.get(&url) else { continue };
        let mut named = Vec::new();
        collect(&profile.root, &mut named);
        open.extend(named.into_iter().filter(|url| seen.insert(url.clone())));
    }
    seen.retain(|url| form.profiles.get(url).is_some_and(|profile| profile.type_name == "Extension"));
    seen
}

fn collect(element: &ElementDef, named: &mut Vec<String>) {
    named.extend(element.types.iter().flat_map(|used| used.profiles.iter().cloned()));
    element.children.iter().for_each(|child| collect(child, named));
    for slice in element.slicing.iter().flat_map(|slicing| &slicing.slices) {
        collect(&slice.element, named);
    }
}
