//! The spine: files -> domain -> resources -> Bundle, with the accounting closed at the end.

mod gateway;
mod one_patient;
mod patients;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::domain::accounting::{Account, RowId};
use crate::domain::ids::Identity;
use crate::domain::issue::{Issue, IssueCode, Location, Severity};
use crate::domain::report::GenomicReport;
use crate::fhir::bundle::{Transaction, TransactionWriter};
use crate::fhir::ids::ResourceId;
use crate::mapping::{Planned, Rendering};
use crate::sources::{foundation_one, tso500};

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
        if patient.reports.iter().any(|other| other.identity == report.identity) {
            let text = "another document of the folder is the same report; this one was not used";
            account.issue(IssueCode::SampleDuplicated, Location::file(&document.file), text);
            account.ledger.list_file(&document.file, IssueCode::SampleDuplicated, text);
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

/// Maps the reports of one patient and says in the ledger which resource holds which row.
///
/// `None` where a resource fails its profile. The resources are put in order before they are written, so that the Bundle is the only text of them that there is.
fn bundle_of(gateway: &Gateway, reports: &[GenomicReport], account: &mut Account) -> Option<String> {
    let plans = reports.iter().map(|report| gateway.templates.plan(report, &gateway.ids));
    let (mut renderings, plans): (Vec<_>, Vec<_>) = plans.unzip();
    let mut planned: Vec<(usize, Planned<'_>)> = plans
        .into_iter()
        .enumerate()
        .flat_map(|(report, plan)| plan.into_iter().map(move |one| (report, one)))
        .collect();
    planned.sort_by(|(_, a), (_, b)| (a.resource_type, a.id).cmp(&(b.resource_type, b.id)));

    let mut writer = TransactionWriter::for_entries(planned.len());
    let mut written: Written<'_> = Written { holders: vec![HashMap::new(); reports.len()], ..Written::default() };
    for (report, planned) in &planned {
        if let Some(rendering) = renderings.get_mut(*report) {
            written.write(rendering, planned, &mut writer, *report, account);
        }
    }
    let bundle = writer.finish();
    for (report, holders) in reports.iter().zip(&written.holders) {
        report.for_each_holder(|identity, rows| {
            let resource = holders.get(identity).and_then(|entry| bundle.reference(*entry));
            represent(identity, rows, resource, account);
        });
    }
    for (to, from) in written.references.iter().filter(|(to, _)| !written.entries.contains_key(to)) {
        let from = bundle.reference(*from).unwrap_or_default();
        let text = format!("{from} refers to {to}, which is not in the bundle");
        account.issue(IssueCode::MappingReferenceUnresolved, Location::default(), text);
    }
    validated(gateway, bundle, account)
}

/// What is in a Bundle.
#[derive(Default)]
struct Written<'a> {
    /// Resource -> its entry.
    entries: HashMap<ResourceId, usize>,
    /// Resource that is referred to -> an entry that does.
    references: HashMap<ResourceId, usize>,
    /// Per report, what is held -> the entry that holds it.
    holders: Vec<HashMap<&'a Identity, usize>>,
}

impl<'a> Written<'a> {
    /// Writes a resource, where it is not written yet; one that several reports have must be the same in each.
    fn write(
        &mut self,
        rendering: &mut Rendering<'a>,
        planned: &Planned<'a>,
        writer: &mut TransactionWriter,
        report: usize,
        account: &mut Account,
    ) {
        let next = self.entries.len();
        let entry = match self.entries.get(&planned.id) {
            Some(entry) => {
                let mut json = String::new();
                // Resources are in order, so the earlier one is the last of the Bundle.
                if rendering.write(planned, &mut json).is_some() && writer.last_resource() != Some(&json) {
                    let text = format!("{}/{} has two different contents", planned.resource_type, planned.id);
                    account.issue(IssueCode::MappingIdRepeated, Location::default(), text);
                }
                *entry
            }
            None => {
                let id = planned.id.to_string();
                let written = writer.entry(planned.resource_type, &id, |text| rendering.write(planned, text));
                let Some(references) = written else { return };
                for reference in references {
                    self.references.entry(reference).or_insert(next);
                }
                *self.entries.entry(planned.id).or_insert(next)
            }
        };
        if let (Some(identity), Some(holders)) = (planned.identity, self.holders.get_mut(report)) {
            holders.insert(identity, entry);
        }
    }
}

/// Checks the Bundle against the profiles that its resources claim: what fails never leaves the gateway.
fn validated(gateway: &Gateway, bundle: Transaction, account: &mut Account) -> Option<String> {
    let mut has_failed = false;
    gateway.validator.validate_entries(bundle.entries(), |issues| {
        for issue in issues.into_iter().filter(|issue| issue.code.severity() >= Severity::Error) {
            has_failed = true;
            let text = format!("{}: {}", issue.code, issue.text);
            account.issue(IssueCode::MappingProfileFailed, issue.location, text);
        }
    });
    if !has_failed {
        return Some(bundle.into_text());
    }
    // Nothing is given out of the patient, so no row may name a resource.
    account.ledger.withdraw(
        IssueCode::MappingProfileFailed,
        "a resource of the patient does not meet its profile: its Bundle was not given out",
    );
    None
}

fn represent(identity: &Identity, rows: &[RowId], resource: Option<&str>, account: &mut Account) {
    for &row in rows {
        match resource {
            Some(resource) => account.ledger.represent(row, resource),
            None => {
                let text = format!("no template makes a resource of a {}", identity.kind);
                let location = place_of(row, account);
                account.reject(row, IssueCode::MappingNotRepresented, location, text);
            }
        }
    }
}

fn place_of(row: RowId, account: &Account) -> Location {
    let Some(row) = account.ledger.row(row) else { return Location::default() };
    let location = Location::file(&row.file).line(row.line);
    match &row.section {
        Some(section) => location.section(section),
        None => location,
    }
}

/// Closes the accounting: a row without an outcome is a defect of ours and is listed as one; issues beyond the limit are counted.
fn close(account: &mut Account) {
    for row in account.ledger.open_rows() {
        let location = place_of(row, account);
        account.reject(row, IssueCode::RowUnaccounted, location, "the row was read and then lost sight of");
    }
    if account.issues_dropped > 0 {
        let text = format!("{} further issues are not shown", account.issues_dropped);
        account.issues.push(Issue::new(IssueCode::IssuesTruncated, Location::default(), text));
    }
}
