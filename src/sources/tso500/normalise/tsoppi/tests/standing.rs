//! Which rows count.

use super::*;

#[test]
fn rows_that_are_no_findings_are_listed_with_their_reason() {
    for (cells, reason, code, issue) in [
        (&[("Class_judgement", "exclude")][..], Reason::Excluded, IssueCode::VariantExcluded, None),
        (&[("Class_judgement", "Exclude"), ("IGV_QC", "Not OK")], Reason::Excluded, IssueCode::VariantExcluded, None),
        (
            &[("TSO500_LocalApp_class", "BL"), ("Class_judgement", ".")],
            Reason::Blacklisted,
            IssueCode::RowFiltered,
            None,
        ),
        (&[("Tier", "TNA"), ("Class_judgement", "exclude")], Reason::Excluded, IssueCode::VariantExcluded, None),
        (&[("Filters", "normal_origin")], Reason::OfNormal, IssueCode::VariantOfNormal, None),
        (&[("AF_tumor_DNA", "0")], Reason::NotSeen, IssueCode::ValueContradictory, Some("AF_tumor_DNA")),
        (&[("IGV_QC", "Not OK")], Reason::QcContradictory, IssueCode::IgvNotOk, Some("IGV_QC")),
        (
            &[("IGV_QC", "not ok"), ("Class_judgement", ".")],
            Reason::QcContradictory,
            IssueCode::IgvNotOk,
            Some("IGV_QC"),
        ),
        (
            &[("IGV_QC", "NotOK"), ("Class_judgement", "SOM")],
            Reason::QcContradictory,
            IssueCode::IgvNotOk,
            Some("IGV_QC"),
        ),
    ] {
        let (curated, account) = curate_rows(&[cells]);
        assert_eq!((curated.variants.len(), listed(&account)), (0, vec![Some(code)]), "{cells:?}");
        assert_eq!(curated.withheld[0].reason, reason, "{cells:?}");
        assert_eq!(
            issues(&account),
            issue.map(|column| (code, column, 1)).into_iter().collect::<Vec<_>>(),
            "{cells:?}"
        );
    }
}

#[test]
fn what_the_own_report_of_the_laboratory_shows_is_not_withheld_in_silence() {
    for (cells, column) in [
        (&[("Class_judgement", "exclude"), ("CPSR_ACMG_class", "Pathogenic")][..], "Class_judgement"),
        (&[("Class_judgement", "exclude"), ("CPSR_ClinVar_class", "Likely_Pathogenic")], "Class_judgement"),
        (&[("Class_judgement", "exclude"), ("Gene_symbol", "TERT")], "Class_judgement"),
        (&[("TSO500_LocalApp_class", "BL"), ("Class_judgement", "include")], "TSO500_LocalApp_class"),
    ] {
        let (curated, account) = curate_rows(&[cells]);
        assert_eq!(issues(&account), [(IssueCode::VariantWithheldReportable, column, 1)], "{cells:?}");
        assert_eq!((curated.variants.len(), curated.notes.len()), (0, 1));
        assert!(curated.notes[0].text.contains("7:140453136 A>T"), "{:?}", curated.notes);
    }
}

#[test]
fn an_exclusion_takes_the_finding_of_another_file_away() {
    let (curated, mut account) = curate_rows(&[
        &[("Class_judgement", "exclude"), ("Filters", "germline_population")],
        &[("Genomic_location", "7:5"), ("IGV_QC", "Not OK")],
        &[("Genomic_location", "7:6")],
    ]);
    account.issues.clear();
    let file: Arc<str> = Arc::from("x_CombinedVariantOutput.tsv");
    let mut call = |position: &str, line| {
        let key = [SAMPLE, "GRCh37", "7", position, "A", "T"];
        let row = account.ledger.open(&file, None, line);
        SmallVariant {
            identity: Identity::new("IPD", "small-variant", &key),
            rows: vec![row],
            ..SmallVariant::default()
        }
    };
    let calls = vec![call("140453136", 10), call("5", 11), call("6", 12), call("7", 13)];
    let kept = withhold(calls.clone(), &curated.withheld, &mut account);
    let ids: Vec<&Identity> = kept.iter().map(|variant| &variant.identity).collect();
    assert_eq!(ids, [&calls[1].identity, &calls[2].identity, &calls[3].identity]);
    let outcome = &account.ledger.row(calls[0].rows[0]).unwrap().outcome;
    let text = "Class_judgement is exclude, filters `germline_population`";
    assert_eq!(*outcome, Outcome::Listed { code: IssueCode::VariantExcluded, text: text.into() });
    assert_eq!(
        account.issues.iter().map(|issue| (issue.code, issue.location.line)).collect::<Vec<_>>(),
        [(IssueCode::Conflict, Some(11))]
    );
    assert_eq!(kept.iter().map(|variant| variant.notes.len()).collect::<Vec<_>>(), [1, 0, 0]);
}

