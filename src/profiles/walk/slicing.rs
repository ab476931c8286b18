//! Slices: which occurrence belongs to which, how many there are, and what is asked of them.

use super::Walk;
use super::demand::Demand;
use super::overlay::{Occurrence, contains};
use super::resolve::{Found, Target};
use super::slices::{Match, Matched, Slice, Slices};
use crate::domain::issue::IssueCode;
use crate::fhir::value::Value;
use crate::profiles::form::{SlicingRules, Step};

impl<'v, 'r> Walk<'v, 'r> {
    /// Sorts the occurrences into slices and checks each slice.
    pub(super) fn slicing(&mut self, demand: &'v Demand, occurrences: &[Occurrence<'v, 'r>]) {
        let Some(slices) = &demand.slices else { return };
        if occurrences.is_empty() && !slices.needs_any {
            return;
        }
        let members = self.members(demand, slices, occurrences);
        let mut rest = members.as_slice();
        for (number, slice) in slices.slices.iter().enumerate() {
            let count = rest.iter().take_while(|(of, _)| *of == number).count();
            let (own, behind) = rest.split_at_checked(count).unwrap_or_default();
            rest = behind;
            if count > 0 || slice.needs_any {
                self.slice(slice, own);
            }
        }
    }

    /// The occurrences that belong to a slice, by its number; those of one slice in order.
    fn members(
        &mut self,
        demand: &'v Demand,
        slices: &'v Slices,
        occurrences: &[Occurrence<'v, 'r>],
    ) -> Vec<(usize, Occurrence<'v, 'r>)> {
        let mut members = Vec::with_capacity(occurrences.len());
        let mut last = 0;
        let mut is_outside = false;
        for occurrence in occurrences {
            self.report.index(occurrence.index);
            match self.slice_of(slices, *occurrence) {
                Some(number) => {
                    if slices.ordered && number < last || slices.rules == SlicingRules::OpenAtEnd && is_outside {
                        self.report.add(IssueCode::SliceClosed, "the slices are not in the order of the profile");
                    }
                    last = number;
                    members.push((number, *occurrence));
                }
                None if slices.rules == SlicingRules::Closed && slices.are_all_decided => {
                    let text = format!("matches no slice of {}", demand.definition.name);
                    self.report.add(IssueCode::SliceClosed, text);
                }
                None => is_outside = true,
            }
            self.report.leave_index(occurrence.index);
        }
        members.sort_by_key(|(number, _)| *number);
        members
    }

    /// The first slice that an occurrence belongs to.
    pub(super) fn slice_of(&mut self, slices: &'v Slices, occurrence: Occurrence<'v, 'r>) -> Option<usize> {
        let mut first: Option<usize> = None;
        if let (Some(index), Some(value)) = (&slices.codes, occurrence.value) {
            let is_known = index.visit(value, &mut |number| {
                let is_earlier = first.is_none_or(|first| number < first);
                let slice = slices.slices.get(number);
                if is_earlier && slice.is_some_and(|slice| self.belongs(slice, occurrence)) {
                    first = Some(number);
                }
            });
            if is_known {
                let others =
                    index.others.iter().copied().take_while(|number| first.is_none_or(|first| *number < first));
                let mut belongs =
                    |number: usize| slices.slices.get(number).is_some_and(|slice| self.belongs(slice, occurrence));
                return others.into_iter().find(|number| belongs(*number)).or(first);
            }
        }
        slices.slices.iter().position(|slice| self.belongs(slice, occurrence))
    }

    fn slice(&mut self, slice: &'v Slice, members: &[(usize, Occurrence<'v, 'r>)]) {
        let outer = self.report.set_slice(Some(&slice.label));
        let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
        let definition = &slice.element.definition;
        if count < definition.min {
            let text = format!("slice {} occurs {count} times, at least {} are required", slice.name, definition.min);
            self.report.add(IssueCode::SliceMin, text);
        }
        if let Some(max) = definition.max.filter(|max| count > *max) {
            let text = format!("slice {} occurs {count} times, at most {max} are allowed", slice.name);
            self.report.add(IssueCode::SliceMax, text);
        }
        for (_, member) in members {
            self.report.index(member.index);
            self.overlay_value(&slice.element, *member);
            self.report.leave_index(member.index);
        }
        if slice.element.slices.is_some() {
            let members: Vec<Occurrence<'v, 'r>> = members.iter().map(|(_, member)| *member).collect();
            self.slicing(&slice.element, &members);
        }
        self.report.set_slice(outer);
    }

