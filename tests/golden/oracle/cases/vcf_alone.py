"""A genome VCF and no CombinedVariantOutput: the report says what nobody told."""

from report import Analysis, Pipeline, Report, Sample
from shapes import SmallVariant

D = "IPD9015-D01-P01-A15"


def describe():
    not_done = "RNA was not assayed: no statement about fusions and splice variants"
    report = Report(
        "IPD", "IPD9015", [D], "InPreD OUS",
        notes=[
            not_done, f"{D}: no quality metrics are known", f"{D}: there is no CombinedVariantOutput of the sample",
            *[f"{D}: no file tells {section}; no statement about it" for section in ("Gene Amplifications", "TMB", "MSI")],
        ],
        study_notes=[not_done])
    # Name and version of the caller: no file names the pipeline.
    pipeline = Pipeline("IPD", "Pisces", "5.2.11.63")
    dna = Sample("IPD", D, "dna", pipeline, ("tissue", "Archived (FFPE)", "Primary tumor, naive", "Lung", "TSO500 V1 DNA"))
    report.samples, report.analyses = [dna], [Analysis(report, dna, None)]
    # No gene, no HGVS, no origin: the VCF has none of them.
    v600e = report.add(SmallVariant(report, dna, None, "7", 140453136, "A", "T", "snv", af="0.2865", depth="1040",
                                    allele_depth="298")).ref
    return {
        "case": "vcf-alone",
        "bundles": {"": [report]},
        "issues": ["config.demo-secret"],
        "accounting": {
            f"{D}/{D}_MergedSmallVariants.genome.vcf": [
                "tso500.row-reference", v600e, ("tso500.row-filtered", "FILTER LowSupport"),
            ],
        },
    }
