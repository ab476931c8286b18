//! What an event of the trial does, given what is known: repeats, what comes late, and what may not follow.
//!
//! The trial numbers its events. A lower number never replaces a higher one, so that a late event neither reopens a cohort nor
//! takes a patient back; the same number with the same content is the same event. A step that the tables under
//! `mappings/trial/` do not have is for a person.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::case::ReferralCase;
use crate::domain::cohort::Cohort;
use crate::domain::enrolment::{self, TrialSubject};
use crate::domain::ids::Identity;
use crate::domain::life_cycle::LifeCycle;
use crate::domain::study_subject::StudySubjectId;
use crate::domain::trial::TRIAL;
use crate::domain::trust::{Trust, Trusts};
use crate::fhir::ids::ResourceIds;

mod side;

pub use self::side::{Stand, TrialPatient, TrialSide};

/// Most entries of a history that are kept.
const HISTORY: usize = 200;

/// What is known of one resource of the trial: the case `cohort/<id>`, `enrolment/<id>` or `evaluation/<id>`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TrialCase {
    /// Whether anything took effect.
    pub is_known: bool,
    /// State or stage.
    pub state: String,
    /// Where a cohort that is suspended goes on.
    pub before: Option<String>,
    /// Number of the newest event; of an evaluation its time, in milliseconds since 1970.
    pub sequence: u64,
    /// What is the same where the content is.
    pub content: String,
    /// Id of the pseudonymous Patient.
    pub patient: String,
    /// States that it was in, oldest first.
    pub history: Vec<Step>,
    /// What everybody was shown last of a cohort.
    pub shown: Shown,
    /// Keys of the referrals that an evaluation was given to: they get what is corrected of it, too. None where that was not kept:
    /// all that heard of the patient.
    pub given: Option<BTreeSet<String>>,
}

/// What everybody was shown of a cohort. Events that change only what was counted are not counted here: their number and time
/// would tell what the counts do not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Shown {
    /// How many times it changed.
    pub number: u64,
    /// When it changed last.
    pub occurred: String,
    /// What is the same where nothing that is shown changed.
    pub content: String,
}

impl Shown {
    /// After an event at `occurred` with this content.
    #[must_use]
    pub fn then(&self, content: String, occurred: &str) -> Self {
        if self.content == content {
            return self.clone();
        }
        Self { number: self.number.saturating_add(1), occurred: occurred.to_owned(), content }
    }
}

/// A state of the history.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    /// State.
    pub state: String,
    /// Number of the event.
    pub sequence: u64,
    /// When it happened, in milliseconds since 1970.
    pub at: i64,
}

/// What is done with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It becomes what is known.
    Take,
    /// It is known.
    Repeat,
    /// A newer one is known: it changes nothing.
    Outdated,
    /// It may not follow what is known: for a person.
    Illegal,
    /// It is about another patient than before: for a person.
    OtherPatient,
    /// Nothing says whether it is newer: for a person.
    OrderUnknown,
    /// A Task that says something else than the patients do.
    Disagrees,
}

/// How an event stands to the newest that is known.
fn order(known: &TrialCase, sequence: u64, content: &str) -> Verdict {
    match (known.is_known, sequence.cmp(&known.sequence)) {
        (true, std::cmp::Ordering::Less) => Verdict::Outdated,
        (true, std::cmp::Ordering::Equal) if known.content == content => Verdict::Repeat,
        (true, std::cmp::Ordering::Equal) => Verdict::Outdated,
        _ => Verdict::Take,
    }
}

/// Decides about an event of a cohort. Stages in between need not have been told.
pub fn decide_cohort(known: &TrialCase, cohort: &Cohort, content: &str, table: &LifeCycle) -> Verdict {
    let verdict = order(known, cohort.sequence, content);
    if verdict != Verdict::Take || known.state == cohort.stage {
        return verdict;
    }
    let is_legal = if known.is_known {
        match origin(known, table) {
            Some(from) => from == cohort.stage || table.leads(from, &cohort.stage),
            // It was suspended when it was first heard of.
            None => true,
        }
    } else {
        table.is_start(&cohort.stage)
    };
    if is_legal { Verdict::Take } else { Verdict::Illegal }
}

/// The stage that a cohort is in, or was in before it was suspended.
fn origin<'c>(known: &'c TrialCase, table: &LifeCycle) -> Option<&'c str> {
    if table.returns(&known.state) { known.before.as_deref() } else { Some(&known.state) }
}

/// Decides about an event of a patient. A state in between may be left out where the history of the resource tells of it.
pub fn decide_subject(known: &TrialCase, subject: &TrialSubject, content: &str, table: &LifeCycle) -> Verdict {
    if known.is_known && known.patient != subject.patient_id {
        return Verdict::OtherPatient;
    }
    let verdict = order(known, subject.sequence, content);
    if verdict != Verdict::Take || (known.is_known && known.state == subject.state) {
        return verdict;
    }
    let told: Vec<&str> = subject.progress.iter().map(|entry| entry.status.as_str()).collect();
    let before = match told.split_last() {
        Some((last, before)) if *last == subject.status => before,
        _ => &told,
    };
    let from = known.is_known.then_some(known.state.as_str());
    let between = match from {
        None => before,
        Some(from) => {
            let known = before.iter().rposition(|status| table.agrees(from, status));
            known.and_then(|known| before.get(known + 1..)).unwrap_or(before)
        }
    };
    // What came before the state that is known may be told again, or not at all.
    let is_legal =
        table.joins(from, between, &subject.state) || (from.is_some() && table.joins(from, &[], &subject.state));
    if is_legal { Verdict::Take } else { Verdict::Illegal }
}

