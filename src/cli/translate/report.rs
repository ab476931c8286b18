//! `translate report`.

use std::collections::HashSet;
use std::path::Path;

use indicatif::ProgressBar;

use super::super::arguments::ReportArguments;
use super::super::{End, accounting, nothing, output, progress, summary};
use super::{formatted, gravest_first, tell};
use crate::config::Config;
use crate::domain::issue::{Issue, IssueCode, Location, Severity};
use crate::fhir::operation_outcome::operation_outcome;
use crate::pipeline::{PatientBundle, Receiver, Translation, translate};
use crate::startup;

pub(in crate::cli) fn report(
    arguments: &ReportArguments,
    environment: Vec<(String, String)>,
) -> Result<End, Vec<Issue>> {
    let config = Config::load(arguments.config.as_deref(), environment).map_err(|issue| vec![issue])?;
    let gateway = startup::load(&config)?;
    let mut given = Given::new(arguments);
    let mut translation = translate(&gateway, &arguments.path, &mut given);
    given.bar.finish_and_clear();
    let unprinted = given.is_unprintable();
    if unprinted {
        let text = format!("{} patients under the path", translation.patients);
        translation.account.issue(IssueCode::SeveralPatients, Location::default(), text);
        translation.account.ledger.withdraw(IssueCode::SeveralPatients, "several patients: nothing was printed");
    }
    write_side_files(arguments, &translation).map_err(|issue| vec![issue])?;
    if let Some(refused) = translation.refused {
        return Err(vec![refused]);
    }
    let issues = &translation.account.issues;
    let is_fatal = issues.iter().any(|issue| issue.code.severity() == Severity::Fatal);
    if unprinted || translation.given == 0 || is_fatal {
        return Ok(nothing(&gravest_first(issues)));
    }
    if let Err(issue) = output::print(&given.to_print) {
        // Nothing was given out, so no row may name a resource.
        translation.account.ledger.withdraw(IssueCode::OutputUnwritable, "the output could not be written");
        translation.account.issues.push(issue.clone());
        let _ = write_side_files(arguments, &translation);
        return Err(vec![issue]);
    }
    Ok(tell(&translation.account.issues))
}

/// What is done with each Bundle: written to the folder, or kept for standard output.
struct Given<'a> {
    arguments: &'a ReportArguments,
    bar: ProgressBar,
    patients: usize,
    done: u64,
    names: HashSet<String>,
    to_print: String,
}

impl<'a> Given<'a> {
    fn new(arguments: &'a ReportArguments) -> Self {
        let (names, to_print) = (HashSet::new(), String::new());
        Self { arguments, bar: progress::bar(0), patients: 0, done: 0, names, to_print }
    }

    /// Without `--out` nothing is printed of several patients.
    fn is_unprintable(&self) -> bool {
        self.arguments.out.is_none() && self.patients > 1
    }
}

impl Receiver for Given<'_> {
    fn total(&mut self, patients: usize) {
        self.patients = patients;
        if patients > 1 {
            self.bar.set_length(patients as u64);
        }
    }

    fn take(&mut self, patient: PatientBundle) -> Result<(), Issue> {
        self.done += 1;
        if self.patients > 1 {
            self.bar.set_position(self.done);
        }
        if self.is_unprintable() {
            return Ok(());
        }
        if let Some(folder) = &self.arguments.out {
            write_bundle(folder, &patient, &mut self.names, self.arguments.pretty)?;
        }
        if self.arguments.summary {
            self.to_print.push_str(&summary::table(&patient));
        } else if self.arguments.out.is_none() {
            self.to_print = formatted(&patient.bundle, self.arguments.pretty).into_owned();
        }
        Ok(())
    }
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

fn make_folder(folder: &Path) -> Result<(), Issue> {
    std::fs::create_dir_all(folder).map_err(|error| {
        let location = Location { file: Some(folder.display().to_string().into()), ..Location::default() };
        Issue::new(IssueCode::OutputUnwritable, location, format!("cannot be made: {}", error.kind()))
    })
}

fn write_bundle(
    folder: &Path,
    patient: &PatientBundle,
    names: &mut HashSet<String>,
    pretty: bool,
) -> Result<(), Issue> {
    make_folder(folder)?;
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
    output::write_file(&path, |writer| writer.write_all(formatted(&patient.bundle, pretty).as_bytes()))
}
