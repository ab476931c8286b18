//! A resource against its type: unknown elements, cardinality, JSON types, formats, choice elements.

use serde_json::{Map, Value};

use super::model::{Element, ElementType, Shape, ShapeIndex};
use super::primitive::{self, Fault};
use super::{MAX_DEPTH, Walk};
use crate::domain::issue::IssueCode;
use crate::profiles::form::TypeKind;
use crate::redact::quote;

/// Where an object stands: the definition path of the element that holds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'v> {
    pub(super) shape: &'v Shape,
    pub(super) element: &'v Element,
}

impl<'v, 'r> Walk<'v, 'r> {
    /// A resource, with its claims, wherever it stands.
    pub(super) fn resource(&mut self, value: &'r Value) {
        let Some(object) = value.as_object() else {
            self.report.add(IssueCode::TypeWrong, "expected a resource, an object");
            return;
        };
        let Some(name) = object.get("resourceType").and_then(Value::as_str) else {
            self.report.add(IssueCode::ResourceTypeUnknown, "there is no resourceType");
            return;
        };
        let model = &self.validator.model;
        let Some(found) = model.type_of(name).filter(|_| model.is_resource(name)) else {
            self.report.add(IssueCode::ResourceTypeUnknown, format!("{} is no resource type of FHIR R4", quote(name)));
            return;
        };
        let is_bundle = name == "Bundle";
        if is_bundle {
            self.scope.enter_bundle(object);
        }
        let nearest = self.scope.enter_nearest(value);
        self.object(found.shape, value, None, true);
        self.claims(found, value);
        self.scope.leave_nearest(nearest);
        if is_bundle {
            self.scope.leave_bundle();
        }
    }

    /// The properties of an object of a type, and the rules of the type where they apply to it.
    pub(super) fn object(&mut self, index: ShapeIndex, value: &'r Value, place: Option<Place<'v>>, rules: bool) {
        let Some(object) = value.as_object() else { return };
        let Some(shape) = self.validator.model.shape(index) else { return };
        if self.depth >= MAX_DEPTH {
            self.report.add(IssueCode::JsonTooDeep, format!("elements are nested deeper than {MAX_DEPTH}"));
            return;
        }
        if object.is_empty() {
            self.report.add(IssueCode::ElementEmpty, "an object without content");
            return;
        }
        self.depth += 1;
        let holder = std::mem::replace(&mut self.holder, place);
        let mut seen: u128 = 0;
        let mut chosen: Vec<(usize, &str)> = Vec::new();
        for (key, value) in object {
            if key == "resourceType" && place.is_none() {
                continue;
            }
            let name = key.strip_prefix('_').unwrap_or(key);
            let is_sibling = name.len() < key.len();
            let found = shape.property(name).filter(|(_, _, used)| !is_sibling || self.is_primitive(used));
            let Some((number, element, used)) = found else {
                self.report.add_at(
                    &safe(key),
                    IssueCode::ElementUnknown,
                    format!("{} has no element {}", shape.path, quote(key)),
                );
                continue;
            };
            if element.definition.choice {
                match chosen.iter().find(|(other, _)| *other == number) {
                    Some((_, other)) if *other != name => {
                        let text = format!("both {} and {}; one type is allowed", quote(other), quote(name));
                        self.report.add_at(&element.definition.name, IssueCode::ChoiceRepeated, text);
                    }
                    _ => chosen.push((number, name)),
                }
            }
            seen |= 1_u128.checked_shl(u32::try_from(number).unwrap_or(u32::MAX)).unwrap_or_default();
            if is_sibling && object.contains_key(name) {
                continue;
            }
            let sibling = if is_sibling { Some(value) } else { self.sibling(used, key, object) };
            let value = (!is_sibling).then_some(value);
            self.property(Place { shape, element }, used, value, sibling);
        }
        self.missing(shape, seen, used_as_extension(shape));
        if rules {
            self.rules(&shape.rules, value, None);
        }
        self.holder = holder;
        self.depth -= 1;
    }

    fn missing(&mut self, shape: &Shape, seen: u128, is_extension: bool) {
        for (number, element) in shape.elements.iter().enumerate() {
            let bit = 1_u128.checked_shl(u32::try_from(number).unwrap_or(u32::MAX)).unwrap_or(u128::MAX);
            if element.definition.min > 0 && seen & bit == 0 {
                if is_extension {
                    self.report.add(IssueCode::ExtensionInvalid, "the extension has no url");
                } else {
                    let text = format!("{}.{} is required", shape.path, element.definition.name);
                    self.report.add_at(&element.definition.name, IssueCode::CardinalityMin, text);
                }
            }
        }
    }

