//! The IMPRESS gateway: genomic results of InPreD laboratories as FHIR R4 / Genomics Reporting 3.0.0.
//!
//! # The path of a report
//!
//! 1. **Discover** ([`sources::tso500`]): the folder is walked, files of known formats are read within limits, identical
//!    copies count once, checksum lists are verified.
//! 2. **Parse**: bytes become wire structs, exactly as sent. Every line that can carry data is entered in the
//!    [ledger](domain::accounting) before it is looked at.
//! 3. **Normalise**: wire structs become the [`domain`]: samples are identified, files of one specimen become one report,
//!    genes get their HGNC id, the same variant told twice becomes one finding, quality metrics decide whether an assay was
//!    done.
//! 4. **Map** ([`mapping`]): templates, which are reviewed data, turn the report into FHIR resources with derived ids.
//! 5. **Bundle** ([`fhir`]): the resources become one transaction Bundle per patient.
//! 6. **Close** ([`pipeline`]): each row names the resource that holds it or the reason why none does.
//!
//! What "translated" does not promise: that the laboratory's call is right, that a finding is somatic where no file says
//! so, or that a part without findings was assayed. The report says which assays were done.

pub mod audit;
pub mod authz;
pub mod cli;
pub mod clock;
pub mod config;
pub mod delivery;
pub mod destinations;
pub mod domain;
pub mod fhir;
pub mod fhir_store;
pub mod folder;
pub mod http;
pub mod identity;
pub mod journal;
pub mod linking;
pub mod mapping;
pub mod mapping_file;
pub mod mllp;
pub mod operators;
pub mod outbound;
pub mod pipeline;
#[cfg(feature = "planted-faults")]
mod planted;
pub mod profiles;
pub mod redact;
pub mod release;
pub mod routing;
pub mod sandbox;
pub mod sources;
pub mod startup;
pub mod subscriptions;
pub mod telemetry;
pub mod tokens;
pub mod trial_poll;
