//! What a referral message does, given what is known: pure.

use serde_json::json;

use super::damaged;
use super::grants::follow_receiver;
use super::stored::{Belongs, resources};
use crate::domain::disposition::Disposition;
use crate::domain::ids::Face;
use crate::domain::issue::IssueCode;
use crate::domain::referral::{Action, Referral};
use crate::fhir::ids::ResourceIds;
use crate::fhir::transaction::{bundle_of, only, parts};
use crate::journal::{Cancel, Case, CaseWrite, Change, DeliveryKind, DeliveryState, JournalError, NewDelivery};
use crate::linking::case::{LinkCase, ReferralCase, reports_of};
use crate::linking::consent::{ConsentSource, ConsentState, ConsentStatement};
use crate::linking::versions::{self, Decision, Reason};
use crate::pipeline::referral::Translation;
use crate::routing::{Facts, Kind, Route, Routing};

/// A referral message and what it is decided with.
pub(super) struct Incoming<'a> {
    /// Id of the message.
    pub(super) message: &'a str,
    /// What it says.
    pub(super) referral: &'a Referral,
    /// Id of the Patient in the identified face.
    pub(super) patient: String,
    /// Id of the Patient in the pseudonymous face.
    pub(super) subject: String,
    /// Key of the case.
    pub(super) case: String,
    /// Organisation whose system sent it, as authenticated.
    pub(super) tenant: String,
    /// Ids of the identified face.
    pub(super) ids: ResourceIds,
    /// Health trust that refers, where it is known.
    pub(super) trust: Option<String>,
    /// Health trust that it is sent to, where it is known.
    pub(super) receiver: Option<String>,
    /// Whether the caller is of another trust than the message says.
    pub(super) is_foreign: bool,
    /// Organisation numbers that the caller's trust has and had; none where the caller is of no trust.
    pub(super) own: Vec<String>,
    /// When.
    pub(super) now: jiff::Timestamp,
}

/// What is decided.
pub(super) struct Outcome {
    pub(super) disposition: Disposition,
    pub(super) reason: String,
    /// JSON.
    pub(super) explanation: String,
    /// Cases, resources, deliveries, cancels.
    pub(super) change: Change,
    /// Messages that may go on now.
    pub(super) follow: Vec<String>,
}

/// The consent that holds after a message.
pub(super) fn consent_after(case: &ReferralCase, referral: &Referral) -> ConsentStatement {
    let state = ConsentState::parse(&referral.consent.state).unwrap_or_default();
    case.consent.then(&ConsentStatement::new(state, ConsentSource::Message, versions::generated(referral)))
}

/// Reads the case of a referral.
pub(super) fn referral_case(case: &Case) -> Result<ReferralCase, JournalError> {
    match &case.state {
        None => Ok(ReferralCase::default()),
        Some(state) => serde_json::from_str(state).map_err(|_| damaged(&case.key)),
    }
}

/// Reads the case of what leads to referrals.
pub(super) fn link_case(case: &Case) -> Result<LinkCase, JournalError> {
    match &case.state {
        None => Ok(LinkCase::default()),
        Some(state) => serde_json::from_str(state).map_err(|_| damaged(&case.key)),
    }
}

/// A case as it is from now on.
pub(super) fn write(case: &Case, state: &impl serde::Serialize) -> Result<CaseWrite, JournalError> {
    let state = serde_json::to_string(state).map_err(|_| damaged(&case.key))?;
    Ok(CaseWrite { key: case.key.clone(), read_revision: case.revision, state })
}

