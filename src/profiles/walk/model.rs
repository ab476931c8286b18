//! The types of the form as lookup tables.

use std::collections::HashMap as StdHashMap;

use foldhash::fast::FixedState;

use super::demand::{self, Profile, ProfileIndex, Target};
use super::rules::{KeyedRule, rules};
use crate::profiles::form::{
    Binding, CodeSystemDef, ElementDef, Form, JsonKind, Strength, TypeDef, TypeKind, TypeRef, ValueSetDef,
};

/// A table that is fixed when the form is compiled: what is looked up in it can be hostile, what is in it cannot.
pub(super) type HashMap<K, V> = StdHashMap<K, V, FixedState>;

/// Index of a [`Shape`].
pub(super) type ShapeIndex = usize;

/// Index of a [`Type`].
pub(super) type TypeIndex = usize;

/// Every type, profile, value set and code system, with what refers to another one resolved to its index.
#[derive(Debug, Default)]
pub(super) struct Model {
    shapes: Vec<Shape>,
    types: Vec<Type>,
    type_names: HashMap<String, TypeIndex>,
    /// The end of the property of a choice element -> its type.
    suffixes: HashMap<String, TypeIndex>,
    profiles: Vec<Profile>,
    profile_urls: HashMap<String, ProfileIndex>,
    value_sets: Vec<ValueSetDef>,
    value_set_urls: HashMap<String, usize>,
    code_systems: HashMap<String, CodeSystemDef>,
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
    pub(super) role: Role,
}

/// Datatypes that have rules of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Extension,
    /// `Coding` and `Quantity`.
    Coded,
    Reference,
    Other,
}

/// The properties of a type, or of an element with elements inside.
#[derive(Debug)]
pub(super) struct Shape {
    /// Path of the definition, e.g. `Observation.component` or `Coding`.
    pub(super) path: String,
    pub(super) elements: Vec<Element>,
    /// In the order of the definition.
    properties: Vec<Property>,
    /// Elements that must be there.
    pub(super) required: Vec<usize>,
    pub(super) rules: Vec<KeyedRule>,
}

/// A property: an element, and which of its types.
#[derive(Debug)]
struct Property {
    name: String,
    element: usize,
    used: usize,
}

/// One element of a shape.
#[derive(Debug)]
pub(super) struct Element {
    /// Without the elements inside.
    pub(super) definition: ElementDef,
    pub(super) types: Vec<ElementType>,
    pub(super) binding: Option<BoundSet>,
    /// Invariants of the element beside those of its type.
    pub(super) rules: Vec<KeyedRule>,
}

/// One type of an element.
#[derive(Debug)]
pub(super) struct ElementType {
    /// The type; absent where the form does not have it.
    pub(super) index: Option<TypeIndex>,
    pub(super) is_primitive: bool,
    /// The profile of the datatype, where there is exactly one and it is loaded.
    pub(super) profile: Option<ProfileIndex>,
    /// What a reference may lead to.
    pub(super) targets: Vec<Target>,
    /// What is inside; of a primitive, of its `_` sibling.
    pub(super) shape: ShapeIndex,
}

/// A value set that an element is bound to.
#[derive(Debug)]
pub(super) struct BoundSet {
    pub(super) strength: Strength,
    /// Index of the set; absent where the form does not have it.
    pub(super) set: Option<usize>,
    /// The end of its URL.
    pub(super) name: String,
}

