//! What each face sees of a genomic resource that came with a referral.

mod reduce;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Genomic, coding_is};
use crate::domain::ids::Identity;
use crate::fhir::systems::{GENOMIC_SOURCE_CLASS, SOMATIC, VARIANT};

/// Types of the resources that the trial sees.
const SHOWN: [&str; 3] = ["Observation", "DiagnosticReport", "Specimen"];

/// The resource as the care chain sees it: everything that was sent, with the ids and references of the gateway. `id` gives
/// the id of a resource from its type and identity. A reference to what is not carried keeps its text alone.
pub fn identified(genomic: &Genomic, id: &dyn Fn(&str, &Identity) -> String) -> Value {
    let mut resource = genomic.resource.clone();
    if let Some(object) = resource.as_object_mut() {
        object.shift_remove("text");
        frame(object, genomic, genomic.resource.pointer("/meta/profile").cloned(), id);
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

/// A variant that nothing says is somatic, what is neither a result nor its specimen, and a result of which no public code says
/// what it is.
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
    let is_result = SHOWN.contains(&genomic.kind.as_str());
    let code = genomic.resource.get("code").and_then(|code| reduce::element("code", code));
    let has_code = code.is_some() || genomic.kind == "Specimen";
    !is_result || !has_code || ((is_variant || !sources.is_empty()) && !is_somatic)
}

fn reduced(
    genomic: &Genomic,
    id: &dyn Fn(&str, &Identity) -> String,
    seen: &dyn Fn(&Identity) -> bool,
) -> Option<Value> {
    let mut resource = Map::from_iter([("resourceType".to_owned(), json!(genomic.kind))]);
    for (name, value) in genomic.resource.as_object()? {
        resource.extend(reduce::element(name, value).map(|value| (name.clone(), value)));
    }
    for name in ["derivedFrom", "hasMember", "result"] {
        let Some(list) = resource.get_mut(name).and_then(Value::as_array_mut) else { continue };
        list.retain(|it| link(it, genomic).is_some_and(|(_, _, target)| seen(target)));
        if list.is_empty() {
            resource.shift_remove(name);
        }
    }
    let profiles = genomic.resource.pointer("/meta/profile").and_then(reduce::profiles);
    frame(&mut resource, genomic, profiles, id);
    let mut resource = Value::Object(resource);
    relink(&mut resource, genomic, id);
    Some(resource)
}

/// Id and profiles.
fn frame(
    object: &mut Map<String, Value>,
    genomic: &Genomic,
    profiles: Option<Value>,
    id: &dyn Fn(&str, &Identity) -> String,
) {
    object.insert("id".to_owned(), json!(id(&genomic.kind, &genomic.identity)));
    match profiles {
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
