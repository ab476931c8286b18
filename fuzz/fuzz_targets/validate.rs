//! Any JSON as a resource: no panic, at most 100 issues of each resource, each with its place, and the same twice.
//!
//! The first byte chooses a profile that is asked for beside those that the resource claims.
#![no_main]

use std::sync::LazyLock;

use impress_gateway::fhir::json::{JsonLimits, read};
use impress_gateway::profiles::walk::Validator;
use libfuzzer_sys::fuzz_target;

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| Validator::embedded().expect("the embedded packages are read"));
static PROFILES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| VALIDATOR.form().profiles.keys().map(String::as_str).collect());

fuzz_target!(|data: &[u8]| {
    let Some((choice, body)) = data.split_first() else { return };
    let Ok(resource) = read(body, &JsonLimits::default()) else { return };
    let asked: Vec<&str> = PROFILES.get(usize::from(*choice) * 2).copied().into_iter().collect();
    let issues = VALIDATOR.validate_each(&resource, &asked);
    let resources = 1 + body.windows(14).filter(|window| window == b"\"resourceType\"").count();
    assert!(issues.len() <= 101 * (resources + 1), "{} issues of {resources} resources", issues.len());
    assert!(issues.iter().all(|issue| issue.location.path.is_some()), "an issue without place");
    assert_eq!(issues, VALIDATOR.validate_each(&resource, &asked), "the same twice");
});
