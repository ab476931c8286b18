//! What people of the laboratory decided: it holds for every file, and nothing of it is guessed.

use super::files::{DNA, KRAS_CELLS, metadata, table, table_with, vcf};
use super::look::{alleles, line_of, outcome, outcomes, places, with};
use super::{BRAF, KRAS, of_type, report, run};
use crate::support::{Folder, Translated, local_app};
use impress_gateway::sources::tso500::small_variant_table::COLUMNS;

const CVO: &str = "IPD9050-D01-P01-A08_CombinedVariantOutput.tsv";
const PLAIN: &str = "IPD9050-D01-P01-A08_small_variant_table.tsv";
const EDITED: &str = "IPD9050-D01-P01-A08_small_variant_table_forQC.tsv";

/// BRAF and KRAS in the result file, and these tables beside it.
fn with_tables(tables: &[(&str, String)]) -> (Translated, String) {
    let (folder, result) = (Folder::new("tables"), local_app(&format!("{BRAF}{KRAS}")));
    folder.write(CVO, &result);
    for (name, content) in tables {
        folder.write(name, content);
    }
    (run(&folder), result)
}

fn kras<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    KRAS_CELLS.iter().chain(more).copied().collect()
}

/// `normal_origin` alone holds for the table; the exclusion holds for every file, whatever stands beside it.
#[test]
fn an_exclusion_beside_normal_origin_excludes() {
    for (cells, excluded) in [
        (vec![("Class_judgement", "exclude"), ("Filters", "normal_origin")], true),
        (vec![("Class_judgement", "exclude"), ("Filters", "normal_origin"), ("Tier", "TNA")], true),
        (vec![("Class_judgement", "exclude"), ("TSO500_LocalApp_class", "BL")], true),
        (vec![("Class_judgement", "include"), ("Filters", "normal_origin")], false),
    ] {
        let (translated, result) = with_tables(&[(PLAIN, table(&[&cells]))]);
        let found: &[&str] = if excluded { &["25398284 C>T"] } else { &["140453136 A>T", "25398284 C>T"] };
        assert_eq!(alleles(&translated), found, "{cells:?}");
        let of_result = outcome(&translated, CVO, line_of(&result, "140453136"));
        let of_table = outcome(&translated, PLAIN, 3);
        if excluded {
            assert_eq!([of_result, of_table], ["tsoppi.variant-excluded"; 2], "{cells:?}");
            assert!(!translated.stdout.contains("140453136"));
        } else {
            assert!(of_result.starts_with("Observation/"));
            assert_eq!(of_table, "tsoppi.variant-of-normal");
            let place = format!("{CVO}:{}", line_of(&result, "140453136"));
            assert_eq!(places(&translated, "tso500.conflict"), [place]);
            assert!(translated.stdout.contains("the laboratory's table does not count the variant"));
        }
    }
}

/// Only the edited table has the decisions: without it the plain one says less than nothing.
#[test]
fn a_plain_table_does_not_stand_in_for_an_edited_one_that_cannot_be_used() {
    let columns: Vec<&str> = COLUMNS.into_iter().filter(|name| *name != "Class_judgement").collect();
    let edited = table_with(&columns, &[&kras(&[])]);
    let plain = table(&[&[("Tier", "TIER_1")], &kras(&[("Tier", "TIER_2")])]);
    let (translated, _) = with_tables(&[(EDITED, edited), (PLAIN, plain.clone())]);
    assert_eq!(places(&translated, "tso500.column-missing"), [format!("{EDITED}:2:Class_judgement")]);
    assert_eq!(outcomes(&translated, EDITED), ["tso500.column-missing"]);
    assert_eq!(outcomes(&translated, PLAIN), ["tsoppi.table-superseded"]);
    assert!(!translated.stdout.contains("TIER_"), "{}", translated.stdout);
    let report = report(&translated);
    assert_eq!(report["status"], "partial");
    assert!(report.to_string().contains(&format!("{DNA}: {EDITED} could not be used")), "{report}");
    // Alone it is used.
    let (translated, _) = with_tables(&[(PLAIN, plain)]);
    assert!(translated.stdout.contains("TIER_1"));
    assert_eq!(super::report(&translated)["status"], "preliminary");
}

