//! The bytes of an entry: those of a file; a run folder as a packed archive, the same bytes for the same folder.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use walkdir::WalkDir;

use super::scan::{Entry, open};
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::pipeline::run_folder;

/// Most that is taken of an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Most {
    /// Bytes of a file, or of an archive.
    pub(super) bytes: usize,
    /// Files and folders in a folder.
    pub(super) entries: usize,
}

/// Why an entry has no bytes.
#[derive(Debug)]
pub(super) enum NoBytes {
    /// It never will: the sender is told.
    Refused(Issue),
    /// Not now: it changed, or cannot be read.
    NotNow(io::ErrorKind),
}

impl From<io::Error> for NoBytes {
    fn from(error: io::Error) -> Self {
        Self::NotNow(error.kind())
    }
}

/// The bytes of a file.
pub(super) fn file(path: &Path, most: usize) -> Result<Vec<u8>, NoBytes> {
    let (file, length) = open(path)?;
    if length > most as u64 {
        return Err(too_large(IssueCode::RequestTooLarge, most));
    }
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(NoBytes::NotNow(io::ErrorKind::UnexpectedEof)) }
}

/// A run folder as `tar.gz`: names in order, no times, no owners.
///
/// Files of formats that are not read are in it by their names only: sequence reads would make an archive that nobody can
/// hold, and all that is said of such a file is that it was there.
pub(super) fn folder(entry: &Entry, most: Most) -> Result<Vec<u8>, NoBytes> {
    let packed = GzEncoder::new(Bounded { bytes: Vec::new(), most: most.bytes }, Compression::fast());
    let mut archive = tar::Builder::new(packed);
    let top = top(entry);
    let mut count = 0_usize;
    for found in WalkDir::new(&entry.path).follow_root_links(false).min_depth(1).sort_by_file_name() {
        let found = found.map_err(io::Error::from)?;
        count += 1;
        if count > most.entries {
            let text = format!("the folder holds more than {} files and folders", most.entries);
            return Err(refused(IssueCode::IntakeArchiveTooLarge, &text));
        }
        let kind = found.file_type();
        if kind.is_dir() {
            continue;
        }
        let relative = found.path().strip_prefix(&entry.path).unwrap_or(found.path());
        if !kind.is_file() {
            let text = "the run folder holds a symbolic link, or what is neither file nor folder; nothing was taken";
            return Err(refused(IssueCode::IntakeArchiveEntry, text));
        }
        append(&mut archive, &top.join(relative), found.path()).map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => too_large(IssueCode::IntakeArchiveTooLarge, most.bytes),
            kind => NoBytes::NotNow(kind),
        })?;
    }
    let finished = archive.into_inner().and_then(GzEncoder::finish).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => too_large(IssueCode::IntakeArchiveTooLarge, most.bytes),
        kind => NoBytes::NotNow(kind),
    })?;
    Ok(finished.bytes)
}

/// The folder's name where it is that of a sequencing run: it says which, and lists of checksums may repeat it. Any other name
/// may be that of a person, and stays out of the archive.
fn top(entry: &Entry) -> PathBuf {
    let name = entry.name.to_str().filter(|name| run_folder::is_run(name));
    name.map(PathBuf::from).unwrap_or_default()
}

fn append<W: Write>(archive: &mut tar::Builder<W>, name: &Path, path: &Path) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o600);
    if !name.to_str().is_some_and(run_folder::is_read) {
        header.set_size(0);
        return archive.append_data(&mut header, name, io::empty());
    }
    let (file, length) = open(path)?;
    header.set_size(length);
    let mut content = Counted { content: file.take(length), count: 0 };
    archive.append_data(&mut header, name, &mut content)?;
    // A file that shrinks while it is read would leave an archive that is none.
    if content.count == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

struct Counted<R> {
    content: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

/// Bytes up to a limit.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn refused(code: IssueCode, text: &str) -> NoBytes {
    NoBytes::Refused(Issue::new(code, Location::default(), text))
}

fn too_large(code: IssueCode, most: usize) -> NoBytes {
    refused(code, &format!("longer than {most} bytes"))
}
