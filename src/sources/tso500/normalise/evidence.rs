//! The files beside the CombinedVariantOutput that speak of one sample: read when its report is built.

use std::fs::File;
use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::limits::Limits;

use super::super::all_fusions::{self, AllFusions};
use super::super::biomarker_json::{self, MsiFile, TmbFile};
use super::super::dna_fusions_table::{self, DnaFusionsTable};
use super::super::folder::{self, Entry, Kind};
use super::super::sample_analysis_results::{self, SampleAnalysisResults};
use super::super::small_variant_table::{self, SmallVariantTable};
use super::super::text::Text;
use super::super::tmb_trace::{self, TmbTrace};
use super::super::vcf::wire::{CopyNumberVcf, ExonCopyNumberVcf, Head, SmallVariantVcf, SpliceVcf};
use super::super::vcf::{self, Source};
use super::sample::{Case, NucleicAcid, Sample};

/// The parsed files of a case.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) traces: Vec<TmbTrace>,
    pub(super) small_variants: Vec<SmallVariantVcf>,
    pub(super) copy_numbers: Vec<CopyNumberVcf>,
    pub(super) exon_copy_numbers: Vec<ExonCopyNumberVcf>,
    pub(super) splice_variants: Vec<SpliceVcf>,
    pub(super) all_fusions: Vec<AllFusions>,
    pub(super) dna_fusions: Vec<DnaFusionsTable>,
    pub(super) results: Vec<SampleAnalysisResults>,
    pub(super) tmb: Vec<TmbFile>,
    pub(super) msi: Vec<MsiFile>,
    pub(super) tables: Vec<SmallVariantTable>,
    /// Every file that was read, for judging whether it could be read whole.
    pub(super) files: Vec<Arc<str>>,
    /// Files that are not used, since something is wrong with them as a whole.
    pub(super) unused: Vec<Arc<str>>,
    /// Files of which copies differ.
    pub(super) differing: Vec<Arc<str>>,
}

impl Evidence {
    /// Name and version of the pipeline by the first file that says it.
    pub(super) fn program(&self) -> Option<(String, Option<String>)> {
        let results = self.results.iter().filter_map(|file| Some((file.software.clone()?, None)));
        let programs = self.heads().filter_map(|head| head.program.as_ref());
        let programs = programs.map(|program| (program.name.clone(), program.version.clone()));
        let fusions = self.all_fusions.iter().filter_map(|file| Some((file.source.clone()?, None)));
        let tables = self.tables.iter().filter_map(|table| {
            let version = table.version.as_ref()?;
            Some(("TSOPPI".to_owned(), Some(version.value.tsoppi.clone())))
        });
        results.chain(programs).chain(fusions).chain(tables).next()
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
        tells(!self.small_variants.is_empty() || !self.tables.is_empty(), &["Small Variants"]);
        tells(!self.copy_numbers.is_empty(), &["Gene Amplifications", "Copy Number Variants"]);
        tells(!self.exon_copy_numbers.is_empty(), &["Exon-Level CNVs", "Large Rearrangements"]);
        tells(!self.splice_variants.is_empty(), &["Splice Variants"]);
        tells(!self.all_fusions.is_empty(), &["Fusions"]);
        tells(!self.dna_fusions.is_empty(), &["DNA Fusions"]);
        tells(self.tmb.iter().any(|file| file.tmb.total.is_some()), &["TMB"]);
        tells(self.msi.iter().any(|file| !file.is_invalid), &["MSI"]);
        for file in &self.results {
            tells(!file.small_variants.is_empty(), &["Small Variants"]);
            tells(!file.copy_number_variants.is_empty(), &["Gene Amplifications", "Copy Number Variants"]);
            tells(!file.dna_fusions.is_empty(), &["DNA Fusions"]);
            tells(file.tmb.total.is_some(), &["TMB"]);
            tells(file.msi.percent_unstable.is_some(), &["MSI"]);
        }
        sections
    }
}

