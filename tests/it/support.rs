//! Running the program and looking at what it wrote.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

/// A folder of the test's own, removed when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("impress-gateway-{}-{number}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The program: another build of it where the environment names one, as the controls with planted faults do.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("IMPRESS_TEST_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_impress-gateway").into()).into()
}

/// Runs the program.
pub(crate) fn gateway<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
    Command::new(program()).args(arguments).output().unwrap()
}

/// What `translate report` gave.
pub(crate) struct Translated {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) accounting: Value,
    pub(crate) issues: Value,
}

impl Translated {
    pub(crate) fn bundle(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The stable codes of the issues, sorted, each as often as it occurs.
    pub(crate) fn codes(&self) -> Vec<String> {
        let mut codes: Vec<String> = self.issues["issue"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|issue| issue["details"]["coding"][0]["code"].as_str().map(str::to_owned))
            .collect();
        codes.sort();
        codes
    }

    pub(crate) fn has(&self, code: &str) -> bool {
        self.codes().iter().any(|other| other == code)
    }

    /// The rows of the accounting.
    pub(crate) fn rows(&self) -> &Vec<Value> {
        self.accounting["rows"].as_array().unwrap()
    }
}

/// Runs `translate report` with the accounting and the issues written.
pub(crate) fn translate(path: &Path, more: &[&str]) -> Translated {
    let folder = Folder::new("out");
    let (accounting, issues) = (folder.path().join("accounting.json"), folder.path().join("issues.json"));
    let mut arguments: Vec<&str> = vec!["translate", "report", path.to_str().unwrap()];
    arguments.extend(["--accounting", accounting.to_str().unwrap(), "--issues", issues.to_str().unwrap()]);
    arguments.extend(more);
    let output = gateway(arguments);
    let json = |path: &Path| {
        std::fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null)
    };
    Translated {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        accounting: json(&accounting),
        issues: json(&issues),
    }
}

/// The folder of golden cases.
pub(crate) fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tso500")
}

/// The input of a golden case.
pub(crate) fn input(case: &str) -> PathBuf {
    golden().join(case).join("input")
}

/// A LocalApp CombinedVariantOutput of sample IPD9050-D01-P01-A08 with these rows of small variants.
pub(crate) fn local_app(small_variants: &str) -> String {
    format!(
        "TruSight Oncology 500 - Combined Variant Output\n\
         For Research Use Only. Not for use in diagnostic procedures.\n\n\
         [Analysis Details]\nPair ID\tIPD9050-D01-P01-A08_P\nDNA Sample ID\tIPD9050-D01-P01-A08\nRNA Sample ID\tNA\n\
         Output Date\t2026-06-14\nOutput Time\t10:11:12\nModule Version\tNA\nPipeline Version\truo-2.2.0.12\n\n\
         [Sequencing Run Details]\nNA\n\n\
         [TMB]\nTotal TMB\t7.8\nCoding Region Size in Megabases\t1.28\nNumber of Passing Eligible Variants\t10\n\n\
         [MSI]\nUsable MSI Sites\t120\nTotal MSI Sites Unstable\t3\nPercent Unstable MSI Sites\t2.50\n\n\
         [Gene Amplifications]\nGene\tFold Change\nERBB2\t5.21\n\n\
         [Splice Variants]\nGene\tAffected Exon\tBreakpoint 1\tBreakpoint 2\tSplice Supporting Reads\tReference Reads Transcript\nNA\n\n\
         [Fusions]\nGene Pair\tBreakpoint 1\tBreakpoint 2\tFusion Supporting Reads\tGene 1 Reference Reads\tGene 2 Reference Reads\nNA\n\n\
         [Small Variants]\nGene\tChromosome\tGenomic Position\tReference Call\tAlternative Call\tAllele Frequency\tDepth\tP-Dot Notation\tC-Dot Notation\tConsequence(s)\tAffected Exon(s)\n\
         {small_variants}"
    )
}
