//! From elements to the results report.

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::redact::quote;
use crate::sources::tso500::cells::breakpoint::parse_locus;
use crate::sources::tso500::cells::quantity::Quantity;
use crate::sources::xml::Element;

use super::attributes::Attributes;
use super::rows::Rows;
use super::wire::{
    CopyNumberAlteration, Held, Rearrangement, ResultsReport, Sample, ShortVariant, TumorMutationBurden, VariantReport,
};

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

fn held<T>(value: T, attributes: &mut Attributes<'_>) -> Held<T> {
    Held { value, row: attributes.opened.row, line: attributes.opened.line }
}

fn read_sample(sample: &mut Attributes<'_>, account: &mut Account) -> Option<Sample> {
    let mean_exon_depth = sample.number("mean-exon-depth", Quantity::Ratio, account);
    sample.keep_others(&["name", "mean-exon-depth"]);
    Some(Sample {
        name: sample.text("name"),
        mean_exon_depth,
        extra: std::mem::take(&mut sample.extra),
        row: sample.opened.row,
        line: sample.opened.line,
    })
}

fn read_short_variant(variant: &mut Attributes<'_>, account: &mut Account) -> Option<ShortVariant> {
    let gene = variant.required_symbol("gene", account)?;
    let position = variant.text("position");
    let locus = position.as_deref().and_then(|text| {
        let locus = parse_locus(text);
        if let Err(error) = &locus {
            let place = variant.opened.place.clone().column("position");
            account.issue(IssueCode::BreakpointInvalid, place, format!("{}: {error}", quote(text)));
        }
        locus.ok()
    });
    let allele_fraction = variant.allele_fraction(account);
    if allele_fraction.as_ref().is_some_and(|fraction| fraction.to_f64() == 0.0) {
        let text = "the variant has an allele fraction of zero";
        variant.reject("allele-fraction", IssueCode::ValueContradictory, text, account);
        return None;
    }
    let depth = variant.count("depth", account);
    variant.keep_others(&[
        "gene",
        "cds-effect",
        "protein-effect",
        "transcript",
        "strand",
        "position",
        "allele-fraction",
        "percent-reads",
        "depth",
        "functional-effect",
    ]);
    Some(ShortVariant {
        gene,
        cds_effect: variant.text("cds-effect"),
        protein_effect: variant.text("protein-effect"),
        transcript: variant.text("transcript"),
        // A lone hyphen is the strand, not a missing value.
        strand: variant.strand(),
        locus,
        position,
        allele_fraction,
        depth,
        functional_effect: variant.text("functional-effect"),
        extra: std::mem::take(&mut variant.extra),
        row: variant.opened.row,
        line: variant.opened.line,
    })
}

fn read_copy_number(alteration: &mut Attributes<'_>, account: &mut Account) -> Option<CopyNumberAlteration> {
    let gene = alteration.required_symbol("gene", account)?;
    let Some(reported_type) = alteration.text("type") else {
        alteration.reject("type", IssueCode::ValueRequired, "the value is missing", account);
        return None;
    };
    let is_gain = match reported_type.to_ascii_lowercase().as_str() {
        "amplification" | "partial amplification" | "gain" => true,
        "loss" | "partial loss" | "deletion" => false,
        _ => {
            let text = format!("{} is no known type", quote(&reported_type));
            alteration.reject("type", IssueCode::TypeUnknown, text, account);
            return None;
        }
    };
    let copy_number = alteration.number("copy-number", Quantity::Ratio, account);
    alteration.keep_others(&["gene", "type", "copy-number"]);
    Some(CopyNumberAlteration {
        gene,
        reported_type,
        is_gain,
        copy_number,
        extra: std::mem::take(&mut alteration.extra),
        row: alteration.opened.row,
        line: alteration.opened.line,
    })
}

