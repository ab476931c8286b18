//! Profiles: what a snapshot demands beyond the type it constrains.

use serde_json::Value;

use super::tree::Node;
use super::types::{binding, constraints, limits, types};
use super::{Compiler, discriminator, text};
use crate::profiles::form::{ElementDef, Form, Slice, Slicing, SlicingRules, TypeDef, TypeRef};

/// One profile being compiled.
pub(super) struct Sparse<'c, 'a> {
    pub(super) compiler: &'c mut Compiler<'a>,
    pub(super) form: &'c Form,
    pub(super) url: &'c str,
}

impl<'a> Sparse<'_, 'a> {
    pub(super) fn root(&mut self, tree: &Node<'a>, type_name: &str, type_def: &TypeDef) -> ElementDef {
        let base = ElementDef {
            name: type_name.to_owned(),
            array: true,
            types: vec![TypeRef { code: type_name.to_owned(), ..TypeRef::default() }],
            constraints: type_def.constraints.clone(),
            ..ElementDef::default()
        };
        let mut root = self.element(tree, &base);
        (root.min, root.max) = (0, None);
        root
    }

    /// What `node` demands beyond `base`.
    fn element(&mut self, node: &Node<'a>, base: &ElementDef) -> ElementDef {
        // A root has no types in a snapshot.
        let types = Some(types(node)).filter(|types| !types.is_empty()).unwrap_or_else(|| base.types.clone());
        let mut element = ElementDef {
            name: base.name.clone(),
            choice: base.choice,
            array: base.array,
            min: if node.min() > base.min { node.min() } else { 0 },
            max: if node.max() == base.max { None } else { node.max() },
            types: if types == base.types { Vec::new() } else { types.clone() },
            fixed: new(node.value("fixed").cloned(), base.fixed.as_ref()),
            pattern: new(node.value("pattern").cloned(), base.pattern.as_ref()),
            binding: new(binding(node), base.binding.as_ref()),
            limits: limits(node),
            ..ElementDef::default()
        };
        element.constraints = self.new_constraints(node, base);
        let inside = self.inside(base, &types);
        for child in &node.children {
            let name = child.name.trim_end_matches("[x]");
            let Some(base) = inside.iter().find(|base| base.name == name) else {
                self.compiler.not_expressed(self.url, child.id, "the type has no such element");
                continue;
            };
            let child = self.element(child, base);
            if !is_trivial(&child) {
                element.children.push(child);
            }
        }
        element.slicing = self.slicing(node, base);
        element
    }

    /// The elements that an element of this type has.
    fn inside(&self, base: &ElementDef, types: &[TypeRef]) -> Vec<ElementDef> {
        if !base.children.is_empty() {
            return base.children.clone();
        }
        if let Some(path) = &base.content_reference {
            return self.form.element(path).map(|element| element.children.clone()).unwrap_or_default();
        }
        let [only] = types else {
            let extensible = self.form.types.get("Element");
            return extensible.map(|element| element.children.clone()).unwrap_or_default();
        };
        self.form.types.get(&only.code).map(|type_def| type_def.children.clone()).unwrap_or_default()
    }

    fn new_constraints(&self, node: &Node<'a>, base: &ElementDef) -> Vec<String> {
        let of_type = |key: &String| {
            let codes = base.types.iter().filter_map(|used| self.form.types.get(&used.code));
            codes.into_iter().any(|type_def| type_def.constraints.contains(key))
        };
        let is_new = |key: &String| !base.constraints.contains(key) && key != "ele-1" && !of_type(key);
        constraints(node.definition).into_iter().filter(is_new).collect()
    }

    fn slicing(&mut self, node: &Node<'a>, base: &ElementDef) -> Option<Slicing> {
        let definition = node.definition.get("slicing");
        let rules = match definition.and_then(|slicing| text(slicing, "rules")) {
            Some("closed") => SlicingRules::Closed,
            Some("openAtEnd") => SlicingRules::OpenAtEnd,
            _ => SlicingRules::Open,
        };
        if node.slices.is_empty() {
            return None;
        }
        let ordered = definition.and_then(|slicing| slicing.get("ordered")).and_then(Value::as_bool);
        let mut slices = Vec::new();
        for slice in &node.slices {
            let matches = match discriminator::matches(self.compiler, node, slice) {
                Ok(matches) => matches,
                Err(reason) => {
                    self.compiler.not_expressed(self.url, slice.id, format!("the slice cannot be decided: {reason}"));
                    Vec::new()
                }
            };
            let mut element = self.element(slice, base);
            element.min = slice.min();
            element.max = slice.max();
            slices.push(Slice { name: slice.slice.to_owned(), matches, element });
        }
        Some(Slicing { rules, ordered: ordered.unwrap_or_default(), slices })
    }
}

fn new<T: PartialEq>(value: Option<T>, base: Option<&T>) -> Option<T> {
    value.filter(|value| Some(value) != base)
}

/// Whether an element demands nothing beyond its type.
fn is_trivial(element: &ElementDef) -> bool {
    let nothing = ElementDef {
        name: element.name.clone(),
        choice: element.choice,
        array: element.array,
        ..ElementDef::default()
    };
    *element == nothing
}
