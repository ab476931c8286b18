//! Which files are one report: the sample list says so, or the sample ids name the same specimen.

use std::collections::{BTreeMap, HashSet};

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::sample_id::{Nomenclature, SampleId};

use super::super::sample_list::SampleList;
use super::sample::{Case, NucleicAcid, UNASSIGNED, patient_key_of};

/// The files of one report.
#[derive(Debug, Clone)]
pub struct Group {
    /// Ordered by their sample ids, at least one.
    pub(super) cases: Vec<Case>,
    pub(super) owner: String,
    pub(super) patient_key: String,
}

impl Group {
    /// Laboratory code, or `unassigned`.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Patient key of the laboratory.
    pub fn patient_key(&self) -> &str {
        &self.patient_key
    }
}

/// Groups the files; groups are ordered by patient and samples, so that the order of files does not matter.
pub(super) fn group(
    mut cases: Vec<Case>,
    lists: &[SampleList],
    nomenclature: &Nomenclature,
    account: &mut Account,
) -> Vec<Group> {
    cases.sort_by_key(|case| (case.owner.clone(), case.patient_key.clone(), sample_ids(case)));
    let joined = usable_lists(lists, nomenclature, account);
    let mut groups: Vec<Vec<Case>> = Vec::new();
    for bucket in buckets(cases, &joined) {
        groups.extend(group_bucket(bucket, &joined));
    }
    let mut groups: Vec<Group> = groups.into_iter().filter_map(finish).collect();
    groups.sort_by_key(|group| (group.owner.clone(), group.patient_key.clone(), group.cases.first().map(sample_ids)));
    groups
}

/// Files that can belong together at all: those of one patient, or foreign ones that one list names.
fn buckets(cases: Vec<Case>, joined: &[HashSet<String>]) -> Vec<Vec<Case>> {
    let mut buckets: BTreeMap<(String, String), Vec<Case>> = BTreeMap::new();
    for case in cases {
        let list = joined.iter().position(|list| case.samples().any(|sample| list.contains(&sample.text)));
        let key = match list.filter(|_| case.owner == UNASSIGNED) {
            Some(list) => format!("list {list}"),
            None => case.patient_key.clone(),
        };
        buckets.entry((case.owner.clone(), key)).or_default().push(case);
    }
    buckets.into_values().collect()
}

fn group_bucket(cases: Vec<Case>, joined: &[HashSet<String>]) -> Vec<Vec<Case>> {
    let mut groups: Vec<Vec<Case>> = Vec::new();
    for case in cases {
        let belongs = |group: &Vec<Case>| group.iter().any(|other| are_one_report(other, &case, joined));
        // A file can join two groups that had nothing in common before.
        let (same, other): (Vec<_>, Vec<_>) = groups.into_iter().partition(belongs);
        groups = other;
        let mut merged: Vec<Case> = same.into_iter().flatten().collect();
        merged.push(case);
        groups.push(merged);
    }
    groups
}

fn finish(mut cases: Vec<Case>) -> Option<Group> {
    cases.sort_by_key(sample_ids);
    let first = cases.first()?;
    Some(Group { owner: first.owner.clone(), patient_key: first.patient_key.clone(), cases })
}

fn sample_ids(case: &Case) -> Vec<String> {
    case.samples().map(|sample| sample.text.clone()).collect()
}

/// The sample ids of each list that joins samples of one patient only.
fn usable_lists(lists: &[SampleList], nomenclature: &Nomenclature, account: &mut Account) -> Vec<HashSet<String>> {
    let mut usable = Vec::new();
    for list in lists {
        let mut patients: Vec<String> = list
            .samples
            .iter()
            .filter_map(|row| patient_key_of(&row.sample_id, nomenclature))
            .map(|key| key.as_str().to_owned())
            .collect();
        patients.sort();
        patients.dedup();
        if patients.len() > 1 {
            let text = "the list joins samples of different patients";
            account.issue(IssueCode::SampleListConflict, Location::file(&list.file), text);
            continue;
        }
        usable.push(list.samples.iter().map(|row| row.sample_id.clone()).collect());
    }
    usable
}

/// Two files are one report when a list joins their samples, or when they name the same specimen of one patient. Plasma and
/// tissue are never one report, nor are a validation and a clinical sample.
fn are_one_report(a: &Case, b: &Case, lists: &[HashSet<String>]) -> bool {
    if a.owner != b.owner || is_cell_free(a) != is_cell_free(b) || is_validation(a) != is_validation(b) {
        return false;
    }
    let listed = |case: &Case, list: &HashSet<String>| case.samples().any(|sample| list.contains(&sample.text));
    let joined = lists.iter().any(|list| listed(a, list) && listed(b, list));
    if a.owner == UNASSIGNED {
        return joined;
    }
    let ids = |case: &Case| case.samples().filter_map(|sample| sample.id.clone()).collect::<Vec<SampleId>>();
    let same_specimen = ids(a).iter().any(|id| ids(b).iter().any(|other| id.same_specimen(other)));
    a.patient_key == b.patient_key && (joined || same_specimen)
}

fn is_validation(case: &Case) -> bool {
    case.samples().any(|sample| sample.id.as_ref().is_some_and(SampleId::is_validation))
}

fn is_cell_free(case: &Case) -> bool {
    case.dna.as_ref().is_some_and(|sample| sample.nucleic_acid == NucleicAcid::CellFreeDna)
}
