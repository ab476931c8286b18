"""Post-processing of TSOPPI and metadata of PRONTO beside the pipeline's files, for two patients of one run."""

from biomarkers import Burden, Microsatellites
from report import Analysis, Pipeline, Report, Sample
from shapes import CopyNumber, Fusion, SmallVariant

RUN = "260212_NB501999_0063_AHGOLDENXC"
RESULTS, POST = f"{RUN}_TSO_500_LocalApp_results/", f"{RUN}_TSO_500_LocalApp_postprocessing_results/"
D, R, OTHER = "IPD9013-D01-P01-A24", "IPD9013-R03-P01-A24", "IPD9014-D01-P01-A24"
DNA_TIME, RNA_TIME, OTHER_TIME = "2026-02-14T12:00:00+01:00", "2026-02-14T12:04:00+01:00", "2026-02-14T12:10:00+01:00"
CVO = RESULTS + "Results/{0}_P/{0}_P_CombinedVariantOutput.tsv"
CLINVAR, DBSNP = "http://www.ncbi.nlm.nih.gov/clinvar", "http://www.ncbi.nlm.nih.gov/projects/SNP"
COSMIC = "http://cancer.sanger.ac.uk/cancergenome/projects/cosmic"
CDK4, PDE3A, EGFR = ("CDK4", 1773, None), ("PDE3A", 8778, None), ("EGFR", 3236, None)
NOT_DONE = "RNA was not assayed: no statement about fusions and splice variants"


def describe():
    first, rows, tables = curated()
    second, other_rows, other = not_in_trial()
    missing, run_note = "tso500.value-missing", ("tso500.run-note", "counted")
    superseded = "tsoppi.table-superseded"
    return {
        "case": "tsoppi",
        "bundles": {".IPD9013": [first], ".IPD9014": [second]},
        "issues": [
            "config.demo-secret",
            # 0,287 and 4,00E-04.
            *["tso500.decimal-comma"] * 2,
            # 1 where the list says 0.0010000.
            "tsoppi.number-damaged",
            # Not OK and include: no finding of the table; the result file has it, and says so.
            "tsoppi.igv-not-ok", "tso500.conflict",
            # R130Q of PTEN: no transcript of the line has the change with a version. K1183R and KRAS have no change at all.
            "tso500.hgvs-invalid",
            # MYC has no other file.
            "tsoppi.summary-without-finding",
            # ISO 8859-1 as a whole.
            "file.encoding-latin-1",
            # Clinical_diagnosis is free text.
            "inpred.free-text-not-carried",
        ],
        "accounting": {
            CVO.format(D): rows["dna"],
            CVO.format(R): rows["rna"],
            CVO.format(OTHER): other_rows,
            RESULTS + f"Logs_Intermediates/Tmb/{D}/{D}_TMB_Trace.tsv": [tables["v600e"], "tsoppi.variant-excluded"],
            POST + f"{D}/{D}_small_variant_table_forQC.tsv": [
                first.study.ref, run_note, first.study.ref, tables["dna"], (missing, "counted"), tables["dna"], run_note,
                tables["v600e"], "tsoppi.variant-excluded", "tsoppi.igv-not-ok", tables["k1183r"], tables["r130q"],
            ],
            POST + f"{D}/{D}_small_variant_table.tsv": [superseded] * 3,
            POST + f"{D}/sample_list.tsv": [tables["dna"], tables["rna"]],
            POST + f"{RUN}_variant_summary.tsv": [run_note, run_note, tables["egfr"], tables["fusion"]],
            "InPreD_PRONTO_metadata.txt": [run_note, run_note, tables["dna"], tables["rna"], other],
        },
    }


