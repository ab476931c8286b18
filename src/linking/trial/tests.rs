use super::*;
use crate::domain::enrolment::{ProgressEntry, Standing};
use crate::domain::life_cycle::{COHORT_STAGES, ENROLMENT_STATES, SCREENING_STATES};

fn stages() -> LifeCycle {
    LifeCycle::parse(include_str!("../../../mappings/trial/cohort.toml"), &COHORT_STAGES).unwrap()
}

fn enrolments() -> LifeCycle {
    LifeCycle::parse(include_str!("../../../mappings/trial/enrolment.toml"), &ENROLMENT_STATES).unwrap()
}

fn screenings() -> LifeCycle {
    LifeCycle::parse(include_str!("../../../mappings/trial/screening.toml"), &SCREENING_STATES).unwrap()
}

fn cohort(stage: &str, sequence: u64) -> Cohort {
    Cohort { stage: stage.to_owned(), sequence, occurred: "2026-03-01T10:00:00Z".to_owned(), ..Cohort::default() }
}

/// The verdicts about events of one cohort, one after the other; what is taken is known from then on.
fn told(events: &[(&str, u64)]) -> Vec<Verdict> {
    let table = stages();
    let mut known = TrialCase::default();
    let decide = |&(stage, sequence): &(&str, u64)| {
        let event = cohort(stage, sequence);
        let verdict = decide_cohort(&known, &event, stage, &table);
        if verdict == Verdict::Take {
            known = known.after_cohort(&event, stage, &table);
        }
        verdict
    };
    events.iter().map(decide).collect()
}

#[test]
fn workflow_17_an_older_event_never_reopens_a_cohort() {
    use Verdict::{Illegal, Outdated, Repeat, Take};
    assert_eq!(
        told(&[("open-stage1", 1), ("closed", 5), ("open-stage1", 4), ("closed", 5), ("open-stage2", 5)]),
        [Take, Take, Outdated, Repeat, Outdated]
    );
    // Nor does a newer one.
    for closed in ["closed", "closed-futility", "closed-no-signal"] {
        for open in COHORT_STAGES.into_iter().filter(|stage| *stage != closed) {
            assert_eq!(told(&[(closed, 1), (open, 2)]), [Take, Illegal], "{closed} -> {open}");
        }
    }
}

#[test]
fn workflow_17_the_life_of_a_cohort_is_told() {
    let whole = ["planned", "open-stage1", "interim-hold", "open-stage2", "complete", "expansion", "closed"];
    let events: Vec<(&str, u64)> = whole.into_iter().zip(1..).collect();
    assert!(told(&events).iter().all(|verdict| *verdict == Verdict::Take));
    // A stage in between need not be told.
    assert_eq!(told(&[("planned", 1), ("open-stage2", 9)]), [Verdict::Take, Verdict::Take]);
    assert_eq!(told(&[("open-stage2", 1), ("open-stage1", 9)]), [Verdict::Take, Verdict::Illegal]);
}

#[test]
fn a_suspended_cohort_goes_on_from_where_it_was() {
    use Verdict::{Illegal, Take};
    for (after, verdict) in
        [("open-stage2", Take), ("complete", Take), ("closed", Take), ("open-stage1", Illegal), ("planned", Illegal)]
    {
        assert_eq!(told(&[("open-stage2", 1), ("suspended", 2), (after, 3)]), [Take, Take, verdict], "{after}");
    }
    // Told twice, it is still known where it was.
    let twice = told(&[("open-stage2", 1), ("suspended", 2), ("suspended", 3), ("open-stage1", 4)]);
    assert_eq!(twice.last(), Some(&Illegal));
    // Where it was is not known.
    assert_eq!(told(&[("suspended", 1), ("open-stage2", 2)]), [Take, Take]);
}

