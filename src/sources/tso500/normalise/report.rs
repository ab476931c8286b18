//! One report from the files of one group.

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::finding::{Note, PipelineLink, SpecimenLink};
use crate::domain::gene::GeneTable;
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::{Analysis, GenomicReport, LabPatient, Laboratory, PairId, Pipeline, Study};
use crate::domain::sample_id::{Element, SampleId};

use super::super::cells::time::instant;
use super::super::metrics_output::Category;
use super::super::wire::{CombinedVariantOutput, Dialect};
use super::grouping::Group;
use super::merge::merge;
use super::quality::{Quality, judge};
use super::sample::{Case, NucleicAcid, Sample, UNASSIGNED};
use super::small_variants::place;
use super::{Files, Knowledge, biomarkers, copy_numbers, origin, rearrangements, small_variants};

/// What every finding of one sample needs to know.
pub(super) struct Part<'a> {
    pub(super) file: &'a Arc<str>,
    pub(super) owner: &'a str,
    pub(super) specimen: SpecimenLink,
    pub(super) genes: &'a GeneTable,
    pub(super) exon_section: &'static str,
    pub(super) is_known_consequence: &'a dyn Fn(&str) -> bool,
}

impl Part<'_> {
    pub(super) fn place(&self, section: &str, line: u32) -> Location {
        place(self.file, section, line)
    }
}

/// Builds the report of a group.
pub(super) fn build(
    group: &Group<'_>,
    files: &Files,
    knowledge: Knowledge<'_>,
    account: &mut Account,
) -> GenomicReport {
    let mut report = frame(group, knowledge);
    let mut quality_failed = false;
    let mut msi_restrictions = Vec::new();
    for case in &group.cases {
        let pipeline = add_pipeline(&mut report, case);
        let mut failed = Vec::new();
        for sample in case.samples() {
            let pair = case.content().details.pair_id.as_ref().map(|held| held.value.as_str());
            let quality = judge(sample, pair, &files.metrics, account);
            report.specimens.push(sample.specimen(&case.owner));
            if !quality.failures.is_empty() {
                failed.push(sample.nucleic_acid);
            }
            quality_failed |= !quality.failures.is_empty() || !quality.restrictions.is_empty();
            let msi = quality.restrictions.iter().filter(|(category, _)| *category == Category::Msi);
            msi_restrictions.extend(msi.map(|(_, sentence)| Note { text: sentence.clone() }));
            add_analysis(&mut report, case, sample, quality, &pipeline, knowledge);
        }
        add_times(&mut report, case);
        add_details(&mut report, case);
        add_not_assayed(&mut report, case);
        let before = report.finding_count();
        add_findings(&mut report, case, files, &pipeline, knowledge, account);
        if !failed.is_empty() && report.finding_count() > before {
            let text = "findings are reported although the assay failed its quality control";
            account.issue(IssueCode::FindingDespiteFailure, Location::file(&case.content().file), text);
        }
    }
    for msi in &mut report.microsatellite_instabilities {
        msi.notes.extend(msi_restrictions.iter().cloned());
    }
    add_list_rows(&mut report, files);
    finish(&mut report, group, knowledge, quality_failed, account);
    report
}

/// The parts that follow from the ids alone.
fn frame(group: &Group<'_>, knowledge: Knowledge<'_>) -> GenomicReport {
    let owner = group.owner.as_str();
    let ids: Vec<&str> =
        group.cases.iter().flat_map(|case| case.samples().map(|sample| sample.text.as_str())).collect();
    let mut key = vec![group.patient_key.as_str()];
    key.extend(&ids);
    let is_test =
        group.cases.iter().flat_map(Case::samples).any(|s| s.id.as_ref().is_some_and(SampleId::is_validation));
    let laboratory = (owner != UNASSIGNED).then(|| Laboratory {
        identity: Identity::new(owner, "laboratory", &[owner]),
        code: owner.to_owned(),
        name: knowledge.nomenclature.text(Element::Project, owner).map(str::to_owned),
    });
    GenomicReport {
        identity: Identity::new(owner, "report", &key),
        is_test: is_test.then_some(true),
        patient: LabPatient {
            identity: Identity::new(owner, "lab-patient", &[&group.patient_key]),
            key: group.patient_key.clone(),
            gender: None,
            year_of_birth: None,
        },
        laboratory,
        study: Study {
            identity: Identity::new(owner, "study", &key),
            title: "TruSight Oncology 500".to_owned(),
            run_id: group.cases.iter().find_map(|case| case.output.run_id.clone()),
            ..Study::default()
        },
        ..GenomicReport::default()
    }
}

