//! Ids of databases, curation flags, tiers, classes and drugs.

use crate::domain::accounting::Account;
use crate::domain::finding::{Note, SmallVariant};
use crate::domain::ids::Identity;
use crate::domain::implication::{
    CurationFlag, DiagnosticImplication, Drug, FindingLink, TherapeuticImplication, VariationCode,
};
use crate::domain::issue::{IssueCode, Location};
use crate::redact::quote;

use super::super::super::small_variant_table::{SmallVariantTable, TableVariant};
use super::{Context, place};

/// Versions of the scales of a table; none where the scale is not known.
pub(super) struct Scales {
    pcgr: Option<String>,
    cpsr: Option<String>,
}

const PCGR_TIER: &str = "pcgr-tier";
const ACMG_CLASS: &str = "cpsr-acmg-class";
const CLINVAR_CLASS: &str = "cpsr-clinvar-class";

/// The column that has the values of a scale.
pub(super) fn column_of(scale: &str) -> &'static str {
    match scale {
        ACMG_CLASS => "CPSR_ACMG_class",
        CLINVAR_CLASS => "CPSR_ClinVar_class",
        _ => "Tier",
    }
}

/// Tiers of PCGR 1; `TNC` stands for its tier NONCODING.
const TIERS: [&str; 5] = ["TIER_1", "TIER_2", "TIER_3", "TIER_4", "TNC"];

/// Classes of CPSR 1.
const CLASSES: [&str; 5] = ["Pathogenic", "Likely_Pathogenic", "VUS", "Likely_Benign", "Benign"];

/// Curation columns: code of the flag, and the words of the column.
const CLASS_JUDGEMENT: (&str, &[&str]) =
    ("class-judgement", &["include", "exclude", "SOM", "LikSOM", "LikGL", "incon"]);
const REPORTING_JUDGEMENT: (&str, &[&str]) = ("reporting-judgement", &["BioMar", "VUSpot", "AddRes", "GLrel"]);
const IGV_QC: (&str, &[&str]) = ("igv-qc", &["OK", "Not OK"]);
const RUN_QC: (&str, &[&str]) = ("run-qc", &["QC done"]);
const FILTERS: (&str, &[&str]) = (
    "curation-filter",
    &[
        "HET_VAF_RANGE",
        "germline_population",
        "recurrent_germline",
        "recurrent_artifact",
        "LOW_TUMOR_DP",
        "LOW_TUMOR_VAF",
        "HIGH_TUMOR_VAF",
        "LOW_VAF_RATIO",
        "NO_NORMAL_COVERAGE",
        "normal_origin",
    ],
);

impl Scales {
    /// The scales that the version string names. Tiers and classes of another version than 1 are of another scale.
    pub(super) fn of(table: &SmallVariantTable, account: &mut Account) -> Self {
        let rates = |row: &TableVariant| row.tier.is_some() || row.acmg_class.is_some() || row.clinvar_class.is_some();
        let Some(held) = &table.version else {
            if table.rows.iter().any(rates) {
                let words = "no comment `Version string` can be read";
                account.issue(IssueCode::VersionStringMissing, Location::file(&table.file), words);
            }
            return Self { pcgr: None, cpsr: None };
        };
        let mut known = |program: &str, version: &str| {
            if version == "1" || version.starts_with("1.") {
                return Some(version.to_owned());
            }
            let place = Location::file(&table.file).line(held.line);
            account.issue(IssueCode::ScaleVersionUnknown, place, format!("{program} {}", quote(version)));
            None
        };
        Self { pcgr: known("PCGR", &held.value.pcgr), cpsr: known("CPSR", &held.value.cpsr) }
    }
}

