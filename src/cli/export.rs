//! `profiles export`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use super::arguments::ExportArguments;
use super::{End, output};
use crate::config::Config;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::fhir::systems::CANONICAL_BASE;
use crate::profiles::embedded;
use crate::profiles::schema::export::{ExportFile, files};
use crate::redact;

/// Strange entries of the folder that are named.
const MAX_NAMED: usize = 3;

/// Writes the JSON Schemas. All of them are made before the first one is written.
pub(super) fn export(arguments: &ExportArguments, environment: Vec<(String, String)>) -> Result<End, Vec<Issue>> {
    let one = |issue| vec![issue];
    let unreadable = |reason: String| one(Issue::new(IssueCode::PackageUnreadable, Location::default(), reason));
    let config = Config::load(arguments.config.as_deref(), environment).map_err(one)?;
    let base = config.mappings.canonical_base.as_deref().unwrap_or(CANONICAL_BASE).trim_end_matches('/');
    let files = files(&embedded::form_at(base).map_err(unreadable)?, base);
    let directory = arguments.directory.as_path();
    prepare(directory, &files).map_err(one)?;
    for file in &files {
        output::write_file(&directory.join(&file.name), |writer| writer.write_all(&file.content)).map_err(one)?;
    }
    let text = format!("{}: {} files; read README.md first\n", directory.display(), files.len());
    output::print(&text).map_err(one)?;
    Ok(End::Done)
}

/// Makes the folder; refuses one that holds what no export writes, so that nobody's files lie between ours and no schema of
/// another version stays.
fn prepare(directory: &Path, files: &[ExportFile]) -> Result<(), Issue> {
    let unwritable = |text: String| {
        let location =
            Location { file: Some(redact::name(&directory.display().to_string()).into()), ..Location::default() };
        Issue::new(IssueCode::OutputUnwritable, location, text)
    };
    let failed = |error: io::Error| unwritable(format!("the folder cannot be used: {}", error.kind()));
    fs::create_dir_all(directory).map_err(failed)?;
    let ours: BTreeSet<OsString> =
        files.iter().flat_map(|file| [file.name.clone(), format!("{}.part", file.name)]).map(OsString::from).collect();
    let mut strange = BTreeSet::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if !ours.contains(&name) {
            strange.insert(redact::quote(&name.to_string_lossy()));
        }
    }
    if strange.is_empty() {
        return Ok(());
    }
    let named: Vec<String> = strange.iter().take(MAX_NAMED).cloned().collect();
    let more = if strange.len() > MAX_NAMED { " and others" } else { "" };
    let text = format!("the folder holds what no export writes ({}{more}); give an empty or new one", named.join(", "));
    Err(unwritable(text))
}