/// Of two edited tables nobody can say which one holds: what either excludes is excluded.
#[test]
fn of_two_edited_tables_each_exclusion_holds() {
    let copy = "IPD9050-D01-P01-A08_small_variant_table_forQC - Kopi.tsv";
    let one = table(&[&[("Class_judgement", "exclude")], &kras(&[])]);
    let two = table(&[&[], &kras(&[("Class_judgement", "exclude")])]);
    for tables in [[(EDITED, one.clone()), (copy, two.clone())], [(copy, one.clone()), (EDITED, two.clone())]] {
        let (translated, result) = with_tables(&tables);
        let second = [copy, EDITED].into_iter().max().unwrap();
        assert_eq!(places(&translated, "tso500.sample-duplicated"), [second]);
        assert_eq!(alleles(&translated), Vec::<String>::new());
        for (file, line) in [
            (CVO, line_of(&result, "140453136")),
            (CVO, line_of(&result, "25398284")),
            (EDITED, 3),
            (EDITED, 4),
            (copy, 3),
            (copy, 4),
        ] {
            assert_eq!(outcome(&translated, file, line), "tsoppi.variant-excluded", "{file}:{line}");
        }
    }
}

#[test]
fn a_table_in_which_a_deciding_column_stands_twice_is_not_used() {
    for column in
        ["Class_judgement", "class_judgement", "IGV_QC", "Filters", "Tier", "Genomic_location", "AF_tumor_DNA"]
    {
        let columns: Vec<&str> = COLUMNS.into_iter().chain([column]).collect();
        // The second Class_judgement says `exclude`.
        let content = table_with(&columns, &[&[("Tier", "TIER_1")]]).replace("\tTIER_1\t", "\tTIER_3\t");
        let (translated, result) = with_tables(&[(PLAIN, content)]);
        assert_eq!(places(&translated, "tso500.column-repeated"), [format!("{PLAIN}:2:{column}")]);
        assert_eq!(outcomes(&translated, PLAIN), ["tso500.column-repeated"], "{column}");
        assert_eq!(alleles(&translated), ["140453136 A>T", "25398284 C>T"], "what the pipeline calls stays");
        assert!(outcome(&translated, CVO, line_of(&result, "140453136")).starts_with("Observation/"));
        assert!(!translated.stdout.contains("TIER_"));
        assert_eq!(report(&translated)["status"], "partial", "{column}");
    }
    // A column that only describes decides nothing: the first one is used.
    let columns: Vec<&str> = COLUMNS.into_iter().chain(["Drugs"]).collect();
    let (translated, _) = with_tables(&[(PLAIN, table_with(&columns, &[&[]]))]);
    assert_eq!(places(&translated, "tso500.column-repeated"), [format!("{PLAIN}:2:Drugs")]);
    assert!(outcome(&translated, PLAIN, 3).starts_with("Observation/"));
}

const METADATA: &str = "InPreD_PRONTO_metadata.txt";

fn with_metadata(content: &str, result: &str) -> Translated {
    let folder = Folder::new("metadata");
    folder.write(CVO, result);
    folder.write(METADATA, content);
    run(&folder)
}

#[test]
fn who_is_no_longer_in_the_trial_is_no_subject_of_it() {
    let sentence = "The laboratory's metadata says that the patient is not in the trial (IKKE IMPRESS)";
    for cell in ["IKKE IMPRESS lenger", "ikke  impress lenger", "IMPR.X-0999, IKKE IMPRESS lenger"] {
        let translated = with_metadata(&metadata(&[("Study_id", cell)]), &local_app(BRAF));
        assert!(!translated.stdout.contains("IMPR.X-0999"), "{cell}");
        assert_eq!(translated.stdout.matches("study-subject").count(), 0, "{cell}");
        assert!(report(&translated).to_string().contains(sentence), "{cell}");
        assert!(outcome(&translated, METADATA, 2).starts_with("Specimen/"), "{cell}");
        let both = cell.contains("0999");
        let conflicts = if both { vec![format!("{METADATA}:2:Study_id")] } else { vec![] };
        assert_eq!(places(&translated, "tso500.conflict"), conflicts, "{cell}");
    }
    let translated = with_metadata(&metadata(&[("Study_id", "IMPR.X-0999")]), &local_app(BRAF));
    assert!(of_type(&translated.bundle(), "Patient")[0].to_string().contains("IMPR.X-0999"));
    assert!(!translated.stdout.contains("IKKE IMPRESS"));
}

/// One column names a subject, the other says that the person is none.
#[test]
fn metadata_in_which_a_column_about_the_person_stands_twice_is_not_used() {
    let content = format!("Sample_id\tSex\tStudy_id\tStudy_id\n{DNA}\tF\tIMPR.X-0999\tIKKE IMPRESS\n");
    let translated = with_metadata(&content, &local_app(BRAF));
    assert_eq!(places(&translated, "tso500.column-repeated"), [format!("{METADATA}:1:Study_id")]);
    assert_eq!(outcome(&translated, METADATA, 2), "tso500.column-repeated");
    let patient = of_type(&translated.bundle(), "Patient").remove(0);
    assert!(!patient.to_string().contains("IMPR.X-0999") && patient["gender"].is_null(), "{patient}");
    assert_eq!(alleles(&translated), ["140453136 A>T"]);
}

