//! JSON Schema 2020-12 from the compiled form: the second back end beside the walker.
//!
//! A schema is never stricter than the walker: what the walker accepts, it accepts. Where it is weaker it says so itself
//! ([`Schema::weaker`]); a test compares both on every example and mutant. Each schema is complete in itself: every `$ref`
//! leads into its own `$defs`, no tool needs a network.
//!
//! A type has one definition for each object in it (`Observation`, `Observation.component`). A profile has one for what it
//! demands beyond its type, so both must hold. A value set has one for each way in which a code is written.

mod binding;
mod build;
mod discriminator;
pub mod export;
mod extension;
mod json;
mod overlay;
mod pattern;
mod primitive;
mod resource;
mod slices;
mod types;
mod weaker;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::form::Form;
use build::{Builder, Scope};
pub(super) use types::{Slot, slots};
pub use weaker::{Rule, Weaker};

/// A schema, and what it leaves to the validator.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The JSON Schema.
    pub document: Value,
    /// In what it is weaker than the validator, sorted.
    pub weaker: Vec<Weaker>,
}

/// A resource of one type of FHIR R4, without profiles; resources inside it must say their type, no more.
pub fn resource(form: &Form, type_name: &str) -> Option<Schema> {
    let (type_name, _) = form.types.get_key_value(type_name)?;
    let mut builder = Builder::new(form, Scope { resources: Some(BTreeSet::new()), ..Scope::default() });
    let root = builder.type_ref(type_name);
    Some(builder.finish(Map::new(), root))
}

/// A resource that must meet a profile; `None` where the form has no such profile of a resource.
///
/// `resources` are the types whose content is checked inside the resource.
pub fn profile(form: &Form, url: &str, resources: &BTreeSet<String>, head: Map<String, Value>) -> Option<Schema> {
    let (url, profile) = form.profiles.get_key_value(url)?;
    let (type_name, _) = form.types.get_key_value(&profile.type_name)?;
    let scope = Scope {
        resources: Some(resources.clone()),
        extensions: extension::reached(form, &BTreeSet::from([url.clone()])),
        claims: BTreeSet::new(),
    };
    let mut builder = Builder::new(form, scope);
    let of_type = builder.type_ref(type_name);
    let of_profile = builder.profile_ref(url);
    Some(builder.finish(head, json!({ "allOf": [of_type, of_profile] })))
}

/// Any resource of FHIR R4, a Bundle too; each resource in it must meet those of `profiles` that it claims.
pub fn claims(form: &Form, profiles: &BTreeSet<String>, head: Map<String, Value>) -> Schema {
    let scope = Scope { resources: None, extensions: extension::reached(form, profiles), claims: profiles.clone() };
    let mut builder = Builder::new(form, scope);
    let root = builder.resource_ref();
    builder.finish(head, root)
}

#[cfg(test)]
mod tests;
