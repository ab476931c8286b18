//! The first gate for a body that a stranger sent: the JSON Schema of its resource type.
//!
//! The gate knows FHIR R4, no profile. It answers fast ([`Gate::admits`]) and can say why not ([`Gate::check`]). Whoever
//! runs the walker as well shows the walker's issues, which name profile, slice and reason, and of the gate's only those
//! that the walker does not explain ([`unexplained`]): ADR 6.

mod fault;
mod place;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use super::form::{Form, TypeKind};
use super::names::Names;
use super::schema;
use crate::domain::issue::{Issue, IssueCode, Severity};
use place::Place;

/// Most issues of one body.
const MAX_ISSUES: usize = 100;
/// Values in one resource up to which all its faults are gathered; of a larger one the first fault is told.
const MAX_VALUES: usize = 50_000;
/// Levels that are searched for resources inside a resource; the JSON reader lets no deeper one in.
const MAX_DEPTH: usize = 512;

/// The schemas of the resource types, each compiled when it is first needed; shared by all threads and by every gate that is
/// made of them.
#[derive(Debug, Clone)]
pub struct Schemas(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    types: BTreeMap<String, OnceLock<Option<Validator>>>,
    names: OnceLock<Names>,
}

impl Schemas {
    /// Those of the resource types of a form.
    pub fn new(form: &Form) -> Self {
        let concrete = form.types.iter().filter(|(_, found)| found.kind == TypeKind::Resource && !found.is_abstract);
        let types = concrete.map(|(name, _)| (name.clone(), OnceLock::new())).collect();
        Self(Arc::new(Compiled { types, names: OnceLock::new() }))
    }
}

/// A gate for the resource types of a form.
#[derive(Debug)]
pub struct Gate<'f> {
    form: &'f Form,
    schemas: Schemas,
}

impl<'f> Gate<'f> {
    /// A gate for the resource types of a form.
    pub fn new(form: &'f Form) -> Self {
        Self::of(form, &Schemas::new(form))
    }

    /// A gate of schemas of the same form that another one may have compiled already: compiling takes milliseconds, looking a
    /// fraction of one.
    pub fn of(form: &'f Form, schemas: &Schemas) -> Self {
        Self { form, schemas: schemas.clone() }
    }

    /// Whether the resource and every resource inside it meets the schema of its type.
    pub fn admits(&self, resource: &Value) -> bool {
        let mut open = vec![(resource, 0)];
        if self.validator(resource).is_none_or(|validator| !validator.is_valid(resource)) {
            return false;
        }
        while let Some((value, depth)) = open.pop() {
            if depth > MAX_DEPTH {
                return false;
            }
            let is_inside = depth > 0 && value.get("resourceType").is_some();
            if is_inside && self.validator(value).is_none_or(|validator| !validator.is_valid(value)) {
                return false;
            }
            let inner = inner(value).filter(|(_, value)| value.is_object() || value.is_array());
            open.extend(inner.map(|(_, value)| (value, depth + 1)));
        }
        true
    }

    /// Why the gate does not admit a resource; nothing where it does. 100 issues at most, each with a `profile.*` code and a
    /// FHIRPath. Values are quoted masked, or not at all.
    pub fn check(&self, resource: &Value) -> Vec<Issue> {
        let mut issues = Vec::new();
        let name = resource.get("resourceType").and_then(Value::as_str);
        let mut place = Place::root(name.filter(|name| self.schemas.0.types.contains_key(*name)));
        self.resource(resource, &mut place, &mut issues);
        issues
    }

