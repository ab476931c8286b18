//! The audit trail of access to persons' data: whether it is whole, and as FHIR.

pub mod event;
pub mod verify;
