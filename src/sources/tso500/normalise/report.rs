//! One report from the files of one group.

use std::collections::HashSet;

use crate::domain::accounting::{Account, RowId};
use crate::domain::finding::{Note, PipelineLink};
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;
use crate::domain::report::{GenomicReport, LabPatient, Laboratory, PairId, Pipeline, SequencingRun, Study};
use crate::domain::sample_id::{Element, SampleId};

use super::assay::{DNA_SECTIONS, RNA_SECTIONS, add_analysis, performed};
use super::caution::Cautions;
use super::evidence::{self, Evidence};
use super::evidence_findings::Files;
use super::findings::{Found, add_findings, add_origins};
use super::grouping::Group;
use super::quality::judge;
use super::sample::{Case, NucleicAcid, UNASSIGNED};
use super::{Knowledge, Shared, pronto, summary, tsoppi};

/// Builds the report of a group.
pub(super) fn build(
    group: &Group,
    shared: &Shared,
    limits: &Limits,
    knowledge: Knowledge<'_>,
    account: &mut Account,
) -> GenomicReport {
    let mut report = frame(group, knowledge);
    let (mut cautions, mut found, mut read) = (Cautions::default(), Found::default(), Vec::new());
    for case in &group.cases {
        let evidence = evidence::read(case, limits, account);
        let pipeline = add_pipeline(&mut report, case, &evidence);
        for sample in case.samples() {
            let quality = judge(sample, case.content(), &shared.metrics, account);
            if !quality.known {
                let text = format!("{}: no quality metrics are known", sample.text);
                report.notes.push(Note { text });
            }
            report.specimens.push(sample.specimen(&case.owner));
            cautions.add(sample, &quality, case.content(), account);
            add_analysis(&mut report, case, sample, quality, &pipeline, knowledge);
        }
        add_times(&mut report, case);
        add_details(&mut report, case);
        add_not_assayed(&mut report, case, &evidence, shared);
        cautions.add_invalid(&mut report, case, &evidence);
        add_findings(&mut found, case, &pipeline, knowledge, account);
        let method = method_of(case, &evidence);
        let files = Files { case, evidence: &evidence, pipeline: &pipeline, method, knowledge };
        files.add_to(&mut found, &mut report, account);
        // Lines are refused while findings are made of them, too.
        cautions.add_unreadable(&mut report, case, &evidence, shared, account);
        read.push((case, evidence, pipeline));
    }
    let withheld = found.merge_into(&mut report, account);
    for (case, evidence, pipeline) in &read {
        add_origins(&mut report, case, evidence, pipeline, knowledge, account);
    }
    report.small_variants = tsoppi::withhold(std::mem::take(&mut report.small_variants), &withheld, account);
    list_uncalled(&report, &read, account);
    cautions.apply(&mut report, account);
    add_list_rows(&mut report, shared);
    let mut only_there = summary::attach(&mut report, &shared.summaries, knowledge.genes, account);
    only_there.extend(pronto::apply(&mut report, &shared.metadata, account));
    let is_incomplete = cautions.any() || !only_there.is_empty();
    report.notes.extend(only_there);
    let awaited = add_missing_results(&mut report, group, shared);
    add_missing_assays(&mut report, group, &awaited);
    finish(&mut report, knowledge, is_incomplete || !awaited.is_empty());
    report.gather_implications();
    report
}

/// Lists the rows of traces whose variant no result file calls.
fn list_uncalled(report: &GenomicReport, read: &[(&Case, Evidence, PipelineLink)], account: &mut Account) {
    let held: HashSet<RowId> = report.small_variants.iter().flat_map(|variant| variant.rows.iter().copied()).collect();
    let code = IssueCode::TraceVariantNotCalled;
    let rows = read.iter().flat_map(|(_, evidence, _)| evidence.traces.iter().flat_map(|trace| &trace.rows));
    for row in rows.filter(|row| !held.contains(&row.row)) {
        account.ledger.list(row.row, code, code.meaning());
    }
}

