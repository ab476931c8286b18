"""LocalApp, layout of Bergen: the RNA assay failed, and too few microsatellite sites."""

from biomarkers import Burden, Microsatellites
from report import Analysis, Pipeline, Report, Sample
from shapes import Fusion, SmallVariant

RUN = "250530_A02134_0555_AHGOLDENX5"
FOLDER = f"{RUN}/{RUN}_LocalApp_results/Results/"
D, R = "IPH9005-D01-M01-A09", "IPH9005-R03-M01-A09"
DNA_TIME, RNA_TIME = "2025-06-02T07:05:09+02:00", "2025-06-02T07:09:40+02:00"
SMALL = "DNA Library QC Metrics for Small Variant Calling and TMB: "
FEW_SITES = "DNA Library QC Metrics for MSI: USABLE_MSI_SITES 25 Count (outside the guideline >= 40)"
FEW_READS = "RNA Library QC Metrics: TOTAL_ON_TARGET_READS 1200345 Count (outside the guideline >= 9000000)"
FAILED = "The assay failed its quality control; the finding is reported as the pipeline gave it"
DNA_METRICS = [
    "COMPLETED_ALL_STEPS: TRUE",
    "DNA Library QC Metrics: CONTAMINATION_SCORE 950 (pass)",
    "DNA Library QC Metrics: CONTAMINATION_P_VALUE 0.001 (pass)",
    SMALL + "MEDIAN_INSERT_SIZE 70 bp (pass)",
    SMALL + "MEDIAN_EXON_COVERAGE 211 Count (pass)",
    SMALL + "PCT_EXON_50X 91.7 % (pass)",
    FEW_SITES,
    "DNA Library QC Metrics for CNV: COVERAGE_MAD 0.199 Count (pass)",
    "DNA Library QC Metrics for CNV: MEDIAN_BIN_COUNT_CNV_TARGET 1.9 Count (pass)",
]
RNA_METRICS = [
    "COMPLETED_ALL_STEPS: TRUE",
    "RNA Library QC Metrics: MEDIAN_CV_GENE_500X 92 % (pass)",
    FEW_READS,
    "RNA Library QC Metrics: MEDIAN_INSERT_SIZE 84 bp (pass)",
]


def describe():
    report = Report(
        "IPH", "IPH9005", [D, R], "InPreD HUS", status="partial", issued=RNA_TIME, performed=RNA_TIME, pairs=[D, R],
        run_id=RUN,
        notes=[
            f"{D}: {FEW_SITES}",
            f"{R}: {FEW_READS}",
            f"RNA ({R}): the assay failed; no statement follows from missing findings",
        ],
        study_notes=[
            f"Output of {D}: {DNA_TIME}", f"Output of {R}: {RNA_TIME}", *[f"{R}: {metric}" for metric in RNA_METRICS],
        ],
    )
    pipeline = Pipeline("IPH", "TruSight Oncology 500", "ruo-2.2.0.12")
    said = ("tissue", "Archived (FFPE)", "Metastasis", "Colon/Rectum")
    dna = Sample("IPH", D, "dna", pipeline, (*said, "TSO500 V1 DNA"))
    rna = Sample("IPH", R, "rna", pipeline, (*said, "TSO500 V1 RNA"))
    report.samples = [dna, rna]
    analysis = Analysis(report, dna, DNA_TIME, DNA_METRICS, "211")
    report.analyses = [analysis]

    tmb = report.add(Burden(report, dna, "2.4", "1.27", "3")).ref
    msi = report.add(Microsatellites(report, dna, "25", "1", "4.00", notes=[FEW_SITES])).ref
    tpm3, ntrk1 = ("TPM3", 12012, None), ("NTRK1", 8031, None)
    fusion = report.add(Fusion(report, rna, "TPM3-NTRK1", "chr1:154142876", "chr1:156844363", [tpm3, ntrk1], [tpm3], [ntrk1],
                               ("6", "40", "1"), notes=[FAILED])).ref
    g12d = report.add(SmallVariant(
        report, dna, ("KRAS", 6407, None), "12", 25398284, "C", "T", "snv", af="0.2210", depth="310",
        c="NM_004985.4:c.35G>A", p="NP_004976.2:p.(Gly12Asp)", terms=["missense_variant"], exon="2/5")).ref
    r175h = report.add(SmallVariant(
        report, dna, ("TP53", 11998, None), "17", 7578406, "C", "T", "snv", af="0.1875", depth="288",
        c="NM_000546.5:c.524G>A", p="NP_000537.3:p.(Arg175His)", terms=["missense_variant"], exon="5/11")).ref

    study, missing, run_note = report.study.ref, "tso500.value-missing", "tso500.run-note"
    not_assayed = "tso500.section-not-assayed"
    return {
        "case": "qc-failed",
        "bundles": {"": [report]},
        "issues": ["config.demo-secret", "tso500.qc-failed", "tso500.qc-failed", "tso500.finding-despite-failure"],
        "accounting": {
            FOLDER + f"{D}/{D}_CombinedVariantOutput.tsv": [
                report.ref, dna.ref, missing, study, study, missing, pipeline.ref,
                missing,
                *[tmb] * 3, *[msi] * 3,
                "tso500.section-empty",
                not_assayed,
                not_assayed,
                g12d, r175h,
            ],
            FOLDER + f"{R}/{R}_CombinedVariantOutput.tsv": [
                report.ref, missing, rna.ref, study, study, missing, pipeline.ref,
                missing,
                *[not_assayed] * 6,
                not_assayed,
                # The assay failed: an empty section says nothing about splice variants.
                "tso500.qc-failed",
                fusion,
                not_assayed,
            ],
            FOLDER + "MetricsOutput.tsv": [
                *[run_note] * 3,
                missing,
                # Held by the study as well as by the analysis of the DNA.
                study, missing, missing,
                *[analysis.ref] * 8,
                *[study] * 3,
                run_note,
            ],
            f"{RUN}/{RUN}_ppr/{D}/sample_list.tsv": [dna.ref, rna.ref],
        },
    }
