use proptest::prelude::*;

use super::*;
use crate::sources::tso500::folder::raw_lines::table_rows;

const TSOPPI: &str = "sample_id\tTMB\tMSI\tgene_amplifications\tsplice_variants\tfusions";
const TSOPPY: &str = "Sample_id\tTMB\tMSI\tGene_amplifications_CNV\tLOH\tSplice_variants\tFusions\tGIS\tTumor_fraction\tPloidy\tLarge_rearrangements";

fn read(content: &str) -> (Option<VariantSummary>, Account) {
    let text = Text::from_bytes(&Arc::from("r_variant_summary.tsv"), content.as_bytes().to_vec()).unwrap();
    let mut account = Account::default();
    let summary = parse(&text, &Limits::default(), &mut account);
    (summary, account)
}

fn issues(account: &Account) -> Vec<(IssueCode, &str)> {
    account.issues.iter().map(|issue| (issue.code, issue.location.column.as_deref().unwrap_or_default())).collect()
}

#[test]
fn both_forms_are_read() {
    let tsoppi = format!(
        "# Field formats:\t\t\r\n{TSOPPI}\t\r\nIPD9001-D01-P01-A15_P\t14.9 (19)\t4.13 (5/121)\tEGFR (1.509)|ERCC2 (1.597)\tNA\tNA\t\r\n\
         IPD9001-R03-P01-A15_P\tNA\tNA\tNA\tEGFR[2-7/28] (chr7:55087058-chr7:55223522) 64/1\tCDK4/PDE3A (chr12:1-chr12:1) 15/31604/396\t\r\n"
    );
    let (summary, account) = read(&tsoppi);
    let summary = summary.unwrap();
    assert_eq!((issues(&account), summary.form, summary.rows.len()), (vec![], Form::Tsoppi, 2));
    assert_eq!(account.ledger.open_rows(), [summary.rows[0].row, summary.rows[1].row]);
    let genes: Vec<&str> =
        summary.rows[0].copy_numbers.said().unwrap().iter().map(|copies| copies.gene.as_str()).collect();
    assert_eq!(genes, ["EGFR", "ERCC2"]);
    assert_eq!(summary.rows[0].tmb.said().unwrap().eligible_variants, Some(19));
    assert_eq!(summary.rows[0].gis, Statement::NoColumn);
    assert_eq!(summary.rows[1].fusions.said().unwrap().len(), 1);

    let tsoppy = format!(
        "# DRAGEN TruSight Oncology 500 v2.6.2 Analysis Software - Combined Variant Output\n{TSOPPY}\n\
         IPD9003-D21-P01-A18\t7.8 (10)\t4.13 (5/121)\tEGFR (1.5, DUP, 5)|MET (0.5, DEL, 1)\tBRCA1 (1, 0)\tNA\tNA\t32\t0.650\t3.92\tBRCA1|BRCA2\n"
    );
    let (summary, account) = read(&tsoppy);
    let summary = summary.unwrap();
    assert_eq!((issues(&account), summary.form), (vec![], Form::Tsoppy));
    let row = &summary.rows[0];
    assert_eq!(row.copy_numbers.said().unwrap()[1].kind, ChangeKind::Loss);
    assert_eq!(row.losses.said().unwrap()[0].minor_copy_number, Decimal::parse("0").ok());
    assert_eq!(row.gis.said(), Decimal::parse("32").ok().as_ref());
    assert_eq!(row.tumor_fraction.said(), Decimal::parse("0.650").ok().as_ref());
    assert_eq!(row.ploidy.said(), Decimal::parse("3.92").ok().as_ref());
    assert_eq!(row.large_rearrangements.said().unwrap(), &["BRCA1", "BRCA2"]);
    assert_eq!(row.fusions, Statement::NotAssayed);
}

