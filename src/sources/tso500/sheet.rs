//! The sheet grammar that all Illumina report files share: tab-separated lines, padded or not, under `[Section]` heads.

use std::borrow::Cow;

use super::text::{Line, Text};

/// A file cut into sections.
#[derive(Debug, PartialEq, Eq)]
pub struct Sheet<'a> {
    /// Non-blank lines before the first section head.
    pub preamble: Vec<SheetLine<'a>>,
    /// Sections in file order.
    pub sections: Vec<SheetSection<'a>>,
    /// Line of the section head at which reading stopped because of the limit on sections.
    pub stopped_at: Option<u32>,
}

/// A section: everything up to the next head.
#[derive(Debug, PartialEq, Eq)]
pub struct SheetSection<'a> {
    /// Name without brackets.
    pub name: Cow<'a, str>,
    /// Line of the head.
    pub line: u32,
    /// Non-blank lines.
    pub lines: Vec<SheetLine<'a>>,
}

/// A non-blank line cut into cells.
#[derive(Debug, PartialEq, Eq)]
pub struct SheetLine<'a> {
    /// Line number, from 1.
    pub number: u32,
    /// Trimmed cells without their spreadsheet quotes and without trailing empty cells; `None` where the line is not
    /// UTF-8.
    pub cells: Option<Vec<Cow<'a, str>>>,
}

impl SheetLine<'_> {
    /// The cell at `index`, empty where the line ends before it.
    pub fn cell(&self, index: usize) -> &str {
        self.cells.as_ref().and_then(|cells| cells.get(index)).map_or("", Cow::as_ref)
    }

    /// The name without brackets, where the line is the head of a section: `[Name]` and nothing else. Whatever reads or
    /// counts lines asks here, so that a head is a head everywhere.
    pub fn section_name(&self) -> Option<&str> {
        let [cell] = self.cells.as_deref()? else { return None };
        cell.strip_prefix('[')?.strip_suffix(']')?;
        Some(cell.trim_start_matches('[').trim_end_matches(']').trim())
    }

    /// Whether the line says nothing but `NA`.
    pub fn is_bare_na(&self) -> bool {
        self.cells.as_ref().is_some_and(|cells| cells.len() == 1) && self.cell(0) == "NA"
    }
}

/// Cuts a text into sections. Reading stops at the head of section `max_sections` + 1.
pub fn read_sheet<'a>(text: &'a Text, max_sections: usize) -> Sheet<'a> {
    let mut sheet = Sheet { preamble: Vec::new(), sections: Vec::new(), stopped_at: None };
    for line in text.lines() {
        let Some(line) = read_line(line) else { continue };
        if let Some(name) = line.section_name().map(|name| Cow::Owned(name.to_owned())) {
            if sheet.sections.len() == max_sections {
                sheet.stopped_at = Some(line.number);
                break;
            }
            sheet.sections.push(SheetSection { name, line: line.number, lines: Vec::new() });
        } else if let Some(section) = sheet.sections.last_mut() {
            section.lines.push(line);
        } else {
            sheet.preamble.push(line);
        }
    }
    sheet
}

/// Cuts a line into cells; `None` for a blank or padded-blank line.
pub fn read_line(line: Line<'_>) -> Option<SheetLine<'_>> {
    let Some(text) = line.text else { return Some(SheetLine { number: line.number, cells: None }) };
    let mut cells: Vec<Cow<'_, str>> = text.split('\t').map(clean_cell).collect();
    while cells.last().is_some_and(|cell| cell.is_empty()) {
        cells.pop();
    }
    (!cells.is_empty()).then_some(SheetLine { number: line.number, cells: Some(cells) })
}

/// Trims a cell and takes off the quotes that a spreadsheet program put round it.
fn clean_cell(cell: &str) -> Cow<'_, str> {
    let trimmed = cell.trim();
    let Some(inner) = trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(trimmed);
    };
    if inner.contains("\"\"") {
        Cow::Owned(inner.replace("\"\"", "\"").trim().to_owned())
    } else {
        Cow::Borrowed(inner.trim())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn cells<'a>(line: &'a SheetLine<'a>) -> Vec<&'a str> {
        line.cells.iter().flatten().map(Cow::as_ref).collect()
    }

    #[test]
    fn padding_and_quotes_do_not_change_a_sheet() {
        let plain = "Banner\n[A]\nx\ty\n\n[B C]\nNA\n";
        let padded = "Banner\t\t\n\"[A]\"\t\t\n x \t\"y\"\t\t\n\t\t\n \t\n[B C]\t\nNA\t\t\n";
        for content in [plain, padded] {
            let text = Text::from_bytes(&Arc::from("f"), content.as_bytes().to_vec()).unwrap();
            let sheet = read_sheet(&text, 10);
            assert_eq!(sheet.preamble.iter().map(cells).collect::<Vec<_>>(), [vec!["Banner"]]);
            let sections: Vec<_> = sheet
                .sections
                .iter()
                .map(|s| (s.name.as_ref(), s.lines.iter().map(cells).collect::<Vec<_>>()))
                .collect();
            assert_eq!(sections, [("A", vec![vec!["x", "y"]]), ("B C", vec![vec!["NA"]])]);
            assert!(sheet.sections[1].lines[0].is_bare_na());
        }
    }

    #[test]
    fn a_bracket_inside_a_line_is_no_head() {
        let text = Text::from_bytes(&Arc::from("f"), b"[A]\n[x]\ty\nz[\n".to_vec()).unwrap();
        let sheet = read_sheet(&text, 10);
        assert_eq!(sheet.sections.len(), 1);
        assert_eq!(sheet.sections[0].lines.len(), 2);
    }

    #[test]
    fn the_limit_on_sections_is_kept() {
        let text = Text::from_bytes(&Arc::from("f"), b"[A]\n[B]\n[C]\nx\n".to_vec()).unwrap();
        let sheet = read_sheet(&text, 2);
        assert_eq!((sheet.sections.len(), sheet.stopped_at), (2, Some(3)));
    }
}
