"""LocalApp: everything that a run folder says beside the CombinedVariantOutput, one finding per key."""

from biomarkers import Burden, Microsatellites
from fusion_table import notes_of
from report import Analysis, Pipeline, Report, Sample
from shapes import CopyNumber, Fusion, SmallVariant

RUN = "260105_NB501999_0061_AHGOLDENXA"
FOLDER = RUN + "_TSO_500_LocalApp_results/"
LOGS = FOLDER + "Logs_Intermediates/"
D, R = "IPD9011-D01-P01-A15", "IPD9011-R03-P01-A15"
DNA_TIME, RNA_TIME = "2026-01-08T10:00:00+01:00", "2026-01-08T10:05:00+01:00"
CVO = FOLDER + "Results/{0}_P/{0}_P_CombinedVariantOutput.tsv"
VCF = LOGS + f"VariantMatching/{D}/{D}_MergedSmallVariants.genome.vcf"
KRAS, BRAF, PIK3CA, TP53 = ("KRAS", 6407, None), ("BRAF", 1097, None), ("PIK3CA", 8975, None), ("TP53", 11998, None)
PTEN, ERBB2, EML4, ALK = ("PTEN", 9588, None), ("ERBB2", 3430, None), ("EML4", 1316, None), ("ALK", 427, None)
CDK4, PDE3A, FGFR3, TACC3 = ("CDK4", 1773, None), ("PDE3A", 8778, None), ("FGFR3", 3690, None), ("TACC3", 11524, None)


def describe():
    report = Report(
        "IPD", "IPD9011", [D, R], "InPreD OUS", issued=RNA_TIME, performed=RNA_TIME, pairs=[D + "_P", R + "_P"], run_id=RUN,
        notes=[f"{D}: no quality metrics are known", f"{R}: no quality metrics are known"],
        study_notes=[
            f"Output of {D}: {DNA_TIME}", f"Output of {R}: {RNA_TIME}",
            "analysisSoftwareVersion: 2.2.0.12", "genomeBuild: hg19", "Nirvana: 3.2.3, GRCh37, VEP 91",
        ])
    pipeline = Pipeline("IPD", "TruSight Oncology 500", "ruo-2.2.0.12")
    said = ("tissue", "Archived (FFPE)", "Primary tumor, naive", "Lung")
    dna = Sample("IPD", D, "dna", pipeline, (*said, "TSO500 V1 DNA"))
    rna = Sample("IPD", R, "rna", pipeline, (*said, "TSO500 V1 RNA"))
    report.samples = [dna, rna]
    report.analyses = [Analysis(report, dna, DNA_TIME), Analysis(report, rna, RNA_TIME)]
    variants, fusions = small_variants(report, dna), fusions_of(report, rna)
    tmb = report.add(Burden(report, dna, "7.1", "1.27", "9")).ref
    msi = report.add(Microsatellites(report, dna, "121", "3", "2.48")).ref
    # The result file gives no type; the structured results do.
    erbb2 = report.add(CopyNumber(
        report, dna, ERBB2, "gain", "6.020", "AMPLIFICATION",
        notes=["chromosome: chr17", "endPosition: 37884297", "qual: 90", "startPosition: 37868207"])).ref
    return {
        "case": "localapp-merged",
        "bundles": {"": [report]},
        # BRAF depth in the VCF; reads of FGFR3-TACC3 in the result file; one frequency for two alleles.
        "issues": ["config.demo-secret", *["tso500.conflict"] * 2, "vcf.value-count"],
        "accounting": accounting(report, pipeline, dna, rna, {**variants, **fusions, "tmb": tmb, "msi": msi, "erbb2": erbb2}),
    }


def small_variants(report, dna):
    def add(*place, **values):
        return report.add(SmallVariant(report, dna, *place, "snv", **values)).ref

    r273h = dict(c="NM_000546.5:c.818G>A", p="NP_000537.3:p.(Arg273His)", terms=["missense_variant"], exon="8/11")
    return {
        "h1047r": add(PIK3CA, "3", 178952085, "A", "G", af="0.0719", depth="640", allele_depth="46", c="NM_006218.2:c.3140A>G",
                      p="NP_006209.2:p.(His1047Arg)", terms=["missense_variant"], exon="21/21", origin="germline",
                      origin_method="proximity"),
        # The depth of the result file stays, that of the VCF is told with its reads of the allele, which belong to it.
        "v600e": add(BRAF, "7", 140453136, "A", "T", af="0.2870", depth="1042", c="NM_004333.4:c.1799T>A",
                     p="NP_004324.2:p.(Val600Glu)", terms=["missense_variant"], exon="15/18", origin="somatic",
                     notes=[f"{D}_MergedSmallVariants.genome.vcf says: depth 1040, reads of the allele 298"]),
        # Only in the VCF and the structured results, which name gene and change.
        "r130q": add(PTEN, "10", 89692905, "G", "A", af="0.0510", depth="510", allele_depth="26", c="NM_000314.4:c.389G>A",
                     p="NP_000305.3:p.(Arg130Gln)", terms=["missense_variant"], origin="somatic", notes=["quality: 100"]),
        "g12d": add(KRAS, "12", 25398284, "C", "T", af="0.3120", depth="802", allele_depth="250", c="NM_004985.4:c.35G>A",
                    p="NP_004976.2:p.(Gly12Asp)", terms=["missense_variant"], exon="2/5", origin="somatic",
                    notes=["quality: 100"]),
        # Two alleles of one row, each with its own reads; their one frequency is nobody's.
        "r273l": add(None, "17", 7577120, "C", "A", depth="500", allele_depth="61", notes=["VF: 0.210"]),
        "r273h": add(TP53, "17", 7577120, "C", "T", af="0.0880", depth="500", allele_depth="44", notes=["VF: 0.210"], **r273h),
    }


