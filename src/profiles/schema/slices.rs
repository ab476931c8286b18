//! Slices of an element.
//!
//! An occurrence belongs to the first slice whose discriminators hold, so a schema that asks of more occurrences than the
//! validator does would be stricter. Membership has therefore two sides: `over` holds of every member, `under` of members
//! only. The least number is counted with `over`; the greatest number and the rules on each member use `under`.

use serde_json::{Value, json};

use super::build::Builder;
use super::discriminator::{Membership, members};
use super::json::{ANYTHING, ObjectRules, all_of, any_of, has, is_anything, is_nothing, not, when};
use super::overlay::{At, Values, one, values};
use super::types::Slot;
use super::weaker::Rule;
use crate::profiles::form::{ElementDef, Slice, SlicingRules};

/// The rules of the slices of an element; `slots` are its properties that the profile allows.
pub(super) fn rules<'f>(
    builder: &mut Builder<'f>,
    at: &At<'f>,
    element: &'f ElementDef,
    base: &'f ElementDef,
    slots: &[Slot<'f>],
    rules: &mut ObjectRules,
) {
    let Some(slicing) = &element.slicing else { return };
    if slicing.ordered || slicing.rules == SlicingRules::OpenAtEnd {
        builder.weaker(at.url, &at.path, Rule::SliceOrder, "the order of the slices");
    }
    let decided: Vec<&'f Slice> = slicing.slices.iter().filter(|slice| !slice.matches.is_empty()).collect();
    for slice in slicing.slices.iter().filter(|slice| slice.matches.is_empty()) {
        builder.weaker(
            at.url,
            &at.slice(&slice.name).path,
            Rule::Slice,
            "no occurrence can be told to be in the slice",
        );
    }
    for slice in decided.iter().filter(|slice| slice.element.slicing.is_some()) {
        builder.weaker(at.url, &at.slice(&slice.name).path, Rule::Slice, "slices of the slice");
    }
    // The type that the validator knows without a look at the property.
    let only = match element.types.as_slice() {
        [only] => only.code.as_str(),
        _ => "",
    };
    let is_closed = slicing.rules == SlicingRules::Closed && decided.len() == slicing.slices.len();
    let sliced = Sliced { slices: decided, is_closed, type_name: (!base.choice).then_some(only) };
    match slots {
        [slot] if base.array && !slot.is_primitive => array(builder, at, &sliced, slot, rules),
        _ if base.array => builder.weaker(at.url, &at.path, Rule::Slice, "slices of an array of primitives"),
        _ => single(builder, at, &sliced, slots, rules),
    }
}

struct Sliced<'f> {
    slices: Vec<&'f Slice>,
    is_closed: bool,
    /// `None`: the property tells.
    type_name: Option<&'f str>,
}

fn array<'f>(builder: &mut Builder<'f>, at: &At<'f>, sliced: &Sliced<'f>, slot: &Slot<'f>, rules: &mut ObjectRules) {
    let members = members(builder, at, &sliced.slices, slot, sliced.type_name.unwrap_or_default());
    let mut all = Vec::new();
    for (slice, member) in sliced.slices.iter().zip(&members) {
        let at = at.slice(&slice.name);
        if slice.element.min > 0 && !is_anything(&member.over) {
            rules.require(&slot.name);
        }
        all.push(count(member, slice.element.min, slice.element.max));
        let Values { value, .. } = values(builder, &at, &slice.element, slot);
        list_undecided(builder, &at, slice, member, &value);
        if !is_nothing(&member.under) {
            let value = builder.define(at.key(), value);
            all.push(items(when(member.under.clone(), value)));
        }
    }
    if sliced.is_closed {
        all.push(items(any_of(members.into_iter().map(|member| member.over))));
    }
    let all: Vec<Value> = all.into_iter().filter(|part| !is_anything(part)).collect();
    if !all.is_empty() {
        rules.property(&slot.name, json!({ "allOf": all }));
    }
}

fn items(schema: Value) -> Value {
    if is_anything(&schema) { ANYTHING } else { json!({ "items": schema }) }
}

fn list_undecided(builder: &mut Builder<'_>, at: &At<'_>, slice: &Slice, member: &Membership, value: &Value) {
    let is_trivial = slice.element.min == 0 && slice.element.max.is_none() && is_anything(value);
    if member.over != member.under && !is_trivial {
        builder.weaker(at.url, &at.path, Rule::Slice, "the target of a reference decides what is in the slice");
    }
}

/// How many occurrences are in the slice.
fn count(member: &Membership, min: u32, max: Option<u32>) -> Value {
    let at_least = (min > 0 && !is_anything(&member.over)).then_some(&member.over);
    let at_most = max.filter(|_| !is_nothing(&member.under)).map(|max| (&member.under, max));
    match (at_least, at_most) {
        (Some(over), Some((under, max))) if over == under => {
            json!({ "contains": over, "minContains": min, "maxContains": max })
        }
        (over, most) => {
            let at_least = over.map_or(ANYTHING, |over| json!({ "contains": over, "minContains": min }));
            let at_most = most
                .map_or(ANYTHING, |(under, max)| json!({ "contains": under, "minContains": 0, "maxContains": max }));
            all_of([at_least, at_most])
        }
    }
}

/// Slices of an element that occurs once: told apart by its type, or by what the value is.
fn single<'f>(
    builder: &mut Builder<'f>,
    at: &At<'f>,
    sliced: &Sliced<'f>,
    slots: &[Slot<'f>],
    rules: &mut ObjectRules,
) {
    let mut present: Vec<Vec<Value>> = vec![Vec::new(); sliced.slices.len()];
    for slot in slots {
        let members = members(builder, at, &sliced.slices, slot, sliced.type_name.unwrap_or(&slot.used.code));
        for ((slice, member), present) in sliced.slices.iter().zip(&members).zip(&mut present) {
            let at = at.slice(&slice.name);
            let values = values(builder, &at, &slice.element, slot);
            list_undecided(builder, &at, slice, member, &values.value);
            present.push(match &member.over {
                Value::Bool(true) => slot.presence(),
                over => has(&slot.name, over.clone()),
            });
            if slice.element.max == Some(0) {
                rules.property(&slot.name, not(member.under.clone()));
            }
            match &member.under {
                Value::Bool(false) => {}
                Value::Bool(true) => one(slot, values, rules),
                under => rules.property(&slot.name, when(under.clone(), values.value)),
            }
        }
        if sliced.is_closed {
            rules.property(&slot.name, any_of(members.into_iter().map(|member| member.over)));
        }
    }
    for (slice, present) in sliced.slices.iter().zip(present) {
        if slice.element.min > 0 {
            rules.all(any_of(present));
        }
    }
}
