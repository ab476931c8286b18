//! Which format a file is, by its name.

use crate::sources::tso500::NucleicAcid;

/// A kind of file that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `<id>_CombinedVariantOutput.tsv`
    CombinedVariantOutput,
    /// `MetricsOutput.tsv`
    MetricsOutput,
    /// `<id>_TMB_Trace.tsv` (LocalApp), `<id>.tmb.trace.tsv` (DRAGEN)
    TmbTrace,
    /// `sample_list.tsv`
    SampleList,
    /// `*.md5`, but not the sum of an archive.
    Md5List,
    /// `<id>_MergedSmallVariants[.genome].vcf` (LocalApp), `<id>.hard-filtered.vcf.gz` and `.gvcf.gz` (DRAGEN)
    SmallVariantVcf,
    /// `<id>_CopyNumberVariants.vcf` (LocalApp), `<id>.cnv.vcf.gz` (DRAGEN)
    CopyNumberVcf,
    /// `<id>_DragenExonCNV.vcf`
    ExonCopyNumberVcf,
    /// `<id>_SpliceVariants.vcf`
    SpliceVcf,
    /// `<id>_AllFusions.csv`
    AllFusions,
    /// `<id>_Fusions.csv` (ctDNA)
    DnaFusions,
    /// `<id>_SampleAnalysisResults.json`
    SampleAnalysisResults,
    /// `<id>.tmb.json`
    TmbJson,
    /// `<id>.msi.json`, `<id>.microsat_output.json`
    MsiJson,
    /// `<id>_small_variant_table.tsv`, `<id>_small_variant_table_forQC.tsv` (TSOPPI)
    SmallVariantTable,
    /// `<run>_variant_summary.tsv` (TSOPPI)
    VariantSummary,
    /// `InPreD_PRONTO_metadata.txt`, `InPreD_PRONTO_metadata_tsoppi.txt`
    ProntoMetadata,
    /// `*.xml`: perhaps a report of Foundation Medicine.
    Xml,
}

impl Kind {
    /// Whether a file of this kind can make a report without a CombinedVariantOutput.
    pub fn makes_report(self) -> bool {
        self == Self::Xml || !self.is_of_run() && self != Self::TmbTrace
    }

    /// What a sample is whose id does not say it.
    pub fn nucleic_acid(self) -> NucleicAcid {
        match self {
            Self::SpliceVcf | Self::AllFusions => NucleicAcid::Rna,
            Self::DnaFusions => NucleicAcid::CellFreeDna,
            _ => NucleicAcid::Dna,
        }
    }

    /// Whether each file of this kind belongs to one sample, named in the file name, and adds to its report.
    pub fn is_of_sample(self) -> bool {
        !self.is_of_run() && self != Self::CombinedVariantOutput
    }