fn subject(state: &str, status: &str, sequence: u64, progress: &[&str]) -> TrialSubject {
    let entry = |status: &&str| ProgressEntry { status: (*status).to_owned(), ..ProgressEntry::default() };
    TrialSubject {
        state: state.to_owned(),
        status: status.to_owned(),
        sequence,
        patient_id: "p".to_owned(),
        progress: progress.iter().map(entry).collect(),
        occurred: "2026-03-01T10:00:00Z".to_owned(),
        ..TrialSubject::default()
    }
}

fn known(state: &str) -> TrialCase {
    TrialCase { is_known: true, state: state.to_owned(), sequence: 5, patient: "p".to_owned(), ..TrialCase::default() }
}

#[test]
fn every_step_of_a_patient_that_is_not_in_the_table_is_for_a_person() {
    for table in [enrolments(), screenings()] {
        for from in table.states() {
            for to in table.states() {
                let verdict = decide_subject(&known(from), &subject(to, "-", 6, &[]), "new", &table);
                let expected = if from == to || table.follows(from, to) { Verdict::Take } else { Verdict::Illegal };
                assert_eq!(verdict, expected, "{from} -> {to}");
            }
        }
    }
}

#[test]
fn out_of_order_events_never_take_a_patient_back() {
    let table = enrolments();
    for sequence in [1, 4, 5] {
        let late = subject("offered", "eligible", sequence, &[]);
        assert_eq!(decide_subject(&known("accepted"), &late, "other", &table), Verdict::Outdated, "{sequence}");
    }
    let newer = subject("offered", "eligible", 6, &[]);
    assert_eq!(decide_subject(&known("accepted"), &newer, "other", &table), Verdict::Illegal);
    let same = TrialCase { content: "same".to_owned(), ..known("accepted") };
    let again = subject("accepted", "pending-on-study", 5, &[]);
    assert_eq!(decide_subject(&same, &again, "same", &table), Verdict::Repeat);
}

#[test]
fn after_registration_a_withdrawal_is_off_study() {
    let table = enrolments();
    let decide =
        |from: &str, to: &str, status: &str| decide_subject(&known(from), &subject(to, status, 6, &[]), "", &table);
    assert_eq!(decide("accepted", "withdrawn", "withdrawn"), Verdict::Take);
    for registered in ["on-treatment", "follow-up"] {
        assert_eq!(decide(registered, "withdrawn", "withdrawn"), Verdict::Illegal);
        assert_eq!(decide(registered, "off-study", "off-study"), Verdict::Take);
    }
}

#[test]
fn a_patient_without_a_match_is_screened_again_with_a_new_sample() {
    let again = subject("screening", "screening", 6, &[]);
    assert_eq!(decide_subject(&known("no-match"), &again, "", &screenings()), Verdict::Take);
}

#[test]
fn the_history_of_a_resource_bridges_what_was_not_told() {
    let table = enrolments();
    let all = ["candidate", "eligible", "pending-on-study", "on-study-intervention"];
    let treated = |progress: &[&str]| subject("on-treatment", "on-study-intervention", 6, progress);
    assert_eq!(decide_subject(&known("matched"), &treated(&all), "", &table), Verdict::Take);
    assert_eq!(decide_subject(&known("matched"), &treated(&all[1..]), "", &table), Verdict::Take);
    assert_eq!(decide_subject(&known("matched"), &treated(&all[2..]), "", &table), Verdict::Illegal);
    assert_eq!(decide_subject(&TrialCase::default(), &treated(&all), "", &table), Verdict::Take);
    assert_eq!(decide_subject(&TrialCase::default(), &treated(&[]), "", &table), Verdict::Illegal);
    // A history does not lead out of an end.
    assert_eq!(decide_subject(&known("off-study"), &treated(&all), "", &table), Verdict::Illegal);
}

#[test]
fn a_subject_does_not_become_another_patient() {
    let other = TrialSubject { patient_id: "q".to_owned(), ..subject("offered", "eligible", 9, &[]) };
    assert_eq!(decide_subject(&known("matched"), &other, "", &enrolments()), Verdict::OtherPatient);
}

