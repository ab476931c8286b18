//! `validate` and `profiles`: what an integration engineer sees.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Folder, gateway, golden};

/// The line that `validate --json` prints of each file, and the exit status.
fn validate(files: &[PathBuf]) -> (i32, Vec<Value>) {
    let mut arguments = vec!["validate".to_owned(), "--json".to_owned()];
    arguments.extend(files.iter().map(|file| file.to_str().unwrap().to_owned()));
    let output = gateway(&arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// Code and FHIRPath of every issue.
fn issues(line: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let issues = line["outcome"]["issue"].as_array().unwrap();
    issues.iter().map(|issue| (text(&issue["details"]["coding"][0]["code"]), text(&issue["expression"][0]))).collect()
}

fn has(line: &Value, code: &str) -> bool {
    issues(line).iter().any(|(other, _)| other == code)
}

fn examples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/examples");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    assert!(folders.len() >= 31, "examples are missing");
    folders
}

fn json_files(folder: &Path, start: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(start)).collect();
    files.sort();
    files
}

#[test]
fn valid_examples_and_golden_bundles_have_no_error() {
    let mut files: Vec<PathBuf> = examples().iter().flat_map(|folder| json_files(folder, "valid-")).collect();
    for case in std::fs::read_dir(golden()).unwrap().map(|entry| entry.unwrap().path()) {
        files.extend(
            json_files(&case, "expected.").into_iter().filter(|path| path.to_str().unwrap().ends_with(".json")),
        );
    }
    assert!(files.len() > 50);
    let (status, lines) = validate(&files);
    assert_eq!(lines.len(), files.len());
    for line in &lines {
        assert_eq!(line["errors"], 0, "{}: {:?}", line["file"], issues(line));
        assert!(!has(line, "profile.not-loaded"), "{}: {:?}", line["file"], issues(line));
    }
    assert_eq!(status, 0);
}

