//! The sections of the file.

use super::names::same_name;
use super::table::Layout;
use super::{
    copy_number_variants, dna_fusions, exon_copy_numbers, fusions, gene_amplifications, loss_of_heterozygosity,
    small_variants, splice_variants,
};

/// A section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    AnalysisDetails,
    SequencingRunDetails,
    Tmb,
    Msi,
    Gis,
    GeneAmplifications,
    CopyNumberVariants,
    LossOfHeterozygosity,
    SpliceVariants,
    Fusions,
    DnaFusions,
    ExonLevelCnvs,
    LargeRearrangements,
    SmallVariants,
}

/// What is assayed for a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assay {
    Dna,
    Rna,
}

impl Section {
    const ALL: [Self; 14] = [
        Self::AnalysisDetails,
        Self::SequencingRunDetails,
        Self::Tmb,
        Self::Msi,
        Self::Gis,
        Self::GeneAmplifications,
        Self::CopyNumberVariants,
        Self::LossOfHeterozygosity,
        Self::SpliceVariants,
        Self::Fusions,
        Self::DnaFusions,
        Self::ExonLevelCnvs,
        Self::LargeRearrangements,
        Self::SmallVariants,
    ];

    /// The section of a name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| same_name(section.name(), name))
    }

    /// The name without brackets.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AnalysisDetails => "Analysis Details",
            Self::SequencingRunDetails => "Sequencing Run Details",
            Self::Tmb => "TMB",
            Self::Msi => "MSI",
            Self::Gis => "GIS",
            Self::GeneAmplifications => "Gene Amplifications",
            Self::CopyNumberVariants => "Copy Number Variants",
            Self::LossOfHeterozygosity => "Loss of Heterozygosity",
            Self::SpliceVariants => "Splice Variants",
            Self::Fusions => "Fusions",
            Self::DnaFusions => "DNA Fusions",
            Self::ExonLevelCnvs => "Exon-Level CNVs",
            Self::LargeRearrangements => "Large Rearrangements",
            Self::SmallVariants => "Small Variants",
        }
    }

    /// What the findings of the section are made from; none for the sections about the analysis.
    pub(super) fn assay(self) -> Option<Assay> {
        match self {
            Self::AnalysisDetails | Self::SequencingRunDetails => None,
            Self::SpliceVariants | Self::Fusions => Some(Assay::Rna),
            _ => Some(Assay::Dna),
        }
    }

    /// The columns of a table; none for lists of keys.
    pub(super) fn layout(self) -> Option<&'static Layout> {
        match self {
            Self::AnalysisDetails | Self::SequencingRunDetails | Self::Tmb | Self::Msi | Self::Gis => None,
            Self::GeneAmplifications => Some(&gene_amplifications::LAYOUT),
            Self::CopyNumberVariants => Some(&copy_number_variants::LAYOUT),
            Self::LossOfHeterozygosity => Some(&loss_of_heterozygosity::LAYOUT),
            Self::SpliceVariants => Some(&splice_variants::LAYOUT),
            Self::Fusions => Some(&fusions::LAYOUT),
            Self::DnaFusions => Some(&dna_fusions::LAYOUT),
            Self::ExonLevelCnvs | Self::LargeRearrangements => Some(&exon_copy_numbers::LAYOUT),
            Self::SmallVariants => Some(&small_variants::LAYOUT),
        }
    }
}
