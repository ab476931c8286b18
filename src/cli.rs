//! The command line.

mod accounting;
mod arguments;
mod audit;
mod cohorts;
mod demo;
mod export;
mod grants;
mod journal;
mod links;
mod mappings;
mod output;
mod profiles;
mod progress;
mod serve;
mod summary;
mod translate;
mod validate;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::domain::issue::{Issue, IssueCode, Location};
use crate::fhir::operation_outcome::operation_outcome;
use arguments::{Arguments, Command, MappingsCommand, ProfilesCommand, TranslateCommand};

/// How a command ended; the number is the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Done; warnings are allowed.
    Done = 0,
    /// Done, but some parts had errors.
    WithErrors = 1,
    /// Nothing was printed.
    Nothing = 2,
}

/// Runs the program with `arguments` (the first one is its name) and `environment`.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> ExitCode {
    let environment = environment.into_iter().filter_map(|(key, value)| {
        let text = |part: OsString| part.into_string().ok();
        Some((text(key)?, text(value)?))
    });
    let end = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => dispatch(arguments.command, environment.collect()),
        Err(error) => usage(&error),
    };
    ExitCode::from(end as u8)
}

fn dispatch(command: Command, environment: Vec<(String, String)>) -> End {
    let end = match command {
        Command::Translate(TranslateCommand::Report(arguments)) => translate::report(&arguments, environment),
        Command::Translate(TranslateCommand::Referral(arguments)) => translate::referral(&arguments, environment),
        Command::Mappings(MappingsCommand::Check(arguments)) => mappings::check(&arguments, environment),
        Command::Mappings(MappingsCommand::Fields) => mappings::fields(),
        Command::Profiles(ProfilesCommand::Compile(arguments)) => profiles::compile(&arguments),
        Command::Profiles(ProfilesCommand::Export(arguments)) => export::export(&arguments, environment),
        Command::Validate(arguments) => validate::validate(&arguments, environment),
        Command::Serve(arguments) => serve::serve(&arguments, environment),
        Command::Demo(arguments) => demo::demo(&arguments, environment),
        Command::Consent(command) => journal::consent(&command, environment),
        Command::Messages(arguments) => journal::messages(&arguments, environment),
        Command::DeadLetters(arguments) => journal::dead_letters(&arguments, environment),
        Command::Replay(arguments) => journal::replay(&arguments, environment),
        Command::Grants(command) => grants::grants(&command, environment),
        Command::Links(command) => links::links(&command, environment),
        Command::Cohorts(arguments) => cohorts::cohorts(&arguments, environment),
        Command::Audit(command) => audit::audit(&command, environment),
        Command::Backup(arguments) => journal::backup(&arguments, environment),
    };
    end.unwrap_or_else(|issues| nothing(&issues))
}

/// Ends with nothing printed: the issues for a person, then the OperationOutcome on the last line of standard error.
fn nothing(issues: &[Issue]) -> End {
    let mut stderr = std::io::stderr().lock();
    for issue in issues {
        let _ = writeln!(stderr, "{}: {issue}", issue.code.severity().as_str());
    }
    let _ = writeln!(stderr, "{}", operation_outcome(issues));
    End::Nothing
}

fn usage(error: &clap::Error) -> End {
    let _ = error.print();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return End::Done;
    }
    let text = format!("the command line is not understood: {}", error.kind());
    let _ = writeln!(
        std::io::stderr(),
        "{}",
        operation_outcome(&[Issue::new(IssueCode::UsageInvalid, Location::default(), text)])
    );
    End::Nothing
}
