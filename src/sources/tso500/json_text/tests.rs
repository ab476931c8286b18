use proptest::prelude::*;
use serde_json::json;

use super::bare::without_bare_numbers;
use super::*;
use crate::domain::accounting::Outcome;

fn read_bytes(bytes: &[u8], limits: &Limits) -> (Option<JsonFile>, Account) {
    let text = Text::from_bytes(&Arc::from("a.json"), bytes.to_vec()).unwrap();
    let mut account = Account::default();
    let json = read(&text, limits, &mut account);
    (json, account)
}

#[test]
fn bare_numbers_that_are_none_become_null() {
    for (text, expected) in [
        ("{\"a\":NaN}", "{\"a\":null}"),
        ("{\"a\": NaN , \"b\":[Infinity,-Infinity,1]}", "{\"a\": null , \"b\":[null,null,1]}"),
        ("NaN", "null"),
        ("{\"NaN\":\"NaN, -Infinity\"}", "{\"NaN\":\"NaN, -Infinity\"}"),
        ("{\"a\":\"x\\\"NaN\\\\\",\"b\":NaN}", "{\"a\":\"x\\\"NaN\\\\\",\"b\":null}"),
        ("{\"a\":\"\u{e6}NaN\",\"\u{e6}\":NaN}", "{\"a\":\"\u{e6}NaN\",\"\u{e6}\":null}"),
        // Not the word: stays as it is, and invalid.
        ("[NaNs]", "[NaNs]"),
        ("[xNaN]", "[xNaN]"),
        ("[-NaN]", "[-NaN]"),
        ("[NaN.0]", "[NaN.0]"),
        ("[Infinity1]", "[Infinity1]"),
        ("[--Infinity]", "[--Infinity]"),
        ("[nan]", "[nan]"),
        ("\"unclosed NaN", "\"unclosed NaN"),
        ("[-1,\"a\"]", "[-1,\"a\"]"),
    ] {
        assert_eq!(without_bare_numbers(text), expected, "{text}");
    }
}

#[test]
fn elements_and_keys_have_their_line() {
    let content =
        b"{\n \"data\": {\n  \"list\": [\n   {\"a\": [\n1]},\n   {\"b\": \"]\\\"}\"}, 3\n  ],\n  \"key\": NaN\n }\n}\n";
    let (json, mut account) = read_bytes(content, &Limits::default());
    let json = json.unwrap();
    assert_eq!(json.value["data"]["key"], serde_json::Value::Null);
    for (path, line) in
        [("data", 2), ("data/list", 3), ("data/list/0", 4), ("data/list/1", 6), ("data/list/2", 6), ("data/key", 8)]
    {
        let opened = json.open("list", path, &mut account);
        assert_eq!((opened.line, opened.place.section.as_deref()), (line, Some("list")), "{path}");
        assert_eq!(account.ledger.row(opened.row).unwrap().line, line);
    }
}

#[test]
fn in_one_line_the_index_tells_elements_apart() {
    let (json, mut account) = read_bytes(b"{\"data\":{\"list\":[1,2],\"key\":1}}\n", &Limits::default());
    let json = json.unwrap();
    for (section, path, place) in
        [("list", "data/list/1", "list[1]"), ("data", "data/key", "data.key"), ("", "data", "data")]
    {
        let opened = json.open(section, path, &mut account);
        assert_eq!((opened.line, opened.place.section.as_deref()), (1, Some(place)), "{path}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_one_listed_row() {
    let deep = format!("{}1{}", "[".repeat(70), "]".repeat(70));
    let small = Limits { json_values: 3, ..Limits::default() };
    for (bytes, limits, code, line) in [
        (&b"{\n\"a\": 1,\n}"[..], Limits::default(), IssueCode::JsonUnreadable, Some(3)),
        (b"{\"a\":1,\n\"a\":2}", Limits::default(), IssueCode::JsonUnreadable, Some(2)),
        (b"[NaNs]", Limits::default(), IssueCode::JsonUnreadable, Some(1)),
        (b"{\"a\":", Limits::default(), IssueCode::JsonUnreadable, Some(1)),
        (deep.as_bytes(), Limits::default(), IssueCode::JsonUnreadable, Some(1)),
        (b"[1,2,3,4]", small, IssueCode::FileTooLarge, Some(1)),
        (b"{\"a\":\"\xff\"}", Limits::default(), IssueCode::FileEncodingInvalid, None),
    ] {
        let (json, account) = read_bytes(bytes, &limits);
        assert!(json.is_none());
        let issues: Vec<_> = account.issues.iter().map(|issue| (issue.code, issue.location.line)).collect();
        assert_eq!(issues, [(code, line)], "{}", String::from_utf8_lossy(bytes));
        let rows: Vec<_> = account.ledger.rows().map(|row| row.outcome.clone()).collect();
        assert!(matches!(rows.as_slice(), [Outcome::Listed { code: listed, .. }] if *listed == code));
    }
}

/// A value with its text, pretty-printed or not.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        (0..1000).prop_map(|number| json!(number)),
        "[a-zA-Z\"\\\\ ,:{}\\[\\]NaN\u{e6}]{0,8}".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(|list| json!(list)),
            proptest::collection::btree_map("[a-z]{1,3}", inner, 0..5).prop_map(|map| json!(map)),
        ]
    })
}

/// Lines of keys and of elements of outermost arrays in a pretty-printed text, by counting the lines of what comes before.
fn lines_by_printing(value: &serde_json::Value, path: &str, line: u32, found: &mut Vec<(String, u32)>) {
    let height = |value: &serde_json::Value| serde_json::to_string_pretty(value).unwrap().lines().count() as u32;
    let join = |name: String| if path.is_empty() { name } else { format!("{path}/{name}") };
    let mut at = line + 1;
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                found.push((join(key.clone()), at));
                lines_by_printing(value, &join(key.clone()), at, found);
                at += height(value);
            }
        }
        serde_json::Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                found.push((join(index.to_string()), at));
                at += height(value);
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn every_place_is_found(value in value()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        let places = Places::of(&text);
        let mut expected = Vec::new();
        lines_by_printing(&value, "", 1, &mut expected);
        for (path, line) in expected {
            prop_assert_eq!(places.line(&path), line, "{} in {}", path, text);
        }
    }

    #[test]
    fn text_that_is_json_is_not_changed(value in value()) {
        let text = value.to_string();
        prop_assert_eq!(without_bare_numbers(&text), text.as_str());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in "[\\[\\]{}:,\"\\\\NaInfity0-9 \n-]{1,60}") {
        if let Ok(text) = Text::from_bytes(&Arc::from("a.json"), bytes.into_bytes()) {
            let mut account = Account::default();
            let json = read(&text, &Limits::default(), &mut account);
            prop_assert_eq!(json.is_some(), account.issues.is_empty());
            prop_assert!(account.ledger.open_rows().is_empty());
        }
    }
}
