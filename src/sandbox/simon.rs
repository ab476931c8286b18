//! Simon's two-stage design: what it promises, and a cohort that follows it patient by patient.

use std::fmt;

/// A design: the first stage is passed with more than `r1` of `n1`, the cohort with more than `r` of `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Design {
    /// Patients of the first stage.
    pub n1: u32,
    /// At most so many with benefit of `n1`: stop.
    pub r1: u32,
    /// Patients of both stages.
    pub n: u32,
    /// At most so many with benefit of `n`: no signal.
    pub r: u32,
}

/// 8 patients, then 24; one with benefit to go on, five to expand.
pub const DESIGN: Design = Design { n1: 8, r1: 0, n: 24, r: 4 };

/// What a design does where each patient has the same chance of benefit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Characteristics {
    /// Probability that it stops after the first stage.
    pub stops_early: f64,
    /// Probability that the cohort is passed.
    pub passes: f64,
    /// Expected number of patients.
    pub expected: f64,
}

impl Design {
    /// Computed exactly from the binomial distribution, for a chance of benefit.
    pub fn characteristics(&self, benefit: f64) -> Characteristics {
        let second = self.n - self.n1;
        let at_most = |most: u32, of: u32| (0..=most.min(of)).map(|count| binomial(count, of, benefit)).sum::<f64>();
        let stops_early = at_most(self.r1, self.n1);
        let passes = (self.r1 + 1..=self.n1)
            .map(|first| {
                let rest = self.r.checked_sub(first).map_or(1.0, |most| 1.0 - at_most(most, second));
                binomial(first, self.n1, benefit) * rest
            })
            .sum();
        let expected = f64::from(self.n1) + (1.0 - stops_early) * f64::from(second);
        Characteristics { stops_early, passes, expected }
    }
}

fn binomial(count: u32, of: u32, chance: f64) -> f64 {
    let ways: f64 = (0..count).map(|step| f64::from(of - step) / f64::from(step + 1)).product();
    let power = |base: f64, times: u32| (0..times).map(|_| base).product::<f64>();
    ways * power(chance, count) * power(1.0 - chance, of - count)
}

/// Where a cohort is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Takes the patients of the first stage.
    OpenStage1,
    /// Waits for the evaluations of the first stage.
    InterimHold,
    /// Takes the patients of the second stage.
    OpenStage2,
    /// Stopped after the first stage.
    ClosedFutility,
    /// All patients of both stages are evaluated; waits for the analysis.
    Complete,
    /// Passed; takes further patients.
    Expansion,
    /// Not passed.
    ClosedNoSignal,
}

impl Stage {
    /// Code of `gateway-cohort-stage`.
    pub fn code(self) -> &'static str {
        match self {
            Self::OpenStage1 => "open-stage1",
            Self::InterimHold => "interim-hold",
            Self::OpenStage2 => "open-stage2",
            Self::ClosedFutility => "closed-futility",
            Self::Complete => "complete",
            Self::Expansion => "expansion",
            Self::ClosedNoSignal => "closed-no-signal",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

/// What week 16 says of a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The disease is under control.
    Control,
    /// It is not.
    NoControl,
    /// Nothing can be said: the place is free again.
    NotEvaluable,
}

/// No place is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cohort has no place that is free")]
pub struct Full;

/// A cohort, and what was counted of it. Its places are national.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cohort {
    /// Where it is.
    pub stage: Stage,
    /// Places that are taken: reserved by an offer, or by a patient who may still be evaluable.
    pub taken: u32,
    /// Patients who started treatment.
    pub started: u32,
    /// Patients with a yes or no in week 16.
    pub evaluable: u32,
    /// Of those, with disease control.
    pub benefit: u32,
}

impl Default for Cohort {
    fn default() -> Self {
        Self { stage: Stage::OpenStage1, taken: 0, started: 0, evaluable: 0, benefit: 0 }
    }
}

impl Cohort {
    /// Whether it takes a further patient now. The second stage stays open while a patient may still turn out not evaluable and
    /// be replaced, also where every place is taken.
    pub fn is_open(&self) -> bool {
        let is_open = matches!(self.stage, Stage::OpenStage1 | Stage::OpenStage2 | Stage::Expansion);
        is_open && self.limit().is_none_or(|limit| self.taken < limit)
    }

    /// Whether the next patient gets the last place of the stage.
    pub fn has_one_place(&self) -> bool {
        self.limit().is_some_and(|limit| self.taken + 1 == limit) && self.is_open()
    }

