//! The sections of a MetricsOutput.

/// What a metrics section is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// `DNA Library QC Metrics`: foreign DNA. It concerns every DNA finding.
    Contamination,
    /// Small variants and TMB.
    SmallVariantAndTmb,
    /// Microsatellite instability.
    Msi,
    /// Copy number.
    CopyNumber,
    /// Genomic instability score.
    Gis,
    /// `RNA Library QC Metrics`: fusions and splice variants.
    Rna,
    /// The sequencing run.
    Run,
    /// Further metrics for information; they carry no guideline.
    Expanded,
}

impl Category {
    /// Whether metrics of this category decide about the quality of a library.
    pub fn is_library_qc(self) -> bool {
        !matches!(self, Self::Run | Self::Expanded)
    }
}

/// How a section is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SectionKind {
    Header,
    Status,
    Notes,
    Metrics(Category),
}

impl SectionKind {
    /// The kind of a section by its name; `None` for names that no known version writes.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Some(match name.as_str() {
            "header" => Self::Header,
            "analysis status" => Self::Status,
            "notes" => Self::Notes,
            "run qc metrics" | "run metrics" => Self::Metrics(Category::Run),
            "dna expanded metrics" | "rna expanded metrics" | "expanded metrics" => Self::Metrics(Category::Expanded),
            "rna library qc metrics" => Self::Metrics(Category::Rna),
            "dna library qc metrics" => Self::Metrics(Category::Contamination),
            _ => Self::Metrics(library_category(name.strip_prefix("dna library qc metrics for ")?)?),
        })
    }

    /// Whether the section begins with a line of column names.
    pub(super) fn is_table(self) -> bool {
        matches!(self, Self::Status | Self::Metrics(_))
    }
}

/// Small variants come first: ctDNA versions judge several findings in one section.
fn library_category(purpose: &str) -> Option<Category> {
    let is_about = |words: &[&str]| words.iter().any(|word| purpose.contains(word));
    if is_about(&["small variant", "tmb"]) {
        Some(Category::SmallVariantAndTmb)
    } else if is_about(&["msi"]) {
        Some(Category::Msi)
    } else if is_about(&["cnv", "copy number"]) {
        Some(Category::CopyNumber)
    } else if is_about(&["gis"]) {
        Some(Category::Gis)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sections_of_both_pipelines_are_known() {
        for (name, kind) in [
            ("Header", SectionKind::Header),
            ("Analysis Status", SectionKind::Status),
            ("Notes", SectionKind::Notes),
            ("Run QC Metrics", SectionKind::Metrics(Category::Run)),
            ("DNA Library QC Metrics", SectionKind::Metrics(Category::Contamination)),
            (
                "DNA Library QC Metrics for Small Variant Calling and TMB",
                SectionKind::Metrics(Category::SmallVariantAndTmb),
            ),
            ("DNA Library QC Metrics for MSI", SectionKind::Metrics(Category::Msi)),
            ("DNA Library QC Metrics for CNV", SectionKind::Metrics(Category::CopyNumber)),
            ("DNA Library QC Metrics for Copy Number Variant Calling", SectionKind::Metrics(Category::CopyNumber)),
            ("DNA Library QC Metrics for GIS", SectionKind::Metrics(Category::Gis)),
            ("RNA Library QC Metrics", SectionKind::Metrics(Category::Rna)),
            ("DNA Expanded Metrics", SectionKind::Metrics(Category::Expanded)),
            ("RNA Expanded Metrics", SectionKind::Metrics(Category::Expanded)),
        ] {
            assert_eq!(SectionKind::of(name), Some(kind), "{name}");
        }
    }

    #[test]
    fn other_sections_are_not_guessed() {
        for name in ["", "TMB", "DNA Library QC Metrics for Methylation", "Protein Library QC Metrics", "Metrics"] {
            assert_eq!(SectionKind::of(name), None, "{name}");
        }
    }
}
