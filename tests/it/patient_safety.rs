//! What must never be told of a patient: a failed assay as done, a remark as finding, tissue as plasma, one patient as
//! another.

mod copies;
mod curated;
mod files;
mod look;
mod merging;
mod samples;

use std::path::Path;

use serde_json::Value;

use crate::support::{Folder, Translated, local_app, translate};

const BRAF: &str = "BRAF\tchr7\t140453136\tA\tT\t0.31\t900\tNP_004324.2:p.(Val600Glu)\tNM_004333.4:c.1799T>A\tmissense_variant\t15/18\n";
const KRAS: &str =
    "KRAS\tchr12\t25398284\tC\tT\t0.2\t800\tNP_203524.1:p.(Gly12Asp)\tNM_033360.2:c.35G>A\tmissense_variant\t2/6\n";

/// A paired DRAGEN 2.1 file of patient IPD9001; either sample can be `NA`.
fn dragen(dna: &str, rna: &str, small_variants: &str) -> String {
    format!(
        "DRAGEN TruSight Oncology 500 Analysis Software - Combined Variant Output\n\
         For Research Use Only. Not for use in diagnostic procedures.\n\n\
         [Analysis Details]\nPair ID\tIPD9001\nDNA Sample ID\t{dna}\nRNA Sample ID\t{rna}\nOutput Date\t2026-06-14\n\
         Output Time\t10:11:12\nModule Version\t2.1.1\nPipeline Version\truo-2.1.1.4\n\n\
         [TMB]\nNA\n\n[MSI]\nNA\n\n[GIS]\nNA\n\n[Gene Amplifications]\nGene\tFold Change\nNA\n\n\
         [Splice Variants]\nGene\tAffected Exon\tBreakpoint 1\tBreakpoint 2\tSplice Supporting Reads\tReference Reads Transcript\nNA\n\n\
         [Fusions]\nGene Pair\tBreakpoint 1\tBreakpoint 2\tFusion Supporting Reads\tGene 1 Reference Reads\tGene 2 Reference Reads\nNA\n\n\
         [Small Variants]\nGene\tChromosome\tGenomic Position\tReference Call\tAlternative Call\tAllele Frequency\tDepth\n\
         {small_variants}"
    )
}

/// Metrics of one column; `reads` decides about RNA (at least 9,000,000), `coverage` about DNA (at least 150).
fn metrics(column: &str, completed: &str, coverage: &str, reads: &str) -> String {
    format!(
        "TruSight Oncology 500 - Metrics Output\n\n[Header]\nOutput Date\t2026-06-14\nWorkflow Version\truo-2.2.0.12\n\n\
         [Analysis Status]\n\t{column}\nCOMPLETED_ALL_STEPS\t{completed}\nFAILED_STEPS\tNA\nSTEPS_NOT_EXECUTED\tNA\n\n\
         [DNA Library QC Metrics for Small Variant Calling and TMB]\nMetric (UOM)\tLSL Guideline\tUSL Guideline\t{column}\n\
         MEDIAN_EXON_COVERAGE (Count)\t150\tNA\t{coverage}\n\n\
         [RNA Library QC Metrics]\nMetric (UOM)\tLSL Guideline\tUSL Guideline\t{column}\n\
         TOTAL_ON_TARGET_READS (Count)\t9000000\tNA\t{reads}\n"
    )
}

fn of_type(bundle: &Value, kind: &str) -> Vec<Value> {
    let entries = bundle["entry"].as_array().unwrap().iter().map(|entry| entry["resource"].clone());
    entries.filter(|resource| resource["resourceType"] == kind).collect()
}

fn report(translated: &Translated) -> Value {
    of_type(&translated.bundle(), "DiagnosticReport").remove(0)
}

/// Titles of the assays that were done.
fn assays(translated: &Translated) -> Vec<String> {
    let analyses = of_type(&translated.bundle(), "Procedure");
    let extensions = analyses.iter().flat_map(|analysis| analysis["extension"].as_array().cloned().unwrap_or_default());
    extensions
        .filter(|extension| extension["url"].as_str().unwrap().ends_with("analysis-title"))
        .map(|extension| extension["valueString"].as_str().unwrap().to_owned())
        .collect()
}

