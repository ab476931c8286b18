//! What a report does, given what is known: pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::decide::{ending, link_case, referral_case, write};
use super::shown::shown;
use super::stored::{Belongs, resources};
use super::{Intake, damaged};
use crate::domain::disposition::Disposition;
use crate::domain::ids::Face;
use crate::domain::issue::IssueCode;
use crate::domain::org_number::OrgNumber;
use crate::domain::report::GenomicReport;
use crate::domain::sample_id::{Classified, SampleId};
use crate::domain::study_subject::StudySubjectId;
use crate::fhir::ids::ResourceIds;
use crate::fhir::transaction::{only, parts};
use crate::journal::{Case, Change, DeliveryKind, HELD, JournalError, NewDelivery, NewResource};
use crate::linking::case::{
    Candidates, LinkCase, Numbered, ReferralCase, ReportCase, candidates, report_key, reports_of, sample_key,
    subject_key,
};
use crate::linking::consent::ConsentState;
use crate::release;
use crate::routing::{Facts, Kind};

/// The reports of one patient in one archive.
pub(super) struct IncomingReport<'a> {
    pub(super) message: &'a str,
    /// Organisation of the laboratory that sent it.
    pub(super) sender: &'a str,
    /// Bundle in the identified face.
    pub(super) bundle: &'a str,
    pub(super) reports: &'a [GenomicReport],
    pub(super) now: jiff::Timestamp,
}

/// Keys of the cases that a report touches.
pub(super) struct Keys {
    /// Samples and the laboratory's patient.
    pub(super) explicit: Vec<String>,
    subject: Vec<String>,
    pub(super) reports: Vec<String>,
}

impl Keys {
    pub(super) fn all(&self) -> Vec<String> {
        [&self.explicit, &self.subject, &self.reports].into_iter().flatten().cloned().collect()
    }
}

pub(super) fn keys_of(ids: &ResourceIds, reports: &[GenomicReport]) -> Keys {
    let samples = reports.iter().flat_map(|report| &report.specimens).map(|specimen| specimen.sample_id.as_str());
    let patients = reports.iter().map(|report| report.patient.key.as_str());
    let subjects = reports.iter().flat_map(|report| &report.patient.study_subjects);
    let unique = |keys: BTreeSet<String>| keys.into_iter().collect();
    Keys {
        explicit: unique(samples.chain(patients).map(|id| sample_key(ids, id)).collect()),
        subject: unique(subjects.map(|subject| subject_key(ids, &subject.value)).collect()),
        reports: unique(reports.iter().map(|report| report_key(ids, &report.identity)).collect()),
    }
}

/// What is known.
pub(super) struct Found {
    /// Samples, patient and subjects; then the requisitions that the laboratory named for them.
    pub(super) links: Vec<(Case, LinkCase)>,
    pub(super) reports: Vec<(Case, ReportCase)>,
    /// The referrals that the report can belong to.
    pub(super) candidates: Candidates,
    /// The case of the only candidate.
    pub(super) referral: Option<Case>,
}

impl Found {
    /// `requisitions` are those that the laboratory named for samples of `cases`, with where they lead.
    pub(super) fn new(
        keys: &Keys,
        cases: Vec<Case>,
        requisitions: Vec<(Case, LinkCase, Numbered)>,
    ) -> Result<Self, JournalError> {
        let mut cases: BTreeMap<String, Case> = cases.into_iter().map(|case| (case.key.clone(), case)).collect();
        let mut take = |keys: &[String]| -> Vec<Case> { keys.iter().filter_map(|key| cases.remove(key)).collect() };
        let links = |cases: Vec<Case>| -> Result<Vec<(Case, LinkCase)>, JournalError> {
            cases.into_iter().map(|case| link_case(&case).map(|link| (case, link))).collect()
        };
        let explicit = links(take(&keys.explicit))?;
        let subject = links(take(&keys.subject))?;
        let report = |case: Case| {
            let read = case.state.as_deref().map(serde_json::from_str).transpose().map_err(|_| damaged(&case.key))?;
            Ok((case, read.unwrap_or_default()))
        };
        let reports: Result<Vec<(Case, ReportCase)>, JournalError> =
            take(&keys.reports).into_iter().map(report).collect();
        let reports = reports?;
        let of = |cases: &[(Case, LinkCase)]| cases.iter().map(|(_, link)| link.clone()).collect::<Vec<_>>();
        let (requisitions, numbered): (Vec<_>, Vec<_>) =
            requisitions.into_iter().map(|(case, link, numbered)| ((case, link), numbered)).unzip();
        let before = reports.iter().filter_map(|(_, known)| known.referral.as_deref()).collect();
        let candidates = candidates(&of(&explicit), &numbered, &of(&subject), &before);
        let links = [explicit, subject, requisitions].into_iter().flatten().collect();
        Ok(Self { links, reports, candidates, referral: None })
    }

