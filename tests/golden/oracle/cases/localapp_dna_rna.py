"""LocalApp 2.2: DNA and RNA in two files of one run folder."""

from biomarkers import Burden, Microsatellites
from report import Analysis, Pipeline, Report, Sample
from shapes import CopyNumber, Fusion, SmallVariant, Splice

RUN = "251116_NB501999_0042_AHGOLDENX1"
FOLDER = RUN + "_TSO_500_LocalApp_results/"
D, R = "IPD9001-D01-P01-A15", "IPD9001-R03-P01-A15"
DNA_TIME, RNA_TIME = "2025-11-16T18:33:23+01:00", "2025-11-16T18:35:02+01:00"

BRAF, EGFR, TP53, ERBB2 = ("BRAF", 1097, None), ("EGFR", 3236, None), ("TP53", 11998, None), ("ERBB2", 3430, None)
TERT, BRCA2, MYCL = ("TERT", 11730, None), ("BRCA2", 1101, None), ("MYCL", 7555, "MYCL1")
MET, AR, EML4, ALK = ("MET", 7029, None), ("AR", 644, None), ("EML4", 1316, None), ("ALK", 427, None)
CDK4, PDE3A, SLC34A2 = ("CDK4", 1773, None), ("PDE3A", 8778, None), ("SLC34A2", 11020, None)
ROS1, GOPC, NKX21, FOXA1 = ("ROS1", 10261, None), ("GOPC", 17643, None), ("NKX2-1", 11825, None), ("FOXA1", 5021, None)
NOTCH2, RP11 = ("NOTCH2", 7882, None), ("RP11-458D21.5", None, None)

SMALL = "DNA Library QC Metrics for Small Variant Calling and TMB: "
DNA_METRICS = [
    "COMPLETED_ALL_STEPS: TRUE",
    "DNA Library QC Metrics: CONTAMINATION_SCORE 1210 (pass)",
    "DNA Library QC Metrics: CONTAMINATION_P_VALUE 0.012 (pass)",
    SMALL + "MEDIAN_INSERT_SIZE 118 bp (pass)",
    SMALL + "MEDIAN_EXON_COVERAGE 612 Count (pass)",
    SMALL + "PCT_EXON_50X 99.2 % (pass)",
    "DNA Library QC Metrics for MSI: USABLE_MSI_SITES 121 Count (pass)",
    "DNA Library QC Metrics for CNV: COVERAGE_MAD 0.112 Count (pass)",
    "DNA Library QC Metrics for CNV: MEDIAN_BIN_COUNT_CNV_TARGET 6.3 Count (pass)",
    "DNA Expanded Metrics: TOTAL_PF_READS 91234567 Count",
]
RNA_METRICS = [
    "COMPLETED_ALL_STEPS: TRUE",
    "RNA Library QC Metrics: MEDIAN_CV_GENE_500X 61 % (pass)",
    "RNA Library QC Metrics: TOTAL_ON_TARGET_READS 14555210 Count (pass)",
    "RNA Library QC Metrics: MEDIAN_INSERT_SIZE 121 bp (pass)",
    "RNA Expanded Metrics: TOTAL_PF_READS 33210987 Count",
]