/// Decides. `cases` are that of the referral and, where the message names one, that of the requisition; `translation` is made
/// with the consent of [`consent_after`].
pub(super) fn decide(
    incoming: &Incoming<'_>,
    cases: &[Case],
    translation: &Translation,
    (routing, destinations): (&Routing, &[String]),
) -> Result<Outcome, JournalError> {
    let Some(row) = cases.first() else { return Err(damaged(&incoming.case)) };
    let mut case = referral_case(row)?;
    let quarantined = |code: IssueCode, text: &str| Ok(waiting(Disposition::Quarantined, &format!("{code}: {text}")));
    // Who refers may be in no table of trusts: then it is the case that says whose the referral is.
    let is_anothers = !case.tenant.is_empty() && case.tenant != incoming.tenant && !incoming.own.contains(&case.tenant);
    if incoming.is_foreign || is_anothers {
        let text =
            "the message names another health trust as its sender than the caller's, or the referral is another's";
        return quarantined(IssueCode::IntakeSenderForeign, text);
    }
    if case.message.as_deref() == Some(incoming.message) {
        // It took effect before: what it waited for has come, or the consent is another one.
        return take_effect(incoming, (row, case), requisition(cases), translation, (routing, destinations));
    }
    let is_same_patient = case.patient == incoming.patient;
    let known = case.known(is_same_patient.then_some(&incoming.referral.patient.identity));
    match versions::decide(incoming.referral, known.as_ref()) {
        Decision::Park => {
            if !case.parked.iter().any(|parked| parked == incoming.message) {
                case.parked.push(incoming.message.to_owned());
            }
            let mut outcome = waiting(Disposition::Parked, "its new message has not come");
            outcome.change.cases.push(write(row, &case)?);
            Ok(outcome)
        }
        Decision::Outdated => Ok(waiting(Disposition::Outdated, "a newer message about the referral is known")),
        Decision::Review(reason) => quarantined(code(reason), meaning(reason)),
        Decision::Accept | Decision::Update | Decision::Cancel => {
            take_effect(incoming, (row, case), requisition(cases), translation, (routing, destinations))
        }
    }
}

/// The case of the requisition among those that were read.
fn requisition(cases: &[Case]) -> Option<&Case> {
    cases.iter().find(|case| case.key.starts_with("requisition/"))
}

fn take_effect(
    incoming: &Incoming<'_>,
    (row, mut case): (&Case, ReferralCase),
    requisition: Option<&Case>,
    translation: &Translation,
    (routing, destinations): (&Routing, &[String]),
) -> Result<Outcome, JournalError> {
    let referral = incoming.referral;
    case.consent = consent_after(&case, referral);
    case.message = Some(incoming.message.to_owned());
    case.patient.clone_from(&incoming.patient);
    case.subject.clone_from(&incoming.subject);
    case.owner.clone_from(&referral.identity.owner);
    if case.tenant.is_empty() {
        case.tenant.clone_from(&incoming.tenant);
    }
    case.trust.clone_from(&incoming.trust);
    let reply = translation.reply.clone();
    case.reply = reply.map(|reply| reply.after(case.reply.as_ref(), &incoming.case));
    case.made(versions::moment(referral));
    case.is_cancelled = referral.message.action == Action::Cancel;
    let mut follow = std::mem::take(&mut case.parked);
    let mut change = Change { grants: follow_receiver(incoming, &mut case), ..Change::default() };
    if let Some(requisition) = requisition {
        let mut link = link_case(requisition)?;
        if link.lead(&incoming.case, &mut follow) {
            change.cases.push(write(requisition, &link)?);
        }
    }
    if case.consent.state == ConsentState::Given {
        // What waited for the consent can go on.
        follow.extend(case.reports.iter().cloned());
    }
    let (Some(identified), Some(pseudonymous)) = (&translation.bundle, &translation.other_bundle) else {
        change.cases.push(write(row, &case)?);
        let mut outcome =
            waiting(Disposition::HeldMappingDefect, "a resource of the mapping does not meet its profile");
        outcome.change = change;
        outcome.follow = follow;
        return Ok(outcome);
    };
    let belongs = Belongs {
        owner: case.owner_of_resources(),
        case: Some(&incoming.case),
        patient: Some(&case.patient),
        ids: &incoming.ids,
        now: incoming.now,
    };
    change.resources = resources(identified, belongs);
    let facts = Facts { kind: Kind::Referral, consent: case.consent.state, trust: case.trust.as_deref() };
    let routes = routing.decide(facts, destinations);
    let body = |face: Face| match face {
        Face::Identified => identified.clone(),
        Face::Pseudonymous => pseudonymous.clone(),
    };
    for route in &routes {
        let was_sent = case.sent.contains(&route.destination);
        let is_stop = case.is_cancelled || !route.sent;
        if is_stop && !was_sent {
            continue;
        }
        let kind = if is_stop { DeliveryKind::Stop } else { DeliveryKind::Send };
        let body = if is_stop { stop_of(&body(route.face)) } else { body(route.face) };
        let body = only(body, route.resources.as_deref());
        let cancel = |case: String| Cancel {
            case,
            destination: Some(route.destination.clone()),
            state: if is_stop { DeliveryState::Cancelled } else { DeliveryState::Superseded },
            only_dead: !is_stop,
            at: incoming.now,
        };
        change.cancels.push(cancel(incoming.case.clone()));
        if is_stop {
            change.cancels.push(cancel(reports_of(&incoming.case)));
        }
        change.deliveries.push(delivery(incoming, &case, route, kind, body));
        case.sent.retain(|destination| *destination != route.destination);
        if !is_stop {
            case.sent.push(route.destination.clone());
        }
    }
    let (disposition, reason) = ending(case.is_cancelled, case.consent.state, &routes);
    change.cases.push(write(row, &case)?);
    let explanation = explanation(&case, &routes);
    Ok(Outcome { disposition, reason: reason.to_owned(), explanation, change, follow })
}

