//! The files beside the CombinedVariantOutput that speak of one sample: read when its report is built.

use std::fs::File;
use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::limits::Limits;

use super::super::folder::{self, Entry, Kind};
use super::super::tmb_trace::{self, TmbTrace};
use super::super::vcf::wire::{CopyNumberVcf, ExonCopyNumberVcf, Head, SmallVariantVcf, SpliceVcf};
use super::super::vcf::{self, Source};
use super::sample::{Case, Sample};

/// The parsed files of a case.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) traces: Vec<TmbTrace>,
    pub(super) small_variants: Vec<SmallVariantVcf>,
    pub(super) copy_numbers: Vec<CopyNumberVcf>,
    pub(super) exon_copy_numbers: Vec<ExonCopyNumberVcf>,
    pub(super) splice_variants: Vec<SpliceVcf>,
    /// Every file that was read, for judging whether it could be read whole.
    pub(super) files: Vec<Arc<str>>,
    /// Files that are not used, since something is wrong with them as a whole.
    pub(super) unused: Vec<Arc<str>>,
}

impl Evidence {
    /// Name and version of the pipeline by the first file that says it.
    pub(super) fn program(&self) -> Option<(String, Option<String>)> {
        let programs = self.heads().filter_map(|head| head.program.as_ref());
        programs.map(|program| (program.name.clone(), program.version.clone())).next()
    }

    fn heads(&self) -> impl Iterator<Item = &Head> {
        let small_variants = self.small_variants.iter().map(|file| &file.head);
        let copy_numbers = self.copy_numbers.iter().map(|file| &file.head);
        let exon_copy_numbers = self.exon_copy_numbers.iter().map(|file| &file.head);
        let splice_variants = self.splice_variants.iter().map(|file| &file.head);
        small_variants.chain(copy_numbers).chain(exon_copy_numbers).chain(splice_variants)
    }

    /// Sections of a CombinedVariantOutput whose findings these files tell as well.
    pub(super) fn sections(&self) -> Vec<&'static str> {
        let mut sections = Vec::new();
        let mut tells = |is_there: bool, told: &[&'static str]| {
            if is_there {
                sections.extend(told);
            }
        };
        tells(!self.small_variants.is_empty(), &["Small Variants"]);
        tells(!self.copy_numbers.is_empty(), &["Gene Amplifications", "Copy Number Variants"]);
        tells(!self.exon_copy_numbers.is_empty(), &["Exon-Level CNVs", "Large Rearrangements"]);
        tells(!self.splice_variants.is_empty(), &["Splice Variants"]);
        sections
    }
}

/// Reads the files of a case. A file that cannot be read is an issue, and the report says so.
pub(super) fn read(case: &Case, limits: &Limits, account: &mut Account) -> Evidence {
    let mut evidence = Evidence::default();
    for text in folder::load(&of_kind(case, Kind::TmbTrace), limits, account) {
        evidence.files.push(Arc::clone(&text.file));
        evidence.traces.extend(tmb_trace::parse(&text, limits, account));
    }
    evidence.small_variants =
        read_vcfs(case, Kind::SmallVariantVcf, &mut evidence, limits, account, vcf::small_variants);
    evidence.copy_numbers = read_vcfs(case, Kind::CopyNumberVcf, &mut evidence, limits, account, vcf::copy_numbers);
    evidence.exon_copy_numbers =
        read_vcfs(case, Kind::ExonCopyNumberVcf, &mut evidence, limits, account, vcf::exon_copy_numbers);
    evidence.splice_variants = read_vcfs(case, Kind::SpliceVcf, &mut evidence, limits, account, vcf::splice_variants);
    evidence
}

fn of_kind(case: &Case, kind: Kind) -> Vec<Entry> {
    case.evidence.iter().filter(|(of, _)| *of == kind).map(|(_, entry)| entry.clone()).collect()
}

/// Reads the VCFs of one kind, each content once.
fn read_vcfs<'a, T>(
    case: &'a Case,
    kind: Kind,
    evidence: &mut Evidence,
    limits: &'a Limits,
    account: &mut Account,
    read: impl for<'s> Fn(Source<'s>, File, &'s Limits, &'s mut Account) -> Option<T>,
) -> Vec<T> {
    let entries = of_kind(case, kind);
    let mut contents = Vec::new();
    for entry in folder::distinct(&entries.iter().collect::<Vec<_>>(), account) {
        evidence.files.push(Arc::clone(&entry.file));
        let content = match open(entry) {
            Ok((file, length)) => {
                let sample = sample_of(case, entry).map(|sample| sample.text.as_str());
                read(Source { file: &entry.file, length, sample_id: sample }, file, limits, account)
            }
            Err(issue) => {
                account.issue(issue.code, issue.location, issue.text);
                None
            }
        };
        match content {
            Some(content) => contents.push(content),
            None => evidence.unused.push(Arc::clone(&entry.file)),
        }
    }
    contents
}

fn open(entry: &Entry) -> Result<(File, u64), Issue> {
    let unreadable = |text: String| Issue::new(IssueCode::FolderEntryUnreadable, Location::file(&entry.file), text);
    // Asked before opening: opening a named pipe waits for a writer.
    let metadata =
        std::fs::metadata(&entry.path).map_err(|error| unreadable(format!("cannot be read: {}", error.kind())))?;
    if !metadata.is_file() {
        return Err(unreadable("is not a regular file".to_owned()));
    }
    let file = File::open(&entry.path).map_err(|error| unreadable(format!("cannot be read: {}", error.kind())))?;
    Ok((file, metadata.len()))
}

/// The sample that a file name names; without its id the one that the case has of the kind.
pub(super) fn sample_of<'a>(case: &'a Case, entry: &Entry) -> Option<&'a Sample> {
    let id = entry.id.as_deref().unwrap_or_default();
    case.samples().find(|sample| id == sample.text || id.strip_suffix("_P") == Some(&sample.text))
}
