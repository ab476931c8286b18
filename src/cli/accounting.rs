//! The file that `--accounting` writes.

use std::io::{self, Write};

use serde::Serialize;

use crate::domain::accounting::{Ledger, Outcome, Row};

/// One row; a row entry that stands for several lines (reference and neutral rows) says so in `count`.
#[derive(Serialize)]
struct RowEntry<'a> {
    file: &'a str,
    section: Option<&'a str>,
    line: u32,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u32>,
}

/// Writes `{"rows_in", "represented", "listed", "rows": [...]}`, a row at a time.
pub(super) fn write(ledger: &Ledger, writer: &mut dyn Write) -> io::Result<()> {
    let (mut represented, mut listed) = (0_u64, 0_u64);
    for row in ledger.rows() {
        let count = match row.outcome {
            Outcome::Represented(_) => &mut represented,
            Outcome::Listed { .. } | Outcome::Open => &mut listed,
        };
        *count += u64::from(row.count);
    }
    let rows_in = represented + listed;
    write!(writer, "{{\"rows_in\":{rows_in},\"represented\":{represented},\"listed\":{listed},\"rows\":[")?;
    for (index, row) in ledger.rows().enumerate() {
        if index > 0 {
            writer.write_all(b",")?;
        }
        serde_json::to_writer(&mut *writer, &entry(row))?;
    }
    writer.write_all(b"]}\n")
}

fn entry(row: &Row) -> RowEntry<'_> {
    let (outcome, resource, code, text) = match &row.outcome {
        Outcome::Represented(resource) => ("represented", Some(resource.as_str()), None, None),
        Outcome::Listed { code, text } => ("listed", None, Some(code.as_str()), Some(text.as_ref())),
        Outcome::Open => ("listed", None, None, None),
    };
    RowEntry {
        file: &row.file,
        section: row.section.as_deref(),
        line: row.line,
        outcome,
        resource,
        code,
        text,
        count: (row.count > 1).then_some(row.count),
    }
}
