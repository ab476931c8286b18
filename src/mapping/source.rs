//! Where mapping files come from: the program itself, or a directory.
//!
//! ```text
//! fhir/*.yaml                          templates of a report
//! fhir/referral/*.yaml                 templates of a referral
//! fhir/trial/*.yaml                    templates of what the trial tells
//! tables/*.tsv                         code tables
//! overlays/<orgnr>/*.yaml              what one organisation has otherwise in a report
//! overlays/<orgnr>/referral/*.yaml     and in a referral
//! overlays/<orgnr>/trial/*.yaml        and in what the trial tells
//! ```
//!
//! Other directories (genes, nomenclature) belong to other readers.

use std::fs::File;
use std::io::Read;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use walkdir::{DirEntry, WalkDir};

use super::Templates;
use super::embedded::FILES;
use crate::domain::issue::IssueCode;
use crate::domain::record::{Described, RecordType};
use crate::domain::referral::Referral;
use crate::domain::report::GenomicReport;
use crate::domain::trial::TrialUpdate;
use crate::mapping_file::tables::Tables;
use crate::mapping_file::{MAX_BYTES, MappingError, MappingFile, Position};
use crate::redact::quote;

/// What a set of templates is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A genomic report.
    Report,
    /// A referral.
    Referral,
    /// What the trial tells.
    Trial,
}

impl Subject {
    /// Every subject.
    pub const ALL: [Self; 3] = [Self::Report, Self::Referral, Self::Trial];

    /// The name by which templates call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Referral => "referral",
            Self::Trial => "trial",
        }
    }

    /// Its record type.
    pub fn record(self) -> &'static RecordType {
        match self {
            Self::Report => GenomicReport::TYPE,
            Self::Referral => Referral::TYPE,
            Self::Trial => TrialUpdate::TYPE,
        }
    }

    /// The subject of a template file, by its directory.
    fn of(file: &MappingFile) -> Self {
        let folder = file.name.rsplit('/').nth(1);
        Self::ALL.into_iter().find(|subject| folder == Some(subject.name())).unwrap_or(Self::Report)
    }
}

/// Most files of a mapping.
pub const MAX_FILES: usize = 1000;

/// The files of a mapping, with paths below the mapping directory as names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingSet(Vec<MappingFile>);

impl MappingSet {
    /// The mapping that the program carries with it.
    pub fn embedded() -> Self {
        Self(FILES.iter().map(|&(name, text)| MappingFile::new(name, text)).collect())
    }

    /// Reads a mapping directory. Names that start with a dot are passed over; symbolic links are followed, as mounted
    /// configuration consists of them.
    ///
    /// # Errors
    /// Every file that cannot be read, is larger than 1 MiB, is not UTF-8 or has another ending than its directory wants,
    /// and more than [`MAX_FILES`] files, as `mapping.file-unreadable`.
    pub fn read(directory: &Path) -> Result<Self, Vec<MappingError>> {
        let mut files = Vec::new();
        let mut errors = Vec::new();
        // Files stand directly in `tables`; in `fhir`, and one directory down in `overlays`, those of another subject than
        // a report have a directory of their own.
        for (name, ending, depths) in [("fhir", "yaml", 1..=2), ("tables", "tsv", 1..=1), ("overlays", "yaml", 2..=3)] {
            if name == "overlays" && !directory.join(name).exists() {
                continue;
            }
            for entry in entries(&directory.join(name), *depths.end()) {
                match read_entry(directory, entry, ending, &depths) {
                    Ok(file) => files.extend(file),
                    Err(error) => errors.push(error),
                }
                if files.len() + errors.len() > MAX_FILES {
                    errors.push(unreadable(&name.into(), "the mapping has too many files"));
                    return Err(errors);
                }
            }
        }
        if errors.is_empty() { Ok(Self(files)) } else { Err(errors) }
    }

    /// The same mapping with `base` in place of the `example` canonical base (ADR 4).
    #[must_use]
    pub fn with_canonical_base(mut self, example: &str, base: &str) -> Self {
        for file in &mut self.0 {
            file.text = file.text.replace(example, base).into();
        }
        self
    }

