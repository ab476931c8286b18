"""A control sample: its id names no laboratory and no patient."""

from small import dna_only

C = "CL-AcroMetrix-D01"


def describe():
    report, rows = dna_only(
        "unassigned", C, C, None, "2025-01-24T14:20:00+01:00", ("22.0", "1.27", "28"), ("118", "0", "0.00"), ["kras", "braf"],
        pair=C)
    return {
        "case": "foreign-id",
        "bundles": {"": [report]},
        "issues": ["config.demo-secret", "inpred.sample-id-foreign"],
        "accounting": {f"{C}_CombinedVariantOutput.tsv": rows},
    }
