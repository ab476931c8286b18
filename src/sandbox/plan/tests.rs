use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::sandbox::funnel::PUBLISHED;
use crate::sandbox::simon::{Cohort, DESIGN, Stage};

fn count(plan: &Plan, of: impl Fn(What) -> bool) -> u32 {
    plan.events.iter().filter(|event| of(event.what)).count().try_into().unwrap()
}

#[test]
fn the_published_numbers_come_out_of_the_draws_whatever_the_seed() {
    for seed in 0..20 {
        let plan = Plan::draw(seed, Scale::WHOLE).unwrap();
        assert_eq!(plan.patients.len(), 1_167);
        assert_eq!(count(&plan, |what| what == What::NoMatch), 1_167 - 358);
        assert_eq!(count(&plan, |what| what == What::Matched), 358);
        assert_eq!(count(&plan, |what| what == What::OnTreatment), 186);
        assert_eq!(count(&plan, |what| matches!(what, What::Evaluated(_))), 170);
        let control = count(&plan, |what| what == What::Evaluated(Outcome::Control));
        let none = count(&plan, |what| what == What::Evaluated(Outcome::NoControl));
        assert_eq!((control, none + control), (58, 145));
        assert!(plan.cohorts.len() >= 150);
        let of_trusts = (0..TRUSTS.len()).map(|trust| plan.of_trust(trust));
        let sum = of_trusts.fold([0; 6], |sum, one| {
            let one = [one.screened, one.matched, one.started, one.week16, one.evaluable, one.control];
            std::array::from_fn(|place| sum[place] + one[place])
        });
        let Funnel { screened, matched, started, week16, evaluable, control } = PUBLISHED;
        assert_eq!(sum, [screened, matched, started, week16, evaluable, control]);
    }
}

#[test]
fn any_scale_can_be_drawn() {
    for scale in ["0.001", "0.01", "0.02", "0.05", "0.1", "0.25", "0.5"] {
        let scale = Scale::parse(scale).unwrap();
        for seed in 0..20 {
            let plan = Plan::draw(seed, scale).unwrap();
            assert_eq!(count(&plan, |what| what == What::OnTreatment), scale.funnel().started, "{scale:?} {seed}");
            assert_eq!(count(&plan, |what| what == What::Evaluated(Outcome::Control)), scale.funnel().control);
        }
    }
}

#[test]
fn a_seed_is_a_plan_and_another_seed_another_one() {
    let draw = |seed| Plan::draw(seed, Scale::parse("0.1").unwrap()).unwrap();
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1).events, draw(2).events);
}

/// Events are replayed on cohorts of their own: nobody gets a place that is not there, and counts are those of the events.
#[test]
fn no_place_is_given_twice() {
    let plan = Plan::draw(1, Scale::WHOLE).unwrap();
    let mut taken: BTreeMap<usize, u32> = BTreeMap::new();
    for event in &plan.events {
        let Some(cohort) = plan.patients[event.patient].cohort else { continue };
        let taken = taken.entry(cohort).or_default();
        match event.what {
            What::Offered => *taken += 1,
            What::Declined | What::Expired | What::Withdrawn | What::Evaluated(Outcome::NotEvaluable) => *taken -= 1,
            _ => {}
        }
        let Some(after) = event.cohort else { continue };
        assert_eq!(after.taken, *taken);
        let limit = match after.stage {
            Stage::OpenStage1 | Stage::InterimHold | Stage::ClosedFutility => DESIGN.n1,
            Stage::OpenStage2 | Stage::Complete | Stage::ClosedNoSignal => DESIGN.n,
            Stage::Expansion => u32::MAX,
        };
        assert!(after.taken <= limit, "{after:?}");
    }
    assert!(!plan.contests.is_empty());
    for contest in &plan.contests {
        let offered = |patient| plan.events.iter().any(|it| it.patient == patient && it.what == What::Offered);
        assert!(offered(contest.winner) && !offered(contest.loser));
        assert_ne!(plan.patients[contest.winner].trust, plan.patients[contest.loser].trust);
        assert_eq!(plan.patients[contest.winner].cohort, plan.patients[contest.loser].cohort);
    }
}

