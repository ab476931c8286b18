//! Every example, golden Bundle, base and mutant.

use std::path::{Path, PathBuf};

use impress_gateway::fhir::json::{self, JsonLimits};
use serde_json::Value;

use crate::profiles::mutation::Mutant;
use crate::support::golden;

/// A resource, and what it is.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) value: Value,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
}

fn resource(name: String, text: &str) -> Option<Case> {
    let value = json::read(text.as_bytes(), &JsonLimits::default()).ok()?;
    value.get("resourceType").is_some().then_some(Case { name, value })
}

/// Texts that the JSON reader refuses are not in it.
pub(super) fn corpus() -> Vec<Case> {
    let mut paths = Vec::new();
    files(&root().join("profiles/examples"), &mut paths);
    files(&golden(), &mut paths);
    files(&root().join("tests/mutants/base"), &mut paths);
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        resource(name, &std::fs::read_to_string(path).unwrap())
    };
    let mut cases: Vec<Case> = paths.iter().filter_map(read).collect();
    let table = std::fs::read_to_string(root().join("tests/mutants/mutants.tsv")).unwrap();
    for line in table.lines().skip(1) {
        let mutant = Mutant::parse(line).unwrap();
        let folder = if mutant.base.contains('/') { "profiles/examples" } else { "tests/mutants/base" };
        let base = std::fs::read_to_string(root().join(format!("{folder}/{}.json", mutant.base))).unwrap();
        let text = mutant.apply(&serde_json::from_str(&base).unwrap()).unwrap();
        cases.extend(resource(format!("mutant {}", mutant.id), &text));
    }
    assert!(cases.len() > 1_700, "{} cases", cases.len());
    cases
}
