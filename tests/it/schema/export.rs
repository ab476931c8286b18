//! `profiles export`: the files, and the folder they go to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use impress_gateway::fhir::systems::CANONICAL_BASE;
use impress_gateway::profiles::embedded;
use impress_gateway::profiles::schema::Rule;
use impress_gateway::profiles::schema::export::{NOT_CHECKED, files};
use impress_gateway::profiles::walk::Validator;
use serde_json::{Value, json};

use super::corpus::{Case, corpus};
use super::{engine, errors};
use crate::support::{Folder, gateway};

fn export(folder: &Path) -> (Option<i32>, String) {
    let output = gateway(["profiles", "export", folder.to_str().unwrap()]);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect()
}

/// The exported schemas, by file.
fn schemas() -> BTreeMap<String, Value> {
    let files = files(&embedded::form().unwrap(), CANONICAL_BASE);
    let schemas = files.into_iter().filter(|file| file.name.ends_with(".schema.json"));
    schemas.map(|file| (file.name, serde_json::from_slice(&file.content).unwrap())).collect()
}

fn walk<'a>(value: &'a Value, visit: &mut impl FnMut(&'a str, &'a Value)) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        visit(key, inner);
        walk(inner, visit);
    }
    value.as_array().into_iter().flatten().for_each(|inner| walk(inner, visit));
}

#[test]
fn the_export_has_a_schema_per_profile_and_is_the_same_every_time() {
    let folder = Folder::new("export");
    let (first, second) = (folder.path().join("new/a"), folder.path().join("b"));
    assert_eq!(export(&first).0, Some(0));
    assert_eq!(export(&second).0, Some(0));
    let found = contents(&first);
    assert_eq!(found, contents(&second));
    for example in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/examples")).unwrap() {
        let name = example.unwrap().file_name().into_string().unwrap();
        assert!(found.contains_key(&format!("{name}.schema.json")), "{name} is not exported");
    }
    let manual = String::from_utf8(found["README.md"].clone()).unwrap();
    for name in found.keys().filter(|name| *name != "README.md") {
        assert!(manual.contains(&format!("`{name}`")), "README.md does not name {name}");
    }
    assert!(!manual.contains("<!--"));
    let table = String::from_utf8(found[NOT_CHECKED].clone()).unwrap();
    let known: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.as_str()).collect();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        assert!(cells.len() == 5 && known.contains(cells[0]) && manual.contains(&format!("`{}`", cells[0])), "{line}");
    }
}

#[test]
fn an_earlier_export_is_replaced_and_other_files_are_left_alone() {
    let folder = Folder::new("export-again");
    assert_eq!(export(folder.path()).0, Some(0));
    let whole = contents(folder.path());
    folder.write("README.md", "old");
    folder.write("ImpressVariant.schema.json.part", "half");
    assert_eq!(export(folder.path()).0, Some(0));
    assert_eq!(contents(folder.path()), whole);

    for strange in ["notes.txt", "ImpressOld.schema.json"] {
        let folder = Folder::new("export-strange");
        folder.write(strange, "mine");
        let (status, stderr) = export(folder.path());
        assert_eq!(status, Some(2));
        assert!(stderr.contains("cli.output-unwritable") && stderr.contains(strange), "{stderr}");
        assert_eq!(contents(folder.path()).len(), 1, "nothing is written");
    }
    let folder = Folder::new("export-file");
    let (status, stderr) = export(&folder.write("file", "x"));
    assert!(status == Some(2) && stderr.contains("cli.output-unwritable"), "{stderr}");
}

