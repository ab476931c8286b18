//! `translate report`.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;

use super::arguments::ReportArguments;
use super::{End, accounting, nothing, output, progress, summary};
use crate::config::Config;
use crate::domain::issue::{Issue, IssueCode, Location, Severity};
use crate::fhir::operation_outcome::operation_outcome;
use crate::pipeline::{PatientBundle, Translation, translate};
use crate::startup;

/// How many issues standard error shows; `--issues` has all of them.
const SHOWN_ISSUES: usize = 20;

pub(super) fn report(arguments: &ReportArguments, environment: Vec<(String, String)>) -> Result<End, Vec<Issue>> {
    let config = Config::load(arguments.config.as_deref(), environment).map_err(|issue| vec![issue])?;
    let gateway = startup::load(&config)?;
    let bar = progress::bar(0);
    let mut translation = translate(&gateway, &arguments.path, |total, done| {
        if total > 1 {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
    });
    bar.finish_and_clear();
    if arguments.out.is_none() && translation.patients.len() > 1 {
        let text = format!("{} patients under the path", translation.patients.len());
        translation.account.issue(IssueCode::SeveralPatients, Location::default(), text);
        list_unprinted(&mut translation);
    }
    write_side_files(arguments, &translation).map_err(|issue| vec![issue])?;
    let issues = &translation.account.issues;
    if translation.patients.is_empty() || issues.iter().any(|issue| issue.code.severity() == Severity::Fatal) {
        return Ok(nothing(&gravest_first(issues)));
    }
    if let Err(issue) = print_result(arguments, &translation) {
        // Nothing was given out, so no row may name a resource.
        translation.account.ledger.withdraw(IssueCode::OutputUnwritable, "the output could not be written");
        translation.account.issues.push(issue.clone());
        let _ = write_side_files(arguments, &translation);
        return Err(vec![issue]);
    }
    Ok(tell(&translation.account.issues))
}

/// Without `--out` nothing is printed of several patients, so no row may name a resource.
fn list_unprinted(translation: &mut Translation) {
    translation.account.ledger.withdraw(IssueCode::SeveralPatients, "several patients: nothing was printed");
    translation.patients.clear();
}

fn write_side_files(arguments: &ReportArguments, translation: &Translation) -> Result<(), Issue> {
    if let Some(path) = &arguments.accounting {
        output::write_file(path, |writer| accounting::write(&translation.account.ledger, writer))?;
    }
    if let Some(path) = &arguments.issues {
        let outcome = operation_outcome(&translation.account.issues).to_string();
        output::write_file(path, |writer| writer.write_all(outcome.as_bytes()))?;
    }
    Ok(())
}

fn print_result(arguments: &ReportArguments, translation: &Translation) -> Result<(), Issue> {
    if let Some(folder) = &arguments.out {
        write_bundles(folder, &translation.patients, arguments.pretty)?;
    }
    if arguments.summary {
        return output::print(&summary::table(&translation.patients));
    }
    match (&arguments.out, translation.patients.as_slice()) {
        (None, [patient]) => output::print(&formatted(&patient.bundle, arguments.pretty)),
        _ => Ok(()),
    }
}

fn write_bundles(folder: &Path, patients: &[PatientBundle], pretty: bool) -> Result<(), Issue> {
    std::fs::create_dir_all(folder).map_err(|error| {
        let location = Location { file: Some(folder.display().to_string().into()), ..Location::default() };
        Issue::new(IssueCode::OutputUnwritable, location, format!("cannot be made: {}", error.kind()))
    })?;
    let mut names = std::collections::HashSet::new();
    for patient in patients {
        let safe: String = patient
            .patient_key
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' })
            .collect();
        // Two foreign keys can become one file name.
        let name = (1..)
            .map(|n| if n == 1 { safe.clone() } else { format!("{safe}.{n}") })
            .find(|name| names.insert(name.clone()));
        let path = folder.join(format!("{}.json", name.unwrap_or(safe)));
        output::write_file(&path, |writer| writer.write_all(formatted(&patient.bundle, pretty).as_bytes()))?;
    }
    Ok(())
}

/// The Bundle as it is, or indented, in both cases with a line break at the end.
fn formatted(bundle: &str, pretty: bool) -> Cow<'_, str> {
    if !pretty {
        return Cow::Borrowed(bundle);
    }
    let value = serde_json::from_str::<Value>(bundle).ok();
    match value.and_then(|value| serde_json::to_string_pretty(&value).ok()) {
        Some(indented) => Cow::Owned(indented + "\n"),
        None => Cow::Borrowed(bundle),
    }
}

/// Says on standard error what a person must know, the gravest first.
fn tell(issues: &[Issue]) -> End {
    use std::io::Write;
    let mut stderr = std::io::stderr().lock();
    let grave: Vec<Issue> =
        gravest_first(issues).into_iter().filter(|issue| issue.code.severity() >= Severity::Warning).collect();
    for issue in grave.iter().take(SHOWN_ISSUES) {
        let _ = writeln!(stderr, "{}: {issue}", issue.code.severity().as_str());
    }
    if grave.len() > SHOWN_ISSUES {
        let _ = writeln!(stderr, "{} further issues; --issues FILE writes them all", grave.len() - SHOWN_ISSUES);
    }
    let errors = grave.iter().any(|issue| issue.code.severity() >= Severity::Error);
    if errors { End::WithErrors } else { End::Done }
}

fn gravest_first(issues: &[Issue]) -> Vec<Issue> {
    let mut issues = issues.to_vec();
    issues.sort_by_key(|issue| std::cmp::Reverse(issue.code.severity()));
    issues
}