fn read_rearrangement(rearrangement: &mut Attributes<'_>, account: &mut Account) -> Option<Rearrangement> {
    let targeted_gene = rearrangement.required_symbol("targeted-gene", account)?;
    let says_fusion = |name| rearrangement.text(name).is_some_and(|text| text.to_ascii_lowercase().contains("fusion"));
    let is_fusion = says_fusion("type") || says_fusion("description");
    let supporting_read_pairs = rearrangement.count("supporting-read-pairs", account);
    let allele_fraction = rearrangement.allele_fraction(account);
    rearrangement.keep_others(&[
        "targeted-gene",
        "other-gene",
        "pos1",
        "pos2",
        "supporting-read-pairs",
        "allele-fraction",
        "percent-reads",
    ]);
    Some(Rearrangement {
        targeted_gene,
        other_gene: rearrangement.text("other-gene"),
        is_fusion,
        position_1: rearrangement.text("pos1"),
        position_2: rearrangement.text("pos2"),
        supporting_read_pairs,
        allele_fraction,
        extra: std::mem::take(&mut rearrangement.extra),
        row: rearrangement.opened.row,
        line: rearrangement.opened.line,
    })
}

fn read_non_human(content: &mut Attributes<'_>, _: &mut Account) -> Option<Held<String>> {
    content.keep_others(&["organism"]);
    let organism = content.text("organism").unwrap_or_else(|| "not named".to_owned());
    let others: Vec<String> = content.extra.iter().map(|(name, text)| format!("{name} {text}")).collect();
    let text = format!("Non-human content: {organism} ({})", others.join(", "));
    Some(held(text.replace(" ()", ""), content))
}

fn read_biomarkers(element: &Element, rows: &Rows<'_>, report: &mut ResultsReport, account: &mut Account) {
    for (index, child) in element.children.iter().enumerate() {
        let (is_msi, is_tmb) = (child.name == "microsatellite-instability", child.name == "tumor-mutation-burden");
        if !is_msi && !is_tmb {
            rows.list_unknown(&element.name, index, child, account);
            continue;
        }
        let opened = rows.open(&element.name, index, child, account);
        let mut attributes = Attributes::new(child, opened);
        let is_second =
            if is_msi { report.microsatellite_instability.is_some() } else { report.tumor_mutation_burden.is_some() };
        if is_second {
            attributes.reject("status", IssueCode::KeyRepeated, "the biomarker occurs twice", account);
        } else if is_tmb {
            report.tumor_mutation_burden = read_burden(&mut attributes, account);
        } else if let Some(status) = attributes.text("status") {
            report.microsatellite_instability = Some(held(status, &mut attributes));
        } else {
            account.ledger.list(attributes.opened.row, IssueCode::ValueMissing, IssueCode::ValueMissing.meaning());
        }
    }
}

/// A score in another unit is no value.
fn read_burden(burden: &mut Attributes<'_>, account: &mut Account) -> Option<TumorMutationBurden> {
    let unit = burden.text("unit");
    let is_per_megabase = unit.as_deref().is_none_or(|unit| unit == "mutations-per-megabase");
    let score = match burden.text("score").filter(|score| !score.eq_ignore_ascii_case("unknown")) {
        None => None,
        Some(_) if is_per_megabase => burden.number("score", Quantity::Ratio, account),
        Some(score) => {
            let text = format!("the unit is {}", quote(unit.as_deref().unwrap_or_default()));
            account.issue(IssueCode::TypeUnknown, burden.opened.place.clone().column("unit"), text);
            burden.extra.push(("score".to_owned(), score));
            None
        }
    };
    burden.keep_others(&["score"]);
    if score.is_none() && burden.extra.is_empty() {
        account.ledger.list(burden.opened.row, IssueCode::ValueMissing, IssueCode::ValueMissing.meaning());
        return None;
    }
    Some(TumorMutationBurden { score, extra: std::mem::take(&mut burden.extra), row: burden.opened.row })
}
