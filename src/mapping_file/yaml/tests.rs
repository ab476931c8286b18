use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<Node, MappingError> {
    read(&MappingFile::new("fhir/a.yaml", text.to_owned()))
}

/// The value of `key: <scalar>`.
fn scalar(source: &str) -> Value {
    match parse(&format!("key: {source}\n")).map(|node| node.value) {
        Ok(Value::Object(entries)) => entries.into_iter().next().expect("one entry").node.value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn numbers_keep_their_digits_and_all_else_is_text() {
    for number in ["0", "1", "1.0", "-0.50", "1e5", "1.20E-03", "12345678901234567890123"] {
        assert_eq!(scalar(number), Value::Number(number.to_owned()), "{number}");
    }
    let text = |source: &str| match scalar(source) {
        Value::Text(text) => text.text,
        other => panic!("{source}: {other:?}"),
    };
    for source in ["81258-6", "0x1F", ".5", "+1", "007", "1.", "True", "yes", "1_000", "http://loinc.org", ".inf"] {
        assert_eq!(text(source), source);
    }
    for (source, expected) in
        [("\"1\"", "1"), ("'1.0'", "1.0"), ("'it''s'", "it's"), ("\"a\\tb\"", "a\tb"), ("|\n  1.0\n", "1.0\n")]
    {
        assert_eq!(text(source), expected, "{source}");
    }
    assert_eq!((scalar("true"), scalar("false")), (Value::Boolean(true), Value::Boolean(false)));
    assert_eq!((scalar("null"), scalar("~"), scalar("")), (Value::Null, Value::Null, Value::Null));
}

#[test]
fn order_and_places_are_kept() {
    let Ok(Node { value: Value::Object(entries), .. }) = parse("z: 1\na:\r\n  - {c: 'x', b: y}\n") else { panic!() };
    assert_eq!(entries.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["z", "a"]);
    let Some(Entry { node: Node { value: Value::List(elements), .. }, .. }) = entries.get(1) else { panic!() };
    let Some(Node { value: Value::Object(entries), .. }) = elements.first() else { panic!() };
    let places: Vec<_> = entries.iter().map(|entry| (entry.at.line, entry.at.column, entry.node.at.column)).collect();
    assert_eq!(places, [(3, 6, 9), (3, 14, 17)]);
    let Some(Entry { node: Node { value: Value::Text(text), .. }, .. }) = entries.first() else { panic!() };
    assert_eq!(text.first.as_ref().map(|at| (at.line, at.column)), Some((3, 10)));
}

#[test]
fn what_a_template_does_not_need_is_refused() {
    let deep_flow = format!("a: {}", "[".repeat(100_000));
    let deep_block = "- ".repeat(100_000);
    let deep_properties = "- &a ".repeat(100_000);
    let nested = format!("a: {}1{}\n", "[".repeat(33), "]".repeat(33));
    for (text, line, column, expected) in [
        ("", 1, 1, "empty"),
        ("# only a comment\n", 1, 1, "empty"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "duplicated key"),
        ("a: &x 1\n", 1, 4, "anchors"),
        ("a: &x {b: 1}\n", 1, 4, "anchors"),
        ("a: 1\nb: *x\n", 2, 4, "unknown anchor"),
        ("a: &x b\nc: *x\n", 1, 4, "anchors"),
        ("a: !!str 5\n", 1, 4, "tags"),
        ("a: !x {b: 1}\n", 1, 4, "tags"),
        ("a: 1\n---\nb: 2\n", 3, 1, "second document"),
        ("1: a\n", 1, 1, "not text"),
        ("[a]: b\n", 1, 1, "not text"),
        ("a: [b\n", 2, 1, "flow"),
        ("a: b: c\n", 1, 5, "mapping values"),
        ("\u{feff}a: 1\n", 1, 1, "byte order mark"),
        (&nested, 1, 36, "levels deep"),
        (&deep_flow, 1, 259, "recursion limit"),
        (&deep_block, 1, 121, "indented too deeply"),
        (&deep_properties, 1, 121, "indented too deeply"),
    ] {
        let error = parse(text).expect_err(text);
        let start = text.chars().take(40).collect::<String>();
        assert_eq!(
            (error.code, error.line, error.column),
            (IssueCode::MappingSyntax, line, column),
            "{start}: {error}"
        );
        assert!(error.text.contains(expected), "{start}: {error}");
    }
    assert!(parse(&"a: b\n".repeat(MAX_BYTES / 5 + 1)).is_err_and(|error| error.text.contains("longer")));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\]{}:,&*!|>'\"%#@`?a1. \n\r\t-]{0,80}|\\PC{0,80}") {
        let _ = parse(&text);
    }
}
