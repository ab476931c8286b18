//! What is known of a referral's place in the trial, and of its patient's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::enrolment::{self, Standing};

/// What the gateway tells of a referral to the trial, and the trial of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TrialSide {
    /// Id of the pseudonymous ServiceRequest.
    pub request: String,
    /// Id of the Organization that refers, in the identified face.
    pub requester: String,
    /// The same in the pseudonymous face.
    pub trial_requester: String,
    /// When the referral was taken, in milliseconds since 1970.
    pub authored: i64,
    /// Whether the trial has been shown the referral: its consent was given once, and stands or was withdrawn.
    pub is_shown: bool,
    /// From when its patient's matters are its own, where the patient had been told of before, in milliseconds since 1970: when it
    /// was taken, or its consent came. What had ended then is not its own.
    pub since: Option<i64>,
    /// Whether the patient is, or was, treated in a cohort while it holds.
    pub is_treated: bool,
    /// Where the patient stands on each study, by the id of the subject in the identified face.
    pub standings: BTreeMap<String, Standing>,
    /// That the trial does not take the referral.
    pub rejected: Option<Standing>,
    /// When the sender cancelled it, in milliseconds since 1970.
    pub cancelled: Option<i64>,
    /// Time of the newest Task of the trial, in milliseconds since 1970; 0: none has come.
    pub task_modified: i64,
    /// Its content.
    pub task_content: String,
    /// Its id at the trial; empty: the gateway's own.
    pub task_id: String,
    /// What it says why, and of which state.
    pub task_reason: Option<(String, String)>,
    /// The state that was told to the trust last.
    pub told: String,
}

/// Where a referral stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// Code of `gateway-referral-status`.
    pub state: String,
    /// Since when, in milliseconds since 1970.
    pub at: i64,
    /// Why, in words.
    pub reason: Option<String>,
    /// Id of the subject that says so, in the identified face.
    pub subject: Option<String>,
}

impl TrialSide {
    /// Where the referral stands: cancelled; otherwise where its patient does, or rejected by what came later.
    pub fn stand(&self) -> Stand {
        let of = |state: &str, at, reason: Option<&String>, subject: Option<&str>| {
            let said = self.task_reason.as_ref().filter(|(of, _)| of == state).map(|(_, reason)| reason);
            let reason = said.or(reason).cloned();
            Stand { state: state.to_owned(), at, reason, subject: subject.map(str::to_owned) }
        };
        if let Some(at) = self.cancelled {
            return of("cancelled", at, None, None);
        }
        let newest = enrolment::newest(&self.standings);
        match (newest, &self.rejected) {
            (Some((subject, standing)), rejected)
                if rejected.as_ref().is_none_or(|rejected| rejected.at <= standing.at) =>
            {
                of(&standing.state, standing.at, standing.reason.as_ref(), Some(subject))
            }
            (_, Some(rejected)) => of("rejected", rejected.at, rejected.reason.as_ref(), None),
            _ => of("referred", self.authored, None, None),
        }
    }

    /// Whether the trial's Task of the referral is there: it was shown it, or has written one itself.
    pub fn is_at_trial(&self) -> bool {
        self.is_shown || self.task_modified != 0
    }

    /// Notes that the referral is taken without a consent, after the trial's first word of its patient.
    pub fn wait(&mut self, patient: &TrialPatient) {
        if !patient.standings.is_empty() || patient.subject.is_some() {
            self.since = Some(self.authored);
        }
    }

    /// Whether the referral hears the trial's words about its patient: where it was shown, or has heard of it before; where no
    /// referral of the patient was shown, only those that the first word found.
    pub fn hears(&self, is_any_shown: bool) -> bool {
        self.is_shown || !self.standings.is_empty() || (!is_any_shown && self.since.is_none())
    }

