//! What a destination sees of a report: an allow-list of elements over the whole graph, and no finding that is withheld.
//!
//! Resources are made with the ids of the face already; here they get the patient of the referral, and in the pseudonymous
//! face lose every element that is not on the list: what is not named is not shown.

mod rule;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::fhir::transaction::{Part, bundle_of, relate};

pub use rule::Rule;

/// Elements of every resource.
const ALWAYS: &[&str] = &["resourceType", "id", "meta", "status", "category", "code", "subject"];

/// Elements of a type that the trial may see. No free text, no notes, no ids of the sender's, no dates of the sample.
const SHOWN: &[(&str, &[&str])] = &[
    ("DiagnosticReport", &["extension", "issued", "performer", "specimen", "result"]),
    ("Procedure", &["extension", "partOf", "performer"]),
    (
        "Observation",
        &[
            "partOf",
            "performer",
            "specimen",
            "device",
            "method",
            "issued",
            "derivedFrom",
            "hasMember",
            "valueCodeableConcept",
            "valueQuantity",
            "valueBoolean",
            "valueInteger",
            "dataAbsentReason",
            "component",
            "interpretation",
        ],
    ),
    ("Specimen", &["type"]),
    ("Device", &["deviceName", "version"]),
    ("Organization", &["identifier", "name"]),
];

/// Members that hold free text wherever they stand.
const FREE_TEXT: &[&str] = &["note", "text", "valueString", "valueAnnotation", "comment", "conclusion"];

/// Profiles of the identified face: they demand ids or sentences of the laboratory, which the trial does not get.
const IDENTIFIED_PROFILES: &[&str] =
    &["/ImpressSpecimen", "/ImpressGenomicReport", "/ImpressGenomicStudy", "/ImpressGenomicStudyAnalysis"];

/// Extensions whose text is a sentence for a person.
const NOTE_EXTENSION: &str = "genomic-report-note";

/// A report for the identified face: its patient is that of the referral, who is on the receiver already.
pub fn identified(parts: Vec<Part>, patient: &str) -> String {
    finish(for_patient(parts, patient))
}

/// A report for the pseudonymous face, without the findings of `withheld` and what rests on them.
pub fn pseudonymous(parts: Vec<Part>, subject: &str, withheld: &BTreeSet<String>) -> String {
    let mut parts = without(parts, withheld);
    parts = for_patient(parts, subject);
    for part in &mut parts {
        show(part);
    }
    finish(parts)
}

fn finish(parts: Vec<Part>) -> String {
    bundle_of(&parts, |_| true)
}

/// The one function that rewrites subjects: the laboratory's patient becomes `Patient/<id>` of the referral.
fn for_patient(parts: Vec<Part>, patient: &str) -> Vec<Part> {
    let of_laboratory: BTreeSet<String> =
        parts.iter().filter(|part| part.kind == "Patient").map(|part| part.id.clone()).collect();
    let mut parts: Vec<Part> = parts.into_iter().filter(|part| part.kind != "Patient").collect();
    for part in &mut parts {
        relate(&mut part.resource, &|id| of_laboratory.contains(id).then(|| format!("Patient/{patient}")));
    }
    parts
}

/// Leaves out the findings, what is derived from them, and every reference to them.
fn without(parts: Vec<Part>, withheld: &BTreeSet<String>) -> Vec<Part> {
    let mut gone = withheld.clone();
    loop {
        let before = gone.len();
        for part in parts.iter().filter(|part| part.kind == "Observation") {
            let rests_on = part.resource.get("derivedFrom").and_then(Value::as_array);
            if rests_on.is_some_and(|items| items.iter().any(|item| refers(item, &gone))) {
                gone.insert(part.id.clone());
            }
        }
        if gone.len() == before {
            break;
        }
    }
    let mut kept: Vec<Part> = parts.into_iter().filter(|part| !gone.contains(&part.id)).collect();
    for part in &mut kept {
        prune(&mut part.resource, &gone);
    }
    kept
}

fn refers(item: &Value, ids: &BTreeSet<String>) -> bool {
    let reference = item.get("reference").and_then(Value::as_str);
    reference.and_then(|reference| reference.strip_prefix("urn:uuid:")).is_some_and(|id| ids.contains(id))
}