#[test]
fn rows_of_one_variant_become_one() {
    // A row that was edited is sometimes added, not replaced.
    let (curated, account) = curate_rows(&[
        &[("IGV_QC", "."), ("Tier", "TIER_2"), ("Depth_tumor_DNA", "15"), ("dbSNP_rs_ID", "rs1")],
        &[("IGV_QC", "OK"), ("Tier", "TIER_2"), ("Depth_tumor_DNA", "15"), ("dbSNP_rs_ID", "rs1")],
    ]);
    assert_eq!((issues(&account), listed(&account)), (vec![], vec![None, None]));
    let variant = &curated.variants[0];
    assert_eq!((curated.variants.len(), variant.rows.len(), variant.diagnostic_implications.len()), (1, 2, 1));
    let flags: Vec<(&str, &str)> =
        variant.curation.iter().map(|flag| (flag.kind.as_str(), flag.value.as_str())).collect();
    assert_eq!(flags, [("class-judgement", "include"), ("igv-qc", "OK")]);

    let (curated, account) = curate_rows(&[
        &[("Tier", "TIER_2"), ("Depth_tumor_DNA", "15"), ("AF_tumor_DNA", "0.4")],
        &[("Tier", "TIER_3"), ("Depth_tumor_DNA", "16"), ("AF_tumor_DNA", "0.5")],
        &[("Class_judgement", "exclude")],
        &[("IGV_QC", "Not OK")],
    ]);
    assert_eq!(
        issues(&account),
        [
            (IssueCode::Conflict, "AF_tumor_DNA", 2),
            (IssueCode::Conflict, "Depth_tumor_DNA", 2),
            (IssueCode::Conflict, "Tier", 2),
            (IssueCode::Conflict, "Class_judgement", 3),
            (IssueCode::IgvNotOk, "IGV_QC", 4),
        ]
    );
    assert_eq!(listed(&account), [None, None, None, Some(IssueCode::IgvNotOk)]);
    assert_eq!(curated.variants[0].rows.len(), 3);
    assert_eq!(curated.variants[0].diagnostic_implications[0].evidence_level.as_deref(), Some("TIER_2"));
}

#[test]
fn lines_of_another_sample_are_not_taken() {
    for (id, code) in [
        (SAMPLE, None),
        ("IPD9001-D01-P01", None),
        ("IPD9001-D01-P01-A15_P", None),
        ("IPD9002-D01-P01-A15", Some(IssueCode::IdMismatch)),
        ("IPD9001-D01-M01-A15", Some(IssueCode::IdMismatch)),
        ("CL-AcroMetrix", Some(IssueCode::IdDiffers)),
    ] {
        let (curated, account) = curate_rows(&[&[("Sample_ID", id)]]);
        assert_eq!(issues(&account), code.map(|code| (code, "Sample_ID", 1)).into_iter().collect::<Vec<_>>(), "{id}");
        let is_taken = code != Some(IssueCode::IdMismatch);
        assert_eq!(
            (curated.variants.len(), listed(&account)),
            (usize::from(is_taken), vec![code.filter(|_| !is_taken)]),
            "{id}"
        );
    }
}

#[test]
fn a_table_on_another_genome_is_listed() {
    let (curated, _, account) = curate(&content(&[row(&[])]).replace("/hg19/", "/hg38/"));
    assert_eq!((curated, listed(&account)), (Curated::default(), vec![Some(IssueCode::GenomeUnsupported)]));
    assert_eq!(issues(&account), [(IssueCode::GenomeUnsupported, "", 1)]);
    assert_eq!(account.ledger.open_rows(), []);
}

#[test]
fn the_variant_of_another_file_takes_the_statements_of_the_table() {
    use crate::sources::tso500::normalise::merge::{Rank, add, merge};
    let (curated, mut account) = curate_rows(&[&[
        ("Tier", "TIER_1"),
        ("AF_tumor_DNA", "0.31"),
        ("ClinVar_variation_ID", "13961"),
        ("Drugs", "Drug_A"),
    ]]);
    let file: Arc<str> = Arc::from("x_CombinedVariantOutput.tsv");
    let called = SmallVariant {
        identity: curated.variants[0].identity.clone(),
        allele_frequency: crate::domain::decimal::Decimal::parse("0.312").ok(),
        rows: vec![account.ledger.open(&file, None, 10)],
        ..SmallVariant::default()
    };
    let expected = &curated.variants[0];
    let mut all = Vec::new();
    add(&mut all, Rank::Curated, curated.variants.clone());
    add(&mut all, Rank::Result, [called.clone()]);
    let merged = merge(all, &mut account);
    assert_eq!((issues(&account), merged.len()), (vec![], 1));
    assert_eq!(merged[0].allele_frequency, called.allele_frequency);
    assert_eq!(merged[0].diagnostic_implications, expected.diagnostic_implications);
    assert_eq!(merged[0].therapeutic_implications, expected.therapeutic_implications);
    assert_eq!((&merged[0].variation_codes, &merged[0].curation), (&expected.variation_codes, &expected.curation));
    assert_eq!(merged[0].rows, [called.rows.clone(), expected.rows.clone()].concat());
}