#[test]
fn na_is_told_apart_by_the_nucleic_acid_of_the_id() {
    fn name<T>(statement: &Statement<T>) -> &'static str {
        match statement {
            Statement::NotAssayed => "not assayed",
            Statement::NothingReported => "nothing reported",
            Statement::Ambiguous => "ambiguous",
            _ => "other",
        }
    }
    for (id, dna, rna) in [
        ("IPD9001-D01-P01-A15_P", "nothing reported", "not assayed"),
        ("IPD9001-CXX-L01-B15", "nothing reported", "not assayed"),
        ("IPD9001-R03-P01-A15_P", "not assayed", "nothing reported"),
        ("CL-AcroMetrix-D01_P", "nothing reported", "not assayed"),
        ("IPD9001", "ambiguous", "ambiguous"),
        ("D01-IPD9001", "ambiguous", "ambiguous"),
    ] {
        let (summary, account) = read(&format!("{TSOPPI}\n{id}\tNA\tNA\tNA\tNA\tNA\n"));
        let row = summary.unwrap().rows.remove(0);
        assert_eq!(issues(&account), []);
        assert_eq!((name(&row.tmb), name(&row.copy_numbers)), (dna, dna), "{id}");
        assert_eq!((name(&row.splice_variants), name(&row.fusions)), (rna, rna), "{id}");
    }
}

#[test]
fn a_cell_that_cannot_be_read_says_nothing() {
    for (row, code, column) in [
        ("x\t14.9\tNA\tNA\tNA\tNA", IssueCode::SummaryCellInvalid, "TMB"),
        ("x\tNA\t4.13\tNA\tNA\tNA", IssueCode::SummaryCellInvalid, "MSI"),
        ("x\tNA\tNA\tEGFR (1.5)|ERCC2\tNA\tNA", IssueCode::SummaryCellInvalid, "gene_amplifications"),
        ("x\tNA\tNA\tNA\tEGFR\tNA", IssueCode::SummaryCellInvalid, "splice_variants"),
        ("x\tNA\tNA\tNA\tNA\tA-B", IssueCode::SummaryCellInvalid, "fusions"),
        ("x\t14,9 (19)\tNA\tNA\tNA\tNA", IssueCode::DecimalComma, "TMB"),
    ] {
        let (summary, account) = read(&format!("{TSOPPI}\n{row}\n"));
        assert_eq!(issues(&account), [(code, column)], "{row}");
        assert_eq!(account.issues[0].location.line, Some(2));
        let row = summary.unwrap().rows.remove(0);
        let said = row.tmb.said().is_some() || row.copy_numbers.said().is_some() || row.fusions.said().is_some();
        assert_eq!(said, code == IssueCode::DecimalComma);
    }
}

#[test]
fn lines_and_columns_that_cannot_be_used_are_named() {
    for (content, expected) in [
        (format!("{TSOPPI}\nNA\tNA\n"), (IssueCode::ValueRequired, "sample_id")),
        (format!("{TSOPPI}\nx\tNA\tNA\tNA\tNA\tNA\ty\n"), (IssueCode::RowLong, "")),
        (format!("{TSOPPI}\tNew\nx\tNA\tNA\tNA\tNA\tNA\ty\n"), (IssueCode::ColumnUnknown, "New")),
        ("x\ty\n".to_owned(), (IssueCode::HeaderMissing, "")),
    ] {
        assert_eq!(issues(&read(&content).1), [expected], "{content}");
    }
}

fn check(content: &[u8]) {
    let Ok(text) = Text::from_bytes(&Arc::from("r_variant_summary.tsv"), content.to_vec()) else { return };
    let mut account = Account::default();
    let summary = parse(&text, &Limits::default(), &mut account);
    let counted: u32 = account.ledger.rows().map(|row| row.count).sum();
    assert_eq!(counted as usize, table_rows(content, "sample_id"));
    let held: Vec<RowId> = summary.iter().flat_map(|summary| summary.rows.iter().map(|row| row.row)).collect();
    assert_eq!(held, account.ledger.open_rows());
}

proptest! {
    #[test]
    fn any_bytes_are_accounted(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        check(&bytes);
        check(&[TSOPPI.as_bytes(), b"\n", &bytes].concat());
    }

    #[test]
    fn any_cells_are_accounted(cells in proptest::collection::vec("[A-Z0-9 ()/|:,.\\[\\]-]{0,20}|\\PC{0,8}", 1..12)) {
        check(format!("{TSOPPY}\nIPD9001-D01-P01-A15\t{}\n", cells.join("\t")).as_bytes());
    }
}
