//! The rows of a document.

use std::sync::Arc;

use crate::domain::accounting::{Account, RowId};
use crate::domain::issue::{IssueCode, Location};
use crate::sources::xml::Element;

/// A row that was opened, with its place.
#[derive(Debug, Clone)]
pub(super) struct Opened {
    pub(super) row: RowId,
    pub(super) line: u32,
    pub(super) place: Location,
}

/// Opens rows of one document.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    pub(super) file: &'a Arc<str>,
    /// Whether lines tell nothing apart, so that elements are counted.
    is_one_line: bool,
}

impl<'a> Rows<'a> {
    pub(super) fn of(root: &Element, file: &'a Arc<str>) -> Self {
        Self { file, is_one_line: last_line(root) == root.line }
    }

    /// Opens the row of an element; `index` counts it among those of its list.
    pub(super) fn open(&self, section: &str, index: usize, element: &Element, account: &mut Account) -> Opened {
        let section = if self.is_one_line { format!("{section}[{index}]") } else { section.to_owned() };
        let section: Arc<str> = Arc::from(section);
        let row = account.ledger.open(self.file, Some(&section), element.line);
        Opened { row, line: element.line, place: Location::file(self.file).line(element.line).section(&section) }
    }

    /// Lists each child of an element.
    pub(super) fn list_children(&self, element: &Element, code: IssueCode, account: &mut Account) {
        for (index, child) in element.children.iter().enumerate() {
            let opened = self.open(&element.name, index, child, account);
            account.ledger.list(opened.row, code, code.meaning());
        }
    }

    /// Lists an element of no known name.
    pub(super) fn list_unknown(&self, section: &str, index: usize, element: &Element, account: &mut Account) {
        let opened = self.open(section, index, element, account);
        let text = format!("element {}", crate::redact::quote(&element.name));
        account.reject(opened.row, IssueCode::FoundationElementUnknown, opened.place, text);
    }
}

fn last_line(element: &Element) -> u32 {
    element.children.last().map_or(element.line, last_line)
}
