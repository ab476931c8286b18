//! One file: head, line of column names, rows.

use std::collections::HashMap;
use std::collections::hash_map::Entry as MapEntry;

use super::head::HeadLines;
use super::{CodeTable, CodeTableError, Row};
use crate::redact::quote;

const CODE: &str = "code";
const DISPLAY: &str = "display";
const TARGET: &str = "target_code";

pub(super) fn read(file: &str, text: &str) -> Result<CodeTable, Vec<CodeTableError>> {
    let mut errors = Errors { file, found: Vec::new() };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut head = HeadLines::default();
    let (mut lines, mut rest) = (0_u32, text);
    while let Some(comment) = rest.strip_prefix('#') {
        let (line, after) = comment.split_once('\n').unwrap_or((comment, ""));
        lines += 1;
        rest = after;
        if let Err(what) = head.take(lines, line) {
            errors.add(lines, what);
        }
    }
    let head =
        head.finish().map_err(|defects| defects.into_iter().for_each(|(line, what)| errors.add(line, what))).ok();
    let has_targets = head.as_ref().is_some_and(|head| head.target_system.is_some());
    let mut table = Rows { columns: Columns::default(), rows: HashMap::new(), has_targets };
    table.read(lines, rest, &mut errors);
    match head {
        Some(head) if errors.found.is_empty() => {
            Ok(CodeTable { file: file.to_owned(), head, properties: table.columns.properties, rows: table.rows })
        }
        _ => Err(errors.found),
    }
}

struct Errors<'f> {
    file: &'f str,
    found: Vec<CodeTableError>,
}

impl Errors<'_> {
    fn add(&mut self, line: u32, text: impl Into<String>) {
        self.found.push(CodeTableError { file: self.file.to_owned(), line, text: text.into() });
    }
}

#[derive(Debug, Default)]
struct Columns {
    width: usize,
    has_target: bool,
    properties: Vec<String>,
}

struct Rows {
    columns: Columns,
    rows: HashMap<String, Row>,
    has_targets: bool,
}

impl Rows {
    /// Reads the lines after `before` lines of head.
    fn read(&mut self, before: u32, text: &str, errors: &mut Errors<'_>) {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut is_first = true;
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return errors.add(before, format!("not CSV: {error}")),
            }
            let line = before.saturating_add(line_of(&record, text));
            if std::mem::take(&mut is_first) {
                self.take_columns(line, &record, errors);
            } else {
                self.take_row(line, &record, errors);
            }
        }
        if is_first {
            errors.add(before, "no line of column names");
        }
    }

    fn take_columns(&mut self, line: u32, record: &csv::StringRecord, errors: &mut Errors<'_>) {
        let names: Vec<&str> = record.iter().collect();
        if !names.starts_with(&[CODE, DISPLAY]) {
            errors.add(line, "the first columns are `code` and `display`");
        }
        let has_target = names.get(2) == Some(&TARGET);
        if has_target != self.has_targets {
            errors.add(line, "a head with `target_system` goes with a third column `target_code`, and only with it");
        }
        for (index, name) in names.iter().enumerate() {
            if name.is_empty() || names.iter().take(index).any(|earlier| earlier == name) {
                errors.add(line, format!("the column name {} is empty or repeated", quote(name)));
            }
        }
        let properties = names.iter().skip(if has_target { 3 } else { 2 }).map(|name| (*name).to_owned()).collect();
        self.columns = Columns { width: names.len(), has_target, properties };
    }

    fn take_row(&mut self, line: u32, record: &csv::StringRecord, errors: &mut Errors<'_>) {
        if record.len() != self.columns.width {
            return errors.add(line, format!("{} cells, {} expected", record.len(), self.columns.width));
        }
        if record.iter().any(|cell| cell.trim() != cell) {
            errors.add(line, "a cell begins or ends with a blank");
        }
        let mut cells = record.iter().map(str::to_owned);
        let code = cells.next().unwrap_or_default();
        let display = cells.next().unwrap_or_default();
        if code.is_empty() || display.is_empty() {
            return errors.add(line, "an empty code or display");
        }
        let target = if self.columns.has_target { cells.next().unwrap_or_default() } else { String::new() };
        match self.rows.entry(code) {
            MapEntry::Occupied(entry) => errors.add(line, format!("the code {} is repeated", quote(entry.key()))),
            MapEntry::Vacant(entry) => {
                entry.insert(Row { line, display, target, properties: cells.collect() });
            }
        }
    }
}

/// The line on which a record begins, from 1. The reader's position is before the empty lines that it passes over.
fn line_of(record: &csv::StringRecord, text: &str) -> u32 {
    let Some(position) = record.position() else { return 0 };
    let rest = usize::try_from(position.byte()).ok().and_then(|start| text.get(start..)).unwrap_or_default();
    let empty = rest.bytes().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| *byte == b'\n').count();
    let empty = u64::try_from(empty).unwrap_or(u64::MAX);
    u32::try_from(position.line().saturating_add(empty)).unwrap_or(u32::MAX)
}
