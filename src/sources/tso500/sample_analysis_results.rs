//! `SampleAnalysisResults.json`: the results of one sample as the pipelines give them to other programs.
//!
//! ```text
//! data
//!   sampleInformation        key and value: sampleId, analysisDate, ...
//!   softwareConfiguration    analysisSoftwareVersion, genomeBuild, nirvanaVersionList[]
//!   biomarkers               microsatelliteInstability, tumorMutationalBurden, each with additionalMetrics[{name, value}]
//!   sampleMetrics            qualityControlMetrics[], expandedMetrics[]: taken from MetricsOutput instead
//!   variants                 smallVariants[], copyNumberVariants[], dnaFusions[]
//! ```
//!
//! The shape is known from programs that read the file (dracarys, tidydragen), not from a description. Small variants are all
//! that passed, germline ones too; the reads of the allele stand here and not in the CombinedVariantOutput. Positions are
//! 1-based on GRCh37.

mod biomarkers;
mod copy_number_variants;
mod dna_fusions;
mod small_variants;
#[cfg(test)]
mod tests;
mod transcript;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;
use crate::redact::quote;

use super::json_text::{self, Item, JsonFile, filter_of, text_of};
use super::text::Text;
use super::wire::{CopyNumberVariant, Fusion, Held, KeyValue, Msi, SmallVariant, Tmb};

/// The results of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleAnalysisResults {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// `sampleId` as written.
    pub sample_id: Option<String>,
    /// Name and version of the pipeline, where the file gives them.
    pub software: Option<String>,
    /// What the file says of the software, in file order.
    pub configuration: Vec<Held<KeyValue>>,
    /// Small variants.
    pub small_variants: Vec<CountedVariant>,
    /// Gains and losses of genes.
    pub copy_number_variants: Vec<CopyNumberVariant>,
    /// Fusions found in cell-free DNA.
    pub dna_fusions: Vec<Fusion>,
    /// Tumour mutational burden.
    pub tmb: Tmb,
    /// Microsatellite instability.
    pub msi: Msi,
}

/// A small variant with the reads that show its allele.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedVariant {
    /// The variant.
    pub variant: SmallVariant,
    /// Reads that show the alternative allele.
    pub allele_depth: Option<u64>,
}

const SAMPLE: &str = "sampleInformation";
const SOFTWARE: &str = "softwareConfiguration";
const BIOMARKERS: &str = "biomarkers";
const METRICS: &str = "sampleMetrics";
const VARIANTS: &str = "variants";

/// Reads a file. Each element of an array and each key that carries a result is opened in `account`; the rows of results that
/// are used stay open.
///
/// None where it is not JSON (`tso500.json-unreadable`), has no `data` (`tso500.json-shape-unknown`) or another genome build
/// (`tso500.genome-other`); the file is then one listed row.
pub fn parse(text: &Text, limits: &Limits, account: &mut Account) -> Option<SampleAnalysisResults> {
    let json = json_text::read(text, limits, account)?;
    let Some(data) = json.value.get("data").and_then(Value::as_object) else {
        let words = "the file has no object `data`".to_owned();
        json_text::refuse(&text.file, IssueCode::JsonShapeUnknown, None, words, account);
        return None;
    };
    if let Some(build) = other_genome(data) {
        let words = format!("the genome build is {}", quote(&build));
        json_text::refuse(&text.file, IssueCode::GenomeOther, None, words, account);
        return None;
    }
    let mut results = SampleAnalysisResults {
        file: Arc::clone(&text.file),
        sample_id: None,
        software: software(data),
        configuration: Vec::new(),
        small_variants: Vec::new(),
        copy_number_variants: Vec::new(),
        dna_fusions: Vec::new(),
        tmb: Tmb::default(),
        msi: Msi::default(),
    };
    for (key, value) in data {
        match (key.as_str(), value) {
            (SAMPLE, Value::Object(sample)) => read_sample(sample, &json, &mut results, account),
            (SOFTWARE, Value::Object(software)) => read_software(software, &json, &mut results, account),
            (BIOMARKERS, Value::Object(biomarkers)) => biomarkers::read(biomarkers, &json, &mut results, account),
            (METRICS, Value::Object(metrics)) => list_metrics(metrics, &json, account),
            (VARIANTS, Value::Object(variants)) => read_variants(variants, &json, &mut results, account),
            (SAMPLE | SOFTWARE | BIOMARKERS | METRICS | VARIANTS, Value::Null) => {
                list_missing("data", &format!("data/{key}"), &json, account);
            }
            _ => list_unknown("data", &format!("data/{key}"), key, &json, account),
        }
    }
    list_beside_data(&json, account);
    Some(results)
}

/// A build that is not GRCh37, by any of its names (`hg19`, `hg19_hardPAR`, `hs37d5`).
fn other_genome(data: &Map<String, Value>) -> Option<String> {
    let software = data.get(SOFTWARE)?;
    let lists = software.get("nirvanaVersionList").and_then(Value::as_array);
    let assemblies = lists.into_iter().flatten().filter_map(|list| list.get("genomeAssembly"));
    let mut builds = software.get("genomeBuild").into_iter().chain(assemblies).filter_map(text_of);
    builds.find(|build| !build.contains("37") && !build.contains("hg19"))
}

