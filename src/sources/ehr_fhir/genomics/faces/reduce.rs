//! One resource, reduced to what is coded in it: every element by its type, so that nothing passes because of its name alone.

use serde_json::{Map, Value, json};

use crate::fhir::public_code::is_public;
use crate::fhir::systems::{ALTERNATIVE_ALLELE, GENOMICS_REPORTING, REFERENCE_ALLELE};
use crate::sources::ehr_fhir::genomics::coding_is;

/// Profiles of Genomics Reporting 3.0.0 that a resource may claim.
const PROFILES: [&str; 12] = [
    "diagnostic-implication",
    "finding",
    "genomic-base",
    "genomic-report",
    "genotype",
    "haplotype",
    "implication",
    "molecular-biomarker",
    "molecular-consequence",
    "sequence-phase-relationship",
    "therapeutic-implication",
    "variant",
];
/// Status of an Observation, a DiagnosticReport, a Specimen.
const STATUS: [&str; 13] = [
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "partial",
    "appended",
    "cancelled",
    "available",
    "unavailable",
    "unsatisfactory",
    "entered-in-error",
    "unknown",
];
/// Most digits before the decimal point: a position in the genome has nine, a national number eleven.
const MAX_INTEGER_DIGITS: usize = 9;
/// Longest number, in characters.
const MAX_NUMBER: usize = 20;

/// An element of the resource; none where it is not shown, or nothing is left of it.
pub(super) fn element(name: &str, value: &Value) -> Option<Value> {
    match name {
        "status" => value.as_str().filter(|status| STATUS.contains(status)).map(|status| json!(status)),
        "category" | "interpretation" | "code" | "type" | "method" => one_or_all(value, &concept),
        "subject" | "specimen" | "derivedFrom" | "hasMember" | "result" => one_or_all(value, &reference),
        "component" => one_or_all(value, &component),
        _ => content(name, value),
    }
}

/// The profiles that are published; none where there are no such.
pub(super) fn profiles(claimed: &Value) -> Option<Value> {
    let is_known = |url: &str| {
        let name = url.strip_prefix(GENOMICS_REPORTING).and_then(|rest| rest.strip_prefix("StructureDefinition/"));
        name.is_some_and(|name| PROFILES.contains(&name.strip_suffix("|3.0.0").unwrap_or(name)))
    };
    let known: Vec<&str> = claimed.as_array()?.iter().filter_map(Value::as_str).filter(|url| is_known(url)).collect();
    (!known.is_empty()).then(|| json!(known))
}

/// A value of an Observation or of a component; a text is none.
fn content(name: &str, value: &Value) -> Option<Value> {
    match name {
        "valueCodeableConcept" | "dataAbsentReason" => concept(value),
        "valueQuantity" => quantity(value),
        "valueRange" => pair(value, ["low", "high"]),
        "valueRatio" => pair(value, ["numerator", "denominator"]),
        "valueInteger" => number(value),
        "valueBoolean" => value.as_bool().map(|value| json!(value)),
        _ => None,
    }
}

fn one_or_all(value: &Value, reduce: &dyn Fn(&Value) -> Option<Value>) -> Option<Value> {
    let Some(list) = value.as_array() else { return reduce(value) };
    let list: Vec<Value> = list.iter().filter_map(reduce).collect();
    (!list.is_empty()).then_some(Value::Array(list))
}

/// The public codings of a concept, each without its text.
fn concept(value: &Value) -> Option<Value> {
    let coding = |coding: &Value| {
        let text = |name: &str| coding.get(name).and_then(Value::as_str);
        let (system, code) = (text("system")?, text("code")?);
        is_public(system, code).then(|| json!({"system": system, "code": code}))
    };
    let codings: Vec<Value> = value.get("coding")?.as_array()?.iter().filter_map(coding).collect();
    (!codings.is_empty()).then(|| json!({"coding": codings}))
}

/// A reference, for the gateway to write its own in its place.
fn reference(value: &Value) -> Option<Value> {
    let text = value.get("reference")?.as_str().filter(|text| !text.starts_with('#'))?;
    Some(json!({"reference": text}))
}

/// A component whose code is public and which says something.
fn component(value: &Value) -> Option<Value> {
    let code = concept(value.get("code")?)?;
    let is_allele = code.get("coding").and_then(Value::as_array).is_some_and(|codings| {
        codings.iter().any(|it| coding_is(it, REFERENCE_ALLELE) || coding_is(it, ALTERNATIVE_ALLELE))
    });
    let mut reduced = Map::from_iter([("code".to_owned(), code)]);
    for (name, value) in value.as_object()? {
        let value = match name.as_str() {
            "valueString" => value.as_str().filter(|text| is_allele && is_bases(text)).map(|text| json!(text)),
            name => content(name, value),
        };
        reduced.extend(value.map(|value| (name.clone(), value)));
    }
    (reduced.len() > 1).then_some(Value::Object(reduced))
}

/// The bases of an allele. Without `N` and `U`, and in capitals: few names are written with the four letters that are left.
fn is_bases(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| b"ACGT".contains(&byte))
}

/// A number with a public unit, or without one. A unit in words would be lost, and the number without it another.
fn quantity(value: &Value) -> Option<Value> {
    const COMPARATORS: [&str; 4] = ["<", "<=", ">=", ">"];
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let mut reduced = Map::from_iter([("value".to_owned(), number(value.get("value")?)?)]);
    if let Some(comparator) = text("comparator") {
        reduced.insert("comparator".to_owned(), json!(COMPARATORS.iter().find(|known| **known == comparator)?));
    }
    match (text("system"), text("code"), text("unit")) {
        (Some(system), Some(code), _) if is_public(system, code) => {
            reduced.insert("system".to_owned(), json!(system));
            reduced.insert("code".to_owned(), json!(code));
        }
        (_, None, None) => {}
        _ => return None,
    }
    Some(Value::Object(reduced))
}

/// Two quantities; where one of them is not shown, the other alone would say something else.
fn pair(value: &Value, names: [&str; 2]) -> Option<Value> {
    let mut reduced = Map::new();
    for name in names {
        if let Some(inner) = value.get(name) {
            reduced.insert(name.to_owned(), quantity(inner)?);
        }
    }
    (!reduced.is_empty()).then_some(Value::Object(reduced))
}

/// A number that cannot be that of a person.
fn number(value: &Value) -> Option<Value> {
    let text = value.as_number()?.to_string().to_ascii_lowercase();
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "-"));
    let integer = digits.split('.').next().unwrap_or_default().trim_start_matches('-');
    let is_short = integer.len() <= MAX_INTEGER_DIGITS && text.len() <= MAX_NUMBER && exponent.starts_with('-');
    is_short.then(|| value.clone())
}
