//! From a results report to the domain.

mod findings;
mod short_variants;
mod subject;

use std::collections::BTreeMap;

use crate::domain::accounting::{Account, RowId};
use crate::domain::finding::{Note, PipelineLink, SpecimenLink};
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::{Analysis, GenomicReport, LabPatient, Laboratory, PairId, Pipeline, Specimen, Study};
use crate::domain::sample_id::Element;
use crate::redact::{self, has_long_digit_run, quote};
use crate::sources::tso500::Knowledge;

use self::subject::Subject;
use super::wire::{Extra, Held, ResultsReport};

/// Owner of the keys of samples and findings: the vendor gives out the sample ids.
pub(super) const OWNER: &str = "FMI";

const TITLE: &str = "FoundationOne Liquid CDx";
const VENDOR: &str = "Foundation Medicine";

/// What every finding needs to know.
struct Part<'a> {
    content: &'a ResultsReport,
    specimen: SpecimenLink,
    knowledge: Knowledge<'a>,
}

impl Part<'_> {
    fn place(&self, section: &str, line: u32) -> Location {
        Location::file(&self.content.file).line(line).section(&std::sync::Arc::from(section))
    }

    fn identity(&self, kind: &'static str, fields: &[&str]) -> Identity {
        let mut key = vec![self.specimen.sample_id.as_str()];
        key.extend(fields);
        Identity::new(OWNER, kind, &key)
    }
}

/// Builds the report.
pub(super) fn normalise(
    content: &ResultsReport,
    knowledge: Knowledge<'_>,
    account: &mut Account,
) -> Option<GenomicReport> {
    let subject = subject::of(content, knowledge, account)?;
    let pipeline = pipeline(content);
    let link = PipelineLink { identity: pipeline.identity.clone() };
    let specimen_identity = Identity::new(OWNER, "specimen", &[&subject.sample_id]);
    let specimen = SpecimenLink { identity: specimen_identity, sample_id: subject.sample_id.clone(), pipeline: link };
    let part = Part { content, specimen, knowledge };
    let mut report = frame(content, &subject, pipeline, &part);
    add_quality(&mut report, &part, account);
    short_variants::add(&mut report, &part, account);
    findings::add_copy_numbers(&mut report, &part, account);
    findings::add_rearrangements(&mut report, &part, account);
    findings::add_biomarkers(&mut report, &part);
    for held in &content.non_human {
        report.rows.push(held.row);
        report.notes.push(Note { text: redact::name(&held.value) });
    }
    finish(&mut report, &part);
    Some(report)
}

fn pipeline(content: &ResultsReport) -> Pipeline {
    let version = content.variant_report.pipeline_version.clone();
    let name = format!("{VENDOR} {TITLE}");
    let identity = Identity::new(OWNER, "pipeline", &[&name, version.as_deref().unwrap_or(""), ""]);
    Pipeline { identity, name, version, module_version: None, rows: Vec::new() }
}

/// The parts that follow from the ids and from `variant-report` itself.
fn frame(content: &ResultsReport, subject: &Subject, pipeline: Pipeline, part: &Part<'_>) -> GenomicReport {
    let key = [subject.patient_key.as_str(), subject.sample_id.as_str()];
    let head = &content.variant_report;
    let mut study = Study {
        identity: Identity::new(OWNER, "study", &key),
        title: TITLE.to_owned(),
        notes: notes_of(&head.extra),
        ..Study::default()
    };
    let mut specimen = Specimen {
        identity: part.specimen.identity.clone(),
        sample_id: subject.sample_id.clone(),
        nucleic_acid: Some("C".to_owned()),
        nucleic_acid_text: Some("cell-free DNA".to_owned()),
        source: Some("plasma".to_owned()),
        assay: Some(TITLE.to_owned()),
        ..Specimen::default()
    };
    for sample in &content.samples {
        specimen.rows.push(sample.row);
        specimen.notes.extend(notes_of(&sample.extra));
        // A second sample of the report is of the same blood.
        let other = sample.name.as_ref().filter(|name| **name != subject.sample_id && !has_long_digit_run(name));
        specimen.notes.extend(other.map(|name| Note { text: format!("Sample: {name}") }));
    }
    study.notes.push(Note { text: format!("Test type: {}", head.test_type) });
    study.notes.push(Note { text: format!("Sequenced and reported by {VENDOR}") });
    study.notes.extend(head.gender.iter().map(|gender| Note { text: format!("gender: {gender}") }));
    GenomicReport {
        identity: Identity::new(OWNER, "report", &key),
        is_test: subject.is_test.then_some(true),
        pairs: subject.reference.clone().map(|value| PairId { value }).into_iter().collect(),
        patient: LabPatient {
            identity: Identity::new(&subject.owner, "lab-patient", &[&subject.patient_key]),
            key: subject.patient_key.clone(),
            gender: head.gender.clone(),
            laboratory: Some(laboratory_of(&subject.owner, part)),
            study_subjects: Vec::new(),
            year_of_birth: None,
        },
        laboratory: Some(laboratory_of(OWNER, part)),
        pipelines: vec![pipeline],
        specimens: vec![specimen],
        study,
        rows: content.reference.iter().map(|held| held.row).chain([head.row]).collect(),
        ..GenomicReport::default()
    }
}