/// Adds the pipeline of a file, once per name and versions.
fn add_pipeline(report: &mut GenomicReport, case: &Case<'_>) -> PipelineLink {
    let content = case.content();
    let details = &content.details;
    let text = |held: &Option<super::super::wire::Held<String>>| held.as_ref().map(|held| held.value.clone());
    let (version, module_version) = (text(&details.pipeline_version), text(&details.module_version));
    let key = [content.product.as_str(), version.as_deref().unwrap_or(""), module_version.as_deref().unwrap_or("")];
    let identity = Identity::new(&case.owner, "pipeline", &key);
    let rows = details.pipeline_version.iter().chain(&details.module_version).map(|held| held.row);
    match report.pipelines.iter_mut().find(|pipeline| pipeline.identity == identity) {
        Some(pipeline) => pipeline.rows.extend(rows),
        None => report.pipelines.push(Pipeline {
            identity: identity.clone(),
            name: content.product.clone(),
            version,
            module_version,
            rows: rows.collect(),
        }),
    }
    PipelineLink { identity }
}

/// Adds the analysis of a sample, or the reason why there is none.
fn add_analysis(
    report: &mut GenomicReport,
    case: &Case<'_>,
    sample: &Sample,
    quality: Quality,
    pipeline: &PipelineLink,
    knowledge: Knowledge<'_>,
) {
    let assay = assay_of(sample.nucleic_acid);
    if !quality.failures.is_empty() {
        let text =
            format!("{} ({}): the assay failed; no statement follows from missing findings", assay.name, sample.text);
        report.notes.push(Note { text });
        let sections = if sample.nucleic_acid == NucleicAcid::Rna { RNA_SECTIONS } else { DNA_SECTIONS };
        report.unassessed.extend(sections.iter().map(|section| (*section, "assay failed")));
        for sentence in quality.failures {
            report.notes.push(Note { text: format!("{}: {sentence}", sample.text) });
        }
        for sentence in quality.sentences {
            report.study.notes.push(Note { text: format!("{}: {sentence}", sample.text) });
        }
        report.study.rows.extend(quality.rows);
        return;
    }
    for (_, sentence) in &quality.restrictions {
        report.notes.push(Note { text: format!("{}: {sentence}", sample.text) });
    }
    report.analyses.push(Analysis {
        identity: Identity::new(&case.owner, "analysis", &[&sample.text, assay.code]),
        specimen: sample.link(&case.owner, pipeline),
        assay: assay.code.to_owned(),
        title: format!("TruSight Oncology 500 {}", assay.name),
        regions: assay.regions(knowledge.genes),
        performed: performed(case.content()),
        read_depth: quality.read_depth,
        metrics: (!quality.sentences.is_empty()).then(|| quality.sentences.join("; ")),
        notes: Vec::new(),
        rows: quality.rows,
    });
}

struct Assay {
    code: &'static str,
    name: &'static str,
}

fn assay_of(nucleic_acid: NucleicAcid) -> Assay {
    match nucleic_acid {
        NucleicAcid::Dna => Assay { code: "dna", name: "DNA" },
        NucleicAcid::CellFreeDna => Assay { code: "cfdna", name: "cell-free DNA" },
        NucleicAcid::Rna => Assay { code: "rna", name: "RNA" },
    }
}

impl Assay {
    /// The panel in words, counted from the table of panel genes.
    fn regions(&self, genes: &GeneTable) -> String {
        let panel = genes.panel_genes();
        let count =
            |covers: fn(&crate::domain::gene::PanelGene) -> bool| panel.iter().filter(|gene| covers(gene)).count();
        if self.code == "rna" {
            format!("{} genes for fusions and splice variants", count(|gene| gene.rna_fusion))
        } else {
            format!(
                "{} genes for small variants, {} of them for copy number",
                count(|gene| gene.dna_small_variant),
                count(|gene| gene.dna_copy_number)
            )
        }
    }
}

/// Date and time of the result: an instant, or the date alone.
fn performed(content: &CombinedVariantOutput) -> Option<String> {
    let date = &content.details.output_date.as_ref()?.value;
    let time = content.details.output_time.as_ref().map(|held| &held.value);
    time.and_then(|time| instant(date, time)).or_else(|| Some(date.iso()))
}

/// The output date and time are held by the study; the report and the analyses repeat them.
fn add_times(report: &mut GenomicReport, case: &Case<'_>) {
    let details = &case.content().details;
    report.study.rows.extend(details.output_date.as_ref().map(|held| held.row));
    report.study.rows.extend(details.output_time.as_ref().map(|held| held.row));
    let performed = performed(case.content());
    let output = match (&performed, &details.output_time) {
        (Some(performed), _) => performed.clone(),
        (None, Some(time)) => format!("date not known, time {}", time.value.iso()),
        (None, None) => return,
    };
    let ids: Vec<&str> = case.samples().map(|sample| sample.text.as_str()).collect();
    report.study.notes.push(Note { text: format!("Output of {}: {output}", ids.join(" and ")) });
    // Written with their offset, instants of one zone order as text.
    if performed > report.study.performed {
        report.issued = performed.clone().filter(|text| text.contains('T'));
        report.study.performed = performed;
    }
}

