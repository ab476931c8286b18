//! Files that are there twice, or not as they were exported, or not where they seem to be.

use std::os::unix::fs::symlink;

use impress_gateway::config::Config;
use impress_gateway::pipeline::{PatientBundle, translate as translate_in_process};
use impress_gateway::startup;
use serde_json::Value;

use super::files::{BRAF_CALL, DNA, vcf};
use super::look::{alleles, number, outcome, outcomes, places, with};
use super::{BRAF, KRAS, metrics, of_type, report, run};
use crate::support::{Folder, golden, local_app, translate};

const CVO: &str = "IPD9050-D01-P01-A08_CombinedVariantOutput.tsv";

/// Two versions of a file: one is used, and the report says that the other may be the one that holds.
#[test]
fn copies_that_differ_make_the_report_partial() {
    let call = |af: &str| vcf(DNA, &BRAF_CALL.replace("0.31", af));
    let trace = |vaf: &str| {
        format!(
            "Chromosome\tPosition\tRefCall\tAltCall\tVAF\tDepth\tGermlineFilterDatabase\tGermlineFilterProxi\nchr7\t140453136\tA\tT\t{vaf}\t900\tFalse\tFalse\n"
        )
    };
    let (of_calls, of_trace) = (format!("{DNA}.hard-filtered.vcf"), format!("{DNA}_TMB_Trace.tsv"));
    for (name, used, other) in [
        (CVO, local_app(BRAF), local_app(&BRAF.replace("0.31", "0.32"))),
        (&*of_calls, call("0.31"), call("0.32")),
        (&*of_trace, trace("0.31"), trace("0.32")),
    ] {
        let folder = Folder::new("differ");
        folder.write(&format!("Results/{CVO}"), local_app(BRAF));
        folder.write(&format!("Results/{name}"), &used);
        folder.write(&format!("Logs_Intermediates/x/{name}"), &other);
        let translated = run(&folder);
        assert_eq!(places(&translated, "file.copies-differ"), [name], "{name}");
        assert_eq!(outcomes(&translated, &format!("Logs_Intermediates/x/{name}")), ["file.copies-differ"]);
        let of_report = report(&translated);
        assert_eq!(of_report["status"], "partial", "{name}");
        let text = format!("{DNA}: copies of {name} differ; the one that was used may not be the one that holds");
        assert!(of_report.to_string().contains(&text), "{of_report}");
        assert_eq!(number(&with(&translated, "69547-8")[0], "81258-6").as_deref(), Some("0.31"));
        assert!(!translated.stdout.contains("0.32"));
        // The same bytes are one file.
        folder.write(&format!("Logs_Intermediates/x/{name}"), &used);
        let translated = run(&folder);
        assert_eq!(places(&translated, "file.copies-differ"), Vec::<String>::new(), "{name}");
        assert_eq!(report(&translated)["status"], "preliminary", "{name}");
    }
}

/// One copy says that the assay passed, the other that it failed.
#[test]
fn metrics_whose_copies_differ_make_the_reports_partial_that_they_judge() {
    for (results, other) in [("900", "1"), ("900", "901")] {
        let folder = Folder::new("metrics-differ");
        folder.write(&format!("r1/Results/{CVO}"), local_app(BRAF));
        folder.write("r1/Results/MetricsOutput.tsv", metrics(&format!("{DNA}_P"), "TRUE", results, "NA"));
        let copy = "r1/Logs_Intermediates/MetricsOutput/MetricsOutput.tsv";
        folder.write(copy, metrics(&format!("{DNA}_P"), "TRUE", other, "NA"));
        // Another run, whose metrics are there once.
        let second = "IPD9050-D01-M01-A08";
        folder.write(&format!("r2/Results/{second}_CombinedVariantOutput.tsv"), local_app(KRAS).replace(DNA, second));
        folder.write("r2/Results/MetricsOutput.tsv", metrics(&format!("{second}_P"), "TRUE", "900", "NA"));
        let translated = run(&folder);
        assert_eq!(places(&translated, "file.copies-differ"), ["MetricsOutput.tsv"]);
        assert_eq!(outcomes(&translated, copy), ["file.copies-differ"]);
        let reports = of_type(&translated.bundle(), "DiagnosticReport");
        let text = format!("{DNA}: copies of MetricsOutput.tsv differ");
        let (of_first, of_second): (Vec<_>, Vec<_>) = reports.iter().partition(|it| it.to_string().contains(&text));
        assert_eq!((of_first.len(), of_second.len()), (1, 1), "{}", translated.stderr);
        assert_eq!((&of_first[0]["status"], &of_second[0]["status"]), (&"partial".into(), &"preliminary".into()));
    }
}