impl Model {
    pub(super) fn new(form: &Form) -> Self {
        let mut model = Self::default();
        for (number, (url, set)) in form.value_sets.iter().enumerate() {
            model.value_set_urls.insert(url.clone(), number);
            model.value_sets.push(set.clone());
        }
        model.code_systems = form.code_systems.iter().map(|(url, system)| (url.clone(), system.clone())).collect();
        model.profile_urls = form.profiles.keys().enumerate().map(|(number, url)| (url.clone(), number)).collect();
        for (name, type_def) in &form.types {
            let shape = model.reserve(name, &type_def.constraints);
            model.type_names.insert(name.clone(), model.types.len());
            model.types.push(Type {
                name: name.clone(),
                kind: type_def.kind,
                json: type_def.json,
                is_abstract: type_def.is_abstract,
                shape,
                bases: bases(form, type_def),
                role: role(name, type_def.kind),
            });
        }
        model.suffixes = suffixes(&model.types);
        let mut paths: HashMap<String, ShapeIndex> = HashMap::default();
        for (name, type_def) in &form.types {
            model.reserve_inner(name, &type_def.children, &mut paths);
        }
        for (name, type_def) in &form.types {
            if let Some(shape) = model.type_of(name).map(|found| found.shape) {
                model.fill(shape, &type_def.children, &paths, form);
            }
        }
        let compiler = demand::Compiler { form, model: &model };
        model.profiles = form.profiles.iter().map(|(url, profile)| compiler.profile(url, profile)).collect();
        model
    }

    pub(super) fn shape(&self, index: ShapeIndex) -> Option<&Shape> {
        self.shapes.get(index)
    }

    pub(super) fn type_at(&self, index: TypeIndex) -> Option<&Type> {
        self.types.get(index)
    }

    pub(super) fn type_of(&self, name: &str) -> Option<&Type> {
        self.types.get(*self.type_names.get(name)?)
    }

    pub(super) fn is_resource(&self, name: &str) -> bool {
        self.type_of(name).is_some_and(|found| found.kind == TypeKind::Resource && !found.is_abstract)
    }

    /// The type whose name, with a capital, ends the property of a choice element.
    pub(super) fn type_of_suffix(&self, suffix: &str) -> Option<&Type> {
        self.types.get(*self.suffixes.get(suffix)?)
    }

    pub(super) fn profile_index(&self, url: &str) -> Option<ProfileIndex> {
        self.profile_urls.get(url).copied()
    }

    pub(super) fn profile(&self, index: ProfileIndex) -> Option<&Profile> {
        self.profiles.get(index)
    }

    pub(super) fn profile_of(&self, url: &str) -> Option<&Profile> {
        self.profile(self.profile_index(url)?)
    }

    pub(super) fn value_set_index(&self, url: &str) -> Option<usize> {
        self.value_set_urls.get(url).copied()
    }

    pub(super) fn value_set(&self, index: usize) -> Option<&ValueSetDef> {
        self.value_sets.get(index)
    }

    pub(super) fn code_system(&self, uri: &str) -> Option<&CodeSystemDef> {
        self.code_systems.get(uri)
    }

    pub(super) fn bound(&self, binding: &Binding) -> BoundSet {
        BoundSet {
            strength: binding.strength,
            set: self.value_set_index(&binding.value_set),
            name: binding.value_set.rsplit('/').next().unwrap_or_default().to_owned(),
        }
    }

    /// What a target of a reference is; profiles are known by their URL before they are compiled.
    pub(super) fn target(&self, name: &str, form: &Form) -> Target {
        let of_profile = || form.profiles.get(name).map(|profile| profile.type_name.clone());
        Target {
            name: name.to_owned(),
            profile: self.profile_index(name),
            type_name: if self.is_resource(name) { Some(name.to_owned()) } else { of_profile() },
        }
    }

