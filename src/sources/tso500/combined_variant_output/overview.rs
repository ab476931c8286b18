//! What must be known of a file before its rows mean anything: which pipeline wrote it, and which assays were done.

use std::sync::Arc;

use crate::domain::issue::{Issue, IssueCode, Location};
use crate::redact::quote;

use super::super::cells::is_missing;
use super::super::sheet::{Sheet, SheetSection};
use super::super::text::Text;
use super::super::wire::Dialect;
use super::analysis_details::{DNA_SAMPLE_ID, PIPELINE_VERSION, RNA_SAMPLE_ID, SAMPLE_ID};
use super::names::same_name;
use super::section::{Assay, Section};

/// A file at a glance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Overview {
    pub(super) dialect: Dialect,
    version: Option<Version>,
    dna: bool,
    rna: bool,
}

/// A pipeline version whose layout is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    Local2,
    Dragen2_1,
    Dragen2_5,
    Dragen2_6,
}

impl Overview {
    /// Looks at the banner, the section names and the first Analysis Details.
    pub(super) fn of(product: &str, sheet: &Sheet<'_>) -> Self {
        let details = sheet.sections.iter().find(|section| is_section(section, Section::AnalysisDetails));
        let value = |key| details.and_then(|details| first_value(details, key));
        let given = |key| value(key).is_some_and(|text| !is_missing(text));
        let folded = product.to_ascii_lowercase();
        let one_sample = value(SAMPLE_ID).is_some() && value(DNA_SAMPLE_ID).is_none();
        // A section alone does not make tissue plasma: a DRAGEN file with one sample for everything does.
        let dialect = if folded.contains("ctdna") || (folded.contains("dragen") && one_sample) {
            Dialect::DragenCtDna
        } else if folded.contains("dragen") {
            Dialect::Dragen
        } else {
            Dialect::LocalApp
        };
        let cell_free = dialect == Dialect::DragenCtDna;
        Self {
            dialect,
            version: value(PIPELINE_VERSION).and_then(|text| known_version(text, dialect)),
            dna: given(DNA_SAMPLE_ID) || given(SAMPLE_ID),
            rna: given(RNA_SAMPLE_ID) || (cell_free && given(SAMPLE_ID)),
        }
    }

    /// Whether the sample of an assay was there.
    pub(super) fn is_assayed(&self, assay: Assay) -> bool {
        match assay {
            Assay::Dna => self.dna,
            Assay::Rna => self.rna,
        }
    }

    /// Sections that this pipeline writes; of each group, one is enough.
    pub(super) fn expected(&self) -> Vec<&'static [Section]> {
        let copy_numbers: &[Section] = match (self.dialect, self.version) {
            (Dialect::LocalApp, _) | (Dialect::Dragen, Some(Version::Dragen2_1)) => &[Section::GeneAmplifications],
            (Dialect::Dragen, Some(Version::Dragen2_6)) => &[Section::CopyNumberVariants],
            _ => &[Section::CopyNumberVariants, Section::GeneAmplifications],
        };
        let fusions: &[&[Section]] = match self.dialect {
            Dialect::LocalApp | Dialect::Dragen => &[&[Section::SpliceVariants], &[Section::Fusions]],
            Dialect::DragenCtDna => &[&[Section::DnaFusions]],
        };
        let mut groups: Vec<&[Section]> =
            vec![&[Section::AnalysisDetails], &[Section::Tmb], &[Section::Msi], copy_numbers];
        groups.extend(fusions);
        groups.push(&[Section::SmallVariants]);
        groups
    }

    /// Whether the layout of a section was never compared with a real file.
    pub(super) fn is_unverified(&self, section: Section) -> bool {
        self.dialect == Dialect::DragenCtDna
            || matches!(
                section,
                Section::CopyNumberVariants
                    | Section::LossOfHeterozygosity
                    | Section::LargeRearrangements
                    | Section::DnaFusions
            )
    }

    /// The issue of a pipeline version that is not known.
    pub(super) fn version_issue(&self, text: &Text, written: Option<(&str, u32)>) -> Option<Issue> {
        if self.version.is_some() {
            return None;
        }
        let place = Location::file(&text.file);
        let section = Arc::from(Section::AnalysisDetails.name());
        let (place, words) = match written {
            Some((version, line)) => (
                place.line(line).section(&section).column(PIPELINE_VERSION),
                format!("pipeline version {} is not known", quote(version)),
            ),
            None => (place, "the file names no pipeline version".to_owned()),
        };
        Some(Issue::new(IssueCode::VersionUnknown, place, words))
    }
}

fn is_section(section: &SheetSection<'_>, wanted: Section) -> bool {
    same_name(&section.name, wanted.name())
}

fn first_value<'a>(section: &'a SheetSection<'_>, key: &str) -> Option<&'a str> {
    section.lines.iter().find(|line| same_name(line.cell(0), key)).map(|line| line.cell(1))
}

fn known_version(text: &str, dialect: Dialect) -> Option<Version> {
    // DRAGEN 2.1.1 writes `ruo-2.1.1.4`, the Local App `ruo-2.2.0.12`.
    let forms = [
        ("ruo-2.2.", Version::Local2),
        ("ruo-2.1.", if dialect == Dialect::LocalApp { Version::Local2 } else { Version::Dragen2_1 }),
        ("2.1.", Version::Dragen2_1),
        ("2.5.", Version::Dragen2_5),
        ("2.6.", Version::Dragen2_6),
    ];
    forms.into_iter().find(|(form, _)| text.starts_with(form)).map(|(_, version)| version)
}
