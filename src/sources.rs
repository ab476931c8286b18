//! Inbound formats. A source detects its files, parses them and normalises them into the domain.

pub mod document;
pub mod ehr_fhir;
pub mod foundation_one;
pub mod henvisning;
pub mod hl7v2_ref;
pub mod trial_system;
pub mod tso500;
pub mod xml;
