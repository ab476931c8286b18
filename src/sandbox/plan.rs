//! What happens to each patient: drawn from a seed, so that the published totals come out exactly, in the order of days.
//!
//! Who is matched is drawn without replacement. Who starts is drawn in the order of decisions, with the chance that keeps the
//! total (starts that are left, of patients who are left), under places that are national and a cohort that may be full or on
//! hold; where the total cannot be met, everything is drawn anew. What week 16 says is drawn without replacement too, a cohort
//! weighing how likely control is in it (Wallenius' noncentral hypergeometric distribution): the totals stay as they are.

mod timeline;

use super::catalogue::{BIOMARKERS, TRUSTS, TUMOURS};
use super::funnel::{Funnel, Scale};
use super::random::Random;
use super::simon::{Cohort, Outcome};

/// Days in which patients are referred: April 2021 to October 2023.
pub const DAYS: u32 = 943;

/// How often everything is drawn anew.
const ATTEMPTS: u32 = 1_000;

/// A patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patient {
    /// Place in [`TRUSTS`].
    pub trust: usize,
    /// Day of the referral.
    pub day: u32,
    /// Place in [`TUMOURS`].
    pub tumour: usize,
    /// Place in [`Plan::cohorts`]; none: no cohort suits what is found.
    pub cohort: Option<usize>,
}

/// What a cohort takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basket {
    /// Place in [`TUMOURS`].
    pub tumour: usize,
    /// Place in [`BIOMARKERS`].
    pub biomarker: usize,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Profiled: no cohort suits.
    NoMatch,
    /// Profiled: a cohort suits.
    Matched,
    /// No place was free.
    NotPrioritised,
    /// A place is reserved and offered.
    Offered,
    /// The offer was declined.
    Declined,
    /// The offer expired.
    Expired,
    /// Withdrawn before registration.
    Withdrawn,
    /// The offer was accepted.
    Accepted,
    /// Treatment started.
    OnTreatment,
    /// What week 16 says.
    Evaluated(Outcome),
    /// The cohort of the patient who was the last one to be evaluated was analysed.
    Analysed,
    /// Treatment ended.
    FollowUp,
    /// Off study; the reason is one of two.
    OffStudy(Reason),
}

/// Why a patient is off study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The patient does not want to go on.
    Patient,
    /// The patient died.
    Death,
}

/// Something that happens on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Day.
    pub day: u32,
    /// Place in [`Plan::patients`].
    pub patient: usize,
    /// What happens.
    pub what: What,
    /// The cohort of the patient after it, where it changed.
    pub cohort: Option<Cohort>,
}

/// A place that was the last one, and a patient of another trust who came for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contest {
    /// Place in [`Plan::cohorts`].
    pub cohort: usize,
    /// Who got it.
    pub winner: usize,
    /// Who did not.
    pub loser: usize,
}

/// Everything that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its totals.
    pub funnel: Funnel,
    /// Patients in the order of their referrals.
    pub patients: Vec<Patient>,
    /// Cohorts.
    pub cohorts: Vec<Basket>,
    /// Events in their order.
    pub events: Vec<Event>,
    /// Last places that more than one trust came for.
    pub contests: Vec<Contest>,
}

/// No such totals can be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the totals cannot be met with the places of the cohorts")]
pub struct Impossible;

impl Plan {
    /// Draws a plan; the same one for the same seed and scale.
    ///
    /// # Errors
    /// In a thousand attempts the totals were not met.
    pub fn draw(seed: u64, scale: Scale) -> Result<Self, Impossible> {
        (0..ATTEMPTS).find_map(|attempt| Self::attempt(seed, scale, attempt)).ok_or(Impossible)
    }

    fn attempt(seed: u64, scale: Scale, attempt: u32) -> Option<Self> {
        let mut random = Random::new(seed, &format!("plan/{attempt}"));
        let funnel = scale.funnel();
        let cohorts = baskets(&mut random, scale.cohorts());
        let patients = patients(&mut random, &funnel, &cohorts);
        let timeline::Told { events, contests } = timeline::tell(&mut random, &funnel, &patients, cohorts.len())?;
        Some(Self { funnel, patients, cohorts, events, contests })
    }

    /// The totals of the patients of a trust, counted from the events.
    pub fn of_trust(&self, trust: usize) -> Funnel {
        let is_of_trust = |patient: &Patient| patient.trust == trust;
        let count = |of: &dyn Fn(What) -> bool| {
            let events = self.events.iter().filter(|event| of(event.what));
            let events = events.filter(|event| self.patients.get(event.patient).is_some_and(is_of_trust));
            u32::try_from(events.count()).unwrap_or(u32::MAX)
        };
        let screened = self.patients.iter().filter(|patient| is_of_trust(patient)).count();
        Funnel {
            screened: u32::try_from(screened).unwrap_or(u32::MAX),
            matched: count(&|what| what == What::Matched),
            started: count(&|what| what == What::OnTreatment),
            week16: count(&|what| matches!(what, What::Evaluated(_))),
            evaluable: count(&|what| matches!(what, What::Evaluated(Outcome::Control | Outcome::NoControl))),
            control: count(&|what| what == What::Evaluated(Outcome::Control)),
        }
    }
}

/// Different pairs of tumour and biomarker.
fn baskets(random: &mut Random, count: u32) -> Vec<Basket> {
    let pair = |tumour: usize| (0..BIOMARKERS.len()).map(move |biomarker| Basket { tumour, biomarker });
    let mut all: Vec<Basket> = (0..TUMOURS.len()).flat_map(pair).collect();
    random.shuffle(&mut all);
    all.truncate(usize::try_from(count).unwrap_or_default());
    all
}

fn patients(random: &mut Random, funnel: &Funnel, cohorts: &[Basket]) -> Vec<Patient> {
    let count = |number: u32| usize::try_from(number).unwrap_or_default();
    let mut days: Vec<u32> =
        (0..funnel.screened).map(|_| u32::try_from(random.below(u64::from(DAYS))).unwrap_or_default()).collect();
    days.sort_unstable();
    let shares = TRUSTS.map(|trust| trust.share);
    let mut patients: Vec<Patient> = days
        .into_iter()
        .map(|day| {
            let trust = random.weighted(&shares);
            let tumour = usize::try_from(random.below(TUMOURS.len() as u64)).unwrap_or_default();
            Patient { trust, day, tumour, cohort: None }
        })
        .collect();
    let mut places: Vec<usize> = (0..patients.len()).collect();
    random.shuffle(&mut places);
    places.truncate(count(funnel.matched));
    let weights = weights(cohorts.len());
    for (turn, place) in places.into_iter().enumerate() {
        // A cohort is opened for somebody; then there are a few that many come for.
        let cohort = if turn < cohorts.len() { turn } else { random.weighted(&weights) };
        if let (Some(patient), Some(basket)) = (patients.get_mut(place), cohorts.get(cohort)) {
            *patient = Patient { cohort: Some(cohort), tumour: basket.tumour, ..*patient };
        }
    }
    patients
}

/// How many come for each cohort: two that many come for, so that both can be followed through their stages, and many small ones.
fn weights(cohorts: usize) -> Vec<u64> {
    let weight = |place: usize| match place {
        0 => 6_000,
        1 => 2_500,
        _ => 1_000 / place as u64,
    };
    (0..cohorts).map(weight).collect()
}

#[cfg(test)]
mod tests;