/// no-basis-Patient 2.2.2 and its extensions, identifiers by their OID; the codes are made up, as the code lists of
/// municipalities and city districts are in no package.
#[test]
fn norwegian_base_profiles_are_checked() {
    let folder = Folder::new("no-basis");
    let extension = |name: &str| format!("http://hl7.no/fhir/StructureDefinition/no-basis-{name}");
    let patient = json!({
        "resourceType": "Patient",
        "meta": {"profile": [
            "http://hl7.no/fhir/StructureDefinition/no-basis-Patient",
            "https://impress-gateway.example/fhir/StructureDefinition/ImpressPatient",
        ]},
        "identifier": [
            {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": "13116900216"},
            {"system": "HNR", "value": "H-1", "assigner": {"display": "Example hospital"},
                "type": {"coding": [{"system": "urn:oid:2.16.578.1.12.4.1.1.8327", "code": "HNR"}]}},
        ],
        "name": [{
            "extension": [{"url": extension("middlename"), "valueString": "Mellom"}],
            "family": "Danser", "given": ["Line"],
        }],
        "gender": "female", "birthDate": "1969-11-13",
        "address": [{
            "extension": [
                {"url": extension("address-official"), "valueBoolean": true},
                {"url": extension("urban-district"), "valueCoding": {"system": "urn:oid:2.16.578.1.12.4.1.1.3403", "code": "030101"}},
                {"url": extension("propertyinformation"), "extension": [{"url": "leaseholdNumber", "valueInteger": 4}]},
            ],
            "line": ["Gate 1"], "district": "Oslo",
            "_district": {"extension": [{"url": extension("municipalitycode"), "valueCoding": {"code": "0301"}}]},
        }],
    });
    let changed = |pointer: &str, value: Value| {
        let mut changed = patient.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed
    };
    let middle = json!({"url": extension("middlename"), "valueInteger": 5});
    for (resource, expected) in [
        (patient.clone(), None),
        (
            changed("/identifier/1", json!({"system": "HNR", "value": "H-1"})),
            Some(("profile.cardinality-min", "Patient.identifier[1].assigner")),
        ),
        (
            changed("/identifier/1/type/coding/0/system", json!("urn:oid:1.2")),
            Some(("profile.fixed-value", "Patient.identifier[1].type.coding[0].system")),
        ),
        (changed("/name/0/extension/0", middle), Some(("profile.type-wrong", "Patient.name[0].extension[0].value"))),
        (
            changed("/address/0/extension/0/url", json!(extension("municipalitycode"))),
            Some(("profile.extension-invalid", "Patient.address[0].extension[0]")),
        ),
        (changed("/address/0/extension/2/extension/0/url", json!("floor")), None),
        (
            changed("/meta/profile/0", json!("http://hl7.no/fhir/StructureDefinition/no-basis-Patients")),
            Some(("profile.unknown", "Patient.meta.profile[0]")),
        ),
        (
            changed("/meta/profile/0", json!("http://hl7.no/fhir/ig/StructureDefinition/no-basis-Patient")),
            Some(("profile.not-loaded", "Patient.meta.profile[0]")),
        ),
    ] {
        let (_, lines) = validate(&[folder.write("patient.json", resource.to_string())]);
        match expected {
            // The binding of Identifier.type is extensible, and HNR is a code of Norway's own.
            None => assert_eq!(
                issues(&lines[0]),
                [("profile.code-not-preferred".to_owned(), "Patient.identifier[1].type".to_owned())],
                "{resource}"
            ),
            Some((code, path)) => {
                let found = issues(&lines[0]);
                assert!(found.contains(&(code.to_owned(), path.to_owned())), "{code} {path}: {found:?}");
            }
        }
    }
}

/// Each invalid example gives the issue that its `expected.tsv` names, at the place that it names.
#[test]
fn invalid_examples_give_the_issue_expected_of_them() {
    let mut failures = Vec::new();
    let mut count = 0;
    for folder in examples() {
        let files = json_files(&folder, "invalid-");
        let (_, lines) = validate(&files);
        let expected = std::fs::read_to_string(folder.join("expected.tsv")).unwrap();
        for row in expected.lines().filter(|row| row.starts_with("invalid-")) {
            let cells: Vec<&str> = row.split('\t').collect();
            let is_file = |line: &&Value| line["file"].as_str().unwrap().ends_with(&format!("/{}", cells[0]));
            let line = lines.iter().find(is_file).unwrap_or_else(|| panic!("{}: no such file", cells[0]));
            count += 1;
            // The path of a missing or surplus element has no index in the table.
            let without_index =
                |path: &str| path.rsplit_once('[').map_or(path.to_owned(), |(before, _)| before.to_owned());
            let is_met = issues(line)
                .iter()
                .any(|(code, path)| code == cells[1] && (path == cells[2] || without_index(path) == cells[2]));
            if !is_met {
                failures.push(format!("{}/{row}: {:?}", folder.file_name().unwrap().display(), issues(line)));
            }
        }
    }
    assert!(count >= 60, "{count} invalid examples");
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}

/// The bindings to branches of the Sequence Ontology are extensible: a term of another branch is a warning, a term that was
/// added after the list was made none, a code that is no term of that form an error.
#[test]
fn terms_of_the_sequence_ontology_belong_to_their_branch() {
    let folder = Folder::new("ontology");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/examples/ImpressMolecularConsequence/valid-1.json");
    let example: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let component = "Observation.component[1].value";
    for (code, expected) in [
        ("SO:0001583", None),
        ("SO:0001565", None),
        ("SO:0002999", None),
        ("SO:0002053", Some(("profile.code-not-preferred", component.to_owned(), 0))),
        ("SO:0001483", Some(("profile.code-not-preferred", component.to_owned(), 0))),
        ("SO_0002054", Some(("profile.code-unknown", format!("{component}.coding[0].code"), 1))),
    ] {
        let mut resource = example.clone();
        resource["component"][1]["valueCodeableConcept"]["coding"][0]["code"] = json!(code);
        let (status, lines) = validate(&[folder.write("consequence.json", resource.to_string())]);
        match expected {
            None => assert_eq!((status, &lines[0]["warnings"]), (0, &json!(0)), "{code}: {:?}", issues(&lines[0])),
            Some((issue, place, code_of_end)) => {
                assert!(issues(&lines[0]).contains(&(issue.to_owned(), place)), "{code}: {:?}", issues(&lines[0]));
                assert_eq!(status, code_of_end, "{code}");
            }
        }
    }
}

#[test]
fn hostile_text_is_refused_by_name() {
    let folder = Folder::new("hostile");
    let patient = |inner: &str| format!("{{\"resourceType\":\"Patient\",{inner}}}");
    for (content, code) in [
        ("{".to_owned(), "json.invalid"),
        (patient("\"active\":NaN"), "json.invalid"),
        (patient("\"language\":\"\\ud800\""), "json.invalid"),
        (patient("\"active\":true,\"active\":false"), "json.key-repeated"),
        (format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)), "json.too-deep"),
        (patient(&format!("\"multipleBirthInteger\":{}", "9".repeat(100_000))), "json.too-large"),
        (patient("\"multipleBirthInteger\":1e100000"), "json.too-large"),
        (patient("\"multipleBirthInteger\":1e99"), "profile.primitive-invalid"),
        (patient("\"multipleBirthInteger\":-Infinity"), "json.invalid"),
        (patient("\"language\":\"\\udc00\\ud800\""), "json.invalid"),
        (patient("\"name\":[{\"family\":\"a\",\"family\":\"b\"}]"), "json.key-repeated"),
        (format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)), "json.too-deep"),
        (patient(&format!("\"extension\":[{}]", nested(10_000))), "json.too-deep"),
        (patient(&format!("\"language\":\"{}\"", "x".repeat(51_000_000))), "json.too-large"),
        (patient(&format!("\"name\":[{}]", "1,".repeat(1_100_000) + "1")), "json.too-large"),
    ] {
        let (status, lines) = validate(&[folder.write("body.json", &content)]);
        assert!(has(&lines[0], code), "{code}: {:?}", issues(&lines[0]));
        assert_ne!(status, 0, "{code}");
    }
}

