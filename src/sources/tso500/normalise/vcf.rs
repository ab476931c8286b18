//! What the VCFs tell, as findings with the identities that the CombinedVariantOutput gives them, so that both merge.

pub(super) mod copy_numbers;
pub(super) mod junctions;
pub(super) mod small_variants;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::domain::issue::Location;

/// A line of a VCF, which has no sections.
fn place(file: &Arc<str>, line: u32) -> Location {
    Location::file(file).line(line)
}
