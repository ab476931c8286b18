//! The grammar elements of a cell, one per file.

pub mod number;

/// Whether a cell says that there is no value: the files use all of these.
pub fn is_missing(cell: &str) -> bool {
    matches!(cell, "" | "NA" | "N/A" | "." | "-" | "None" | "NaN" | "nan" | "n/a")
}
