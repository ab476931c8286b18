//! What each face sees of a genomic resource that came with a referral.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Genomic, coding_is};
use crate::domain::ids::Identity;
use crate::fhir::public_code::is_public;
use crate::fhir::systems::{GENOMIC_SOURCE_CLASS, SOMATIC, VARIANT};

/// Elements of the pseudonymous face: codes, values, components, links.
const ALLOWED: [&str; 22] = [
    "resourceType",
    "status",
    "category",
    "code",
    "type",
    "subject",
    "specimen",
    "method",
    "interpretation",
    "dataAbsentReason",
    "component",
    "derivedFrom",
    "hasMember",
    "result",
    "valueCodeableConcept",
    "valueQuantity",
    "valueInteger",
    "valueBoolean",
    "valueRange",
    "valueRatio",
    "valueString",
    "coding",
];
/// Elements inside those.
const ALLOWED_INSIDE: [&str; 10] =
    ["system", "value", "comparator", "low", "high", "numerator", "denominator", "reference", "code", "coding"];

/// The resource as the care chain sees it: everything that was sent, with the ids and references of the gateway. `id` gives
/// the id of a resource from its type and identity. A reference to what is not carried keeps its text alone.
pub fn identified(genomic: &Genomic, id: &dyn Fn(&str, &Identity) -> String) -> Value {
    let mut resource = genomic.resource.clone();
    if let Some(object) = resource.as_object_mut() {
        object.shift_remove("text");
        frame(object, genomic, id);
    }
    relink(&mut resource, genomic, id);
    resource
}

/// The resources as the trial sees them: an allow-list of coded elements, and of variants only those that are said to be
/// somatic. What is derived from a withheld result is withheld too.
pub fn pseudonymous(all: &[Genomic], id: &dyn Fn(&str, &Identity) -> String) -> Vec<(Identity, Value)> {
    let mut withheld: BTreeSet<usize> = BTreeSet::new();
    loop {
        let is_new = |(at, genomic): &(usize, &Genomic)| {
            let leads_there = |name: &str| {
                let list = genomic.resource.get(name).and_then(Value::as_array).into_iter().flatten();
                list.filter_map(|it| link(it, genomic)).any(|(_, _, target)| {
                    all.iter().position(|other| other.identity == *target).is_some_and(|at| withheld.contains(&at))
                })
            };
            !withheld.contains(at) && (is_restricted(genomic) || leads_there("derivedFrom") || leads_there("hasMember"))
        };
        let more: Vec<usize> = all.iter().enumerate().filter(is_new).map(|(at, _)| at).collect();
        if more.is_empty() {
            break;
        }
        withheld.extend(more);
    }
    let seen = |identity: &Identity| {
        all.iter().enumerate().any(|(at, it)| it.identity == *identity && !withheld.contains(&at))
    };
    let shown = all.iter().enumerate().filter(|(at, _)| !withheld.contains(at)).map(|(_, genomic)| genomic);
    shown.filter_map(|genomic| Some((genomic.identity.clone(), reduced(genomic, id, &seen)?))).collect()
}

