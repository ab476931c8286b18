//! A data line, column by column: one grammar element per file.

pub(super) mod alternates;
pub(super) mod end;
pub(super) mod filter;
pub(super) mod genotype;
pub(super) mod info;
pub(super) mod locus;
pub(super) mod reference;
pub(super) mod sample;
pub(super) mod values;

use super::header::Columns;
use crate::domain::issue::IssueCode;

/// Why a line is not used, or a value of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: IssueCode,
    /// Column or key by its name; empty where the line as a whole is meant.
    pub(super) column: &'static str,
    pub(super) text: String,
}

impl Refusal {
    pub(super) fn new(code: IssueCode, column: &'static str, text: impl Into<String>) -> Self {
        Self { code, column, text: text.into() }
    }
}

/// The columns of a line, as written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    /// Line, from 1.
    pub(super) line: u32,
    pub(super) chromosome: &'a str,
    pub(super) position: &'a str,
    pub(super) id: &'a str,
    pub(super) reference: &'a str,
    pub(super) alternates: &'a str,
    pub(super) filter: &'a str,
    pub(super) info: &'a str,
    pub(super) format: &'a str,
    /// The column of the sample that is read.
    pub(super) sample: &'a str,
}

/// Splits a line at its tabs. QUAL is of another scale in each caller and not read.
pub(super) fn split(line: u32, text: &str, columns: Columns) -> Result<Record<'_>, Refusal> {
    let mut cells = text.split('\t');
    let mut next = || cells.next().unwrap_or_default();
    let (chromosome, position, id, reference, alternates) = (next(), next(), next(), next(), next());
    let (_quality, filter, info, format) = (next(), next(), next(), next());
    let read = 9;
    let (mut count, mut sample) = (read, "");
    for cell in cells {
        if count == columns.sample {
            sample = cell;
        }
        count += 1;
    }
    if count == read {
        count = text.split('\t').take(read).count();
    }
    if count != columns.count {
        let text = format!("{count} columns, the line of column names has {}", columns.count);
        return Err(Refusal::new(IssueCode::VcfColumnsDiffer, "", text));
    }
    Ok(Record { line, chromosome, position, id, reference, alternates, filter, info, format, sample })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_as_many_columns_as_the_head() {
        let columns = Columns::new(2, 1);
        let record = split(7, "chr1\t5\tid\tA\tT\t.\tPASS\tDP=9\tGT\t0/0\t0/1", columns).unwrap();
        assert_eq!((record.line, record.chromosome, record.position, record.id), (7, "chr1", "5", "id"));
        assert_eq!((record.reference, record.alternates, record.filter), ("A", "T", "PASS"));
        assert_eq!((record.info, record.format, record.sample), ("DP=9", "GT", "0/1"));
        for (text, count) in [
            ("chr1", 1),
            ("chr1\t5\tid\tA\tT\t.\tPASS\tDP=9", 8),
            ("chr1\t5\tid\tA\tT\t.\tPASS\tDP=9\tGT\t0/0", 10),
            ("chr1\t5\tid\tA\tT\t.\tPASS\tDP=9\tGT\t0/0\t0/1\t", 12),
            ("chr1 5 id A T . PASS DP=9 GT 0/0 0/1", 1),
        ] {
            let refusal = split(1, text, columns).unwrap_err();
            assert_eq!(refusal.code, IssueCode::VcfColumnsDiffer);
            assert!(refusal.text.starts_with(&format!("{count} columns")), "{text}: {}", refusal.text);
        }
    }
}
