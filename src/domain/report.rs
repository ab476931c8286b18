//! A genomic report: one sample set of one patient.

use std::collections::BTreeMap;

use super::accounting::RowId;
use super::decimal::Decimal;
use super::finding::{
    CopyNumber, ExonCopyNumber, Fusion, GenomicInstability, LossOfHeterozygosity, MicrosatelliteInstability, Note,
    SmallVariant, SpecimenLink, SpliceVariant, TumorMutationalBurden,
};
use super::ids::Identity;
use super::implication::{DiagnosticImplication, TherapeuticImplication};
use crate::record;

record! {
    /// One sample set of one patient, as one laboratory reports it.
    pub struct GenomicReport {
        /// Business key: patient key and sample ids.
        pub identity: Identity,
        /// FHIR diagnostic-report-status: `preliminary`, `partial`, `cancelled` or `final`.
        pub status: String,
        /// FHIR observation-status of every finding: `preliminary` or `final`.
        pub finding_status: String,
        /// When the pipeline wrote its result: an instant with offset; empty where no full time is known.
        pub issued: Option<String>,
        /// Pair ids of the files the report rests on; the sender's own id in a report of Foundation Medicine.
        pub pairs: Vec<PairId>,
        /// True for a validation sample, which is never clinical.
        pub is_test: Option<bool>,
        /// The patient, under the laboratory's pseudonym.
        pub patient: LabPatient,
        /// The laboratory; empty where the sample id does not name one.
        pub laboratory: Option<Laboratory>,
        /// The pipeline.
        pub pipelines: Vec<Pipeline>,
        /// The samples.
        pub specimens: Vec<Specimen>,
        /// The study as a whole.
        pub study: Study,
        /// The assays that were done.
        pub analyses: Vec<Analysis>,
        /// Small variants.
        pub small_variants: Vec<SmallVariant>,
        /// Gains and losses of genes.
        pub copy_numbers: Vec<CopyNumber>,
        /// Losses of heterozygosity.
        pub losses_of_heterozygosity: Vec<LossOfHeterozygosity>,
        /// Gains and losses of exons.
        pub exon_copy_numbers: Vec<ExonCopyNumber>,
        /// Gene fusions.
        pub fusions: Vec<Fusion>,
        /// Splice variants.
        pub splice_variants: Vec<SpliceVariant>,
        /// Tumour mutational burden.
        pub tumor_mutational_burdens: Vec<TumorMutationalBurden>,
        /// Microsatellite instability.
        pub microsatellite_instabilities: Vec<MicrosatelliteInstability>,
        /// Genomic instability.
        pub genomic_instabilities: Vec<GenomicInstability>,
        /// Classes and tiers of findings.
        pub diagnostic_implications: Vec<DiagnosticImplication>,
        /// Drugs that the laboratory's files name for findings.
        pub therapeutic_implications: Vec<TherapeuticImplication>,
        /// What a reader of the report must know: assays not done or failed, quality metrics outside their guideline.
        pub notes: Vec<Note>,
    }
    internal {
        /// Rows that the report itself holds.
        pub rows: Vec<RowId>,
        /// The laboratory says that the patient is not in the trial (`IKKE IMPRESS`).
        pub not_in_trial: bool,
        /// Why no statement is made about a class of findings, by the section that would hold it.
        pub unassessed: BTreeMap<&'static str, &'static str>,
    }
}

record! {
    /// A pair id of the pipeline.
    pub struct PairId {
        /// The id as written.
        pub value: String,
    }
}

record! {
    /// The patient under the laboratory's pseudonym.
    pub struct LabPatient {
        /// Business key: patient key.
        pub identity: Identity,
        /// Patient key of the laboratory, e.g. the first seven characters of an InPreD sample id.
        pub key: String,
        /// `male` or `female`, where the laboratory says so.
        pub gender: Option<String>,
        /// Year of birth, `yyyy`, where the laboratory says so.
        pub year_of_birth: Option<String>,
        /// Study subject ids that the laboratory knows.
        pub study_subjects: Vec<StudySubject>,
        /// The laboratory that gave out the pseudonym; a report of another laboratory can be about the patient too.
        pub laboratory: Option<Laboratory>,
    }
}

record! {
    /// A study subject id of the patient.
    pub struct StudySubject {
        /// The id, e.g. `IMPR.X-0999`.
        pub value: String,
    }
}

record! {
    /// The laboratory that owns the sample ids.
    pub struct Laboratory {
        /// Business key: code.
        pub identity: Identity,
        /// InPreD project code, e.g. `IPD`; `FMI` for Foundation Medicine.
        pub code: String,
        /// Name, where the code is known.
        pub name: Option<String>,
    }
}

record! {
    /// An analysis pipeline.
    pub struct Pipeline {
        /// Business key: name and versions.
        pub identity: Identity,
        /// Name, from the banner of the file.
        pub name: String,
        /// `Pipeline Version` as written.
        pub version: Option<String>,
        /// `Module Version` as written.
        pub module_version: Option<String>,
    }
    internal {
        /// Rows that the pipeline holds.
        pub rows: Vec<RowId>,
    }
}

