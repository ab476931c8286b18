//! The assays of a report: done on a sample, or failed.

use crate::domain::finding::{Note, PipelineLink};
use crate::domain::gene::{GeneTable, PanelGene};
use crate::domain::ids::Identity;
use crate::domain::report::{Analysis, GenomicReport};

use super::super::cells::time::instant;
use super::super::wire::CombinedVariantOutput;
use super::Knowledge;
use super::quality::Quality;
use super::sample::{Case, NucleicAcid, Sample};

/// Sections that a DNA sample fills.
pub(super) const DNA_SECTIONS: &[&str] = &[
    "Small Variants",
    "Gene Amplifications",
    "Copy Number Variants",
    "Loss of Heterozygosity",
    "Exon-Level CNVs",
    "Large Rearrangements",
    "DNA Fusions",
    "TMB",
    "MSI",
    "GIS",
];

/// Sections that an RNA sample fills.
pub(super) const RNA_SECTIONS: &[&str] = &["Fusions", "Splice Variants"];

/// Adds the analysis of a sample, or the reason why there is none.
pub(super) fn add_analysis(
    report: &mut GenomicReport,
    case: &Case,
    sample: &Sample,
    quality: Quality,
    pipeline: &PipelineLink,
    knowledge: Knowledge<'_>,
) {
    let assay = assay_of(sample.nucleic_acid);
    if !quality.failures.is_empty() {
        let text =
            format!("{} ({}): the assay failed; no statement follows from missing findings", assay.name, sample.text);
        report.notes.push(Note { text });
        let sections = if sample.nucleic_acid == NucleicAcid::Rna { RNA_SECTIONS } else { DNA_SECTIONS };
        report.unassessed.extend(sections.iter().map(|section| (*section, "assay failed")));
        for sentence in quality.failures {
            report.notes.push(Note { text: format!("{}: {sentence}", sample.text) });
        }
        for sentence in quality.sentences {
            report.study.notes.push(Note { text: format!("{}: {sentence}", sample.text) });
        }
        report.study.rows.extend(quality.rows);
        return;
    }
    for (_, sentence) in &quality.restrictions {
        report.notes.push(Note { text: format!("{}: {sentence}", sample.text) });
    }
    report.analyses.push(Analysis {
        identity: Identity::new(&case.owner, "analysis", &[&sample.text, assay.code]),
        specimen: sample.link(&case.owner, pipeline),
        assay: assay.code.to_owned(),
        title: format!("TruSight Oncology 500 {}", assay.name),
        regions: assay.regions(knowledge.genes),
        performed: performed(case.content()),
        read_depth: quality.read_depth,
        metrics: (!quality.sentences.is_empty()).then(|| quality.sentences.join("; ")),
        notes: Vec::new(),
        rows: quality.rows,
    });
}

struct Assay {
    code: &'static str,
    name: &'static str,
}

fn assay_of(nucleic_acid: NucleicAcid) -> Assay {
    match nucleic_acid {
        NucleicAcid::Dna => Assay { code: "dna", name: "DNA" },
        NucleicAcid::CellFreeDna => Assay { code: "cfdna", name: "cell-free DNA" },
        NucleicAcid::Rna => Assay { code: "rna", name: "RNA" },
    }
}

impl Assay {
    /// The panel in words, counted from the table of panel genes.
    fn regions(&self, genes: &GeneTable) -> String {
        let panel = genes.panel_genes();
        let count = |covers: fn(&PanelGene) -> bool| panel.iter().filter(|gene| covers(gene)).count();
        let small_variants = count(|gene| gene.dna_small_variant);
        match self.code {
            "rna" => format!("{} genes for fusions and splice variants", count(|gene| gene.rna_fusion)),
            // The panel table does not say which genes the cell-free assay covers beyond small variants.
            "cfdna" => format!("{small_variants} genes for small variants"),
            _ => format!(
                "{small_variants} genes for small variants, {} of them for copy number",
                count(|gene| gene.dna_copy_number)
            ),
        }
    }
}

/// Date and time of the result: an instant, or the date alone.
pub(super) fn performed(content: &CombinedVariantOutput) -> Option<String> {
    let date = &content.details.output_date.as_ref()?.value;
    let time = content.details.output_time.as_ref().map(|held| &held.value);
    time.and_then(|time| instant(date, time)).or_else(|| Some(date.iso()))
}
