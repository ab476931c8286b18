//! A resource against its type: unknown elements, cardinality, JSON types, formats, choice elements.

use super::model::{Element, ElementType, Role, Shape, ShapeIndex};
use super::primitive::{self, Fault};
use super::{MAX_DEPTH, Walk};
use crate::domain::issue::IssueCode;
use crate::fhir::value::{Map, Value};
use crate::profiles::form::TypeKind;
use crate::redact::quote;

/// Where an object stands: the definition path of the element that holds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'v> {
    pub(super) shape: &'v Shape,
    pub(super) element: &'v Element,
}

/// What was seen of an object.
struct Seen<'r> {
    /// A bit for each element.
    elements: u128,
    /// Choice elements, by number, with the property.
    choices: Vec<(usize, &'r str)>,
}

impl<'v, 'r> Walk<'v, 'r> {
    /// A resource, with its claims, wherever it stands.
    pub(super) fn resource(&mut self, value: &'r Value<'r>) {
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
    pub(super) fn object(&mut self, index: ShapeIndex, value: &'r Value<'r>, place: Option<Place<'v>>, rules: bool) {
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
        let seen = self.properties(shape, object, place.is_none());
        self.missing(shape, seen, shape.path == "Extension");
        if rules {
            self.rules(&shape.rules, value, None);
        }
        self.holder = holder;
        self.depth -= 1;
    }

    /// The properties of an object one by one; returns a bit for each element that is there.
    fn properties(&mut self, shape: &'v Shape, object: &'r Map<'r>, is_resource: bool) -> u128 {
        let has_siblings = object.keys().any(|key| key.starts_with('_'));
        let mut next = 0;
        let mut seen = Seen { elements: 0, choices: Vec::new() };
        for (key, value) in object.iter() {
            if is_resource && key == "resourceType" {
                continue;
            }
            let name = key.strip_prefix('_').unwrap_or(key);
            let is_sibling = name.len() < key.len();
            let found = shape.property(name, &mut next).filter(|(_, _, used)| !is_sibling || used.is_primitive);
            let Some((number, element, used)) = found else {
                let text = format!("{} has no element {}", shape.path, quote(key));
                self.report.add_at(&safe(key), IssueCode::ElementUnknown, text);
                continue;
            };
            if element.definition.choice {
                self.choice(element, number, name, &mut seen);
            }
            seen.elements |= bit(number);
            if is_sibling && object.contains_key(name) {
                continue;
            }
            let sibling = match is_sibling {
                true => Some(value),
                false if has_siblings && used.is_primitive => sibling(object, key),
                false => None,
            };
            self.property(Place { shape, element }, used, (!is_sibling).then_some(value), sibling);
        }
        seen.elements
    }

    /// A choice element has one type.
    fn choice(&mut self, element: &Element, number: usize, name: &'r str, seen: &mut Seen<'r>) {
        match seen.choices.iter().find(|(other, _)| *other == number) {
            Some((_, other)) if *other != name => {
                let text = format!("both {} and {}; one type is allowed", quote(other), quote(name));
                self.report.add_at(&element.definition.name, IssueCode::ChoiceRepeated, text);
            }
            _ => seen.choices.push((number, name)),
        }
    }

    fn missing(&mut self, shape: &Shape, seen: u128, is_extension: bool) {
        for number in shape.required.iter().filter(|number| **number < 128 && seen & bit(**number) == 0) {
            let Some(element) = shape.elements.get(*number) else { continue };
            if is_extension {
                self.report.add(IssueCode::ExtensionInvalid, "the extension has no url");
            } else {
                let text = format!("{}.{} is required", shape.path, element.definition.name);
                self.report.add_at(&element.definition.name, IssueCode::CardinalityMin, text);
            }
        }
    }

    fn property(
        &mut self,
        place: Place<'v>,
        used: &'v ElementType,
        value: Option<&'r Value<'r>>,
        sibling: Option<&'r Value<'r>>,
    ) {
        self.report.enter(&place.element.definition.name);
        let is_array = |value: &Option<&'r Value<'r>>| value.is_some_and(Value::is_array);
        if place.element.definition.array {
            if value.is_some() && !is_array(&value) || sibling.is_some() && !is_array(&sibling) {
                self.report.add(IssueCode::TypeWrong, "one value where an array belongs");
            } else {
                self.items(place, used, value, sibling);
            }
        } else if is_array(&value) || is_array(&sibling) {
            self.report.add(IssueCode::TypeWrong, "an array where one value belongs");
        } else {
            self.occurrence(place, used, value, sibling);
        }
        self.report.leave();
    }

    fn items(
        &mut self,
        place: Place<'v>,
        used: &'v ElementType,
        value: Option<&'r Value<'r>>,
        sibling: Option<&'r Value<'r>>,
    ) {
        let values = value.and_then(Value::as_array).unwrap_or_default();
        let siblings = sibling.and_then(Value::as_array).unwrap_or_default();
        let count = values.len().max(siblings.len());
        if count == 0 {
            self.report.add(IssueCode::ElementEmpty, "an array without content");
        }
        let max = place.element.definition.max;
        if let Some(max) = max.filter(|max| count > usize::try_from(*max).unwrap_or(usize::MAX)) {
            self.report.add(IssueCode::CardinalityMax, format!("{count} occurrences, at most {max} are allowed"));
        }
        for at in 0..count {
            self.report.index(Some(at));
            let or_null = |item: Option<&'r Value<'r>>| item.filter(|item| !item.is_null());
            let (value, sibling) = (values.get(at), siblings.get(at));
            if used.is_primitive {
                self.occurrence(place, used, or_null(value), or_null(sibling));
            } else {
                self.occurrence(place, used, value, None);
            }
            self.report.leave_index(Some(at));
        }
    }

    fn occurrence(
        &mut self,
        place: Place<'v>,
        used: &'v ElementType,
        value: Option<&'r Value<'r>>,
        sibling: Option<&'r Value<'r>>,
    ) {
        let validator = self.validator;
        let Some(found) = used.index.and_then(|index| validator.model.type_at(index)) else { return };
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
            TypeKind::Resource => self.inner_resource(&place.element.definition.name, value),
            TypeKind::Complex => {
                let Some(object) = value.as_object() else {
                    self.report.add(IssueCode::TypeWrong, format!("expected {}, an object", found.name));
                    return;
                };
                self.object(used.shape, value, Some(place), true);
                if let Some(profile) = used.profile.and_then(|index| validator.model.profile(index)) {
                    self.overlay_object(profile, value);
                }
                match found.role {
                    Role::Extension => self.extension(place, value, object),
                    Role::Coded => self.coding(object),
                    Role::Reference => self.reference(&used.targets, object),
                    Role::Other => {}
                }
            }
        }
        if let Some(binding) = &place.element.binding {
            self.binding(binding, value);
        }
        self.rules(&place.element.rules, value, sibling);
    }

