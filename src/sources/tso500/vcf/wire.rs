//! What the VCFs say, as sent: numbers with their digits, positions 1-based on GRCh37.

use std::sync::Arc;

use crate::domain::accounting::RowId;
use crate::domain::decimal::Decimal;
use crate::domain::variant_key::VariantKey;
use crate::sources::tso500::wire::{CopyNumberVariant, Dialect, ExonCopyNumber, Extra};

use super::header::Program;

/// What every VCF says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// Name of the sample column that was read.
    pub sample_column: String,
    /// The program that called the variants.
    pub program: Option<Program>,
    /// The pipeline, where the header says so; never that of ctDNA, which a header does not tell apart.
    pub dialect: Option<Dialect>,
    /// `##reference` as written.
    pub reference: Option<String>,
}

/// A small-variant VCF or genome VCF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmallVariantVcf {
    /// What the file says about itself.
    pub head: Head,
    /// Alleles that the caller counts as found, in file order.
    pub variants: Vec<SmallVariant>,
    /// Alleles that are part of one of `variants`; their rows are listed.
    pub components: Vec<MnvComponent>,
}

/// One alternative allele that the caller counts as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmallVariant {
    /// Chromosome without `chr`: 1 to 22, X, Y, M.
    pub chromosome: &'static str,
    /// Position of the first base of `reference`.
    pub position: u64,
    /// Reference bases, upper case.
    pub reference: String,
    /// Alternative bases, upper case.
    pub alternative: String,
    /// AD of this allele: reads that show it.
    pub allele_depth: Option<u64>,
    /// DP: reads over the position, of whatever allele.
    pub total_depth: Option<u64>,
    /// VF or AF of this allele, fraction of 1.
    pub allele_frequency: Option<Decimal>,
    /// INFO GermlineStatus.
    pub germline_status: Option<GermlineStatus>,
    /// INFO hotspot: the caller knows the site.
    pub is_hotspot: bool,
    /// The genotype is missing although the call passed.
    pub is_genotype_missing: bool,
    /// INFO MNVTAG: the multi-nucleotide variant that the caller sees this allele in.
    pub mnv: Option<VariantKey>,
    /// PS: alleles of one number lie on one copy.
    pub phase_set: Option<u64>,
    /// Values that no field holds.
    pub extra: Extra,
    /// Handle of the row; the alleles of one line share it.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// Where a variant comes from, as DRAGEN says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GermlineStatus {
    /// `Germline_DB`: known from population databases.
    GermlineDatabase,
    /// `Germline_Proxi`: its allele frequency is like that of germline variants nearby.
    GermlineProximity,
    /// `Somatic`.
    Somatic,
    /// `Somatic_Putative_CH`: somatic, perhaps of blood cells (clonal haematopoiesis) and not of the tumour.
    SomaticPutativeCh,
}

/// An allele that is part of a multi-nucleotide variant of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MnvComponent {
    /// Key of the part.
    pub key: VariantKey,
    /// Key of the multi-nucleotide variant, which is one of the variants of the file.
    pub mnv: VariantKey,
    /// Fraction of 1.
    pub allele_frequency: Option<Decimal>,
    /// Handle of the row.
    pub row: RowId,
}

/// A copy number VCF: gains and losses of whole genes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyNumberVcf {
    /// What the file says about itself.
    pub head: Head,
    /// Gains and losses, in file order. The fold change is FORMAT SM or FC, the ratio to diploid coverage.
    pub copy_numbers: Vec<CopyNumberVariant>,
}

/// An exon copy number VCF (`_DragenExonCNV.vcf`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExonCopyNumberVcf {
    /// What the file says about itself.
    pub head: Head,
    /// Gains and losses, in file order.
    pub exon_copy_numbers: Vec<ExonCopyNumber>,
    /// Genes whose call did not pass: no statement about them, and no negative one.
    pub genes_not_assessed: Vec<String>,
}

/// A splice variant VCF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpliceVcf {
    /// What the file says about itself.
    pub head: Head,
    /// Junctions, in file order.
    pub junctions: Vec<Junction>,
}

/// A splice junction that passed; the file names no gene.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Junction {
    /// Chromosome without `chr`.
    pub chromosome: &'static str,
    /// POS: last base before the junction.
    pub start: u64,
    /// END: first base after it.
    pub end: u64,
    /// Reads that support the junction.
    pub supporting_reads: Option<u64>,
    /// Reads of the reference transcript.
    pub reference_reads: Option<u64>,
    /// INFO INTERGENIC: perhaps a fusion of two genes.
    pub is_intergenic: bool,
    /// Values that no field holds.
    pub extra: Extra,
    /// Handle of the row.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// How many values a key has, as a declaration says it (VCF 4.4 section 1.4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    /// `R`: one for each allele, the reference first.
    EachAllele,
    /// `A`: one for each alternative allele.
    EachAlternate,
    /// `.`, a number, or no declaration.
    Unknown,
}

impl Number {
    pub(super) fn parse(text: &str) -> Self {
        match text {
            "R" => Self::EachAllele,
            "A" => Self::EachAlternate,
            _ => Self::Unknown,
        }
    }
}