def fusions_of(report, rna):
    def add(*values, **more):
        return report.add(Fusion(report, rna, *values, **more)).ref

    eml4 = {"Score": "0.890", "Precise/Imprecise": "Precise", "Ref A Split": "600", "Ref A Pair": "800", "Ref B Split": "20",
            "Ref B Pair": "31", "Alt Split": "90", "Alt Pair": "40", "Contig": "CTCAGG", "ContigAlign1": "59", "ContigAlign2": "117"}
    cdk4 = {"Score": "0.700", "Filter": "LOW_MAPQ", "Precise/Imprecise": "Precise", "Alt Split": "25", "Contig": "GATTAC",
            "ContigAlign1": "60", "ContigAlign2": "90"}
    fgfr3 = {"Score": "0.950", "Precise/Imprecise": "Precise", "Alt Split": "80", "Alt Pair": "10"}
    return {
        "eml4": add("EML4-ALK", "chr2:42522656", "chr2:29446394", [EML4, ALK], [EML4], [ALK], ("57", "310", "4"),
                    notes=notes_of("RnaFusionFilter", eml4)),
        "cdk4": add("CDK4/PDE3A", "chr12:58144800", "chr12:20522400", [CDK4, PDE3A], [], [], ("19", "28011", "377"),
                    notes=notes_of("RnaFusionFilter", cdk4)),
        # The callers' own table comes first: 70 split reads and 6 pairs.
        "fgfr3": add("FGFR3-TACC3", "chr4:1808661", "chr4:1741429", [FGFR3, TACC3], [FGFR3], [TACC3], ("76", "140", "21"),
                     notes=sorted([*notes_of("RnaFusionFilter", fgfr3), f"{R}_P_CombinedVariantOutput.tsv says: supporting reads 77"])),
    }


def accounting(report, pipeline, dna, rna, refs):
    missing, not_assayed, study = "tso500.value-missing", "tso500.section-not-assayed", report.study.ref
    reference, filtered = "tso500.row-reference", "tso500.row-filtered"
    unused, run_note = "tso500.result-not-used", "tso500.run-note"
    return {
        CVO.format(D): [
            report.ref, dna.ref, missing, study, study, missing, pipeline.ref,
            missing, *[refs["tmb"]] * 3, *[refs["msi"]] * 3, refs["erbb2"], not_assayed, not_assayed,
            refs["g12d"], refs["v600e"], refs["h1047r"], refs["r273h"],
        ],
        CVO.format(R): [
            report.ref, missing, rna.ref, study, study, missing, pipeline.ref,
            missing, *[not_assayed] * 6, not_assayed, "tso500.section-empty", refs["eml4"], refs["cdk4"], refs["fgfr3"], not_assayed,
        ],
        VCF: [
            reference, refs["h1047r"], (filtered, "reference call, FILTER LowDP"), refs["v600e"], (filtered, "FILTER LowSupport"),
            refs["r130q"], reference, refs["g12d"], (filtered, "FILTER LowSupport"), (filtered, "FILTER LowSupport;SB"),
            # A row that two findings hold is accounted for under the first.
            refs["r273l"],
        ],
        LOGS + f"RnaFusionMerge/{R}/{R}_AllFusions.csv": [refs["eml4"], refs["cdk4"], filtered, refs["fgfr3"]],
        LOGS + f"Tmb/{D}/{D}_TMB_Trace.tsv": [
            refs["g12d"], refs["v600e"], refs["r130q"], refs["h1047r"], "tso500.trace-variant-not-called",
        ],
        LOGS + f"Tmb/{D}/{D}.tmb.json": [
            ('"TmbPerMb"', refs["tmb"]), ('"AdjustedNonsynonymousTmbPerMb"', unused), ('"NonsynonymousTmbPerMb"', unused),
            ('"SomaticCodingVariantsCount"', refs["tmb"]), ('"CodingRegionSizeMb"', refs["tmb"]),
        ],
        LOGS + f"Msi/{D}/{D}.msi.json": [
            ("SitesAssessed", refs["msi"]), ("SitesUnstable", refs["msi"]), ("PercentageUnstableSites", refs["msi"]),
            ("SumDistance", unused), ("SumJsd", missing), ("ResultIsValid", run_note), ("ResultMessage", run_note),
        ],
        LOGS + f"SampleAnalysisResults/{D}_P_SampleAnalysisResults.json": [
            ('"sampleId"', run_note), ('"analysisDate"', run_note),
            ('"analysisSoftwareVersion"', study), ('"genomeBuild"', study), ('"nirvanaSoftwareVersion"', study),
            ('"msiPercentUnstableSites"', refs["msi"]), ('"SumJsd"', missing),
            ('"tumorMutationalBurdenPerMegabase"', refs["tmb"]), ('"CodingRegionSizeMb"', refs["tmb"]),
            ('"SomaticCodingVariantsCount"', refs["tmb"]),
            ('"TOTAL_PF_READS"', unused),
            ("25398284", refs["g12d"]), ("89692905", refs["r130q"]), ('"ERBB2"', refs["erbb2"]),
        ],
    }
