//! The tests beside the bindings, and which parts of their messages nothing reads.

mod case;
mod field;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) use self::case::Case;
pub use self::field::value_at;
use super::set::Bindings;
use crate::domain::accounting::{Account, Outcome};
use crate::domain::issue::IssueCode;
use crate::domain::limits::Limits;
use crate::mapping_file::MappingError;

/// What the tests of all bindings gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Tests that ran.
    pub tests: usize,
    /// What a test expects and did not get.
    pub failures: Vec<MappingError>,
    /// What the bindings read of the messages of the tests, by organisation number of the overlay; empty for the base.
    pub coverage: BTreeMap<String, Coverage>,
}

/// What a binding reads of the messages of its tests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Messages that became a referral.
    pub messages: usize,
    /// Fields and components with a value in them.
    pub values: usize,
    /// Those that nothing reads.
    pub unread: Vec<Unread>,
}

/// A field or component that nothing reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where, e.g. `PID-18` or `PID-3.5`.
    pub path: String,
    /// What the standard calls the field; none for a local segment.
    pub name: Option<String>,
    /// How often.
    pub count: usize,
}

/// Runs the tests of the bindings.
pub fn check(bindings: &Bindings) -> Report {
    let mut report = Report { tests: 0, failures: Vec::new(), coverage: BTreeMap::new() };
    let mut unread: BTreeMap<(String, String), usize> = BTreeMap::new();
    for organisation in std::iter::once("").chain(bindings.organisations()) {
        report.coverage.insert(organisation.to_owned(), Coverage::default());
    }
    for case in &bindings.cases {
        report.tests += 1;
        let file: Arc<str> = Arc::clone(&case.at.file);
        let mut account = Account::new(Limits::default().issues);
        let run = case.run(bindings, &file, &mut account);
        report.failures.extend(run.failures);
        let coverage = report.coverage.entry(run.organisation.clone()).or_default();
        if !run.is_read {
            continue;
        }
        coverage.messages += 1;
        for row in account.ledger.rows() {
            coverage.values += 1;
            if matches!(&row.outcome, Outcome::Listed { code: IssueCode::Hl7FieldUnread, .. }) {
                let path = without_repetition(row.section.as_deref().unwrap_or_default());
                *unread.entry((run.organisation.clone(), path)).or_default() += 1;
            }
        }
    }
    for ((organisation, path), count) in unread {
        let field = path.split('.').next().unwrap_or_default();
        let name = bindings.dictionary.field_name(field).map(str::to_owned);
        report.coverage.entry(organisation).or_default().unread.push(Unread { path, name, count });
    }
    report
}

/// `PID-3[2].1.1` as `PID-3.1`: where a binding would have to look.
fn without_repetition(path: &str) -> String {
    let (field, rest) = path.split_once('[').unwrap_or((path, ""));
    let part = rest.split_once(']').map_or("", |(_, part)| part);
    format!("{field}{}", part.strip_suffix(".1").filter(|part| part.matches('.').count() == 1).unwrap_or(part))
}

#[cfg(test)]
mod tests {
    use super::without_repetition;

    #[test]
    fn paths_of_coverage() {
        for (row, path) in [
            ("PID-18[1]", "PID-18"),
            ("PID-3[2].5.1", "PID-3.5"),
            ("PID-3[2].4.2", "PID-3.4.2"),
            ("PID-3[2].1.1", "PID-3.1"),
        ] {
            assert_eq!(without_repetition(row), path);
        }
    }
}
