"""A LocalApp file of one DNA sample with a few small variants and nothing else."""

from biomarkers import Burden, Microsatellites
from report import Analysis, Pipeline, Report, Sample
from shapes import SmallVariant

NOT_DONE = "RNA was not assayed: no statement about fusions and splice variants"
V600E = dict(c="NM_004333.4:c.1799T>A", p="NP_004324.2:p.(Val600Glu)", exon="15/18")
VARIANTS = {
    "kras": (("KRAS", 6407, None), "12", 25398284, "C", "T",
             dict(af="0.0500", depth="900", c="NM_004985.4:c.35G>A", p="NP_004976.2:p.(Gly12Asp)", exon="2/5")),
    "pik3ca": (("PIK3CA", 8975, None), "3", 178952085, "A", "G",
               dict(af="0.2500", depth="800", c="NM_006218.2:c.3140A>G", p="NP_006209.2:p.(His1047Arg)", exon="21/21")),
    "braf": (("BRAF", 1097, None), "7", 140453136, "A", "T", {"af": "0.4100", "depth": "610", **V600E}),
}


def dna_only(owner, patient, sample_id, laboratory, time, tmb, msi, names, pair, run_id=None, site=None, metrics=(), depth=None,
             test=False):
    """The report, and what became of the rows of its result file."""
    report = Report(
        owner, patient, [sample_id], laboratory, issued=time, performed=time, pairs=[pair], run_id=run_id, test=test,
        notes=[NOT_DONE, *([] if metrics else [f"{sample_id}: no quality metrics are known"])], study_notes=[NOT_DONE, f"Output of {sample_id}: {time}"],
    )
    pipeline = Pipeline(owner, "TruSight Oncology 500", "ruo-2.2.0.12")
    said = ("tissue", "Archived (FFPE)", "Primary tumor, naive", site, "TSO500 V1 DNA") if site else None
    dna = Sample(owner, sample_id, "dna", pipeline, said)
    report.samples, report.analyses = [dna], [Analysis(report, dna, time, metrics, depth)]
    burden, sites = report.add(Burden(report, dna, *tmb)), report.add(Microsatellites(report, dna, *msi))
    variants = []
    for name in names:
        gene, chrom, position, ref, alt, values = VARIANTS[name]
        variants.append(report.add(SmallVariant(
            report, dna, gene, chrom, position, ref, alt, "snv", terms=["missense_variant"], **values)))
    study, missing = report.study.ref, "tso500.value-missing"
    rows = [
        report.ref, dna.ref, missing, study, study, missing, pipeline.ref,
        missing,
        *[burden.ref] * 3, *[sites.ref] * 3,
        "tso500.section-empty",
        "tso500.section-not-assayed",
        "tso500.section-not-assayed",
        *[variant.ref for variant in variants],
    ]
    return report, rows
