"""DRAGEN 2.6.2 with its VCFs: a multi-nucleotide variant written three times, every GermlineStatus, copy numbers, exons."""

from biomarkers import Burden, Microsatellites
from fusion_table import notes_of
from report import Analysis, Pipeline, Report, Sample
from shapes import CopyNumber, ExonCopyNumber, Fusion, SmallVariant

RUN = "260318_A02134_0778_BHGOLDENXB"
FOLDER = RUN + "_TSO_500_DRAGEN_results/"
LOGS = FOLDER + "Logs_Intermediates/"
D, R = "IPD9012-D21-P01-A18", "IPD9012-R23-P01-A18"
TIME = "2026-03-20T09:14:55+01:00"
KRAS, BRAF, TP53 = ("KRAS", 6407, None), ("BRAF", 1097, None), ("TP53", 11998, None)
BRCA1, BRCA2, ERBB2, MYCL = ("BRCA1", 1100, None), ("BRCA2", 1101, None), ("ERBB2", 3430, None), ("MYCL", 7555, "MYCL1")
FGFR3, TACC3 = ("FGFR3", 3690, None), ("TACC3", 11524, None)


def describe():
    both = f"{D} and {R}"
    report = Report(
        "IPD", "IPD9012", [D, R], "InPreD OUS", issued=TIME, performed=TIME, pairs=["IPD9012"], run_id=RUN,
        notes=[
            f"{D}: no quality metrics are known", f"{R}: no quality metrics are known",
            f"{both}: BRCA2 was not assessed in section Large Rearrangements",
            f"{both}: the exon copy number call of BRCA2 did not pass; no statement about it",
        ],
        study_notes=[f"Output of {both}: {TIME}", "Library Prep Kit: TSO500_v2"])
    pipeline = Pipeline("IPD", "DRAGEN TruSight Oncology 500 v2.6.2 Analysis Software", "2.6.2.4", "2.6.2")
    said = ("tissue", "Archived (FFPE)", "Primary tumor, naive", "Ovary/Fallopian Tube")
    dna = Sample("IPD", D, "dna", pipeline, (*said, "TSO500 DNA V2 Hamilton"))
    rna = Sample("IPD", R, "rna", pipeline, (*said, "TSO500 RNA V2 Hamilton"))
    report.samples = [dna, rna]
    report.analyses = [Analysis(report, dna, TIME), Analysis(report, rna, TIME)]
    refs = variants(report, dna)
    tmb = report.add(Burden(report, dna, "3.9", "1.28", "5")).ref
    msi = report.add(Microsatellites(report, dna, "118", "2", "1.69")).ref
    # 2.413 is 2.41305 rounded; the copy number is the result file's, SM is none.
    erbb2 = report.add(CopyNumber(report, dna, ERBB2, "gain", "2.413", "<DUP>", "8")).ref
    mycl = report.add(CopyNumber(report, dna, MYCL, "loss", "0.614134", "<DEL>")).ref
    # The VCF has the base before the event at POS.
    exon = report.add(ExonCopyNumber(report, dna, BRCA1, "17", "41243452", "41246877", "10", "0.48", "LOSS", "loss")).ref
    cells = {"Score": "0.950", "Precise/Imprecise": "Precise", "Alt Split": "80", "Alt Pair": "10", "Gene A Location": "Exonic",
             "Gene B Location": "Exonic", "Gene A Sense": "True", "Gene B Sense": "True"}
    fusion = report.add(Fusion(report, rna, "FGFR3-TACC3", "chr4:1808661", "chr4:1741429", [FGFR3, TACC3], [FGFR3], [TACC3],
                               ("77", "140", "21"), notes=notes_of("DRAGEN", cells))).ref
    study, missing, filtered, neutral = report.study.ref, "tso500.value-missing", "tso500.row-filtered", "tso500.row-neutral"
    caller = LOGS + f"DnaDragenCaller/{D}/{D}."
    return {
        "case": "dragen-vcf",
        "bundles": {"": [report]},
        # Two sections and the exon VCF with values of a form that was not seen in a real file.
        "issues": ["config.demo-secret", "tso500.gene-alias", *["tso500.layout-unverified"] * 3],
        "accounting": {
            FOLDER + "Results/IPD9012/IPD9012_CombinedVariantOutput.tsv": [
                report.ref, dna.ref, rna.ref, study, study, study, pipeline.ref, pipeline.ref,
                missing, *[tmb] * 3, *[msi] * 3, *[missing] * 3,
                erbb2, "tso500.section-empty", "tso500.section-empty", fusion, exon, "tso500.gene-not-assessed",
                refs["g12d"], refs["v600k"], refs["r175h"], refs["k1183r"], refs["v2466a"],
            ],
            caller + "hard-filtered.vcf.gz": [
                "vcf.mnv-component", refs["v600k"], "vcf.mnv-component", refs["g12d"],
                (filtered, "FILTER weak_evidence;systematic_noise"), refs["v2466a"], refs["r175h"], refs["k1183r"],
            ],
            caller + "cnv.vcf.gz": [neutral, mycl, erbb2, (filtered, "FILTER cnvQual")],
            LOGS + f"LargeRearrangement/{D}/{D}_DragenExonCNV.vcf": [exon, (filtered, "FILTER Undetermined")],
            LOGS + f"RnaFusion/{R}/{R}_AllFusions.csv": [fusion, filtered],
        },
    }


def variants(report, dna):
    def add(*place, **values):
        return report.add(SmallVariant(report, dna, *place, terms=["missense_variant"], **values)).ref

    part = "The caller also writes the part chr7:{} by itself, allele frequency {}"
    return {
        "v600k": add(BRAF, "7", 140453136, "AC", "TT", "mnv", af="0.2112", depth="980", allele_depth="207",
                     c="NM_004333.4:c.1798_1799delinsAA", p="NP_004324.2:p.(Val600Lys)", exon="15/18", origin="somatic",
                     notes=["Phase set 140453136: variants of one phase set lie on one copy",
                            part.format("140453136 A>T", "0.2143"), part.format("140453137 C>T", "0.2125")]),
        "g12d": add(KRAS, "12", 25398284, "C", "T", "snv", af="0.3480", depth="905", allele_depth="315", c="NM_004985.4:c.35G>A",
                    p="NP_004976.2:p.(Gly12Asp)", exon="2/5", origin="somatic",
                    notes=["A known somatic site of the caller (hotspot)"]),
        "v2466a": add(BRCA2, "13", 32929387, "T", "C", "snv", af="0.4987", depth="1201", allele_depth="599",
                      c="NM_000059.3:c.7397T>C", p="NP_000050.2:p.(Val2466Ala)", exon="14/27", origin="germline",
                      origin_method="proximity"),
        "r175h": add(TP53, "17", 7578406, "C", "T", "snv", af="0.0316", depth="760", allele_depth="24", c="NM_000546.5:c.524G>A",
                     p="NP_000537.3:p.(Arg175His)", exon="5/11", origin="somatic",
                     clonal_haematopoiesis=True,
                     notes=["Perhaps of blood cells and not of the tumour (GermlineStatus Somatic_Putative_CH)"]),
        "k1183r": add(BRCA1, "17", 41244000, "T", "C", "snv", af="0.7712", depth="1102", allele_depth="850",
                      c="NM_007294.3:c.3548A>G", p="NP_009225.1:p.(Lys1183Arg)", exon="10/23", origin="germline",
                      origin_method="database"),
    }
