//! Code tables that templates look values up in.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{MappingError, MappingFile, Position};
use crate::domain::issue::IssueCode;
use crate::redact::quote;

/// The code tables of a mapping, by the name of their file without its ending.
#[derive(Debug, Clone, Default)]
pub struct Tables(BTreeMap<String, Arc<Table>>);

/// One table: `#` lines that name source and date, a line of column names, then rows; the first column is the key.
#[derive(Debug, Default)]
pub struct Table {
    columns: Vec<String>,
    rows: HashMap<String, Vec<String>>,
}

impl Tables {
    /// Reads tab-separated tables.
    ///
    /// # Errors
    /// Every repeated or empty key, repeated or empty column name and line of the wrong width, and two tables of one
    /// name, as `mapping.table-invalid`.
    pub fn load(files: &[MappingFile]) -> Result<Self, Vec<MappingError>> {
        let mut errors = Vec::new();
        let mut tables = BTreeMap::new();
        for file in files {
            let table = read_table(file, &mut errors);
            if tables.insert(file.stem().to_owned(), Arc::new(table)).is_some() {
                errors.push(invalid(file, 0, 0, &format!("a second table {}", quote(file.stem()))));
            }
        }
        if errors.is_empty() { Ok(Self(tables)) } else { Err(errors) }
    }

    /// Whether `table` has a row of `key`.
    pub fn has(&self, table: &str, key: &str) -> bool {
        self.get(table).is_some_and(|table| table.rows.contains_key(key))
    }

    /// The table of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Table>> {
        self.0.get(name)
    }

    /// Names of all tables, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl Table {
    /// Names of the columns, the key first.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The cell of `column` in the row of `key`; `None` also for an empty cell.
    pub fn cell(&self, key: &str, column: usize) -> Option<&str> {
        let cell = self.rows.get(key)?.get(column)?;
        (!cell.is_empty()).then_some(cell)
    }
}

fn invalid(file: &MappingFile, line: u32, column: u32, text: &str) -> MappingError {
    let at = Position { file: file.name.clone(), line, column };
    MappingError::new(IssueCode::MappingTableInvalid, &at, text)
}

fn read_table(file: &MappingFile, errors: &mut Vec<MappingError>) -> Table {
    let mut lines = (1..).zip(file.text.lines()).skip_while(|(_, line)| line.starts_with('#'));
    let Some((number, header)) = lines.next() else {
        errors.push(invalid(file, 1, 1, "no line of column names"));
        return Table::default();
    };
    let columns: Vec<String> = header.split('\t').map(str::to_owned).collect();
    for (index, name) in columns.iter().enumerate() {
        if name.is_empty() || columns.iter().take(index).any(|earlier| earlier == name) {
            errors.push(invalid(file, number, 1, &format!("the column name {} is empty or repeated", quote(name))));
        }
    }
    let mut rows = HashMap::new();
    for (number, line) in lines {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        if cells.len() != columns.len() {
            let text = format!("{} cells, {} expected", cells.len(), columns.len());
            errors.push(invalid(file, number, 1, &text));
        }
        let key = cells.first().cloned().unwrap_or_default();
        if key.is_empty() {
            errors.push(invalid(file, number, 1, "an empty key"));
            continue;
        }
        match rows.entry(key) {
            Entry::Occupied(entry) => {
                errors.push(invalid(file, number, 1, &format!("the key {} is repeated", quote(entry.key()))));
            }
            Entry::Vacant(entry) => {
                entry.insert(cells);
            }
        }
    }
    Table { columns, rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_by_key_and_column() {
        let file = MappingFile::new(
            "codes/kinds.tsv",
            "# source: ours\nkey\tcode\tdisplay\r\ngain\tA\tmore\nloss\t\tless # really\n",
        );
        let tables = Tables::load(&[file]).expect("valid");
        let table = tables.get("kinds").expect("named after its file");
        assert_eq!(table.columns(), ["key", "code", "display"]);
        for (key, column, expected) in [
            ("gain", 0, Some("gain")),
            ("gain", 2, Some("more")),
            ("loss", 1, None),
            ("loss", 2, Some("less # really")),
            ("gain", 3, None),
            ("Gain", 1, None),
        ] {
            assert_eq!(table.cell(key, column), expected, "{key} {column}");
        }
    }

    #[test]
    fn every_defect_is_named_with_its_line() {
        for (text, line, expected) in [
            ("# only a header\n", 1, "no line of column names"),
            ("", 1, "no line of column names"),
            ("a\tb\tb\n", 1, "column name `b`"),
            ("a\t\n", 1, "column name ``"),
            ("#\na\tb\nx\t1\nx\t2\n", 4, "key `x` is repeated"),
            ("a\tb\nx\n", 2, "1 cells, 2 expected"),
            ("a\tb\nx\t1\t2\n", 2, "3 cells, 2 expected"),
            ("a\tb\n\t1\n", 2, "empty key"),
            ("a\n\nx\n", 2, "empty key"),
        ] {
            let errors = Tables::load(&[MappingFile::new("codes/t.tsv", text)]).expect_err(text);
            let [error] = errors.as_slice() else { panic!("{text}: {errors:?}") };
            assert_eq!((error.code, error.line), (IssueCode::MappingTableInvalid, line), "{text}");
            assert!(error.text.contains(expected), "{text}: {error}");
        }
        let twice = [MappingFile::new("a/t.tsv", "a\n"), MappingFile::new("b/t.tsv", "b\n")];
        assert_eq!(Tables::load(&twice).expect_err("two tables of one name").len(), 1);
        let several = [MappingFile::new("t.tsv", "a\nx\nx\n\n"), MappingFile::new("u.tsv", "")];
        assert_eq!(Tables::load(&several).expect_err("three defects").len(), 3);
    }
}
