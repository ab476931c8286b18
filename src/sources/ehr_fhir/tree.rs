//! The Bundle as elements that know where they stand and what became of each value.

mod lines;

use std::cell::RefCell;

use serde_json::Value;

use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;

/// What became of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// The resource of this identity holds it.
    Held(Identity),
    /// No resource does; the code says why.
    Listed(IssueCode),
}

/// A part of the message whose values have one fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part(usize);

impl Part {
    /// What nothing reads.
    const UNREAD: Self = Self(0);
    /// What was read to handle the message.
    pub(super) const ENVELOPE: Self = Self(1);
    /// What is kept as a note of the referral.
    pub(super) const KEPT: Self = Self(2);
    /// A narrative: the same in words, for a person who has no other rendering.
    pub(super) const NARRATIVE: Self = Self(3);
    /// What has a defect that an issue names.
    pub(super) const REFUSED: Self = Self(4);
    /// The referral itself; its fate is decided when its identity is known.
    pub(super) const REFERRAL: Self = Self(5);
}

#[derive(Debug, Clone, Copy)]
enum Step<'v> {
    Key(&'v str),
    Index(usize),
}

#[derive(Debug)]
struct Item<'v> {
    value: &'v Value,
    parent: usize,
    step: Step<'v>,
    /// The first item behind this one and everything inside it.
    end: usize,
    line: u32,
}

/// The elements of one Bundle, in the order of the text.
#[derive(Debug)]
pub(super) struct Document<'v> {
    items: Vec<Item<'v>>,
    parts: RefCell<Parts>,
}

#[derive(Debug)]
struct Parts {
    current: Part,
    fates: Vec<Fate>,
    /// Part of each item.
    of: Vec<Part>,
}

/// An element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'d> {
    document: &'d Document<'d>,
    at: usize,
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl<'v> Document<'v> {
    /// The elements of `value`, which was read from `text`.
    pub(super) fn new(value: &'v Value, text: &[u8]) -> Self {
        let mut items = Vec::new();
        add(value, 0, Step::Key(""), &mut items);
        let mut lines = lines::lines(text).into_iter();
        let mut last = 1;
        for item in items.iter_mut().filter(|item| is_leaf(item.value)) {
            last = lines.next().unwrap_or(last);
            item.line = last;
        }
        // An element stands where the first value inside it stands.
        let mut next = 1;
        for item in items.iter_mut().rev() {
            next = if is_leaf(item.value) { item.line } else { next };
            item.line = next;
        }
        let listed = [
            IssueCode::EhrFhirElementUnread,
            IssueCode::EhrFhirElementEnvelope,
            IssueCode::EhrFhirElementKept,
            IssueCode::EhrFhirNarrativeUnread,
            IssueCode::EhrFhirElementRefused,
            IssueCode::EhrFhirElementUnread,
        ];
        let of = vec![Part::UNREAD; items.len()];
        let parts = Parts { current: Part::ENVELOPE, fates: listed.map(Fate::Listed).to_vec(), of };
        Self { items, parts: RefCell::new(parts) }
    }

    pub(super) fn root(&self) -> Node<'_> {
        Node { document: self, at: 0 }
    }

    /// A new part, listed as unread until something else is decided.
    pub(super) fn part(&self) -> Part {
        let mut parts = self.parts.borrow_mut();
        parts.fates.push(Fate::Listed(IssueCode::EhrFhirElementUnread));
        Part(parts.fates.len() - 1)
    }

    pub(super) fn decide(&self, part: Part, fate: Fate) {
        if let Some(slot) = self.parts.borrow_mut().fates.get_mut(part.0) {
            *slot = fate;
        }
    }

    /// Reads with `part` as that which what is read belongs to.
    pub(super) fn within<T>(&self, part: Part, read: impl FnOnce() -> T) -> T {
        let outer = std::mem::replace(&mut self.parts.borrow_mut().current, part);
        let result = read();
        self.parts.borrow_mut().current = outer;
        result
    }

    /// Values in the order of the text, each with what became of it.
    pub(super) fn leaves(&self) -> impl Iterator<Item = (Node<'_>, Fate)> {
        let says = |item: &Item<'_>| is_leaf(item.value) && !item.value.is_null();
        self.items.iter().enumerate().filter(move |(_, item)| says(item)).map(|(at, _)| {
            let parts = self.parts.borrow();
            let part = parts.of.get(at).copied().unwrap_or(Part::UNREAD);
            let unread = Fate::Listed(IssueCode::EhrFhirElementUnread);
            (Node { document: self, at }, parts.fates.get(part.0).cloned().unwrap_or(unread))
        })
    }

    fn item(&self, at: usize) -> Option<&Item<'v>> {
        self.items.get(at)
    }

    /// The first reading that uses a value decides; to look at it to know what the message is does not count.
    fn mark(&self, at: usize) {
        let mut parts = self.parts.borrow_mut();
        let current = parts.current;
        if let Some(part) = parts.of.get_mut(at)
            && matches!(*part, Part::UNREAD | Part::ENVELOPE)
        {
            *part = current;
        }
    }
}

