//! The elements of a message, which know where they stand and what became of what they say.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::sources::xml::{Attribute, Element};

/// What becomes of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is in what has this identity.
    Held(Identity),
    /// It is in no resource, for this reason.
    Listed(IssueCode),
}

/// Number of a part of the referral while it is read; its fate is known at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part(usize);

impl Part {
    /// What handles the message.
    pub(super) const ENVELOPE: Self = Self(0);
    /// Notes of the referral.
    pub(super) const KEPT: Self = Self(1);
    /// What cannot be used.
    pub(super) const REFUSED: Self = Self(2);
    /// The referral itself.
    pub(super) const REFERRAL: Self = Self(3);
}

/// A message.
#[derive(Debug)]
pub(super) struct Document {
    nodes: Vec<NodeData>,
    fates: RefCell<Vec<Option<Fate>>>,
    current: Cell<Part>,
}

#[derive(Debug)]
struct NodeData {
    namespace: Option<Arc<str>>,
    name: String,
    text: String,
    attributes: Vec<Attribute>,
    line: u32,
    parent: Option<usize>,
    /// Place among the siblings of the same name, from 1; 0 where it is the only one.
    ordinal: u32,
    children: Vec<usize>,
    text_part: Cell<Option<Part>>,
    attribute_parts: Vec<Cell<Option<Part>>>,
}

/// An element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'d> {
    document: &'d Document,
    index: usize,
}

impl Document {
    pub(super) fn new(root: Element) -> Self {
        let mut nodes = Vec::new();
        add(&mut nodes, root, None);
        let listed = |code| Some(Fate::Listed(code));
        let fates = vec![
            listed(IssueCode::HenvisningElementEnvelope),
            listed(IssueCode::HenvisningElementKept),
            listed(IssueCode::HenvisningElementNotUsed),
            None,
        ];
        Self { nodes, fates: RefCell::new(fates), current: Cell::new(Part::ENVELOPE) }
    }

    pub(super) fn root(&self) -> Node<'_> {
        Node { document: self, index: 0 }
    }

    /// Every element, in the order of the document.
    pub(super) fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        (0..self.nodes.len()).map(|index| Node { document: self, index })
    }

    /// A new part.
    pub(super) fn part(&self) -> Part {
        let mut fates = self.fates.borrow_mut();
        fates.push(None);
        Part(fates.len() - 1)
    }

    /// Says what became of a part.
    pub(super) fn decide(&self, part: Part, fate: Fate) {
        if let Some(slot) = self.fates.borrow_mut().get_mut(part.0) {
            *slot = Some(fate);
        }
    }

    /// Runs `read`; what it reads for the first time belongs to `part`.
    pub(super) fn within<T>(&self, part: Part, read: impl FnOnce() -> T) -> T {
        let outer = self.current.replace(part);
        let result = read();
        self.current.set(outer);
        result
    }

    /// The part that is being read.
    pub(super) fn current(&self) -> Part {
        self.current.get()
    }

    fn fate(&self, part: Option<Part>) -> Fate {
        let decided = part.and_then(|part| self.fates.borrow().get(part.0).cloned().flatten());
        decided.unwrap_or(Fate::Listed(IssueCode::HenvisningElementUnread))
    }
}

/// Nested as deep as [`XmlLimits`](crate::domain::limits::XmlLimits) allows.
fn add(nodes: &mut Vec<NodeData>, element: Element, parent: Option<usize>) -> usize {
    let index = nodes.len();
    let attribute_parts = element.attributes.iter().map(|_| Cell::new(None)).collect();
    nodes.push(NodeData {
        namespace: element.namespace,
        name: element.name,
        text: element.text,
        attributes: element.attributes,
        line: element.line,
        parent,
        ordinal: 0,
        children: Vec::new(),
        text_part: Cell::new(None),
        attribute_parts,
    });
    let children: Vec<usize> = element.children.into_iter().map(|child| add(nodes, child, Some(index))).collect();
    number(nodes, &children);
    if let Some(node) = nodes.get_mut(index) {
        node.children = children;
    }
    index
}

/// Numbers siblings of the same name.
fn number(nodes: &mut [NodeData], siblings: &[usize]) {
    let mut seen: std::collections::HashMap<String, (usize, u32)> = std::collections::HashMap::new();
    for &sibling in siblings {
        let Some(name) = nodes.get(sibling).map(|node| node.name.clone()) else { continue };
        let (first, count) = *seen.entry(name).and_modify(|entry| entry.1 += 1).or_insert((sibling, 1));
        if count > 1 {
            for (index, ordinal) in [(first, 1), (sibling, count)] {
                if let Some(node) = nodes.get_mut(index) {
                    node.ordinal = ordinal;
                }
            }
        }
    }
}

