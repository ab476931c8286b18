//! A results report as it was sent: words and texts of the document, numbers with their digits.

use std::sync::Arc;

use crate::domain::accounting::RowId;
use crate::domain::decimal::Decimal;
use crate::sources::tso500::cells::breakpoint::Locus;

/// A results report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultsReport {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// `ReferenceID`: the sender's own id of the sample or the patient.
    pub reference: Option<Held<String>>,
    /// `variant-report`.
    pub variant_report: VariantReport,
    /// Samples that were sequenced.
    pub samples: Vec<Sample>,
    /// `quality-control/@status`.
    pub quality_control: Option<Held<String>>,
    /// Short variants.
    pub short_variants: Vec<ShortVariant>,
    /// Copy number alterations.
    pub copy_number_alterations: Vec<CopyNumberAlteration>,
    /// Rearrangements.
    pub rearrangements: Vec<Rearrangement>,
    /// `microsatellite-instability/@status`.
    pub microsatellite_instability: Option<Held<String>>,
    /// Tumour mutational burden.
    pub tumor_mutation_burden: Option<TumorMutationBurden>,
    /// Sentences about sequences that are not human.
    pub non_human: Vec<Held<String>>,
}

/// A value with the row that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<T> {
    /// The value.
    pub value: T,
    /// Row in the accounting.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// Name and text of values that no field holds.
pub type Extra = Vec<(String, String)>;

/// Attributes of `variant-report`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantReport {
    /// `test-type`.
    pub test_type: String,
    /// `pipeline-version`.
    pub pipeline_version: Option<String>,
    /// `gender`: `male` or `female`.
    pub gender: Option<String>,
    /// The others, e.g. `disease`, `purity-assessment`.
    pub extra: Extra,
    /// Row in the accounting.
    pub row: RowId,
}

/// A sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// `name`: the vendor's id.
    pub name: Option<String>,
    /// `mean-exon-depth`, reads.
    pub mean_exon_depth: Option<Decimal>,
    /// The other attributes.
    pub extra: Extra,
    /// Row in the accounting.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// A short variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortVariant {
    /// `gene`.
    pub gene: String,
    /// `cds-effect`, a change without `c.`: `524G>A`.
    pub cds_effect: Option<String>,
    /// `protein-effect`, a change without `p.`: `R175H`.
    pub protein_effect: Option<String>,
    /// `transcript`, often without version.
    pub transcript: Option<String>,
    /// `strand` of the transcript: `+` or `-`.
    pub strand: Option<String>,
    /// `position`.
    pub locus: Option<Locus>,
    /// `position` as written.
    pub position: Option<String>,
    /// `allele-fraction`, or `percent-reads` as a fraction of 1.
    pub allele_fraction: Option<Decimal>,
    /// `depth`: reads over the position.
    pub depth: Option<u64>,
    /// `functional-effect`.
    pub functional_effect: Option<String>,
    /// The other attributes, statements of the vendor among them.
    pub extra: Extra,
    /// Row in the accounting.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// A copy number alteration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyNumberAlteration {
    /// `gene`.
    pub gene: String,
    /// `type` as written.
    pub reported_type: String,
    /// Whether it is a gain.
    pub is_gain: bool,
    /// `copy-number`: an absolute number.
    pub copy_number: Option<Decimal>,
    /// The other attributes, `ratio` and `number-of-exons` among them.
    pub extra: Extra,
    /// Row in the accounting.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// A rearrangement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rearrangement {
    /// `targeted-gene`.
    pub targeted_gene: String,
    /// `other-gene`.
    pub other_gene: Option<String>,
    /// `type` or `description` says fusion.
    pub is_fusion: bool,
    /// `pos1` as written, a position or a range.
    pub position_1: Option<String>,
    /// `pos2` as written.
    pub position_2: Option<String>,
    /// `supporting-read-pairs`.
    pub supporting_read_pairs: Option<u64>,
    /// `allele-fraction`, or `percent-reads` as a fraction of 1.
    pub allele_fraction: Option<Decimal>,
    /// The other attributes, `description`, `type` and `in-frame` among them.
    pub extra: Extra,
    /// Row in the accounting.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// Tumour mutational burden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TumorMutationBurden {
    /// `score`, mutations per megabase.
    pub score: Option<Decimal>,
    /// `status` and what else is said.
    pub extra: Extra,
    /// Row in the accounting.
    pub row: RowId,
}
