//! Copy numbers of genes: Craft (`FC`, gene in INFO ANT) and DRAGEN (`GT:SM:BC:PE`, gene in INFO SEGID).
//!
//! SM and FC are ratios to diploid coverage, not copy numbers. Neutral genes have ALT `.`.

use std::io::Read;

use super::Source;
use super::read::{Calls, Context, Failure, read as read_file};
use super::record::alternates::{Alternate, parse as parse_alternates};
use super::record::filter::{Filter, parse as parse_filter};
use super::record::genotype::{Call, parse as parse_genotype};
use super::record::info::Info;
use super::record::locus::{Locus, parse as parse_locus};
use super::record::sample::Sample;
use super::record::values::{kept, ratio};
use super::record::{Record, Refusal};
use super::wire::CopyNumberVcf;
use crate::domain::accounting::Account;
use crate::domain::decimal::Decimal;
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;
use crate::redact::quote;
use crate::sources::tso500::cells::change_kind::{ChangeKind, parse_change_kind};
use crate::sources::tso500::cells::symbol::parse_symbol;
use crate::sources::tso500::wire::{CopyNumberVariant, Extra};

pub(super) fn read<'a>(
    source: &Source<'a>,
    reader: impl Read,
    limits: &'a Limits,
    account: &'a mut Account,
) -> Option<CopyNumberVcf> {
    let mut calls = CopyNumbers(Vec::new());
    let (head, _) = read_file(source, reader, limits, account, &mut calls)?;
    Some(CopyNumberVcf { head, copy_numbers: calls.0 })
}

struct CopyNumbers(Vec<CopyNumberVariant>);

/// INFO keys that name the gene, of DRAGEN and of Craft.
const GENE_KEYS: [&str; 3] = ["SEGID", "ANT", "GENE"];

impl Calls for CopyNumbers {
    fn read(&mut self, record: &Record<'_>, context: &mut Context<'_, '_>) -> Result<(), Failure> {
        let Some(call) = read_call(record, context)? else { return Ok(()) };
        let info = Info(record.info);
        let gene = gene(info, &GENE_KEYS)?;
        let sample = Sample::new(record.format, record.sample, context.limits)?;
        let mut problems = Vec::new();
        let mut extra = Extra::new();
        let key = if sample.get("SM").is_some() { "SM" } else { "FC" };
        let fold_change = optional(key, sample.get(key), &mut extra, &mut problems);
        let copies = copies(info, sample, &mut extra, &mut problems);
        let kind = kind(&call, record.id, copies.as_ref())?;
        if is_reference(sample)? {
            context.book.count(record.line, IssueCode::VcfGenotypeReference);
            return Ok(());
        }
        let row = context.book.open(record.line)?;
        context.book.keep(record.line, [gene, call.alternate])?;
        self.0.push(CopyNumberVariant {
            gene: gene.to_owned(),
            fold_change,
            kind,
            reported_type: call.alternate.to_owned(),
            absolute_copy_number: copies,
            extra,
            row,
            line: record.line,
        });
        context.book.issues(record.line, problems);
        Ok(())
    }
}

/// A call of a copy number VCF that passed.
pub(super) struct CopyNumberCall<'a> {
    pub(super) locus: Locus,
    /// ALT as written.
    pub(super) alternate: &'a str,
}

/// Reads what copy number VCFs have in common. `None` where the line is no finding; it is then counted.
pub(super) fn read_call<'a>(
    record: &Record<'a>,
    context: &mut Context<'_, '_>,
) -> Result<Option<CopyNumberCall<'a>>, Refusal> {
    let locus = parse_locus(record.chromosome, record.position, context.header)?;
    let alternates = parse_alternates(record.alternates, record.reference, context.limits)?;
    match parse_filter(record.filter)? {
        Filter::Failed(names) => {
            context.book.count_by(record.line, IssueCode::RowFiltered, "FILTER", names);
            return Ok(None);
        }
        Filter::NotApplied if !alternates.is_empty() => {
            return Err(Refusal::new(IssueCode::VcfFilterMissing, "FILTER", IssueCode::VcfFilterMissing.meaning()));
        }
        Filter::NotApplied | Filter::Pass => {}
    }
    match alternates.as_slice() {
        [] => {
            context.book.count(record.line, IssueCode::RowNeutral);
            Ok(None)
        }
        [Alternate::Symbolic(alternate)] => Ok(Some(CopyNumberCall { locus, alternate })),
        _ => Err(Refusal::new(IssueCode::TypeUnknown, "ALT", quote(record.alternates))),
    }
}

/// The gene that the first of `keys` names.
pub(super) fn gene<'a>(info: Info<'a>, keys: &[&'static str]) -> Result<&'a str, Refusal> {
    for key in keys {
        if let Some(gene) = info.get(key)? {
            return parse_symbol(gene)
                .map_err(|error| Refusal::new(IssueCode::GeneInvalid, key, format!("{}: {error}", quote(gene))));
        }
    }
    let first = keys.first().copied().unwrap_or_default();
    Err(Refusal::new(IssueCode::VcfGeneMissing, first, "no gene is named"))
}

/// Whether the genotype is nothing but the reference.
pub(super) fn is_reference(sample: Sample<'_>) -> Result<bool, Refusal> {
    let Some(text) = sample.get("GT") else { return Ok(false) };
    let genotype = parse_genotype(text, 1)?;
    Ok(genotype.call(1) == Call::NotCalled)
}

/// A ratio that a finding can do without.
pub(super) fn optional(
    key: &'static str,
    text: Option<&str>,
    extra: &mut Extra,
    problems: &mut Vec<Refusal>,
) -> Option<Decimal> {
    let text = text?;
    ratio(key, text)
        .map_err(|problem| {
            problems.push(problem);
            extra.push(kept(key, text));
        })
        .ok()
}

/// CN, which means a number of copies wherever it stands (VCF 4.4, reserved keys).
fn copies(info: Info<'_>, sample: Sample<'_>, extra: &mut Extra, problems: &mut Vec<Refusal>) -> Option<Decimal> {
    let text = match (sample.get("CN"), info.get("CN")) {
        (Some(text), _) => Some(text),
        (None, Ok(text)) => text,
        (None, Err(problem)) => {
            problems.push(problem);
            None
        }
    };
    optional("CN", text, extra, problems)
}

/// Gain or loss. `<CNV>` does not say which; the number of copies does, but not on X and Y, where one copy may be normal.
fn kind(call: &CopyNumberCall<'_>, id: &str, copies: Option<&Decimal>) -> Result<ChangeKind, Refusal> {
    let kind = match (call.alternate, copies.map(Decimal::to_f64)) {
        ("<CNV>", Some(copies)) if !matches!(call.locus.chromosome, "X" | "Y" | "M") && copies > 2.0 => {
            ChangeKind::Gain
        }
        ("<CNV>", Some(copies)) if !matches!(call.locus.chromosome, "X" | "Y" | "M") && copies < 2.0 => {
            ChangeKind::Loss
        }
        (alternate, _) => parse_change_kind(alternate)
            .map_err(|error| Refusal::new(IssueCode::TypeUnknown, "ALT", format!("{}: {error}", quote(alternate))))?,
    };
    let said = id.strip_prefix("DRAGEN:").and_then(|rest| rest.split(':').next());
    let is_contradicted = said.is_some_and(|said| parse_change_kind(said) != Ok(kind));
    if is_contradicted {
        let text = format!("{} and {}", quote(id), quote(call.alternate));
        return Err(Refusal::new(IssueCode::ValueContradictory, "ID", text));
    }
    Ok(kind)
}