    fn sibling(&self, used: &ElementType, key: &str, object: &'r Map<String, Value>) -> Option<&'r Value> {
        if !self.is_primitive(used) {
            return None;
        }
        // Most objects have no such property, so the name is not built for each.
        object.iter().find(|(name, _)| name.strip_prefix('_') == Some(key)).map(|(_, value)| value)
    }

    fn is_primitive(&self, used: &ElementType) -> bool {
        self.validator.model.type_of(&used.reference.code).is_some_and(|found| found.kind == TypeKind::Primitive)
    }

    fn property(
        &mut self,
        place: Place<'v>,
        used: &'v ElementType,
        value: Option<&'r Value>,
        sibling: Option<&'r Value>,
    ) {
        let definition = &place.element.definition;
        let mark = self.report.enter(&definition.name);
        let is_array = |value: &Option<&'r Value>| value.is_some_and(Value::is_array);
        if !definition.array {
            if is_array(&value) || is_array(&sibling) {
                self.report.add(IssueCode::TypeWrong, "an array where one value belongs");
            } else {
                self.occurrence(place, used, value, sibling);
            }
            self.report.leave(mark);
            return;
        }
        if value.is_some() && !is_array(&value) || sibling.is_some() && !is_array(&sibling) {
            self.report.add(IssueCode::TypeWrong, "one value where an array belongs");
            self.report.leave(mark);
            return;
        }
        let values = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let siblings = sibling.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let count = values.len().max(siblings.len());
        if count == 0 {
            self.report.add(IssueCode::ElementEmpty, "an array without content");
        }
        if let Some(max) = definition.max.filter(|max| count > usize::try_from(*max).unwrap_or(usize::MAX)) {
            self.report.add(IssueCode::CardinalityMax, format!("{count} occurrences, at most {max} are allowed"));
        }
        for at in 0..count {
            let item = self.report.index(at);
            let or_null = |item: Option<&'r Value>| item.filter(|item| !item.is_null());
            let (value, sibling) = (values.get(at), siblings.get(at));
            if self.is_primitive(used) {
                self.occurrence(place, used, or_null(value), or_null(sibling));
            } else {
                self.occurrence(place, used, value, None);
            }
            self.report.leave(item);
        }
        self.report.leave(mark);
    }

    fn occurrence(
        &mut self,
        place: Place<'v>,
        used: &'v ElementType,
        value: Option<&'r Value>,
        sibling: Option<&'r Value>,
    ) {
        let Some(found) = self.validator.model.type_of(&used.reference.code) else { return };
        let definition = &place.element.definition;
        if let Some(sibling) = sibling {
            match sibling {
                // With a value beside it the primitive is judged below: ele-1 holds for a value alone.
                Value::Object(_) => self.object(used.shape, sibling, Some(place), value.is_none()),
                _ => self.report.add(IssueCode::TypeWrong, "the properties of a primitive are an object"),
            }
        }
        let Some(value) = value else {
            if sibling.is_none() {
                self.report.add(IssueCode::ElementEmpty, "null without a value");
            }
            return;
        };
        match found.kind {
            _ if value.is_null() => self.report.add(IssueCode::ElementEmpty, "null is no value"),
            TypeKind::Primitive => match primitive::check(&found.name, found.json, value) {
                Ok(()) if is_element_id(place) && value.as_str().is_some_and(|id| id.contains(' ')) => {
                    self.report.add(IssueCode::PrimitiveInvalid, "the id of an element has no spaces");
                }
                Ok(()) => {}
                Err(Fault::Kind(expected)) => self.report.add(IssueCode::TypeWrong, format!("expected {expected}")),
                Err(Fault::Format(_)) if value.as_str() == Some("") => {
                    self.report.add(IssueCode::ElementEmpty, "a string without content");
                }
                Err(Fault::Format(text)) => self.report.add(IssueCode::PrimitiveInvalid, text),
            },
            TypeKind::Resource => self.inner_resource(&definition.name, value),
            TypeKind::Complex => {
                let Some(object) = value.as_object() else {
                    self.report.add(IssueCode::TypeWrong, format!("expected {}, an object", found.name));
                    return;
                };
                self.object(used.shape, value, Some(place), true);
                if let [profile] = used.reference.profiles.as_slice() {
                    self.overlay_resource(profile, value);
                }
                match found.name.as_str() {
                    "Extension" => self.extension(place, value, object),
                    "Coding" | "Quantity" => self.coding(object),
                    "Reference" => self.reference(&used.reference, object),
                    _ => {}
                }
            }
        }
        if let Some(binding) = &definition.binding {
            self.binding(binding, value);
        }
        self.rules(&place.element.rules, value, sibling);
    }

    fn inner_resource(&mut self, name: &str, value: &'r Value) {
        let before = self.report.begin_resource();
        let asked = std::mem::take(&mut self.asked);
        let is_entry = std::mem::replace(&mut self.is_entry, true);
        let entries = self.asked_of_entries;
        if name == "contained" {
            self.resource(value);
        } else {
            let outer = self.scope.enter_resource(value);
            self.asked = if name == "resource" { entries } else { &[] };
            self.resource(value);
            self.scope.leave_resource(outer);
        }
        self.asked = asked;
        self.is_entry = is_entry;
        self.report.end_resource(before);
    }
}

/// R4, Element.id: "any string value that does not contain spaces".
fn is_element_id(place: Place<'_>) -> bool {
    place.element.definition.name == "id"
}

fn used_as_extension(shape: &Shape) -> bool {
    shape.path == "Extension"
}

/// A property name as a step of a path: FHIRPath needs quotes around anything but letters and digits.
fn safe(key: &str) -> String {
    let is_plain =
        !key.is_empty() && key.len() <= 64 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_plain { key.to_owned() } else { quote(key) }
}
