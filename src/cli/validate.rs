//! `validate`.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Value, json};

use super::arguments::ValidateArguments;
use super::{End, output};
use crate::config::Config;
use crate::domain::issue::{Issue, IssueCode, Location, Severity};
use crate::fhir::json::{self as reader, JsonLimits};
use crate::fhir::operation_outcome::operation_outcome;
use crate::profiles::compile::extend;
use crate::profiles::embedded;
use crate::profiles::gate::{Gate, unexplained};
use crate::profiles::package::read_tgz;
use crate::profiles::walk::Validator;

/// Most issues that are kept and shown of one file; all are counted.
const MAX_ISSUES: usize = 10_000;

/// UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What was found in one file.
#[derive(Default)]
struct Found {
    resources: usize,
    issues: Vec<Issue>,
    errors: usize,
    warnings: usize,
    not_shown: usize,
    /// Whether the file could not be read, or a text in it is no JSON at all.
    is_unusable: bool,
}

impl Found {
    /// A file that could not be read.
    fn unreadable(issue: Issue) -> Self {
        let mut found = Self::default();
        found.add(issue, None);
        found.is_unusable = true;
        found
    }

    /// Counts an issue of a line; keeps it where there are not too many.
    fn add(&mut self, mut issue: Issue, line: Option<u32>) {
        let severity = issue.code.severity();
        self.errors += usize::from(severity >= Severity::Error);
        self.warnings += usize::from(severity == Severity::Warning);
        self.is_unusable |= severity == Severity::Fatal;
        if self.issues.len() < MAX_ISSUES {
            issue.location.line = line.or(issue.location.line);
            self.issues.push(issue);
        } else {
            self.not_shown += 1;
        }
    }

    /// Says how many issues are not shown.
    fn close(&mut self) {
        if self.not_shown > 0 {
            let text = format!("{} further issues are not shown", self.not_shown);
            self.issues.push(Issue::new(IssueCode::ProfileIssuesTruncated, Location::default(), text));
        }
    }
}

/// Validates each file; prints a report per file.
pub(super) fn validate(arguments: &ValidateArguments, environment: Vec<(String, String)>) -> Result<End, Vec<Issue>> {
    let config = Config::load(arguments.config.as_deref(), environment).map_err(|issue| vec![issue])?;
    let validator = validator(arguments, config.mappings.canonical_base.as_deref())?;
    let profiles: Vec<&str> = arguments.profile.iter().map(String::as_str).collect();
    let checks = Checks { validator: &validator, gate: Gate::new(validator.form()), profiles: &profiles };
    let mut end = End::Done;
    for file in &arguments.files {
        let found = match read(file) {
            Ok(bytes) => check(&checks, &bytes),
            Err(issue) => Found::unreadable(issue),
        };
        end = match end {
            _ if found.is_unusable => End::Nothing,
            End::Done if found.errors > 0 => End::WithErrors,
            other => other,
        };
        let text = if arguments.json { line(file, &found) } else { report(file, &found) };
        output::print(&text).map_err(|issue| vec![issue])?;
    }
    Ok(end)
}

fn validator(arguments: &ValidateArguments, canonical_base: Option<&str>) -> Result<Validator, Vec<Issue>> {
    let unreadable = |reason: String| vec![Issue::new(IssueCode::PackageUnreadable, Location::default(), reason)];
    let form = canonical_base.map_or_else(embedded::form, |base| embedded::form_at(base.trim_end_matches('/')));
    let mut form = form.map_err(unreadable)?;
    let packages: Result<Vec<_>, Issue> = arguments.package.iter().map(|path| read_tgz(path)).collect();
    extend(&mut form, &packages.map_err(|issue| vec![issue])?)?;
    for url in &arguments.profile {
        if !form.profiles.contains_key(url) {
            let text = format!("the profile {} is not loaded", crate::redact::quote(url));
            return Err(vec![Issue::new(IssueCode::UsageInvalid, Location::default(), text)]);
        }
    }
    Ok(Validator::new(form))
}

fn read(path: &Path) -> Result<Vec<u8>, Issue> {
    let limit = JsonLimits::default().bytes as u64 + 1;
    let mut bytes = Vec::new();
    let result = if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    result.map(|_| bytes).map_err(|error| {
        let location = Location { file: Some(path.display().to_string().into()), ..Location::default() };
        Issue::new(IssueCode::FolderEntryUnreadable, location, format!("the file cannot be read: {}", error.kind()))
    })
}

/// What every resource goes through.
struct Checks<'v> {
    validator: &'v Validator,
    gate: Gate<'v>,
    profiles: &'v [&'v str],
}

/// One resource, or NDJSON: a resource per line. A byte order mark, which some programs write, is passed over.
fn check(checks: &Checks<'_>, bytes: &[u8]) -> Found {
    let mut found = Found::default();
    let limits = JsonLimits::default();
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    match reader::read(bytes, &limits) {
        Ok(value) => one(checks, &value, None, &mut found),
        Err(issues) => match lines(bytes, &limits) {
            Some(lines) => {
                for (number, line) in lines {
                    match reader::read(line, &limits) {
                        Ok(value) => one(checks, &value, Some(number), &mut found),
                        Err(issues) => issues.into_iter().for_each(|issue| found.add(issue, Some(number))),
                    }
                }
            }
            None => issues.into_iter().for_each(|issue| found.add(issue, None)),
        },
    }
    found.close();
    found
}

/// The filled lines of NDJSON with their numbers: a text of several of them whose first one is an object of its own.
fn lines<'b>(bytes: &'b [u8], limits: &JsonLimits) -> Option<impl Iterator<Item = (u32, &'b [u8])>> {
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).zip(1_u32..);
    let filled = lines.filter(|(line, _)| !line.is_empty()).map(|(line, number)| (number, line));
    let mut first = filled.clone();
    let (_, line) = first.next()?;
    first.next()?;
    (line.starts_with(b"{") && reader::read(line, limits).is_ok()).then_some(filled)
}

/// The gate first. What it finds is told in the walker's words, which name profile and slice; where the walker has none, in
/// the gate's own (ADR 6).
fn one(checks: &Checks<'_>, value: &Value, line: Option<u32>, found: &mut Found) {
    let is_admitted = checks.gate.admits(value);
    let mut issues = checks.validator.validate_each(value, checks.profiles);
    if !is_admitted {
        let unexplained = unexplained(&issues, checks.gate.check(value));
        issues.extend(unexplained);
    }
    let entries = value.get("entry").and_then(Value::as_array).map_or(0, Vec::len);
    found.resources += 1 + entries;
    issues.into_iter().for_each(|issue| found.add(issue, line));
}

fn line(file: &Path, found: &Found) -> String {
    let line = json!({
        "file": file.display().to_string(),
        "resources": found.resources,
        "errors": found.errors,
        "warnings": found.warnings,
        "outcome": operation_outcome(&found.issues),
    });
    format!("{line}\n")
}

fn report(file: &Path, found: &Found) -> String {
    let counts = format!("{} resources, {} errors, {} warnings", found.resources, found.errors, found.warnings);
    let mut text = format!("{}: {counts}\n", file.display());
    for issue in &found.issues {
        text.push_str(&format!("  {}: {issue}\n", issue.code.severity().as_str()));
    }
    text
}
