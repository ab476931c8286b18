//! Profiles: FHIR packages compiled to constraints, and the validator that runs them.

pub mod compile;
pub mod embedded;
pub mod form;
pub mod invariants;
pub mod package;
pub mod walk;
