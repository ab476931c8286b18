//! FoundationOne Liquid CDx: from the document to resources that meet their profiles, beside the other reports of the patient.

use std::path::Path;
use std::sync::Arc;

use impress_gateway::config::Config;
use impress_gateway::domain::accounting::{Account, Outcome};
use impress_gateway::domain::issue::{IssueCode, Severity};
use impress_gateway::domain::report::GenomicReport;
use impress_gateway::fhir::bundle::{Entry, transaction};
use impress_gateway::pipeline::Gateway;
use impress_gateway::sources::{foundation_one, tso500};
use serde_json::Value;

use crate::support::golden;

fn report(gateway: &Gateway, account: &mut Account) -> GenomicReport {
    let path = golden().join("../foundation_one/plasma/input.xml");
    let bytes = std::fs::read(&path).unwrap();
    assert!(foundation_one::detect(&bytes));
    let file = Arc::from("plasma.xml");
    let content = foundation_one::parse(&file, &bytes, &gateway.limits, account).unwrap();
    gateway.read_tso500(&path, |context| foundation_one::normalise(&content, context.knowledge, account)).unwrap()
}

fn entries(gateway: &Gateway, report: &GenomicReport) -> Vec<Entry> {
    let rendered = gateway.templates.render(report, &gateway.ids);
    let entry = |it: impress_gateway::mapping::Rendered<'_>| Entry {
        resource_type: it.resource_type.to_string(),
        id: it.id.to_string(),
        json: it.json,
    };
    rendered.into_iter().map(entry).collect()
}

fn resources(gateway: &Gateway, report: &GenomicReport) -> Vec<Value> {
    entries(gateway, report).iter().map(|entry| serde_json::from_str(&entry.json).unwrap()).collect()
}

fn gateway() -> Gateway {
    impress_gateway::startup::load(&Config::default()).unwrap()
}

/// The component of a variant with this code.
fn component<'a>(resource: &'a Value, code: &str) -> Option<&'a Value> {
    let components = resource["component"].as_array()?.iter();
    components.into_iter().find(|it| it["code"]["coding"][0]["code"] == code)
}

#[test]
fn every_resource_meets_its_profile() {
    let (gateway, mut account) = (gateway(), Account::default());
    let report = report(&gateway, &mut account);
    let bundle: Value = serde_json::from_str(&transaction(entries(&gateway, &report))).unwrap();
    let mut issues = gateway.validator.validate(&bundle, &[]);
    issues.retain(|issue| issue.code.severity() >= Severity::Error);
    assert_eq!(issues, []);
}

#[test]
fn findings_are_what_the_vendor_wrote() {
    let (gateway, mut account) = (gateway(), Account::default());
    let report = report(&gateway, &mut account);
    let resources = resources(&gateway, &report);
    let of_gene = |gene: &str, code: &str| {
        let is = |it: &&Value| {
            component(it, "48018-6").is_some_and(|it| it["valueCodeableConcept"]["text"] == gene)
                && component(it, code).is_some()
        };
        resources.iter().find(is).unwrap_or_else(|| panic!("{gene} {code}"))
    };
    let tp53 = of_gene("TP53", "69547-8");
    let text = |resource: &'_ Value, code: &str, key: &str| component(resource, code).map(|it| it[key].clone());
    assert_eq!(text(tp53, "69547-8", "valueString"), Some("C".into()));
    assert_eq!(text(tp53, "69551-0", "valueString"), Some("T".into()));
    let number =
        |resource: &Value, code: &str| component(resource, code).unwrap()["valueQuantity"]["value"].to_string();
    assert_eq!(number(tp53, "81258-6"), "0.0042");
    assert_eq!(component(tp53, "48004-6"), None, "a transcript without version gives no c.");
    let p = &component(tp53, "48005-3").unwrap()["valueCodeableConcept"]["coding"][0]["code"];
    assert_eq!(p, "p.(Arg175His)");
    assert_eq!(component(tp53, "82121-5"), None, "the depth is that of all reads");
    assert_eq!(number(of_gene("MET", "82155-3"), "82155-3"), "8");
    assert_eq!(component(of_gene("MET", "82155-3"), "fold-change"), None);
    let fusion = of_gene("ALK", "direction-known");
    assert_eq!(component(fusion, "direction-known").unwrap()["valueBoolean"], false);
    assert_eq!(component(fusion, "95123-6"), None);
    assert_eq!(number(fusion, "81258-6"), "0.0095");
    let specimen = resources.iter().find(|it| it["resourceType"] == "Specimen").unwrap();
    assert_eq!(specimen["type"]["coding"][0]["code"], "PLAS");
    let notes = resources.iter().find(|it| it["resourceType"] == "DiagnosticReport").unwrap()["extension"].to_string();
    assert!(notes.contains("Variant without exact description: TP53") && notes.contains("Rearrangement: TP53"));
}

#[test]
fn every_row_is_held_or_listed_and_no_person_is_in_the_output() {
    let (gateway, mut account) = (gateway(), Account::default());
    let report = report(&gateway, &mut account);
    let mut held = Vec::new();
    report.for_each_holder(|_, rows| held.extend(rows.iter().copied()));
    held.sort();
    assert_eq!(account.ledger.open_rows(), held);
    let personal = |row: &&impress_gateway::domain::accounting::Row| {
        matches!(row.outcome, Outcome::Listed { code: IssueCode::FoundationPersonal, .. })
    };
    // The record number, and the four elements of PMI.
    assert_eq!(account.ledger.rows().filter(personal).count(), 5);
    let codes: Vec<IssueCode> = account.issues.iter().map(|issue| issue.code).collect();
    assert_eq!(codes, [IssueCode::FoundationVariantUndefined, IssueCode::FoundationNotFusion]);
    let text = format!("{:?} {:?}", resources(&gateway, &report), account.issues);
    for value in ["SYNTHETIC-MRN", "Testperson", "Testdoctor", "1961"] {
        assert!(!text.contains(value), "{value}");
    }
}

/// Two reports of one patient, by two tests: one Patient, two reports, two specimens.
#[test]
fn the_report_stands_beside_that_of_the_panel() {
    let (gateway, mut account) = (gateway(), Account::default());
    let of_vendor = entries(&gateway, &report(&gateway, &mut account));
    let path = golden().join("ctdna/input");
    let of_panel = gateway.read_tso500(Path::new(&path), |context| {
        let plan = tso500::open(&path, context, &mut account).unwrap();
        let reports: Vec<GenomicReport> = plan
            .groups()
            .iter()
            .map(|group| plan.report(group, context.limits, context.knowledge, &mut account))
            .collect();
        reports.iter().flat_map(|report| entries(&gateway, report)).collect::<Vec<_>>()
    });
    let shared: Vec<&Entry> =
        of_vendor.iter().filter(|entry| of_panel.iter().any(|other| other.id == entry.id)).collect();
    let mut types: Vec<&str> = shared.iter().map(|entry| entry.resource_type.as_str()).collect();
    types.sort_unstable();
    assert_eq!(types, ["Organization", "Patient"]);
    // What each knows of the patient comes together in the Bundle: golden case liquid-two-assays.
    for entry in shared.into_iter().filter(|entry| entry.resource_type != "Patient") {
        assert!(of_panel.contains(entry), "{} has two contents", entry.resource_type);
    }
}