    fn limit(&self) -> Option<u32> {
        match self.stage {
            Stage::OpenStage1 | Stage::InterimHold | Stage::ClosedFutility => Some(DESIGN.n1),
            Stage::OpenStage2 | Stage::Complete | Stage::ClosedNoSignal => Some(DESIGN.n),
            Stage::Expansion => None,
        }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// None is free.
    pub fn reserve(&mut self) -> Result<(), Full> {
        if !self.is_open() {
            return Err(Full);
        }
        self.taken += 1;
        self.settle();
        Ok(())
    }

    /// Gives a place back that was offered in vain.
    pub fn release(&mut self) {
        self.taken = self.taken.saturating_sub(1);
        self.settle();
    }

    /// A patient who has a place starts treatment.
    pub fn start(&mut self) {
        self.started += 1;
    }

    /// What week 16 says of one of its patients.
    pub fn evaluate(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Control => {
                self.evaluable += 1;
                self.benefit += 1;
            }
            Outcome::NoControl => self.evaluable += 1,
            Outcome::NotEvaluable => self.taken = self.taken.saturating_sub(1),
        }
        self.settle();
    }

    /// The stage that the counts lead to. A cohort that was closed for good, or expanded, stays so.
    fn settle(&mut self) {
        let Design { n1, r1, n, .. } = DESIGN;
        self.stage = match self.stage {
            Stage::OpenStage1 | Stage::InterimHold => match (self.taken >= n1, self.evaluable >= n1) {
                (true, true) if self.benefit > r1 => Stage::OpenStage2,
                (true, true) => Stage::ClosedFutility,
                (true, false) => Stage::InterimHold,
                (false, _) => Stage::OpenStage1,
            },
            Stage::OpenStage2 if self.evaluable >= n => Stage::Complete,
            ended => ended,
        };
    }

    /// The analysis of a complete cohort.
    pub fn analyse(&mut self) {
        if self.stage == Stage::Complete {
            self.stage = if self.benefit > DESIGN.r { Stage::Expansion } else { Stage::ClosedNoSignal };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Operating characteristics of n1 = 8, r1 = 0, n = 24, r = 4, computed apart from this code.
    #[test]
    fn the_design_does_what_is_published_of_it() {
        for (benefit, stops, passes, expected) in [
            (0.05, 0.6634, 0.0054, 13.39),
            (0.10, 0.4305, 0.0778, 17.11),
            (0.20, 0.1678, 0.5063, 21.32),
            (0.30, 0.0576, 0.8572, 23.08),
            (0.40, 0.0168, 0.9726, 23.73),
        ] {
            let found = DESIGN.characteristics(benefit);
            assert!((found.stops_early - stops).abs() < 0.000_05, "{benefit}: {found:?}");
            assert!((found.expected - expected).abs() < 0.005, "{benefit}: {found:?}");
            assert!((found.passes - passes).abs() < 0.000_05, "{benefit}: {found:?}");
        }
    }

    /// The machine, patient by patient, does the same as the formula: all 2^24 ways are summed by what they have in common.
    #[test]
    fn the_machine_keeps_to_the_design() {
        for first in 0..=8 {
            let mut cohort = filled(first, 8);
            let stage = if first == 0 { Stage::ClosedFutility } else { Stage::OpenStage2 };
            assert_eq!(cohort.stage, stage);
            if first == 0 {
                assert_eq!(cohort.reserve(), Err(Full));
                continue;
            }
            for second in 0..=16 {
                let mut cohort = cohort;
                fill(&mut cohort, second, 16);
                assert_eq!((cohort.stage, cohort.is_open()), (Stage::Complete, false));
                cohort.analyse();
                let stage = if first + second >= 5 { Stage::Expansion } else { Stage::ClosedNoSignal };
                assert_eq!(cohort.stage, stage, "{first} + {second}");
            }
        }
    }

    fn filled(benefit: u32, patients: u32) -> Cohort {
        let mut cohort = Cohort::default();
        fill(&mut cohort, benefit, patients);
        cohort
    }

    fn fill(cohort: &mut Cohort, benefit: u32, patients: u32) {
        for _ in 0..patients {
            cohort.reserve().unwrap();
        }
        assert!(!cohort.is_open());
        for patient in 0..patients {
            cohort.evaluate(if patient < benefit { Outcome::Control } else { Outcome::NoControl });
        }
    }

    #[test]
    fn the_last_place_is_given_once() {
        let mut cohort = Cohort::default();
        for _ in 0..7 {
            cohort.reserve().unwrap();
        }
        assert!(cohort.has_one_place());
        assert_eq!((cohort.reserve(), cohort.stage), (Ok(()), Stage::InterimHold));
        assert_eq!(cohort.reserve(), Err(Full));
        // An offer in vain, and a patient who is not evaluable, free a place.
        cohort.release();
        assert_eq!((cohort.stage, cohort.reserve()), (Stage::OpenStage1, Ok(())));
        cohort.evaluate(Outcome::NotEvaluable);
        assert_eq!((cohort.stage, cohort.taken, cohort.evaluable), (Stage::OpenStage1, 7, 0));
        let mut cohort = filled(1, 8);
        for _ in 0..16 {
            cohort.reserve().unwrap();
        }
        assert_eq!((cohort.stage, cohort.reserve()), (Stage::OpenStage2, Err(Full)));
        cohort.evaluate(Outcome::NotEvaluable);
        assert_eq!((cohort.stage, cohort.has_one_place()), (Stage::OpenStage2, true));
    }
}
