//! JSON files of the pipelines: read within limits, each result with the place it stands at.
//!
//! A row of the accounting is an element of an array, or a key whose value carries a result. It is placed by its line; where
//! the whole file is one line, by its index in the section.

mod bare;
mod item;
mod places;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::Value;

use crate::domain::accounting::{Account, RowId};
use crate::domain::issue::{Issue, IssueCode, Location};
use crate::domain::limits::Limits;
use crate::fhir::json::{self, JsonLimits};
use crate::redact::quote;

use super::text::Text;

pub(super) use self::item::{Item, filter_of, text_of};
use self::places::Places;

/// A file that could be read.
#[derive(Debug)]
pub(super) struct JsonFile {
    /// File, relative to the folder that was given.
    pub(super) file: Arc<str>,
    /// Its content; a number that is none (`NaN`, `Infinity`) is null.
    pub(super) value: Value,
    places: Places,
}

/// A row that was opened, with its place.
#[derive(Debug, Clone)]
pub(super) struct Opened {
    pub(super) row: RowId,
    pub(super) line: u32,
    pub(super) place: Location,
}

/// Reads a file. The pipelines write bare `NaN` for a number that could not be computed, which no JSON has.
///
/// None where it cannot be read: then an issue says why, and the file is one listed row.
pub(super) fn read(text: &Text, limits: &Limits, account: &mut Account) -> Option<JsonFile> {
    let Some(content) = text.as_str() else {
        let words = "the file is not UTF-8".to_owned();
        refuse(&text.file, IssueCode::FileEncodingInvalid, None, words, account);
        return None;
    };
    let content = bare::without_bare_numbers(content);
    let json_limits = JsonLimits {
        bytes: usize::try_from(limits.file_bytes).unwrap_or(usize::MAX),
        depth: limits.json_depth,
        array: limits.rows,
        values: limits.json_values,
        ..JsonLimits::default()
    };
    match json::read(content.as_bytes(), &json_limits) {
        Ok(value) => {
            let places = Places::of(&content);
            Some(JsonFile { file: Arc::clone(&text.file), value, places })
        }
        Err(issues) => {
            let first = issues.into_iter().next();
            let (code, line, words) = first.map_or((IssueCode::JsonUnreadable, None, String::new()), explain);
            refuse(&text.file, code, line, words, account);
            None
        }
    }
}

/// What a fault of the text means for a file of results.
fn explain(issue: Issue) -> (IssueCode, Option<u32>, String) {
    let code = match issue.code {
        IssueCode::JsonTooLarge => IssueCode::FileTooLarge,
        _ => IssueCode::JsonUnreadable,
    };
    (code, issue.location.line, issue.text)
}

/// Raises an issue; the file is one row, listed with it.
pub(super) fn refuse(file: &Arc<str>, code: IssueCode, line: Option<u32>, text: String, account: &mut Account) {
    let row = account.ledger.open(file, None, line.unwrap_or(1));
    let place = Location::file(file);
    let place = line.map_or(place.clone(), |line| place.line(line));
    account.reject(row, code, place, text);
}

impl JsonFile {
    /// Opens the row of a key, or of an element of an array: `section` is the name of what holds it, empty at the root; `path`
    /// leads from the root to it with `/` between keys and indices.
    pub(super) fn open(&self, section: &str, path: &str, account: &mut Account) -> Opened {
        let line = self.places.line(path);
        let last = path.rsplit('/').next().unwrap_or_default();
        let is_index = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
        let section = match (self.places.is_one_line(), is_index, section) {
            (true, true, section) => format!("{section}[{last}]"),
            (true, false, "") => quote(last).trim_matches('`').to_owned(),
            (true, false, section) => format!("{section}.{}", quote(last).trim_matches('`')),
            (false, _, section) => section.to_owned(),
        };
        let section: Option<Arc<str>> = Some(section).filter(|section| !section.is_empty()).map(Arc::from);
        let row = account.ledger.open(&self.file, section.as_ref(), line);
        let place = Location::file(&self.file).line(line);
        let place = section.as_ref().map_or(place.clone(), |section| place.section(section));
        Opened { row, line, place }
    }
}
