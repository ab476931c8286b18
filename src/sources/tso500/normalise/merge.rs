//! One finding per key: rows that tell the same thing become one, whatever the order of rows and files.

mod complete;

use std::cmp::Reverse;

use crate::domain::accounting::{Account, RowId};
use crate::domain::finding::Note;
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Location};

/// Which file a value is taken from where several tell it; the first that has it wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The file that the laboratories prefer for its class, before the CombinedVariantOutput.
    Preferred,
    /// CombinedVariantOutput.
    Result,
    /// VCF files.
    Vcf,
    /// Structured results of the pipeline (JSON).
    Structured,
    /// Tables of TSOPPI.
    Curated,
}

/// A finding and the kind of file that tells it.
#[derive(Debug, Clone)]
pub(super) struct Told<F> {
    pub(super) rank: Rank,
    pub(super) finding: F,
}

/// Findings of one class from every file of a report.
pub(super) type All<F> = Vec<Told<F>>;

/// Adds findings of one file.
pub(super) fn add<F>(all: &mut All<F>, rank: Rank, findings: impl IntoIterator<Item = F>) {
    all.extend(findings.into_iter().map(|finding| Told { rank, finding }));
}

/// Two files that differ about one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) name: &'static str,
    pub(super) kept: String,
    pub(super) other: String,
}

/// A finding that rows can tell more than once.
pub(super) trait Finding: Clone + PartialEq + std::fmt::Debug {
    fn identity(&self) -> &Identity;
    fn rows(&self) -> &Vec<RowId>;
    fn rows_mut(&mut self) -> &mut Vec<RowId>;
    fn notes(&mut self) -> &mut Vec<Note>;
    /// The values, for telling a reader what differs.
    fn values(&self) -> String;
    /// How many values are given.
    fn filled(&self) -> usize;
    /// Takes from `other` what this finding lacks, and returns what both say and say differently.
    fn complete(&mut self, other: &Self) -> Vec<Difference>;
}

/// Merges findings of one key and orders them by key.
///
/// Of one file's rows the one with the most values stays, of equal ones that whose values sort first; the others are named in
/// a note and an issue. Another file adds what is missing; where it differs the first file by [`Rank`] stays, and note and
/// issue tell both.
pub(super) fn merge<F: Finding>(mut told: All<F>, account: &mut Account) -> Vec<F> {
    told.sort_by_cached_key(|told| {
        let finding = &told.finding;
        (finding.identity().clone(), told.rank, Reverse(finding.filled()), finding.values())
    });
    let mut merged: Vec<F> = Vec::with_capacity(told.len());
    for Told { mut finding, .. } in told {
        let Some(first) = merged.last_mut().filter(|first| first.identity() == finding.identity()) else {
            merged.push(finding);
            continue;
        };
        let place = place_of(finding.rows(), account);
        let files = |rows: &[RowId]| -> Vec<_> {
            rows.iter().filter_map(|row| account.ledger.row(*row)).map(|row| std::sync::Arc::clone(&row.file)).collect()
        };
        let known = files(first.rows());
        if files(finding.rows()).iter().any(|file| known.contains(file)) {
            repeat(first, &finding, place, account);
        } else {
            for Difference { name, kept, other } in first.complete(&finding) {
                // The name alone: where a file lies is no statement about the patient.
                let file = place.file.as_deref().unwrap_or_default();
                let file_name = file.rsplit('/').next().unwrap_or(file).to_owned();
                account.issue(
                    IssueCode::Conflict,
                    place.clone(),
                    format!("{name} {other}, another file of the report says {kept}"),
                );
                first.notes().push(Note { text: format!("{file_name} says: {name} {other}") });
            }
        }
        let mut notes = std::mem::take(finding.notes());
        notes.retain(|note| !first.notes().contains(note));
        first.notes().append(&mut notes);
        first.notes().sort_by(|a, b| a.text.cmp(&b.text));
        first.rows_mut().append(finding.rows_mut());
    }
    merged
}

/// A second row of a file about the same finding.
fn repeat<F: Finding>(first: &mut F, second: &F, place: Location, account: &mut Account) {
    let (kept, other) = (first.values(), second.values());
    if kept == other {
        account.issue(IssueCode::RowRepeated, place, "the line repeats a finding");
    } else {
        account.issue(IssueCode::Conflict, place, format!("one line says {kept}, another {other}"));
        first.notes().push(Note { text: format!("Another line of the result file says: {other}") });
    }
}

fn place_of(rows: &[RowId], account: &Account) -> Location {
    let row = rows.first().and_then(|row| account.ledger.row(*row));
    row.map(|row| {
        let location = Location::file(&row.file).line(row.line);
        row.section.as_ref().map_or(location.clone(), |section| location.section(section))
    })
    .unwrap_or_default()
}

#[cfg(test)]
mod tests;
