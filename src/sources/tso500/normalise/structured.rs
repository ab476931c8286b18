//! Results that the pipelines give as JSON: `SampleAnalysisResults.json`, `tmb.json`, `msi.json`.
//!
//! They have the rank `Structured`: the CombinedVariantOutput comes before them, and they add what it leaves out, above all the
//! reads of an allele.

use crate::domain::accounting::{Account, RowId};
use crate::domain::finding::{
    CopyNumber, Fusion, MicrosatelliteInstability, Note, SmallVariant, TumorMutationalBurden,
};
use crate::domain::issue::{IssueCode, Location};
use crate::domain::policy::Policies;
use crate::domain::sample_id::PatientKey;
use crate::redact::quote;

use super::super::biomarker_json::{MsiFile, TmbFile};
use super::super::sample_analysis_results::{CountedVariant, SampleAnalysisResults};
use super::findings::Part;
use super::{biomarkers, copy_numbers, rearrangements, small_variants};

/// The findings of a `SampleAnalysisResults.json`.
#[derive(Debug, Default)]
pub(super) struct Structured {
    pub(super) small_variants: Vec<SmallVariant>,
    pub(super) copy_numbers: Vec<CopyNumber>,
    pub(super) fusions: Vec<Fusion>,
    pub(super) tmb: Option<TumorMutationalBurden>,
    pub(super) msi: Option<MicrosatelliteInstability>,
    /// What the file says of the software, for the study.
    pub(super) notes: Vec<Note>,
    /// The rows behind `notes`.
    pub(super) rows: Vec<RowId>,
}

/// The findings of a file about the sample of `part`. A file of another patient is `tso500.id-mismatch` and listed whole.
///
/// No category is given to MSI: the file has no count of sites, without which the policy must not be applied.
pub(super) fn normalise(
    content: &SampleAnalysisResults,
    part: &Part<'_>,
    policies: &Policies,
    account: &mut Account,
) -> Structured {
    if !is_of_sample(content, part, account) {
        return Structured::default();
    }
    let method = content.software.clone().unwrap_or_default();
    let no_category = Policies { msi: None, ..policies.clone() };
    Structured {
        small_variants: content.small_variants.iter().map(|row| small_variant(row, part, account)).collect(),
        copy_numbers: copy_numbers::copy_numbers(&content.copy_number_variants, part, account),
        fusions: rearrangements::fusions(&content.dna_fusions, "dnaFusions", part, account),
        tmb: biomarkers::tmb(&content.tmb, part, &method, policies),
        msi: biomarkers::msi(&content.msi, part, &method, &no_category, account),
        notes: content
            .configuration
            .iter()
            .map(|held| Note { text: format!("{}: {}", held.value.key, held.value.value) })
            .collect(),
        rows: content.configuration.iter().map(|held| held.row).collect(),
    }
}

/// The burden of a `tmb.json`; `method` names the pipeline.
pub(super) fn tmb(
    content: &TmbFile,
    part: &Part<'_>,
    method: &str,
    policies: &Policies,
) -> Option<TumorMutationalBurden> {
    biomarkers::tmb(&content.tmb, part, method, policies)
}

/// The instability of a `msi.json`; `method` names the pipeline. None where the file says that its result is not valid.
pub(super) fn msi(
    content: &MsiFile,
    part: &Part<'_>,
    method: &str,
    policies: &Policies,
    account: &mut Account,
) -> Option<MicrosatelliteInstability> {
    biomarkers::msi(&content.msi, part, method, policies, account)
}

fn small_variant(row: &CountedVariant, part: &Part<'_>, account: &mut Account) -> SmallVariant {
    let place = part.place("smallVariants", row.variant.line);
    SmallVariant { allele_depth: row.allele_depth, ..small_variants::one(&row.variant, place, part, account) }
}

/// Two InPreD sample ids that differ are two samples, be they of one patient; a bare patient key is a pair's id.
pub(super) fn is_other_sample(one: &str, other: &str) -> bool {
    let core = |id: &str| id.strip_suffix("_P").unwrap_or(id).to_owned();
    let is_sample = |id: &str| {
        id.get(..7).and_then(PatientKey::parse).is_some() && id.get(7..).is_some_and(|rest| rest.starts_with('-'))
    };
    is_sample(one) && is_sample(other) && core(one) != core(other)
}

/// Whether the file may be used for the sample. `sampleId` is the sample's or the pair's id.
fn is_of_sample(content: &SampleAnalysisResults, part: &Part<'_>, account: &mut Account) -> bool {
    let sample = part.specimen.sample_id.as_str();
    let Some(named) = content.sample_id.as_deref().filter(|named| *named != sample) else { return true };
    let key = |id: &str| id.get(..7).and_then(PatientKey::parse);
    let place = Location::file(&content.file).column("sampleId");
    if let (Some(first), Some(second)) = (key(named), key(sample))
        && first.as_str() != second.as_str()
    {
        let words = "the file is of another patient's sample than its name";
        account.issue(IssueCode::IdMismatch, place, words);
        account.ledger.list_file(&content.file, IssueCode::IdMismatch, words);
        return false;
    }
    if is_other_sample(named, sample) {
        let words = "the file is of another sample than its name";
        account.issue(IssueCode::IdMismatch, place, words);
        account.ledger.list_file(&content.file, IssueCode::IdMismatch, words);
        return false;
    }
    if named.trim_end_matches("_P") != sample.trim_end_matches("_P") {
        account.issue(IssueCode::IdDiffers, place, format!("the file is of {}", quote(named)));
    }
    true
}

#[cfg(test)]
mod tests;
