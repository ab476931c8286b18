//! Small variants: Pisces (`GT:GQ:AD:DP:VF:...`) and DRAGEN (`GT:SQ:AD:AF:...:DP:...`).

mod mnv;

use std::io::Read;

use super::Source;
use super::read::{Calls, Context, Failure, read as read_file};
use super::record::alternates::{Alternate, parse as parse_alternates};
use super::record::filter::{Filter, parse as parse_filter};
use super::record::genotype::{Call, Genotype, parse as parse_genotype};
use super::record::info::Info;
use super::record::locus::{Locus, parse as parse_locus};
use super::record::sample::Sample;
use super::record::values::{Place, count, fraction, kept, of_allele};
use super::record::{Record, Refusal, reference};
use super::wire::{GermlineStatus, Number, SmallVariant, SmallVariantVcf};
use crate::domain::accounting::{Account, RowId};
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;
use crate::redact::quote;
use crate::sources::tso500::wire::Extra;

pub(super) fn read<'a>(
    source: &Source<'a>,
    reader: impl Read,
    limits: &'a Limits,
    account: &'a mut Account,
) -> Option<SmallVariantVcf> {
    let mut calls = SmallVariants::default();
    let (head, mut book) = read_file(source, reader, limits, account, &mut calls)?;
    if let Some(line) = calls.without_filter {
        let code = IssueCode::VcfFilterMissing;
        book.file_issue(code, Some(line), code.meaning());
    }
    let (variants, components) = mnv::resolve(calls.variants, &mut book);
    Some(SmallVariantVcf { head, variants, components })
}

#[derive(Default)]
struct SmallVariants {
    variants: Vec<SmallVariant>,
    /// First line with an alternative allele and no FILTER.
    without_filter: Option<u32>,
}

impl Calls for SmallVariants {
    fn read(&mut self, record: &Record<'_>, context: &mut Context<'_, '_>) -> Result<(), Failure> {
        let locus = parse_locus(record.chromosome, record.position, context.header);
        reference::check(record.reference, context.limits)?;
        let alternates = parse_alternates(record.alternates, record.reference, context.limits)?;
        let filter = parse_filter(record.filter)?;
        let is_reference = alternates.iter().all(|alternate| *alternate == Alternate::Placeholder);
        let locus = match locus {
            Ok(locus) => locus,
            // A genome VCF may go on over the decoy sequences; only a call there is worth a word.
            Err(refusal) if refusal.code == IssueCode::VcfContigOther && (is_reference || filter != Filter::Pass) => {
                context.book.count(record.line, refusal.code);
                return Ok(());
            }
            Err(refusal) => return Err(refusal.into()),
        };
        match filter {
            Filter::Pass if is_reference => context.book.count(record.line, IssueCode::RowReference),
            Filter::Pass => self.read_call(record, locus, &alternates, context)?,
            Filter::Failed(names) => {
                let before = if is_reference { "reference call, FILTER" } else { "FILTER" };
                context.book.count_by(record.line, IssueCode::RowFiltered, before, names);
            }
            Filter::NotApplied if is_reference => context.book.count(record.line, IssueCode::RowReference),
            Filter::NotApplied => {
                self.without_filter.get_or_insert(record.line);
                context.book.count(record.line, IssueCode::VcfFilterMissing);
            }
        }
        Ok(())
    }
}

impl SmallVariants {
    /// Reads the alleles of a line that passed.
    fn read_call(
        &mut self,
        record: &Record<'_>,
        locus: Locus,
        alternates: &[Alternate<'_>],
        context: &mut Context<'_, '_>,
    ) -> Result<(), Failure> {
        let sample = Sample::new(record.format, record.sample, context.limits)?;
        let genotype = sample.get("GT").map(|text| parse_genotype(text, alternates.len())).transpose()?;
        if genotype.as_ref().is_some_and(Genotype::is_reference) {
            context.book.count(record.line, IssueCode::VcfGenotypeReference);
            return Ok(());
        }
        let has_genotype = record.format.split(':').any(|key| key == "GT");
        let call = |number: usize| match &genotype {
            Some(genotype) => genotype.call(number),
            None if has_genotype => Call::Missing,
            None => Call::Called,
        };
        let mut problems = Vec::new();
        let called = called_alleles(alternates, call, &mut problems);
        if called.is_empty() {
            // Every allele has a reason of its own; the gravest is that of the line.
            let gravest = problems.into_iter().max_by_key(|problem| problem.code.severity());
            let reason = Refusal::new(IssueCode::VcfAlleleNotCalled, "GT", "no allele of the line is called");
            return Err(gravest.unwrap_or(reason).into());
        }
        let row = context.book.open(record.line)?;
        let about = About { record, locus, sample, info: Info(record.info), row };
        let shared = about.shared(&mut problems);
        for allele in called {
            let mut variant = shared.clone();
            about.add_allele(&mut variant, allele, context, &mut problems);
            context.book.keep(record.line, texts(&variant))?;
            self.variants.push(variant);
        }
        context.book.issues(record.line, problems);
        Ok(())
    }
}

/// An allele that the caller counts as found.
struct Allele<'a> {
    bases: &'a str,
    place: Place,
    is_genotype_missing: bool,
}