fn run(folder: &Folder) -> Translated {
    translate(folder.path(), &[])
}

fn summary(path: &Path) -> String {
    String::from_utf8(crate::support::gateway(["translate", "report", path.to_str().unwrap(), "--summary"]).stdout)
        .unwrap()
}

#[test]
fn each_run_is_judged_by_its_own_metrics() {
    for runs in [["a", "b"], ["b", "a"]] {
        let folder = Folder::new("runs");
        let [dna, rna] = runs;
        folder.write(
            &format!("{dna}/Results/one_CombinedVariantOutput.tsv"),
            dragen("IPD9001-D01-P01-A08", "NA", "NA\n"),
        );
        folder.write(&format!("{dna}/Results/MetricsOutput.tsv"), metrics("IPD9001", "TRUE", "900", "NA"));
        folder.write(
            &format!("{rna}/Results/two_CombinedVariantOutput.tsv"),
            dragen("NA", "IPD9001-R03-P01-A08", "NA\n"),
        );
        folder.write(&format!("{rna}/Results/MetricsOutput.tsv"), metrics("IPD9001", "TRUE", "NA", "100"));
        let translated = run(&folder);
        assert_eq!(assays(&translated), ["TruSight Oncology 500 DNA"], "{runs:?}: {}", translated.stderr);
        assert_eq!(report(&translated)["status"], "partial");
        assert!(translated.has("tso500.qc-failed"));
        assert!(summary(folder.path()).contains("Fusions          assay failed"), "{}", summary(folder.path()));
    }
}

#[test]
fn metrics_that_are_as_near_must_all_be_good() {
    for (first, second) in [("900", "1"), ("1", "900")] {
        let folder = Folder::new("contradiction");
        folder.write("r/IPD9001_CombinedVariantOutput.tsv", dragen("IPD9001-D01-P01-A08", "NA", "NA\n"));
        folder.write("r/a/MetricsOutput.tsv", metrics("IPD9001", "TRUE", first, "NA"));
        folder.write("r/b/MetricsOutput.tsv", metrics("IPD9001", "TRUE", second, "NA"));
        let translated = run(&folder);
        assert!(assays(&translated).is_empty(), "{first} {second}");
        assert!(translated.has("tso500.qc-failed"));
    }
}

#[test]
fn a_pipeline_that_did_not_complete_is_a_failed_assay() {
    let folder = Folder::new("incomplete");
    folder.write("IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", local_app(BRAF));
    // The pair suffix is written in one file and not in the other.
    folder.write("MetricsOutput.tsv", metrics("IPD9050-D01-P01-A08", "FALSE", "900", "NA"));
    let translated = run(&folder);
    assert!(assays(&translated).is_empty());
    assert!(translated.has("tso500.analysis-failed") && translated.has("tso500.finding-despite-failure"));
    assert!(translated.stdout.contains("The assay failed its quality control"), "the finding says so");
}

#[test]
fn unknown_quality_is_said() {
    let folder = Folder::new("unknown");
    folder.write("IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", local_app(BRAF));
    folder.write("MetricsOutput.tsv", metrics("IPD9051-D01-P01-A08_P", "TRUE", "900", "NA"));
    let translated = run(&folder);
    assert!(translated.has("tso500.metrics-missing") && translated.has("tso500.metrics-sample-unknown"));
    assert!(translated.stdout.contains("no quality metrics are known"));
    assert!(translated.rows().iter().any(|row| row["code"] == "tso500.file-without-report"));
}

#[test]
fn a_metric_that_is_no_number_is_not_judged() {
    let folder = Folder::new("judged");
    folder.write("IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", local_app(BRAF));
    folder.write("MetricsOutput.tsv", metrics("IPD9050-D01-P01-A08_P", "TRUE", "high", "NA"));
    assert!(run(&folder).has("tso500.metric-not-judged"));
}

