//! What a failed quality control means for findings: they stay, and say so.

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::finding::{Note, SpecimenLink};
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::GenomicReport;

use super::super::folder;
use super::super::metrics_output::Category;
use super::super::wire::CombinedVariantOutput;
use super::Shared;
use super::assay::{DNA_SECTIONS, RNA_SECTIONS};
use super::evidence::{Evidence, sample_of_file};
use super::quality::Quality;
use super::sample::{Case, NucleicAcid, Sample};

/// The samples of a report whose quality control failed, as a whole or for one class of findings.
#[derive(Debug, Default)]
pub(super) struct Cautions {
    failed: Vec<Failed>,
    restricted: Vec<Restricted>,
    /// The metrics files that the samples were judged by.
    judged_by: Vec<Arc<str>>,
    incomplete: bool,
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
        self.judged_by.extend(quality.files.iter().cloned());
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

    /// Says of MSI that a file of its own declares the result not valid, whatever another file gives as its number.
    pub(super) fn add_invalid(&mut self, report: &mut GenomicReport, case: &Case, evidence: &Evidence) {
        for content in evidence.msi.iter().filter(|content| content.is_invalid) {
            let Some(sample) = sample_of_file(case, &content.file) else { continue };
            let sentence = format!("{} says that the result of MSI is not valid", folder::name_of(&content.file));
            report.notes.push(Note { text: format!("{}: {sentence}", sample.text) });
            self.restricted.push(Restricted { sample_id: sample.text.clone(), category: Category::Msi, sentence });
        }
    }

    /// Says which sections could not be read whole, and whether the file is the one that was exported: what is missing
    /// there is no negative result.
    pub(super) fn add_unreadable(
        &mut self,
        report: &mut GenomicReport,
        case: &Case,
        evidence: &Evidence,
        shared: &Shared,
        account: &mut Account,
    ) {
        let content = case.content();
        let ids: Vec<&str> = case.samples().map(|sample| sample.text.as_str()).collect();
        for (section, count) in account.ledger.unreadable(&content.file) {
            let Some(known) = DNA_SECTIONS.iter().chain(RNA_SECTIONS).find(|known| **known == &*section) else {
                continue;
            };
            let text = format!("{}: {count} lines of section {known} could not be read", ids.join(" and "));
            account.issue(IssueCode::SectionUnreadable, Location::file(&content.file).section(&section), text.clone());
            report.unassessed.insert(known, "could not be read");
            report.notes.push(Note { text });
            self.incomplete = true;
        }
        let unused = |file: &&Arc<str>| evidence.unused.contains(*file);
        for file in evidence.files.iter().filter(|file| !unused(file) && !account.ledger.unreadable(file).is_empty()) {
            let name = file.rsplit('/').next().unwrap_or(file);
            report.notes.push(Note { text: format!("{}: {name} could not be used whole", ids.join(" and ")) });
            self.incomplete = true;
        }
        for file in evidence.unused.iter().chain(&case.refused) {
            let name = file.rsplit('/').next().unwrap_or(file);
            report.notes.push(Note { text: format!("{}: {name} could not be used", ids.join(" and ")) });
            self.incomplete = true;
        }
        let differs = |file: &Arc<str>| shared.differing.contains(file) || evidence.differing.contains(file);
        let read = evidence.files.iter().chain([&content.file]).chain(&self.judged_by);
        for file in read.filter(|file| differs(file)) {
            let name = folder::name_of(file);
            let text = format!(
                "{}: copies of {name} differ; the one that was used may not be the one that holds",
                ids.join(" and ")
            );
            report.notes.push(Note { text });
            self.incomplete = true;
        }
        let is_unusable = |id: &String| {
            let core = id.strip_suffix("_P").unwrap_or(id);
            case.output.implied.is_some() && case.samples().any(|sample| sample.text == core)
        };
        if shared.unusable_outputs.iter().any(is_unusable) {
            let text = format!("{}: the CombinedVariantOutput is there and could not be used", ids.join(" and "));
            report.notes.push(Note { text });
            self.incomplete = true;
        }
        if evidence.files.iter().chain([&content.file]).any(|file| shared.mismatched.contains(file)) {
            let text = format!("{}: the checksum of the result file does not match its list", ids.join(" and "));
            report.notes.push(Note { text });
            self.incomplete = true;
        }
    }

    /// Whether anything failed.
    pub(super) fn any(&self) -> bool {
        self.incomplete || !self.restricted.is_empty() || !self.failed.is_empty()
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
            Category::Msi => {
                lists!(microsatellite_instabilities);
                // A number that is not reliable has no category, whatever the policy.
                for finding in &mut report.microsatellite_instabilities {
                    if finding.specimen.sample_id == self.sample_id {
                        finding.category = None;
                    }
                }
            }
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
