//! Pure types: what a report is, whatever format it came in and whatever it becomes. Imports nothing of the gateway.

pub mod accounting;
pub mod addressees;
pub mod code_table;
pub mod decimal;
pub mod disposition;
pub mod finding;
pub mod gene;
pub mod her_id;
pub mod hgvs;
pub mod hpr_number;
pub mod ids;
pub mod implication;
pub mod issue;
pub mod limits;
pub mod moment;
pub mod national_id;
pub mod org_number;
pub mod personal;
pub mod policy;
pub mod record;
pub mod referral;
pub mod report;
pub mod sample_id;
pub mod study_subject;
pub mod trust;
pub mod variant_key;
