//! Writing results: whole files or none, and a closed pipe is no error.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::domain::issue::{Issue, IssueCode, Location};

/// Writes to a new file beside `path` and renames it, so that no reader sees half a file.
///
/// Errors: `cli.output-unwritable`.
pub(super) fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Issue> {
    let unwritable = |error: io::Error| unwritable(path, &error);
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    let part = path.with_file_name(name);
    let written = fs::File::create(&part).and_then(|file| {
        let mut writer = io::BufWriter::new(file);
        write(&mut writer)?;
        writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&part, path));
    if renamed.is_err() {
        let _ = fs::remove_file(&part);
    }
    renamed.map_err(unwritable)
}

/// Removes a file of an earlier run.
///
/// Errors: `cli.output-unwritable`.
pub(super) fn remove_file(path: &Path) -> Result<(), Issue> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(path, &error)),
        _ => Ok(()),
    }
}

/// Prints to standard output; a reader that closed the pipe has what it wanted.
pub(super) fn print(content: &str) -> Result<(), Issue> {
    let mut stdout = io::stdout().lock();
    let printed = stdout.write_all(content.as_bytes()).and_then(|()| stdout.flush());
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(unwritable(Path::new("standard output"), &error))
        }
        _ => Ok(()),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Issue {
    let location = Location { file: Some(path.display().to_string().into()), ..Location::default() };
    Issue::new(IssueCode::OutputUnwritable, location, format!("cannot be written: {}", error.kind()))
}
