//! `links`: which sample belongs to which referral.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::End;
use super::arguments::{LinksCommand, LinksImportArguments, LinksResolveArguments};
use super::journal::{Environment, intake, one, print, saw, who, with};
use crate::config;
use crate::domain::disposition::Disposition;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::journal::Filter;
use crate::pipeline::intake::{Intake, LinkError, Target};

/// Reports that are listed.
const COUNT: i64 = 1_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    sample_id: String,
    referral: Option<String>,
    requisition: Option<String>,
    requester: Option<String>,
}

pub(super) fn links(command: &LinksCommand, environment: Environment) -> Result<End, Vec<Issue>> {
    match command {
        LinksCommand::List(arguments) => list(&arguments.config, environment),
        LinksCommand::Import(arguments) => import(arguments, environment),
        LinksCommand::Resolve(arguments) => resolve(arguments, environment),
    }
}

fn list(config: &Path, environment: Environment) -> Result<End, Vec<Issue>> {
    with(config, environment, |config| async move {
        let intake = intake(&config).await?;
        let (mut text, mut patients) = (String::new(), BTreeSet::new());
        for disposition in [Disposition::AwaitingReferral, Disposition::Quarantined] {
            let disposition = Some(disposition.as_str().to_owned());
            let filter = Filter { disposition, limit: COUNT, ..Filter::default() };
            let rows = intake.journal.messages(filter).await.map_err(|error| one(&error))?;
            for row in rows.into_iter().filter(|row| row.kind == "report") {
                patients.insert(row.patient.clone());
                let line = [row.received.to_string(), row.sender, row.disposition, row.id, row.reason];
                text.push_str(&line.join("\t"));
                text.push('\n');
            }
        }
        saw(&intake.journal, "search", patients, "links").await?;
        print(&text)
    })
}

fn import(arguments: &LinksImportArguments, environment: Environment) -> Result<End, Vec<Issue>> {
    let text = config::read_bounded(&arguments.links).map_err(|issue| vec![issue])?;
    let name: Arc<str> = arguments.links.display().to_string().into();
    with(&arguments.config, environment, |config| async move {
        let intake = intake(&config).await?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let (mut count, mut wrong, mut doubts) = (0, Vec::new(), Vec::new());
        for (index, line) in reader.deserialize::<Line>().enumerate() {
            // The first line has the names of the columns.
            let place = Location::file(&name).line(u32::try_from(index + 2).unwrap_or(u32::MAX));
            match take(&intake, line).await {
                Ok(doubt) => {
                    count += 1;
                    doubts.extend(doubt.map(|doubt| Issue { location: place, ..doubt }));
                }
                Err(LinkError::Journal(error)) => return Err(one(&error)),
                Err(LinkError::Invalid(text)) => wrong.push(Issue::new(IssueCode::LinkInvalid, place, text)),
            }
        }
        let mut stderr = std::io::stderr().lock();
        for issue in wrong.iter().chain(&doubts) {
            let _ = writeln!(stderr, "{}: {issue}", issue.code.severity().as_str());
        }
        print(&format!("{count} links taken, {} not\n", wrong.len()))?;
        Ok(if wrong.is_empty() { End::Done } else { End::WithErrors })
    })
}

/// Takes a line; what may keep it from leading anywhere.
async fn take(intake: &Arc<Intake>, line: Result<Line, csv::Error>) -> Result<Option<Issue>, LinkError> {
    let form = LinkError::Invalid("not a line with sample_id and either referral, or requisition and its requester");
    let Ok(line) = line else { return Err(form) };
    let given = |cell: Option<String>| cell.filter(|cell| !cell.is_empty());
    let target = match (given(line.referral), given(line.requisition), given(line.requester)) {
        (Some(id), None, None) => Target::Referral(id),
        (None, Some(number), requester) => Target::Requisition { number, requester },
        _ => return Err(form),
    };
    intake.link(&[line.sample_id], &target, &who()).await?;
    Ok(target.doubt())
}

fn resolve(arguments: &LinksResolveArguments, environment: Environment) -> Result<End, Vec<Issue>> {
    let LinksResolveArguments { message, referral, config } = arguments;
    with(config, environment, |config| async move {
        let intake = intake(&config).await?;
        intake.resolve(message, referral, &who()).await.map_err(|error| vec![error.issue()])?;
        let row = intake.journal.message(message.clone()).await.map_err(|error| one(&error))?;
        let text = row.map(|row| format!("{}\t{}\t{}\n", row.id, row.disposition, row.reason));
        print(&text.unwrap_or_default())
    })
}
