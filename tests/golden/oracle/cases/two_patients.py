"""A run folder with two patients: one Bundle each."""

from small import dna_only

RUN = "250120_NB501999_0099_AHGOLDENX7"
FOLDER = RUN + "_TSO_500_LocalApp_results/Results/"
A, B = "IPD9007-D01-P01-A06", "IPD9008-D01-P01-A24"
COVERAGE = "DNA Library QC Metrics for Small Variant Calling and TMB: MEDIAN_EXON_COVERAGE {} Count (pass)"


def describe():
    first, first_rows = dna_only(
        "IPD", "IPD9007", A, "InPreD OUS", "2025-01-24T10:00:00+01:00", ("1.6", "1.27", "2"), ("119", "1", "0.84"), ["pik3ca"],
        pair=A + "_P", run_id=RUN, site="Breast", metrics=["COMPLETED_ALL_STEPS: TRUE", COVERAGE.format(520)], depth="520")
    second, second_rows = dna_only(
        "IPD", "IPD9008", B, "InPreD OUS", "2025-01-24T10:01:30+01:00", ("11.0", "1.27", "14"), ("120", "2", "1.67"), ["braf"],
        pair=B + "_P", run_id=RUN, site="Skin", metrics=["COMPLETED_ALL_STEPS: TRUE", COVERAGE.format(640)], depth="640")
    # Both patients hold the lines of the metrics file; they are accounted for under the first.
    analysis = first.analyses[0].ref
    return {
        "case": "two-patients",
        "bundles": {".IPD9007": [first], ".IPD9008": [second]},
        "issues": ["config.demo-secret"],
        "accounting": {
            FOLDER + f"{A}_P/{A}_P_CombinedVariantOutput.tsv": first_rows,
            FOLDER + f"{B}_P/{B}_P_CombinedVariantOutput.tsv": second_rows,
            FOLDER + "MetricsOutput.tsv": [*["tso500.run-note"] * 3, analysis, analysis],
        },
    }
