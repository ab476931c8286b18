//! The profiles of a resource: those it claims in `meta.profile` and those asked for.

use serde_json::Value;

use super::Walk;
use super::model::Type;
use crate::domain::issue::IssueCode;
use crate::profiles::compile::unversioned;
use crate::redact::quote;

impl<'r> Walk<'_, 'r> {
    pub(super) fn claims(&mut self, found: &Type, value: &'r Value) {
        let claimed = claimed(value);
        let asked = self.asked;
        for (number, url) in claimed.iter().enumerate() {
            let mark = self.report.enter("meta.profile");
            let item = self.report.index(number);
            let is_checked = self.claim(found, url);
            self.report.leave(item);
            self.report.leave(mark);
            let is_implied = claimed.iter().chain(asked).any(|other| other != url && self.derives(other, url));
            if is_checked && !is_implied {
                self.overlay_resource(url, value);
            }
        }
        for url in asked.iter().filter(|url| !claimed.contains(url)) {
            let is_of_type =
                self.validator.form.profiles.get(*url).is_some_and(|profile| profile.type_name == found.name);
            if self.is_entry && !is_of_type {
                continue;
            }
            if self.claim(found, url) {
                self.overlay_resource(url, value);
            }
        }
    }

    /// Whether a resource of this type can be checked against the profile; says why if it cannot.
    fn claim(&mut self, found: &Type, url: &str) -> bool {
        let form = &self.validator.form;
        if let Some(profile) = form.profiles.get(url) {
            let is_of_type = profile.type_name == found.name || found.bases.contains(&profile.type_name);
            if !is_of_type {
                let text = format!("{} is for {}, not for {}", quote(url), profile.type_name, found.name);
                self.report.add(IssueCode::ProfileWrongType, text);
            }
            return is_of_type;
        }
        if let Some(other) = url.strip_prefix(crate::profiles::compile::CORE)
            && self.validator.model.type_of(other).is_some()
        {
            if other != found.name && !found.bases.iter().any(|base| base == other) {
                let text = format!("{} is for {other}, not for {}", quote(url), found.name);
                self.report.add(IssueCode::ProfileWrongType, text);
            }
            return false;
        }
        if form.canonicals.iter().any(|prefix| url.starts_with(prefix.as_str())) {
            self.report.add(IssueCode::ProfileUnknown, format!("the package has no profile {}", tail(url)));
        } else {
            self.report.add(IssueCode::ProfileNotLoaded, format!("the profile {} is not loaded", tail(url)));
        }
        false
    }

    /// Whether a resource claims a profile, or one that derives from it.
    pub(super) fn claims_profile(&self, resource: &Value, url: &str) -> bool {
        claimed(resource).iter().any(|claimed| *claimed == url || self.derives(claimed, url))
    }

    fn derives(&self, url: &str, ancestor: &str) -> bool {
        let profiles = &self.validator.form.profiles;
        let mut next = profiles.get(url).and_then(|profile| profile.base.as_deref());
        // Longer chains do not occur; a circle must end.
        for _ in 0..32 {
            match next {
                Some(base) if base == ancestor => return true,
                Some(base) => next = profiles.get(base).and_then(|profile| profile.base.as_deref()),
                None => return false,
            }
        }
        false
    }
}

fn claimed(resource: &Value) -> Vec<&str> {
    let claims = resource.pointer("/meta/profile").and_then(Value::as_array).into_iter().flatten();
    claims.filter_map(Value::as_str).map(unversioned).collect()
}

/// The end of a URL, which tells profiles apart.
fn tail(url: &str) -> String {
    quote(url.rsplit('/').next().unwrap_or(url))
}
