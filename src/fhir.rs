//! The FHIR that the gateway speaks: Bundle, OperationOutcome, resource ids, systems.

pub mod bundle;
pub mod etag;
pub mod ids;
pub mod json;
pub mod operation_outcome;
pub mod public_code;
pub mod search;
pub mod systems;
pub mod transaction;
pub mod value;
