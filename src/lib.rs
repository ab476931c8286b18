//! The IMPRESS gateway: genomic reports of InPreD laboratories as FHIR R4 / Genomics Reporting 3.0.0.

pub mod domain;
pub mod fhir;
pub mod mapping;
pub mod redact;
pub mod sources;
