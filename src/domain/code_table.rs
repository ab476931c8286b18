//! Code tables: what the codes of a message mean, and what they become (`mappings/codes/*.csv`).
//!
//! A code that no table has, or that has no counterpart, is never a reason to reject a message: it keeps the coding as
//! sent, and the caller gets the issue `code.unmapped` to list and to count.

mod csv_file;
mod head;
mod references;

use std::collections::{BTreeMap, HashMap};

use super::issue::{Issue, IssueCode, Location};
use super::referral::Code;
use crate::redact::{self, quote};

pub use head::Head;

/// The tables, by the name of their file without its ending.
#[derive(Debug, Clone, Default)]
pub struct CodeTables {
    tables: BTreeMap<String, CodeTable>,
    by_oid: HashMap<String, String>,
}

/// One table.
#[derive(Debug, Clone)]
pub struct CodeTable {
    file: String,
    head: Head,
    /// Names of the columns after `code`, `display` and `target_code`.
    properties: Vec<String>,
    rows: HashMap<String, Row>,
}

#[derive(Debug, Clone)]
struct Row {
    line: u32,
    display: String,
    target: String,
    properties: Vec<String>,
}

/// A row of a table.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    table: &'a CodeTable,
    row: &'a Row,
}

/// A code of a code system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coding<'a> {
    /// Canonical URI of the system.
    pub system: Option<&'a str>,
    /// Code.
    pub code: &'a str,
    /// Text of the code.
    pub display: Option<&'a str>,
}

/// What a code of a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation<'a> {
    /// The code as sent, with the system and the text that the table has for it.
    pub original: Coding<'a>,
    /// What it becomes; always none where the table only names codes.
    pub target: Option<Coding<'a>>,
    /// `code.unmapped`, where the table does not have the code or has no counterpart for it.
    pub issue: Option<Issue>,
}

/// A defect of a table, found when it is loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {text}")]
pub struct CodeTableError {
    /// File, as it was given.
    pub file: String,
    /// Line, from 1; 0 where the file as a whole is meant.
    pub line: u32,
    /// What is wrong.
    pub text: String,
}

impl CodeTables {
    /// Reads tables from the names of their files and their texts.
    ///
    /// # Errors
    /// Every missing or unknown line of a head, missing or repeated column, line of the wrong width, empty or repeated code,
    /// table or OID twice, and reference to a table, column or code that does not exist.
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<CodeTableError>> {
        let (mut found, mut errors) = (Self::default(), Vec::new());
        for (file, text) in files {
            match csv_file::read(file, text) {
                Ok(table) => found.add(file, table, &mut errors),
                Err(mut defects) => errors.append(&mut defects),
            }
        }
        references::check(&found.tables, &mut errors);
        if errors.is_empty() { Ok(found) } else { Err(errors) }
    }

    fn add(&mut self, file: &str, table: CodeTable, errors: &mut Vec<CodeTableError>) {
        let name = table_name(file);
        let mut refuse = |text: String| errors.push(CodeTableError { file: file.to_owned(), line: 0, text });
        if let Some(oid) = &table.head.oid
            && let Some(other) = self.by_oid.insert(oid.clone(), name.to_owned())
        {
            refuse(format!("the table {other} has the same OID"));
        }
        if self.tables.insert(name.to_owned(), table).is_some() {
            refuse(format!("a second table {}", quote(name)));
        }
    }

    /// A table by its name, e.g. `volven-8306`.
    pub fn table(&self, name: &str) -> Option<&CodeTable> {
        self.tables.get(name)
    }

    /// A table by the OID of its code list, with its name.
    pub fn table_of_oid(&self, oid: &str) -> Option<(&str, &CodeTable)> {
        let (name, table) = self.tables.get_key_value(self.by_oid.get(oid)?)?;
        Some((name, table))
    }

    /// Names of the tables, sorted, each with its table.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &CodeTable)> {
        self.tables.iter().map(|(name, table)| (name.as_str(), table))
    }

    /// The row of a code. Codes are compared as they are: the caller takes blanks off.
    pub fn lookup(&self, table: &str, code: &str) -> Option<Entry<'_>> {
        self.table(table)?.entry(code)
    }

    /// What a code of a message is; `place` is where it stands in the message.
    pub fn translate<'a>(&'a self, table: &str, code: &'a str, place: &Location) -> Translation<'a> {
        let Some(codes) = self.table(table) else {
            let original = Coding { system: None, code, display: None };
            let issue = unmapped(place, format!("{}: no code table {}", redact::code(code), quote(table)));
            return Translation { original, target: None, issue: Some(issue) };
        };
        let Some(entry) = codes.entry(code) else {
            let original = Coding { system: codes.head.system.as_deref(), code, display: None };
            let issue = unmapped(place, format!("{} is no code of table {table}", redact::code(code)));
            return Translation { original, target: None, issue: Some(issue) };
        };
        let original = Coding { system: codes.head.system.as_deref(), code, display: Some(entry.display()) };
        let target = entry.target();
        let lacks_target = codes.has_targets() && target.is_none();
        let text = || format!("{} of table {table} has no counterpart", redact::code(code));
        Translation { original, target, issue: lacks_target.then(|| unmapped(place, text())) }
    }
}

fn unmapped(place: &Location, text: String) -> Issue {
    Issue::new(IssueCode::CodeUnmapped, place.clone(), text)
}

/// The name of a table: that of its file, without directory and ending.
fn table_name(file: &str) -> &str {
    let base = file.rsplit('/').next().unwrap_or_default();
    base.rsplit_once('.').map_or(base, |(stem, _)| stem)
}

impl CodeTable {
    /// Where the table comes from and what it is about.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The row of a code.
    pub fn entry(&self, code: &str) -> Option<Entry<'_>> {
        self.rows.get(code).map(|row| Entry { table: self, row })
    }

    /// Codes, in no order.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// Whether there is a further column of this name.
    pub fn has_property(&self, column: &str) -> bool {
        self.properties.iter().any(|name| name == column)
    }

    /// Whether codes have counterparts; otherwise the table only names them.
    pub fn has_targets(&self) -> bool {
        self.head.target_system.is_some()
    }
}

impl<'a> Entry<'a> {
    /// Text of the code.
    pub fn display(self) -> &'a str {
        &self.row.display
    }

    /// The counterpart of the code.
    pub fn target(self) -> Option<Coding<'a>> {
        let code = Some(self.row.target.as_str()).filter(|code| !code.is_empty())?;
        Some(Coding { system: self.table.head.target_system.as_deref(), code, display: None })
    }

    /// The cell of a further column of the table, e.g. `tumor_type`; none where it is empty or there is no such column.
    pub fn property(self, column: &str) -> Option<&'a str> {
        let index = self.table.properties.iter().position(|name| name == column)?;
        self.row.properties.get(index).map(String::as_str).filter(|cell| !cell.is_empty())
    }
}

impl Coding<'_> {
    /// The coding as a part of a referral.
    pub fn to_code(self) -> Code {
        Code {
            system: self.system.map(str::to_owned),
            code: self.code.to_owned(),
            display: self.display.map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests;
