//! The findings of one file, each under the sample it was made in.

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::finding::{
    CopyNumber, ExonCopyNumber, Fusion, GenomicInstability, LossOfHeterozygosity, MicrosatelliteInstability,
    PipelineLink, SmallVariant, SpecimenLink, SpliceVariant, TumorMutationalBurden,
};
use crate::domain::gene::GeneTable;
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::GenomicReport;

use super::super::wire::CombinedVariantOutput;
use super::evidence::Evidence;
use super::merge::{All, Rank, add, merge};
use super::multi_nucleotide::{give_parts, take_parts};
use super::sample::{Case, Sample};
use super::small_variants::place;
use super::tsoppi::Withheld;
use super::{Knowledge, biomarkers, copy_numbers, origin, rearrangements, small_variants};

/// What every finding of one sample needs to know.
pub struct Part<'a> {
    pub(super) file: &'a Arc<str>,
    pub(super) owner: &'a str,
    pub(super) specimen: SpecimenLink,
    pub(super) genes: &'a GeneTable,
    pub(super) is_known_consequence: &'a dyn Fn(&str) -> bool,
}

impl Part<'_> {
    pub(super) fn place(&self, section: &str, line: u32) -> Location {
        place(self.file, section, line)
    }
}

/// What the files of a report tell, before it is merged.
#[derive(Default)]
pub(super) struct Found {
    pub(super) small_variants: All<SmallVariant>,
    pub(super) copy_numbers: All<CopyNumber>,
    pub(super) losses_of_heterozygosity: All<LossOfHeterozygosity>,
    pub(super) exon_copy_numbers: All<ExonCopyNumber>,
    pub(super) fusions: All<Fusion>,
    pub(super) splice_variants: All<SpliceVariant>,
    pub(super) tumor_mutational_burdens: All<TumorMutationalBurden>,
    pub(super) microsatellite_instabilities: All<MicrosatelliteInstability>,
    pub(super) genomic_instabilities: All<GenomicInstability>,
    /// Small variants that the laboratory does not count.
    pub(super) withheld: Vec<Withheld>,
    /// Parts of multi-nucleotide variants, each with its whole.
    pub(super) components: Vec<(Identity, Identity)>,
}

impl Found {
    /// One finding per key, in the report. Returns the small variants that the laboratory does not count: they are taken
    /// away when every file has said what it knows about them.
    pub(super) fn merge_into(mut self, report: &mut GenomicReport, account: &mut Account) -> Vec<Withheld> {
        let parts = take_parts(&mut self.small_variants, &self.components);
        macro_rules! lists {
            ($($list:ident),*) => { $( report.$list = merge(self.$list, account); )* };
        }
        lists!(
            small_variants,
            copy_numbers,
            losses_of_heterozygosity,
            exon_copy_numbers,
            fusions,
            splice_variants,
            tumor_mutational_burdens,
            microsatellite_instabilities,
            genomic_instabilities
        );
        give_parts(&mut report.small_variants, parts);
        copy_numbers::warn_both(&mut report.copy_numbers, account);
        self.withheld
    }
}

/// Adds the findings of a CombinedVariantOutput, each under the sample it was made in.
pub(super) fn add_findings(
    found: &mut Found,
    case: &Case,
    pipeline: &PipelineLink,
    knowledge: Knowledge<'_>,
    account: &mut Account,
) {
    let content = case.content();
    if let Some(sample) = case.dna.as_ref().or(case.rna.as_ref()) {
        let part = part_of(case, &content.file, sample, pipeline, knowledge);
        let line = content.small_variants.first().map(|row| row.line);
        warn_wrong_sample(line, "Small Variants", &case.dna, content, account);
        add_dna(found, content, &part, knowledge, account);
    }
    if let Some(sample) = case.rna.as_ref().or(case.dna.as_ref()) {
        let part = part_of(case, &content.file, sample, pipeline, knowledge);
        let line = content.fusions.first().map(|row| row.line);
        warn_wrong_sample(line, "Fusions", &case.rna, content, account);
        let line = content.splice_variants.first().map(|row| row.line);
        warn_wrong_sample(line, "Splice Variants", &case.rna, content, account);
        let fusions = rearrangements::fusions(&content.fusions, "Fusions", &part, account);
        add(&mut found.fusions, Rank::Result, fusions);
        let splice_variants = rearrangements::splice_variants(&content.splice_variants, &part, account);
        add(&mut found.splice_variants, Rank::Result, splice_variants);
    }
}

fn add_dna(
    found: &mut Found,
    content: &CombinedVariantOutput,
    part: &Part<'_>,
    knowledge: Knowledge<'_>,
    account: &mut Account,
) {
    let (rank, method) = (Rank::Result, method(content));
    let policies = knowledge.policies;
    add(&mut found.small_variants, rank, small_variants::normalise(&content.small_variants, part, account));
    add(&mut found.copy_numbers, rank, copy_numbers::amplifications(&content.gene_amplifications, part, account));
    add(&mut found.copy_numbers, rank, copy_numbers::copy_numbers(&content.copy_number_variants, part, account));
    let losses = copy_numbers::losses(&content.losses_of_heterozygosity, part, account);
    add(&mut found.losses_of_heterozygosity, rank, losses);
    add(&mut found.exon_copy_numbers, rank, copy_numbers::exon_changes(&content.exon_copy_numbers, part, account));
    add(&mut found.fusions, rank, rearrangements::fusions(&content.dna_fusions, "DNA Fusions", part, account));
    add(&mut found.tumor_mutational_burdens, rank, biomarkers::tmb(&content.tmb, part, &method, policies));
    let msi = biomarkers::msi(&content.msi, part, &method, policies, account);
    add(&mut found.microsatellite_instabilities, rank, msi);
    add(&mut found.genomic_instabilities, rank, biomarkers::gis(&content.gis, part, &method, account));
}

/// Gives the merged variants of a sample the origin that its traces state.
pub(super) fn add_origins(
    report: &mut GenomicReport,
    case: &Case,
    evidence: &Evidence,
    pipeline: &PipelineLink,
    knowledge: Knowledge<'_>,
    account: &mut Account,
) {
    let Some(sample) = case.dna.as_ref().or(case.rna.as_ref()) else { return };
    for trace in &evidence.traces {
        let part = part_of(case, &trace.file, sample, pipeline, knowledge);
        origin::apply(&mut report.small_variants, trace, &part, account);
    }
}

/// A finding in a section whose sample the file does not name is kept, under the sample that it names.
fn warn_wrong_sample(
    line: Option<u32>,
    section: &str,
    expected: &Option<Sample>,
    content: &CombinedVariantOutput,
    account: &mut Account,
) {
    if let (Some(line), None) = (line, expected) {
        let text =
            "the section has findings, but the file names no sample of that kind; they are under the one it names";
        account.issue(IssueCode::Conflict, place(&content.file, section, line), text);
    }
}

pub(super) fn part_of<'a>(
    case: &'a Case,
    file: &'a Arc<str>,
    sample: &Sample,
    pipeline: &PipelineLink,
    knowledge: Knowledge<'a>,
) -> Part<'a> {
    Part {
        file,
        owner: &case.owner,
        specimen: sample.link(&case.owner, pipeline),
        genes: knowledge.genes,
        is_known_consequence: knowledge.is_known_consequence,
    }
}

/// Pipeline and version that computed a biomarker: the same number by another method is another quantity.
fn method(content: &CombinedVariantOutput) -> String {
    let version = content.details.pipeline_version.as_ref().map(|held| held.value.as_str());
    format!("{} {}", content.product, version.unwrap_or("")).trim_end().to_owned()
}
