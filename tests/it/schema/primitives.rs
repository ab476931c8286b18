//! Formats of primitives: the expressions of the schema against the functions of the walker.

use std::collections::BTreeSet;

use impress_gateway::profiles::gate::Gate;
use impress_gateway::profiles::schema::{self, Rule};
use impress_gateway::profiles::walk::Validator;
use serde_json::{Value, json};

use super::change::Draw;
use super::errors;

/// Examples of R4, 2.24.0.1, and what lies near them.
const TEXTS: &[&str] = &[
    "a",
    "a b",
    "a  b",
    " a",
    "a ",
    "a\tb",
    "a\nb",
    "a\n",
    "\na",
    "a\u{c}b",
    "a\u{b}b",
    "a\u{a0}b",
    "\u{a0}",
    "\u{2003}",
    "",
    " ",
    "\t",
    "\r\n",
    "a\u{0}",
    "a\u{1f}",
    "æøå",
    "😀",
    "2018",
    "2018\n",
    "0000",
    "0001",
    "0010",
    "0100",
    "1000",
    "9999",
    "10000",
    "218",
    "2018-01",
    "2018-13",
    "2018-00",
    "2018-1",
    "2018-01-01",
    "2018-01-00",
    "2018-01-32",
    "2018-02-30",
    "2018-02-29",
    "2016-02-29",
    "2018-04-31",
    "2018-01-01T",
    "2018-01-01T00:00:00Z",
    "2018-01-01T00:00:00",
    "2018-01-01T24:00:00Z",
    "2018-01-01T23:59:60Z",
    "2018-01-01T23:60:00Z",
    "2018-01-01T00:00:00.1Z",
    "2018-01-01T00:00:00.Z",
    "2018-01-01T00:00:00+14:00",
    "2018-01-01T00:00:00+14:01",
    "2018-01-01T00:00:00-13:59",
    "2018-01-01T00:00:00+1:00",
    "2018-01-01T00:00:00z",
    "2018-01T00:00:00Z",
    "2018-01-01t00:00:00Z",
    "2018-01-01 00:00:00Z",
    "2018-02-30T00:00:00Z",
    "00:00:00",
    "24:00:00",
    "23:59:60",
    "23:59:61",
    "9:00:00",
    "09:00",
    "09:00:00.123456789",
    "09:00:00,1",
    "urn:oid:1.2.3",
    "urn:oid:3.1",
    "urn:oid:1",
    "urn:oid:1.02",
    "urn:oid:0.0",
    "1.2.3",
    "urn:oid:1.2.",
    "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    "urn:uuid:C757873D-EC9A-4326-A141-556F43239520",
    "urn:uuid:c757873dec9a4326a141556f43239520",
    "urn:uuid:c757873d-ec9a-4326-a141-556f4323952",
    "http://a b",
    "http://ab",
    "aGVq",
    "aGV",
    "aG==",
    "aGU=",
    "a===",
    "====",
    "aG=q",
    "aG Vq\n",
    "aGVqaGVq",
    "-_==",
    "A.b-1",
    "a_b",
    "x\u{2028}y",
    "urn:uuid:c757873d-ec9a-4326-a141-556f43239520\n",
];

/// The primitives that an extension may have, by the property.
fn properties(validator: &Validator) -> Vec<(String, String)> {
    let value = validator.form().types["Extension"].children.iter().find(|child| child.name == "value").unwrap();
    let primitive = |name: &&str| name.starts_with(|c: char| c.is_ascii_lowercase());
    let names = value.types.iter().map(|used| used.code.as_str()).filter(primitive);
    names.map(|name| (name.to_owned(), format!("value{}{}", name[..1].to_ascii_uppercase(), &name[1..]))).collect()
}

/// A text with a few of its characters changed.
fn mangled(text: &str, draw: &mut Draw) -> String {
    let alphabet: Vec<char> = "a0129TZ:.-+= \t\n\u{a0}/xf".chars().collect();
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=draw.below(2) {
        let at = draw.below(characters.len() + 1);
        match draw.below(3) {
            0 if at < characters.len() => drop(characters.remove(at)),
            1 if at < characters.len() => characters[at] = *draw.of(&alphabet),
            _ => characters.insert(at, *draw.of(&alphabet)),
        }
    }
    characters.into_iter().collect()
}

#[test]
fn a_primitive_that_the_walker_accepts_has_the_format_of_the_schema_and_mostly_the_reverse() {
    let validator = Validator::embedded().unwrap();
    let gate = Gate::new(validator.form());
    let listed = schema::resource(validator.form(), "Patient").unwrap().weaker;
    let weaker: BTreeSet<&str> =
        listed.iter().filter(|entry| entry.rule == Rule::Primitive).map(|entry| entry.definition.as_str()).collect();
    let mut draw = Draw(1);
    let mut values: Vec<Value> = TEXTS.iter().map(|text| json!(text)).collect();
    for _ in 0..20 {
        values.extend(TEXTS.iter().map(|text| json!(mangled(text, &mut draw))));
    }
    values.extend([
        json!("x".repeat(64)),
        json!("x".repeat(65)),
        json!(true),
        json!(null),
        json!([1]),
        json!({ "a": 1 }),
    ]);
    for number in
        ["0", "1", "-1", "-0", "1.0", "1e0", "1.5", "2147483647", "2147483648", "-2147483648", "-2147483649", "1e400"]
    {
        values.push(serde_json::from_str(number).unwrap());
    }
    let properties = properties(&validator);
    assert_eq!(properties.len(), 19, "{properties:?}");
    for (name, property) in properties {
        let mut accepted = 0;
        for value in &values {
            let patient = json!({
                "resourceType": "Patient",
                "extension": [{ "url": "http://example.org/extension", property.as_str(): value }],
            });
            let is_valid = errors(&validator, &patient, &[]).is_empty();
            let is_admitted = gate.admits(&patient);
            assert!(is_admitted || !is_valid, "{name}: the schema refuses {value}");
            assert!(is_valid || !is_admitted || weaker.contains(name.as_str()), "{name}: the schema lets {value} pass");
            accepted += usize::from(is_valid);
        }
        assert!(accepted > 0, "{name}: no value is valid");
    }
}
