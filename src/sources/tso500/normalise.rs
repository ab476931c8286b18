//! From files to reports: which samples are one report, what each finding is, whether each assay was done.

mod assay;
mod attach;
mod biomarkers;
mod caution;
mod copy_numbers;
mod evidence;
mod evidence_findings;
mod findings;
mod fusion_tables;
mod grouping;
mod merge;
mod multi_nucleotide;
mod origin;
pub mod pronto;
mod quality;
mod rearrangements;
mod report;
mod sample;
mod small_variants;
mod structured;
pub mod summary;
pub mod tsoppi;
mod unheld;
mod vcf;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::gene::GeneTable;
use crate::domain::limits::Limits;
use crate::domain::policy::Policies;
use crate::domain::report::GenomicReport;
use crate::domain::sample_id::Nomenclature;

use super::folder::{Entry, Kind};
use super::metrics_output::MetricsOutput;
use super::pronto_metadata::ProntoMetadata;
use super::sample_list::SampleList;
use super::variant_summary::VariantSummary;
use super::wire::CombinedVariantOutput;

pub use self::grouping::Group;
pub use self::sample::NucleicAcid;

/// The files that tell which results are there, parsed, and those that are read with the report of their sample.
#[derive(Debug, Default)]
pub struct Files {
    /// CombinedVariantOutput files with the facts of their place.
    pub outputs: Vec<Output>,
    /// Files that belong to one sample each, named in the file name.
    pub of_samples: Vec<(Kind, Entry)>,
    /// Files that speak of the whole run.
    pub shared: Shared,
    /// XML documents, which are other sources' to read.
    pub documents: Vec<Entry>,
}

/// The parsed files that speak of the whole run.
#[derive(Debug, Default)]
pub struct Shared {
    /// MetricsOutput files.
    pub metrics: Vec<MetricsOutput>,
    /// Sample lists.
    pub lists: Vec<SampleList>,
    /// Variant summaries of TSOPPI.
    pub summaries: Vec<VariantSummary>,
    /// Metadata of PRONTO.
    pub metadata: Vec<ProntoMetadata>,
    /// Files of which copies differ.
    pub differing: BTreeSet<Arc<str>>,
    /// Ids in the names of CombinedVariantOutput files that are there and cannot be used.
    pub unusable_outputs: BTreeSet<String>,
    /// Files whose content is not the one that an MD5 list names.
    pub mismatched: BTreeSet<Arc<str>>,
}

/// One CombinedVariantOutput.
#[derive(Debug)]
pub struct Output {
    /// Content; empty where no CombinedVariantOutput is there.
    pub content: CombinedVariantOutput,
    /// Id in the file name.
    pub file_id: Option<String>,
    /// Sequencing run that the folder names.
    pub run_id: Option<String>,
    /// The sample, where only the names of other files tell that there is a result of it.
    pub implied: Option<(String, NucleicAcid)>,
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
    pub is_known_consequence: &'a (dyn Fn(&str) -> bool + Sync),
}

/// Evidence of the laboratory's sign-off.
pub trait SignedOff: std::fmt::Debug + Sync {
    /// Whether there is evidence for `sample_id`.
    fn is_signed_off(&self, sample_id: &str) -> bool;
}

/// Which results are one report, and what the reports have in common.
#[derive(Debug)]
pub struct Plan {
    groups: Vec<Group>,
    shared: Shared,
    /// Files of samples that have no report.
    unused: Vec<(Kind, Entry)>,
    documents: Vec<Entry>,
}

/// Finds out which results are there and which of them are one report. No file of a sample is opened.
pub fn plan(files: Files, knowledge: Knowledge<'_>, account: &mut Account) -> Plan {
    let outputs = files.outputs.into_iter().map(Arc::new).collect();
    let mut cases = sample::identify(outputs, knowledge.nomenclature, account);
    let mut shared = files.shared;
    let used: BTreeSet<&str> = cases.iter().filter_map(|case| case.output.file_id.as_deref()).collect();
    shared.unusable_outputs.retain(|id| !used.contains(id.as_str()));
    let unused = attach::attach(files.of_samples, &mut cases, knowledge.nomenclature, account);
    let groups = grouping::group(cases, &shared.lists, knowledge.nomenclature, account);
    Plan { groups, shared, unused, documents: files.documents }
}

impl Plan {
    /// The reports to be built, ordered by laboratory, patient and samples.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// XML documents of the folder, which other sources read.
    pub fn documents(&self) -> &[Entry] {
        &self.documents
    }

    /// Builds the report of a group. Rows that the files carry end held by a record of the report, or listed; those of
    /// the files that speak of the whole run stay open for other reports.
    pub fn report(
        &self,
        group: &Group,
        limits: &Limits,
        knowledge: Knowledge<'_>,
        account: &mut Account,
    ) -> GenomicReport {
        report::build(group, &self.shared, limits, knowledge, account)
    }

    /// Lists the rows that no report holds, when all reports are built and their rows are represented.
    pub fn close(&self, limits: &Limits, account: &mut Account) {
        unheld::list(self, limits, account);
    }
}
