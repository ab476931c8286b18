//! Every kind of defect, with its place.

use super::*;
use IssueCode::{
    MappingArgumentInvalid as Argument, MappingFieldUnknown as FieldUnknown, MappingFunctionUnknown as FunctionUnknown,
    MappingSyntax as Syntax, MappingTableUnknown as TableUnknown, MappingTemplateInvalid as Invalid,
};

/// The errors of one file as code, line, column and text.
fn errors(text: &str) -> Vec<(IssueCode, u32, u32, String)> {
    let errors = load(&[MappingFile::new("fhir/t.yaml", text.to_owned())]).err().unwrap_or_default();
    errors.into_iter().map(|error| (error.code, error.line, error.column, error.text)).collect()
}

fn assert_one(text: &str, code: IssueCode, line: u32, column: u32, expected: &str) {
    let found = errors(text);
    let [(found_code, found_line, found_column, message)] = found.as_slice() else { panic!("{text}\n{found:?}") };
    assert_eq!((*found_code, *found_line, *found_column), (code, line, column), "{text}\n{message}");
    assert!(message.contains(expected), "{text}\n{message}");
}

#[test]
fn defects_of_a_node() {
    // The body starts at line 6, column 3.
    for (body, code, line, column, expected) in [
        ("a: \"{{ report.nme }}\"", FieldUnknown, 6, 17, "Root has no field `nme` (known: identity, name, remark"),
        ("a: \"{{ thing.label }}\"", FieldUnknown, 6, 10, "no name `thing` here (known: report)"),
        ("a: \"{{ report.name.x }}\"", FieldUnknown, 6, 22, "`name` is a text, it has no field"),
        ("a: \"{{ report.things.label }}\"", FieldUnknown, 6, 24, "use `$each` or `join`"),
        ("a: \"x {{ report.count }} {{ report.no }}\"", FieldUnknown, 6, 38, "`no`"),
        ("a:\n  - {$when: report.no, b: 1}", FieldUnknown, 7, 22, "`no`"),
        ("a:\n  - $each: report.no\n    $as: x\n    b: 1", FieldUnknown, 7, 21, "`no`"),
        ("a: \"{{ join(report.things, no, ',') }}\"", FieldUnknown, 6, 30, "Thing has no field `no`"),
        ("a: \"{{ upper(report.name) }}\"", FunctionUnknown, 6, 10, "no function `upper` (known: lookup, decimal"),
        ("a: \"{{ report.things }}\"", Argument, 6, 10, "a list is no value"),
        ("a: \"{{ report.owner }}\"", Argument, 6, 10, "a record is no value"),
        ("a: \"{{ text(report.identity) }}\"", Argument, 6, 15, "a business key is no value"),
        ("a: \"{{ text() }}\"", Argument, 6, 10, "expected text(value)"),
        ("a: \"{{ lookup(kinds, report.name) }}\"", Argument, 6, 10, "expected lookup(table, key, column)"),
        ("a: \"{{ first(report.name) }}\"", Argument, 6, 10, "expected first("),
        ("a: \"{{ lookup(kinds, report.flag, code) }}\"", Argument, 6, 24, "text or number as key"),
        ("a: \"{{ lookup('kinds', 'x', code) }}\"", Argument, 6, 17, "the name of a table"),
        ("a: \"{{ lookup(kinds, 'x', 'code') }}\"", Argument, 6, 29, "the name of a column"),
        ("a: \"{{ decimal(report.flag) }}\"", Argument, 6, 18, "text or number"),
        ("a: \"{{ date(report.count) }}\"", Argument, 6, 15, "expected text"),
        ("a: \"{{ id(report.name) }}\"", Argument, 6, 13, "a record with a business key"),
        ("a: \"{{ id(report.things) }}\"", Argument, 6, 13, "a record with a business key"),
        ("a: \"{{ id('x') }}\"", Argument, 6, 13, "a record with a business key"),
        ("a: \"{{ id(report, report.name) }}\"", Argument, 6, 21, "a literal"),
        ("a: \"{{ reference(patient, report) }}\"", Argument, 6, 20, "a resource type"),
        ("a: \"{{ reference(Patient, report, 'a', 'b') }}\"", Argument, 6, 10, "expected reference("),
        ("a: \"{{ first(report.name, report.count) }}\"", Argument, 6, 10, "several kinds"),
        ("a: \"{{ join(report.owner, code, ',') }}\"", Argument, 6, 15, "a list"),
        ("a: \"{{ join(report.things, tags, ',') }}\"", Argument, 6, 30, "a list is no value"),
        ("a: \"{{ join(report.things, label, report.name) }}\"", Argument, 6, 37, "a literal"),
        ("a: \"{{ '' }}\"", Argument, 6, 10, "an empty literal"),
        ("a: {$when: report.things == 'x', b: 1}", Argument, 6, 14, "a list is no value"),
        ("a: [{$each: report.name, $as: x, b: 1}]", Argument, 6, 15, "`report.name` is a text, not a list or record"),
        ("a: [{$each: first(report.name), $as: x, b: 1}]", Argument, 6, 15, "takes a path"),
        ("a: \"{{ lookup(kind, 'x', code) }}\"", TableUnknown, 6, 17, "no table `kind` (known: kinds)"),
        ("a: \"{{ lookup(kinds, 'x', cde) }}\"", TableUnknown, 6, 29, "no column `cde` (known: key, code, empty)"),
        ("a: \"{{ report.name }\"", Syntax, 6, 22, "expected `}}`"),
        ("a: \"æ }} x\"", Syntax, 6, 9, "`}}` without `{{`"),
        ("a: {$when: report.name =, b: 1}", Syntax, 6, 26, "unexpected text"),
        ("a: {{ report.name }}", Syntax, 6, 7, "not text"),
        ("a: 1\na: 2", Syntax, 7, 3, "duplicated key"),
        ("a:", Invalid, 6, 4, "a value is missing"),
        ("a: [null]", Invalid, 6, 7, "a value is missing"),
        ("a: ''", Invalid, 6, 6, "an empty text"),
        ("a: {$wen: x}", Invalid, 6, 7, "`$wen` is neither a property"),
        ("a b: 1", Invalid, 6, 3, "`a b` is neither a property"),
        ("a: {$when: 1, b: 1}", Invalid, 6, 14, "`$when` is not a text"),
        ("a: [{$each: report.things, b: 1}]", Invalid, 6, 15, "`$each` and `$as` belong together"),
        ("a: [{$as: x, b: 1}]", Invalid, 6, 13, "`$each` and `$as` belong together"),
        ("a: [{$each: report.things, $as: report, b: 1}]", Invalid, 6, 35, "the name `report` is taken"),
        ("a: [{$each: report.things, $as: a.b, b: 1}]", Invalid, 6, 35, "`a.b` is not a name"),
        ("a: [{$name: n, b: 1}, {$name: n, b: 1}]", Invalid, 6, 33, "a second node named `n`"),
    ] {
        assert_one(&template(body), code, line, column, expected);
    }
}

