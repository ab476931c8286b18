//! Splice junctions: SpliceGirl (`AD:DP`).
//!
//! The descriptions of AD and DP in its header are exchanged. INFO ALTDEDUP and REFDEDUP say the same and show it: AD is the
//! reads that support the junction, DP those of the reference transcript.

use std::io::Read;

use super::Source;
use super::read::{Calls, Context, Failure, read as read_file};
use super::record::alternates::{Alternate, parse as parse_alternates};
use super::record::filter::{Filter, parse as parse_filter};
use super::record::info::Info;
use super::record::locus::parse as parse_locus;
use super::record::sample::Sample;
use super::record::values::{count, kept};
use super::record::{Record, Refusal, end};
use super::wire::{Junction, SpliceVcf};
use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;
use crate::redact::quote;
use crate::sources::tso500::wire::Extra;

pub(super) fn read<'a>(
    source: &Source<'a>,
    reader: impl Read,
    limits: &'a Limits,
    account: &'a mut Account,
) -> Option<SpliceVcf> {
    let mut calls = Junctions(Vec::new());
    let (head, _) = read_file(source, reader, limits, account, &mut calls)?;
    Some(SpliceVcf { head, junctions: calls.0 })
}

struct Junctions(Vec<Junction>);

impl Calls for Junctions {
    fn read(&mut self, record: &Record<'_>, context: &mut Context<'_, '_>) -> Result<(), Failure> {
        let locus = parse_locus(record.chromosome, record.position, context.header)?;
        let alternates = parse_alternates(record.alternates, record.reference, context.limits)?;
        match parse_filter(record.filter)? {
            Filter::Pass => {}
            Filter::Failed(names) => {
                context.book.count_by(record.line, IssueCode::RowFiltered, "FILTER", names);
                return Ok(());
            }
            Filter::NotApplied => {
                let code = IssueCode::VcfFilterMissing;
                return Err(Refusal::new(code, "FILTER", code.meaning()).into());
            }
        }
        if alternates.is_empty() {
            context.book.count(record.line, IssueCode::RowReference);
            return Ok(());
        }
        if alternates.as_slice() != [Alternate::Symbolic("<DEL>")] {
            return Err(Refusal::new(IssueCode::TypeUnknown, "ALT", quote(record.alternates)).into());
        }
        let info = Info(record.info);
        let end = end::parse(info, locus)?;
        let sample = Sample::new(record.format, record.sample, context.limits)?;
        let (mut extra, mut problems) = (Extra::new(), Vec::new());
        let supporting_reads = reads(sample, "AD", info.get("ALTDEDUP"), &mut extra, &mut problems);
        let reference_reads = reads(sample, "DP", info.get("REFDEDUP"), &mut extra, &mut problems);
        let row = context.book.open(record.line)?;
        self.0.push(Junction {
            chromosome: locus.chromosome,
            start: locus.position,
            end,
            supporting_reads,
            reference_reads,
            is_intergenic: is_intergenic(info),
            extra,
            row,
            line: record.line,
        });
        context.book.issues(record.line, problems);
        Ok(())
    }
}

/// A count of the sample. One that cannot be read, or that the INFO of the line contradicts, is left out.
fn reads(
    sample: Sample<'_>,
    key: &'static str,
    deduplicated: Result<Option<&str>, Refusal>,
    extra: &mut Extra,
    problems: &mut Vec<Refusal>,
) -> Option<u64> {
    let text = sample.get(key)?;
    let checked = count(key, text).and_then(|reads| match deduplicated? {
        Some(other) if count(key, other)? != reads => {
            let text = format!("{} in the sample, {} in INFO", quote(text), quote(other));
            Err(Refusal::new(IssueCode::VcfValueInvalid, key, text))
        }
        _ => Ok(reads),
    });
    checked
        .map_err(|problem| {
            problems.push(problem);
            extra.push(kept(key, text));
        })
        .ok()
}

/// `INTERGENIC` is declared as a flag and written with a value.
fn is_intergenic(info: Info<'_>) -> bool {
    info.has("INTERGENIC") || info.get("INTERGENIC").is_ok_and(|value| value.is_some_and(|value| value == "True"))
}