    /// Takes over what goes on of where the patient stands, when the trial is first shown the referral: when it is taken, or when
    /// its consent comes. What it has heard of already goes on, too; one that has heard all takes over nothing.
    pub fn take_over(&mut self, patient: &TrialPatient, at: i64) {
        if patient.standings.is_empty() && patient.subject.is_none() {
            self.since = None;
        }
        if patient.standings.iter().all(|(id, standing)| self.standings.get(id) == Some(standing)) {
            return;
        }
        let has_heard = !self.standings.is_empty();
        let mut taken = patient.standings.clone();
        let going_on = enrolment::going_on(&taken);
        taken.retain(|id, _| going_on.contains_key(id) || self.standings.contains_key(id));
        self.standings.extend(taken);
        self.since = Some(at);
        let is_treated = self.standings.values().any(|standing| enrolment::is_treated(&standing.state));
        self.is_treated |= is_treated || (has_heard && patient.is_treated);
    }

    /// Whether the referral stands where its patient did before that was its own.
    pub fn took_over(&self, stand: &Stand) -> bool {
        self.since.is_some_and(|since| stand.at < since)
    }

    /// Whether what was found about its patient, at the latest at `last`, is of this referral: of one that came later, only what
    /// was found since.
    pub fn finds(&self, last: Option<i64>) -> bool {
        self.since.zip(last).is_none_or(|(since, last)| last >= since)
    }

    /// Takes a word about a patient: all of it, but of a referral that came later only what goes on, what happened since, and
    /// what becomes of what it took over. False where the word is not of this referral.
    ///
    /// `standing` is what is kept of the patient, since the first of several words of one state; `occurred` is when this one says
    /// that it happened. What goes on may have begun anew then, an end has not.
    pub fn hear(&mut self, id: &str, standing: &Standing, occurred: i64, patient: &TrialPatient) -> bool {
        let is_known = self.standings.contains_key(id);
        let at = if standing.goes_on() { occurred } else { standing.at };
        let is_own = is_known || self.since.is_none_or(|since| at >= since);
        if !is_own && !enrolment::going_on(&patient.standings).contains_key(id) {
            return false;
        }
        let at = if is_known { standing.at } else { at };
        keep(&mut self.standings, id, Standing { at, ..standing.clone() });
        if let (true, Some(known)) = (standing.goes_on(), self.standings.get_mut(id)) {
            // What has begun anew for the patient has here.
            known.at = known.at.max(standing.at);
        }
        true
    }
}

/// What the trial calls a patient: the case `trial/Patient/<id>`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TrialPatient {
    /// Keys of the referrals of the patient.
    pub referrals: Vec<String>,
    /// Key of the case of the study subject id.
    pub subject: Option<String>,
    /// Whether the patient is, or was, treated in a cohort.
    pub is_treated: bool,
    /// Where the patient stands on each study, by the id of the subject in the identified face, whatever referral it was told of.
    pub standings: BTreeMap<String, Standing>,
    /// Trust of the inclusion site that the study subject id names.
    pub site: Option<String>,
    /// Keys of the referrals that this trust was let see: what an operator ends of it stays ended.
    pub included: Vec<String>,
}

impl TrialPatient {
    /// Keeps where the patient stands on a study; since when, too. What goes on and is told again as of a time after all that is
    /// known has ended began anew then.
    pub fn stand(&mut self, id: &str, standing: Standing) -> Standing {
        let ends = self.standings.values().filter(|known| !known.goes_on());
        let newest_end = ends.map(|known| known.at).max();
        let is_between = |end: i64| self.standings.get(id).is_some_and(|known| known.at <= end) && end < standing.at;
        let begins_anew = standing.goes_on() && newest_end.is_some_and(is_between);
        if begins_anew {
            self.standings.insert(id.to_owned(), standing.clone());
            return standing;
        }
        keep(&mut self.standings, id, standing)
    }
}

/// Keeps where a patient stands on a study, and returns what is kept: the same state told again does not make it newer.
fn keep(standings: &mut BTreeMap<String, Standing>, id: &str, mut standing: Standing) -> Standing {
    if let Some(before) = standings.get(id).filter(|before| before.state == standing.state) {
        standing.at = before.at;
    }
    standings.insert(id.to_owned(), standing.clone());
    standing
}
