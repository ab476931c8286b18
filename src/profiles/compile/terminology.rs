//! Value sets of required and extensible bindings, as far as the packages let them be enumerated.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{text, unversioned};
use crate::fhir::systems::LOINC;
use crate::profiles::form::{CodeSystemDef, Codes, ElementDef, Form, MatchRule, NotExpressed, ValueSetDef};
use crate::profiles::package::{Package, url};
use crate::profiles::terminology::{answer_list_codes, ontology_branch};

/// Longest chain of value sets that include value sets.
const MAX_DEPTH: usize = 16;
/// Most codes that are looked at for all value sets together; the official packages need some 200,000.
const MAX_WORK: usize = 2_000_000;
/// Code systems with more codes are not enumerated: none of FHIR R4's required bindings needs one.
const MAX_CODES: usize = 5_000;

/// Adds the value sets that the types and profiles of `form` name, and the code systems that the packages have in full.
pub(super) fn compile(packages: &[Package], form: &mut Form, not_expressed: &mut Vec<NotExpressed>) {
    let left = Cell::new(MAX_WORK);
    let mut library = Library { value_sets: BTreeMap::new(), code_systems: BTreeMap::new(), left };
    for definition in packages.iter().flat_map(|package| &package.definitions) {
        match text(definition, "resourceType") {
            Some("ValueSet") => drop(library.value_sets.entry(url(definition)).or_insert(definition)),
            Some("CodeSystem") => drop(library.code_systems.entry(url(definition)).or_insert(definition)),
            _ => {}
        }
    }
    for url in bound(form) {
        if form.value_sets.contains_key(&url) {
            continue;
        }
        let mut reasons = Vec::new();
        let set = library.value_set(&url, &mut reasons, 0);
        for what in reasons {
            not_expressed.push(NotExpressed { profile: url.clone(), path: String::new(), what });
        }
        form.value_sets.insert(url, set);
    }
    let of_sets = form.value_sets.values().flat_map(|set| set.systems.keys().cloned());
    // Codes of a system that a package has are checked wherever they stand, not only where a value set is bound.
    let all = library.code_systems.keys().map(|url| (*url).to_owned());
    let systems: BTreeSet<String> = of_sets.chain(all).collect();
    for system in systems {
        if let Some(codes) = library.complete(&system) {
            form.code_systems.entry(system).or_insert(CodeSystemDef { codes });
        }
    }
}

/// URLs of every value set that a binding or a slice names.
pub(in crate::profiles) fn bound(form: &Form) -> BTreeSet<String> {
    let mut urls = BTreeSet::new();
    for element in form.types.values().flat_map(|type_def| &type_def.children) {
        collect(element, &mut urls);
    }
    form.profiles.values().for_each(|profile| collect(&profile.root, &mut urls));
    urls
}

fn collect(element: &ElementDef, urls: &mut BTreeSet<String>) {
    urls.extend(element.binding.iter().map(|binding| binding.value_set.clone()));
    element.children.iter().for_each(|child| collect(child, urls));
    for slice in element.slicing.iter().flat_map(|slicing| &slicing.slices) {
        collect(&slice.element, urls);
        for found in &slice.matches {
            if let MatchRule::ValueSet(url) = &found.rule {
                urls.insert(url.clone());
            }
        }
    }
}

struct Library<'a> {
    value_sets: BTreeMap<&'a str, &'a Value>,
    code_systems: BTreeMap<&'a str, &'a Value>,
    /// How many codes may still be looked at: value sets that include one another multiply.
    left: Cell<usize>,
}

