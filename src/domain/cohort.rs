//! Cohorts: tumour type, molecular profile and drug, in Simon's two-stage design.
//!
//! The design decides in two steps: after `n1` evaluable patients the cohort goes on with more than `r1` who have disease
//! control, after `n` it is expanded with more than `r`. The trial counts and decides; the gateway only looks whether what is
//! told agrees.

use super::ids::Identity;
use super::trial::{Concept, Link};
use crate::record;

record! {
    /// A cohort of the trial.
    pub struct Cohort {
        /// Business key: the trial's id.
        pub identity: Identity,
        /// Name that the trial gives it, `biomarker/tumour type/drug`.
        pub name: String,
        /// Title.
        pub title: Option<String>,
        /// FHIR research-study-status.
        pub status: String,
        /// Stage: code of `gateway-cohort-stage`.
        pub stage: String,
        /// Evaluable patients of the first stage.
        pub n1: u64,
        /// The first stage is passed with more than this many who have disease control.
        pub r1: u64,
        /// Evaluable patients of both stages.
        pub n: u64,
        /// The cohort is expanded with more than this many.
        pub r: u64,
        /// Evaluable patients so far: of an open cohort an interim number.
        pub evaluable: Option<u64>,
        /// Those of them with disease control.
        pub benefit: Option<u64>,
        /// What an analysis led to: code of `gateway-cohort-decision`.
        pub decision: Option<String>,
        /// Whether the cohort takes a further patient now.
        pub slots_open: bool,
        /// Number of the event at the trial.
        pub sequence: u64,
        /// When it happened: instant.
        pub occurred: String,
        /// Molecular profiles.
        pub biomarkers: Vec<Concept>,
        /// Drugs.
        pub drugs: Vec<Concept>,
        /// Tumour types.
        pub tumor_types: Vec<Concept>,
        /// The study it is part of, `ResearchStudy/id`.
        pub parent: String,
        /// Sites.
        pub sites: Vec<Link>,
        /// Why it does not take patients.
        pub reason: Option<Concept>,
        /// Patients that are aimed for.
        pub target: Option<u64>,
        /// Patients so far.
        pub actual: Option<u64>,
        /// When it was opened.
        pub start: Option<String>,
        /// When it was closed.
        pub end: Option<String>,
    }
    internal {
        /// Id at the trial.
        pub trial_id: String,
        /// Id of the parent study at the trial.
        pub parent_id: String,
    }
}

impl Cohort {
    /// The cohort as everybody may see it: without what was counted.
    pub fn public(&self) -> Self {
        Self { evaluable: None, benefit: None, target: None, actual: None, ..self.clone() }
    }

    /// Its design.
    pub fn design(&self) -> Design {
        Design { n1: self.n1, r1: self.r1, n: self.n, r: self.r }
    }

    /// What the counts do not agree with: the stage or the decision; nothing where there are none.
    pub fn disagreement(&self) -> Option<&'static str> {
        let (evaluable, benefit) = (self.evaluable?, self.benefit?);
        let design = self.design();
        let is_decided = |codes: [&str; 2]| self.decision.as_deref().is_some_and(|decision| codes.contains(&decision));
        match self.stage.as_str() {
            "open-stage2" | "complete" | "expansion" | "closed-no-signal" if !design.passes_first(benefit) => {
                Some("the first stage was passed with too few who have disease control")
            }
            "closed-futility" if design.passes_first(benefit) => {
                Some("it was closed for futility with enough who have disease control")
            }
            "expansion" if !design.passes(benefit) => Some("it was expanded with too few who have disease control"),
            "closed-no-signal" if design.passes(benefit) => {
                Some("it was closed without a signal with enough who have disease control")
            }
            _ if is_decided(["continue", "stop"]) && evaluable < design.n1 && !design.passes_first(benefit) => {
                Some("an analysis was made before the patients of the first stage could be evaluated")
            }
            _ => None,
        }
    }
}

/// Simon's two-stage design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Design {
    /// Patients of the first stage.
    pub n1: u64,
    /// Responses with which it is not passed.
    pub r1: u64,
    /// Patients of both stages.
    pub n: u64,
    /// Responses with which the cohort is not expanded.
    pub r: u64,
}

