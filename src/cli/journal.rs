//! Commands of a person who runs the gateway, on its journal; they work while it serves.

use std::collections::BTreeSet;
use std::future::Future;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};

use super::End;
use super::arguments::{
    BackupArguments, ConsentArguments, ConsentCommand, DeadLettersArguments, MessagesArguments, ReplayArguments,
};
use crate::clock::SystemClock;
use crate::config::{Config, Store};
use crate::domain::disposition::Disposition;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::journal::sqlite::SqliteJournal;
use crate::journal::{Audit, Change, Filter, Journal, JournalError, MessageRow};
use crate::linking::case::key_of_referral;
use crate::linking::consent::ConsentState;
use crate::pipeline::intake::{ConsentError, Intake, Who, audit};
use crate::startup::service;

/// Rows that are read at once.
const PAGE: i64 = 500;

pub(super) type Environment = Vec<(String, String)>;

/// Runs on the runtime, with the configuration.
pub(super) fn with<T, F: Future<Output = Result<T, Vec<Issue>>>>(
    config: &Path,
    environment: Environment,
    work: impl FnOnce(Config) -> F,
) -> Result<T, Vec<Issue>> {
    let config = Config::load(Some(config), environment).map_err(|issue| vec![issue])?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|_| one(&JournalError::Unavailable("no runtime".to_owned())))?;
    runtime.block_on(work(config))
}

pub(super) fn one(error: &JournalError) -> Vec<Issue> {
    vec![error.issue()]
}

pub(super) async fn intake(config: &Config) -> Result<Arc<Intake>, Vec<Issue>> {
    let journal = service::journal(config).await.map_err(|issue| vec![issue])?;
    let intake = service::intake(config, journal, Arc::new(SystemClock))?;
    service::check_key(&intake).await.map_err(|issue| vec![issue])?;
    Ok(intake)
}

pub(super) fn who() -> Who {
    let trace = uuid::Uuid::new_v4().simple().to_string();
    // The account of the operating system is no person of ours and no proof of one: what the rows say is that it was done on
    // the host.
    Who {
        organisation: "operator".to_owned(),
        role: "operator",
        client: "command-line".to_owned(),
        network: None,
        trace,
    }
}

pub(super) fn consent(command: &ConsentCommand, environment: Environment) -> Result<End, Vec<Issue>> {
    let (arguments, state) = match command {
        ConsentCommand::Show(arguments) => (arguments, None),
        ConsentCommand::Record(arguments) => (arguments, Some(ConsentState::Given)),
        ConsentCommand::Withdraw(arguments) => (arguments, Some(ConsentState::Withdrawn)),
    };
    let ConsentArguments { referral, config } = arguments;
    let key = key_of_referral(referral);
    with(config, environment, |config| async move {
        let intake = intake(&config).await?;
        let failed = |error: ConsentError| match error {
            ConsentError::Journal(error) => one(&error),
            ConsentError::Unknown => {
                vec![Issue::new(IssueCode::RequestNotFound, Location::default(), "no referral has this id")]
            }
        };
        let consent = match state {
            Some(state) => {
                intake.record_consent(&key, state, &who()).await.map_err(failed)?;
                intake.consent(&key).await.map_err(failed)?
            }
            None => intake.look_at_consent(&key, &who()).await.map_err(failed)?,
        };
        let at = consent.at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
        let at = at.map_or_else(|| "time not known".to_owned(), |at| at.to_string());
        print(&format!("{key}\t{}\t{at}\n", consent.state.as_str()))
    })
}

pub(super) fn messages(arguments: &MessagesArguments, environment: Environment) -> Result<End, Vec<Issue>> {
    if let Some(word) = &arguments.disposition
        && Disposition::parse(word).is_none()
    {
        let words: Vec<&str> = Disposition::ALL.into_iter().map(Disposition::as_str).collect();
        return Err(vec![Issue::new(
            IssueCode::UsageInvalid,
            Location::default(),
            format!("--disposition is one of {}", words.join(", ")),
        )]);
    }
    let filter = Filter {
        disposition: arguments.disposition.clone(),
        sender: arguments.sender.clone(),
        limit: arguments.count.clamp(1, 10_000),
        ..Filter::default()
    };
    with(&arguments.config, environment, |config| async move {
        let journal = service::journal(&config).await.map_err(|issue| vec![issue])?;
        let rows = journal.messages(filter).await.map_err(|error| one(&error))?;
        let patients = rows.iter().map(|row| row.patient.clone());
        saw(&journal, "search", patients.collect(), "messages").await?;
        let mut text = String::new();
        for row in rows {
            let MessageRow { id, kind, sender, received, disposition, reason, .. } = row;
            text.push_str(&format!("{received}\t{kind}\t{sender}\t{disposition}\t{id}\t{reason}\n"));
        }
        print(&text)
    })
}

pub(super) fn dead_letters(arguments: &DeadLettersArguments, environment: Environment) -> Result<End, Vec<Issue>> {
    let destination = arguments.destination.clone();
    with(&arguments.config, environment, |config| async move {
        let journal = service::journal(&config).await.map_err(|issue| vec![issue])?;
        let dead = journal.dead_letters(destination, PAGE).await.map_err(|error| one(&error))?;
        let patients = dead.iter().map(|delivery| Some(delivery.patient.clone()));
        saw(&journal, "search", patients.collect(), "dead-letters").await?;
        let mut text = String::new();
        for delivery in dead {
            let attempts = journal.attempts(delivery.sequence).await.map_err(|error| one(&error))?;
            let code = attempts.last().map(|attempt| attempt.code.clone()).unwrap_or_default();
            text.push_str(&format!(
                "{}\t{}\t{}\t{code}\t{} attempts\n",
                delivery.sequence, delivery.destination, delivery.message, delivery.attempts
            ));
        }
        print(&text)
    })
}

