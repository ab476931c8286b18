//! The Task of a referral: it exists from the accept on, and follows the patient in the trial.

use serde_json::Value;

use super::super::decide::{Incoming, Outcome, link_case, referral_case, waiting, write};
use super::super::grants::{INCLUDING_SITE, give};
use super::super::{Intake, damaged};
use super::Refused;
use super::rows::{Place, row};
use crate::domain::disposition::Disposition;
use crate::domain::ids::Face;
use crate::domain::issue::Issue;
use crate::domain::trial::{Concept, ReferralTask, TrialUpdate};
use crate::journal::{Case, Change, GrantWrite, JournalError, NewResource, Scope};
use crate::linking::case::ReferralCase;
use crate::linking::consent::ConsentState;
use crate::linking::trial::{TrialPatient, patient_key, request_key, task_identity};

/// A defect of the mapping holds the message.
pub(super) fn held(defect: Issue) -> Refused {
    Refused::No(503, Disposition::HeldMappingDefect, vec![defect])
}

/// The Task of a referral: for the trust, and for the trial where it was shown the referral.
pub(super) fn tasks(
    intake: &Intake,
    key: &str,
    case: &ReferralCase,
    now: jiff::Timestamp,
) -> Result<Vec<NewResource>, Issue> {
    let gateway = &intake.referrals;
    let stand = case.trial.stand();
    // Where it was taken over, it is news of that moment.
    let taken_over = case.trial.since.filter(|_| stand.subject.is_some()).unwrap_or_default();
    let time = |at: i64| jiff::Timestamp::from_millisecond(at).map(|at| at.to_string()).unwrap_or_default();
    let identified = key.strip_prefix("referral/").unwrap_or(key);
    let task = |referral: &str, patient: &str, requester: &str| ReferralTask {
        identity: task_identity(key),
        state: stand.state.clone(),
        reason: stand.reason.as_deref().map(Concept::of_text),
        referral: format!("ServiceRequest/{referral}"),
        patient: format!("Patient/{patient}"),
        requester: format!("Organization/{requester}"),
        authored: time(case.trial.authored),
        modified: time(stand.at.max(case.trial.authored).max(taken_over)),
        subject: None,
    };
    let mut own = task(identified, &case.patient, &case.trial.requester);
    own.subject = stand.subject.as_ref().map(|subject| format!("ResearchSubject/{subject}"));
    let shown = task(&case.trial.request, &case.subject, &case.trial.trial_requester);
    let render = |task: ReferralTask, face, id: Option<&str>| {
        gateway.resource_of(&TrialUpdate { task: Some(task), ..TrialUpdate::default() }, face, id)
    };
    let own: Value = render(own, Face::Identified, None)?;
    let mut rows = {
        let place = Place { owner: case.owner_of_resources(), case: Some(key), patient: Some(&case.patient) };
        vec![row(intake, &own, &place, now)]
    };
    if case.trial.is_at_trial() {
        let id = Some(case.trial.task_id.as_str()).filter(|id| !id.is_empty());
        rows.push(row(intake, &render(shown, Face::Pseudonymous, id)?, &Place::OF_TRIAL, now));
    }
    Ok(rows)
}

/// What leads from the trial's words to referrals, among the cases that were read.
fn link_of<'c>(cases: &'c [Case], key: &str) -> Result<Option<(&'c Case, TrialPatient)>, JournalError> {
    let Some(row) = cases.iter().find(|row| row.key == key) else { return Ok(None) };
    let link = match row.state.as_deref() {
        None => TrialPatient::default(),
        Some(state) => serde_json::from_str(state).map_err(|_| damaged(key))?,
    };
    Ok(Some((row, link)))
}

/// Lets the trust of the inclusion site see a referral that the trial is shown after the study subject id of its patient.
fn include(incoming: &Incoming<'_>, case: &ReferralCase, link: &mut TrialPatient) -> Option<GrantWrite> {
    let site = link.site.clone().filter(|site| case.trust.as_ref() != Some(site))?;
    if link.included.contains(&incoming.case) {
        return None;
    }
    link.included.push(incoming.case.clone());
    Some(give(&incoming.case, &site, INCLUDING_SITE, incoming.now))
}

/// Adds the referral to the cases that lead to it. Where the trial is shown it only now, they are written in any case: a word of
/// the trial at the same moment is decided on again, and not passed over.
fn lead(
    incoming: &Incoming<'_>,
    cases: &[Case],
    (case, is_shown_now): (&ReferralCase, bool),
    change: &mut Change,
) -> Result<(), JournalError> {
    for key in [patient_key(&case.subject), request_key(&case.trial.request)] {
        let Some((row, mut link)) = link_of(cases, &key)? else { continue };
        let is_known = link.referrals.contains(&incoming.case);
        if !is_known {
            link.referrals.push(incoming.case.clone());
        }
        if is_shown_now {
            change.grants.extend(include(incoming, case, &mut link));
        }
        if !is_known || is_shown_now {
            change.cases.push(write(row, &link)?);
        }
    }
    Ok(())
}

