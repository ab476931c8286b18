//! `translate referral`.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use super::super::arguments::{FaceArgument, ReferralArguments};
use super::super::{End, accounting, nothing, output};
use super::{formatted, gravest_first, tell};
use crate::config::Config;
use crate::domain::ids::Face;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::fhir::operation_outcome::operation_outcome;
use crate::pipeline::referral::{Stamp, Translation, UnmappedCodes, translate};
use crate::startup;

/// What a message is called: whoever names the file can put the name of the patient into it.
const NAME: &str = "message";
/// Digits of an organisation number, and most of a HER-id.
const LONGEST_NUMBER: usize = 9;

pub(in crate::cli) fn referral(
    arguments: &ReferralArguments,
    environment: Vec<(String, String)>,
) -> Result<End, Vec<Issue>> {
    let one = |issue: Issue| vec![issue];
    let config = Config::load(arguments.config.as_deref(), environment).map_err(one)?;
    let gateway = startup::load_referrals(&config)?;
    let bytes = read(&arguments.file, gateway.limits.message_bytes).map_err(one)?;
    let id = uuid::Uuid::new_v4().hyphenated().to_string();
    let face = match arguments.face {
        FaceArgument::Identified => Face::Identified,
        FaceArgument::Pseudonymous => Face::Pseudonymous,
    };
    let mut translation = translate(&gateway, &bytes, NAME, face, Stamp { id: &id, generated: now() });
    write_receipt(arguments, &mut translation).map_err(one)?;
    let Some(bundle) = translation.bundle.take() else {
        write_side_files(arguments, &translation).map_err(one)?;
        return Ok(nothing(&gravest_first(&translation.account.issues)));
    };
    let printed = output::print(&formatted(&bundle, arguments.pretty));
    if let Err(issue) = &printed {
        // Nothing was given out, so no value may name a resource.
        translation.account.ledger.withdraw(IssueCode::OutputUnwritable, "the output could not be written");
        translation.account.issues.push(issue.clone());
    }
    write_side_files(arguments, &translation).map_err(one)?;
    printed.map_err(one)?;
    let end = tell(&translation.account.issues);
    let UnmappedCodes { sender, count } = &translation.unmapped_codes;
    if *count > 0 {
        let sender = sender_of(sender);
        let _ = writeln!(io::stderr(), "codes of sender {sender} without counterpart in the tables: {count}");
    }
    Ok(end)
}

/// The number of a sender; its name can be that of a person.
fn sender_of(owner: &str) -> &str {
    let is_number =
        !owner.is_empty() && owner.len() <= LONGEST_NUMBER && owner.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { owner } else { "without a number" }
}

#[expect(clippy::disallowed_methods, reason = "a receipt says when it was made; no resource does")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// The message, at most one byte more than the limit, which the source then refuses with its own code.
///
/// Errors: `folder.entry-unreadable`.
fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Issue> {
    let mut bytes = Vec::new();
    let limit = limit as u64 + 1;
    let read = if path.as_os_str() == "-" {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    let unreadable = |error: io::Error| {
        Issue::new(
            IssueCode::FolderEntryUnreadable,
            Location::file(&NAME.into()),
            format!("cannot be read: {}", error.kind()),
        )
    };
    read.map(|_| bytes).map_err(unreadable)
}

/// Writes the receipt, or says that there must be none; a file from before is then removed, so that nobody sends it.
fn write_receipt(arguments: &ReferralArguments, translation: &mut Translation) -> Result<(), Issue> {
    let Some(path) = &arguments.receipt else { return Ok(()) };
    match &translation.receipt {
        Some(receipt) => output::write_file(path, |writer| writer.write_all(&receipt.bytes())),
        None => {
            let text = "no receipt: nothing says who sent the message, or the sender wants none";
            translation.account.issue(IssueCode::ReferralReceiptNone, Location::default(), text);
            output::remove_file(path)
        }
    }
}

fn write_side_files(arguments: &ReferralArguments, translation: &Translation) -> Result<(), Issue> {
    if let Some(path) = &arguments.accounting {
        output::write_file(path, |writer| accounting::write(&translation.account.ledger, writer))?;
    }
    if let Some(path) = &arguments.issues {
        let outcome = operation_outcome(&translation.account.issues).to_string();
        output::write_file(path, |writer| writer.write_all(outcome.as_bytes()))?;
    }
    Ok(())
}