/// The parts that follow from the ids alone.
fn frame(group: &Group, knowledge: Knowledge<'_>) -> GenomicReport {
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
            laboratory: laboratory.clone(),
            ..LabPatient::default()
        },
        laboratory,
        study: Study {
            identity: Identity::new(owner, "study", &key),
            title: "TruSight Oncology 500".to_owned(),
            runs: group
                .cases
                .iter()
                .filter_map(|case| case.output.run_id.clone())
                .map(|id| SequencingRun { id })
                .collect(),
            ..Study::default()
        },
        ..GenomicReport::default()
    }
}

/// Name and version of the pipeline of a result.
fn program_of(case: &Case, evidence: &Evidence) -> (String, Option<String>) {
    let content = case.content();
    if content.product.is_empty() {
        return evidence.program().unwrap_or_else(|| ("Unknown pipeline".to_owned(), None));
    }
    (content.product.clone(), content.details.pipeline_version.as_ref().map(|held| held.value.clone()))
}

/// Pipeline and version in words: the same number by another method is another quantity.
fn method_of(case: &Case, evidence: &Evidence) -> String {
    let (name, version) = program_of(case, evidence);
    format!("{name} {}", version.unwrap_or_default()).trim_end().to_owned()
}

/// Adds the pipeline of a result, once per name and versions.
fn add_pipeline(report: &mut GenomicReport, case: &Case, evidence: &Evidence) -> PipelineLink {
    let details = &case.content().details;
    let (name, version) = program_of(case, evidence);
    let module_version = details.module_version.as_ref().map(|held| held.value.clone());
    let key = [name.as_str(), version.as_deref().unwrap_or(""), module_version.as_deref().unwrap_or("")];
    let identity = Identity::new(&case.owner, "pipeline", &key);
    let rows = details.pipeline_version.iter().chain(&details.module_version).map(|held| held.row);
    match report.pipelines.iter_mut().find(|pipeline| pipeline.identity == identity) {
        Some(pipeline) => pipeline.rows.extend(rows),
        None => report.pipelines.push(Pipeline {
            identity: identity.clone(),
            name,
            version,
            module_version,
            rows: rows.collect(),
        }),
    }
    PipelineLink { identity }
}

/// The output date and time are held by the study; the report and the analyses repeat them.
fn add_times(report: &mut GenomicReport, case: &Case) {
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
fn add_details(report: &mut GenomicReport, case: &Case) {
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
        if detail.value.key.eq_ignore_ascii_case("Run Name") {
            report.study.runs.push(SequencingRun { id: detail.value.value.clone() });
        }
    }
}

/// Says what no statement is made about: an assay without sample, a class of findings that no file tells.
fn add_not_assayed(report: &mut GenomicReport, case: &Case, evidence: &Evidence, shared: &Shared) {
    let content = case.content();
    let ids: Vec<&str> = case.samples().map(|sample| sample.text.as_str()).collect();
    let ids = ids.join(" and ");
    let told = evidence.sections();
    let missing = match &case.output.implied {
        Some((_, nucleic_acid)) => expected_sections(*nucleic_acid),
        None => content.sections_missing.as_slice(),
    };
    for section in missing.iter().filter(|section| !told.contains(section)) {
        report.unassessed.insert(section, "not in the result file");
        let text = match case.output.implied {
            Some(_) => format!("{ids}: no file tells {section}; no statement about it"),
            None => format!("{ids}: the result file has no section {section}; no statement about its findings"),
        };
        report.notes.push(Note { text });
    }
    let is_unusable = |id: &String| case.samples().any(|sample| sample.text == id.strip_suffix("_P").unwrap_or(id));
    if case.output.implied.is_some() && !shared.unusable_outputs.iter().any(is_unusable) {
        report.notes.push(Note { text: format!("{ids}: there is no CombinedVariantOutput of the sample") });
    }
    for gene in &content.genes_not_assessed {
        let text = format!("{ids}: {} was not assessed in section {}", gene.gene, gene.section);
        report.notes.push(Note { text });
    }
    for gene in evidence.exon_copy_numbers.iter().flat_map(|file| &file.genes_not_assessed) {
        let text = format!("{ids}: the exon copy number call of {gene} did not pass; no statement about it");
        report.notes.push(Note { text });
    }
}