#[test]
fn evaluations_are_ordered_by_their_time() {
    let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    let first = milliseconds(at("2026-07-28T10:00:00Z").unwrap());
    let known = TrialCase { sequence: first, content: "one".to_owned(), ..known("final") };
    for (issued, content, verdict) in [
        (at("2026-07-28T10:00:01Z"), "two", Verdict::Take),
        (at("2026-07-28T09:59:59Z"), "two", Verdict::Outdated),
        (at("2026-07-28T10:00:00Z"), "two", Verdict::Outdated),
        (None, "one", Verdict::Repeat),
        (None, "two", Verdict::OrderUnknown),
    ] {
        assert_eq!(decide_evaluation(&known, issued, "p", content), verdict, "{issued:?} {content}");
    }
    assert_eq!(decide_evaluation(&known, None, "q", "one"), Verdict::OtherPatient);
    assert_eq!(decide_evaluation(&TrialCase::default(), None, "p", "one"), Verdict::Take);
}

fn standing(state: &str, at: i64, is_enrolment: bool) -> Standing {
    Standing { state: state.to_owned(), at, is_enrolment, reason: None }
}

fn referral(standings: &[(&str, &str, i64)]) -> ReferralCase {
    let mut case = ReferralCase::default();
    case.trial.authored = 100;
    for (key, state, at) in standings {
        case.trial.standings.insert((*key).to_owned(), standing(state, *at, key.starts_with('c')));
    }
    case
}

#[test]
fn a_task_follows_its_patient_and_only_a_rejection_is_its_own() {
    use Verdict::{Disagrees, Outdated, Take};
    let none = referral(&[]);
    let treated = referral(&[("c", "on-treatment", 500)]);
    for (case, state, at, verdict) in [
        (&none, "referred", 200, Take),
        (&none, "rejected", 200, Take),
        (&none, "on-treatment", 200, Disagrees),
        (&none, "cancelled", 200, Disagrees),
        (&treated, "on-treatment", 600, Take),
        (&treated, "offered", 400, Outdated),
        (&treated, "offered", 600, Disagrees),
        (&treated, "rejected", 600, Disagrees),
        (&treated, "rejected", 400, Outdated),
    ] {
        assert_eq!(decide_task(case, state, at, "x"), verdict, "{state} at {at}");
    }
    let mut known = none;
    (known.trial.task_modified, known.trial.task_content) = (200, "x".to_owned());
    assert_eq!(decide_task(&known, "referred", 200, "x"), Verdict::Repeat);
    assert_eq!(decide_task(&known, "referred", 200, "y"), Outdated);
    assert_eq!(decide_task(&known, "rejected", 199, "y"), Outdated);
}

#[test]
fn a_referral_stands_where_the_last_word_puts_it() {
    let mut case = referral(&[]);
    assert_eq!(case.trial.stand().state, "referred");
    case.trial.rejected = Some(Standing { reason: Some("why".to_owned()), ..standing("rejected", 300, false) });
    let stand = case.trial.stand();
    assert_eq!((stand.state.as_str(), stand.reason.as_deref()), ("rejected", Some("why")));
    // Later news of the patient count more than the rejection, earlier ones do not.
    case.trial.standings.insert("p".to_owned(), standing("screening", 200, false));
    assert_eq!(case.trial.stand().state, "rejected");
    case.trial.standings.insert("p".to_owned(), standing("screening", 400, false));
    let stand = case.trial.stand();
    assert_eq!((stand.state.as_str(), stand.subject.as_deref()), ("screening", Some("p")));
    case.trial.cancelled = Some(500);
    assert_eq!(case.trial.stand().state, "cancelled");
}

#[test]
fn a_history_is_kept_and_bounded() {
    let mut known = TrialCase::default();
    for (sequence, state) in (1..).zip(["matched", "offered", "offered", "accepted"]) {
        known = known.after(state, sequence, 0, "");
    }
    let states: Vec<&str> = known.history.iter().map(|step| step.state.as_str()).collect();
    assert_eq!(states, ["matched", "offered", "accepted"]);
    for sequence in 0..1_000 {
        known = known.after(if sequence % 2 == 0 { "offered" } else { "matched" }, sequence, 0, "");
    }
    assert_eq!(known.history.len(), HISTORY);
}

