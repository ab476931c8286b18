//! One resource of Genomics Reporting 2.0.0 to 3.0.0, by tables.

use serde_json::{Map, Value, json};

use super::{Converted, Remark, coding_is};
use crate::domain::code_table::{CodeTables, Entry};
use crate::domain::issue::IssueCode;
use crate::fhir::systems::{GENOMICS_REPORTING, HGNC, HGNC_PREFIX, PROVISIONAL_CODES};
use crate::redact::quote;

/// Profiles of 2.0.0 that are called otherwise, or are no more, in 3.0.0.
const PROFILES: &str = "genomics-2-profiles";
/// Code systems with another URI.
const SYSTEMS: &str = "genomics-2-systems";
/// Provisional codes that have become other codes.
const CODES: &str = "genomics-2-codes";
/// Extensions with another URL, or none.
const EXTENSIONS: &str = "genomics-2-extensions";
/// Categories that 3.0.0 demands.
const CATEGORIES: &str = "genomics-3-categories";
const STRUCTURE: &str = "StructureDefinition/";
/// Levels of elements that are followed; the reader of JSON lets no deeper ones in.
const MAX_DEPTH: usize = 64;

/// Converts a resource; one of 3.0.0 stays as it is.
pub fn convert(resource: &Value, tables: &CodeTables) -> Converted {
    let mut converter = Converter { tables, remarks: Vec::new(), is_lost: false };
    let mut converted = resource.clone();
    let profiles = converter.profiles(&mut converted);
    converter.element(&mut converted, "", 0);
    converter.moved_extensions(&mut converted);
    converter.categories(&mut converted, &profiles);
    let resource = (!converter.is_lost).then_some(converted);
    Converted { resource, remarks: converter.remarks }
}

struct Converter<'t> {
    tables: &'t CodeTables,
    remarks: Vec<Remark>,
    is_lost: bool,
}

impl<'t> Converter<'t> {
    fn converted(&mut self, path: &str, text: String) {
        self.remarks.push(Remark { code: IssueCode::EhrFhirGenomicsConverted, path: path.to_owned(), text });
    }

    fn lost(&mut self, path: &str, text: String) {
        self.remarks.push(Remark { code: IssueCode::EhrFhirGenomicsNotConverted, path: path.to_owned(), text });
    }

    /// Renames the profiles that the resource claims, adds the code that the new one fixes; gives the new names.
    fn profiles(&mut self, resource: &mut Value) -> Vec<String> {
        let mut names = Vec::new();
        let mut added = Vec::new();
        let claims = resource.pointer_mut("/meta/profile").and_then(Value::as_array_mut);
        for (index, claim) in claims.into_iter().flatten().enumerate() {
            let Some(name) = claim.as_str().and_then(profile_name) else { continue };
            let path = format!("meta.profile[{index}]");
            let entry = self.tables.lookup(PROFILES, &name);
            let target = match entry {
                Some(entry) => entry.property("profile"),
                None => Some(name.as_str()),
            };
            let Some(target) = target.map(str::to_owned) else {
                self.lost(&path, format!("the profile {} has no counterpart in 3.0.0", quote(&name)));
                self.is_lost = true;
                continue;
            };
            added.extend(entry.and_then(fixed_code));
            if target != name {
                self.converted(&path, format!("{} is {target} in 3.0.0", quote(&name)));
            }
            *claim = json!(format!("{GENOMICS_REPORTING}{STRUCTURE}{target}"));
            names.push(target);
        }
        for coding in added {
            self.add_code(resource, coding);
        }
        names
    }

    fn add_code(&mut self, resource: &mut Value, coding: Value) {
        let text = |name: &str| coding.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let wanted = (text("system"), text("code"));
        let Some(object) = resource.as_object_mut() else { return };
        let code = object.entry("code").or_insert_with(|| json!({}));
        let Some(code) = code.as_object_mut() else { return };
        let Some(codings) = code.entry("coding").or_insert_with(|| json!([])).as_array_mut() else { return };
        if !codings.iter().any(|known| coding_is(known, (&wanted.0, &wanted.1))) {
            codings.insert(0, coding);
            self.converted("code", format!("the code {} was added, which 3.0.0 fixes", wanted.1));
        }
    }

    /// Code systems, codes and extensions, wherever they stand.
    fn element(&mut self, value: &mut Value, path: &str, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match value {
            Value::Object(object) => {
                self.coding(object, path);
                self.extensions(object, path);
                for (name, inner) in object.iter_mut() {
                    let inner_path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.element(inner, &inner_path, depth + 1);
                }
            }
            Value::Array(list) => {
                for (index, inner) in list.iter_mut().enumerate() {
                    self.element(inner, &format!("{path}[{index}]"), depth + 1);
                }
            }
            _ => {}
        }
    }

    fn coding(&mut self, object: &mut Map<String, Value>, path: &str) {
        let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
        let (Some(system), Some(code)) = (text("system"), text("code")) else { return };
        if let Some(entry) = self.tables.lookup(SYSTEMS, &system)
            && let Some(target) = entry.property("system")
        {
            self.converted(path, format!("the code system is {target} in 3.0.0"));
            object.insert("system".to_owned(), json!(target));
            if target == HGNC && !code.starts_with(HGNC_PREFIX) && code.bytes().all(|byte| byte.is_ascii_digit()) {
                object.insert("code".to_owned(), json!(format!("{HGNC_PREFIX}{code}")));
            }
            return;
        }
        if system != PROVISIONAL_CODES {
            return;
        }
        let Some(entry) = self.tables.lookup(CODES, &code) else { return };
        match (entry.property("system"), entry.property("target")) {
            (Some(new_system), Some(new_code)) => {
                self.converted(path, format!("the code {} is {new_code} in 3.0.0", quote(&code)));
                object.insert("system".to_owned(), json!(new_system));
                object.insert("code".to_owned(), json!(new_code));
                object.shift_remove("display");
            }
            _ => self.lost(path, format!("the code {} has no counterpart in 3.0.0; it was kept", quote(&code))),
        }
    }