/// Adds what the row states beyond the call.
pub(super) fn add(context: &Context<'_>, row: &TableVariant, variant: &mut SmallVariant, account: &mut Account) {
    for (source, ids) in [("clinvar", &row.clinvar), ("dbsnp", &row.dbsnp), ("cosmic", &row.cosmic)] {
        let codes = ids.iter().map(|id| VariationCode { source: source.to_owned(), code: id.clone() });
        variant.variation_codes.extend(codes);
    }
    add_curation(context, row, variant, account);
    let scales = context.scales;
    for (scale, version, words, value) in [
        (PCGR_TIER, &scales.pcgr, &TIERS, &row.tier),
        (ACMG_CLASS, &scales.cpsr, &CLASSES, &row.acmg_class),
        (CLINVAR_CLASS, &scales.cpsr, &CLASSES, &row.clinvar_class),
    ] {
        let column = column_of(scale);
        let Some(value) = value else { continue };
        let known = words.contains(&value.as_str());
        if !known {
            let words = format!("{} is no value of the scale", quote(value));
            account.issue(IssueCode::ValueUnknown, place(context.table, row, column), words);
        }
        match version.as_ref().filter(|_| known) {
            Some(version) => variant.diagnostic_implications.push(diagnostic(variant, scale, version, value)),
            None => variant.notes.push(Note { text: format!("{column}: {value} (scale not known)") }),
        }
    }
    if !row.drugs.is_empty() {
        let version = context.table.version.as_ref().map(|held| held.value.pcgr.as_str());
        variant.therapeutic_implications.push(therapeutic(variant, version, &row.drugs));
    }
}

fn diagnostic(variant: &SmallVariant, scale: &str, version: &str, value: &str) -> DiagnosticImplication {
    let is_tier = scale == PCGR_TIER;
    DiagnosticImplication {
        identity: key(variant, "diagnostic-implication", [scale, version]),
        finding: FindingLink { identity: variant.identity.clone() },
        specimen: variant.specimen.clone(),
        scale: scale.to_owned(),
        scale_version: version.to_owned(),
        evidence_level: is_tier.then(|| value.to_owned()),
        clinical_significance: (!is_tier).then(|| value.to_owned()),
        notes: Vec::new(),
    }
}

fn therapeutic(variant: &SmallVariant, version: Option<&str>, drugs: &[String]) -> TherapeuticImplication {
    let source = version.map_or("PCGR".to_owned(), |version| format!("PCGR {version}"));
    let text = format!(
        "Drugs that {source} names (column Drugs of the laboratory's table). The table states neither an effect of this \
         variant nor a level of evidence"
    );
    TherapeuticImplication {
        identity: key(variant, "therapeutic-implication", ["pcgr", version.unwrap_or_default()]),
        finding: FindingLink { identity: variant.identity.clone() },
        specimen: variant.specimen.clone(),
        drugs: drugs.iter().map(|name| Drug { name: name.clone() }).collect(),
        notes: vec![Note { text }],
    }
}

/// The key of the finding, and what is said about it.
fn key(variant: &SmallVariant, kind: &'static str, what: [&str; 2]) -> Identity {
    let fields = variant.identity.key.iter().map(String::as_str).chain(what);
    Identity::new(&variant.identity.owner, kind, &fields.collect::<Vec<_>>())
}

fn add_curation(context: &Context<'_>, row: &TableVariant, variant: &mut SmallVariant, account: &mut Account) {
    let one = |cell: &Option<String>| cell.iter().cloned().collect::<Vec<_>>();
    for (column, (kind, words), values) in [
        ("Class_judgement", CLASS_JUDGEMENT, one(&row.class_judgement)),
        ("Reporting_judgement", REPORTING_JUDGEMENT, one(&row.reporting_judgement)),
        ("IGV_QC", IGV_QC, one(&row.igv_qc)),
        ("Run_QC", RUN_QC, one(&row.run_qc)),
        ("Filters", FILTERS, row.filters.clone()),
    ] {
        for value in values {
            let known = words.contains(&value.as_str());
            if !known {
                let words = format!("{} is none of the words of the column", quote(&value));
                account.issue(IssueCode::ValueUnknown, place(context.table, row, column), words);
            }
            if known || is_word(&value) {
                variant.curation.push(CurationFlag { kind: kind.to_owned(), value });
            }
        }
    }
}

/// Whether a text is a word of some vocabulary: people type into these columns, and a sentence can name a person.
fn is_word(text: &str) -> bool {
    text.len() <= 30
        && text.chars().all(|sign| sign.is_ascii_alphanumeric() || "_-+".contains(sign))
        && !crate::redact::has_long_digit_run(text)
}

/// Every word of the curation columns, for comparing them with the code table.
#[cfg(test)]
pub(super) fn vocabularies() -> Vec<&'static str> {
    let columns = [CLASS_JUDGEMENT, REPORTING_JUDGEMENT, IGV_QC, RUN_QC, FILTERS];
    columns.iter().flat_map(|(_, words)| words.iter().copied()).collect()
}
