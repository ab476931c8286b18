//! Resources inside a resource, told apart by `resourceType`.

use serde_json::{Value, json};

use super::build::Builder;
use super::json::{ANYTHING, all_of, contains, has, when};
use super::weaker::Rule;
use crate::profiles::form::{Form, TypeKind};

/// Any resource of FHIR R4.
pub(super) fn dispatch(builder: &mut Builder<'_>) -> Value {
    let form = builder.form;
    let mut parts = Vec::new();
    for name in types(form) {
        if builder.scope.resources.as_ref().is_none_or(|kept| kept.contains(name)) {
            let of_type = builder.type_ref(name);
            parts.push(when(json!({ "properties": { "resourceType": { "const": name } } }), of_type));
        } else {
            builder.weaker(name, "", Rule::Contained, "the content of such a resource inside another one");
        }
    }
    for url in builder.scope.claims.clone() {
        if let Some((url, profile)) = form.profiles.get_key_value(&url) {
            let meets = builder.profile_ref(url);
            let of_type = json!({ "properties": { "resourceType": { "const": profile.type_name } } });
            parts.push(when(claims(url), all_of([of_type, meets])));
        }
    }
    let names: Vec<&String> = types(form).collect();
    let of_some_type = has("resourceType", json!({ "enum": names }));
    all_of([of_some_type, if parts.is_empty() { ANYTHING } else { json!({ "allOf": parts }) }])
}

/// Every resource type that has instances.
fn types(form: &Form) -> impl Iterator<Item = &String> {
    let concrete = form.types.iter().filter(|(_, found)| found.kind == TypeKind::Resource && !found.is_abstract);
    concrete.map(|(name, _)| name)
}

/// Holds of a resource that claims the profile, with or without a version.
fn claims(url: &str) -> Value {
    let escaped: String = url.chars().flat_map(|c| (c == '.').then_some('\\').into_iter().chain([c])).collect();
    let claim = json!({ "type": "string", "pattern": format!("^{escaped}(\\|.*)?$") });
    has("meta", has("profile", contains(claim)))
}
