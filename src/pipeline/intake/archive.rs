//! Run folders that come as an archive: unpacked into a folder of their own, within limits, and never beside it.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::issue;
use crate::domain::issue::{Issue, IssueCode};

/// Most that one archive may unpack to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Bytes of all files.
    pub bytes: u64,
    /// Files and folders.
    pub entries: usize,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self { bytes: 2 << 30, entries: 20_000 }
    }
}

/// A folder that is removed with everything in it when it is dropped.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A new folder in `parent`.
    pub(super) fn new(parent: &Path) -> Result<Self, Issue> {
        let path = parent.join(format!("impress-gateway-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir(&path).map_err(|error| unwritable(&error))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Unpacks a tar, tar.gz or zip archive into `folder`.
///
/// Errors: `intake.archive-invalid`, `intake.archive-entry`, `intake.archive-too-large`, `cli.output-unwritable`.
pub(super) fn unpack(bytes: &[u8], folder: &Path, limits: ArchiveLimits) -> Result<(), Issue> {
    let mut room = Room { limits, bytes: limits.bytes, entries: limits.entries, folder };
    if bytes.starts_with(b"PK\x03\x04") {
        unzip(bytes, &mut room)
    } else if bytes.starts_with(&[0x1f, 0x8b]) {
        untar(MultiGzDecoder::new(bytes), &mut room)
    } else {
        untar(bytes, &mut room)
    }
}

fn untar(reader: impl Read, room: &mut Room<'_>) -> Result<(), Issue> {
    let mut archive = tar::Archive::new(reader);
    let mut is_empty = true;
    for entry in archive.entries().map_err(|_| damaged())? {
        let mut entry = entry.map_err(|_| damaged())?;
        is_empty = false;
        let kind = entry.header().entry_type();
        if matches!(kind, tar::EntryType::XGlobalHeader | tar::EntryType::XHeader | tar::EntryType::GNULongName) {
            continue;
        }
        let path = entry.path().map_err(|_| bad_entry())?.into_owned();
        if kind.is_dir() {
            room.take_entry()?;
            room.inside(&path)?;
        } else if kind.is_file() {
            room.write(&path, &mut entry)?;
        } else {
            return Err(bad_entry());
        }
    }
    if is_empty { Err(damaged()) } else { Ok(()) }
}

fn unzip(bytes: &[u8], room: &mut Room<'_>) -> Result<(), Issue> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    if archive.len() > room.entries {
        return Err(room.too_large());
    }
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|_| damaged())?;
        // The name as it stands in the archive: a helper that cleans it would hide what it says.
        let path = PathBuf::from(entry.name());
        if entry.is_symlink() {
            return Err(bad_entry());
        }
        if entry.is_dir() {
            room.take_entry()?;
            room.inside(&path)?;
        } else {
            room.write(&path, &mut entry)?;
        }
    }
    Ok(())
}

/// What may still be written, and where.
struct Room<'f> {
    limits: ArchiveLimits,
    bytes: u64,
    entries: usize,
    folder: &'f Path,
}

impl Room<'_> {
    fn take_entry(&mut self) -> Result<(), Issue> {
        self.entries = self.entries.checked_sub(1).ok_or_else(|| self.too_large())?;
        Ok(())
    }

    /// The place of an entry in the folder: every part of its name is a plain name.
    fn inside(&self, path: &Path) -> Result<PathBuf, Issue> {
        let mut place = self.folder.to_owned();
        for part in path.components() {
            match part {
                Component::Normal(name) if !name.to_string_lossy().contains(['\\', '\0']) => place.push(name),
                Component::CurDir => {}
                _ => return Err(bad_entry()),
            }
        }
        Ok(place)
    }

    fn write(&mut self, path: &Path, content: &mut impl Read) -> Result<(), Issue> {
        self.take_entry()?;
        let place = self.inside(path)?;
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(|error| unwritable(&error))?;
        }
        // New: two entries of one name are no archive that somebody meant to send.
        let mut file = File::create_new(&place).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::InvalidInput | io::ErrorKind::IsADirectory => bad_entry(),
            _ => unwritable(&error),
        })?;
        let mut limited = content.take(self.bytes + 1);
        let mut buffer = [0; 64 << 10];
        let mut written = 0_u64;
        loop {
            let count = limited.read(&mut buffer).map_err(|_| damaged())?;
            let Some(chunk) = buffer.get(..count).filter(|chunk| !chunk.is_empty()) else { break };
            written += count as u64;
            if written > self.bytes {
                return Err(self.too_large());
            }
            io::Write::write_all(&mut file, chunk).map_err(|error| unwritable(&error))?;
        }
        self.bytes -= written;
        Ok(())
    }

    fn too_large(&self) -> Issue {
        let ArchiveLimits { bytes, entries } = self.limits;
        let text = format!("the archive unpacks to more than {bytes} bytes or {entries} files");
        issue(IssueCode::IntakeArchiveTooLarge, &text)
    }
}