/// The classes of findings that a reader expects of a sample.
fn expected_sections(nucleic_acid: NucleicAcid) -> &'static [&'static str] {
    match nucleic_acid {
        NucleicAcid::Dna => &["Small Variants", "Gene Amplifications", "TMB", "MSI"],
        NucleicAcid::CellFreeDna => &["Small Variants", "Copy Number Variants", "DNA Fusions", "TMB", "MSI"],
        NucleicAcid::Rna => &["Fusions", "Splice Variants"],
    }
}

/// Lines of the sample list are held by their specimen.
fn add_list_rows(report: &mut GenomicReport, shared: &Shared) {
    for row in shared.lists.iter().flat_map(|list| &list.samples) {
        if let Some(specimen) = report.specimens.iter_mut().find(|specimen| specimen.sample_id == row.sample_id) {
            specimen.rows.push(row.row);
            report.study.runs.extend(row.run_id.clone().map(|id| SequencingRun { id }));
        }
    }
}

/// Orders, so that the order of files does not matter, and decides the status.
fn finish(report: &mut GenomicReport, knowledge: Knowledge<'_>, quality_failed: bool) {
    for notes in [&mut report.notes, &mut report.study.notes] {
        notes.sort_by(|a, b| a.text.cmp(&b.text));
        notes.dedup();
    }
    report.study.runs.sort_by(|a, b| a.id.cmp(&b.id));
    report.study.runs.dedup();
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

/// Says of a tumour sample that a list joins with those of the report, and that has no result file in the folder, that its
/// result is not here: that is no statement about the assay. Gives these samples.
fn add_missing_results(report: &mut GenomicReport, group: &Group, shared: &Shared) -> Vec<String> {
    let own: HashSet<&str> = report.specimens.iter().map(|specimen| specimen.sample_id.as_str()).collect();
    let is_patient = |id: &str| {
        id.strip_prefix(group.patient_key.as_str()).is_some_and(|rest| rest.starts_with('-'))
            && !own.contains(id.strip_suffix("_P").unwrap_or(id))
            && !id.split('-').nth(2).is_some_and(|section| section.starts_with('N'))
    };
    let joined = |list: &&super::super::sample_list::SampleList| {
        list.samples.iter().any(|row| own.contains(row.sample_id.as_str()))
    };
    let listed = shared.lists.iter().filter(joined).flat_map(|list| list.samples.iter().map(|row| &row.sample_id));
    let mut missing: Vec<String> =
        listed.filter(|id| is_patient(id)).map(|id| id.strip_suffix("_P").unwrap_or(id).to_owned()).collect();
    missing.sort();
    missing.dedup();
    for id in &missing {
        let text = format!("{id}: the sample is listed, its result file is not in the folder; no statement about it");
        report.notes.push(Note { text });
    }
    missing
}

/// Tissue reports have a DNA and an RNA assay; the one without sample is said not to have been done.
fn add_missing_assays(report: &mut GenomicReport, group: &Group, awaited: &[String]) {
    let samples: Vec<NucleicAcid> =
        group.cases.iter().flat_map(Case::samples).map(|sample| sample.nucleic_acid).collect();
    if samples.contains(&NucleicAcid::CellFreeDna) {
        return;
    }
    for (nucleic_acid, name, sections, findings) in [
        (NucleicAcid::Dna, "DNA", DNA_SECTIONS, "small variants, copy numbers and biomarkers"),
        (NucleicAcid::Rna, "RNA", RNA_SECTIONS, "fusions and splice variants"),
    ] {
        let has_findings =
            nucleic_acid == NucleicAcid::Rna && !(report.fusions.is_empty() && report.splice_variants.is_empty());
        let code = if nucleic_acid == NucleicAcid::Rna { 'R' } else { 'D' };
        let is_of_kind = |id: &String| id.split('-').nth(1).is_some_and(|section| section.starts_with(code));
        if awaited.iter().any(is_of_kind) && !samples.contains(&nucleic_acid) {
            report.unassessed.extend(sections.iter().map(|section| (*section, "result not in the folder")));
        } else if !samples.contains(&nucleic_acid) && !has_findings {
            report.unassessed.extend(sections.iter().map(|section| (*section, "not assayed")));
            let text = format!("{name} was not assayed: no statement about {findings}");
            report.notes.push(Note { text: text.clone() });
            report.study.notes.push(Note { text });
        }
    }
}