impl Library<'_> {
    fn value_set(&self, url: &str, reasons: &mut Vec<String>, depth: usize) -> ValueSetDef {
        let mut set = ValueSetDef::default();
        let owned = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
        match answer_list_codes(url) {
            Some((codes, true)) => {
                add(&mut set, LOINC, owned(codes));
                return set;
            }
            Some((codes, false)) => {
                reasons.push("the answer list is not completely known".to_owned());
                add(&mut set, LOINC, owned(codes));
                leave_open(&mut set, Some(LOINC));
                return set;
            }
            None => {}
        }
        let Some(definition) = self.value_sets.get(url).filter(|_| depth < MAX_DEPTH) else {
            reasons.push("the value set is in no package".to_owned());
            leave_open(&mut set, None);
            return set;
        };
        let list = |pointer: &str| definition.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        for include in list("/compose/include") {
            if self.left.get() == 0 {
                reasons.push("the value sets of the packages are too large to be enumerated".to_owned());
                leave_open(&mut set, None);
                return set;
            }
            self.include(&mut set, include, reasons, depth);
        }
        for contains in list("/expansion/contains") {
            if let (Some(system), Some(code)) = (text(contains, "system"), text(contains, "code")) {
                add(&mut set, system, [code.to_owned()].into());
            }
        }
        for exclude in list("/compose/exclude") {
            self.exclude(&mut set, exclude, reasons);
        }
        set
    }

    fn include(&self, set: &mut ValueSetDef, include: &Value, reasons: &mut Vec<String>, depth: usize) {
        let value_sets = include.get("valueSet").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let Some(system) = text(include, "system") else {
            // Several value sets in one include mean their intersection; the union is weaker, never stricter.
            for url in value_sets.iter().filter_map(Value::as_str) {
                let other = self.value_set(unversioned(url), reasons, depth + 1);
                if other.partial && other.open.is_empty() {
                    leave_open(set, None);
                }
                other.open.iter().for_each(|system| leave_open(set, Some(system)));
                self.spend(1);
                for (system, codes) in other.systems {
                    match codes {
                        Codes::Any => drop(set.systems.insert(system, Codes::Any)),
                        Codes::These(codes) => {
                            self.spend(codes.len());
                            add(set, &system, codes);
                        }
                    }
                }
            }
            return;
        };
        if let Some(concepts) = include.get("concept").and_then(Value::as_array) {
            self.spend(concepts.len());
            add(set, system, concepts.iter().filter_map(|concept| text(concept, "code")).map(str::to_owned).collect());
        } else if let Some(filters) = include.get("filter").and_then(Value::as_array) {
            match self.filtered(system, filters) {
                Some(codes) => add(set, system, codes),
                None => {
                    reasons.push(format!("a filter on {system} cannot be enumerated"));
                    leave_open(set, Some(system));
                }
            }
        } else {
            set.systems.insert(system.to_owned(), Codes::Any);
        }
    }

    fn exclude(&self, set: &mut ValueSetDef, exclude: &Value, reasons: &mut Vec<String>) {
        let system = text(exclude, "system").unwrap_or_default();
        let concepts = exclude.get("concept").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if let Some(Codes::Any) = set.systems.get(system)
            && let Some(codes) = self.complete(system)
        {
            set.systems.insert(system.to_owned(), Codes::These(codes));
        }
        match set.systems.get_mut(system) {
            Some(Codes::These(codes)) if !concepts.is_empty() => {
                let excluded: BTreeSet<&str> = concepts.iter().filter_map(|concept| text(concept, "code")).collect();
                codes.retain(|code| !excluded.contains(code.as_str()));
            }
            // Without the exclusion the set is larger, so nothing valid is refused.
            _ => reasons.push(format!("an exclusion from {system} is not applied")),
        }
    }

    fn spend(&self, codes: usize) {
        self.left.set(self.left.get().saturating_sub(codes + 1));
    }

    /// Every code of a system, if the definition has them all.
    fn complete(&self, system: &str) -> Option<BTreeSet<String>> {
        let definition = self.code_systems.get(system)?;
        let mut codes = BTreeSet::new();
        walk(definition, &mut |concept, _| codes.extend(text(concept, "code").map(str::to_owned)));
        let is_complete =
            text(definition, "content") == Some("complete") && !codes.is_empty() && codes.len() <= MAX_CODES;
        is_complete.then_some(codes)
    }

    /// The codes of `is-a`, `descendent-of` and `is-not-a` in a system that nests its codes or names parents, or of a
    /// branch of the Sequence Ontology.
    fn filtered(&self, system: &str, filters: &[Value]) -> Option<BTreeSet<String>> {
        let [filter] = filters else { return None };
        let (operation, top) = (text(filter, "op")?, text(filter, "value")?);
        if let Some(branch) = ontology_branch(system, top).filter(|_| operation == "is-a") {
            return Some(branch.iter().map(|code| (*code).to_owned()).collect());
        }
        let all = self.complete(system)?;
        self.spend(all.len() * 10);
        if text(filter, "property")? != "concept" || !matches!(operation, "is-a" | "descendent-of" | "is-not-a") {
            return None;
        }
        let mut parents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        walk(self.code_systems.get(system)?, &mut |concept, parent| {
            let Some(code) = text(concept, "code") else { return };
            let properties = concept.get("property").and_then(Value::as_array).into_iter().flatten();
            let named = properties.filter(|property| matches!(text(property, "code"), Some("subsumedBy" | "parent")));
            let named = named.filter_map(|property| text(property, "valueCode")).chain(parent);
            parents.entry(code.to_owned()).or_default().extend(named.map(str::to_owned));
        });
        let mut found = BTreeSet::from([top.to_owned()]);
        loop {
            let below =
                |code: &&String| parents.get(*code).is_some_and(|of| of.iter().any(|code| found.contains(code)));
            let more: Vec<String> = all.iter().filter(|code| !found.contains(*code)).filter(below).cloned().collect();
            if more.is_empty() {
                break;
            }
            found.extend(more);
        }
        match operation {
            "is-not-a" => return Some(all.difference(&found).cloned().collect()),
            "descendent-of" => drop(found.remove(top)),
            _ => {}
        }
        Some(found)
    }
}

/// A part of a set is not known: codes of this system, or of any, may belong to it.
fn leave_open(set: &mut ValueSetDef, system: Option<&str>) {
    let is_open_to_all = set.partial && set.open.is_empty();
    set.partial = true;
    match system {
        Some(system) if !is_open_to_all => drop(set.open.insert(system.to_owned())),
        _ => set.open.clear(),
    }
}

fn add(set: &mut ValueSetDef, system: &str, codes: BTreeSet<String>) {
    match set.systems.entry(system.to_owned()).or_insert_with(|| Codes::These(BTreeSet::new())) {
        Codes::These(these) => these.extend(codes),
        Codes::Any => {}
    }
}

/// Visits every concept with the code it is nested in.
fn walk<'a>(definition: &'a Value, visit: &mut impl FnMut(&'a Value, Option<&'a str>)) {
    let mut open = vec![(definition, None)];
    while let Some((node, parent)) = open.pop() {
        for concept in node.get("concept").and_then(Value::as_array).into_iter().flatten() {
            visit(concept, parent);
            open.push((concept, text(concept, "code")));
        }
    }
}