    /// Whether a file of this kind speaks of a whole run.
    fn is_of_run(self) -> bool {
        matches!(
            self,
            Self::MetricsOutput
                | Self::SampleList
                | Self::Md5List
                | Self::VariantSummary
                | Self::ProntoMetadata
                | Self::Xml
        )
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format<'a> {
    /// Read; with what stands before the fixed part of the name.
    Read(Kind, &'a str),
    /// Known, not read; with the name of the format.
    NotRead(&'static str),
    Unknown,
}

/// Fixed ends of the names that are read. A name of one kind is never an end of another.
const READ: &[(&str, Kind)] = &[
    ("_CombinedVariantOutput.tsv", Kind::CombinedVariantOutput),
    ("_MetricsOutput.tsv", Kind::MetricsOutput),
    ("_TMB_Trace.tsv", Kind::TmbTrace),
    (".tmb.trace.tsv", Kind::TmbTrace),
    ("_individual_files.md5", Kind::Md5List),
    (".md5", Kind::Md5List),
    ("_MergedSmallVariants.genome.vcf", Kind::SmallVariantVcf),
    ("_MergedSmallVariants.genome.vcf.gz", Kind::SmallVariantVcf),
    ("_MergedSmallVariants.vcf", Kind::SmallVariantVcf),
    ("_MergedSmallVariants.vcf.gz", Kind::SmallVariantVcf),
    (".hard-filtered.vcf", Kind::SmallVariantVcf),
    (".hard-filtered.vcf.gz", Kind::SmallVariantVcf),
    (".hard-filtered.gvcf", Kind::SmallVariantVcf),
    (".hard-filtered.gvcf.gz", Kind::SmallVariantVcf),
    ("_CopyNumberVariants.vcf", Kind::CopyNumberVcf),
    ("_CopyNumberVariants.vcf.gz", Kind::CopyNumberVcf),
    (".cnv.vcf", Kind::CopyNumberVcf),
    (".cnv.vcf.gz", Kind::CopyNumberVcf),
    ("_DragenExonCNV.vcf", Kind::ExonCopyNumberVcf),
    ("_DragenExonCNV.vcf.gz", Kind::ExonCopyNumberVcf),
    ("_SpliceVariants.vcf", Kind::SpliceVcf),
    ("_SpliceVariants.vcf.gz", Kind::SpliceVcf),
    ("_AllFusions.csv", Kind::AllFusions),
    ("_Fusions.csv", Kind::DnaFusions),
    ("_SampleAnalysisResults.json", Kind::SampleAnalysisResults),
    (".tmb.json", Kind::TmbJson),
    (".msi.json", Kind::MsiJson),
    (".microsat_output.json", Kind::MsiJson),
    ("_small_variant_table.tsv", Kind::SmallVariantTable),
    ("_small_variant_table_forQC.tsv", Kind::SmallVariantTable),
    ("_variant_summary.tsv", Kind::VariantSummary),
    (".xml", Kind::Xml),
];

/// What a name must have to be of a format, in lower case.
enum Sign {
    End(&'static str),
    Part(&'static str),
    Folder(&'static str),
}
use Sign::{End, Folder, Part};

/// Formats that are known and not read; the first sign that fits decides.
const NOT_READ: &[(Sign, &str)] = &[
    (End(".tar.gpg"), "encrypted archive"),
    (End(".tar.gpg.md5"), "MD5 sum of an archive"),
    (End(".md5sum"), "MD5 sum of one file"),
    (End("_files_to_export.txt"), "export list"),
    (End("_files_to_skip.txt"), "export list"),
    (Part(".pcgr_acmg."), "PCGR"),
    (Part(".pcgr."), "PCGR"),
    (Part(".cpsr."), "CPSR"),
    (Folder("_pcgr_"), "PCGR"),
    (Folder("_cpsr_"), "CPSR"),
    (End(".vcf"), "VCF"),
    (End(".vcf.gz"), "VCF"),
    (End(".gvcf"), "VCF"),
    (End(".gvcf.gz"), "VCF"),
    (End(".tbi"), "index"),
    (End(".bai"), "index"),
    (End(".csi"), "index"),
    (End(".bam"), "sequence reads"),
    (End(".fastq.gz"), "sequence reads"),
    (End(".tmb.msaf.csv"), "tmb.msaf.csv"),
    (End(".contamination.json"), "contamination.json"),
    (End("_annotated.json.gz"), "Annotated.json.gz"),
    (Part("_small_variant_table"), "TSOPPI small variant table of another form"),
    (End("_fusion_and_splice_variant_candidates.tsv"), "TSOPPI fusion and splice candidates"),
    (Part("_merged_cnv_"), "TSOPPI copy number table"),
    (Part("_predisposition_gene_variant_table_"), "TSOPPI predisposition table"),
    (End("_whitelist_details.tsv"), "TSOPPI details"),
    (End("_coverage_details.tsv.gz"), "TSOPPI details"),
    (End("_sample_concordance.tsv"), "TSOPPI details"),
    (Part("samplesheet"), "SampleSheet"),
    (End("_foldchange.tsv"), "foldChange.tsv"),
    (End("_normalizedbincount.tsv"), "normalizedBinCount.tsv"),
    (End(".targetcounts.gz"), "targetCounts"),
    (End(".tn.tsv.gz"), "tn.tsv"),
    (End(".abcn_genes.tsv"), "abcn_genes.tsv"),
    (End("_cov_report.tsv"), "coverage report"),
    (Folder("rnasplicevariantcalling"), "RNA splice table"),
    (End(".pdf"), "PDF"),
    (End(".png"), "PNG"),
    (End(".pptx"), "PowerPoint"),
    (End(".docx"), "Word"),
    (End(".xlsx"), "Excel"),
    (End(".html"), "HTML"),
    (End(".log"), "log"),
];

/// The format of a file, given with the folders above it; upper and lower case are not told apart.
pub(super) fn of(file: &str) -> Format<'_> {
    let (folders, name) = file.rsplit_once('/').unwrap_or(("", file));
    // Leftovers of macOS and of Office carry the name of the real file behind these signs.
    if name.starts_with("._") || name.starts_with("~$") {
        return Format::Unknown;
    }
    let (lower_folders, lower) = (folders.to_ascii_lowercase(), name.to_ascii_lowercase());
    let fits = |sign: &Sign| match sign {
        End(end) => lower.ends_with(end),
        Part(part) => lower.contains(part),
        Folder(folder) => lower_folders.split('/').any(|component| component.contains(folder)),
    };
    if name.eq_ignore_ascii_case("MetricsOutput.tsv") {
        return Format::Read(Kind::MetricsOutput, "");
    }
    if name.eq_ignore_ascii_case("sample_list.tsv") {
        return Format::Read(Kind::SampleList, "");
    }
    if lower.contains("inpred_pronto_metadata") && lower.ends_with(".txt") {
        return Format::Read(Kind::ProntoMetadata, "");
    }
    // Copies that a person made of the edited table (`..._forQC - Kopi.tsv`) hold decisions as well.
    if let Some((id, rest)) = lower.split_once("_small_variant_table_forqc")
        && rest.ends_with(".tsv")
    {
        return Format::Read(Kind::SmallVariantTable, name.get(..id.len()).unwrap_or_default());
    }
    for (end, kind) in READ {
        if lower.ends_with(&end.to_ascii_lowercase()) && !lower.ends_with(".tar.gpg.md5") {
            return Format::Read(*kind, name.get(..name.len() - end.len()).unwrap_or_default());
        }
    }
    NOT_READ.iter().find(|(sign, _)| fits(sign)).map_or(Format::Unknown, |(_, format)| Format::NotRead(format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_read() {
        for (file, kind, id) in [
            ("Results/IPD1_P/IPD1_P_CombinedVariantOutput.tsv", Kind::CombinedVariantOutput, "IPD1_P"),
            ("a_combinedvariantoutput.TSV", Kind::CombinedVariantOutput, "a"),
            ("Logs_Intermediates/MetricsOutput/MetricsOutput.tsv", Kind::MetricsOutput, ""),
            ("x_MetricsOutput.tsv", Kind::MetricsOutput, "x"),
            ("Logs_Intermediates/Tmb/S1/S1_TMB_Trace.tsv", Kind::TmbTrace, "S1"),
            ("Logs_Intermediates/Tmb/S1/S1.tmb.trace.tsv", Kind::TmbTrace, "S1"),
            ("S1/sample_list.tsv", Kind::SampleList, ""),
            ("run_LocalApp_individual_files.md5", Kind::Md5List, "run_LocalApp"),
            ("files.md5", Kind::Md5List, "files"),
            ("VariantMatching/S1/S1_MergedSmallVariants.genome.vcf", Kind::SmallVariantVcf, "S1"),
            ("DnaDragenCaller/S1/S1.hard-filtered.gvcf.gz", Kind::SmallVariantVcf, "S1"),
            ("S1_copyNumberVariants.vcf", Kind::CopyNumberVcf, "S1"),
            ("S1.cnv.vcf.gz", Kind::CopyNumberVcf, "S1"),
            ("S1_DragenExonCNV.vcf", Kind::ExonCopyNumberVcf, "S1"),
            ("S1_SpliceVariants.vcf", Kind::SpliceVcf, "S1"),
            ("RnaFusion/S1/S1_AllFusions.csv", Kind::AllFusions, "S1"),
            ("S1_Fusions.csv", Kind::DnaFusions, "S1"),
            ("S1_P_SampleAnalysisResults.json", Kind::SampleAnalysisResults, "S1_P"),
            ("S1.tmb.json", Kind::TmbJson, "S1"),
            ("S1.msi.json", Kind::MsiJson, "S1"),
            ("S1.microsat_output.json", Kind::MsiJson, "S1"),
            ("S1_small_variant_table.tsv", Kind::SmallVariantTable, "S1"),
            ("S1_small_variant_table_forQC.tsv", Kind::SmallVariantTable, "S1"),
            ("S1_small_variant_table_forQC - Kopi.tsv", Kind::SmallVariantTable, "S1"),
            ("r_variant_summary.tsv", Kind::VariantSummary, "r"),
            ("InPreD_PRONTO_metadata_tsoppi.txt", Kind::ProntoMetadata, ""),
        ] {
            assert_eq!(of(file), Format::Read(kind, id), "{file}");
        }
    }

    #[test]
    fn files_that_are_known_and_not_read() {
        for (file, format) in [
            ("r_TSOPPI.tar.gpg", "encrypted archive"),
            ("r_TSOPPI.tar.gpg.md5", "MD5 sum of an archive"),
            ("S1_small_variants_somatic.vcf", "VCF"),
            ("S1.abcn_annotated.vcf", "VCF"),
            ("S1_SmallVariants_Annotated.json.gz", "Annotated.json.gz"),
            ("S1.pcgr_acmg.grch37.snvs_indels.tiers.tsv", "PCGR"),
            ("S1_PCGR_1.0.0_all/S1.grch37.pass.tsv.gz", "PCGR"),
            ("S1.cpsr.grch37.json.gz", "CPSR"),
            ("SampleSheetValidation/SampleSheet_Intermediate.csv", "SampleSheet"),
            ("S1_foldChange.tsv", "foldChange.tsv"),
            ("S1_normalizedBinCount.tsv", "normalizedBinCount.tsv"),
            ("S1.targetCounts.gz", "targetCounts"),
            ("RnaSpliceVariantCalling/S1/S1.tsv", "RNA splice table"),
            ("S1_MTB_report.pptx", "PowerPoint"),
            ("S1_CNV_overview_plots.pdf", "PDF"),
        ] {
            assert_eq!(of(file), Format::NotRead(format), "{file}");
        }
    }

    #[test]
    fn the_rest_is_unknown() {
        for file in ["", "x", "CombinedVariantOutput.tsv", "._a_CombinedVariantOutput.tsv", "~$a.xlsx", "a.tsv", "æ.md"]
        {
            assert_eq!(of(file), Format::Unknown, "{file}");
        }
    }
}