/// A patient of whom this was told, and a referral that was taken at 100.
fn later(told: &[(&str, &str, i64)]) -> (TrialPatient, TrialSide) {
    let mut patient = TrialPatient::default();
    for (id, state, at) in told {
        patient.stand(id, standing(state, *at, id.starts_with('c')));
    }
    let mut side = TrialSide { authored: 100, ..TrialSide::default() };
    side.take_over(&patient, 100);
    (patient, side)
}

#[test]
fn a_later_referral_takes_over_what_goes_on() {
    for (told, state, is_treated) in [
        (&[("p", "screening", 1)][..], "screening", false),
        (&[("p", "screening", 1), ("c", "offered", 2)], "offered", false),
        (&[("c", "follow-up", 2)], "follow-up", true),
        (&[("c", "off-study", 2)], "referred", false),
        (&[("p", "withdrawn", 2)], "referred", false),
        (&[], "referred", false),
    ] {
        let (_, side) = later(told);
        assert_eq!((side.stand().state.as_str(), side.is_treated), (state, is_treated), "{told:?}");
        assert_eq!(side.since, (!told.is_empty()).then_some(100), "{told:?}");
        assert_eq!(side.took_over(&side.stand()), state != "referred", "{told:?}");
    }
}

#[test]
fn a_later_referral_hears_what_is_its_own() {
    for (before, (id, state, at), expected) in [
        // What it took over, whenever that happened.
        (&[("c", "offered", 1)][..], ("c", "offer-declined", 2), "offer-declined"),
        // An end of before, told late or again.
        (&[("p", "not-prioritised", 1)], ("p", "withdrawn", 99), "referred"),
        (&[("c", "off-study", 1)], ("c", "off-study", 200), "referred"),
        // An end since.
        (&[("p", "not-prioritised", 1)], ("p", "withdrawn", 100), "withdrawn"),
        // What goes on, though it was told late.
        (&[("p", "no-match", 1)], ("p", "screening", 99), "screening"),
        // The first word of the patient.
        (&[], ("p", "not-consented", 1), "not-consented"),
    ] {
        let (mut patient, mut side) = later(before);
        let told = patient.stand(id, standing(state, at, id.starts_with('c')));
        let is_heard = side.hear(id, &told, at, &patient);
        assert_eq!((side.stand().state.as_str(), is_heard), (expected, expected != "referred"), "{before:?} {state}");
    }
}

#[test]
fn what_begins_anew_is_of_a_later_referral() {
    let before = &[("p", "screening", 1), ("c", "offer-declined", 2)];
    for (at, expected) in
        [(1, "referred"), (2, "referred"), (3, "screening"), (99, "screening"), (100, "screening"), (150, "screening")]
    {
        let (mut patient, mut side) = later(before);
        let kept = patient.stand("p", standing("screening", at, false));
        // Told again without an end in between it is as old as it was.
        assert_eq!(kept.at, if at > 2 { at } else { 1 });
        for _ in 0..2 {
            let is_heard = side.hear("p", &kept, at, &patient);
            assert_eq!((side.stand().state.as_str(), is_heard), (expected, expected != "referred"), "{at}");
        }
        // Since it began anew; told twice, it is the same.
        assert_eq!(side.standings.get("p").map(|standing| standing.at), (at > 2).then_some(at));
        assert_eq!(side.took_over(&side.stand()), (3..100).contains(&at), "{at}");
    }
}

