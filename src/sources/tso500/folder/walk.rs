//! Walking the folder.

use std::collections::BTreeMap;
use std::path::{Component, Path};
use std::sync::Arc;

use walkdir::{DirEntry, WalkDir};

use super::format::{self, Format, Kind};
use super::{Entry, Inventory, id_in_name, run_id};
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::limits::Limits;
use crate::redact::quote;

/// Finds the files under `path`: a folder, or one file of a kind that makes a report. No file is opened.
///
/// Symbolic links are followed inside the folder; the order is that of the names, so that the same folder gives the same result.
/// What is left out becomes an issue: `folder.symlink-loop`, `folder.symlink-outside`, `folder.too-deep`, `folder.entry-unreadable`,
/// `folder.name-invalid`, and one `folder.file-not-read` or `folder.file-unknown` per format.
///
/// Errors: `folder.path-missing`, `folder.too-many-files`, `folder.no-report`.
pub fn discover(path: &Path, limits: &Limits, issues: &mut Vec<Issue>) -> Result<Inventory, Issue> {
    let missing = |text: String| Issue::new(IssueCode::PathMissing, Location::default(), text);
    let shown = quote(&path.to_string_lossy());
    let metadata = std::fs::metadata(path).map_err(|error| missing(format!("{shown}: {}", error.kind())))?;
    let mut found = Found::default();
    if metadata.is_file() {
        found.inventory.root = path.parent().map(Path::to_path_buf).unwrap_or_default();
        if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
            let run = run_of_root(&found.inventory.root);
            match format::of(name) {
                Format::Read(kind, _) if kind.makes_report() => found.add(path, name, run.as_deref(), limits),
                // Whoever gives one VCF means its variants, whatever it is called.
                Format::NotRead("VCF") => found.add_vcf(path, name, run),
                _ => {}
            }
        }
    } else if metadata.is_dir() {
        found.inventory.root = path.to_path_buf();
        walk(path, limits, &mut found, issues)?;
        found.report(issues);
    } else {
        return Err(missing(format!("{shown}: neither a folder nor a file")));
    }
    if !found.inventory.has_report() {
        let text = format!("no file that makes a report, such as `<id>_CombinedVariantOutput.tsv`, at {shown}");
        return Err(Issue::new(IssueCode::FolderWithoutReport, Location::default(), text));
    }
    Ok(found.inventory)
}

/// What a walk has found so far.
#[derive(Default)]
struct Found {
    inventory: Inventory,
    not_read: BTreeMap<&'static str, Names>,
    unknown: Names,
}

/// Names of files that are not read.
#[derive(Default)]
struct Names {
    count: usize,
    first: Vec<String>,
}

impl Names {
    fn add(&mut self, file: &str, limits: &Limits) {
        self.count += 1;
        if self.first.len() < limits.names_per_issue {
            self.first.push(quote(file.rsplit('/').next().unwrap_or(file)));
        }
    }

    fn text(&self) -> String {
        let more = match self.count - self.first.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let files = if self.count == 1 { "file" } else { "files" };
        format!("{} {files}: {}{more}", self.count, self.first.join(", "))
    }
}

impl Found {
    fn add(&mut self, path: &Path, file: &str, run_of_root: Option<&str>, limits: &Limits) {
        let kind = match format::of(file) {
            Format::Read(kind, _) => kind,
            Format::NotRead(format) => return self.not_read.entry(format).or_default().add(file, limits),
            Format::Unknown => return self.unknown.add(file, limits),
        };
        let entry = Entry {
            path: path.to_path_buf(),
            file: Arc::from(crate::redact::name(file)),
            id: id_in_name(file),
            run_id: file.rsplit('/').find_map(run_id).or_else(|| run_of_root.map(str::to_owned)),
        };
        self.inventory.add(kind, entry);
    }

    fn add_vcf(&mut self, path: &Path, name: &str, run_id: Option<String>) {
        let id = name.split(".vcf").next().and_then(|id| id.split(".gvcf").next()).filter(|id| !id.is_empty());
        let entry = Entry {
            path: path.to_path_buf(),
            file: Arc::from(crate::redact::name(name)),
            id: id.map(str::to_owned),
            run_id,
        };
        self.inventory.add(Kind::SmallVariantVcf, entry);
    }

