//! Whose a file is: a name, a column or an id of another sample never gives its findings to this one.

use super::files::{BRAF_CALL, DNA, RNA, all_fusions, sample_list, table, vcf};
use super::look::{alleles, component, holder, line_of, outcome, outcomes, places, sample_of, variants, with};
use super::{BRAF, dragen, of_type, report, run};
use crate::support::{Folder, local_app};

const PAIRED: [&str; 2] = ["IPD9001-D01-P01-A08", "IPD9001-R03-P01-A08"];
const EML4_ALK: [&str; 6] = ["EML4", "ALK", "chr2:42522656", "chr2:29446394", "True", "True"];

#[test]
fn a_file_named_by_the_pair_is_that_of_its_kind_of_sample() {
    let [dna, rna] = PAIRED;
    let folder = Folder::new("pair");
    folder.write("IPD9001_CombinedVariantOutput.tsv", dragen(dna, rna, "NA\n"));
    let calls = vcf(dna, BRAF_CALL);
    folder.write("IPD9001.hard-filtered.vcf", &calls);
    let fusions = all_fusions(&[EML4_ALK]);
    folder.write("IPD9001_AllFusions.csv", &fusions);
    let translated = run(&folder);
    assert_eq!(variants(&translated).len(), 2, "{}", translated.stderr);
    for (file, line, sample) in [
        ("IPD9001.hard-filtered.vcf", line_of(&calls, "140453136"), dna),
        ("IPD9001_AllFusions.csv", line_of(&fusions, "EML4"), rna),
    ] {
        let resource = holder(&translated, file, line);
        assert_eq!(sample_of(&translated, &resource), sample, "{file}");
    }
}

/// The name says DNA, the content RNA: the finding stays where the name puts it, and says so.
#[test]
fn fusions_of_rna_under_the_name_of_a_dna_sample_are_told_so() {
    let folder = Folder::new("rna-of-dna");
    folder.write(&format!("{DNA}_CombinedVariantOutput.tsv"), local_app("NA\n"));
    let (name, fusions) = (format!("{DNA}_AllFusions.csv"), all_fusions(&[EML4_ALK]));
    folder.write(&name, &fusions);
    let translated = run(&folder);
    let line = line_of(&fusions, "EML4");
    assert_eq!(places(&translated, "tso500.conflict"), [format!("{name}:{line}")]);
    assert_eq!(sample_of(&translated, &holder(&translated, &name, line)), DNA);
}

/// The pair has its two samples in two runs: the kind of the file tells which one is meant.
#[test]
fn a_file_named_by_the_pair_of_two_runs_is_that_of_its_kind_of_sample() {
    let [dna, rna] = PAIRED;
    let folder = Folder::new("two-runs");
    folder.write("a/one_CombinedVariantOutput.tsv", dragen(dna, "NA", "NA\n"));
    folder.write("b/two_CombinedVariantOutput.tsv", dragen("NA", rna, "NA\n"));
    let (calls, fusions) = (vcf(dna, BRAF_CALL), all_fusions(&[EML4_ALK]));
    // Each lies in the folder of the other run.
    folder.write("b/IPD9001.hard-filtered.vcf", &calls);
    folder.write("a/IPD9001_AllFusions.csv", &fusions);
    let translated = run(&folder);
    for (file, line, sample) in [
        ("IPD9001.hard-filtered.vcf", line_of(&calls, "140453136"), dna),
        ("IPD9001_AllFusions.csv", line_of(&fusions, "EML4"), rna),
    ] {
        assert_eq!(sample_of(&translated, &holder(&translated, file, line)), sample, "{file}");
    }
    assert_eq!(places(&translated, "tso500.id-mismatch"), Vec::<String>::new());
}

#[test]
fn a_file_whose_pair_does_not_tell_the_sample_is_given_to_none() {
    let folder = Folder::new("unclear");
    for (run, sample) in [("a", "IPD9001-D01-P01-A08"), ("b", "IPD9001-D01-M01-A08")] {
        folder.write(&format!("{run}/{run}_CombinedVariantOutput.tsv"), dragen(sample, "NA", "NA\n"));
    }
    let (of_calls, of_fusions) = ("IPD9001.hard-filtered.vcf", "IPD9001_AllFusions.csv");
    // Of either of two DNA samples, as near to both; of an RNA sample that no result names.
    folder.write(of_calls, vcf("SAMPLE", BRAF_CALL));
    folder.write(&format!("a/{of_fusions}"), all_fusions(&[EML4_ALK]));
    let translated = run(&folder);
    let mut refused = places(&translated, "tso500.id-mismatch");
    refused.sort();
    assert_eq!(refused, [of_calls, of_fusions]);
    for file in [of_calls, of_fusions] {
        assert_eq!(outcomes(&translated, file), ["tso500.file-without-report"]);
    }
    assert_eq!(variants(&translated), Vec::<serde_json::Value>::new());
    let reports = of_type(&translated.bundle(), "DiagnosticReport");
    assert_eq!(reports.len(), 2);
    for report in reports {
        assert_eq!(report["status"], "partial");
        for file in [of_calls, of_fusions] {
            assert!(report.to_string().contains(&format!("{file} could not be used")), "{report}");
        }
    }
}

