//! From elements to the results report.

mod elements;

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::redact::quote;
use crate::sources::xml::Element;

use self::elements::{
    held, read_biomarkers, read_copy_number, read_non_human, read_rearrangement, read_sample, read_short_variant,
};
use super::attributes::Attributes;
use super::rows::Rows;
use super::wire::{Held, ResultsReport, VariantReport};

const REPORTING: &str = "http://integration.foundationmedicine.com/reporting";
const VARIANTS: &str = "http://foundationmedicine.com/compbio/variant-report-external";
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Schemas whose layout is known.
const SCHEMAS: [&str; 2] = ["ResultsReport.2.1.xsd", "variant-report-external-2.2.xsd"];

/// Reads the root element.
pub(super) fn read(root: &Element, file: &Arc<str>, account: &mut Account) -> Option<ResultsReport> {
    let payload = root.children.iter().find(|child| child.is(Some(REPORTING), "ResultsPayload"));
    let variant_report =
        payload.and_then(|payload| payload.children.iter().find(|it| it.is(Some(VARIANTS), "variant-report")));
    let is_report = root.is(Some(REPORTING), "ResultsReport");
    let (Some(payload), Some(variant_report), true) = (payload, variant_report, is_report) else {
        let text = "no results report with a variant report in the expected namespaces";
        refuse(root, file, IssueCode::FoundationRootUnknown, text.to_owned(), account);
        return None;
    };
    let test_type = variant_report.attribute("test-type").unwrap_or_default();
    if !test_type.to_ascii_lowercase().contains("liquid") {
        let text = format!("the test is {}", quote(test_type));
        refuse(variant_report, file, IssueCode::FoundationTestUnsupported, text, account);
        return None;
    }
    warn_schema(&[root, variant_report], file, account);
    let rows = Rows::of(root, file);
    let mut reference = None;
    for (index, child) in root.children.iter().enumerate() {
        match child.name.as_str() {
            "CustomerInformation" => reference = read_customer(child, &rows, account),
            "ResultsPayload" if std::ptr::eq(child, payload) => {}
            _ => rows.list_unknown(&root.name, index, child, account),
        }
    }
    let mut report = empty(file, variant_report, test_type, &rows, account);
    report.reference = reference;
    for (index, child) in payload.children.iter().enumerate() {
        match child.name.as_str() {
            "FinalReport" => list_final_report(child, &rows, account),
            "variant-report" if std::ptr::eq(child, variant_report) => {}
            _ => {
                let opened = rows.open(&payload.name, index, child, account);
                let code = IssueCode::FoundationNotCarried;
                account.ledger.list(opened.row, code, code.meaning());
            }
        }
    }
    for (index, child) in variant_report.children.iter().enumerate() {
        read_part(index, child, &rows, &mut report, account);
    }
    Some(report)
}

/// Raises an issue; the document is one row, listed with it.
fn refuse(at: &Element, file: &Arc<str>, code: IssueCode, text: String, account: &mut Account) {
    let row = account.ledger.open(file, None, at.line);
    account.reject(row, code, Location::file(file).line(at.line), text);
}

fn warn_schema(elements: &[&Element], file: &Arc<str>, account: &mut Account) {
    for element in elements {
        let location = element.attributes.iter().find(|it| it.namespace.as_deref() == Some(SCHEMA_INSTANCE));
        let words = location.map(|it| it.value.as_str()).unwrap_or_default().split_whitespace();
        let names = words.filter(|word| word.ends_with(".xsd")).map(|word| word.rsplit('/').next().unwrap_or(word));
        for name in names.filter(|name| !SCHEMAS.contains(name)) {
            let place = Location::file(file).line(element.line);
            account.issue(IssueCode::FoundationVersionUnknown, place, format!("schema {}", quote(name)));
        }
    }
}