def describe():
    report = Report(
        "IPD", "IPD9001", [D, R], "InPreD OUS",
        issued=RNA_TIME, performed=RNA_TIME, pairs=[D + "_P", R + "_P"], run_id=RUN,
        study_notes=[f"Output of {D}: {DNA_TIME}", f"Output of {R}: {RNA_TIME}"],
    )
    pipeline = Pipeline("IPD", "TruSight Oncology 500", "ruo-2.2.0.12")
    dna = Sample("IPD", D, "dna", pipeline, ("tissue", "Archived (FFPE)", "Primary tumor, naive", "Lung", "TSO500 V1 DNA"))
    rna = Sample("IPD", R, "rna", pipeline, ("tissue", "Archived (FFPE)", "Primary tumor, naive", "Lung", "TSO500 V1 RNA"))
    report.samples = [dna, rna]
    dna_analysis = Analysis(report, dna, DNA_TIME, DNA_METRICS, "612")
    rna_analysis = Analysis(report, rna, RNA_TIME, RNA_METRICS)
    report.analyses = [dna_analysis, rna_analysis]
    findings = {}
    small_variants(report, dna, findings)
    rna_findings(report, rna, findings)
    findings["tmb"] = report.add(Burden(report, dna, "7.1", "1.27", "9"))
    findings["msi"] = report.add(Microsatellites(report, dna, "121", "3", "2.48"))
    findings["mycl"] = report.add(CopyNumber(report, dna, MYCL, "gain", "3.105"))
    findings["erbb2-gain"] = report.add(CopyNumber(report, dna, ERBB2, "gain", "6.020"))
    refs = {name: finding.ref for name, finding in findings.items()}
    return {
        "case": "localapp-dna-rna",
        "bundles": {"": [report]},
        "issues": ["config.demo-secret", "tso500.gene-alias", "tso500.gene-unknown", "tso500.hgvs-invalid"],
        "accounting": accounting(report, pipeline, dna, rna, dna_analysis, rna_analysis, refs),
    }


def small_variants(report, dna, findings):
    def add(name, *place, **values):
        findings[name] = report.add(SmallVariant(report, dna, *place, **values))

    add("tert", TERT, "5", 1295228, "G", "A", "snv", af="0.1544", depth="97", terms=["upstream_gene_variant"])
    add("v600e", BRAF, "7", 140453136, "A", "T", "snv", af="0.2870", depth="1042", c="NM_004333.4:c.1799T>A",
        p="NP_004324.2:p.(Val600Glu)", terms=["missense_variant"], exon="15/18", origin="somatic")
    add("exon19", EGFR, "7", 55242464, "AGGAATTAAGAGAAGC", "A", "deletion", af="0.0931", depth="881",
        c="NM_005228.3:c.2235_2249del", p="NP_005219.2:p.(Glu746_Ala750del)", terms=["inframe_deletion"], exon="19/28",
        origin="somatic")
    add("l858r", EGFR, "7", 55259515, "TG", "GT", "mnv", af="0.0412", depth="934", c="NM_005228.3:c.2573_2574delinsGT",
        p="NP_005219.2:p.(Leu858Arg)", terms=["missense_variant"], exon="21/28")
    add("gs606", BRAF, "7", 140453114, "GGAC", "AGAT", "mnv", af="0.0333", depth="1015",
        c="NM_004333.4:c.1818_1821delinsATCT", terms=["synonymous_variant"], exon="15/18",
        notes=["P-Dot Notation: GS606-607GS"])
    add("snp", None, "8", 128413305, "G", "T", "snv", af="0.5102", depth="688")
    add("brca2", BRCA2, "13", 32929387, "T", "C", "snv", af="0.4987", depth="1201", c="NM_000059.3:c.7397T>C",
        p="NP_000050.2:p.(Val2466Ala)", terms=["missense_variant"], exon="14/27", origin="germline", origin_method="proximity")
    add("r213", TP53, "17", 7578210, "T", "C", "snv", af="0.5020", depth="733", c="NM_000546.5:c.639A>G", p="p.(Arg213=)",
        terms=["synonymous_variant"], exon="6/11", origin="germline", origin_method="database")
    add("splice", TP53, "17", 7578555, "C", "T", "snv", af="0.0610", depth="802", c="NM_000546.5:c.376-1G>A",
        terms=["splice_acceptor_variant"])
    add("p72r", TP53, "17", 7579472, "G", "C", "snv", af="1", depth="540", c="NM_000546.5:c.215C>G",
        p="NP_000537.3:p.(Pro72Arg)", terms=["missense_variant"], exon="4/11", origin="germline", origin_method="database")
    add("erbb2-dup", ERBB2, "17", 37880981, "A", "AGCATACGTGATG", "insertion", af="0.1207", depth="1188",
        c="NM_004448.2:c.2313_2324dup", p="NP_004439.2:p.(Tyr772_Ala775dup)", terms=["inframe_insertion"], exon="20/27",
        origin="somatic")


