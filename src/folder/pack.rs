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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs::File;
    use std::time::{Duration, UNIX_EPOCH};

    use flate2::read::GzDecoder;

    use super::*;
    use crate::folder::scan::look;
    use crate::folder::scan::tests::Scratch;

    const MOST: Most = Most { bytes: 100_000, entries: 10 };
    const RUN: &str = "251116_NB501999_0042_AHGOLDENX1";

    fn entry(scratch: &Scratch) -> Entry {
        look(scratch.path(), 100).unwrap().entries.remove(0)
    }

    /// Names and contents of the files of an archive.
    fn files(bytes: &[u8]) -> BTreeMap<String, String> {
        let mut archive = tar::Archive::new(GzDecoder::new(bytes));
        let mut files = BTreeMap::new();
        for file in archive.entries().unwrap() {
            let mut file = file.unwrap();
            let name = file.path().unwrap().to_str().unwrap().to_owned();
            let mut content = String::new();
            file.read_to_string(&mut content).unwrap();
            assert_eq!(files.insert(name, content), None);
        }
        files
    }

    fn code(result: Result<Vec<u8>, NoBytes>) -> IssueCode {
        match result {
            Err(NoBytes::Refused(issue)) => issue.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_same_folder_gives_the_same_bytes_whenever_it_was_written() {
        let pack = |names: [&str; 2], seconds| {
            let scratch = Scratch::new("pack-same");
            for name in names {
                let path = scratch.write(&format!("{RUN}/{name}"), name);
                let time = UNIX_EPOCH + Duration::from_secs(seconds);
                File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
            }
            folder(&entry(&scratch), MOST).unwrap()
        };
        let names = ["Results/A_CombinedVariantOutput.tsv", "x.md5"];
        let bytes = pack(names, 1_000);
        assert_eq!(bytes, pack([names[1], names[0]], 2_000_000));
        let expected = names.map(|name| (format!("{RUN}/{name}"), name.to_owned()));
        assert_eq!(files(&bytes), BTreeMap::from(expected));
    }

    #[test]
    fn what_is_not_read_is_there_by_its_name_and_a_name_of_a_person_is_not() {
        let scratch = Scratch::new("pack-names");
        scratch.write("Kari Nordmann/A.bam", "reads");
        scratch.write("Kari Nordmann/A_CombinedVariantOutput.tsv", "calls");
        let bytes = folder(&entry(&scratch), MOST).unwrap();
        let expected = [("A.bam", ""), ("A_CombinedVariantOutput.tsv", "calls")];
        assert_eq!(files(&bytes), BTreeMap::from(expected.map(|(name, text)| (name.to_owned(), text.to_owned()))));
    }

    #[test]
    fn a_folder_is_bounded_and_holds_files_only() {
        let scratch = Scratch::new("pack-many");
        for number in 0..11 {
            scratch.write(&format!("run/{number}"), "");
        }
        assert_eq!(code(folder(&entry(&scratch), MOST)), IssueCode::IntakeArchiveTooLarge);
        let scratch = Scratch::new("pack-large");
        let noise: String =
            (0..40_000_u64).map(|number| format!("{:x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
        scratch.write("run/A_CombinedVariantOutput.tsv", &noise);
        assert_eq!(code(folder(&entry(&scratch), MOST)), IssueCode::IntakeArchiveTooLarge);
        let scratch = Scratch::new("pack-link");
        scratch.write("run/a", "");
        std::os::unix::fs::symlink("/etc/hostname", scratch.path().join("run/b")).unwrap();
        assert_eq!(code(folder(&entry(&scratch), MOST)), IssueCode::IntakeArchiveEntry);
    }

    #[test]
    fn a_file_is_read_within_its_limit_and_no_link_is_followed() {
        let scratch = Scratch::new("pack-file");
        let path = scratch.write("a", "12345");
        assert_eq!(file(&path, 5).unwrap(), b"12345");
        assert_eq!(code(file(&path, 4)), IssueCode::RequestTooLarge);
        let link = scratch.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(matches!(file(&link, 5), Err(NoBytes::NotNow(_))));
    }
}
