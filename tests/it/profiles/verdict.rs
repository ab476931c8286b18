//! What the program says about a file, and whether that is what a mutant expects.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::mutation::Mutant;
use crate::support::gateway;

/// How a mutant ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// By the expected code at the expected place.
    Expected,
    /// By another error.
    Another,
    Survived,
}

impl Verdict {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Another => "another",
            Self::Survived => "survived",
        }
    }
}

/// The issues of one file.
pub(super) struct Report(Vec<Issue>);

pub(super) struct Issue {
    severity: String,
    code: String,
    path: String,
    text: String,
}

impl Report {
    pub(super) fn errors(&self) -> impl Iterator<Item = &Issue> {
        self.0.iter().filter(|issue| matches!(issue.severity.as_str(), "error" | "fatal"))
    }

    /// An error that the base has too did not kill the mutant.
    pub(super) fn verdict(&self, mutant: &Mutant, base: &Self) -> Verdict {
        if self.0.iter().any(|issue| issue.fits(mutant)) {
            Verdict::Expected
        } else if self.errors().any(|issue| base.errors().all(|other| other.brief() != issue.brief())) {
            Verdict::Another
        } else {
            Verdict::Survived
        }
    }

    /// Expected and found, in a line.
    pub(super) fn against(&self, mutant: &Mutant) -> String {
        let found: Vec<String> = self.0.iter().map(Issue::brief).collect();
        let expected = format!("{} at {}", mutant.codes.join(" | "), mutant.paths.join(" | "));
        format!("expected {expected} {} ({}); found {}", mutant.names, mutant.source, found.join("; "))
    }
}

impl Issue {
    fn fits(&self, mutant: &Mutant) -> bool {
        mutant.codes.contains(&self.code)
            && (mutant.paths.is_empty() || mutant.paths.contains(&self.path))
            && self.text.contains(&mutant.names)
    }

    pub(super) fn brief(&self) -> String {
        format!("{} at {}", self.code, self.path)
    }

    fn parse(issue: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            severity: text(&issue["severity"]),
            code: text(&issue["details"]["coding"][0]["code"]),
            path: text(&issue["expression"][0]),
            text: issue.to_string(),
        }
    }
}

/// Runs `validate --json` once over all files; one line per file is expected.
pub(super) fn validate(files: &[PathBuf]) -> BTreeMap<PathBuf, Report> {
    let mut arguments: Vec<&str> = vec!["validate", "--json"];
    arguments.extend(files.iter().map(|file| file.to_str().unwrap()));
    let output = gateway(arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut reports = BTreeMap::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let issues = line["outcome"]["issue"].as_array().cloned().unwrap_or_default();
        let report = Report(issues.iter().map(Issue::parse).collect());
        assert_eq!(line["errors"].as_u64(), u64::try_from(report.errors().count()).ok(), "count of errors: {line}");
        reports.insert(PathBuf::from(line["file"].as_str().unwrap()), report);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    for file in files {
        assert!(reports.contains_key(file), "no line about {}: {}\n{stderr}", file.display(), output.status);
    }
    reports
}
