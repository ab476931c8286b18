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
    /// Whether the trial has been shown the referral.
    pub is_shown: bool,
    /// When it was taken, where its patient had been told of before, in milliseconds since 1970: what had ended then is not its own.
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

    /// Takes over what goes on of where the patient stands, when the referral is taken.
    pub fn take_over(&mut self, patient: &TrialPatient) {
        if patient.standings.is_empty() {
            return;
        }
        self.since = Some(self.authored);
        self.standings = enrolment::going_on(&patient.standings);
        self.is_treated = self.standings.values().any(|standing| enrolment::is_treated(&standing.state));
    }

    /// Whether the referral stands where its patient did before it was taken.
    pub fn took_over(&self, stand: &Stand) -> bool {
        self.since.is_some_and(|since| stand.at < since)
    }

    /// Takes a word about a patient: all of it, but of a referral that came later only what goes on, what happened since, and
    /// what becomes of what it took over. False where the word is not of this referral.
    pub fn hear(&mut self, id: &str, standing: &Standing, patient: &TrialPatient) -> bool {
        let is_own = self.since.is_none_or(|since| standing.at >= since) || self.standings.contains_key(id);
        if !is_own && !enrolment::going_on(&patient.standings).contains_key(id) {
            return false;
        }
        keep(&mut self.standings, id, standing.clone());
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
    /// Keys of the referrals that came after the study subject id, and that this trust was let see when they came.
    pub included: Vec<String>,
}

impl TrialPatient {
    /// Keeps where the patient stands on a study; since when, too.
    pub fn stand(&mut self, id: &str, standing: Standing) -> Standing {
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
