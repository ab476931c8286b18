//! The profiles of a resource: those it claims in `meta.profile` and those asked for.

use super::Walk;
use super::demand::{Profile, ProfileIndex};
use super::model::Type;
use super::resolve::Found;
use crate::domain::issue::IssueCode;
use crate::fhir::value::Value;
use crate::profiles::compile::unversioned;
use crate::redact::quote;

impl<'v, 'r> Walk<'v, 'r> {
    pub(super) fn claims(&mut self, found: &Type, value: &'r Value<'r>) {
        let model = &self.validator.model;
        let asked = self.asked;
        let claims: Vec<&str> = canonicals(value.get("meta")).collect();
        let urls: Vec<&str> = claims.iter().map(|claim| unversioned(claim)).collect();
        let all = urls.iter().chain(asked);
        let indices: Vec<ProfileIndex> = all.filter_map(|url| model.profile_index(url)).collect();
        // A profile that another one derives from says nothing of its own.
        let is_implied = |profile: ProfileIndex| {
            let of = |index: &ProfileIndex| model.profile(*index);
            indices.iter().filter_map(of).any(|other| other.ancestors.contains(&profile))
        };
        for (number, url) in urls.iter().enumerate() {
            self.report.enter("meta.profile");
            self.report.index(Some(number));
            let is_other_version = claims.get(number).is_some_and(|claim| self.is_other_version(claim));
            let profile = if is_other_version { None } else { self.claim(found, url) };
            self.report.leave_index(Some(number));
            self.report.leave();
            if let Some(profile) = profile.filter(|_| !model.profile_index(url).is_some_and(is_implied)) {
                self.overlay_object(profile, value);
            }
        }
        for url in asked.iter().filter(|url| !urls.contains(url)) {
            let is_of_type = model.profile_of(url).is_some_and(|profile| profile.type_name == found.name);
            if self.is_entry && !is_of_type {
                continue;
            }
            if let Some(profile) = self.claim(found, url) {
                self.overlay_object(profile, value);
            }
        }
    }

    /// Whether a claim names another version than the one that is loaded, which is another profile.
    fn is_other_version(&mut self, claim: &str) -> bool {
        let Some((url, version)) = claim.split_once('|') else { return false };
        let Some(package) = self.validator.form.package_of(url) else { return false };
        if package.version == version {
            return false;
        }
        let text = format!("{} is loaded in version {}, not {}", tail(url), package.version, quote(version));
        self.report.add(IssueCode::ProfileUnknown, text);
        true
    }

    /// The profile, where a resource of this type can be checked against it; says why if it cannot.
    fn claim(&mut self, found: &Type, url: &str) -> Option<&'v Profile> {
        let validator = self.validator;
        if let Some(profile) = validator.model.profile_of(url) {
            let is_of_type = profile.type_name == found.name || found.bases.contains(&profile.type_name);
            if !is_of_type {
                let text = format!("{} is for {}, not for {}", tail(url), profile.type_name, found.name);
                self.report.add(IssueCode::ProfileWrongType, text);
            }
            return is_of_type.then_some(profile);
        }
        if let Some(other) = url.strip_prefix(crate::profiles::compile::CORE)
            && validator.model.type_of(other).is_some()
        {
            if other != found.name && !found.bases.iter().any(|base| base == other) {
                let text = format!("{} is for {other}, not for {}", tail(url), found.name);
                self.report.add(IssueCode::ProfileWrongType, text);
            }
            return None;
        }
        if validator.form.package_of(url).is_some() {
            self.report.add(IssueCode::ProfileUnknown, format!("the package has no profile {}", tail(url)));
        } else {
            self.report.add(IssueCode::ProfileNotLoaded, format!("the profile {} is not loaded", tail(url)));
        }
        None
    }

    /// Whether a resource claims a profile, or one that derives from it.
    pub(super) fn claims_profile(&self, resource: Found<'_>, profile: ProfileIndex) -> bool {
        let model = &self.validator.model;
        let is_it = |claimed: ProfileIndex| {
            claimed == profile || model.profile(claimed).is_some_and(|claimed| claimed.ancestors.contains(&profile))
        };
        match resource {
            Found::Tree(value) => claimed(value).filter_map(|url| model.profile_index(url)).any(is_it),
            Found::Entry(head) => head.claims.iter().copied().any(is_it),
        }
    }
}

/// The profiles of `meta.profile`, without version.
pub(super) fn claimed<'r>(resource: &'r Value<'r>) -> impl Iterator<Item = &'r str> {
    canonicals(resource.get("meta")).map(unversioned)
}

/// The profiles of a `meta`, without version.
pub(super) fn claimed_in<'r>(meta: &'r Value<'r>) -> impl Iterator<Item = &'r str> {
    canonicals(Some(meta)).map(unversioned)
}

/// The profiles of a `meta`, as they stand there.
fn canonicals<'r>(meta: Option<&'r Value<'r>>) -> impl Iterator<Item = &'r str> {
    let claims = meta.and_then(|meta| meta.get("profile")).and_then(Value::as_array);
    claims.into_iter().flatten().filter_map(Value::as_str)
}

/// The end of a URL, which tells profiles apart.
pub(super) fn tail(url: &str) -> String {
    quote(url.trim_end_matches('/').rsplit('/').next().unwrap_or(url))
}
