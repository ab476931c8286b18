//! Progress on a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `patients`; hidden where standard error is no terminal.
pub(super) fn bar(patients: usize) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} patients").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(patients as u64).with_style(style)
}

/// A bar over rows; hidden where standard error is no terminal.
pub(super) fn rows(rows: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} rows").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(rows).with_style(style)
}
