//! What the tables of the walker must not change.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::slices::Slices;
use super::*;
use crate::fhir::bundle::{Transaction, TransactionWriter};

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| Validator::embedded().unwrap());

const VARIANT: &str = "https://impress-gateway.example/fhir/StructureDefinition/ImpressVariant";

/// A golden Bundle.
fn small_bundle() -> Json {
    let text = include_str!("../../../tests/golden/tso500/two-patients/expected.IPD9007.bundle.json");
    serde_json::from_str(text).unwrap()
}

/// The first entry of a type.
fn position(bundle: &Json, type_name: &str) -> usize {
    let entries = bundle["entry"].as_array().unwrap();
    entries.iter().position(|entry| entry["resource"]["resourceType"] == type_name).unwrap()
}

fn transaction<'a>(entries: impl Iterator<Item = (&'a str, String)>) -> Transaction {
    let mut writer = TransactionWriter::new();
    for (url, json) in entries {
        let (resource_type, id) = url.split_once('/').unwrap();
        writer.entry(resource_type, id, |text| {
            text.push_str(&json);
            Some(())
        });
    }
    writer.finish()
}

/// The issues of a Bundle as a whole and entry by entry.
fn both(bundle: &Json) -> (Vec<Issue>, Vec<Issue>) {
    let entries = bundle["entry"].as_array().unwrap().iter();
    let bundle =
        transaction(entries.map(|entry| (entry["request"]["url"].as_str().unwrap(), entry["resource"].to_string())));
    let mut by_entry = Vec::new();
    VALIDATOR.validate_entries(bundle.entries(), |issues| by_entry.extend(issues));
    let whole = VALIDATOR.validate(&serde_json::from_str(&bundle.into_text()).unwrap(), &[]);
    let sorted = |mut issues: Vec<Issue>| {
        issues.sort_by(|a, b| (&a.location, a.code, &a.text).cmp(&(&b.location, b.code, &b.text)));
        issues
    };
    (sorted(whole), sorted(by_entry))
}

#[test]
fn entries_are_judged_as_in_the_whole_bundle() {
    let good = small_bundle();
    let (whole, by_entry) = both(&good);
    assert_eq!(whole, by_entry);
    assert!(whole.iter().all(|issue| issue.code.severity() < crate::domain::issue::Severity::Error), "{whole:?}");
    let mut faults = 0;
    for (number, entry) in good["entry"].as_array().unwrap().iter().enumerate() {
        for name in entry["resource"].as_object().unwrap().keys().filter(|name| *name != "resourceType") {
            let mut bundle = good.clone();
            bundle["entry"][number]["resource"].as_object_mut().unwrap().remove(name);
            let (whole, by_entry) = both(&bundle);
            assert_eq!(whole, by_entry, "entry {number} without {name}");
            faults += usize::from(!whole.is_empty());
        }
    }
    assert!(faults > 20, "{faults}");
}

/// A reference may lead to a resource that meets its profile without saying so, to one that does not, and around in a circle.
#[test]
fn targets_that_claim_no_profile_are_read() {
    let mut good = small_bundle();
    // Not those of the observations, which are part of a genomic study.
    for type_name in ["Procedure", "Patient", "Specimen"] {
        let number = position(&good, type_name);
        good["entry"][number]["resource"].as_object_mut().unwrap().remove("meta");
    }
    let (whole, by_entry) = both(&good);
    assert_eq!(whole, by_entry);
    let unmet = |issues: &[Issue]| issues.iter().any(|issue| issue.code == IssueCode::ReferenceTarget);
    assert!(!unmet(&whole), "{whole:?}");

    let mut bad = good.clone();
    for entry in bad["entry"].as_array_mut().unwrap() {
        if entry["resource"]["resourceType"] == "Procedure" {
            entry["resource"].as_object_mut().unwrap().remove("category");
        }
    }
    let (whole, by_entry) = both(&bad);
    assert_eq!(whole, by_entry);
    assert!(unmet(&whole), "{whole:?}");
}

