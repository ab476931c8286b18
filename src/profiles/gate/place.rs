//! From a place in JSON to a FHIRPath: choice elements without their type, siblings of primitives under the primitive's name.

use serde_json::Value;

use super::Step;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::profiles::form::{ElementDef, Form};
use crate::profiles::schema::{Slot, slots};
use crate::redact::quote;

/// Longest name that is printed as it is; FHIR's are far shorter.
const MAX_NAME: usize = 64;

/// A place, and what may stand there.
#[derive(Debug)]
pub(super) struct Place<'f> {
    path: String,
    inside: &'f [ElementDef],
}

/// The place before a step.
#[derive(Debug)]
pub(super) struct Outer<'f>(usize, &'f [ElementDef]);

impl<'f> Place<'f> {
    /// `type_name` is the type of the resource, where FHIR R4 has such a type.
    pub(super) fn root(type_name: Option<&str>) -> Self {
        Self { path: type_name.unwrap_or("Resource").to_owned(), inside: &[] }
    }

    pub(super) fn enter_resource(&mut self, form: &'f Form, resource: &Value) -> &'f [ElementDef] {
        let name = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        let inside = form.types.get(name).map(|found| found.children.as_slice()).unwrap_or_default();
        std::mem::replace(&mut self.inside, inside)
    }

    pub(super) fn leave_resource(&mut self, outer: &'f [ElementDef]) {
        self.inside = outer;
    }

    pub(super) fn enter(&mut self, form: &'f Form, step: Step<'_>) -> Outer<'f> {
        let outer = Outer(self.path.len(), self.inside);
        match step {
            Step::Index(index) => self.path.push_str(&format!("[{index}]")),
            Step::Property(key) => {
                let name = key.strip_prefix('_').unwrap_or(key);
                let is_beside = name.len() < key.len();
                let is_meant = |slot: &Slot<'f>| slot.name == name && (slot.is_primitive || !is_beside);
                let found = self.inside.iter().find_map(|element| {
                    let slot = slots(form, element).into_iter().find(is_meant)?;
                    Some((element.name.as_str(), slot.inside))
                });
                let (name, inside) = found.unwrap_or_default();
                let shown = if name.is_empty() { safe(key) } else { name.to_owned() };
                self.path.push('.');
                self.path.push_str(&shown);
                self.inside = inside;
            }
        }
        outer
    }

    pub(super) fn leave(&mut self, outer: Outer<'f>) {
        self.path.truncate(outer.0);
        self.inside = outer.1;
    }

    /// The place that a JSON Pointer leads to from here.
    pub(super) fn at(&self, form: &'f Form, pointer: &str) -> Place<'f> {
        let mut place = Place { path: self.path.clone(), inside: self.inside };
        for step in pointer.split('/').skip(1) {
            let name = step.replace("~1", "/").replace("~0", "~");
            // An object of FHIR has no property that is a number.
            let step = name.parse().map_or(Step::Property(&name), Step::Index);
            place.enter(form, step);
        }
        place
    }

    pub(super) fn issue(&self, code: IssueCode, text: impl Into<String>) -> Issue {
        Issue::new(code, Location::path(&self.path), text)
    }

    /// The name of the choice element that a property belongs to, or the property.
    pub(super) fn inside(mut self, form: &'f Form, property: &str) -> Self {
        self.enter(form, Step::Property(property));
        self
    }
}

/// A property name as a step of a path: FHIRPath needs quotes around anything but letters and digits.
fn safe(key: &str) -> String {
    if is_name(key) { key.to_owned() } else { quote(key) }
}

fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    // Eleven digits can be a national identity number.
    !text.is_empty()
        && text.len() <= MAX_NAME
        && text.bytes().all(is_plain)
        && text.bytes().filter(u8::is_ascii_digit).count() < 11
}