#[test]
fn a_loop_stands_in_a_list() {
    let found = errors(&template("a: {$each: report.things, $as: x}"));
    let places: Vec<_> = found.iter().map(|(code, line, column, _)| (*code, *line, *column)).collect();
    assert_eq!(places, [(Invalid, 6, 14), (Invalid, 6, 34)]);
}

#[test]
fn a_text_that_the_file_writes_otherwise_is_told_at_its_start() {
    assert_one(&template("a: \"\\t{{ report.no }}\""), FieldUnknown, 6, 6, "`no`");
    assert_one(&template("a: >-\n  x\n  {{ report.no }}"), FieldUnknown, 7, 5, "`no`");
}

#[test]
fn defects_of_a_file() {
    const HEAD: &str = "template: t\nprofile: http://example.org/p\n";
    const RESOURCE: &str = "resource: {resourceType: Basic, id: \"{{ id(report) }}\"}\n";
    for (text, line, column, expected) in [
        ("[1]".to_owned(), 1, 1, "not a template"),
        (format!("profile: p\n{RESOURCE}"), 1, 1, "`template` is missing"),
        (format!("template: t\n{RESOURCE}"), 1, 1, "`profile` is missing"),
        (format!("template: a b\nprofile: p\n{RESOURCE}"), 1, 11, "`a b` is no `template`"),
        (format!("{HEAD}{RESOURCE}extra: 1\n"), 4, 1, "`extra` is no key of a template"),
        (HEAD.to_owned(), 1, 1, "`resource` is missing"),
        (format!("{HEAD}faces: identified\n{RESOURCE}"), 3, 8, "`faces` is not a list"),
        (format!("{HEAD}faces: [trial]\n{RESOURCE}"), 3, 9, "`identified` or `pseudonymous`"),
        (format!("{HEAD}each: report.things\n{RESOURCE}"), 3, 7, "`each` and `as` belong together"),
        (format!("{HEAD}as: x\n{RESOURCE}"), 3, 5, "`each` and `as` belong together"),
        (format!("{HEAD}each: report.things\nas: report\n{RESOURCE}"), 4, 5, "the name `report` is taken"),
        (format!("{HEAD}resource: [1]\n"), 3, 11, "`resource` is not an object"),
        (
            format!("{HEAD}resource: {{id: \"{{{{ id(report) }}}}\", resourceType: Basic}}\n"),
            3,
            12,
            "starts with `resourceType`",
        ),
        (
            format!("{HEAD}resource: {{resourceType: \"{{{{ report.name }}}}\", id: \"{{{{ id(report) }}}}\"}}\n"),
            3,
            12,
            "is a constant",
        ),
        (format!("{HEAD}resource: {{resourceType: basic, id: \"{{{{ id(report) }}}}\"}}\n"), 3, 12, "is a constant"),
        (format!("{HEAD}resource: {{resourceType: Basic}}\n"), 3, 11, "the `id` of a resource"),
        (format!("{HEAD}resource: {{resourceType: Basic, id: x}}\n"), 3, 37, "the `id` of a resource"),
        (
            format!("{HEAD}resource: {{resourceType: Basic, id: \"x{{{{ id(report) }}}}\"}}\n"),
            3,
            37,
            "the `id` of a resource",
        ),
        (
            format!("{HEAD}resource: {{resourceType: Basic, id: \"{{{{ report.name }}}}\"}}\n"),
            3,
            37,
            "the `id` of a resource",
        ),
        (
            format!("{HEAD}resource: {{$name: n, resourceType: Basic, id: \"{{{{ id(report) }}}}\"}}\n"),
            3,
            12,
            "the resource itself",
        ),
    ] {
        assert_one(&text, Invalid, line, column, expected);
    }
    let wrong_id = format!("{HEAD}resource: {{resourceType: Basic, id: \"{{{{ id(report.nme) }}}}\"}}\n");
    assert_one(&wrong_id, FieldUnknown, 3, 51, "`nme`");
}

