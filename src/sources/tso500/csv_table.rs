//! Comma-separated tables of the Illumina pipelines.
//!
//! ```text
//! # Source = FusionProcessor 1.0.0.407      description lines
//! Caller,Gene A,Gene B,...                  a line of column names
//! RnaFusionFilter,TPM3,NTRK1,...            one finding a line; a field may be quoted (RFC 4180)
//! ```
//!
//! No column holds a line break, so that each line is read alone: a quotation mark that is not closed damages its own line
//! and no other. Description lines are no rows.

use std::borrow::Cow;

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;

use super::combined_variant_output::scope::Scope;
use super::sheet::{SheetLine, SheetSection};
use super::text::{Line, Text};

/// The table of a file.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sources::tso500) struct CsvTable {
    /// What the first description line says wrote the file, e.g. `FusionProcessor 1.0.0.407`.
    pub(in crate::sources::tso500) source: Option<String>,
    /// The line of column names and what follows.
    pub(in crate::sources::tso500) section: SheetSection<'static>,
}

/// Cuts a file into cells. Lines whose quotation marks are not closed are listed with `tso500.quote-unclosed`.
///
/// None where the file has more cells than the limit: then every line is listed.
pub(in crate::sources::tso500) fn read_csv(text: &Text, limits: &Limits, account: &mut Account) -> Option<CsvTable> {
    if !text.ends_in_line_break() {
        let words = "the last line does not end in a line break";
        account.issue(IssueCode::FileTruncated, Location::file(&text.file), words);
    }
    let mut table =
        CsvTable { source: None, section: SheetSection { name: Cow::Borrowed(""), line: 1, lines: Vec::new() } };
    let commas = |line: &Line<'_>| line.text.map_or(0, |text| text.bytes().filter(|&byte| byte == b',').count() + 1);
    let too_large = text.lines().map(|line| commas(&line)).sum::<usize>() > limits.file_cells;
    if too_large {
        let words = format!("the file has more than {} cells", limits.file_cells);
        account.issue(IssueCode::FileTooLarge, Location::file(&text.file), words);
    }
    let mut before_table = true;
    for line in text.lines().filter(|line| !is_blank(line)) {
        if let Some(description) = line.text.and_then(|text| text.trim().strip_prefix('#')).filter(|_| before_table) {
            let source = description.trim().strip_prefix("Source").map(|rest| rest.trim_start());
            let source = source.and_then(|rest| rest.strip_prefix('=')).map(|source| source.trim().to_owned());
            table.source = table.source.or(source);
            continue;
        }
        before_table = false;
        if too_large {
            let row = account.ledger.open(&text.file, None, line.number);
            account.ledger.list(row, IssueCode::FileTooLarge, IssueCode::FileTooLarge.meaning());
        } else if line.text.is_some_and(|text| text.matches('"').count() % 2 == 1) {
            let row = account.ledger.open(&text.file, None, line.number);
            let place = Location::file(&text.file).line(line.number);
            account.reject(row, IssueCode::QuoteUnclosed, place, "a quotation mark is not closed on its line");
        } else {
            table.section.lines.push(SheetLine { number: line.number, cells: line.text.map(cells) });
        }
    }
    (!too_large).then_some(table)
}

/// Where the rows of a file stand that has one table and no sections.
pub(in crate::sources::tso500) fn scope(text: &Text, limits: &Limits) -> Scope {
    Scope {
        file: std::sync::Arc::clone(&text.file),
        section: None,
        empty: IssueCode::SectionEmpty,
        missing: IssueCode::ValueMissing,
        line_cells: limits.line_cells,
    }
}

/// Whether a line has nothing but blanks, commas and empty quotes.
fn is_blank(line: &Line<'_>) -> bool {
    line.text.is_some_and(|text| text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b',' | b'"')))
}

fn cells(line: &str) -> Vec<Cow<'static, str>> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(512).from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    // The line is UTF-8 and held in memory: reading it cannot fail, and nothing follows its first record.
    let _ = reader.read_record(&mut record);
    let mut cells: Vec<Cow<'static, str>> = record.iter().map(|cell| Cow::Owned(cell.trim().to_owned())).collect();
    while cells.last().is_some_and(|cell| cell.is_empty()) {
        cells.pop();
    }
    cells
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn read(content: &str, limits: &Limits) -> (Option<CsvTable>, Account) {
        let text = Text::from_bytes(&Arc::from("a.csv"), content.as_bytes().to_vec()).unwrap();
        let mut account = Account::default();
        let table = read_csv(&text, limits, &mut account);
        (table, account)
    }

    fn lines(table: &CsvTable) -> Vec<(u32, Vec<&str>)> {
        let cells = |line: &'_ SheetLine<'static>| line.cells.iter().flatten().count();
        table
            .section
            .lines
            .iter()
            .map(|line| (line.number, (0..cells(line)).map(|at| line.cell(at)).collect()))
            .collect()
    }

    #[test]
    fn fields_may_be_quoted_and_padded() {
        for content in [
            "# Source = FusionProcessor 1.0.0.407\n# Gene A = a, \"quoted\" word\nA,B,C\nx,y z,\n",
            "\u{feff}# Source = FusionProcessor 1.0.0.407\r\n\r\n\"A\",B,\"C\",,\r\n\" x \",\"y z\",\"\"\r\n,,\r\n",
        ] {
            let (table, account) = read(content, &Limits::default());
            let table = table.unwrap();
            assert_eq!(table.source.as_deref(), Some("FusionProcessor 1.0.0.407"));
            let cells: Vec<_> = lines(&table).into_iter().map(|(_, cells)| cells).collect();
            assert_eq!(cells, [vec!["A", "B", "C"], vec!["x", "y z"]], "{content}");
            assert!(account.issues.is_empty());
        }
    }

    #[test]
    fn quotes_hold_commas_and_quotes() {
        let (table, _) = read("A,B\n\"a,b\",\"c \"\"d\"\"\"\n", &Limits::default());
        assert_eq!(lines(&table.unwrap())[1], (2, vec!["a,b", "c \"d\""]));
    }

    #[test]
    fn an_open_quote_damages_its_own_line() {
        let (table, account) = read("A,B\n1,\"x\n2,y\n3,z", &Limits::default());
        assert_eq!(lines(&table.unwrap())[1..], [(3, vec!["2", "y"]), (4, vec!["3", "z"])]);
        let codes: Vec<_> = account.issues.iter().map(|issue| (issue.code, issue.location.line)).collect();
        assert_eq!(codes, [(IssueCode::FileTruncated, None), (IssueCode::QuoteUnclosed, Some(2))]);
        assert!(account.ledger.open_rows().is_empty());
    }

    #[test]
    fn many_cells_are_refused_line_by_line() {
        let limits = Limits { file_cells: 5, ..Limits::default() };
        let (table, account) = read("# x,y\nA,B\n1,2\n3,4\n", &limits);
        assert_eq!(table, None);
        assert_eq!(account.issues.iter().map(|issue| issue.code).collect::<Vec<_>>(), [IssueCode::FileTooLarge]);
        assert_eq!((account.ledger.len(), account.ledger.open_rows().len()), (3, 0));
    }
}
