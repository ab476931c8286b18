//! Mapping templates: domain records to FHIR resources, as reviewed data (ADR 5).
//!
//! A template file looks like the resource it makes: constants as they are, holes (`{{ variant.position }}`) for fields
//! of a record. [`Templates::load`] compiles all files once and names every defect with file, line and column;
//! [`Templates::render`] then writes JSON text and cannot fail.

mod compile;
mod context;
mod date;
mod embedded;
mod expression;
mod json;
mod overlay;
mod path;
mod render;
mod syntax;
mod template;
mod templates;
mod yaml;

pub mod fields;
pub mod source;
pub mod tables;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

pub use self::tables::Tables;
pub use self::templates::{Planned, Rendered, Rendering, Templates};
use crate::domain::issue::{Issue, IssueCode, Location};

/// Longest mapping file, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// A mapping file, read into memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingFile {
    /// Path below the mapping directory, with `/` between names.
    pub name: Arc<str>,
    /// Content.
    pub text: Cow<'static, str>,
}

impl MappingFile {
    /// A file from its name and text.
    pub fn new(name: &str, text: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// File name without directory and ending.
    fn stem(&self) -> &str {
        let base = self.name.rsplit('/').next().unwrap_or_default();
        base.rsplit_once('.').map_or(base, |(stem, _)| stem)
    }
}

/// A place in a mapping file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    file: Arc<str>,
    line: u32,
    column: u32,
}

/// A defect of the mapping, found when it is loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct MappingError {
    /// Stable code, `mapping.*`.
    pub code: IssueCode,
    /// File.
    pub file: Arc<str>,
    /// Line, from 1; 0 where the file as a whole is meant.
    pub line: u32,
    /// Column in characters, from 1; 0 where the file or line as a whole is meant.
    pub column: u32,
    /// What is wrong.
    pub text: String,
}

impl MappingError {
    fn new(code: IssueCode, at: &Position, text: impl Into<String>) -> Self {
        Self { code, file: Arc::clone(&at.file), line: at.line, column: at.column, text: text.into() }
    }

    /// The error as an issue; an issue's column is a column of data, so that of the mapping file goes into the text.
    pub fn to_issue(&self) -> Issue {
        let location = Location::file(&self.file);
        if self.line == 0 {
            return Issue::new(self.code, location, self.text.clone());
        }
        Issue::new(self.code, location.line(self.line), format!("column {}: {}", self.column, self.text))
    }
}

impl fmt::Display for MappingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file)?;
        if self.line > 0 {
            write!(formatter, ":{}:{}", self.line, self.column)?;
        }
        write!(formatter, ": {} ({})", self.text, self.code)
    }
}
