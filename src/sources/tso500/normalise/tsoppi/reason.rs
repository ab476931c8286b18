//! Which rows of the table are no findings, and why.

use crate::domain::issue::IssueCode;
use crate::redact::quote;

use super::super::super::small_variant_table::{LocalAppClass, TableVariant};

/// Why a row of the table is no finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Excluded by the laboratory.
    Excluded,
    /// On the blacklist of the pipeline.
    Blacklisted,
    /// Seen only in the matched normal sample.
    OfNormal,
    /// `IGV_QC` and `Class_judgement` contradict each other.
    QcContradictory,
    /// Its allele frequency is zero.
    NotSeen,
}

impl Reason {
    /// None where the row is a finding.
    pub(super) fn of(row: &TableVariant) -> Option<Self> {
        let excluded = row.class_judgement.as_deref().is_some_and(is_exclusion);
        if row.igv_qc.as_deref().is_some_and(is_not_ok) && !excluded {
            Some(Self::QcContradictory)
        } else if excluded {
            // First: the laboratory's exclusion holds for the variant in every file, the other reasons for this table only.
            Some(Self::Excluded)
        } else if row.tier.as_deref() == Some("TNA") || row.filters.iter().any(|filter| filter == "normal_origin") {
            Some(Self::OfNormal)
        } else if row.local_app_class == Some(LocalAppClass::Blacklisted) {
            Some(Self::Blacklisted)
        } else if row.allele_frequency.as_ref().is_some_and(|frequency| frequency.to_f64() == 0.0) {
            Some(Self::NotSeen)
        } else {
            None
        }
    }

    pub(super) fn code(self) -> IssueCode {
        match self {
            Self::Excluded => IssueCode::VariantExcluded,
            Self::Blacklisted => IssueCode::RowFiltered,
            Self::OfNormal => IssueCode::VariantOfNormal,
            Self::QcContradictory => IssueCode::IgvNotOk,
            Self::NotSeen => IssueCode::ValueContradictory,
        }
    }

    /// The column that says so.
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Excluded => "Class_judgement",
            Self::Blacklisted => "TSO500_LocalApp_class",
            Self::OfNormal => "Tier",
            Self::QcContradictory => "IGV_QC",
            Self::NotSeen => "AF_tumor_DNA",
        }
    }
}

/// `exclude`, however it is written: `exclude?` and `Excluded` are no inclusion.
fn is_exclusion(word: &str) -> bool {
    word.to_ascii_lowercase().contains("exclu")
}

/// `Not OK`, however it is spaced and written.
fn is_not_ok(cell: &str) -> bool {
    let letters: String = cell.chars().filter(|character| character.is_ascii_alphanumeric()).collect();
    letters.eq_ignore_ascii_case("notok")
}

/// The reason for a reader.
pub(super) fn in_words(row: &TableVariant, reason: Reason) -> String {
    match reason {
        Reason::Excluded if row.filters.is_empty() => "Class_judgement is exclude".to_owned(),
        Reason::Excluded => format!("Class_judgement is exclude, filters {}", quote(&row.filters.join(", "))),
        Reason::Blacklisted => "the pipeline has it on its blacklist (BL)".to_owned(),
        Reason::OfNormal => "it was seen only in the matched normal sample".to_owned(),
        Reason::QcContradictory => {
            let judgement = row.class_judgement.as_deref().unwrap_or("missing");
            format!("IGV_QC is Not OK, Class_judgement is {} and not exclude", quote(judgement))
        }
        Reason::NotSeen => "the allele frequency is zero".to_owned(),
    }
}

/// Whether the laboratory's own report would show the variant: by class, by gene (TERT), or by judgement (configuration of
/// PRONTO, filters FILTER0-1 to FILTER0-3).
pub(super) fn is_reportable(row: &TableVariant, reason: Reason) -> bool {
    let pathogenic = |class: &Option<String>| matches!(class.as_deref(), Some("Pathogenic" | "Likely_Pathogenic"));
    let judged = matches!(row.class_judgement.as_deref(), Some("LikSOM" | "SOM" | "LikGL" | "incon" | "include"));
    let by_class_or_gene = pathogenic(&row.acmg_class)
        || pathogenic(&row.clinvar_class)
        || row.gene.as_deref().is_some_and(|gene| gene.contains("TERT"));
    match reason {
        Reason::Excluded => by_class_or_gene,
        Reason::Blacklisted => by_class_or_gene || judged,
        Reason::OfNormal | Reason::QcContradictory | Reason::NotSeen => false,
    }
}