    fn belongs(&mut self, slice: &'v Slice, occurrence: Occurrence<'v, 'r>) -> bool {
        slice.matches.iter().all(|Match { path, rule }| match occurrence.value {
            Some(value) => self.matches(value, occurrence.type_name, path, rule),
            None => matches!(rule, Matched::Type(types) if types.iter().any(|name| name == occurrence.type_name)),
        })
    }

    pub(super) fn matches(
        &mut self,
        value: &'r Value<'r>,
        type_name: &str,
        path: &'v [Step],
        rule: &'v Matched,
    ) -> bool {
        let absent = matches!(rule, Matched::Exists(false));
        if let Value::Array(items) = value {
            return items.iter().any(|item| self.matches(item, type_name, path, rule));
        }
        let Some((step, rest)) = path.split_first() else { return self.is_met(value, type_name, rule) };
        match step {
            Step::Property(name) => {
                if let Some(inner) = value.get(name) {
                    return self.matches(inner, "", rest, rule);
                }
                let validator = self.validator;
                for (key, inner) in value.as_object().into_iter().flat_map(|object| object.iter()) {
                    let suffix = key.strip_prefix(name.as_str());
                    if let Some(found) = suffix.and_then(|suffix| validator.model.type_of_suffix(suffix)) {
                        return self.matches(inner, &found.name, rest, rule);
                    }
                }
                absent
            }
            Step::Extension(url) => {
                let extensions = value.get("extension").and_then(Value::as_array).into_iter().flatten();
                let of_url = |item: &&Value<'_>| item.get("url").and_then(Value::as_str) == Some(url);
                let mut found = extensions.filter(of_url).peekable();
                if found.peek().is_none() {
                    return absent;
                }
                found.any(|item| self.matches(item, "Extension", rest, rule))
            }
            Step::Resolve => {
                let Some(reference) = value.get("reference").and_then(Value::as_str) else { return false };
                match self.scope.follow(reference) {
                    Target::Found(Found::Tree(resource)) => self.matches(resource, "", rest, rule),
                    Target::Found(found) => self.matches_entry(found, rest, rule),
                    Target::Missing | Target::Outside => false,
                }
            }
        }
    }

    /// Like [`Walk::matches`], for a resource that is not read yet.
    fn matches_entry(&mut self, found: Found<'r>, rest: &'v [Step], rule: &'v Matched) -> bool {
        match (rest, rule, found.type_name()) {
            ([], Matched::Type(types), Some(name)) => self.is_one_of_types(types, name),
            ([], Matched::Profile(profiles), Some(_)) => self.meets_any(found, profiles.iter()),
            _ => self.with_entry(found, |walk, resource| walk.matches(resource, "", rest, rule)),
        }
    }

    fn is_met(&mut self, value: &'r Value<'r>, type_name: &str, rule: &'v Matched) -> bool {
        let resource = || value.get("resourceType").and_then(Value::as_str);
        match rule {
            Matched::Fixed(expected) => value.equals(expected),
            Matched::Pattern(pattern) => contains(pattern, value),
            Matched::Exists(expected) => *expected,
            Matched::ValueSet(set) => self.is_in_value_set(*set, value),
            Matched::Type(types) => self.is_one_of_types(types, resource().unwrap_or(type_name)),
            Matched::Profile(profiles) if resource().is_some() => self.meets_any(Found::Tree(value), profiles.iter()),
            Matched::Profile(profiles) => {
                let validator = self.validator;
                profiles.iter().filter_map(|target| validator.model.profile(target.profile?)).any(|profile| {
                    let before = self.report.begin_probe();
                    self.overlay_object(profile, value);
                    self.report.end_probe(before)
                })
            }
        }
    }

    fn is_one_of_types(&self, types: &[String], name: &str) -> bool {
        types.iter().any(|expected| expected == name || expected == "Resource" && self.is_resource_type(name))
    }
}