    /// An entry of a Bundle that is not at hand as a whole.
    pub(super) fn bundle_entry(&mut self, number: usize, value: &'r Value<'r>) {
        let validator = self.validator;
        let bundle = validator.model.type_of("Bundle").and_then(|found| validator.model.shape(found.shape));
        let Some((shape, (_, element, used))) =
            bundle.and_then(|shape| Some((shape, shape.property("entry", &mut 0)?)))
        else {
            return;
        };
        self.report.enter(&element.definition.name);
        self.report.index(Some(number));
        // The Bundle counts as the resource around its entries.
        self.depth += 1;
        self.occurrence(Place { shape, element }, used, Some(value), None);
        self.depth -= 1;
        self.report.leave_index(Some(number));
        self.report.leave();
    }

    fn inner_resource(&mut self, name: &str, value: &'r Value<'r>) {
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

fn sibling<'r>(object: &'r Map<'r>, name: &str) -> Option<&'r Value<'r>> {
    object.iter().find(|(key, _)| key.strip_prefix('_') == Some(name)).map(|(_, value)| value)
}

/// No type has more than 128 elements; in one that had, those beyond would not be missed.
fn bit(number: usize) -> u128 {
    1_u128.checked_shl(u32::try_from(number).unwrap_or(u32::MAX)).unwrap_or_default()
}

/// A property name as a step of a path: FHIRPath needs quotes around anything but letters and digits.
fn safe(key: &str) -> String {
    let is_plain =
        !key.is_empty() && key.len() <= 64 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_plain { key.to_owned() } else { quote(key) }
}
