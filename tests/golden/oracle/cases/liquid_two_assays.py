"""Two assays of one patient's blood: two reports side by side, each with its own laboratory, specimen, pipeline and study."""

from biomarkers import Burden, Microsatellites
from foundation import FoundationAnalysis, FoundationReport, FoundationSample
from report import Analysis, Pipeline, Report, Sample
from shapes import CopyNumber, Fusion, SmallVariant

S, TIME = "IPD9016-CXX-L01-B15", "2026-06-14T23:05:00+02:00"
CD74, ROS1, EML4, ALK = ("CD74", 1697, None), ("ROS1", 10261, None), ("EML4", 1316, None), ("ALK", 427, None)
EGFR, MET = ("EGFR", 3236, None), ("MET", 7029, None)


def describe():
    panel, panel_rows, table_rows = panel_report()
    vendor, vendor_rows = vendor_report()
    return {
        "case": "liquid-two-assays",
        "bundles": {"": [panel, vendor]},
        # Every section with findings: no real file of this form was seen.
        "issues": ["config.demo-secret", *["tso500.layout-unverified"] * 5],
        "accounting": {
            f"{S}/{S}_CombinedVariantOutput.tsv": panel_rows,
            f"{S}/{S}_Fusions.csv": table_rows,
            "IPD9016_F1LCDx.xml": vendor_rows,
        },
    }


def panel_report():
    report = Report("IPD", "IPD9016", [S], "InPreD OUS", issued=TIME, performed=TIME,
                    notes=[f"{S}: no quality metrics are known"], study_notes=[f"Output of {S}: {TIME}"])
    pipeline = Pipeline("IPD", "DRAGEN TruSight Oncology 500 ctDNA v2.6.2 Analysis Software", "2.6.2.4", "2.6.2")
    plasma = Sample("IPD", S, "cfdna", pipeline, ("plasma", "Blood", "Liquid", "Lung", "Unknown"))
    report.samples, report.analyses = [plasma], [Analysis(report, plasma, TIME)]
    tmb = report.add(Burden(report, plasma, "6.3", "1.30", "8")).ref
    msi = report.add(Microsatellites(report, plasma, usable="2389", sum_jsd="8.26")).ref
    met = report.add(CopyNumber(report, plasma, MET, "gain", "2.310", "<DUP>")).ref
    # Columns of the callers' table that no element holds.
    cd74 = report.add(Fusion(
        report, plasma, "CD74-ROS1", "chr5:149783100", "chr6:117649500", [CD74, ROS1], [CD74], [ROS1], ("11", "3120", "2980"),
        "0.0036", notes=["BP1_Depth: 3120", "BP2_Depth: 2980", "Is_Cosmic_GenePair: True", "Total_Depth: 3050"])).ref
    eml4 = report.add(Fusion(
        report, plasma, "EML4/ALK", "chr2:42523000", "chr2:29447800", [EML4, ALK], [], [], ("7", "3310", "3005"), "0.0022",
        notes=["BP1_Depth: 3310", "BP2_Depth: 3005", "Is_Cosmic_GenePair: True", "Total_Depth: 3150"])).ref
    t790m = report.add(SmallVariant(
        report, plasma, EGFR, "7", 55249071, "C", "T", "snv", af="0.0038", depth="5120", c="NM_005228.3:c.2369C>T",
        p="NP_005219.2:p.(Thr790Met)", terms=["missense_variant"], exon="20/28")).ref
    r248q = report.add(SmallVariant(
        report, plasma, ("TP53", 11998, None), "17", 7577538, "C", "T", "snv", af="0.0121", depth="4890",
        c="NM_000546.5:c.743G>A", p="NP_000537.3:p.(Arg248Gln)", terms=["missense_variant"], exon="7/11")).ref
    study = report.study.ref
    rows = [
        plasma.ref, study, study, pipeline.ref, pipeline.ref, "tso500.value-missing", *[tmb] * 3, msi, msi, met, cd74, eml4,
        t790m, r248q,
    ]
    return report, rows, [cd74, eml4, "tso500.row-filtered"]


def vendor_report():
    report = FoundationReport("IPD", "IPD9016", "SQ-XX-9016", "InPreD OUS", "3.20.0", pairs=["IPD9016"],
                              study_notes=["Sequenced and reported by Foundation Medicine",
                                           "Test type: FoundationOneLiquidDx", "disease: Lung"])
    plasma = FoundationSample("SQ-XX-9016", report.pipeline)
    report.samples = [plasma]
    report.analyses = [FoundationAnalysis(report, plasma, ["mean exon depth 4210.55"])]
    # The transcript has no version: no c. is a code. C>T on the plus strand, so the alleles are those of cds-effect.
    t790m = report.add(SmallVariant(
        report, plasma, EGFR, "7", 55249071, "C", "T", "snv", af="0.0042", depth="4321", p="p.(Thr790Met)",
        transcript="NM_005228", terms=["missense_variant"],
        notes=["The genomic alleles are those of cds-effect on the strand of the transcript", "cds-effect: NM_005228 2369C>T",
               "functional-effect: missense", "status: known"])).ref
    met = report.add(CopyNumber(report, plasma, MET, "gain", reported="amplification", copies="9",
                                notes=["ratio: 4.5", "status: known"])).ref
    fusion = report.add(Fusion(
        report, plasma, "ROS1/CD74", "chr6:117649500-117649700", "chr5:149783000-149783100", [ROS1, CD74],
        counts=("12", None, None), af="0.0041",
        notes=["description: fusion", "status: known", "type: fusion", "The supporting reads are read pairs"])).ref
    msi = report.add(Microsatellites(report, plasma, notes=["Foundation Medicine says: MSS"])).ref
    burden = report.add(Burden(report, plasma, "6.3", notes=["status: low", "unit: mutations-per-megabase"]))
    burden.method += ", blood"
    not_carried = "foundation.element-not-carried"
    return report, [
        ("ReferenceID", report.ref), ("rr:MRN", "foundation.personal-not-carried"), ("rr:TRF", not_carried),
        ("ReportId", not_carried), ("<variant-report", report.ref), ("<sample ", plasma.ref),
        ("<quality-control", report.study.ref), ("<short-variant ", t790m), ("<copy-number-alteration ", met),
        ("<rearrangement ", fusion), ("<microsatellite", msi), ("<tumor-mutation", burden.ref),
    ]
