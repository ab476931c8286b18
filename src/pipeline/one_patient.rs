//! Reports of several laboratories about one patient say the same of the patient.

use std::collections::BTreeSet;

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::{GenomicReport, LabPatient, StudySubject};

/// Gives every report what any of them knows about the patient, so that there is one Patient resource. Where two reports
/// differ about sex or year of birth, none says it.
pub(super) fn agree(reports: &mut [GenomicReport], account: &mut Account) {
    if reports.len() < 2 {
        return;
    }
    let gender = common(reports, "sex", |patient| patient.gender.as_ref(), account);
    let year_of_birth = common(reports, "year of birth", |patient| patient.year_of_birth.as_ref(), account);
    let subjects: BTreeSet<String> =
        reports.iter().flat_map(|report| &report.patient.study_subjects).map(|subject| subject.value.clone()).collect();
    for report in reports {
        let patient = &mut report.patient;
        patient.gender.clone_from(&gender);
        patient.year_of_birth.clone_from(&year_of_birth);
        patient.study_subjects = subjects.iter().map(|value| StudySubject { value: value.clone() }).collect();
    }
}

/// The one value that reports give; none, with an issue, where they give several.
fn common(
    reports: &[GenomicReport],
    name: &str,
    value: impl Fn(&LabPatient) -> Option<&String>,
    account: &mut Account,
) -> Option<String> {
    let values: BTreeSet<&String> = reports.iter().filter_map(|report| value(&report.patient)).collect();
    if values.len() > 1 {
        let text = format!("the reports of one patient differ about the {name}; none of the values was used");
        account.issue(IssueCode::Conflict, Location::default(), text);
        return None;
    }
    values.first().map(|value| (*value).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(gender: Option<&str>, year_of_birth: Option<&str>, subjects: &[&str]) -> GenomicReport {
        let subjects = subjects.iter().map(|value| StudySubject { value: (*value).to_owned() });
        let patient = LabPatient {
            gender: gender.map(str::to_owned),
            year_of_birth: year_of_birth.map(str::to_owned),
            study_subjects: subjects.collect(),
            ..LabPatient::default()
        };
        GenomicReport { patient, ..GenomicReport::default() }
    }

    #[test]
    fn what_one_report_knows_all_say() {
        let mut reports = [report(None, Some("1960"), &["IMPR.X-0999"]), report(Some("female"), None, &[])];
        let mut account = Account::default();
        agree(&mut reports, &mut account);
        assert_eq!(reports[0].patient, reports[1].patient);
        assert_eq!(reports[0].patient, report(Some("female"), Some("1960"), &["IMPR.X-0999"]).patient);
        assert!(account.issues.is_empty());
    }

    #[test]
    fn a_contradiction_is_said_and_decides_nothing() {
        let mut reports = [report(Some("male"), Some("1960"), &[]), report(Some("female"), Some("1960"), &[])];
        let mut account = Account::default();
        agree(&mut reports, &mut account);
        assert!(reports.iter().all(|report| report.patient == self::report(None, Some("1960"), &[]).patient));
        assert_eq!(account.issues.iter().map(|issue| issue.code).collect::<Vec<_>>(), [IssueCode::Conflict]);
    }
}
