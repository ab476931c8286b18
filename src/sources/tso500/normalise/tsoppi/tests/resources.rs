//! What the statements become: rendered with the templates as shipped and checked by the validator.

use serde_json::Value;

use super::*;
use crate::config::Config;
use crate::domain::report::{GenomicReport, LabPatient, Laboratory, StudySubject};
use crate::fhir::bundle::{Entry, transaction};
use crate::startup;

fn report(variants: Vec<SmallVariant>) -> GenomicReport {
    let key = |kind: &'static str| Identity::new("IPD", kind, &[SAMPLE]);
    let mut report = GenomicReport {
        identity: key("report"),
        status: "preliminary".to_owned(),
        finding_status: "preliminary".to_owned(),
        patient: LabPatient {
            identity: key("lab-patient"),
            key: "IPD9001".to_owned(),
            gender: Some("female".to_owned()),
            year_of_birth: Some("1960".to_owned()),
            study_subjects: vec![StudySubject { value: "IMPR.X-0999".to_owned() }],
            laboratory: None,
        },
        laboratory: Some(Laboratory { identity: key("laboratory"), code: "IPD".to_owned(), name: None }),
        study: Study {
            identity: key("study"),
            status: "completed".to_owned(),
            title: "TruSight Oncology 500".to_owned(),
            ..Study::default()
        },
        specimens: vec![Specimen {
            identity: Identity::new("IPD", "specimen", &[SAMPLE]),
            sample_id: SAMPLE.to_owned(),
            collected: Some("2025".to_owned()),
            ..Specimen::default()
        }],
        pipelines: vec![crate::domain::report::Pipeline {
            identity: Identity::new("IPD", "pipeline", &["x"]),
            name: "x".to_owned(),
            ..Default::default()
        }],
        small_variants: variants,
        ..GenomicReport::default()
    };
    report.gather_implications();
    report
}

/// The resources of a report. The validator must find no error in the Bundle.
fn resources(report: &GenomicReport) -> Vec<Value> {
    let gateway = startup::load(&Config::default()).unwrap();
    let entries: Vec<Entry> = gateway
        .templates
        .render(report, &gateway.ids)
        .into_iter()
        .map(|rendered| Entry {
            resource_type: rendered.resource_type.to_string(),
            id: rendered.id.to_string(),
            json: rendered.json,
        })
        .collect();
    let resources = entries.iter().map(|entry| serde_json::from_str(&entry.json).unwrap()).collect();
    let bundle: Value = serde_json::from_str(&transaction(entries)).unwrap();
    let errors: Vec<String> = gateway.validator.validate(&bundle, &[]).iter().map(ToString::to_string).collect();
    assert_eq!(errors, Vec::<String>::new());
    resources
}

fn of_profile<'v>(resources: &'v [Value], profile: &str) -> Vec<&'v Value> {
    let claims = |resource: &&Value| {
        resource["meta"]["profile"].as_array().is_some_and(|profiles| {
            profiles.iter().any(|claimed| claimed.as_str().is_some_and(|url| url.ends_with(&format!("/{profile}"))))
        })
    };
    resources.iter().filter(claims).collect()
}

fn component<'v>(resource: &'v Value, code: &str) -> Vec<&'v Value> {
    let has_code = |component: &&Value| component["code"]["coding"][0]["code"] == code;
    resource["component"].as_array().unwrap().iter().filter(has_code).collect()
}

