use std::sync::Arc;

use crate::domain::accounting::Outcome;
use crate::domain::decimal::Decimal;
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;

use super::super::super::wire::Dialect;
use super::{issues, outcomes, parse_sections, parse_str, parse_within};

const LOCAL_APP: &str = "\
TruSight Oncology 500 - Combined Variant Output\t\t\t
For Research Use Only. Not for use in diagnostic procedures.\t\t\t
\t\t\t
[Analysis Details]\t\t\t
Pair ID\tIPD9001-D01-P91-A08_P
DNA Sample ID\tIPD9001-D01-P91-A08
RNA Sample ID\tNA
Output Date\t2026-01-15
Output Time\t18:33:23
Module Version\tNA
Pipeline Version\truo-2.2.0.12

[Sequencing Run Details]
Run Name\t260101_NB000000_0001_AXXXXXXXXX
Run Date\tNA

[TMB]
Total TMB\t7.8
Coding Region Size in Megabases\t1.28
Number of Passing Eligible Variants\t10

[MSI]
Usable MSI Sites\t118
Total MSI Sites Unstable\t5
Percent Unstable MSI Sites\t4.24

[Gene Amplifications]
Gene\tFold Change
ERBB2\t6.120

[Splice Variants]
Gene\tAffected Exon\tBreakpoint 1\tBreakpoint 2\tSplice Supporting Reads\tReference Reads Transcript
NA

[Fusions]
Gene Pair\tBreakpoint 1\tBreakpoint 2\tFusion Supporting Reads\tGene 1 Reference Reads\tGene 2 Reference Reads
NA

[Small Variants]
Gene\tChromosome\tGenomic Position\tReference Call\tAlternative Call\tAllele Frequency\tDepth\tP-Dot Notation\t\
C-Dot Notation\tConsequence(s)\tAffected Exon(s)
BRAF\tchr7\t140453136\tA\tT\t0.2870\t712\tNP_004324.2:p.(Val600Glu)\tNM_004333.4:c.1799T>A\tmissense_variant\t15/18
";

#[test]
fn a_local_app_file_is_read_as_written() {
    let (output, account) = parse_str(LOCAL_APP);
    assert_eq!((output.dialect, output.product.as_str()), (Dialect::LocalApp, "TruSight Oncology 500"));
    let details = &output.details;
    let text = |held: &Option<super::super::super::wire::Held<String>>| held.as_ref().map(|held| held.value.clone());
    assert_eq!(text(&details.pair_id).as_deref(), Some("IPD9001-D01-P91-A08_P"));
    assert_eq!(text(&details.dna_sample_id).as_deref(), Some("IPD9001-D01-P91-A08"));
    assert_eq!((text(&details.rna_sample_id), text(&details.sample_id)), (None, None));
    assert_eq!(details.output_date.as_ref().map(|held| held.value.iso()).as_deref(), Some("2026-01-15"));
    assert_eq!(details.output_time.as_ref().map(|held| held.value.iso()).as_deref(), Some("18:33:23"));
    assert_eq!(output.run_details.iter().map(|held| held.value.key.as_str()).collect::<Vec<_>>(), ["Run Name"]);
    assert_eq!(output.tmb.total.as_ref().map(|held| held.value.as_str()), Some("7.8"));
    assert_eq!(output.tmb.eligible_variants.as_ref().map(|held| held.value), Some(10));
    assert_eq!(output.msi.percent_unstable.as_ref().map(|held| held.value.as_str()), Some("4.24"));
    assert_eq!(output.gene_amplifications[0].fold_change.as_ref().map(Decimal::as_str), Some("6.120"));
    let variant = &output.small_variants[0];
    assert_eq!((variant.chromosome.as_str(), variant.position), ("7", 140_453_136));
    assert_eq!(variant.allele_frequency.as_ref().map(|value| value.as_str()), Some("0.2870"));
    assert_eq!((variant.depth, variant.exon.as_deref()), (Some(712), Some("15/18")));
    assert_eq!(variant.p_dot.as_deref(), Some("NP_004324.2:p.(Val600Glu)"));
    assert_eq!(variant.consequences, ["missense_variant"]);
    assert_eq!(account.issues, []);
    let listed: Vec<_> = outcomes(&account).into_iter().filter_map(|(line, code)| Some((line, code?))).collect();
    assert_eq!(
        listed,
        [
            (7, IssueCode::ValueMissing),
            (10, IssueCode::ValueMissing),
            (15, IssueCode::ValueMissing),
            (33, IssueCode::SectionNotAssayed),
            (37, IssueCode::SectionNotAssayed),
        ]
    );
}

