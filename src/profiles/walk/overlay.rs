//! A resource against what one profile demands beyond its type.

use serde_json::Value as Json;

use super::Walk;
use super::demand::{Demand, DemandType, Profile, ProfileIndex};
use crate::domain::issue::IssueCode;
use crate::fhir::value::{Arena, Map, Value};
use crate::profiles::form::TypeKind;
use crate::redact::quote;

/// Stands for what is inside a primitive that has nothing inside.
static NOTHING: Map<'static> = Map::new();

/// One occurrence of an element.
#[derive(Clone, Copy)]
pub(super) struct Occurrence<'v, 'r> {
    /// The value; absent where a primitive has only an id or extensions.
    pub(super) value: Option<&'r Value<'r>>,
    /// The `_` sibling of a primitive.
    pub(super) sibling: Option<&'r Value<'r>>,
    /// Name of the type, where the property or the definition tells it.
    pub(super) type_name: &'v str,
    /// Place in the array.
    pub(super) index: Option<usize>,
}

impl<'v, 'r> Walk<'v, 'r> {
    /// Checks the rules of a profile on an object: a resource, an extension or another datatype.
    pub(super) fn overlay_object(&mut self, profile: &'v Profile, value: &'r Value<'r>) {
        let Some(object) = value.as_object() else { return };
        if self.depth >= super::MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let outer = self.report.set_profile(Some(&profile.url));
        let slice = self.report.set_slice(None);
        self.rules(&profile.root.rules, value, None);
        self.overlay_children(&profile.root, object);
        self.report.set_slice(slice);
        self.report.set_profile(outer);
        self.depth -= 1;
    }

    fn overlay_children(&mut self, demand: &'v Demand, object: &'r Map<'r>) {
        for child in &demand.children {
            if self.report.is_decided() {
                return;
            }
            self.report.enter(&child.definition.name);
            if child.definition.choice {
                let occurrences = self.choices(child, object);
                self.overlay_occurrences(child, &occurrences);
            } else {
                self.overlay_property(child, object);
            }
            self.report.leave();
        }
    }

    /// An element that is one property.
    fn overlay_property(&mut self, child: &'v Demand, object: &'r Map<'r>) {
        let type_name = match child.types.as_slice() {
            [only] => only.code.as_str(),
            _ => "",
        };
        let (value, sibling) = pair(object, &child.definition.name);
        if value.is_none() && sibling.is_none() {
            self.overlay_occurrences(child, &[]);
        } else if !child.definition.array {
            self.overlay_occurrences(child, &[Occurrence { value, sibling, type_name, index: None }]);
        } else {
            let items = |list: Option<&'r Value<'r>>| list.and_then(Value::as_array).unwrap_or_default();
            let (values, siblings) = (items(value), items(sibling));
            let occurrence = |index: usize| {
                let or_null = |item: Option<&'r Value<'r>>| item.filter(|item| !item.is_null());
                let (value, sibling) = (or_null(values.get(index)), or_null(siblings.get(index)));
                Occurrence { value, sibling, type_name, index: Some(index) }
            };
            match values.len().max(siblings.len()) {
                1 => self.overlay_occurrences(child, &[occurrence(0)]),
                count => self.overlay_occurrences(child, &(0..count).map(occurrence).collect::<Vec<_>>()),
            }
        }
    }

    fn overlay_occurrences(&mut self, child: &'v Demand, occurrences: &[Occurrence<'v, 'r>]) {
        self.cardinality(child, occurrences.len());
        for occurrence in occurrences {
            self.report.index(occurrence.index);
            self.overlay_value(child, *occurrence);
            self.report.leave_index(occurrence.index);
        }
        self.slicing(child, occurrences);
    }

