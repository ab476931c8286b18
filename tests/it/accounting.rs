//! rows in = represented + listed, counted from the raw bytes by other code than the program's.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::support::{Folder, golden, input, translate};

/// Counts the rows of a file by the rule of docs/formats.md: non-blank lines that are no banner, section head or column
/// head. Written against bytes, with none of the program's code.
fn count_rows(name: &str, bytes: &[u8]) -> u64 {
    let sectioned = name.ends_with("_CombinedVariantOutput.tsv") || name.ends_with("MetricsOutput.tsv");
    let mut rows = 0;
    let mut section = String::new();
    let mut expects_head = false;
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let text = String::from_utf8_lossy(line).replace('\u{feff}', "");
        let cells: Vec<&str> = text.split('\t').map(|cell| cell.trim().trim_matches('"').trim()).collect();
        if cells.iter().all(|cell| cell.is_empty()) {
            continue;
        }
        let first = cells[0];
        if !sectioned {
            // The one head of a trace or sample list is its first line.
            rows += u64::from(index > 0);
            continue;
        }
        let is_head = first.starts_with('[') && first.ends_with(']') && cells[1..].iter().all(|cell| cell.is_empty());
        if is_head {
            section = first.trim_matches(['[', ']']).to_owned();
            expects_head = !KEY_VALUE_SECTIONS.contains(&section.as_str());
        } else if section.is_empty() {
            rows += u64::from(!(index == 0 || first.starts_with("For Research Use Only")));
        } else if expects_head && first != "NA" {
            expects_head = false;
        } else {
            rows += 1;
        }
    }
    rows
}

const KEY_VALUE_SECTIONS: &[&str] =
    &["Analysis Details", "Sequencing Run Details", "TMB", "MSI", "GIS", "Header", "Notes"];

fn is_read(name: &str) -> bool {
    ["_CombinedVariantOutput.tsv", "MetricsOutput.tsv", "_TMB_Trace.tsv", ".tmb.trace.tsv", "sample_list.tsv"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// Rows per distinct content of a file name, so that identical copies count once.
fn expected_rows(folder: &Path) -> u64 {
    let mut contents: BTreeMap<(String, Vec<u8>), u64> = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if is_read(&name) {
                let bytes = std::fs::read(&path).unwrap();
                let rows = count_rows(&name, &bytes);
                contents.insert((name, bytes), rows);
            }
        }
    }
    contents.values().sum()
}

fn assert_closes(accounting: &Value, expected: u64, what: &str) {
    let number = |key: &str| accounting[key].as_u64().unwrap();
    assert_eq!(number("rows_in"), expected, "{what}: rows in");
    assert_eq!(number("represented") + number("listed"), expected, "{what}: represented + listed");
    let rows = accounting["rows"].as_array().unwrap();
    let counted: u64 = rows.iter().map(|row| row["count"].as_u64().unwrap_or(1)).sum();
    assert_eq!(counted, expected, "{what}: entries");
}

/// Cases whose sections are all of known kinds, so that the counting rule above applies.
const CASES: &[&str] = &["localapp-dna-rna", "dragen-2.1-paired", "dragen-2.6.2", "ctdna", "qc-failed", "foreign-id"];

#[test]
fn the_accounting_closes_over_every_case() {
    for case in CASES {
        let translated = translate(&input(case), &[]);
        assert_closes(&translated.accounting, expected_rows(&input(case)), case);
    }
}

#[test]
fn every_named_resource_is_in_the_bundle_and_says_what_the_row_says() {
    for case in CASES {
        let translated = translate(&input(case), &[]);
        let bundle = translated.bundle();
        let resources: BTreeMap<String, String> = bundle["entry"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| (entry["request"]["url"].as_str().unwrap().to_owned(), entry["resource"].to_string()))
            .collect();
        for row in translated.rows().iter().filter(|row| row["outcome"] == "represented") {
            let resource = row["resource"].as_str().unwrap();
            let content = resources.get(resource).unwrap_or_else(|| panic!("{case}: {resource} is not in the bundle"));
            let file = row["file"].as_str().unwrap();
            let text = std::fs::read(input(case).join(file)).unwrap();
            let line = text.split(|&byte| byte == b'\n').nth(row["line"].as_u64().unwrap() as usize - 1).unwrap();
            let line = String::from_utf8_lossy(line).replace('\u{feff}', "");
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            let is_held = holds(content, row["section"].as_str().unwrap_or_default(), &cells);
            assert!(is_held, "{case}: {resource} holds nothing of {line:?}: {content}");
        }
    }
}

