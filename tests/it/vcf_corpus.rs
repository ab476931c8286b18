//! The verdicts of the VCF test files of samtools/hts-specs beside those of the reader; each difference has a reason.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use impress_gateway::domain::accounting::Account;
use impress_gateway::domain::issue::Severity;
use impress_gateway::domain::limits::Limits;
use impress_gateway::sources::tso500::vcf::{Source, small_variants};

/// A row of the table of differences.
struct Difference {
    /// `passed` or `failed`: what the corpus says.
    expected: String,
    /// Begin of the names of the files.
    prefix: String,
}

fn differences() -> Vec<Difference> {
    let table = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vcf-corpus/differences.tsv"));
    let is_row = |line: &&str| !line.starts_with('#') && !line.starts_with("corpus\t");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!(cells.len(), 4, "{line}");
        Difference { expected: cells[0].to_owned(), prefix: cells[1].to_owned() }
    };
    table.unwrap().lines().filter(is_row).map(row).collect()
}

/// `4.1/failed/x.vcf` and so on, with what the corpus says.
fn files(root: &Path) -> Vec<(PathBuf, String, String)> {
    let mut files = Vec::new();
    for version in std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for expected in ["passed", "failed"] {
            let Ok(entries) = std::fs::read_dir(version.join(expected)) else { continue };
            for path in entries.map(|entry| entry.unwrap().path()) {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                files.push((path, expected.to_owned(), name));
            }
        }
    }
    files.sort();
    files
}

/// Gives a file without samples one, so that its lines are looked at: nobody's variants are refused as a whole.
fn with_sample(content: Vec<u8>) -> Vec<u8> {
    const COLUMNS: &[u8] = b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO";
    let mut has_no_sample = false;
    let lines = content.split_inclusive(|&byte| byte == b'\n').map(|line| {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let end = &line[text.len()..];
        let is_call = !text.is_empty() && !text.starts_with(b"#");
        has_no_sample |= text == COLUMNS;
        let more: &[u8] = match text == COLUMNS {
            true => b"\tFORMAT\tS1",
            false if has_no_sample && is_call => b"\tGT\t0/1",
            false => b"",
        };
        [text, more, end].concat()
    });
    lines.collect::<Vec<_>>().concat()
}

/// The error codes that a file raises; its first sample is read.
fn errors(path: &Path) -> Vec<&'static str> {
    let content = with_sample(std::fs::read(path).unwrap());
    let text = String::from_utf8_lossy(&content);
    let columns = text.lines().find(|line| line.starts_with("#CHROM")).unwrap_or_default();
    let sample_id = columns.split('\t').nth(9);
    let (file, mut account) = (Arc::from("corpus.vcf"), Account::default());
    let source = Source { file: &file, length: content.len() as u64, sample_id };
    small_variants(source, content.as_slice(), &Limits::default(), &mut account);
    let is_error = |code: &&impress_gateway::domain::issue::IssueCode| code.severity() >= Severity::Error;
    let mut codes: Vec<_> =
        account.issues.iter().map(|issue| &issue.code).filter(is_error).map(|code| code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[expect(clippy::print_stdout, reason = "a skipped test says so, and the figures are for a reader")]
#[test]
fn each_difference_from_the_corpus_has_a_reason() {
    let Ok(root) = std::env::var("IMPRESS_VCF_CORPUS") else {
        println!("SKIPPED vcf-corpus: IMPRESS_VCF_CORPUS is not set");
        return;
    };
    let differences = differences();
    let mut used = vec![0; differences.len()];
    let mut figures: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut unexplained = Vec::new();
    for (path, expected, name) in files(Path::new(&root)) {
        let errors = errors(&path);
        let verdict = if errors.is_empty() { "passed" } else { "failed" };
        *figures.entry((expected.clone(), verdict)).or_default() += 1;
        if verdict == expected {
            continue;
        }
        let is_of = |row: &Difference| row.expected == expected && name.starts_with(&row.prefix);
        match differences.iter().position(is_of) {
            Some(row) => used[row] += 1,
            None => unexplained.push(format!("{expected}\t{}\t{}", path.display(), errors.join(","))),
        }
    }
    for ((corpus, ours), count) in &figures {
        println!("corpus {corpus}, ours {ours}: {count} files");
    }
    assert!(unexplained.is_empty(), "{} files without a reason:\n{}", unexplained.len(), unexplained.join("\n"));
    assert!(figures.len() > 2, "the corpus was not found under {root}");
    for (row, count) in differences.iter().zip(used) {
        assert!(count > 0, "no file differs any more: {} {}", row.expected, row.prefix);
    }
}