#[test]
fn references_of_every_form_are_followed() {
    let good = small_bundle();
    let number = position(&good, "Specimen");
    let of = |type_name: &str| good["entry"][position(&good, type_name)]["request"]["url"].as_str().unwrap().to_owned();
    for (reference, code) in [
        ("urn:uuid:00000000-0000-4000-8000-000000000000".to_owned(), Some(IssueCode::ReferenceUnresolved)),
        ("#gone".to_owned(), Some(IssueCode::ReferenceUnresolved)),
        (of("Patient"), None),
        (of("Organization"), Some(IssueCode::ReferenceTarget)),
        (of("Organization").replace("Organization", "Patient"), None),
        ("https://example.org/fhir/Organization/1".to_owned(), Some(IssueCode::ReferenceTarget)),
    ] {
        let mut bundle = good.clone();
        bundle["entry"][number]["resource"]["subject"]["reference"] = json!(reference);
        let (whole, by_entry) = both(&bundle);
        assert_eq!(whole, by_entry, "{reference}");
        let found: Vec<IssueCode> = whole.iter().map(|issue| issue.code).collect();
        assert!(code.is_none_or(|code| found.contains(&code)), "{reference}: {found:?}");
    }
}

#[test]
fn a_text_that_is_no_json_is_named_by_its_entry() {
    let bundle = transaction([("Patient/1", "{".to_owned())].into_iter());
    let mut found = Vec::new();
    VALIDATOR.validate_entries(bundle.entries(), |issues| found.extend(issues));
    let places: Vec<_> = found.iter().map(|issue| (issue.code, issue.location.path.as_deref())).collect();
    assert_eq!(places, [(IssueCode::JsonInvalid, Some("Bundle.entry[0]"))]);
    assert_eq!(VALIDATOR.validate_text("{", &[])[0].code, IssueCode::JsonInvalid);
}

#[test]
fn a_property_is_found_wherever_the_search_begins() {
    for name in ["Observation", "Extension", "Bundle", "Coding", "string"] {
        let shape = VALIDATOR.model.shape(VALIDATOR.model.type_of(name).unwrap().shape).unwrap();
        let names = shape.property_names();
        assert!(!names.is_empty());
        for start in 0..names.len() {
            for property in &names {
                let of = |mut next: usize| shape.property(property, &mut next).map(|(number, ..)| number);
                assert!(of(0).is_some());
                assert_eq!(of(start), of(0), "{name}.{property}");
            }
            assert!(shape.property("no such element", &mut { start }).is_none());
        }
    }
}

/// The slices of the components of a variant, with and without the index.
static SLICES: LazyLock<(&Slices, &Slices)> = LazyLock::new(|| {
    let component = |root: &'static demand::Demand| {
        root.children.iter().find(|child| child.definition.name == "component").and_then(|child| child.slices.as_ref())
    };
    let indexed = component(&VALIDATOR.model.profile_of(VARIANT).unwrap().root).unwrap();
    let profile = &VALIDATOR.form.profiles[VARIANT];
    let definition = profile.root.children.iter().find(|child| child.name == "component").unwrap();
    let compiler = demand::Compiler { form: &VALIDATOR.form, model: &VALIDATOR.model };
    let plain = Slices { codes: None, ..Slices::new(&compiler, "component", definition.slicing.as_ref().unwrap()) };
    (indexed, Box::leak(Box::new(plain)))
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_index_of_codes_finds_the_slice_that_trying_each_finds(
        codes in proptest::collection::vec((0..4_usize, 0..40_usize), 0..4),
        form in 0..4_usize,
    ) {
        let (indexed, plain) = *SLICES;
        prop_assert!(indexed.codes.is_some() && indexed.slices.len() > 20);
        let all: Vec<Json> = VALIDATOR.form.profiles[VARIANT].root.children.iter()
            .filter(|child| child.name == "component").flat_map(|child| &child.slicing.as_ref().unwrap().slices)
            .map(|slice| match &slice.matches[0].rule {
                crate::profiles::form::MatchRule::Pattern(pattern) => pattern["coding"][0].clone(),
                other => panic!("{other:?}"),
            }).collect();
        let codings: Vec<Json> = codes.iter().map(|(kind, number)| {
            let mut coding = all[number % all.len()].clone();
            match kind {
                0 => coding["system"] = json!("http://example.org"),
                1 => coding["display"] = json!("a display"),
                2 => {}
                _ => coding["code"] = json!("none"),
            }
            coding
        }).collect();
        let component = match form {
            0 => json!({"valueString": "x"}),
            1 => json!({"code": [{"coding": codings}]}),
            2 => json!({"code": [[{"coding": codings}]]}),
            _ => json!({"code": {"coding": codings}}),
        };
        let value = Value::from(&component);
        let occurrence = overlay::Occurrence { value: Some(&value), sibling: None, type_name: "BackboneElement", index: None };
        let mut walk = Walk::new(&VALIDATOR, "Observation", Scope::new(&value, None));
        prop_assert_eq!(walk.slice_of(indexed, occurrence), walk.slice_of(plain, occurrence));
    }
}
