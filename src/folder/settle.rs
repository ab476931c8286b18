//! Moving an entry away when what became of it is on the disk.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::scan::{DONE, FAILED};

/// What is written beside an entry that was not taken.
const OUTCOME: &str = ".outcome.json";

/// Numbers that are tried for a name that is taken.
const TRIES: u32 = 100_000;

/// Makes the folders that entries are moved to.
///
/// Errors: the folder is none, or cannot be written to.
pub fn prepare(root: &Path) -> io::Result<()> {
    for name in [DONE, FAILED] {
        let path = root.join(name);
        match fs::create_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
        // A link would lead what was taken out of the folder.
        if !fs::symlink_metadata(&path)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
    }
    Ok(())
}

/// Moves an entry to `done`; with an outcome, which is on the disk before, to `failed`.
///
/// After a crash between the two the outcome stands alone; the entry is taken again and gets another one.
pub(super) fn settle(root: &Path, name: &OsStr, outcome: Option<&[u8]>) -> io::Result<()> {
    prepare(root)?;
    let folder = root.join(if outcome.is_some() { FAILED } else { DONE });
    let (target, beside) = free(&folder, name)?;
    if let Some(outcome) = outcome {
        write(&folder, &beside, outcome)?;
    }
    fs::rename(root.join(name), target)?;
    sync(&folder)?;
    sync(root)
}

/// A place that nothing has, with one for the outcome; a name that is taken gets a number.
fn free(folder: &Path, name: &OsStr) -> io::Result<(PathBuf, PathBuf)> {
    let place = |number: u32| {
        let mut name = name.to_owned();
        if number > 1 {
            name.push(format!(".{number}"));
        }
        let mut beside: OsString = name.clone();
        beside.push(OUTCOME);
        (folder.join(name), folder.join(beside))
    };
    let is_free = |path: &Path| fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    let mut places = (1..=TRIES).map(place);
    places.find(|(target, beside)| is_free(target) && is_free(beside)).ok_or(io::ErrorKind::AlreadyExists.into())
}

/// Writes a file in full, or not at all.
fn write(folder: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!(".{}.tmp", uuid::Uuid::new_v4().simple()));
    let mut file = File::create_new(&unfinished)?;
    let written = file.write_all(content).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    written?;
    sync(folder)
}

/// A name is on the disk when its folder is.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::scan::tests::Scratch;

    #[test]
    fn a_name_that_is_taken_gets_a_number_and_nothing_is_lost() {
        let scratch = Scratch::new("settle");
        for content in ["1", "2", "3"] {
            scratch.write("a.xml", content);
            settle(scratch.path(), OsStr::new("a.xml"), None).unwrap();
        }
        // An entry of the name of an outcome does not lose its place to one.
        scratch.write("b.outcome.json", "entry");
        settle(scratch.path(), OsStr::new("b.outcome.json"), Some(b"of the entry")).unwrap();
        scratch.write("b", "another");
        settle(scratch.path(), OsStr::new("b"), Some(b"of another")).unwrap();
        for (path, content) in [
            ("done/a.xml", "1"),
            ("done/a.xml.2", "2"),
            ("done/a.xml.3", "3"),
            ("failed/b.outcome.json", "entry"),
            ("failed/b.outcome.json.outcome.json", "of the entry"),
            ("failed/b.2", "another"),
            ("failed/b.2.outcome.json", "of another"),
        ] {
            assert_eq!(scratch.read(path), content, "{path}");
        }
        let left = fs::read_dir(scratch.path().join("failed")).unwrap().count();
        assert_eq!(left, 4, "nothing unfinished stays");
    }

    #[test]
    fn an_entry_is_not_moved_through_a_link() {
        let scratch = Scratch::new("settle-link");
        let elsewhere = Scratch::new("settle-elsewhere");
        std::os::unix::fs::symlink(elsewhere.path(), scratch.path().join(DONE)).unwrap();
        scratch.write("a.xml", "1");
        assert_eq!(settle(scratch.path(), OsStr::new("a.xml"), None).unwrap_err().kind(), io::ErrorKind::NotADirectory);
        assert_eq!(scratch.read("a.xml"), "1");
    }
}
