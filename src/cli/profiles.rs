//! `profiles compile`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::arguments::CompileArguments;
use super::{End, output};
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::profiles::compile::compile as compile_form;
use crate::profiles::embedded;
use crate::profiles::package::Sources;

const EXTRACTS: &str = "profiles/packages";
const COMPILED: &str = "profiles/compiled/form.json.gz";

/// Compiles the extracts of the source tree; with packages, takes the extracts from these first.
pub(super) fn compile(arguments: &CompileArguments) -> Result<End, Vec<Issue>> {
    let one = |issue| vec![issue];
    let directory = arguments.root.join(EXTRACTS);
    let sources = Sources::read(&directory).map_err(one)?;
    let mut stale = Vec::new();
    if let Some(from) = &arguments.packages {
        for (name, bytes) in sources.make_extracts(from).map_err(one)? {
            let path = directory.join(name);
            keep(&path, &bytes, arguments.check, &mut stale).map_err(one)?;
        }
    }
    let form = compile_form(&sources.extracts(&directory).map_err(one)?)?;
    let encoded = embedded::encode(&form).map_err(|reason| {
        one(Issue::new(IssueCode::PackageInvalid, Location::default(), format!("cannot be encoded: {reason}")))
    })?;
    let path = arguments.root.join(COMPILED);
    keep(&path, &encoded, arguments.check, &mut stale).map_err(one)?;
    let mut report = format!(
        "{} types, {} profiles, {} value sets, {} code systems, {} bytes compressed\n",
        form.types.len(),
        form.profiles.len(),
        form.value_sets.len(),
        form.code_systems.len(),
        encoded.len()
    );
    report.push_str(&format!("not expressed: {}\n", form.not_expressed.len()));
    for missing in &form.not_expressed {
        report.push_str(&format!("  {} {}: {}\n", missing.profile, missing.path, missing.what));
    }
    output::print(&report).map_err(one)?;
    if stale.is_empty() { Ok(End::Done) } else { Err(stale) }
}

/// Writes a file, or only compares it.
fn keep(path: &Path, bytes: &[u8], check: bool, stale: &mut Vec<Issue>) -> Result<(), Issue> {
    if !check {
        return output::write_file(path, |writer| writer.write_all(bytes));
    }
    let mut kept = Vec::new();
    let limit = bytes.len() as u64 + 1;
    let is_read = File::open(path).is_ok_and(|file| file.take(limit).read_to_end(&mut kept).is_ok());
    if !is_read || kept != bytes {
        let location = Location { file: Some(path.display().to_string().into()), ..Location::default() };
        stale.push(Issue::new(IssueCode::PackageInvalid, location, "stale: run `profiles compile`"));
    }
    Ok(())
}