#[test]
fn a_vcf_whose_column_is_another_sample_is_not_used() {
    for column in ["IPD9051-D01-P01-A08", "IPD9050-D01-M01-A08", RNA] {
        let folder = Folder::new("column");
        folder.write(&format!("{DNA}_CombinedVariantOutput.tsv"), local_app("NA\n"));
        let name = format!("{DNA}.hard-filtered.vcf");
        folder.write(&name, vcf(column, BRAF_CALL));
        let translated = run(&folder);
        assert_eq!(places(&translated, "vcf.sample-other"), [format!("{name}:7")], "{column} {:?}", translated.codes());
        assert_eq!(outcomes(&translated, &name), ["vcf.sample-other"], "{column}");
        assert_eq!(alleles(&translated), Vec::<String>::new(), "{column}");
        assert_eq!(report(&translated)["status"], "partial", "{column}");
    }
}

#[test]
fn results_whose_sample_id_is_another_sample_are_not_used() {
    for id in ["IPD9051-D01-P01-A08", "IPD9050-D01-M01-A08"] {
        let folder = Folder::new("results");
        folder.write(&format!("{DNA}_CombinedVariantOutput.tsv"), local_app("NA\n"));
        let name = format!("{DNA}_SampleAnalysisResults.json");
        let variant = r#"{"vcfChromosome": "chr7", "vcfPosition": 140453136, "vcfRefAllele": "A", "vcfAltAllele": "T", "vcfVariantFrequency": 0.31, "totalDepth": 900, "altAlleleDepth": 280}"#;
        folder.write(
            &name,
            format!(
                "{{\"data\": {{\"sampleInformation\": {{\"sampleId\": \"{id}\"}},\n\"softwareConfiguration\": {{}},\n\
                 \"variants\": {{\"smallVariants\": [\n{variant}\n]}}}}}}\n"
            ),
        );
        let translated = run(&folder);
        assert_eq!(places(&translated, "tso500.id-mismatch"), [format!("{name}:sampleId")], "{:?}", translated.codes());
        assert_eq!(outcome(&translated, &name, 4), "tso500.id-mismatch", "{id}");
        assert_eq!(alleles(&translated), Vec::<String>::new(), "{id}");
        assert_eq!(report(&translated)["status"], "partial", "{id}");
    }
}

#[test]
fn a_line_about_another_sample_says_nothing_of_this_one() {
    let folder = Folder::new("line");
    let name = format!("{DNA}_small_variant_table.tsv");
    folder.write(&format!("{DNA}_CombinedVariantOutput.tsv"), local_app("NA\n"));
    folder.write(
        &name,
        table(&[
            &[("Sample_ID", "IPD9051-D01-P01-A08"), ("Tier", "TIER_1")],
            &[("Genomic_location", "7:55259515"), ("DNA_change", "T>G"), ("Gene_symbol", "EGFR")],
        ]),
    );
    let translated = run(&folder);
    assert_eq!(places(&translated, "tso500.id-mismatch"), [format!("{name}:3:Sample_ID")]);
    assert_eq!(outcome(&translated, &name, 3), "tso500.id-mismatch");
    assert_eq!(alleles(&translated), ["55259515 T>G"]);
    assert!(!translated.stdout.contains("TIER_1"));
    assert_eq!(report(&translated)["status"], "partial");
}

#[test]
fn fusions_of_plasma_that_name_another_sample_are_not_used() {
    let folder = Folder::new("plasma-fusions");
    let plasma = "IPD9050-C01-L01-B08";
    let name = format!("{plasma}_Fusions.csv");
    folder.write(
        &name,
        "Sample,Name,Chr1,Pos1,Chr2,Pos2,Direction,Alt_Depth,BP1_Depth,BP2_Depth,Total_Depth,VAF,Gene1,Gene2,Contig,Filter,Is_Cosmic_GenePair\n\
         IPD9051-C01-L01-B08,EML4-ALK,chr2,42522656,chr2,29446394,+-,12,900,900,1800,0.0067,EML4,ALK,x,PASS,True\n",
    );
    let translated = run(&folder);
    assert_eq!(places(&translated, "tso500.id-mismatch"), [format!("{name}:2:Sample")], "{:?}", translated.codes());
    assert_eq!(outcome(&translated, &name, 2), "tso500.id-mismatch");
    assert_eq!(with(&translated, "direction-known"), Vec::<serde_json::Value>::new());
}

/// A sample that the laboratory lists and whose result is not here: neither negative nor "not assayed".
#[test]
fn a_listed_sample_without_result_makes_the_report_partial() {
    let folder = Folder::new("listed");
    folder.write(&format!("{DNA}_CombinedVariantOutput.tsv"), local_app(BRAF));
    folder.write("sample_list.tsv", sample_list(&[("DNA_tumor", DNA), ("RNA_tumor", RNA)]));
    let translated = run(&folder);
    assert_eq!(places(&translated, "tso500.sample-without-report"), ["sample_list.tsv:3"]);
    assert_eq!(outcome(&translated, "sample_list.tsv", 3), "tso500.sample-without-report");
    assert!(outcome(&translated, "sample_list.tsv", 2).starts_with("Specimen/"));
    let report = report(&translated);
    assert_eq!(report["status"], "partial");
    let text = format!("{RNA}: the sample is listed, its result file is not in the folder; no statement about it");
    assert!(report.to_string().contains(&text), "{report}");
    assert!(!translated.stdout.contains("RNA was not assayed"), "it may have been");
    assert_eq!(alleles(&translated), ["140453136 A>T"]);
    let braf = &with(&translated, "69547-8")[0];
    assert_eq!(component(braf, "48018-6").unwrap()["valueCodeableConcept"]["text"], "BRAF");
    // A normal sample has no result of its own.
    folder.write("sample_list.tsv", sample_list(&[("DNA_tumor", DNA), ("DNA_normal", "IPD9050-D01-N01-B08")]));
    assert_eq!(super::report(&run(&folder))["status"], "preliminary");
}