#[test]
fn what_began_anew_is_what_goes_on_for_every_referral() {
    let mut patient = TrialPatient::default();
    let mut first = TrialSide { authored: 1, is_shown: true, ..TrialSide::default() };
    let mut waits = TrialSide { authored: 100, since: Some(100), ..TrialSide::default() };
    for (id, state, at, expected) in [
        ("p", "screening", 1, "screening"),
        ("c", "offer-declined", 2, "offer-declined"),
        ("p", "screening", 150, "screening"),
        ("p", "screening", 160, "screening"),
    ] {
        let kept = patient.stand(id, standing(state, at, id == "c"));
        assert!(first.hear(id, &kept, at, &patient));
        assert_eq!(first.stand().state, expected, "{id} {state} {at}");
    }
    // The consent comes after it was told.
    waits.take_over(&patient, 200);
    assert_eq!(waits.stand().state, "screening");
}

#[test]
fn who_has_heard_of_the_trial_goes_on_hearing() {
    let heard =
        TrialSide { standings: [("c".to_owned(), standing("on-treatment", 1, true))].into(), ..TrialSide::default() };
    assert!(heard.hears(true) && heard.hears(false));
    assert!(!TrialSide::default().hears(true));
}

#[test]
fn a_referral_without_consent_hears_nothing_where_another_was_shown() {
    let (patient, shown) = later(&[("p", "screening", 1)]);
    let mut waits = TrialSide { authored: 100, ..TrialSide::default() };
    assert!(waits.hears(false) && !waits.hears(true));
    waits.wait(&patient);
    assert!(!waits.hears(false) && !waits.hears(true));
    assert!(waits.standings.is_empty());
    let shown = TrialSide { is_shown: true, ..shown };
    assert!(shown.hears(true) && shown.hears(false));
    // A study subject id is a word, too; nothing is none.
    for (subject, is_later) in [(Some("subject/s".to_owned()), true), (None, false)] {
        let mut waits = TrialSide { authored: 100, ..TrialSide::default() };
        waits.wait(&TrialPatient { subject, ..TrialPatient::default() });
        assert_eq!(waits.hears(false), !is_later);
        // When the consent comes before the trial has said where the patient stands, all of it is its own.
        waits.take_over(&TrialPatient::default(), 200);
        assert_eq!(waits.since, None);
    }
}

#[test]
fn a_referral_takes_over_when_its_consent_comes() {
    let (mut patient, mut side) = later(&[]);
    let mut heard = |side: &mut TrialSide, id: &str, state: &str, at: i64, is_told: bool| {
        let kept = patient.stand(id, standing(state, at, id.starts_with('c')));
        patient.is_treated |= state == "on-treatment";
        if is_told {
            side.hear(id, &kept, at, &patient);
        }
        patient.clone()
    };
    // It has heard all: there is nothing to take over, and an old end that is told late is its own.
    let known = heard(&mut side, "p", "screening", 110, true);
    let before = side.clone();
    side.take_over(&known, 150);
    assert_eq!(side, before);
    // It was not told of what another referral was: what it knew goes on, what it did not know and has ended is not its own.
    heard(&mut side, "c1", "offered", 160, true);
    heard(&mut side, "c1", "on-treatment", 170, false);
    heard(&mut side, "c1", "off-study", 180, false);
    heard(&mut side, "p", "no-match", 190, false);
    let known = heard(&mut side, "c2", "offer-declined", 195, false);
    side.take_over(&known, 200);
    let stood: Vec<(&str, &str)> = side.standings.iter().map(|(id, one)| (id.as_str(), one.state.as_str())).collect();
    assert_eq!(stood, [("c1", "off-study"), ("p", "no-match")]);
    assert_eq!((side.since, side.is_treated), (Some(200), true));
}

#[test]
fn only_a_referral_that_took_over_may_be_rejected_where_its_patient_goes_on() {
    let (_, side) = later(&[("c", "offered", 1)]);
    let mut case = ReferralCase { trial: side, ..ReferralCase::default() };
    assert_eq!(decide_task(&case, "rejected", 200, "x"), Verdict::Take);
    case.trial.standings.insert("c".to_owned(), standing("accepted", 150, true));
    assert_eq!(decide_task(&case, "rejected", 200, "x"), Verdict::Disagrees);
}