record! {
    /// A sample.
    pub struct Specimen {
        /// Business key: sample id.
        pub identity: Identity,
        /// Sample id as the laboratory writes it.
        pub sample_id: String,
        /// Nucleic acid code of the InPreD id or of the file: `D`, `R` or `C`.
        pub nucleic_acid: Option<String>,
        /// Nucleic acid in words.
        pub nucleic_acid_text: Option<String>,
        /// `tissue`, `plasma`, `blood`, `marrow` or `other`, from the material and nucleic acid codes.
        pub source: Option<String>,
        /// Sample type in words (InPreD nomenclature), e.g. `Primary tumor, naive`.
        pub sample_type: Option<String>,
        /// Material in words, e.g. `Archived (FFPE)`.
        pub material: Option<String>,
        /// Tumour site in words, e.g. `CNS/Brain`.
        pub tumor_site: Option<String>,
        /// Assay in words, e.g. `TSO500 V1 DNA`.
        pub assay: Option<String>,
        /// When the sample was taken: a year, `yyyy`.
        pub collected: Option<String>,
        /// What else the files say.
        pub notes: Vec<Note>,
    }
    internal {
        /// Rows that the sample holds.
        pub rows: Vec<RowId>,
    }
}

record! {
    /// The study: everything that was done for one report.
    pub struct Study {
        /// Business key: patient key and sample ids.
        pub identity: Identity,
        /// FHIR event-status: `completed`, `stopped` (an assay failed, none was done) or `not-done`.
        pub status: String,
        /// Name of the panel.
        pub title: String,
        /// Sequencing runs of the samples, where known; DNA and RNA can come from different ones.
        pub runs: Vec<SequencingRun>,
        /// When the pipeline wrote its result: date or instant with offset.
        pub performed: Option<String>,
        /// What else the files say.
        pub notes: Vec<Note>,
    }
    internal {
        /// Rows that the study holds.
        pub rows: Vec<RowId>,
    }
}

record! {
    /// A sequencing run.
    pub struct SequencingRun {
        /// Run id, e.g. `251114_A02134_0115_BHCJCKDRX7`.
        pub id: String,
    }
}

record! {
    /// An assay that was done, on one sample.
    pub struct Analysis {
        /// Business key: sample and nucleic acid.
        pub identity: Identity,
        /// Sample.
        pub specimen: SpecimenLink,
        /// `dna`, `rna` or `cfdna`.
        pub assay: String,
        /// Name for a person.
        pub title: String,
        /// Regions for a person, e.g. `523 genes ...`.
        pub regions: String,
            /// When the pipeline wrote its result: date or instant with offset.
        pub performed: Option<String>,
        /// Median exon coverage, reads.
        pub read_depth: Option<Decimal>,
        /// Quality metrics with guideline and verdict, one sentence each, joined.
        pub metrics: Option<String>,
        /// What else the files say.
        pub notes: Vec<Note>,
    }
    internal {
        /// Rows that the analysis holds.
        pub rows: Vec<RowId>,
    }
}

impl GenomicReport {
    /// Calls `visit` for every record that a resource can stand for, with the rows it holds.
    pub fn for_each_holder<'a>(&'a self, mut visit: impl FnMut(&'a Identity, &'a [RowId])) {
        visit(&self.identity, &self.rows);
        visit(&self.study.identity, &self.study.rows);
        macro_rules! lists {
            ($($list:ident),*) => { $( for record in &self.$list { visit(&record.identity, &record.rows); } )* };
        }
        lists!(
            pipelines,
            specimens,
            analyses,
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
    }

    /// Says why the report may not be the whole or the right one: it is then `partial`, unless it is signed off or has no result.
    pub fn doubt(&mut self, text: &str) {
        let note = Note { text: text.to_owned() };
        if !self.notes.contains(&note) {
            self.notes.push(note);
            self.notes.sort_by(|a, b| a.text.cmp(&b.text));
        }
        if self.status == "preliminary" {
            self.status = "partial".to_owned();
        }
    }

    /// Moves the implications that findings carry into the report's own lists, ordered by key: each is a resource of its own.
    /// To be called once the findings are merged.
    pub fn gather_implications(&mut self) {
        for variant in &mut self.small_variants {
            self.diagnostic_implications.append(&mut variant.diagnostic_implications);
            self.therapeutic_implications.append(&mut variant.therapeutic_implications);
        }
        self.diagnostic_implications.sort_by(|a, b| a.identity.cmp(&b.identity));
        self.therapeutic_implications.sort_by(|a, b| a.identity.cmp(&b.identity));
    }

    /// Number of findings of every class, biomarkers not counted.
    pub fn finding_count(&self) -> usize {
        self.small_variants.len()
            + self.copy_numbers.len()
            + self.losses_of_heterozygosity.len()
            + self.exon_copy_numbers.len()
            + self.fusions.len()
            + self.splice_variants.len()
    }
}
