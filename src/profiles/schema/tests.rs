//! Constructs that no profile of the packages has, or that no resource of the examples breaks.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Rule, Schema, profile};
use crate::domain::issue::Severity;
use crate::profiles::embedded;
use crate::profiles::walk::Validator;

const URL: &str = "http://example.org/StructureDefinition/made-up";

/// A profile on Patient with one element, and the walker that knows it.
fn made_up(element: &Value) -> (Schema, Validator) {
    let mut form = embedded::form().unwrap();
    let root = json!({ "type": "Patient", "root": { "name": "Patient", "array": true, "children": [element] } });
    form.profiles.insert(URL.to_owned(), serde_json::from_value(root).unwrap());
    let schema = profile(&form, URL, &BTreeSet::new(), serde_json::Map::new()).unwrap();
    (schema, Validator::new(form))
}

/// Both engines must accept the first patients and refuse the second ones.
fn same(element: &Value, valid: &[Value], invalid: &[Value]) -> Schema {
    let (schema, validator) = made_up(element);
    let engine = jsonschema::options().build(&schema.document).unwrap();
    for (inside, expected) in valid.iter().map(|value| (value, true)).chain(invalid.iter().map(|value| (value, false)))
    {
        let mut patient = json!({ "resourceType": "Patient" });
        patient.as_object_mut().unwrap().extend(inside.as_object().unwrap().clone());
        let issues = validator.validate(&patient, &[URL]);
        let is_valid = !issues.iter().any(|issue| issue.code.severity() >= Severity::Error);
        assert_eq!(is_valid, expected, "walker: {patient} {issues:?}");
        assert_eq!(engine.is_valid(&patient), expected, "schema: {patient}");
    }
    schema
}

fn identifier(system: &str) -> Value {
    json!({ "system": system, "value": "1" })
}

fn slice(name: &str, matches: &Value, element: &Value) -> Value {
    let mut whole = json!({ "name": "identifier", "array": true });
    whole.as_object_mut().unwrap().extend(element.as_object().unwrap().clone());
    json!({ "name": name, "matches": matches, "element": whole })
}

fn by_system(system: &str) -> Value {
    json!([{ "path": [{ "property": "system" }], "rule": { "fixed": system } }])
}

#[test]
fn closed_slices_leave_no_other_item() {
    let element = json!({
        "name": "identifier", "array": true,
        "slicing": { "rules": "closed", "slices": [
            slice("a", &by_system("urn:a"), &json!({ "min": 1, "max": 1 })),
            slice("b", &by_system("urn:b"), &json!({ "max": 2 })),
        ] },
    });
    let list = |systems: &[&str]| json!({ "identifier": systems.iter().map(|s| identifier(s)).collect::<Vec<_>>() });
    same(
        &element,
        &[list(&["urn:a"]), list(&["urn:b", "urn:a", "urn:b"])],
        &[
            list(&["urn:b"]),
            list(&["urn:a", "urn:a"]),
            list(&["urn:a", "urn:c"]),
            json!({ "active": true }),
            list(&["urn:a", "urn:b", "urn:b", "urn:b"]),
        ],
    );
}

#[test]
fn the_first_slice_that_fits_has_the_item() {
    let has = |property: &str| json!([{ "path": [{ "property": property }], "rule": { "exists": true } }]);
    let element = json!({
        "name": "identifier", "array": true,
        "slicing": { "rules": "open", "slices": [
            slice("used", &has("use"), &json!({ "max": 1 })),
            slice("valued", &has("value"), &json!({ "max": 1, "children": [{ "name": "system", "min": 1 }] })),
        ] },
    });
    let used = json!({ "use": "usual", "value": "1" });
    let valued = json!({ "system": "urn:a", "value": "2" });
    same(
        &element,
        &[json!({ "identifier": [used, valued] }), json!({ "identifier": [used] })],
        &[
            json!({ "identifier": [used, used] }),
            json!({ "identifier": [valued, valued] }),
            json!({ "identifier": [{ "value": "3" }] }),
        ],
    );
}

#[test]
fn absence_and_extensions_tell_slices_apart() {
    let absent = json!([{ "path": [{ "property": "period" }], "rule": { "exists": false } }]);
    let element = json!({
        "name": "identifier", "array": true,
        "slicing": { "rules": "open", "slices": [slice("timeless", &absent, &json!({ "max": 1 }))] },
    });
    let timeless = identifier("urn:a");
    let timed = json!({ "system": "urn:a", "period": { "start": "2020" } });
    same(
        &element,
        &[json!({ "identifier": [timeless, timed, timed] })],
        &[json!({ "identifier": [timeless, timeless] })],
    );

    let marked = json!([{ "path": [{ "extension": "http://example.org/mark" }, { "property": "value" }], "rule": { "fixed": true } }]);
    let element = json!({
        "name": "identifier", "array": true,
        "slicing": { "rules": "open", "slices": [slice("marked", &marked, &json!({ "min": 1, "max": 1 }))] },
    });
    let marked = |value: bool| json!({ "value": "1", "extension": [{ "url": "http://example.org/mark", "valueBoolean": value }] });
    same(
        &element,
        &[json!({ "identifier": [marked(true), marked(false), timeless] })],
        &[json!({ "identifier": [marked(false)] }), json!({ "identifier": [marked(true), marked(true)] })],
    );
}

