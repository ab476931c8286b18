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

/// States on the parent study that go on.
const OPEN: [&str; 2] = ["referred", "screening"];

/// States from which the patient is, or was, treated in a cohort.
const TREATED: [&str; 2] = ["on-treatment", "follow-up"];

/// Statuses of R4 in the history of who is, or was, treated in a cohort.
const TREATED_STATUSES: [&str; 2] = ["on-study-intervention", "follow-up"];

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

    /// Whether the patient is, or was, treated in the cohort: by the state, or by the history where that was left out.
    pub fn tells_treatment(&self) -> bool {
        let was_treated = |entry: &ProgressEntry| TREATED_STATUSES.contains(&entry.status.as_str());
        self.is_enrolment && (is_treated(&self.state) || self.progress.iter().any(was_treated))
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

impl Standing {
    fn is_live(&self) -> bool {
        self.is_enrolment && is_live(&self.state)
    }

    fn is_end(&self) -> bool {
        !self.is_enrolment && ENDS.contains(&self.state.as_str())
    }

    /// Whether it is not an end.
    pub fn goes_on(&self) -> bool {
        self.is_live() || (!self.is_enrolment && OPEN.contains(&self.state.as_str()))
    }
}

/// Where a referral stands, given where its patient does on each study (by the key of the subject's case): in the cohort that
/// told the newest, while one goes on; otherwise what was told last. The parent study ends what goes on in a cohort. None where
/// nothing was told.
pub fn newest(standings: &BTreeMap<String, Standing>) -> Option<(&str, &Standing)> {
    let last = |standings: &mut dyn Iterator<Item = (&'_ String, &'_ Standing)>| -> Option<String> {
        standings.max_by_key(|(key, standing)| (standing.at, (*key).clone())).map(|(key, _)| key.clone())
    };
    let live = last(&mut standings.iter().filter(|(_, standing)| standing.is_live()));
    let chosen = match live {
        Some(live) => {
            let at = standings.get(&live).map_or(i64::MIN, |standing| standing.at);
            let end = last(&mut standings.iter().filter(|(_, standing)| standing.is_end() && standing.at > at));
            end.unwrap_or(live)
        }
        None => last(&mut standings.iter())?,
    };
    standings.get_key_value(&chosen).map(|(key, standing)| (key.as_str(), standing))
}

/// What goes on of where a patient stands: nothing where the newest word is of an end, and no cohort that the parent study has
/// ended.
pub fn going_on(standings: &BTreeMap<String, Standing>) -> BTreeMap<String, Standing> {
    let end = standings.values().filter(|standing| standing.is_end()).map(|standing| standing.at).max();
    let is_ended = |standing: &Standing| standing.is_live() && end.is_some_and(|end| end > standing.at);
    let mut left = standings.clone();
    left.retain(|_, standing| !is_ended(standing));
    if newest(&left).is_some_and(|(_, standing)| standing.goes_on()) {
        left.retain(|_, standing| standing.goes_on());
    } else {
        left.clear();
    }
    left
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

    fn standings(told: &[(&str, &str, i64)]) -> BTreeMap<String, Standing> {
        let standing = |(key, state, at): &(&str, &str, i64)| {
            let is_enrolment = key.starts_with('c');
            let standing = Standing { state: (*state).to_owned(), at: *at, is_enrolment, reason: None };
            ((*key).to_owned(), standing)
        };
        told.iter().map(standing).collect()
    }

    fn stands(told: &[(&str, &str, i64)]) -> Option<String> {
        newest(&standings(told)).map(|(_, standing)| standing.state.clone())
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
    fn what_has_ended_does_not_go_on() {
        for (told, left) in [
            (&[("p", "screening", 1)][..], &["p"][..]),
            (&[("p", "referred", 1)], &["p"]),
            (&[("p", "screening", 1), ("c1", "offer-expired", 2), ("c2", "matched", 3)], &["c2", "p"]),
            (&[("c1", "on-treatment", 1), ("c2", "offered", 2)], &["c1", "c2"]),
            // The end on the parent study ends the cohort, and a later participation is another one.
            (&[("c1", "accepted", 1), ("p", "withdrawn", 2)], &[]),
            (&[("c1", "accepted", 1), ("p", "withdrawn", 2), ("p2", "screening", 3)], &["p2"]),
            (&[("c1", "accepted", 1), ("p", "withdrawn", 2), ("c2", "offered", 3)], &["c2"]),
            // What was told last is an end.
            (&[("p", "screening", 1), ("c1", "offer-declined", 2)], &[]),
            (&[("p", "screening", 1), ("c1", "off-study", 2)], &[]),
            (&[("p", "not-prioritised", 1)], &[]),
            (&[("p", "no-match", 1)], &[]),
            (&[], &[]),
        ] {
            let going_on = going_on(&standings(told));
            assert_eq!(going_on.keys().map(String::as_str).collect::<Vec<_>>(), left, "{told:?}");
        }
    }

    #[test]
    fn who_was_treated_is_told_by_the_state_or_by_the_history() {
        let subject = |state: &str, statuses: &[&str]| TrialSubject {
            state: state.to_owned(),
            progress: statuses
                .iter()
                .map(|status| ProgressEntry { status: (*status).to_owned(), ..ProgressEntry::default() })
                .collect(),
            is_enrolment: true,
            ..TrialSubject::default()
        };
        for (state, statuses, expected) in [
            ("on-treatment", &[][..], true),
            ("follow-up", &[], true),
            ("off-study", &["pending-on-study", "on-study-intervention", "off-study"], true),
            ("off-study", &["follow-up", "off-study"], true),
            ("off-study", &["candidate", "eligible", "pending-on-study", "off-study"], false),
            ("off-study", &["off-study"], false),
            ("accepted", &["pending-on-study"], false),
        ] {
            assert_eq!(subject(state, statuses).tells_treatment(), expected, "{state} {statuses:?}");
        }
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
