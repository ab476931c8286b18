//! `audit`: whether the audit trail is whole.

use super::End;
use super::arguments::{AuditCommand, AuditVerifyArguments};
use super::journal::{Environment, one, print, with};
use super::progress;
use crate::audit::verify::{Earlier, line, verify};
use crate::config;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::startup::service;

pub(super) fn audit(command: &AuditCommand, environment: Environment) -> Result<End, Vec<Issue>> {
    match command {
        AuditCommand::Verify(arguments) => verify_chains(arguments, environment),
    }
}

/// Prints the heads of chains that are whole; what is wrong otherwise.
fn verify_chains(arguments: &AuditVerifyArguments, environment: Environment) -> Result<End, Vec<Issue>> {
    let earlier = match &arguments.heads {
        Some(path) => {
            let text = config::read_bounded(path).map_err(|issue| vec![issue])?;
            let read: Option<Vec<Earlier>> = text.lines().map(Earlier::parse).collect();
            read.ok_or_else(|| {
                let text = "--heads is a file with what `audit verify` printed: chain, number and hash in each line";
                vec![Issue::new(IssueCode::UsageInvalid, Location::default(), text)]
            })?
        }
        None => Vec::new(),
    };
    let chain = arguments.chain;
    with(&arguments.config, environment, |config| async move {
        let journal = service::journal(&config).await.map_err(|issue| vec![issue])?;
        let heads = journal.audit_heads().await.map_err(|error| one(&error))?;
        let count = heads.iter().filter(|head| chain.is_none_or(|chain| chain == head.chain));
        let bar = progress::rows(count.map(|head| u64::try_from(head.number).unwrap_or(0)).sum());
        let report = verify(&*journal, chain, &earlier, |rows| bar.inc(rows)).await.map_err(|error| one(&error))?;
        bar.finish_and_clear();
        if report.findings.is_empty() {
            return print(&report.heads.iter().map(line).collect::<String>());
        }
        let mut findings = report.findings;
        if report.more > 0 {
            let text = format!("{} more findings", report.more);
            findings.push(Issue::new(IssueCode::IssuesTruncated, Location::default(), text));
        }
        Err(findings)
    })
}
