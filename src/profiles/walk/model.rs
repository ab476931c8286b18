//! The types of the form as lookup tables.

use std::collections::HashMap;

use super::rules::{KeyedRule, rules};
use crate::profiles::form::{ElementDef, Form, JsonKind, TypeDef, TypeKind, TypeRef};

/// Index of a [`Shape`].
pub(super) type ShapeIndex = usize;

/// Every type.
#[derive(Debug, Default)]
pub(super) struct Model {
    shapes: Vec<Shape>,
    types: HashMap<String, Type>,
}

/// A type by name.
#[derive(Debug)]
pub(super) struct Type {
    pub(super) name: String,
    pub(super) kind: TypeKind,
    pub(super) json: JsonKind,
    pub(super) is_abstract: bool,
    pub(super) shape: ShapeIndex,
    /// Names of the types it specialises, nearest first.
    pub(super) bases: Vec<String>,
}

/// The properties of a type, or of an element with elements inside.
#[derive(Debug)]
pub(super) struct Shape {
    /// Path of the definition, e.g. `Observation.component` or `Coding`.
    pub(super) path: String,
    pub(super) elements: Vec<Element>,
    /// Property -> element, and which of its types.
    properties: HashMap<String, (usize, usize)>,
    pub(super) rules: Vec<KeyedRule>,
}

/// One element of a shape.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) definition: ElementDef,
    pub(super) types: Vec<ElementType>,
    /// Invariants of the element beside those of its type.
    pub(super) rules: Vec<KeyedRule>,
}

/// One type of an element.
#[derive(Debug)]
pub(super) struct ElementType {
    pub(super) reference: TypeRef,
    /// What is inside; of a primitive, of its `_` sibling.
    pub(super) shape: ShapeIndex,
}

impl Model {
    pub(super) fn new(form: &Form) -> Self {
        let mut model = Self::default();
        for (name, type_def) in &form.types {
            let shape = model.reserve(name, &type_def.constraints);
            let entry = Type {
                name: name.clone(),
                kind: type_def.kind,
                json: type_def.json,
                is_abstract: type_def.is_abstract,
                shape,
                bases: bases(form, type_def),
            };
            model.types.insert(name.clone(), entry);
        }
        let mut paths: HashMap<String, ShapeIndex> = HashMap::new();
        for (name, type_def) in &form.types {
            model.reserve_inner(name, &type_def.children, &mut paths);
        }
        for (name, type_def) in &form.types {
            if let Some(shape) = model.types.get(name).map(|entry| entry.shape) {
                model.fill(shape, &type_def.children, &paths);
            }
        }
        model
    }

    pub(super) fn shape(&self, index: ShapeIndex) -> Option<&Shape> {
        self.shapes.get(index)
    }

    pub(super) fn type_of(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    pub(super) fn is_resource(&self, name: &str) -> bool {
        self.types.get(name).is_some_and(|found| found.kind == TypeKind::Resource && !found.is_abstract)
    }

    /// The type whose name, with a capital, ends the property of a choice element.
    pub(super) fn type_of_suffix(&self, suffix: &str) -> Option<&Type> {
        self.types.get(suffix).filter(|found| found.kind == TypeKind::Complex).or_else(|| {
            let mut rest = suffix.chars();
            let first = rest.next()?;
            self.types.get(&format!("{}{}", first.to_ascii_lowercase(), rest.as_str()))
        })
    }

    fn reserve(&mut self, path: &str, constraints: &[String]) -> ShapeIndex {
        self.shapes.push(Shape {
            path: path.to_owned(),
            elements: Vec::new(),
            properties: HashMap::new(),
            rules: rules(constraints),
        });
        self.shapes.len() - 1
    }

    /// Shapes of the elements with elements inside, so that a contentReference finds them.
    fn reserve_inner(&mut self, path: &str, children: &[ElementDef], paths: &mut HashMap<String, ShapeIndex>) {
        for child in children.iter().filter(|child| !child.children.is_empty()) {
            let path = format!("{path}.{}", child.name);
            let index = self.reserve(&path, &[]);
            paths.insert(path.clone(), index);
            self.reserve_inner(&path, &child.children, paths);
        }
    }

    fn fill(&mut self, index: ShapeIndex, children: &[ElementDef], paths: &HashMap<String, ShapeIndex>) {
        let Some(path) = self.shapes.get(index).map(|shape| shape.path.clone()) else { return };
        let mut elements = Vec::new();
        let mut properties = HashMap::new();
        for child in children {
            let own = paths.get(&format!("{path}.{}", child.name)).copied();
            if let Some(own) = own {
                self.fill(own, &child.children, paths);
            }
            let element = self.element(child, own, paths);
            for (number, used) in element.types.iter().enumerate() {
                let property = if child.choice {
                    format!("{}{}", child.name, capital(&used.reference.code))
                } else {
                    child.name.clone()
                };
                properties.insert(property, (elements.len(), number));
            }
            elements.push(element);
        }
        if let Some(shape) = self.shapes.get_mut(index) {
            shape.elements = elements;
            shape.properties = properties;
        }
    }

    fn element(&self, child: &ElementDef, own: Option<usize>, paths: &HashMap<String, usize>) -> Element {
        let referenced = child.content_reference.as_ref().and_then(|path| paths.get(path)).copied();
        let of_type = |used: &TypeRef| self.types.get(&used.code).map(|found| found.shape);
        let mut types: Vec<ElementType> = child
            .types
            .iter()
            .map(|used| ElementType {
                reference: used.clone(),
                shape: own.or_else(|| of_type(used)).unwrap_or(usize::MAX),
            })
            .collect();
        if let (Some(shape), true) = (referenced, types.is_empty()) {
            let reference = TypeRef { code: "BackboneElement".to_owned(), ..TypeRef::default() };
            types.push(ElementType { reference, shape });
        }
        Element { definition: child.clone(), types, rules: rules(&child.constraints) }
    }
}

impl Shape {
    /// The element of a property and its type.
    pub(super) fn property(&self, name: &str) -> Option<(usize, &Element, &ElementType)> {
        let (element, used) = self.properties.get(name)?;
        let found = self.elements.get(*element)?;
        Some((*element, found, found.types.get(*used)?))
    }
}

fn bases(form: &Form, type_def: &TypeDef) -> Vec<String> {
    let mut bases: Vec<String> = Vec::new();
    let mut next = type_def.base.clone();
    while let Some(name) = next.filter(|name| !bases.contains(name)) {
        next = form.types.get(&name).and_then(|base| base.base.clone());
        bases.push(name);
    }
    bases
}

fn capital(name: &str) -> String {
    let mut rest = name.chars();
    rest.next().map(|first| format!("{}{}", first.to_ascii_uppercase(), rest.as_str())).unwrap_or_default()
}