#[test]
fn all_defects_of_all_files_are_told() {
    let files = [
        MappingFile::new("b.yaml", template("a: \"{{ report.x }}\"\nb: \"{{ report.y }} {{ nope() }}\"\nc: [{d: ''}]")),
        MappingFile::new("a.yaml", "a: [\n"),
        MappingFile::new("c.yaml", template("a: 1")),
    ];
    let errors = load(&files).expect_err("defects");
    let places: Vec<_> =
        errors.iter().map(|error| format!("{}:{}:{} {}", error.file, error.line, error.column, error.code)).collect();
    assert_eq!(
        places,
        [
            "a.yaml:2:1 mapping.syntax-invalid",
            "b.yaml:6:17 mapping.field-unknown",
            "b.yaml:7:17 mapping.field-unknown",
            "b.yaml:7:25 mapping.function-unknown",
            "b.yaml:8:11 mapping.template-invalid",
            "c.yaml:1:1 mapping.template-invalid",
        ]
    );
    assert_eq!(errors.last().map(|error| error.text.as_str()), Some("b.yaml already has a template `t`"));
}

#[test]
fn an_error_reads_as_a_sentence_and_becomes_an_issue() {
    let errors = load(&[MappingFile::new("fhir/t.yaml", template("a: \"{{ nope() }}\""))]).expect_err("defect");
    let error = errors.first().expect("one");
    assert!(error.to_string().starts_with("fhir/t.yaml:6:10: no function `nope`"), "{error}");
    let issue = error.to_issue();
    assert_eq!((issue.code, issue.location.line), (FunctionUnknown, Some(6)));
    assert!(issue.text.starts_with("column 10: no function"), "{}", issue.text);
}
