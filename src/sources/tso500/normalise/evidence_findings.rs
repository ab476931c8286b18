//! The findings of the files beside the CombinedVariantOutput.

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::finding::PipelineLink;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::{GenomicReport, Study};

use super::evidence::{Evidence, sample_of_file};
use super::findings::{Found, Part, part_of};
use super::merge::{All, Rank, add};
use super::sample::{Case, NucleicAcid};
use super::{Knowledge, fusion_tables, structured, tsoppi, vcf};

/// The files of one case and what their findings need to know.
pub(super) struct Files<'a> {
    pub(super) case: &'a Case,
    pub(super) evidence: &'a Evidence,
    pub(super) pipeline: &'a PipelineLink,
    /// Name and version of the pipeline: the method of a biomarker whose file does not name one.
    pub(super) method: String,
    pub(super) knowledge: Knowledge<'a>,
}

impl Files<'_> {
    /// Adds the findings to those of the CombinedVariantOutput.
    pub(super) fn add_to(&self, found: &mut Found, report: &mut GenomicReport, account: &mut Account) {
        self.add_variants(found, account);
        self.add_junctions(found, account);
        self.add_fusions(found, account);
        self.add_results(found, &mut report.study, account);
        self.add_biomarkers(found, account);
        self.add_tables(found, report, account);
    }

    /// The place of a file's findings: the sample that its name names.
    fn part<'b>(&'b self, file: &'b Arc<str>) -> Option<Part<'b>> {
        let sample = sample_of_file(self.case, file)?;
        Some(part_of(self.case, file, sample, self.pipeline, self.knowledge))
    }

    /// Findings of RNA in a file that is named after a sample of DNA stay, under that sample.
    fn warn_if_dna(&self, file: &Arc<str>, line: Option<u32>, account: &mut Account) {
        let is_dna = sample_of_file(self.case, file).is_some_and(|sample| sample.nucleic_acid != NucleicAcid::Rna);
        if let Some(line) = line.filter(|_| is_dna) {
            let text =
                "the file has findings of RNA, its name is that of a DNA sample; they are under the one it names";
            account.issue(IssueCode::Conflict, Location::file(file).line(line), text);
        }
    }

    fn add_variants(&self, found: &mut Found, account: &mut Account) {
        for content in &self.evidence.small_variants {
            let Some(part) = self.part(&content.head.file) else { continue };
            add(&mut found.small_variants, Rank::Vcf, vcf::small_variants::small_variants(content, &part));
            found.components.extend(vcf::small_variants::mnv_components(content, &part));
        }
        for content in &self.evidence.copy_numbers {
            let Some(part) = self.part(&content.head.file) else { continue };
            add(&mut found.copy_numbers, Rank::Vcf, vcf::copy_numbers::copy_numbers(content, &part, account));
        }
        for content in &self.evidence.exon_copy_numbers {
            let Some(part) = self.part(&content.head.file) else { continue };
            let known: Vec<_> = found.exon_copy_numbers.iter().map(|told| told.finding.clone()).collect();
            add(
                &mut found.exon_copy_numbers,
                Rank::Vcf,
                vcf::copy_numbers::exon_changes(content, &known, &part, account),
            );
        }
    }

    fn add_junctions(&self, found: &mut Found, account: &mut Account) {
        for content in &self.evidence.splice_variants {
            let Some(part) = self.part(&content.head.file) else { continue };
            self.warn_if_dna(&content.head.file, content.junctions.first().map(|row| row.line), account);
            let known: Vec<_> = found.splice_variants.iter().map(|told| told.finding.clone()).collect();
            add(
                &mut found.splice_variants,
                Rank::Vcf,
                vcf::junctions::splice_variants(content, &known, &part, account),
            );
        }
    }

    fn add_fusions(&self, found: &mut Found, account: &mut Account) {
        let mut of_result = take(&mut found.fusions, Rank::Result);
        for content in &self.evidence.all_fusions {
            let Some(part) = self.part(&content.file) else { continue };
            self.warn_if_dna(&content.file, content.kept.first().map(|row| row.line), account);
            let mut of_table = fusion_tables::rna_fusions(content, &part, account);
            fusion_tables::align(&mut of_table, &of_result, account);
            fusion_tables::warn_dropped(content, &mut of_result, account);
            add(&mut found.fusions, Rank::Preferred, of_table);
        }
        for content in &self.evidence.dna_fusions {
            let Some(part) = self.part(&content.file) else { continue };
            let mut of_table = fusion_tables::dna_fusions(content, &part, account);
            fusion_tables::align(&mut of_table, &of_result, account);
            add(&mut found.fusions, Rank::Structured, of_table);
        }
        add(&mut found.fusions, Rank::Result, of_result);
    }

    fn add_results(&self, found: &mut Found, study: &mut Study, account: &mut Account) {
        for content in &self.evidence.results {
            let Some(part) = self.part(&content.file) else { continue };
            let told = structured::normalise(content, &part, self.knowledge.policies, account);
            let rank = Rank::Structured;
            add(&mut found.small_variants, rank, told.small_variants);
            add(&mut found.copy_numbers, rank, told.copy_numbers);
            add(&mut found.fusions, rank, told.fusions);
            add(&mut found.tumor_mutational_burdens, rank, told.tmb);
            add(&mut found.microsatellite_instabilities, rank, told.msi);
            study.notes.extend(told.notes);
            study.rows.extend(told.rows);
        }
    }

    fn add_biomarkers(&self, found: &mut Found, account: &mut Account) {
        let policies = self.knowledge.policies;
        for content in &self.evidence.tmb {
            let Some(part) = self.part(&content.file) else { continue };
            let burden = structured::tmb(content, &part, &self.method, policies);
            add(&mut found.tumor_mutational_burdens, Rank::Structured, burden);
        }
        for content in &self.evidence.msi {
            let Some(part) = self.part(&content.file) else { continue };
            let instability = structured::msi(content, &part, &self.method, policies, account);
            add(&mut found.microsatellite_instabilities, Rank::Structured, instability);
        }
    }

    fn add_tables(&self, found: &mut Found, report: &mut GenomicReport, account: &mut Account) {
        for table in &self.evidence.tables {
            let Some(part) = self.part(&table.file) else { continue };
            let curated = tsoppi::normalise(table, &part, account);
            add(&mut found.small_variants, Rank::Curated, curated.variants);
            found.withheld.extend(curated.withheld);
            report.notes.extend(curated.notes);
            let sample = &part.specimen.sample_id;
            if let Some(specimen) = report.specimens.iter_mut().find(|specimen| specimen.sample_id == *sample) {
                tsoppi::describe(table, specimen, &mut report.study);
            }
        }
    }
}

/// Takes out the findings of one rank.
fn take<F>(all: &mut All<F>, rank: Rank) -> Vec<F> {
    let (taken, rest): (All<F>, All<F>) = std::mem::take(all).into_iter().partition(|told| told.rank == rank);
    *all = rest;
    taken.into_iter().map(|told| told.finding).collect()
}
