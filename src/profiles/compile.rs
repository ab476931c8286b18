//! The compiler: packages become a [`Form`]. What a definition demands and the form cannot say is listed in it.

mod discriminator;
mod sparse;
mod terminology;
mod tree;
mod types;

use std::collections::BTreeMap;

use serde_json::Value;

use super::form::{ElementDef, ExtensionContext, Form, NotExpressed, PackageDef, ProfileDef};
use super::invariants;
use super::package::{Package, url};
use crate::domain::issue::{Issue, IssueCode, Location};
use tree::Node;

/// URL under which FHIR R4 itself defines its types.
pub(super) const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";

/// Compiles packages; of definitions with the same URL the first one counts.
///
/// Errors: `package.invalid` for each definition that contradicts itself.
pub fn compile(packages: &[Package]) -> Result<Form, Vec<Issue>> {
    let mut form = Form::default();
    extend(&mut form, packages)?;
    Ok(form)
}

/// Compiles packages on top of a form, whose types and profiles they may use.
///
/// Errors: `package.invalid` for each definition that contradicts itself; the form is then incomplete.
pub fn extend(form: &mut Form, packages: &[Package]) -> Result<(), Vec<Issue>> {
    let mut compiler = Compiler::new(packages);
    form.packages.extend(packages.iter().filter_map(|package| {
        let canonical = package.canonical.as_deref()?;
        let is_core = canonical == CORE.trim_end_matches("/StructureDefinition/");
        let prefix = if is_core { CORE.to_owned() } else { format!("{}/", canonical.trim_end_matches('/')) };
        Some((prefix, PackageDef { version: package.version.clone() }))
    }));
    types::compile(&compiler.structures, &mut form.types);
    let mut issues = Vec::new();
    for (url, structure) in compiler.profiles() {
        match compiler.profile(structure, form) {
            Ok(profile) => drop(form.profiles.insert(url.to_owned(), profile)),
            Err(reason) => issues.push(invalid(url, &reason)),
        }
    }
    terminology::compile(packages, form, &mut compiler.not_expressed);
    for (url, profile) in &form.profiles {
        unchecked(url, &profile.root, &mut compiler.not_expressed);
    }
    for (name, type_def) in &form.types {
        let all = ElementDef { constraints: type_def.constraints.clone(), ..ElementDef::default() };
        unchecked(name, &ElementDef { children: type_def.children.clone(), ..all }, &mut compiler.not_expressed);
    }
    form.not_expressed.append(&mut compiler.not_expressed);
    form.not_expressed.sort();
    form.not_expressed.dedup();
    if issues.is_empty() { Ok(()) } else { Err(issues) }
}

/// The definitions of all packages, parsed into trees.
pub(super) struct Compiler<'a> {
    structures: BTreeMap<&'a str, &'a Value>,
    trees: BTreeMap<&'a str, Node<'a>>,
    not_expressed: Vec<NotExpressed>,
}

impl<'a> Compiler<'a> {
    fn new(packages: &'a [Package]) -> Self {
        let mut structures = BTreeMap::new();
        for definition in packages.iter().flat_map(|package| &package.definitions) {
            if text(definition, "resourceType") == Some("StructureDefinition") {
                structures.entry(url(definition)).or_insert(definition);
            }
        }
        let trees = structures.iter().map(|(url, structure)| (*url, Node::of(structure))).collect();
        Self { structures, trees, not_expressed: Vec::new() }
    }

    fn profiles(&self) -> Vec<(&'a str, &'a Value)> {
        let is_profile = |structure: &Value| text(structure, "derivation") == Some("constraint");
        self.structures.iter().filter(|(_, structure)| is_profile(structure)).map(|(u, s)| (*u, *s)).collect()
    }

    fn profile(&mut self, structure: &'a Value, form: &Form) -> Result<ProfileDef, String> {
        let type_name = text(structure, "type").ok_or("it has no type")?;
        let type_def = form.types.get(type_name).ok_or_else(|| format!("its type {type_name} is not defined"))?;
        let url = url(structure);
        if let Some(fault) = tree::fault(structure) {
            return Err(fault);
        }
        let tree = self.trees.get(url).ok_or("it has no snapshot")?.clone();
        let root = sparse::Sparse { compiler: self, form, url }.root(&tree, type_name, type_def);
        let base = text(structure, "baseDefinition").filter(|base| *base != format!("{CORE}{type_name}"));
        Ok(ProfileDef {
            type_name: type_name.to_owned(),
            base: base.map(str::to_owned),
            is_abstract: structure.get("abstract").and_then(Value::as_bool).unwrap_or_default(),
            context: if type_name == "Extension" { context(structure) } else { Vec::new() },
            root,
        })
    }

    fn not_expressed(&mut self, profile: &str, path: &str, what: impl Into<String>) {
        self.not_expressed.push(NotExpressed { profile: profile.to_owned(), path: path.to_owned(), what: what.into() });
    }
}

/// Lists the invariants that are no function of the program.
fn unchecked(url: &str, element: &ElementDef, found: &mut Vec<NotExpressed>) {
    for key in element.constraints.iter().filter(|key| invariants::rule(key).is_none()) {
        let what = format!("the invariant {key} is not checked");
        found.push(NotExpressed { profile: url.to_owned(), path: element.name.clone(), what });
    }
    element.children.iter().for_each(|child| unchecked(url, child, found));
    for slice in element.slicing.iter().flat_map(|slicing| &slicing.slices) {
        unchecked(url, &slice.element, found);
    }
}

fn context(structure: &Value) -> Vec<ExtensionContext> {
    let contexts = structure.get("context").and_then(Value::as_array).into_iter().flatten();
    contexts
        .filter_map(|context| {
            let expression = text(context, "expression")?.to_owned();
            Some(ExtensionContext { kind: text(context, "type")?.to_owned(), expression })
        })
        .collect()
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// A canonical URL without its version.
pub(super) fn unversioned(canonical: &str) -> &str {
    canonical.split('|').next().unwrap_or(canonical)
}

fn invalid(url: &str, reason: &str) -> Issue {
    Issue::new(IssueCode::PackageInvalid, Location::default().profile(url), format!("cannot be compiled: {reason}"))
}
