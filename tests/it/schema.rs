//! The JSON Schemas against the walker: never stricter, and weaker only where the generator says so.

mod change;
mod corpus;
mod cover;
mod export;
mod primitives;

use std::collections::{BTreeMap, BTreeSet};

use impress_gateway::domain::issue::{Issue, Severity};
use impress_gateway::profiles::form::Form;
use impress_gateway::profiles::gate::{Gate, unexplained};
use impress_gateway::profiles::schema::{self, Rule, Schema};
use impress_gateway::profiles::walk::Validator;
use serde_json::Value;

use change::{Draw, Pool, changed};
use corpus::{Case, corpus};
use cover::Cover;

const OURS: &str = "https://impress-gateway.example/fhir/StructureDefinition/";

fn engine(document: &Value) -> jsonschema::Validator {
    jsonschema::options().with_pattern_options(jsonschema::PatternOptions::regex()).build(document).unwrap()
}

fn errors(validator: &Validator, value: &Value, profiles: &[&str]) -> Vec<Issue> {
    let issues = validator.validate(value, profiles);
    issues.into_iter().filter(|issue| issue.code.severity() >= Severity::Error).collect()
}

/// Profiles of ours for resources.
fn ours(form: &Form) -> BTreeSet<String> {
    let is_ours = |(url, profile): &(&String, &impress_gateway::profiles::form::ProfileDef)| {
        url.starts_with(OURS) && profile.type_name != "Extension"
    };
    form.profiles.iter().filter(is_ours).map(|(url, _)| url.clone()).collect()
}

/// A schema with its engine.
struct Checked {
    schema: Schema,
    engine: jsonschema::Validator,
    accepted: usize,
    refused: usize,
}

impl Checked {
    fn new(schema: Schema) -> Self {
        Self { engine: engine(&schema.document), schema, accepted: 0, refused: 0 }
    }

    /// What is wrong with the verdict on a value in which the walker found these errors.
    fn compare(&mut self, form: &Form, value: &Value, errors: &[Issue], own: &BTreeSet<String>) -> Vec<String> {
        if !self.engine.is_valid(value) {
            self.refused += 1;
            if errors.is_empty() {
                let faults = self.engine.iter_errors(value).take(3);
                return faults.map(|fault| format!("stricter: {} {fault:.300}", fault.instance_path())).collect();
            }
            return Vec::new();
        }
        self.accepted += 1;
        let cover = Cover { form, value, schema: &self.schema, own };
        errors.iter().filter(|error| !cover.lists(error)).map(|error| format!("weaker, not listed: {error}")).collect()
    }
}

fn report(failures: &[String]) -> String {
    let shown: Vec<&str> = failures.iter().take(40).map(String::as_str).collect();
    format!("{} disagreements:\n{}", failures.len(), shown.join("\n"))
}

#[test]
fn the_gate_is_never_stricter_than_the_walker_and_weaker_only_where_it_says_so() {
    let validator = Validator::embedded().unwrap();
    let form = validator.form();
    let gate = Gate::new(form);
    let mut schemas: BTreeMap<String, Checked> = BTreeMap::new();
    let mut failures = Vec::new();
    for case in corpus() {
        let Case { name, value } = &case;
        let errors = errors(&validator, value, &[]);
        let found = gate.check(value);
        assert_eq!(gate.admits(value), found.is_empty(), "{name}: {found:?}");
        // What the gate finds the walker says in its own words: nothing is told twice, nothing is left over.
        for issue in unexplained(&errors, found) {
            failures.push(format!("{name}: the walker does not say: {issue}"));
        }
        let type_name = value["resourceType"].as_str().unwrap_or_default();
        if !form.types.contains_key(type_name) {
            continue;
        }
        let make = || Checked::new(schema::resource(form, type_name).unwrap());
        let checked = schemas.entry(type_name.to_owned()).or_insert_with(make);
        let problems = checked.compare(form, value, &errors, &BTreeSet::new());
        failures.extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
    }
    assert!(schemas.len() >= 10 && schemas.values().any(|checked| checked.refused > 100), "the corpus is too small");
    assert!(failures.is_empty(), "{}", report(&failures));
}