/// Removes items of lists that refer to what is gone; a list that is then empty goes as well (FHIR R4, section 2.6.2).
fn prune(value: &mut Value, gone: &BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|member| prune(member, gone));
            let empty: Vec<String> = members
                .iter()
                .filter(|(_, member)| member.as_array().is_some_and(Vec::is_empty))
                .map(|(name, _)| name.clone())
                .collect();
            for name in empty {
                members.shift_remove(&name);
            }
        }
        Value::Array(items) => {
            items.retain(|item| !refers(item, gone));
            items.iter_mut().for_each(|item| prune(item, gone));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn show(part: &mut Part) {
    let shown = SHOWN.iter().find(|(kind, _)| *kind == part.kind).map_or(&[][..], |(_, elements)| elements);
    let Value::Object(members) = &mut part.resource else { return };
    let all = std::mem::take(members);
    for (name, mut value) in all {
        if !ALWAYS.contains(&name.as_str()) && !shown.contains(&name.as_str()) {
            continue;
        }
        if name != "extension" || !drop_notes(&mut value) {
            silence(&mut value, true);
            match name.as_str() {
                "extension" => drop_void(&mut value),
                "component" => drop_silent(&mut value),
                _ => {}
            }
            if value.as_array().is_none_or(|items| !items.is_empty()) {
                members.insert(name, value);
            }
        }
    }
    let mut has_meta = true;
    if let Some(Value::Object(meta)) = members.get_mut("meta") {
        keep_only(meta, &["profile", "security"]);
        drop_profiles(meta);
        has_meta = !meta.is_empty();
    }
    if !has_meta {
        members.shift_remove("meta");
    }
}

fn drop_profiles(meta: &mut Map<String, Value>) {
    if let Some(Value::Array(profiles)) = meta.get_mut("profile") {
        profiles.retain(|url| {
            let url = url.as_str().unwrap_or_default();
            !IDENTIFIED_PROFILES.iter().any(|name| url.ends_with(name))
        });
        if profiles.is_empty() {
            meta.shift_remove("profile");
        }
    }
}

/// Removes extensions that are notes; whether none is left.
fn drop_notes(extensions: &mut Value) -> bool {
    let Value::Array(items) = extensions else { return true };
    items.retain(|item| {
        let url = item.get("url").and_then(Value::as_str).unwrap_or_default();
        !url.ends_with(NOTE_EXTENSION)
    });
    items.is_empty()
}

/// Removes extensions in which something has lost its value: what is left of them would say something else.
fn drop_void(extensions: &mut Value) {
    fn is_void(extension: &Value) -> bool {
        let Value::Object(members) = extension else { return true };
        match members.get("extension").and_then(Value::as_array) {
            Some(items) => items.is_empty() || items.iter().any(is_void),
            None => {
                !members.iter().any(|(name, value)| name.starts_with("value") && *value != Value::Object(Map::new()))
            }
        }
    }
    if let Value::Array(items) = extensions {
        items.retain(|item| !is_void(item));
    }
}

/// Removes free text. The text of a concept stays only where nothing else says what is meant: then it is the name of a gene,
/// a description in HGVS or a term, which the mapping made.
fn silence(value: &mut Value, is_concept: bool) {
    match value {
        Value::Object(members) => {
            let has_coding = members.contains_key("coding");
            members.retain(|name, value| {
                let is_text = FREE_TEXT.contains(&name.as_str());
                !is_text || (name == "text" && is_concept && !has_coding) || (name == "valueString" && is_locus(value))
            });
            members.values_mut().for_each(|member| silence(member, true));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| silence(item, is_concept)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Removes components that only had a text: they say nothing any more.
fn drop_silent(components: &mut Value) {
    let Value::Array(items) = components else { return };
    items.retain(|component| {
        component
            .as_object()
            .is_some_and(|members| members.keys().any(|name| name.starts_with("value") || name == "dataAbsentReason"))
    });
}

/// Whether a text can only be what a caller writes of a place in the genome: bases, a breakpoint (`chr2:29446394`), exons
/// (`14/28`), or how the origin was found out. Everything else may be words of a person.
fn is_locus(value: &Value) -> bool {
    let Some(text) = value.as_str() else { return false };
    let is_of = |text: &str, allowed: fn(char) -> bool| !text.is_empty() && text.chars().all(allowed);
    let is_breakpoint = || {
        text.split_once(':').is_some_and(|(chromosome, position)| {
            let name = chromosome.strip_prefix("chr").unwrap_or(chromosome);
            let is_name =
                matches!(name, "X" | "Y" | "M") || name.parse::<u8>().is_ok_and(|number| (1..=22).contains(&number));
            is_name && is_of(position, |c| c.is_ascii_digit())
        })
    };
    is_of(text, |c| matches!(c, 'A' | 'C' | 'G' | 'T'))
        || is_breakpoint()
        || text.split(['/', ',', '-']).all(|number| number.len() <= 3 && is_of(number, |c| c.is_ascii_digit()))
        || matches!(text, "database" | "proximity")
}

fn keep_only(members: &mut Map<String, Value>, names: &[&str]) {
    members.retain(|name, _| names.contains(&name.as_str()));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn part(resource: Value) -> Part {
        Part {
            kind: resource["resourceType"].as_str().unwrap().to_owned(),
            id: resource["id"].as_str().unwrap().to_owned(),
            resource,
        }
    }

    fn report() -> Vec<Part> {
        vec![
            part(json!({"resourceType": "Patient", "id": "lab", "identifier": [{"value": "IPD9001"}]})),
            part(json!({"resourceType": "DiagnosticReport", "id": "r", "status": "preliminary",
                "identifier": [{"value": "IPD9001-D01"}], "conclusion": "words",
                "extension": [{"url": "x/genomic-report-note", "valueAnnotation": {"text": "words"}}],
                "subject": {"reference": "urn:uuid:lab"},
                "result": [{"reference": "urn:uuid:germline"}, {"reference": "urn:uuid:somatic"},
                    {"reference": "urn:uuid:implication"}]})),
            part(json!({"resourceType": "Observation", "id": "germline", "subject": {"reference": "urn:uuid:lab"}})),
            part(json!({"resourceType": "Observation", "id": "implication",
                "derivedFrom": [{"reference": "urn:uuid:germline"}]})),
            part(json!({"resourceType": "Observation", "id": "somatic", "subject": {"reference": "urn:uuid:lab"},
                "note": [{"text": "words"}],
                "component": [{"code": {"text": "words"}, "valueString": "words"},
                    {"code": {"coding": [{"code": "48018-6"}], "text": "words"},
                        "valueCodeableConcept": {"coding": [{"code": "HGNC:1097"}], "text": "words"}}]})),
            part(json!({"resourceType": "Specimen", "id": "s", "note": [{"text": "words"}],
                "identifier": [{"value": "IPD9001-D01"}], "type": {"coding": [{"code": "TISS"}], "text": "words"}})),
        ]
    }

    #[test]
    fn a_withheld_finding_takes_what_rests_on_it_with_it() {
        let text = pseudonymous(report(), "subject", &["germline".to_owned()].into());
        assert!(!text.contains("germline") && !text.contains("implication"), "{text}");
        assert!(text.contains("urn:uuid:somatic"), "{text}");
    }

    #[test]
    fn the_trial_sees_no_words_and_no_ids_of_the_laboratory() {
        let text = pseudonymous(report(), "subject", &BTreeSet::new());
        assert!(!text.contains("words") && !text.contains("IPD9001"), "{text}");
        assert!(text.contains("HGNC:1097") && text.contains("TISS"), "{text}");
        assert!(text.contains("\"Patient/subject\"") && !text.contains("urn:uuid:lab"), "{text}");
    }

    #[test]
    fn the_identified_face_keeps_all_but_the_laboratorys_patient() {
        let text = identified(report(), "patient");
        assert!(text.contains("words") && text.contains("IPD9001-D01") && text.contains("germline"), "{text}");
        assert!(text.contains("\"Patient/patient\"") && !text.contains("\"id\":\"lab\""), "{text}");
    }
}
