//! The result folder of an Illumina TruSight Oncology 500 pipeline.

pub mod all_fusions;
pub mod biomarker_json;
pub mod cells;
mod column_table;
pub mod combined_variant_output;
pub mod csv_table;
pub mod dna_fusions_table;
pub mod folder;
pub mod json_text;
pub mod md5_list;
pub mod metrics_output;
pub mod normalise;
pub mod pronto_metadata;
pub mod sample_analysis_results;
pub mod sample_list;
pub mod sheet;
pub mod small_variant_table;
pub mod text;
pub mod tmb_trace;
pub mod tsoppi_version;
pub mod variant_summary;
pub mod vcf;
pub mod wire;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;

use self::folder::{Entry, Kind};
use self::text::Text;
pub use normalise::{Files, Group, Knowledge, NucleicAcid, Output, Plan, Shared, SignedOff, plan};

/// What reading needs to know beside the folder.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Limits on input.
    pub limits: &'a Limits,
    /// Tables and configuration.
    pub knowledge: Knowledge<'a>,
}

/// Opens a result folder, or one result file: which reports it holds. The files of the samples are read with their reports
/// ([`Plan::report`]), so that the memory needed does not grow with the number of patients.
///
/// What cannot be read is an issue in `account`; `None` where there is nothing to translate.
pub fn open(path: &Path, context: Context<'_>, account: &mut Account) -> Option<Plan> {
    let limits = context.limits;
    let inventory = match folder::discover(path, limits, &mut account.issues) {
        Ok(inventory) => inventory,
        Err(issue) => {
            account.issues.push(issue);
            return None;
        }
    };
    md5_list::verify(&inventory, limits, &mut account.issues);
    let mismatches = account.issues.iter().filter(|issue| issue.code == IssueCode::Md5Mismatch);
    let mismatched = mismatches.filter_map(|issue| issue.location.file.clone()).collect();
    let of = |kind| inventory.of(kind);
    let mut reader = Reader { limits, account, differing: BTreeSet::new() };
    let outputs = reader.parse_all(of(Kind::CombinedVariantOutput), combined_variant_output::parse);
    let metrics = reader.parse_all(of(Kind::MetricsOutput), metrics_output::parse);
    let lists = reader.parse_all(of(Kind::SampleList), sample_list::parse);
    let summaries = reader.parse_all(of(Kind::VariantSummary), variant_summary::parse);
    let metadata = reader.parse_all(of(Kind::ProntoMetadata), pronto_metadata::parse);
    let differing = reader.differing;
    let unusable_outputs = of(Kind::CombinedVariantOutput).iter().filter_map(|entry| entry.id.clone()).collect();
    let outputs = outputs.into_iter().map(|content| {
        let entry = inventory.entry(&content.file);
        let (file_id, run_id) = entry.map(|entry| (entry.id.clone(), entry.run_id.clone())).unwrap_or_default();
        Output { content, file_id, run_id, implied: None }
    });
    let of_samples = inventory.of_samples().map(|(kind, entry)| (kind, entry.clone())).collect();
    let shared = Shared { metrics, lists, summaries, metadata, differing, unusable_outputs, mismatched };
    // A document that lies there twice is one.
    let documents = folder::distinct_contents(of(Kind::Xml));
    let files = Files { outputs: outputs.collect(), of_samples, shared, documents };
    Some(plan(files, context.knowledge, account))
}

/// Reads the files that speak of whole runs, and those that tell which results are there.
struct Reader<'a> {
    limits: &'a Limits,
    account: &'a mut Account,
    /// Files of which copies differ.
    differing: BTreeSet<Arc<str>>,
}

impl Reader<'_> {
    /// Reads the files of one kind, identical copies once, and parses them.
    fn parse_all<T>(&mut self, entries: &[Entry], parse: impl Fn(&Text, &Limits, &mut Account) -> Option<T>) -> Vec<T> {
        let texts = folder::load(entries, self.limits, self.account);
        self.differing.extend(texts.differing);
        let mut parsed = Vec::new();
        for text in &texts.used {
            if self.account.ledger.len() >= self.limits.rows {
                let words = format!("not read: the files before it have {} rows", self.limits.rows);
                self.account.issue(IssueCode::FileTooManyLines, Location::file(&text.file), words);
                continue;
            }
            parsed.extend(parse(text, self.limits, self.account));
        }
        parsed
    }
}
