//! The mapping that the program carries with it.

macro_rules! files {
    ($($name:literal,)*) => { &[$( ($name, include_str!(concat!("../../mappings/", $name))), )*] };
}

/// Every template and table under `mappings/`, by path.
pub(super) const FILES: &[(&str, &str)] = files![
    "fhir/copy-number.yaml",
    "fhir/exon-copy-number.yaml",
    "fhir/fusion-consequence.yaml",
    "fhir/fusion.yaml",
    "fhir/genomic-instability.yaml",
    "fhir/genomic-report.yaml",
    "fhir/genomic-study-analysis.yaml",
    "fhir/genomic-study.yaml",
    "fhir/laboratory.yaml",
    "fhir/loss-of-heterozygosity.yaml",
    "fhir/microsatellite-instability.yaml",
    "fhir/patient.yaml",
    "fhir/pipeline.yaml",
    "fhir/small-variant-consequence.yaml",
    "fhir/small-variant.yaml",
    "fhir/specimen.yaml",
    "fhir/splice-variant-consequence.yaml",
    "fhir/splice-variant.yaml",
    "fhir/tumor-mutational-burden.yaml",
    "tables/change-types.tsv",
    "tables/chromosomes-grch37.tsv",
    "tables/consequences.tsv",
    "tables/genomic-source-class.tsv",
    "tables/laboratories.tsv",
    "tables/sequence-sources.tsv",
    "tables/specimen-sources.tsv",
];
