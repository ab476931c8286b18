//! Findings: what the laboratory's caller says is there.
//!
//! A field keeps what the caller wrote; what we derive (HGNC id, type of change) stands beside it.

use super::accounting::RowId;
use super::decimal::Decimal;
use super::ids::Identity;
use super::implication::{CurationFlag, DiagnosticImplication, TherapeuticImplication, VariationCode};
use crate::record;

record! {
    /// A gene as the file names it, with its HGNC id where the symbol is known.
    pub struct Gene {
        /// Current HGNC symbol; the reported symbol where no HGNC id is known.
        pub symbol: String,
        /// HGNC id with prefix, `HGNC:nnnn`; empty where the symbol is not known or ambiguous.
        pub hgnc_id: Option<String>,
        /// Symbol as the file writes it, where it differs from `symbol`.
        pub reported_symbol: Option<String>,
    }
}

record! {
    /// The sample a finding was made in.
    pub struct SpecimenLink {
        /// Business key of the specimen.
        pub identity: Identity,
        /// Sample id as the laboratory writes it.
        pub sample_id: String,
        /// The pipeline that analysed the sample.
        pub pipeline: PipelineLink,
    }
}

record! {
    /// Link to an analysis pipeline.
    pub struct PipelineLink {
        /// Business key of the pipeline.
        pub identity: Identity,
    }
}

record! {
    /// A sentence for a person.
    pub struct Note {
        /// The sentence.
        pub text: String,
    }
}

record! {
    /// A Sequence Ontology term that the caller gives as consequence of a variant.
    pub struct Consequence {
        /// Term name as written, e.g. `missense_variant`.
        pub term: String,
    }
}

record! {
    /// A single nucleotide variant, multi-nucleotide variant, insertion or deletion.
    pub struct SmallVariant {
        /// Business key: sample and variant key.
        pub identity: Identity,
        /// Sample it was found in.
        pub specimen: SpecimenLink,
        /// Gene or genes; empty outside genes.
        pub genes: Vec<Gene>,
        /// Chromosome without `chr`: 1 to 22, X, Y, M. GRCh37. Empty where `ref_allele` is.
        pub chromosome: String,
        /// 1-based position of the first base of `ref_allele`, as the caller wrote it (VCF convention); no position where
        /// `ref_allele` is empty.
        pub position: u64,
        /// Reference bases as the caller wrote them; empty where only a description at the level of the transcript is given.
        pub ref_allele: String,
        /// Alternative bases as the caller wrote them.
        pub alt_allele: String,
        /// Derived from the alleles: `snv`, `mnv`, `insertion`, `deletion` or `delins`.
        pub change_type: String,
        /// Variant allele frequency, fraction of 1.
        pub allele_frequency: Option<Decimal>,
        /// Reads over the position, of whatever allele.
        pub total_depth: Option<u64>,
        /// Reads that show the alternative allele; only where a file counts them.
        pub allele_depth: Option<u64>,
        /// HGVS c. or n. description with versioned transcript, only where it is HGVS.
        pub coding_hgvs: Option<String>,
        /// Transcript accession: that of `coding_hgvs`, with version; without `coding_hgvs` as the file writes it.
        pub transcript: Option<String>,
        /// Database of the transcript: `refseq`, `ensembl` or `lrg`.
        pub transcript_source: Option<String>,
        /// HGVS p. description, only where it is HGVS and a sequence is named that it can belong to.
        pub protein_hgvs: Option<String>,
        /// Protein accession with version, where given.
        pub protein: Option<String>,
        /// Database of the protein: `refseq`, `ensembl` or `lrg`.
        pub protein_source: Option<String>,
        /// Consequences, in the caller's order.
        pub consequences: Vec<Consequence>,
        /// True where at least one consequence is given.
        pub has_consequence: Option<bool>,
        /// Affected exon as written, e.g. `15/15`.
        pub exon: Option<String>,
        /// `somatic` or `germline`, only where the laboratory's files say so.
        pub origin: Option<String>,
        /// What the origin rests on: `database` or `proximity` (germline filters of the pipeline).
        pub origin_method: Option<String>,
        /// True where the caller thinks that a somatic variant is perhaps of blood cells (clonal haematopoiesis).
        pub putative_clonal_haematopoiesis: Option<bool>,
        /// The variant in public databases.
        pub variation_codes: Vec<VariationCode>,
        /// What the laboratory's curators set.
        pub curation: Vec<CurationFlag>,
        /// What else the files say.
        pub notes: Vec<Note>,
    }
    internal {
        /// Rows that tell this finding.
        pub rows: Vec<RowId>,
        /// Classes and tiers, until the report gathers them.
        pub diagnostic_implications: Vec<DiagnosticImplication>,
        /// Drugs, until the report gathers them.
        pub therapeutic_implications: Vec<TherapeuticImplication>,
    }
}