/// Reads the files of a case. A file that cannot be read is an issue, and the report says so.
pub(super) fn read(case: &Case, limits: &Limits, account: &mut Account) -> Evidence {
    let mut evidence = Evidence::default();
    let mut reader = Reader { case, evidence: &mut evidence, limits, account };
    let traces = reader.texts(Kind::TmbTrace, tmb_trace::parse);
    let all_fusions = reader.texts(Kind::AllFusions, all_fusions::parse);
    let dna_fusions = reader.texts(Kind::DnaFusions, |text, limits, account| {
        let sample = sample_of_file(case, &text.file).map_or("", |sample| sample.text.as_str());
        dna_fusions_table::parse(text, sample, limits, account)
    });
    let results = reader.texts(Kind::SampleAnalysisResults, sample_analysis_results::parse);
    let tmb = reader.texts(Kind::TmbJson, biomarker_json::parse_tmb);
    let msi = reader.texts(Kind::MsiJson, biomarker_json::parse_msi);
    let tables = reader.texts(Kind::SmallVariantTable, small_variant_table::parse);
    let tables = without_superseded(tables, reader.evidence, reader.account);
    let tables = small_variant_table::choose(tables, reader.account);
    evidence = Evidence { traces, all_fusions, dna_fusions, results, tmb, msi, tables, ..evidence };
    evidence.small_variants =
        read_vcfs(case, Kind::SmallVariantVcf, &mut evidence, limits, account, vcf::small_variants);
    evidence.copy_numbers = read_vcfs(case, Kind::CopyNumberVcf, &mut evidence, limits, account, vcf::copy_numbers);
    evidence.exon_copy_numbers =
        read_vcfs(case, Kind::ExonCopyNumberVcf, &mut evidence, limits, account, vcf::exon_copy_numbers);
    evidence.splice_variants = read_vcfs(case, Kind::SpliceVcf, &mut evidence, limits, account, vcf::splice_variants);
    evidence
}

/// Where the table that was edited in quality control cannot be used, neither is the plain one: it lacks the decisions.
fn without_superseded(
    tables: Vec<SmallVariantTable>,
    evidence: &Evidence,
    account: &mut Account,
) -> Vec<SmallVariantTable> {
    let is_edited = |file: &Arc<str>| file.to_ascii_lowercase().contains("_small_variant_table_forqc");
    if !evidence.unused.iter().any(is_edited) {
        return tables;
    }
    let (edited, plain): (Vec<_>, Vec<_>) = tables.into_iter().partition(|table| table.for_qc);
    for table in plain {
        account.ledger.list_file(&table.file, IssueCode::TableSuperseded, IssueCode::TableSuperseded.meaning());
    }
    edited
}

/// Reads the text files of a case.
struct Reader<'a> {
    case: &'a Case,
    evidence: &'a mut Evidence,
    limits: &'a Limits,
    account: &'a mut Account,
}

impl Reader<'_> {
    fn texts<T>(&mut self, kind: Kind, parse: impl Fn(&Text, &Limits, &mut Account) -> Option<T>) -> Vec<T> {
        let mut parsed = Vec::new();
        let texts = folder::load(&of_kind(self.case, kind), self.limits, self.account);
        self.evidence.differing.extend(texts.differing);
        for text in texts.used {
            self.evidence.files.push(Arc::clone(&text.file));
            match parse(&text, self.limits, self.account) {
                Some(content) => parsed.push(content),
                None => self.evidence.unused.push(Arc::clone(&text.file)),
            }
        }
        parsed
    }
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
    let distinct = folder::distinct(&entries.iter().collect::<Vec<_>>(), account);
    evidence.differing.extend(distinct.differing);
    for entry in distinct.used {
        evidence.files.push(Arc::clone(&entry.file));
        let content = match open(entry) {
            Ok((file, length)) => {
                let sample = sample_by_kind(case, kind, entry).map(|sample| sample.text.as_str());
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

/// The sample that a file name names.
fn sample_of<'a>(case: &'a Case, entry: &Entry) -> Option<&'a Sample> {
    let id = entry.id.as_deref().unwrap_or_default();
    case.samples().find(|sample| id == sample.text || id.strip_suffix("_P") == Some(&sample.text))
}

/// The sample that the name of a file names; where it is the pair's, the one whose results files of this kind hold.
fn sample_by_kind<'a>(case: &'a Case, kind: Kind, entry: &Entry) -> Option<&'a Sample> {
    let [first, second] = match kind.nucleic_acid() {
        NucleicAcid::Rna => [&case.rna, &case.dna],
        _ => [&case.dna, &case.rna],
    };
    sample_of(case, entry).or(first.as_ref()).or(second.as_ref())
}

/// The sample that a file of the case belongs to.
pub(super) fn sample_of_file<'a>(case: &'a Case, file: &str) -> Option<&'a Sample> {
    let (kind, entry) = case.evidence.iter().find(|(_, entry)| &*entry.file == file)?;
    sample_by_kind(case, *kind, entry)
}