    /// Whether a message waits for all that can lead to its referral.
    pub(super) fn has_waiting(&self, message: &str) -> bool {
        self.links.iter().all(|(_, link)| link.waiting.iter().any(|waiting| waiting == message))
    }

    /// Whether a person has chosen the referral.
    fn is_chosen(&self) -> bool {
        self.links.iter().any(|(_, link)| link.is_chosen)
    }
}

/// What is decided.
pub(super) struct ReportOutcome {
    pub(super) disposition: Disposition,
    pub(super) reason: String,
    pub(super) explanation: String,
    pub(super) change: Change,
    /// Key of the case that the message now belongs to or waits for.
    pub(super) case: Option<String>,
    pub(super) patient: Option<String>,
}

impl ReportOutcome {
    fn new(disposition: Disposition, reason: &str) -> Self {
        Self {
            disposition,
            reason: reason.to_owned(),
            explanation: json!({"routes": []}).to_string(),
            change: Change::default(),
            case: None,
            patient: None,
        }
    }
}

pub(super) fn decide_report(
    intake: &Intake,
    incoming: &IncomingReport<'_>,
    found: &Found,
) -> Result<ReportOutcome, JournalError> {
    if let Some((code, text)) = never_by_itself(intake, incoming, found.is_chosen()) {
        return quarantined(found, code, text);
    }
    if incoming.reports.iter().zip(&found.reports).any(|(report, (_, known))| is_older(report, incoming.message, known))
    {
        return Ok(ReportOutcome::new(Disposition::Outdated, "a newer result of the samples is known"));
    }
    match &found.candidates {
        Candidates::Unconfirmed => {
            let text = "a referral has its requisition number, and nothing says that it is the requester's";
            awaits_referral(incoming, found, &format!("{}: {text}", IssueCode::LinkRequisitionUnconfirmed))
        }
        Candidates::Referrals(referrals) => match referrals.as_slice() {
            [] => awaits_referral(incoming, found, NOT_LINKED),
            [_] => linked(intake, incoming, found),
            _ => quarantined(found, IssueCode::LinkAmbiguous, "several referrals fit the report"),
        },
    }
}

fn quarantined(found: &Found, code: IssueCode, text: &str) -> Result<ReportOutcome, JournalError> {
    let mut outcome = ReportOutcome::new(Disposition::Quarantined, &format!("{code}: {text}"));
    outcome.case = found.links.first().map(|(case, _)| case.key.clone());
    Ok(outcome)
}

