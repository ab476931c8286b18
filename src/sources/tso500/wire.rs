//! A CombinedVariantOutput file as it was sent: names and texts of the file, numbers with their digits.
//!
//! Every value knows the row it came from, so that whoever uses it can name its resource in the accounting. Positions are
//! 1-based on GRCh37.

use std::sync::Arc;

use crate::domain::accounting::RowId;
use crate::domain::decimal::Decimal;

use super::cells::breakpoint::Breakpoint;
use super::cells::change_kind::ChangeKind;
use super::cells::date::Date;
use super::cells::time::Time;

/// A value and the row that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<T> {
    /// The value.
    pub value: T,
    /// Handle of the row.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// Which pipeline wrote the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// TruSight Oncology 500 Local App.
    LocalApp,
    /// DRAGEN TruSight Oncology 500.
    Dragen,
    /// DRAGEN TruSight Oncology 500 ctDNA: one cell-free sample, no RNA.
    DragenCtDna,
}

/// A CombinedVariantOutput file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CombinedVariantOutput {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// Pipeline that wrote it.
    pub dialect: Dialect,
    /// The banner before ` - Combined Variant Output`.
    pub product: String,
    /// Section Analysis Details.
    pub details: AnalysisDetails,
    /// Section Sequencing Run Details, in file order.
    pub run_details: Vec<Held<KeyValue>>,
    /// Section TMB.
    pub tmb: Tmb,
    /// Section MSI.
    pub msi: Msi,
    /// Section GIS.
    pub gis: Gis,
    /// Section Gene Amplifications.
    pub gene_amplifications: Vec<GeneAmplification>,
    /// Section Copy Number Variants.
    pub copy_number_variants: Vec<CopyNumberVariant>,
    /// Section Loss of Heterozygosity.
    pub losses_of_heterozygosity: Vec<LossOfHeterozygosity>,
    /// Section Splice Variants.
    pub splice_variants: Vec<SpliceVariant>,
    /// Section Fusions.
    pub fusions: Vec<Fusion>,
    /// Section DNA Fusions.
    pub dna_fusions: Vec<Fusion>,
    /// Sections Exon-Level CNVs and Large Rearrangements.
    pub exon_copy_numbers: Vec<ExonCopyNumber>,
    /// Section Small Variants.
    pub small_variants: Vec<SmallVariant>,
    /// Sections that this pipeline writes and that are not in the file.
    pub sections_missing: Vec<&'static str>,
    /// Genes that a section names without values: the pipeline did not assess them.
    pub genes_not_assessed: Vec<GeneNotAssessed>,
    /// Sections with findings whose layout was never compared with a real file.
    pub sections_unverified: Vec<&'static str>,
}

impl CombinedVariantOutput {
    /// A file without content.
    pub fn empty(file: &Arc<str>, dialect: Dialect, product: &str) -> Self {
        Self {
            file: Arc::clone(file),
            dialect,
            product: product.to_owned(),
            details: AnalysisDetails::default(),
            run_details: Vec::new(),
            tmb: Tmb::default(),
            msi: Msi::default(),
            gis: Gis::default(),
            gene_amplifications: Vec::new(),
            copy_number_variants: Vec::new(),
            losses_of_heterozygosity: Vec::new(),
            splice_variants: Vec::new(),
            fusions: Vec::new(),
            dna_fusions: Vec::new(),
            exon_copy_numbers: Vec::new(),
            small_variants: Vec::new(),
            sections_missing: Vec::new(),
            genes_not_assessed: Vec::new(),
            sections_unverified: Vec::new(),
        }
    }
}

/// A gene that a section names without values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneNotAssessed {
    /// Section without brackets.
    pub section: &'static str,
    /// Gene symbol.
    pub gene: String,
}

/// Section Analysis Details; a value `NA` is not held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnalysisDetails {
    /// Pair ID.
    pub pair_id: Option<Held<String>>,
    /// Sample ID (ctDNA).
    pub sample_id: Option<Held<String>>,
    /// DNA Sample ID.
    pub dna_sample_id: Option<Held<String>>,
    /// RNA Sample ID.
    pub rna_sample_id: Option<Held<String>>,
    /// Output Date.
    pub output_date: Option<Held<Date>>,
    /// Output Time, without zone.
    pub output_time: Option<Held<Time>>,
    /// Module Version.
    pub module_version: Option<Held<String>>,
    /// Pipeline Version.
    pub pipeline_version: Option<Held<String>>,
    /// Library Prep Kit.
    pub library_prep_kit: Option<Held<String>>,
}

/// A line of section Sequencing Run Details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// Key as written.
    pub key: String,
    /// Value as written.
    pub value: String,
}

/// Section TMB.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tmb {
    /// Total TMB, mutations per megabase.
    pub total: Option<Held<Decimal>>,
    /// Coding Region Size in Megabases.
    pub coding_region_size: Option<Held<Decimal>>,
    /// Number of Passing Eligible Variants.
    pub eligible_variants: Option<Held<u64>>,
}

/// Section MSI.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Msi {
    /// Usable MSI Sites.
    pub usable_sites: Option<Held<u64>>,
    /// Total MSI Sites Unstable.
    pub unstable_sites: Option<Held<u64>>,
    /// Percent Unstable MSI Sites, 0 to 100.
    pub percent_unstable: Option<Held<Decimal>>,
    /// Sum of Jensen-Shannon distances (ctDNA).
    pub sum_jsd: Option<Held<Decimal>>,
}

