//! Which state may follow which: a table under `mappings/trial/`, checked when it is loaded.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// Stages of a cohort, in the order of the code system.
pub const COHORT_STAGES: [&str; 10] = [
    "planned",
    "open-stage1",
    "interim-hold",
    "open-stage2",
    "closed-futility",
    "complete",
    "expansion",
    "closed-no-signal",
    "suspended",
    "closed",
];

/// States of a patient on the parent study.
pub const SCREENING_STATES: [&str; 7] =
    ["referred", "not-consented", "screening", "no-match", "not-prioritised", "withdrawn", "off-study"];

/// States of a patient in a cohort.
pub const ENROLMENT_STATES: [&str; 9] = [
    "matched",
    "offered",
    "offer-declined",
    "offer-expired",
    "accepted",
    "on-treatment",
    "follow-up",
    "off-study",
    "withdrawn",
];

/// A table of states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifeCycle(BTreeMap<String, State>);

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    code: String,
    status: Vec<String>,
    #[serde(default)]
    start: bool,
    #[serde(default)]
    returns: bool,
    #[serde(default)]
    next: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: String,
    state: Vec<State>,
}

impl LifeCycle {
    /// Reads a table that must have these states.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str, states: &[&str]) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let mut table = BTreeMap::new();
        for state in file.state {
            if !states.contains(&state.code.as_str()) {
                return Err(format!("`{}` is no state", state.code));
            }
            if state.status.is_empty() {
                return Err(format!("`{}` has no status", state.code));
            }
            if state.returns && !state.next.is_empty() {
                return Err(format!("`{}` returns and has a next state", state.code));
            }
            if let Some(twice) = table.insert(state.code.clone(), state) {
                return Err(format!("`{}` stands twice", twice.code));
            }
        }
        let table = Self(table);
        table.check(states)?;
        Ok(table)
    }

    fn check(&self, states: &[&str]) -> Result<(), String> {
        for code in states {
            if !self.0.contains_key(*code) {
                return Err(format!("`{code}` is not in the table"));
            }
            let is_reached =
                self.is_start(code) || self.0.values().any(|from| from.next.contains(*code) && from.code != *code);
            if !is_reached {
                return Err(format!("nothing leads to `{code}`"));
            }
        }
        for state in self.0.values() {
            if let Some(unknown) = state.next.iter().find(|next| !self.0.contains_key(*next)) {
                return Err(format!("`{unknown}` after `{}` is no state", state.code));
            }
            if state.next.contains(&state.code) {
                return Err(format!("`{}` follows itself", state.code));
            }
        }
        Ok(())
    }

    /// The states, in order of their codes.
    pub fn states(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// How many steps from one state to the next there are.
    pub fn steps(&self) -> usize {
        self.0.values().map(|state| state.next.len()).sum()
    }

    /// Whether a state may have the status.
    pub fn agrees(&self, state: &str, status: &str) -> bool {
        self.0.get(state).is_some_and(|state| state.status.iter().any(|one| one == status))
    }

    /// Whether a history may begin with the state.
    pub fn is_start(&self, state: &str) -> bool {
        self.0.get(state).is_some_and(|state| state.start)
    }

    /// Whether the state goes on from where it was before.
    pub fn returns(&self, state: &str) -> bool {
        self.0.get(state).is_some_and(|state| state.returns)
    }

    /// Whether one state may follow another at once.
    pub fn follows(&self, from: &str, to: &str) -> bool {
        self.0.get(from).is_some_and(|from| from.next.contains(to))
    }

    /// Whether one state may follow another with others in between.
    pub fn leads(&self, from: &str, to: &str) -> bool {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open = vec![from];
        while let Some(state) = open.pop() {
            for next in self.0.get(state).iter().flat_map(|state| &state.next) {
                if next == to {
                    return true;
                }
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        false
    }

    /// Whether a state may follow another (none: is the first that is known) where the states in between had these statuses.
    pub fn joins(&self, from: Option<&str>, between: &[&str], to: &str) -> bool {
        let mut at: BTreeSet<&str> = match (from, between) {
            (Some(from), _) => BTreeSet::from([from]),
            (None, []) => return self.is_start(to),
            (None, [first, ..]) => {
                self.states().filter(|state| self.is_start(state) && self.agrees(state, first)).collect()
            }
        };
        let between = if from.is_none() { between.get(1..).unwrap_or_default() } else { between };
        for status in between {
            at = self
                .states()
                .filter(|next| self.agrees(next, status) && at.iter().any(|from| self.follows(from, next)))
                .collect();
        }
        at.iter().any(|from| self.follows(from, to))
    }
}

#[cfg(test)]
mod tests;