#[test]
fn lines_that_could_not_be_read_are_no_negative_result() {
    let bad = BRAF.replace("chr7", "chr77");
    for content in [local_app(&bad), local_app(BRAF).replace("Genomic Position", "GPos")] {
        let folder = Folder::new("unreadable");
        let file = folder.write("IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", content);
        let translated = translate(&file, &[]);
        assert_eq!(translated.status, 1);
        assert_eq!(report(&translated)["status"], "partial");
        assert!(translated.has("tso500.section-unreadable"));
        assert!(translated.stdout.contains("lines of section Small Variants could not be read"));
        let line = summary(&file).lines().find(|line| line.starts_with("Small variants")).unwrap().to_owned();
        assert!(line.ends_with("could not be read"), "{line}");
    }
}

#[test]
fn a_section_that_is_not_there_is_no_negative_result() {
    let folder = Folder::new("cut");
    let content = local_app(BRAF);
    let file = folder
        .write("IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", content.split("[Splice Variants]").next().unwrap());
    let translated = translate(&file, &[]);
    assert!(translated.has("tso500.section-missing"));
    assert!(translated.stdout.contains("has no section Small Variants; no statement about its findings"));
    let line = summary(&file).lines().find(|line| line.starts_with("Small variants")).unwrap().to_owned();
    assert!(line.ends_with("not in the result file"), "{line}");
}

#[test]
fn a_validation_sample_is_no_part_of_a_clinical_report() {
    let folder = Folder::new("validation");
    folder.write("a/IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", local_app(BRAF));
    let validation = local_app(KRAS).replace("-P01-", "-P91-");
    folder.write("b/IPD9050-D01-P91-A08_CombinedVariantOutput.tsv", validation);
    let translated = run(&folder);
    let bundle = translated.bundle();
    let reports = of_type(&bundle, "DiagnosticReport");
    assert_eq!(reports.len(), 2, "{}", translated.stderr);
    let variants = of_type(&bundle, "Observation");
    for (gene, is_test) in [("HGNC:1097", false), ("HGNC:6407", true)] {
        let variant = variants.iter().find(|variant| variant.to_string().contains(gene)).unwrap();
        assert_eq!(variant["meta"].to_string().contains("HTEST"), is_test, "{gene}");
    }
    assert!(!of_type(&bundle, "Patient")[0].to_string().contains("HTEST"), "the patient is a real one");
}

#[test]
fn a_normal_sample_is_not_reported_as_tumour() {
    let folder = Folder::new("normal");
    folder.write("a/IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", local_app(BRAF));
    let normal = local_app(KRAS).replace("-D01-P01-A08", "-D01-N01-B08");
    folder.write("b/IPD9050-D01-N01-B08_CombinedVariantOutput.tsv", normal);
    folder.write(
        "sample_list.tsv",
        "#sample_type\tsample_ID\tsample_pair_ID\tsample_output_ID\tsample_host_system_run_directory\n\
         DNA_tumor\tIPD9050-D01-P01-A08\tx\tx\t/r\nDNA_normal\tIPD9050-D01-N01-B08\tx\tx\t/r\n",
    );
    let translated = run(&folder);
    assert!(translated.has("inpred.sample-normal"));
    assert!(translated.stdout.contains("HGNC:1097") && !translated.stdout.contains("HGNC:6407"));
    assert!(translated.rows().iter().any(|row| row["code"] == "inpred.sample-normal"));
}

#[test]
fn foreign_samples_of_one_pair_id_are_not_one_patient() {
    let (folder, out) = (Folder::new("pairs"), Folder::new("bundles"));
    for (place, id) in [("lab1", "PAT-A"), ("lab2", "PAT-B")] {
        let content = local_app(BRAF).replace("IPD9050-D01-P01-A08_P", "1").replace("IPD9050-D01-P01-A08", id);
        folder.write(&format!("{place}/1_CombinedVariantOutput.tsv"), content);
    }
    let translated = translate(folder.path(), &["--out", out.path().to_str().unwrap()]);
    // The two files have one name and are not the same: one of them is used, never both as one.
    assert!(translated.has("file.copies-differ"), "{:?}", translated.codes());
    let written: Vec<String> = std::fs::read_dir(out.path())
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    assert!(written.iter().all(|bundle| !(bundle.contains("PAT-A") && bundle.contains("PAT-B"))));
    let folder = Folder::new("names");
    for id in ["PAT-A", "PAT-B"] {
        let content = local_app(BRAF).replace("IPD9050-D01-P01-A08_P", "1").replace("IPD9050-D01-P01-A08", id);
        folder.write(&format!("{id}_CombinedVariantOutput.tsv"), content);
    }
    assert!(run(&folder).has("cli.several-patients"));
}