def curated():
    report = Report(
        "IPD", "IPD9013", [D, R], "InPreD OUS", issued=RNA_TIME, performed=RNA_TIME, pairs=[D + "_P", R + "_P"], run_id=RUN,
        gender="female", born="1960", subjects=["IMPR.X-0999"],
        notes=[
            f"{D}: no quality metrics are known", f"{R}: no quality metrics are known",
            "Year of diagnosis (laboratory's metadata): 2025",
            # The line of TP53 contradicts itself: a data error, so what the table says is not known as a whole.
            f"{D}: {D}_small_variant_table_forQC.tsv could not be used whole",
            # A result that only the summary tells is no negative result: the report says so and is not complete.
            f"{RUN}_variant_summary.tsv says MYC gain, and no result file of the pipeline has it",
        ],
        status="partial",
        study_notes=[
            f"Output of {D}: {DNA_TIME}", f"Output of {R}: {RNA_TIME}",
            "Small variant table: pipeline 2.2.0.12, TSOPPI 0.3.2:22-06-07, PCGR 1.0.0, CPSR 1.0.0, genome hg19, samples TR",
            "Small variant table: size of the target coding region 1.27 megabases",
        ])
    pipeline = Pipeline("IPD", "TruSight Oncology 500", "ruo-2.2.0.12")
    said = ("tissue", "Archived (FFPE)", "Primary tumor, naive", "Skin")
    dna = Sample("IPD", D, "dna", pipeline, (*said, "TSO500 V1 DNA"), collected="2025", notes=[
        "Tumour purity specified for TSOPPI: 0.5 (fraction of 1)", f"Matched tumour RNA sample: {R}",
        "Tumour content estimated by the pathologist: 60 %", "Extraction hospital: OUS",
    ])
    rna = Sample("IPD", R, "rna", pipeline, (*said, "TSO500 V1 RNA"), collected="2025")
    report.samples = [dna, rna]
    report.analyses = [Analysis(report, dna, DNA_TIME), Analysis(report, rna, RNA_TIME)]
    tmb = report.add(Burden(report, dna, "14.9", "1.27", "19")).ref
    msi = report.add(Microsatellites(report, dna, "121", "5", "4.13")).ref
    egfr = report.add(CopyNumber(report, dna, EGFR, "gain", "1.509")).ref
    fusion = report.add(Fusion(report, rna, "CDK4/PDE3A", "chr12:58144800", "chr12:20522400", [CDK4, PDE3A],
                               counts=("19", "28011", "377"))).ref
    refs = variants(report, dna)
    study, missing, not_assayed = report.study.ref, "tso500.value-missing", "tso500.section-not-assayed"
    rows = {
        "dna": [
            report.ref, dna.ref, missing, study, study, missing, pipeline.ref,
            missing, *[tmb] * 3, *[msi] * 3, egfr, not_assayed, not_assayed,
            # KRAS is the laboratory's to exclude; TP53 stays, since only the table contradicts itself.
            refs["v600e"], "tsoppi.variant-excluded", refs["r273h"], refs["k1183r"],
        ],
        "rna": [
            report.ref, missing, rna.ref, study, study, missing, pipeline.ref,
            missing, *[not_assayed] * 6, not_assayed, "tso500.section-empty", fusion, not_assayed,
        ],
    }
    return report, rows, {**refs, "dna": dna.ref, "rna": rna.ref, "egfr": egfr, "fusion": fusion}