/// What makes a report partial does not depend on how many issues are kept.
#[test]
fn copies_that_differ_are_known_where_no_issue_is_kept() {
    let folder = Folder::new("limit");
    let name = format!("{DNA}.hard-filtered.vcf");
    folder.write(&format!("Results/{CVO}"), local_app(BRAF));
    folder.write(&format!("Results/{name}"), vcf(DNA, BRAF_CALL));
    folder.write(&format!("Logs_Intermediates/x/{name}"), vcf(DNA, &BRAF_CALL.replace("0.31", "0.32")));
    let mut gateway = startup::load(&Config::default()).unwrap();
    gateway.limits.issues = 0;
    let mut patients: Vec<PatientBundle> = Vec::new();
    let translation = translate_in_process(&gateway, folder.path(), &mut patients);
    assert!(translation.account.issues_dropped > 0);
    let bundle: Value = serde_json::from_str(&patients[0].bundle).unwrap();
    let of_report = of_type(&bundle, "DiagnosticReport").remove(0);
    assert_eq!(of_report["status"], "partial");
    assert!(of_report.to_string().contains(&format!("copies of {name} differ")));
}

#[test]
fn an_unusable_result_file_beside_a_good_vcf_makes_the_report_partial() {
    for (content, code) in [
        ("damaged\n".to_owned(), "tso500.banner-missing"),
        (local_app(KRAS).replace("DNA Sample ID\tIPD9050-D01-P01-A08", "DNA Sample ID\tNA"), "tso500.value-required"),
    ] {
        let folder = Folder::new("unusable");
        folder.write(CVO, &content);
        folder.write(&format!("{DNA}.hard-filtered.vcf"), vcf(DNA, BRAF_CALL));
        let translated = run(&folder);
        assert!(places(&translated, code)[0].starts_with(CVO), "{:?}", translated.codes());
        assert!(outcomes(&translated, CVO).iter().all(|outcome| !outcome.contains('/')), "no line of it is used");
        let of_report = report(&translated);
        assert_eq!(of_report["status"], "partial", "{code}");
        let text = format!("{DNA}: the CombinedVariantOutput is there and could not be used");
        assert!(of_report.to_string().contains(&text), "{of_report}");
        assert!(!of_report.to_string().contains("there is no CombinedVariantOutput"));
        assert!(of_report.to_string().contains(&format!("{DNA}: no file tells TMB; no statement about it")));
        assert_eq!(alleles(&translated), ["140453136 A>T"]);
        assert!(outcome(&translated, &format!("{DNA}.hard-filtered.vcf"), 8).starts_with("Observation/"));
        let observations = of_type(&translated.bundle(), "Observation");
        assert_eq!(observations.len(), 1, "neither biomarker nor amplification: {observations:?}");
    }
}

/// Whoever can write into a folder must not make the gateway read another one.
#[test]
fn a_link_that_leads_out_of_the_folder_is_not_followed() {
    let outside = Folder::new("outside");
    let other =
        outside.write("IPD9051-D01-P01-A08_CombinedVariantOutput.tsv", local_app(KRAS).replace("IPD9050", "IPD9051"));
    let trace = outside.write("trace.tsv", "Chromosome\tPosition\tRefCall\tAltCall\nchr7\t140453136\tA\tT\n");
    let folder = Folder::new("inside");
    folder.write(&format!("real/{CVO}"), local_app(BRAF));
    symlink(&other, folder.path().join("IPD9051-D01-P01-A08_CombinedVariantOutput.tsv")).unwrap();
    symlink(outside.path(), folder.path().join("there")).unwrap();
    symlink(&trace, folder.path().join(format!("real/{DNA}_TMB_Trace.tsv"))).unwrap();
    // Inside it a link is a way like any other.
    symlink(folder.path().join("real"), folder.path().join("again")).unwrap();
    let translated = run(&folder);
    assert_eq!(translated.status, 1);
    let expected = [
        "IPD9051-D01-P01-A08_CombinedVariantOutput.tsv",
        "IPD9050-D01-P01-A08_TMB_Trace.tsv",
        "IPD9050-D01-P01-A08_TMB_Trace.tsv",
        "there",
    ];
    let mut places = places(&translated, "folder.symlink-outside");
    places.sort();
    let mut sorted = expected.to_vec();
    sorted.sort_unstable();
    assert_eq!(places, sorted);
    assert_eq!(alleles(&translated), ["140453136 A>T"]);
    assert!(!translated.stdout.contains("IPD9051") && !translated.stdout.contains("HGNC:6407"));
    assert!(translated.rows().iter().all(|row| row["file"].as_str().unwrap().ends_with(CVO)));
    // What the caller names is followed: the folder, or a file, may itself be a link.
    let way = outside.path().join("way");
    symlink(folder.path(), &way).unwrap();
    assert_eq!(alleles(&translate(&way, &[])), ["140453136 A>T"]);
    let file = outside.path().join("IPD9050_CombinedVariantOutput.tsv");
    symlink(folder.path().join(format!("real/{CVO}")), &file).unwrap();
    assert_eq!(alleles(&translate(&file, &[])), ["140453136 A>T"]);
}

