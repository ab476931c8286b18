//! One integration binary: the program as its users meet it.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read their own files and fail by panicking"
)]

mod accounting;
mod architecture;
mod authz_coverage;
mod bad_input;
mod cli;
mod coverage;
mod demo;
mod documents;
mod ehr_fhir;
mod fhir_api;
mod form;
mod foundation_one;
mod golden;
mod held_back;
mod henvisning;
mod hl7v2_ref;
mod hostile_referrals;
mod journal;
mod leaks;
mod linking;
mod mappings;
mod one_patient;
mod packages;
mod patient_safety;
mod profiles;
mod referral_mapping;
mod sameness;
mod schema;
mod service;
mod status;
mod subscriptions;
mod support;
mod translate_referral;
mod trial;
mod validate;
mod vcf_corpus;