    /// The code tables.
    ///
    /// # Errors
    /// Every defect of the tables.
    pub fn tables(&self) -> Result<Tables, Vec<MappingError>> {
        let tables: Vec<MappingFile> = self.0.iter().filter(|file| file.name.starts_with("tables/")).cloned().collect();
        Tables::load(&tables)
    }

    /// The organisations that have an overlay, by organisation number.
    pub fn overlays(&self) -> Vec<&str> {
        let mut organisations: Vec<&str> = self.0.iter().filter_map(organisation).collect();
        organisations.dedup();
        organisations
    }

    /// Compiles the templates of one subject, with the overlay of one organisation if it has any.
    ///
    /// # Errors
    /// Every defect of the tables; if there is none, every defect of the templates.
    pub fn compile(&self, overlay: Option<&str>, subject: Subject) -> Result<Templates, Vec<MappingError>> {
        self.compile_with(&self.tables()?, overlay, subject)
    }

    /// Like [`MappingSet::compile`], with the tables that were read from the same set.
    ///
    /// # Errors
    /// Every defect of the templates.
    pub fn compile_with(
        &self,
        tables: &Tables,
        overlay: Option<&str>,
        subject: Subject,
    ) -> Result<Templates, Vec<MappingError>> {
        let is_used = |file: &&MappingFile| {
            !file.name.starts_with("tables/")
                && Subject::of(file) == subject
                && organisation(file).is_none_or(|organisation| Some(organisation) == overlay)
        };
        let templates: Vec<MappingFile> = self.0.iter().filter(is_used).cloned().collect();
        Templates::load(&templates, tables, subject.record(), subject.name())
    }
}

/// The organisation whose overlay the file is part of.
fn organisation(file: &MappingFile) -> Option<&str> {
    file.name.strip_prefix("overlays/")?.split('/').next()
}

fn entries(directory: &Path, depth: usize) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    let is_visible = |entry: &DirEntry| entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".");
    WalkDir::new(directory).max_depth(depth).follow_links(true).sort_by_file_name().into_iter().filter_entry(is_visible)
}

/// The file of an entry; `None` for a directory.
fn read_entry(
    directory: &Path,
    entry: walkdir::Result<DirEntry>,
    ending: &str,
    depths: &RangeInclusive<usize>,
) -> Result<Option<MappingFile>, MappingError> {
    let entry = entry.map_err(|error| {
        let path = error.path().unwrap_or(directory);
        unreadable(&name_below(directory, path), "cannot be read")
    })?;
    let name = name_below(directory, entry.path());
    let is_directory = entry.file_type().is_dir();
    // The last directory above a file can only be that of a subject.
    let is_subject = || Subject::ALL.iter().any(|subject| entry.file_name().to_str() == Some(subject.name()));
    let belongs = match is_directory {
        true => entry.depth() < *depths.start() || (entry.depth() < *depths.end() && is_subject()),
        false => depths.contains(&entry.depth()),
    };
    if !belongs {
        let text = "only `fhir/*.yaml`, `fhir/referral/*.yaml`, `fhir/trial/*.yaml`, `tables/*.tsv` and the like in `overlays/*` belong here";
        return Err(unreadable(&name, text));
    }
    if is_directory {
        return Ok(None);
    }
    if !name.ends_with(&format!(".{ending}")) {
        return Err(unreadable(&name, &format!("only `.{ending}` files belong here")));
    }
    let mut text = String::new();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    File::open(entry.path())
        .and_then(|file| file.take(limit).read_to_string(&mut text))
        .map_err(|error| unreadable(&name, &error.to_string()))?;
    if text.len() > MAX_BYTES {
        return Err(unreadable(&name, "the file is longer than 1 MiB"));
    }
    Ok(Some(MappingFile { name, text: text.into() }))
}

/// The path with `/` between names.
fn name_below(directory: &Path, path: &Path) -> Arc<str> {
    let below = path.strip_prefix(directory).unwrap_or(path);
    let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
    names.join("/").into()
}

fn unreadable(name: &Arc<str>, text: &str) -> MappingError {
    let at = Position { file: name.clone(), line: 0, column: 0 };
    MappingError::new(IssueCode::MappingFileUnreadable, &at, format!("{}: {text}", quote(name)))
}

#[cfg(test)]
mod tests;
