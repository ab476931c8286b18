//! The rows of a file that is not used.

use std::sync::Arc;

use super::format::Kind;
use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::sources::tso500::sheet::{SheetLine, read_line};
use crate::sources::tso500::text::Text;

/// Opens every row of a file and lists it with `code`. Rows are told from banners and heads by their look alone.
pub(super) fn list_rows(text: &Text, kind: Kind, code: IssueCode, account: &mut Account) {
    let has_sections = matches!(kind, Kind::CombinedVariantOutput | Kind::MetricsOutput);
    let mut section: Option<Arc<str>> = None;
    // Whether the column names are still to come: in each section, or once in a file without sections.
    let mut before_column_names = !has_sections;
    for (index, line) in text.lines().filter_map(read_line).enumerate() {
        if let Some(name) = line.section_name().filter(|_| has_sections) {
            section = Some(Arc::from(name));
            before_column_names = true;
            continue;
        }
        let is_banner = has_sections && section.is_none() && is_banner(index, line.cell(0));
        let is_column_names = before_column_names && is_column_names(&line, kind);
        // Comments may stand before the column names of a sample list, nothing before those of other tables.
        before_column_names &= kind == Kind::SampleList && !is_column_names;
        if !is_banner && !is_column_names {
            let row = account.ledger.open(&text.file, section.as_ref(), line.number);
            account.ledger.list(row, code, code.meaning());
        }
    }
}

fn is_banner(index: usize, text: &str) -> bool {
    (index == 0 && text.contains("TruSight Oncology 500")) || text.starts_with("For Research Use Only")
}

fn is_column_names(line: &SheetLine<'_>, kind: Kind) -> bool {
    let is = |cell: &str, names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(cell));
    let Some(cells) = line.cells.as_deref() else { return false };
    match kind {
        Kind::CombinedVariantOutput => is(line.cell(0), &["Gene", "Gene Pair"]),
        Kind::MetricsOutput => is(line.cell(0), &["Metric (UOM)", ""]),
        Kind::TmbTrace => cells.iter().any(|cell| is(cell, &["Chromosome", "Position"])),
        Kind::SampleList => is(line.cell(0).trim_start_matches('#').trim_start(), &["sample_type"]),
        // Lists of sums are no rows; files that are read line by line are one entry.
        _ => false,
    }
}
