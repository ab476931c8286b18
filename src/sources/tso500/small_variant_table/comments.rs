//! The comments that say something about the sample; all others describe the columns.

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::redact::quote;

use super::super::cells::is_missing;
use super::super::cells::number::parse_number;
use super::super::cells::quantity::{Quantity, parse_quantity};
use super::super::column_table::{ColumnTable, Comment};
use super::super::tsoppi_version::TsoppiVersion;
use super::super::wire::Held;
use super::{SmallVariantTable, TumorPurity};

/// Reads the comments. One that is held stays open; the others are listed, counted per file.
pub(super) fn read(table: &ColumnTable<'_>, parsed: &mut SmallVariantTable, account: &mut Account) {
    for comment in &table.comments {
        let (_, text) = comment.text.split_once(']').unwrap_or(("", &comment.text));
        let Some((key, value)) = key_value(text.trim()) else {
            account.ledger.count(comment.row, IssueCode::RunNote);
            continue;
        };
        let held = match key {
            Key::Version => hold(&mut parsed.version, comment, TsoppiVersion::parse(value).ok()),
            Key::Purity => hold(&mut parsed.tumor_purity, comment, purity(value)),
            Key::RegionSize => hold(&mut parsed.coding_region_size, comment, parse_number(value).ok().map(|n| n.value)),
            Key::Normal => hold(&mut parsed.matched_normal, comment, id(value)),
            Key::Rna => hold(&mut parsed.matched_rna, comment, id(value)),
        };
        match held {
            Outcome::Held => {}
            Outcome::Repeated => account.ledger.count(comment.row, IssueCode::RunNote),
            Outcome::Nothing if is_missing(value) => account.ledger.count(comment.row, IssueCode::ValueMissing),
            Outcome::Nothing => {
                let place = Location::file(&table.file).line(comment.line);
                account.reject(comment.row, IssueCode::ValueUnknown, place, format!("{} in a comment", quote(value)));
            }
        }
    }
}

enum Key {
    Version,
    Purity,
    RegionSize,
    Normal,
    Rna,
}

enum Outcome {
    Held,
    Repeated,
    Nothing,
}

fn key_value(text: &str) -> Option<(Key, &str)> {
    let (key, value) = text.split_once(':')?;
    let key = match key {
        "Version string" => Key::Version,
        _ if key.starts_with("Specified tumor purity") => Key::Purity,
        _ if key.starts_with("Size of the target coding region") => Key::RegionSize,
        _ if key.starts_with("ID of the matched normal DNA sample") => Key::Normal,
        _ if key.starts_with("ID of the matched tumor RNA sample") => Key::Rna,
        _ => return None,
    };
    Some((key, value.trim()))
}

fn hold<T>(slot: &mut Option<Held<T>>, comment: &Comment, value: Option<T>) -> Outcome {
    match value {
        None => Outcome::Nothing,
        Some(_) if slot.is_some() => Outcome::Repeated,
        Some(value) => {
            *slot = Some(Held { value, row: comment.row, line: comment.line });
            Outcome::Held
        }
    }
}

/// `0.5`, or words that say that it was not specified and a default was used.
fn purity(text: &str) -> Option<TumorPurity> {
    let lower = text.to_ascii_lowercase();
    if lower.contains("not specified") || lower.contains("default value") {
        return Some(TumorPurity { value: None, is_default: true });
    }
    let value = parse_quantity(text, Quantity::Fraction).ok()?.value;
    Some(TumorPurity { value: Some(value), is_default: false })
}

fn id(text: &str) -> Option<String> {
    (!is_missing(text)).then(|| text.to_owned())
}
