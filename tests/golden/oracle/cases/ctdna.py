"""TSO500 ctDNA: one plasma sample."""

from biomarkers import Burden, Microsatellites
from report import Analysis, Pipeline, Report, Sample
from shapes import CopyNumber, Fusion, SmallVariant

S, TIME = "IPD9004-CXX-L01-B15", "2026-06-14T23:05:00+02:00"
CD74, ROS1, EML4, ALK = ("CD74", 1697, None), ("ROS1", 10261, None), ("EML4", 1316, None), ("ALK", 427, None)


def describe():
    report = Report("IPD", "IPD9004", [S], "InPreD OUS", issued=TIME, performed=TIME,
                    notes=[f"{S}: no quality metrics are known"], study_notes=[f"Output of {S}: {TIME}"])
    pipeline = Pipeline("IPD", "DRAGEN TruSight Oncology 500 ctDNA v2.6.2 Analysis Software", "2.6.2.4", "2.6.2")
    plasma = Sample("IPD", S, "cfdna", pipeline, ("plasma", "Blood", "Liquid", "Lung", "Unknown"))
    report.samples, report.analyses = [plasma], [Analysis(report, plasma, TIME)]

    tmb = report.add(Burden(report, plasma, "6.3", "1.30", "8")).ref
    msi = report.add(Microsatellites(report, plasma, usable="2389", sum_jsd="8.26")).ref
    met = report.add(CopyNumber(report, plasma, ("MET", 7029, None), "gain", "2.310", "<DUP>")).ref
    cd74 = report.add(Fusion(report, plasma, "CD74-ROS1", "chr5:149783100", "chr6:117649500", [CD74, ROS1], [CD74], [ROS1],
                             ("11", "3120", "2980"), "0.0036")).ref
    eml4 = report.add(Fusion(report, plasma, "EML4/ALK", "chr2:42523000", "chr2:29447800", [EML4, ALK], [], [],
                             ("7", "3310", "3005"), "0.0022")).ref
    t790m = report.add(SmallVariant(
        report, plasma, ("EGFR", 3236, None), "7", 55249071, "C", "T", "snv", af="0.0038", depth="5120",
        c="NM_005228.3:c.2369C>T", p="NP_005219.2:p.(Thr790Met)", terms=["missense_variant"], exon="20/28")).ref
    r248q = report.add(SmallVariant(
        report, plasma, ("TP53", 11998, None), "17", 7577538, "C", "T", "snv", af="0.0121", depth="4890",
        c="NM_000546.5:c.743G>A", p="NP_000537.3:p.(Arg248Gln)", terms=["missense_variant"], exon="7/11")).ref
    study = report.study.ref
    return {
        "case": "ctdna",
        "bundles": {"": [report]},
        # Every section with findings: no real file of this form was seen.
        "issues": ["config.demo-secret", *["tso500.layout-unverified"] * 5],
        "accounting": {
            f"{S}_CombinedVariantOutput.tsv": [
                plasma.ref, study, study, pipeline.ref, pipeline.ref,
                "tso500.value-missing",
                *[tmb] * 3, msi, msi,
                met,
                cd74, eml4,
                t790m, r248q,
            ],
        },
    }
