//! Lists of MD5 sums that come with an export package: whether the files arrived as they left.
//!
//! A line is what `md5sum` writes: 32 hex digits, a blank, a blank or `*`, a path relative to the folder of the list or
//! to the folder above it. The lines are no rows: they say nothing about a patient.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use md5::{Digest, Md5};

use super::folder::{Entry, Inventory, Kind};
use super::text::{self, Text};
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::limits::Limits;
use crate::redact::quote;

/// Checks the MD5 lists of a folder.
///
/// Every listed file must be there (`md5.file-missing`); those that are translated must have the listed sum
/// (`md5.mismatch`, at the file). Lines of another form are `md5.line-invalid`; a list that cannot be read gives the
/// issue of the reading.
pub fn verify(inventory: &Inventory, limits: &Limits, issues: &mut Vec<Issue>) {
    if inventory.of(Kind::Md5List).is_empty() {
        return;
    }
    let translated: HashMap<PathBuf, &Entry> =
        inventory.translated().filter_map(|entry| Some((entry.path.canonicalize().ok()?, entry))).collect();
    let mut sums = HashMap::new();
    for list in inventory.of(Kind::Md5List) {
        match text::read(&list.path, &list.file, limits).and_then(|content| Text::from_bytes(&list.file, content)) {
            Ok(text) => verify_list(list, &text, &translated, &mut sums, limits, issues),
            Err(issue) => issues.push(issue),
        }
    }
}

/// Whether the folder has MD5 lists, and everything is there as they say: nothing is still on its way. A folder without a list,
/// or with one that cannot be trusted, says nothing.
pub fn is_complete(folder: &Path, limits: &Limits) -> bool {
    let mut issues = Vec::new();
    let Ok(inventory) = super::folder::discover(folder, limits, &mut Vec::new()) else { return false };
    if inventory.of(Kind::Md5List).is_empty() {
        return false;
    }
    verify(&inventory, limits, &mut issues);
    issues.is_empty()
}

fn verify_list(
    list: &Entry,
    text: &Text,
    translated: &HashMap<PathBuf, &Entry>,
    sums: &mut HashMap<PathBuf, Option<String>>,
    limits: &Limits,
    issues: &mut Vec<Issue>,
) {
    for line in text.lines().filter(|line| line.text.is_none_or(|text| !text.trim().is_empty())) {
        let location = Location::file(&text.file).line(line.number);
        let Some((sum, path)) = line.text.and_then(parse_line) else {
            let text = "not `<32 hex digits>  <path inside the folder>`";
            issues.push(Issue::new(IssueCode::Md5LineInvalid, location, text));
            continue;
        };
        let Some(found) = find(list, path) else {
            let text = format!("{} is not there", quote(path));
            issues.push(Issue::new(IssueCode::Md5FileMissing, location, text));
            continue;
        };
        let Some(entry) = translated.get(&found) else { continue };
        // Once per file: a list may name the same large file on every line.
        let actual = sums
            .entry(found)
            .or_insert_with_key(|path| sum_of(path, entry, limits).map_err(|issue| issues.push(issue)).ok());
        if actual.as_ref().is_some_and(|actual| !actual.eq_ignore_ascii_case(sum)) {
            let text = format!("the content is not the one in line {} of {}", line.number, quote(&list.file));
            issues.push(Issue::new(IssueCode::Md5Mismatch, Location::file(&entry.file), text));
        }
    }
}

/// Sum and path; `None` for other lines and for paths that are absolute or lead upwards.
fn parse_line(line: &str) -> Option<(&str, &str)> {
    let (sum, path) = line.split_once(' ')?;
    let path = path.strip_prefix([' ', '*'])?;
    let is_sum = sum.len() == 32 && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut components = Path::new(path).components();
    let is_inside = components.all(|component| matches!(component, Component::Normal(_) | Component::CurDir));
    (is_sum && !path.is_empty() && is_inside).then_some((sum, path))
}

fn find(list: &Entry, path: &str) -> Option<PathBuf> {
    let folder = list.path.parent()?.canonicalize().ok()?;
    [Some(folder.as_path()), folder.parent()]
        .into_iter()
        .flatten()
        .filter_map(|folder| folder.join(path).canonicalize().ok())
        .find(|path| path.is_file())
}

fn sum_of(path: &Path, entry: &Entry, limits: &Limits) -> Result<String, Issue> {
    let unreadable = |error: std::io::Error| {
        let text = format!("cannot be read: {}", error.kind());
        Issue::new(IssueCode::FolderEntryUnreadable, Location::file(&entry.file), text)
    };
    let mut file = File::open(path).map_err(unreadable)?.take(limits.file_bytes.saturating_add(1));
    let mut hasher = Md5::new();
    let mut chunk = vec![0; 64 << 10];
    let mut total = 0_u64;
    loop {
        let length = file.read(&mut chunk).map_err(unreadable)?;
        let Some(bytes) = chunk.get(..length).filter(|bytes| !bytes.is_empty()) else { break };
        total += bytes.len() as u64;
        hasher.update(bytes);
    }
    if total > limits.file_bytes {
        let text = format!("the file is larger than {} bytes", limits.file_bytes);
        return Err(Issue::new(IssueCode::FileTooLarge, Location::file(&entry.file), text));
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests;
