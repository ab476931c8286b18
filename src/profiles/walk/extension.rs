//! Extensions: a URL, a value or extensions, the definition behind the URL, where it may stand.

use super::Walk;
use super::base::Place;
use super::claims::tail;
use super::demand::Profile;
use crate::domain::issue::IssueCode;
use crate::fhir::systems::EXTENSION_SELECTIONS;
use crate::fhir::value::{Map, Value};
use crate::redact::quote;

impl<'r> Walk<'_, 'r> {
    pub(super) fn extension(&mut self, place: Place<'_>, value: &'r Value<'r>, object: &'r Map<'r>) {
        let Some(url) = object.get("url").and_then(Value::as_str) else { return };
        let is_value = |key: &str| key.strip_prefix('_').unwrap_or(key).starts_with("value");
        if object.contains_key("extension") == object.keys().any(is_value) {
            self.report.add(IssueCode::ExtensionInvalid, "an extension has either a value or extensions");
        }
        let is_relative = !url.contains(':');
        if place.shape.path == "Extension" && is_relative {
            // Part of a complex extension, whose definition names it.
            return;
        }
        if is_relative {
            self.report.add(IssueCode::ExtensionInvalid, format!("{} is no absolute URL", quote(url)));
            return;
        }
        let validator = self.validator;
        let Some(profile) = validator.model.profile_of(url) else {
            self.unknown_extension(place, url);
            return;
        };
        if profile.type_name != "Extension" {
            self.report.add(IssueCode::ExtensionInvalid, format!("{} is no extension", tail(url)));
            return;
        }
        if !self.may_stand(profile, place) {
            let text = format!("{} must not stand in {}", tail(url), place.shape.path);
            self.report.add(IssueCode::ExtensionInvalid, text);
        }
        self.overlay_object(profile, value);
    }

    /// An extension without definition: nobody may go on who does not understand a modifier (R4 extensibility); a package that
    /// is loaded in full would have it.
    fn unknown_extension(&mut self, place: Place<'_>, url: &str) {
        let is_selection = EXTENSION_SELECTIONS.iter().any(|prefix| url.starts_with(prefix));
        if place.element.definition.name == "modifierExtension" {
            let text = format!("the modifier extension {} is not understood", tail(url));
            self.report.add(IssueCode::ModifierExtensionUnknown, text);
        } else if !is_selection && self.validator.form.package_of(url).is_some() {
            let text = format!("the package has no extension {}", tail(url));
            self.report.add(IssueCode::ExtensionUndefined, text);
        } else {
            self.report.add(IssueCode::ExtensionUnknown, format!("the extension {} is not loaded", tail(url)));
        }
    }

    /// Whether one of the contexts of the definition holds; those in FHIRPath or of extensions are not decided.
    fn may_stand(&self, profile: &Profile, place: Place<'_>) -> bool {
        let path = place.shape.path.as_str();
        let bases = self.validator.model.type_of(path).map(|found| found.bases.as_slice()).unwrap_or_default();
        let fits = |expression: &str| {
            let expression = expression.trim_end_matches("[x]");
            let is_holder = |holder: Place<'_>| {
                let inside =
                    expression.strip_prefix(holder.shape.path.as_str()).and_then(|rest| rest.strip_prefix('.'));
                inside == Some(holder.element.definition.name.as_str())
            };
            matches!(expression, "Element")
                || expression == path
                || bases.iter().any(|base| base == expression)
                || path.contains('.') && expression == "BackboneElement"
                || self.holder.is_some_and(is_holder)
        };
        profile.context.is_empty()
            || profile.context.iter().any(|context| context.kind != "element" || fits(&context.expression))
    }
}