#[test]
fn each_held_row_is_named_by_its_line() {
    let (output, account) = parse_str(LOCAL_APP);
    let line = |row| account.ledger.row(row).map(|row| row.line);
    let variant = &output.small_variants[0];
    assert_eq!((line(variant.row), variant.line), (Some(41), 41));
    let total = output.tmb.total.unwrap();
    assert_eq!((line(total.row), total.line), (Some(18), 18));
}

#[test]
fn the_dialect_is_in_the_banner_and_the_keys() {
    for (banner, details, dialect) in [
        ("TruSight Oncology 500", "DNA Sample ID\tD\n", Dialect::LocalApp),
        ("DRAGEN TruSight Oncology 500 Analysis Software", "DNA Sample ID\tD\n", Dialect::Dragen),
        ("DRAGEN TruSight Oncology 500 v2.6.2 Analysis Software", "DNA Sample ID\tD\n", Dialect::Dragen),
        ("DRAGEN TruSight Oncology 500 ctDNA Analysis Software", "DNA Sample ID\tD\n", Dialect::DragenCtDna),
        ("DRAGEN TruSight Oncology 500 Analysis Software", "Sample ID\tD\n", Dialect::DragenCtDna),
        ("DRAGEN TruSight Oncology 500 Analysis Software", "Sample ID\tS\nDNA Sample ID\tD\n", Dialect::Dragen),
        ("DRAGEN TruSight Oncology 500 Analysis Software", "DNA Sample ID\tD\n[DNA Fusions]\nNA\n", Dialect::Dragen),
        // A damaged key makes no plasma of tissue.
        ("TruSight Oncology 500", "Sample ID\tD\n", Dialect::LocalApp),
    ] {
        let (output, _) = parse_str(&format!("{banner} - Combined Variant Output\n[Analysis Details]\n{details}"));
        assert_eq!((output.dialect, output.product.as_str()), (dialect, banner), "{details}");
    }
}

#[test]
fn an_unknown_pipeline_version_is_said() {
    for (version, known) in [
        ("ruo-2.2.0.12", true),
        ("ruo-2.1.1.4", true),
        ("2.1.1", true),
        ("2.5.2.3", true),
        ("2.6.2.4", true),
        ("1", false),
        ("2.7.0.1", false),
        ("ruo-2.6.1", false),
        ("NA", false),
    ] {
        let content = format!(
            "DRAGEN TruSight Oncology 500 Analysis Software - Combined Variant Output\n[Analysis Details]\n\
             DNA Sample ID\tD\nPipeline Version\t{version}\n"
        );
        let (_, account) = parse_str(&content);
        let said = account.issues.iter().any(|issue| issue.code == IssueCode::VersionUnknown);
        assert_eq!(said, !known, "{version}");
    }
}

#[test]
fn sections_that_the_pipeline_writes_are_missed() {
    for (banner, version, id, expected) in [
        (
            "TruSight Oncology 500",
            "ruo-2.2.0.12",
            "DNA Sample ID",
            &["TMB", "MSI", "Gene Amplifications", "Splice Variants", "Fusions", "Small Variants"][..],
        ),
        (
            "DRAGEN TruSight Oncology 500 v2.6.2 Analysis Software",
            "2.6.2.4",
            "DNA Sample ID",
            &["TMB", "MSI", "Copy Number Variants", "Splice Variants", "Fusions", "Small Variants"],
        ),
        (
            "DRAGEN TruSight Oncology 500 ctDNA Analysis Software",
            "2.6.0.1",
            "Sample ID",
            &["TMB", "MSI", "Copy Number Variants", "DNA Fusions", "Small Variants"],
        ),
    ] {
        let details = format!("[Analysis Details]\n{id}\tD\nPipeline Version\t{version}\n");
        let (output, account) = parse_str(&format!("{banner} - Combined Variant Output\n{details}"));
        assert_eq!(output.sections_missing, expected, "{banner}");
        let said: Vec<_> = account.issues.iter().filter_map(|issue| issue.location.section.as_deref()).collect();
        assert_eq!(said, expected, "{banner}");
    }
    let (output, _) = parse_str("TruSight Oncology 500 - Combined Variant Output\n");
    assert_eq!(output.sections_missing.first(), Some(&"Analysis Details"));
    assert_eq!(parse_str(LOCAL_APP).0.sections_missing, [""; 0]);
}