/// What a person must look at before anything of the report goes anywhere.
fn never_by_itself(
    intake: &Intake,
    incoming: &IncomingReport<'_>,
    is_chosen: bool,
) -> Option<(IssueCode, &'static str)> {
    let nomenclature = &intake.reports.gateway.nomenclature;
    for report in incoming.reports {
        let laboratory = report.laboratory.as_ref().map(|laboratory| laboratory.code.as_str());
        if !is_of_foundation_medicine(report) && laboratory.is_some_and(|code| is_foreign(incoming.sender, code)) {
            let text = "the samples are of another laboratory than the caller";
            return Some((IssueCode::IntakeSenderForeign, text));
        }
        if report.is_test == Some(true) {
            return Some((IssueCode::LinkNotClinical, "a validation sample is never clinical"));
        }
        let is_other = |id: &str| matches!(SampleId::classify(id, nomenclature), Classified::Foreign(_));
        if !is_of_foundation_medicine(report) && report.specimens.iter().any(|specimen| is_other(&specimen.sample_id)) {
            return Some((IssueCode::LinkSampleForeign, "a sample id is not an InPreD sample id"));
        }
        let letters = report
            .patient
            .study_subjects
            .iter()
            .filter_map(|subject| StudySubjectId::parse(&subject.value).ok().and_then(|id| id.site()));
        for letter in letters {
            if !is_chosen && intake.referrals.trusts.by_site_letter(letter).is_none() {
                let text = "no inclusion site has the letter of the study subject id";
                return Some((IssueCode::LinkSiteUnknown, text));
            }
        }
    }
    None
}

fn issued(report: &GenomicReport) -> Option<i64> {
    let instant: jiff::Timestamp = report.issued.as_deref()?.parse().ok()?;
    Some(instant.as_millisecond())
}

fn is_older(report: &GenomicReport, message: &str, known: &ReportCase) -> bool {
    let is_other = known.message.as_deref().is_some_and(|newest| newest != message);
    is_other && matches!((issued(report), known.issued), (Some(issued), Some(known)) if issued < known)
}

/// What names, in the explanation of a report that waits, the keys of what can lead to its referral.
pub(super) const WAITS_FOR: &str = "waitsFor";

/// Why a report waits to which nothing leads.
const NOT_LINKED: &str = "no referral is linked to its samples yet";

fn awaits_referral(incoming: &IncomingReport<'_>, found: &Found, why: &str) -> Result<ReportOutcome, JournalError> {
    let mut outcome = ReportOutcome::new(Disposition::AwaitingReferral, why);
    for (case, link) in &found.links {
        outcome.case = outcome.case.or_else(|| Some(case.key.clone()));
        // All of them, so that of two decisions at one moment the second is made again.
        let mut link = link.clone();
        if !link.waiting.iter().any(|waiting| waiting == incoming.message) {
            link.waiting.push(incoming.message.to_owned());
        }
        outcome.change.cases.push(write(case, &link)?);
    }
    // Requisitions are named by the samples.
    let keys = found.links.iter().map(|(case, _)| case.key.as_str());
    let waits_for: Vec<&str> = keys.filter(|key| !key.starts_with("requisition/")).collect();
    outcome.explanation = json!({"routes": [], WAITS_FOR: waits_for}).to_string();
    Ok(outcome)
}