#[test]
fn ids_that_contradict_each_other_are_not_used() {
    for (from, to) in [
        ("DNA Sample ID\tIPD9050-D01-P01-A08", "DNA Sample ID\tIPD9050-R03-P01-A08"),
        ("RNA Sample ID\tNA", "RNA Sample ID\tIPD9050-D01-P01-A08"),
        ("RNA Sample ID\tNA", "RNA Sample ID\tIPD9051-R03-P01-A08"),
        ("DNA Sample ID\tIPD9050-D01-P01-A08", "DNA Sample ID\tNA12878"),
    ] {
        let folder = Folder::new("contradiction");
        let file = folder.write("IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", local_app(BRAF).replacen(from, to, 1));
        let translated = translate(&file, &[]);
        assert_eq!((translated.status, translated.stdout.as_str()), (2, ""), "{to}");
        assert!(translated.has("tso500.id-mismatch"), "{to}: {:?}", translated.codes());
        assert!(translated.rows().iter().all(|row| row["outcome"] == "listed"), "{to}");
    }
}

#[test]
fn an_id_that_can_be_a_national_number_is_not_used() {
    // Synthetic (month + 80).
    const NUMBER: &str = "13897512345";
    let folder = Folder::new("personal");
    let content = local_app(BRAF).replace("IPD9050-D01-P01-A08", NUMBER);
    let file = folder.write(&format!("Folder {NUMBER}/{NUMBER}_CombinedVariantOutput.tsv"), content);
    let translated = translate(file.parent().unwrap().parent().unwrap(), &[]);
    assert!(translated.has("inpred.sample-id-personal"));
    for text in
        [&translated.stdout, &translated.stderr, &translated.issues.to_string(), &translated.accounting.to_string()]
    {
        assert!(!text.contains(NUMBER), "{text}");
    }
}

#[test]
fn tissue_is_not_taken_for_plasma() {
    for content in [
        local_app(BRAF) + "\n[DNA Fusions]\nNA\n",
        local_app(BRAF).replace("TruSight Oncology 500 - C", "DRAGEN TruSight Oncology 500 ctDNA - C"),
    ] {
        let folder = Folder::new("plasma");
        let translated = translate(&folder.write("IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", content), &[]);
        let specimen = of_type(&translated.bundle(), "Specimen").remove(0);
        assert_eq!(specimen["type"]["coding"][0]["code"], "TISS", "{}", translated.stderr);
        assert_eq!(assays(&translated), ["TruSight Oncology 500 DNA"]);
    }
}

#[test]
fn a_checksum_that_does_not_match_makes_the_report_partial() {
    let folder = Folder::new("checksum");
    let name = "IPD9050-D01-P01-A08_CombinedVariantOutput.tsv";
    folder.write(name, local_app(BRAF));
    folder.write("x_individual_files.md5", format!("{}  {name}\n", "0".repeat(32)));
    let translated = run(&folder);
    assert_eq!(report(&translated)["status"], "partial");
    assert!(translated.stdout.contains("checksum of the result file does not match"));
}

#[test]
fn a_sample_list_of_two_patients_joins_nothing() {
    let folder = Folder::new("list");
    folder.write("IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", local_app(BRAF));
    folder.write(
        "sample_list.tsv",
        "#sample_type\tsample_ID\tsample_pair_ID\tsample_output_ID\tsample_host_system_run_directory\n\
         DNA_tumor\tIPD9050-D01-P01-A08\tx\tx\t/r\nRNA_tumor\tIPD9051-R03-P01-A08\tx\tx\t/r\n",
    );
    let translated = run(&folder);
    assert!(translated.has("tso500.sample-list-conflict") && translated.has("tso500.sample-without-report"));
}
