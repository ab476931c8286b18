//! Value sets that can be written out.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::build::Builder;
use super::json::{ANYTHING, any_of, contains, has, has_all};
use super::types::Slot;
use super::weaker::Rule;
use crate::profiles::form::{Binding, Codes, ElementDef, Form, Strength, ValueSetDef};

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
    fn of(is_primitive: bool, inside: &[ElementDef]) -> Self {
        match is_primitive {
            true => Self::Code,
            false if inside.iter().any(|child| child.name == "coding") => Self::Concept,
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
    let rule = if found.partial { None } else { member(builder, &binding.value_set, found, slot) };
    if rule.as_ref().is_none_or(|rule| *rule == ANYTHING) {
        builder.weaker(definition, place, Rule::Binding, format!("cannot be written out: {}", binding.value_set));
        return None;
    }
    rule
}

/// Holds of a value that has a code of the set, as far as the set is known.
pub(super) fn member<'f>(builder: &mut Builder<'f>, url: &str, set: &'f ValueSetDef, slot: &Slot<'f>) -> Option<Value> {
    match Shape::of(slot.is_primitive, slot.inside) {
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
