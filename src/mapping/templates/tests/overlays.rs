//! What an overlay replaces, and what it is refused for.

use super::*;

const BASE: &str =
    "a:\n  - {$name: one, v: 1}\n  - {$name: two, v: 2}\n  - {v: 3}\nb: {$name: bee, c: {$name: cee, v: 4}}";

fn overlaid(overlays: &[&str]) -> Result<String, Vec<MappingError>> {
    let mut files = vec![MappingFile::new("fhir/t.yaml", template(BASE))];
    for (number, overlay) in overlays.iter().enumerate() {
        files.push(MappingFile::new(&format!("overlays/1/{number}.yaml"), (*overlay).to_owned()));
    }
    let templates = load(&files)?;
    let json = templates.render(&root(), &ids()).first().map(|rendered| rendered.json.clone()).unwrap_or_default();
    Ok(json.split_once(",\"a\"").map(|(_, rest)| format!("\"a\"{rest}")).unwrap_or(json))
}

#[test]
fn exactly_the_named_node_is_replaced() {
    let nodes = |nodes: &str| format!("overlay: nodes\ntemplate: t\nnodes: {nodes}\n");
    for (nodes, expected) in [
        ("{two: {v: 9}}", r#""a":[{"v":1},{"v":9},{"v":3}],"b":{"c":{"v":4}}}"#),
        ("{two: null}", r#""a":[{"v":1},{"v":3}],"b":{"c":{"v":4}}}"#),
        ("{two: x}", r#""a":[{"v":1},"x",{"v":3}],"b":{"c":{"v":4}}}"#),
        (
            "{two: {$each: report.things, $as: thing, $when: thing.size, v: \"{{ thing.label }}\"}}",
            r#""a":[{"v":1},{"v":"a"},{"v":"c"},{"v":3}],"b":{"c":{"v":4}}}"#,
        ),
        ("{one: {v: 8}, cee: {w: 7}}", r#""a":[{"v":8},{"v":2},{"v":3}],"b":{"c":{"w":7}}}"#),
        ("{cee: null}", r#""a":[{"v":1},{"v":2},{"v":3}]}"#),
        ("{bee: [1]}", r#""a":[{"v":1},{"v":2},{"v":3}],"b":[1]}"#),
    ]
    .map(|(yaml, expected)| (nodes(yaml), expected))
    {
        assert_eq!(overlaid(&[&nodes]).as_deref(), Ok(expected), "{nodes}");
    }
}

#[test]
fn a_whole_template_is_replaced() {
    let whole = format!("overlay: whole\n{}", template("a: 5"));
    assert_eq!(overlaid(&[&whole]).as_deref(), Ok(r#""a":5}"#));
}

#[test]
fn a_node_of_an_overlay_is_checked_like_any_other() {
    let errors =
        overlaid(&["overlay: nodes\ntemplate: t\nnodes:\n  two: {v: \"{{ report.no }}\"}\n"]).expect_err("defect");
    let [error] = errors.as_slice() else { panic!("{errors:?}") };
    let place = (error.code, error.file.as_ref(), error.line, error.column);
    assert_eq!(place, (IssueCode::MappingFieldUnknown, "overlays/1/0.yaml", 4, 23));
}

#[test]
fn what_an_overlay_does_not_find_is_named() {
    for (overlay, line, column, expected) in [
        ("overlay: nodes\nnodes: {}\n", 1, 1, "names its `template`"),
        ("overlay: nodes\ntemplate: u\nnodes: {}\n", 2, 11, "no template `u` (known: t)"),
        ("overlay: whole\ntemplate: u\n", 2, 11, "no template `u`"),
        ("overlay: merge\ntemplate: t\n", 1, 10, "`whole` or `nodes`"),
        (
            "overlay: nodes\ntemplate: t\nnodes:\n  three: 1\n",
            4,
            3,
            "t has no node `three` (known: one, two, bee, cee)",
        ),
        ("overlay: nodes\ntemplate: t\n", 1, 1, "`nodes` maps names"),
        ("overlay: nodes\ntemplate: t\nnodes: {one: 1}\nresource: {}\n", 4, 1, "`resource` is no key"),
    ] {
        let errors = overlaid(&[overlay]).expect_err(overlay);
        let [error] = errors.as_slice() else { panic!("{overlay}: {errors:?}") };
        assert_eq!(
            (error.code, error.line, error.column),
            (IssueCode::MappingOverlayInvalid, line, column),
            "{overlay}"
        );
        assert!(error.text.contains(expected), "{overlay}: {error}");
    }
    let both = ["overlay: nodes\ntemplate: t\nnodes: {two: null}\n", "overlay: nodes\ntemplate: t\nnodes: {two: 1}\n"];
    assert!(overlaid(&both).is_err_and(|errors| errors.iter().all(|e| e.code == IssueCode::MappingOverlayInvalid)));
}
