//! Patients in the trial: on the parent study until a cohort suits, then in a cohort. A referral stands where its patient does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::Identity;
use super::trial::{Concept, TrialIdentifier};
use crate::record;

/// States in a cohort that go on.
const LIVE: [&str; 5] = ["matched", "offered", "accepted", "on-treatment", "follow-up"];

/// States on the parent study that end what goes on in a cohort.
const ENDS: [&str; 3] = ["withdrawn", "off-study", "not-consented"];

/// States from which the patient is, or was, treated in a cohort.
const TREATED: [&str; 2] = ["on-treatment", "follow-up"];

record! {
    /// A patient on the parent study or in a cohort.
    pub struct TrialSubject {
        /// Business key: the trial's id.
        pub identity: Identity,
        /// Study subject ids.
        pub identifiers: Vec<TrialIdentifier>,
        /// FHIR research-subject-status.
        pub status: String,
        /// State: code of `gateway-subject-state`.
        pub state: String,
        /// Number of the event at the trial.
        pub sequence: u64,
        /// When it happened: instant.
        pub occurred: String,
        /// The study, `ResearchStudy/id`.
        pub study: String,
        /// The patient, `Patient/id`.
        pub patient: String,
        /// What came before, and now.
        pub progress: Vec<ProgressEntry>,
        /// When the participation began.
        pub start: Option<String>,
        /// When it ended.
        pub end: Option<String>,
        /// Arm that was assigned.
        pub assigned_arm: Option<String>,
        /// Arm that is followed.
        pub actual_arm: Option<String>,
    }
    internal {
        /// Id at the trial.
        pub trial_id: String,
        /// Id of the study at the trial.
        pub study_id: String,
        /// Id of the pseudonymous Patient.
        pub patient_id: String,
        /// Whether it is in a cohort; on the parent study otherwise.
        pub is_enrolment: bool,
    }
}

record! {
    /// An entry of the history.
    pub struct ProgressEntry {
        /// FHIR research-subject-status.
        pub status: String,
        /// Why.
        pub reason: Option<Concept>,
        /// From when.
        pub start: Option<String>,
        /// Until when.
        pub end: Option<String>,
    }
}

impl TrialSubject {
    /// Why the patient is in the state, as the history says.
    pub fn reason(&self) -> Option<&Concept> {
        self.progress.iter().rev().find(|entry| entry.status == self.status)?.reason.as_ref()
    }
}

/// Where a patient stands on one study.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// State.
    pub state: String,
    /// Since when, in milliseconds since 1970.
    pub at: i64,
    /// Whether it is in a cohort.
    pub is_enrolment: bool,
    /// Why, in words.
    pub reason: Option<String>,
}

/// Where a referral stands, given where its patient does on each study (by the key of the subject's case): in the cohort that
/// told the newest, while one goes on; otherwise what was told last. The parent study ends what goes on in a cohort. None where
/// nothing was told.
pub fn newest(standings: &BTreeMap<String, Standing>) -> Option<(&str, &Standing)> {
    let last = |standings: &mut dyn Iterator<Item = (&'_ String, &'_ Standing)>| -> Option<String> {
        standings.max_by_key(|(key, standing)| (standing.at, (*key).clone())).map(|(key, _)| key.clone())
    };
    let is_live = |standing: &Standing| standing.is_enrolment && LIVE.contains(&standing.state.as_str());
    let is_end = |standing: &Standing| !standing.is_enrolment && ENDS.contains(&standing.state.as_str());
    let live = last(&mut standings.iter().filter(|(_, standing)| is_live(standing)));
    let chosen = match live {
        Some(live) => {
            let at = standings.get(&live).map_or(i64::MIN, |standing| standing.at);
            let end = last(&mut standings.iter().filter(|(_, standing)| is_end(standing) && standing.at > at));
            end.unwrap_or(live)
        }
        None => last(&mut standings.iter())?,
    };
    standings.get_key_value(&chosen).map(|(key, standing)| (key.as_str(), standing))
}

/// Whether a patient in the state is, or was, treated in a cohort.
pub fn is_treated(state: &str) -> bool {
    TREATED.contains(&state)
}

/// Whether the patient goes on in a cohort.
pub fn is_live(state: &str) -> bool {
    LIVE.contains(&state)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands(told: &[(&str, &str, i64)]) -> Option<String> {
        let standings = told
            .iter()
            .map(|(key, state, at)| {
                let is_enrolment = key.starts_with('c');
                let standing = Standing { state: (*state).to_owned(), at: *at, is_enrolment, reason: None };
                ((*key).to_owned(), standing)
            })
            .collect();
        newest(&standings).map(|(_, standing)| standing.state.clone())
    }

    #[test]
    fn a_referral_stands_where_its_patient_does() {
        for (told, state) in [
            (&[("p", "screening", 1)][..], "screening"),
            (&[("p", "screening", 1), ("c1", "matched", 2)], "matched"),
            // What is told later of the parent study does not hide the cohort.
            (&[("p", "screening", 3), ("c1", "on-treatment", 2)], "on-treatment"),
            (&[("p", "withdrawn", 3), ("c1", "accepted", 2)], "withdrawn"),
            (&[("p", "withdrawn", 1), ("c1", "accepted", 2)], "accepted"),
            (&[("p", "screening", 1), ("c1", "offer-declined", 2)], "offer-declined"),
            (&[("p", "screening", 3), ("c1", "offer-declined", 2)], "screening"),
            (&[("c1", "follow-up", 2), ("c2", "offered", 3)], "offered"),
            (&[("c1", "off-study", 3), ("c2", "offered", 2)], "offered"),
            (&[("c1", "off-study", 3), ("c2", "offer-expired", 2)], "off-study"),
            (&[("p", "no-match", 5)], "no-match"),
        ] {
            assert_eq!(stands(told).as_deref(), Some(state), "{told:?}");
        }
        assert_eq!(stands(&[]), None);
    }

    #[test]
    fn the_reason_is_that_of_the_state() {
        let entry = |status: &str, reason: Option<&str>| ProgressEntry {
            status: status.to_owned(),
            reason: reason.map(Concept::of_text),
            ..ProgressEntry::default()
        };
        let subject = |progress| TrialSubject { status: "off-study".to_owned(), progress, ..TrialSubject::default() };
        let told = subject(vec![entry("follow-up", Some("one")), entry("off-study", Some("two"))]);
        assert_eq!(told.reason().map(Concept::words), Some("two"));
        assert_eq!(subject(vec![entry("follow-up", Some("one"))]).reason(), None);
    }
}
