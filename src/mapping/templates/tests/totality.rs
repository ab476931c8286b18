//! Every template ends, and what it writes is JSON.

use proptest::prelude::*;

use super::*;

/// An expression of the grammar, mostly valid.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("report.name".to_owned()),
        Just("report.remark".to_owned()),
        Just("report.count".to_owned()),
        Just("report.ratio".to_owned()),
        Just("report.flag".to_owned()),
        Just("report.guest.code".to_owned()),
        Just("'literal \"x\"'".to_owned()),
        Just("join(report.things, label, ' ')".to_owned()),
        Just("reference(Patient, report.owner)".to_owned()),
        Just("id(report.guest)".to_owned()),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|of| format!("text({of})")),
            inner.clone().prop_map(|of| format!("decimal(text({of}))")),
            inner.clone().prop_map(|of| format!("date(text({of}))")),
            inner.clone().prop_map(|of| format!("lookup(kinds, text({of}), code)")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("text(first({a}, {b}))")),
        ]
    })
}

/// A node in YAML flow style.
fn node() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?",
        // Too short for `true` and `null`, which are no strings.
        "[a-z]{1,3}",
        "\\PC{1,6}".prop_map(|text| format!("'{}'", text.replace('\'', "''").replace(['{', '}'], "."))),
        expression().prop_map(|hole| format!("\"{{{{ {} }}}}\"", hole.replace('"', "\\\""))),
        (expression(), "[a-z ]{0,3}")
            .prop_map(|(hole, text)| format!("\"{text}-{{{{ {} }}}}\"", hole.replace('"', "\\\""))),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let object = prop::collection::btree_map("[a-z]{1,3}", inner.clone(), 0..4).prop_map(|entries| {
            entries.into_iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(", ")
        });
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|elements| format!("[{}]", elements.join(", "))),
            object.clone().prop_map(|entries| format!("{{{entries}}}")),
            (expression(), object.clone())
                .prop_map(|(when, entries)| { format!("{{$when: \"not {}\", {entries}}}", when.replace('"', "\\\"")) }),
            ("[a-z]{8}", object).prop_map(|(name, entries)| {
                let size = format!("size: \"{{{{ {name}.size }}}}\"");
                format!("[x, {{$each: report.things, $as: {name}, {size}, {entries}}}]")
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_compiled_or_refused(text in "[\\[\\]{}:,'\"#a-d1. \n$-]{0,80}|\\PC{0,80}") {
        let _ = load(&[MappingFile::new("t.yaml", text.clone())]);
        let _ = load(&[MappingFile::new("t.yaml", template(&text))]);
        let _ = load(&[MappingFile::new("t.yaml", template("a: 1")), MappingFile::new("o.yaml", format!("overlay: nodes\n{text}"))]);
        let _ = Tables::load(&[MappingFile::new("t.tsv", text)]);
    }

    #[test]
    fn a_template_of_the_grammar_writes_json(node in node()) {
        let files = [MappingFile::new("t.yaml", template(&format!("a: {node}\nz: 1")))];
        let templates = load(&files).map_err(|errors| TestCaseError::fail(format!("{node}: {errors:?}")))?;
        let (root, ids) = (root(), ids());
        let rendered = templates.render(&root, &ids);
        prop_assert_eq!(rendered.len(), 1);
        for resource in rendered {
            let value: serde_json::Value = serde_json::from_str(&resource.json).map_err(|error| TestCaseError::fail(format!("{error}: {}", resource.json)))?;
            prop_assert!(has_no_empty_part(&value), "{}", resource.json);
            // Order and digits survive a reader that keeps both.
            prop_assert_eq!(serde_json::to_string(&value).ok(), Some(resource.json));
        }
    }
}

fn has_no_empty_part(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null => false,
        serde_json::Value::Array(elements) => !elements.is_empty() && elements.iter().all(has_no_empty_part),
        serde_json::Value::Object(members) => !members.is_empty() && members.values().all(has_no_empty_part),
        serde_json::Value::String(text) => !text.is_empty(),
        _ => true,
    }
}
