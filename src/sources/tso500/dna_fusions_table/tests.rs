use proptest::prelude::*;

use super::*;
use crate::domain::accounting::Outcome;
use crate::domain::decimal::Decimal;

const SAMPLE_ID: &str = "IPD9001-C01-L01-B08";
const VERSION_1: &str = "Sample,Name,Chr1,Pos1,Chr2,Pos2,Direction,Alt_Depth,BP1_Depth,BP2_Depth,Total_Depth,VAF,Gene1,Gene2,Contig,Filter,Is_Cosmic_GenePair";
const BCR: &str =
    "IPD9001-C01-L01-B08,BCR--ABL1,chr22,23632600,chr9,133729451,+/+,28,60,40,100,0.28,BCR,ABL1,ACGT,PASS,TRUE";

fn read(columns: &str, rows: &[&str]) -> (Option<DnaFusionsTable>, Account) {
    let mut content = format!("# DRAGEN fusion caller\n{columns}\n");
    rows.iter().for_each(|row| content.push_str(&format!("{row}\n")));
    let text = Text::from_bytes(&Arc::from("IPD9001-C01-L01-B08_Fusions.csv"), content.into_bytes()).unwrap();
    let mut account = Account::default();
    let table = parse(&text, SAMPLE_ID, &Limits::default(), &mut account);
    (table, account)
}

fn issues(account: &Account) -> Vec<(IssueCode, Option<u32>, Option<&str>)> {
    let issues = account.issues.iter();
    issues.map(|issue| (issue.code, issue.location.line, issue.location.column.as_deref())).collect()
}

#[test]
fn a_fusion_in_cell_free_dna_has_an_allele_frequency() {
    let version_2 = format!("{VERSION_1},Fusion Directionality Known");
    for (columns, cell, known, pair) in [
        (VERSION_1, "", None, "BCR/ABL1"),
        (&version_2, ",True", Some(true), "BCR-ABL1"),
        (&version_2, ",FALSE", Some(false), "BCR/ABL1"),
    ] {
        let (table, account) = read(columns, &[&format!("{BCR}{cell}")]);
        let table = table.unwrap();
        let [fusion] = table.fusions.as_slice() else { panic!("{table:?}") };
        assert_eq!((fusion.gene_pair.as_str(), fusion.direction_known), (pair, known));
        assert_eq!((fusion.gene_1.as_deref(), fusion.gene_2.as_deref()), (Some("BCR"), Some("ABL1")));
        assert_eq!(fusion.breakpoint_1.as_ref().unwrap().text, "chr22:23632600");
        assert_eq!(fusion.breakpoint_2.as_ref().unwrap().text, "chr9:133729451");
        assert_eq!(fusion.allele_frequency, Some(Decimal::parse("0.28").unwrap()));
        assert_eq!((fusion.supporting_reads, fusion.gene_1_reference_reads), (Some(28), None));
        assert!(!fusion.extra.iter().any(|(column, _)| column == "Sample"));
        assert_eq!(issues(&account), []);
        assert_eq!(account.ledger.open_rows(), [fusion.row]);
    }
}

#[test]
fn a_filtered_fusion_is_listed() {
    let (table, account) = read(VERSION_1, &[&BCR.replace("PASS", "LowSupport")]);
    assert!(table.unwrap().fusions.is_empty());
    let outcome = account.ledger.rows().next().unwrap().outcome.clone();
    assert_eq!(outcome, Outcome::Listed { code: IssueCode::RowFiltered, text: "filter `LowSupport`".into() });
}

#[test]
fn a_file_without_rows_has_no_fusions() {
    let (table, account) = read(VERSION_1, &[]);
    assert!(table.unwrap().fusions.is_empty());
    assert_eq!((issues(&account), account.ledger.len()), (vec![], 0));
}

#[test]
fn a_row_of_another_sample_is_told() {
    for (sample, kept, code) in [
        ("IPD9002-C01-L01-B08", 0, IssueCode::IdMismatch),
        ("IPD9001-C01-L02-B08", 0, IssueCode::IdMismatch),
        ("CL-AcroMetrix", 1, IssueCode::IdDiffers),
    ] {
        let (table, account) = read(VERSION_1, &[&BCR.replace(SAMPLE_ID, sample)]);
        assert_eq!(table.unwrap().fusions.len(), kept, "{sample}");
        assert_eq!(issues(&account), [(code, Some(3), Some("Sample"))], "{sample}");
    }
}

#[test]
fn each_damage_has_its_code_and_place() {
    for (from, to, code, column, kept) in [
        ("0.28", "28", IssueCode::NumberOutOfRange, "VAF", 1),
        ("0.28", "\"0,28\"", IssueCode::DecimalComma, "VAF", 1),
        (",28,", ",many,", IssueCode::NumberInvalid, "Alt_Depth", 1),
        ("chr22,", "chr99,", IssueCode::BreakpointInvalid, "Breakpoint 1", 1),
    ] {
        let (table, account) = read(VERSION_1, &[&BCR.replacen(from, to, 1)]);
        assert_eq!(table.unwrap().fusions.len(), kept, "{to}");
        assert_eq!(issues(&account), [(code, Some(3), Some(column))], "{to}");
    }
    let (table, account) = read("Sample,Chr1,Pos1", &["a,chr1,5"]);
    assert!(table.unwrap().fusions.is_empty());
    assert_eq!(issues(&account)[0], (IssueCode::ColumnMissing, Some(2), Some("Gene Pair")));
    assert!(account.ledger.open_rows().is_empty());
}

proptest! {
    #[test]
    fn any_rows_are_carried_or_listed(rows in proptest::collection::vec("[ -~]{0,80}", 0..8)) {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let (table, account) = read(VERSION_1, &rows);
        let carried: Vec<_> = table.iter().flat_map(|table| table.fusions.iter().map(|fusion| fusion.row)).collect();
        prop_assert_eq!(account.ledger.open_rows(), carried);
    }
}
