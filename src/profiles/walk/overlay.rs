//! A resource against what one profile demands beyond its type.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::Walk;
use crate::domain::issue::IssueCode;
use crate::profiles::form::{ElementDef, TypeKind, TypeRef};
use crate::redact::quote;

/// Stands for what is inside a primitive that has nothing inside.
static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

/// One occurrence of an element.
#[derive(Clone, Copy)]
pub(super) struct Occurrence<'v, 'r> {
    /// The value; absent where a primitive has only an id or extensions.
    pub(super) value: Option<&'r Value>,
    /// The `_` sibling of a primitive.
    pub(super) sibling: Option<&'r Value>,
    /// Name of the type, where the property or the definition tells it.
    pub(super) type_name: &'v str,
    /// Place in the array.
    pub(super) index: Option<usize>,
}

impl<'v, 'r> Walk<'v, 'r> {
    /// Checks the rules of a profile on a resource.
    pub(super) fn overlay_resource(&mut self, url: &str, value: &'r Value) {
        let validator = self.validator;
        if let Some(profile) = validator.form.profiles.get(url) {
            self.overlay_object(url, &profile.root, value);
        }
    }

    /// Checks the rules of a profile on an object: a resource, an extension or another datatype.
    pub(super) fn overlay_object(&mut self, url: &str, root: &'v ElementDef, value: &'r Value) {
        let Some(object) = value.as_object() else { return };
        if self.depth >= super::MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let profile = self.report.set_profile(Some(url.to_owned()));
        let slice = self.report.set_slice(None);
        self.invariants(&root.constraints, value, None);
        self.overlay_children(root, object);
        self.report.set_slice(slice);
        self.report.set_profile(profile);
        self.depth -= 1;
    }

    fn overlay_children(&mut self, definition: &'v ElementDef, object: &'r Map<String, Value>) {
        for child in &definition.children {
            if self.report.is_decided() {
                return;
            }
            let occurrences = self.occurrences(child, object);
            let mark = self.report.enter(&child.name);
            self.cardinality(child, occurrences.len());
            for occurrence in &occurrences {
                let item = occurrence.index.map(|index| self.report.index(index));
                self.overlay_value(child, *occurrence);
                if let Some(item) = item {
                    self.report.leave(item);
                }
            }
            self.slicing(child, &occurrences);
            self.report.leave(mark);
        }
    }

