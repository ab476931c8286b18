//! Reading a MetricsOutput, section by section.

mod table;

use std::collections::HashSet;
use std::sync::Arc;

use super::section::SectionKind;
use super::{KeyValue, MetricsOutput, Product};
use crate::domain::accounting::{Account, RowId};
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;
use crate::redact::quote;
use crate::sources::tso500::sheet::{SheetLine, SheetSection, read_line, read_sheet};
use crate::sources::tso500::text::Text;

/// Parses a MetricsOutput. Every row is opened in `account`; a row that is in the result stays open.
///
/// `None` where the file has no section of a known kind; its rows are then all listed. Values that are no numbers are
/// kept as text without an issue here: whether they matter is known when they are judged.
pub fn parse(text: &Text, limits: &Limits, account: &mut Account) -> Option<MetricsOutput> {
    let sheet = read_sheet(text, limits.file_sections);
    let mut output = MetricsOutput {
        file: Arc::clone(&text.file),
        product: None,
        header: Vec::new(),
        workflow_version: None,
        samples: Vec::new(),
        metrics: Vec::new(),
        status: Vec::new(),
        notes: Vec::new(),
    };
    output.product = read_preamble(&sheet.preamble, &text.file, account);
    let mut sections = table::Tables::new(limits.line_cells);
    let mut seen = HashSet::new();
    let mut any_known = false;
    for section in &sheet.sections {
        let name: Arc<str> = Arc::from(section.name.as_ref());
        let place = Place { file: &text.file, section: &name };
        let kind = SectionKind::of(&name);
        any_known |= kind.is_some();
        if !seen.insert(name.to_ascii_lowercase()) {
            place.list_section(section, IssueCode::SectionRepeated, account);
            continue;
        }
        match kind {
            None => place.list_section(section, IssueCode::SectionUnknown, account),
            Some(SectionKind::Header) => output.header = read_keys(section, place, account),
            Some(SectionKind::Notes) => output.notes = read_keys(section, place, account),
            Some(SectionKind::Status) => sections.read_status(section, place, &mut output, account),
            Some(SectionKind::Metrics(category)) => {
                sections.read_metrics(section, category, place, &mut output, account);
            }
        }
    }
    if let Some(line) = sheet.stopped_at {
        list_unread(text, line, limits, account);
    }
    if !text.ends_in_line_break() {
        let issue = "the last line does not end in a line break";
        account.issue(IssueCode::FileTruncated, Location::file(&text.file), issue);
    }
    let version = output.header.iter().find(|line| line.key.eq_ignore_ascii_case("Workflow Version"));
    output.workflow_version = version.map(|line| line.value.clone()).filter(|value| !value.is_empty());
    if !any_known {
        account.issue(IssueCode::FileEmpty, Location::file(&text.file), "the file has no section of metrics");
    }
    any_known.then_some(output)
}

/// Where a row is.
#[derive(Clone, Copy)]
struct Place<'a> {
    file: &'a Arc<str>,
    section: &'a Arc<str>,
}

impl Place<'_> {
    fn location(self, line: u32) -> Location {
        Location::file(self.file).section(self.section).line(line)
    }

    /// Opens a row. `None`: the line is not UTF-8 and is already listed.
    fn open(self, line: &SheetLine<'_>, account: &mut Account) -> Option<RowId> {
        let row = account.ledger.open(self.file, Some(self.section), line.number);
        if line.cells.is_none() {
            let location = self.location(line.number);
            account.reject(row, IssueCode::FileEncodingInvalid, location, "the line is not UTF-8");
            return None;
        }
        Some(row)
    }

    /// Raises one issue for a section and lists its rows.
    fn list_section(self, section: &SheetSection<'_>, code: IssueCode, account: &mut Account) {
        account.issue(code, self.location(section.line), format!("section {}", quote(self.section)));
        for line in section.lines.iter().skip(usize::from(has_column_heads(section))) {
            let row = account.ledger.open(self.file, Some(self.section), line.number);
            account.ledger.list(row, code, code.meaning());
        }
    }
}

/// The column heads of a table are its first line: `Metric (UOM)`, or an empty cell in `[Analysis Status]`.
fn has_column_heads(section: &SheetSection<'_>) -> bool {
    section.lines.first().is_some_and(|line| may_be_column_heads(&section.name, line))
}

fn may_be_column_heads(section: &str, line: &SheetLine<'_>) -> bool {
    let is_table = SectionKind::of(section).is_none_or(SectionKind::is_table);
    is_table && line.cells.is_some() && (line.cell(0).is_empty() || line.cell(0).eq_ignore_ascii_case("Metric (UOM)"))
}

fn read_preamble(lines: &[SheetLine<'_>], file: &Arc<str>, account: &mut Account) -> Option<Product> {
    let mut product = None;
    for (index, line) in lines.iter().enumerate() {
        let text = line.cell(0);
        if index == 0 && text.contains("TruSight Oncology 500") {
            product = Some(if text.contains("DRAGEN") { Product::Dragen } else { Product::LocalApp });
        } else if !text.starts_with("For Research Use Only") {
            let row = account.ledger.open(file, None, line.number);
            let (code, text) = match line.cells {
                Some(_) => (IssueCode::LineOutsideSection, "the line stands before the first section"),
                None => (IssueCode::FileEncodingInvalid, "the line is not UTF-8"),
            };
            account.reject(row, code, Location::file(file).line(line.number), text);
        }
    }
    if product.is_none() {
        let text = "the first line is not the banner of a MetricsOutput";
        account.issue(IssueCode::BannerMissing, Location::file(file).line(1), text);
    }
    product
}

fn read_keys(section: &SheetSection<'_>, place: Place<'_>, account: &mut Account) -> Vec<KeyValue> {
    let mut keys: Vec<KeyValue> = Vec::new();
    let mut seen = HashSet::new();
    for line in &section.lines {
        let Some(row) = place.open(line, account) else { continue };
        let location = place.location(line.number);
        let width = line.cells.as_ref().map_or(0, Vec::len);
        if line.is_bare_na() {
            account.ledger.list(row, IssueCode::ValueMissing, IssueCode::ValueMissing.meaning());
        } else if width > 2 {
            account.reject(row, IssueCode::RowLong, location, "more than a key and a value");
        } else if !seen.insert(line.cell(0)) {
            account.reject(row, IssueCode::KeyRepeated, location, format!("key {}", quote(line.cell(0))));
        } else {
            let (key, value) = (line.cell(0).to_owned(), line.cell(1).to_owned());
            keys.push(KeyValue { key, value, row, line: line.number });
        }
    }
    keys
}

/// Lists the rows from the section head at which the limit on sections stopped the reading.
fn list_unread(text: &Text, from: u32, limits: &Limits, account: &mut Account) {
    let code = IssueCode::TooManySections;
    let reason = format!("the file has more than {} sections", limits.file_sections);
    account.issue(code, Location::file(&text.file).line(from), reason.as_str());
    let mut section: Arc<str> = Arc::from("");
    let mut after_head = false;
    for line in text.lines().skip_while(|line| line.number < from).filter_map(read_line) {
        if let Some(name) = line.section_name() {
            section = Arc::from(name);
            after_head = true;
        } else if !(std::mem::take(&mut after_head) && may_be_column_heads(&section, &line)) {
            let row = account.ledger.open(&text.file, Some(&section), line.number);
            account.ledger.list(row, code, reason.clone());
        }
    }
}

#[cfg(test)]
mod tests;
