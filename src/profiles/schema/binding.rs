//! Value sets that can be written out.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::build::Builder;
use super::json::{ANYTHING, NOTHING, any_of, contains, has, has_all};
use super::types::Slot;
use super::weaker::Rule;
use crate::fhir::systems::SEQUENCE_ONTOLOGY;
use crate::profiles::form::{Binding, Codes, Form, Strength, ValueSetDef};

/// How a code stands in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A bare string.
    Code,
    /// An object with code and system: Coding, Quantity.
    Coding,
    /// An object with codings: CodeableConcept.
    Concept,
}

impl Shape {
    fn of(slot: &Slot<'_>) -> Self {
        match slot.is_primitive {
            true => Self::Code,
            false if slot.inside.iter().any(|child| child.name == "coding") => Self::Concept,
            false => Self::Coding,
        }
    }
}

/// What a binding demands of a value; what cannot be said is listed as weaker.
pub(super) fn rule<'f>(
    builder: &mut Builder<'f>,
    definition: &str,
    place: &str,
    binding: Option<&'f Binding>,
    slot: &Slot<'f>,
) -> Option<Value> {
    let binding = binding?;
    let found = builder.form.value_sets.get(&binding.value_set)?;
    if binding.strength == Strength::Extensible {
        builder.weaker(definition, place, Rule::Binding, format!("extensible: {}", binding.value_set));
        return None;
    }
    let rule = match (found.partial, Shape::of(slot)) {
        // Whatever system the rest is from, it may be there.
        (true, _) if found.open.is_empty() => None,
        (true, Shape::Code) => None,
        (_, shape) => demanded(builder, &binding.value_set, found, shape),
    };
    if found.partial || may_grow(found) {
        builder.weaker(definition, place, Rule::Binding, format!("not known in full: {}", binding.value_set));
    } else if rule.as_ref().is_none_or(|rule| *rule == ANYTHING) {
        builder.weaker(definition, place, Rule::Binding, format!("cannot be written out: {}", binding.value_set));
    }
    rule.filter(|rule| *rule != ANYTHING)
}

/// Whether the validator takes a code for a newer one than those that it knows.
fn may_grow(set: &ValueSetDef) -> bool {
    set.systems.contains_key(SEQUENCE_ONTOLOGY)
}

/// A code of the set, or one that may belong to it without being known.
fn demanded<'f>(builder: &mut Builder<'f>, url: &str, set: &'f ValueSetDef, shape: Shape) -> Option<Value> {
    let coding = match shape {
        Shape::Code => return codes(builder.form, set).map(|_| builder.codes_ref(url, set)),
        _ => {
            any_of([codings(builder.form, set).map(|_| builder.codings_ref(url, set)), open(set)].into_iter().flatten())
        }
    };
    if coding == NOTHING {
        return None;
    }
    Some(if shape == Shape::Concept { has("coding", contains(coding)) } else { coding })
}

/// Any code of the systems that the set is open for.
fn open(set: &ValueSetDef) -> Option<Value> {
    let mut systems: BTreeSet<&str> = BTreeSet::new();
    if set.partial {
        systems.extend(set.open.iter().map(String::as_str));
    }
    if may_grow(set) {
        systems.insert(SEQUENCE_ONTOLOGY);
    }
    let code = json!({ "type": "string" });
    (!systems.is_empty())
        .then(|| has_all([("system".to_owned(), json!({ "enum": systems })), ("code".to_owned(), code)]))
}

/// Holds of a value that has a code that is known to be in the set.
pub(super) fn member<'f>(builder: &mut Builder<'f>, url: &str, set: &'f ValueSetDef, slot: &Slot<'f>) -> Option<Value> {
    match Shape::of(slot) {
        Shape::Code => codes(builder.form, set).map(|_| builder.codes_ref(url, set)),
        Shape::Coding => codings(builder.form, set).map(|_| builder.codings_ref(url, set)),
        Shape::Concept => {
            codings(builder.form, set)?;
            let coding = builder.codings_ref(url, set);
            Some(has("coding", contains(coding)))
        }
    }
}

/// The codes as strings, where every one is known.
pub(super) fn codes(form: &Form, set: &ValueSetDef) -> Option<Value> {
    let mut all = BTreeSet::new();
    for (system, codes) in &set.systems {
        all.extend(known(form, system, codes)?);
    }
    (!all.is_empty()).then(|| json!({ "enum": all }))
}

/// System and code; of a system whose codes are not known, any code.
pub(super) fn codings(form: &Form, set: &ValueSetDef) -> Option<Value> {
    let coding = |(system, codes): (&String, &Codes)| {
        let code =
            known(form, system, codes).map_or_else(|| json!({ "type": "string" }), |known| json!({ "enum": known }));
        has_all([("system".to_owned(), json!({ "const": system })), ("code".to_owned(), code)])
    };
    (!set.systems.is_empty()).then(|| any_of(set.systems.iter().map(coding)))
}

fn known<'f>(form: &'f Form, system: &str, codes: &'f Codes) -> Option<&'f BTreeSet<String>> {
    match codes {
        Codes::These(codes) => Some(codes),
        Codes::Any => form.code_systems.get(system).map(|known| &known.codes),
    }
}
