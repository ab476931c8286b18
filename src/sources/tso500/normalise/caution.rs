//! What a failed quality control means for findings: they stay, and say so.

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::finding::{Note, SpecimenLink};
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::GenomicReport;

use super::super::metrics_output::Category;
use super::super::wire::CombinedVariantOutput;
use super::assay::{DNA_SECTIONS, RNA_SECTIONS};
use super::quality::Quality;
use super::sample::{NucleicAcid, Sample};

/// The samples of a report whose quality control failed, as a whole or for one class of findings.
#[derive(Debug, Default)]
pub(super) struct Cautions {
    failed: Vec<Failed>,
    restricted: Vec<Restricted>,
}

/// A metric outside its guideline that spoils one class of findings of a sample.
#[derive(Debug)]
struct Restricted {
    sample_id: String,
    category: Category,
    sentence: String,
}

#[derive(Debug)]
struct Failed {
    sample_id: String,
    file: Arc<str>,
}

/// What a finding of a failed assay says.
const CAUTION: &str = "The assay failed its quality control; the finding is reported as the pipeline gave it";

impl Cautions {
    /// Takes note of a sample. An empty section of a failed assay is no statement that nothing was found.
    pub(super) fn add(
        &mut self,
        sample: &Sample,
        quality: &Quality,
        content: &CombinedVariantOutput,
        account: &mut Account,
    ) {
        self.restricted.extend(quality.restrictions.iter().map(|(category, sentence)| Restricted {
            sample_id: sample.text.clone(),
            category: *category,
            sentence: sentence.clone(),
        }));
        if quality.failures.is_empty() {
            return;
        }
        let sections = if sample.nucleic_acid == NucleicAcid::Rna { RNA_SECTIONS } else { DNA_SECTIONS };
        let (from, code) = (IssueCode::SectionEmpty, IssueCode::QcFailed);
        account.ledger.relist(
            &content.file,
            sections,
            from,
            code,
            "the assay failed: no statement about these findings",
        );
        self.failed.push(Failed { sample_id: sample.text.clone(), file: Arc::clone(&content.file) });
    }

    /// Whether anything failed.
    pub(super) fn any(&self) -> bool {
        !self.restricted.is_empty() || !self.failed.is_empty()
    }

    /// Adds the notes to the findings.
    pub(super) fn apply(&self, report: &mut GenomicReport, account: &mut Account) {
        for restricted in &self.restricted {
            restricted.caution(report);
        }
        for failed in &self.failed {
            if failed.caution(report) > 0 {
                let text = format!("{CAUTION}: sample {}", failed.sample_id);
                account.issue(IssueCode::FindingDespiteFailure, Location::file(&failed.file), text);
            }
        }
    }
}

impl Restricted {
    /// Adds the sentence to the findings of its class.
    fn caution(&self, report: &mut GenomicReport) {
        let add = |specimen: &SpecimenLink, notes: &mut Vec<Note>| {
            if specimen.sample_id == self.sample_id {
                notes.push(Note { text: self.sentence.clone() });
            }
        };
        macro_rules! lists {
            ($($list:ident),*) => {{ $( for finding in &mut report.$list { add(&finding.specimen, &mut finding.notes); } )* }};
        }
        match self.category {
            Category::Msi => lists!(microsatellite_instabilities),
            Category::CopyNumber => lists!(copy_numbers, losses_of_heterozygosity, exon_copy_numbers),
            Category::Gis => lists!(genomic_instabilities),
            _ => {}
        }
    }
}

impl Failed {
    /// Adds the note to every finding of the sample and counts them.
    fn caution(&self, report: &mut GenomicReport) -> usize {
        let mut count = 0;
        let mut add = |specimen: &SpecimenLink, notes: &mut Vec<Note>| {
            if specimen.sample_id == self.sample_id {
                notes.push(Note { text: CAUTION.to_owned() });
                count += 1;
            }
        };
        macro_rules! lists {
            ($($list:ident),*) => { $( for finding in &mut report.$list { add(&finding.specimen, &mut finding.notes); } )* };
        }
        lists!(
            small_variants,
            copy_numbers,
            losses_of_heterozygosity,
            exon_copy_numbers,
            fusions,
            splice_variants,
            tumor_mutational_burdens,
            microsatellite_instabilities,
            genomic_instabilities
        );
        count
    }
}
