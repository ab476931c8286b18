//! `grants`: which further trusts see what belongs to a referral.

use std::path::Path;

use super::End;
use super::arguments::{ConsentArguments, GrantArguments, GrantEndArguments, GrantsCommand};
use super::journal::{Environment, intake, print, who, with};
use crate::domain::issue::Issue;
use crate::linking::case::key_of_referral;
use crate::pipeline::intake::LinkError;

pub(super) fn grants(command: &GrantsCommand, environment: Environment) -> Result<End, Vec<Issue>> {
    match command {
        GrantsCommand::List(ConsentArguments { referral, config }) => list(referral, config, environment),
        GrantsCommand::Add(arguments) => add(arguments, environment),
        GrantsCommand::End(arguments) => end(arguments, environment),
    }
}

fn failed(error: LinkError) -> Vec<Issue> {
    vec![error.issue()]
}

fn list(referral: &str, config: &Path, environment: Environment) -> Result<End, Vec<Issue>> {
    let key = key_of_referral(referral);
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
    let key = key_of_referral(referral);
    with(config, environment, |config| async move {
        let intake = intake(&config).await?;
        intake.grant(&key, trust, reason, &who()).await.map_err(failed)?;
        print(&format!("{trust} sees {key}\n"))
    })
}

fn end(arguments: &GrantEndArguments, environment: Environment) -> Result<End, Vec<Issue>> {
    let GrantEndArguments { referral, trust, config } = arguments;
    let key = key_of_referral(referral);
    with(config, environment, |config| async move {
        let intake = intake(&config).await?;
        intake.end_grant(&key, trust, &who()).await.map_err(failed)?;
        print(&format!("{trust} no longer sees {key}\n"))
    })
}
