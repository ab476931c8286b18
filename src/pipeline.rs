//! The spine: files -> domain -> resources -> Bundle, with the accounting closed at the end.

mod bundle;
mod gateway;
pub mod intake;
mod one_patient;
mod patients;
pub mod referral;
pub mod run_folder;
pub mod trial;

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::accounting::Account;
use crate::domain::issue::{Issue, IssueCode, Location, Severity};
use crate::domain::record::Record;
use crate::domain::report::GenomicReport;
use crate::fhir::ids::ResourceIds;
use crate::sources::{foundation_one, tso500};

use self::bundle::{Making, close};
pub use self::gateway::Gateway;

/// What a path was translated into.
#[derive(Debug)]
pub struct Translation {
    /// Patients under the path.
    pub patients: usize,
    /// Bundles that were given out.
    pub given: usize,
    /// What became of each row, and the issues.
    pub account: Account,
    /// Why nothing more was given out, where a receiver refused a Bundle.
    pub refused: Option<Issue>,
}

/// The reports of one patient as one Bundle.
#[derive(Debug)]
pub struct PatientBundle {
    /// Patient key of the laboratory.
    pub patient_key: String,
    /// Transaction Bundle, JSON.
    pub bundle: String,
    /// The reports that are in it.
    pub reports: Vec<GenomicReport>,
}

/// Who receives what is translated.
pub trait Receiver: Send {
    /// Told once, before the first Bundle.
    fn total(&mut self, patients: usize);

    /// Takes the Bundle of one patient, in the order of the patients.
    ///
    /// Errors: it could not be written; nothing more is then given out.
    fn take(&mut self, patient: PatientBundle) -> Result<(), Issue>;
}

/// Keeps everything.
impl Receiver for Vec<PatientBundle> {
    fn total(&mut self, _patients: usize) {}

    fn take(&mut self, patient: PatientBundle) -> Result<(), Issue> {
        self.push(patient);
        Ok(())
    }
}

/// Translates a result folder or one result file. Bundles are given to `receiver` as they are ready; one that fails its
/// profiles is not given out (`mapping.profile-failed`).
pub fn translate(gateway: &Gateway, path: &Path, receiver: &mut impl Receiver) -> Translation {
    let mut account = Account::new(gateway.limits.issues);
    if gateway.demo_secret {
        account.issue(
            IssueCode::DemoSecret,
            Location::default(),
            "no secret file is configured: ids use the demo secret",
        );
    }
    gateway.read_tso500(path, |context| translate_all(gateway, path, context, account, receiver))
}

fn translate_all(
    gateway: &Gateway,
    path: &Path,
    context: tso500::Context<'_>,
    mut account: Account,
    receiver: &mut impl Receiver,
) -> Translation {
    let mut translation = Translation { patients: 0, given: 0, account: Account::default(), refused: None };
    let Some(plan) = tso500::open(path, context, &mut account) else {
        close(&mut account);
        return Translation { account, ..translation };
    };
    let patients = patients_of(&plan, context, &mut account);
    translation.patients = patients.len();
    receiver.total(patients.len());
    let work = |patient: &Patient<'_>, part: &mut Account| {
        let of_groups = patient.groups.iter().map(|group| plan.report(group, context.limits, context.knowledge, part));
        let mut reports: Vec<GenomicReport> = of_groups.collect();
        reports.extend(patient.reports.iter().cloned());
        one_patient::agree(&mut reports, part);
        let bundle = bundle_of(gateway, &reports, part)?;
        Some(PatientBundle { patient_key: patient.key.clone(), bundle, reports })
    };
    let finish = |patient: Option<PatientBundle>, part: &mut Account| match (patient, &translation.refused) {
        (None, _) => {}
        (Some(_), Some(_)) => part.ledger.withdraw(IssueCode::OutputUnwritable, "the output could not be written"),
        (Some(patient), None) => match receiver.take(patient) {
            Ok(()) => translation.given += 1,
            Err(issue) => {
                part.ledger.withdraw(issue.code, "the output could not be written");
                part.issue(issue.code, issue.location.clone(), issue.text.clone());
                translation.refused = Some(issue);
            }
        },
    };
    patients::in_order(&patients, gateway.threads, &mut account, context.limits.issues, work, finish);
    plan.close(context.limits, &mut account);
    close(&mut account);
    Translation { account, ..translation }
}

/// What there is of one patient.
struct Patient<'a> {
    /// Patient key of the laboratory.
    key: String,
    /// Results whose files are still to be read.
    groups: Vec<&'a tso500::Group>,
    /// Reports of other sources.
    reports: Vec<GenomicReport>,
}

/// The patients of a folder, ordered by key. Reports of other sources about a patient stand beside those of the panel.
fn patients_of<'a>(plan: &'a tso500::Plan, context: tso500::Context<'_>, account: &mut Account) -> Vec<Patient<'a>> {
    let mut patients: BTreeMap<(String, String), Patient<'a>> = BTreeMap::new();
    let new = |key: &str| Patient { key: key.to_owned(), groups: Vec::new(), reports: Vec::new() };
    for group in plan.groups() {
        let key = (group.patient_key().to_owned(), group.owner().to_owned());
        patients.entry(key).or_insert_with(|| new(group.patient_key())).groups.push(group);
    }
    for document in plan.documents() {
        let report = foundation_one::read(&document.path, &document.file, context.limits, context.knowledge, account);
        let Some(report) = report else { continue };
        let key = (report.patient.key.clone(), report.patient.identity.owner.clone());
        let patient = patients.entry(key).or_insert_with(|| new(&report.patient.key));
        // Which of two versions holds is for the laboratory to say.
        if let Some(other) = patient.reports.iter_mut().find(|other| other.identity == report.identity) {
            let text = "another document of the folder is the same report; this one was not used";
            account.issue(IssueCode::SampleDuplicated, Location::file(&document.file), text);
            account.ledger.list_file(&document.file, IssueCode::SampleDuplicated, text);
            other.doubt(
                "another document of the same report differs; the one that was used may not be the one that holds",
            );
            continue;
        }
        patient.reports.push(report);
    }
    let has_error = account.issues.iter().any(|issue| issue.code.severity() >= Severity::Error);
    if patients.is_empty() && !has_error {
        account.issue(IssueCode::FolderWithoutReport, Location::default(), "no file under the path makes a report");
    }
    patients.into_values().collect()
}

/// The reports of one patient in the face of `ids`, without accounting.
///
/// Errors: a resource fails its profile; the issues say which.
pub fn reports_in_face(gateway: &Gateway, reports: &[GenomicReport], ids: &ResourceIds) -> Result<String, Vec<Issue>> {
    let mut account = Account::new(gateway.limits.issues);
    let making = Making { templates: &gateway.templates, ids, validator: &gateway.validator };
    let records: Vec<&dyn Record> = reports.iter().map(|report| report as &dyn Record).collect();
    bundle::make(making, &records, &mut account).validated(making, &mut account).ok_or(account.issues)
}

/// Maps the reports of one patient and says in the ledger which resource holds which row.
///
/// `None` where a resource fails its profile.
fn bundle_of(gateway: &Gateway, reports: &[GenomicReport], account: &mut Account) -> Option<String> {
    let making = Making { templates: &gateway.templates, ids: &gateway.ids, validator: &gateway.validator };
    let records: Vec<&dyn Record> = reports.iter().map(|report| report as &dyn Record).collect();
    let made = bundle::make(making, &records, account);
    for (index, report) in reports.iter().enumerate() {
        report.for_each_holder(|identity, rows| made.represent(index, identity, rows, account));
    }
    made.validated(making, account)
}