record! {
    /// A gain or loss of a whole gene.
    pub struct CopyNumber {
        /// Business key: sample, gene and kind.
        pub identity: Identity,
        /// Sample it was found in.
        pub specimen: SpecimenLink,
        /// Gene.
        pub gene: Gene,
        /// `gain` or `loss`.
        pub kind: String,
        /// Type as the caller writes it, e.g. `<DUP>`.
        pub reported_type: Option<String>,
        /// Ratio of the normalised coverage to that of normal samples; not a copy number, not purity-corrected.
        pub fold_change: Option<Decimal>,
        /// Absolute copy number, as the caller gives it.
        pub absolute_copy_number: Option<Decimal>,
        /// What else the files say.
        pub notes: Vec<Note>,
    }
    internal {
        /// Rows that tell this finding.
        pub rows: Vec<RowId>,
    }
}

record! {
    /// Loss of heterozygosity of a gene.
    pub struct LossOfHeterozygosity {
        /// Business key: sample and gene.
        pub identity: Identity,
        /// Sample it was found in.
        pub specimen: SpecimenLink,
        /// Gene.
        pub gene: Gene,
        /// Absolute copy number of the gene.
        pub absolute_copy_number: Option<Decimal>,
        /// Copy number of the minor allele.
        pub minor_copy_number: Option<Decimal>,
        /// What else the files say.
        pub notes: Vec<Note>,
    }
    internal {
        /// Rows that tell this finding.
        pub rows: Vec<RowId>,
    }
}

record! {
    /// A gain or loss of exons (exon-level CNV, large rearrangement).
    pub struct ExonCopyNumber {
        /// Business key: sample, gene, place and kind.
        pub identity: Identity,
        /// Sample it was found in.
        pub specimen: SpecimenLink,
        /// Gene.
        pub gene: Gene,
        /// Chromosome without `chr`. GRCh37.
        pub chromosome: String,
        /// 1-based start as written.
        pub start: Option<u64>,
        /// 1-based end as written.
        pub stop: Option<u64>,
        /// Affected exons as written.
        pub exons: Option<String>,
        /// `gain` or `loss`.
        pub kind: String,
        /// Type as the caller writes it.
        pub reported_type: Option<String>,
        /// Ratio of the normalised coverage to that of normal samples.
        pub fold_change: Option<Decimal>,
        /// What else the files say.
        pub notes: Vec<Note>,
    }
    internal {
        /// Rows that tell this finding.
        pub rows: Vec<RowId>,
    }
}

record! {
    /// A gene fusion, from RNA or from cell-free DNA.
    pub struct Fusion {
        /// Business key: sample, gene pair and breakpoints.
        pub identity: Identity,
        /// Sample it was found in.
        pub specimen: SpecimenLink,
        /// Every gene named, each once.
        pub genes: Vec<Gene>,
        /// Genes at the 5' side; empty where the direction is not known.
        pub five_prime_genes: Vec<Gene>,
        /// Genes at the 3' side; empty where the direction is not known.
        pub three_prime_genes: Vec<Gene>,
        /// Gene pair as the caller writes it.
        pub reported_pair: String,
        /// `GENE5::GENE3` (HGNC and VICC notation), only where the direction is known.
        pub designation: Option<String>,
        /// False where the caller does not know which gene is the 5' partner.
        pub direction_known: bool,
        /// First breakpoint, `chr:position` or `chr:first-last`, GRCh37, 1-based.
        pub breakpoint_1: Option<String>,
        /// Second breakpoint.
        pub breakpoint_2: Option<String>,
        /// Reads, or read pairs, that support the fusion.
        pub supporting_reads: Option<u64>,
        /// Reads of the reference transcript over the first breakpoint.
        pub gene_1_reference_reads: Option<u64>,
        /// Reads of the reference transcript over the second breakpoint.
        pub gene_2_reference_reads: Option<u64>,
        /// Allele frequency, fraction of 1; cell-free DNA only.
        pub allele_frequency: Option<Decimal>,
        /// What else the files say.
        pub notes: Vec<Note>,
    }
    internal {
        /// Rows that tell this finding.
        pub rows: Vec<RowId>,
    }
}

