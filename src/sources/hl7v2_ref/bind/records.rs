//! The records that a binding makes of a message.

use std::sync::Arc;

use super::draft::{Draft, Drafted};
use super::evaluate::{Evaluator, Found};
use super::scope::{Finder, Scope};
use super::uses::{Use, Uses};
use crate::sources::hl7v2_ref::binding::{Alternative, Group, Path, Plan, Rule};
use crate::sources::hl7v2_ref::er7::{Defect, Message, Place};

/// The field of the referral that is about the message, not the patient.
const ENVELOPE: &str = "message";

/// Makes the records.
pub(super) struct Binder<'m, 'd> {
    evaluator: Evaluator<'m, 'd>,
    parents: Vec<u32>,
}

/// The record that is being filled.
#[derive(Debug, Clone, Copy)]
struct Filled<'m> {
    number: u32,
    scope: Option<Scope<'m>>,
    is_envelope: bool,
}

impl<'m, 'd> Binder<'m, 'd> {
    pub(super) fn new(
        message: &'m Message<'m>,
        plan: &'m Plan,
        version: &'m str,
        defects: &'d mut Vec<Defect>,
    ) -> Self {
        let evaluator = Evaluator::new(Finder::new(message, plan), plan, version, defects);
        Self { evaluator, parents: vec![0] }
    }

    /// The referral, with all that is in it.
    pub(super) fn referral(&mut self) -> Draft {
        let plan = self.evaluator.plan;
        let mut draft = Draft::new(0, None);
        let filled = Filled { number: 0, scope: None, is_envelope: false };
        self.fill(&mut draft, &plan.fields, filled);
        for (path, reason) in &plan.ignore {
            self.note_all(path, &Use::Ignored(reason.clone()));
        }
        draft
    }

    pub(super) fn finish(self) -> (Uses, Vec<u32>) {
        (self.evaluator.uses, self.parents)
    }

