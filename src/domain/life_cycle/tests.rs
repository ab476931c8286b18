use super::*;

fn enrolment() -> LifeCycle {
    LifeCycle::parse(include_str!("../../../mappings/trial/enrolment.toml"), &ENROLMENT_STATES).unwrap()
}

fn screening() -> LifeCycle {
    LifeCycle::parse(include_str!("../../../mappings/trial/screening.toml"), &SCREENING_STATES).unwrap()
}

fn cohort() -> LifeCycle {
    LifeCycle::parse(include_str!("../../../mappings/trial/cohort.toml"), &COHORT_STAGES).unwrap()
}

/// The steps that the trial's design allows; every other pair of states is none.
fn assert_steps(table: &LifeCycle, allowed: &[(&str, &[&str])]) {
    for from in table.states() {
        let next = allowed.iter().find(|(state, _)| *state == from).map_or(&[][..], |(_, next)| next);
        for to in table.states() {
            assert_eq!(table.follows(from, to), next.contains(&to), "{from} -> {to}");
        }
    }
}

#[test]
fn steps_of_a_patient_on_the_parent_study() {
    assert_steps(
        &screening(),
        &[
            ("referred", &["not-consented", "screening", "not-prioritised", "withdrawn", "off-study"]),
            ("not-consented", &["screening"]),
            ("screening", &["no-match", "not-prioritised", "withdrawn", "off-study"]),
            ("no-match", &["screening", "not-prioritised", "withdrawn", "off-study"]),
            ("not-prioritised", &["screening", "withdrawn", "off-study"]),
        ],
    );
}

#[test]
fn steps_of_a_patient_in_a_cohort() {
    assert_steps(
        &enrolment(),
        &[
            ("matched", &["offered", "withdrawn", "off-study"]),
            ("offered", &["matched", "offer-declined", "offer-expired", "accepted", "withdrawn", "off-study"]),
            ("offer-declined", &["matched", "offered", "off-study"]),
            ("offer-expired", &["matched", "offered", "withdrawn", "off-study"]),
            ("accepted", &["on-treatment", "withdrawn", "off-study"]),
            ("on-treatment", &["follow-up", "off-study"]),
            ("follow-up", &["off-study"]),
        ],
    );
}

#[test]
fn after_registration_there_is_no_withdrawal_and_nothing_follows_an_end() {
    let table = enrolment();
    for registered in ["on-treatment", "follow-up", "off-study"] {
        assert!(!table.leads(registered, "withdrawn"), "{registered}");
        assert!(!table.leads(registered, "offered"), "{registered}");
    }
    for (table, ends) in [(table, ["off-study", "withdrawn"]), (screening(), ["off-study", "withdrawn"])] {
        for end in ends {
            assert!(table.states().all(|next| !table.leads(end, next)), "{end}");
        }
    }
}

#[test]
fn a_closed_cohort_is_never_reopened() {
    let table = cohort();
    for closed in ["closed", "closed-futility", "closed-no-signal"] {
        assert!(table.states().all(|next| !table.leads(closed, next)), "{closed}");
    }
    for (from, to) in [
        ("open-stage2", "open-stage1"),
        ("open-stage2", "interim-hold"),
        ("open-stage2", "closed-futility"),
        ("complete", "open-stage2"),
        ("expansion", "complete"),
        ("expansion", "open-stage2"),
        ("interim-hold", "planned"),
    ] {
        assert!(!table.leads(from, to), "{from} -> {to}");
    }
    for (from, to) in [
        ("planned", "expansion"),
        ("open-stage1", "open-stage2"),
        ("interim-hold", "open-stage1"),
        ("complete", "closed-no-signal"),
        ("expansion", "closed"),
    ] {
        assert!(table.leads(from, to), "{from} -> {to}");
    }
    assert!(table.returns("suspended") && !table.returns("interim-hold"));
}

#[test]
fn the_statuses_are_those_of_the_profiles() {
    for (table, state, status) in [
        (screening(), "no-match", "ineligible"),
        (screening(), "not-consented", "not-registered"),
        (enrolment(), "accepted", "pending-on-study"),
        (enrolment(), "offer-declined", "withdrawn"),
        (cohort(), "suspended", "temporarily-closed-to-accrual-and-intervention"),
        (cohort(), "closed-futility", "completed"),
    ] {
        assert!(table.agrees(state, status), "{state}");
        assert!(!table.agrees(state, "active"), "{state}");
    }
}

#[test]
fn states_in_between_may_be_told_by_the_history() {
    let table = enrolment();
    assert!(!table.joins(Some("matched"), &[], "on-treatment"));
    assert!(table.joins(Some("matched"), &["eligible", "pending-on-study"], "on-treatment"));
    assert!(!table.joins(Some("matched"), &["pending-on-study"], "on-treatment"));
    assert!(!table.joins(Some("off-study"), &["eligible", "pending-on-study"], "on-treatment"));
    // The first that is known.
    assert!(table.joins(None, &[], "matched"));
    assert!(!table.joins(None, &[], "on-treatment"));
    assert!(table.joins(None, &["candidate", "eligible", "pending-on-study"], "on-treatment"));
    assert!(!table.joins(None, &["eligible"], "on-treatment"));
}

#[test]
fn a_table_with_a_defect_is_refused() {
    let text = |state: &str| format!("version = \"1\"\n{state}");
    let one = "[[state]]\ncode = \"a\"\nstatus = [\"x\"]\nstart = true\n";
    for (table, error) in [
        (text(one), "`b` is not in the table"),
        (text(&format!("{one}{one}")), "`a` stands twice"),
        (text(&format!("{one}[[state]]\ncode = \"c\"\nstatus = [\"x\"]\n")), "`c` is no state"),
        (text(&format!("{one}[[state]]\ncode = \"b\"\nstatus = [\"x\"]\n")), "nothing leads to `b`"),
        (text(&format!("{one}[[state]]\ncode = \"b\"\nstatus = []\nstart = true\n")), "`b` has no status"),
        (
            text(&format!("{one}next = [\"b\"]\n[[state]]\ncode = \"b\"\nstatus = [\"x\"]\nnext = [\"b\"]\n")),
            "`b` follows itself",
        ),
        (
            text(&format!("{one}next = [\"b\", \"d\"]\n[[state]]\ncode = \"b\"\nstatus = [\"x\"]\n")),
            "`d` after `a` is no state",
        ),
        (
            text(&format!(
                "{one}next = [\"b\"]\n[[state]]\ncode = \"b\"\nstatus = [\"x\"]\nreturns = true\nnext = [\"a\"]\n"
            )),
            "`b` returns and has a next state",
        ),
    ] {
        assert_eq!(LifeCycle::parse(&table, &["a", "b"]).unwrap_err(), error);
    }
    assert!(LifeCycle::parse("state = 1", &["a"]).is_err());
}