def variants(report, dna):
    def add(*place, **values):
        return report.add(SmallVariant(report, dna, *place, "snv", terms=["missense_variant"], **values)).ref

    igv = "IGV_QC is Not OK, Class_judgement is `include` and not exclude"
    return {
        "v600e": add(
            ("BRAF", 1097, None), "7", 140453136, "A", "T", af="0.2870", depth="1042", c="NM_004333.4:c.1799T>A",
            p="NP_004324.2:p.(Val600Glu)", exon="15/18", origin="somatic",
            ids=[(CLINVAR, "13961"), (DBSNP, "rs113488022"), (COSMIC, "COSM476")],
            flags=[("class-judgement", "SOM"), ("reporting-judgement", "BioMar"), ("igv-qc", "OK"), ("run-qc", "QC done")],
            classes=[("pcgr-tier", "1.0.0", "TIER_1")], drugs=("1.0.0", ["VEMURAFENIB", "DABRAFENIB"]),
            # The table's c. has no version; the result file's has one.
            notes=["Population frequencies: GLOBAL_AF_GNOMAD 0.0004000",
                   "cDNA_change: c.1799T>A (ENST00000288602, NM_004333; no version is given)"]),
        "r273h": add(
            ("TP53", 11998, None), "17", 7577120, "C", "T", af="0.0880", depth="500", c="NM_000546.5:c.818G>A",
            p="NP_000537.3:p.(Arg273His)", exon="8/11", notes=[f"the laboratory's table does not count the variant: {igv}"]),
        "k1183r": add(
            ("BRCA1", 1100, None), "17", 41244000, "T", "C", af="0.7712", depth="1102", c="NM_007294.3:c.3548A>G",
            p="NP_009225.1:p.(Lys1183Arg)", exon="10/23", origin="germline", origin_method="database",
            flags=[("class-judgement", "LikGL"), ("curation-filter", "germline_population")],
            classes=[("cpsr-acmg-class", "1.0.0", "Benign"), ("cpsr-clinvar-class", "1.0.0", "Benign"),
                     ("pcgr-tier", "1.0.0", "TIER_3")],
            # The damaged 1 of the spreadsheet is not told.
            notes=["Population frequencies: GLOBAL_AF_1KG 0.0010000"]),
        "r130q": add(
            ("PTEN", 9588, None), "10", 89692905, "G", "A", af="0.051", depth="510", exon="exon5", origin="somatic",
            flags=[("class-judgement", "LikSOM"), ("reporting-judgement", "VUSpot")], classes=[("pcgr-tier", "1.0.0", "TIER_2")],
            notes=["Protein_change: Arg130Gln", "Protein_change_short: R130Q",
                   "cDNA_change: c.389G>A (ENST00000371953, NM_000314; no version is given)"]),
    }


def not_in_trial():
    report = Report(
        "IPD", "IPD9014", [OTHER], "InPreD OUS", issued=OTHER_TIME, performed=OTHER_TIME, pairs=[OTHER + "_P"], run_id=RUN,
        gender="male", born="1971",
        notes=[NOT_DONE, f"{OTHER}: no quality metrics are known",
               "The laboratory's metadata says that the patient is not in the trial (IKKE IMPRESS)"],
        study_notes=[NOT_DONE, f"Output of {OTHER}: {OTHER_TIME}"])
    pipeline = Pipeline("IPD", "TruSight Oncology 500", "ruo-2.2.0.12")
    dna = Sample("IPD", OTHER, "dna", pipeline, ("tissue", "Archived (FFPE)", "Primary tumor, naive", "Skin", "TSO500 V1 DNA"))
    report.samples, report.analyses = [dna], [Analysis(report, dna, OTHER_TIME)]
    tmb = report.add(Burden(report, dna, "1.6", "1.27", "2")).ref
    msi = report.add(Microsatellites(report, dna, "119", "1", "0.84")).ref
    h1047r = report.add(SmallVariant(
        report, dna, ("PIK3CA", 8975, None), "3", 178952085, "A", "G", "snv", af="0.0719", depth="640",
        c="NM_006218.2:c.3140A>G", p="NP_006209.2:p.(His1047Arg)", terms=["missense_variant"], exon="21/21")).ref
    study, missing, not_assayed = report.study.ref, "tso500.value-missing", "tso500.section-not-assayed"
    return report, [
        report.ref, dna.ref, missing, study, study, missing, pipeline.ref,
        missing, *[tmb] * 3, *[msi] * 3, "tso500.section-empty", not_assayed, not_assayed, h1047r,
    ], dna.ref