#[test]
fn statements_become_resources_that_meet_their_profiles() {
    let (curated, _) = curate_rows(&[&[
        ("Tier", "TIER_2"),
        ("CPSR_ACMG_class", "Likely_Pathogenic"),
        ("CPSR_ClinVar_class", "Pathogenic"),
        ("Drugs", "Drug_A|Drug_B"),
        ("ClinVar_variation_ID", "12366"),
        ("COSMIC_ID", "COSV52660980"),
        ("dbSNP_rs_ID", "rs28934576"),
        ("Filters", "HET_VAF_RANGE|NEW_FILTER"),
        ("IGV_QC", "OK"),
        ("Run_QC", "QC done"),
        ("Class_judgement", "LikSOM"),
        ("Reporting_judgement", "BioMar"),
    ]]);
    let resources = resources(&report(curated.variants));
    let variant = of_profile(&resources, "ImpressVariant");
    assert_eq!(variant.len(), 1);
    let variant_url = format!("urn:uuid:{}", variant[0]["id"].as_str().unwrap());

    let ids: Vec<(&str, &str)> = component(variant[0], "81252-9")
        .iter()
        .map(|it| &it["valueCodeableConcept"]["coding"][0])
        .map(|coding| (coding["system"].as_str().unwrap(), coding["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        ids,
        [
            ("http://www.ncbi.nlm.nih.gov/clinvar", "12366"),
            ("http://www.ncbi.nlm.nih.gov/projects/SNP", "rs28934576"),
            ("http://cancer.sanger.ac.uk/cancergenome/projects/cosmic", "COSV52660980"),
        ]
    );
    for (code, value, text) in [
        ("class-judgement", "LikSOM", "LikSOM"),
        ("reporting-judgement", "BioMar", "BioMar"),
        ("igv-qc", "OK", "OK"),
        ("run-qc", "qc-done", "QC done"),
    ] {
        let flags = component(variant[0], code);
        let concept = &flags[0]["valueCodeableConcept"];
        assert_eq!(
            (flags.len(), &concept["coding"][0]["code"], &concept["text"]),
            (1, &value.into(), &text.into()),
            "{code}"
        );
        assert_eq!(concept["coding"][0]["system"], "https://impress-gateway.example/fhir/CodeSystem/gateway-curation");
    }
    let filters = component(variant[0], "curation-filter");
    assert_eq!(filters[0]["valueCodeableConcept"]["coding"][0]["code"], "HET_VAF_RANGE");
    assert_eq!(filters[1]["valueCodeableConcept"], serde_json::json!({"text": "NEW_FILTER"}));

    let diagnostic = of_profile(&resources, "diagnostic-implication");
    let mut stated: Vec<(&str, &str, &str, &str)> = Vec::new();
    for resource in &diagnostic {
        assert_eq!(resource["derivedFrom"][0]["reference"], variant_url.as_str());
        assert_eq!(resource.get("valueCodeableConcept"), None);
        for code in ["93044-6", "53037-8"] {
            for it in component(resource, code) {
                let coding = &it["valueCodeableConcept"]["coding"][0];
                let system = coding["system"].as_str().unwrap().rsplit('/').next().unwrap();
                stated.push((code, system, coding["version"].as_str().unwrap(), coding["code"].as_str().unwrap()));
            }
        }
    }
    stated.sort_unstable();
    assert_eq!(
        stated,
        [
            ("53037-8", "gateway-cpsr-acmg-class", "1.0.0", "Likely_Pathogenic"),
            ("53037-8", "gateway-cpsr-clinvar-class", "1.0.0", "Pathogenic"),
            ("93044-6", "gateway-pcgr-tier", "1.0.0", "TIER_2"),
        ]
    );
    let therapeutic = of_profile(&resources, "therapeutic-implication");
    let drugs: Vec<&Value> =
        component(therapeutic[0], "51963-7").iter().map(|it| &it["valueCodeableConcept"]["text"]).collect();
    assert_eq!((therapeutic.len(), drugs), (1, vec![&Value::from("Drug_A"), &Value::from("Drug_B")]));
    assert_eq!(therapeutic[0]["component"].as_array().unwrap().len(), 2, "no effect is claimed");

    let report = of_profile(&resources, "ImpressGenomicReport");
    assert_eq!(report[0]["result"].as_array().unwrap().len(), 5);
}

#[test]
fn patient_and_sample_carry_what_the_laboratory_knows() {
    let resources = resources(&report(Vec::new()));
    let patient = of_profile(&resources, "ImpressLabPatient")[0];
    assert_eq!((&patient["gender"], &patient["birthDate"]), (&"female".into(), &"1960".into()));
    assert_eq!(
        patient["identifier"][1],
        serde_json::json!({"system": "https://impress-gateway.example/fhir/sid/study-subject", "value": "IMPR.X-0999"})
    );
    let specimen = of_profile(&resources, "ImpressSpecimen")[0];
    assert_eq!(specimen["collection"]["collectedDateTime"], "2025");
}

#[test]
fn every_word_of_the_curation_columns_has_its_code() {
    // The vocabularies of the columns stand in the table that the template looks them up in.
    let table = include_str!("../../../../../../mappings/tables/curation-values.tsv");
    let words: Vec<&str> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    let known = super::super::statements::vocabularies();
    assert_eq!(words, known);
}