#[test]
fn dates_that_cannot_be_read_are_listed() {
    let (output, account) = parse_sections(
        "Output Date\t2099-99-99\nOutput Time\t25:00:00\nKit\tx\nOutput_Date\t2026-01-01\nLibrary Prep Kit\tv2\textra\n",
    );
    assert_eq!((output.details.output_date, output.details.output_time), (None, None));
    assert_eq!(
        issues(&account),
        [
            (IssueCode::DateInvalid, Some(6), Some("Output Date")),
            (IssueCode::DateInvalid, Some(7), Some("Output Time")),
            (IssueCode::KeyUnknown, Some(8), Some("Kit")),
            (IssueCode::KeyRepeated, Some(9), Some("Output_Date")),
            (IssueCode::RowLong, Some(10), Some("Library Prep Kit")),
        ]
    );
    let (output, account) = parse_sections("Output Date\t03/04/2026\n");
    assert_eq!(output.details.output_date.map(|held| held.value.iso()).as_deref(), Some("2026-04-03"));
    assert_eq!(issues(&account), [(IssueCode::DateAmbiguous, Some(6), Some("Output Date"))]);
}

#[test]
fn biomarkers_keep_their_unit() {
    let (output, account) = parse_sections(
        "[TMB]\nTotal TMB\tNaN\nCoding Region Size in Megabases\t1,28\n[MSI]\nUsable MSI Sites\t12.5\n\
         Percent Unstable MSI Sites\t64.8%\nSUM_JSD\t3.1\n[GIS]\nTumor Fraction\t55%\nPloidy\t-2\n",
    );
    assert_eq!(output.tmb.total, None);
    assert_eq!(output.tmb.coding_region_size.map(|held| held.value.to_string()).as_deref(), Some("1.28"));
    assert_eq!(output.msi.percent_unstable.map(|held| held.value.to_string()).as_deref(), Some("64.8"));
    assert_eq!(output.msi.sum_jsd.map(|held| held.value.to_string()).as_deref(), Some("3.1"));
    assert_eq!(output.gis.tumor_fraction.map(|held| held.value.to_string()).as_deref(), Some("0.55"));
    assert_eq!(
        issues(&account),
        [
            (IssueCode::DecimalComma, Some(8), Some("Coding Region Size in Megabases")),
            (IssueCode::NumberInvalid, Some(10), Some("Usable MSI Sites")),
            (IssueCode::NumberOutOfRange, Some(15), Some("Ploidy")),
        ]
    );
    assert_eq!(outcomes(&account)[0], (7, Some(IssueCode::ValueMissing)));
}

#[test]
fn sections_without_findings_say_why() {
    let (_, account) = parse_sections("[Small Variants]\nNA\n[Fusions]\nGene Pair\nNA\n[Sequencing Run Details]\nNA\n");
    assert_eq!(
        outcomes(&account),
        [(7, Some(IssueCode::SectionEmpty)), (10, Some(IssueCode::SectionEmpty)), (12, Some(IssueCode::ValueMissing)),]
    );
    let ctdna = "DRAGEN TruSight Oncology 500 ctDNA - Combined Variant Output\n[Analysis Details]\nSample ID\tC\n\n\n\
                 [DNA Fusions]\nNA\n[TMB]\nNA\n[Fusions]\nNA\n";
    let empty: Vec<_> = outcomes(&parse_str(ctdna).1).into_iter().map(|(_, code)| code).collect();
    assert_eq!(empty, [Some(IssueCode::SectionEmpty); 3]);
    let no_sample = ctdna.replace("Sample ID\tC", "Sample ID\tNA");
    let not_assayed: Vec<_> = outcomes(&parse_str(&no_sample).1).into_iter().map(|(_, code)| code).collect();
    assert_eq!(not_assayed, [Some(IssueCode::SectionNotAssayed); 3]);
}

