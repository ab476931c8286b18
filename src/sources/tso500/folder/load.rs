//! Reading the files of one kind, each content once.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Entry;
use super::format::{self, Format};
use super::unread::list_rows;
use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;
use crate::redact::quote;
use crate::sources::tso500::text::{self, Text};

/// Files, each content once.
#[derive(Debug, Default)]
pub struct Distinct<T> {
    /// Those that are used.
    pub used: Vec<T>,
    /// Those of them of which copies with other content are there: which one holds is not known.
    pub differing: Vec<Arc<str>>,
}

/// Reads the files of one kind, in the order of their paths.
///
/// Pipelines write the same file under `Logs_Intermediates` and under `Results`: copies of one name with the same bytes
/// are given once, those under `Results` first. Copies that differ are `file.copies-differ`; the rows of the one that is
/// not used are opened and listed with that code. Files that cannot be read become issues.
pub fn load(entries: &[Entry], limits: &Limits, account: &mut Account) -> Distinct<Text> {
    let mut ordered: Vec<&Entry> = entries.iter().collect();
    ordered.sort_by_key(|entry| (rank(&entry.file), Arc::clone(&entry.file)));
    let mut contents = HashSet::new();
    let mut used: HashMap<(&str, &str), Arc<str>> = HashMap::new();
    let (mut texts, mut differing) = (Vec::new(), Vec::new());
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
        // Only copies of one analysis can contradict each other: one name without an id is used in every run folder, and a pair
        // id can be a patient's, with another sample in each run.
        let run = entry.run_id.as_deref().unwrap_or_default();
        let scope = if entry.id.is_some() { run } else { analysis_of(&entry.file) };
        match used.get(&(scope, name)) {
            Some(other) => {
                let issue = format!("differs from {}, which was used", quote(other));
                account.issue(IssueCode::CopiesDiffer, Location::file(&entry.file), issue);
                differing.push(Arc::clone(other));
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
    texts.sort_by(|a: &Text, b| a.file.cmp(&b.file));
    Distinct { used: texts, differing }
}

/// The files of one kind that are read from disk as they are needed, each content once; for files that are too large to be
/// held. Copies of one name that differ are `file.copies-differ`: the one that is not used is one entry of the accounting.
pub fn distinct<'a>(entries: &[&'a Entry], account: &mut Account) -> Distinct<&'a Entry> {
    let (mut ordered, mut differing) = (entries.to_vec(), Vec::new());
    ordered.sort_by_key(|entry| (rank(&entry.file), Arc::clone(&entry.file)));
    let mut used: Vec<(&Entry, Option<[u8; 32]>)> = Vec::new();
    for entry in ordered {
        let Some((other, known)) = used.iter_mut().find(|(other, _)| name_of(&other.file) == name_of(&entry.file))
        else {
            used.push((entry, None));
            continue;
        };
        let (other, sum) = (*other, *known.get_or_insert_with(|| sum_of(&other.path)));
        if sum != sum_of(&entry.path) {
            let text = format!("differs from {}, which was used", quote(&other.file));
            account.issue(IssueCode::CopiesDiffer, Location::file(&entry.file), text);
            differing.push(Arc::clone(&other.file));
            account.ledger.tally(&entry.file, 1, IssueCode::CopiesDiffer, IssueCode::CopiesDiffer.meaning());
        }
    }
    let mut entries: Vec<&Entry> = used.into_iter().map(|(entry, _)| entry).collect();
    entries.sort_by(|a, b| a.file.cmp(&b.file));
    Distinct { used: entries, differing }
}

/// The files of different content, whatever their names, in the order of their paths; of equal ones that under `Results`. A
/// file that cannot be read is kept: its reader will say so.
pub fn distinct_contents(entries: &[Entry]) -> Vec<Entry> {
    let mut ordered: Vec<&Entry> = entries.iter().collect();
    ordered.sort_by_key(|entry| (rank(&entry.file), Arc::clone(&entry.file)));
    let length_of = |entry: &Entry| std::fs::metadata(&entry.path).ok().filter(|of| of.is_file()).map(|of| of.len());
    let mut lengths: HashMap<u64, usize> = HashMap::new();
    ordered.iter().filter_map(|entry| length_of(entry)).for_each(|length| *lengths.entry(length).or_default() += 1);
    let mut contents = HashSet::new();
    // Only files of one length can be equal, so that most are not read here.
    ordered.retain(|entry| match length_of(entry) {
        Some(length) if lengths.get(&length).is_some_and(|count| *count > 1) => {
            contents.insert((length, sum_of(&entry.path)))
        }
        _ => true,
    });
    let mut distinct: Vec<Entry> = ordered.into_iter().cloned().collect();
    distinct.sort_by(|a, b| a.file.cmp(&b.file));
    distinct
}

/// SHA-256 of a file, read in pieces. A file that cannot be read has the sum of nothing: its reader will say so.
fn sum_of(path: &Path) -> [u8; 32] {
    let mut hasher = Sha256::new();
    if let Ok(mut file) = File::open(path) {
        let mut chunk = vec![0; 64 << 10];
        while let Ok(length @ 1..) = file.read(&mut chunk) {
            hasher.update(chunk.get(..length).unwrap_or_default());
        }
    }
    hasher.finalize().into()
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

/// The name of a file without its folders.
pub fn name_of(file: &str) -> &str {
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
