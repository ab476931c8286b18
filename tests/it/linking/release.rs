//! What the trial sees of a report.

use std::collections::BTreeSet;

use impress_gateway::pipeline::intake::Target;
use serde_json::Value;

use super::setting::Setting;

/// Everything that the trial and the care chain get of a folder whose patient consents.
fn sent(name: &str, folder: &str, sample: &str) -> (Vec<Value>, Vec<Value>, Value) {
    let setting = Setting::new(name);
    let referral = setting.send_referral(&[]);
    setting.consent(&referral);
    setting.link(sample, &Target::Referral(referral)).unwrap();
    let report = setting.send_folder(folder);
    assert_eq!(setting.disposition(&report), "routed", "{}", setting.reason(&report));
    let resources = |destination: &str| {
        let bodies = setting.deliveries(destination);
        let body = bodies.iter().find(|body| body.contains("\"DiagnosticReport\"")).unwrap();
        let bundle: Value = serde_json::from_str(body).unwrap();
        bundle["entry"].as_array().unwrap().iter().map(|entry| entry["resource"].clone()).collect::<Vec<_>>()
    };
    let explanation = serde_json::from_str(&setting.row(&report).explanation).unwrap();
    (resources("trial-system"), resources("care-chain"), explanation)
}

fn strings(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            into.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(members) => members.values().for_each(|member| strings(member, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Identifiers, notes and sentences of the identified face.
fn identifying(resource: &Value, into: &mut BTreeSet<String>) {
    let Value::Object(members) = resource else { return };
    for (name, value) in members {
        if matches!(name.as_str(), "identifier" | "note" | "conclusion" | "accessionIdentifier") {
            let mut found = BTreeSet::new();
            strings(value, &mut found);
            into.extend(found.into_iter().filter(|text| !text.starts_with("http") && text.len() > 3));
        }
    }
}

#[test]
fn the_trial_gets_no_id_and_no_sentence_of_the_laboratory() {
    let (trial, care, _) = sent("release-ids", "localapp-dna-rna", "IPD9001-D01-P01-A15");
    let mut secret = BTreeSet::new();
    care.iter()
        .filter(|resource| resource["resourceType"] != "Organization")
        .for_each(|resource| identifying(resource, &mut secret));
    assert!(secret.iter().any(|text| text.contains("IPD9001")), "{secret:?}");
    let text = serde_json::to_string(&trial).unwrap();
    for value in &secret {
        assert!(!text.contains(&serde_json::to_string(value).unwrap()), "{value}");
    }
    assert!(!text.contains("IPD9001"));
    // The ids of the resources are others than those of the identified face.
    let ids =
        |resources: &[Value]| resources.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>();
    assert!(ids(&trial).is_disjoint(&ids(&care)));
}

#[test]
fn alleles_stay_in_what_the_trial_gets() {
    let (trial, _, _) = sent("release-alleles", "localapp-dna-rna", "IPD9001-D01-P01-A15");
    // LOINC 69547-8 Genomic ref allele, 69551-0 Genomic alt allele; section 4 of Genomics Reporting demands neither, but a
    // variant without them cannot be read.
    let components = trial.iter().filter_map(|resource| resource["component"].as_array()).flatten();
    let alleles: Vec<&str> = components
        .filter(|component| component["code"]["coding"][0]["code"] == "69547-8")
        .map(|component| component["valueString"].as_str().unwrap())
        .collect();
    assert!(!alleles.is_empty());
}

#[test]
fn germline_and_unjudged_variants_go_to_the_care_chain_only() {
    let (trial, care, explanation) = sent("release-germline", "dragen-vcf", "IPD9012-D21-P01-A18");
    // LOINC 48002-0 Genomic source class [Type]; LA6683-2 Germline, LA6684-0 Somatic (answer list LL378-1).
    let variants = |resources: &[Value], class: &str| {
        let has = |resource: &&Value| {
            resource["component"].as_array().into_iter().flatten().any(|component| {
                component["code"]["coding"][0]["code"] == "48002-0"
                    && component["valueCodeableConcept"]["coding"][0]["code"] == class
            })
        };
        resources.iter().filter(has).count()
    };
    assert!(variants(&care, "LA6683-2") > 0 && variants(&care, "LA6684-0") > 0);
    assert_eq!(variants(&trial, "LA6683-2"), 0);
    assert_eq!(variants(&trial, "LA6684-0"), variants(&care, "LA6684-0"));
    let withheld = explanation["withheld"].as_object().unwrap();
    let germline = withheld.values().filter(|why| why.as_str().unwrap().contains("germline")).count();
    assert_eq!(germline, variants(&care, "LA6683-2"), "every withheld finding is named with its rule");
    // Each names a resource of the identified face, which the care chain has.
    for reference in withheld.keys() {
        let id = reference.strip_prefix("Observation/").unwrap();
        assert!(care.iter().any(|resource| resource["id"] == id), "{reference}");
    }
}
