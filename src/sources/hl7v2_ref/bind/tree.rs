//! Which segment stands under which.

use std::collections::HashMap;

use crate::sources::hl7v2_ref::binding::{Path, Plan};
use crate::sources::hl7v2_ref::er7::{Message, SegmentName};

/// The segments of a message as a tree: a segment belongs to the nearest one before it that can have it under itself.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// The segments of each name, in order: a message can have thousands.
    by_name: HashMap<SegmentName, Vec<usize>>,
}

#[derive(Debug)]
struct Node {
    name: SegmentName,
    parent: Option<usize>,
    /// The first segment after it that is not below it.
    end: usize,
}

impl Tree {
    pub(super) fn new(message: &Message<'_>, plan: &Plan) -> Self {
        let can_have = |parent: SegmentName, child: SegmentName| {
            plan.structure.iter().any(|(name, under)| *name == parent && under.contains(&child))
        };
        let mut nodes: Vec<Node> = Vec::with_capacity(message.len());
        let mut open: Vec<usize> = Vec::new();
        let mut by_name: HashMap<SegmentName, Vec<usize>> = HashMap::new();
        for (index, segment) in message.segments().enumerate() {
            let name = segment.name();
            while let Some(&last) = open.last() {
                if nodes.get(last).is_some_and(|node| can_have(node.name, name)) {
                    break;
                }
                open.pop();
                if let Some(node) = nodes.get_mut(last) {
                    node.end = index;
                }
            }
            nodes.push(Node { name, parent: open.last().copied(), end: message.len() });
            open.push(index);
            by_name.entry(name).or_default().push(index);
        }
        Self { nodes, by_name }
    }

    pub(super) fn parent(&self, index: usize) -> Option<usize> {
        self.nodes.get(index)?.parent
    }

    /// The segments that the steps of `path` lead to below `scope`; the whole message where there is none.
    pub(super) fn find(&self, scope: Option<usize>, path: &Path) -> impl Iterator<Item = usize> {
        let (from, to) = match scope.and_then(|scope| Some((scope, self.nodes.get(scope)?))) {
            Some((scope, node)) => (scope.saturating_add(1), node.end),
            None => (0, self.nodes.len()),
        };
        let named = path.segment().and_then(|name| self.by_name.get(&name)).map_or(&[][..], Vec::as_slice);
        let first = named.partition_point(|index| *index < from);
        let named = named.iter().skip(first).copied().take_while(move |index| *index < to);
        named.filter(move |index| self.ends(*index, scope, path))
    }

    /// Whether the segment at `index`, and those above it, are the steps of `path`.
    fn ends(&self, index: usize, scope: Option<usize>, path: &Path) -> bool {
        let mut at = Some(index);
        let mut steps = path.segments.iter().rev().peekable();
        while let Some(step) = steps.next() {
            let Some(node) = at.and_then(|at| self.nodes.get(at)) else { return false };
            if node.name != *step {
                return false;
            }
            at = node.parent;
            if steps.peek().is_some() && at == scope {
                return false;
            }
        }
        !path.is_direct || at == scope
    }
}