/// Extensions inside one another.
fn nested(levels: usize) -> String {
    let open = "{\"url\":\"urn:x\",\"extension\":[".repeat(levels);
    format!("{open}{{\"url\":\"urn:x\",\"valueString\":\"x\"}}{}", "]}".repeat(levels))
}

/// Bodies that the JSON reader lets in, as large as it does: each ends with the issue that it deserves, and no more of them
/// than are shown.
#[test]
fn large_bodies_are_judged() {
    let folder = Folder::new("large");
    let patient = |inner: &str| format!("{{\"resourceType\":\"Patient\",{inner}}}");
    let list = |item: &str, count: usize| format!("[{}{item}]", format!("{item},").repeat(count - 1));
    let unknown: String = (0..500_000).map(|number| format!(",\"u{number}\":1")).collect();
    for (content, code, path) in [
        (patient(&format!("\"name\":{}", list("1", 1_000_000))), "profile.type-wrong", "Patient.name[0]"),
        (
            patient(&format!("\"name\":[{{\"given\":{}}}]", list("\"\"", 1_000_000))),
            "profile.element-empty",
            "Patient.name[0].given[0]",
        ),
        (
            patient(&format!("\"name\":[{{\"text\":\"{}\"}}]", "x".repeat(45_000_000))),
            "profile.primitive-invalid",
            "Patient.name[0].text",
        ),
        (patient(&format!("\"active\":true{unknown}")), "profile.element-unknown", "Patient.u0"),
        (patient(&format!("\"extension\":[{}]", nested(25))), "profile.extension-unknown", "Patient.extension[0]"),
        (
            format!(
                "{{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{{\"text\":\"x\"}},\"hasMember\":{}}}",
                list("{\"reference\":\"#x\"}", 300_000)
            ),
            "profile.reference-unresolved",
            "Observation.hasMember[0].reference",
        ),
    ] {
        let (_, lines) = validate(&[folder.write("body.json", &content)]);
        let found = issues(&lines[0]);
        assert!(found.contains(&(code.to_owned(), path.to_owned())), "{code} {path}: {:?}", found.first());
        assert!(found.len() <= 101, "{code}: {}", found.len());
    }
}

#[test]
fn the_number_of_issues_of_a_resource_is_limited() {
    let folder = Folder::new("many");
    let unknown: String = (0..150).map(|number| format!(",\"unknown{number}\":1")).collect();
    let (status, lines) = validate(&[folder.write("body.json", format!("{{\"resourceType\":\"Patient\"{unknown}}}"))]);
    assert_eq!(status, 1);
    assert!(has(&lines[0], "profile.issues-truncated"));
    assert!(issues(&lines[0]).len() <= 101, "{}", issues(&lines[0]).len());
}

