//! The spine: files -> domain -> resources -> Bundle, with the accounting closed at the end.

mod gateway;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::domain::accounting::{Account, RowId};
use crate::domain::ids::Identity;
use crate::domain::issue::{Issue, IssueCode, Location, Severity};
use crate::domain::report::GenomicReport;
use crate::fhir::bundle::{Entry, transaction};
use crate::fhir::ids::ResourceId;
use crate::sources::tso500;

pub use self::gateway::Gateway;

/// What a path was translated into.
#[derive(Debug)]
pub struct Translation {
    /// One per patient, ordered by patient key.
    pub patients: Vec<PatientBundle>,
    /// What became of each row, and the issues.
    pub account: Account,
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

/// Translates a result folder or one CombinedVariantOutput. `progress` is called once before the first patient with the
/// number of patients and 0, then after each with the number done.
///
/// Errors: the issues, where nothing could be translated; the account then still lists every row that was read.
pub fn translate(gateway: &Gateway, path: &Path, mut progress: impl FnMut(usize, usize)) -> Translation {
    let mut account = Account::new(gateway.limits.issues);
    if gateway.demo_secret {
        account.issue(
            IssueCode::DemoSecret,
            Location::default(),
            "no secret file is configured: ids use the demo secret",
        );
    }
    let reports = gateway.read_tso500(path, |context| tso500::read(path, context, &mut account));
    let mut by_patient: BTreeMap<(String, Identity), Vec<GenomicReport>> = BTreeMap::new();
    for report in reports {
        by_patient.entry((report.patient.key.clone(), report.patient.identity.clone())).or_default().push(report);
    }
    let total = by_patient.len();
    progress(total, 0);
    let mut patients = Vec::with_capacity(total);
    for (done, ((patient_key, _), reports)) in by_patient.into_iter().enumerate() {
        let bundle = bundle_of(gateway, &reports, &mut account);
        patients.push(PatientBundle { patient_key, bundle, reports });
        progress(total, done + 1);
    }
    close(&mut account);
    Translation { patients, account }
}

/// Maps the reports of one patient and says in the ledger which resource holds which row.
fn bundle_of(gateway: &Gateway, reports: &[GenomicReport], account: &mut Account) -> String {
    let mut entries: Vec<Entry> = Vec::new();
    let mut by_id: HashMap<ResourceId, usize> = HashMap::new();
    let mut references: HashMap<ResourceId, usize> = HashMap::new();
    for report in reports {
        let mut holders: HashMap<&Identity, usize> = HashMap::new();
        for rendered in gateway.templates.render(report, &gateway.ids) {
            let index = *by_id.entry(rendered.id).or_insert(entries.len());
            if let Some(identity) = rendered.identity {
                holders.insert(identity, index);
            }
            for reference in rendered.references {
                references.entry(reference).or_insert(index);
            }
            let resource_type = rendered.resource_type.to_string();
            let entry = Entry { resource_type, id: rendered.id.to_string(), json: rendered.json };
            match entries.get(index) {
                Some(earlier) if *earlier != entry => {
                    let text = format!("{} has two different contents", entry.reference());
                    account.issue(IssueCode::MappingIdRepeated, Location::default(), text);
                }
                Some(_) => {}
                None => entries.push(entry),
            }
        }
        report.for_each_holder(|identity, rows| {
            let resource = holders.get(identity).and_then(|index| entries.get(*index)).map(Entry::reference);
            represent(identity, rows, resource.as_deref(), account);
        });
    }
    for (to, from) in references.iter().filter(|(to, _)| !by_id.contains_key(to)) {
        let from = entries.get(*from).map(Entry::reference).unwrap_or_default();
        let text = format!("{from} refers to {to}, which is not in the bundle");
        account.issue(IssueCode::MappingReferenceUnresolved, Location::default(), text);
    }
    validated(gateway, entries, account)
}

/// Bundles up to this size are parsed and checked whole, with their references; larger ones entry by entry, so that memory
/// stays bounded.
const WHOLE_BUNDLE_BYTES: usize = 16 << 20;

/// Writes the Bundle and checks it against the profiles that its resources claim: what fails never leaves the gateway.
fn validated(gateway: &Gateway, entries: Vec<Entry>, account: &mut Account) -> String {
    let bytes: usize = entries.iter().map(|entry| entry.json.len()).sum();
    let mut failures = Vec::new();
    if bytes > WHOLE_BUNDLE_BYTES {
        for entry in &entries {
            failures.extend(errors_of(gateway, &entry.json));
        }
    }
    let bundle = transaction(entries);
    if bytes <= WHOLE_BUNDLE_BYTES {
        failures.extend(errors_of(gateway, &bundle));
    }
    for failure in failures {
        account.issue(
            IssueCode::MappingProfileFailed,
            failure.location.clone(),
            format!("{}: {}", failure.code, failure.text),
        );
    }
    bundle
}

fn errors_of(gateway: &Gateway, json: &str) -> Vec<Issue> {
    let Ok(resource) = serde_json::from_str::<serde_json::Value>(json) else {
        return vec![Issue::new(IssueCode::JsonInvalid, Location::default(), "the mapping made no JSON")];
    };
    let mut issues = gateway.validator.validate(&resource, &[]);
    issues.retain(|issue| issue.code.severity() >= Severity::Error);
    issues
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
    if account.issues.iter().any(|issue| issue.code == IssueCode::MappingProfileFailed) {
        // Nothing is given out then, so no row may name a resource.
        account
            .ledger
            .withdraw(IssueCode::MappingProfileFailed, "a resource does not meet its profile: nothing was printed");
    }
    if account.issues_dropped > 0 {
        let text = format!("{} further issues are not shown", account.issues_dropped);
        account.issues.push(Issue::new(IssueCode::IssuesTruncated, Location::default(), text));
    }
}
