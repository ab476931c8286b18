//! Slices: which occurrence belongs to which, how many there are, and what is asked of them.

use serde_json::Value;

use super::Walk;
use super::overlay::{Occurrence, contains};
use super::resolve::Target;
use crate::domain::issue::IssueCode;
use crate::profiles::form::{ElementDef, MatchRule, Slice, SlicingRules, Step};

impl<'v, 'r> Walk<'v, 'r> {
    /// Sorts the occurrences into slices and checks each slice.
    pub(super) fn slicing(&mut self, definition: &'v ElementDef, occurrences: &[Occurrence<'v, 'r>]) {
        let Some(slicing) = &definition.slicing else { return };
        let slices = slicing.slices.iter().filter(|slice| !slice.matches.is_empty());
        let decided: Vec<&'v Slice> = slices.collect();
        let are_all_decided = decided.len() == slicing.slices.len();
        let mut members: Vec<Vec<Occurrence<'v, 'r>>> = vec![Vec::new(); decided.len()];
        let mut last = 0;
        let mut is_outside = false;
        for occurrence in occurrences {
            let item = occurrence.index.map(|index| self.report.index(index));
            match decided.iter().position(|slice| self.belongs(slice, *occurrence)) {
                Some(number) => {
                    if slicing.ordered && number < last || slicing.rules == SlicingRules::OpenAtEnd && is_outside {
                        self.report.add(IssueCode::SliceClosed, "the slices are not in the order of the profile");
                    }
                    last = number;
                    if let Some(members) = members.get_mut(number) {
                        members.push(*occurrence);
                    }
                }
                None if slicing.rules == SlicingRules::Closed && are_all_decided => {
                    self.report.add(IssueCode::SliceClosed, format!("matches no slice of {}", definition.name));
                }
                None => is_outside = true,
            }
            if let Some(item) = item {
                self.report.leave(item);
            }
        }
        for (slice, members) in decided.iter().zip(&members) {
            self.slice(&definition.name, slice, members);
        }
    }

    fn slice(&mut self, name: &str, slice: &'v Slice, members: &[Occurrence<'v, 'r>]) {
        let label = format!("{name}:{}", slice.name);
        let outer = self.report.set_slice(Some(label));
        let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
        if count < slice.element.min {
            let text =
                format!("slice {} occurs {count} times, at least {} are required", slice.name, slice.element.min);
            self.report.add(IssueCode::SliceMin, text);
        }
        if let Some(max) = slice.element.max.filter(|max| count > *max) {
            let text = format!("slice {} occurs {count} times, at most {max} are allowed", slice.name);
            self.report.add(IssueCode::SliceMax, text);
        }
        for member in members {
            let item = member.index.map(|index| self.report.index(index));
            self.overlay_value(&slice.element, *member);
            if let Some(item) = item {
                self.report.leave(item);
            }
        }
        self.slicing(&slice.element, members);
        self.report.set_slice(outer);
    }

    fn belongs(&mut self, slice: &'v Slice, occurrence: Occurrence<'v, 'r>) -> bool {
        slice.matches.iter().all(|asked| match occurrence.value {
            Some(value) => self.matches(value, occurrence.type_name, &asked.path, &asked.rule),
            None => {
                matches!(&asked.rule, MatchRule::Type(types) if types.iter().any(|name| name == occurrence.type_name))
            }
        })
    }

    fn matches(&mut self, value: &'r Value, type_name: &str, path: &'v [Step], rule: &'v MatchRule) -> bool {
        let absent = matches!(rule, MatchRule::Exists(false));
        if let Value::Array(items) = value {
            return items.iter().any(|item| self.matches(item, type_name, path, rule));
        }
        let Some((step, rest)) = path.split_first() else { return self.is_met(value, type_name, rule) };
        match step {
            Step::Property(name) => {
                if let Some(inner) = value.get(name) {
                    return self.matches(inner, "", rest, rule);
                }
                let object = value.as_object().into_iter().flatten();
                for (key, inner) in object {
                    let suffix = key.strip_prefix(name.as_str());
                    if let Some(found) = suffix.and_then(|suffix| self.validator.model.type_of_suffix(suffix)) {
                        return self.matches(inner, &found.name, rest, rule);
                    }
                }
                absent
            }
            Step::Extension(url) => {
                let extensions = value.get("extension").and_then(Value::as_array).into_iter().flatten();
                let of_url = |item: &&Value| item.get("url").and_then(Value::as_str) == Some(url);
                let mut found = extensions.filter(of_url).peekable();
                if found.peek().is_none() {
                    return absent;
                }
                found.any(|item| self.matches(item, "Extension", rest, rule))
            }
            Step::Resolve => {
                let Some(reference) = value.get("reference").and_then(Value::as_str) else { return false };
                match self.scope.follow(reference) {
                    Target::Found(resource) => self.matches(resource, "", rest, rule),
                    Target::Missing | Target::Outside => false,
                }
            }
        }
    }

    fn is_met(&mut self, value: &'r Value, type_name: &str, rule: &'v MatchRule) -> bool {
        let resource = value.get("resourceType").and_then(Value::as_str);
        match rule {
            MatchRule::Fixed(expected) => expected == value,
            MatchRule::Pattern(pattern) => contains(pattern, value),
            MatchRule::Exists(expected) => *expected,
            MatchRule::ValueSet(url) => self.is_in_value_set(url, value),
            MatchRule::Type(types) => {
                let name = resource.unwrap_or(type_name);
                types.iter().any(|expected| expected == name || expected == "Resource" && self.is_resource_type(name))
            }
            MatchRule::Profile(profiles) if resource.is_some() => self.meets_any(value, profiles),
            MatchRule::Profile(profiles) => {
                let validator = self.validator;
                profiles.iter().any(|url| {
                    let Some(profile) = validator.form.profiles.get(url) else { return false };
                    let before = self.report.begin_probe();
                    self.overlay_object(url, &profile.root, value);
                    self.report.end_probe(before)
                })
            }
        }
    }
}
