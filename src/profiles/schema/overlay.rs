//! Profiles: what one demands beyond its type. Beside it the schema of the type must hold, whose rules are not repeated.

use serde_json::{Map, Value, json};

use super::build::Builder;
use super::json::{ANYTHING, NOTHING, ObjectRules, all_of, any_of, is_anything, property, required, unless};
use super::types::{Slot, or_null, require};
use super::weaker::Rule;
use super::{binding, pattern, slices};
use crate::profiles::form::{ElementDef, Limits, TypeRef};

/// An element of a profile.
pub(super) struct At<'f> {
    /// Canonical URL of the profile.
    pub(super) url: &'f str,
    /// Key of its definition.
    pub(super) name: String,
    /// Path inside the profile, with slices; empty at the root.
    pub(super) path: String,
}

impl At<'_> {
    fn child(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { url: self.url, name: self.name.clone(), path }
    }

    pub(super) fn slice(&self, name: &str) -> Self {
        Self { url: self.url, name: self.name.clone(), path: format!("{}:{name}", self.path) }
    }

    /// Key of a definition of this element.
    pub(super) fn key(&self) -> String {
        let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-');
        let path: String = self.path.chars().map(|c| if is_safe(c) { c } else { '-' }).collect();
        format!("{}.{path}", self.name)
    }
}

/// What the values of an element must be.
pub(super) struct Values {
    /// A value.
    pub(super) value: Value,
    /// The `_` sibling of a primitive.
    pub(super) sibling: Value,
    /// Whether a primitive value is not enough without its sibling.
    pub(super) needs_sibling: bool,
}

/// The rules of a profile.
pub(super) fn profile<'f>(builder: &mut Builder<'f>, url: &'f str) -> Value {
    let form = builder.form;
    let Some(profile) = form.profiles.get(url) else { return ANYTHING };
    let inside = form.types.get(&profile.type_name).map(|found| found.children.as_slice()).unwrap_or_default();
    let at = At { url, name: builder.profile_name(url), path: String::new() };
    invariants(builder, &at, &profile.root);
    object(builder, &at, &profile.root.children, inside)
}

fn invariants(builder: &mut Builder<'_>, at: &At<'_>, element: &ElementDef) {
    for key in &element.constraints {
        builder.weaker(at.url, &at.path, Rule::Invariant, key);
    }
}

/// The rules on the elements of an object; `inside` are the elements that its type has.
pub(super) fn object<'f>(
    builder: &mut Builder<'f>,
    at: &At<'f>,
    children: &'f [ElementDef],
    inside: &'f [ElementDef],
) -> Value {
    let mut rules = ObjectRules::default();
    for child in children {
        let at = at.child(&child.name);
        match inside.iter().find(|base| base.name == child.name) {
            Some(base) => element(builder, &at, child, base, &mut rules),
            None if child.min > 0 => {
                builder.weaker(at.url, &at.path, Rule::TypeProfile, "the type has no such element")
            }
            None => {}
        }
    }
    rules.into_schema()
}

fn element<'f>(
    builder: &mut Builder<'f>,
    at: &At<'f>,
    child: &'f ElementDef,
    base: &'f ElementDef,
    rules: &mut ObjectRules,
) {
    let is_allowed = |slot: &Slot<'_>| {
        !base.choice || child.types.is_empty() || child.types.iter().any(|used| used.code == slot.used.code)
    };
    let (allowed, others): (Vec<_>, Vec<_>) = builder.slots(base).into_iter().partition(is_allowed);
    let (allowed, none) = if child.max == Some(0) { (Vec::new(), allowed) } else { (allowed, Vec::new()) };
    for slot in others.iter().chain(&none) {
        rules.property(&slot.name, NOTHING);
        if slot.is_primitive {
            rules.property(&slot.sibling(), NOTHING);
        }
    }
    if child.min > 0 {
        presence(&allowed, rules);
    }
    for slot in &allowed {
        let values = values(builder, at, child, slot);
        if base.array {
            array(child, slot, values, rules);
        } else {
            one(slot, values, rules);
        }
    }
    if child.slicing.is_some() {
        slices::rules(builder, at, child, base, &allowed, rules);
    }
}

