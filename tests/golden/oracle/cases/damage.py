"""One LocalApp file with every kind of damage."""

from biomarkers import Burden, Microsatellites
from report import Analysis, Pipeline, Report, Sample
from shapes import CopyNumber, SmallVariant

D = "IPD9006-D01-P01-A24"
# 03/04/2026 is read day first; summer time.
TIME = "2026-04-03T12:00:00+02:00"


def describe():
    not_done = "RNA was not assayed: no statement about fusions and splice variants"
    report = Report(
        "IPD", "IPD9006", [D], "InPreD OUS", issued=TIME, performed=TIME, pairs=[D + "_P"], status="partial",
        notes=[
            not_done, f"{D}: no quality metrics are known",
            f"{D}: 3 lines of section MSI could not be read", f"{D}: 3 lines of section Small Variants could not be read",
        ],
        study_notes=[not_done, f"Output of {D}: {TIME}"],
    )
    pipeline = Pipeline("IPD", "TruSight Oncology 500", "ruo-2.2.0.12")
    dna = Sample("IPD", D, "dna", pipeline, ("tissue", "Archived (FFPE)", "Primary tumor, naive", "Skin", "TSO500 V1 DNA"))
    report.samples = [dna]
    report.analyses = [Analysis(report, dna, TIME)]

    tmb = report.add(Burden(report, dna, "14.9", "1.27", "19")).ref
    msi = report.add(Microsatellites(report, dna, "120", "5", "4.17")).ref
    egfr, myc = ("EGFR", 3236, None), ("MYC", 7553, None)
    # The caller calls the amplification; only its fold change cannot be read.
    egfr_gain = report.add(CopyNumber(report, dna, egfr, "gain", notes=["Fold Change: 4,464"])).ref
    myc_gain = report.add(CopyNumber(report, dna, myc, "gain", "2.17")).ref

    def variant(gene, chrom, position, ref, alt, **values):
        return report.add(SmallVariant(
            report, dna, gene, chrom, position, ref, alt, "snv", terms=["missense_variant"], **values)).ref

    g12d = variant(("KRAS", 6407, None), "12", 25398284, "C", "T", af="0.3120", depth="802", c="NM_004985.4:c.35G>A",
                   p="NP_004976.2:p.(Gly12Asp)", exon="2/5", notes=["Meeting: discuss"])
    other = ("Another line of the result file says: at 1:115256529 T>C, gene NRAS, frequency 0.1100, depth 655, "
             "coding NM_002524.4:c.182A>G, protein NP_002515.1:p.(Gln61Arg), consequence missense_variant, exon 3/7")
    q61r = variant(("NRAS", 7989, None), "1", 115256529, "T", "C", af="0.1100", depth="640", c="NM_002524.4:c.182A>G",
                   p="NP_002515.1:p.(Gln61Arg)", exon="3/7", notes=[other])
    v600e = variant(("BRAF", 1097, None), "7", 140453136, "A", "T", af="0.2870", depth="1042", c="NM_004333.4:c.1799T>A",
                    p="NP_004324.2:p.(Val600Glu)", exon="15/18")
    h1047r = variant(("PIK3CA", 8975, None), "3", 178952085, "A", "G", af="0.0712", c="NM_006218.2:c.3140A>G",
                     p="NP_006209.2:p.(His1047Arg)", exon="21/21", notes=["Depth: 4,464"])
    l858r = variant(egfr, "7", 55259515, "T", "G", af="0.0503", depth="711", c="NM_005228.3:c.2573T>G",
                    p="NP_005219.2:p.(Leu858Arg)", exon="21/28")

    study, missing = report.study.ref, "tso500.value-missing"
    return {
        "case": "damage",
        "bundles": {"": [report]},
        "issues": [
            "config.demo-secret",
            "tso500.date-ambiguous",
            "tso500.key-unknown",
            "tso500.key-repeated",
            *["tso500.decimal-comma"] * 5,
            *["tso500.number-ambiguous"] * 2,
            "tso500.section-unknown",
            "tso500.section-repeated",
            "tso500.column-unknown",
            "tso500.row-repeated",
            "tso500.conflict",
            "tso500.row-short",
            "tso500.number-invalid",
            "file.encoding-invalid",
            "file.maybe-truncated",
            *["tso500.section-unreadable"] * 2,
        ],
        "accounting": {
            f"{D}_P_CombinedVariantOutput.tsv": [
                report.ref, dna.ref, missing, study, study, missing, pipeline.ref, "tso500.key-unknown", "tso500.key-repeated",
                missing,
                *[tmb] * 3, *[msi] * 3,
                egfr_gain, myc_gain,
                "tso500.section-not-assayed",
                "tso500.section-not-assayed",
                *["tso500.section-unknown"] * 2,
                *["tso500.section-repeated"] * 3,
                g12d, g12d, q61r, q61r, v600e, h1047r, "tso500.row-short", "tso500.number-invalid", "file.encoding-invalid",
                l858r,
            ],
        },
    }