/// Whether a resource, as JSON text, says what a row says: what identifies the row, and its values.
fn holds(resource: &str, section: &str, cells: &[&str]) -> bool {
    let cell = |index: usize| cells.get(index).copied().unwrap_or_default();
    let number = |text: &str| resource.contains(&format!("\"value\":{}", text.replace(',', ".")));
    let string = |text: &str| resource.contains(&format!("\"valueString\":\"{text}\""));
    match section {
        "Small Variants" if cell(4).parse::<u64>().is_err() => {
            number(cell(2)) && string(cell(3)) && string(cell(4)) && (cell(5).is_empty() || number(cell(5)))
        }
        "Gene Amplifications" | "Copy Number Variants" => resource.contains(cell(0)) && number(cell(1)),
        "Fusions" => string(cell(0)) && string(cell(1)) && string(cell(2)) && number(cell(3)),
        "Splice Variants" => resource.contains(cell(0)) && string(cell(2)) && string(cell(3)) && number(cell(4)),
        "Loss of Heterozygosity" => resource.contains(cell(0)) && number(cell(1)) && number(cell(2)),
        "TMB" | "MSI" | "GIS" => number(cell(1)),
        // Written as an instant in the resource.
        "Analysis Details" if cell(0).starts_with("Output") => resource.contains("\"performedDateTime\""),
        "Analysis Details" | "Sequencing Run Details" => resource.contains(cell(1)),
        // Traces and sample lists have no sections: the position, or the sample id.
        "" => number(cell(1)) || resource.contains(&format!("\"value\":\"{}\"", cell(1))),
        // Metrics by name, without the unit that stands in brackets; other tables by gene or place.
        _ => resource.contains(cell(0).split(" (").next().unwrap_or_default()),
    }
}

#[test]
fn findings_and_resources_correspond_one_to_one() {
    // 3 distinct small variants, 1 told twice: 4 rows, 3 resources.
    let folder = Folder::new("twice");
    let small_variants = "BRAF\tchr7\t140453136\tA\tT\t0.31\t900\tNP_004324.2:p.(Val600Glu)\tNM_004333.4:c.1799T>A\tmissense_variant\t15/18\n\
        KRAS\tchr12\t25398284\tC\tT\t0.2\t800\tNP_203524.1:p.(Gly12Asp)\tNM_033360.2:c.35G>A\tmissense_variant\t2/6\n\
        BRAF\tchr7\t140453136\tA\tT\t0.31\t900\tNP_004324.2:p.(Val600Glu)\tNM_004333.4:c.1799T>A\tmissense_variant\t15/18\n\
        TP53\tchr17\t7578406\tC\tT\t0.4\t700\tNP_000537.3:p.(Arg175His)\tNM_000546.5:c.524G>A\tmissense_variant\t5/11\n";
    let file = folder.write("IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", crate::support::local_app(small_variants));
    let translated = translate(&file, &[]);
    assert_eq!(translated.status, 0, "{}", translated.stderr);
    let held: Vec<&str> = translated
        .rows()
        .iter()
        .filter(|row| row["section"] == "Small Variants")
        .map(|row| row["resource"].as_str().unwrap())
        .collect();
    assert_eq!(held.len(), 4);
    assert_eq!(held[0], held[2]);
    let mut distinct = held.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 3);
    assert!(translated.has("tso500.row-repeated"));
    let variants = translated.bundle()["entry"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["resource"]["code"]["coding"][0]["code"] == "69548-6")
        .count();
    assert_eq!(variants, 3 + 1, "three small variants and one amplification");
}

#[test]
fn golden_cases_are_where_this_test_looks_for_them() {
    for case in CASES {
        assert!(golden().join(case).join("input").is_dir(), "{case}");
    }
}