    fn reserve(&mut self, path: &str, constraints: &[String]) -> ShapeIndex {
        self.shapes.push(Shape {
            path: path.to_owned(),
            elements: Vec::new(),
            properties: Vec::new(),
            required: Vec::new(),
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

    fn fill(&mut self, index: ShapeIndex, children: &[ElementDef], paths: &HashMap<String, ShapeIndex>, form: &Form) {
        let Some(path) = self.shapes.get(index).map(|shape| shape.path.clone()) else { return };
        let mut elements = Vec::new();
        let mut properties: Vec<Property> = Vec::new();
        for child in children {
            let own = paths.get(&format!("{path}.{}", child.name)).copied();
            if let Some(own) = own {
                self.fill(own, &child.children, paths, form);
            }
            for (used, name) in property_names(child).into_iter().enumerate() {
                properties.retain(|earlier| earlier.name != name);
                properties.push(Property { name, element: elements.len(), used });
            }
            elements.push(self.element(child, own, paths, form));
        }
        if let Some(shape) = self.shapes.get_mut(index) {
            let is_required = |(_, element): &(usize, &Element)| element.definition.min > 0;
            shape.required = elements.iter().enumerate().filter(is_required).map(|(number, _)| number).collect();
            shape.elements = elements;
            shape.properties = properties;
        }
    }

    fn element(
        &self,
        child: &ElementDef,
        own: Option<ShapeIndex>,
        paths: &HashMap<String, ShapeIndex>,
        form: &Form,
    ) -> Element {
        let referenced = child.content_reference.as_ref().and_then(|path| paths.get(path)).copied();
        let resolved = |used: &TypeRef, shape: Option<ShapeIndex>| {
            let found = self.type_of(&used.code);
            ElementType {
                index: self.type_names.get(&used.code).copied(),
                is_primitive: found.is_some_and(|found| found.kind == TypeKind::Primitive),
                profile: match used.profiles.as_slice() {
                    [only] => self.profile_index(only),
                    _ => None,
                },
                targets: used.targets.iter().map(|target| self.target(target, form)).collect(),
                shape: shape.or(found.map(|found| found.shape)).unwrap_or(usize::MAX),
            }
        };
        let mut types: Vec<ElementType> = child.types.iter().map(|used| resolved(used, own)).collect();
        if let (Some(shape), true) = (referenced, types.is_empty()) {
            types.push(resolved(&backbone(), Some(shape)));
        }
        Element {
            definition: demand::outside(child),
            types,
            binding: child.binding.as_ref().map(|binding| self.bound(binding)),
            rules: rules(&child.constraints),
        }
    }
}

impl Shape {
    /// The element of a property and its type. The search begins at `next`, which is then behind what was found:
    /// properties mostly come in the order of the definition.
    pub(super) fn property(&self, name: &str, next: &mut usize) -> Option<(usize, &Element, &ElementType)> {
        let (before, behind) = self.properties.split_at_checked(*next)?;
        let mut candidates = behind.iter().chain(before).enumerate();
        let (steps, found) = candidates.find(|(_, property)| property.name == name)?;
        *next = (*next + steps + 1) % self.properties.len();
        let element = self.elements.get(found.element)?;
        Some((found.element, element, element.types.get(found.used)?))
    }
}

#[cfg(test)]
impl Shape {
    pub(super) fn property_names(&self) -> Vec<&str> {
        self.properties.iter().map(|property| property.name.as_str()).collect()
    }
}

/// The properties that an element may have, one per type.
fn property_names(child: &ElementDef) -> Vec<String> {
    let name = |used: &TypeRef| match child.choice {
        true => format!("{}{}", child.name, capital(&used.code)),
        false => child.name.clone(),
    };
    let is_referring = child.content_reference.is_some() && child.types.is_empty();
    let referring = is_referring.then(backbone);
    child.types.iter().chain(&referring).map(name).collect()
}

/// The type of an element that has the elements of another one.
fn backbone() -> TypeRef {
    TypeRef { code: "BackboneElement".to_owned(), ..TypeRef::default() }
}

fn role(name: &str, kind: TypeKind) -> Role {
    match (kind, name) {
        (TypeKind::Complex, "Extension") => Role::Extension,
        (TypeKind::Complex, "Coding" | "Quantity") => Role::Coded,
        (TypeKind::Complex, "Reference") => Role::Reference,
        _ => Role::Other,
    }
}

fn suffixes(types: &[Type]) -> HashMap<String, TypeIndex> {
    let complex = types.iter().enumerate().filter(|(_, found)| found.kind == TypeKind::Complex);
    let mut suffixes: HashMap<String, TypeIndex> =
        complex.map(|(number, found)| (found.name.clone(), number)).collect();
    for (number, found) in types.iter().enumerate() {
        if !found.name.starts_with(|first: char| first.is_ascii_uppercase()) {
            for suffix in [capital(&found.name), found.name.clone()] {
                suffixes.entry(suffix).or_insert(number);
            }
        }
    }
    suffixes
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