fn empty(file: &Arc<str>, element: &Element, test_type: &str, rows: &Rows<'_>, account: &mut Account) -> ResultsReport {
    let opened = rows.open("variant-report", 0, element, account);
    let mut attributes = Attributes::new(element, opened);
    attributes.keep_others(&["test-type", "pipeline-version", "gender"]);
    ResultsReport {
        file: Arc::clone(file),
        reference: None,
        variant_report: VariantReport {
            test_type: test_type.to_owned(),
            pipeline_version: attributes.text("pipeline-version"),
            gender: attributes
                .text("gender")
                .map(|word| word.to_ascii_lowercase())
                .filter(|word| matches!(word.as_str(), "male" | "female")),
            extra: attributes.extra,
            row: attributes.opened.row,
        },
        samples: Vec::new(),
        quality_control: None,
        short_variants: Vec::new(),
        copy_number_alterations: Vec::new(),
        rearrangements: Vec::new(),
        microsatellite_instability: None,
        tumor_mutation_burden: None,
        non_human: Vec::new(),
    }
}

/// The sender's own id; the number of the order says nothing about the result, and the rest can identify a person.
fn read_customer(element: &Element, rows: &Rows<'_>, account: &mut Account) -> Option<Held<String>> {
    let mut reference = None;
    for (index, child) in element.children.iter().enumerate() {
        let opened = rows.open(&element.name, index, child, account);
        let code = match (child.name.as_str(), child.value()) {
            ("ReferenceID", Some(value)) if reference.is_none() => {
                reference = Some(Held { value: value.to_owned(), row: opened.row, line: opened.line });
                continue;
            }
            ("ReferenceID", None) => IssueCode::ValueMissing,
            ("TRF", _) => IssueCode::FoundationNotCarried,
            _ => IssueCode::FoundationPersonal,
        };
        account.ledger.list(opened.row, code, code.meaning());
    }
    reference
}

/// The report for readers repeats results and holds the person (`PMI`: patient and medical information).
fn list_final_report(element: &Element, rows: &Rows<'_>, account: &mut Account) {
    for (index, child) in element.children.iter().enumerate() {
        if child.name == "PMI" && !child.children.is_empty() {
            rows.list_children(child, IssueCode::FoundationPersonal, account);
            continue;
        }
        let opened = rows.open(&element.name, index, child, account);
        let is_personal = matches!(child.name.as_str(), "PMI" | "Signatures" | "PriorTests" | "AAC");
        let code = if is_personal { IssueCode::FoundationPersonal } else { IssueCode::FoundationNotCarried };
        account.ledger.list(opened.row, code, code.meaning());
    }
}

fn read_part(index: usize, element: &Element, rows: &Rows<'_>, report: &mut ResultsReport, account: &mut Account) {
    match element.name.as_str() {
        "samples" => report.samples.extend(read_list(element, "sample", rows, account, read_sample)),
        "short-variants" => {
            report.short_variants.extend(read_list(element, "short-variant", rows, account, read_short_variant));
        }
        "copy-number-alterations" => report.copy_number_alterations.extend(read_list(
            element,
            "copy-number-alteration",
            rows,
            account,
            read_copy_number,
        )),
        "rearrangements" => {
            report.rearrangements.extend(read_list(element, "rearrangement", rows, account, read_rearrangement));
        }
        "non-human-content" => {
            report.non_human.extend(read_list(element, "non-human", rows, account, read_non_human));
        }
        "biomarkers" => read_biomarkers(element, rows, report, account),
        "quality-control" => {
            let opened = rows.open("quality-control", index, element, account);
            let mut attributes = Attributes::new(element, opened);
            match attributes.text("status") {
                Some(status) => report.quality_control = Some(held(status, &mut attributes)),
                None => attributes.reject("status", IssueCode::ValueRequired, "the value is missing", account),
            }
        }
        _ => rows.list_unknown("variant-report", index, element, account),
    }
}

/// Reads the elements of a list that have its name; others are listed.
fn read_list<T>(
    list: &Element,
    name: &str,
    rows: &Rows<'_>,
    account: &mut Account,
    read: fn(&mut Attributes<'_>, &mut Account) -> Option<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    for (index, element) in list.children.iter().enumerate() {
        if element.name != name {
            rows.list_unknown(&list.name, index, element, account);
            continue;
        }
        let opened = rows.open(&list.name, index, element, account);
        found.extend(read(&mut Attributes::new(element, opened), account));
    }
    found
}
