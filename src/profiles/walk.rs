//! The walker: a resource against its type, the profiles it claims and those asked for.
//!
//! Types and profiles are turned into lookup tables once ([`Validator::new`]), in which every reference to a type, profile,
//! value set or invariant is resolved; a validation walks the JSON value and allocates nothing of them. A resource is walked
//! once against its type (`base`) and once per profile over the few elements that the profile constrains (`overlay`).

mod base;
mod binding;
mod claims;
mod demand;
mod entries;
mod extension;
mod limits;
mod model;
mod overlay;
mod primitive;
mod reference;
mod report;
mod resolve;
mod rules;
mod slices;
mod slicing;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use super::bundle::{self, Closure};
use super::form::Form;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::fhir::bundle::EntryText;
use crate::fhir::json::read_borrowed;
use crate::fhir::value::{Arena, Value};
use entries::Entries;
use model::Model;
use report::Report;
use resolve::Scope;

/// Deepest nesting of elements that is followed; FHIR itself has no need of more.
pub(super) const MAX_DEPTH: usize = 64;

/// A compiled validator; shared by all threads.
#[derive(Debug)]
pub struct Validator {
    form: Form,
    model: Model,
}

impl Validator {
    /// Compiles the form.
    pub fn new(form: Form) -> Self {
        let model = Model::new(&form);
        Self { form, model }
    }

    /// The validator of the embedded packages; the error says why they cannot be read, which a test excludes.
    pub fn embedded() -> Result<Self, String> {
        super::embedded::form().map(Self::new)
    }

    /// The same, with our own profiles under the canonical base of a deployment.
    pub fn embedded_at(base: &str) -> Result<Self, String> {
        super::embedded::form_at(base).map(Self::new)
    }

    /// What it was compiled from.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// Checks a resource against its type, the profiles of its `meta.profile` and `profiles`; each of its contained
    /// resources and, in a Bundle, each entry likewise. References are followed inside the resource.
    ///
    /// `profiles` are asked of the resource itself. At most 100 issues per resource are returned, then
    /// `profile.issues-truncated`.
    pub fn validate(&self, resource: &serde_json::Value, profiles: &[&str]) -> Vec<Issue> {
        self.run(&Value::of(resource, &Arena::new()), profiles, &[])
    }

    /// Like [`Validator::validate`]; `profiles` are asked of each entry whose resource is of the type of the profile, and
    /// of the resource itself if it is.
    pub fn validate_each(&self, resource: &serde_json::Value, profiles: &[&str]) -> Vec<Issue> {
        let is_bundle = resource.get("resourceType").and_then(serde_json::Value::as_str) == Some("Bundle");
        let arena = Arena::new();
        let resource = Value::of(resource, &arena);
        if !is_bundle {
            return self.run(&resource, profiles, &[]);
        }
        let is_of_bundle = |url: &&str| self.model.profile_of(url).is_none_or(|profile| profile.type_name == "Bundle");
        let (own, entries): (Vec<&str>, Vec<&str>) = profiles.iter().partition(|url| is_of_bundle(url));
        self.run(&resource, &own, &entries)
    }

    /// Like [`Validator::validate`], for a resource as JSON text that the gateway wrote itself.
    ///
    /// What is no JSON gives `json.invalid`.
    pub fn validate_text(&self, text: &str, profiles: &[&str]) -> Vec<Issue> {
        let arena = Arena::new();
        match read_borrowed(text, &arena) {
            Some(resource) => self.run(&resource, profiles, &[]),
            None => vec![no_json(&Location::default())],
        }
    }

    /// Checks the entries of a transaction Bundle one by one, with the references between them: what
    /// [`Validator::validate`] says of the whole Bundle, in the memory of one entry. The issues of each go to `found`.
    ///
    /// The elements of the Bundle itself are not looked at.
    pub fn validate_entries<'t>(
        &self,
        entries: impl Iterator<Item = EntryText<'t>> + Clone,
        mut found: impl FnMut(Vec<Issue>),
    ) {
        let all = Entries::new(&self.model, entries.clone());
        let mut arena = Arena::new();
        for (number, entry) in entries.enumerate() {
            arena.reset();
            found(self.entry(&all, number, entry, &arena));
        }
    }

    fn entry(&self, all: &Entries<'_>, number: usize, entry: EntryText<'_>, arena: &Arena) -> Vec<Issue> {
        let place = || format!("Bundle.entry[{number}]");
        let Some(value) = read_borrowed(entry.text, arena) else { return vec![no_json(&Location::path(&place()))] };
        let mut walk = Walk::new(self, "Bundle", Scope::new(&value, Some(all)));
        walk.bundle_entry(number, &value);
        let mut issues = walk.report.finish();
        let rules = bundle::check_entry(
            &place(),
            &value,
            all.number_of(entry.full_url).filter(|first| *first != number),
            &|urn| all.by_url(urn).is_some(),
        );
        add_new(&mut issues, rules);
        issues
    }

    fn run(&self, resource: &Value<'_>, asked: &[&str], asked_of_entries: &[&str]) -> Vec<Issue> {
        let name = resource.get("resourceType").and_then(Value::as_str);
        let root = name.filter(|name| self.model.is_resource(name)).unwrap_or("Resource");
        let mut walk = Walk { asked, asked_of_entries, ..Walk::new(self, root, Scope::new(resource, None)) };
        walk.resource(resource);
        let mut issues = walk.report.finish();
        if root == "Bundle" {
            add_new(&mut issues, bundle::check(resource, Closure::Open));
        }
        issues
    }
}

fn no_json(location: &Location) -> Issue {
    Issue::new(IssueCode::JsonInvalid, location.clone(), "the text is no JSON")
}

/// Adds issues of another layer, but not what is known of the same place.
fn add_new(issues: &mut Vec<Issue>, others: Vec<Issue>) {
    let place = |issue: &Issue| (issue.code, issue.location.path.clone());
    let known: HashSet<_> = issues.iter().map(place).collect();
    issues.extend(others.into_iter().filter(|issue| !known.contains(&place(issue))));
}

/// One validation.
pub(super) struct Walk<'v, 'r> {
    validator: &'v Validator,
    report: Report<'v>,
    scope: Scope<'r>,
    depth: usize,
    /// Profiles asked of the resource at hand.
    asked: &'v [&'v str],
    /// Profiles asked of the entries of a Bundle, where they are of the type.
    asked_of_entries: &'v [&'v str],
    /// Whether the resource at hand is inside another one.
    is_entry: bool,
    /// The element whose content is at hand.
    holder: Option<base::Place<'v>>,
}

impl<'v, 'r> Walk<'v, 'r> {
    fn new(validator: &'v Validator, root: &'v str, scope: Scope<'r>) -> Self {
        Self {
            validator,
            report: Report::new(root),
            scope,
            depth: 0,
            asked: &[],
            asked_of_entries: &[],
            is_entry: false,
            holder: None,
        }
    }
}