    fn resource(&self, resource: &Value, place: &mut Place<'f>, issues: &mut Vec<Issue>) {
        let outer = place.enter_resource(self.form, resource);
        let most = MAX_ISSUES.saturating_sub(issues.len());
        match self.validator(resource) {
            None => issues.push(place.issue(IssueCode::ResourceTypeUnknown, "no resource type of FHIR R4")),
            // The engine has all faults in memory before it gives out the first one.
            Some(validator) if has_more_values(resource, MAX_VALUES) => {
                let first = validator.validate(resource).err();
                issues.extend(first.iter().flat_map(|error| fault::issues(self.form, error, place)).take(most));
            }
            Some(validator) => {
                let errors = validator.iter_errors(resource);
                issues.extend(errors.flat_map(|error| fault::issues(self.form, &error, place)).take(most));
            }
        }
        for (step, value) in inner(resource) {
            self.search(step, value, place, 1, issues);
        }
        place.leave_resource(outer);
    }

    /// Looks for resources inside.
    fn search(&self, step: Step<'_>, value: &Value, place: &mut Place<'f>, depth: usize, issues: &mut Vec<Issue>) {
        if issues.len() >= MAX_ISSUES || !(value.is_object() || value.is_array()) {
            return;
        }
        let outer = place.enter(self.form, step);
        if depth > MAX_DEPTH {
            issues.push(place.issue(IssueCode::JsonTooDeep, "nested too deep"));
        } else if value.get("resourceType").is_some() {
            self.resource(value, place, issues);
        } else {
            for (step, value) in inner(value) {
                self.search(step, value, place, depth + 1, issues);
            }
        }
        place.leave(outer);
    }

    /// The names of the specification.
    pub(super) fn names(&self) -> &Names {
        self.schemas.0.names.get_or_init(|| Names::of(self.form))
    }

    fn validator(&self, resource: &Value) -> Option<&Validator> {
        let name = resource.get("resourceType").and_then(Value::as_str)?;
        self.schemas.0.types.get(name)?.get_or_init(|| compile(self.form, name)).as_ref()
    }
}

/// The linear-time engine for expressions: a body must not choose how long it takes.
fn compile(form: &Form, type_name: &str) -> Option<Validator> {
    let document = schema::resource(form, type_name)?.document;
    jsonschema::options().with_pattern_options(PatternOptions::regex()).build(&document).ok()
}

/// A step into an object or array.
#[derive(Debug, Clone, Copy)]
enum Step<'v> {
    Property(&'v str),
    Index(usize),
}

fn inner(value: &Value) -> impl Iterator<Item = (Step<'_>, &Value)> {
    let object = value.as_object().into_iter().flatten().map(|(key, value)| (Step::Property(key), value));
    let array = value.as_array().into_iter().flatten().enumerate().map(|(at, value)| (Step::Index(at), value));
    object.chain(array)
}

fn has_more_values(value: &Value, most: usize) -> bool {
    let (mut count, mut open) = (0, vec![value]);
    while let Some(value) = open.pop() {
        count += 1;
        if count + open.len() > most {
            return true;
        }
        open.extend(inner(value).map(|(_, value)| value));
    }
    false
}

/// What the gate found and the walker has no error for: none at the same place, inside it or directly around it. A resource
/// with such an issue is refused all the same; that the walker accepts it is a defect of the gateway, and the text says so.
pub fn unexplained(walker: &[Issue], gate: Vec<Issue>) -> Vec<Issue> {
    if walker.iter().any(|issue| issue.code == IssueCode::ProfileIssuesTruncated) {
        return Vec::new();
    }
    let errors = || walker.iter().filter(|issue| issue.code.severity() >= Severity::Error);
    let is_explained = |found: &Issue| {
        let path = found.location.path.as_deref().unwrap_or_default();
        errors().any(|error| explains(error.location.path.as_deref().unwrap_or_default(), path))
    };
    let unexplained = gate.into_iter().filter(|found| !is_explained(found));
    unexplained
        .map(|found| Issue { text: format!("{}, says the JSON Schema of the type alone", found.text), ..found })
        .collect()
}

/// Whether the walker's path is the gate's, inside it, or its parent.
fn explains(walker: &str, gate: &str) -> bool {
    let rest = walker.strip_prefix(gate);
    let parent = gate.rsplit_once('.').map_or(gate, |(parent, _)| parent);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])) || walker == parent
}

#[cfg(test)]
mod tests;