    fn cardinality(&mut self, demand: &Demand, count: usize) {
        let definition = &demand.definition;
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

    /// The occurrences of a choice element.
    fn choices(&self, demand: &Demand, object: &'r Map<'r>) -> Vec<Occurrence<'v, 'r>> {
        let validator = self.validator;
        let mut found = Vec::new();
        for key in object.keys() {
            let name = key.strip_prefix('_').unwrap_or(key);
            let suffix = name.strip_prefix(demand.definition.name.as_str()).filter(|suffix| !suffix.is_empty());
            let Some(of_type) = suffix.and_then(|suffix| validator.model.type_of_suffix(suffix)) else { continue };
            if name.len() < key.len() && object.contains_key(name) {
                continue;
            }
            let (value, sibling) = pair(object, name);
            found.push(Occurrence { value, sibling, type_name: &of_type.name, index: None });
        }
        found
    }

    /// The rules on one occurrence.
    pub(super) fn overlay_value(&mut self, demand: &'v Demand, occurrence: Occurrence<'v, 'r>) {
        self.overlay_types(&demand.types, occurrence);
        if let Some(value) = occurrence.value {
            if let Some(fixed) = demand.fixed.as_ref().filter(|fixed| !value.equals(fixed)) {
                self.report.add(
                    IssueCode::FixedValue,
                    format!("expected exactly {}, found {}", brief_json(fixed), brief(value)),
                );
            }
            if let Some(pattern) = demand.pattern.as_ref().filter(|pattern| !contains(pattern, value)) {
                self.report
                    .add(IssueCode::PatternValue, format!("expected {}, found {}", brief_json(pattern), brief(value)));
            }
            if let Some(binding) = &demand.binding {
                self.binding(binding, value);
            }
            self.limits(&demand.definition.limits, value);
        }
        if !demand.rules.is_empty() {
            self.rules(&demand.rules, occurrence.value.unwrap_or(&Value::Null), occurrence.sibling);
        }
        let inside = occurrence.value.filter(|value| value.is_object()).or(occurrence.sibling);
        if let Some(object) = inside.and_then(Value::as_object) {
            self.overlay_children(demand, object);
        } else if occurrence.value.is_some() && demand.needs_inside {
            self.overlay_children(demand, &NOTHING);
        }
    }

    fn overlay_types(&mut self, types: &'v [DemandType], occurrence: Occurrence<'v, 'r>) {
        if types.is_empty() {
            return;
        }
        let name = occurrence.type_name;
        let is_of_type = move |used: &&DemandType| name.is_empty() || used.code == name;
        let of_type = types.iter().filter(is_of_type);
        if of_type.clone().next().is_none() {
            let allowed: Vec<&str> = types.iter().map(|used| used.code.as_str()).collect();
            self.report.add(IssueCode::TypeWrong, format!("found {name}, allowed: {}", allowed.join(", ")));
            return;
        }
        let Some(value) = occurrence.value.filter(|value| value.is_object()) else { return };
        let targets = of_type.clone().flat_map(|used| &used.targets);
        if targets.clone().next().is_some() {
            self.reference_targets(targets, value);
        }
        self.type_profiles(of_type.flat_map(|used| &used.profiles).copied(), value);
    }

    /// At least one of the profiles of a datatype must be met.
    fn type_profiles(&mut self, profiles: impl Iterator<Item = Option<ProfileIndex>> + Clone, value: &'r Value<'r>) {
        let validator = self.validator;
        let mut known = profiles.clone().map(|index| validator.model.profile(index?));
        match profiles.count() {
            0 => {}
            1 => {
                let Some(profile) = known.next().flatten() else { return };
                let own_url = value.get("url").and_then(Value::as_str);
                // An extension has been checked against its definition when the type was walked.
                if own_url != Some(&profile.url) || self.report.probes() > 0 {
                    self.overlay_object(profile, value);
                }
            }
            _ => {
                let mut are_all_known = true;
                let is_met = known.any(|profile| {
                    let Some(profile) = profile else {
                        are_all_known = false;
                        return false;
                    };
                    let before = self.report.begin_probe();
                    self.overlay_object(profile, value);
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
pub(super) fn contains(pattern: &Json, value: &Value<'_>) -> bool {
    match (pattern, value) {
        (Json::Object(pattern), Value::Object(object)) => {
            pattern.iter().all(|(name, pattern)| object.get(name).is_some_and(|value| contains(pattern, value)))
        }
        (Json::Array(pattern), Value::Array(items)) => {
            pattern.iter().all(|pattern| items.iter().any(|item| contains(pattern, item)))
        }
        _ => value.equals(pattern),
    }
}

/// The values of a property and of its `_` sibling.
fn pair<'r>(object: &'r Map<'r>, name: &str) -> (Option<&'r Value<'r>>, Option<&'r Value<'r>>) {
    let (mut value, mut sibling) = (None, None);
    for (key, found) in object.iter() {
        if key == name {
            value = value.or(Some(found));
        } else if key.strip_prefix('_') == Some(name) {
            sibling = sibling.or(Some(found));
        }
    }
    (value, sibling)
}

fn brief_json(value: &Json) -> String {
    brief(&Value::of(value, &Arena::new()))
}

/// A value for a report; of a coded value what tells it apart.
fn brief(value: &Value) -> String {
    if value.get("coding").is_some() || value.get("code").is_some() {
        return super::binding::codes(value);
    }
    quote(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
