"""Files beside the CombinedVariantOutput that are damaged, each in its own way. What is left is told, and what is not."""

from biomarkers import Burden, Microsatellites
from fusion_table import notes_of
from report import Analysis, Pipeline, Report, Sample
from shapes import Fusion, SmallVariant

D, R = "IPD9017-D01-P01-A15", "IPD9017-R03-P01-A15"
DNA_TIME, RNA_TIME = "2026-02-20T08:00:00+01:00", "2026-02-20T08:05:00+01:00"
EML4, ALK = ("EML4", 1316, None), ("ALK", 427, None)


def describe():
    unused = [f"{D}.hard-filtered.vcf.gz", f"{D}_CopyNumberVariants.vcf", f"{D}.msi.json"]
    report = Report(
        "IPD", "IPD9017", [D, R], "InPreD OUS", issued=RNA_TIME, performed=RNA_TIME, pairs=[D + "_P", R + "_P"], status="partial",
        notes=[
            f"{D}: no quality metrics are known", f"{R}: no quality metrics are known",
            *[f"{D}: {name} could not be used" for name in unused], f"{R}: {R}_AllFusions.csv could not be used whole",
        ],
        study_notes=[f"Output of {D}: {DNA_TIME}", f"Output of {R}: {RNA_TIME}"])
    pipeline = Pipeline("IPD", "TruSight Oncology 500", "ruo-2.2.0.12")
    said = ("tissue", "Archived (FFPE)", "Primary tumor, naive", "Lung")
    dna = Sample("IPD", D, "dna", pipeline, (*said, "TSO500 V1 DNA"))
    rna = Sample("IPD", R, "rna", pipeline, (*said, "TSO500 V1 RNA"))
    report.samples = [dna, rna]
    report.analyses = [Analysis(report, dna, DNA_TIME), Analysis(report, rna, RNA_TIME)]
    tmb = report.add(Burden(report, dna, "7.1", "1.27", "9")).ref
    msi = report.add(Microsatellites(report, dna, "121", "3", "2.48")).ref
    # V600E stands in the part of the VCF that is left: it is no finding.
    g12d = report.add(SmallVariant(
        report, dna, ("KRAS", 6407, None), "12", 25398284, "C", "T", "snv", af="0.3120", depth="802", c="NM_004985.4:c.35G>A",
        p="NP_004976.2:p.(Gly12Asp)", terms=["missense_variant"], exon="2/5")).ref
    cells = {"Score": "0.890", "Precise/Imprecise": "Precise", "Ref A Split": "600", "Ref A Pair": "800", "Ref B Split": "20",
             "Ref B Pair": "31", "Alt Split": "90", "Alt Pair": "40", "Contig": "CTCAGG", "ContigAlign1": "59", "ContigAlign2": "117"}
    eml4 = report.add(Fusion(report, rna, "EML4-ALK", "chr2:42522656", "chr2:29446394", [EML4, ALK], [EML4], [ALK],
                             ("57", "310", "4"), notes=notes_of("RnaFusionFilter", cells))).ref
    study, missing, not_assayed = report.study.ref, "tso500.value-missing", "tso500.section-not-assayed"
    wrong = ("vcf.assembly-wrong", "counted")
    return {
        "case": "damage-files",
        "bundles": {"": [report]},
        "issues": [
            "config.demo-secret", "vcf.gzip-invalid", "vcf.assembly-wrong", "tso500.json-unreadable", "tso500.quote-unclosed",
            "tso500.boolean-invalid",
        ],
        "accounting": {
            f"{D}_P_CombinedVariantOutput.tsv": [
                report.ref, dna.ref, missing, study, study, missing, pipeline.ref,
                missing, *[tmb] * 3, *[msi] * 3, "tso500.section-empty", not_assayed, not_assayed, g12d,
            ],
            f"{R}_P_CombinedVariantOutput.tsv": [
                report.ref, missing, rna.ref, study, study, missing, pipeline.ref,
                missing, *[not_assayed] * 6, not_assayed, "tso500.section-empty", eml4, not_assayed,
            ],
            # The 100 lines before the cut are 8 of the header, a call and 91 reference calls.
            f"{D}.hard-filtered.vcf.gz": ["vcf.gzip-invalid", *["tso500.row-reference"] * 91],
            f"{D}_CopyNumberVariants.vcf": [wrong, wrong],
            f"{R}_AllFusions.csv": [eml4, "tso500.quote-unclosed", "tso500.boolean-invalid"],
            f"{D}.msi.json": [("}", "tso500.json-unreadable")],
        },
    }
