//! VCF and genome VCF, plain, gzip or bgzip, of the pipelines of the panel.
//!
//! A reader of our own, because the headers of these files break the grammar: an id in angle brackets, FORMAT declared
//! twice, a date as key, FILTER with `Number`, filters that are not declared. It reads line by line and keeps only what can
//! be a finding: a genome VCF has a line for each base of the panel.
//!
//! A line that cannot be read is listed and the rest goes on. A file that is damaged, cut off, of another genome build or of
//! another sample is not used at all: what was read before the damage is listed, since a part of a file must not look like
//! the whole. A missing line break at the end is a cut: the specification demands it, and the last values of a line are
//! numbers.

mod book;
mod copy_numbers;
mod exon_copy_numbers;
mod grch37;
mod header;
mod input;
mod read;
mod record;
mod small_variants;
mod splice_variants;
pub mod wire;

use std::io::Read;
use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::limits::Limits;

pub use header::Program;
use wire::{CopyNumberVcf, ExonCopyNumberVcf, SmallVariantVcf, SpliceVcf};

/// What is known of a file before it is read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// File, relative to the folder that was given.
    pub file: &'a Arc<str>,
    /// Its bytes, as it lies there; another number read is `file.changed-while-read`.
    pub length: u64,
    /// Sample whose column is read, with or without the tail of a pair id. Without it the file must have one column.
    pub sample_id: Option<&'a str>,
}

/// Reads a small-variant VCF or genome VCF (`_MergedSmallVariants[.genome].vcf` of the LocalApp, `.hard-filtered.vcf` and
/// `.gvcf` of DRAGEN).
///
/// Calls that passed are opened in `account`; reference calls, filtered calls and genotypes without the allele are counted.
/// `None` where the file is not used; the account says why.
pub fn small_variants<'a>(
    source: Source<'a>,
    reader: impl Read,
    limits: &'a Limits,
    account: &'a mut Account,
) -> Option<SmallVariantVcf> {
    small_variants::read(&source, reader, limits, account)
}

/// Reads a copy number VCF (`_CopyNumberVariants.vcf` of the LocalApp, `.cnv.vcf` of DRAGEN).
pub fn copy_numbers<'a>(
    source: Source<'a>,
    reader: impl Read,
    limits: &'a Limits,
    account: &'a mut Account,
) -> Option<CopyNumberVcf> {
    copy_numbers::read(&source, reader, limits, account)
}

/// Reads an exon copy number VCF (`_DragenExonCNV.vcf`).
pub fn exon_copy_numbers<'a>(
    source: Source<'a>,
    reader: impl Read,
    limits: &'a Limits,
    account: &'a mut Account,
) -> Option<ExonCopyNumberVcf> {
    exon_copy_numbers::read(&source, reader, limits, account)
}

/// Reads a splice variant VCF (`_SpliceVariants.vcf`).
pub fn splice_variants<'a>(
    source: Source<'a>,
    reader: impl Read,
    limits: &'a Limits,
    account: &'a mut Account,
) -> Option<SpliceVcf> {
    splice_variants::read(&source, reader, limits, account)
}

#[cfg(test)]
mod tests;