fn damaged() -> Issue {
    issue(IssueCode::IntakeArchiveInvalid, "no tar, tar.gz or zip archive, or damaged")
}

fn bad_entry() -> Issue {
    let text = "an entry leads out of the folder, stands twice, or is neither file nor folder";
    issue(IssueCode::IntakeArchiveEntry, text)
}

fn unwritable(error: &io::Error) -> Issue {
    issue(IssueCode::OutputUnwritable, &format!("the folder for archives: {}", error.kind()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const LIMITS: ArchiveLimits = ArchiveLimits { bytes: 1_000, entries: 3 };

    fn header(kind: tar::EntryType, size: u64, name: &[u8]) -> tar::Header {
        let mut header = tar::Header::new_ustar();
        header.set_size(size);
        header.set_entry_type(kind);
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_cksum();
        header
    }

    fn tar_of(entries: &[(&[u8], tar::EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, kind, content) in entries {
            builder.append(&header(*kind, content.len() as u64, name), *content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn code(bytes: &[u8], limits: ArchiveLimits) -> Result<(), IssueCode> {
        let scratch = Scratch::new(&std::env::temp_dir()).unwrap();
        unpack(bytes, scratch.path(), limits).map_err(|issue| issue.code)
    }

    #[test]
    fn files_are_where_the_archive_says() {
        let bytes =
            tar_of(&[(b"run/a.tsv", tar::EntryType::Regular, b"one"), (b"./b", tar::EntryType::Regular, b"two")]);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&bytes).unwrap();
        for bytes in [bytes.clone(), gzip.finish().unwrap()] {
            let scratch = Scratch::new(&std::env::temp_dir()).unwrap();
            unpack(&bytes, scratch.path(), LIMITS).unwrap();
            let mut text = String::new();
            File::open(scratch.path().join("run/a.tsv")).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "one");
            assert!(scratch.path().join("b").is_file());
        }
    }

    #[test]
    fn nothing_leads_out_of_the_folder() {
        let regular = tar::EntryType::Regular;
        for name in [&b"../a"[..], b"/etc/a", b"a/../../b", b"a\\..\\b"] {
            assert_eq!(code(&tar_of(&[(name, regular, b"x")]), LIMITS), Err(IssueCode::IntakeArchiveEntry), "{name:?}");
        }
        for kind in [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Char, tar::EntryType::Fifo] {
            assert_eq!(code(&tar_of(&[(b"a", kind, b"")]), LIMITS), Err(IssueCode::IntakeArchiveEntry), "{kind:?}");
        }
        let twice = tar_of(&[(b"a", regular, b"x"), (b"a", regular, b"y")]);
        assert_eq!(code(&twice, LIMITS), Err(IssueCode::IntakeArchiveEntry));
    }

    #[test]
    fn an_archive_is_bounded_and_whole() {
        let regular = tar::EntryType::Regular;
        let large = tar_of(&[(b"a", regular, &[b'x'; 1_001])]);
        assert_eq!(code(&large, LIMITS), Err(IssueCode::IntakeArchiveTooLarge));
        let many = tar_of(&[(b"a", regular, b""), (b"b", regular, b""), (b"c", regular, b""), (b"d", regular, b"")]);
        assert_eq!(code(&many, LIMITS), Err(IssueCode::IntakeArchiveTooLarge));
        assert_eq!(code(b"words", LIMITS), Err(IssueCode::IntakeArchiveInvalid));
        assert_eq!(code(b"", LIMITS), Err(IssueCode::IntakeArchiveInvalid));
        assert_eq!(code(b"PK\x03\x04", LIMITS), Err(IssueCode::IntakeArchiveInvalid));
        assert_eq!(code(&[0x1f, 0x8b, 8], LIMITS), Err(IssueCode::IntakeArchiveInvalid));
        assert_eq!(code(&large[..700], LIMITS), Err(IssueCode::IntakeArchiveInvalid));
    }
}
