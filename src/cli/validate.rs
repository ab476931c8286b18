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

/// What was found in one file.
#[derive(Default)]
struct Found {
    resources: usize,
    issues: Vec<Issue>,
}

impl Found {
    fn count(&self, is_counted: impl Fn(Severity) -> bool) -> usize {
        self.issues.iter().filter(|issue| is_counted(issue.code.severity())).count()
    }

    fn errors(&self) -> usize {
        self.count(|severity| severity >= Severity::Error)
    }

    fn warnings(&self) -> usize {
        self.count(|severity| severity == Severity::Warning)
    }

    /// Whether a text was no JSON at all.
    fn is_unusable(&self) -> bool {
        self.count(|severity| severity == Severity::Fatal) > 0
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
            Err(issue) => Found { resources: 0, issues: vec![issue] },
        };
        end = match end {
            _ if found.is_unusable() => End::Nothing,
            End::Done if found.errors() > 0 => End::WithErrors,
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
        Issue::new(IssueCode::JsonInvalid, location, format!("the file cannot be read: {}", error.kind()))
    })
}

/// What every resource goes through.
struct Checks<'v> {
    validator: &'v Validator,
    gate: Gate<'v>,
    profiles: &'v [&'v str],
}

/// One resource, or NDJSON: a resource per line.
fn check(checks: &Checks<'_>, bytes: &[u8]) -> Found {
    let mut found = Found::default();
    let limits = JsonLimits::default();
    match reader::read(bytes, &limits) {
        Ok(value) => one(checks, &value, None, &mut found),
        Err(issues) => {
            let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
            let is_object = |line: &&[u8]| line.trim_ascii().starts_with(b"{") && line.trim_ascii().ends_with(b"}");
            let mut filled = lines.iter().filter(|line| !line.trim_ascii().is_empty());
            if filled.clone().count() < 2 || !filled.all(is_object) {
                found.issues = issues;
                return found;
            }
            for (number, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim_ascii().is_empty()) {
                let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
                match reader::read(line, &limits) {
                    Ok(value) => one(checks, &value, Some(number), &mut found),
                    Err(issues) => found.issues.extend(issues.into_iter().map(|mut issue| {
                        issue.location.line = Some(number);
                        issue
                    })),
                }
            }
        }
    }
    found
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
    found.issues.extend(issues.into_iter().map(|mut issue| {
        issue.location.line = line;
        issue
    }));
}

fn line(file: &Path, found: &Found) -> String {
    let line = json!({
        "file": file.display().to_string(),
        "resources": found.resources,
        "errors": found.errors(),
        "warnings": found.warnings(),
        "outcome": operation_outcome(&found.issues),
    });
    format!("{line}\n")
}

fn report(file: &Path, found: &Found) -> String {
    let counts = format!("{} resources, {} errors, {} warnings", found.resources, found.errors(), found.warnings());
    let mut text = format!("{}: {counts}\n", file.display());
    for issue in &found.issues {
        text.push_str(&format!("  {}: {issue}\n", issue.code.severity().as_str()));
    }
    text
}
