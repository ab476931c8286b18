//! Which occurrences belong to a slice, told from above and from below.

use serde_json::{Value, json};

use super::binding;
use super::build::Builder;
use super::json::{ANYTHING, NOTHING, all_of, any_of, contains, has, not, required};
use super::overlay::At;
use super::pattern;
use super::types::Slot;
use crate::profiles::form::{ElementDef, MatchRule, Slice, SliceMatch, Step};

/// Two schemas of the members of a slice; they are the same where it can be said exactly.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Membership {
    /// Holds of every member, and may hold of others.
    pub(super) over: Value,
    /// Holds of members only, and may not hold of all.
    pub(super) under: Value,
}

impl Membership {
    fn exact(schema: Value) -> Self {
        Self { over: schema.clone(), under: schema }
    }

    fn unknown() -> Self {
        Self { over: ANYTHING, under: NOTHING }
    }

    fn map(self, change: impl Fn(Value) -> Value) -> Self {
        Self { over: change(self.over), under: change(self.under) }
    }

    fn all(parts: Vec<Self>) -> Self {
        let (over, under): (Vec<_>, Vec<_>) = parts.into_iter().map(|part| (part.over, part.under)).unzip();
        Self { over: all_of(over), under: all_of(under) }
    }

    fn any(parts: Vec<Self>) -> Self {
        let (over, under): (Vec<_>, Vec<_>) = parts.into_iter().map(|part| (part.over, part.under)).unzip();
        Self { over: any_of(over), under: any_of(under) }
    }
}

/// The members of each slice: where several fit, the first one has the occurrence.
///
/// `type_name` is what the validator knows of the type of an occurrence without looking at it.
pub(super) fn members<'f>(
    builder: &mut Builder<'f>,
    at: &At<'f>,
    slices: &[&'f Slice],
    slot: &Slot<'f>,
    type_name: &str,
) -> Vec<Membership> {
    let mut fits: Vec<Membership> = Vec::new();
    let mut members = Vec::new();
    for (number, slice) in slices.iter().enumerate() {
        let parts = slice.matches.iter().map(|asked| follow(builder, slot.inside, slot, type_name, &asked.path, asked));
        let fit = Membership::all(parts.collect());
        let at = at.slice(&slice.name);
        let key = if slot.used.code == type_name { format!("{}.{type_name}", at.key()) } else { at.key() };
        let fit = define(builder, &format!("{key}.fits"), fit);
        let before = slices.iter().take(number).zip(&fits).filter(|(other, _)| !exclude(slot, other, slice));
        let (over, under): (Vec<_>, Vec<_>) = before.map(|(_, fit)| (fit.over.clone(), fit.under.clone())).unzip();
        let member = Membership { over: but_not(&fit.over, any_of(under)), under: but_not(&fit.under, any_of(over)) };
        members.push(if member == fit { member } else { define(builder, &format!("{key}.is"), member) });
        fits.push(fit);
    }
    members
}

/// Two parts in this order: few values fit, so that most tools look at the second part for few.
fn but_not(fit: &Value, others: Value) -> Value {
    if fit.is_boolean() || others.is_boolean() {
        return all_of([fit.clone(), not(others)]);
    }
    json!({ "allOf": [fit, not(others)] })
}

fn define(builder: &mut Builder<'_>, key: &str, membership: Membership) -> Membership {
    let is_exact = membership.over == membership.under;
    let under = builder.define(key.to_owned(), membership.under);
    let over = if is_exact { under.clone() } else { builder.define(format!("{key}.maybe"), membership.over) };
    Membership { over, under }
}