/// The reader of JSON lets no deeper nesting in than the stack holds.
fn add<'v>(value: &'v Value, parent: usize, step: Step<'v>, items: &mut Vec<Item<'v>>) {
    let at = items.len();
    items.push(Item { value, parent, step, end: 0, line: 1 });
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| add(value, at, Step::Key(key), items)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| add(value, at, Step::Index(index), items));
        }
        _ => {}
    }
    let end = items.len();
    if let Some(item) = items.get_mut(at) {
        item.end = end;
    }
}

fn is_leaf(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

impl<'d> Node<'d> {
    /// The JSON value; reading it marks nothing.
    pub(super) fn value(self) -> &'d Value {
        self.document.item(self.at).map_or(&Value::Null, |item| item.value)
    }

    /// Number of the element in the document.
    pub(super) fn number(self) -> usize {
        self.at
    }

    pub(super) fn line(self) -> u32 {
        self.document.item(self.at).map_or(1, |item| item.line)
    }

    /// FHIRPath from the Bundle.
    pub(super) fn path(self) -> String {
        let mut steps = Vec::new();
        let mut at = self.at;
        while at != 0 {
            let Some(item) = self.document.item(at) else { break };
            steps.push(item.step);
            at = item.parent;
        }
        let mut path = "Bundle".to_owned();
        for step in steps.iter().rev() {
            match step {
                Step::Key(key) => {
                    path.push('.');
                    path.push_str(crate::redact::property(key));
                }
                Step::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }

    fn children(self) -> impl Iterator<Item = (Step<'d>, Node<'d>)> {
        let end = self.document.item(self.at).map_or(0, |item| item.end);
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let item = self.document.item(at).filter(|_| at < end)?;
            let child = (item.step, Node { document: self.document, at });
            at = item.end.max(at + 1);
            Some(child)
        })
    }

    /// Whether another element is this one or inside it.
    pub(super) fn holds(self, other: Node<'_>) -> bool {
        let end = self.document.item(self.at).map_or(0, |item| item.end);
        (self.at..end).contains(&other.at)
    }

    /// Everything directly inside.
    pub(super) fn inner(self) -> impl Iterator<Item = Node<'d>> {
        self.children().map(|(_, node)| node)
    }

    pub(super) fn child(self, name: &str) -> Option<Node<'d>> {
        self.children().find(|(step, _)| matches!(step, Step::Key(key) if *key == name)).map(|(_, node)| node)
    }

    /// The elements of a list, or the only one where it is none.
    pub(super) fn all(self, name: &str) -> Vec<Node<'d>> {
        match self.child(name) {
            Some(list) if list.value().is_array() => list.children().map(|(_, node)| node).collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        }
    }

    pub(super) fn at(self, path: &[&str]) -> Option<Node<'d>> {
        path.iter().try_fold(self, |node, name| node.child(name))
    }

    /// The text of a value, numbers and booleans as they are written; blank is none.
    pub(super) fn text(self) -> Option<String> {
        let text = match self.value() {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        self.document.mark(self.at);
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn child_text(self, name: &str) -> Option<String> {
        self.child(name)?.text()
    }

    /// Looks at a text without reading it.
    pub(super) fn peek(self, name: &str) -> Option<&'d str> {
        self.child(name)?.value().as_str()
    }

    /// Everything inside belongs to the part at hand.
    pub(super) fn take(self) {
        let end = self.document.item(self.at).map_or(0, |item| item.end);
        (self.at..end).for_each(|at| self.document.mark(at));
    }
}