/// Decides about an evaluation. It has no number: its time orders it.
pub fn decide_evaluation(known: &TrialCase, issued: Option<Timestamp>, patient: &str, content: &str) -> Verdict {
    if !known.is_known {
        return Verdict::Take;
    }
    if known.patient != patient {
        return Verdict::OtherPatient;
    }
    if known.content == content {
        return Verdict::Repeat;
    }
    match issued.map(milliseconds) {
        None => Verdict::OrderUnknown,
        Some(_) if known.sequence == 0 => Verdict::OrderUnknown,
        Some(issued) => order(known, issued, content),
    }
}

/// A time as a number that orders.
pub fn milliseconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or_default()
}

impl TrialCase {
    /// What is known after an event of a cohort.
    #[must_use]
    pub fn after_cohort(&self, cohort: &Cohort, content: &str, table: &LifeCycle) -> Self {
        let before = table.returns(&cohort.stage).then(|| origin(self, table).unwrap_or_default().to_owned());
        let mut next = self.after(&cohort.stage, cohort.sequence, instant(&cohort.occurred), content);
        next.before = before.filter(|before| !before.is_empty());
        next
    }

    /// What is known after an event of a patient.
    #[must_use]
    pub fn after_subject(&self, subject: &TrialSubject, content: &str) -> Self {
        let mut next = self.after(&subject.state, subject.sequence, instant(&subject.occurred), content);
        next.patient.clone_from(&subject.patient_id);
        next
    }

    /// What is known after an event.
    #[must_use]
    pub fn after(&self, state: &str, sequence: u64, at: i64, content: &str) -> Self {
        let mut next = Self { is_known: true, sequence, content: content.to_owned(), ..self.clone() };
        if !self.is_known || self.state != state {
            state.clone_into(&mut next.state);
            next.history.push(Step { state: state.to_owned(), sequence, at });
            let surplus = next.history.len().saturating_sub(HISTORY);
            next.history.drain(..surplus);
        }
        next
    }
}

/// An instant in milliseconds since 1970.
pub fn instant(text: &str) -> i64 {
    text.parse::<Timestamp>().map_or(0, Timestamp::as_millisecond)
}

/// Decides about a Task of the trial. It follows the patients; a rejection is its own.
pub fn decide_task(case: &ReferralCase, state: &str, modified: i64, content: &str) -> Verdict {
    let side = &case.trial;
    if side.task_modified != 0 && modified <= side.task_modified {
        let is_same = modified == side.task_modified && side.task_content == content;
        return if is_same { Verdict::Repeat } else { Verdict::Outdated };
    }
    let stand = side.stand();
    if stand.state == state {
        return Verdict::Take;
    }
    if modified < stand.at {
        return Verdict::Outdated;
    }
    // Of a referral that only took over where its patient stood already, the trial has said nothing yet.
    let is_free = !enrolment::is_live(&stand.state) || side.took_over(&stand);
    let may_reject = is_free && !matches!(stand.state.as_str(), "off-study" | "cancelled");
    if state == "rejected" && may_reject { Verdict::Take } else { Verdict::Disagrees }
}

/// No inclusion site has the letter of a study subject id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no inclusion site has the letter")]
pub struct NoSuchSite;

/// The trust whose inclusion site a study subject id names; none where it names none.
///
/// # Errors
/// The letter is that of no site.
pub fn site_of<'t>(subject: &StudySubjectId, trusts: &'t Trusts) -> Result<Option<&'t Trust>, NoSuchSite> {
    match subject.site() {
        None => Ok(None),
        Some(letter) => trusts.by_site_letter(letter).map(|(trust, _)| Some(trust)).ok_or(NoSuchSite),
    }
}

/// Key of the case of a pseudonymous Patient.
pub fn patient_key(id: &str) -> String {
    format!("trial/Patient/{id}")
}

/// Key of the case of a pseudonymous ServiceRequest.
pub fn request_key(id: &str) -> String {
    format!("trial/ServiceRequest/{id}")
}

/// Business key of the Task of a referral.
pub fn task_identity(case: &str) -> Identity {
    Identity::new(TRIAL, "referral-task", &[case])
}

/// Key of the case of a cohort.
pub fn cohort_key(ids: &ResourceIds, cohort: &Identity) -> String {
    format!("cohort/{}", ids.id("ResearchStudy", cohort, ""))
}

/// Key of the case of a subject.
pub fn enrolment_key(ids: &ResourceIds, subject: &Identity) -> String {
    format!("enrolment/{}", ids.id("ResearchSubject", subject, ""))
}

/// Key of the case of an evaluation.
pub fn evaluation_key(ids: &ResourceIds, evaluation: &Identity) -> String {
    format!("evaluation/{}", ids.id("Observation", evaluation, ""))
}

#[cfg(test)]
mod tests;