fn delivery(
    incoming: &Incoming<'_>,
    case: &ReferralCase,
    route: &Route,
    kind: DeliveryKind,
    body: String,
) -> NewDelivery {
    NewDelivery {
        message: incoming.message.to_owned(),
        destination: route.destination.clone(),
        patient: case.patient.clone(),
        case: incoming.case.clone(),
        kind,
        body,
        at: incoming.now,
    }
}

/// How a message ends that took effect. While a destination waits for the consent, so does the message, whatever the others
/// got.
pub(super) fn ending(is_cancelled: bool, consent: ConsentState, routes: &[Route]) -> (Disposition, &'static str) {
    if !is_cancelled && routes.iter().any(|route| route.awaits_consent) {
        return (Disposition::AwaitingConsent, "nothing says that the patient consents to the trial");
    }
    if is_cancelled || routes.iter().any(|route| route.sent) {
        return (Disposition::Routed, "it took effect");
    }
    match consent {
        ConsentState::Refused => (Disposition::ConsentRefused, "the patient does not consent to the trial"),
        ConsentState::Withdrawn => (Disposition::ConsentRefused, "the consent was withdrawn"),
        ConsentState::Given | ConsentState::Unknown => (Disposition::Routed, "no rule sends it anywhere"),
    }
}

/// What is stored with a message for a person who asks where it is.
pub(super) fn explanation(case: &ReferralCase, routes: &[Route]) -> String {
    json!({
        "consent": case.consent.state.as_str(),
        "consentSource": case.consent.source,
        "trust": case.trust,
        "routes": routes,
    })
    .to_string()
}

/// The stop: the request that no longer holds, and the consent, of what the receiver has already.
pub(super) fn stop_of(bundle: &str) -> String {
    let mut parts = parts(bundle);
    for part in &mut parts {
        if part.kind == "ServiceRequest"
            && let Some(status) = part.resource.get_mut("status")
        {
            *status = json!("revoked");
        }
    }
    bundle_of(&parts, |part| part.kind == "ServiceRequest" || part.kind == "Consent")
}

/// A message that changes nothing now.
pub(super) fn waiting(disposition: Disposition, reason: &str) -> Outcome {
    Outcome {
        disposition,
        reason: reason.to_owned(),
        explanation: json!({"routes": []}).to_string(),
        change: Change::default(),
        follow: Vec::new(),
    }
}

fn code(reason: Reason) -> IssueCode {
    match reason {
        Reason::OtherPatient => IssueCode::LinkPatientChanged,
        Reason::SecondNew
        | Reason::CancelAfterSequencing
        | Reason::CancelDuringTreatment
        | Reason::ChangeAfterCancel
        | Reason::OrderUnknown => IssueCode::VersionReview,
    }
}

fn meaning(reason: Reason) -> &'static str {
    match reason {
        Reason::OtherPatient => "the message is about another patient than the referral",
        Reason::SecondNew => "a second new message with the id of a known referral",
        Reason::CancelAfterSequencing => "it cancels a referral whose sample was sequenced",
        Reason::CancelDuringTreatment => "it cancels a referral whose patient is treated",
        Reason::ChangeAfterCancel => "it changes a referral that was cancelled",
        Reason::OrderUnknown => "its time does not say whether it is newer than what is known",
    }
}
