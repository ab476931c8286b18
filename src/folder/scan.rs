//! What lies in the watched folder, and whether it changes.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};
use walkdir::WalkDir;

/// Sub-folders of the gateway's own.
pub(super) const DONE: &str = "done";
pub(super) const FAILED: &str = "failed";

/// Ends of the names of files that are still being written.
const UNFINISHED: [&str; 2] = [".part", ".tmp"];

/// Entries that one look sees; more are seen when these are gone.
const MOST: usize = 10_000;

/// Names, kinds, lengths and times of an entry and all that is in it: another one is another content.
pub(super) type Signature = [u8; 32];

/// A file or folder that may be taken.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: OsString,
    pub(super) path: PathBuf,
    pub(super) is_folder: bool,
    /// Inode: what a log calls it, since its name may be that of a person.
    pub(super) number: u64,
    pub(super) modified: SystemTime,
    pub(super) signature: Signature,
}

/// What one look has seen.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// What may be taken, oldest first: a change of a referral comes after the referral.
    pub(super) entries: Vec<Entry>,
    /// Inodes of what is never taken: symbolic links, and what is neither file nor folder.
    pub(super) others: Vec<u64>,
}

/// Looks into the folder. `most` is the number of files up to which a folder is looked through.
pub(super) fn look(root: &Path, most: usize) -> io::Result<Look> {
    let mut look = Look::default();
    for entry in fs::read_dir(root)?.take(MOST) {
        let entry = entry?;
        let name = entry.file_name();
        if is_ignored(&name) {
            continue;
        }
        let path = entry.path();
        // It may have been taken away meanwhile.
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        if !metadata.is_file() && !metadata.is_dir() {
            look.others.push(metadata.ino());
            continue;
        }
        look.entries.push(Entry {
            signature: signature(&path, most),
            is_folder: metadata.is_dir(),
            number: metadata.ino(),
            modified: metadata.modified().unwrap_or(UNIX_EPOCH),
            name,
            path,
        });
    }
    look.entries.sort_by(|a, b| (a.modified, &a.name).cmp(&(b.modified, &b.name)));
    Ok(look)
}

fn is_ignored(name: &OsStr) -> bool {
    let bytes = name.as_bytes().to_ascii_lowercase();
    bytes.starts_with(b".")
        || UNFINISHED.iter().any(|end| bytes.ends_with(end.as_bytes()))
        || name == DONE
        || name == FAILED
}

/// What tells whether an entry has changed. What cannot be read counts as it is: it is told when the entry is taken.
pub(super) fn signature(path: &Path, most: usize) -> Signature {
    let mut hasher = Sha256::new();
    for entry in
        WalkDir::new(path).follow_root_links(false).sort_by_file_name().into_iter().take(most.saturating_add(1))
    {
        let Ok(entry) = entry else {
            hasher.update([0]);
            continue;
        };
        let name = entry.path().as_os_str().as_bytes();
        hasher.update((name.len() as u64).to_be_bytes());
        hasher.update(name);
        // Times of folders change with the entries in them, which are here themselves.
        let Some(metadata) = entry.metadata().ok().filter(Metadata::is_file) else {
            hasher.update([1]);
            continue;
        };
        hasher.update([2]);
        for number in [metadata.ino(), metadata.len()] {
            hasher.update(number.to_be_bytes());
        }
        for number in [metadata.mtime(), metadata.mtime_nsec()] {
            hasher.update(number.to_be_bytes());
        }
    }
    hasher.finalize().into()
}

/// Opens a file that is none but a plain file, and the one that its name stood for before.
pub(super) fn open(path: &Path) -> io::Result<(File, u64)> {
    let no_file = || io::Error::from(io::ErrorKind::InvalidInput);
    let before = fs::symlink_metadata(path)?;
    if !before.is_file() {
        return Err(no_file());
    }
    let file = File::open(path)?;
    let opened = file.metadata()?;
    if (before.dev(), before.ino()) == (opened.dev(), opened.ino()) { Ok((file, opened.len())) } else { Err(no_file()) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A folder of the test's own, removed when dropped.
    pub(in crate::folder) struct Scratch(PathBuf);

    impl Scratch {
        pub(in crate::folder) fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("{name}-{}", uuid::Uuid::new_v4().simple()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        pub(in crate::folder) fn path(&self) -> &Path {
            &self.0
        }

        pub(in crate::folder) fn write(&self, name: &str, content: &str) -> PathBuf {
            let path = self.0.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            path
        }

        pub(in crate::folder) fn read(&self, name: &str) -> String {
            io::read_to_string(File::open(self.0.join(name)).unwrap()).unwrap()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn unfinished_and_own_names_are_ignored() {
        for name in [".hidden", "a.xml.part", "a.TMP", "done", "failed", ".."] {
            assert!(is_ignored(OsStr::new(name)), "{name}");
        }
        for name in ["a.xml", "part", "tmp", "done.xml", "a.part.xml", "failed2"] {
            assert!(!is_ignored(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn the_oldest_comes_first_and_links_are_told_apart() {
        let scratch = Scratch::new("scan");
        for (name, seconds) in [("a", 300), ("b", 100), ("c", 200)] {
            let path = scratch.write(name, "x");
            let time = UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
        }
        std::os::unix::fs::symlink(scratch.path().join("a"), scratch.path().join("link")).unwrap();
        let look = look(scratch.path(), 10).unwrap();
        let names: Vec<&OsStr> = look.entries.iter().map(|entry| entry.name.as_os_str()).collect();
        assert_eq!(names, ["b", "c", "a"]);
        assert_eq!(look.others.len(), 1);
    }

    #[test]
    fn any_change_in_a_folder_is_another_signature() {
        let scratch = Scratch::new("signature");
        scratch.write("run/a/b", "1");
        let run = scratch.path().join("run");
        let now = || signature(&run, 10);
        let mut before = now();
        assert_eq!(now(), before);
        let changes: [&dyn Fn(); 4] = [
            &|| drop(scratch.write("run/a/b", "12")),
            &|| drop(scratch.write("run/c", "")),
            &|| fs::rename(run.join("c"), run.join("d")).unwrap(),
            &|| fs::remove_file(run.join("d")).unwrap(),
        ];
        for (number, change) in changes.iter().enumerate() {
            change();
            assert_ne!(now(), before, "{number}");
            before = now();
        }
    }
}
