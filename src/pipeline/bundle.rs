//! Records to one transaction Bundle: which resource holds which row, what refers to nothing, what fails its profile.

use std::collections::HashMap;

use crate::domain::accounting::{Account, RowId};
use crate::domain::ids::Identity;
use crate::domain::issue::{Issue, IssueCode, Location, Severity};
use crate::domain::record::Record;
use crate::fhir::bundle::{Transaction, TransactionWriter};
use crate::fhir::ids::{ResourceId, ResourceIds};
use crate::mapping::{Planned, Rendering, Templates};
use crate::profiles::walk::Validator;

/// What resources are made with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Making<'g> {
    /// Compiled templates.
    pub(super) templates: &'g Templates,
    /// Ids of a face.
    pub(super) ids: &'g ResourceIds,
    /// Checks what the templates make.
    pub(super) validator: &'g Validator,
}

/// A Bundle that nothing has checked yet.
pub(super) struct Made<'a> {
    bundle: Transaction,
    /// Per record, what is held -> the entry that holds it.
    holders: Vec<HashMap<&'a Identity, usize>>,
}

/// A resource that came in as one and is carried over.
#[derive(Debug)]
pub(super) struct Carried {
    /// Resource type.
    pub(super) kind: String,
    /// Logical id.
    pub(super) id: ResourceId,
    /// Business key.
    pub(super) identity: Identity,
    /// The resource with the ids and references of the gateway.
    pub(super) json: String,
}

/// What becomes an entry.
enum Part<'a> {
    Planned(usize, Planned<'a>),
    Carried(&'a Carried),
}

impl Part<'_> {
    fn order(&self) -> (&str, ResourceId) {
        match self {
            Self::Planned(_, planned) => (planned.resource_type, planned.id),
            Self::Carried(carried) => (&carried.kind, carried.id),
        }
    }
}

/// Renders the records into one Bundle. The resources are put in order before they are written, so that the Bundle is the
/// only text of them that there is.
pub(super) fn make<'a>(making: Making<'a>, records: &[&'a dyn Record], account: &mut Account) -> Made<'a> {
    make_with(making, records, &[], account)
}

/// Like [`make`], with resources that are carried over: they belong to the first record.
pub(super) fn make_with<'a>(
    making: Making<'a>,
    records: &[&'a dyn Record],
    carried: &'a [Carried],
    account: &mut Account,
) -> Made<'a> {
    let plans = records.iter().map(|record| making.templates.plan(*record, making.ids));
    let (mut renderings, plans): (Vec<_>, Vec<_>) = plans.unzip();
    let mut parts: Vec<Part<'a>> = plans
        .into_iter()
        .enumerate()
        .flat_map(|(record, plan)| plan.into_iter().map(move |one| Part::Planned(record, one)))
        .chain(carried.iter().map(Part::Carried))
        .collect();
    parts.sort_by(|a, b| a.order().cmp(&b.order()));

    let mut writer = TransactionWriter::for_entries(parts.len());
    let mut written: Written<'_> = Written { holders: vec![HashMap::new(); records.len()], ..Written::default() };
    for part in &parts {
        match part {
            Part::Planned(record, planned) => {
                if let Some(rendering) = renderings.get_mut(*record) {
                    written.write(rendering, planned, &mut writer, *record, account);
                }
            }
            Part::Carried(carried) => written.carry(carried, &mut writer),
        }
    }
    let bundle = writer.finish();
    let mut unresolved: Vec<_> =
        written.references.iter().filter(|(to, _)| !written.entries.contains_key(to)).collect();
    unresolved.sort_by_key(|(to, from)| (*from, *to));
    for (to, from) in unresolved {
        let from = bundle.reference(*from).unwrap_or_default();
        let text = format!("{from} refers to {to}, which is not in the bundle");
        account.issue(IssueCode::MappingReferenceUnresolved, Location::default(), text);
    }
    Made { bundle, holders: written.holders }
}

impl Made<'_> {
    /// `Type/id` of the resource that a record has of `identity`.
    pub(super) fn resource(&self, record: usize, identity: &Identity) -> Option<&str> {
        let entry = self.holders.get(record)?.get(identity)?;
        self.bundle.reference(*entry)
    }

    /// Says in the ledger that the resource of `identity` holds the rows.
    pub(super) fn represent(&self, record: usize, identity: &Identity, rows: &[RowId], account: &mut Account) {
        let resource = self.resource(record, identity);
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

    /// Checks the Bundle against the profiles that its resources claim: what fails never leaves the gateway.
    pub(super) fn validated(self, making: Making<'_>, account: &mut Account) -> Option<String> {
        let mut has_failed = false;
        making.validator.validate_entries(self.bundle.entries(), |issues| {
            for issue in issues.into_iter().filter(|issue| issue.code.severity() >= Severity::Error) {
                has_failed = true;
                let text = format!("{}: {}", issue.code, issue.text);
                account.issue(IssueCode::MappingProfileFailed, issue.location, text);
            }
        });
        if !has_failed {
            return Some(self.bundle.into_text());
        }
        // Nothing is given out of the patient, so no row may name a resource.
        account.ledger.withdraw(
            IssueCode::MappingProfileFailed,
            "a resource of the patient does not meet its profile: its Bundle was not given out",
        );
        None
    }
}

/// What is in a Bundle.
#[derive(Default)]
struct Written<'a> {
    /// Resource -> its entry.
    entries: HashMap<ResourceId, usize>,
    /// Resource that is referred to -> an entry that does.
    references: HashMap<ResourceId, usize>,
    /// Per record, what is held -> the entry that holds it.
    holders: Vec<HashMap<&'a Identity, usize>>,
}

impl<'a> Written<'a> {
    /// Writes a resource that is carried over.
    fn carry(&mut self, carried: &'a Carried, writer: &mut TransactionWriter) {
        let next = self.entries.len();
        if self.entries.contains_key(&carried.id) {
            return;
        }
        self.entries.insert(carried.id, next);
        writer.entry(&carried.kind, &carried.id.to_string(), |text| {
            text.push_str(&carried.json);
            Some(())
        });
        if let Some(holders) = self.holders.first_mut() {
            holders.insert(&carried.identity, next);
        }
    }

    /// Writes a resource, where it is not written yet; one that several records have must be the same in each.
    fn write(
        &mut self,
        rendering: &mut Rendering<'a>,
        planned: &Planned<'a>,
        writer: &mut TransactionWriter,
        record: usize,
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
        if let (Some(identity), Some(holders)) = (planned.identity, self.holders.get_mut(record)) {
            holders.insert(identity, entry);
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
pub(super) fn close(account: &mut Account) {
    for row in account.ledger.open_rows() {
        let location = place_of(row, account);
        account.reject(row, IssueCode::RowUnaccounted, location, "the row was read and then lost sight of");
    }
    if account.issues_dropped > 0 {
        let text = format!("{} further issues are not shown", account.issues_dropped);
        account.issues.push(Issue::new(IssueCode::IssuesTruncated, Location::default(), text));
    }
}
