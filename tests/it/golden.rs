//! Golden cases: synthetic inputs whose expected bundle, accounting and issues were described by hand
//! (tests/golden/README.md), never taken from a run.

use std::path::Path;

use serde_json::Value;

use crate::support::{Translated, golden, translate};

#[test]
fn every_case_gives_the_bundle_the_accounting_and_the_issues_expected_of_it() {
    let mut cases: Vec<_> = std::fs::read_dir(golden()).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.join("input").exists());
    cases.sort();
    assert!(cases.len() >= 6, "golden cases are missing");
    let mut failures = Vec::new();
    for case in &cases {
        let several = !case.join("expected.bundle.json").exists();
        let found = if several { several_patients(case) } else { one_patient(case) };
        failures.extend(found.into_iter().map(|failure| format!("{}: {failure}", case.file_name().unwrap().display())));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn one_patient(case: &Path) -> Vec<String> {
    let translated = translate(&case.join("input"), &[]);
    let mut failures = compare_side_files(case, &translated);
    let expected = read(&case.join("expected.bundle.json"));
    failures.extend(compare_bundles(&expected, &translated.stdout));
    failures
}

fn several_patients(case: &Path) -> Vec<String> {
    let out = crate::support::Folder::new("bundles");
    let translated = translate(&case.join("input"), &["--out", out.path().to_str().unwrap()]);
    let mut failures = compare_side_files(case, &translated);
    let names = |folder: &Path| -> Vec<String> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let patient = |name: &String| -> Option<String> {
        Some(name.strip_prefix("expected.")?.strip_suffix(".bundle.json")?.to_owned())
    };
    let mut expected: Vec<String> = names(case).iter().filter_map(patient).collect();
    for patient in &expected {
        let written = std::fs::read_to_string(out.path().join(format!("{patient}.json"))).unwrap_or_default();
        failures.extend(compare_bundles(&read(&case.join(format!("expected.{patient}.bundle.json"))), &written));
    }
    let mut found: Vec<String> =
        names(out.path()).iter().map(|name| name.trim_end_matches(".json").to_owned()).collect();
    expected.sort();
    found.sort();
    if expected != found {
        failures.push(format!("bundles of {found:?}, expected {expected:?}"));
    }
    failures
}

/// Compares entry by entry, so that a failure names the resource and the path.
fn compare_bundles(expected: &str, actual: &str) -> Vec<String> {
    let Ok(actual) = serde_json::from_str::<Value>(actual) else { return vec!["no bundle was printed".to_owned()] };
    let expected: Value = serde_json::from_str(expected).unwrap();
    let url = |entry: &Value| entry["request"]["url"].as_str().unwrap_or_default().to_owned();
    let entries = |bundle: &Value| bundle["entry"].as_array().cloned().unwrap_or_default();
    let mut failures = Vec::new();
    for entry in entries(&expected) {
        match entries(&actual).iter().find(|other| url(other) == url(&entry)) {
            None => failures.push(format!("{} is not in the bundle: {}", url(&entry), brief(&entry["resource"]))),
            Some(other) => differences(&entry, other, &url(&entry), &mut failures),
        }
    }
    for entry in entries(&actual) {
        if !entries(&expected).iter().any(|other| url(other) == url(&entry)) {
            failures.push(format!("{} was not expected: {}", url(&entry), brief(&entry["resource"])));
        }
    }
    // Order of entries and elements, digits of numbers.
    let (expected, actual) = (expected.to_string(), actual.to_string());
    if failures.is_empty() && expected != actual {
        failures.push("the same values in another order or with other digits".to_owned());
    }
    failures
}

fn brief(resource: &Value) -> String {
    resource.to_string().chars().take(600).collect()
}

fn differences(expected: &Value, actual: &Value, path: &str, failures: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(left), Value::Object(right)) => {
            for (key, value) in left {
                match right.get(key) {
                    Some(other) => differences(value, other, &format!("{path}.{key}"), failures),
                    None => failures.push(format!("{path}.{key} is missing, expected {value}")),
                }
            }
            for (key, value) in right.iter().filter(|(key, _)| !left.contains_key(*key)) {
                failures.push(format!("{path}.{key} was not expected: {value}"));
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (value, other)) in left.iter().zip(right).enumerate() {
                differences(value, other, &format!("{path}[{index}]"), failures);
            }
        }
        _ if expected == actual => {}
        _ => failures.push(format!("{path}: expected {expected}, found {actual}")),
    }
}

fn compare_side_files(case: &Path, translated: &Translated) -> Vec<String> {
    let mut failures = Vec::new();
    let mut actual: Vec<String> = translated
        .rows()
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or_default();
            let held = if text("outcome") == "represented" { text("resource") } else { text("code") };
            let count = row["count"].as_u64().unwrap_or(1);
            format!("{}\t{}\t{}\t{held}\t{count}", text("file"), row["line"], text("outcome"))
        })
        .collect();
    actual.sort();
    let expected = expected_rows(&read(&case.join("expected.accounting.tsv")));
    for line in &expected {
        let times = |lines: &[String]| lines.iter().filter(|other| *other == line).count();
        if times(&actual) != times(&expected) {
            failures.push(format!("accounting: {} times, expected {}: {line}", times(&actual), times(&expected)));
        }
    }
    failures
        .extend(actual.iter().filter(|line| !expected.contains(line)).map(|line| format!("accounting has: {line}")));
    let expected: Vec<String> = read(&case.join("expected.issues.txt"))
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(str::to_owned)
        .collect();
    if translated.codes() != expected {
        failures.push(format!("issues: expected {expected:?}, found {:?}", translated.codes()));
    }
    failures
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The expected rows with a count. Reference and neutral rows, and rows with a fifth cell (why they are counted), are one entry
/// per file, code and reason, at the first of their lines.
fn expected_rows(table: &str) -> Vec<String> {
    let mut counted: Vec<([&str; 3], &str, u64)> = Vec::new();
    let mut rows = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let cells: Vec<&str> = line.split('\t').collect();
        let (file, number, code) = (cells[0], cells[1], cells[3]);
        let reason = cells.get(4).copied();
        if reason.is_none() && !["tso500.row-reference", "tso500.row-neutral"].contains(&code) {
            rows.push(format!("{line}\t1"));
            continue;
        }
        let key = [file, code, reason.unwrap_or_default()];
        match counted.iter_mut().find(|(other, ..)| *other == key) {
            Some((.., count)) => *count += 1,
            None => counted.push((key, number, 1)),
        }
    }
    rows.extend(
        counted.iter().map(|([file, code, _], line, count)| format!("{file}\t{line}\tlisted\t{code}\t{count}")),
    );
    rows.sort();
    rows
}
