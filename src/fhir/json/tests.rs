use std::path::PathBuf;

use super::*;

fn read_text(text: &str) -> Result<Value, Vec<Issue>> {
    read(text.as_bytes(), &JsonLimits::default())
}

/// Code, path and line of the only issue.
fn issue_of(bytes: &[u8], limits: &JsonLimits) -> (IssueCode, Option<String>, Option<u32>, String) {
    let issues = read(bytes, limits).unwrap_err();
    assert_eq!(issues.len(), 1, "{issues:?}");
    let Issue { code, location, text } = issues.into_iter().next().unwrap();
    (code, location.path.map(|path| path.to_string()), location.line, text)
}

#[test]
fn values_are_read_as_sent() {
    for (text, expected) in [
        ("null", Value::Null),
        (" true ", Value::Bool(true)),
        ("false", Value::Bool(false)),
        ("\"\"", Value::from("")),
        ("\"\\u00e5\\n\\\"\\ud83d\\ude00\"", Value::from("å\n\"😀")),
        ("\"å\u{7f}\u{2028}\"", Value::from("å\u{7f}\u{2028}")),
        ("[]", Value::Array(Vec::new())),
        ("{}", Value::Object(Map::new())),
    ] {
        assert_eq!(read_text(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn digits_and_order_are_kept() {
    for text in ["0", "-0", "1.10", "0.00050", "1e-999", "123456789012345678901234567890.10"] {
        assert_eq!(read_text(text).unwrap().to_string(), text);
    }
    let text = r#"{"z":1,"a":[1,{"c":2,"b":null}],"m":{}}"#;
    assert_eq!(serde_json::to_string(&read_text(text).unwrap()).unwrap(), text);
}

#[test]
fn the_private_number_key_stays_an_object() {
    let value = read_text(r#"{"$serde_json::private::Number":"1e9"}"#).unwrap();
    assert!(value.is_object());
}

#[test]
fn what_is_not_json_says_where() {
    for (text, line, column) in [
        ("", 1, 1),
        (" \n ", 2, 2),
        ("{} {}", 1, 4),
        ("[1,]", 1, 4),
        ("[1 2]", 1, 4),
        ("[,1]", 1, 2),
        ("[", 1, 2),
        ("{\"a\":1,}", 1, 8),
        ("{\"a\" 1}", 1, 6),
        ("{\"a\":}", 1, 6),
        ("{a:1}", 1, 2),
        ("{'a':1}", 1, 2),
        ("{\"a\":1\n,\"b\":NaN}", 2, 6),
        ("[Infinity]", 1, 2),
        ("[-Infinity]", 1, 3),
        ("[nul]", 1, 2),
        ("[truth]", 1, 2),
        ("[\"å\",x]", 1, 6),
        ("[01]", 1, 3),
        ("[1.]", 1, 4),
        ("[.5]", 1, 2),
        ("[+1]", 1, 2),
        ("[1e]", 1, 4),
        ("[1e+]", 1, 5),
        ("[0x10]", 1, 3),
        ("[\"a\tb\"]", 1, 4),
        ("[\"a", 1, 4),
        ("[\"a\\", 1, 5),
        ("\u{feff}{}", 1, 1),
        ("[1]/* */", 1, 4),
        ("\u{a0}1", 1, 1),
    ] {
        let (code, _, found_line, message) = issue_of(text.as_bytes(), &JsonLimits::default());
        assert_eq!((code, found_line), (IssueCode::JsonInvalid, Some(line)), "{text:?}");
        assert!(message.ends_with(&format!("at column {column}")), "{text:?}: {message}");
    }
}

#[test]
fn escapes_that_are_no_character_are_refused() {
    for text in [
        r#"["\ud800"]"#,
        r#"["\udc00"]"#,
        r#"["\ud800\u0041"]"#,
        r#"["\ud800\ud800"]"#,
        r#"["\u12"]"#,
        r#"["\u12g4"]"#,
        r#"["\x41"]"#,
        r#"["\å"]"#,
    ] {
        let (code, path, line, _) = issue_of(text.as_bytes(), &JsonLimits::default());
        assert_eq!((code, path.as_deref(), line), (IssueCode::JsonInvalid, Some("Resource[0]"), Some(1)), "{text}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_refused() {
    for (bytes, line, column) in [
        (&b"[\"\xed\xa0\x80\"]"[..], 1, 3),
        (b"\n[\"\xff\"]", 2, 3),
        (b"[\"\xc3\xa5\xc0\xaf\"]", 1, 4),
        (b"\xff\xfe{\0}\0", 1, 1),
    ] {
        let (code, _, found_line, message) = issue_of(bytes, &JsonLimits::default());
        assert_eq!((code, found_line), (IssueCode::JsonInvalid, Some(line)));
        assert_eq!(message, format!("not utf-8 at column {column}"));
    }
}

#[test]
fn a_repeated_key_has_path_and_line() {
    for (text, paths) in [
        ("{\"resourceType\":\"Patient\",\n\"id\":\"a\",\n\"id\":\"b\"}", &[("Patient.id", 3)][..]),
        (
            "{\"name\":[{},{\"use\":\"usual\",\n\"use\":\"usual\"}],\n\"resourceType\":\"Patient\",\"name\":[]}",
            &[("Patient.name[1].use", 2), ("Patient.name", 3)],
        ),
        ("{\"resourceType\":\"Patient\",\"resourceType\":\"Device\"}", &[("Patient.resourceType", 1)]),
        ("{\"a\":1,\"\\u0061\":2}", &[("Resource.a", 1)]),
        ("[{\"a\":1,\"a\":1}]", &[("Resource[0].a", 1)]),
    ] {
        let issues = read_text(text).unwrap_err();
        let found: Vec<_> = issues
            .iter()
            .map(|issue| (issue.code, issue.location.path.as_deref().unwrap(), issue.location.line.unwrap()))
            .collect();
        let expected: Vec<_> = paths.iter().map(|(path, line)| (IssueCode::JsonKeyRepeated, *path, *line)).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn a_key_that_is_no_name_is_quoted_in_the_path() {
    // Synthetic number (month + 80).
    let issues = read_text("{\"13897512345\":1,\"13897512345\":1}").unwrap_err();
    assert_eq!(issues[0].location.path.as_deref(), Some("Resource.`***********`"));
    assert!(!issues[0].text.contains("138"));
}

#[test]
fn repeated_keys_are_listed_up_to_a_limit_and_before_the_fault() {
    let text = format!("{{{}\"b\":}}", "\"a\":1,".repeat(500));
    let issues = read_text(&text).unwrap_err();
    assert_eq!(issues.len(), 101);
    assert_eq!(issues[99].code, IssueCode::JsonKeyRepeated);
    assert_eq!(issues[100].code, IssueCode::JsonInvalid);
}

#[test]
fn limits_stop_the_reader() {
    use IssueCode::{JsonTooDeep, JsonTooLarge};
    let small = JsonLimits { bytes: 100, depth: 3, array: 4, values: 9, number: 5 };
    for (text, code, path) in [
        ("[[[[]]]]", JsonTooDeep, Some("Resource[0][0][0]")),
        (r#"{"resourceType":"List","entry":[{"item":{}}]}"#, JsonTooDeep, Some("List.entry[0].item")),
        (r#"{"resourceType":"List","entry":[1,1,1,1,1]}"#, JsonTooLarge, Some("List.entry")),
        ("[[1,1],[1,1],[1,1],[1,1]]", JsonTooLarge, Some("Resource[2][1]")),
        ("{\"a\":123456}", JsonTooLarge, Some("Resource.a")),
        ("{\"a\":1e1000}", JsonTooLarge, Some("Resource.a")),
    ] {
        let (found, found_path, _, _) = issue_of(text.as_bytes(), &small);
        assert_eq!((found, found_path.as_deref()), (code, path), "{text}");
    }
    let (code, path, line, _) = issue_of(" ".repeat(101).as_bytes(), &small);
    assert_eq!((code, path, line), (JsonTooLarge, None, None));
    assert!(read(b"[[[1]],1,1,1]", &small).is_ok());
}

#[test]
fn hostile_texts_end_in_an_issue() {
    let limits = JsonLimits::default();
    let deep_objects = "{\"a\":".repeat(10_000);
    for (text, code) in [
        ("[".repeat(10_000), IssueCode::JsonTooDeep),
        (deep_objects, IssueCode::JsonTooDeep),
        (format!("[{}1]", "1,".repeat(1_000_000)), IssueCode::JsonTooLarge),
        (format!("[{}]", "9".repeat(1_000_000)), IssueCode::JsonTooLarge),
        (format!("[1e{}]", "9".repeat(100)), IssueCode::JsonTooLarge),
        (format!("[{0}1]", format!("[{}1],", "1,".repeat(10_000)).repeat(400)), IssueCode::JsonTooLarge),
        ("\"".repeat(1_000_001), IssueCode::JsonInvalid),
        (" ".repeat(50_000_001), IssueCode::JsonTooLarge),
    ] {
        let (found, ..) = issue_of(text.as_bytes(), &limits);
        assert_eq!(found, code, "{}", &text[..10]);
    }
    let endless = JsonLimits { depth: usize::MAX, ..limits };
    assert_eq!(issue_of("[".repeat(1_000_000).as_bytes(), &endless).0, IssueCode::JsonTooDeep);
    assert!(read(format!("[{}1]", "1,".repeat(999_999)).as_bytes(), &limits).is_ok());
    assert!(read(format!("{}{}", "[".repeat(64), "]".repeat(64)).as_bytes(), &limits).is_ok());
}

#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn the_verdicts_of_a_corpus_are_met() {
    let Some(folder) = std::env::var_os("IMPRESS_JSON_CORPUS").map(PathBuf::from) else {
        println!("SKIPPED json-corpus: IMPRESS_JSON_CORPUS is not set");
        return;
    };
    let folder = if folder.join("test_parsing").is_dir() { folder.join("test_parsing") } else { folder };
    let (mut accepted, mut refused, mut either) = (0, 0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::fs::File::open(&path).unwrap(), &mut bytes).unwrap();
        let result = read(&bytes, &JsonLimits::default());
        match name.get(..2) {
            // A repeated key is JSON, and refused on purpose.
            Some("y_") if name.contains("duplicated_key") => {
                assert_eq!(result.unwrap_err()[0].code, IssueCode::JsonKeyRepeated, "{name}");
                accepted += 1;
            }
            Some("y_") => {
                assert!(result.is_ok(), "{name}: {result:?}");
                accepted += 1;
            }
            Some("n_") => {
                assert!(result.is_err(), "{name}");
                refused += 1;
            }
            Some("i_") => either += 1,
            _ => {}
        }
    }
    println!("json-corpus: {accepted} accepted, {refused} refused, {either} either");
    assert!(accepted > 0 && refused > 0, "the corpus is empty");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_as_serde_json_reads_it_or_refused(text in "[\\[\\]{},:\"a0-9.e\\\\u -]{0,24}|\\PC{0,24}") {
        let reference: Result<Value, _> = serde_json::from_str(&text);
        match read_text(&text) {
            Ok(value) => proptest::prop_assert_eq!(value, reference.unwrap()),
            Err(issues) if issues[0].code == IssueCode::JsonInvalid => proptest::prop_assert!(reference.is_err()),
            Err(_) => {}
        }
    }
}
