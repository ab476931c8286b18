//! Validation of each main type of resource, everything loaded before: `cargo bench --bench validate`.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a bench that cannot set itself up has nothing to measure"
)]

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use impress_gateway::profiles::walk::Validator;
use serde_json::Value;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

/// A golden Bundle with a resource of each kind.
const BUNDLE: &str = include_str!("../tests/golden/tso500/localapp-dna-rna/expected.bundle.json");

/// The first resource of the Bundle that claims a profile whose URL ends so.
fn resource(profile: &str) -> String {
    let bundle: Value = serde_json::from_str(BUNDLE).unwrap();
    let claims = |resource: &&Value| resource["meta"]["profile"].to_string().contains(&format!("/{profile}\""));
    let mut resources = bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
    resources.find(claims).unwrap().to_string()
}

/// A resource as JSON text, as the pipeline has it: reading it is part of the figure.
#[divan::bench(args = ["ImpressVariant", "ImpressFusion", "ImpressBiomarker", "ImpressGenomicReport", "ImpressGenomicStudy", "ImpressLabPatient"])]
fn text(bencher: Bencher<'_, '_>, profile: &str) {
    let (validator, text) = (Validator::embedded().unwrap(), resource(profile));
    bencher.counter(BytesCount::new(text.len())).bench(|| validator.validate_text(&text, &[]));
}

/// A resource that is a `serde_json::Value` already, as at the doors for untrusted bodies.
#[divan::bench(args = ["ImpressVariant", "ImpressGenomicReport", "ImpressLabPatient"])]
fn value(bencher: Bencher<'_, '_>, profile: &str) {
    let validator = Validator::embedded().unwrap();
    let value: Value = serde_json::from_str(&resource(profile)).unwrap();
    bencher.bench(|| validator.validate(&value, &[]));
}

/// A whole Bundle with the references between its entries, as JSON text.
#[divan::bench]
fn whole_bundle(bencher: Bencher<'_, '_>) {
    let (validator, text) = (Validator::embedded().unwrap(), BUNDLE);
    let value: Value = serde_json::from_str(text).unwrap();
    let entries = value["entry"].as_array().map_or(0, Vec::len);
    bencher.counter(ItemsCount::new(entries)).bench(|| validator.validate_text(text, &[]));
}

/// The embedded profiles, as at every start.
#[divan::bench]
fn load() -> Validator {
    Validator::embedded().unwrap()
}
