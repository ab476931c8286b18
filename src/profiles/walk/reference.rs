//! References: their form, what they lead to, and whether the element allows it.

use super::Walk;
use super::demand::{ProfileIndex, Target as Allowed};
use super::report::Report;
use super::resolve::{Found, Target};
use crate::domain::issue::IssueCode;
use crate::fhir::json::read_borrowed;
use crate::fhir::value::{Arena, Map, Value};
use crate::redact::quote;

/// Deepest chain of profiles that are asked of targets of references.
const MAX_CHAIN: usize = 3;

impl<'v, 'r> Walk<'v, 'r> {
    /// A Reference against the types that its element allows.
    pub(super) fn reference(&mut self, allowed: &[Allowed], object: &'r Map<'r>) {
        let Some(reference) = object.get("reference").and_then(Value::as_str) else {
            let claimed = object.get("type").and_then(Value::as_str);
            if let Some(claimed) = claimed.filter(|claimed| !allows_type(allowed, claimed)) {
                self.wrong_target(allowed, claimed);
            }
            return;
        };
        if !self.is_reference(reference) {
            self.report.add_at(
                "reference",
                IssueCode::ReferenceInvalid,
                format!("{} is no reference", quote(reference)),
            );
            return;
        }
        let found = match self.scope.follow(reference) {
            Target::Missing => {
                let text = format!("{} is not in the Bundle or among the contained resources", quote(reference));
                self.report.add_at("reference", IssueCode::ReferenceUnresolved, text);
                return;
            }
            Target::Found(resource) => resource.type_name(),
            Target::Outside => self.type_in(reference),
        };
        let said = object.get("type").and_then(Value::as_str);
        if let (Some(found), Some(said)) = (found, said)
            && found != said.rsplit('/').next().unwrap_or(said)
        {
            let text = format!("the reference leads to a {found}, and its type says {}", quote(said));
            self.report.add_at("type", IssueCode::ReferenceInvalid, text);
        }
        let found = found.or(said);
        if let Some(name) = found.filter(|name| !allows_type(allowed, name)) {
            self.wrong_target(allowed, name);
        }
    }

    /// The targets that a profile allows; `Resource` and types without profile are checked by name.
    pub(super) fn reference_targets(
        &mut self,
        targets: impl Iterator<Item = &'v Allowed> + Clone,
        value: &'r Value<'r>,
    ) {
        let said = value.get("type").and_then(Value::as_str);
        let is_of = |name: &str| {
            let mut targets = targets.clone();
            targets.any(|target| target.name == "Resource" || target.type_name.as_deref() == Some(name))
        };
        let Some(reference) = value.get("reference").and_then(Value::as_str) else {
            if let Some(said) = said.filter(|said| !is_of(said)) {
                let text = format!("a {} is none of {}", quote(said), names(targets));
                self.report.add(IssueCode::ReferenceTarget, text);
            }
            return;
        };
        let is_met = match self.scope.follow(reference) {
            Target::Found(resource) => self.meets_any(resource, targets.clone()),
            Target::Missing => true,
            Target::Outside => self.type_in(reference).or(said).is_none_or(is_of),
        };
        if !is_met {
            let text = format!("{} is none of {}", quote(reference), names(targets));
            self.report.add(IssueCode::ReferenceTarget, text);
        }
    }

    /// Whether a resource is of one of these types or meets one of these profiles.
    pub(super) fn meets_any(&mut self, resource: Found<'r>, mut targets: impl Iterator<Item = &'v Allowed>) -> bool {
        targets.any(|target| self.meets(resource, target))
    }

    fn meets(&mut self, resource: Found<'r>, target: &'v Allowed) -> bool {
        let Some(name) = resource.type_name() else { return false };
        let Some(profile) = target.profile else {
            // Of a profile that is not loaded nothing is known.
            return target.name == "Resource" || target.name == name || target.name.contains(':');
        };
        if target.type_name.as_deref() != Some(name) {
            return false;
        }
        if self.claims_profile(resource, profile) {
            return true;
        }
        self.report.probes() >= MAX_CHAIN || self.conforms(resource, profile)
    }

    fn conforms(&mut self, resource: Found<'r>, profile: ProfileIndex) -> bool {
        if let (Found::Entry(head), Some(profile)) = (resource, self.validator.model.profile(profile))
            && head.is_excluded(profile)
        {
            return false;
        }
        if let Some(known) = self.scope.known(resource, profile) {
            return known;
        }
        // A circle of references must end: the resource counts as conforming while it is being looked at.
        self.scope.learn(resource, profile, true);
        let meets = match resource {
            Found::Tree(value) => self.conforms_tree(value, profile),
            Found::Entry(_) => self.with_entry(resource, |walk, value| walk.conforms_tree(value, profile)),
        };
        self.scope.learn(resource, profile, meets);
        meets
    }

