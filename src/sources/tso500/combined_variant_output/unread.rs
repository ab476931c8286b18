//! Rows that are not read but must be accounted for.

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;

use super::super::sheet::{SheetLine, SheetSection, read_line};
use super::super::text::Text;
use super::banner::is_disclaimer;
use super::names::label;
use super::scope::{Scope, is_without_values};
use super::section::Section;
use super::table::{Layout, is_column_head};

/// Lists every row of a section with one reason.
pub(super) fn list_section(
    section: &SheetSection<'_>,
    layout: Option<&Layout>,
    code: IssueCode,
    scope: &Scope,
    account: &mut Account,
) {
    let mut head = layout;
    for line in &section.lines {
        list_line(line, &mut head, code, scope, account);
    }
}

/// Lists every row from a line on with one reason. Only one line is in memory at a time.
pub(super) fn list_from(text: &Text, first_line: u32, code: IssueCode, account: &mut Account) {
    let mut scope = Scope { file: Arc::clone(&text.file), section: None, empty: code, missing: code, line_cells: 0 };
    let mut head = None;
    for line in text.lines().filter(|line| line.number >= first_line).filter_map(read_line) {
        if let Some(name) = line.section_name() {
            let section = Section::from_name(name);
            scope.section = Some(Arc::from(section.map_or_else(|| label(name), |section| section.name().to_owned())));
            head = section.and_then(Section::layout);
        } else if scope.section.is_some() || !is_disclaimer(&line) {
            list_line(&line, &mut head, code, &scope, account);
        }
    }
}

/// Lists a line unless it holds column names, of which a section has one line, before its findings.
fn list_line(line: &SheetLine<'_>, head: &mut Option<&Layout>, code: IssueCode, scope: &Scope, account: &mut Account) {
    if !is_without_values(line)
        && let Some(layout) = head.take()
        && is_column_head(line, layout)
    {
        return;
    }
    let row = scope.open(line.number, account);
    account.ledger.list(row, code, code.meaning());
}