/// One occurrence at least, of one of the types.
pub(super) fn presence(slots: &[Slot<'_>], rules: &mut ObjectRules) {
    match slots {
        [only] => require(only, rules),
        several => rules.all(any_of(several.iter().map(Slot::presence))),
    }
}

/// The rules on an element that occurs once.
pub(super) fn one(slot: &Slot<'_>, values: Values, rules: &mut ObjectRules) {
    rules.property(&slot.name, values.value);
    if slot.is_primitive {
        rules.property(&slot.sibling(), values.sibling);
        if values.needs_sibling {
            rules.all(json!({ "dependentRequired": { slot.name.as_str(): [slot.sibling()] } }));
        }
    }
}

fn array(child: &ElementDef, slot: &Slot<'_>, values: Values, rules: &mut ObjectRules) {
    let items = |schema: Value| if is_anything(&schema) { ANYTHING } else { json!({ "items": schema }) };
    let max = child.max.map_or(ANYTHING, |max| json!({ "maxItems": max }));
    let min = if child.min > 1 { json!({ "minItems": child.min }) } else { ANYTHING };
    if !slot.is_primitive {
        rules.property(&slot.name, all_of([min, max, items(values.value)]));
        return;
    }
    let or_null = |schema: Value| if is_anything(&schema) { schema } else { or_null(schema) };
    rules.property(&slot.name, all_of([max.clone(), items(or_null(values.value))]));
    rules.property(&slot.sibling(), all_of([max, items(or_null(values.sibling))]));
    // The longer one of both arrays counts.
    rules.all(unless(required(&slot.sibling()), property(&slot.name, min)));
}

/// What one occurrence must be: type profiles, fixed value, pattern, value set, elements inside.
pub(super) fn values<'f>(builder: &mut Builder<'f>, at: &At<'f>, element: &'f ElementDef, slot: &Slot<'f>) -> Values {
    invariants(builder, at, element);
    let used: Vec<&'f TypeRef> = element.types.iter().filter(|used| used.code == slot.used.code).collect();
    let targets: Vec<&str> = used.iter().flat_map(|used| &used.targets).map(String::as_str).collect();
    if !targets.is_empty() {
        builder.weaker(at.url, &at.path, Rule::Reference, format!("target: {}", targets.join(", ")));
    }
    let mut parts = vec![type_profiles(builder, at, &used)];
    if let Some(fixed) = &element.fixed {
        if pattern::has_number(fixed) {
            builder.weaker(at.url, &at.path, Rule::Number, "the digits of the fixed value");
        }
        parts.push(json!({ "const": fixed }));
    }
    if let Some(wanted) = &element.pattern {
        if pattern::has_number(wanted) {
            builder.weaker(at.url, &at.path, Rule::Number, "the digits of the pattern");
        }
        parts.push(pattern::contains(wanted));
    }
    parts.push(limits(builder, at, &element.limits));
    parts.extend(binding::rule(builder, at.url, &at.path, element.binding.as_ref(), slot));
    let inside = object(builder, at, &element.children, slot.inside);
    if !slot.is_primitive {
        parts.push(inside);
        return Values { value: all_of(parts), sibling: ANYTHING, needs_sibling: false };
    }
    let needs_sibling = element.children.iter().any(|child| child.min > 0);
    Values { value: all_of(parts), sibling: inside, needs_sibling }
}

/// Limits that are numbers, and the longest text; what only a calendar or a unit can compare is listed.
fn limits(builder: &mut Builder<'_>, at: &At<'_>, limits: &Limits) -> Value {
    let mut keywords = Map::new();
    for (keyword, limit) in [("minimum", &limits.min), ("maximum", &limits.max)] {
        match limit {
            Some(number @ Value::Number(_)) => drop(keywords.insert(keyword.to_owned(), number.clone())),
            Some(other) => builder.weaker(at.url, &at.path, Rule::Limit, format!("{keyword} {other}")),
            None => {}
        }
    }
    keywords.extend(limits.length.map(|length| ("maxLength".to_owned(), json!(length))));
    if keywords.is_empty() { ANYTHING } else { Value::Object(keywords) }
}

/// One of the profiles of a datatype must be met.
fn type_profiles<'f>(builder: &mut Builder<'f>, at: &At<'f>, used: &[&'f TypeRef]) -> Value {
    let urls: Vec<&'f String> = used.iter().flat_map(|used| &used.profiles).collect();
    if urls.is_empty() || used.iter().any(|used| builder.is_primitive(&used.code)) {
        return ANYTHING;
    }
    if urls.iter().any(|url| !builder.form.profiles.contains_key(*url)) {
        builder.weaker(at.url, &at.path, Rule::TypeProfile, "a profile of the type is not loaded");
        return ANYTHING;
    }
    any_of(urls.into_iter().map(|url| builder.profile_ref(url)))
}
