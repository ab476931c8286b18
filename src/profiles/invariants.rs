//! The invariants of FHIR R4 and of our own profiles, each a function beside its FHIRPath.
//!
//! `profiles/invariants.tsv` lists key, type and expression as the packages publish them; our own stand in
//! `profiles/fsh/input/fsh/invariants.fsh`. An expression that comes out empty because its values cannot be compared (a
//! day with a month, milligrams with millilitres) counts as met: FHIR R4 does not say, and an issue must be certain.

mod bundle;
mod clinical;
mod conformance;
mod datatypes;
mod impress;
mod narrative;
pub(super) mod order;
mod quantities;
mod resources;
#[cfg(test)]
mod tests;
mod timing;
mod tree;

use std::collections::HashSet;

use crate::fhir::value::Value;

/// What came of an invariant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is met.
    Holds,
    /// It is broken.
    Fails,
    /// The key is of no known invariant or stands in [`NOT_IMPLEMENTED`]: nothing is said.
    NotImplemented,
}

/// What an expression needs beside its element.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// `%rootResource`: the resource itself, or the one that contains it. The resource of a Bundle entry is its own root.
    pub root: &'a Value<'a>,
    /// `%resource`: the nearest resource, a contained one included.
    pub resource: &'a Value<'a>,
    /// `%rootResource.contained.id`.
    pub contained: &'a ContainedIds<'a>,
    /// The `_name` property beside a primitive element.
    pub sibling: Option<&'a Value<'a>>,
}

impl<'a> Context<'a> {
    /// The context of a resource that is not contained.
    pub fn of(resource: &'a Value<'a>, contained: &'a ContainedIds<'a>) -> Self {
        Self { root: resource, resource, contained, sibling: None }
    }
}

/// The ids of the resources that a resource contains, read once: a resource can hold very many references to them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContainedIds<'a>(HashSet<&'a str>);

impl<'a> ContainedIds<'a> {
    /// Reads the ids.
    pub fn of(resource: &'a Value<'a>) -> Self {
        Self(tree::all(resource, "contained").iter().filter_map(|contained| tree::text(contained, "id")).collect())
    }

    /// Whether there is a contained resource with this id.
    pub fn contains(&self, id: &str) -> bool {
        self.0.contains(id)
    }
}

/// Whether an element meets an invariant. A primitive element without value is `Value::Null`, with its `_name` property as
/// sibling.
pub type Rule = fn(&Value<'_>, &Context<'_>) -> bool;

/// The rule of a key, to be looked up once.
pub fn rule(key: &str) -> Option<Rule> {
    let groups: [&[(&str, Rule)]; 9] = [
        bundle::RULES,
        clinical::RULES,
        conformance::RULES,
        datatypes::RULES,
        impress::RULES,
        narrative::RULES,
        quantities::RULES,
        resources::RULES,
        timing::RULES,
    ];
    groups.iter().flat_map(|rules| rules.iter()).find(|(name, _)| *name == key).map(|(_, rule)| *rule)
}

/// Checks one invariant.
pub fn check(key: &str, element: &Value, context: &Context<'_>) -> Outcome {
    match rule(key) {
        None => Outcome::NotImplemented,
        Some(rule) if rule(element, context) => Outcome::Holds,
        Some(_) => Outcome::Fails,
    }
}

/// Keys of `profiles/invariants.tsv` without a rule (a final `*` stands for any end), and why.
pub const NOT_IMPLEMENTED: &[(&str, &str)] = &[
    ("eld-*", "ElementDefinition stands in StructureDefinitions, which the gateway compiles and does not validate"),
    ("drq-*", "DataRequirement stands in no element that a profile of the gateway uses"),
    ("trd-*", "TriggerDefinition stands in no element that a profile of the gateway uses"),
];
