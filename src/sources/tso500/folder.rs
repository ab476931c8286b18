//! The folder a laboratory hands over: which files are there, which of them are read.
//!
//! Layouts differ (run folders with `Logs_Intermediates` and `Results`, post-processing folders per patient, unpacked
//! export packages), so files are known by their names, wherever they lie.

mod format;
mod load;
#[cfg(test)]
pub(super) mod raw_lines;
mod run;
#[cfg(test)]
pub(super) mod scratch;
mod unread;
mod walk;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

pub use self::format::Kind;
pub use self::load::{Distinct, distinct, distinct_contents, load, name_of};
pub use self::run::run_id;
pub use self::walk::discover;

/// The files under one path, by kind; each list is sorted by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The folder; the parent folder where one file was given.
    pub root: PathBuf,
    files: BTreeMap<Kind, Vec<Entry>>,
}

impl Inventory {
    /// The files of one kind.
    pub fn of(&self, kind: Kind) -> &[Entry] {
        self.files.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }

    /// Files that belong to one sample each and are read with its report, with their kind.
    pub fn of_samples(&self) -> impl Iterator<Item = (Kind, &Entry)> {
        let kinds = self.files.iter().filter(|(kind, _)| kind.is_of_sample());
        kinds.flat_map(|(kind, entries)| entries.iter().map(|entry| (*kind, entry)))
    }

    /// The entries of the files that are translated: all but the MD5 lists.
    pub fn translated(&self) -> impl Iterator<Item = &Entry> {
        self.files.iter().filter(|(kind, _)| **kind != Kind::Md5List).flat_map(|(_, entries)| entries)
    }

    /// Whether any of the files can make a report.
    pub fn has_report(&self) -> bool {
        self.files.keys().any(|kind| kind.makes_report())
    }

    /// The entry of a translated file by its name relative to the root.
    pub fn entry(&self, file: &str) -> Option<&Entry> {
        self.translated().find(|entry| &*entry.file == file)
    }

    fn add(&mut self, kind: Kind, entry: Entry) {
        self.files.entry(kind).or_default().push(entry);
    }
}

/// A file of a kind that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is.
    pub path: PathBuf,
    /// The same relative to the root, with `/` between folders.
    pub file: Arc<str>,
    /// Sample or pair id in the file name.
    pub id: Option<String>,
    /// Sequencing run id in the file name or in the nearest folder above that has one.
    pub run_id: Option<String>,
}

/// Whether a file is of a kind that is read, by its name and the folders above it.
pub fn is_read(file: &str) -> bool {
    matches!(format::of(file), format::Format::Read(..))
}

/// The sample or pair id in the name of a file of a kind that is read; folders before the name are ignored.
pub fn id_in_name(file: &str) -> Option<String> {
    match format::of(file) {
        format::Format::Read(_, id) if !id.is_empty() && run_id(id).is_none() => Some(id.to_owned()),
        _ => None,
    }
}