#[test]
fn a_diagnosis_in_free_text_is_not_carried_over() {
    let text = "Melanom, se brev fra Kari Synthetisk";
    let translated = with_metadata(
        &metadata(&[("Clinical_diagnosis", text), ("Molecular_pathology_comment", text)]),
        &local_app(BRAF),
    );
    for column in ["Clinical_diagnosis", "Molecular_pathology_comment"] {
        let place = format!("{METADATA}:1:{column}");
        assert!(places(&translated, "inpred.free-text-not-carried").contains(&place), "{column}");
    }
    for output in
        [&translated.stdout, &translated.stderr, &translated.issues.to_string(), &translated.accounting.to_string()]
    {
        assert!(!output.contains("Synthetisk"), "{output}");
    }
    assert!(outcome(&translated, METADATA, 2).starts_with("Specimen/"));
}

/// What stands only in the metadata is no resource, and what is missing beside it is no negative result.
#[test]
fn a_result_that_only_the_metadata_tells_makes_the_report_partial() {
    let result = local_app(BRAF);
    let without = result
        .replace("Total TMB\t7.8\n", "Total TMB\tNA\n")
        .replace("Coding Region Size in Megabases\t1.28", "Coding Region Size in Megabases\tNA")
        .replace("Number of Passing Eligible Variants\t10", "Number of Passing Eligible Variants\tNA")
        .replace("Usable MSI Sites\t120", "Usable MSI Sites\tNA")
        .replace("Total MSI Sites Unstable\t3", "Total MSI Sites Unstable\tNA")
        .replace("Percent Unstable MSI Sites\t2.50", "Percent Unstable MSI Sites\tNA");
    for (column, cell, words) in [("TMB_TSO500", "7.8 (10)", "7.8"), ("MSI_TSO500", "2.50 (3/120)", "2.50")] {
        let content = metadata(&[(column, cell)]);
        let translated = with_metadata(&content, &without);
        assert_eq!(places(&translated, "tsoppi.summary-without-finding"), [format!("{METADATA}:2:{column}")]);
        let of_report = report(&translated);
        assert_eq!(of_report["status"], "partial", "{column}");
        let text = format!("{METADATA} says {words}, and no result file of the pipeline has it");
        assert!(of_report.to_string().contains(&text), "{of_report}");
        let observations = of_type(&translated.bundle(), "Observation");
        let codes: Vec<String> = observations.iter().map(|it| it["code"]["coding"][0]["code"].to_string()).collect();
        assert!(!codes.iter().any(|code| code.contains("94076-7") || code.contains("81695-9")), "{codes:?}");
        assert!(outcome(&translated, METADATA, 2).starts_with("Specimen/"));
        // The pipeline's own number beside it: nothing is missing.
        assert_eq!(report(&with_metadata(&content, &result))["status"], "preliminary", "{column}");
    }
}

#[test]
fn a_result_that_only_the_summary_tells_makes_the_report_partial() {
    let folder = Folder::new("summary-only");
    folder.write(&format!("{DNA}.hard-filtered.vcf"), vcf(DNA, super::files::BRAF_CALL));
    let name = "250101_A02134_0001_AHAAAAAAA1_variant_summary.tsv";
    let head = "sample_id\tTMB\tMSI\tgene_amplifications\tsplice_variants\tfusions\n";
    folder.write(name, format!("{head}{DNA}_P\t14.9 (19)\t4.13 (5/121)\tNA\tNA\tNA\n"));
    let translated = run(&folder);
    let place = |column: &str| format!("{name}:2:{column}");
    assert_eq!(places(&translated, "tsoppi.summary-without-finding"), [place("TMB"), place("MSI")]);
    assert_eq!(outcome(&translated, name, 2), "tsoppi.summary-without-finding");
    assert_eq!(report(&translated)["status"], "partial");
    assert!(!translated.stdout.contains("94076-7") && !translated.stdout.contains("81695-9"));
    assert_eq!(with(&translated, "69547-8").len(), 1);
    for words in ["14.9", "4.13"] {
        let text = format!("{name} says {words}, and no result file of the pipeline has it");
        assert!(report(&translated).to_string().contains(&text), "{text}");
    }
}
