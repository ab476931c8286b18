//! The result folder of an Illumina TruSight Oncology 500 pipeline.