#[test]
fn unknown_and_repeated_sections_are_listed() {
    let (output, account) = parse_sections(
        "[HLA]\nAllele\tA*02:01\nNA\n[Gene Amplifications]\nGene\tFold Change\nMET\t2.5\n\
         [gene amplifications]\nGene\tFold Change\nMYC\t3.5\n",
    );
    assert_eq!(output.gene_amplifications.len(), 1);
    assert_eq!(
        issues(&account),
        [(IssueCode::SectionUnknown, Some(6), None), (IssueCode::SectionRepeated, Some(12), None)]
    );
    assert_eq!(
        outcomes(&account),
        [
            (7, Some(IssueCode::SectionUnknown)),
            (8, Some(IssueCode::SectionUnknown)),
            (11, None),
            (14, Some(IssueCode::SectionRepeated)),
        ]
    );
}

#[test]
fn unverified_layouts_are_said_once_where_there_are_findings() {
    let copy_numbers = "[Copy Number Variants]\nGene\tFold Change\tCopy Number Variant\tAbsolute Copy Number\n";
    for (rows, unverified) in [("MET\t3.1\t<DUP>\t8\nMYC\t2.9\t<DUP>\t7\n", true), ("MET\t1.0\t.\t2\n", false)] {
        let (output, account) = parse_sections(&format!("{copy_numbers}{rows}"));
        let said = account.issues.iter().filter(|issue| issue.code == IssueCode::LayoutUnverified).count();
        assert_eq!((output.sections_unverified.len(), said), (usize::from(unverified), usize::from(unverified)));
    }
    let ctdna = "DRAGEN TruSight Oncology 500 ctDNA - Combined Variant Output\n[Analysis Details]\nSample ID\tC\n\
                 [TMB]\nTotal TMB\t3.1\n[MSI]\nSUM_JSD\tNA\n";
    assert_eq!(parse_str(ctdna).0.sections_unverified, ["TMB"]);
}

#[test]
fn rows_after_the_last_section_allowed_are_listed() {
    let content = "TruSight Oncology 500 - Combined Variant Output\n[Analysis Details]\nPair ID\tP\n[TMB]\n\
                   Total TMB\t1.5\n[Small Variants]\nGene\tChromosome\nBRAF\tchr7\n\n[Other]\nx\ty\n";
    let (output, account) = parse_within(content.as_bytes(), &Limits { file_sections: 2, ..Limits::default() });
    assert!(output.unwrap().small_variants.is_empty());
    assert!(issues(&account).contains(&(IssueCode::TooManySections, Some(6), None)));
    let listed: Vec<_> = account.ledger.rows().filter(|row| row.line > 5).map(|row| (row.line, &row.outcome)).collect();
    let text = IssueCode::TooManySections.meaning().to_owned();
    let outcome = Outcome::Listed { code: IssueCode::TooManySections, text: text.into() };
    assert_eq!(listed, [(8, &outcome), (11, &outcome)]);
}

#[test]
fn another_kind_of_file_is_refused_as_a_whole() {
    let content = "TruSight Oncology 500 - Metrics Output\nx\n[Header]\nOutput Date\t2026-01-01\n[Small Variants]\nNA\n\
                   Gene\tChromosome\nBRAF\tchr7\n";
    let (output, account) = parse_within(content.as_bytes(), &Limits::default());
    assert_eq!(output, None);
    assert_eq!(issues(&account), [(IssueCode::BannerMissing, Some(1), None)]);
    assert_eq!(account.ledger.open_rows(), []);
    let rows: Vec<_> = account.ledger.rows().map(|row| (row.line, row.section.clone())).collect();
    let section = |name: &str| Some(Arc::from(name));
    let small = section("Small Variants");
    assert_eq!(rows, [(1, None), (2, None), (4, section("Header")), (6, small.clone()), (8, small)]);
}

#[test]
fn lines_outside_sections_other_encodings_and_cut_files_are_said() {
    let content = b"TruSight Oncology 500 - Combined Variant Output\nFor Research Use Only. Not for use.\nhello\n\xe6\n\
                    [Small Variants]\nGene\tChromosome\tGenomic Position\tReference Call\tAlternative Call\n\xe6\tchr7\n\
                    BRAF\tchr7\t140453136\tA\tT";
    let (output, account) = parse_within(content, &Limits::default());
    assert_eq!(output.unwrap().small_variants.len(), 1);
    assert_eq!(
        issues(&account),
        [
            (IssueCode::LineOutsideSection, Some(3), None),
            (IssueCode::FileEncodingInvalid, Some(4), None),
            (IssueCode::FileEncodingInvalid, Some(7), None),
            (IssueCode::VersionUnknown, None, None),
            (IssueCode::FileTruncated, Some(8), None),
        ]
    );
}
