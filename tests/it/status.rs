//! The status of a referral for a trust without FHIR: what is written, after what, to whom, and its receipts.

mod chain;
mod configuration;
mod delivery;
mod receipts;
pub(crate) mod setting;
pub(crate) mod wire;
mod written;
