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

use std::path::PathBuf;
use std::sync::Arc;

pub use self::load::load;
pub use self::run::run_id;
pub use self::walk::discover;

/// The files under one path, by kind; each list is sorted by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The folder; the parent folder where one file was given.
    pub root: PathBuf,
    /// `<id>_CombinedVariantOutput.tsv`; never empty in a result of [`discover`].
    pub combined_variant_outputs: Vec<Entry>,
    /// `MetricsOutput.tsv`
    pub metrics_outputs: Vec<Entry>,
    /// `<id>_TMB_Trace.tsv` (LocalApp), `<id>.tmb.trace.tsv` (DRAGEN)
    pub tmb_traces: Vec<Entry>,
    /// `sample_list.tsv`
    pub sample_lists: Vec<Entry>,
    /// `*.md5`, but not the sum of an archive.
    pub md5_lists: Vec<Entry>,
}

impl Inventory {
    /// The entries of the files that are translated: all but the MD5 lists.
    pub fn translated(&self) -> impl Iterator<Item = &Entry> {
        let kinds = [&self.combined_variant_outputs, &self.metrics_outputs, &self.tmb_traces, &self.sample_lists];
        kinds.into_iter().flatten()
    }

    /// The entry of a translated file by its name relative to the root.
    pub fn entry(&self, file: &str) -> Option<&Entry> {
        self.translated().find(|entry| &*entry.file == file)
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

/// The sample or pair id in the name of a file of a kind that is read; folders before the name are ignored.
pub fn id_in_name(file: &str) -> Option<String> {
    match format::of(file) {
        format::Format::Read(_, id) if !id.is_empty() && run_id(id).is_none() => Some(id.to_owned()),
        _ => None,
    }
}
