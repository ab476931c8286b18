use std::sync::Arc;

use super::*;
use crate::domain::decimal::Decimal;
use crate::domain::finding::SmallVariant;

fn told(
    account: &mut Account,
    rank: Rank,
    file: &str,
    line: u32,
    change: impl FnOnce(&mut SmallVariant),
) -> Told<SmallVariant> {
    let mut finding = SmallVariant {
        identity: Identity::new("IPD", "small-variant", &["S", "7:140453136A>T"]),
        rows: vec![account.ledger.open(&Arc::from(file), None, line)],
        ..SmallVariant::default()
    };
    change(&mut finding);
    Told { rank, finding }
}

fn frequency(text: &str) -> Option<Decimal> {
    Some(Decimal::parse(text).unwrap())
}

fn codes(account: &Account) -> Vec<(IssueCode, Option<&str>)> {
    account.issues.iter().map(|issue| (issue.code, issue.location.file.as_deref())).collect()
}

#[test]
fn another_file_adds_what_is_missing_and_rounding_is_no_conflict() {
    let mut account = Account::default();
    let result = told(&mut account, Rank::Result, "a.tsv", 1, |variant| {
        variant.allele_frequency = frequency("0.0467");
        variant.total_depth = Some(600);
    });
    let vcf = told(&mut account, Rank::Vcf, "a.vcf", 9, |variant| {
        variant.allele_frequency = frequency("0.046683");
        variant.total_depth = Some(600);
        variant.allele_depth = Some(28);
        variant.origin = Some("somatic".to_owned());
    });
    for order in [vec![result.clone(), vcf.clone()], vec![vcf, result]] {
        let merged = merge(order, &mut account);
        assert_eq!(merged.len(), 1);
        let variant = &merged[0];
        assert_eq!(variant.allele_frequency, frequency("0.0467"));
        assert_eq!((variant.allele_depth, variant.origin.as_deref()), (Some(28), Some("somatic")));
        assert_eq!((variant.rows.len(), variant.notes.len()), (2, 0));
    }
    assert_eq!(codes(&account), []);
}

#[test]
fn files_that_differ_are_both_told() {
    let mut account = Account::default();
    let result = told(&mut account, Rank::Result, "a.tsv", 1, |variant| variant.total_depth = Some(600));
    let table = told(&mut account, Rank::Curated, "a_table.tsv", 4, |variant| variant.total_depth = Some(512));
    let merged = merge(vec![table, result], &mut account);
    assert_eq!(merged[0].total_depth, Some(600));
    assert_eq!(
        merged[0].notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>(),
        ["a_table.tsv says: depth 512"]
    );
    assert_eq!(codes(&account), [(IssueCode::Conflict, Some("a_table.tsv"))]);
}

#[test]
fn an_origin_in_dispute_is_left_open() {
    let mut account = Account::default();
    let origins = [("a.tsv", "somatic"), ("b.vcf", "germline"), ("c.tsv", "somatic")];
    let all = origins.iter().map(|(file, origin)| {
        told(&mut account, Rank::Vcf, file, 1, |variant| variant.origin = Some((*origin).to_owned()))
    });
    let all: Vec<_> = all.collect();
    let merged = merge(all, &mut account);
    assert_eq!(merged[0].origin.as_deref(), Some(""));
    assert_eq!(codes(&account), [(IssueCode::Conflict, Some("b.vcf"))]);
}

#[test]
fn two_lines_of_one_file_are_told_apart_from_two_files() {
    let mut account = Account::default();
    let lines =
        [1, 2].map(|line| told(&mut account, Rank::Result, "a.tsv", line, |variant| variant.total_depth = Some(9)));
    let merged = merge(lines.to_vec(), &mut account);
    assert_eq!((merged.len(), codes(&account)), (1, vec![(IssueCode::RowRepeated, Some("a.tsv"))]));
}