fn document() -> String {
    std::fs::read_to_string(golden().join("../foundation_one/plasma/input.xml")).unwrap()
}

#[test]
fn a_second_document_of_the_same_report_is_refused_and_doubted() {
    let folder = Folder::new("documents");
    folder.write("a.xml", document());
    folder.write("b.xml", document().replace("allele-fraction=\"0.0131\"", "allele-fraction=\"0.0999\""));
    let translated = run(&folder);
    assert_eq!(places(&translated, "tso500.sample-duplicated"), ["b.xml"]);
    assert!(outcomes(&translated, "b.xml").iter().all(|outcome| !outcome.contains('/')));
    let egfr = document().lines().position(|line| line.contains("0.0131")).unwrap() + 1;
    assert_eq!(outcome(&translated, "b.xml", egfr), "tso500.sample-duplicated");
    assert!(outcome(&translated, "a.xml", egfr).starts_with("Observation/"));
    assert!(translated.stdout.contains("0.0131") && !translated.stdout.contains("0.0999"));
    let reports = of_type(&translated.bundle(), "DiagnosticReport");
    assert_eq!((reports.len(), &reports[0]["status"]), (1, &Value::from("partial")));
    assert!(reports[0].to_string().contains("another document of the same report differs"));
}

#[test]
fn the_same_document_twice_is_one_and_its_issues_are_told_once() {
    let folder = Folder::new("twice");
    folder.write("a.xml", document());
    let once = run(&folder);
    assert!(
        once.has("foundation.variant-undefined") && once.has("foundation.rearrangement-no-fusion"),
        "{:?}",
        once.codes()
    );
    folder.write("mail/report - Kopi.xml", document());
    let twice = run(&folder);
    assert_eq!(twice.codes(), once.codes());
    assert_eq!(twice.stdout, once.stdout);
    assert_eq!(twice.accounting, once.accounting);
    assert_eq!(of_type(&twice.bundle(), "DiagnosticReport")[0]["status"], "preliminary");
}

/// Two coordinates with a hyphen have as many digits as a national number, and are none.
#[test]
fn coordinates_of_the_vendor_stay_whole_and_numbers_of_persons_do_not() {
    let number = "13897512345";
    let content = document()
        .replace("protein-effect=\"splice site 375+1_375+4del\"", &format!("protein-effect=\"splice {number}\""))
        .replace("protein-effect=\"E746_A750del\"", "protein-effect=\"138975-12345\"")
        .replace("<quality-control status=\"Pass\"/>", &format!("<quality-control status=\"chr1:{number}\"/>"))
        .replace("position=\"chr7:55242464\"", "position=\"chr7:55242464-55242478\"");
    let folder = Folder::new("coordinates");
    folder.write("a.xml", content);
    let translated = run(&folder);
    let issue = translated.issues.to_string();
    assert!(issue.contains("TP53, chr17:7577000-7577100"), "{issue}");
    let listed = translated.accounting.to_string();
    assert!(listed.contains("TP53, chr17:7577000-7577100"), "{listed}");
    assert!(translated.stdout.contains("chr17:7577000-7577100, chr17:7600000-7600100"), "{}", translated.stderr);
    assert!(translated.stdout.contains("chr7:55242464-55242478"), "{}", translated.stderr);
    for output in [&translated.stdout, &translated.stderr, &issue, &listed] {
        assert!(!output.contains(number) && !output.contains("138975-12345"), "{output}");
    }
}
