use std::sync::Arc;

use super::*;
use crate::domain::accounting::Outcome;
use crate::domain::decimal::Decimal;
use crate::domain::finding::{MicrosatelliteInstability, SpecimenLink, TumorMutationalBurden};
use crate::domain::limits::Limits;
use crate::domain::report::{LabPatient, SequencingRun, Specimen, Study};
use crate::sources::tso500::pronto_metadata::parse;
use crate::sources::tso500::text::Text;

const DNA: &str = "IPD9001-D01-P01-A15";
const RNA: &str = "IPD9001-R03-P01-A15";
const RUN: &str = "251116_NB501999_0042_AHGOLDENX1";
const HEAD: [&str; 17] = [
    "Sample_id",
    "Sequencing_run_id",
    "Year_of_birth",
    "Year_of_diagnosis",
    "Clinical_diagnosis",
    "Sex",
    "Study_id",
    "Year_of_sample_collection",
    "Requisition_hospital",
    "Extraction_hospital",
    "Tumor_content_pathology",
    "Batch",
    "Material",
    "TMB_inpred_in_house",
    "TMB_TSO500",
    "MSI_TSO500",
    "Version_string_TSOPPI_reported_on_mol-MDT",
];

fn report(patient: &str, samples: &[&str]) -> GenomicReport {
    let specimen = |sample: &&str| Specimen { sample_id: (*sample).to_owned(), ..Specimen::default() };
    let link = SpecimenLink { sample_id: samples[0].to_owned(), ..SpecimenLink::default() };
    GenomicReport {
        patient: LabPatient { key: patient.to_owned(), ..LabPatient::default() },
        study: Study { runs: vec![SequencingRun { id: RUN.to_owned() }], ..Study::default() },
        specimens: samples.iter().map(specimen).collect(),
        tumor_mutational_burdens: vec![TumorMutationalBurden {
            specimen: link.clone(),
            value: Decimal::parse("14.9").ok(),
            ..Default::default()
        }],
        microsatellite_instabilities: vec![MicrosatelliteInstability {
            specimen: link,
            percent_unstable: Decimal::parse("4.13").ok(),
            ..Default::default()
        }],
        ..GenomicReport::default()
    }
}

/// A file with one line for each set of cells; all others are `-`.
fn file(name: &str, rows: &[&[(&str, &str)]], account: &mut Account) -> ProntoMetadata {
    let line = |cells: &&[(&str, &str)]| {
        let cell = |name: &&str| {
            let default = if *name == "Sample_id" { DNA } else { "-" };
            cells.iter().find(|(column, _)| column == name).map_or(default, |(_, cell)| cell)
        };
        HEAD.iter().map(cell).collect::<Vec<_>>().join("\t")
    };
    let lines: Vec<String> = rows.iter().map(line).collect();
    let content = format!("{}\n{}\n", HEAD.join("\t"), lines.join("\n"));
    let text = Text::from_bytes(&Arc::from(name), content.into_bytes()).unwrap();
    parse(&text, &Limits::default(), account).unwrap()
}

fn applied(reports: Vec<GenomicReport>, rows: &[&[(&str, &str)]]) -> (Vec<GenomicReport>, Account) {
    let mut account = Account::default();
    let metadata = file("InPreD_PRONTO_metadata.txt", rows, &mut account);
    let (mut reports, files) = (reports, [metadata]);
    for report in &mut reports {
        apply(report, &files, &mut account);
        // The pipeline represents the rows that samples hold.
        for row in report.specimens.iter().flat_map(|specimen| &specimen.rows) {
            account.ledger.represent(*row, "Specimen/x");
        }
    }
    list_unheld(&files, &mut account);
    assert_eq!(account.ledger.open_rows(), []);
    (reports, account)
}

fn issues(account: &Account) -> Vec<(IssueCode, &str, Option<u32>)> {
    account
        .issues
        .iter()
        .map(|issue| (issue.code, issue.location.column.as_deref().unwrap_or_default(), issue.location.line))
        .collect()
}

fn texts(notes: &[Note]) -> Vec<&str> {
    notes.iter().map(|note| note.text.as_str()).collect()
}

#[test]
fn patient_sample_and_report_get_what_is_theirs() {
    let (reports, account) = applied(
        vec![report("IPD9001", &[DNA, RNA])],
        &[
            &[
                ("Sequencing_run_id", RUN),
                ("Year_of_birth", "1960"),
                ("Year_of_diagnosis", "2024"),
                ("Sex", "F"),
                ("Study_id", "IMPR.X-0999"),
                ("Year_of_sample_collection", "2025"),
                ("Requisition_hospital", "OUS"),
                ("Extraction_hospital", "HUS"),
                ("Tumor_content_pathology", "50"),
                ("TMB_inpred_in_house", "17"),
                ("TMB_TSO500", "14.9 (19)"),
                ("MSI_TSO500", "4.13 (5/121)"),
                ("Version_string_TSOPPI_reported_on_mol-MDT", "2.2.0.12/0.3.2:22-06-07/1.0.0/1.0.0/hg19/TR"),
            ],
            &[("Sample_id", RNA), ("Year_of_birth", "1960"), ("Sex", "F")],
        ],
    );
    assert_eq!(issues(&account), []);
    let report = &reports[0];
    assert_eq!(
        (report.patient.gender.as_deref(), report.patient.year_of_birth.as_deref()),
        (Some("female"), Some("1960"))
    );
    assert_eq!(report.patient.study_subjects, [StudySubject { value: "IMPR.X-0999".to_owned() }]);
    assert_eq!(
        texts(&report.notes),
        [
            "IPD9001-D01-P01-A15: TMB by the laboratories' own method (TMB_inpred_in_house), which is not that of the pipeline: 17 per megabase",
            "Requisition hospital: OUS",
            "Year of diagnosis (laboratory's metadata): 2024",
        ]
    );
    assert_eq!(report.specimens[0].collected.as_deref(), Some("2025"));
    assert_eq!(
        texts(&report.specimens[0].notes),
        ["Tumour content estimated by the pathologist: 50 %", "Extraction hospital: HUS"]
    );
    assert_eq!(report.study.notes.len(), 1);
    let held: Vec<_> = report.specimens.iter().flat_map(|specimen| specimen.rows.clone()).collect();
    assert_eq!(held.len(), 2);
    assert_eq!(report.tumor_mutational_burdens[0].rows, [held[0]]);
    assert_eq!(report.tumor_mutational_burdens.len(), 1, "no number under another method");
}

