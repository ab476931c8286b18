//! Gains and losses of exons of BRCA1 and BRCA2: LrCalculator (`GT:FC`, gene in INFO GENE).
//!
//! No file with a call was ever seen: a call that did not pass (`Undetermined`) leaves the gene not assessed, and the base
//! before the event is taken to be at POS, as the VCF specification has it for symbolic alleles.

use std::io::Read;

use super::Source;
use super::copy_numbers::{gene, is_reference, optional, read_call};
use super::read::{Calls, Context, Failure, read as read_file};
use super::record::filter::{Filter, parse as parse_filter};
use super::record::info::Info;
use super::record::sample::Sample;
use super::record::{Record, Refusal, end};
use super::wire::ExonCopyNumberVcf;
use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;
use crate::redact::quote;
use crate::sources::tso500::cells::change_kind::parse_change_kind;
use crate::sources::tso500::wire::{ExonCopyNumber, Extra};

pub(super) fn read<'a>(
    source: &Source<'a>,
    reader: impl Read,
    limits: &'a Limits,
    account: &'a mut Account,
) -> Option<ExonCopyNumberVcf> {
    let mut calls = ExonCopyNumbers::default();
    let (head, mut book) = read_file(source, reader, limits, account, &mut calls)?;
    if let Some(call) = calls.calls.first() {
        let code = IssueCode::LayoutUnverified;
        book.file_issue(code, Some(call.line), "no file of this kind with a call was seen");
    }
    Some(ExonCopyNumberVcf { head, exon_copy_numbers: calls.calls, genes_not_assessed: calls.genes_not_assessed })
}

#[derive(Default)]
struct ExonCopyNumbers {
    calls: Vec<ExonCopyNumber>,
    genes_not_assessed: Vec<String>,
}

const GENE_KEYS: [&str; 1] = ["GENE"];

impl Calls for ExonCopyNumbers {
    fn read(&mut self, record: &Record<'_>, context: &mut Context<'_, '_>) -> Result<(), Failure> {
        let info = Info(record.info);
        let gene = gene(info, &GENE_KEYS)?;
        let Some(call) = read_call(record, context)? else {
            self.note_not_assessed(record, gene);
            return Ok(());
        };
        let kind = parse_change_kind(call.alternate).map_err(|error| {
            Refusal::new(IssueCode::TypeUnknown, "ALT", format!("{}: {error}", quote(call.alternate)))
        })?;
        let end = end::parse(info, call.locus)?;
        let sample = Sample::new(record.format, record.sample, context.limits)?;
        if is_reference(sample)? {
            context.book.count(record.line, IssueCode::VcfGenotypeReference);
            return Ok(());
        }
        let (mut extra, mut problems) = (Extra::new(), Vec::new());
        let fold_change = optional("FC", sample.get("FC"), &mut extra, &mut problems);
        let row = context.book.open(record.line)?;
        context.book.keep(record.line, [gene, call.alternate])?;
        self.calls.push(ExonCopyNumber {
            gene: gene.to_owned(),
            chromosome: call.locus.chromosome.to_owned(),
            start: Some(call.locus.position + 1),
            stop: Some(end),
            exons: None,
            fold_change,
            kind,
            reported_type: call.alternate.to_owned(),
            extra,
            row,
            line: record.line,
        });
        context.book.issues(record.line, problems);
        Ok(())
    }
}

impl ExonCopyNumbers {
    /// A gene whose call did not pass has no statement; the list stays as short as the panel's genes.
    fn note_not_assessed(&mut self, record: &Record<'_>, gene: &str) {
        const MAX_GENES: usize = 100;
        let is_filtered = matches!(parse_filter(record.filter), Ok(Filter::Failed(_)));
        let is_new = !self.genes_not_assessed.iter().any(|known| known == gene);
        if is_filtered && is_new && self.genes_not_assessed.len() < MAX_GENES {
            self.genes_not_assessed.push(gene.to_owned());
        }
    }
}
