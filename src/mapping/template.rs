//! A compiled template.

use std::sync::Arc;

use super::expression::{Condition, Expression, ResourceKey};
use super::path::Path;
use crate::domain::ids::Face;

/// A template: what one resource looks like.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) name: Arc<str>,
    /// Faces that it is rendered for.
    pub(super) faces: Box<[Face]>,
    /// The records it renders once each; once for the root without it.
    pub(super) each: Option<Path>,
    /// Asked for each of them.
    pub(super) when: Option<Condition>,
    /// Canonical of the profile that its output must meet.
    pub(super) profile: Arc<str>,
    pub(super) resource_type: Arc<str>,
    pub(super) id: ResourceKey,
    pub(super) resource: Node,
}

/// A node of the resource.
#[derive(Debug)]
pub(super) enum Node {
    /// JSON text without holes.
    Constant(Box<str>),
    /// A string that is one hole: the typed value.
    Value(Expression),
    /// A string with holes; empty when one of them is.
    Text(Box<[Piece]>),
    Object {
        when: Option<Condition>,
        members: Box<[Member]>,
    },
    List(Box<[Element]>),
}

/// A piece of a string with holes.
#[derive(Debug)]
pub(super) enum Piece {
    /// Escaped for JSON.
    Constant(Box<str>),
    Hole(Expression),
}

/// A property, or several neighbouring ones without holes.
#[derive(Debug)]
pub(super) enum Member {
    /// `"key":value`, joined by commas.
    Constant(Box<str>),
    /// `key` is `"key":`.
    Node { key: Box<str>, node: Node },
}

/// An element of a list.
#[derive(Debug)]
pub(super) enum Element {
    Once(Node),
    Each { list: Path, node: Node },
}
