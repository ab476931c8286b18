//! Whose the report is.

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::sample_id::{Classified, Element, PatientKey, SampleId};
use crate::redact::has_long_digit_run;
use crate::sources::tso500::Knowledge;

use super::super::wire::ResultsReport;
use super::{OWNER, text_of};

/// Patient and sample of a report.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Subject {
    /// Laboratory code where the ReferenceID is InPreD's, otherwise the vendor.
    pub(super) owner: String,
    /// Patient key of the owner.
    pub(super) patient_key: String,
    /// The vendor's name of the sample; the ReferenceID where it gives none.
    pub(super) sample_id: String,
    /// The ReferenceID as written.
    pub(super) reference: Option<String>,
    /// A validation sample.
    pub(super) is_test: bool,
}

/// Patient and sample, or none where the report belongs to nobody or names a person; every row is then listed.
pub(super) fn of(content: &ResultsReport, knowledge: Knowledge<'_>, account: &mut Account) -> Option<Subject> {
    let Some(held) = &content.reference else {
        let text = "the report has no ReferenceID";
        return refuse(content, IssueCode::FoundationReferenceMissing, Location::file(&content.file), text, account);
    };
    let names = || content.samples.iter().filter_map(|sample| sample.name.as_deref());
    if std::iter::once(held.value.as_str()).chain(names()).any(has_long_digit_run) {
        let place = Location::file(&content.file).line(held.line).column("ReferenceID");
        let text = "an id can be a national identity number";
        return refuse(content, IssueCode::SampleIdPersonal, place, text, account);
    }
    let sample_id = names().next().or(text_of(&content.reference)).unwrap_or_default().to_owned();
    let reference = Some(held.value.clone());
    let subject = |owner: &str, patient_key: &str, is_test| Subject {
        owner: owner.to_owned(),
        patient_key: patient_key.to_owned(),
        sample_id,
        reference,
        is_test,
    };
    Some(match SampleId::classify(&held.value, knowledge.nomenclature) {
        Classified::Known(id) => {
            subject(id.laboratory().code(), id.patient_key().as_str(), is_validation(&id, content, account))
        }
        Classified::UnknownCode(id, _) if is_laboratory(id.laboratory().code(), knowledge) => {
            let place = Location::file(&content.file).line(held.line).column("ReferenceID");
            account.issue(IssueCode::SampleIdUnknownCode, place, IssueCode::SampleIdUnknownCode.meaning());
            subject(id.laboratory().code(), id.patient_key().as_str(), is_validation(&id, content, account))
        }
        _ => match PatientKey::parse(&held.value).filter(|key| is_laboratory(key.laboratory(), knowledge)) {
            Some(key) => subject(key.laboratory(), key.as_str(), false),
            None => subject(OWNER, &held.value, false),
        },
    })
}

fn is_laboratory(code: &str, knowledge: Knowledge<'_>) -> bool {
    knowledge.nomenclature.text(Element::Project, code).is_some()
}

fn is_validation(id: &SampleId, content: &ResultsReport, account: &mut Account) -> bool {
    if id.is_validation() {
        let place = Location::file(&content.file).column("ReferenceID");
        account.issue(IssueCode::SampleIdValidation, place, IssueCode::SampleIdValidation.meaning());
    }
    id.is_validation()
}

fn refuse(
    content: &ResultsReport,
    code: IssueCode,
    place: Location,
    text: &'static str,
    account: &mut Account,
) -> Option<Subject> {
    account.issue(code, place, text);
    account.ledger.list_file(&content.file, code, text);
    None
}
