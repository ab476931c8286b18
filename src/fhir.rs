//! What every FHIR resource of the gateway has in common.

pub mod ids;
