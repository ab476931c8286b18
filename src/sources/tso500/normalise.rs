//! From files to reports: which samples are one report, what each finding is, whether each assay was done.

mod assay;
mod biomarkers;
mod caution;
mod copy_numbers;
mod findings;
mod grouping;
mod merge;
mod origin;
mod quality;
mod rearrangements;
mod report;
mod sample;
mod small_variants;
#[cfg_attr(not(test), expect(dead_code, reason = "the folder does not give out VCFs yet"))]
mod vcf;

use std::collections::HashSet;

use crate::domain::accounting::{Account, RowId};
use crate::domain::gene::GeneTable;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::policy::Policies;
use crate::domain::report::GenomicReport;
use crate::domain::sample_id::Nomenclature;

use super::metrics_output::MetricsOutput;
use super::sample_list::SampleList;
use super::tmb_trace::TmbTrace;
use super::wire::CombinedVariantOutput;

/// The parsed files of one folder.
#[derive(Debug, Default)]
pub struct Files {
    /// CombinedVariantOutput files with the facts of their place.
    pub outputs: Vec<Output>,
    /// MetricsOutput files.
    pub metrics: Vec<MetricsOutput>,
    /// TMB traces.
    pub traces: Vec<TmbTrace>,
    /// Sample lists.
    pub lists: Vec<SampleList>,
}

/// One CombinedVariantOutput.
#[derive(Debug)]
pub struct Output {
    /// Content.
    pub content: CombinedVariantOutput,
    /// Id in the file name.
    pub file_id: Option<String>,
    /// Sequencing run that the folder names.
    pub run_id: Option<String>,
}

/// What the tables and the configuration say.
#[derive(Clone, Copy)]
pub struct Knowledge<'a> {
    /// Gene symbols.
    pub genes: &'a GeneTable,
    /// Sample id nomenclature.
    pub nomenclature: &'a Nomenclature,
    /// Categories.
    pub policies: &'a Policies,
    /// Whether the laboratory signed a sample off.
    pub signed_off: &'a dyn SignedOff,
    /// Whether a consequence term has a Sequence Ontology code in the tables.
    pub is_known_consequence: &'a dyn Fn(&str) -> bool,
}

/// Evidence of the laboratory's sign-off.
pub trait SignedOff: std::fmt::Debug {
    /// Whether there is evidence for `sample_id`.
    fn is_signed_off(&self, sample_id: &str) -> bool;
}

/// Assembles the reports. Every row that the files carry ends held by a record of a report, or listed.
pub fn assemble(files: &Files, knowledge: Knowledge<'_>, account: &mut Account) -> Vec<GenomicReport> {
    let cases = sample::identify(&files.outputs, knowledge.nomenclature, account);
    let groups = grouping::group(cases, &files.lists, knowledge.nomenclature, account);
    let reports: Vec<GenomicReport> =
        groups.iter().map(|group| report::build(group, files, knowledge, account)).collect();
    list_unheld(files, &reports, account);
    reports
}

/// Lists the rows of the run-wide files that no report holds.
fn list_unheld(files: &Files, reports: &[GenomicReport], account: &mut Account) {
    let mut held: HashSet<RowId> = HashSet::new();
    for report in reports {
        report.for_each_holder(|_, rows| held.extend(rows));
    }
    quality::list_unheld(&files.metrics, reports, &held, account);
    for trace in &files.traces {
        let mut specimens = reports.iter().flat_map(|report| &report.specimens);
        let known = specimens.any(|specimen| trace.sample_id.as_ref() == Some(&specimen.sample_id));
        let code = if known { IssueCode::TraceVariantNotCalled } else { IssueCode::FileWithoutReport };
        for row in trace.rows.iter().filter(|row| !held.contains(&row.row)) {
            account.ledger.list(row.row, code, code.meaning());
        }
    }
    for list in &files.lists {
        for row in list.samples.iter().filter(|row| !held.contains(&row.row)) {
            let text = "the listed sample has no CombinedVariantOutput in the folder";
            account.reject(row.row, IssueCode::SampleWithoutReport, Location::file(&list.file).line(row.line), text);
        }
    }
}
