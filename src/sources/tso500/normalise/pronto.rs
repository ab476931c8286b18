//! The metadata of PRONTO: what the laboratory knows about patient and sample, beside what the pipeline found.
//!
//! Sex, year of birth and study ids belong to the patient and are the same in all reports of one; the rest belongs to the
//! sample or the report, and is said in notes. Nothing here makes a finding.

use std::collections::BTreeMap;

use crate::domain::accounting::Account;
use crate::domain::finding::Note;
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::{GenomicReport, StudySubject};
use crate::domain::study_subject::StudyStatement;

use super::super::pronto_metadata::{ProntoMetadata, ProntoSample, Sex};
use super::summary::Repeat;

/// Adds the metadata to the reports. Every line ends held by a sample, or listed where no report has its sample.
pub fn apply(reports: &mut [GenomicReport], files: &[ProntoMetadata], account: &mut Account) {
    let mut patients: BTreeMap<Identity, Facts> = BTreeMap::new();
    for file in files {
        for row in &file.rows {
            let has_sample = |report: &&mut GenomicReport| {
                report.specimens.iter().any(|specimen| specimen.sample_id == row.sample_id)
            };
            let Some(report) = reports.iter_mut().find(has_sample) else {
                let code = IssueCode::FileWithoutReport;
                account.ledger.list(row.row, code, code.meaning());
                continue;
            };
            patients.entry(report.patient.identity.clone()).or_default().add(file, row, account);
            add_to_sample(report, file, row, account);
            add_to_report(report, row);
            add_results(report, file, row, account);
        }
    }
    for report in reports {
        if let Some(facts) = patients.get(&report.patient.identity) {
            facts.apply(report);
        }
        report.notes.sort_by(|a, b| a.text.cmp(&b.text));
        report.notes.dedup();
        report.study.notes.dedup();
    }
}

/// What the lines of one patient say about the patient.
#[derive(Default)]
struct Facts {
    sex: Fact<Sex>,
    year_of_birth: Fact<u16>,
    subjects: Vec<String>,
    not_in_trial: bool,
    contradiction: bool,
}

/// A value of the patient; two different ones are none.
#[derive(Default)]
enum Fact<T> {
    #[default]
    Unknown,
    Known(T),
    Contradictory,
}

impl<T: PartialEq + Copy> Fact<T> {
    fn add(&mut self, value: Option<T>, place: Location, account: &mut Account) {
        let Some(value) = value else { return };
        match self {
            Self::Unknown => *self = Self::Known(value),
            Self::Known(known) if *known == value => {}
            Self::Known(_) => {
                account.issue(
                    IssueCode::Conflict,
                    place,
                    "the lines of one patient differ; none of the values was used",
                );
                *self = Self::Contradictory;
            }
            Self::Contradictory => {}
        }
    }

    fn known(&self) -> Option<T> {
        match self {
            Self::Known(value) => Some(*value),
            Self::Unknown | Self::Contradictory => None,
        }
    }
}

impl Facts {
    fn add(&mut self, file: &ProntoMetadata, row: &ProntoSample, account: &mut Account) {
        let at = |column| Location::file(&file.file).line(row.line).column(column);
        self.sex.add(row.sex, at("Sex"), account);
        self.year_of_birth.add(row.year_of_birth, at("Year_of_birth"), account);
        for statement in &row.study {
            match statement {
                StudyStatement::NotInTrial => self.not_in_trial = true,
                StudyStatement::Subject(id) => self.subjects.push(id.as_str().to_owned()),
            }
        }
        self.subjects.sort();
        self.subjects.dedup();
        if self.not_in_trial && !self.subjects.is_empty() && !self.contradiction {
            self.contradiction = true;
            let words = "the patient has a study id, and is said not to be in the trial";
            account.issue(IssueCode::Conflict, at("Study_id"), words);
        }
    }

    /// The same for every report of the patient: it is one resource.
    fn apply(&self, report: &mut GenomicReport) {
        let patient = &mut report.patient;
        patient.gender = self.sex.known().map(|sex| sex.as_str().to_owned());
        patient.year_of_birth = self.year_of_birth.known().map(|year| year.to_string());
        // Who is said not to be in the trial is no subject of it.
        if self.not_in_trial {
            let text = "The laboratory's metadata says that the patient is not in the trial (IKKE IMPRESS)";
            report.notes.push(Note { text: text.to_owned() });
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
        row.clinical_diagnosis.as_ref().map(|text| format!("Clinical diagnosis (laboratory's metadata): {text}")),
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
fn add_results(report: &mut GenomicReport, file: &ProntoMetadata, row: &ProntoSample, account: &mut Account) {
    // The file is cumulative: the sample can have been sequenced before, and what was found then is no repetition.
    let other_run =
        |run: &String| !report.study.runs.is_empty() && report.study.runs.iter().all(|known| known.id != *run);
    let is_this_run = !row.run_id.as_ref().is_some_and(other_run);
    if is_this_run {
        let mut repeat = Repeat {
            file: &file.file,
            line: row.line,
            row: row.row,
            samples: vec![row.sample_id.clone()],
            said: false,
            held: false,
        };
        if let Some(tmb) = &row.tmb {
            repeat.tmb(report, tmb, "TMB_TSO500", account);
        }
        if let Some(msi) = &row.msi {
            repeat.msi(report, msi, "MSI_TSO500", account);
        }
    }
    if let Some(value) = row.tmb_in_house.as_ref().filter(|_| is_this_run) {
        let text = format!(
            "{}: TMB by the laboratories' own method (TMB_inpred_in_house), which is not that of the pipeline: {value} per \
             megabase",
            row.sample_id
        );
        add_note(&mut report.notes, text);
    }
}

fn add_note(notes: &mut Vec<Note>, text: String) {
    let note = Note { text };
    if !notes.contains(&note) {
        notes.push(note);
    }
}

#[cfg(test)]
mod tests;
