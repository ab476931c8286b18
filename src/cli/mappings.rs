//! `mappings check` and `mappings fields`.

use std::sync::Arc;

use super::arguments::CheckArguments;
use super::{End, output};
use crate::config::Config;
use crate::domain::issue::Issue;
use crate::domain::life_cycle::LifeCycle;
use crate::mapping::source::Subject;
use crate::mapping::{MappingError, fields};
use crate::sources::hl7v2_ref::binding::{self, Bindings, Coverage};
use crate::startup::trial::life_cycles;
use crate::startup::{ReferenceData, bindings, mapping_set, reference_data};

/// Compiles the mapping without overlay and with each overlay, loads trusts and codes, and runs the tests beside the
/// bindings; lists every defect.
pub(super) fn check(arguments: &CheckArguments, environment: Vec<(String, String)>) -> Result<End, Vec<Issue>> {
    let config = Config::load(arguments.config.as_deref(), environment).map_err(|issue| vec![issue])?;
    let directory = arguments.directory.as_deref().or(config.mappings.directory.as_deref());
    let set = mapping_set(directory, config.mappings.canonical_base.as_deref())?;
    let mut defects: Vec<Issue> = Vec::new();
    let mut report = String::new();
    let overlays = set.overlays();
    for overlay in std::iter::once(None).chain(overlays.into_iter().map(Some)) {
        let name = overlay.map_or("no overlay".to_owned(), |organisation| format!("overlay {organisation}"));
        for subject in Subject::ALL {
            match set.compile(overlay, subject) {
                Ok(templates) => {
                    let count = templates.profiles().count();
                    report.push_str(&format!("{name}: {count} templates of a {}\n", subject.name()));
                }
                Err(errors) => {
                    for issue in errors.iter().map(MappingError::to_issue) {
                        if !defects.contains(&issue) {
                            defects.push(issue);
                        }
                    }
                }
            }
        }
    }
    match reference_data(directory) {
        Ok(data) => {
            report.push_str(&counts(&data));
            match bindings(directory, &Arc::new(data.code_tables)) {
                Ok(bindings) => defects.extend(checked(&bindings, &mut report)),
                Err(found) => defects.extend(found),
            }
        }
        Err(found) => defects.extend(found),
    }
    match life_cycles(directory) {
        Ok(tables) => {
            let states: usize = tables.iter().map(|table| table.states().count()).sum();
            let steps: usize = tables.iter().map(LifeCycle::steps).sum();
            report.push_str(&format!("trial: {} tables, {states} states, {steps} steps\n", tables.len()));
        }
        Err(found) => defects.extend(found),
    }
    if !defects.is_empty() {
        return Err(defects);
    }
    output::print(&report).map_err(|issue| vec![issue])?;
    Ok(End::Done)
}

/// What the table of trusts and the code tables hold.
fn counts(data: &ReferenceData) -> String {
    let trusts = data.trusts.trusts();
    let private = trusts.iter().filter(|trust| trust.private).count();
    let sites: usize = trusts.iter().map(|trust| trust.sites.len()).sum();
    let (mut tables, mut codes) = (0_usize, 0);
    for (_, table) in data.code_tables.iter() {
        tables += 1;
        codes += table.codes().count();
    }
    format!(
        "trusts: {} health trusts, {private} private, {sites} sites\ncode tables: {tables} tables, {codes} codes\n",
        trusts.len() - private
    )
}

/// Runs the tests beside the bindings and tells what they cover; gives what they expected otherwise.
fn checked(bindings: &Bindings, report: &mut String) -> Vec<Issue> {
    let result = binding::check(bindings);
    report.push_str(&format!("tests of bindings: {}\n", result.tests));
    for (organisation, coverage) in &result.coverage {
        let name = if organisation.is_empty() { "no overlay".to_owned() } else { format!("overlay {organisation}") };
        report.push_str(&format!("binding, {name}: {}\n", covered(coverage)));
        for unread in &coverage.unread {
            let name = unread.name.as_deref().unwrap_or("local segment");
            report.push_str(&format!("  not read: {} ({name}), {} times\n", unread.path, unread.count));
        }
    }
    result.failures.iter().map(MappingError::to_issue).collect()
}

fn covered(coverage: &Coverage) -> String {
    if coverage.messages == 0 {
        return "no test with a message that is read".to_owned();
    }
    let unread: usize = coverage.unread.iter().map(|unread| unread.count).sum();
    format!("{} messages with {} values, {unread} of them not read", coverage.messages, coverage.values)
}

/// Prints the field list of `docs/mapping.md`.
pub(super) fn fields() -> Result<End, Vec<Issue>> {
    output::print(&fields::markdown(&Subject::ALL.map(Subject::record))).map_err(|issue| vec![issue])?;
    Ok(End::Done)
}
