//! The metadata of PRONTO: what the laboratory knows about patient and sample, beside what the pipeline found.
//!
//! Sex, year of birth and study ids belong to the patient and are the same in all reports of one; the rest belongs to the
//! sample or the report, and is said in notes. Nothing here makes a finding.

use std::collections::BTreeSet;

use crate::domain::accounting::Account;
use crate::domain::finding::Note;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::{GenomicReport, StudySubject};
use crate::domain::sample_id::PatientKey;
use crate::domain::study_subject::StudyStatement;

use super::super::pronto_metadata::{ProntoMetadata, ProntoSample, Sex};
use super::summary::Repeat;

/// Adds the metadata to a report. The lines about its samples are held by them; lines about other samples stay open for
/// other reports ([`list_unheld`]).
///
/// Returns a note for each result that only the metadata tells: what is missing in the report is then no negative result.
pub fn apply(report: &mut GenomicReport, files: &[ProntoMetadata], account: &mut Account) -> Vec<Note> {
    let mut only_there = Vec::new();
    let facts = Facts::of(report, files);
    let mut contradictions = facts.contradictions();
    for file in files {
        for row in &file.rows {
            if !report.specimens.iter().any(|specimen| specimen.sample_id == row.sample_id) {
                continue;
            }
            // Once for the report, at a line that is its own.
            for column in contradictions.drain(..) {
                let place = Location::file(&file.file).line(row.line).column(column);
                account.issue(
                    IssueCode::Conflict,
                    place,
                    "the lines of one patient differ; none of the values was used",
                );
            }
            add_to_sample(report, file, row, account);
            add_to_report(report, row);
            only_there.extend(add_results(report, file, row, account));
        }
    }
    facts.apply(report);
    report.notes.sort_by(|a, b| a.text.cmp(&b.text));
    only_there
}

/// Lists the lines about samples that have no report. To be called when all reports are built and their rows represented.
pub fn list_unheld(files: &[ProntoMetadata], account: &mut Account) {
    let code = IssueCode::FileWithoutReport;
    for row in files.iter().flat_map(|file| &file.rows) {
        account.ledger.list(row.row, code, code.meaning());
    }
}

/// What the lines of one patient say about the patient; two different values are none.
struct Facts {
    sexes: BTreeSet<Sex>,
    years_of_birth: BTreeSet<u16>,
    subjects: BTreeSet<String>,
    not_in_trial: bool,
}

impl Facts {
    /// From every line of the patient, so that all reports of one patient have the same: by patient key, or by sample where
    /// the ids are not InPreD's.
    fn of(report: &GenomicReport, files: &[ProntoMetadata]) -> Self {
        let key = PatientKey::parse(&report.patient.key);
        let is_patient = |row: &&ProntoSample| match &key {
            Some(key) => row.sample_id.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with('-')),
            None => report.specimens.iter().any(|specimen| specimen.sample_id == row.sample_id),
        };
        let mut facts = Self {
            sexes: BTreeSet::new(),
            years_of_birth: BTreeSet::new(),
            subjects: BTreeSet::new(),
            not_in_trial: false,
        };
        for row in files.iter().flat_map(|file| &file.rows).filter(is_patient) {
            facts.sexes.extend(row.sex);
            facts.years_of_birth.extend(row.year_of_birth);
            for statement in &row.study {
                match statement {
                    StudyStatement::NotInTrial => facts.not_in_trial = true,
                    StudyStatement::Subject(id) => {
                        facts.subjects.insert(id.as_str().to_owned());
                    }
                }
            }
        }
        facts
    }

    /// Columns whose lines differ.
    fn contradictions(&self) -> Vec<&'static str> {
        let both = self.not_in_trial && !self.subjects.is_empty();
        let columns =
            [("Sex", self.sexes.len() > 1), ("Year_of_birth", self.years_of_birth.len() > 1), ("Study_id", both)];
        columns.into_iter().filter(|(_, differ)| *differ).map(|(column, _)| column).collect()
    }

    fn apply(&self, report: &mut GenomicReport) {
        let patient = &mut report.patient;
        if let (Some(sex), 1) = (self.sexes.first(), self.sexes.len()) {
            patient.gender = Some(sex.as_str().to_owned());
        }
        if let (Some(year), 1) = (self.years_of_birth.first(), self.years_of_birth.len()) {
            patient.year_of_birth = Some(year.to_string());
        }
        // Who is said not to be in the trial is no subject of it.
        report.not_in_trial |= self.not_in_trial;
        let patient = &mut report.patient;
        if self.not_in_trial {
            let text = "The laboratory's metadata says that the patient is not in the trial (IKKE IMPRESS)";
            add_note(&mut report.notes, text.to_owned());
        } else {
            patient.study_subjects = self.subjects.iter().map(|id| StudySubject { value: id.clone() }).collect();
        }
    }
}

