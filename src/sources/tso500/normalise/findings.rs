//! The findings of one file, each under the sample it was made in.

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::finding::{PipelineLink, SpecimenLink};
use crate::domain::gene::GeneTable;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::GenomicReport;

use super::super::wire::CombinedVariantOutput;
use super::sample::{Case, Sample};
use super::small_variants::place;
use super::{Files, Knowledge, biomarkers, copy_numbers, origin, rearrangements, small_variants};

/// What every finding of one sample needs to know.
pub(super) struct Part<'a> {
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

/// Adds the findings of a file, each under the sample it was made in.
pub(super) fn add_findings(
    report: &mut GenomicReport,
    case: &Case<'_>,
    files: &Files,
    pipeline: &PipelineLink,
    knowledge: Knowledge<'_>,
    account: &mut Account,
) {
    let content = case.content();
    let method = method(content);
    if let Some(sample) = case.dna.as_ref().or(case.rna.as_ref()) {
        let part = part_of(case, sample, pipeline, knowledge);
        warn_wrong_sample(
            content.small_variants.first().map(|row| row.line),
            "Small Variants",
            &case.dna,
            content,
            account,
        );
        let mut variants = small_variants::normalise(&content.small_variants, &part, account);
        for trace in files.traces.iter().filter(|trace| trace.sample_id.as_ref() == Some(&sample.text)) {
            origin::apply(&mut variants, trace, &part, account);
        }
        report.small_variants.extend(variants);
        report.copy_numbers.extend(copy_numbers::amplifications(&content.gene_amplifications, &part, account));
        report.copy_numbers.extend(copy_numbers::copy_numbers(&content.copy_number_variants, &part, account));
        report.losses_of_heterozygosity.extend(copy_numbers::losses(&content.losses_of_heterozygosity, &part, account));
        report.exon_copy_numbers.extend(copy_numbers::exon_changes(&content.exon_copy_numbers, &part, account));
        report.fusions.extend(rearrangements::fusions(&content.dna_fusions, "DNA Fusions", &part, account));
        report.tumor_mutational_burdens.extend(biomarkers::tmb(&content.tmb, &part, &method, knowledge.policies));
        report.microsatellite_instabilities.extend(biomarkers::msi(
            &content.msi,
            &part,
            &method,
            knowledge.policies,
            account,
        ));
        report.genomic_instabilities.extend(biomarkers::gis(&content.gis, &part, &method, account));
    }
    if let Some(sample) = case.rna.as_ref().or(case.dna.as_ref()) {
        let part = part_of(case, sample, pipeline, knowledge);
        warn_wrong_sample(content.fusions.first().map(|row| row.line), "Fusions", &case.rna, content, account);
        warn_wrong_sample(
            content.splice_variants.first().map(|row| row.line),
            "Splice Variants",
            &case.rna,
            content,
            account,
        );
        report.fusions.extend(rearrangements::fusions(&content.fusions, "Fusions", &part, account));
        report.splice_variants.extend(rearrangements::splice_variants(&content.splice_variants, &part, account));
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

fn part_of<'a>(case: &'a Case<'_>, sample: &Sample, pipeline: &PipelineLink, knowledge: Knowledge<'a>) -> Part<'a> {
    let content = case.content();
    Part {
        file: &content.file,
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
