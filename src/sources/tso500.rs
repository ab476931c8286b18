//! The result folder of an Illumina TruSight Oncology 500 pipeline.

pub mod cells;
pub mod combined_variant_output;
pub mod folder;
pub mod md5_list;
pub mod metrics_output;
pub mod normalise;
pub mod sample_list;
pub mod sheet;
pub mod text;
pub mod tmb_trace;
pub mod vcf;
pub mod wire;

use std::path::Path;

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;
use crate::domain::report::GenomicReport;

use self::folder::Entry;
use self::text::Text;
pub use normalise::{Files, Knowledge, Output, SignedOff, assemble};

/// What reading needs to know beside the folder.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Limits on input.
    pub limits: &'a Limits,
    /// Tables and configuration.
    pub knowledge: Knowledge<'a>,
}

/// Reads a result folder, or one CombinedVariantOutput file, into reports: detect, parse, normalise.
///
/// What cannot be read is an issue in `account`; without any report the result is empty and the account says why.
pub fn read(path: &Path, context: Context<'_>, account: &mut Account) -> Vec<GenomicReport> {
    let limits = context.limits;
    let inventory = match folder::discover(path, limits, &mut account.issues) {
        Ok(inventory) => inventory,
        Err(issue) => {
            account.issues.push(issue);
            return Vec::new();
        }
    };
    md5_list::verify(&inventory, limits, &mut account.issues);
    let outputs = parse_all(&inventory.combined_variant_outputs, limits, account, combined_variant_output::parse);
    let metrics = parse_all(&inventory.metrics_outputs, limits, account, metrics_output::parse);
    let traces = parse_all(&inventory.tmb_traces, limits, account, tmb_trace::parse);
    let lists = parse_all(&inventory.sample_lists, limits, account, sample_list::parse);
    let outputs = outputs.into_iter().map(|content| {
        let entry = inventory.entry(&content.file);
        let (file_id, run_id) = entry.map(|entry| (entry.id.clone(), entry.run_id.clone())).unwrap_or_default();
        Output { content, file_id, run_id }
    });
    let files = Files { outputs: outputs.collect(), metrics, traces, lists };
    assemble(&files, context.knowledge, account)
}

/// Reads the files of one kind, identical copies once, and parses them.
fn parse_all<T>(
    entries: &[Entry],
    limits: &Limits,
    account: &mut Account,
    parse: impl Fn(&Text, &Limits, &mut Account) -> Option<T>,
) -> Vec<T> {
    let texts = folder::load(entries, limits, account);
    let mut parsed = Vec::new();
    for text in &texts {
        if account.ledger.len() >= limits.rows {
            let words = format!("not read: the files before it have {} rows", limits.rows);
            account.issue(IssueCode::FileTooManyLines, Location::file(&text.file), words);
            continue;
        }
        parsed.extend(parse(text, limits, account));
    }
    parsed
}
