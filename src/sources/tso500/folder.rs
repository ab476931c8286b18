//! The folder.

#[cfg(test)]
pub(super) mod raw_lines;
