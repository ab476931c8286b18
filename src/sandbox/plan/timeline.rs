//! Day by day: decisions, offers, starts and evaluations, each cohort with its places.

use std::collections::BTreeMap;

use super::{Contest, Event, Patient, Reason, What};
use crate::sandbox::funnel::Funnel;
use crate::sandbox::random::Random;
use crate::sandbox::simon::{Cohort, Outcome, Stage};

/// Days from the referral to the report, to the decision about an offer, to its answer, to the start, to week 16.
const REPORT: u32 = 21;
const DECISION: u32 = 7;
const ANSWER: u32 = 5;
const START: u32 = 7;
const WEEK_16: u32 = 112;
/// Days after which an offer expires, and after which treatment ends, and the patient is off study.
const EXPIRY: u32 = 14;
const END: u32 = 7;
const OFF_STUDY: u32 = 60;
/// Days from the last evaluation of a cohort to its analysis.
const ANALYSIS: u32 = 14;

/// What was told.
pub(super) struct Told {
    pub(super) events: Vec<Event>,
    pub(super) contests: Vec<Contest>,
}

/// What is due for a patient.
#[derive(Debug, Clone, Copy)]
enum Due {
    Report,
    Decision,
    /// The answer to an offer of a patient who does not start.
    Refusal(What),
    Acceptance,
    Start,
    Week16,
    Analysis,
    End,
    OffStudy(Reason),
}

struct Teller<'p> {
    random: &'p mut Random,
    patients: &'p [Patient],
    cohorts: Vec<Cohort>,
    /// Who took the last place of a cohort that is not open since.
    last: Vec<Option<usize>>,
    due: BTreeMap<(u32, usize), (usize, Due)>,
    number: usize,
    left: Left,
    events: Vec<Event>,
    contests: Vec<Contest>,
}

/// What is left to draw from.
struct Left {
    matched: u32,
    starts: u32,
    /// Patients who start while these are left have a week 16.
    week16_starts: u32,
    week16: u32,
    evaluable: u32,
    control: u32,
}

/// Tells everything; none where fewer can start than are to.
pub(super) fn tell(random: &mut Random, funnel: &Funnel, patients: &[Patient], cohorts: usize) -> Option<Told> {
    let left = Left {
        matched: funnel.matched,
        starts: funnel.started,
        week16_starts: funnel.week16,
        week16: funnel.week16,
        evaluable: funnel.evaluable,
        control: funnel.control,
    };
    let mut teller = Teller {
        random,
        patients,
        cohorts: vec![Cohort::default(); cohorts],
        last: vec![None; cohorts],
        due: BTreeMap::new(),
        number: 0,
        left,
        events: Vec::new(),
        contests: Vec::new(),
    };
    for (place, patient) in patients.iter().enumerate() {
        teller.later(patient.day + REPORT, place, Due::Report);
    }
    while let Some(((day, _), (patient, due))) = teller.due.pop_first() {
        teller.happens(day, patient, due);
    }
    let Teller { events, contests, left, .. } = teller;
    (left.starts == 0).then_some(Told { events, contests })
}

