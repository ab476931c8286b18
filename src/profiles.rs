//! Profiles: FHIR packages compiled to constraints, and the validator that runs them.

pub mod bundle;
pub mod compile;
pub mod embedded;
pub mod form;
pub mod gate;
pub mod inbound;
pub mod invariants;
mod names;
pub mod package;
pub mod schema;
pub mod terminology;
pub mod walk;
