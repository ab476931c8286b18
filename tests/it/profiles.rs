//! The validator against mutants of valid examples (tests/mutants/README.md): written from the specification and
//! the published profiles, apart from the validator; the program is used through its command line only.

pub(crate) mod mutation;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::Folder;
use mutation::Mutant;
use verdict::{Verdict, validate};

/// Share of the mutants that the expected code at the expected place must kill, in percent.
const EXPECTED: usize = 98;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutants")
}

/// The valid examples: those in `base/` by their name, those of our own profiles as `ImpressVariant/valid-1`.
fn bases() -> BTreeMap<String, Value> {
    let mut bases = BTreeMap::new();
    let mut add = |prefix: &str, path: &Path| {
        let name = format!("{prefix}{}", path.file_stem().unwrap().to_str().unwrap());
        bases.insert(name, serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap());
    };
    for path in listing(&folder().join("base")) {
        add("", &path);
    }
    for profile in listing(&Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/examples")) {
        let name = profile.file_name().unwrap().to_str().unwrap();
        for path in listing(&profile) {
            if path.file_name().unwrap().to_str().unwrap().starts_with("valid-") {
                add(&format!("{name}/"), &path);
            }
        }
    }
    bases
}

fn listing(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Name of the file that holds a base.
fn file_name(base: &str) -> String {
    format!("valid.{}", base.replace('/', "."))
}

fn mutants() -> Vec<Mutant> {
    let table = std::fs::read_to_string(folder().join("mutants.tsv")).unwrap();
    table
        .lines()
        .skip(1)
        .map(|line| Mutant::parse(line).unwrap_or_else(|problem| panic!("{problem}: {line}")))
        .collect()
}

/// The mutants that the validator is known not to kill as expected: id -> (verdict, reason).
fn survivors() -> BTreeMap<String, (String, String)> {
    let table = std::fs::read_to_string(folder().join("survivors.tsv")).unwrap();
    let mut survivors = BTreeMap::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [id, verdict, reason] = cells[..] else { panic!("three cells expected: {line}") };
        assert!(
            matches!(verdict, "survived" | "another") && !reason.trim().is_empty(),
            "no verdict and reason: {line}"
        );
        let twice = survivors.insert(id.to_owned(), (verdict.to_owned(), reason.to_owned()));
        assert!(twice.is_none(), "listed twice: {line}");
    }
    survivors
}

#[test]
fn the_mutants_can_be_made_and_their_codes_exist() {
    let bases = bases();
    let mutants = mutants();
    let codes = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md")).unwrap();
    let (mut ids, mut texts, mut types) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for mutant in &mutants {
        assert!(ids.insert(mutant.id.clone()), "{}: the id occurs twice", mutant.id);
        let base = bases.get(&mutant.base).unwrap_or_else(|| panic!("{}: no base {}", mutant.id, mutant.base));
        let text = mutant.apply(base).unwrap_or_else(|problem| panic!("{}: {problem}", mutant.id));
        let unchanged = base.to_string();
        assert!(text != unchanged, "{}: changes nothing", mutant.id);
        assert!(texts.insert(text), "{}: makes the same text as another mutant", mutant.id);
        types.insert(base["resourceType"].as_str().unwrap());
        for code in &mutant.codes {
            assert!(codes.contains(&format!("`{code}`")), "{}: no such code: {code}", mutant.id);
        }
        for path in &mutant.paths {
            let kind = base["resourceType"].as_str().unwrap();
            assert!(path.starts_with(kind) && !path.contains('/'), "{}: no path of {kind}: {path}", mutant.id);
        }
        assert!(!mutant.source.is_empty(), "{}: names no rule", mutant.id);
    }
    assert!(mutants.len() >= 300, "{} mutants", mutants.len());
    assert!(types.len() >= 10, "mutants of {types:?} only");
    for id in survivors().keys() {
        assert!(ids.contains(id), "survivors.tsv names no mutant: {id}");
    }
}

#[test]
fn the_valid_examples_have_no_error_in_any_order_of_their_keys() {
    let work = Folder::new("bases");
    let mut files = Vec::new();
    for (name, base) in bases() {
        let name = file_name(&name);
        files.push(work.write(&format!("{name}.json"), base.to_string()));
        for seed in 1..=3 {
            files.push(work.write(&format!("{name}.{seed}.json"), mutation::shuffled(&base, seed).to_string()));
        }
    }
    let reports = validate(&files);
    let mut failures = Vec::new();
    for (file, report) in &reports {
        failures
            .extend(report.errors().map(|issue| format!("{}: {}", file.file_name().unwrap().display(), issue.brief())));
    }
    assert!(failures.is_empty(), "{} false errors:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn the_mutants_are_killed_by_the_issue_expected_of_each() {
    let (bases, mutants, survivors) = (bases(), mutants(), survivors());
    let work = Folder::new("mutants");
    let files: Vec<PathBuf> = mutants
        .iter()
        .map(|mutant| work.write(&format!("{}.json", mutant.id), mutant.apply(&bases[&mutant.base]).unwrap()))
        .collect();
    let valid = |name: &str| work.path().join(format!("{}.json", file_name(name)));
    let written = bases.iter().map(|(name, base)| work.write(&format!("{}.json", file_name(name)), base.to_string()));
    let reports = validate(&files.iter().cloned().chain(written).collect::<Vec<_>>());
    let (mut tally, mut failures) = (Tally::default(), Vec::new());
    for (mutant, file) in mutants.iter().zip(&files) {
        let verdict = reports[file].verdict(mutant, &reports[&valid(&mutant.base)]);
        tally.count(&mutant.id, verdict);
        match (verdict, survivors.get(&mutant.id)) {
            (Verdict::Expected, None) => {}
            (Verdict::Expected, Some(_)) => failures.push(format!("{}: is killed now; strike it", mutant.id)),
            (_, Some((listed, _))) if listed == verdict.name() => {}
            (_, Some((listed, _))) => {
                failures.push(format!("{}: is {}, listed as {listed}", mutant.id, verdict.name()))
            }
            (_, None) => failures.push(format!("{} {}: {}", mutant.id, verdict.name(), reports[file].against(mutant))),
        }
    }
    if let Ok(path) = std::env::var("MUTANTS_REPORT") {
        std::fs::write(path, format!("{tally}\n{}\n", failures.join("\n"))).unwrap();
    }
    if let Ok(folder) = std::env::var("MUTANTS_FOLDER") {
        for path in listing(work.path()) {
            std::fs::copy(&path, Path::new(&folder).join(path.file_name().unwrap())).unwrap();
        }
    }
    assert!(tally.expected() * 100 >= mutants.len() * EXPECTED, "{tally}\n{}", failures.join("\n"));
    assert!(failures.is_empty(), "{} not in survivors.tsv, or wrongly:\n{}", failures.len(), failures.join("\n"));
}

/// Verdicts per family.
#[derive(Default)]
struct Tally(BTreeMap<String, [usize; 3]>);

impl Tally {
    fn count(&mut self, id: &str, verdict: Verdict) {
        let family = id.rsplit_once('-').unwrap().0.to_owned();
        self.0.entry(family).or_default()[verdict as usize] += 1;
    }

    fn expected(&self) -> usize {
        self.0.values().map(|counts| counts[0]).sum()
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut sum = [0; 3];
        for (family, counts) in &self.0 {
            let [expected, another, survived] = counts;
            writeln!(out, "{family:<20} {expected:>5} as expected {another:>5} by another {survived:>5} survived")?;
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        let [expected, another, survived] = sum;
        write!(out, "{:<20} {expected:>5} as expected {another:>5} by another {survived:>5} survived", "all")
    }
}