/// The alleles of bases that are called; the reasons against the others go to `problems`.
fn called_alleles<'a>(
    alternates: &[Alternate<'a>],
    call: impl Fn(usize) -> Call,
    problems: &mut Vec<Refusal>,
) -> Vec<Allele<'a>> {
    let is_named = |alternate: &&Alternate<'_>| **alternate != Alternate::Placeholder;
    let all_named = alternates.iter().filter(is_named).count();
    let (mut called, mut named) = (Vec::new(), 0);
    for (number, alternate) in (1..).zip(alternates) {
        if *alternate == Alternate::Placeholder {
            continue;
        }
        named += 1;
        let state = call(number);
        match (alternate, state) {
            (_, Call::NotCalled) => {
                let text = "an alternative allele of the line is not in the genotype";
                problems.push(Refusal::new(IssueCode::VcfAlleleNotCalled, "GT", text));
            }
            (Alternate::Bases(bases), _) => {
                let place = Place { number, alternates: alternates.len(), named: (named, all_named) };
                called.push(Allele { bases, place, is_genotype_missing: state == Call::Missing });
            }
            (Alternate::Symbolic(text) | Alternate::Breakend(text), _) => {
                problems.push(Refusal::new(IssueCode::VcfAlleleUnsupported, "ALT", quote(text)));
            }
            (Alternate::Placeholder, _) => {}
        }
    }
    if called.iter().any(|allele| allele.is_genotype_missing) {
        let text = "the call passed, its genotype is missing";
        problems.push(Refusal::new(IssueCode::VcfGenotypeMissing, "GT", text));
    }
    called
}

/// A line and what its alleles share.
struct About<'r, 'a> {
    record: &'r Record<'a>,
    locus: Locus,
    sample: Sample<'a>,
    info: Info<'a>,
    row: RowId,
}

impl About<'_, '_> {
    /// What the line says about all its alleles.
    fn shared(&self, problems: &mut Vec<Refusal>) -> SmallVariant {
        let mut variant = SmallVariant {
            chromosome: self.locus.chromosome,
            position: self.locus.position,
            reference: self.record.reference.to_ascii_uppercase(),
            alternative: String::new(),
            allele_depth: None,
            total_depth: None,
            allele_frequency: None,
            germline_status: None,
            is_hotspot: self.info.has("hotspot"),
            is_genotype_missing: false,
            mnv: None,
            phase_set: None,
            extra: Vec::new(),
            row: self.row,
            line: self.record.line,
        };
        let extra = &mut variant.extra;
        variant.total_depth = self.value("DP", |text| count("DP", text).map(Some), extra, problems);
        variant.phase_set = self.value("PS", |text| count("PS", text).map(Some), extra, problems);
        match self.info.get("GermlineStatus").and_then(|text| text.map(germline_status).transpose()) {
            Ok(status) => variant.germline_status = status,
            Err(problem) => problems.push(problem),
        }
        match self.info.get("MNVTAG").and_then(|text| text.map(mnv::parse_tag).transpose()) {
            Ok(tag) => variant.mnv = tag,
            Err(problem) => problems.push(problem),
        }
        variant
    }

    /// What the line says about one allele.
    fn add_allele(
        &self,
        variant: &mut SmallVariant,
        allele: Allele<'_>,
        context: &Context<'_, '_>,
        problems: &mut Vec<Refusal>,
    ) {
        variant.alternative = allele.bases.to_ascii_uppercase();
        variant.is_genotype_missing = allele.is_genotype_missing;
        let depths = context.header.allele_depths();
        let depth =
            |text: &str| of_allele("AD", text, depths, allele.place)?.map(|value| count("AD", value)).transpose();
        let extra = &mut variant.extra;
        variant.allele_depth = self.value("AD", depth, extra, problems);
        let key = if self.sample.get("VF").is_some() { "VF" } else { "AF" };
        let share = |text: &str| {
            of_allele(key, text, Number::EachAlternate, allele.place)?.map(|value| fraction(key, value)).transpose()
        };
        variant.allele_frequency = self.value(key, share, extra, problems);
        if variant.allele_depth > variant.total_depth && variant.total_depth.is_some() {
            let text = "more reads show the allele than lie over the position";
            problems.push(Refusal::new(IssueCode::VcfValueInvalid, "AD", text));
            extra.extend(self.sample.get("AD").map(|text| kept("AD", text)));
            variant.allele_depth = None;
        }
    }

    /// The value of a key. One that cannot be read is left out, and its text kept.
    fn value<T>(
        &self,
        key: &'static str,
        read: impl Fn(&str) -> Result<Option<T>, Refusal>,
        extra: &mut Extra,
        problems: &mut Vec<Refusal>,
    ) -> Option<T> {
        let text = self.sample.get(key)?;
        read(text).unwrap_or_else(|problem| {
            problems.push(problem);
            extra.push(kept(key, text));
            None
        })
    }
}

/// The texts of a variant, which have no size of their own.
fn texts(variant: &SmallVariant) -> impl Iterator<Item = &str> {
    let alleles = [&variant.reference, &variant.alternative];
    let tag = variant.mnv.iter().flat_map(|tag| [&tag.reference, &tag.alternative]);
    let extra = variant.extra.iter().map(|(_, text)| text);
    alleles.into_iter().chain(tag).chain(extra).map(String::as_str)
}

fn germline_status(text: &str) -> Result<GermlineStatus, Refusal> {
    match text {
        "Germline_DB" => Ok(GermlineStatus::GermlineDatabase),
        "Germline_Proxi" => Ok(GermlineStatus::GermlineProximity),
        "Somatic" => Ok(GermlineStatus::Somatic),
        "Somatic_Putative_CH" => Ok(GermlineStatus::SomaticPutativeCh),
        _ => Err(Refusal::new(IssueCode::VcfGermlineStatusUnknown, "GermlineStatus", quote(text))),
    }
}
