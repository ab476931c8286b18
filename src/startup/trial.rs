//! Wiring of the way back: templates, and which state may follow which.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use super::outbound::reached;
use super::{invalid, issues, table};
use crate::config::Config;
use crate::destinations::fhir_source::FhirSource;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::life_cycle::{COHORT_STAGES, ENROLMENT_STATES, LifeCycle, SCREENING_STATES};
use crate::mapping::source::{MappingSet, Subject};
use crate::outbound::Policy;
use crate::pipeline::intake::Intake;
use crate::pipeline::trial::TrialMapping;
use crate::trial_poll::Poller;

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

/// What asks the trial system; none where it is not asked.
///
/// Errors: `config.*`.
pub fn poller(config: &Config, intake: &Arc<Intake>, policy: &Arc<Policy>) -> Result<Option<Poller>, Issue> {
    let Some(server) = config.trial.server() else { return Ok(None) };
    let options = reached(&server, policy, &intake.clock)?;
    let source = FhirSource::new(options, policy).map_err(|text| invalid("trial", text))?;
    let margin = config.trial.margin_seconds.clamp(1, 86_400);
    Ok(Some(Poller {
        source,
        intake: Arc::clone(intake),
        every: Duration::from_secs(config.trial.poll_seconds.clamp(1, 86_400)),
        margin: SignedDuration::from_secs(i64::try_from(margin).unwrap_or(300)),
    }))
}