    fn report(&self, issues: &mut Vec<Issue>) {
        for (format, names) in &self.not_read {
            let text = format!("{format}: {}", names.text());
            issues.push(Issue::new(IssueCode::FileNotRead, Location::default(), text));
        }
        if self.unknown.count > 0 {
            issues.push(Issue::new(IssueCode::FileUnknown, Location::default(), self.unknown.text()));
        }
    }
}

fn walk(root: &Path, limits: &Limits, found: &mut Found, issues: &mut Vec<Issue>) -> Result<(), Issue> {
    let run_of_root = run_of_root(root);
    let real_root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let mut entries = WalkDir::new(root).follow_links(true).sort_by_file_name().min_depth(1).into_iter();
    let mut count = 0_usize;
    while let Some(entry) = entries.next() {
        count += 1;
        if count > limits.folder_entries {
            let text = format!("more than {} files and folders", limits.folder_entries);
            return Err(Issue::new(IssueCode::FolderTooManyFiles, Location::default(), text));
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                issues.push(walk_issue(&error, root));
                continue;
            }
        };
        match problem(&entry, root, &real_root, limits) {
            Some(issue) => {
                issues.push(issue);
                if entry.file_type().is_dir() {
                    entries.skip_current_dir();
                }
            }
            None if entry.file_type().is_file() => {
                found.add(entry.path(), &relative(entry.path(), root), run_of_root.as_deref(), limits);
            }
            None => {}
        }
    }
    Ok(())
}

/// Why an entry is not looked at.
fn problem(entry: &DirEntry, root: &Path, real_root: &Path, limits: &Limits) -> Option<Issue> {
    let location = || Location::file(&Arc::from(crate::redact::name(&relative(entry.path(), root))));
    if entry.file_name().to_str().is_none() {
        return Some(Issue::new(IssueCode::FileNameInvalid, location(), "the name is not UTF-8"));
    }
    // Whoever can write into the folder must not make the gateway read what only the gateway may.
    let leads_out = |path: &Path| path.canonicalize().is_ok_and(|real| !real.starts_with(real_root));
    if entry.path_is_symlink() && leads_out(entry.path()) {
        let text = "the symbolic link leads out of the folder";
        return Some(Issue::new(IssueCode::FolderSymlinkOutside, location(), text));
    }
    let kind = entry.file_type();
    if kind.is_dir() && entry.depth() > limits.folder_depth {
        let text = format!("deeper than {} folders", limits.folder_depth);
        return Some(Issue::new(IssueCode::FolderTooDeep, location(), text));
    }
    // Opening a named pipe would wait for its writer.
    if !kind.is_dir() && !kind.is_file() {
        return Some(Issue::new(IssueCode::FolderEntryUnreadable, location(), "neither a folder nor a file"));
    }
    None
}

fn walk_issue(error: &walkdir::Error, root: &Path) -> Issue {
    let file: Arc<str> =
        Arc::from(crate::redact::name(&error.path().map(|path| relative(path, root)).unwrap_or_default()));
    if error.loop_ancestor().is_some() {
        let text = "the symbolic link leads back to a folder above it";
        return Issue::new(IssueCode::FolderSymlinkLoop, Location::file(&file), text);
    }
    let kind = error.io_error().map_or("cannot be read".to_owned(), |error| error.kind().to_string());
    Issue::new(IssueCode::FolderEntryUnreadable, Location::file(&file), format!("cannot be read: {kind}"))
}

fn relative(path: &Path, root: &Path) -> String {
    let components = path.strip_prefix(root).unwrap_or(path).components();
    components.map(|component| component.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The path may be `.` or a link; the real one then names the run.
fn run_of_root(root: &Path) -> Option<String> {
    let in_path = |path: &Path| {
        let names = path.components().rev().filter_map(|component| match component {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        names.map(run_id).find(Option::is_some).flatten()
    };
    in_path(root).or_else(|| in_path(&root.canonicalize().ok()?))
}

#[cfg(test)]
mod tests;
