use jiff::civil::date;

use super::*;

const HEAD: &str = "# owner: o\n# source: s\n# version: 1\n# date: 2026-11-25\n# reviewed: no\n";

/// A table with counterparts, one with names only that refers to a third, and that one.
fn tables() -> CodeTables {
    let priority = format!(
        "{HEAD}# oid: 1.2.3\n# system: http://s.example\n# target_system: http://t.example\n# note: a, b\n\
         code,display,target_code,use\n0,\"Now, at once\",stat,x\nN,Normal,routine,\nT,By telephone,,\n"
    );
    let paths = format!(
        "{HEAD}# system: http://p.example\n# references: path -> parts\ncode,display,path\nA1,One,A\nB1,Two,\n"
    );
    let parts = format!("{HEAD}code,display\r\nA,Part A\r\n");
    CodeTables::load([
        ("codes/priority.csv", priority.as_str()),
        ("codes/paths.csv", paths.as_str()),
        ("codes/parts.csv", parts.as_str()),
    ])
    .unwrap()
}

#[test]
fn a_row_has_text_counterpart_and_properties() {
    let tables = tables();
    let entry = tables.lookup("priority", "0").unwrap();
    assert_eq!(entry.display(), "Now, at once");
    let target = Coding { system: Some("http://t.example"), code: "stat", display: None };
    assert_eq!((entry.target(), entry.property("use"), entry.property("none")), (Some(target), Some("x"), None));
    assert_eq!(tables.lookup("priority", "N").unwrap().property("use"), None);
    assert_eq!(tables.lookup("parts", "A").unwrap().display(), "Part A");
    for (table, code) in [("priority", "1"), ("priority", "n"), ("priority", " N"), ("Priority", "N"), ("", "")] {
        assert!(tables.lookup(table, code).is_none(), "{table} {code}");
    }
    let (name, table) = tables.table_of_oid("1.2.3").unwrap();
    assert_eq!((name, table.has_targets(), table.codes().count()), ("priority", true, 3));
    let head = table.head();
    assert_eq!((head.owner.as_str(), head.version.as_str(), head.date), ("o", "1", date(2026, 11, 25)));
    assert!(tables.table_of_oid("1.2").is_none());
    assert_eq!(tables.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["parts", "paths", "priority"]);
}

#[test]
fn a_code_that_is_mapped_raises_nothing() {
    let tables = tables();
    let place = Location::path("x");
    let mapped = tables.translate("priority", "N", &place);
    let original = Coding { system: Some("http://s.example"), code: "N", display: Some("Normal") };
    assert_eq!((mapped.original, mapped.issue), (original, None));
    assert_eq!(mapped.target.unwrap().code, "routine");
    // A table of names only has nothing to map to.
    let named = tables.translate("paths", "B1", &place);
    assert_eq!((named.original.display, named.target, named.issue), (Some("Two"), None, None));
    let code = original.to_code();
    assert_eq!(
        (code.system.as_deref(), code.code.as_str(), code.display.as_deref()),
        (Some("http://s.example"), "N", Some("Normal"))
    );
}

#[test]
fn an_unmapped_code_keeps_its_coding_and_is_an_issue() {
    let tables = tables();
    let place = Location::path("Henvisning.ReqServ.Priority");
    for (table, code, system, display, text) in [
        ("priority", "X", Some("http://s.example"), None, "`X` is no code of table priority"),
        ("priority", "", Some("http://s.example"), None, "an empty value is no code of table priority"),
        ("priority", "T", Some("http://s.example"), Some("By telephone"), "`T` of table priority has no counterpart"),
        ("parts", "a", None, None, "a value of one character is no code of table parts"),
        ("none", "N", None, None, "`N`: no code table `none`"),
        // A number or a word in a field of codes can be that of a person.
        ("parts", "05898597468", None, None, "a value of 11 characters is no code of table parts"),
        ("parts", "Danser", None, None, "a value of 6 characters is no code of table parts"),
    ] {
        let translation = tables.translate(table, code, &place);
        assert_eq!(translation.original, Coding { system, code, display }, "{table} {code}");
        assert_eq!(translation.target, None);
        let issue = translation.issue.unwrap();
        assert_eq!((issue.code, issue.location, issue.text.as_str()), (IssueCode::CodeUnmapped, place.clone(), text));
    }
}