    /// Extensions with another URL; those without a counterpart are taken out.
    fn extensions(&mut self, object: &mut Map<String, Value>, path: &str) {
        let Some(extensions) = object.get_mut("extension").and_then(Value::as_array_mut) else { return };
        let before = extensions.len();
        let mut kept = Vec::with_capacity(before);
        for (index, mut extension) in std::mem::take(extensions).into_iter().enumerate() {
            let place = if path.is_empty() { String::new() } else { format!("{path}.") };
            let place = format!("{place}extension[{index}]");
            let url = extension.get("url").and_then(Value::as_str).unwrap_or_default();
            let name = profile_name(url).unwrap_or_default();
            match self.tables.lookup(EXTENSIONS, &name) {
                None => kept.push(extension),
                // Moved into a component afterwards.
                Some(entry) if entry.property("component").is_some() => kept.push(extension),
                Some(entry) => match entry.property("url") {
                    Some(target) => {
                        self.converted(&place, format!("the extension {} is {target} in 3.0.0", quote(&name)));
                        if let Some(object) = extension.as_object_mut() {
                            object.insert("url".to_owned(), json!(target));
                        }
                        kept.push(extension);
                    }
                    None => self.lost(&place, format!("the extension {} has no counterpart in 3.0.0", quote(&name))),
                },
            }
        }
        *extensions = kept;
        if extensions.is_empty() && before > 0 {
            object.shift_remove("extension");
        }
    }

    /// Extensions of the resource that are one of a component in 3.0.0: moved where there is one such component.
    fn moved_extensions(&mut self, resource: &mut Value) {
        let Some(extensions) = resource.get_mut("extension").and_then(Value::as_array_mut) else { return };
        let mut moved = Vec::new();
        extensions.retain(|extension| {
            let name = extension.get("url").and_then(Value::as_str).and_then(profile_name).unwrap_or_default();
            let entry = self.tables.lookup(EXTENSIONS, &name);
            let target = entry.and_then(|entry| Some((entry.property("component")?, entry.property("url")?)));
            moved.extend(target.map(|target| (name, target, extension.clone())));
            target.is_none()
        });
        let is_empty = extensions.is_empty();
        for (name, (component, url), mut extension) in moved {
            let components = resource.get_mut("component").and_then(Value::as_array_mut);
            let mut of_code = components.into_iter().flatten().filter(|it| has_code(it, component));
            match (of_code.next(), of_code.next()) {
                (Some(only), None) => {
                    if let (Some(object), Some(only)) = (extension.as_object_mut(), only.as_object_mut()) {
                        object.insert("url".to_owned(), json!(url));
                        let list = only.entry("extension").or_insert_with(|| json!([]));
                        list.as_array_mut().into_iter().for_each(|list| list.push(extension.clone()));
                    }
                    self.converted("extension", format!("the extension {} is one of a component", quote(&name)));
                }
                _ => {
                    let text =
                        format!("the extension {} belongs to a component, and there is no only one", quote(&name));
                    self.lost("extension", text);
                }
            }
        }
        if let Some(object) = resource.as_object_mut().filter(|_| is_empty) {
            object.shift_remove("extension");
        }
    }

    fn categories(&mut self, resource: &mut Value, profiles: &[String]) {
        let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default().to_owned();
        if profiles.is_empty() || !matches!(kind.as_str(), "Observation" | "DiagnosticReport") {
            return;
        }
        let Some(table) = self.tables.table(CATEGORIES) else { return };
        let mut codes: Vec<&str> = table.codes().collect();
        codes.sort_unstable();
        for code in codes {
            let Some(entry) = table.entry(code) else { continue };
            let is_of_type = entry.property("types").is_some_and(|types| types.split(' ').any(|it| it == kind));
            let is_of_profile = entry.property("profile").is_none_or(|only| profiles.iter().any(|it| it == only));
            if !is_of_type || !is_of_profile {
                continue;
            }
            let system = entry.property("system").unwrap_or_default().to_owned();
            let Some(object) = resource.as_object_mut() else { return };
            let list = object.entry("category").or_insert_with(|| json!([]));
            let Some(list) = list.as_array_mut() else { return };
            let codings = list.iter().filter_map(|it| it.get("coding")?.as_array()).flatten();
            if !codings.into_iter().any(|coding| coding_is(coding, (&system, code))) {
                list.push(json!({"coding": [{"system": system, "code": code}]}));
                self.converted("category", format!("the category {code} was added, which 3.0.0 demands"));
            }
        }
    }
}

/// The name of a profile or extension of Genomics Reporting, without its version.
fn profile_name(url: &str) -> Option<String> {
    let name = url.strip_prefix(GENOMICS_REPORTING)?.strip_prefix(STRUCTURE)?;
    Some(name.split('|').next().unwrap_or(name).to_owned())
}

fn fixed_code(entry: Entry<'_>) -> Option<Value> {
    let (system, code) = (entry.property("code_system")?, entry.property("code_added")?);
    Some(json!({"system": system, "code": code}))
}

fn has_code(component: &Value, code: &str) -> bool {
    let codings = component.pointer("/code/coding").and_then(Value::as_array).into_iter().flatten();
    codings.into_iter().any(|coding| coding.get("code").and_then(Value::as_str) == Some(code))
}
