//! The result folder of an Illumina TruSight Oncology 500 pipeline.

pub mod cells;
pub mod combined_variant_output;
pub mod sheet;
pub mod text;
pub mod wire;