#[test]
fn the_schemas_of_profiles_agree_with_the_walker() {
    let validator = Validator::embedded().unwrap();
    let form = validator.form();
    let mut schemas: BTreeMap<String, Checked> = BTreeMap::new();
    let mut failures = Vec::new();
    for Case { name, value } in corpus() {
        let claims = value.pointer("/meta/profile").and_then(Value::as_array).into_iter().flatten();
        for url in claims.filter_map(Value::as_str).filter(|url| form.profiles.contains_key(*url)) {
            let errors = errors(&validator, &value, &[]);
            let make = || Checked::new(schema::profile(form, url, &BTreeSet::new(), Default::default()).unwrap());
            let checked = schemas.entry(url.to_owned()).or_insert_with(make);
            let own = BTreeSet::from([url.to_owned()]);
            let problems = checked.compare(form, &value, &errors, &own);
            failures.extend(problems.into_iter().map(|problem| format!("{name} {url}: {problem}")));
        }
    }
    for url in ours(form) {
        let checked = &schemas[&url];
        assert!(checked.accepted >= 2 && checked.refused >= 1, "{url}: {} {}", checked.accepted, checked.refused);
    }
    assert!(failures.is_empty(), "{}", report(&failures));
}

#[test]
fn the_schema_of_any_resource_agrees_with_the_walker() {
    let validator = Validator::embedded().unwrap();
    let form = validator.form();
    let own = ours(form);
    let mut checked = Checked::new(schema::claims(form, &own, Default::default()));
    let mut failures = Vec::new();
    for Case { name, value } in corpus() {
        let errors = errors(&validator, &value, &[]);
        let problems = checked.compare(form, &value, &errors, &own);
        failures.extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
    }
    assert!(checked.accepted > 300 && checked.refused > 300, "{} {}", checked.accepted, checked.refused);
    assert!(failures.is_empty(), "{}", report(&failures));
}

/// Seeds of one run; `SCHEMA_SEEDS=FROM..TO` runs others.
fn seeds() -> std::ops::Range<u64> {
    let Ok(range) = std::env::var("SCHEMA_SEEDS") else { return 0..3_000 };
    let (from, to) = range.split_once("..").unwrap();
    from.parse().unwrap()..to.parse().unwrap()
}

#[test]
fn changed_resources_get_the_same_verdict_from_schema_and_walker() {
    let validator = Validator::embedded().unwrap();
    let form = validator.form();
    let own: BTreeSet<String> = form
        .profiles
        .iter()
        .filter(|(url, profile)| {
            (url.starts_with(OURS) || url.contains("genomics")) && profile.type_name != "Extension"
        })
        .map(|(url, _)| url.clone())
        .collect();
    let mut checked = Checked::new(schema::claims(form, &own, Default::default()));
    let gate = Gate::new(form);
    let small = |case: &Case| case.value["resourceType"] != "Bundle" && !case.name.starts_with("mutant");
    let cases: Vec<Case> = corpus().into_iter().filter(small).collect();
    let pool = Pool::new(cases.iter().map(|case| &case.value));
    let mut failures = Vec::new();
    for seed in seeds() {
        let case = &cases[usize::try_from(seed).unwrap() % cases.len()];
        let value = changed(&case.value, &pool, &mut Draw(seed));
        let errors = errors(&validator, &value, &[]);
        let problems = checked.compare(form, &value, &errors, &own);
        failures.extend(problems.into_iter().map(|problem| format!("seed {seed} of {}: {problem}", case.name)));
        if errors.is_empty() && !gate.admits(&value) {
            failures.push(format!("seed {seed} of {}: the gate is stricter", case.name));
        }
    }
    assert!(checked.accepted > 300 && checked.refused > 1_000, "{} {}", checked.accepted, checked.refused);
    assert!(failures.is_empty(), "{}", report(&failures));
}

#[test]
fn every_kind_of_rule_that_is_left_out_has_a_name_and_a_meaning() {
    let names: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.as_str()).collect();
    assert_eq!(names.len(), Rule::ALL.len());
    assert!(Rule::ALL.iter().all(|rule| rule.meaning().ends_with('.')));
}
