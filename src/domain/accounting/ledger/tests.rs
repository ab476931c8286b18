use super::*;

fn file(name: &str) -> Arc<str> {
    Arc::from(name)
}

#[test]
fn tallied_lines_are_one_entry_per_file_code_and_text() {
    let mut ledger = Ledger::default();
    let (a, b) = (file("a.vcf"), file("b.vcf"));
    ledger.tally(&a, 7, IssueCode::RowFiltered, "FILTER LowDP");
    ledger.tally(&a, 8, IssueCode::RowFiltered, "FILTER LowDP".to_owned());
    ledger.tally(&a, 9, IssueCode::RowFiltered, "FILTER q0");
    ledger.tally(&b, 3, IssueCode::RowReference, "");
    let entries: Vec<_> = ledger.rows().map(|row| (&*row.file, row.line, row.count)).collect();
    assert_eq!(entries, [("a.vcf", 7, 2), ("a.vcf", 9, 1), ("b.vcf", 3, 1)]);
    assert!(ledger.open_rows().is_empty());
}

#[test]
fn a_part_decides_about_common_rows_when_it_is_absorbed() {
    let mut common = Ledger::default();
    let (first, second) = (common.open(&file("a"), None, 1), common.open(&file("a"), None, 2));
    let base = Arc::new(common);
    let (mut one, mut two) = (Ledger::part(&base, 1), Ledger::part(&base, 2));
    let own = one.open(&file("b"), None, 9);
    assert_eq!((one.len(), one.row(first).map(|row| row.line), one.open_rows()), (3, Some(1), vec![own]));
    one.represent(first, "Observation/1");
    two.represent(first, "Observation/2");
    two.list(second, IssueCode::RowNeutral, "neutral");
    one.represent(own, "Observation/3");
    one.detach();
    two.detach();
    let mut common = Arc::try_unwrap(base).unwrap();
    common.absorb(one);
    common.absorb(two);
    let outcomes: Vec<_> = common.rows().map(|row| (&*row.file, row.line, row.outcome.clone())).collect();
    let represented = |resource: &str| Outcome::Represented(resource.to_owned());
    let neutral = Outcome::Listed { code: IssueCode::RowNeutral, text: "neutral".into() };
    assert_eq!(
        outcomes,
        [("a", 1, represented("Observation/1")), ("a", 2, neutral), ("b", 9, represented("Observation/3"))]
    );
}

#[test]
fn a_withdrawn_part_names_no_resource() {
    let mut common = Ledger::default();
    let row = common.open(&file("a"), None, 1);
    let base = Arc::new(common);
    let mut part = Ledger::part(&base, 1);
    part.represent(row, "Observation/1");
    part.withdraw(IssueCode::MappingProfileFailed, "not printed");
    part.detach();
    let mut common = Arc::try_unwrap(base).unwrap();
    common.absorb(part);
    let listed = Outcome::Listed { code: IssueCode::MappingProfileFailed, text: "not printed".into() };
    assert_eq!(common.row(row).map(|row| &row.outcome), Some(&listed));
}

#[test]
fn a_part_relists_common_rows() {
    let section: Arc<str> = Arc::from("MSI");
    let mut common = Ledger::default();
    let row = common.open(&file("a"), Some(&section), 1);
    common.list(row, IssueCode::SectionEmpty, "");
    let base = Arc::new(common);
    let mut part = Ledger::part(&base, 1);
    part.relist(&file("a"), &["MSI"], IssueCode::SectionEmpty, IssueCode::QcFailed, "failed");
    part.detach();
    let mut common = Arc::try_unwrap(base).unwrap();
    common.absorb(part);
    let listed = Outcome::Listed { code: IssueCode::QcFailed, text: "failed".into() };
    assert_eq!(common.row(row).map(|row| &row.outcome), Some(&listed));
}

#[test]
fn a_row_that_one_part_withdraws_and_another_holds_is_held() {
    for withdrawn_first in [true, false] {
        let mut common = Ledger::default();
        let (both, one_only) = (common.open(&file("a"), None, 1), common.open(&file("a"), None, 2));
        let base = Arc::new(common);
        let (mut withdrawn, mut given) = (Ledger::part(&base, 1), Ledger::part(&base, 2));
        withdrawn.represent(both, "Observation/1");
        withdrawn.represent(one_only, "Observation/1");
        withdrawn.withdraw(IssueCode::MappingProfileFailed, "not printed");
        given.represent(both, "Observation/2");
        given.list(one_only, IssueCode::ValueMissing, "");
        withdrawn.detach();
        given.detach();
        let mut common = Arc::try_unwrap(base).unwrap();
        let parts = if withdrawn_first { [withdrawn, given] } else { [given, withdrawn] };
        parts.into_iter().for_each(|part| common.absorb(part));
        let held = Outcome::Represented("Observation/2".to_owned());
        assert_eq!(common.row(both).map(|row| &row.outcome), Some(&held));
        let is_listed = |row: &Row| matches!(row.outcome, Outcome::Listed { .. });
        assert!(common.row(one_only).is_some_and(is_listed), "the reason of the first part stays");
    }
}
