//! What a write of the trial reads and changes, until it is committed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::grants::{INCLUDING_SITE, give};
use super::super::{Intake, Who, audit, damaged};
use super::answer::Done;
use super::{Refused, named, referral};
use crate::journal::{Audit, Case, CaseWrite, Change, JournalError};
use crate::linking::case::{ReferralCase, subject_key};
use crate::linking::trial::{Stand, TrialPatient, cohort_key, enrolment_key, evaluation_key, patient_key, request_key};
use crate::sources::trial_system::{Event, Told};

/// What is written, the patients with whose they are, and the messages that may go on.
type Written = (Change, Vec<(String, String)>, Vec<String>);

/// The cases that were read, with what is changed in them.
pub(in super::super) struct Work<'i> {
    pub(super) intake: &'i Intake,
    pub(super) now: jiff::Timestamp,
    cases: BTreeMap<String, Case>,
    changed: BTreeSet<String>,
    /// Referrals whose Task is made again.
    pub(super) moved: BTreeSet<String>,
    /// Cases that a further trust may see: that of the inclusion site.
    pub(super) granted: BTreeSet<(String, String)>,
    /// Ids of the patients concerned, in the identified face, each with the organisation number of a trust that referred it.
    pub(super) patients: BTreeSet<(String, String)>,
    /// Resources, deliveries and audit rows.
    pub(super) change: Change,
    /// Referrals that have another state now, which their trusts are told of.
    pub(super) stated: Vec<(ReferralCase, Stand)>,
    /// Messages that may go on.
    pub(super) follow: Vec<String>,
    pub(super) done: Vec<Done>,
}

impl<'i> Work<'i> {
    /// Reads the cases that the events are about, and the referrals that these lead to.
    pub(super) async fn load(intake: &'i Intake, events: &[Event]) -> Result<Self, JournalError> {
        let keys: BTreeSet<String> = events.iter().flat_map(|event| keys_of(intake, event)).collect();
        let read = intake.journal.cases(keys.into_iter().collect()).await?;
        let mut work = Self {
            intake,
            now: intake.clock.now(),
            cases: read.into_iter().map(|case| (case.key.clone(), case)).collect(),
            changed: BTreeSet::new(),
            moved: BTreeSet::new(),
            granted: BTreeSet::new(),
            patients: BTreeSet::new(),
            change: Change::default(),
            stated: Vec::new(),
            follow: Vec::new(),
            done: Vec::new(),
        };
        let mut referrals = BTreeSet::new();
        for key in work.cases.keys().filter(|key| key.starts_with("trial/")).cloned().collect::<Vec<_>>() {
            referrals.extend(work.read::<TrialPatient>(&key)?.referrals);
        }
        for case in intake.journal.cases(referrals.into_iter().collect()).await? {
            work.cases.insert(case.key.clone(), case);
        }
        Ok(work)
    }

    /// A case; empty where there is none.
    pub(super) fn read<T: DeserializeOwned + Default>(&self, key: &str) -> Result<T, JournalError> {
        match self.cases.get(key).and_then(|case| case.state.as_deref()) {
            None => Ok(T::default()),
            Some(state) => serde_json::from_str(state).map_err(|_| damaged(key)),
        }
    }

    /// A case as it is from now on.
    pub(super) fn write(&mut self, key: &str, state: &impl Serialize) -> Result<(), JournalError> {
        let case = self.cases.get_mut(key).ok_or_else(|| damaged(key))?;
        case.state = Some(serde_json::to_string(state).map_err(|_| damaged(key))?);
        self.changed.insert(key.to_owned());
        Ok(())
    }

    pub(super) fn referral(&self, key: &str) -> Result<ReferralCase, JournalError> {
        self.read(key)
    }

    /// The referrals that have taken effect of what leads to them; none: the gateway has given the trial no such patient.
    pub(super) fn referrals_of(&self, key: &str) -> Result<Vec<String>, JournalError> {
        let mut found = Vec::new();
        for referral in self.read::<TrialPatient>(key)?.referrals {
            if self.referral(&referral)?.message.is_some() {
                found.push(referral);
            }
        }
        Ok(found)
    }

    /// Those of the referrals of a patient that hear the trial's words about the patient.
    pub(super) fn hearing(&self, referrals: &[String]) -> Result<Vec<String>, JournalError> {
        let sides = referrals.iter().map(|key| Ok((key, self.referral(key)?.trial)));
        let sides = sides.collect::<Result<Vec<_>, JournalError>>()?;
        let is_any_shown = sides.iter().any(|(_, side)| side.is_shown);
        let hearing = sides.into_iter().filter(|(_, side)| side.hears(is_any_shown));
        Ok(hearing.map(|(key, _)| key.clone()).collect())
    }

    /// Notes whom a write is about.
    pub(super) fn concerns(&mut self, case: &ReferralCase) {
        self.patients.insert((case.patient.clone(), case.owner_of_resources().to_owned()));
    }

    /// Makes the Tasks of the referrals that moved.
    pub(super) fn finish(&mut self) -> Result<(), Refused> {
        for key in std::mem::take(&mut self.moved) {
            let mut case = self.referral(&key)?;
            let tasks = referral::tasks(self.intake, &key, &case, self.now);
            self.change.resources.extend(tasks.map_err(referral::held)?);
            let stand = case.trial.stand();
            if case.trial.told != stand.state {
                case.trial.told.clone_from(&stand.state);
                self.stated.push((case.clone(), stand));
            }
            self.concerns(&case);
            self.write(&key, &case)?;
        }
        Ok(())
    }

    /// What is written, the patients concerned with whose they are, and the messages that may go on.
    pub(super) fn into_change(mut self, who: &Who) -> Result<Written, JournalError> {
        for key in &self.changed {
            let case = self.cases.get(key).ok_or_else(|| damaged(key))?;
            let state = case.state.clone().ok_or_else(|| damaged(key))?;
            self.change.cases.push(CaseWrite { key: key.clone(), read_revision: case.revision, state });
        }
        for (case, trust) in self.granted {
            let referral = self.cases.get(&case).and_then(|row| row.state.as_deref());
            let referral = referral.and_then(|state| serde_json::from_str::<ReferralCase>(state).ok());
            self.change.audits.push(Audit {
                patient: referral.as_ref().map(|referral| referral.patient.clone()),
                tenant: referral.as_ref().map(|referral| referral.owner_of_resources().to_owned()),
                detail: Some(format!("{trust}: {INCLUDING_SITE}")),
                ..audit(who, "grant", self.now)
            });
            self.change.grants.push(give(&case, &trust, INCLUDING_SITE, self.now));
        }
        Ok((self.change, self.patients.into_iter().collect(), self.follow))
    }
}

fn keys_of(intake: &Intake, event: &Event) -> Vec<String> {
    let ids = &intake.referrals.identified;
    match &event.told {
        Told::Study(_) | Told::Cohort(_) => vec![cohort_key(ids, &named("cohort", &event.id))],
        Told::Subject(subject) => vec![enrolment_key(ids, &subject.identity), patient_key(&subject.patient_id)],
        Told::Evaluation(told) => vec![evaluation_key(ids, &told.identity), patient_key(&told.patient_id)],
        Told::Task(task) => vec![request_key(&task.referral_id)],
        Told::Patient(told) => {
            let subject = told.subject.as_ref().map(|subject| subject_key(ids, subject.as_str()));
            std::iter::once(patient_key(&event.id)).chain(subject).collect()
        }
    }
}
