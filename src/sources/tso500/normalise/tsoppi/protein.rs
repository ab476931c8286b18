//! Coding and protein change as HGVS.
//!
//! The table names changes without reference sequence (`c.818G>A`, `Arg273His`). A change becomes a code only with an
//! accession and version that the row itself gives: that of a canonical transcript whose change is the same. A version is
//! never put together from two places.

use crate::domain::accounting::Account;
use crate::domain::finding::{Note, SmallVariant};
use crate::domain::hgvs::{extends, parse_coding_cell, parse_protein_cell, predicted, three_letter};
use crate::domain::issue::IssueCode;
use crate::redact::quote;

use super::super::super::small_variant_table::{CanonicalTranscript, TableVariant, TranscriptSource};
use super::{Context, place};

const SHORT: &str = "Protein_change_short";
const LONG: &str = "Protein_change";

/// Fills the HGVS fields; what is no code becomes a note.
pub(super) fn describe(context: &Context<'_>, row: &TableVariant, variant: &mut SmallVariant, account: &mut Account) {
    let mut entries: Vec<&CanonicalTranscript> =
        row.canonical_transcripts.iter().filter(|entry| row.gene.as_deref() == Some(&entry.gene)).collect();
    entries.sort_by(|a, b| (a.source, &a.accession).cmp(&(b.source, &b.accession)));
    match protein_change(row) {
        Change::None => {}
        Change::Hgvs(change) => {
            let found = entries.iter().any(|entry| take_protein(entry, &change, row.cdna_change.as_deref(), variant));
            if !found {
                let words = format!("{}: no canonical transcript of the line has this change", quote(&change));
                account.issue(IssueCode::HgvsInvalid, place(context.table, row, LONG), words);
            }
        }
        Change::Contradictory => {
            let words = format!("{} and {}", quote(text(&row.protein_short)), quote(text(&row.protein_long)));
            account.issue(IssueCode::Conflict, place(context.table, row, LONG), words);
        }
        Change::Other(column, error) => {
            let cell = if column == LONG { &row.protein_long } else { &row.protein_short };
            let words = format!("{} is not HGVS: {error}", quote(text(cell)));
            account.issue(IssueCode::HgvsInvalid, place(context.table, row, column), words);
        }
    }
    if variant.coding_hgvs.is_none() {
        let change = row.cdna_change.as_deref();
        entries.iter().any(|entry| take_coding(entry, change, variant));
    }
    add_notes(row, variant);
}

enum Change {
    None,
    /// `p.(Arg273His)`
    Hgvs(String),
    /// Short and long text say two things.
    Contradictory,
    /// Not HGVS: column and reason.
    Other(&'static str, String),
}

fn protein_change(row: &TableVariant) -> Change {
    let short = row.protein_short.as_deref();
    let from_short = short.and_then(three_letter);
    match (row.protein_long.as_deref(), short) {
        (Some(long), _) if from_short.as_deref().is_some_and(|short| !extends(long, short)) => Change::Contradictory,
        (Some(long), _) => predicted(long).map_or_else(|error| Change::Other(LONG, error.to_string()), Change::Hgvs),
        (None, Some(_)) => match from_short.as_deref().map(predicted) {
            Some(Ok(change)) => Change::Hgvs(change),
            Some(Err(error)) => Change::Other(SHORT, error.to_string()),
            None => Change::Other(SHORT, "a sign that no change has".to_owned()),
        },
        (None, None) => Change::None,
    }
}

/// Takes accession and change of an entry with the same protein change.
fn take_protein(entry: &CanonicalTranscript, change: &str, coding: Option<&str>, variant: &mut SmallVariant) -> bool {
    let Some(stated) = entry.change.as_deref() else { return false };
    let Ok(description) = parse_protein_cell(&format!("{}:{stated}", entry.accession)) else { return false };
    let said = description.as_str().rsplit(':').next().unwrap_or_default();
    if said != change {
        return false;
    }
    if description.accession().is_none() && !take_coding(entry, coding, variant) {
        // Without an accession of its own the change rests on the transcript beside it.
        return false;
    }
    variant.protein = description.accession().map(str::to_owned);
    variant.protein_source = description.accession().map(|_| source(entry).to_owned());
    variant.protein_hgvs = Some(description.as_str().to_owned());
    true
}

/// Takes transcript and change of an entry that names the same coding change.
fn take_coding(entry: &CanonicalTranscript, change: Option<&str>, variant: &mut SmallVariant) -> bool {
    let (Some(stated), Some(change)) = (entry.change.as_deref(), change) else { return false };
    let stated = stated.split_once("(p.").map_or(stated, |(coding, _)| coding);
    let Ok(description) = parse_coding_cell(&format!("{}:{stated}", entry.accession)) else { return false };
    if stated != change {
        return false;
    }
    variant.transcript = Some(description.accession().to_owned());
    variant.transcript_source = Some(source(entry).to_owned());
    variant.coding_hgvs = Some(description.as_str().to_owned());
    true
}

fn source(entry: &CanonicalTranscript) -> &'static str {
    match entry.source {
        TranscriptSource::RefSeq => "refseq",
        TranscriptSource::Ensembl => "ensembl",
    }
}

/// The changes as the table writes them, with its transcripts.
fn add_notes(row: &TableVariant, variant: &mut SmallVariant) {
    let transcripts: Vec<&str> =
        row.ensembl_transcript.iter().chain(&row.refseq_transcripts).map(String::as_str).collect();
    if variant.coding_hgvs.is_none()
        && let Some(change) = &row.cdna_change
    {
        let on = if transcripts.is_empty() { "no transcript".to_owned() } else { transcripts.join(", ") };
        variant.notes.push(Note { text: format!("cDNA_change: {change} ({on}; no version is given)") });
    }
    if variant.protein_hgvs.is_none() {
        for (column, cell) in [(SHORT, &row.protein_short), (LONG, &row.protein_long)] {
            variant.notes.extend(cell.as_ref().map(|cell| Note { text: format!("{column}: {cell}") }));
        }
    }
}

fn text(cell: &Option<String>) -> &str {
    cell.as_deref().unwrap_or_default()
}
