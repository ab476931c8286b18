//! The grammar elements of a cell, one per file.

pub mod alleles;
pub mod boolean;
pub mod breakpoint;
pub mod change_kind;
pub mod chromosome;
pub mod consequences;
pub mod date;
pub mod exons;
pub mod number;
pub mod position;
pub mod quantity;
pub mod symbol;
pub mod time;

/// Whether a cell says that there is no value: the files use all of these.
pub fn is_missing(cell: &str) -> bool {
    matches!(cell, "" | "NA" | "N/A" | "." | "-" | "None" | "NaN" | "nan" | "n/a")
}
