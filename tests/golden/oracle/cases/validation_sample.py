"""A validation sample (library preparation digit 9): test data, never clinical."""

from small import dna_only

V = "IPD9010-D01-P91-A15"


def describe():
    report, rows = dna_only(
        "IPD", "IPD9010", V, "InPreD OUS", "2025-01-24T08:30:15+01:00", ("1.6", "1.27", "2"), ("117", "0", "0.00"), ["kras"],
        pair=V + "_P", site="Lung", test=True)
    return {
        "case": "validation-sample",
        "bundles": {"": [report]},
        "issues": ["config.demo-secret", "inpred.sample-validation"],
        "accounting": {f"{V}_P_CombinedVariantOutput.tsv": rows},
    }