impl Intake {
    /// Adds to what a message about a referral does its Task, and the cases by which the trial's words lead back to it.
    pub(in super::super) async fn with_task(
        &self,
        incoming: &Incoming<'_>,
        cases: &[Case],
        mut outcome: Outcome,
    ) -> Result<Outcome, JournalError> {
        if outcome.disposition == Disposition::HeldMappingDefect {
            return Ok(outcome);
        }
        let Some(written) = outcome.change.cases.iter().position(|case| case.key == incoming.case) else {
            return Ok(outcome);
        };
        let Some(change) = outcome.change.cases.get(written) else { return Ok(outcome) };
        let row = Case { key: change.key.clone(), revision: change.read_revision, state: Some(change.state.clone()) };
        let mut case = referral_case(&row)?;
        if case.message.as_deref() != Some(incoming.message) {
            return Ok(outcome);
        }
        let patient = link_of(cases, &patient_key(&case.subject))?.map(|(_, link)| link).unwrap_or_default();
        let is_shown_now = self.introduce(incoming, &mut case, &patient);
        if is_shown_now {
            outcome.change.resources.extend(self.taken_over(incoming, &case, &patient).await?);
            self.name(incoming, &patient, &mut outcome).await?;
        }
        match tasks(self, &incoming.case, &case, incoming.now) {
            Ok(tasks) => outcome.change.resources.extend(tasks),
            Err(defect) => {
                // Nothing of it takes effect: it can be translated again.
                let place = defect.location.path.as_deref().unwrap_or_default();
                let reason = format!("{} at {place}, in the Task of the referral", defect.code);
                return Ok(waiting(Disposition::HeldMappingDefect, &reason));
            }
        }
        let stand = case.trial.stand();
        let is_news = case.trial.since.is_some() && case.trial.told != stand.state && !case.is_cancelled;
        if is_news {
            case.trial.told.clone_from(&stand.state);
        }
        if let Some(change) = outcome.change.cases.get_mut(written) {
            change.state = serde_json::to_string(&case).map_err(|_| damaged(&incoming.case))?;
        }
        lead(incoming, cases, (&case, is_shown_now), &mut outcome.change)?;
        if is_news {
            self.tell(&[(case, stand)], incoming.message, &mut outcome.change).await?;
        }
        Ok(outcome)
    }

    /// Lets the study subject id that the trial has told of lead to the referral, and reports that waited for that go on.
    async fn name(
        &self,
        incoming: &Incoming<'_>,
        patient: &TrialPatient,
        outcome: &mut Outcome,
    ) -> Result<(), JournalError> {
        let Some(key) = &patient.subject else { return Ok(()) };
        let Some(row) = self.journal.cases(vec![key.clone()]).await?.pop() else { return Ok(()) };
        let mut link = link_case(&row)?;
        if link.lead(&incoming.case, &mut outcome.follow) {
            outcome.change.cases.push(write(&row, &link)?);
        }
        Ok(())
    }

    /// The subjects that a later referral takes over, for its trust: as the trusts have them that referred the patient before.
    async fn taken_over(
        &self,
        incoming: &Incoming<'_>,
        case: &ReferralCase,
        patient: &TrialPatient,
    ) -> Result<Vec<NewResource>, JournalError> {
        let mut rows = Vec::new();
        if case.trial.standings.is_empty() {
            return Ok(rows);
        }
        let before = self.journal.cases(patient.referrals.clone()).await?;
        let owner = |row: &Case| referral_case(row).map(|case| case.owner_of_resources().to_owned());
        let scope = Scope { owners: Some(before.iter().map(owner).collect::<Result<_, _>>()?), trust: None };
        let place =
            Place { owner: case.owner_of_resources(), case: Some(&incoming.case), patient: Some(&case.patient) };
        for id in case.trial.standings.keys() {
            let known = self.journal.read(scope.clone(), "ResearchSubject".to_owned(), id.clone()).await?;
            if let Some(json) = known.and_then(|known| known.json) {
                let subject: Value = serde_json::from_str(&json).map_err(|_| damaged(&incoming.case))?;
                rows.push(row(self, &subject, &place, incoming.now));
            }
        }
        Ok(rows)
    }

    /// Who the trial will speak of, in both faces; whether it is shown the referral from now on, which takes a consent. Without
    /// one, nothing that the trial has said of the patient reaches the referral.
    fn introduce(&self, incoming: &Incoming<'_>, case: &mut ReferralCase, patient: &TrialPatient) -> bool {
        let (referral, gateway) = (incoming.referral, &self.referrals);
        let side = &mut case.trial;
        side.request = gateway.pseudonymous.id("ServiceRequest", &referral.identity, "").to_string();
        side.requester = gateway.identified.id("Organization", &referral.sender.identity, "").to_string();
        side.trial_requester = gateway.pseudonymous.id("Organization", &referral.sender.identity, "").to_string();
        let now = incoming.now.as_millisecond();
        if side.authored == 0 {
            side.authored = now;
            side.wait(patient);
            // Its sender knows that: the receipt says so.
            "referred".clone_into(&mut side.told);
        }
        match (case.is_cancelled, side.cancelled) {
            (true, None) => side.cancelled = Some(now),
            (false, Some(_)) => side.cancelled = None,
            _ => {}
        }
        let is_shown_now = !side.is_shown && !case.is_cancelled && case.consent.state == ConsentState::Given;
        if is_shown_now {
            side.take_over(patient, now);
            side.is_shown = true;
        }
        if side.is_shown && patient.is_treated {
            case.progress = case.progress.max(2);
        }
        is_shown_now
    }
}
