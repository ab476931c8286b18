//! The variant summary of TSOPPI against the findings of the pipeline's own files.
//!
//! The summary repeats results under the same method, so it makes no finding: its lines are held by the findings that they
//! repeat. A result that differs, or that no other file has, is an issue.

use std::sync::Arc;

use crate::domain::accounting::{Account, RowId};
use crate::domain::decimal::Decimal;
use crate::domain::finding::{
    CopyNumber, ExonCopyNumber, Fusion, GenomicInstability, LossOfHeterozygosity, MicrosatelliteInstability, Note,
    SpecimenLink, SpliceVariant, TumorMutationalBurden,
};
use crate::domain::gene::GeneTable;
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::GenomicReport;
use crate::redact::{self, quote};

use super::super::cells::change_kind::ChangeKind;
use super::super::variant_summary::{Form, SummaryMsi, SummaryRow, SummaryTmb, VariantSummary};
use super::copy_numbers::gene_key;

/// Lets the findings of a report hold the lines about its samples. A line about them that no finding holds is listed; lines
/// about other samples stay open for other reports ([`list_unheld`]).
///
/// Returns a note for each result that only the summary tells: what is missing in the report is then no negative result.
pub fn attach(
    report: &mut GenomicReport,
    summaries: &[VariantSummary],
    genes: &GeneTable,
    account: &mut Account,
) -> Vec<Note> {
    let mut only_there = Vec::new();
    for summary in summaries {
        for row in &summary.rows {
            let samples = samples(report, &row.id);
            if samples.is_empty() {
                continue;
            }
            let mut repeat = Repeat::new(&summary.file, row.line, row.row, samples);
            repeat.all(report, row, summary.form, genes, account);
            only_there.append(&mut repeat.only_there);
            let code = match (repeat.held, repeat.said) {
                (true, _) => continue,
                (false, true) => IssueCode::SummaryWithoutFinding,
                (false, false) => IssueCode::SummaryNothing,
            };
            account.ledger.list(row.row, code, code.meaning());
        }
    }
    only_there
}

/// Lists the lines about samples that have no report. To be called when all reports are built and their rows represented.
pub fn list_unheld(summaries: &[VariantSummary], account: &mut Account) {
    let code = IssueCode::FileWithoutReport;
    for row in summaries.iter().flat_map(|summary| &summary.rows) {
        account.ledger.list(row.row, code, code.meaning());
    }
}

/// The samples of a report that an id means: a sample id, with or without the tail of a pair id, or a pair id.
fn samples(report: &GenomicReport, id: &str) -> Vec<String> {
    let is_named = |sample: &str| id.strip_prefix(sample).is_some_and(|tail| tail.is_empty() || tail.starts_with('_'));
    let is_pair = report.pairs.iter().any(|pair| pair.value == id);
    let ids = report.specimens.iter().map(|specimen| specimen.sample_id.clone());
    let named: Vec<String> = ids.clone().filter(|sample| is_named(sample)).collect();
    if named.is_empty() && is_pair { ids.collect() } else { named }
}

/// A finding that another file can repeat.
pub(super) trait Repeated {
    fn specimen(&self) -> &SpecimenLink;
    fn rows(&mut self) -> &mut Vec<RowId>;
    fn notes(&mut self) -> &mut Vec<Note>;
}

macro_rules! repeated {
    ($($type:ty),*) => { $(
        impl Repeated for $type {
            fn specimen(&self) -> &SpecimenLink {
                &self.specimen
            }
            fn rows(&mut self) -> &mut Vec<RowId> {
                &mut self.rows
            }
            fn notes(&mut self) -> &mut Vec<Note> {
                &mut self.notes
            }
        }
    )* };
}
repeated!(
    CopyNumber,
    ExonCopyNumber,
    LossOfHeterozygosity,
    Fusion,
    SpliceVariant,
    TumorMutationalBurden,
    MicrosatelliteInstability,
    GenomicInstability
);

/// One line of a table that repeats results.
pub(super) struct Repeat<'a> {
    pub(super) file: &'a Arc<str>,
    pub(super) line: u32,
    pub(super) row: RowId,
    /// Samples that the line is about.
    pub(super) samples: Vec<String>,
    /// Whether the line says that something was found.
    pub(super) said: bool,
    /// Whether a finding holds the line.
    pub(super) held: bool,
    /// Notes about the results that no finding repeats.
    pub(super) only_there: Vec<Note>,
}

/// A value of the finding and the value that the line gives for it, with its name.
type Pair<'v> = (&'static str, Option<String>, Option<String>, Option<(&'v Decimal, &'v Decimal)>);

fn decimals<'v>(name: &'static str, ours: Option<&'v Decimal>, theirs: Option<&'v Decimal>) -> Pair<'v> {
    (name, ours.map(ToString::to_string), theirs.map(ToString::to_string), ours.zip(theirs))
}

