//! A report as the trial sees it: without what goes to the care chain only.

use std::collections::{BTreeMap, BTreeSet};

use super::Intake;
use super::decide_report::{IncomingReport, is_of_foundation_medicine};
use crate::domain::ids::Identity;
use crate::domain::issue::{Issue, IssueCode, Location, Severity};
use crate::domain::report::GenomicReport;
use crate::fhir::transaction::parts;
use crate::linking::case::ReferralCase;
use crate::pipeline::reports_in_face;
use crate::release;
use crate::routing::{Findings, Route};

/// The report as the trial sees it, checked against its profiles again; what is withheld is noted with the rule.
pub(super) fn shown(
    intake: &Intake,
    incoming: &IncomingReport<'_>,
    case: &ReferralCase,
    route: &Route,
    withheld: &mut BTreeMap<String, String>,
) -> Result<String, Issue> {
    let ids = &intake.referrals.pseudonymous;
    let gateway = &intake.reports.gateway;
    let bundle = reports_in_face(gateway, incoming.reports, ids).map_err(gravest)?;
    let mut gone = BTreeSet::new();
    if route.findings == Findings::SelectedOrSomatic {
        for (identity, why) in incoming.reports.iter().flat_map(withheld_of) {
            gone.insert(ids.id("Observation", identity, "").to_string());
            gone.insert(ids.id("Observation", identity, "consequence").to_string());
            let known = intake.referrals.identified.id("Observation", identity, "").to_string();
            withheld.insert(format!("Observation/{known}"), format!("rule {}: {why}", route.rule));
        }
    }
    let body = release::pseudonymous(parts(&bundle), &case.subject, &gone);
    // The Patient is on the destination already: references to it lead out of the Bundle.
    let is_wrong =
        |issue: &Issue| issue.code.severity() >= Severity::Error && issue.code != IssueCode::ReferenceUnresolved;
    let wrong: Vec<Issue> = gateway.validator.validate_text(&body, &[]).into_iter().filter(is_wrong).collect();
    if wrong.is_empty() { Ok(body) } else { Err(gravest(wrong)) }
}

/// The issue that says most.
fn gravest(issues: Vec<Issue>) -> Issue {
    let defect =
        || Issue::new(IssueCode::MappingProfileFailed, Location::default(), "a resource does not meet its profile");
    issues.into_iter().max_by_key(|issue| issue.code.severity()).unwrap_or_else(defect)
}

/// The small variants that are neither somatic nor selected by the laboratory, each with the reason. A tumour-only pipeline
/// lists germline variants among its calls: what nobody has judged may be one.
fn withheld_of(report: &GenomicReport) -> impl Iterator<Item = (&Identity, &'static str)> {
    let is_selected_by_form = is_of_foundation_medicine(report);
    report.small_variants.iter().filter_map(move |variant| {
        let has = |kind: &str, values: &[&str]| {
            variant.curation.iter().any(|flag| flag.kind == kind && values.contains(&flag.value.trim()))
        };
        let is_germline = variant.origin.as_deref() == Some("germline")
            || has("class-judgement", &["LikGL"])
            || has("reporting-judgement", &["GLrel"]);
        let is_somatic =
            variant.origin.as_deref() == Some("somatic") || has("class-judgement", &["SOM", "LikSOM", "include"]);
        let is_selected = is_selected_by_form || has("reporting-judgement", &["BioMar", "VUSpot", "AddRes"]);
        match (is_germline, is_somatic || is_selected) {
            (true, _) => Some((&variant.identity, "germline goes to the care chain only")),
            (false, true) => None,
            (false, false) => Some((&variant.identity, "neither somatic nor selected by the laboratory")),
        }
    })
}
