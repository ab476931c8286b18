//! The walker: a resource against its type, the profiles it claims and those asked for.
//!
//! The types are turned into lookup tables once ([`Validator::new`]); a validation walks the JSON value and allocates
//! nothing but paths and issues. A resource is walked once against its type (`base`) and once per profile over the
//! few elements that the profile constrains (`overlay`).

mod base;
mod binding;
mod claims;
mod extension;
mod limits;
mod model;
mod overlay;
mod primitive;
mod reference;
mod report;
mod resolve;
mod rules;
mod slicing;

use std::collections::HashSet;

use serde_json::Value;

use super::bundle::{self, Closure};
use super::form::Form;
use crate::domain::issue::Issue;
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
    pub fn validate(&self, resource: &Value, profiles: &[&str]) -> Vec<Issue> {
        self.run(resource, profiles, &[])
    }

    /// Like [`Validator::validate`]; `profiles` are asked of each entry whose resource is of the type of the profile, and
    /// of the resource itself if it is.
    pub fn validate_each(&self, resource: &Value, profiles: &[&str]) -> Vec<Issue> {
        let is_bundle = resource.get("resourceType").and_then(Value::as_str) == Some("Bundle");
        if !is_bundle {
            return self.run(resource, profiles, &[]);
        }
        let is_of_bundle =
            |url: &&str| self.form.profiles.get(*url).is_none_or(|profile| profile.type_name == "Bundle");
        let (own, entries): (Vec<&str>, Vec<&str>) = profiles.iter().partition(|url| is_of_bundle(url));
        self.run(resource, &own, &entries)
    }

    fn run(&self, resource: &Value, asked: &[&str], asked_of_entries: &[&str]) -> Vec<Issue> {
        let name = resource.get("resourceType").and_then(Value::as_str);
        let root = name.filter(|name| self.model.is_resource(name)).unwrap_or("Resource");
        let mut walk = Walk {
            validator: self,
            report: Report::new(root),
            scope: Scope::new(resource),
            depth: 0,
            asked,
            asked_of_entries,
            is_entry: false,
            holder: None,
        };
        walk.resource(resource);
        let mut issues = walk.report.finish();
        if root == "Bundle" {
            let place = |issue: &Issue| (issue.code, issue.location.path.clone());
            let known: HashSet<_> = issues.iter().map(place).collect();
            let rules = bundle::check(resource, Closure::Open);
            issues.extend(rules.into_iter().filter(|issue| !known.contains(&place(issue))));
        }
        issues
    }
}

/// One validation.
pub(super) struct Walk<'v, 'r> {
    validator: &'v Validator,
    report: Report,
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
