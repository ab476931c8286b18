//! Trusts and code tables: those of the mapping directory in place of those that the program carries with it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use walkdir::WalkDir;

use super::table;
use crate::config;
use crate::domain::code_table::{CodeTableError, CodeTables};
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::trust::{Trusts, TrustsError};
use crate::mapping::source::MAX_FILES;

const TRUSTS_FILE: &str = "trusts.toml";
const TRUSTS: &str = include_str!("../../mappings/trusts.toml");

macro_rules! code_tables {
    ($($name:literal,)*) => {
        &[$( (concat!("codes/", $name, ".csv"), include_str!(concat!("../../mappings/codes/", $name, ".csv"))), )*]
    };
}

/// Every table under `mappings/codes/`, by path.
const CODE_TABLES: &[(&str, &str)] = code_tables![
    "code-systems",
    "ecog-answers",
    "fhir-message-events",
    "fhir-referral-categories",
    "genomics-2-codes",
    "genomics-2-extensions",
    "genomics-2-profiles",
    "genomics-2-systems",
    "genomics-3-categories",
    "hl7v2-0001",
    "hl7v2-0004",
    "hl7v2-0008",
    "hl7v2-0052",
    "hl7v2-0085",
    "hl7v2-0103",
    "hl7v2-0127",
    "hl7v2-0128",
    "hl7v2-0136",
    "hl7v2-0155",
    "hl7v2-0200",
    "hl7v2-0201",
    "hl7v2-0202",
    "hl7v2-0203",
    "hl7v2-0230",
    "hl7v2-0280",
    "hl7v2-0281",
    "hl7v2-0282",
    "hl7v2-0283",
    "hl7v2-0284",
    "hl7v2-0286",
    "hl7v2-0357",
    "hl7v2-actions",
    "hl7v2-attachment-types",
    "hl7v2-person-number-types",
    "no-known-allergies",
    "volven-3101",
    "volven-7303",
    "volven-7304",
    "volven-7305",
    "volven-7307",
    "volven-7309",
    "volven-8114",
    "volven-8116",
    "volven-8221",
    "volven-8231",
    "volven-8233",
    "volven-8245",
    "volven-8254",
    "volven-8258",
    "volven-8263",
    "volven-8279",
    "volven-8304",
    "volven-8306",
    "volven-8327",
    "volven-8329",
    "volven-8445",
    "volven-8455",
    "volven-8480-pathways",
    "volven-8480",
    "volven-8485",
    "volven-8655",
    "volven-8668",
    "volven-9034",
    "volven-9051",
    "volven-9060",
    "volven-9146",
    "volven-9147",
    "volven-9148",
];

/// What the sources of referrals look identifiers and codes up in.
#[derive(Debug, Clone)]
pub struct ReferenceData {
    /// Who organisation numbers, inclusion sites and HER-ids belong to.
    pub trusts: Trusts,
    /// What codes mean and become.
    pub code_tables: CodeTables,
}

/// Loads `trusts.toml` and `codes/*.csv` of `directory`; what it does not have is taken from the program. A table of the
/// directory replaces the one of the same name.
///
/// Errors: every `mapping.trusts-invalid`, `mapping.code-table-invalid`, `mapping.file-unreadable` and `config.unreadable`.
pub fn reference_data(directory: Option<&Path>) -> Result<ReferenceData, Vec<Issue>> {
    let trusts = table(directory, TRUSTS_FILE, TRUSTS)
        .map_err(|issue| vec![issue])
        .and_then(|text| Trusts::parse(&text).map_err(|errors| errors.iter().map(trusts_issue).collect()));
    let code_tables = code_table_files(directory).and_then(|files| {
        let files = files.iter().map(|(name, text)| (name.as_str(), text.as_ref()));
        CodeTables::load(files).map_err(|errors| errors.iter().map(code_table_issue).collect())
    });
    match (trusts, code_tables) {
        (Ok(trusts), Ok(code_tables)) => Ok(ReferenceData { trusts, code_tables }),
        (trusts, code_tables) => Err([trusts.err(), code_tables.err()].into_iter().flatten().flatten().collect()),
    }
}

fn trusts_issue(error: &TrustsError) -> Issue {
    let location = at(TRUSTS_FILE, error.line);
    Issue::new(IssueCode::MappingTrustsInvalid, location, format!("{}: {}", error.key, error.text))
}

fn code_table_issue(error: &CodeTableError) -> Issue {
    Issue::new(IssueCode::MappingCodeTableInvalid, at(&error.file, error.line), error.text.clone())
}

fn at(file: &str, line: u32) -> Location {
    let location = Location::file(&file.into());
    if line == 0 { location } else { location.line(line) }
}

type Files = BTreeMap<String, Cow<'static, str>>;

/// The embedded tables, with those of the directory in place of them.
fn code_table_files(directory: Option<&Path>) -> Result<Files, Vec<Issue>> {
    let mut files: Files = CODE_TABLES.iter().map(|&(name, text)| (name.to_owned(), Cow::Borrowed(text))).collect();
    let Some(folder) = directory.map(|directory| directory.join("codes")).filter(|folder| folder.exists()) else {
        return Ok(files);
    };
    let mut errors = Vec::new();
    // Symbolic links are followed, as mounted configuration consists of them.
    let entries = WalkDir::new(&folder).min_depth(1).max_depth(1).follow_links(true).sort_by_file_name();
    for entry in entries.into_iter().take(MAX_FILES) {
        match entry.map_err(|_| unreadable("codes", "cannot be read")).and_then(|entry| code_table_file(entry.path())) {
            Ok(Some((name, text))) => {
                files.insert(name, Cow::Owned(text));
            }
            Ok(None) => {}
            Err(issue) => errors.push(issue),
        }
    }
    if errors.is_empty() { Ok(files) } else { Err(errors) }
}

/// A file of the folder; `None` for a hidden one.
fn code_table_file(path: &Path) -> Result<Option<(String, String)>, Issue> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if name.starts_with('.') {
        return Ok(None);
    }
    let name = format!("codes/{name}");
    if path.is_dir() || !name.ends_with(".csv") {
        return Err(unreadable(&name, "only `.csv` files belong here"));
    }
    Ok(Some((name, config::read_bounded(path)?)))
}

fn unreadable(name: &str, text: &str) -> Issue {
    Issue::new(IssueCode::MappingFileUnreadable, Location::file(&name.into()), text)
}

#[cfg(test)]
mod tests;