#[test]
fn types_tell_slices_of_a_choice_apart() {
    let of = |name: &str, element: Value| {
        let mut whole = json!({ "name": "deceased", "choice": true });
        whole.as_object_mut().unwrap().extend(element.as_object().unwrap().clone());
        json!({ "name": name, "matches": [{ "rule": { "type": [name] } }], "element": whole })
    };
    let element = json!({
        "name": "deceased", "choice": true,
        "slicing": { "rules": "closed", "slices": [of("boolean", json!({ "min": 1, "fixed": false }))] },
    });
    same(
        &element,
        &[json!({ "deceasedBoolean": false })],
        &[json!({ "deceasedBoolean": true }), json!({ "deceasedDateTime": "2020" }), json!({ "active": true })],
    );
}

#[test]
fn limits_are_written_where_they_are_numbers() {
    let element = json!({ "name": "multipleBirth", "choice": true, "limits": { "min": 1, "max": 8 } });
    let birth = |number: i32| json!({ "multipleBirthInteger": number });
    same(&element, &[birth(1), birth(8), json!({ "multipleBirthBoolean": true })], &[birth(0), birth(9)]);
    let element = json!({ "name": "language", "limits": { "length": 5 } });
    same(&element, &[json!({ "language": "nb-NO" })], &[json!({ "language": "nb-NO-x" })]);
    let element = json!({ "name": "birthDate", "limits": { "min": "1900-01-01" } });
    let listed = same(&element, &[json!({ "birthDate": "1900-01-01" })], &[]);
    assert!(
        listed.weaker.iter().any(
            |entry| (entry.definition.as_str(), entry.path.as_str(), entry.rule) == (URL, "birthDate", Rule::Limit)
        )
    );
}

#[test]
fn a_primitive_may_need_what_stands_beside_it() {
    let element = json!({ "name": "birthDate", "children": [{ "name": "extension", "array": true, "min": 1 }] });
    let time = json!({ "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime", "valueDateTime": "2020-01-01T00:00:00Z" }] });
    same(
        &element,
        &[json!({ "birthDate": "2020-01-01", "_birthDate": time }), json!({ "active": true })],
        &[json!({ "birthDate": "2020-01-01" }), json!({ "birthDate": "2020-01-01", "_birthDate": { "id": "a" } })],
    );
}

#[test]
fn the_longer_one_of_both_arrays_of_a_primitive_counts() {
    let element =
        json!({ "name": "name", "array": true, "children": [{ "name": "given", "array": true, "min": 2, "max": 2 }] });
    let beside = json!({ "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked" }] });
    let name = |inside: Value| json!({ "name": [inside] });
    same(
        &element,
        &[
            name(json!({ "given": ["a", "b"] })),
            name(json!({ "given": ["a", null], "_given": [null, beside] })),
            name(json!({ "_given": [beside, beside] })),
        ],
        &[
            name(json!({ "given": ["a"] })),
            name(json!({ "given": ["a", "b", "c"] })),
            name(json!({ "family": "x" })),
            name(json!({ "_given": [beside, beside, beside] })),
        ],
    );
}

/// What cannot be said is listed, and nothing valid is refused for it.
#[test]
fn what_cannot_be_said_is_listed() {
    let has = |schema: &Schema, path: &str, rule: Rule| {
        assert!(
            schema.weaker.iter().any(|entry| entry.definition == URL && entry.path == path && entry.rule == rule),
            "{path} {rule}"
        );
    };
    let resolved = json!([{ "path": ["resolve"], "rule": { "type": ["Organization"] } }]);
    let element = json!({
        "name": "generalPractitioner", "array": true,
        "slicing": { "rules": "open", "slices": [
            { "name": "organization", "matches": resolved, "element": { "name": "generalPractitioner", "array": true, "max": 1 } },
        ] },
    });
    let practice = json!({ "reference": "Organization/1" });
    has(
        &same(&element, &[json!({ "generalPractitioner": [practice, practice] })], &[]),
        "generalPractitioner:organization",
        Rule::Slice,
    );

    let element = json!({
        "name": "identifier", "array": true,
        "slicing": { "rules": "open", "ordered": true, "slices": [
            slice("a", &by_system("urn:a"), &json!({})), slice("b", &by_system("urn:b"), &json!({})),
        ] },
    });
    has(
        &same(&element, &[json!({ "identifier": [identifier("urn:a"), identifier("urn:b")] })], &[]),
        "identifier",
        Rule::SliceOrder,
    );

    let inner = json!({ "rules": "closed", "slices": [slice("c", &by_system("urn:c"), &json!({}))] });
    let element = json!({
        "name": "identifier", "array": true,
        "slicing": { "rules": "open", "slices": [slice("a", &by_system("urn:a"), &json!({ "slicing": inner }))] },
    });
    has(&made_up(&element).0, "identifier:a", Rule::Slice);

    let element = json!({ "name": "multipleBirth", "choice": true, "fixed": 1 });
    has(
        &same(&element, &[json!({ "multipleBirthInteger": 1 })], &[json!({ "multipleBirthInteger": 2 })]),
        "multipleBirth",
        Rule::Number,
    );

    let types = json!([{ "code": "Identifier", "profiles": ["http://example.org/StructureDefinition/absent"] }]);
    let element = json!({ "name": "identifier", "array": true, "types": types, "constraints": ["made-up-1"] });
    let schema = same(&element, &[json!({ "identifier": [identifier("urn:a")] })], &[]);
    has(&schema, "identifier", Rule::TypeProfile);
    has(&schema, "identifier", Rule::Invariant);
}
