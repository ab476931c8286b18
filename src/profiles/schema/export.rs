//! The schemas as files for others: one per profile, one for any resource, a list of what they leave out, a manual.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Rule, Schema, Weaker, claims, profile};
use crate::profiles::form::{Form, ProfileDef};

/// The manual, with places for the lists.
const MANUAL: &str = include_str!("../../../profiles/export/README.md");

/// The list of what the schemas leave out.
pub const NOT_CHECKED: &str = "not-checked.tsv";

/// Types that our resources may contain beside those of our profiles.
const CONTAINED: &[&str] = &["Device", "Organization", "Practitioner", "PractitionerRole"];

/// A file of the export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportFile {
    /// Name, without folder.
    pub name: String,
    /// Content; the same for the same form on every machine.
    pub content: Vec<u8>,
}

/// The files, sorted by name but for the manual, which is the last one: where it is, the others are.
///
/// `base` is the canonical base of our own profiles in the form, without a slash at its end.
pub fn files(form: &Form, base: &str) -> Vec<ExportFile> {
    let profiles = own_profiles(form, base);
    let head = |name: &str, description: &str| head(base, name, description);
    let mut contained: BTreeSet<String> = CONTAINED.iter().map(|name| (*name).to_owned()).collect();
    contained.extend(profiles.values().map(|(_, profile)| profile.type_name.clone()));
    let mut schemas = BTreeMap::new();
    for (name, (url, of)) in &profiles {
        let text = format!("A {} of FHIR R4 that meets {url}.", of.type_name);
        if let Some(schema) = profile(form, url, &contained, head(name, &text)) {
            schemas.insert(file_name(name), schema);
        }
    }
    let urls = profiles.values().map(|(url, _)| (*url).clone()).collect();
    let text =
        "Any resource of FHIR R4, a Bundle too; each one in it meets the profiles of the gateway that it claims.";
    schemas.insert(file_name(ANY), claims(form, &urls, head(ANY, text)));
    let mut files: Vec<ExportFile> = schemas
        .iter()
        .map(|(name, schema)| ExportFile { name: name.clone(), content: pretty(&schema.document) })
        .collect();
    files.push(ExportFile { name: NOT_CHECKED.to_owned(), content: not_checked(&schemas).into_bytes() });
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files.push(ExportFile { name: "README.md".to_owned(), content: manual(&profiles, &schemas).into_bytes() });
    files
}

const ANY: &str = "AnyResource";

fn file_name(name: &str) -> String {
    format!("{name}.schema.json")
}

/// Our profiles of resources, by name.
fn own_profiles<'f>(form: &'f Form, base: &str) -> BTreeMap<&'f str, (&'f String, &'f ProfileDef)> {
    let base = format!("{base}/StructureDefinition/");
    let own = form.profiles.iter().filter(|(_, profile)| profile.type_name != "Extension");
    own.filter_map(|(url, profile)| Some((url.strip_prefix(&base)?, (url, profile)))).collect()
}

fn head(base: &str, name: &str, description: &str) -> Map<String, Value> {
    let weaker = format!("{description} Weaker than the validator of the gateway; {NOT_CHECKED} says in what.");
    Map::from_iter([
        ("$id".to_owned(), json!(format!("{base}/schema/{}", file_name(name)))),
        ("title".to_owned(), json!(name)),
        ("description".to_owned(), json!(weaker)),
    ])
}

fn pretty(document: &Value) -> Vec<u8> {
    format!("{document:#}\n").into_bytes()
}

fn not_checked(schemas: &BTreeMap<String, Schema>) -> String {
    let mut by_entry: BTreeMap<(Rule, &Weaker), BTreeSet<&str>> = BTreeMap::new();
    let mut by_definition: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, schema) in schemas {
        for entry in &schema.weaker {
            by_entry.entry((entry.rule, entry)).or_default().insert(name);
            // A definition of which nothing but its absence is told is not in the file.
            if entry.rule != Rule::Contained {
                by_definition.entry(&entry.definition).or_default().insert(name);
            }
        }
    }
    let mut table = "rule\tdefinition\telement\twhat\tfiles\n".to_owned();
    for ((rule, entry), files) in by_entry {
        let is_everywhere = by_definition.get(entry.definition.as_str()) == Some(&files);
        let files = if is_everywhere { "all".to_owned() } else { files.into_iter().collect::<Vec<_>>().join(" ") };
        table.push_str(&format!("{rule}\t{}\t{}\t{}\t{files}\n", entry.definition, entry.path, entry.what));
    }
    table
}

fn manual(profiles: &BTreeMap<&str, (&String, &ProfileDef)>, schemas: &BTreeMap<String, Schema>) -> String {
    let mut names = "| file | resource | profile |\n|---|---|---|\n".to_owned();
    for (name, (url, profile)) in profiles {
        names.push_str(&format!("| `{}` | {} | {url} |\n", file_name(name), profile.type_name));
    }
    let mut rules = "| rule | what is left to the validator |\n|---|---|\n".to_owned();
    let used: BTreeSet<Rule> = schemas.values().flat_map(|schema| &schema.weaker).map(|entry| entry.rule).collect();
    for rule in used {
        rules.push_str(&format!("| `{rule}` | {} |\n", rule.meaning()));
    }
    MANUAL.replace("<!-- profiles -->", names.trim_end()).replace("<!-- rules -->", rules.trim_end())
}
