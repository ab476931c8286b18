//! The elements of a snapshot as a tree, by their ids (`Observation.category:labCategory.coding`).

use serde_json::Value;

use crate::redact::quote;

/// Most elements of a snapshot; the longest official one has 342.
const MAX_ELEMENTS: usize = 5_000;
/// Most levels of an element id, slices included; official ones have 6.
const MAX_LEVELS: usize = 32;
/// Most discriminators of an element; official ones have 2.
const MAX_DISCRIMINATORS: usize = 16;

/// Why a snapshot cannot be compiled.
pub(super) fn fault(structure: &Value) -> Option<String> {
    let Some(elements) = structure.pointer("/snapshot/element").and_then(Value::as_array) else {
        return Some("it has no snapshot".to_owned());
    };
    if elements.is_empty() || elements.len() > MAX_ELEMENTS {
        return Some(format!("its snapshot has {} elements; 1 to {MAX_ELEMENTS} are read", elements.len()));
    }
    elements.iter().find_map(|element| {
        let id = super::text(element, "id").unwrap_or_default();
        let discriminators = element.pointer("/slicing/discriminator").and_then(Value::as_array).map_or(0, Vec::len);
        match element.get("max").map(|max| max.as_str().is_some_and(|max| max == "*" || max.parse::<u32>().is_ok())) {
            _ if id.is_empty() => Some("an element has no id".to_owned()),
            _ if levels(id) > MAX_LEVELS => Some(format!("an element lies deeper than {MAX_LEVELS} levels")),
            _ if discriminators > MAX_DISCRIMINATORS => {
                Some(format!("{} has more than {MAX_DISCRIMINATORS} discriminators", quote(id)))
            }
            Some(false) => Some(format!("the max of {} is neither a number nor *", quote(id))),
            _ => None,
        }
    })
}

fn levels(id: &str) -> usize {
    id.bytes().filter(|byte| matches!(byte, b'.' | b':' | b'/')).count()
}

/// An element with what is inside it and its slices.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    /// Last segment of the path, e.g. `value[x]`.
    pub(super) name: &'a str,
    /// Name of the slice, if it is one.
    pub(super) slice: &'a str,
    /// Id of the element.
    pub(super) id: &'a str,
    /// The ElementDefinition; null where an id names an element that the snapshot lacks.
    pub(super) definition: &'a Value,
    pub(super) children: Vec<Node<'a>>,
    pub(super) slices: Vec<Node<'a>>,
}

impl<'a> Node<'a> {
    /// The tree of a StructureDefinition.
    pub(super) fn of(structure: &'a Value) -> Self {
        let elements = structure.pointer("/snapshot/element").and_then(Value::as_array);
        // What has a fault is not compiled; here it must not cost more than what has none.
        let mut elements = elements.filter(|_| fault(structure).is_none()).into_iter().flatten();
        let mut root = Self::empty("", "");
        if let Some(first) = elements.next() {
            root.definition = first;
            root.id = super::text(first, "id").unwrap_or_default();
            root.name = root.id;
        }
        for element in elements {
            let id = super::text(element, "id").unwrap_or_default();
            let node = id.split('.').skip(1).fold(&mut root, Self::enter);
            node.definition = element;
            node.id = id;
        }
        root.name_lone_elements();
        root
    }

    /// Some profiles of R4 give a name to an element that is not sliced (`Composition.date:IssueDate`): it is the element.
    fn name_lone_elements(&mut self) {
        for child in self.children.iter_mut().chain(&mut self.slices) {
            let is_lone = child.definition.is_null() && child.slices.len() == 1;
            if let Some(named) = child.slices.pop_if(|_| is_lone) {
                *child = Self { slice: child.slice, ..named };
            }
            child.name_lone_elements();
        }
    }

    fn empty(name: &'a str, slice: &'a str) -> Self {
        Self { name, slice, id: "", definition: &Value::Null, children: Vec::new(), slices: Vec::new() }
    }

    /// The node of one id segment: `name`, `name:slice` or `name:slice/inner`.
    fn enter<'n>(node: &'n mut Self, segment: &'a str) -> &'n mut Self {
        let (name, slices) = segment.split_once(':').unwrap_or((segment, ""));
        let child = entry(&mut node.children, |child| child.name == name, || Self::empty(name, ""));
        let mut node = child;
        for slice in slices.split('/').filter(|slice| !slice.is_empty()) {
            node = entry(&mut node.slices, |inner| inner.slice == slice, || Self::empty(name, slice));
        }
        node
    }

    pub(super) fn child(&self, name: &str) -> Option<&Node<'a>> {
        self.children.iter().find(|child| child.name.trim_end_matches("[x]") == name)
    }

    /// `fixed[x]` or `pattern[x]`.
    pub(super) fn value(&self, prefix: &str) -> Option<&'a Value> {
        let object = self.definition.as_object()?;
        object.iter().find(|(name, _)| name.starts_with(prefix)).map(|(_, value)| value)
    }

    pub(super) fn types(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.definition.get("type").and_then(Value::as_array).into_iter().flatten()
    }

    pub(super) fn min(&self) -> u32 {
        self.definition.get("min").and_then(Value::as_u64).and_then(|min| u32::try_from(min).ok()).unwrap_or_default()
    }

    /// `None` is no limit.
    pub(super) fn max(&self) -> Option<u32> {
        super::text(self.definition, "max").and_then(|max| max.parse().ok())
    }
}

/// The first item that fits, added at the end where there is none.
fn entry<T>(items: &mut Vec<T>, fits: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> &mut T {
    let at = items.iter().position(fits).unwrap_or(items.len());
    if at == items.len() {
        items.push(new());
    }
    items.get_mut(at).unwrap_or_else(|| unreachable!("the index was just found or filled"))
}