#[test]
fn every_report_of_a_patient_has_the_same_patient() {
    let metastasis = "IPD9001-D01-M01-A15";
    let reports =
        vec![report("IPD9001", &[DNA]), report("IPD9001", &[metastasis]), report("IPD9002", &["IPD9002-D01-P01-A15"])];
    let (reports, _) = applied(reports, &[&[("Sex", "M"), ("Year_of_birth", "1960"), ("Study_id", "IMPR.X-0999")]]);
    assert_eq!(reports[0].patient, reports[1].patient);
    assert_eq!(reports[0].patient.gender.as_deref(), Some("male"));
    assert_eq!(reports[2].patient.gender, None);
    assert_eq!(reports[2].patient.study_subjects, []);
}

#[test]
fn lines_of_one_patient_that_differ_give_no_value() {
    for (first, second, column) in [
        (("Sex", "M"), ("Sex", "F"), "Sex"),
        (("Year_of_birth", "1960"), ("Year_of_birth", "1961"), "Year_of_birth"),
        (("Study_id", "IMPR.X-0999"), ("Study_id", "IKKE IMPRESS"), "Study_id"),
        (("Year_of_sample_collection", "2024"), ("Year_of_sample_collection", "2025"), "Year_of_sample_collection"),
    ] {
        let (reports, account) = applied(vec![report("IPD9001", &[DNA])], &[&[first], &[second]]);
        // At the first line that is the report's own; the year of a sample at the second.
        let line = if column == "Year_of_sample_collection" { 3 } else { 2 };
        assert_eq!(issues(&account), [(IssueCode::Conflict, column, Some(line))]);
        let patient = &reports[0].patient;
        assert_eq!(
            (&patient.gender, &patient.year_of_birth, patient.study_subjects.len()),
            (&None, &None, 0),
            "{column}"
        );
    }
}

#[test]
fn who_is_not_in_the_trial_is_said_so() {
    let (reports, account) = applied(vec![report("IPD9001", &[DNA])], &[&[("Study_id", "IKKE IMPRESS")]]);
    assert_eq!((issues(&account), reports[0].patient.study_subjects.len()), (vec![], 0));
    assert_eq!(
        texts(&reports[0].notes),
        ["The laboratory's metadata says that the patient is not in the trial (IKKE IMPRESS)"]
    );
}

#[test]
fn results_are_compared_only_within_one_run() {
    for (run, tmb, expected) in [
        (RUN, "14.9 (19)", vec![]),
        (RUN, "15.0 (19)", vec![(IssueCode::Conflict, "TMB_TSO500", Some(2))]),
        ("250101_NB501999_0001_AHGOLDENX9", "15.0 (19)", vec![]),
        ("-", "15.0 (19)", vec![(IssueCode::Conflict, "TMB_TSO500", Some(2))]),
    ] {
        let cells = [("Sequencing_run_id", run), ("TMB_TSO500", tmb)];
        let (reports, account) = applied(vec![report("IPD9001", &[DNA])], &[&cells]);
        assert_eq!(issues(&account), expected, "{run} {tmb}");
        assert_eq!(reports[0].tumor_mutational_burdens[0].value, Decimal::parse("14.9").ok());
    }
}

#[test]
fn lines_of_other_samples_are_listed() {
    let (reports, account) =
        applied(vec![report("IPD9001", &[DNA])], &[&[("Sample_id", "IPD9002-D01-P01-A15"), ("Sex", "M")]]);
    let outcome = &account.ledger.rows().next().unwrap().outcome;
    assert!(matches!(outcome, Outcome::Listed { code: IssueCode::FileWithoutReport, .. }));
    assert_eq!((issues(&account), reports[0].patient.gender.as_deref()), (vec![], None));
}

#[test]
fn two_files_that_say_the_same_say_it_once() {
    let mut account = Account::default();
    let cells: &[(&str, &str)] = &[("Year_of_diagnosis", "2024"), ("Tumor_content_pathology", "50"), ("Sex", "M")];
    let files = [
        file("InPreD_PRONTO_metadata.txt", &[cells], &mut account),
        file("InPreD_PRONTO_metadata_tsoppi.txt", &[cells], &mut account),
    ];
    let mut report = report("IPD9001", &[DNA]);
    apply(&mut report, &files, &mut account);
    assert_eq!((issues(&account), report.notes.len(), report.specimens[0].notes.len()), (vec![], 1, 1));
    assert_eq!(report.specimens[0].rows, account.ledger.open_rows());
}