/// The vendor, or the laboratory that the ReferenceID names.
fn laboratory_of(owner: &str, part: &Part<'_>) -> Laboratory {
    let name = if owner == OWNER { Some(VENDOR) } else { part.knowledge.nomenclature.text(Element::Project, owner) };
    Laboratory {
        identity: Identity::new(owner, "laboratory", &[owner]),
        code: owner.to_owned(),
        name: name.map(str::to_owned),
    }
}

/// The assay was done unless the vendor's quality control failed. What is not reported is negative only where it passed.
fn add_quality(report: &mut GenomicReport, part: &Part<'_>, account: &mut Account) {
    let control = part.content.quality_control.as_ref();
    report.study.rows.extend(control.map(|held| held.row));
    let status = control.map(|held| held.value.as_str());
    if status.is_some_and(|status| status.eq_ignore_ascii_case("fail")) {
        let text = format!("{TITLE}: quality control failed; no statement follows from missing findings");
        report.notes.push(Note { text: text.clone() });
        report.study.notes.push(Note { text });
        report.unassessed = SECTIONS.iter().map(|section| (*section, "assay failed")).collect::<BTreeMap<_, _>>();
    } else {
        report.analyses.push(analysis(part));
    }
    if status.is_some_and(|status| !status.eq_ignore_ascii_case("pass")) {
        let (word, line) = control.map(|held| (held.value.as_str(), held.line)).unwrap_or_default();
        let text = format!("the quality control says {}", quote(word));
        account.issue(IssueCode::FoundationQcFailed, part.place("quality-control", line).column("status"), text);
        report.notes.push(Note { text: format!("{TITLE}: quality control: {}", redact::name(word)) });
    }
}

const SECTIONS: &[&str] = &[
    "short-variants",
    "copy-number-alterations",
    "rearrangements",
    "microsatellite-instability",
    "tumor-mutation-burden",
];

fn analysis(part: &Part<'_>) -> Analysis {
    let depths = part.content.samples.iter().filter_map(|sample| sample.mean_exon_depth.as_ref());
    let metrics: Vec<String> = depths.map(|depth| format!("mean exon depth {depth}")).collect();
    Analysis {
        identity: part.identity("analysis", &["cfdna"]),
        specimen: part.specimen.clone(),
        assay: "cfdna".to_owned(),
        title: format!("{TITLE} cell-free DNA"),
        // The document does not list the genes of its test.
        regions: format!("the genes of {TITLE}"),
        performed: None,
        read_depth: None,
        metrics: (!metrics.is_empty()).then(|| metrics.join("; ")),
        notes: Vec::new(),
        rows: Vec::new(),
    }
}

/// Orders notes and decides the status. `final` only with the laboratory's own evidence of sign-off, as for any report.
fn finish(report: &mut GenomicReport, part: &Part<'_>) {
    for notes in [&mut report.notes, &mut report.study.notes] {
        notes.sort_by(|a, b| a.text.cmp(&b.text));
        notes.dedup();
    }
    let passed = part.content.quality_control.as_ref().is_none_or(|held| held.value.eq_ignore_ascii_case("pass"));
    let signed_off = part.knowledge.signed_off.is_signed_off(&part.specimen.sample_id);
    let failed = report.analyses.is_empty();
    report.study.status = if failed { "stopped" } else { "completed" }.to_owned();
    report.status = match (failed && report.finding_count() == 0, signed_off, passed) {
        (true, _, _) => "cancelled",
        (false, true, _) => "final",
        (false, false, false) => "partial",
        (false, false, true) => "preliminary",
    }
    .to_owned();
    report.finding_status = if signed_off { "final" } else { "preliminary" }.to_owned();
}

/// Values that no field holds, ordered; one that can be a national identity number is left out.
fn notes_of(extra: &Extra) -> Vec<Note> {
    let safe = extra.iter().filter(|(_, text)| !has_long_digit_run(text));
    let mut notes: Vec<Note> = safe.map(|(name, text)| Note { text: format!("{name}: {text}") }).collect();
    notes.sort_by(|a, b| a.text.cmp(&b.text));
    notes
}

/// A finding told twice becomes one that holds both rows; the second is said to repeat it.
fn hold_again(
    rows: &mut Vec<RowId>,
    notes: &mut Vec<Note>,
    other: Vec<Note>,
    row: RowId,
    place: Location,
    account: &mut Account,
) {
    account.issue(IssueCode::RowRepeated, place, "the element repeats a finding");
    rows.push(row);
    notes.extend(other.into_iter().map(|note| Note { text: format!("Said again: {}", note.text) }));
}

/// The text of a held value.
fn text_of(held: &Option<Held<String>>) -> Option<&str> {
    held.as_ref().map(|held| held.value.as_str())
}
