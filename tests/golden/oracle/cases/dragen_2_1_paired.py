"""DRAGEN 2.1.1: DNA and RNA in one file, a gene not assessed, a fusion with two genes at one breakpoint."""

from biomarkers import Burden, Instability, Microsatellites
from report import Analysis, Pipeline, Report, Sample
from shapes import ExonCopyNumber, Fusion, SmallVariant, Splice

D, R = "IPO9002-D01-T01-F28", "IPO9002-R03-T01-F28"
TIME = "2023-09-01T23:59:01+02:00"
PPARG, AC, PAX8 = ("PPARG", 9236, None), ("AC016683.6", None, None), ("PAX8", 8622, None)


def describe():
    report = Report("IPO", "IPO9002", [D, R], "InPreD St. Olav", issued=TIME, performed=TIME, pairs=["IPO9002"],
                    notes=[
                        f"{D} and {R}: BRCA1 was not assessed in section Exon-Level CNVs",
                        f"{D}: no quality metrics are known", f"{R}: no quality metrics are known",
                    ],
                    study_notes=[f"Output of {D} and {R}: {TIME}"])
    pipeline = Pipeline("IPO", "DRAGEN TruSight Oncology 500 Analysis Software", "ruo-2.1.1.4", "2.1.1")
    said = ("tissue", "Fresh Frozen", "Primary tumor", "Thyroid")
    dna = Sample("IPO", D, "dna", pipeline, (*said, "TSO500 V1 DNA"))
    rna = Sample("IPO", R, "rna", pipeline, (*said, "TSO500 V1 RNA"))
    report.samples = [dna, rna]
    report.analyses = [Analysis(report, dna, TIME), Analysis(report, rna, TIME)]

    tmb = report.add(Burden(report, dna, "0.8", "1.29", "1")).ref
    msi = report.add(Microsatellites(report, dna, "126", "0", "0.00")).ref
    inferred = "The unit of the tumour fraction is inferred: tumour fraction 0.62 was taken as fraction"
    gis = report.add(Instability(report, dna, "12", "0.62", "fraction", "2.0", [inferred])).ref
    met = report.add(Splice(report, rna, ("MET", 7029, None), "14", "7", "chr7:116411708", "chr7:116414934", "33", "410")).ref
    fusion = report.add(Fusion(report, rna, "PPARG/AC016683.6-PAX8", "chr3:12421203", "chr2:114000000", [PPARG, AC, PAX8],
                               counts=("28", "91", "16"))).ref
    exon = report.add(ExonCopyNumber(report, dna, ("BRCA2", 1101, None), "13", "32910402", "32915333", "11", "0.52", "LOSS",
                                     "loss")).ref
    # Written with one base too many on both alleles; the key is trimmed, the alleles stay as written.
    exon19 = report.add(SmallVariant(
        report, dna, ("EGFR", 3236, None), "7", 55242464, "AGGAATTAAGAGAAGCA", "AA", "deletion",
        key=(55242464, "AGGAATTAAGAGAAGC", "A"), af="0.1420", depth="1310", c="NM_005228.3:c.2235_2249del",
        p="NP_005219.2:p.(Glu746_Ala750del)", terms=["inframe_deletion"], exon="19/28")).ref
    q61r = report.add(SmallVariant(
        report, dna, ("NRAS", 7989, None), "1", 115256529, "T", "C", "snv", af="0.3310", depth="1002",
        c="NM_002524.4:c.182A>G", p="NP_002515.1:p.(Gln61Arg)", terms=["missense_variant"], exon="3/7")).ref
    study = report.study.ref
    return {
        "case": "dragen-2.1-paired",
        "bundles": {"": [report]},
        "issues": ["config.demo-secret", "tso500.gene-unknown", "tso500.tumor-fraction-unit-inferred"],
        "accounting": {
            "IPO9002_CombinedVariantOutput.tsv": [
                report.ref, dna.ref, rna.ref, study, study, pipeline.ref, pipeline.ref,
                "tso500.value-missing",
                *[tmb] * 3, *[msi] * 3, *[gis] * 3,
                "tso500.section-empty",
                met,
                fusion,
                "tso500.gene-not-assessed", exon,
                exon19, q61r,
            ],
        },
    }