fn linked(intake: &Intake, incoming: &IncomingReport<'_>, found: &Found) -> Result<ReportOutcome, JournalError> {
    let Some(row) = &found.referral else { return Err(JournalError::Busy) };
    let mut case = referral_case(row)?;
    if case.message.is_none() {
        return awaits_referral(incoming, found, NOT_LINKED);
    }
    let moved = |(_, known): &(Case, ReportCase)| known.referral.as_ref().is_some_and(|known| *known != row.key);
    if !found.is_chosen() && found.reports.iter().any(moved) {
        return quarantined(found, IssueCode::LinkPatientChanged, "the samples belonged to another referral before");
    }
    if case.is_cancelled {
        return quarantined(found, IssueCode::VersionReview, "the referral was cancelled");
    }
    if !case.reports.iter().any(|report| report == incoming.message) {
        case.reports.push(incoming.message.to_owned());
    }
    case.progress = case.progress.max(1);
    let is_refused = incoming.reports.iter().any(|report| report.not_in_trial);
    let consent = if is_refused { ConsentState::Refused } else { case.consent.state };
    let facts = Facts { kind: Kind::Report, consent, trust: case.trust.as_deref() };
    let routes = intake.routing.decide(facts, &intake.destinations);
    let was_sent = |destination: &String| {
        found
            .reports
            .iter()
            .any(|(_, known)| known.message.as_deref() == Some(incoming.message) && known.sent.contains(destination))
    };
    let mut change = Change::default();
    for (report, (report_row, _)) in incoming.reports.iter().zip(&found.reports) {
        let state = ReportCase {
            message: Some(incoming.message.to_owned()),
            issued: issued(report),
            referral: Some(row.key.clone()),
            sent: routes.iter().filter(|route| route.sent).map(|route| route.destination.clone()).collect(),
        };
        change.cases.push(write(report_row, &state)?);
    }
    let identified = release::identified(parts(incoming.bundle), &case.patient);
    let belongs = Belongs {
        owner: case.owner_of_resources(),
        case: Some(&row.key),
        patient: Some(&case.patient),
        ids: &intake.referrals.identified,
        now: incoming.now,
    };
    let held = intake.release.held(&parts(&identified));
    change.resources = resources(&identified, belongs).into_iter().map(|row| hold(row, &held)).collect();
    let mut withheld = BTreeMap::new();
    for route in routes.iter().filter(|route| route.sent && !was_sent(&route.destination)) {
        let body = match route.face {
            Face::Identified => identified.clone(),
            Face::Pseudonymous => match shown(intake, incoming, &case, route, &mut withheld) {
                Ok(body) => body,
                Err(defect) => {
                    // Code and place only: the words may be of the report.
                    let place = defect.location.path.as_deref().unwrap_or_default();
                    let reason = format!("{} at {place}, in what {} gets", defect.code, route.destination);
                    return Ok(ReportOutcome::new(Disposition::HeldMappingDefect, &reason));
                }
            },
        };
        change.deliveries.push(NewDelivery {
            message: incoming.message.to_owned(),
            destination: route.destination.clone(),
            patient: case.patient.clone(),
            case: reports_of(&row.key),
            kind: DeliveryKind::Send,
            body: only(body, route.resources.as_deref()),
            at: incoming.now,
        });
    }
    change.cases.push(write(row, &case)?);
    let (disposition, reason) = ending(false, consent, &routes);
    let explanation = json!({
        "referral": row.key,
        "consent": consent.as_str(),
        "trust": case.trust,
        "siteWarning": site_warning(intake, incoming.reports, &case),
        "routes": routes,
        "withheld": withheld,
    });
    Ok(ReportOutcome {
        disposition,
        reason: reason.to_owned(),
        explanation: explanation.to_string(),
        change,
        case: Some(row.key.clone()),
        patient: Some(case.patient),
    })
}

/// Whether samples of the laboratory with the InPreD project code `code` are not the caller's. A caller that is named by an
/// organisation number is the hospital of a laboratory, or a hub: it may send for those it serves.
pub(super) fn is_foreign(caller: &str, code: &str) -> bool {
    OrgNumber::parse(caller).is_err() && caller != code
}

/// Foundation Medicine has sample ids of its own, and reports what it has judged.
pub(super) fn is_of_foundation_medicine(report: &GenomicReport) -> bool {
    report.laboratory.as_ref().is_some_and(|laboratory| laboratory.code == "FMI")
}

/// Small hospitals refer to university sites: another site than the trust's own is worth a look, no ground to stop.
fn site_warning(intake: &Intake, reports: &[GenomicReport], case: &ReferralCase) -> Option<&'static str> {
    let subjects = reports.iter().flat_map(|report| &report.patient.study_subjects);
    let mut letters = subjects.filter_map(|subject| StudySubjectId::parse(&subject.value).ok()?.site());
    let differs = |letter: char| {
        let site = intake.referrals.trusts.by_site_letter(letter);
        site.is_some_and(|(trust, _)| case.trust.as_ref().is_some_and(|known| *known != trust.id))
    };
    letters.any(differs).then_some(IssueCode::LinkSiteDiffers.as_str())
}

/// What no trust may see yet is of nobody, and of no case that could be granted.
fn hold(row: NewResource, held: &BTreeSet<String>) -> NewResource {
    if held.contains(&row.id) { NewResource { owner: HELD.to_owned(), case: None, ..row } } else { row }
}