/// From an occurrence along the path of a discriminator.
fn follow<'f>(
    builder: &mut Builder<'f>,
    inside: &'f [ElementDef],
    slot: &Slot<'f>,
    type_name: &str,
    path: &[Step],
    asked: &SliceMatch,
) -> Membership {
    let absent = asked.rule == MatchRule::Exists(false);
    let Some((step, rest)) = path.split_first() else { return met(builder, slot, type_name, &asked.rule) };
    match step {
        Step::Property(name) => {
            let Some(base) = inside.iter().find(|base| base.name == *name) else { return Membership::unknown() };
            let slots = builder.slots(base);
            let names: Vec<String> = slots.iter().map(|slot| slot.name.clone()).collect();
            let present = slots.into_iter().map(|slot| {
                let type_name = if base.choice { slot.used.code.as_str() } else { "" };
                let inner = follow(builder, slot.inside, &slot, type_name, rest, asked);
                inner.map(|schema| has(&slot.name, if base.array { contains(schema) } else { schema }))
            });
            let present = Membership::any(present.collect());
            or_absent(present, absent, names)
        }
        Step::Extension(url) => {
            let Some(extension) = builder.form.types.get("Extension") else { return Membership::unknown() };
            let inner = follow(builder, &extension.children, slot, "Extension", rest, asked);
            let of_url = has("url", json!({ "const": url }));
            let found = has("extension", contains(of_url.clone()));
            let present = inner.map(|schema| has("extension", contains(all_of([of_url.clone(), schema]))));
            if absent { Membership::any(vec![present, Membership::exact(not(found))]) } else { present }
        }
        Step::Resolve => Membership::unknown(),
    }
}

fn or_absent(present: Membership, absent: bool, names: Vec<String>) -> Membership {
    if !absent {
        return present;
    }
    let none = not(any_of(names.iter().map(|name| required(name))));
    Membership::any(vec![present, Membership::exact(none)])
}

/// What the rule asks of the value at the end of the path.
fn met<'f>(builder: &mut Builder<'f>, slot: &Slot<'f>, type_name: &str, rule: &MatchRule) -> Membership {
    let unless_number = |value: &Value, schema: Value| {
        let under = if pattern::has_number(value) { NOTHING } else { schema.clone() };
        Membership { over: schema, under }
    };
    match rule {
        MatchRule::Fixed(value) => unless_number(value, json!({ "const": value })),
        MatchRule::Pattern(value) => unless_number(value, pattern::contains(value)),
        MatchRule::Exists(expected) => Membership::exact(Value::Bool(*expected)),
        MatchRule::ValueSet(url) => {
            let form = builder.form;
            let Some((url, set)) = form.value_sets.get_key_value(url) else { return Membership::exact(NOTHING) };
            binding::member(builder, url, set, slot).map_or_else(Membership::unknown, Membership::exact)
        }
        MatchRule::Type(types) if builder.is_resource(&slot.used.code) => {
            let any = types.iter().any(|name| name == "Resource");
            let names = if any { ANYTHING } else { json!({ "enum": types }) };
            Membership::exact(has("resourceType", names))
        }
        MatchRule::Type(types) => Membership::exact(Value::Bool(types.iter().any(|name| name == type_name))),
        MatchRule::Profile(_) => Membership::unknown(),
    }
}

/// Whether no occurrence can fit both slices: a discriminator that has one value asks for different ones.
fn exclude(slot: &Slot<'_>, one: &Slice, other: &Slice) -> bool {
    one.matches.iter().any(|left| {
        other.matches.iter().any(|right| {
            left.path == right.path && is_single(slot.inside, &left.path) && values_exclude(&left.rule, &right.rule)
        })
    })
}

fn values_exclude(left: &MatchRule, right: &MatchRule) -> bool {
    use MatchRule::{Fixed, Pattern, Type};
    match (left, right) {
        (Fixed(left) | Pattern(left), Fixed(right) | Pattern(right)) => pattern::exclude(left, right),
        (Type(left), Type(right)) => !left.iter().any(|name| right.contains(name)),
        _ => false,
    }
}

/// Whether a path leads to one value at most. A path of more than one step is not looked at.
fn is_single(inside: &[ElementDef], path: &[Step]) -> bool {
    match path {
        [] => true,
        [Step::Property(name)] => inside.iter().any(|base| base.name == *name && !base.array && !base.choice),
        _ => false,
    }
}