/// Section GIS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gis {
    /// Genomic Instability Score.
    pub score: Option<Held<Decimal>>,
    /// Tumor Fraction: of 1 or of 100, as the pipeline version has it; of 1 where the file wrote a percent sign.
    pub tumor_fraction: Option<Held<Decimal>>,
    /// Ploidy.
    pub ploidy: Option<Held<Decimal>>,
}

/// Column and text of cells that no field holds: columns of no known name, and values that could not be read.
pub type Extra = Vec<(String, String)>;

/// A row of section Small Variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmallVariant {
    /// Gene symbol; none outside genes.
    pub gene: Option<String>,
    /// Chromosome without `chr`: 1 to 22, X, Y, M.
    pub chromosome: String,
    /// Position of the first base of `reference`.
    pub position: u64,
    /// Reference bases, upper case.
    pub reference: String,
    /// Alternative bases, upper case.
    pub alternative: String,
    /// Fraction of 1.
    pub allele_frequency: Option<Decimal>,
    /// Reads over the position, of whatever allele.
    pub depth: Option<u64>,
    /// P-Dot Notation as written.
    pub p_dot: Option<String>,
    /// C-Dot Notation as written.
    pub c_dot: Option<String>,
    /// Consequence(s), in the order of the file.
    pub consequences: Vec<String>,
    /// Affected Exon(s) as written.
    pub exon: Option<String>,
    /// Cells that no field holds.
    pub extra: Extra,
    /// Handle of the row.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// A row of section Gene Amplifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneAmplification {
    /// Gene symbol.
    pub gene: String,
    /// Ratio to the coverage of normal samples, at least 1; not a copy number.
    pub fold_change: Option<Decimal>,
    /// Cells that no field holds.
    pub extra: Extra,
    /// Handle of the row.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// A row of section Copy Number Variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyNumberVariant {
    /// Gene symbol.
    pub gene: String,
    /// Ratio to the coverage of normal samples; not a copy number.
    pub fold_change: Option<Decimal>,
    /// Gain or loss.
    pub kind: ChangeKind,
    /// The type as written, e.g. `<DUP>`.
    pub reported_type: String,
    /// Absolute copy number.
    pub absolute_copy_number: Option<Decimal>,
    /// Cells that no field holds.
    pub extra: Extra,
    /// Handle of the row.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// A row of section Loss of Heterozygosity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LossOfHeterozygosity {
    /// Gene symbol.
    pub gene: String,
    /// Absolute copy number of the gene.
    pub absolute_copy_number: Option<Decimal>,
    /// Copy number of the minor allele, under 1.
    pub minor_copy_number: Decimal,
    /// Cells that no field holds.
    pub extra: Extra,
    /// Handle of the row.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// A row of section Splice Variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpliceVariant {
    /// Gene symbol.
    pub gene: String,
    /// Affected exons as written, e.g. `2-7/28`.
    pub exons: Option<String>,
    /// Breakpoint 1.
    pub breakpoint_1: Option<Breakpoint>,
    /// Breakpoint 2.
    pub breakpoint_2: Option<Breakpoint>,
    /// Reads that support the junction.
    pub supporting_reads: Option<u64>,
    /// Reads of the reference transcript.
    pub reference_reads: Option<u64>,
    /// Cells that no field holds.
    pub extra: Extra,
    /// Handle of the row.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// A row of section Fusions or DNA Fusions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fusion {
    /// Gene pair as written. Where the file names the genes in two columns only: joined by `-` where the direction is
    /// known and by `/` where it is not, as the pipelines do.
    pub gene_pair: String,
    /// First gene, where the file has a column for it.
    pub gene_1: Option<String>,
    /// Second gene, where the file has a column for it.
    pub gene_2: Option<String>,
    /// Whether the first gene is the 5' partner, where the file has a column for it.
    pub direction_known: Option<bool>,
    /// First breakpoint.
    pub breakpoint_1: Option<Breakpoint>,
    /// Second breakpoint.
    pub breakpoint_2: Option<Breakpoint>,
    /// Reads that support the fusion.
    pub supporting_reads: Option<u64>,
    /// Reads of the reference transcript over the first breakpoint.
    pub gene_1_reference_reads: Option<u64>,
    /// Reads of the reference transcript over the second breakpoint.
    pub gene_2_reference_reads: Option<u64>,
    /// Fraction of 1 (ctDNA).
    pub allele_frequency: Option<Decimal>,
    /// Cells that no field holds.
    pub extra: Extra,
    /// Handle of the row.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// A row of section Exon-Level CNVs or Large Rearrangements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExonCopyNumber {
    /// Gene symbol.
    pub gene: String,
    /// Chromosome without `chr`.
    pub chromosome: String,
    /// First position as written.
    pub start: Option<u64>,
    /// Last position as written.
    pub stop: Option<u64>,
    /// Affected exons as written.
    pub exons: Option<String>,
    /// Ratio to the coverage of normal samples.
    pub fold_change: Option<Decimal>,
    /// Gain or loss.
    pub kind: ChangeKind,
    /// The type as written.
    pub reported_type: String,
    /// Cells that no field holds.
    pub extra: Extra,
    /// Handle of the row.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}