    fn fill(&mut self, draft: &mut Draft, fields: &'m [(&'static str, Rule)], filled: Filled<'m>) {
        for (name, rule) in fields {
            match rule {
                Rule::Text(alternatives) => {
                    if let Some(text) = self.text(alternatives, filled) {
                        if text.place.is_some() {
                            draft.say();
                        }
                        draft.set_text(name, text);
                    }
                }
                Rule::Codes { alternatives, many } => {
                    let found = alternatives.iter().find_map(|alternative| {
                        self.evaluator.all_hold(&alternative.when, filled.scope)?;
                        let codes = self.evaluator.codes(&alternative.value, filled.scope);
                        (!codes.is_empty()).then_some(codes)
                    });
                    let found = found.into_iter().flatten().take(if *many { usize::MAX } else { 1 });
                    let mut codes = Vec::new();
                    for (code, leaves) in found {
                        if !leaves.is_empty() {
                            draft.say();
                        }
                        self.used(&leaves, filled);
                        codes.push(code);
                    }
                    if !codes.is_empty() {
                        draft.set_codes(name, codes);
                    }
                }
                Rule::Records { groups, many } => {
                    let inner = Filled { is_envelope: filled.is_envelope || *name == ENVELOPE, ..filled };
                    let records = self.records(groups, *many, inner);
                    if records.iter().any(Draft::is_said) {
                        draft.say();
                    }
                    if !records.is_empty() {
                        draft.set_records(name, records);
                    }
                }
            }
        }
    }

    fn text(&mut self, alternatives: &'m [Alternative], filled: Filled<'m>) -> Option<Drafted> {
        for alternative in alternatives {
            let Some(conditions) = self.evaluator.all_hold(&alternative.when, filled.scope) else { continue };
            match self.evaluator.text(&alternative.value, filled.scope) {
                Found::Nothing => {}
                Found::Null => return None,
                Found::Text(text, leaves) => {
                    self.used(&conditions, filled);
                    self.used(&leaves, filled);
                    return Some(Drafted { text: text.into_owned(), place: leaves.first().copied() });
                }
            }
        }
        None
    }

    fn records(&mut self, groups: &'m [Group], many: bool, outer: Filled<'m>) -> Vec<Draft> {
        let mut records = Vec::new();
        for group in groups {
            for scope in self.scopes(group, outer.scope) {
                let Some(conditions) = self.evaluator.all_hold(&group.when, scope) else { continue };
                if let Some(reason) = &group.ignore {
                    self.ignore(scope, reason);
                    continue;
                }
                let number = u32::try_from(self.parents.len()).unwrap_or(u32::MAX);
                let mut draft = Draft::new(number, self.place_of(group, scope));
                let filled = Filled { number, scope, is_envelope: outer.is_envelope };
                self.parents.push(outer.number);
                self.fill(&mut draft, &group.fields, filled);
                let is_about_parts = many || group.each.is_some();
                if draft.is_empty() || (is_about_parts && !draft.is_said()) {
                    continue;
                }
                self.used(&conditions, filled);
                records.push(draft);
                if !many {
                    return records;
                }
            }
        }
        in_order_of_message(&mut records);
        records
    }

    /// What a group makes records for; its own scope once where it does not say.
    fn scopes(&self, group: &Group, outer: Option<Scope<'m>>) -> Vec<Option<Scope<'m>>> {
        let finder = &self.evaluator.finder;
        let Some(path) = &group.each else { return vec![outer] };
        if path.field == 0 {
            let segments = finder.segments(outer, path);
            return segments.into_iter().map(|segment| Some(Scope { segment, repetition: None })).collect();
        }
        let repetitions = finder.repetitions(outer, path).into_iter();
        let filled = repetitions.filter(|(_, part)| !part.is_absent());
        filled.map(|(segment, part)| Some(Scope { segment, repetition: Some(part) })).collect()
    }

    fn place_of(&self, group: &Group, scope: Option<Scope<'m>>) -> Option<Place> {
        let scope = scope.filter(|_| group.each.is_some())?;
        match scope.repetition {
            Some(part) => Some(part.place()),
            None => self.evaluator.finder.message.segment(scope.segment).map(|segment| segment.place()),
        }
    }

    /// Says why nothing of a scope is taken over.
    fn ignore(&mut self, scope: Option<Scope<'m>>, reason: &Arc<str>) {
        let Some(scope) = scope else { return };
        let parts: Vec<_> = match (scope.repetition, self.evaluator.finder.message.segment(scope.segment)) {
            (Some(part), _) => vec![part],
            (None, Some(segment)) => segment.fields().collect(),
            (None, None) => Vec::new(),
        };
        for leaf in parts.into_iter().flat_map(|part| part.leaves()) {
            self.evaluator.uses.note(leaf.place(), Use::Ignored(Arc::clone(reason)));
        }
    }

    fn used(&mut self, leaves: &[Place], filled: Filled<'m>) {
        for leaf in leaves {
            let new = if filled.is_envelope { Use::Envelope } else { Use::Record(filled.number) };
            self.evaluator.uses.note(*leaf, new);
        }
    }

    /// Notes the use of every leaf that a path leads to.
    fn note_all(&mut self, path: &Path, used: &Use) {
        let finder = &self.evaluator.finder;
        let parts: Vec<_> = if path.field == 0 {
            let segments = finder.segments(None, path).into_iter();
            segments.filter_map(|index| finder.message.segment(index)).flat_map(|segment| segment.fields()).collect()
        } else {
            finder.parts(None, path).collect()
        };
        for leaf in parts.into_iter().flat_map(|part| part.leaves()) {
            self.evaluator.uses.note(leaf.place(), used.clone());
        }
    }
}

/// Records of one kind of segment stand as in the message, whichever group made them.
fn in_order_of_message(records: &mut [Draft]) {
    let mut names = records.iter().map(|draft| draft.place.map(|place| place.segment));
    let first = names.next().flatten();
    if first.is_some() && names.all(|name| name == first) {
        records.sort_by_key(|draft| draft.place.map(|place| place.number));
    }
}