impl Design {
    /// Whether so many with disease control pass the first stage.
    pub fn passes_first(self, benefit: u64) -> bool {
        benefit > self.r1
    }

    /// Whether so many with disease control lead to an expansion.
    pub fn passes(self, benefit: u64) -> bool {
        benefit > self.r
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESIGN: Design = Design { n1: 8, r1: 0, n: 24, r: 4 };

    fn binomial(n: u64, p: f64) -> Vec<f64> {
        let mut row = vec![1.0];
        for _ in 0..n {
            let mut next = vec![0.0; row.len() + 1];
            for (k, mass) in row.iter().enumerate() {
                next[k] += mass * (1.0 - p);
                next[k + 1] += mass * p;
            }
            row = next;
        }
        row
    }

    /// Probability of a stop after the first stage, probability of an expansion, patients on average: exact, over all outcomes.
    fn characteristics(design: Design, p: f64) -> (f64, f64, f64) {
        let (first, second) = (binomial(design.n1, p), binomial(design.n - design.n1, p));
        let (mut stop, mut expand) = (0.0, 0.0);
        for (in_first, mass) in (0_u64..).zip(&first) {
            if !design.passes_first(in_first) {
                stop += mass;
                continue;
            }
            for (in_second, other) in (0_u64..).zip(&second) {
                if design.passes(in_first + in_second) {
                    expand += mass * other;
                }
            }
        }
        let patients = design.n1 as f64 + (1.0 - stop) * (design.n - design.n1) as f64;
        (stop, expand, patients)
    }

    /// Stop after 8, expansion, patients on average: reference 5.1, computed there for n1 = 8, r1 = 0, n = 24, r = 4.
    #[test]
    fn the_design_of_the_trial_has_the_known_operating_characteristics() {
        for (p, stop, expand, patients) in [
            (0.05, 0.6634, 0.0054, 13.39),
            (0.10, 0.4305, 0.0778, 17.11),
            (0.20, 0.1678, 0.5063, 21.32),
            (0.30, 0.0576, 0.8572, 23.08),
            (0.40, 0.0168, 0.9726, 23.73),
        ] {
            let found = characteristics(DESIGN, p);
            assert!((found.0 - stop).abs() < 5e-5, "{p}: {found:?}");
            assert!((found.1 - expand).abs() < 5e-5, "{p}: {found:?}");
            assert!((found.2 - patients).abs() < 5e-3, "{p}: {found:?}");
        }
    }

    fn cohort(stage: &str, evaluable: u64, benefit: u64) -> Cohort {
        Cohort {
            stage: stage.to_owned(),
            n1: 8,
            r1: 0,
            n: 24,
            r: 4,
            evaluable: Some(evaluable),
            benefit: Some(benefit),
            ..Cohort::default()
        }
    }

    #[test]
    fn counts_that_do_not_agree_with_the_stage_are_noticed() {
        for (stage, evaluable, benefit, agrees) in [
            ("open-stage1", 8, 0, true),
            ("interim-hold", 8, 0, true),
            ("open-stage2", 8, 1, true),
            ("open-stage2", 8, 0, false),
            ("closed-futility", 8, 0, true),
            ("closed-futility", 8, 1, false),
            ("complete", 24, 4, true),
            ("expansion", 24, 5, true),
            ("expansion", 24, 4, false),
            ("closed-no-signal", 24, 4, true),
            ("closed-no-signal", 24, 5, false),
        ] {
            let found = cohort(stage, evaluable, benefit).disagreement();
            assert_eq!(found.is_none(), agrees, "{stage} {benefit}/{evaluable}: {found:?}");
        }
        let early = Cohort { decision: Some("stop".to_owned()), ..cohort("interim-hold", 5, 0) };
        assert!(early.disagreement().is_some());
        assert_eq!(Cohort { evaluable: None, ..cohort("expansion", 0, 0) }.disagreement(), None);
    }

    #[test]
    fn what_everybody_sees_has_no_counts() {
        let full = Cohort { target: Some(24), actual: Some(9), slots_open: true, ..cohort("open-stage2", 8, 3) };
        let public = full.public();
        assert_eq!((public.evaluable, public.benefit, public.target, public.actual), (None, None, None, None));
        assert!(public.slots_open && public.stage == full.stage && public.n == 24);
    }
}