record! {
    /// A splice variant in RNA: exons left out of the transcript.
    pub struct SpliceVariant {
        /// Business key: sample, gene and breakpoints.
        pub identity: Identity,
        /// Sample it was found in.
        pub specimen: SpecimenLink,
        /// Gene.
        pub gene: Gene,
        /// Affected exons as written, e.g. `2-7/28`.
        pub exons: Option<String>,
        /// Chromosome without `chr`; empty where the breakpoints do not agree. GRCh37.
        pub chromosome: Option<String>,
        /// First breakpoint, `chr:position`, GRCh37, 1-based.
        pub breakpoint_1: Option<String>,
        /// Second breakpoint.
        pub breakpoint_2: Option<String>,
        /// Reads that support the junction.
        pub supporting_reads: Option<u64>,
        /// Reads of the reference transcript.
        pub reference_reads: Option<u64>,
        /// What else the files say.
        pub notes: Vec<Note>,
    }
    internal {
        /// Rows that tell this finding.
        pub rows: Vec<RowId>,
    }
}

record! {
    /// A category that a configured policy gives to a number; it never replaces the number.
    pub struct Category {
        /// Code in the gateway's code system.
        pub code: String,
        /// Text for a person.
        pub display: String,
        /// LOINC answer code, where the policy names one.
        pub loinc_answer: Option<String>,
        /// Name and version of the policy.
        pub policy: String,
    }
}

record! {
    /// Tumour mutational burden as the pipeline computes it.
    pub struct TumorMutationalBurden {
        /// Business key: sample.
        pub identity: Identity,
        /// Sample it was measured in.
        pub specimen: SpecimenLink,
        /// Mutations per megabase.
        pub value: Option<Decimal>,
        /// Size of the coding region, megabases.
        pub region_size: Option<Decimal>,
        /// Variants counted.
        pub eligible_variants: Option<u64>,
        /// Category by configured policy.
        pub category: Option<Category>,
        /// Name and version of the pipeline that computed it.
        pub method: String,
        /// What else the files say, and failed quality metrics.
        pub notes: Vec<Note>,
    }
    internal {
        /// Rows that tell this finding.
        pub rows: Vec<RowId>,
    }
}

record! {
    /// Microsatellite instability: counts, and an interpretation only by configured policy.
    pub struct MicrosatelliteInstability {
        /// Business key: sample.
        pub identity: Identity,
        /// Sample it was measured in.
        pub specimen: SpecimenLink,
        /// Sites with enough coverage.
        pub usable_sites: Option<u64>,
        /// Unstable sites.
        pub unstable_sites: Option<u64>,
        /// Unstable of usable sites, percent.
        pub percent_unstable: Option<Decimal>,
        /// Sum of Jensen-Shannon distances (ctDNA).
        pub sum_jsd: Option<Decimal>,
        /// Category by configured policy.
        pub category: Option<Category>,
        /// Name and version of the pipeline that computed it.
        pub method: String,
        /// What else the files say, and failed quality metrics.
        pub notes: Vec<Note>,
    }
    internal {
        /// Rows that tell this finding.
        pub rows: Vec<RowId>,
    }
}

record! {
    /// Genomic instability score with the tumour fraction and ploidy it rests on.
    pub struct GenomicInstability {
        /// Business key: sample.
        pub identity: Identity,
        /// Sample it was measured in.
        pub specimen: SpecimenLink,
        /// Score.
        pub score: Option<Decimal>,
        /// Tumour fraction as written.
        pub tumor_fraction: Option<Decimal>,
        /// `percent` or `fraction`, inferred from the size of the number.
        pub tumor_fraction_unit: Option<String>,
        /// Ploidy.
        pub ploidy: Option<Decimal>,
        /// Name and version of the pipeline that computed it.
        pub method: String,
        /// What else the files say, and failed quality metrics.
        pub notes: Vec<Note>,
    }
    internal {
        /// Rows that tell this finding.
        pub rows: Vec<RowId>,
    }
}