#[test]
fn events_of_a_patient_follow_one_another() {
    let plan = Plan::draw(3, Scale::WHOLE).unwrap();
    assert!(plan.events.is_sorted_by_key(|event| event.day));
    let mut before: BTreeMap<usize, What> = BTreeMap::new();
    for event in &plan.events {
        if event.what == What::Analysed {
            assert!(matches!(event.cohort.unwrap().stage, Stage::Expansion | Stage::ClosedNoSignal));
            continue;
        }
        let last = before.insert(event.patient, event.what);
        let follows = match event.what {
            What::NoMatch | What::Matched => last.is_none(),
            What::NotPrioritised | What::Offered => last == Some(What::Matched),
            What::Declined | What::Expired | What::Withdrawn | What::Accepted => last == Some(What::Offered),
            What::OnTreatment => last == Some(What::Accepted),
            What::Evaluated(_) => last == Some(What::OnTreatment),
            What::FollowUp => matches!(last, Some(What::Evaluated(Outcome::Control | Outcome::NoControl))),
            What::OffStudy(Reason::Patient) => last == Some(What::Evaluated(Outcome::NotEvaluable)),
            What::OffStudy(Reason::Death) => last == Some(What::FollowUp),
            What::Analysed => false,
        };
        assert!(follows, "{last:?} {:?}", event.what);
    }
}

/// Stages that cohorts were in on the way, and at the end.
fn stages(plan: &Plan) -> (BTreeSet<Stage>, BTreeSet<Stage>) {
    let mut last = vec![Cohort::default(); plan.cohorts.len()];
    let mut on_the_way = BTreeSet::new();
    for event in &plan.events {
        let (Some(place), Some(now)) = (plan.patients[event.patient].cohort, event.cohort) else { continue };
        let before = std::mem::replace(&mut last[place], now).stage;
        on_the_way.insert(now.stage);
        let follows = match (before, now.stage) {
            (before, after) if before == after => true,
            (Stage::OpenStage1, after) => after == Stage::InterimHold,
            (Stage::InterimHold, Stage::OpenStage1) => now.taken < DESIGN.n1,
            (Stage::InterimHold, Stage::ClosedFutility) => (now.evaluable, now.benefit) == (DESIGN.n1, 0),
            (Stage::InterimHold, Stage::OpenStage2) => now.evaluable == DESIGN.n1 && now.benefit > DESIGN.r1,
            (Stage::OpenStage2, Stage::Complete) => now.evaluable == DESIGN.n,
            (Stage::Complete, Stage::Expansion) => now.benefit > DESIGN.r,
            (Stage::Complete, Stage::ClosedNoSignal) => now.benefit <= DESIGN.r,
            _ => false,
        };
        assert!(follows, "{before} {now:?}");
    }
    (on_the_way, last.iter().map(|cohort| cohort.stage).collect())
}

#[test]
fn cohorts_are_closed_and_expanded_by_the_protocol() {
    let draw = |seed, scale| stages(&Plan::draw(seed, scale).unwrap());
    let (on_the_way, at_the_end) = draw(1, Scale::WHOLE);
    // All but `ClosedNoSignal`, which few seeds have.
    let all = [
        Stage::OpenStage1,
        Stage::InterimHold,
        Stage::OpenStage2,
        Stage::ClosedFutility,
        Stage::Complete,
        Stage::Expansion,
    ];
    assert_eq!(on_the_way, BTreeSet::from(all));
    assert_eq!(at_the_end, BTreeSet::from([Stage::OpenStage1, Stage::ClosedFutility, Stage::Expansion]));
    // Another seed is no other trial.
    let ends: Vec<_> = (0..40).map(|seed| draw(seed, Scale::WHOLE).1).collect();
    let count = |stage| ends.iter().filter(|stages| stages.contains(&stage)).count();
    assert!(count(Stage::Expansion) >= 30 && count(Stage::ClosedFutility) >= 10);
    // A tenth has 15 evaluable patients; a cohort has 24.
    let (on_the_way, at_the_end) = draw(1, Scale::parse("0.1").unwrap());
    assert_eq!(on_the_way, BTreeSet::from([Stage::OpenStage1, Stage::InterimHold]));
    assert_eq!(at_the_end, on_the_way);
}
