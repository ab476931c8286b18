//! The bindings of referrals in HL7 v2: those of the mapping directory in place of those that the program carries with it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use walkdir::WalkDir;

use crate::config;
use crate::domain::code_table::CodeTables;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::mapping::source::MAX_FILES;
use crate::mapping_file::{MappingError, MappingFile};
use crate::sources::hl7v2_ref::binding::{Bindings, FOLDER};

macro_rules! files {
    ($($name:literal,)*) => {
        &[$( (concat!("referral/", $name), include_str!(concat!("../../mappings/referral/", $name))), )*]
    };
}

/// What a directory without it has all the same: the base binding and what the standard knows.
const STANDARD: &[(&str, &str)] = files!["hl7v2-fields.tsv", "hl7v2-ref.yaml", "hl7v2-types.tsv",];

/// The tests of the base binding.
const TESTS: &[(&str, &str)] = files!["tests/cancel.yaml", "tests/new.yaml",];

/// Loads `referral/` of `directory`, or what the program carries with it.
///
/// Errors: every `mapping.*` issue that is found.
pub fn bindings(directory: Option<&Path>, codes: &Arc<CodeTables>) -> Result<Bindings, Vec<Issue>> {
    let folder = directory.map(|directory| directory.join(FOLDER)).filter(|folder| folder.exists());
    let mut files: BTreeMap<String, Cow<'static, str>> = BTreeMap::new();
    let carried: &[&[(&str, &'static str)]] = if folder.is_some() { &[STANDARD] } else { &[STANDARD, TESTS] };
    for &(name, text) in carried.iter().copied().flatten() {
        files.insert(name.to_owned(), Cow::Borrowed(text));
    }
    if let Some(folder) = folder {
        files.extend(read(&folder)?);
    }
    let files: Vec<MappingFile> = files.into_iter().map(|(name, text)| MappingFile::new(&name, text)).collect();
    Bindings::load(&files, codes).map_err(|errors| errors.iter().map(MappingError::to_issue).collect())
}

/// The files of the folder. Names that start with a dot are passed over; symbolic links are followed, as mounted configuration
/// consists of them.
fn read(folder: &Path) -> Result<Vec<(String, Cow<'static, str>)>, Vec<Issue>> {
    let is_visible =
        |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".");
    let entries = WalkDir::new(folder).min_depth(1).max_depth(3).follow_links(true).sort_by_file_name();
    let (mut files, mut errors) = (Vec::new(), Vec::new());
    for entry in entries.into_iter().filter_entry(is_visible).take(MAX_FILES) {
        let Ok(entry) = entry else {
            errors.push(unreadable(FOLDER, "cannot be read"));
            continue;
        };
        if entry.file_type().is_dir() {
            continue;
        }
        let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
        let name = format!("{FOLDER}{}", names.join("/"));
        let is_known = match names.as_slice() {
            [file] => file.ends_with(".yaml") || file.ends_with(".tsv"),
            [folder, file] => (folder == "overlays" || folder == "tests") && file.ends_with(".yaml"),
            _ => false,
        };
        if !is_known {
            let text = "only `*.yaml`, `*.tsv`, `overlays/*.yaml` and `tests/*.yaml` belong here";
            errors.push(unreadable(&name, text));
            continue;
        }
        match config::read_bounded(entry.path()) {
            Ok(text) => files.push((name, Cow::Owned(text))),
            Err(issue) => errors.push(issue),
        }
    }
    if errors.is_empty() { Ok(files) } else { Err(errors) }
}

fn unreadable(name: &str, text: &str) -> Issue {
    Issue::new(IssueCode::MappingFileUnreadable, Location::file(&name.into()), text)
}
