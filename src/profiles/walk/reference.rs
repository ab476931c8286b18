//! References: their form, what they lead to, and whether the element allows it.

use serde_json::{Map, Value};

use super::Walk;
use super::resolve::Target;
use crate::domain::issue::IssueCode;
use crate::profiles::form::TypeRef;
use crate::redact::quote;

/// Deepest chain of profiles that are asked of targets of references.
const MAX_CHAIN: usize = 3;

impl<'r> Walk<'_, 'r> {
    /// A Reference against the types that its element allows.
    pub(super) fn reference(&mut self, used: &TypeRef, object: &'r Map<String, Value>) {
        let Some(reference) = object.get("reference").and_then(Value::as_str) else {
            let claimed = object.get("type").and_then(Value::as_str);
            if let Some(claimed) = claimed.filter(|claimed| !self.allows_type(used, claimed)) {
                self.wrong_target(used, claimed);
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
            Target::Found(resource) => resource.get("resourceType").and_then(Value::as_str),
            Target::Outside => self.type_in(reference).or_else(|| object.get("type").and_then(Value::as_str)),
        };
        if let Some(name) = found.filter(|name| !self.allows_type(used, name)) {
            self.wrong_target(used, name);
        }
    }

    /// The targets that a profile allows; `Resource` and types without profile are checked by name.
    pub(super) fn reference_targets(&mut self, targets: &[String], value: &'r Value) {
        let Some(reference) = value.get("reference").and_then(Value::as_str) else { return };
        let is_met = match self.scope.follow(reference) {
            Target::Found(resource) => self.meets_any(resource, targets),
            Target::Missing => true,
            Target::Outside => self.type_in(reference).is_none_or(|name| {
                targets.iter().any(|target| target == "Resource" || self.type_of_target(target) == Some(name))
            }),
        };
        if !is_met {
            let text = format!("{} is none of {}", quote(reference), names(targets));
            self.report.add(IssueCode::ReferenceTarget, text);
        }
    }

    /// Whether a resource is of one of these types or meets one of these profiles.
    pub(super) fn meets_any(&mut self, resource: &'r Value, targets: &[String]) -> bool {
        targets.iter().any(|target| self.meets(resource, target))
    }

    fn meets(&mut self, resource: &'r Value, target: &str) -> bool {
        let Some(name) = resource.get("resourceType").and_then(Value::as_str) else { return false };
        let Some(profile) = self.validator.form.profiles.get(target) else {
            // Of a profile that is not loaded nothing is known.
            return target == "Resource" || target == name || target.contains(':');
        };
        if profile.type_name != name {
            return false;
        }
        if self.claims_profile(resource, target) {
            return true;
        }
        self.report.probes() >= MAX_CHAIN || self.conforms(resource, target)
    }

    fn conforms(&mut self, resource: &'r Value, target: &str) -> bool {
        let key = (std::ptr::from_ref(resource).addr(), target.to_owned());
        if let Some(known) = self.scope.known.get(&key) {
            return *known;
        }
        // A circle of references must end: the resource counts as conforming while it is being looked at.
        self.scope.known.insert(key.clone(), true);
        let outer = self.scope.enter_resource(resource);
        let nearest = self.scope.enter_nearest(resource);
        let before = self.report.begin_probe();
        self.overlay_resource(target, resource);
        let meets = self.report.end_probe(before);
        self.scope.leave_nearest(nearest);
        self.scope.leave_resource(outer);
        self.scope.known.insert(key, meets);
        meets
    }

    fn allows_type(&self, used: &TypeRef, name: &str) -> bool {
        let allowed = |target: &String| target == "Resource" || self.type_of_target(target).is_none_or(|of| of == name);
        used.targets.is_empty() || used.targets.iter().any(allowed)
    }

    fn type_of_target<'t>(&'t self, target: &'t str) -> Option<&'t str> {
        if self.validator.model.is_resource(target) {
            return Some(target);
        }
        self.validator.form.profiles.get(target).map(|profile| profile.type_name.as_str())
    }

    fn wrong_target(&mut self, used: &TypeRef, name: &str) {
        let text = format!("leads to {}, allowed are {}", quote(name), names(&used.targets));
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

fn names(targets: &[String]) -> String {
    let last = |target: &String| target.rsplit('/').next().unwrap_or(target).to_owned();
    targets.iter().map(last).collect::<Vec<_>>().join(", ")
}