    fn conforms_tree(&mut self, resource: &'r Value<'r>, profile: ProfileIndex) -> bool {
        let Some(profile) = self.validator.model.profile(profile) else { return true };
        let outer = self.scope.enter_resource(resource);
        let nearest = self.scope.enter_nearest(resource);
        let before = self.report.begin_probe();
        self.overlay_object(profile, resource);
        let meets = self.report.end_probe(before);
        self.scope.leave_nearest(nearest);
        self.scope.leave_resource(outer);
        meets
    }

    /// Reads the entry that a reference leads to, asks something of it and lets go of it: a Bundle of many entries must
    /// not be in memory as a whole. An entry that is no JSON is a finding of its own.
    pub(super) fn with_entry(
        &mut self,
        found: Found<'r>,
        ask: impl for<'t> FnOnce(&mut Walk<'v, 't>, &'t Value<'t>) -> bool,
    ) -> bool {
        let Found::Entry(head) = found else { return false };
        let arena = Arena::new();
        let Some(resource) = read_borrowed(head.text, &arena) else { return false };
        let mut walk = Walk {
            report: Report::probe("", self.report.probes()),
            scope: self.scope.of_entry(&resource),
            depth: self.depth,
            asked: &[],
            asked_of_entries: &[],
            is_entry: true,
            holder: None,
            validator: self.validator,
        };
        ask(&mut walk, &resource)
    }

    fn wrong_target(&mut self, allowed: &[Allowed], name: &str) {
        let text = format!("leads to {}, allowed are {}", quote(name), names(allowed.iter()));
        self.report.add(IssueCode::ReferenceTarget, text);
    }

    /// The resource type that a relative or absolute reference names.
    fn type_in<'t>(&self, reference: &'t str) -> Option<&'t str> {
        let path = reference.split("/_history/").next().unwrap_or(reference);
        let path = path.split('?').next().unwrap_or(path);
        let mut steps = path.rsplit('/');
        let last = steps.next()?;
        let name = if reference.contains('?') { last } else { steps.next()? };
        self.validator.model.is_resource(name).then_some(name)
    }

    /// `#id`, `Type/id`, `Type/id/_history/v`, `Type?search` (transactions), `urn:uuid:` with a UUID or an absolute URL
    /// (R4, 2.3.0.1).
    fn is_reference(&self, text: &str) -> bool {
        let is_name = |name: &str| self.validator.model.is_resource(name);
        is_reference(text, is_name)
    }
}

fn is_reference(text: &str, is_name: impl Fn(&str) -> bool) -> bool {
    let is_id = |id: &str| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
    };
    if let Some(uuid) = text.strip_prefix("urn:uuid:") {
        return is_uuid(uuid);
    }
    if let Some(id) = text.strip_prefix('#') {
        return id.is_empty() || is_id(id);
    }
    if let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| !scheme.contains(['/', '?'])) {
        let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        return !scheme.is_empty() && scheme.bytes().all(is_scheme) && !rest.is_empty() && !text.contains(' ');
    }
    if let Some((name, search)) = text.split_once('?') {
        return is_name(name) && !search.is_empty();
    }
    let steps: Vec<&str> = text.split('/').take(5).collect();
    match steps.as_slice() {
        [name, id] => is_name(name) && is_id(id),
        [name, id, "_history", version] => is_name(name) && is_id(id) && is_id(version),
        _ => false,
    }
}

/// In either case of letters, as RFC 4122 reads it; a full URL, which it must equal, has lower case.
fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(group.len()));
    groups.eq([8, 4, 4, 4, 12].map(Some))
}

fn allows_type(allowed: &[Allowed], name: &str) -> bool {
    let allows =
        |target: &Allowed| target.name == "Resource" || target.type_name.as_deref().is_none_or(|of| of == name);
    allowed.is_empty() || allowed.iter().any(allows)
}

fn names<'t>(targets: impl Iterator<Item = &'t Allowed>) -> String {
    let last = |target: &Allowed| target.name.rsplit('/').next().unwrap_or(&target.name).to_owned();
    targets.map(last).collect::<Vec<_>>().join(", ")
}
