//! The result folder of an Illumina TruSight Oncology 500 pipeline.

pub mod cells;
pub mod combined_variant_output;
pub mod folder;
pub mod md5_list;
pub mod metrics_output;
pub mod sample_list;
pub mod sheet;
pub mod text;
pub mod tmb_trace;
pub mod wire;