/// A variant that nothing says is somatic, and what is neither a result nor its specimen.
fn is_restricted(genomic: &Genomic) -> bool {
    let codings = |value: &Value, pointer: &str| -> Vec<Value> {
        value.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let is_variant = codings(&genomic.resource, "/code/coding").iter().any(|coding| coding_is(coding, VARIANT));
    let components = genomic.resource.get("component").and_then(Value::as_array).into_iter().flatten();
    let sources: Vec<Value> = components
        .filter(|it| codings(it, "/code/coding").iter().any(|coding| coding_is(coding, GENOMIC_SOURCE_CLASS)))
        .flat_map(|it| codings(it, "/valueCodeableConcept/coding"))
        .collect();
    let is_somatic = !sources.is_empty() && sources.iter().all(|coding| coding_is(coding, SOMATIC));
    let is_result = matches!(genomic.kind.as_str(), "Observation" | "DiagnosticReport" | "Specimen");
    !is_result || ((is_variant || !sources.is_empty()) && !is_somatic)
}

fn reduced(
    genomic: &Genomic,
    id: &dyn Fn(&str, &Identity) -> String,
    seen: &dyn Fn(&Identity) -> bool,
) -> Option<Value> {
    let mut resource = Map::new();
    for (name, value) in genomic.resource.as_object()? {
        if ALLOWED.contains(&name.as_str())
            && let Some(value) = reduced_element(name, value)
        {
            resource.insert(name.clone(), value);
        }
    }
    for name in ["derivedFrom", "hasMember", "result"] {
        let Some(list) = resource.get_mut(name).and_then(Value::as_array_mut) else { continue };
        list.retain(|it| link(it, genomic).is_some_and(|(_, _, target)| seen(target)));
        if list.is_empty() {
            resource.shift_remove(name);
        }
    }
    frame(&mut resource, genomic, id);
    let mut resource = Value::Object(resource);
    relink(&mut resource, genomic, id);
    let has_code = resource.get("code").is_some() || genomic.kind == "Specimen";
    has_code.then_some(resource)
}

/// An element with what is coded in it; none where nothing is left. Texts and displays are the sender's own words.
fn reduced_element(name: &str, value: &Value) -> Option<Value> {
    match value {
        Value::Array(list) => {
            let list: Vec<Value> = list.iter().filter_map(|inner| reduced_element(name, inner)).collect();
            (!list.is_empty()).then_some(Value::Array(list))
        }
        Value::Object(object) if is_private(object) => None,
        Value::Object(object) => {
            let is_kept = |key: &str| {
                ALLOWED_INSIDE.contains(&key)
                    || (name == "component" && (key.starts_with("value") || key == "dataAbsentReason"))
            };
            let inner = object.iter().filter(|(key, _)| is_kept(key));
            let inner: Map<String, Value> =
                inner.filter_map(|(key, value)| Some((key.clone(), reduced_element(key, value)?))).collect();
            let is_whole = name != "component" || inner.keys().any(|key| key != "code");
            (!inner.is_empty() && is_whole).then_some(Value::Object(inner))
        }
        Value::String(text) if name == "reference" => (!text.starts_with('#')).then(|| value.clone()),
        Value::String(text) if name == "valueString" => is_allele(text).then(|| value.clone()),
        _ => Some(value.clone()),
    }
}

/// A code of a system of somebody's own, which can say anything; a quantity whose unit is a text alone, since the number
/// without its unit would be another.
fn is_private(object: &Map<String, Value>) -> bool {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    match (text("system"), text("code"), text("unit")) {
        (_, None, Some(_)) => true,
        (system, Some(code), _) => !system.is_some_and(|system| is_public(system, code)),
        _ => false,
    }
}

/// Bases, as in the alleles of a variant: the only texts that are no words.
fn is_allele(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| b"ACGTUNacgtun-".contains(&byte))
}

/// Id and profiles.
fn frame(object: &mut Map<String, Value>, genomic: &Genomic, id: &dyn Fn(&str, &Identity) -> String) {
    object.insert("id".to_owned(), json!(id(&genomic.kind, &genomic.identity)));
    match genomic.resource.pointer("/meta/profile") {
        Some(profiles) => object.insert("meta".to_owned(), json!({"profile": profiles})),
        None => object.shift_remove("meta"),
    };
}

fn link<'g>(reference: &Value, genomic: &'g Genomic) -> Option<&'g (String, String, Identity)> {
    let text = reference.get("reference")?.as_str()?;
    genomic.links.iter().find(|(known, _, _)| known == text)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

/// References to what is carried, by the ids of the gateway; others lose their address, and what is then empty goes.
fn relink(value: &mut Value, genomic: &Genomic, id: &dyn Fn(&str, &Identity) -> String) {
    match value {
        Value::Object(object) => {
            let text = object.get("reference").and_then(Value::as_str).map(str::to_owned);
            if let Some(text) = text.filter(|text| !text.starts_with('#')) {
                match genomic.links.iter().find(|(known, _, _)| *known == text) {
                    Some((_, kind, identity)) => {
                        object.insert("reference".to_owned(), json!(format!("urn:uuid:{}", id(kind, identity))));
                    }
                    None => {
                        object.shift_remove("reference");
                    }
                }
            }
            object.values_mut().for_each(|inner| relink(inner, genomic, id));
            object.retain(|_, inner| !is_empty(inner));
        }
        Value::Array(list) => {
            list.iter_mut().for_each(|inner| relink(inner, genomic, id));
            list.retain(|inner| !is_empty(inner));
        }
        _ => {}
    }
}
