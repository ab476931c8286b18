//! Profiles: FHIR packages compiled to constraints, and the validator that runs them.

pub mod bundle;
pub mod invariants;
pub mod terminology;
