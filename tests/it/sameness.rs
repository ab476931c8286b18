//! The same input gives the same bytes: again, in another order, in another place, with other padding.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use impress_gateway::config::Config;
use impress_gateway::pipeline::{Gateway, PatientBundle, translate as translate_in_process};
use impress_gateway::startup;
use serde_json::Value;

use crate::support::{Folder, gateway, golden, input, local_app, translate};

const ROWS: [&str; 3] = [
    "BRAF\tchr7\t140453136\tA\tT\t0.31\t900\tNP_004324.2:p.(Val600Glu)\tNM_004333.4:c.1799T>A\tmissense_variant\t15/18",
    "KRAS\tchr12\t25398284\tC\tT\t0.2\t800\tNP_203524.1:p.(Gly12Asp)\tNM_033360.2:c.35G>A\tmissense_variant\t2/6",
    "TP53\tchr17\t7578406\tC\tT\t0.4\t700\tNP_000537.3:p.(Arg175His)\tNM_000546.5:c.524G>A\tmissense_variant\t5/11",
];

fn bundle_of(content: &[u8]) -> String {
    let folder = Folder::new("same");
    let file = folder.write("IPD9050-D01-P01-A08_CombinedVariantOutput.tsv", content);
    let translated = translate(&file, &[]);
    assert_eq!(translated.status, 0, "{}", translated.stderr);
    translated.stdout
}

#[test]
fn the_order_of_rows_does_not_change_the_bundle() {
    let reference = bundle_of(local_app(&(ROWS.join("\n") + "\n")).as_bytes());
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let rows: String = order.iter().map(|&index| format!("{}\n", ROWS[index])).collect();
        assert_eq!(bundle_of(local_app(&rows).as_bytes()), reference, "{order:?}");
    }
}

#[test]
fn padding_line_breaks_and_a_byte_order_mark_do_not_change_the_bundle() {
    let plain = local_app(&(ROWS.join("\n") + "\n"));
    let reference = bundle_of(plain.as_bytes());
    let padded: String = plain.lines().map(|line| format!("{line}\t\t\t\n")).collect();
    let crlf = plain.replace('\n', "\r\n");
    let quoted: String = plain
        .lines()
        .map(|line| line.split('\t').map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join("\t") + "\n")
        .collect();
    for (what, content) in
        [("padding", padded), ("CRLF", crlf), ("byte order mark", format!("\u{feff}{plain}")), ("quotes", quoted)]
    {
        assert_eq!(bundle_of(content.as_bytes()), reference, "{what}");
    }
}

#[test]
fn the_order_of_columns_does_not_change_the_bundle() {
    let plain = local_app(&(ROWS.join("\n") + "\n"));
    let reversed: String = {
        let (before, table) = plain.split_once("[Small Variants]\n").unwrap();
        let lines = table.lines().map(|line| {
            let mut cells: Vec<&str> = line.split('\t').collect();
            cells.reverse();
            cells.join("\t") + "\n"
        });
        format!("{before}[Small Variants]\n{}", lines.collect::<String>())
    };
    assert_eq!(bundle_of(reversed.as_bytes()), bundle_of(plain.as_bytes()));
}

#[test]
fn the_same_folder_twice_gives_the_same_bytes() {
    for case in ["localapp-dna-rna", "dragen-2.6.2"] {
        let run = || gateway(["translate", "report", input(case).to_str().unwrap()]).stdout;
        let first = run();
        assert!(!first.is_empty());
        assert_eq!(first, run(), "{case}");
    }
}

#[test]
fn the_zone_and_language_of_the_host_do_not_change_the_bundle() {
    let path = input("localapp-dna-rna");
    let run = |zone: &str, language: &str| {
        std::process::Command::new(env!("CARGO_BIN_EXE_impress-gateway"))
            .args(["translate", "report", path.to_str().unwrap()])
            .env("TZ", zone)
            .env("LC_ALL", language)
            .output()
            .unwrap()
            .stdout
    };
    assert_eq!(run("Pacific/Kiritimati", "nb_NO.UTF-8"), run("America/Anchorage", "C"));
}

#[test]
fn the_order_of_files_does_not_change_the_bundle() {
    let dna = local_app(&(ROWS.join("\n") + "\n"));
    let rna = local_app("NA\n")
        .replace("DNA Sample ID\tIPD9050-D01-P01-A08", "DNA Sample ID\tNA")
        .replace("RNA Sample ID\tNA", "RNA Sample ID\tIPD9050-R03-P01-A08")
        .replace("IPD9050-D01-P01-A08_P", "IPD9050-R03-P01-A08_P");
    let bundle = |first: &str, second: &str| {
        let folder = Folder::new("order");
        folder.write(&format!("{first}/IPD9050-D01-P01-A08_P_CombinedVariantOutput.tsv"), &dna);
        folder.write(&format!("{second}/IPD9050-R03-P01-A08_P_CombinedVariantOutput.tsv"), &rna);
        let translated = translate(folder.path(), &[]);
        assert!(!translated.stdout.is_empty(), "{}", translated.stderr);
        translated.stdout
    };
    assert_eq!(bundle("a", "b"), bundle("b", "a"));
    assert_eq!(bundle("a", "b"), bundle("z/y/x", "c"));
}

