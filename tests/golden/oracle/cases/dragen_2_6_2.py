"""DRAGEN 2.6.2: patient-level pair id, instability score, absolute copy numbers, loss of heterozygosity."""

from biomarkers import Burden, Instability, Microsatellites
from report import Analysis, Pipeline, Report, Sample
from shapes import CopyNumber, ExonCopyNumber, Fusion, Loss, SmallVariant

RUN = "260318_A02134_0777_BHGOLDENX3"
FOLDER = RUN + "_TSO_500_DRAGEN_results/"
D, R = "IPD9003-D21-P01-A18", "IPD9003-R23-P01-A18"
# 20/03/2026 cannot be month first; Norway goes to summer time on 29 March 2026.
TIME = "2026-03-20T09:14:55+01:00"
SMALL = "DNA Library QC Metrics for Small Variant Calling and TMB: "
DNA_METRICS = [
    "COMPLETED_ALL_STEPS: TRUE",
    "DNA Library QC Metrics: CONTAMINATION_SCORE 402 (pass)",
    SMALL + "MEDIAN_INSERT_SIZE 101 bp (pass)",
    SMALL + "MEDIAN_EXON_COVERAGE 455 Count (pass)",
    SMALL + "PCT_EXON_50X 98.6 % (pass)",
    SMALL + "PCT_CHIMERIC_READS 2.2 % (pass)",
    "DNA Library QC Metrics for MSI: USABLE_MSI_SITES 118 Count (pass)",
    "DNA Library QC Metrics for CNV: GENE_SCALED_MAD 0.061 Count (pass)",
    "DNA Library QC Metrics for CNV: MEDIAN_BIN_COUNT_CNV_TARGET 4.4 Count (pass)",
    "DNA Library QC Metrics for GIS: PCT_TARGET_HRD_50X 88.0 % (pass)",
    "DNA Expanded Metrics: PCT_Q30_BASES 92.0 %",
]
RNA_METRICS = [
    "COMPLETED_ALL_STEPS: TRUE",
    "RNA Library QC Metrics: MEDIAN_CV_GENE_500X 0.51 (pass)",
    "RNA Library QC Metrics: TOTAL_ON_TARGET_READS 6123456 Count (pass)",
    "RNA Library QC Metrics: MEDIAN_INSERT_SIZE 110 bp (pass)",
]
BRCA1, TP53, KRAS = ("BRCA1", 1100, None), ("TP53", 11998, None), ("KRAS", 6407, None)
FGFR3, TACC3 = ("FGFR3", 3690, None), ("TACC3", 11524, None)


def describe():
    report = Report(
        "IPD", "IPD9003", [D, R], "InPreD OUS", issued=TIME, performed=TIME, pairs=["IPD9003"], run_id=RUN,
        notes=[
            f"{D} and {R}: ATM was not assessed in section Loss of Heterozygosity",
            f"{D} and {R}: BRCA2 was not assessed in section Large Rearrangements",
        ],
        study_notes=[
            f"Output of {D} and {R}: {TIME}", "Library Prep Kit: TSO500_v2", "Run Name: " + RUN, "Run Date: 2026-03-18",
            "Instrument ID: A02134", "Instrument Type: NovaSeq 6000",
        ],
    )
    pipeline = Pipeline("IPD", "DRAGEN TruSight Oncology 500 v2.6.2 Analysis Software", "2.6.2.4", "2.6.2")
    said = ("tissue", "Archived (FFPE)", "Primary tumor, naive", "Ovary/Fallopian Tube")
    dna = Sample("IPD", D, "dna", pipeline, (*said, "TSO500 DNA V2 Hamilton"))
    rna = Sample("IPD", R, "rna", pipeline, (*said, "TSO500 RNA V2 Hamilton"))
    report.samples = [dna, rna]
    dna_analysis, rna_analysis = Analysis(report, dna, TIME, DNA_METRICS, "455"), Analysis(report, rna, TIME, RNA_METRICS)
    report.analyses = [dna_analysis, rna_analysis]

    tmb = report.add(Burden(report, dna, "3.9", "1.28", "5")).ref
    msi = report.add(Microsatellites(report, dna, "118", "2", "1.69")).ref
    inferred = "The unit of the tumour fraction is inferred: tumour fraction 55 was taken as percent"
    gis = report.add(Instability(report, dna, "47", "55", "percent", "3.1", [inferred])).ref
    erbb2 = report.add(CopyNumber(report, dna, ("ERBB2", 3430, None), "gain", "2.413", "<DUP>", "8")).ref
    pten = report.add(CopyNumber(report, dna, ("PTEN", 9588, None), "loss", "0.512", "<DEL>", "1")).ref
    loss = report.add(Loss(report, dna, BRCA1, "2", "0")).ref
    exon = report.add(ExonCopyNumber(report, dna, BRCA1, "17", "41243452", "41246877", "10", "0.48", "LOSS", "loss")).ref
    fusion = report.add(Fusion(report, rna, "FGFR3-TACC3", "chr4:1808661", "chr4:1741429", [FGFR3, TACC3], [FGFR3], [TACC3],
                               ("77", "140", "21"))).ref
    g12d = report.add(SmallVariant(
        report, dna, KRAS, "12", 25398284, "C", "T", "snv", af="0.3480", depth="905", c="NM_004985.4:c.35G>A",
        p="NP_004976.2:p.(Gly12Asp)", terms=["missense_variant"], exon="2/5", origin="somatic")).ref
    r175h = report.add(SmallVariant(
        report, dna, TP53, "17", 7578406, "C", "T", "snv", af="0.4010", depth="760", c="NM_000546.5:c.524G>A",
        p="NP_000537.3:p.(Arg175His)", terms=["missense_variant"], exon="5/11")).ref
    k1183r = report.add(SmallVariant(
        report, dna, BRCA1, "17", 41244000, "T", "C", "snv", af="0.7712", depth="1102", c="NM_007294.3:c.3548A>G",
        p="NP_009225.1:p.(Lys1183Arg)", terms=["missense_variant"], exon="10/23", origin="germline",
        origin_method="database")).ref

    study, missing, run_note = report.study.ref, "tso500.value-missing", "tso500.run-note"
    return {
        "case": "dragen-2.6.2",
        "bundles": {"": [report]},
        "issues": ["config.demo-secret", "tso500.metrics-sample-unknown", "tso500.tumor-fraction-unit-inferred",
                   *["tso500.layout-unverified"] * 3],
        "accounting": {
            FOLDER + "Results/IPD9003/IPD9003_CombinedVariantOutput.tsv": [
                report.ref, dna.ref, rna.ref, study, study, study, pipeline.ref, pipeline.ref,
                *[study] * 4,
                *[tmb] * 3, *[msi] * 3, *[gis] * 3,
                "tso500.row-beta-feature", erbb2, "tso500.row-neutral", pten,
                loss, "tso500.row-neutral", "tso500.gene-not-assessed",
                "tso500.section-empty",
                fusion,
                exon, "tso500.gene-not-assessed",
                g12d, r175h, k1183r,
            ],
            FOLDER + "Results/MetricsOutput.tsv": [
                *[run_note] * 3,
                run_note,
                dna_analysis.ref, missing, missing,
                *[dna_analysis.ref] * 9,
                *[rna_analysis.ref] * 3,
                dna_analysis.ref,
            ],
            FOLDER + f"Logs_Intermediates/Tmb/{D}/{D}.tmb.trace.tsv": [g12d, k1183r],
        },
    }
