//! Reading the files of one kind, each content once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Entry;
use super::format::{self, Format};
use super::unread::list_rows;
use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;
use crate::redact::quote;
use crate::sources::tso500::text::{self, Text};

/// Reads the files of one kind, in the order of their paths.
///
/// Pipelines write the same file under `Logs_Intermediates` and under `Results`: copies of one name with the same bytes
/// are given once, those under `Results` first. Copies that differ are `file.copies-differ`; the rows of the one that is
/// not used are opened and listed with that code. Files that cannot be read become issues.
pub fn load(entries: &[Entry], limits: &Limits, account: &mut Account) -> Vec<Text> {
    let mut ordered: Vec<&Entry> = entries.iter().collect();
    ordered.sort_by_key(|entry| (rank(&entry.file), Arc::clone(&entry.file)));
    let mut contents = HashSet::new();
    let mut used: HashMap<(&str, &str), Arc<str>> = HashMap::new();
    let mut texts: Vec<Text> = Vec::new();
    let mut bytes = 0;
    for entry in ordered {
        if bytes > limits.kind_bytes {
            let issue = format!("not read: the files of this kind have more than {} bytes together", limits.kind_bytes);
            account.issue(IssueCode::FileTooLarge, Location::file(&entry.file), issue);
            continue;
        }
        let text = match text::read(&entry.path, &entry.file, limits)
            .and_then(|content| Text::from_bytes(&entry.file, content))
        {
            Ok(text) => text,
            Err(issue) => {
                account.issues.push(issue);
                continue;
            }
        };
        let name = name_of(&entry.file);
        if !contents.insert((name, text.sha256)) {
            continue;
        }
        bytes += text.bytes();
        // One name without an id is used in every run folder: only copies of one analysis can contradict each other.
        let scope = if entry.id.is_some() { "" } else { analysis_of(&entry.file) };
        match used.get(&(scope, name)) {
            Some(other) => {
                let issue = format!("differs from {}, which was used", quote(other));
                account.issue(IssueCode::CopiesDiffer, Location::file(&entry.file), issue);
                if let Format::Read(kind, _) = format::of(&entry.file) {
                    list_rows(&text, kind, IssueCode::CopiesDiffer, account);
                }
            }
            None => {
                used.insert((scope, name), Arc::clone(&entry.file));
                texts.push(text);
            }
        }
    }
    texts.sort_by(|a, b| a.file.cmp(&b.file));
    texts
}

const RESULTS: &str = "Results";
const INTERMEDIATES: &str = "Logs_Intermediates";

fn rank(file: &str) -> u8 {
    let is_in = |folder: &str| file.split('/').any(|component| component == folder);
    match (is_in(RESULTS), is_in(INTERMEDIATES)) {
        (true, false) => 0,
        (_, true) => 2,
        (false, false) => 1,
    }
}

fn name_of(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

/// The folder that holds `Results` and `Logs_Intermediates`; without them the folder of the file.
fn analysis_of(file: &str) -> &str {
    let mut start = 0;
    for component in file.split('/') {
        if matches!(component, RESULTS | INTERMEDIATES) {
            return file.get(..start).unwrap_or_default().trim_end_matches('/');
        }
        start += component.len() + 1;
    }
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests;
