//! The head of a table: `# key: value` lines before the line of column names.

use std::str::FromStr;

use jiff::civil::Date;

/// Where a table comes from and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Who owns the code list.
    pub owner: String,
    /// What was carried over.
    pub source: String,
    /// Version of the source.
    pub version: String,
    /// Date of the source, or of carrying it over where the source has none.
    pub date: Date,
    /// What was reviewed, and what was not.
    pub reviewed: String,
    /// OID of the code list.
    pub oid: Option<String>,
    /// Canonical URI of the code system of the codes.
    pub system: Option<String>,
    /// Canonical URI of the code system of the counterparts.
    pub target_system: Option<String>,
    /// Columns that hold codes of another table: column, table.
    pub references: Vec<(String, String)>,
}

/// The lines of a head while they are read.
#[derive(Debug, Default)]
pub(super) struct HeadLines {
    values: Vec<(u32, &'static str, String)>,
    references: Vec<(String, String)>,
}

const REQUIRED: [&str; 5] = ["owner", "source", "version", "date", "reviewed"];
const OPTIONAL: [&str; 3] = ["oid", "system", "target_system"];

impl HeadLines {
    /// Takes one line, without its `#`.
    pub(super) fn take(&mut self, number: u32, line: &str) -> Result<(), String> {
        let (key, value) = line.split_once(':').ok_or("a line of the head is `# key: value`")?;
        let (key, value) = (key.trim(), value.trim());
        if value.is_empty() {
            return Err(format!("{key} is empty"));
        }
        match key {
            // For people; may be repeated.
            "note" => Ok(()),
            "references" => {
                let (column, table) = value.split_once("->").ok_or("a reference is `column -> table`")?;
                self.references.push((column.trim().to_owned(), table.trim().to_owned()));
                Ok(())
            }
            _ => {
                let known = REQUIRED.iter().chain(&OPTIONAL).find(|known| **known == key);
                let key = *known.ok_or_else(|| format!("{} is no key of a head", crate::redact::quote(key)))?;
                if self.value(key).is_some() {
                    return Err(format!("{key} stands twice"));
                }
                self.values.push((number, key, value.to_owned()));
                Ok(())
            }
        }
    }

    /// The head, or every defect with its line; 0 where something is missing.
    pub(super) fn finish(self) -> Result<Head, Vec<(u32, String)>> {
        let mut errors: Vec<(u32, String)> = REQUIRED
            .iter()
            .filter(|key| self.value(key).is_none())
            .map(|key| (0, format!("the head has no line `{key}`")))
            .collect();
        let date = self.value("date").map(|(line, text)| (line, Date::from_str(text)));
        if let Some((line, Err(_))) = &date {
            errors.push((*line, "date is not `yyyy-mm-dd`".to_owned()));
        }
        let text = |key| self.value(key).map(|(_, text)| text.to_owned());
        match (text("owner"), text("source"), text("version"), text("reviewed"), date) {
            (Some(owner), Some(source), Some(version), Some(reviewed), Some((_, Ok(date)))) if errors.is_empty() => {
                Ok(Head {
                    owner,
                    source,
                    version,
                    date,
                    reviewed,
                    oid: text("oid"),
                    system: text("system"),
                    target_system: text("target_system"),
                    references: self.references,
                })
            }
            _ => Err(errors),
        }
    }

    fn value(&self, key: &str) -> Option<(u32, &str)> {
        self.values.iter().find(|(_, name, _)| *name == key).map(|(line, _, value)| (*line, value.as_str()))
    }
}