fn counts(name: &'static str, ours: Option<u64>, theirs: Option<u64>) -> Pair<'static> {
    (name, ours.map(|count| count.to_string()), theirs.map(|count| count.to_string()), None)
}

/// The values that differ. A value that one of them does not give is no difference, nor is what rounding explains.
fn differences(pairs: &[Pair<'_>]) -> Vec<String> {
    pairs
        .iter()
        .filter_map(|(name, ours, theirs, numbers)| {
            let (ours, theirs) = (ours.as_ref()?, theirs.as_ref()?);
            let same = numbers.map_or(ours == theirs, |(ours, theirs)| ours.agrees(theirs));
            (!same).then(|| format!("{name} {ours} in the pipeline's file, {theirs} in the table"))
        })
        .collect()
}

impl<'a> Repeat<'a> {
    pub(super) fn new(file: &'a Arc<str>, line: u32, row: RowId, samples: Vec<String>) -> Self {
        Self { file, line, row, samples, said: false, held: false, only_there: Vec::new() }
    }

    fn place(&self, column: &str) -> Location {
        Location::file(self.file).line(self.line).column(column)
    }

    /// Finds what a cell repeats; the finding holds the line then. `words` is the cell's result for a reader.
    fn one<F: Repeated>(
        &mut self,
        findings: &mut [F],
        is_it: impl Fn(&F) -> bool,
        compare: impl Fn(&F) -> Vec<String>,
        (column, words): (&str, &str),
        account: &mut Account,
    ) {
        self.said = true;
        let of_sample = |finding: &&mut F| self.samples.contains(&finding.specimen().sample_id);
        let Some(finding) = findings.iter_mut().filter(of_sample).find(|finding| is_it(finding)) else {
            let text = format!("{}: no result file of the pipeline has it", quote(words));
            account.issue(IssueCode::SummaryWithoutFinding, self.place(column), text);
            let file = self.file.rsplit('/').next().unwrap_or(self.file);
            let text = format!("{file} says {}, and no result file of the pipeline has it", redact::name(words));
            self.only_there.push(Note { text });
            return;
        };
        self.held = true;
        for text in compare(finding) {
            account.issue(IssueCode::Conflict, self.place(column), text.clone());
            finding.notes().push(Note { text });
        }
        if !finding.rows().contains(&self.row) {
            finding.rows().push(self.row);
        }
    }

    pub(super) fn tmb(&mut self, report: &mut GenomicReport, said: &SummaryTmb, column: &str, account: &mut Account) {
        let compare = |finding: &TumorMutationalBurden| {
            differences(&[
                decimals("TMB", finding.value.as_ref(), Some(&said.total)),
                counts("eligible variants", finding.eligible_variants, said.eligible_variants),
            ])
        };
        let words = said.total.to_string();
        self.one(&mut report.tumor_mutational_burdens, |_| true, compare, (column, &words), account);
    }

    pub(super) fn msi(&mut self, report: &mut GenomicReport, said: &SummaryMsi, column: &str, account: &mut Account) {
        let compare = |finding: &MicrosatelliteInstability| {
            differences(&[
                decimals("percent unstable", finding.percent_unstable.as_ref(), Some(&said.percent_unstable)),
                counts("unstable sites", finding.unstable_sites, said.unstable_sites),
                counts("usable sites", finding.usable_sites, said.usable_sites),
            ])
        };
        let words = said.percent_unstable.to_string();
        self.one(&mut report.microsatellite_instabilities, |_| true, compare, (column, &words), account);
    }

    fn all(
        &mut self,
        report: &mut GenomicReport,
        row: &SummaryRow,
        form: Form,
        genes: &GeneTable,
        account: &mut Account,
    ) {
        if let Some(said) = row.tmb.said() {
            self.tmb(report, said, "TMB", account);
        }
        if let Some(said) = row.msi.said() {
            self.msi(report, said, "MSI", account);
        }
        self.copy_numbers(report, row, form, genes, account);
        self.rearrangements(report, row, genes, account);
        self.instability(report, row, account);
    }

    fn copy_numbers(
        &mut self,
        report: &mut GenomicReport,
        row: &SummaryRow,
        form: Form,
        genes: &GeneTable,
        account: &mut Account,
    ) {
        let column = match form {
            Form::Tsoppi => "gene_amplifications",
            Form::Tsoppy => "Gene_amplifications_CNV",
        };
        for said in row.copy_numbers.said().into_iter().flatten() {
            let gene = key_of(&said.gene, genes);
            let kind = if said.kind == ChangeKind::Gain { "gain" } else { "loss" };
            let compare = |finding: &CopyNumber| {
                differences(&[
                    decimals("fold change", finding.fold_change.as_ref(), said.fold_change.as_ref()),
                    decimals("copy number", finding.absolute_copy_number.as_ref(), said.absolute_copy_number.as_ref()),
                ])
            };
            let is_it = |finding: &CopyNumber| has_key(&finding.identity, &[&gene, kind]);
            let words = format!("{} {kind}", said.gene);
            self.one(&mut report.copy_numbers, is_it, compare, (column, &words), account);
        }
        for said in row.losses.said().into_iter().flatten() {
            let gene = key_of(&said.gene, genes);
            // `BRCA1 (NA, NA)` is a gene that was not assessed.
            if said.absolute_copy_number.is_none() && said.minor_copy_number.is_none() {
                continue;
            }
            let compare = |finding: &LossOfHeterozygosity| {
                let (ours, theirs) = (finding.absolute_copy_number.as_ref(), said.absolute_copy_number.as_ref());
                let minor = (finding.minor_copy_number.as_ref(), said.minor_copy_number.as_ref());
                differences(&[decimals("copy number", ours, theirs), decimals("minor copy number", minor.0, minor.1)])
            };
            let is_it = |finding: &LossOfHeterozygosity| has_key(&finding.identity, &[&gene]);
            self.one(&mut report.losses_of_heterozygosity, is_it, compare, ("LOH", &said.gene), account);
        }
        // The column names genes that were not assessed too: one without finding is no contradiction.
        for gene in row.large_rearrangements.said().into_iter().flatten() {
            let key = key_of(gene, genes);
            let is_it = |finding: &ExonCopyNumber| gene_key(&finding.gene) == key;
            if report.exon_copy_numbers.iter().any(is_it) {
                let column = ("Large_rearrangements", gene.as_str());
                self.one(&mut report.exon_copy_numbers, is_it, |_| Vec::new(), column, account);
            }
        }
    }

    fn rearrangements(
        &mut self,
        report: &mut GenomicReport,
        row: &SummaryRow,
        genes: &GeneTable,
        account: &mut Account,
    ) {
        for said in row.fusions.said().into_iter().flatten() {
            let [first, second] = &said.breakpoints;
            // A file with columns of its own for the genes can write the pair in another way.
            let same_place = |finding: &Fusion| {
                finding.breakpoint_1.as_ref() == Some(first) && finding.breakpoint_2.as_ref() == Some(second)
            };
            let same_pair = |finding: &Fusion| same_place(finding) && finding.reported_pair == said.gene_pair;
            let by_pair = report.fusions.iter().any(same_pair);
            let is_it = |finding: &Fusion| if by_pair { same_pair(finding) } else { same_place(finding) };
            let compare = |finding: &Fusion| {
                differences(&[
                    counts("supporting reads", finding.supporting_reads, said.supporting_reads),
                    counts("reference reads 1", finding.gene_1_reference_reads, said.reference_reads[0]),
                    counts("reference reads 2", finding.gene_2_reference_reads, said.reference_reads[1]),
                ])
            };
            self.one(&mut report.fusions, is_it, compare, ("fusions", &said.gene_pair), account);
        }
        for said in row.splice_variants.said().into_iter().flatten() {
            let gene = key_of(&said.gene, genes);
            let [first, second] = &said.breakpoints;
            let is_it = |finding: &SpliceVariant| has_key(&finding.identity, &[&gene, first, second]);
            let compare = |finding: &SpliceVariant| {
                differences(&[
                    counts("supporting reads", finding.supporting_reads, said.supporting_reads),
                    counts("reference reads", finding.reference_reads, said.reference_reads),
                ])
            };
            self.one(&mut report.splice_variants, is_it, compare, ("splice_variants", &said.gene), account);
        }
    }

    fn instability(&mut self, report: &mut GenomicReport, row: &SummaryRow, account: &mut Account) {
        let cells =
            [("GIS", row.gis.said()), ("Tumor_fraction", row.tumor_fraction.said()), ("Ploidy", row.ploidy.said())];
        for (column, said) in cells {
            let Some(said) = said else { continue };
            let compare = |finding: &GenomicInstability| {
                let ours = match column {
                    "GIS" => &finding.score,
                    "Ploidy" => &finding.ploidy,
                    _ => &finding.tumor_fraction,
                };
                differences(&[decimals(column, ours.as_ref(), Some(said))])
            };
            let words = said.to_string();
            self.one(&mut report.genomic_instabilities, |_| true, compare, (column, &words), account);
        }
    }
}

/// Whether the key of a finding, after its sample, is this.
fn has_key(identity: &Identity, fields: &[&str]) -> bool {
    identity.key.get(1..).is_some_and(|key| key.iter().map(String::as_str).eq(fields.iter().copied()))
}

/// The gene in a key. What is to be said of the symbol was said where the pipeline wrote it.
fn key_of(symbol: &str, genes: &GeneTable) -> String {
    gene_key(&genes.to_gene(symbol).0).to_owned()
}

#[cfg(test)]
mod tests;