/// Thousands of resources with issues of their own: all are counted, a part is shown, and the verdict stays.
#[test]
fn the_number_of_issues_of_a_file_is_limited() {
    let folder = Folder::new("many-lines");
    let (status, lines) = validate(&[folder.write("body.ndjson", "{}\n".repeat(12_000))]);
    assert_eq!((status, &lines[0]["errors"]), (1, &12_000.into()));
    assert_eq!(issues(&lines[0]).len(), 10_001);
    assert!(has(&lines[0], "profile.issues-truncated"));
    // Warnings first, an error last: nobody takes the part that is shown for the whole.
    let entry = |number: usize, more: &str| {
        format!(
            "{{\"fullUrl\":\"http://x.example/Patient/p{number}\",\"resource\":{{\"resourceType\":\"Patient\",\"id\":\"p{number}\",\
             \"extension\":[{{\"url\":\"urn:x:1\",\"valueCode\":\"a\"}}]{more}}}}}"
        )
    };
    let mut entries: Vec<String> = (0..6_000).map(|number| entry(number, "")).collect();
    entries.push(entry(6_000, ",\"gender\":\"none\""));
    let bundle = format!("{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{}]}}", entries.join(","));
    let (status, lines) = validate(&[folder.write("body.json", bundle)]);
    assert_eq!(status, 1);
    assert!(has(&lines[0], "profile.code-not-in-value-set") && has(&lines[0], "profile.issues-truncated"));
    assert!(issues(&lines[0]).len() < 5_100);
}

#[test]
fn a_line_that_is_cut_off_costs_that_line_only() {
    let folder = Folder::new("cut-off");
    let (status, lines) = validate(&[folder.write(
        "body.ndjson",
        "{\"resourceType\":\"Patient\",\"gender\":\"none\"}\r\n\r\n[1]\n{\"resourceType\":\"Patient\"",
    )]);
    assert_eq!(status, 2);
    assert!(has(&lines[0], "profile.code-not-in-value-set") && has(&lines[0], "json.invalid"));
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let folder = Folder::new("mark");
    let (status, lines) = validate(&[folder.write("body.json", "\u{feff}{\"resourceType\":\"Patient\"}")]);
    assert_eq!((status, &lines[0]["resources"]), (0, &1.into()));
}

#[test]
fn a_file_that_is_not_there_is_said_to_be_unreadable() {
    let folder = Folder::new("absent");
    let (status, lines) = validate(&[folder.path().join("absent.json"), folder.path().to_owned()]);
    assert_eq!(status, 2);
    assert!(lines.iter().all(|line| has(line, "folder.entry-unreadable")));
}

/// What an extension of no definition means depends on where it stands and whose URL it has (R4 extensibility).
#[test]
fn unknown_extensions_are_told_apart() {
    let folder = Folder::new("extensions");
    for (property, url, code) in [
        ("extension", "urn:x:1", "profile.extension-unknown"),
        ("extension", "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/x", "profile.extension-undefined"),
        ("modifierExtension", "urn:x:1", "profile.modifier-extension-unknown"),
    ] {
        let body =
            format!("{{\"resourceType\":\"Patient\",\"{property}\":[{{\"url\":\"{url}\",\"valueCode\":\"a\"}}]}}");
        let (_, lines) = validate(&[folder.write("body.json", body)]);
        assert_eq!(issues(&lines[0]), [(code.to_owned(), format!("Patient.{property}[0]"))]);
    }
}

#[test]
fn standard_input_and_lines_of_resources_are_read() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_impress-gateway"))
        .args(["validate", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = "{\"resourceType\":\"Patient\",\"active\":true}\n{\"resourceType\":\"Patient\",\"gender\":\"other\"}\n";
    program.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = program.wait_with_output().unwrap();
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["resources"], &line["errors"]), (&2.into(), &0.into()));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_report_for_a_person_names_place_and_rule() {
    let folder = Folder::new("report");
    let file = folder.write("body.json", "{\"resourceType\":\"Observation\",\"status\":\"final\"}");
    let output = gateway(["validate", file.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("profile.cardinality-min") && text.contains("Observation.code"), "{text}");
}

#[test]
fn a_package_that_cannot_be_read_is_said() {
    let folder = Folder::new("package");
    let file = folder.write("body.json", "{\"resourceType\":\"Patient\"}");
    let broken = folder.write("broken.tgz", "no archive");
    for package in [folder.path().join("absent.tgz"), broken] {
        let output = gateway(["validate", "--package", package.to_str().unwrap(), file.to_str().unwrap()]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr.contains("package.unreadable"), "{stderr}");
    }
}
