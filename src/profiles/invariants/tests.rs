//! Examples that meet and break each invariant, written from the published expressions.

use super::*;

mod examples;

const PUBLISHED: &str = include_str!("../../../profiles/invariants.tsv");

const OWN: &str = include_str!("../../../profiles/fsh/input/fsh/invariants.fsh");

/// Keys and expressions of the invariants of our own profiles.
fn own() -> Vec<(&'static str, &'static str)> {
    let lines = |start| OWN.lines().filter_map(move |line| line.strip_prefix(start));
    let (keys, expressions) = (lines("Invariant: "), lines("Expression: "));
    let own: Vec<_> = keys.zip(expressions.map(|quoted| quoted.trim_matches('"'))).collect();
    assert_eq!(own.len(), OWN.matches("Invariant: ").count());
    own
}

/// Keys of the published list and of our own profiles, once each.
fn keys_in_use() -> Vec<&'static str> {
    let mut keys: Vec<&str> = PUBLISHED
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(cells.len(), 4, "{line}");
            assert_eq!(cells[2], "error", "{line}");
            cells[0]
        })
        .collect();
    keys.dedup();
    assert!(keys.len() > 90);
    keys.extend(own().iter().map(|(key, _)| *key));
    keys
}

/// The value at a JSON pointer of plain names and numbers.
fn at_pointer<'a>(root: &'a Value<'a>, pointer: &str) -> Option<&'a Value<'a>> {
    pointer.split('/').skip(1).try_fold(root, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => value.get(step),
    })
}

fn is_excused(key: &str) -> bool {
    NOT_IMPLEMENTED.iter().any(|(name, _)| name.strip_suffix('*').map_or(*name == key, |start| key.starts_with(start)))
}

#[test]
fn every_key_has_a_rule_or_a_reason() {
    for key in keys_in_use() {
        assert_ne!(rule(key).is_some(), is_excused(key), "{key}");
    }
    assert_eq!(
        check("nil-1", &Value::Null, &Context::of(&Value::Null, &ContainedIds::default())),
        Outcome::NotImplemented
    );
}

#[test]
fn the_rules_of_our_profiles_quote_their_expressions() {
    let source = [
        include_str!("impress.rs"),
        include_str!("impress/cohort.rs"),
        include_str!("impress/exchange.rs"),
        include_str!("impress/patients.rs"),
        include_str!("impress/subject.rs"),
        include_str!("impress/values.rs"),
    ]
    .concat();
    let comments: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix("/// ")).collect();
    let comments = comments.join(" ");
    for (key, expression) in own() {
        assert!(comments.contains(&format!("{key}: `{expression}`")), "{key}");
    }
}

#[test]
fn every_rule_has_examples_of_both_kinds() {
    for key in keys_in_use().into_iter().filter(|key| !is_excused(key)) {
        let of_key: Vec<_> = examples::all().filter(|(name, ..)| *name == key).collect();
        assert!(of_key.iter().any(|(_, _, holds, _)| !holds.is_empty()), "{key} has no example that meets it");
        assert!(of_key.iter().any(|(_, _, _, fails)| !fails.is_empty()), "{key} has no example that breaks it");
    }
}

#[test]
fn examples_meet_and_break_the_rules() {
    for (key, pointer, holds, fails) in examples::all() {
        let cases =
            holds.iter().map(|text| (text, Outcome::Holds)).chain(fails.iter().map(|text| (text, Outcome::Fails)));
        for (text, expected) in cases {
            let owned: serde_json::Value =
                serde_json::from_str(text).unwrap_or_else(|error| panic!("{key}: {text}: {error}"));
            let root = Value::from(&owned);
            let element = at_pointer(&root, pointer).unwrap_or_else(|| panic!("{key}: {text} has no {pointer}"));
            assert_eq!(check(key, element, &Context::of(&root, &ContainedIds::of(&root))), expected, "{key}: {text}");
        }
    }
}

#[test]
fn a_primitive_without_value_needs_an_extension() {
    let (extended, bare) = (serde_json::json!({"extension": [{"url": "u"}]}), serde_json::json!({"id": "a"}));
    let (extended, bare) = (Value::from(&extended), Value::from(&bare));
    for (sibling, expected) in
        [(Some(&extended), Outcome::Holds), (Some(&bare), Outcome::Fails), (None, Outcome::Fails)]
    {
        let ids = ContainedIds::default();
        let context = Context { sibling, ..Context::of(&Value::Null, &ids) };
        assert_eq!(check("ele-1", &Value::Null, &context), expected);
    }
}

#[test]
fn a_contained_resource_may_point_at_its_container() {
    let root = serde_json::json!({"contained": [{"id": "a"}, {"id": "b", "subject": {"reference": "#"}}]});
    let root = Value::from(&root);
    let contained = at_pointer(&root, "/contained/1").unwrap();
    for (target, expected) in [("#", Outcome::Holds), ("#a", Outcome::Holds), ("#c", Outcome::Fails)] {
        let reference = serde_json::json!({"reference": target});
        let reference = Value::from(&reference);
        let ids = ContainedIds::of(&root);
        let context = Context { resource: contained, ..Context::of(&root, &ids) };
        assert_eq!(check("ref-1", &reference, &context), expected, "{target}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_upsets_the_narrative_rules(text in "(<|>|/|div|p| |\"|'|=|xmlns|x|å|<!--|-->){0,30}") {
        let div = Value::String(&text);
        for key in ["txt-1", "txt-2"] {
            proptest::prop_assert_ne!(check(key, &div, &Context::of(&div, &ContainedIds::default())), Outcome::NotImplemented);
        }
    }

    #[test]
    fn no_value_upsets_a_rule(text in "[0-9TZ:.+-]{0,26}", number in -1000i64..1000) {
        let odd = [
            serde_json::json!(text), serde_json::json!(number), serde_json::json!([null, text]), serde_json::json!({"": text}),
        ];
        for value in &odd {
            let element = serde_json::json!({
                "resourceType": "Task", "start": text, "end": text, "low": value, "high": value, "value": value,
                "entry": value, "contained": value, "code": value, "reference": value, "lastModified": text,
                "authoredOn": value, "type": "document", "repeat": value, "duration": value, "system": value,
            });
            let (value, element) = (&Value::from(value), Value::from(&element));
            for key in keys_in_use() {
                check(key, value, &Context::of(&element, &ContainedIds::of(&element)));
                check(key, &element, &Context::of(value, &ContainedIds::of(value)));
            }
        }
    }
}