impl PartialEq for Node<'_> {
    /// Of one document.
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl<'d> Node<'d> {
    fn data(self) -> Option<&'d NodeData> {
        self.document.nodes.get(self.index)
    }

    pub(super) fn name(self) -> &'d str {
        self.data().map_or("", |node| &node.name)
    }

    pub(super) fn namespace(self) -> &'d str {
        self.data().and_then(|node| node.namespace.as_deref()).unwrap_or_default()
    }

    /// Line of the start tag, from 1.
    pub(super) fn line(self) -> u32 {
        self.data().map_or(0, |node| node.line)
    }

    /// Where it stands, e.g. `/MsgHead/MsgInfo/Patient/Ident[2]/Id`.
    pub(super) fn path(self) -> String {
        let mut names = Vec::new();
        let mut next = self.data();
        while let Some(node) = next {
            // A name is the sender's, too.
            let name = crate::redact::name(&node.name);
            names.push(match node.ordinal {
                0 => name,
                ordinal => format!("{name}[{ordinal}]"),
            });
            next = node.parent.and_then(|parent| self.document.nodes.get(parent));
        }
        names.reverse();
        format!("/{}", names.join("/"))
    }

    pub(super) fn children(self) -> impl Iterator<Item = Node<'d>> + use<'d> {
        let document = self.document;
        let children = self.data().map(|node| node.children.as_slice()).unwrap_or_default();
        children.iter().map(move |&index| Node { document, index })
    }

    /// The elements inside with this local name, whatever their namespace.
    pub(super) fn all(self, name: &'static str) -> impl Iterator<Item = Node<'d>> + use<'d> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The first element inside with this local name.
    pub(super) fn child(self, name: &'static str) -> Option<Node<'d>> {
        self.all(name).next()
    }

    /// The element at the end of a path of local names.
    pub(super) fn at(self, path: &[&'static str]) -> Option<Node<'d>> {
        path.iter().try_fold(self, |node, name| node.child(name))
    }

    /// The text without blanks around it; it is read.
    pub(super) fn text(self) -> Option<&'d str> {
        let node = self.data()?;
        let text = Some(node.text.trim()).filter(|text| !text.is_empty())?;
        self.mark(&node.text_part);
        Some(text)
    }

    /// The value of an attribute without namespace, blanks around it taken off; it is read.
    pub(super) fn attribute(self, name: &str) -> Option<&'d str> {
        let node = self.data()?;
        let index = node.attributes.iter().position(|it| it.namespace.is_none() && it.name == name)?;
        let value = node.attributes.get(index).map(|it| it.value.trim()).filter(|value| !value.is_empty())?;
        if let Some(part) = node.attribute_parts.get(index) {
            self.mark(part);
        }
        Some(value)
    }

    /// The text, or the attribute `V`: version 1.x writes dates and addresses there.
    pub(super) fn value(self) -> Option<&'d str> {
        self.text().or_else(|| self.attribute("V"))
    }

    /// The value of an element inside.
    pub(super) fn child_value(self, name: &'static str) -> Option<&'d str> {
        self.child(name)?.value()
    }

    /// The text with every blank in it, for content that may be large.
    pub(super) fn raw_text(self) -> &'d str {
        let Some(node) = self.data() else { return "" };
        self.mark(&node.text_part);
        &node.text
    }

    fn mark(self, part: &Cell<Option<Part>>) {
        if part.get().is_none() {
            part.set(Some(self.document.current.get()));
        }
    }

    /// What its values were read for, whatever it was before.
    pub(super) fn assign(self, part: Part) {
        if let Some(node) = self.data() {
            node.text_part.set(Some(part));
            node.attribute_parts.iter().for_each(|attribute| attribute.set(Some(part)));
        }
    }

    /// The same for one attribute.
    pub(super) fn assign_attribute(self, name: &str, part: Part) {
        let Some(node) = self.data() else { return };
        let named = node.attributes.iter().zip(&node.attribute_parts).filter(|(attribute, _)| attribute.name == name);
        named.for_each(|(_, slot)| slot.set(Some(part)));
    }

    /// Values: name of the attribute, none for the text; what became of it. Blank ones say nothing.
    pub(super) fn values(self) -> Vec<(Option<&'d str>, Fate)> {
        let Some(node) = self.data() else { return Vec::new() };
        let mut values = Vec::new();
        if !node.text.trim().is_empty() {
            values.push((None, self.document.fate(node.text_part.get())));
        }
        for (attribute, part) in node.attributes.iter().zip(&node.attribute_parts) {
            let is_schema_hint = attribute.namespace.is_some();
            if !attribute.value.trim().is_empty() && !is_schema_hint {
                values.push((Some(attribute.name.as_str()), self.document.fate(part.get())));
            }
        }
        values
    }
}
