//! `grants`: which further trusts see what belongs to a referral.

use std::path::Path;

use super::End;
use super::arguments::{ConsentArguments, GrantArguments, GrantEndArguments, GrantsCommand};
use super::journal::{Environment, intake, print, who, with};
use crate::domain::issue::Issue;
use crate::pipeline::intake::LinkError;

pub(super) fn grants(command: &GrantsCommand, environment: Environment) -> Result<End, Vec<Issue>> {
    match command {
        GrantsCommand::List(ConsentArguments { referral, config }) => list(&key(referral), config, environment),
        GrantsCommand::Add(arguments) => add(arguments, environment),
        GrantsCommand::End(arguments) => end(arguments, environment),
    }
}

fn key(referral: &str) -> String {
    if referral.starts_with("referral/") { referral.to_owned() } else { format!("referral/{referral}") }
}

fn failed(error: LinkError) -> Vec<Issue> {
    vec![error.issue()]
}

fn list(key: &str, config: &Path, environment: Environment) -> Result<End, Vec<Issue>> {
    let key = key.to_owned();
    with(config, environment, |config| async move {
        let intake = intake(&config).await?;
        let mut text = String::new();
        for grant in intake.look_at_grants(&key, &who()).await.map_err(failed)? {
            let to = grant.to.map_or_else(|| "holds".to_owned(), |to| format!("ended {to}"));
            text.push_str(&format!("{}\t{}\t{}\t{to}\n", grant.trust, grant.reason, grant.from));
        }
        print(&text)
    })
}

fn add(arguments: &GrantArguments, environment: Environment) -> Result<End, Vec<Issue>> {
    let GrantArguments { referral, trust, reason, config } = arguments;
    with(config, environment, |config| async move {
        let intake = intake(&config).await?;
        intake.grant(&key(referral), trust, reason, &who()).await.map_err(failed)?;
        print(&format!("{trust} sees {}\n", key(referral)))
    })
}

fn end(arguments: &GrantEndArguments, environment: Environment) -> Result<End, Vec<Issue>> {
    let GrantEndArguments { referral, trust, config } = arguments;
    with(config, environment, |config| async move {
        let intake = intake(&config).await?;
        intake.end_grant(&key(referral), trust, &who()).await.map_err(failed)?;
        print(&format!("{trust} no longer sees {}\n", key(referral)))
    })
}
