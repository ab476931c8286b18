//! Where the paths of a group look.

use super::tree::Tree;
use crate::sources::hl7v2_ref::binding::{Path, Plan, Preference};
use crate::sources::hl7v2_ref::er7::{Message, Part, SegmentName};

/// What a group is about: a segment, and a repetition of a field of it where `$each` names a field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'m> {
    pub(super) segment: usize,
    pub(super) repetition: Option<Part<'m>>,
}

/// Finds parts of a message.
#[derive(Debug)]
pub(super) struct Finder<'m> {
    pub(super) message: &'m Message<'m>,
    tree: Tree,
    /// Segment and one that can stand directly under it.
    can_be_below: Vec<(SegmentName, SegmentName)>,
    prefer: Vec<Preference>,
}

impl<'m> Finder<'m> {
    pub(super) fn new(message: &'m Message<'m>, plan: &Plan) -> Self {
        let pairs = plan.structure.iter().flat_map(|(name, under)| under.iter().map(move |child| (*name, *child)));
        Self { message, tree: Tree::new(message, plan), can_be_below: pairs.collect(), prefer: plan.prefer.clone() }
    }

    /// The segments that a path leads to, seen from a scope: the segment of the scope itself, those below it, those around
    /// it, then the message. A segment that could stand below the scope is only looked for there, so that the note of another
    /// result is never taken for that of this one.
    pub(super) fn segments(&self, scope: Option<Scope<'m>>, path: &Path) -> Vec<usize> {
        let Some(scope) = scope else { return self.tree.find(None, path).collect() };
        let (Some(name), Some(own)) = (path.segment(), self.message.segment(scope.segment)) else { return Vec::new() };
        if path.is_direct {
            return self.tree.find(Some(scope.segment), path).collect();
        }
        if own.name() == name && path.segments.len() == 1 {
            return vec![scope.segment];
        }
        let below: Vec<usize> = self.tree.find(Some(scope.segment), path).collect();
        if !below.is_empty() || self.can_be_below.contains(&(own.name(), name)) {
            return below;
        }
        let mut around = self.tree.parent(scope.segment);
        while let Some(index) = around {
            if path.segments.len() == 1 && self.message.segment(index).is_some_and(|segment| segment.name() == name) {
                return vec![index];
            }
            around = self.tree.parent(index);
        }
        self.tree.find(None, path).collect()
    }

    /// The repetitions of the field of a path.
    pub(super) fn repetitions(&self, scope: Option<Scope<'m>>, path: &Path) -> Vec<(usize, Part<'m>)> {
        if let Some((segment, part)) = scope.and_then(|scope| self.own_repetition(scope, path)) {
            return vec![(segment, part)];
        }
        let mut found = Vec::new();
        for index in self.segments(scope, path) {
            let Some(field) = self.message.segment(index).and_then(|segment| segment.field(path.field)) else {
                continue;
            };
            let mut repetitions: Vec<Part<'m>> = field.repetitions().collect();
            self.order(&mut repetitions, path);
            let meant = repetitions.into_iter().zip(1..);
            let meant = meant.filter(|(_, number)| path.repetition == 0 || *number == path.repetition);
            found.extend(meant.map(|(part, _)| (index, part)));
        }
        found
    }

    /// Puts the repetitions of a field into the order that the binding prefers.
    fn order(&self, repetitions: &mut [Part<'m>], path: &Path) {
        let is_same = |other: &Path| other.segment() == path.segment() && other.field == path.field;
        let Some(preference) = self.prefer.iter().find(|preference| is_same(&preference.path)) else { return };
        repetitions.sort_by_cached_key(|part| {
            let kind = part.component(preference.path.component).and_then(|kind| kind.value().text());
            (part.is_absent(), preference.rank(kind.as_deref().unwrap_or_default()))
        });
    }

    /// The repetition that the scope is about, where the path means its field.
    fn own_repetition(&self, scope: Scope<'m>, path: &Path) -> Option<(usize, Part<'m>)> {
        let part = scope.repetition?;
        let name = self.message.segment(scope.segment)?.name();
        let is_own = path.segments.as_slice() == [name]
            && !path.is_direct
            && path.field == part.place().field
            && path.repetition == 0;
        is_own.then_some((scope.segment, part))
    }

    /// The parts that a path leads to: a component or subcomponent where it names one, otherwise the repetition.
    pub(super) fn parts(&self, scope: Option<Scope<'m>>, path: &Path) -> impl Iterator<Item = Part<'m>> + use<'m> {
        let (component, subcomponent) = (path.component, path.subcomponent);
        self.repetitions(scope, path).into_iter().filter_map(move |(_, part)| {
            let part = if component > 0 { part.component(component)? } else { part };
            if subcomponent > 0 { part.subcomponent(subcomponent) } else { Some(part) }
        })
    }
}
