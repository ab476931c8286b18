//! What the VCFs tell, as findings with the identities that the CombinedVariantOutput gives them, so that both merge.

mod copy_numbers;
mod junctions;
mod small_variants;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::domain::issue::Location;

pub(super) use copy_numbers::{copy_numbers, exon_changes};
pub(super) use junctions::splice_variants;
pub(super) use small_variants::{mnv_components, small_variants};

/// A line of a VCF, which has no sections.
fn place(file: &Arc<str>, line: u32) -> Location {
    Location::file(file).line(line)
}
