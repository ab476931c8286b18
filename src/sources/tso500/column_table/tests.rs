use super::*;

fn with_table(content: &str, check: impl FnOnce(Option<&ColumnTable<'_>>, &mut Account)) {
    let text = Text::from_bytes(&Arc::from("t.tsv"), content.as_bytes().to_vec()).unwrap();
    let mut account = Account::default();
    let table = read_table(&text, "Sample_ID", &Limits { line_cells: 4, ..Limits::default() }, &mut account);
    check(table.as_ref(), &mut account);
}

fn codes(account: &Account) -> Vec<IssueCode> {
    account.issues.iter().map(|issue| issue.code).collect()
}

#[test]
fn padding_quotes_and_order_do_not_matter() {
    for content in [
        "# [S1] Size \"x\": 1\nSample_ID\tA\tB\nS1\t1\t2\n",
        "# [S1] Size \"\"x\"\": 1\"\t\t\t\nSample_ID\tA\tB\t\nS1\t\"1\"\t 2\t\t\n",
        "\"# [S1] Size \"\"x\"\": 1\"\t\t\r\nsample_id\tb\ta\r\nS1\t2\t1\r\n",
        "# [S1] Size \"x\": 1\n#Sample_ID\tA\tB\nS1\t1\t2\n",
    ] {
        with_table(content, |table, account| {
            let table = table.unwrap();
            assert_eq!(codes(account), [], "{content}");
            assert_eq!(table.comments[0].text, "[S1] Size \"x\": 1", "{content}");
            let rows: Vec<Cells<'_>> = table.rows().collect();
            assert_eq!(rows.len(), 1);
            assert_eq!((rows[0].cell("a"), rows[0].cell("B"), rows[0].cell("C")), ("1", "2", ""));
            assert_eq!(account.ledger.open_rows().len(), 2);
        });
    }
}

#[test]
fn a_table_without_column_names_is_listed() {
    for (content, code, line, rows) in [
        ("# x\nS1\t1\n", IssueCode::HeaderMissing, Some(2), 2),
        ("# x\n# y\n", IssueCode::HeaderMissing, None, 2),
        ("Sample_ID\tA\tB\tC\tD\nS1\t1\n", IssueCode::RowLong, Some(1), 1),
    ] {
        with_table(content, |table, account| {
            assert!(table.is_none());
            assert_eq!(codes(account), [code], "{content}");
            assert_eq!((account.issues[0].location.line, account.ledger.rows().count()), (line, rows), "{content}");
            assert!(account.ledger.open_rows().is_empty());
        });
    }
}

#[test]
fn columns_are_missing_repeated_or_unknown() {
    with_table("Sample_ID\tA\tA\tZ\nS1\t1\t2\t3", |table, account| {
        let table = table.unwrap();
        assert!(!table.require(&["Sample_ID", "B"], account));
        assert_eq!(codes(account), [IssueCode::FileTruncated, IssueCode::ColumnRepeated, IssueCode::ColumnMissing]);
        assert_eq!(account.issues[2].location.column.as_deref(), Some("B"));
        assert_eq!(table.others(&["Sample_ID", "A"]), [("A".to_owned(), 2), ("Z".to_owned(), 3)]);
    });
}

#[test]
fn numbers_are_read_or_named() {
    for (cell, value, code) in [
        ("0.042", Some("0.042"), None),
        ("0,042", Some("0.042"), Some(IssueCode::DecimalComma)),
        ("4,00E-04", Some("4.00e-04"), Some(IssueCode::DecimalComma)),
        ("46.7%", Some("0.467"), None),
        ("285", None, Some(IssueCode::NumberDamaged)),
        ("2", None, Some(IssueCode::NumberDamaged)),
        ("1.5", None, Some(IssueCode::NumberOutOfRange)),
        ("-0.1", None, Some(IssueCode::NumberOutOfRange)),
        ("4,464", None, Some(IssueCode::NumberAmbiguous)),
        ("04.feb", None, Some(IssueCode::NumberInvalid)),
        ("NA", None, None),
        (".", None, None),
        ("", None, None),
    ] {
        with_table(&format!("Sample_ID\tA\nS1\t{cell}\n"), |table, account| {
            let row = table.unwrap().rows().next().unwrap();
            let read = row.fraction("A", account);
            assert_eq!(read.as_ref().map(Decimal::as_str), value, "{cell}");
            assert_eq!(codes(account), code.into_iter().collect::<Vec<_>>(), "{cell}");
            if code.is_some() {
                let place = &account.issues[0].location;
                assert_eq!((place.line, place.column.as_deref()), (Some(2), Some("A")));
            }
        });
    }
}

#[test]
fn a_row_that_is_too_long_or_lacks_a_value_says_so() {
    with_table("Sample_ID\tA\nS1\t1\t2\nS1\n", |table, _| {
        let rows: Vec<Cells<'_>> = table.unwrap().rows().collect();
        assert_eq!(rows[0].check().unwrap_err().0, IssueCode::RowLong);
        assert_eq!(rows[1].required("A").unwrap_err().0, IssueCode::ValueRequired);
    });
}