/// The golden cases by name.
fn cases() -> Vec<String> {
    let entries = std::fs::read_dir(golden()).unwrap().map(|entry| entry.unwrap());
    let with_input = entries.filter(|entry| entry.path().join("input").exists());
    let mut names: Vec<String> = with_input.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(names.len() >= 15, "golden cases are missing");
    names
}

/// The files under a folder with their paths in it, in order of path.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let content = std::fs::read(&path).unwrap();
                found.push((path.strip_prefix(folder).unwrap().to_owned(), content));
            }
        }
    }
    found.sort();
    found
}

/// Writes the files in this order and gives the Bundles of all their patients.
fn bundles_of(gateway: &Gateway, files: &[(String, &[u8])]) -> Vec<(String, String)> {
    let folder = Folder::new("arranged");
    for (name, content) in files {
        folder.write(name, content);
    }
    let mut patients: Vec<PatientBundle> = Vec::new();
    translate_in_process(gateway, folder.path(), &mut patients);
    assert!(!patients.is_empty());
    patients.into_iter().map(|patient| (patient.patient_key, patient.bundle)).collect()
}

/// Whether a file may lie anywhere under the folder of its run.
fn is_arranged_freely(name: &str) -> bool {
    // An MD5 list names paths, identical copies are told apart by theirs, and metrics without an id by their folder.
    !name.ends_with(".md5") && !name.ends_with("MetricsOutput.tsv")
}

#[test]
fn the_order_and_the_place_of_files_do_not_change_the_bundles() {
    let mut gateway = startup::load(&Config::default()).unwrap();
    for case in cases() {
        let files = files(&input(&case));
        let names: Vec<String> = files.iter().map(|(path, _)| path.to_str().unwrap().to_owned()).collect();
        let plain: Vec<(String, &[u8])> =
            names.iter().cloned().zip(files.iter().map(|(_, content)| content.as_slice())).collect();
        gateway.threads = NonZeroUsize::MIN;
        let reference = bundles_of(&gateway, &plain);
        gateway.threads = NonZeroUsize::new(4).unwrap();
        let reversed: Vec<(String, &[u8])> = plain.iter().rev().cloned().collect();
        assert!(bundles_of(&gateway, &reversed) == reference, "{case}: files in another order, on several threads");
        if !names.iter().all(|name| is_arranged_freely(name)) {
            continue;
        }
        // Into folders whose names order the files the other way round, under the run folder.
        let count = plain.len();
        let moved = |(index, (name, content)): (usize, &(String, &'_ [u8]))| {
            let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
            (format!("{folder}/x{:03}/{file}", count - index).trim_start_matches('/').to_owned(), content.to_vec())
        };
        let moved: Vec<(String, Vec<u8>)> = plain.iter().enumerate().map(moved).collect();
        let moved: Vec<(String, &[u8])> =
            moved.iter().map(|(name, content)| (name.clone(), content.as_slice())).collect();
        assert!(bundles_of(&gateway, &moved) == reference, "{case}: files in other folders");
        // From the one half of an analysis to the other.
        let swapped: Vec<(String, &[u8])> = plain
            .iter()
            .map(|(name, content)| {
                let name = name.replace("Results/", "Swapped/").replace("Logs_Intermediates/", "Results/");
                (name.replace("Swapped/", "Logs_Intermediates/"), *content)
            })
            .collect();
        assert!(bundles_of(&gateway, &swapped) == reference, "{case}: Results and Logs_Intermediates exchanged");
    }
}

#[test]
fn the_accounting_closes_over_all_files() {
    for case in cases() {
        let out = Folder::new("bundles");
        let translated = translate(&input(&case), &["--out", out.path().to_str().unwrap()]);
        let number = |key: &str| translated.accounting[key].as_u64().unwrap();
        let count = |outcome: &str| -> u64 {
            let of_outcome = translated.rows().iter().filter(|row| row["outcome"] == outcome);
            of_outcome.map(|row| row["count"].as_u64().unwrap_or(1)).sum()
        };
        assert_eq!((count("represented"), count("listed")), (number("represented"), number("listed")), "{case}");
        assert_eq!(number("represented") + number("listed"), number("rows_in"), "{case}");
        assert!(!translated.has("accounting.row-unaccounted"), "{case}");
        let mut resources: HashSet<String> = HashSet::new();
        for (_, bundle) in files(out.path()) {
            let bundle: Value = serde_json::from_slice(&bundle).unwrap();
            let urls =
                bundle["entry"].as_array().unwrap().iter().map(|entry| entry["request"]["url"].as_str().unwrap());
            resources.extend(urls.map(str::to_owned));
        }
        for row in translated.rows().iter().filter(|row| row["outcome"] == "represented") {
            let resource = row["resource"].as_str().unwrap();
            assert!(resources.contains(resource), "{case}: {resource} of {row} is in no bundle");
        }
    }
}