fn software(data: &Map<String, Value>) -> Option<String> {
    let text = |key| data.get(SOFTWARE)?.get(key).and_then(text_of);
    let name = text("analysisSoftwareDisplayName").or_else(|| text("analysisSoftwareName"));
    let words: Vec<String> = name.into_iter().chain(text("analysisSoftwareVersion")).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The sample and when it was analysed: facts of the run that the CombinedVariantOutput gives as well.
fn read_sample(
    sample: &Map<String, Value>,
    json: &JsonFile,
    results: &mut SampleAnalysisResults,
    account: &mut Account,
) {
    results.sample_id = sample.get("sampleId").and_then(text_of);
    for key in sample.keys() {
        let opened = json.open(SAMPLE, &format!("data/{SAMPLE}/{key}"), account);
        account.ledger.list(opened.row, IssueCode::RunNote, IssueCode::RunNote.meaning());
    }
}

fn read_software(
    software: &Map<String, Value>,
    json: &JsonFile,
    results: &mut SampleAnalysisResults,
    account: &mut Account,
) {
    for (key, value) in software {
        let path = format!("data/{SOFTWARE}/{key}");
        if let Value::Array(list) = value {
            for (index, entry) in list.iter().enumerate() {
                let opened = json.open(key, &format!("{path}/{index}"), account);
                let value = KeyValue { key: "Nirvana".to_owned(), value: versions_of(entry) };
                results.configuration.push(Held { value, row: opened.row, line: opened.line });
            }
            continue;
        }
        let opened = json.open(SOFTWARE, &path, account);
        match text_of(value).filter(|_| !value.is_object()) {
            Some(text) => {
                let value = KeyValue { key: quote(key).trim_matches('`').to_owned(), value: text };
                results.configuration.push(Held { value, row: opened.row, line: opened.line });
            }
            None => account.ledger.list(opened.row, IssueCode::ValueMissing, IssueCode::ValueMissing.meaning()),
        }
    }
}

/// The annotator and its data sources with their versions, in one line.
fn versions_of(entry: &Value) -> String {
    let text = |value: &Value, key: &str| value.get(key).and_then(text_of);
    let mut words: Vec<String> =
        ["nirvanaSoftwareVersion", "genomeAssembly"].iter().filter_map(|key| text(entry, key)).collect();
    for source in entry.get("dataSources").and_then(Value::as_array).into_iter().flatten() {
        let named: Vec<String> = ["name", "version"].iter().filter_map(|key| text(source, key)).collect();
        words.push(named.join(" "));
    }
    words.join(", ")
}

/// Quality metrics are judged by MetricsOutput, which holds their guidelines.
fn list_metrics(metrics: &Map<String, Value>, json: &JsonFile, account: &mut Account) {
    for (key, value) in metrics {
        let path = format!("data/{METRICS}/{key}");
        let count = value.as_array().map_or(0, Vec::len);
        let paths = (0..count).map(|index| format!("{path}/{index}"));
        let whole = (count == 0).then(|| path.clone());
        for path in paths.chain(whole) {
            let opened = json.open(key, &path, account);
            let text = "quality metrics are taken from MetricsOutput";
            account.ledger.list(opened.row, IssueCode::ResultNotUsed, text);
        }
    }
}

fn read_variants(
    variants: &Map<String, Value>,
    json: &JsonFile,
    results: &mut SampleAnalysisResults,
    account: &mut Account,
) {
    for (key, value) in variants {
        match (key.as_str(), value) {
            ("smallVariants", Value::Array(list)) => {
                results.small_variants = read_list(list, key, json, account, small_variants::read);
            }
            ("copyNumberVariants", Value::Array(list)) => {
                results.copy_number_variants = read_list(list, key, json, account, copy_number_variants::read);
            }
            ("dnaFusions", Value::Array(list)) => {
                results.dna_fusions = read_list(list, key, json, account, dna_fusions::read);
            }
            ("smallVariants" | "copyNumberVariants" | "dnaFusions", Value::Null) => {
                list_missing(VARIANTS, &format!("data/{VARIANTS}/{key}"), json, account);
            }
            _ => list_unknown(VARIANTS, &format!("data/{VARIANTS}/{key}"), key, json, account),
        }
    }
}

/// Reads the elements of an array. One that is no object, or that the caller filtered, is listed.
fn read_list<T>(
    list: &[Value],
    section: &str,
    json: &JsonFile,
    account: &mut Account,
    read: fn(&mut Item<'_>, &mut Account) -> Option<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    for (index, element) in list.iter().enumerate() {
        let opened = json.open(section, &format!("data/{VARIANTS}/{section}/{index}"), account);
        let Some(object) = element.as_object() else {
            let words = "the element is no object";
            account.reject(opened.row, IssueCode::ValueRequired, opened.place, words);
            continue;
        };
        if let Some(filter) = filter_of(object) {
            account.ledger.list(opened.row, IssueCode::RowFiltered, format!("filter {}", quote(&filter)));
            continue;
        }
        found.extend(read(&mut Item::new(object, opened), account));
    }
    found
}

/// Lists the elements under a key of no known name, or the key itself.
fn list_unknown(section: &str, path: &str, key: &str, json: &JsonFile, account: &mut Account) {
    let pointer = format!("/{path}");
    let count = json.value.pointer(&pointer).and_then(Value::as_array).map_or(0, Vec::len);
    let words = format!("key {}", quote(key));
    let first = json.open(section, &if count == 0 { path.to_owned() } else { format!("{path}/0") }, account);
    account.reject(first.row, IssueCode::KeyUnknown, first.place, words.clone());
    for index in 1..count {
        let opened = json.open(section, &format!("{path}/{index}"), account);
        account.ledger.list(opened.row, IssueCode::KeyUnknown, words.clone());
    }
}

fn list_missing(section: &str, path: &str, json: &JsonFile, account: &mut Account) {
    let opened = json.open(section, path, account);
    account.ledger.list(opened.row, IssueCode::ValueMissing, IssueCode::ValueMissing.meaning());
}

fn list_beside_data(json: &JsonFile, account: &mut Account) {
    for key in json.value.as_object().into_iter().flat_map(Map::keys).filter(|key| *key != "data") {
        list_unknown("", key, key, json, account);
    }
}