    fn cardinality(&mut self, definition: &ElementDef, count: usize) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if count < definition.min {
            let text = format!("{count} occurrences of {}, at least {} are required", definition.name, definition.min);
            self.report.add(IssueCode::CardinalityMin, text);
        }
        match definition.max {
            Some(0) if count > 0 => {
                self.report.add(IssueCode::CardinalityMax, format!("the profile does not allow {}", definition.name));
            }
            Some(max) if count > max => {
                let text = format!("{count} occurrences of {}, at most {max} are allowed", definition.name);
                self.report.add(IssueCode::CardinalityMax, text);
            }
            _ => {}
        }
    }

    /// The occurrences of an element in an object.
    fn occurrences(&self, definition: &'v ElementDef, object: &'r Map<String, Value>) -> Vec<Occurrence<'v, 'r>> {
        let only = match definition.types.as_slice() {
            [only] => only.code.as_str(),
            _ => "",
        };
        if !definition.choice {
            let mut found = Vec::new();
            let value = object.get(&definition.name);
            let sibling = sibling(object, &definition.name);
            if value.is_some() || sibling.is_some() {
                spread(value, sibling, only, definition.array, &mut found);
            }
            return found;
        }
        let mut found: Vec<Occurrence<'v, 'r>> = Vec::new();
        for key in object.keys() {
            let name = key.strip_prefix('_').unwrap_or(key);
            if name.len() < key.len() && object.contains_key(name) {
                continue;
            }
            let suffix = name.strip_prefix(definition.name.as_str()).filter(|suffix| !suffix.is_empty());
            if let Some(found_type) = suffix.and_then(|suffix| self.validator.model.type_of_suffix(suffix)) {
                spread(object.get(name), sibling(object, name), &found_type.name, false, &mut found);
            }
        }
        found
    }

    /// The rules on one occurrence.
    pub(super) fn overlay_value(&mut self, definition: &'v ElementDef, occurrence: Occurrence<'v, 'r>) {
        self.overlay_types(&definition.types, occurrence);
        if let Some(value) = occurrence.value {
            if let Some(fixed) = definition.fixed.as_ref().filter(|fixed| *fixed != value) {
                self.report
                    .add(IssueCode::FixedValue, format!("expected exactly {}, found {}", brief(fixed), brief(value)));
            }
            if let Some(pattern) = definition.pattern.as_ref().filter(|pattern| !contains(pattern, value)) {
                self.report
                    .add(IssueCode::PatternValue, format!("expected {}, found {}", brief(pattern), brief(value)));
            }
            if let Some(binding) = &definition.binding {
                self.binding(binding, value);
            }
            self.limits(&definition.limits, value);
        }
        self.invariants(&definition.constraints, occurrence.value.unwrap_or(&Value::Null), occurrence.sibling);
        let inside = occurrence.value.filter(|value| value.is_object()).or(occurrence.sibling);
        if let Some(object) = inside.and_then(Value::as_object) {
            self.overlay_children(definition, object);
        } else if occurrence.value.is_some() && definition.children.iter().any(|child| child.min > 0) {
            self.overlay_children(definition, &NOTHING);
        }
    }

    fn overlay_types(&mut self, types: &'v [TypeRef], occurrence: Occurrence<'v, 'r>) {
        if types.is_empty() {
            return;
        }
        let name = occurrence.type_name;
        let is_of_type = |used: &&TypeRef| name.is_empty() || used.code == name;
        if !types.iter().any(|used| is_of_type(&used)) {
            let allowed: Vec<&str> = types.iter().map(|used| used.code.as_str()).collect();
            self.report.add(IssueCode::TypeWrong, format!("found {name}, allowed: {}", allowed.join(", ")));
            return;
        }
        let Some(value) = occurrence.value.filter(|value| value.is_object()) else { return };
        let targets: Vec<String> = types.iter().filter(is_of_type).flat_map(|used| used.targets.clone()).collect();
        if !targets.is_empty() {
            self.reference_targets(&targets, value);
        }
        let profiles: Vec<&'v str> =
            types.iter().filter(is_of_type).flat_map(|used| used.profiles.iter().map(String::as_str)).collect();
        self.type_profiles(&profiles, value);
    }

    /// At least one of the profiles of a datatype must be met.
    fn type_profiles(&mut self, profiles: &[&'v str], value: &'r Value) {
        let validator = self.validator;
        let known = |url: &&'v str| validator.form.profiles.get(*url).map(|profile| (*url, &profile.root));
        match profiles {
            [] => {}
            [only] => {
                let Some((url, root)) = known(only) else { return };
                let own_url = value.get("url").and_then(Value::as_str);
                // An extension has been checked against its definition when the type was walked.
                if own_url != Some(url) || self.report.probes() > 0 {
                    self.overlay_object(url, root, value);
                }
            }
            several => {
                let mut found: Vec<_> = several.iter().filter_map(known).collect();
                let are_all_known = found.len() == several.len();
                let is_met = found.drain(..).any(|(url, root)| {
                    let before = self.report.begin_probe();
                    self.overlay_object(url, root, value);
                    self.report.end_probe(before)
                });
                if are_all_known && !is_met {
                    self.report.add(IssueCode::PatternValue, "none of the allowed profiles of the type is met");
                }
            }
        }
    }

    /// Whether the type that a name means is a resource.
    pub(super) fn is_resource_type(&self, name: &str) -> bool {
        self.validator.model.type_of(name).is_some_and(|found| found.kind == TypeKind::Resource)
    }
}

/// Whether a value contains a pattern (R4, ElementDefinition.pattern).
pub(super) fn contains(pattern: &Value, value: &Value) -> bool {
    match (pattern, value) {
        (Value::Object(pattern), Value::Object(object)) => {
            pattern.iter().all(|(name, pattern)| object.get(name).is_some_and(|value| contains(pattern, value)))
        }
        (Value::Array(pattern), Value::Array(items)) => {
            pattern.iter().all(|pattern| items.iter().any(|item| contains(pattern, item)))
        }
        _ => pattern == value,
    }
}

fn sibling<'r>(object: &'r Map<String, Value>, name: &str) -> Option<&'r Value> {
    object.iter().find(|(key, _)| key.strip_prefix('_') == Some(name)).map(|(_, value)| value)
}

/// The items of an array, or the one value.
fn spread<'v, 'r>(
    value: Option<&'r Value>,
    sibling: Option<&'r Value>,
    type_name: &'v str,
    array: bool,
    found: &mut Vec<Occurrence<'v, 'r>>,
) {
    if !array {
        found.push(Occurrence { value, sibling, type_name, index: None });
        return;
    }
    let items = |list: Option<&'r Value>| list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let (values, siblings) = (items(value), items(sibling));
    for index in 0..values.len().max(siblings.len()) {
        let or_null = |item: Option<&'r Value>| item.filter(|item| !item.is_null());
        let (value, sibling) = (or_null(values.get(index)), or_null(siblings.get(index)));
        found.push(Occurrence { value, sibling, type_name, index: Some(index) });
    }
}

/// A value for a report; of a coded value what tells it apart.
fn brief(value: &Value) -> String {
    if value.get("coding").is_some() || value.get("code").is_some() {
        return super::binding::codes(value);
    }
    quote(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