#[test]
fn a_deployment_exports_its_own_canonical_base() {
    let folder = Folder::new("export-base");
    let config = folder.write("gateway.toml", "[mappings]\ncanonical_base = \"https://fhir.hospital.example/r4\"\n");
    let directory = folder.path().join("schemas");
    let output = gateway(["profiles", "export", directory.to_str().unwrap(), "--config", config.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    for (name, content) in contents(&directory) {
        let text = String::from_utf8(content).unwrap();
        assert!(!text.contains(CANONICAL_BASE), "{name} names the example base");
        assert!(name == "README.md" || text.contains("https://fhir.hospital.example/r4"), "{name}");
    }
}

#[test]
fn the_exported_schemas_are_complete_in_themselves_and_portable() {
    // What ECMA-262, Python, RE2, Java and Rust read alike: no look-around, no Unicode classes, no other escapes than these.
    let is_portable = |pattern: &str| {
        let mut escaped = pattern.match_indices('\\').map(|(at, _)| pattern[at + 1..].chars().next().unwrap());
        !pattern.contains("(?") && escaped.all(|c| "tnrfx.|".contains(c)) && pattern.is_ascii()
    };
    assert!(!is_portable("\\d") && !is_portable("(?=a)") && !is_portable("\\u2003") && is_portable("^a\\.b\\x0b$"));
    let allowed = [
        "$schema",
        "$id",
        "$defs",
        "$ref",
        "title",
        "description",
        "type",
        "const",
        "enum",
        "properties",
        "required",
        "additionalProperties",
        "propertyNames",
        "minProperties",
        "dependentRequired",
        "items",
        "contains",
        "minContains",
        "maxContains",
        "minItems",
        "maxItems",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
    ];
    for (name, document) in schemas() {
        assert!(jsonschema::draft202012::meta::is_valid(&document), "{name} is no JSON Schema 2020-12");
        assert_eq!(document["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert!(document["$id"].as_str().unwrap().ends_with(&format!("/{name}")));
        let mut used = BTreeSet::new();
        walk(&document, &mut |key, value| match (key, value.as_str()) {
            ("$ref", Some(target)) => drop(used.insert(target.strip_prefix("#/$defs/").unwrap())),
            ("pattern", Some(pattern)) => assert!(is_portable(pattern), "{name}: {pattern}"),
            _ => {}
        });
        let defined: BTreeSet<&str> = document["$defs"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(used, defined, "{name}: definitions that are missing, or that nothing uses");
        let definitions = document["$defs"].as_object().unwrap().values();
        for keyword in definitions.chain([&document]).flat_map(|schema| schema.as_object().unwrap().keys()) {
            assert!(allowed.contains(&keyword.as_str()), "{name}: {keyword}");
        }
    }
}

/// Every example and mutant in `AnyResource` and in one schema of its type: a valid one is never refused. With
/// `SCHEMA_VERDICTS=FILE` the verdicts are written for another implementation to compare (`.ci/schemas`).
#[test]
fn the_exported_schemas_refuse_no_valid_resource() {
    let validator = Validator::embedded().unwrap();
    let engines: BTreeMap<String, _> =
        schemas().into_iter().map(|(name, document)| (name, engine(&document))).collect();
    let mut by_type: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (url, profile) in &validator.form().profiles {
        let name = url.rsplit('/').next().unwrap();
        if engines.contains_key(&format!("{name}.schema.json")) {
            by_type.entry(&profile.type_name).or_default().push(url);
        }
    }
    let mut written = std::env::var("SCHEMA_VERDICTS").ok().map(|path| std::fs::File::create(path).unwrap());
    let mut verdicts = BTreeMap::from([(true, 0), (false, 0)]);
    for (number, Case { name, value }) in corpus().iter().enumerate() {
        let of_type = by_type.get(value["resourceType"].as_str().unwrap_or_default()).map_or(&[][..], Vec::as_slice);
        let claimed = value.pointer("/meta/profile").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut urls: Vec<&str> = of_type.iter().copied().filter(|url| claimed.contains(&json!(url))).collect();
        if urls.is_empty() && !of_type.is_empty() {
            urls.push(of_type[number % of_type.len()]);
        }
        let asked = urls.into_iter().map(|url| (format!("{}.schema.json", url.rsplit('/').next().unwrap()), vec![url]));
        for (file, profiles) in asked.chain([("AnyResource.schema.json".to_owned(), Vec::new())]) {
            let is_valid = engines[&file].is_valid(value);
            let errors = errors(&validator, value, &profiles);
            assert!(is_valid || !errors.is_empty(), "{name}: {file} is stricter than the validator");
            *verdicts.get_mut(&is_valid).unwrap() += 1;
            if let Some(written) = &mut written {
                let line = json!({ "schema": file, "case": name, "valid": is_valid, "resource": value });
                writeln!(written, "{line}").unwrap();
            }
        }
    }
    assert!(verdicts[&true] > 500 && verdicts[&false] > 1_500, "{verdicts:?}");
}
