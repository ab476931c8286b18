//! Every issue code is raised by some test: a code that no test asserts may never be raised at all.

use std::path::{Path, PathBuf};

use impress_gateway::domain::issue::IssueCode;

/// Codes that no input of a test can raise, with the reason. The list may only shrink.
const NOT_RAISED: &[(&str, &str)] = &[
    ("accounting.row-unaccounted", "raised by a defect of the program only; tests assert that it is not"),
    ("file.changed-while-read", "needs a writer at the same moment; its condition is tested in sources::tso500::text"),
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The texts of all tests: integration tests, expected files of golden cases, test modules of the sources.
fn tests() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut paths, mut texts) = (Vec::new(), String::new());
    files(&root.join("tests/it"), &mut paths);
    files(&root.join("tests/golden"), &mut paths);
    files(&root.join("tests/mutants"), &mut paths);
    files(&root.join("profiles/examples"), &mut paths);
    paths.retain(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name != "coverage.rs" && (name.ends_with(".rs") || name.starts_with("expected.") || name == "mutants.tsv")
    });
    for path in paths {
        texts.push_str(&std::fs::read_to_string(path).unwrap());
    }
    let mut sources = Vec::new();
    files(&root.join("src"), &mut sources);
    for path in sources.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
        let text = std::fs::read_to_string(path).unwrap();
        let is_tests = path.iter().any(|part| part == "tests" || part == "tests.rs");
        texts.push_str(if is_tests { &text } else { text.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests) });
    }
    texts
}

#[test]
fn every_code_is_asserted_by_a_test() {
    let tests = tests();
    let is_word_end = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
    let names = |name: &str| tests.match_indices(name).any(|(at, _)| is_word_end(&tests[at + name.len()..]));
    let mut missing = Vec::new();
    for code in IssueCode::ALL {
        let listed = NOT_RAISED.iter().any(|(name, _)| *name == code.as_str());
        // As a code, or as a variant of the enum: `IssueCode::X`, or `Code::X` where it is imported under that name.
        let is_named = names(code.as_str()) || names(&format!("Code::{code:?}"));
        if !is_named && !listed {
            missing.push(code.as_str());
        }
    }
    assert!(missing.is_empty(), "no test asserts {missing:?}");
}
