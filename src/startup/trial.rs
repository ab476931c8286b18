//! Wiring of the way back: templates, and which state may follow which.

use std::path::Path;

use super::{issues, table};
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::life_cycle::{COHORT_STAGES, ENROLMENT_STATES, LifeCycle, SCREENING_STATES};
use crate::mapping::source::{MappingSet, Subject};
use crate::pipeline::trial::TrialMapping;

/// File, text that the program carries, states that it must have.
const TABLES: [(&str, &str, &[&str]); 3] = [
    ("trial/cohort.toml", include_str!("../../mappings/trial/cohort.toml"), &COHORT_STAGES),
    ("trial/screening.toml", include_str!("../../mappings/trial/screening.toml"), &SCREENING_STATES),
    ("trial/enrolment.toml", include_str!("../../mappings/trial/enrolment.toml"), &ENROLMENT_STATES),
];

/// The tables of states: of cohorts, on the parent study, in a cohort. Those of the directory replace those of the program.
///
/// Errors: every `mapping.table-invalid` and `config.unreadable`.
pub fn life_cycles(directory: Option<&Path>) -> Result<[LifeCycle; 3], Vec<Issue>> {
    let mut found = Vec::new();
    let mut tables = Vec::new();
    for (name, embedded, states) in TABLES {
        let parsed = table(directory, name, embedded).and_then(|text| {
            let location = || Location::file(&name.into());
            LifeCycle::parse(&text, states).map_err(|text| Issue::new(IssueCode::MappingTableInvalid, location(), text))
        });
        match parsed {
            Ok(table) => tables.push(table),
            Err(issue) => found.push(issue),
        }
    }
    <[LifeCycle; 3]>::try_from(tables).map_err(|_| found)
}

/// What the way back needs.
///
/// Errors: all `mapping.*` issues that are found.
pub(super) fn mapping(
    directory: Option<&Path>,
    mappings: &MappingSet,
    organisation: Option<&str>,
) -> Result<TrialMapping, Vec<Issue>> {
    let templates = mappings.compile(organisation, Subject::Trial).map_err(issues)?;
    let [cohorts, screenings, enrolments] = life_cycles(directory)?;
    Ok(TrialMapping { templates, cohorts, screenings, enrolments })
}