impl Teller<'_> {
    fn later(&mut self, day: u32, patient: usize, due: Due) {
        self.number += 1;
        self.due.insert((day, self.number), (patient, due));
    }

    fn tell(&mut self, day: u32, patient: usize, what: What, cohort: Option<Cohort>) {
        self.events.push(Event { day, patient, what, cohort });
    }

    fn happens(&mut self, day: u32, patient: usize, due: Due) {
        let Some(place) = self.patients.get(patient).and_then(|patient| patient.cohort) else {
            return self.tell(day, patient, What::NoMatch, None);
        };
        match due {
            Due::Report => {
                self.tell(day, patient, What::Matched, None);
                self.later(day + DECISION, patient, Due::Decision);
            }
            Due::Decision => self.decide(day, patient, place),
            Due::Refusal(what) => {
                let after = self.change(place, Cohort::release);
                self.tell(day, patient, what, after);
            }
            Due::Acceptance => {
                self.tell(day, patient, What::Accepted, None);
                self.later(day + START, patient, Due::Start);
            }
            Due::Start => self.start(day, patient, place),
            Due::Week16 => self.evaluate(day, patient, place),
            Due::Analysis => {
                let after = self.change(place, Cohort::analyse);
                self.tell(day, patient, What::Analysed, after);
            }
            Due::End => self.tell(day, patient, What::FollowUp, None),
            Due::OffStudy(reason) => self.tell(day, patient, What::OffStudy(reason), None),
        }
    }

    fn change(&mut self, place: usize, change: impl FnOnce(&mut Cohort)) -> Option<Cohort> {
        let cohort = self.cohorts.get_mut(place)?;
        change(cohort);
        Some(*cohort)
    }

    fn decide(&mut self, day: u32, patient: usize, place: usize) {
        let left = self.left.matched;
        self.left.matched = left.saturating_sub(1);
        let Some(cohort) = self.cohorts.get(place).copied().filter(Cohort::is_open) else {
            self.contest(patient, place);
            return self.tell(day, patient, What::NotPrioritised, None);
        };
        if let Some(last) = self.last.get_mut(place) {
            *last = cohort.has_one_place().then_some(patient);
        }
        let after = self.change(place, |cohort| {
            // It is open.
            let _ = cohort.reserve();
        });
        self.tell(day, patient, What::Offered, after);
        if self.random.chance(u64::from(self.left.starts), u64::from(left)) {
            self.left.starts -= 1;
            return self.later(day + ANSWER, patient, Due::Acceptance);
        }
        match self.random.weighted(&[4, 2, 3]) {
            0 => self.later(day + ANSWER, patient, Due::Refusal(What::Declined)),
            1 => self.later(day + EXPIRY, patient, Due::Refusal(What::Expired)),
            _ => self.later(day + ANSWER, patient, Due::Refusal(What::Withdrawn)),
        }
    }

    fn contest(&mut self, loser: usize, cohort: usize) {
        let Some(winner) = self.last.get(cohort).copied().flatten() else { return };
        let trust = |patient: usize| self.patients.get(patient).map(|patient| patient.trust);
        if trust(winner) != trust(loser) {
            self.contests.push(Contest { cohort, winner, loser });
        }
    }

    fn start(&mut self, day: u32, patient: usize, place: usize) {
        let after = self.change(place, Cohort::start);
        self.tell(day, patient, What::OnTreatment, after);
        // Those who start last are not followed for 16 weeks.
        if self.left.week16_starts > 0 {
            self.left.week16_starts -= 1;
            self.later(day + WEEK_16, patient, Due::Week16);
        }
    }

    fn evaluate(&mut self, day: u32, patient: usize, place: usize) {
        let outcome = self.outcome(place);
        let after = self.change(place, |cohort| cohort.evaluate(outcome));
        self.tell(day, patient, What::Evaluated(outcome), after);
        if after.is_some_and(|cohort| cohort.stage == Stage::Complete) {
            self.later(day + ANALYSIS, patient, Due::Analysis);
        }
        match outcome {
            Outcome::NotEvaluable => self.later(day + END, patient, Due::OffStudy(Reason::Patient)),
            Outcome::NoControl => {
                self.later(day + END, patient, Due::End);
                if self.random.chance(1, 2) {
                    self.later(day + END + OFF_STUDY, patient, Due::OffStudy(Reason::Death));
                }
            }
            Outcome::Control if self.random.chance(1, 3) => self.later(day + OFF_STUDY, patient, Due::End),
            Outcome::Control => {}
        }
    }

    fn outcome(&mut self, place: usize) -> Outcome {
        let (evaluable, of) = (self.left.evaluable, self.left.week16);
        self.left.week16 = of.saturating_sub(1);
        if !self.random.chance(u64::from(evaluable), u64::from(of)) {
            return Outcome::NotEvaluable;
        }
        self.left.evaluable = evaluable.saturating_sub(1);
        let (for_control, against) = odds(place);
        let control = u64::from(self.left.control) * for_control;
        let none = u64::from(evaluable.saturating_sub(self.left.control)) * against;
        if self.random.chance(control, control + none) {
            self.left.control -= 1;
            Outcome::Control
        } else {
            Outcome::NoControl
        }
    }
}

/// How control weighs against none in a cohort: drugs do not suit alike, and every fourth one hardly does at all.
fn odds(cohort: usize) -> (u64, u64) {
    match cohort % 4 {
        0 => (2, 1),
        1 => (1, 12),
        2 => (1, 1),
        _ => (3, 2),
    }
}
