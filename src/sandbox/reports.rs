//! Run folders of a sequencer, as the LocalApp of TSO500 writes them, packed as tar.

use std::fmt::Write;
use std::io;

use super::catalogue::{BIOMARKERS, BYSTANDER, Finding, Laboratory};

/// A sample that was sequenced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Number of the patient at the laboratory.
    pub number: usize,
    /// Code of the tumour site.
    pub site: &'static str,
    /// Place in [`BIOMARKERS`] of what is found beside the bystander.
    pub biomarker: Option<usize>,
}

impl Sample {
    /// Id of the sample: a primary tumour, archived.
    pub fn id(&self, laboratory: &Laboratory) -> String {
        format!("{}{:04}-D01-P01-A{}", laboratory.code, self.number, self.site)
    }
}

/// A run with its samples.
///
/// Errors: none is expected, since it is written to memory.
pub fn run_folder(laboratory: &Laboratory, run: usize, samples: &[Sample]) -> io::Result<Vec<u8>> {
    let name = format!("260112_NB501999_{run:04}_AHDEMO{run:04}_TSO_500_LocalApp_results");
    let mut archive = tar::Builder::new(Vec::new());
    for sample in samples {
        let id = sample.id(laboratory);
        let results = format!("{name}/Results/{id}_P/{id}_P_CombinedVariantOutput.tsv");
        append(&mut archive, &results, &combined(sample, &id))?;
        let trace = format!("{name}/Logs_Intermediates/Tmb/{id}/{id}_TMB_Trace.tsv");
        append(&mut archive, &trace, &tmb_trace(sample))?;
        // The laboratory has signed it.
        append(&mut archive, &format!("{id}.signed"), "")?;
    }
    archive.into_inner()
}

fn append(archive: &mut tar::Builder<Vec<u8>>, name: &str, content: &str) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o600);
    archive.append_data(&mut header, name, content.as_bytes())
}

/// Gene, chromosome, position, reference, alternative, p., c., consequence and exon of the small variants.
fn variants(sample: &Sample) -> Vec<[&'static str; 9]> {
    let biomarker = sample.biomarker.and_then(|place| BIOMARKERS.get(place));
    let found = biomarker.and_then(|biomarker| match biomarker.finding {
        Finding::Variant([chromosome, position, reference, alternative, p, c, consequence, exon]) => {
            Some([biomarker.gene, chromosome, position, reference, alternative, p, c, consequence, exon])
        }
        Finding::Amplification(_) => None,
    });
    found.into_iter().chain([BYSTANDER]).collect()
}

fn combined(sample: &Sample, id: &str) -> String {
    let mut text = format!(
        "TruSight Oncology 500 - Combined Variant Output\nFor Research Use Only. Not for use in diagnostic procedures.\n\n\
         [Analysis Details]\nPair ID\t{id}_P\nDNA Sample ID\t{id}\nRNA Sample ID\tNA\nOutput Date\t2026-01-14\n\
         Output Time\t18:33:23\nModule Version\tNA\nPipeline Version\truo-2.2.0.12\n\n[Sequencing Run Details]\nNA\n\n\
         [TMB]\nTotal TMB\t7.1\nCoding Region Size in Megabases\t1.27\nNumber of Passing Eligible Variants\t9\n\n\
         [MSI]\nUsable MSI Sites\t121\nTotal MSI Sites Unstable\t3\nPercent Unstable MSI Sites\t2.48\n\n\
         [Gene Amplifications]\nGene\tFold Change\n"
    );
    // Writing to a String does not fail.
    let amplified = sample.biomarker.and_then(|place| BIOMARKERS.get(place));
    let _ = match amplified.map(|biomarker| (biomarker.gene, biomarker.finding)) {
        Some((gene, Finding::Amplification(fold))) => writeln!(text, "{gene}\t{fold}"),
        _ => writeln!(text, "NA"),
    };
    text.push_str(
        "\n[Splice Variants]\nGene\tAffected Exon\tBreakpoint 1\tBreakpoint 2\tSplice Supporting Reads\t\
         Reference Reads Transcript\nNA\n\n[Fusions]\nGene Pair\tBreakpoint 1\tBreakpoint 2\tFusion Supporting Reads\t\
         Gene 1 Reference Reads\tGene 2 Reference Reads\nNA\n\n[Small Variants]\nGene\tChromosome\tGenomic Position\t\
         Reference Call\tAlternative Call\tAllele Frequency\tDepth\tP-Dot Notation\tC-Dot Notation\tConsequence(s)\t\
         Affected Exon(s)\n",
    );
    for [gene, chromosome, position, reference, alternative, p, c, consequence, exon] in variants(sample) {
        let call = format!("{gene}\t{chromosome}\t{position}\t{reference}\t{alternative}");
        let _ = writeln!(text, "{call}\t0.2870\t1042\t{p}\t{c}\t{consequence}\t{exon}");
    }
    text
}

/// The trace says of each variant that no filter takes it for one of the germline.
fn tmb_trace(sample: &Sample) -> String {
    let mut text = "Chromosome\tPosition\tRefCall\tAltCall\tVAF\tDepth\tCytoBand\tGeneName\tVariantType\tCosmicIDs\t\
                    MaxCosmicCount\tAlleleCountsGnomadExome\tAlleleCountsGnomadGenome\tAlleleCounts1000Genomes\t\
                    MaxDatabaseAlleleCounts\tGermlineFilterDatabase\tGermlineFilterProxi\tCodingVariant\tNonsynonymous\t\
                    IncludedInTMBNumerator\n"
        .to_owned();
    for [gene, chromosome, position, reference, alternative, ..] in variants(sample) {
        let _ = writeln!(
            text,
            "{chromosome}\t{position}\t{reference}\t{alternative}\t0.287\t1042\t\t{gene}\tSNV\t\t0\t0\t0\t0\t0\tFalse\tFalse\
             \tTrue\tTrue\tTrue"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample_id::{Classified, Nomenclature, SampleId};
    use crate::sandbox::catalogue::{LABORATORIES, TUMOURS};

    #[test]
    fn ids_are_those_of_samples() {
        let nomenclature =
            Nomenclature::parse(include_str!("../../mappings/nomenclature/inpred-20261001.toml")).unwrap();
        for laboratory in LABORATORIES {
            for tumour in TUMOURS {
                let sample = Sample { number: 5_001, site: tumour.site, biomarker: None };
                let id = sample.id(&laboratory);
                let classified = SampleId::classify(&id, &nomenclature);
                assert!(matches!(classified, Classified::Known(_)), "{id}: {classified:?}");
            }
        }
    }

    #[test]
    fn every_line_of_a_variant_has_eleven_cells() {
        for biomarker in (0..BIOMARKERS.len()).map(Some).chain([None]) {
            let sample = Sample { number: 1, site: "15", biomarker };
            let text = combined(&sample, "IPD0001-D01-P01-A15");
            let (_, variants) = text.split_once("Affected Exon(s)\n").unwrap();
            assert!(variants.lines().all(|line| line.split('\t').count() == 11), "{text}");
            assert!(tmb_trace(&sample).lines().all(|line| line.split('\t').count() == 20));
            if let Some(found) = biomarker.and_then(|place| BIOMARKERS.get(place)) {
                assert!(text.contains(&format!("\n{}\t", found.gene)), "{text}");
            }
        }
    }
}