#[test]
fn every_defect_of_a_file_is_named_with_its_line() {
    let body = "code,display\nA,a\n";
    for (text, line, expected) in [
        (String::new(), 0, "no line of column names"),
        (HEAD.to_owned(), 5, "no line of column names"),
        (format!("{}{body}", HEAD.replace("# owner: o\n", "")), 0, "no line `owner`"),
        (format!("{}{body}", HEAD.replace("# reviewed: no\n", "")), 0, "no line `reviewed`"),
        (format!("{}{body}", HEAD.replace("2026-11-25", "25.11.2026")), 4, "date is not"),
        (format!("{}{body}", HEAD.replace("version: 1", "version:")), 3, "version is empty"),
        (format!("{HEAD}# owner: p\n{body}"), 6, "owner stands twice"),
        (format!("{HEAD}# color: red\n{body}"), 6, "`color` is no key"),
        (format!("{HEAD}# text\n{body}"), 6, "`# key: value`"),
        (format!("{HEAD}# references: a b\n{body}"), 6, "`column -> table`"),
        (format!("{HEAD}# references: a -> t\n{body}"), 0, "no column `a`"),
        (format!("{HEAD}# references: a -> u\ncode,display,a\n"), 0, "no table `u`"),
        (format!("{HEAD}# references: a -> t\ncode,display,a\nA,a,A\nB,b,C\n"), 9, "a: `C` is no code of t"),
        (format!("{HEAD}code;display\n"), 6, "`code` and `display`"),
        (format!("{HEAD}display,code\n"), 6, "`code` and `display`"),
        (format!("{HEAD}code,display,a,a\n"), 6, "the column name `a`"),
        (format!("{HEAD}code,display,\n"), 6, "the column name ``"),
        (format!("{HEAD}code,display,target_code\n"), 6, "target_system"),
        (format!("{HEAD}# target_system: http://t.example\n{body}"), 7, "target_system"),
        (format!("{HEAD}{body}A,b\n"), 8, "the code `A` is repeated"),
        (format!("{HEAD}{body}B\n"), 8, "1 cells, 2 expected"),
        (format!("{HEAD}{body}B,b,c\n"), 8, "3 cells, 2 expected"),
        (format!("{HEAD}{body}\n\n,b\n"), 10, "an empty code"),
        (format!("{HEAD}{body}B,\n"), 8, "an empty code or display"),
        (format!("{HEAD}{body}B, b\n"), 8, "a blank"),
        (format!("{HEAD}{body}\"B\",\"b\nc\"\nB,d\n"), 10, "the code `B` is repeated"),
        (format!("{HEAD}{body}# B,b\n"), 8, ""),
    ] {
        let result = CodeTables::load([("codes/t.csv", text.as_str())]);
        if expected.is_empty() {
            assert!(result.unwrap().lookup("t", "# B").is_some(), "only the head has comments");
            continue;
        }
        let errors = result.expect_err(&text);
        let error = errors.iter().find(|error| error.text.contains(expected));
        let error = error.unwrap_or_else(|| panic!("{text}: {errors:?}"));
        assert_eq!(error.line, line, "{text}: {error}");
        assert_eq!(error.file, "codes/t.csv", "{error}");
    }
}

#[test]
fn tables_that_contradict_each_other_are_refused() {
    let text = format!("{HEAD}# oid: 1.2\ncode,display\nA,a\n");
    let errors = CodeTables::load([("a.csv", text.as_str()), ("b.csv", text.as_str())]).unwrap_err();
    assert_eq!(
        errors.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["b.csv, line 0: the table a has the same OID"]
    );
    let text = format!("{HEAD}code,display\nA,a\n");
    let errors = CodeTables::load([("a/t.csv", text.as_str()), ("b/t.csv", text.as_str())]).unwrap_err();
    assert_eq!(errors.iter().map(|error| error.text.as_str()).collect::<Vec<_>>(), ["a second table `t`"]);
}

#[test]
fn tables_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<CodeTables>();
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "[#a-z:,\"\\n\\r \u{feff}]{0,80}") {
        let _ = CodeTables::load([("t.csv", text.as_str()), ("u.csv", &format!("{HEAD}{text}"))]);
    }
}
