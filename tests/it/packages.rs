//! `--package`: profiles of others, small ones made here, each for one rule that no profile of ours needs.

mod hostile;

use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::{Folder, gateway};

const CANONICAL: &str = "https://packages.example/fhir";

fn manifest() -> String {
    json!({"name": "packages.example", "version": "1.0.0", "canonical": CANONICAL}).to_string()
}

/// A package archive with these files below `package/`, and a manifest.
fn archive(folder: &Folder, name: &str, files: &[(&str, String)]) -> PathBuf {
    let files = files.iter().map(|(path, content)| (format!("package/{path}"), content.clone()));
    let all: Vec<(String, String)> =
        std::iter::once(("package/package.json".to_owned(), manifest())).chain(files).collect();
    folder.write(name, tgz(&all))
}

/// An archive of files of any name, such as no program would write.
fn tgz(files: &[(String, String)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, content) in files {
        builder.append(&header(path, tar::EntryType::Regular, content.len()), content.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn header(path: &str, kind: tar::EntryType, size: usize) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size as u64);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

/// A profile on a type with these elements beside the root.
fn profile(kind: &str, elements: &[Value]) -> Value {
    let root = json!({"id": kind, "path": kind, "min": 0, "max": "*"});
    let all: Vec<&Value> = std::iter::once(&root).chain(elements).collect();
    json!({
        "resourceType": "StructureDefinition",
        "url": format!("{CANONICAL}/StructureDefinition/tested"),
        "kind": "resource",
        "abstract": false,
        "type": kind,
        "baseDefinition": format!("http://hl7.org/fhir/StructureDefinition/{kind}"),
        "derivation": "constraint",
        "snapshot": {"element": all},
    })
}

/// Code and path of each issue of a resource held against a profile; exit status.
fn issues(definition: &Value, resource: &Value) -> (Vec<(String, String)>, i32) {
    let folder = Folder::new("packages");
    let package = archive(&folder, "p.tgz", &[("StructureDefinition-tested.json", definition.to_string())]);
    let file = folder.write("resource.json", resource.to_string());
    let url = definition["url"].as_str().unwrap();
    let output = gateway([
        "validate",
        "--json",
        "--package",
        package.to_str().unwrap(),
        "--profile",
        url,
        file.to_str().unwrap(),
    ]);
    let line: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let issues = line["outcome"]["issue"].as_array().cloned().unwrap_or_default();
    let found = issues.iter().filter(|issue| issue["severity"] != "information");
    let found =
        found.map(|issue| (text(&issue["details"]["coding"][0]["code"]), text(&issue["expression"][0]))).collect();
    (found, output.status.code().unwrap())
}

/// The only issue of the resource is this one; none where there is no expectation.
fn assert_issue(definition: &Value, resource: &Value, expected: Option<(&str, &str)>) {
    let (found, status) = issues(definition, resource);
    let expected: Vec<(String, String)> =
        expected.iter().map(|(code, path)| ((*code).to_owned(), (*path).to_owned())).collect();
    assert_eq!(found, expected, "{resource}");
    assert_eq!(status, i32::from(!expected.is_empty()), "{resource}");
}

fn patient(members: Value) -> Value {
    let mut patient = json!({"resourceType": "Patient"});
    patient.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    patient
}

/// R4, ElementDefinition.fixed[x]: "SHALL be exactly the value".
#[test]
fn a_fixed_value_is_exact() {
    let name = json!({"family": "Danser", "given": ["Line"]});
    let definition = profile(
        "Patient",
        &[
            json!({"id": "Patient.gender", "path": "Patient.gender", "min": 0, "max": "1", "fixedCode": "female"}),
            json!({"id": "Patient.name", "path": "Patient.name", "min": 0, "max": "*", "fixedHumanName": name}),
        ],
    );
    let wrong = |path: &'static str| Some(("profile.fixed-value", path));
    for (members, expected) in [
        (json!({}), None),
        (json!({"gender": "female", "name": [name]}), None),
        (json!({"gender": "male"}), wrong("Patient.gender")),
        (json!({"name": [name, {"family": "Danser"}]}), wrong("Patient.name[1]")),
        (json!({"name": [{"family": "Danser", "given": ["Line"], "use": "usual"}]}), wrong("Patient.name[0]")),
    ] {
        assert_issue(&definition, &patient(members), expected);
    }
}

/// R4, ElementDefinition.slicing.rules and ordered.
#[test]
fn a_closed_slicing_holds_its_slices_only_and_an_ordered_one_in_order() {
    let definition = |rules: &str, ordered: bool| {
        let slicing = json!({
            "discriminator": [{"type": "value", "path": "system"}], "rules": rules, "ordered": ordered,
        });
        let slice = |name: &str, system: &str| {
            [
                json!({"id": format!("Patient.identifier:{name}"), "path": "Patient.identifier", "sliceName": name, "min": 0, "max": "1"}),
                json!({"id": format!("Patient.identifier:{name}.system"), "path": "Patient.identifier.system", "min": 1, "max": "1", "fixedUri": system}),
            ]
        };
        let list =
            json!({"id": "Patient.identifier", "path": "Patient.identifier", "min": 0, "max": "*", "slicing": slicing});
        profile("Patient", &[&[list][..], &slice("a", "urn:a"), &slice("b", "urn:b")].concat())
    };
    let resource = |systems: &[&str]| {
        let identifiers: Vec<Value> = systems.iter().map(|system| json!({"system": system, "value": "1"})).collect();
        patient(json!({ "identifier": identifiers }))
    };
    let wrong = |path: &'static str| Some(("profile.slice-closed", path));
    for (rules, ordered, systems, expected) in [
        ("closed", false, &["urn:b", "urn:a"][..], None),
        ("closed", false, &["urn:a", "urn:c"], wrong("Patient.identifier[1]")),
        ("closed", true, &["urn:b", "urn:a"], wrong("Patient.identifier[1]")),
        ("open", false, &["urn:c", "urn:a"], None),
        ("open", true, &["urn:a", "urn:c", "urn:b"], None),
        ("open", true, &["urn:b", "urn:a"], wrong("Patient.identifier[1]")),
        ("openAtEnd", false, &["urn:a", "urn:b", "urn:c"], None),
        ("openAtEnd", false, &["urn:c", "urn:b"], wrong("Patient.identifier[1]")),
    ] {
        assert_issue(&definition(rules, ordered), &resource(systems), expected);
    }
}

/// R4, ElementDefinition.minValue[x], maxValue[x] (both inclusive) and maxLength (characters).
#[test]
fn values_are_within_the_limits_of_the_profile() {
    let one = |name: &str, rules: Value| {
        let path = format!("Patient.{name}");
        let mut element = json!({"id": path, "path": path, "min": 0, "max": "1"});
        element.as_object_mut().unwrap().extend(rules.as_object().unwrap().clone());
        element
    };
    let definition = profile(
        "Patient",
        &[
            one("birthDate", json!({"minValueDate": "1900-01-01", "maxValueDate": "2030-12-31"})),
            one("multipleBirth[x]", json!({"minValueInteger": 1, "maxValueInteger": 8})),
            json!({"id": "Patient.name", "path": "Patient.name", "min": 0, "max": "*"}),
            json!({"id": "Patient.name.family", "path": "Patient.name.family", "min": 0, "max": "1", "maxLength": 5}),
        ],
    );
    let range = |path: &'static str| Some(("profile.value-out-of-range", path));
    for (members, expected) in [
        (json!({"birthDate": "1900-01-01", "multipleBirthInteger": 1, "name": [{"family": "Åsøyæ"}]}), None),
        (json!({"birthDate": "2030-12-31", "multipleBirthInteger": 8}), None),
        (json!({"birthDate": "1899-12-31"}), range("Patient.birthDate")),
        (json!({"birthDate": "2031"}), range("Patient.birthDate")),
        (json!({"birthDate": "1900"}), None),
        (json!({"multipleBirthInteger": 0}), range("Patient.multipleBirth")),
        (json!({"multipleBirthInteger": 9}), range("Patient.multipleBirth")),
        (json!({"multipleBirthBoolean": true}), None),
        (json!({"name": [{"family": "Danser"}]}), Some(("profile.value-too-long", "Patient.name[0].family"))),
    ] {
        assert_issue(&definition, &patient(members), expected);
    }
}

#[test]
fn a_quantity_is_compared_in_its_own_unit_only() {
    let gram = |number: f64| json!({"value": number, "unit": "g", "system": "http://unitsofmeasure.org", "code": "g"});
    let definition = profile(
        "Observation",
        &[json!({
            "id": "Observation.value[x]", "path": "Observation.value[x]", "min": 0, "max": "1",
            "minValueQuantity": gram(0.0), "maxValueQuantity": gram(10.5),
        })],
    );
    let kilogram = json!({"value": 11, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"});
    for (value, expected) in [
        (gram(0.0), None),
        (gram(10.5), None),
        (gram(10.51), Some(("profile.value-out-of-range", "Observation.value"))),
        (gram(-0.1), Some(("profile.value-out-of-range", "Observation.value"))),
        (kilogram, None),
    ] {
        let observation = json!({
            "resourceType": "Observation", "status": "final", "code": {"text": "x"}, "valueQuantity": value,
        });
        assert_issue(&definition, &observation, expected);
    }
}

/// Slices that say no discriminator: by type where the element is a choice, the element itself where only one is named.
#[test]
fn slices_without_discriminator_are_decided_where_they_can_be() {
    let definition = profile(
        "Observation",
        &[
            json!({"id": "Observation.value[x]", "path": "Observation.value[x]", "min": 0, "max": "1",
                "type": [{"code": "Quantity"}, {"code": "string"}], "slicing": {"rules": "open"}}),
            json!({"id": "Observation.value[x]:valueQuantity", "path": "Observation.value[x]", "sliceName": "valueQuantity",
                "min": 0, "max": "1", "type": [{"code": "Quantity"}]}),
            json!({"id": "Observation.value[x]:valueQuantity.unit", "path": "Observation.value[x].unit", "min": 1, "max": "1"}),
            json!({"id": "Observation.method:Method", "path": "Observation.method", "sliceName": "Method", "min": 1, "max": "1",
                "type": [{"code": "CodeableConcept"}]}),
        ],
    );
    let observation = |members: Value| {
        let mut observation = json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"}});
        observation.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        observation
    };
    let method = json!({"text": "x"});
    for (members, expected) in [
        (json!({"method": method, "valueString": "x"}), None),
        (json!({"method": method, "valueQuantity": {"value": 1, "unit": "x"}}), None),
        (
            json!({"method": method, "valueQuantity": {"value": 1}}),
            Some(("profile.cardinality-min", "Observation.value.unit")),
        ),
        (json!({"valueString": "x"}), Some(("profile.cardinality-min", "Observation.method"))),
    ] {
        assert_issue(&definition, &observation(members), expected);
    }
}

/// The slices of the blood pressure profile of R4 are told apart by a coding that is itself a slice.
#[test]
fn the_parts_of_a_blood_pressure_are_told_apart() {
    let part = |code: &str, number: u8| {
        json!({
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": number, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
        })
    };
    let folder = Folder::new("pressure");
    for (codes, expected) in [(["8480-6", "8462-4"], None), (["8480-6", "8480-6"], Some("profile.slice-min"))] {
        let observation = json!({
            "resourceType": "Observation", "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/bp"]},
            "status": "final",
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}],
            "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
            "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-03-01",
            "component": [part(codes[0], 120), part(codes[1], 80)],
        });
        let file = folder.write("observation.json", observation.to_string());
        let output = gateway(["validate", file.to_str().unwrap()]);
        let text = String::from_utf8(output.stdout).unwrap();
        match expected {
            None => assert!(text.contains(" 0 errors"), "{text}"),
            Some(code) => assert!(text.contains(code) && text.contains("DiastolicBP"), "{text}"),
        }
    }
}