/// Pair id, run details and kit.
fn add_details(report: &mut GenomicReport, case: &Case<'_>) {
    let content = case.content();
    if let Some(pair) = &content.details.pair_id {
        report.rows.push(pair.row);
        report.pairs.push(PairId { value: pair.value.clone() });
    }
    if let Some(kit) = &content.details.library_prep_kit {
        report.study.rows.push(kit.row);
        report.study.notes.push(Note { text: format!("Library Prep Kit: {}", kit.value) });
    }
    for detail in &content.run_details {
        report.study.rows.push(detail.row);
        report.study.notes.push(Note { text: format!("{}: {}", detail.value.key, detail.value.value) });
        if detail.value.key.eq_ignore_ascii_case("Run Name") && report.study.run_id.is_none() {
            report.study.run_id = Some(detail.value.value.clone());
        }
    }
}

/// Says what no statement is made about: an assay without sample, a section that is not in the file.
fn add_not_assayed(report: &mut GenomicReport, case: &Case<'_>) {
    let content = case.content();
    let ids: Vec<&str> = case.samples().map(|sample| sample.text.as_str()).collect();
    for section in &content.sections_missing {
        let text =
            format!("{}: the result file has no section {section}; no statement about its findings", ids.join(" and "));
        report.notes.push(Note { text });
    }
}

fn add_findings(
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
        report.microsatellite_instabilities.extend(biomarkers::msi(&content.msi, &part, &method, knowledge.policies));
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
        exon_section: if content.dialect == Dialect::LocalApp { "Exon-Level CNVs" } else { "Large Rearrangements" },
        is_known_consequence: knowledge.is_known_consequence,
    }
}

/// Pipeline and version that computed a biomarker: the same number by another method is another quantity.
fn method(content: &CombinedVariantOutput) -> String {
    let version = content.details.pipeline_version.as_ref().map(|held| held.value.as_str());
    format!("{} {}", content.product, version.unwrap_or("")).trim_end().to_owned()
}

/// Lines of the sample list are held by their specimen.
fn add_list_rows(report: &mut GenomicReport, files: &Files) {
    for row in files.lists.iter().flat_map(|list| &list.samples) {
        if let Some(specimen) = report.specimens.iter_mut().find(|specimen| specimen.sample_id == row.sample_id) {
            specimen.rows.push(row.row);
            if report.study.run_id.is_none() {
                report.study.run_id.clone_from(&row.run_id);
            }
        }
    }
}

/// Orders and merges, so that the order of rows does not matter, and decides the status.
fn finish(
    report: &mut GenomicReport,
    group: &Group<'_>,
    knowledge: Knowledge<'_>,
    quality_failed: bool,
    account: &mut Account,
) {
    macro_rules! merge_lists {
        ($($list:ident),*) => { $( report.$list = merge(std::mem::take(&mut report.$list), account); )* };
    }
    merge_lists!(small_variants, copy_numbers, losses_of_heterozygosity, exon_copy_numbers, fusions, splice_variants);
    add_missing_assays(report, group);
    for notes in [&mut report.notes, &mut report.study.notes] {
        notes.sort_by(|a, b| a.text.cmp(&b.text));
        notes.dedup();
    }
    report.pairs.sort_by(|a, b| a.value.cmp(&b.value));
    report.pairs.dedup();
    let signed_off = report.specimens.iter().all(|specimen| knowledge.signed_off.is_signed_off(&specimen.sample_id));
    let empty = report.analyses.is_empty();
    report.study.status = if empty { "stopped" } else { "completed" }.to_owned();
    report.status = match (empty && report.finding_count() == 0, signed_off, quality_failed) {
        (true, _, _) => "cancelled",
        (false, true, _) => "final",
        (false, false, true) => "partial",
        (false, false, false) => "preliminary",
    }
    .to_owned();
    report.finding_status = if signed_off { "final" } else { "preliminary" }.to_owned();
}

const DNA_SECTIONS: &[&str] = &["Small Variants", "Gene Amplifications", "Copy Number Variants"];
const RNA_SECTIONS: &[&str] = &["Fusions", "Splice Variants"];

/// Tissue reports have a DNA and an RNA assay; the one without sample is said not to have been done.
fn add_missing_assays(report: &mut GenomicReport, group: &Group<'_>) {
    let samples: Vec<NucleicAcid> =
        group.cases.iter().flat_map(Case::samples).map(|sample| sample.nucleic_acid).collect();
    if samples.contains(&NucleicAcid::CellFreeDna) {
        return;
    }
    for (nucleic_acid, name, sections, findings) in [
        (NucleicAcid::Dna, "DNA", DNA_SECTIONS, "small variants, copy numbers and biomarkers"),
        (NucleicAcid::Rna, "RNA", RNA_SECTIONS, "fusions and splice variants"),
    ] {
        if !samples.contains(&nucleic_acid) {
            report.unassessed.extend(sections.iter().map(|section| (*section, "not assayed")));
            let text = format!("{name} was not assayed: no statement about {findings}");
            report.notes.push(Note { text: text.clone() });
            report.study.notes.push(Note { text });
        }
    }
}