def rna_findings(report, rna, findings):
    def splice(name, *values):
        findings[name] = report.add(Splice(report, rna, *values))

    def fusion(name, *values):
        findings[name] = report.add(Fusion(report, rna, *values))

    splice("egfrviii", EGFR, "2-7/28", "7", "chr7:55087058", "chr7:55223522", "88", "12")
    splice("metex14", MET, "14/21", "7", "chr7:116411708", "chr7:116414934", "212", "35")
    splice("ar", AR, None, "X", "chrX:66905968", "chrX:66914514", "41", "7")
    fusion("eml4", "EML4-ALK", "chr2:42522656", "chr2:29446394", [EML4, ALK], [EML4], [ALK], ("57", "310", "4"))
    fusion("cdk4", "CDK4/PDE3A", "chr12:58144800", "chr12:20522400", [CDK4, PDE3A], [], [], ("19", "28011", "377"))
    fusion("ros1", "SLC34A2-ROS1;GOPC", "chr4:25665952", "chr6:117650609", [SLC34A2, ROS1, GOPC], [SLC34A2], [ROS1, GOPC],
           ("104", "66", "0"))
    fusion("nkx2", "NKX2-1-FOXA1", "chr14:36988188", "chr14:38061800", [NKX21, FOXA1], [NKX21], [FOXA1], ("23", "512", "489"))
    fusion("notch2", "NOTCH2-RP11-458D21.5", "chr1:120539668", "chr1:145209300", [NOTCH2, RP11], [NOTCH2], [RP11],
           ("16", "1204", "58"))


def accounting(report, pipeline, dna, rna, dna_analysis, rna_analysis, refs):
    missing, not_assayed, run_note = "tso500.value-missing", "tso500.section-not-assayed", "tso500.run-note"
    study = report.study.ref
    cvo = FOLDER + "Results/{0}_P/{0}_P_CombinedVariantOutput.tsv"
    return {
        cvo.format(D): [
            report.ref, dna.ref, missing, study, study, missing, pipeline.ref,
            missing,
            *[refs["tmb"]] * 3, *[refs["msi"]] * 3,
            refs["mycl"], refs["erbb2-gain"],
            not_assayed,
            not_assayed,
            *[refs[name] for name in (
                "tert", "v600e", "exon19", "l858r", "gs606", "snp", "brca2", "r213", "splice", "p72r", "erbb2-dup")],
        ],
        cvo.format(R): [
            report.ref, missing, rna.ref, study, study, missing, pipeline.ref,
            missing,
            *[not_assayed] * 3, *[not_assayed] * 3,
            not_assayed,
            refs["egfrviii"], refs["metex14"], refs["ar"],
            refs["eml4"], refs["cdk4"], refs["ros1"], refs["nkx2"], refs["notch2"],
            not_assayed,
        ],
        FOLDER + "Results/MetricsOutput.tsv": [
            run_note, run_note, run_note,
            missing, run_note,
            dna_analysis.ref, missing, missing,
            *[dna_analysis.ref] * 9,
            *[rna_analysis.ref] * 4,
            run_note,
        ],
        FOLDER + f"Logs_Intermediates/Tmb/{D}/{D}_TMB_Trace.tsv": [
            refs["v600e"], refs["exon19"], refs["brca2"], "tso500.trace-variant-not-called", refs["r213"], refs["p72r"],
            refs["erbb2-dup"],
        ],
        RUN + f"_TSO_500_LocalApp_postprocessing_results/{D}/sample_list.tsv": [dna.ref, rna.ref],
    }