pub(super) fn replay(arguments: &ReplayArguments, environment: Environment) -> Result<End, Vec<Issue>> {
    let instant = |text: &Option<String>| -> Result<Option<jiff::Timestamp>, Vec<Issue>> {
        let wrong = |_| {
            let text = "--from and --to are instants, such as 2026-11-01T00:00:00+01:00";
            vec![Issue::new(IssueCode::UsageInvalid, Location::default(), text)]
        };
        text.as_deref().map(str::parse).transpose().map_err(wrong)
    };
    let (from, to) = (instant(&arguments.from)?, instant(&arguments.to)?);
    let filter = Filter { sender: arguments.source.clone(), from, to, limit: PAGE, ..Filter::default() };
    with(&arguments.config, environment, |config| async move {
        if arguments.retranslate {
            let intake = intake(&config).await?;
            return retranslate(&intake, filter, arguments.dry_run).await;
        }
        let journal = service::journal(&config).await.map_err(|issue| vec![issue])?;
        redeliver(&journal, arguments.destination.clone(), &filter, arguments.dry_run).await
    })
}

/// Makes dead letters due again, each in a transaction with its audit.
async fn redeliver(
    journal: &Arc<dyn Journal>,
    destination: Option<String>,
    filter: &Filter,
    is_dry: bool,
) -> Result<End, Vec<Issue>> {
    let dead = journal.dead_letters(destination, i64::MAX).await.map_err(|error| one(&error))?;
    let mut chosen = Vec::new();
    for delivery in dead {
        let row = journal.message(delivery.message.clone()).await.map_err(|error| one(&error))?;
        let fits = row.is_some_and(|row| {
            filter.sender.as_ref().is_none_or(|sender| *sender == row.sender)
                && filter.from.is_none_or(|from| row.received >= from)
                && filter.to.is_none_or(|to| row.received < to)
        });
        if fits {
            chosen.push(delivery);
        }
    }
    let bar = progress(chosen.len());
    for delivery in &chosen {
        if !is_dry {
            let audit = Audit {
                at: crate::clock::Clock::now(&SystemClock),
                action: "replay",
                outcome: "success",
                organisation: who().organisation,
                role: "operator",
                client: who().client,
                message: Some(delivery.message.clone()),
                patient: Some(delivery.patient.clone()),
                trace: who().trace,
                ..Audit::default()
            };
            let change = Change { revive: vec![delivery.sequence], audits: vec![audit], ..Change::default() };
            journal.commit(change).await.map_err(|error| one(&error))?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    print(&format!(
        "{} dead letters {}\n",
        chosen.len(),
        if is_dry { "would be delivered again" } else { "are due again" }
    ))
}

/// Translates messages again that the mapping holds.
async fn retranslate(intake: &Arc<Intake>, filter: Filter, is_dry: bool) -> Result<End, Vec<Issue>> {
    let held = Disposition::HeldMappingDefect;
    let mut filter = Filter { disposition: Some(held.as_str().to_owned()), ..filter };
    let (mut count, mut changed) = (0, 0);
    loop {
        let page = intake.journal.messages(filter.clone()).await.map_err(|error| one(&error))?;
        let Some(last) = page.last() else { break };
        filter.before = Some(last.sequence);
        let bar = progress(page.len());
        for row in &page {
            count += 1;
            if !is_dry {
                intake
                    .saw(&who(), "replay", std::slice::from_ref(row), "retranslate")
                    .await
                    .map_err(|error| one(&error))?;
                intake.reconsider(&row.id).await.map_err(|error| one(&error))?;
                let now = intake.journal.message(row.id.clone()).await.map_err(|error| one(&error))?;
                changed += usize::from(now.is_some_and(|now| now.disposition != held.as_str()));
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
    }
    print(&match is_dry {
        true => format!("{count} messages would be translated again\n"),
        false => format!("{count} messages translated again, {changed} went on\n"),
    })
}

pub(super) fn backup(arguments: &BackupArguments, environment: Environment) -> Result<End, Vec<Issue>> {
    with(&arguments.config, environment, |config| async move {
        if config.journal.store != Store::Sqlite {
            let text = "the journal is PostgreSQL: back it up with its own tools (pg_dump)";
            return Err(vec![Issue::new(IssueCode::UsageInvalid, Location::default(), text)]);
        }
        let path = service::sqlite_path(&config).map_err(|issue| vec![issue])?;
        SqliteJournal::back_up(path, &arguments.target).map_err(|error| one(&error))?;
        Ok(End::Done)
    })
}

/// Leaves rows that an operator saw something of these patients: one for each.
pub(super) async fn saw(
    journal: &Arc<dyn Journal>,
    action: &'static str,
    mut patients: BTreeSet<Option<String>>,
    what: &str,
) -> Result<(), Vec<Issue>> {
    if patients.is_empty() {
        patients.insert(None);
    }
    let row = audit(&who(), action, crate::clock::Clock::now(&SystemClock));
    let row = |patient| Audit { patient, detail: Some(what.to_owned()), ..row.clone() };
    let change = Change { audits: patients.into_iter().map(row).collect(), ..Change::default() };
    journal.commit(change).await.map(|_| ()).map_err(|error| one(&error))
}

/// On a terminal; nothing elsewhere.
fn progress(count: usize) -> ProgressBar {
    let bar = ProgressBar::new(count as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len}") {
        bar.set_style(style);
    }
    bar
}

pub(super) fn print(text: &str) -> Result<End, Vec<Issue>> {
    std::io::stdout().lock().write_all(text.as_bytes()).map(|()| End::Done).map_err(|_| {
        vec![Issue::new(IssueCode::OutputUnwritable, Location::default(), "standard output cannot be written")]
    })
}
