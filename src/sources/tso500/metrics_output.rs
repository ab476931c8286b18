//! `MetricsOutput.tsv`: the quality metrics of a run, with the guidelines to judge them by.
//!
//! Shape: banner lines, then `[Section]`s. `[Header]` and `[Notes]` hold keys with values; `[Analysis Status]` and the
//! metrics sections are tables whose columns are pair ids (LocalApp) or patient ids (DRAGEN).

mod read;
mod section;
mod verdict;

use std::sync::Arc;

use crate::domain::accounting::RowId;
use crate::domain::decimal::Decimal;

pub use self::read::parse;
pub use self::section::Category;
pub use self::verdict::Verdict;

/// A MetricsOutput file as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricsOutput {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// Pipeline family from the banner; `None` where the banner is missing.
    pub product: Option<Product>,
    /// Lines of `[Header]`.
    pub header: Vec<KeyValue>,
    /// Value of the header key `Workflow Version`, e.g. `ruo-2.2.0.12`.
    pub workflow_version: Option<String>,
    /// Column heads in order of first appearance: pair ids, or patient ids in DRAGEN runs.
    pub samples: Vec<String>,
    /// Metrics of all sections, in file order.
    pub metrics: Vec<Metric>,
    /// Rows of `[Analysis Status]`.
    pub status: Vec<StatusRow>,
    /// Lines of `[Notes]`.
    pub notes: Vec<KeyValue>,
}

/// Pipeline family. The rule is the laboratories' own: the banner names DRAGEN or it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// TruSight Oncology 500 Local App.
    LocalApp,
    /// DRAGEN TruSight Oncology 500 Analysis Software.
    Dragen,
}

/// A line of key and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// First cell.
    pub key: String,
    /// Second cell; empty where the line ends before it.
    pub value: String,
    /// Row in the accounting.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
}

/// A row of a metrics section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Section without brackets.
    pub section: Arc<str>,
    /// What the section is about.
    pub category: Category,
    /// Name without unit, e.g. `PCT_EXON_50X`.
    pub name: String,
    /// Unit as written between parentheses; `None` for `(NA)`.
    pub unit: Option<String>,
    /// Lower guideline (`LSL Guideline`), inclusive.
    pub lower: Reading,
    /// Upper guideline (`USL Guideline`), inclusive.
    pub upper: Reading,
    /// Row in the accounting.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
    // Sparse, by sample index: a short line must not cost as much memory as there are samples in the run.
    values: Vec<(usize, Reading)>,
}

impl Metric {
    /// The value for a sample by its index in [`MetricsOutput::samples`]. Metrics of the run have one value, at index 0.
    pub fn value(&self, sample: usize) -> &Reading {
        let found = self.values.binary_search_by_key(&sample, |(index, _)| *index).ok();
        found.and_then(|at| self.values.get(at)).map_or(&Reading::Missing, |(_, reading)| reading)
    }

    /// Whether the metric decides about the quality of a library (expanded and run metrics do not).
    pub fn is_library_qc(&self) -> bool {
        self.category.is_library_qc()
    }
}

/// A cell where a number belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// `NA`, empty and the like.
    Missing,
    /// A number.
    Number(Decimal),
    /// Something else, as written.
    Text(String),
}

impl Reading {
    /// The number, where it is one.
    pub fn number(&self) -> Option<&Decimal> {
        match self {
            Self::Number(number) => Some(number),
            Self::Missing | Self::Text(_) => None,
        }
    }
}

/// A row of `[Analysis Status]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRow {
    /// First cell, e.g. `COMPLETED_ALL_STEPS`.
    pub name: String,
    /// Row in the accounting.
    pub row: RowId,
    /// Line, from 1.
    pub line: u32,
    values: Vec<(usize, String)>,
}

impl StatusRow {
    /// The text for a sample by its index; `None` where the cell says there is none.
    pub fn value(&self, sample: usize) -> Option<&str> {
        let at = self.values.binary_search_by_key(&sample, |(index, _)| *index).ok()?;
        self.values.get(at).map(|(_, text)| text.as_str())
    }
}

impl MetricsOutput {
    /// Index of a column head.
    pub fn sample_index(&self, name: &str) -> Option<usize> {
        self.samples.iter().position(|sample| sample == name)
    }

    /// Whether the pipeline completed all steps for a sample; `None` where the file does not say.
    pub fn completed(&self, sample: usize) -> Option<bool> {
        let text = self.status_text("COMPLETED_ALL_STEPS", sample)?;
        match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The steps that failed for a sample, as written.
    pub fn failed_steps(&self, sample: usize) -> Option<&str> {
        self.status_text("FAILED_STEPS", sample)
    }

    /// The steps that were not run for a sample, as written.
    pub fn steps_not_executed(&self, sample: usize) -> Option<&str> {
        self.status_text("STEPS_NOT_EXECUTED", sample)
    }

    fn status_text(&self, name: &str, sample: usize) -> Option<&str> {
        self.status.iter().find(|row| row.name.eq_ignore_ascii_case(name))?.value(sample)
    }
}
