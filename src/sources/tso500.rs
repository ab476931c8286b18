//! The result folder of an Illumina TruSight Oncology 500 pipeline.

pub mod cells;
pub mod folder;
pub mod metrics_output;
pub mod sheet;
pub mod text;