fn add_to_sample(report: &mut GenomicReport, file: &ProntoMetadata, row: &ProntoSample, account: &mut Account) {
    let Some(specimen) = report.specimens.iter_mut().find(|specimen| specimen.sample_id == row.sample_id) else {
        return;
    };
    specimen.rows.push(row.row);
    let texts = [
        row.tumor_content.as_ref().map(|percent| format!("Tumour content estimated by the pathologist: {percent} %")),
        row.extraction_hospital.as_ref().map(|hospital| format!("Extraction hospital: {hospital}")),
    ];
    for text in texts.into_iter().flatten() {
        add_note(&mut specimen.notes, text);
    }
    let year = row.year_of_sample_collection.map(|year| year.to_string());
    match (&specimen.collected, &year) {
        (Some(known), Some(year)) if known != year => {
            let place = Location::file(&file.file).line(row.line).column("Year_of_sample_collection");
            account.issue(IssueCode::Conflict, place, format!("{known} in one line, {year} in another"));
            add_note(&mut specimen.notes, format!("Year of sample collection by another line: {year}"));
        }
        (None, Some(_)) => specimen.collected = year,
        _ => {}
    }
}

fn add_to_report(report: &mut GenomicReport, row: &ProntoSample) {
    let texts = [
        row.year_of_diagnosis.map(|year| format!("Year of diagnosis (laboratory's metadata): {year}")),
        row.requisition_hospital.as_ref().map(|text| format!("Requisition hospital: {text}")),
    ];
    for text in texts.into_iter().flatten() {
        add_note(&mut report.notes, text);
    }
    if let Some(version) = &row.version {
        add_note(
            &mut report.study.notes,
            format!("TSOPPI version string reported to the tumour board: {}", version.text),
        );
    }
}

/// Results of the pipeline that the line repeats, and the one by another method, which stays words.
/// Returns a note for each result that no other file tells.
fn add_results(
    report: &mut GenomicReport,
    file: &ProntoMetadata,
    row: &ProntoSample,
    account: &mut Account,
) -> Vec<Note> {
    // The file is cumulative: the sample can have been sequenced before, and what was found then is no repetition.
    let other_run =
        |run: &String| !report.study.runs.is_empty() && report.study.runs.iter().all(|known| known.id != *run);
    if row.run_id.as_ref().is_some_and(other_run) {
        return Vec::new();
    }
    let mut repeat = Repeat::new(&file.file, row.line, row.row, vec![row.sample_id.clone()]);
    if let Some(tmb) = &row.tmb {
        repeat.tmb(report, tmb, "TMB_TSO500", account);
    }
    if let Some(msi) = &row.msi {
        repeat.msi(report, msi, "MSI_TSO500", account);
    }
    if let Some(value) = &row.tmb_in_house {
        let text = format!(
            "{}: TMB by the laboratories' own method (TMB_inpred_in_house), which is not that of the pipeline: {value} per \
             megabase",
            row.sample_id
        );
        add_note(&mut report.notes, text);
    }
    repeat.only_there
}

fn add_note(notes: &mut Vec<Note>, text: String) {
    let note = Note { text };
    if !notes.contains(&note) {
        notes.push(note);
    }
}

#[cfg(test)]
mod tests;
